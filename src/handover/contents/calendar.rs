//! The hearings as a calendar (RFC 5545): what is known of each date and no more, and no name, since calendars of phones
//! are copied to strangers' servers.

use super::Contents;
use super::dossier::case::{Case, Read};
use super::dossier::dates::{is_day, is_to_the_minute, meant, order, wall};
use super::dossier::hearings::{dated, in_order};
use super::dossier::{path, voices};
use crate::model::entity::{Hearing, Trial};
use crate::model::value::{Key, Qualifier, Term, When};
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
    let of_trial = |trial: &Read<Trial>| -> Vec<String> {
        in_order(trial).into_iter().flat_map(|(key, hearing)| Sitting { contents, case: &case, trial, key, hearing }.events()).collect()
    };
    let events: Vec<String> = case.trials.iter().flat_map(of_trial).collect();
    let begin = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//sandyq//bundle 1//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"];
    let head: String = begin.iter().map(|line| folded(line)).collect();
    (!events.is_empty()).then(|| format!("{head}{}END:VCALENDAR\r\n", events.concat()))
}

/// One hearing of one trial.
struct Sitting<'a> {
    contents: &'a Contents<'a>,
    case: &'a Case<'a>,
    trial: &'a Read<'a, Trial>,
    key: &'a Key,
    hearing: &'a Hearing,
}

impl Sitting<'_> {
    /// One event for each telling of when it is; those of a contested time are tentative and say so.
    fn events(&self) -> Vec<String> {
        let heard = voices::read::<When>(self.trial.record, &dated(self.key, self.hearing));
        let mut told: Vec<When> = Vec::new();
        for when in heard.standing().into_iter().map(|told| meant(&told.value)).filter(is_day) {
            if !told.iter().any(|known| start(known) == start(&when) && known.qualifier == when.qualifier) {
                told.push(when);
            }
        }
        told.sort_by_key(order);
        (1..).zip(told).filter_map(|(number, when)| self.event(&when, number, heard.is_contested)).collect()
    }

    fn event(&self, when: &When, number: usize, is_contested: bool) -> Option<String> {
        let start = start(when)?;
        let title = self.title(is_contested);
        let place = self.place();
        let made = self.contents.given.made.div_euclid(60);
        let mut lines = vec!["BEGIN:VEVENT".to_owned(), self.uid(number), format!("SEQUENCE:{}", (made - EPOCH).max(0))];
        lines.push(format!("DTSTAMP:{}", utc(made)));
        lines.push(property("DTSTART", &start));
        let end = Some(()).filter(|()| !is_contested).and_then(|()| end(when, self.ends().as_ref(), &start));
        lines.extend(end.map(|end| property("DTEND", &end)));
        lines.push(format!("SUMMARY:{}", text(&title)));
        lines.extend((!place.is_empty()).then(|| format!("LOCATION:{}", text(&place))));
        lines.push(format!("STATUS:{}", self.status(when, is_contested)));
        lines.extend(["BEGIN:VALARM".to_owned(), "ACTION:DISPLAY".to_owned(), format!("DESCRIPTION:{}", text(&title)), "TRIGGER:-P1D".to_owned()]);
        lines.extend(["END:VALARM".to_owned(), "END:VEVENT".to_owned()]);
        Some(lines.iter().map(|line| folded(line)).collect())
    }

    /// The first event keeps the name that it has without a dispute.
    fn uid(&self, number: usize) -> String {
        let further = if number > 1 { format!("-{number}") } else { String::new() };
        format!("UID:{}-{}{further}@bundle", text(&self.trial.record.id), self.key)
    }

    fn told(&self, at: &str) -> String {
        path::told(self.case, self.contents.texts, self.trial.record, at)
    }

    fn title(&self, is_contested: bool) -> String {
        let number = self.told("case_no");
        let title = if number.is_empty() { words::clean(&self.trial.record.code) } else { number };
        if is_contested { joined_mark(self.contents, &title) } else { title }
    }

    fn place(&self) -> String {
        let parts = [self.told("court"), self.told(&format!("hearings/{}/place", self.key))];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// The end, where all agree on one and it is known to the minute.
    fn ends(&self) -> Option<When> {
        let heard = voices::read::<When>(self.trial.record, &format!("hearings/{}/ends", self.key));
        let exact = |when: &When| is_to_the_minute(when) && matches!(when.qualifier, None | Some(Qualifier::Exact));
        heard.standing().first().filter(|_| !heard.is_contested).map(|told| told.value.clone()).filter(exact)
    }

    /// Certain, likely, or off.
    fn status(&self, when: &When, is_contested: bool) -> &'static str {
        let kind = voices::read::<Term>(self.trial.record, &format!("hearings/{}/kind", self.key));
        let postponed = |told: &&voices::Told<Term>| told.value.as_str() == "postponed_only";
        let (postponed, of) = (kind.standing().into_iter().filter(postponed).count(), kind.standing().len());
        let exact = when.time.is_none() || is_to_the_minute(when);
        match when.qualifier {
            _ if of > 0 && postponed == of && !kind.is_contested => "CANCELLED",
            None | Some(Qualifier::Exact) if exact && !is_contested && postponed == 0 => "CONFIRMED",
            _ => "TENTATIVE",
        }
    }
}

/// A title behind the word for what is contested.
fn joined_mark(contents: &Contents, title: &str) -> String {
    contents.texts.with("dossier-contested-values", &[("values", title)])
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
