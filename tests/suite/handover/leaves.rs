//! The single values of a record, by the table of its kind, and which of them must not go: the design in words of its own.

use sandyq::handover::choice::profile::Profile;
use sandyq::model::{Field, Kind, Leaf, Privacy, Shape, Tree};
use serde_json::Value;

/// One value of a record.
pub struct Single<'t> {
    pub entity: &'static str,
    pub row: &'static Field,
    pub leaf: Leaf,
    pub value: &'t Value,
    /// Names and keys that lead to it, joined by `/`.
    pub path: String,
    /// Names of the fields alone, joined by `.`.
    pub field: String,
}

/// Returns every single value of a record, a term of a set or checklist by itself.
pub fn singles(kind: Kind, tree: &Tree) -> Vec<Single<'_>> {
    singles_under(kind, tree, &str::to_owned)
}

/// Returns the same; `key` gives the keys of entries as they stand in the paths.
pub fn singles_under<'t>(kind: Kind, tree: &'t Tree, key: &dyn Fn(&str) -> String) -> Vec<Single<'t>> {
    let mut found = Vec::new();
    walk((kind.code(), kind.fields()), tree, ("", ""), key, &mut found);
    found
}

type Table = (&'static str, &'static [Field]);

fn walk<'t>(table: Table, tree: &'t Tree, (path, field): (&str, &str), new: &dyn Fn(&str) -> String, found: &mut Vec<Single<'t>>) {
    for row in table.1 {
        let Some(value) = tree.get(row.name) else { continue };
        let (path, field) = (joined(path, row.name, '/'), joined(field, row.name, '.'));
        let single = |leaf, value, path| Single { entity: table.0, row, leaf, value, path, field: field.clone() };
        match (row.shape, value) {
            (Shape::Set, Value::Array(terms)) => {
                found.extend(terms.iter().map(|term| single(Leaf::Term, term, joined(&path, term.as_str().unwrap_or_default(), '/'))));
            }
            (Shape::Map(leaf), Value::Object(terms)) => found.extend(terms.iter().map(|(term, value)| single(leaf, value, joined(&path, term, '/')))),
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                for (key, entry) in entries {
                    walk((row.of, inner), entry.as_object().expect("an entry"), (&joined(&path, &new(key), '/'), &field), new, found);
                }
            }
            (Shape::Group(inner), Value::Object(group)) => walk((row.of, inner), group, (&path, &field), new, found),
            (Shape::One(leaf), value) => found.push(single(leaf, value, path)),
            (_, value) => found.push(single(Leaf::Line, value, path)),
        }
    }
}

fn joined(above: &str, name: &str, by: char) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}{by}{name}") }
}

/// Returns the names of all fields of a table, with those below, joined by `.`.
pub fn fields(table: &'static [Field], above: &str) -> Vec<String> {
    let below = |row: &'static Field| {
        let here = joined(above, row.name, '.');
        match row.shape {
            Shape::Many(inner) | Shape::Log(inner) | Shape::Group(inner) => fields(inner, &here),
            _ => vec![here],
        }
    };
    table.iter().flat_map(below).collect()
}

/// Returns every word and number in a value.
pub fn scalars(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(parts) => parts.iter().flat_map(scalars).collect(),
        Value::Object(parts) => parts.values().flat_map(scalars).collect(),
        _ => Vec::new(),
    }
}

/// Tells whether nobody under this profile may read a field, whomever it is about and whatever was allowed.
pub fn never_goes(profile: Profile, kind: Kind, entity: &str, field: &str, class: Privacy, leaf: Leaf) -> bool {
    let monitor = matches!(
        (entity, field),
        ("detention", "observer")
            | ("observation", "observer" | "card")
            | ("medical_finding" | "action" | "verdict" | "identity_link", "by")
            | ("custody_event", "actor" | "recipient" | "note")
    );
    let source = class == Privacy::S || kind == Kind::Source || matches!((entity, field), ("transition" | "name_form", "source"));
    let care = matches!(entity, "query" | "identity_link" | "meta" | "verdict" | "chunk") || matches!((entity, field), ("evidence", "identity"));
    let others = matches!((entity, field), ("evidence", "people_visible") | ("incident", "narrative"));
    let named = matches!((entity, field), ("name_form", "text" | "remark") | ("person", "code"));
    let own_words = class == Privacy::R && leaf == Leaf::Line;
    let public = match profile {
        Profile::Migration | Profile::Lawyer => false,
        Profile::Partner => named || own_words,
        Profile::Press => class == Privacy::R && !named && entity != "evidence",
        Profile::Statistics => class == Privacy::R,
    };
    // The ledger stays in its casebook.
    kind == Kind::Handover || (profile != Profile::Migration && (monitor || source || care || others || public))
}
