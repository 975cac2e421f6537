//! Moments as they were told: their order, the clock they were told by, and the dates that still lie ahead.

use super::case::{Case, Client};
use crate::model::value::{Edtf, Span, When};

/// A day or moment after the newest change of the bundle.
pub struct Ahead {
    pub when: When,
    pub record: String,
    /// Where in the record it stands.
    pub path: String,
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

/// Tells whether a date is one certain day.
pub fn is_day(when: &When) -> bool {
    when.date.as_ref().is_some_and(Edtf::is_day)
}

/// Returns every date of a client that may lie after the newest change: ends of arrests, hearings, deadlines.
pub fn ahead(case: &Case, client: &Client) -> Vec<Ahead> {
    let mut found = Vec::new();
    for detention in &client.detentions {
        let gone = crate::model::liberty::retracted(detention.said.transitions.values().map(|t| t.retracts.as_ref()));
        let live = detention.said.transitions.iter().filter(|(key, _)| !gone.contains(key));
        found.extend(live.filter_map(|(key, t)| Some((detention.record, format!("transitions/{key}/until"), t.until.clone()?))));
    }
    for trial in &client.trials {
        let hearings = trial.said.hearings.iter();
        found.extend(hearings.filter_map(|(key, h)| Some((trial.record, format!("hearings/{key}/scheduled_for"), h.scheduled_for.clone()?))));
    }
    found.extend(client.actions.iter().filter_map(|a| Some((a.record, "due".to_owned(), a.said.due.clone()?))));
    found.extend(client.decisions.iter().filter_map(|d| Some((d.record, "deadline".to_owned(), d.said.deadline.clone()?))));
    found.extend(client.mandates.iter().filter_map(|m| Some((m.record, "valid_to".to_owned(), m.said.valid_to.clone()?))));
    for consent in &client.consents {
        let statements = consent.said.statements.iter();
        found.extend(statements.filter_map(|(key, s)| Some((consent.record, format!("statements/{key}/expires"), s.expires.clone()?))));
    }
    let now = case.given.made.div_euclid(60);
    found.retain(|(_, _, when)| when.date.is_some() && when.span().latest >= now);
    found.sort_by_key(|(record, path, when)| (order(when), record.id.clone(), path.clone()));
    found.into_iter().map(|(record, path, when)| Ahead { when, record: record.id.clone(), path }).collect()
}
