//! Calendar dates: as digits, with a month name, and relative to today.

use super::number::number;
use super::pieces::Piece;
use super::tokens::{self, Set};

/// Year, month and day.
pub(super) type Date = (i16, u8, u8);

fn days_in(year: i16, month: u8) -> Option<u8> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

fn valid(year: i16, month: u8, day: u8) -> Option<Date> {
    let within = (1900..=2100).contains(&year) && (1..=days_in(year, month)?).contains(&day);
    within.then_some((year, month, day))
}

/// Gives the date some days before another one.
pub(super) fn days_before(mut date: Date, days: u32) -> Option<Date> {
    valid(date.0, date.1, date.2)?;
    for _ in 0..days {
        date = match date {
            (year, 1, 1) => (year.checked_sub(1)?, 12, 31),
            (year, month, 1) => (year, month - 1, days_in(year, month - 1)?),
            (year, month, day) => (year, month, day - 1),
        };
    }
    Some(date)
}

/// Gives the last such day of the year that is not after today.
fn latest(month: u8, day: u8, today: Date) -> Option<Date> {
    let years = (0..=8).filter_map(|back| today.0.checked_sub(back));
    years.filter_map(|year| valid(year, month, day)).find(|date| *date <= today)
}

/// Holds a date that was read.
pub(super) struct Found {
    pub date: Date,
    pub used: usize,
    /// Whether the year was said and not taken from today.
    pub with_year: bool,
}

/// Reads a date that starts at a piece; a day without a year is the last one up to today.
pub(super) fn date(pieces: &[Piece], at: usize, today: Date) -> Option<Found> {
    digits(pieces, at).or_else(|| day_first(pieces, at, today)).or_else(|| month_first(pieces, at, today)).or_else(|| year_first(pieces, at))
}

/// Reads `2018-05-10` and `10.05.2018`.
fn digits(pieces: &[Piece], at: usize) -> Option<Found> {
    let lower = &pieces.get(at)?.lower;
    let separator = if lower.contains('-') { '-' } else { '.' };
    let parts: Vec<&str> = lower.splitn(4, separator).collect();
    let [first, month, last] = parts[..] else {
        return None;
    };
    let (year, day) = if separator == '-' { (first, last) } else { (last, first) };
    let shape = year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len());
    let all = [year, month, day].iter().all(|t| t.bytes().all(|b| b.is_ascii_digit()));
    if !(shape && all) {
        return None;
    }
    let date = valid(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    Some(Found { date, used: 1, with_year: true })
}

fn day_first(pieces: &[Piece], at: usize, today: Date) -> Option<Found> {
    let (month, day, used) = day_month(pieces, at)?;
    with_year(pieces, at, used, (month, day), today)
}

/// Reads `May 10, 2018` and `мамырдың 10-ы`.
fn month_first(pieces: &[Piece], at: usize, today: Date) -> Option<Found> {
    let (month, day, used) = month_day(pieces, at)?;
    let comma = pieces.get(at + used).is_some_and(|p| p.is_mark(','));
    let skipped = usize::from(comma && year(pieces, at + used + 1).is_some());
    with_year(pieces, at, used + skipped, (month, day), today)
}

/// Reads the Kazakh order `2018 жылғы 10 мамыр`, also with the month before the day.
fn year_first(pieces: &[Piece], at: usize) -> Option<Found> {
    let (value, lead) = year(pieces, at)?;
    let start = at + lead;
    let (month, day, used) = day_month(pieces, start).or_else(|| month_day(pieces, start))?;
    let date = valid(value, month, day)?;
    Some(Found { date, used: lead + used, with_year: true })
}

fn day_month(pieces: &[Piece], at: usize) -> Option<(u8, u8, usize)> {
    let (day, used) = day(pieces, at)?;
    let of = tokens::length(pieces, at + used, Set::Filler);
    let (month, more) = month(pieces, at + used + of)?;
    Some((month, day, used + of + more))
}

fn month_day(pieces: &[Piece], at: usize) -> Option<(u8, u8, usize)> {
    let (month, used) = month(pieces, at)?;
    let (day, more) = day(pieces, at + used)?;
    Some((month, day, used + more))
}

fn with_year(pieces: &[Piece], at: usize, used: usize, (month, day): (u8, u8), today: Date) -> Option<Found> {
    match year(pieces, at + used) {
        Some((value, more)) => Some(Found { date: valid(value, month, day)?, used: used + more, with_year: true }),
        None => Some(Found { date: latest(month, day, today)?, used, with_year: false }),
    }
}

fn day(pieces: &[Piece], at: usize) -> Option<(u8, usize)> {
    let number = number(pieces, at).filter(|n| (1..=31).contains(&n.value))?;
    Some((u8::try_from(number.value).ok()?, number.used))
}

fn month(pieces: &[Piece], at: usize) -> Option<(u8, usize)> {
    let (used, meaning) = tokens::phrase(pieces, at, &[Set::Month])?;
    Some((meaning.value.parse().ok()?, used))
}

fn year(pieces: &[Piece], at: usize) -> Option<(i16, usize)> {
    let number = number(pieces, at).filter(|n| (1900..=2100).contains(&n.value))?;
    let value = i16::try_from(number.value).ok()?;
    let unit = tokens::phrase(pieces, at + number.used, &[Set::Unit]);
    let unit = unit.filter(|(_, m)| matches!(m.value, "year" | "calendar_year"));
    Some((value, number.used + unit.map_or(0, |(used, _)| used)))
}
