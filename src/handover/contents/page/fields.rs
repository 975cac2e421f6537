//! Every record of the bundle, field by field: what the facts above rest on.

use serde_json::Value;

use super::html::{Html, Safe};
use super::{View, anchor, said, voiced};
use crate::handover::choice::given::GivenRecord;
use crate::handover::contents::dossier::case::is_withdrawn;
use crate::handover::contents::dossier::path;
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::join;
use crate::model::{Kind, Tree, vocabulary};
use crate::words;

/// Fields that help nobody who reads: how the sealed file is kept, and under which id an importer knew the record.
const UNSHOWN: &[&str] = &["identity", "chunks", "origin"];

/// Tells whether a field is shown to a reader: never a secret, never what only the casebook needs.
pub fn is_shown(field: &Field) -> bool {
    !UNSHOWN.contains(&field.name) && !matches!(field.shape, Shape::One(Leaf::Secret))
}

/// Writes every record.
pub fn write(view: &View, html: &mut Html) {
    html.heading(2, "records", &view.get("dossier-records"));
    html.paragraph(&Safe::text(&view.get("dossier-records-how")));
    for kind in Kind::ALL {
        let records: Vec<&GivenRecord> = view.case.given.of(*kind).collect();
        if !records.is_empty() {
            html.element("h3", &plural(view, *kind));
            records.iter().for_each(|found| record(view, found, html));
        }
    }
}

fn plural(view: &View, kind: Kind) -> String {
    let lang = view.contents.texts.lang();
    let term = vocabulary::term("kinds", kind.code());
    term.and_then(|term| term.detail(&format!("plural_{lang}"))).unwrap_or(kind.code()).to_owned()
}

fn record(view: &View, record: &GivenRecord, html: &mut Html) {
    let heading = format!("{} {}", words::term(view.contents.texts, "kinds", record.kind.code()), record.code);
    html.raw("<article>\n").heading(4, &anchor(&record.id), &heading);
    if is_withdrawn(record) {
        html.paragraph(&Safe::marked("contested", &view.get("dossier-withdrawn")));
    }
    if view.case.is_unread(record) {
        html.paragraph(&Safe::marked("contested", &view.get("dossier-unread")));
    }
    html.raw("<p class=\"hash\">").safe(&Safe::text(&record.id)).raw("</p>\n");
    Walk { view, record }.fields(record.kind.code(), record.kind.fields(), &record.tree, "", html);
    html.raw("</article>\n");
}

struct Walk<'a> {
    view: &'a View<'a>,
    record: &'a GivenRecord,
}

impl Walk<'_> {
    fn fields(&self, entity: &str, fields: &'static [Field], tree: &Tree, at: &str, html: &mut Html) {
        let texts = self.view.contents.texts;
        let mut pairs = Vec::new();
        for field in fields.iter().filter(|field| is_shown(field)) {
            let (Some(value), here) = (tree.get(field.name), join(at, field.name)) else { continue };
            let label = words::label(texts, entity, field.name);
            match (field.shape, value) {
                (Shape::One(_) | Shape::Text | Shape::Set, value) => pairs.push((label, voiced::value(self.view, self.record, &here, field, Some(value)))),
                (Shape::Map(_), Value::Object(items)) => {
                    let items: Vec<Safe> = items.iter().map(|(code, value)| self.item(field, code, value, &join(&here, code))).collect();
                    pairs.push((label, Safe::list(&items)));
                }
                _ => {}
            }
        }
        html.pairs(&pairs);
        for field in fields.iter().filter(|field| is_shown(field)) {
            match (field.shape, tree.get(field.name)) {
                (Shape::Group(inner), Some(Value::Object(group))) => self.fields(field.of, inner, group, &join(at, field.name), html),
                (Shape::Many(inner) | Shape::Log(inner), Some(Value::Object(entries))) => {
                    self.entries(entity, field, inner, entries, &join(at, field.name), html)
                }
                _ => {}
            }
        }
    }

    fn entries(&self, entity: &str, field: &Field, inner: &'static [Field], entries: &Tree, at: &str, html: &mut Html) {
        let label = words::label(self.view.contents.texts, entity, field.name);
        for (key, entry) in entries {
            let Value::Object(entry) = entry else { continue };
            let here = join(at, key);
            let by = said::recorded(self.view.contents.texts, self.record.entries.get(&here).copied());
            html.raw("<div class=\"entry\">\n<p><strong>").safe(&Safe::text(&label)).raw("</strong> <span class=\"from\">");
            html.safe(&Safe::text(&format!("[{key}] {by}"))).raw("</span></p>\n");
            self.fields(field.of, inner, entry, &here, html);
            html.raw("</div>\n");
        }
    }

    fn item(&self, field: &Field, code: &str, value: &Value, at: &str) -> Safe {
        let asked = path::item(self.view.contents.texts, field.of, code);
        let label = Safe::text(&if asked.ends_with('?') { asked } else { format!("{asked}:") });
        Safe::joined(&[label, voiced::value(self.view, self.record, at, field, Some(value))], " ")
    }
}
