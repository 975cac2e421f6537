//! What observers answered about hearings: one column for each observer of each hearing, one row for each item.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Read;
use super::dates::order;
use crate::handover::choice::given::Said;
use crate::model::entity::{Hearing, Observation, Trial};
use crate::model::value::{Answer, Key};
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

    /// Tells whether observers of one hearing answer an item differently.
    pub fn differs(&self, code: &str) -> bool {
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

/// Returns the hearings of a trial by their date, then by their key.
pub fn in_order(trial: &Trial) -> Vec<(&Key, &Hearing)> {
    let mut hearings: Vec<(&Key, &Hearing)> = trial.hearings.iter().collect();
    hearings.sort_by_key(|(key, hearing)| (hearing.starts.as_ref().or(hearing.scheduled_for.as_ref()).map_or(i64::MAX, order), *key));
    hearings
}

/// Builds the matrix of a trial, with the items about this person among the accused.
pub fn matrix<'a>(trial: &'a Read<Trial>, person: Option<&str>) -> Matrix<'a> {
    let mut columns = Vec::new();
    for (hearing_key, hearing) in in_order(&trial.said) {
        for (key, observation) in &hearing.observations {
            let path = format!("hearings/{hearing_key}/observations/{key}");
            let answers = answers(trial, observation, &path, person);
            columns.push(Column { hearing_key, hearing, observation, path, answers });
        }
    }
    Matrix { columns }
}

fn answers(trial: &Read<Trial>, observation: &Observation, path: &str, person: Option<&str>) -> BTreeMap<String, Vec<Answer>> {
    let mut found: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    let mut take = |below: &str, code: &str, answer: &Answer| {
        let voices = trial.record.voices.get(&format!("{path}/{below}/{code}")).map(Vec::as_slice).unwrap_or_default();
        let mut all: Vec<Answer> = standing(voices).iter().filter_map(|said| serde_json::from_value(said.value.clone()).ok()).collect();
        if all.is_empty() {
            all.push(answer.clone());
        }
        found.entry(code.to_owned()).or_default().extend(all);
    };
    for (code, answer) in &observation.checks {
        take("checks", code.as_str(), answer);
    }
    let about = |of: &Option<crate::model::value::Ref>| person.is_none() || of.as_ref().map(|of| of.as_str()) == person;
    for (key, accused) in observation.accused.iter().filter(|(_, accused)| about(&accused.person)) {
        for (code, answer) in &accused.checks {
            take(&format!("accused/{key}/checks"), code.as_str(), answer);
        }
    }
    found
}

/// The decided voice, else all.
fn standing(voices: &[Said]) -> Vec<&Said> {
    let decided: Vec<&Said> = voices.iter().filter(|said| said.decided).collect();
    if decided.is_empty() { voices.iter().collect() } else { decided }
}
