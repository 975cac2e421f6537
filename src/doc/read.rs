//! From an Automerge document to a tree, with every voice of every contested value or container.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Edit, Mark, Reading, Step, Voice};
use crate::model::shape::{Field, Shape};
use crate::model::tree::{Path, Tree, field, join};

/// Reads all of a document.
pub fn read(doc: &Automerge, fields: &'static [Field]) -> Reading {
    let mut reader = Reader { doc, marks: marks(doc), reading: Reading::default() };
    let tree = reader.map(&[ROOT], Some(fields), "");
    Reading { tree, ..reader.reading }
}

/// Who made each change, by actor: every parcel has an actor of its own.
fn marks(doc: &Automerge) -> BTreeMap<Vec<u8>, Mark> {
    let metas = doc.get_changes_meta(&[]);
    metas.iter().map(|meta| (meta.actor.to_bytes().to_vec(), mark_of(meta))).collect()
}

/// Who made each change, in causal order.
pub fn marks_in_order(doc: &Automerge) -> Vec<Mark> {
    doc.get_changes_meta(&[]).iter().map(mark_of).collect()
}

fn mark_of(meta: &automerge::ChangeMetadata<'_>) -> Mark {
    Mark { actor: hex::encode(meta.actor.to_bytes()), at: meta.timestamp, message: meta.message.as_ref().map(|m| m.to_string()) }
}

struct Reader<'a> {
    doc: &'a Automerge,
    marks: BTreeMap<Vec<u8>, Mark>,
    reading: Reading,
}

/// What stands under one name, over all voices of its container.
enum Found {
    Scalar(Value, ObjId),
    Container(ObjId),
    Text(String, ObjId),
}

impl Reader<'_> {
    /// Reads a map. Several objects are the voices of one container: their entries are read as one.
    fn map(&mut self, objects: &[ObjId], fields: Option<&'static [Field]>, path: &str) -> Tree {
        let names: BTreeSet<String> = objects.iter().flat_map(|object| self.doc.keys(object)).collect();
        let mut tree = Tree::new();
        for name in names {
            let here = join(path, &name);
            let known = fields.and_then(|fields| field(fields, &name));
            let found = self.found(objects, &name);
            if let Some(value) = self.value(found, known, &here) {
                tree.insert(name, value);
            }
        }
        tree
    }

    fn found(&self, objects: &[ObjId], name: &str) -> Vec<Found> {
        let all = objects.iter().flat_map(|object| self.doc.get_all(object, name).unwrap_or_default());
        let found = all.map(|(value, id)| match value {
            automerge::Value::Object(ObjType::Text) => Found::Text(self.doc.text(&id).unwrap_or_default(), id),
            automerge::Value::Object(_) => Found::Container(id),
            automerge::Value::Scalar(scalar) => Found::Scalar(json(&scalar), id),
        });
        found.collect()
    }

    fn value(&mut self, found: Vec<Found>, known: Option<&Field>, path: &str) -> Option<Value> {
        let containers: Vec<ObjId> = found.iter().filter_map(|f| if let Found::Container(id) = f { Some(id.clone()) } else { None }).collect();
        if !containers.is_empty() {
            return self.container(&containers, known, path);
        }
        if found.len() == 1 {
            return found.into_iter().next().and_then(|found| said(found, known)).map(|(value, _)| value);
        }
        let voices: Vec<Voice> = found.into_iter().filter_map(|f| self.voice(f, known)).collect();
        // `get_all` gives the winner last.
        let winner = voices.last()?.value.clone();
        let differ = voices.iter().any(|voice| voice.value != winner);
        if differ {
            self.reading.voices.insert(path.to_owned(), voices);
        }
        Some(winner)
    }

    fn voice(&self, found: Found, known: Option<&Field>) -> Option<Voice> {
        let (value, id) = said(found, known)?;
        Some(Voice { id: voice_id(&id), value, mark: self.mark(&id) })
    }

    fn mark(&self, id: &ObjId) -> Mark {
        match id {
            ObjId::Id(_, actor, _) => self.marks.get(actor.to_bytes()).cloned().unwrap_or_default(),
            ObjId::Root => Mark::default(),
        }
    }

    fn container(&mut self, objects: &[ObjId], known: Option<&Field>, path: &str) -> Option<Value> {
        let value = match known.map(|field| field.shape) {
            Some(Shape::Set) => {
                let terms: BTreeSet<String> = objects.iter().flat_map(|object| self.doc.keys(object)).collect();
                Value::Array(terms.into_iter().map(Value::String).collect())
            }
            Some(Shape::Many(inner)) => Value::Object(self.entries(objects, inner, path, false)),
            Some(Shape::Log(inner)) => Value::Object(self.entries(objects, inner, path, true)),
            Some(Shape::Group(inner)) => Value::Object(self.map(objects, Some(inner), path)),
            Some(Shape::Map(_)) => Value::Object(self.checks(objects, known, path)),
            _ => Value::Object(self.map(objects, None, path)),
        };
        let empty = value.as_object().is_some_and(Tree::is_empty) || value.as_array().is_some_and(Vec::is_empty);
        (!empty).then_some(value)
    }

    /// Entries under random keys; each is an entity of its own.
    fn entries(&mut self, objects: &[ObjId], inner: &'static [Field], path: &str, log: bool) -> Tree {
        let keys: BTreeSet<String> = objects.iter().flat_map(|object| self.doc.keys(object)).collect();
        let mut tree = Tree::new();
        for key in keys {
            let here = join(path, &key);
            let voices = self.found(objects, &key);
            let bodies: Vec<ObjId> = voices.into_iter().filter_map(|f| if let Found::Container(id) = f { Some(id) } else { None }).collect();
            if let (true, Some(id)) = (log, bodies.first()) {
                self.reading.entries.insert(here.clone(), self.mark(id));
            }
            let entry = self.map(&bodies, Some(inner), &here);
            // An entry that says nothing was taken away.
            if log || !entry.is_empty() {
                tree.insert(key, Value::Object(entry));
            }
        }
        tree
    }

    fn checks(&mut self, objects: &[ObjId], known: Option<&Field>, path: &str) -> Tree {
        let terms: BTreeSet<String> = objects.iter().flat_map(|object| self.doc.keys(object)).collect();
        let mut tree = Tree::new();
        for term in terms {
            let found = self.found(objects, &term);
            if let Some(value) = self.value(found, known, &join(path, &term)) {
                tree.insert(term, value);
            }
        }
        tree
    }
}

