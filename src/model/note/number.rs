//! Numbers in digits and in words.

use super::pieces::{Piece, split};
use super::tokens::{self, Meaning, Set};

/// Holds a number that was read and how many pieces it took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub value: u32,
    pub used: usize,
    /// Whether it was an ordinal (`third`, `третий`, `үшінші`, `3rd`).
    pub ordinal: bool,
}

/// Reads a whole text as one number, in digits or in words of any of the three languages.
///
/// Words are read up to 999 999. Gives none when anything is left over.
pub fn spoken_number(text: &str) -> Option<u32> {
    let (pieces, rest) = split(text);
    let number = number(&pieces, 0)?;
    let whole = number.used == pieces.len() && rest == text.len() && !number.ordinal;
    whole.then_some(number.value)
}

/// Reads the longest number that starts at a piece.
pub(super) fn number(pieces: &[Piece], at: usize) -> Option<Number> {
    let first = pieces.get(at).filter(|p| p.is_word())?;
    if let Some((value, ordinal)) = digits(&first.lower) {
        return Some(Number { value, used: 1, ordinal });
    }
    words(pieces, at)
}

/// Reads plain digits, also with a case or ordinal ending (`14-те`, `10-го`, `3rd`).
fn digits(lower: &str) -> Option<(u32, bool)> {
    let end = lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len());
    if end == 0 || end > 9 {
        return None;
    }
    let value = lower[..end].parse().ok()?;
    let ending = lower[end..].strip_prefix('-').unwrap_or(&lower[end..]);
    if lower.len() == end || tokens::word(ending, Set::CaseEnd).is_some() {
        return Some((value, false));
    }
    tokens::word(ending, Set::OrdinalEnd).map(|_| (value, true))
}

fn words(pieces: &[Piece], at: usize) -> Option<Number> {
    let mut sum = Sum::default();
    let mut used = 0;
    while let Some(piece) = pieces.get(at + used).filter(|p| p.is_word()) {
        let joined = sum.started && sum.room >= 100 && tokens::word(&piece.lower, Set::Joiner).is_some();
        let next = at + used + usize::from(joined);
        let Some(parts) = pieces.get(next).filter(|p| p.is_word()).and_then(|p| parts(&p.lower)) else {
            break;
        };
        let Some(larger) = sum.with(&parts) else {
            break;
        };
        sum = larger;
        used = next + 1 - at;
    }
    sum.started.then(|| Number { value: sum.total + sum.current, used, ordinal: sum.ordinal })
}

/// Gives the number words of one piece, two for `twenty-three`.
fn parts(lower: &str) -> Option<Vec<&'static Meaning>> {
    part(lower).map(|one| vec![one]).or_else(|| {
        let (tens, ones) = lower.split_once('-')?;
        Some(vec![part(tens)?, part(ones)?])
    })
}

fn part(lower: &str) -> Option<&'static Meaning> {
    [Set::Number, Set::NumberEnd, Set::Ordinal].into_iter().find_map(|set| tokens::word(lower, set))
}

/// Adds number words up from the largest to the smallest.
#[derive(Debug, Clone, Copy)]
struct Sum {
    total: u32,
    current: u32,
    /// The next word must be smaller than this.
    room: u32,
    started: bool,
    ordinal: bool,
}

impl Default for Sum {
    fn default() -> Self {
        Self { total: 0, current: 0, room: 1000, started: false, ordinal: false }
    }
}

impl Sum {
    fn with(self, parts: &[&Meaning]) -> Option<Self> {
        parts.iter().try_fold(self, |sum, part| sum.plus(part))
    }

    fn plus(mut self, part: &Meaning) -> Option<Self> {
        let value: u32 = part.value.parse().ok()?;
        match value {
            _ if self.room == 0 => return None,
            0 if self.started => return None,
            1000 => self.thousand()?,
            100 => self.hundred()?,
            _ if value < self.room => self.current += value,
            _ => return None,
        }
        self.room = room_after(value, part);
        self.started = true;
        self.ordinal = part.set == Set::Ordinal;
        Some(self)
    }

    fn thousand(&mut self) -> Option<()> {
        let open = self.total == 0 && (!self.started || self.current > 0);
        open.then(|| {
            self.total = self.current.max(1) * 1000;
            self.current = 0;
        })
    }

    fn hundred(&mut self) -> Option<()> {
        let multiplied = (1..10).contains(&self.current);
        let open = multiplied || (self.current == 0 && self.room > 100);
        open.then(|| self.current = self.current.max(1) * 100)
    }
}

fn room_after(value: u32, part: &Meaning) -> u32 {
    match value {
        _ if part.set != Set::Number => 0,
        0 => 0,
        1000 => 1000,
        100.. => 100,
        20.. => 10,
        // Kazakh eleven is "ten one".
        10 if part.kazakh => 10,
        _ => 1,
    }
}
