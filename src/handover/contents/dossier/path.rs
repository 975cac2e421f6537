//! A place in a record, and the value that stands there, in words.

use serde_json::Value;

use super::case::{Case, joined};
use super::voices;
use crate::handover::choice::given::GivenRecord;
use crate::locale::Texts;
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::{field, field_at};
use crate::model::value::{Decimal, Length, PlaceRef, ProvisionRef};
use crate::model::{Kind, vocabulary};
use crate::words;

/// Returns the labels of the fields that a path leads through, e.g. "status steps · when".
pub fn label(texts: &Texts, kind: Kind, path: &str) -> String {
    if path == "status" && field(kind.fields(), path).is_none() {
        return words::label(texts, "transition", "status");
    }
    let mut labels = Vec::new();
    let (mut entity, mut fields, mut parts) = (kind.code(), kind.fields(), path.split('/'));
    while let Some(found) = parts.next().and_then(|part| field(fields, part)) {
        labels.push(words::label(texts, entity, found.name));
        match found.shape {
            Shape::Many(inner) | Shape::Log(inner) => {
                parts.next();
                (entity, fields) = (found.of, inner);
            }
            Shape::Group(inner) => (entity, fields) = (found.of, inner),
            Shape::Map(_) => {
                labels.extend(parts.next().map(|code| item(texts, found.of, code)));
                break;
            }
            _ => break,
        }
    }
    labels.join(" · ")
}

/// Returns an item of a checklist with its code.
pub fn item(texts: &Texts, of: &str, code: &str) -> String {
    match vocabulary::term(of, code) {
        Some(_) if of != "consent_purpose" => format!("{} {}", words::clean(code), words::term(texts, of, code)),
        _ => words::term(texts, of, code),
    }
}

/// Returns the value of a leaf in words; a reference by the code of its record, a place by its name.
pub fn leaf(case: &Case, texts: &Texts, leaf: Leaf, of: &str, value: &Value) -> String {
    match leaf {
        Leaf::Ref => value.as_str().map(|id| case.record(id).map_or_else(|| short(id), |record| words::clean(&record.code))).unwrap_or_default(),
        Leaf::Place => serde_json::from_value::<PlaceRef>(value.clone()).map(|place| case.place(texts, &place)).unwrap_or_default(),
        Leaf::Provision => provision(texts, value),
        Leaf::Length => serde_json::from_value(value.clone()).map(|found| length(texts, &found)).unwrap_or_default(),
        _ => words::value(texts, leaf, of, value),
    }
}

/// Returns the value of a field in words; `entity` is the one whose fields a set may name.
pub fn value(case: &Case, texts: &Texts, entity: &str, field: &Field, value: &Value) -> String {
    match field.shape {
        Shape::One(kind) => leaf(case, texts, kind, field.of, value),
        Shape::Map(kind) => leaf(case, texts, kind, "", value),
        Shape::Set => set(texts, entity, field, value),
        _ => words::clean(value.as_str().unwrap_or_default()),
    }
}

/// Returns what is told at a path in one line, every voice where it is contested; nothing where it is not recorded.
pub fn told(case: &Case, texts: &Texts, record: &GivenRecord, path: &str) -> String {
    let Some(field) = field_at(record.kind.fields(), path) else { return String::new() };
    joined(texts, &voices::heard(record, path).read(|found| Some(value(case, texts, record.kind.code(), field, found))))
}

/// The terms of a set in words; a set of fields by the labels of the fields.
fn set(texts: &Texts, entity: &str, field: &Field, value: &Value) -> String {
    let word = |code: &str| if field.name == "carried" { words::label(texts, entity, code) } else { words::term(texts, field.of, code) };
    value.as_array().map(|terms| terms.iter().filter_map(Value::as_str).map(word).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

/// Returns a provision with the name of its instrument.
pub fn provision(texts: &Texts, value: &Value) -> String {
    let Ok(provision) = serde_json::from_value::<ProvisionRef>(value.clone()) else { return String::new() };
    let instrument = words::term(texts, "instrument", provision.instrument.as_str());
    words::value(texts, Leaf::Provision, "", value).replacen(provision.instrument.as_str(), &instrument, 1)
}

/// Returns a term of a sentence as pronounced: years, months, days, or life.
pub fn length(texts: &Texts, length: &Length) -> String {
    let part = |number: &Option<Decimal>, code: &str| number.as_ref().map(|number| texts.with(code, &[("number", number.as_str())]));
    let life = length.life.filter(|life| *life).map(|_| texts.get("dossier-life"));
    let parts = [part(&length.years, "dossier-years"), part(&length.months, "dossier-months"), part(&length.days, "dossier-days"), life];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Returns a voice of a contested value in words.
pub fn voice(case: &Case, texts: &Texts, kind: Kind, path: &str, value: &Value) -> String {
    if let Some(status) = value.get("status").and_then(Value::as_str) {
        return words::term(texts, "status", status);
    }
    match field_at(kind.fields(), path) {
        Some(Field { shape: Shape::One(kind) | Shape::Map(kind), of, .. }) => leaf(case, texts, *kind, of, value),
        None if path == "status" => words::term(texts, "status", value.as_str().unwrap_or_default()),
        _ => words::clean(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
    }
}

/// The beginning of an id whose record is not in the bundle.
fn short(id: &str) -> String {
    words::clean(id).chars().take(12).collect()
}
