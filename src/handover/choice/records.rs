//! `records.json`: everything that goes, for programs. The same choice gives the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::given::{Given, GivenRecord, Mark};
use crate::model::Tree;

/// What the format of `records.json` is called, and its version.
pub const FORMAT: &str = "sandyq-bundle";
pub const VERSION: u32 = 1;

/// What stands under `bundle`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub format: String,
    pub version: u32,
    /// 32 hex digits.
    pub id: String,
    pub profile: String,
    pub language: String,
    /// Time of the newest change, as exact as the profile tells moments, e.g. `2026-05-01T12:00:00Z`.
    pub made: String,
    /// SHA-256 over the sorted heads of the records chosen from.
    pub heads: String,
    /// The handover key as OpenSSH writes it.
    pub signer: String,
    pub pseudonyms: bool,
}

/// A file that comes with a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// Name of the member, e.g. `files/5f0c….jpg`.
    pub member: String,
    /// SHA-256 of the member.
    pub sha256: String,
    /// SHA-256 of the original that stays sealed in the casebook.
    pub original: String,
    pub size: u64,
    /// What the file tells about its making besides the picture was taken out.
    pub stripped: bool,
}

/// Writes `records.json`; `files` are told by the ids of their records in the bundle.
pub fn records_json(given: &Given, head: &Head, files: &BTreeMap<String, Attached>) -> Vec<u8> {
    let records: Vec<Value> = given.records.iter().map(|record| row(record, files.get(&record.id))).collect();
    let whole = json!({ "bundle": head, "clients": given.clients, "records": records });
    let mut bytes = serde_json::to_vec_pretty(&whole).expect("trees are JSON");
    bytes.push(b'\n');
    bytes
}

fn row(record: &GivenRecord, file: Option<&Attached>) -> Value {
    let mut row = json!({ "id": record.id, "kind": record.kind.code(), "code": record.code, "record": record.tree });
    if !record.voices.is_empty() {
        let voices = record.voices.iter().map(|(path, voices)| {
            let said = |voice: &super::given::Said| {
                let mut said = marked(&voice.mark);
                said.insert("value".into(), voice.value.clone());
                said.insert("decided".into(), voice.decided.into());
                Value::Object(said)
            };
            (path.clone(), voices.iter().map(said).collect::<Value>())
        });
        row["voices"] = Value::Object(voices.collect());
    }
    if !record.entries.is_empty() {
        row["entries"] = Value::Object(record.entries.iter().map(|(path, mark)| (path.clone(), Value::Object(marked(mark)))).collect());
    }
    if let Some(file) = file {
        row["file"] = json!(file);
    }
    row
}

fn marked(mark: &Mark) -> Tree {
    Tree::from_iter([("observer".to_owned(), mark.observer.into()), ("at".to_owned(), mark.at.into())])
}
