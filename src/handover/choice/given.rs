//! Records as a recipient gets them: chosen, redacted, in an order that never changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::{Kind, Tree};

/// Everything that one bundle says, before it is written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Seconds since 1970 of the newest change in it, as exact as the profile tells moments.
    pub made: i64,
    /// The people whom it is about: ids of records in `records`.
    pub clients: Vec<String>,
    /// By kind, then by id.
    pub records: Vec<GivenRecord>,
    /// Ids of the files that by the team's note show others than these people.
    pub shows_others: BTreeSet<String>,
}

/// One record as its recipient gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenRecord {
    /// Its id, 64 hex digits; a pseudonym where the profile hides who is meant.
    pub id: String,
    pub kind: Kind,
    /// What people call it by voice, e.g. `P-7KQ2M4`.
    pub code: String,
    /// Valid under the schema of its kind. References lead to records of the same bundle only.
    pub tree: Tree,
    /// Every voice of a contested value, by path; `status` for where a detention stands.
    pub voices: BTreeMap<String, Vec<Said>>,
    /// Who recorded each entry of a list, by path.
    pub entries: BTreeMap<String, Mark>,
}

/// One voice of a contested value.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub value: Value,
    pub mark: Mark,
    /// Somebody decided that this voice stands.
    pub decided: bool,
}

/// Who recorded something, told apart but not named: 1 for the first observer in the bundle, and so on; and when, in seconds since 1970, as claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub observer: u32,
    pub at: i64,
}

impl Given {
    /// Returns the records of a kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &GivenRecord> {
        self.records.iter().filter(move |record| record.kind == kind)
    }

    /// Finds a record by its id in this bundle.
    pub fn record(&self, id: &str) -> Option<&GivenRecord> {
        self.records.iter().find(|record| record.id == id)
    }
}
