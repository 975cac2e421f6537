//! What a recipient will see and what not, before anything is sealed.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::consent::Basis;
use super::profile::{Gate, Profile};
use super::reading::{TextSeen, texts};
use super::redact::{FileGiven, Redacted};
use super::withheld::{Change, Part, Reason};
use crate::model::shape::{Field, Shape};
use crate::model::short;
use crate::model::tree::field;
use crate::model::{Kind, Tree};

/// Everything that is shown before somebody says yes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    pub profile: Profile,
    pub people: Vec<PersonSeen>,
    /// On what goes what is about nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nobodys: Option<Basis>,
    /// Records by kind.
    pub records: Vec<Counted<()>>,
    /// Values by kind and field.
    pub values: Vec<Counted<()>>,
    pub files: Vec<FileSeen>,
    /// Every text, as the recipient will read it; none where everything goes.
    pub texts: Vec<TextSeen>,
    /// Secrets of the source register that this device does not open: whom they name may stand in a text.
    pub sealed: u64,
    pub left_out: Vec<Counted<Reason>>,
    pub withheld: Vec<Counted<Reason>>,
    pub changed: Vec<Counted<Change>>,
}

/// A person with the ground on which the hand-over stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonSeen {
    /// Code in the casebook.
    pub code: String,
    /// How the recipient reads of them: code and names.
    pub seen_as: Option<String>,
    pub names: Vec<String>,
    pub basis: Basis,
    /// Whom the power of attorney empowers, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// A file that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSeen {
    pub code: String,
    pub sha256: String,
    pub size: u64,
    pub media_type: Option<String>,
    /// Its name and kind, as far as the recipient reads them.
    pub name: Option<String>,
    pub category: Option<String>,
    /// By the team's note, it shows others than those whom the bundle is about.
    pub shows_others: bool,
}

/// A number of something, with its reason where there is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Counted<W> {
    #[serde(serialize_with = "by_code")]
    pub kind: Kind,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<W>,
    pub number: u64,
}

/// Returns what a recipient will see and what not; `id_in_bundle` gives the id by which a person of the casebook goes.
pub fn preview(redacted: &Redacted, id_in_bundle: &dyn Fn(&str) -> String) -> Preview {
    let withheld = &redacted.withheld;
    Preview {
        profile: redacted.profile,
        people: redacted.grounds.iter().map(|(id, basis)| person(redacted, id, &id_in_bundle(id), basis)).collect(),
        nobodys: redacted.nobodys.clone(),
        records: records(redacted),
        values: values(redacted),
        files: redacted.files.iter().map(|file| file_seen(redacted, file)).collect(),
        texts: if redacted.profile.rules().internal == Gate::Open { Vec::new() } else { texts(&redacted.given) },
        sealed: redacted.sealed,
        left_out: withheld.records.iter().map(|((kind, reason), n)| counted(*kind, "", None, Some(*reason), *n)).collect(),
        withheld: withheld.parts.iter().map(|((kind, field, part, reason), n)| counted(*kind, field, Some(*part), Some(*reason), *n)).collect(),
        changed: withheld.changed.iter().map(|((kind, field, part, change), n)| counted(*kind, field, Some(*part), Some(*change), *n)).collect(),
    }
}

fn file_seen(redacted: &Redacted, file: &FileGiven) -> FileSeen {
    let text = |field: &str| redacted.given.record(&file.given)?.tree.get(field)?.as_str().map(str::to_owned);
    FileSeen {
        code: short(Kind::Evidence.code(), &file.record),
        sha256: file.sha256.clone(),
        size: file.size,
        media_type: file.media_type.clone(),
        name: text("file_name"),
        category: text("category"),
        shows_others: redacted.given.shows_others.contains(&file.given),
    }
}

fn by_code<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.code())
}

fn counted<W>(kind: Kind, field: &str, part: Option<Part>, why: Option<W>, number: u64) -> Counted<W> {
    Counted { kind, field: field.to_owned(), part, why, number }
}

fn person(redacted: &Redacted, id: &str, given: &str, basis: &Basis) -> PersonSeen {
    let record = redacted.given.record(given).filter(|_| redacted.given.clients.iter().any(|client| client == given));
    let names = record.and_then(|record| record.tree.get("names")?.as_object()).into_iter().flat_map(Tree::values);
    let names = names.filter_map(|name| name.get("text")?.as_str().map(str::to_owned)).collect();
    PersonSeen {
        code: short(Kind::Person.code(), id),
        seen_as: record.map(|record| record.code.clone()),
        names,
        basis: basis.clone(),
        agent: redacted.agents.get(id).cloned(),
    }
}

fn records(redacted: &Redacted) -> Vec<Counted<()>> {
    let number = |kind: &Kind| redacted.given.of(*kind).count() as u64;
    Kind::ALL.iter().filter(|kind| number(kind) > 0).map(|kind| counted(*kind, "", None, None, number(kind))).collect()
}

fn values(redacted: &Redacted) -> Vec<Counted<()>> {
    let mut numbers: BTreeMap<(Kind, String), u64> = BTreeMap::new();
    for record in &redacted.given.records {
        count(record.kind.fields(), &record.tree, "", &mut |field| *numbers.entry((record.kind, field.to_owned())).or_default() += 1);
    }
    numbers.into_iter().map(|((kind, field), n)| counted(kind, &field, None, None, n)).collect()
}

/// Calls `visit` with the dotted field of every single value.
pub fn count(fields: &'static [Field], tree: &Tree, above: &str, visit: &mut dyn FnMut(&str)) {
    for (name, value) in tree {
        let Some(row) = field(fields, name) else { continue };
        let here = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match (row.shape, value) {
            (Shape::Set, Value::Array(terms)) => terms.iter().for_each(|_| visit(&here)),
            (Shape::Map(_), Value::Object(terms)) => terms.iter().for_each(|_| visit(&here)),
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                entries.values().filter_map(Value::as_object).for_each(|entry| count(inner, entry, &here, visit));
            }
            (Shape::Group(inner), Value::Object(group)) => count(inner, group, &here, visit),
            _ => visit(&here),
        }
    }
}
