//! The hearings as a calendar (RFC 5545): what is known of each date and no more, and no name, since calendars of phones
//! are copied to strangers' servers.

use super::Contents;
use super::dossier::case::{Case, Read};
use super::dossier::dates::{is_day, wall};
use super::dossier::hearings::in_order;
use crate::model::entity::{Hearing, Trial};
use crate::model::value::{Key, Qualifier, When};
use crate::words;

/// Longest line in octets, its end not counted.
const LINE: usize = 75;
/// Minutes since 1970 at the beginning of 2020, from which changes are counted.
const EPOCH: i64 = 26_297_280;

/// A beginning or an end as the format writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Moment {
    Day(String),
    /// On the wall, wherever the reader is: no offset was recorded.
    Wall(String),
    Utc(String),
}

/// Returns the calendar; none where no hearing has a day.
pub fn calendar(contents: &Contents) -> Option<String> {
    let case = Case::of(contents.given);
    let events: Vec<String> = case
        .trials
        .iter()
        .flat_map(|trial| in_order(&trial.said).into_iter().filter_map(|(key, hearing)| event(contents, &case, trial, key, hearing)).collect::<Vec<_>>())
        .collect();
    let begin = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//sandyq//bundle 1//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"];
    let head: String = begin.iter().map(|line| folded(line)).collect();
    (!events.is_empty()).then(|| format!("{head}{}END:VCALENDAR\r\n", events.concat()))
}

fn event(contents: &Contents, case: &Case, trial: &Read<Trial>, key: &Key, hearing: &Hearing) -> Option<String> {
    let when = hearing.starts.as_ref().or(hearing.scheduled_for.as_ref()).filter(|when| is_day(when))?;
    let start = start(when)?;
    let title = trial.said.case_no.as_ref().map_or_else(|| words::clean(&trial.record.code), |number| words::clean(number.as_str()));
    let place = [trial.said.court.as_ref().map(|court| words::clean(court.as_str())), hearing.place.as_ref().map(|place| case.place(contents.texts, place))];
    let place = place.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let sequence = (contents.given.made.div_euclid(60) - EPOCH).max(0);
    let mut lines = vec!["BEGIN:VEVENT".to_owned(), format!("UID:{}-{key}@bundle", text(&trial.record.id)), format!("SEQUENCE:{sequence}")];
    lines.push(format!("DTSTAMP:{}", utc(contents.given.made.div_euclid(60))));
    lines.push(property("DTSTART", &start));
    lines.extend(end(when, hearing.ends.as_ref(), &start).map(|end| property("DTEND", &end)));
    lines.push(format!("SUMMARY:{}", text(&title)));
    lines.extend((!place.is_empty()).then(|| format!("LOCATION:{}", text(&place))));
    lines.push(format!("STATUS:{}", status(when, hearing)));
    lines.extend(["BEGIN:VALARM".to_owned(), "ACTION:DISPLAY".to_owned(), format!("DESCRIPTION:{}", text(&title)), "TRIGGER:-P1D".to_owned()]);
    lines.extend(["END:VALARM".to_owned(), "END:VEVENT".to_owned()]);
    Some(lines.iter().map(|line| folded(line)).collect())
}

/// Certain, likely, or off.
fn status(when: &When, hearing: &Hearing) -> &'static str {
    let postponed = hearing.kind.as_ref().is_some_and(|kind| kind.as_str() == "postponed_only");
    match when.qualifier {
        _ if postponed => "CANCELLED",
        None | Some(Qualifier::Exact) => "CONFIRMED",
        Some(_) => "TENTATIVE",
    }
}

/// A time where one was told, else the day: "before ten" is no ten o'clock.
fn start(when: &When) -> Option<Moment> {
    let timed = when.time.is_some() && !matches!(when.qualifier, Some(Qualifier::Before | Qualifier::After));
    let bare = When { qualifier: None, to_time: None, ..when.clone() };
    if !timed {
        return Some(Moment::Day(when.date.as_ref()?.as_str().replace('-', "")));
    }
    Some(match when.offset_min {
        Some(_) => Moment::Utc(utc(bare.span().earliest)),
        None => Moment::Wall(stamp(wall(&bare).earliest)),
    })
}

/// The end where it is told as the beginning is, and comes after it.
fn end(when: &When, ends: Option<&When>, start: &Moment) -> Option<Moment> {
    let told = ends.filter(|ends| is_day(ends) && ends.time.is_some()).and_then(self::start);
    let between = || {
        let last = When { qualifier: None, ..when.clone() };
        when.to_time.as_ref().map(|_| match when.offset_min {
            Some(_) => Moment::Utc(utc(last.span().latest)),
            None => Moment::Wall(stamp(wall(&last).latest)),
        })
    };
    match (start, told.or_else(between)?) {
        (Moment::Utc(start), Moment::Utc(end)) if end > *start => Some(Moment::Utc(end)),
        (Moment::Wall(start), Moment::Wall(end)) if end > *start => Some(Moment::Wall(end)),
        _ => None,
    }
}

fn property(name: &str, moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => format!("{name};VALUE=DATE:{day}"),
        Moment::Wall(at) | Moment::Utc(at) => format!("{name}:{at}"),
    }
}

fn stamp(minutes: i64) -> String {
    jiff::Timestamp::from_second(minutes.saturating_mul(60)).map(|at| at.strftime("%Y%m%dT%H%M%S").to_string()).unwrap_or_default()
}

fn utc(minutes: i64) -> String {
    format!("{}Z", stamp(minutes))
}

/// A text value: what would end it or part it is escaped.
fn text(value: &str) -> String {
    words::clean(value).replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// A line in pieces of at most 75 octets, never within a letter, ended as the format ends lines.
fn folded(line: &str) -> String {
    let (mut out, mut room) = (String::with_capacity(line.len() + 8), LINE);
    for c in line.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = LINE - 1;
        }
        out.push(c);
        room -= c.len_utf8();
    }
    out + "\r\n"
}
