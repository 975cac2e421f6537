//! Times of day on the wall clock.

use super::number::number;
use super::pieces::Piece;
use super::tokens::{self, Set};

/// Tells how a time was written, because some forms need a word before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `14:05`
    Colon,
    /// `14.05`, which may also be a date.
    Dot,
    /// Hour and minute as two numbers: `twenty three forty`.
    Numbers,
    /// An hour with its unit: `14 часов 5 минут`, which may also be a length of time.
    Hour,
    /// `2 o'clock`, which can be nothing but a time.
    OClock,
    /// `2 pm` or `2:30 pm`.
    HalfDay,
    /// One number alone.
    Bare,
}

/// Holds a time that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub time: (u8, u8),
    pub form: Form,
    pub used: usize,
}

/// Reads the time that starts at a piece.
pub(super) fn clock(pieces: &[Piece], at: usize) -> Option<Clock> {
    let found = separated(pieces, at).or_else(|| numbers(pieces, at)).or_else(|| one(pieces, at))?;
    half_day(pieces, at, found)
}

fn separated(pieces: &[Piece], at: usize) -> Option<Clock> {
    let lower = &pieces.get(at)?.lower;
    let lower = match lower.split_once('-') {
        Some((time, ending)) => tokens::word(ending, Set::CaseEnd).map(|_| time)?,
        None => lower,
    };
    let (form, hour, minute) = match (lower.split_once(':'), lower.split_once('.')) {
        (Some((hour, minute)), None) => (Form::Colon, hour, minute),
        (None, Some((hour, minute))) => (Form::Dot, hour, minute),
        _ => return None,
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let shape = (1..=2).contains(&hour.len()) && minute.len() == 2 && digits(hour) && digits(minute);
    if !shape {
        return None;
    }
    let time = valid(hour.parse().ok()?, minute.parse().ok()?)?;
    Some(Clock { time, form, used: 1 })
}

fn valid(hour: u32, minute: u32) -> Option<(u8, u8)> {
    let time = (u8::try_from(hour).ok()?, u8::try_from(minute).ok()?);
    (time.0 < 24 && time.1 < 60).then_some(time)
}

fn numbers(pieces: &[Piece], at: usize) -> Option<Clock> {
    let hour = number(pieces, at).filter(|n| !n.ordinal && n.value < 24)?;
    let (unit, with_unit) = hour_unit(pieces, at + hour.used);
    let next = at + hour.used + unit;
    let (minute, used, bare) = match minute(pieces, next, unit > 0) {
        Some((minute, used)) => (minute, used, Form::Numbers),
        None => (0, 0, Form::Bare),
    };
    let form = with_unit.unwrap_or(bare);
    let time = valid(hour.value, minute)?;
    Some(Clock { time, form, used: hour.used + unit + used })
}

fn hour_unit(pieces: &[Piece], at: usize) -> (usize, Option<Form>) {
    let oclock = unit(pieces, at, "oclock");
    if oclock > 0 {
        return (oclock, Some(Form::OClock));
    }
    let hour = unit(pieces, at, "hour");
    (hour, (hour > 0).then_some(Form::Hour))
}

/// Reads `час` before a part of the day as one o'clock.
fn one(pieces: &[Piece], at: usize) -> Option<Clock> {
    let hour = pieces.get(at)?.lower == "час" && tokens::length(pieces, at + 1, Set::PartOfDay) > 0;
    hour.then_some(Clock { time: (1, 0), form: Form::OClock, used: 1 })
}

fn unit(pieces: &[Piece], at: usize, value: &str) -> usize {
    let found = tokens::phrase(pieces, at, &[Set::Unit]);
    found.filter(|(_, meaning)| meaning.value == value).map_or(0, |(used, _)| used)
}

/// Reads the minutes after an hour.
///
/// A number below ten needs a zero before it or its unit after it, so that `twenty five` stays a
/// number.
fn minute(pieces: &[Piece], at: usize, after_unit: bool) -> Option<(u32, usize)> {
    let first = number(pieces, at).filter(|n| !n.ordinal && n.value < 60)?;
    let written = &pieces.get(at)?.lower;
    if first.value == 0 && !written.starts_with('0') {
        let second = number(pieces, at + first.used).filter(|n| !n.ordinal && n.value < 10)?;
        return Some((second.value, first.used + second.used));
    }
    let unit = unit(pieces, at + first.used, "minute");
    let two_digits = written.len() == 2 && written.starts_with('0');
    let clear = first.value >= 10 || two_digits || (after_unit && unit > 0);
    clear.then_some((first.value, first.used + unit))
}

fn half_day(pieces: &[Piece], at: usize, found: Clock) -> Option<Clock> {
    let Some((used, meaning)) = tokens::phrase(pieces, at + found.used, &[Set::HalfDay]) else {
        return Some(found);
    };
    let (hour, minute) = found.time;
    if !(1..=12).contains(&hour) {
        return None;
    }
    let noon = if meaning.value == "pm" { 12 } else { 0 };
    Some(Clock { time: (hour % 12 + noon, minute), form: Form::HalfDay, used: found.used + used })
}

/// Moves a time of the twelve-hour clock to the half of the day that was named.
///
/// Gives none when the time is not in that part of the day at all.
pub(super) fn in_part_of_day((hour, minute): (u8, u8), part: &str) -> Option<(u8, u8)> {
    let fits = |hour: &u8| match part {
        "morning" => (4..12).contains(hour),
        "day" => (10..18).contains(hour),
        "evening" => (16..24).contains(hour),
        _ => *hour >= 21 || *hour < 6,
    };
    let other = if hour <= 12 { (hour + 12) % 24 } else { hour };
    let both = if hour == 12 && part != "day" { [other, other] } else { [hour, other] };
    both.into_iter().find(fits).map(|hour| (hour, minute))
}
