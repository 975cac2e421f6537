//! What observers answered about hearings: one column for each observer of each hearing, one row for each item.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Read;
use super::dates::order;
use super::voices;
use crate::model::entity::{Hearing, Observation, Trial};
use crate::model::value::{Answer, Key, When};
use crate::model::vocabulary;

/// One observer of one hearing; for the items about an accused, of one accused.
pub struct Column<'a> {
    pub hearing_key: &'a Key,
    pub hearing: &'a Hearing,
    pub observation: &'a Observation,
    /// Path of the observation in the record of the trial.
    pub path: String,
    /// Answers by item; several where voices of one card disagree.
    pub answers: BTreeMap<String, Vec<Answer>>,
    /// Items on which voices of this card disagree and nobody decided.
    pub contested: BTreeSet<String>,
}

/// The answers of every observer of every hearing of a trial.
pub struct Matrix<'a> {
    pub columns: Vec<Column<'a>>,
}

impl Matrix<'_> {
    /// Returns the items that somebody answered, in the order of the list.
    pub fn asked(&self) -> Vec<String> {
        let asked: BTreeSet<&String> = self.columns.iter().flat_map(|column| column.answers.keys()).collect();
        let shipped = shipped();
        let newer = asked.iter().filter(|code| !shipped.contains(code)).map(|code| (*code).clone());
        shipped.iter().filter(|code| asked.contains(code)).cloned().chain(newer).collect()
    }

    /// Returns the items that nobody answered.
    pub fn not_asked(&self) -> Vec<String> {
        let asked = self.asked();
        shipped().into_iter().filter(|code| !asked.contains(code)).collect()
    }

    /// Tells whether observers of one hearing answer an item differently, or voices of one card do.
    pub fn differs(&self, code: &str) -> bool {
        if self.columns.iter().any(|column| column.contested.contains(code)) {
            return true;
        }
        let mut by_hearing: BTreeMap<&Key, BTreeSet<String>> = BTreeMap::new();
        for column in &self.columns {
            for answer in column.answers.get(code).into_iter().flatten() {
                by_hearing.entry(column.hearing_key).or_default().insert(format!("{:?}", answer.value));
            }
        }
        by_hearing.values().any(|values| values.len() > 1)
    }
}

fn shipped() -> Vec<String> {
    vocabulary::shipped("hearing_item").map(|list| list.terms.iter().map(|term| term.code.clone()).collect()).unwrap_or_default()
}

/// Returns where the time of a hearing stands: when it began, else for when it was set.
pub fn dated(key: &Key, hearing: &Hearing) -> String {
    format!("hearings/{key}/{}", if hearing.starts.is_some() { "starts" } else { "scheduled_for" })
}

/// Returns the hearings of a trial by the earliest date that is told, then by their key.
pub fn in_order<'a>(trial: &'a Read<Trial>) -> Vec<(&'a Key, &'a Hearing)> {
    let earliest = |key: &Key, hearing: &Hearing| {
        let heard = voices::read::<When>(trial.record, &dated(key, hearing));
        heard.standing().iter().map(|told| order(&told.value)).min().unwrap_or(i64::MAX)
    };
    let mut hearings: Vec<(&Key, &Hearing)> = trial.said.hearings.iter().collect();
    hearings.sort_by_cached_key(|(key, hearing)| (earliest(key, hearing), (*key).clone()));
    hearings
}

/// Builds the matrix of a trial, with the items about this person among the accused.
pub fn matrix<'a>(trial: &'a Read<Trial>, person: Option<&str>) -> Matrix<'a> {
    let mut columns = Vec::new();
    for (hearing_key, hearing) in in_order(trial) {
        for (key, observation) in &hearing.observations {
            let path = format!("hearings/{hearing_key}/observations/{key}");
            let (answers, contested) = answers(trial, observation, &path, person);
            columns.push(Column { hearing_key, hearing, observation, path, answers, contested });
        }
    }
    Matrix { columns }
}

/// Answers by item.
type Answers = BTreeMap<String, Vec<Answer>>;

/// The answers of one card, and the items on which its voices disagree.
fn answers(trial: &Read<Trial>, observation: &Observation, path: &str, person: Option<&str>) -> (Answers, BTreeSet<String>) {
    let (mut found, mut contested) = (Answers::new(), BTreeSet::new());
    let mut take = |below: &str, code: &str| {
        let heard = voices::read::<Answer>(trial.record, &format!("{path}/{below}/{code}"));
        contested.extend(heard.is_contested.then(|| code.to_owned()));
        found.entry(code.to_owned()).or_default().extend(heard.standing().iter().map(|told| told.value.clone()));
    };
    observation.checks.keys().for_each(|code| take("checks", code.as_str()));
    let about = |of: &Option<crate::model::value::Ref>| person.is_none() || of.as_ref().map(|of| of.as_str()) == person;
    for (key, accused) in observation.accused.iter().filter(|(_, accused)| about(&accused.person)) {
        accused.checks.keys().for_each(|code| take(&format!("accused/{key}/checks"), code.as_str()));
    }
    (found, contested)
}
