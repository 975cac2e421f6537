//! Whom a record concerns. It is asked of the whole casebook, so that a file keeps the people whom it is about when what it belongs to was not
//! chosen. Every voice counts; in doubt somebody is concerned who was not asked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::choose::{Found, about, also_about, reference, stays_out};
use crate::model::{Kind, Tree};

/// Whom a record concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subjects {
    pub people: BTreeSet<String>,
    /// Somebody for whom no record stands here.
    pub unnamed: bool,
    /// It is about an incident, a place, an official or a trial with others: it may show anybody.
    pub shared: bool,
}

impl Subjects {
    /// Tells whether nobody at all is concerned.
    pub fn is_nobody(&self) -> bool {
        self.people.is_empty() && !self.unnamed && !self.shared
    }

    fn add(&mut self, other: Subjects) {
        self.people.extend(other.people);
        self.unnamed |= other.unnamed;
        self.shared |= other.shared;
    }
}

/// Returns the people of a trial who count for what is about it.
pub(super) type OfTrial<'t> = &'t dyn Fn(&Tree) -> Subjects;

/// Every record of a casebook, by what leads from it to people.
#[derive(Debug)]
pub(super) struct Ties<'a> {
    records: BTreeMap<&'a str, Found<'a>>,
    /// Powers of attorney by their paper, and acts by the photographs of injuries.
    showing: BTreeMap<&'a str, Vec<Found<'a>>>,
}

impl<'a> Ties<'a> {
    pub fn new(records: impl Iterator<Item = Found<'a>>) -> Ties<'a> {
        let records: BTreeMap<&str, Found> = records.map(|found| (found.line.id.as_str(), found)).collect();
        let mut showing: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
        for found in records.values().filter(|found| stays_out(found.line).is_none()) {
            shown_by(found).into_iter().for_each(|file| showing.entry(file).or_default().push(*found));
        }
        Ties { records, showing }
    }

    /// Finds a record by its id.
    pub fn record(&self, id: &str) -> Option<&Found<'a>> {
        self.records.get(id)
    }

    /// Returns every record.
    pub fn records(&self) -> impl Iterator<Item = &Found<'a>> {
        self.records.values()
    }

    /// Returns whom a record concerns.
    pub fn subjects(&self, found: &Found, trial: OfTrial) -> Subjects {
        let own: BTreeSet<String> = about(found.kind).into_iter().flat_map(|field| said(found, field)).map(str::to_owned).collect();
        match found.kind {
            Kind::Person => Subjects { people: BTreeSet::from([found.line.id.clone()]), ..Subjects::default() },
            Kind::Trial => trial(&found.body.tree),
            Kind::Evidence => self.of_file(found, trial),
            _ if !own.is_empty() => Subjects { people: own, ..Subjects::default() },
            Kind::Act | Kind::Action | Kind::Decision => self.of_targets(found, &["detention", "trial"], trial),
            _ => Subjects::default(),
        }
    }

    /// What a file is about; where that leads to nobody, whose paper it is and whose injuries it shows.
    fn of_file(&self, file: &Found, trial: OfTrial) -> Subjects {
        let mut subjects = self.of_targets(file, &["relates_to"], trial);
        subjects.add(self.of_ids(also_about(&file.body.tree), trial));
        if subjects.people.is_empty() && !subjects.unnamed {
            let names = said(file, "sha256").into_iter().chain([file.line.id.as_str()]);
            let showing = names.filter_map(|name| self.showing.get(name)).flatten();
            showing.for_each(|found| subjects.add(self.subjects(found, trial)));
        }
        subjects
    }

    fn of_targets(&self, found: &Found, fields: &[&str], trial: OfTrial) -> Subjects {
        self.of_ids(fields.iter().flat_map(|field| said(found, field)), trial)
    }

    fn of_ids<'t>(&self, ids: impl Iterator<Item = &'t str>, trial: OfTrial) -> Subjects {
        let mut subjects = Subjects::default();
        for id in ids {
            subjects.add(match self.records.get(id) {
                None => Subjects { unnamed: true, ..Subjects::default() },
                Some(target) if matches!(target.kind, Kind::Incident | Kind::Place | Kind::Official) => Subjects { shared: true, ..Subjects::default() },
                Some(target) => self.subjects(target, trial),
            });
        }
        subjects
    }
}

/// What every voice says in a field.
pub(super) fn said<'a>(found: &Found<'a>, field: &str) -> BTreeSet<&'a str> {
    let voices = found.body.voices.get(field).into_iter().flatten().filter_map(|voice| voice.value.as_str());
    reference(&found.body.tree, field).into_iter().chain(voices).collect()
}

/// The paper of a power of attorney by its id, the photographs of injuries by their hashes.
fn shown_by<'a>(found: &Found<'a>) -> Vec<&'a str> {
    let injuries = || found.body.tree.get("injuries").and_then(Value::as_object).into_iter().flat_map(Tree::values);
    match found.kind {
        Kind::Mandate => reference(&found.body.tree, "document").into_iter().collect(),
        Kind::Act => injuries().filter_map(|injury| injury.get("photo")?.as_str()).collect(),
        _ => Vec::new(),
    }
}