/// A single value with the operation that wrote it.
fn said(found: Found, known: Option<&Field>) -> Option<(Value, ObjId)> {
    match found {
        Found::Scalar(value, id) => Some((unpacked(value, known), id)),
        Found::Text(text, id) => Some((Value::String(text), id)),
        Found::Container(_) => None,
    }
}

/// A name for one written value, the same on every device.
fn voice_id(id: &ObjId) -> String {
    let digest = Sha256::digest(id.to_string().as_bytes());
    hex::encode(&digest[..8])
}

fn json(scalar: &ScalarValue) -> Value {
    match scalar {
        ScalarValue::Str(text) => Value::String(text.to_string()),
        ScalarValue::Int(number) => Value::from(*number),
        ScalarValue::Uint(number) => Value::from(*number),
        ScalarValue::Boolean(flag) => Value::Bool(*flag),
        ScalarValue::Bytes(bytes) => serde_json::json!({ "sealed": hex::encode(bytes) }),
        ScalarValue::F64(number) => Value::from(*number),
        ScalarValue::Timestamp(number) => Value::from(*number),
        ScalarValue::Counter(counter) => Value::from(i64::from(counter)),
        _ => Value::Null,
    }
}

/// Composite values stand as JSON text; the table tells which they are.
fn unpacked(value: Value, known: Option<&Field>) -> Value {
    use crate::model::shape::Leaf;
    let leaf = match known.map(|field| field.shape) {
        Some(Shape::One(leaf) | Shape::Map(leaf)) => leaf,
        _ => return value,
    };
    let composite = matches!(leaf, Leaf::When | Leaf::Count | Leaf::Answer | Leaf::Age | Leaf::Place | Leaf::Provision | Leaf::Money | Leaf::Length);
    match (&value, composite) {
        (Value::String(text), true) => serde_json::from_str(text).ok().filter(|parsed| is_flat(parsed, MAX_NESTED)).unwrap_or(value),
        _ => value,
    }
}

/// A composite value nests once or twice. Deeper ones stay text, so that no reader of the record meets its own limit.
const MAX_NESTED: usize = 8;

fn is_flat(value: &Value, levels: usize) -> bool {
    match value {
        Value::Object(parts) => levels > 0 && parts.values().all(|part| is_flat(part, levels - 1)),
        Value::Array(parts) => levels > 0 && parts.iter().all(|part| is_flat(part, levels - 1)),
        _ => true,
    }
}

/// Reads the record after each change, in causal order, and says what the change did.
pub fn history(doc: &Automerge, fields: &'static [Field]) -> Vec<Step> {
    let at = |heads: &[ChangeHash]| doc.fork_at(heads).map(|then| flat(&read(&then, fields).tree)).unwrap_or_default();
    let mut last: (Vec<ChangeHash>, BTreeMap<Path, Value>) = (Vec::new(), BTreeMap::new());
    let mut steps = Vec::new();
    for meta in &doc.get_changes_meta(&[]) {
        // Compared with what its author saw: what somebody else wrote beside it hides nothing of it.
        let before = if meta.deps == last.0 { last.1 } else { at(&meta.deps) };
        let after = at(&[meta.hash]);
        steps.push(Step { mark: mark_of(meta), hash: meta.hash.0, edits: differences(&before, &after) });
        last = (vec![meta.hash], after);
    }
    steps
}

/// Returns the paths at which two readings differ, with the value in each.
pub fn compare(before: &Tree, after: &Tree) -> Vec<Edit> {
    differences(&flat(before), &flat(after))
}

/// Every single value by path.
fn flat(tree: &Tree) -> BTreeMap<Path, Value> {
    let mut values = BTreeMap::new();
    flatten("", tree, &mut values);
    values
}

fn flatten(path: &str, tree: &Tree, values: &mut BTreeMap<Path, Value>) {
    for (name, value) in tree {
        let here = join(path, name);
        match value {
            Value::Object(inner) => flatten(&here, inner, values),
            value => {
                values.insert(here, value.clone());
            }
        }
    }
}

fn differences(before: &BTreeMap<Path, Value>, after: &BTreeMap<Path, Value>) -> Vec<Edit> {
    let paths: BTreeSet<&Path> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    changed.map(|path| (path.clone(), before.get(path).cloned(), after.get(path).cloned())).collect()
}
