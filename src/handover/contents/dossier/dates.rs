//! Moments as they were told: their order, the clock they were told by, and the dates that still lie ahead.

use super::case::{Case, Client};
use super::voices;
use crate::handover::choice::given::{GivenRecord, Mark};
use crate::model::value::{Edtf, Precision, Qualifier, Span, When};

/// A day or moment after the newest change of the bundle.
pub struct Ahead {
    pub when: When,
    pub record: String,
    /// Where in the record it stands.
    pub path: String,
    /// Who recorded this voice, where the date has voices.
    pub mark: Option<Mark>,
    pub is_contested: bool,
}

/// Returns the stretch of wall time that may be meant, as if every wall showed the same zone.
pub fn wall(when: &When) -> Span {
    When { offset_min: Some(0), ..when.clone() }.span()
}

/// Returns the minute by which moments are put in order: as written on the wall, without its qualifier; what has no
/// date stands last.
pub fn order(when: &When) -> i64 {
    let bare = match when.to_time {
        Some(_) => when.clone(),
        None => When { qualifier: None, ..when.clone() },
    };
    let span = wall(&bare);
    if span.earliest > i64::MIN { span.earliest } else { span.latest }
}

/// Returns a moment as far as its precision vouches for it: what is written finer than that was not told.
pub fn meant(when: &When) -> When {
    let dated = |date: Option<Edtf>| When { date, time: None, to_time: None, qualifier: loose(when), part_of_day: None, ..when.clone() };
    match when.precision {
        Some(Precision::PartOfDay) if when.time.is_some() => When { part_of_day: when.part_of_day.clone(), ..dated(when.date.clone()) },
        Some(Precision::Day) => dated(when.date.clone()),
        Some(Precision::Month) => dated(when.date.as_ref().and_then(|date| cut(date, 2))),
        Some(Precision::Year) => dated(when.date.as_ref().and_then(|date| cut(date, 1))),
        Some(Precision::Unknown) => dated(None),
        _ => when.clone(),
    }
}

/// A qualifier that needs no time.
fn loose(when: &When) -> Option<Qualifier> {
    when.qualifier.filter(|qualifier| *qualifier != Qualifier::Between)
}

/// A date by its year, or by its year and month.
fn cut(date: &Edtf, parts: usize) -> Option<Edtf> {
    let side = |side: &str| {
        let bare = side.trim_end_matches(UNCERTAIN);
        let kept: Vec<&str> = if side == ".." { vec![side] } else { bare.split('-').take(parts).collect() };
        format!("{}{}", kept.join("-"), &side[bare.len()..])
    };
    date.as_str().split('/').map(side).collect::<Vec<_>>().join("/").parse().ok()
}

/// Marks of a date that is approximate or uncertain.
const UNCERTAIN: [char; 3] = ['~', '?', '%'];

/// Tells whether nobody can say how far a moment may lie from what is written: an approximate or uncertain date, or
/// "about" with no time to be about.
pub fn is_unbounded(when: &When) -> bool {
    let about = when.qualifier == Some(Qualifier::About) && when.time.is_none();
    about || when.date.as_ref().is_some_and(|date| date.as_str().contains(UNCERTAIN))
}

/// Tells whether a time is known to the minute.
pub fn is_to_the_minute(when: &When) -> bool {
    when.time.is_some() && matches!(when.precision, None | Some(Precision::Second | Precision::Minute))
}

/// Tells whether a date is one certain day.
pub fn is_day(when: &When) -> bool {
    when.date.as_ref().is_some_and(Edtf::is_day)
}

/// Returns every date of a client that may lie after the newest change: ends of arrests, hearings, deadlines; a contested
/// one as often as it is told.
pub fn ahead(case: &Case, client: &Client) -> Vec<Ahead> {
    let now = case.given.made.div_euclid(60);
    let mut found: Vec<Ahead> = places(client).iter().flat_map(|(record, path)| told(record, path)).collect();
    found.retain(|ahead| ahead.when.date.is_some() && ahead.when.span().latest >= now);
    found.sort_by_key(|ahead| (order(&ahead.when), ahead.record.clone(), ahead.path.clone(), ahead.mark.map(|mark| (mark.at, mark.observer))));
    found
}

/// Where dates stand that may lie ahead.
fn places<'a>(client: &Client<'a>) -> Vec<(&'a GivenRecord, String)> {
    let mut found = Vec::new();
    for detention in &client.detentions {
        let gone = crate::model::liberty::retracted(detention.said.transitions.values().map(|t| t.retracts.as_ref()));
        let live = detention.said.transitions.keys().filter(|key| !gone.contains(key));
        found.extend(live.map(|key| (detention.record, format!("transitions/{key}/until"))));
    }
    for trial in &client.trials {
        found.extend(trial.said.hearings.keys().map(|key| (trial.record, format!("hearings/{key}/scheduled_for"))));
    }
    found.extend(client.actions.iter().map(|action| (action.record, "due".to_owned())));
    found.extend(client.decisions.iter().map(|decision| (decision.record, "deadline".to_owned())));
    found.extend(client.mandates.iter().map(|mandate| (mandate.record, "valid_to".to_owned())));
    for consent in &client.consents {
        found.extend(consent.said.statements.keys().map(|key| (consent.record, format!("statements/{key}/expires"))));
    }
    found
}

fn told(record: &GivenRecord, path: &str) -> Vec<Ahead> {
    let heard = voices::read::<When>(record, path);
    let voice = |mark: Option<Mark>| mark.filter(|_| record.voices.contains_key(path));
    let ahead = |told: &voices::Told<When>| Ahead {
        when: told.value.clone(),
        record: record.id.clone(),
        path: path.to_owned(),
        mark: voice(told.mark),
        is_contested: heard.is_contested,
    };
    heard.standing().into_iter().map(ahead).collect()
}
