//! What is told at one place of a record: every voice where they disagree, else the one value. Whatever shows or computes
//! from a single value asks here, so that no voice is left out.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::handover::choice::given::{GivenRecord, Mark};
use crate::model::Tree;
use crate::model::tree::value_at;

/// One telling of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Told<T> {
    pub value: T,
    /// Who recorded this voice; else the innermost entry it stands in.
    pub mark: Option<Mark>,
    /// Somebody decided that this voice stands.
    pub decided: bool,
}

/// Everything told at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard<T> {
    pub told: Vec<Told<T>>,
    /// Voices disagree and nobody decided; so it is also where not every voice is in the bundle.
    pub is_contested: bool,
}

impl<T> Heard<T> {
    /// Returns the decided telling, else all.
    pub fn standing(&self) -> Vec<&Told<T>> {
        let decided: Vec<&Told<T>> = self.told.iter().filter(|told| told.decided).collect();
        if decided.is_empty() { self.told.iter().collect() } else { decided }
    }

    /// Returns the tellings as something else; those that cannot be read as it are left out.
    pub fn read<U>(self, read: impl Fn(T) -> Option<U>) -> Heard<U> {
        let told = self.told.into_iter().filter_map(|told| Some(Told { value: read(told.value)?, mark: told.mark, decided: told.decided }));
        Heard { told: told.collect(), is_contested: self.is_contested }
    }
}

/// Returns what is told at a path of a record.
pub fn heard<'a>(record: &'a GivenRecord, path: &str) -> Heard<&'a Value> {
    let voices = record.voices.get(path);
    let voice = |said: &'a crate::handover::choice::given::Said| Told { value: &said.value, mark: Some(said.mark), decided: said.decided };
    let mut told: Vec<Told<&Value>> = voices.into_iter().flatten().map(voice).collect();
    let is_contested = voices.is_some() && !told.iter().any(|told| told.decided);
    if told.is_empty() {
        told.extend(value_at(&record.tree, path).map(|value| Told { value, mark: mark(record, path), decided: false }));
    }
    Heard { told, is_contested }
}

/// Returns what is told at a path as values of a type.
pub fn read<T: DeserializeOwned>(record: &GivenRecord, path: &str) -> Heard<T> {
    heard(record, path).read(|value| serde_json::from_value(value.clone()).ok())
}

/// Returns who recorded the innermost entry that a path leads through.
pub fn mark(record: &GivenRecord, path: &str) -> Option<Mark> {
    let mut path = path;
    loop {
        if let Some(mark) = record.entries.get(path) {
            return Some(*mark);
        }
        path = path.rsplit_once('/')?.0;
    }
}

/// Returns the fields of a record with the decided voice wherever somebody decided.
pub fn settled(record: &GivenRecord) -> Tree {
    let mut tree = Value::Object(record.tree.clone());
    for (path, voices) in &record.voices {
        let slot = path.split('/').try_fold(&mut tree, |value, part| value.get_mut(part));
        if let (Some(slot), Some(said)) = (slot, voices.iter().find(|said| said.decided)) {
            *slot = said.value.clone();
        }
    }
    match tree {
        Value::Object(tree) => tree,
        _ => record.tree.clone(),
    }
}
