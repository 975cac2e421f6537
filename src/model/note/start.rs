//! What the start of a line decides: commands and groups of unknown people.

use super::Entry;
use super::number::{Number, number};
use super::pieces::Piece;
use super::tokens::{self, Set, normal};

/// The longest command, in bytes.
const LONGEST_COMMAND: usize = 64;

/// The largest group of one line.
const LARGEST_GROUP: u32 = 9999;

/// Reads a line that is a command as a whole; a line of punctuation alone asks for help.
pub(super) fn command(line: &str) -> Option<Entry> {
    let line = line.trim();
    if line.len() > LONGEST_COMMAND {
        return None;
    }
    let typed = normal(&line.split_whitespace().collect::<Vec<_>>().join(" "));
    let plain = typed.trim_end_matches(['.', '!']);
    let punctuation = line.chars().all(|c| c.is_ascii_punctuation() || "…–—−«»“”„№".contains(c));
    named(&typed).or_else(|| named(plain)).or_else(|| punctuation.then_some(Entry::Help))
}

fn named(text: &str) -> Option<Entry> {
    let commands = [(Set::Again, Entry::Again), (Set::Undo, Entry::Undo), (Set::Finish, Entry::Finish), (Set::Help, Entry::Help)];
    commands.into_iter().find(|(set, _)| tokens::word(text, *set).is_some()).map(|(_, entry)| entry)
}

/// Reads `+5 unknown`, `плюс пять неизвестных`, `тағы бес белгісіз` at the start of a line.
///
/// With a plus sign or plus word any number starts a group, unless a second number follows as in
/// a telephone number; without one the number needs a word for unknown or people after it. Gives
/// the count and the number of pieces.
pub(super) fn group(pieces: &[Piece]) -> Option<(u32, usize)> {
    let (start, found) = signed(pieces).or_else(|| number(pieces, 0).map(|n| (0, n)))?;
    let signed = start > 0 || pieces[0].lower.starts_with('+');
    let end = start + found.used;
    let people = people(pieces, end);
    let possible = if signed { !is_digits(pieces.get(end)) } else { people > 0 && !is_he(pieces) };
    let sound = possible && !found.ordinal && (1..=LARGEST_GROUP).contains(&found.value);
    sound.then_some((found.value, end + people))
}

fn signed(pieces: &[Piece]) -> Option<(usize, Number)> {
    let first = &pieces.first()?.lower;
    if first == "+" {
        return number(pieces, 1).map(|found| (1, found));
    }
    if let Some(digits) = first.strip_prefix('+') {
        let all = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let value = all.then(|| digits.parse().ok()).flatten()?;
        return Some((0, Number { value, used: 1, ordinal: false }));
    }
    let plus = tokens::length(pieces, 0, Set::Plus);
    let found = number(pieces, plus).filter(|_| plus > 0)?;
    Some((plus, found))
}

fn people(pieces: &[Piece], at: usize) -> usize {
    tokens::phrase(pieces, at, &[Set::Unknown, Set::People]).map_or(0, |(used, _)| used)
}

/// Tells whether `он` before a Russian word is "he" and not the Kazakh "ten".
fn is_he(pieces: &[Piece]) -> bool {
    let next = tokens::phrase(pieces, 1, &[Set::Unknown, Set::People]);
    pieces[0].lower == "он" && next.is_some_and(|(_, meaning)| !meaning.kazakh)
}

fn is_digits(piece: Option<&Piece>) -> bool {
    piece.is_some_and(|p| p.lower.starts_with(|c: char| c.is_ascii_digit()))
}
