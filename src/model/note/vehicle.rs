//! Vehicles with their number.

use super::age::is_age_or_time;
use super::number::number;
use super::observed::phrase_is_token;
use super::pieces::Piece;
use super::tokens::{self, Set};

/// Reads `bus3`, `into bus 3`, `автобус №3`, `третий автобус`, `в 3 автобус`, `van 123ABC02`.
///
/// Gives the vehicle in its dictionary form with the number in digits, and the number of pieces.
pub(super) fn vehicle(pieces: &[Piece], at: usize) -> Option<(String, usize)> {
    let lead = preposition(pieces, at);
    let start = at + lead;
    let found = numbered_before(pieces, start, lead > 0).or_else(|| glued(pieces, start)).or_else(|| numbered_after(pieces, start));
    found.map(|(name, used)| (name, lead + used))
}

fn preposition(pieces: &[Piece], at: usize) -> usize {
    let arrow = pieces.get(at).is_some_and(|p| p.is_mark('>'));
    if arrow { 1 } else { tokens::length(pieces, at, Set::Preposition) }
}

fn numbered_before(pieces: &[Piece], at: usize, after_preposition: bool) -> Option<(String, usize)> {
    let number = number(pieces, at).filter(|n| n.ordinal || after_preposition)?;
    let (used, meaning) = tokens::phrase(pieces, at + number.used, &[Set::Vehicle])?;
    Some((format!("{} {}", meaning.base, number.value), number.used + used))
}

fn glued(pieces: &[Piece], at: usize) -> Option<(String, usize)> {
    let piece = pieces.get(at)?;
    let end = piece.lower.find(|c: char| !c.is_alphabetic())?;
    let meaning = tokens::word(&piece.lower[..end], Set::Vehicle)?;
    let number = piece.lower[end..].trim_start_matches(['-', '№', '#']);
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| (format!("{} {number}", meaning.base), 1))
}

fn numbered_after(pieces: &[Piece], at: usize) -> Option<(String, usize)> {
    let (used, meaning) = tokens::phrase(pieces, at, &[Set::Vehicle])?;
    let mark = tokens::length(pieces, at + used, Set::NumberMark);
    match identity(pieces, at + used + mark) {
        Some((number, more)) => Some((format!("{} {number}", meaning.base), used + mark + more)),
        None => Some((meaning.base.to_owned(), used)),
    }
}

/// Reads the number or plate after a vehicle, unless it belongs to an age or a time.
fn identity(pieces: &[Piece], at: usize) -> Option<(String, usize)> {
    if is_age_or_time(pieces, at) {
        return None;
    }
    if let Some(number) = number(pieces, at) {
        return (!number.ordinal).then(|| (number.value.to_string(), number.used));
    }
    let piece = pieces.get(at).filter(|p| p.is_word() && !phrase_is_token(pieces, at))?;
    let text = piece.text.trim_start_matches(['№', '#']);
    let plate = text.len() <= 12 && text.chars().all(char::is_alphanumeric) && text.chars().any(|c| c.is_ascii_digit());
    plate.then(|| (text.to_owned(), 1))
}
