//! Everything dated, in the order of the clock on the wall.

use super::dates::order;
use crate::handover::choice::given::{GivenRecord, Mark};
use crate::model::tree::{each_leaf, field_at};
use crate::model::value::When;
use crate::model::{Kind, Leaf};

/// One dated fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub when: When,
    pub record: String,
    pub code: String,
    pub kind: Kind,
    /// Where in the record the date stands.
    pub path: String,
    pub mark: Option<Mark>,
}

/// Returns every date in the records, care data excepted.
pub fn timeline<'a>(records: impl Iterator<Item = &'a GivenRecord>) -> Vec<Entry> {
    let mut found: Vec<Entry> = records.flat_map(entries).collect();
    found.sort_by_key(|entry| (order(&entry.when), entry.record.clone(), entry.path.clone()));
    found
}

fn entries(record: &GivenRecord) -> Vec<Entry> {
    let mut found = Vec::new();
    each_leaf(record.kind.fields(), &record.tree, &mut |path, _, leaf, value| {
        let dated = match leaf {
            Leaf::When => Some(value),
            Leaf::Answer => value.get("at"),
            _ => None,
        };
        let when = dated.and_then(|value| serde_json::from_value::<When>(value.clone()).ok()).filter(|when| when.date.is_some());
        if let Some(when) = when.filter(|_| !path.starts_with("meta/") && field_at(record.kind.fields(), path).is_some()) {
            found.push(Entry {
                when,
                record: record.id.clone(),
                code: record.code.clone(),
                kind: record.kind,
                path: path.to_owned(),
                mark: mark(record, path),
            });
        }
    });
    found
}

/// Who recorded the innermost entry that a path leads through.
pub fn mark(record: &GivenRecord, path: &str) -> Option<Mark> {
    let mut path = path;
    loop {
        if let Some(mark) = record.entries.get(path) {
            return Some(*mark);
        }
        path = path.rsplit_once('/')?.0;
    }
}
