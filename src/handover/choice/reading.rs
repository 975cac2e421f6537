//! The texts that a recipient will read, word for word: a name that nobody recorded is found in them by whoever reads them before the sealing.

use serde::Serialize;
use serde_json::Value;

use super::given::{Given, GivenRecord};
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::{field, join};
use crate::model::{Kind, Tree};

/// Parts of values that are somebody's words.
const WORDS: &[&str] = &["note", "text", "as_printed"];
/// Fields whose texts stand elsewhere in a preview, or are no sentence.
const TOLD: &[&str] = &["file_name", "media_type"];

/// One text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextSeen {
    /// Code of its record, as the recipient reads it.
    pub code: String,
    #[serde(skip)]
    pub kind: Kind,
    /// Names of its fields, joined by `.`.
    pub field: String,
    /// Where it stands in the record.
    pub path: String,
    pub text: String,
}

/// Returns every text that goes, each voice of a contested one.
pub fn texts(given: &Given) -> Vec<TextSeen> {
    let mut texts = Vec::new();
    for record in given.records.iter().filter(|record| record.kind != Kind::Vocable) {
        each(record, record.kind.fields(), &record.tree, ("", ""), &mut texts);
    }
    texts
}

fn each(record: &GivenRecord, fields: &'static [Field], tree: &Tree, (above, at): (&str, &str), texts: &mut Vec<TextSeen>) {
    for (name, value) in tree {
        let Some(row) = field(fields, name) else { continue };
        let (path, dotted) = (join(at, name), if above.is_empty() { name.clone() } else { format!("{above}.{name}") });
        match (row.shape, value) {
            (Shape::Many(_), _) if name == "names" => {}
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                let entries = entries.iter().filter_map(|(key, entry)| Some((key, entry.as_object()?)));
                entries.for_each(|(key, entry)| each(record, inner, entry, (&dotted, &join(&path, key)), texts));
            }
            (Shape::Group(inner), Value::Object(group)) => each(record, inner, group, (&dotted, &path), texts),
            (Shape::Map(leaf), Value::Object(terms)) => terms.iter().for_each(|(term, value)| take(record, leaf, &dotted, &join(&path, term), value, texts)),
            (Shape::One(leaf), value) if !TOLD.contains(&row.name) => take(record, leaf, &dotted, &path, value, texts),
            (Shape::Text, value) => take(record, Leaf::Line, &dotted, &path, value, texts),
            _ => {}
        }
    }
}

fn take(record: &GivenRecord, leaf: Leaf, field: &str, path: &str, value: &Value, texts: &mut Vec<TextSeen>) {
    let voices = record.voices.get(path).into_iter().flatten().map(|said| &said.value).filter(|said| *said != value);
    for text in [value].into_iter().chain(voices).flat_map(|value| said(leaf, value)) {
        let (code, kind) = (record.code.clone(), record.kind);
        texts.push(TextSeen { code, kind, field: field.to_owned(), path: path.to_owned(), text: text.to_owned() });
    }
}

/// What of a value is somebody's words.
fn said(leaf: Leaf, value: &Value) -> Vec<&str> {
    let words = match leaf {
        Leaf::Line => value.as_str().into_iter().collect::<Vec<_>>(),
        _ => WORDS.iter().filter_map(|part| value.get(*part)?.as_str()).collect(),
    };
    words.into_iter().filter(|text| text.chars().any(char::is_alphabetic)).collect()
}
