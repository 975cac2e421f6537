//! When something happened: a written date, a date or time as spoken, or a stretch between two of them.

mod between;
mod coarse;
mod offset;

use jiff::ToSpan;
use jiff::civil::DateTime;

use crate::model::note::{Spoken, spoken_when};
use crate::model::value::{Edtf, Precision, Qualifier, WallTime, When};

use super::Now;
use super::words::{is, words};

const UNKNOWN: [&str; 10] =
    ["unknown", "not known", "time unknown", "date unknown", "неизвестно", "не известно", "время неизвестно", "дата неизвестна", "белгісіз", "уақыты белгісіз"];

/// Year, month and day.
type Day = (i16, u8, u8);
/// Hour and minute.
type Time = (u8, u8);

/// What a line says about a moment, before it is fitted to the present.
struct Told {
    day: Option<Day>,
    time: Option<Time>,
    to_time: Option<Time>,
    part_of_day: Option<&'static str>,
    qualifier: Option<Qualifier>,
}

/// Reads a moment; a time without a date is the last such time up to now.
pub(super) fn when(text: &str, now: &Now) -> Option<When> {
    let typed = words(text)?;
    if UNKNOWN.iter().any(|unknown| is(&typed, unknown)) {
        return Some(When::unknown());
    }
    coarse::written(text).map(When::on).or_else(|| moment(text, now)).or_else(|| coarse::coarse(&typed)).or_else(|| between::days(&typed, now))
}

fn moment(text: &str, now: &Now) -> Option<When> {
    let text = offset::iso(text);
    let (rest, offset) = offset::split(&text);
    let here = Now { offset_min: offset.unwrap_or(now.offset_min), ..*now };
    let here = shifted(&here, i64::from(here.offset_min) - i64::from(now.offset_min))?;
    if let Some(told) = between::times(&rest, here.date) {
        return fitted(told, &here);
    }
    let spoken = spoken_when(&rest, here.date)?;
    match spoken.minutes_ago {
        Some(_) if offset.is_some() => None,
        Some(minutes) => fitted(ago(&spoken, &here, minutes)?, &here),
        None => fitted(told(&spoken)?, &here).filter(|when| when.time.is_some() || offset.is_none()),
    }
}

/// Gives the present some minutes later on the same wall.
fn shifted(now: &Now, minutes: i64) -> Option<Now> {
    let ((year, month, day), (hour, minute)) = (now.date, now.time);
    let civil = DateTime::new(year, month as i8, day as i8, hour as i8, minute as i8, 0, 0).ok()?;
    let civil = civil.checked_add(minutes.minutes()).ok()?;
    let date = (civil.year(), civil.month() as u8, civil.day() as u8);
    Some(Now { date, time: (civil.hour() as u8, civil.minute() as u8), ..*now })
}

fn ago(spoken: &Spoken, now: &Now, minutes: u32) -> Option<Told> {
    let then = shifted(now, -i64::from(minutes))?;
    Some(Told { day: Some(then.date), time: Some(then.time), ..told(spoken)? })
}

/// Takes what was spoken; two qualifiers at once have no place to stand.
fn told(spoken: &Spoken) -> Option<Told> {
    let qualifier = match (spoken.about, spoken.before, spoken.after) {
        (false, false, false) => None,
        (true, false, false) => Some(Qualifier::About),
        (false, true, false) => Some(Qualifier::Before),
        (false, false, true) => Some(Qualifier::After),
        _ => return None,
    };
    Some(Told { day: spoken.date, time: spoken.time, to_time: None, part_of_day: spoken.part_of_day, qualifier })
}

fn fitted(told: Told, now: &Now) -> Option<When> {
    let (year, month, day) = told.day.or_else(|| last_day(&told, now))?;
    let wall = |time: Option<Time>| time.and_then(|(hour, minute)| WallTime::at(hour, minute));
    // A time has been moved to its part of the day already.
    let part = told.part_of_day.filter(|_| told.time.is_none());
    Some(When {
        date: Some(Edtf::day(year, month, day)?),
        time: wall(told.time),
        to_time: wall(told.to_time),
        offset_min: told.time.map(|_| now.offset_min),
        part_of_day: part.and_then(|part| part.parse().ok()),
        precision: told.time.map(|_| Precision::Minute),
        qualifier: told.qualifier,
        basis: None,
    })
}

/// Gives today, or yesterday when it would lie ahead of now.
fn last_day(told: &Told, now: &Now) -> Option<Day> {
    let start = told.time.or_else(|| told.part_of_day.map(starts))?;
    let back = if start > now.time { -24 * 60 } else { 0 };
    shifted(now, back).map(|day| day.date)
}

fn starts(part: &str) -> Time {
    match part {
        "morning" => (5, 0),
        "day" => (10, 0),
        "evening" => (17, 0),
        _ => (0, 0),
    }
}
