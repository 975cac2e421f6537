//! Ages: exact, approximate and as a range.

use super::number::number;
use super::observed::{Change, Context, Hit, time};
use super::pieces::Piece;
use super::span::with_suffix;
use super::tokens::{self, Meaning, Set};

const OLDEST: u32 = 120;

/// Reads an age in years: with a word for years, after `aged`, or two digits alone.
pub(super) fn age(pieces: &[Piece], at: usize, context: Context) -> Hit {
    let mark = tokens::length(pieces, at, Set::AgeMark);
    if let Some((age, used)) = aged(pieces, at + mark) {
        return Some((Change::Age(age), mark + used));
    }
    let number = number(pieces, at + mark).filter(|n| !n.ordinal && n.value <= OLDEST)?;
    let joined = context.head && at > 0 && is_digits(pieces, at - 1);
    let lone = !context.after_note && !joined;
    let bare = mark > 0 || (is_two_digits(pieces, at) && lone && !counts(pieces, at + 1));
    bare.then_some((Change::Age(number.value), mark + number.used))
}

/// Reads a number with a word for years.
fn aged(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let (age, used) = match pieces.get(at).and_then(|p| with_suffix(&p.lower)) {
        Some((age, "year")) => (age, 1),
        Some(_) => return None,
        None => {
            let number = number(pieces, at).filter(|n| !n.ordinal)?;
            let (unit, _) = year_word(pieces, at + number.used)?;
            (number.value, number.used + unit)
        }
    };
    (age <= OLDEST).then_some((age, used))
}

fn year_word(pieces: &[Piece], at: usize) -> Option<(usize, &'static Meaning)> {
    let found = tokens::phrase(pieces, at, &[Set::Unit])?;
    matches!(found.1.value, "year" | "age_year").then_some(found)
}

fn is_two_digits(pieces: &[Piece], at: usize) -> bool {
    pieces.get(at).is_some_and(|p| p.lower.len() == 2 && p.lower.bytes().all(|b| b.is_ascii_digit()))
}

fn is_digits(pieces: &[Piece], at: usize) -> bool {
    let Some(lower) = pieces.get(at).map(|p| p.lower.trim_start_matches('+')) else {
        return false;
    };
    !lower.is_empty() && lower.bytes().all(|b| b.is_ascii_digit())
}

/// Tells whether what follows a number makes it a count or a part of a longer number.
fn counts(pieces: &[Piece], at: usize) -> bool {
    is_digits(pieces, at) || tokens::phrase(pieces, at, &[Set::People, Set::Unknown, Set::Unit, Set::Month]).is_some()
}

/// Tells whether an age with its unit, an age band or a time starts at a position.
///
/// The Kazakh `жас` alone does not count, because after a vehicle's number it is the age band.
pub(super) fn is_age_or_time(pieces: &[Piece], at: usize) -> bool {
    let own_word = |at: usize| pieces.get(at).is_some_and(|p| tokens::word(&p.lower, Set::AgeBand).is_none());
    let years = aged(pieces, at).is_some_and(|(_, used)| own_word(at + used - 1));
    years || time(pieces, at).is_some()
}

/// Reads `about 50`, `~50` or `50 шамасында`.
pub(super) fn near_age(pieces: &[Piece], at: usize) -> Hit {
    if let Some(age) = pieces.get(at)?.lower.strip_prefix('~').and_then(|t| t.parse().ok()) {
        return near(age, 1);
    }
    let before = about(pieces, at);
    let (age, used) = aged(pieces, at + before).or_else(|| bare_age(pieces, at + before))?;
    let after = about(pieces, at + before + used);
    let timed = time(pieces, at + before).is_some();
    if timed || before + after == 0 {
        return None;
    }
    near(age, before + used + after)
}

fn bare_age(pieces: &[Piece], at: usize) -> Option<(u32, usize)> {
    let bare = is_two_digits(pieces, at) && !counts(pieces, at + 1);
    bare.then(|| number(pieces, at).map(|n| (n.value, n.used))).flatten()
}

fn about(pieces: &[Piece], at: usize) -> usize {
    let found = tokens::phrase(pieces, at, &[Set::Qualifier]);
    found.filter(|(_, m)| m.value == "about").map_or(0, |(used, _)| used)
}

fn near(age: u32, used: usize) -> Hit {
    let low = band(age.saturating_sub(5));
    let clear = age <= OLDEST && low == band(age + 5);
    Some((Change::Near(clear.then_some(low)), used)).filter(|_| age <= OLDEST)
}

fn band(age: u32) -> &'static str {
    match age {
        0..14 => "under_14",
        14..18 => "14_17",
        18..30 => "18_29",
        30..60 => "30_59",
        _ => "60_plus",
    }
}

/// Reads a range of years that is no band by itself (`40-50`); it stays in the note as typed.
pub(super) fn range(pieces: &[Piece], at: usize) -> Hit {
    let (low, high) = pieces.get(at)?.lower.split_once('-')?;
    let years = |text: &str| -> Option<u32> {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (low, high) = (years(low)?, years(high)?);
    let inside = low < high && band(low) == band(high);
    inside.then(|| (Change::Near(Some(band(low))), 1))
}
