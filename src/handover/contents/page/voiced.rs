//! A value in the page as it is told: alone, or with a mark and every voice where they disagree.

use serde_json::Value;

use super::html::Safe;
use super::{View, contested_mark, said};
use crate::handover::choice::given::GivenRecord;
use crate::handover::contents::dossier::path;
use crate::handover::contents::dossier::voices::heard;
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::{field_at, value_at};

/// Returns what stands at a path; every voice with who recorded it where there are several. Nothing where it is not recorded.
pub fn full(view: &View, record: &GivenRecord, at: &str) -> Safe {
    let Some(field) = field_at(record.kind.fields(), at) else { return Safe::default() };
    value(view, record, at, field, value_at(&record.tree, at))
}

/// Returns a value of a field that stands at a path, or its voices.
pub fn value(view: &View, record: &GivenRecord, at: &str, field: &Field, alone: Option<&Value>) -> Safe {
    if !record.voices.contains_key(at) {
        return alone.map(|value| one(view, record, field, value)).unwrap_or_default();
    }
    let heard = heard(record, at);
    let told: Vec<Safe> = heard
        .told
        .iter()
        .map(|told| {
            let stands = if told.decided { format!(" – {}", view.get("dossier-stands")) } else { String::new() };
            let by = Safe::text(&format!("({}){stands}", said::recorded(view.contents.texts, told.mark)));
            Safe::joined(&[one(view, record, field, told.value), by], " ")
        })
        .collect();
    marked(view, heard.is_contested, Safe::list(&told))
}

/// Returns the same in one line, without who recorded it.
pub fn brief(view: &View, record: &GivenRecord, at: &str) -> Safe {
    let Some(field) = field_at(record.kind.fields(), at) else { return Safe::default() };
    let heard = heard(record, at);
    let mut values: Vec<Safe> = Vec::new();
    for value in heard.standing().into_iter().map(|told| one(view, record, field, told.value)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    marked(view, heard.is_contested, Safe::joined(&values, " | "))
}

/// Returns something behind the mark of what is contested, where it is.
pub fn marked(view: &View, is_contested: bool, inner: Safe) -> Safe {
    if is_contested { Safe::joined(&[contested_mark(view), inner], " ") } else { inner }
}

fn one(view: &View, record: &GivenRecord, field: &Field, value: &Value) -> Safe {
    match field.shape {
        Shape::Text => paragraphs(value.as_str().unwrap_or_default()),
        Shape::One(leaf) | Shape::Map(leaf) => single(view, record, field, leaf, value),
        _ => Safe::text(&path::value(view.case, view.contents.texts, record.kind.code(), field, value)),
    }
}

fn single(view: &View, record: &GivenRecord, field: &Field, leaf: Leaf, value: &Value) -> Safe {
    if let (Leaf::Ref, Some(record)) = (leaf, value.as_str().and_then(|id| view.case.record(id))) {
        return view.link(record);
    }
    if let (Leaf::When, Ok(when)) = (leaf, serde_json::from_value(value.clone())) {
        return super::time(view, &when);
    }
    let text = path::value(view.case, view.contents.texts, record.kind.code(), field, value);
    if leaf == Leaf::Hash { Safe::marked("hash", &text) } else { Safe::text(&text) }
}

fn paragraphs(text: &str) -> Safe {
    Safe::joined(&text.lines().filter(|line| !line.trim().is_empty()).map(Safe::text).collect::<Vec<_>>(), "<br>")
}
