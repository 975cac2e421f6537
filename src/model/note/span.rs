//! Lengths of time: how many minutes ago.

use super::number::number;
use super::pieces::Piece;
use super::tokens::{self, Set};

/// The longest time ago that is read, about seven days.
const MOST_MINUTES: u32 = 10_000;

/// Reads `-5`, `-1h`, `minus five`, `5 min ago` and the same in the other languages.
///
/// Gives the minutes and the number of pieces.
pub(super) fn ago(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let signed = glued_minus(pieces, at).or_else(|| minus(pieces, at));
    let signed = signed.map(|(minutes, used)| (minutes, used + tokens::length(pieces, at + used, Set::Ago)));
    let found = signed.or_else(|| length_ago(pieces, at));
    found.filter(|(minutes, _)| *minutes <= MOST_MINUTES)
}

fn glued_minus(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let text = pieces.get(at)?.lower.strip_prefix('-')?;
    if let Some(minutes) = plain(text) {
        let (unit, used) = unit(pieces, at + 1).unwrap_or((1, 0));
        return Some((minutes.checked_mul(unit)?, 1 + used));
    }
    glued(text).map(|minutes| (minutes, 1))
}

fn minus(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let sign = tokens::length(pieces, at, Set::Minus);
    if sign == 0 {
        return None;
    }
    let start = at + sign;
    if let Some((minutes, used)) = length(pieces, start).or_else(|| unit(pieces, start)) {
        return Some((minutes, sign + used));
    }
    let number = number(pieces, start).filter(|n| !n.ordinal)?;
    Some((number.value, sign + number.used))
}

fn length_ago(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    if let Some((used, meaning)) = tokens::phrase(pieces, at, &[Set::AgoWhole]) {
        return Some((meaning.value.parse().ok()?, used));
    }
    let (minutes, used) = length(pieces, at).or_else(|| unit_after_about(pieces, at))?;
    let last = tokens::length(pieces, at + used, Set::Ago);
    (last > 0).then_some((minutes, used + last))
}

/// Reads a unit without a number after `about` (`около часа назад`).
///
/// Elsewhere a unit alone is not read: `несколько часов назад` gives no number.
fn unit_after_about(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let before = &pieces.get(at.checked_sub(1)?)?.lower;
    tokens::word(before, Set::Qualifier)?;
    unit(pieces, at)
}

/// Reads a length of time such as `5 min`, `полчаса` or `1 сағат 20 минут`.
fn length(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    if let Some((used, meaning)) = tokens::phrase(pieces, at, &[Set::Minutes]) {
        return Some((meaning.value.parse().ok()?, used));
    }
    let (first, used) = single(pieces, at)?;
    match single(pieces, at + used) {
        Some((more, also)) if first >= 60 && more < 60 => Some((first + more, used + also)),
        _ => Some((first, used)),
    }
}

/// Reads one number with its unit.
fn single(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    if let Some(minutes) = pieces.get(at).and_then(|p| glued(&p.lower)) {
        return Some((minutes, 1));
    }
    let number = number(pieces, at).filter(|n| !n.ordinal)?;
    let next = at + number.used;
    let (minutes, used) = unit(pieces, next).or_else(|| {
        let short = tokens::word(&pieces.get(next)?.lower, Set::Suffix)?;
        minutes_of(short.value).map(|minutes| (minutes, 1))
    })?;
    Some((number.value.checked_mul(minutes)?, number.used + used))
}

fn unit(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let (used, meaning) = tokens::phrase(pieces, at, &[Set::Unit])?;
    minutes_of(meaning.value).map(|minutes| (minutes, used))
}

fn minutes_of(unit: &str) -> Option<u32> {
    match unit {
        "minute" => Some(1),
        "hour" => Some(60),
        _ => None,
    }
}

/// Reads a number with a unit written to it (`20m`, `1h`, `5мин`), in minutes.
fn glued(text: &str) -> Option<u32> {
    let (value, unit) = with_suffix(text)?;
    value.checked_mul(minutes_of(unit)?)
}

/// Reads digits with a unit written to them, also with a hyphen (`62-летний`).
pub(super) fn with_suffix(text: &str) -> Option<(u32, &'static str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let value = plain(&text[..end])?;
    let suffix = text[end..].strip_prefix('-').unwrap_or(&text[end..]);
    tokens::word(suffix, Set::Suffix).map(|meaning| (value, meaning.value))
}

fn plain(text: &str) -> Option<u32> {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
