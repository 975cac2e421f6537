//! Everything dated, in the order of the clock on the wall.

use serde_json::Value;

use super::dates::order;
use super::voices::heard;
use crate::handover::choice::given::{GivenRecord, Mark};
use crate::model::tree::{each_leaf, field_at};
use crate::model::value::When;
use crate::model::{Kind, Leaf};

/// One dated fact as somebody tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub when: When,
    pub record: String,
    pub code: String,
    pub kind: Kind,
    /// Where in the record the date stands.
    pub path: String,
    /// What is told there: the date, or the answer that has it.
    pub value: Value,
    pub mark: Option<Mark>,
    pub is_contested: bool,
}

/// Returns every date in the records, care data excepted; a contested one as often as it is told.
pub fn timeline<'a>(records: impl Iterator<Item = &'a GivenRecord>) -> Vec<Entry> {
    let mut found: Vec<Entry> = records.flat_map(entries).collect();
    found.sort_by_key(|entry| (order(&entry.when), entry.record.clone(), entry.path.clone(), entry.mark.map(|mark| (mark.at, mark.observer))));
    found
}

fn entries(record: &GivenRecord) -> Vec<Entry> {
    let mut found = Vec::new();
    each_leaf(record.kind.fields(), &record.tree, &mut |path, _, leaf, _| {
        if !path.starts_with("meta/") && field_at(record.kind.fields(), path).is_some() {
            found.extend(told(record, path, leaf));
        }
    });
    found
}

fn told(record: &GivenRecord, path: &str, leaf: Leaf) -> Vec<Entry> {
    let dated = |value: &Value| {
        let date = match leaf {
            Leaf::When => Some(value),
            Leaf::Answer => value.get("at"),
            _ => None,
        };
        serde_json::from_value::<When>(date?.clone()).ok().filter(|when| when.date.is_some())
    };
    let heard = heard(record, path);
    let entry = |value: &Value, mark: Option<Mark>| {
        let (when, path, value) = (dated(value)?, path.to_owned(), value.clone());
        Some(Entry { when, record: record.id.clone(), code: record.code.clone(), kind: record.kind, path, value, mark, is_contested: heard.is_contested })
    };
    heard.standing().into_iter().filter_map(|told| entry(told.value, told.mark)).collect()
}
