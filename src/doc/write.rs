//! From a tree to Automerge operations. Every container of an entity is made together with the entity, so that two
//! people never make the same one twice.

use automerge::hydrate;
use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ROOT, ScalarValue, TextEncoding};
use serde_json::Value;

use super::DocError;
use crate::model::shape::{Field, Shape};
use crate::model::tree::{Tree, join};

/// Writes a whole new record.
pub fn create(tx: &mut impl Transactable, fields: &'static [Field], tree: &Tree) -> Result<(), DocError> {
    Ok(tx.init_root_from_hydrate(&hydrated(fields, tree))?)
}

/// An entity with all of its containers, empty ones too.
fn hydrated(fields: &'static [Field], tree: &Tree) -> hydrate::Map {
    let mut map = std::collections::HashMap::<String, hydrate::Value>::new();
    for field in fields {
        if let Some(value) = hydrated_field(field, tree.get(field.name)) {
            map.insert(field.name.to_owned(), value);
        }
    }
    let unknown = tree.iter().filter(|(name, _)| crate::model::tree::field(fields, name).is_none());
    map.extend(unknown.map(|(name, value)| (name.clone(), hydrate::Value::Scalar(scalar(value)))));
    hydrate::Map::from(map)
}

fn hydrated_field(field: &Field, value: Option<&Value>) -> Option<hydrate::Value> {
    let empty = Tree::new();
    let entries = || value.and_then(Value::as_object).unwrap_or(&empty);
    match field.shape {
        Shape::One(_) => value.map(|value| hydrate::Value::Scalar(scalar(value))),
        Shape::Text => value.map(|value| hydrate::Value::text(TextEncoding::platform_default(), value.as_str().unwrap_or_default())),
        Shape::Set => {
            let terms = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            Some(map_of(terms.map(|term| (term.to_owned(), hydrate::Value::scalar(true)))))
        }
        Shape::Map(_) => Some(map_of(entries().iter().map(|(term, value)| (term.clone(), hydrate::Value::Scalar(scalar(value)))))),
        Shape::Many(inner) | Shape::Log(inner) => Some(map_of(entries().iter().map(|(key, entry)| (key.clone(), entity(inner, entry))))),
        Shape::Group(inner) => Some(hydrate::Value::Map(hydrated(inner, entries()))),
    }
}

fn entity(fields: &'static [Field], entry: &Value) -> hydrate::Value {
    hydrate::Value::Map(hydrated(fields, entry.as_object().unwrap_or(&Tree::new())))
}

fn map_of(entries: impl Iterator<Item = (String, hydrate::Value)>) -> hydrate::Value {
    hydrate::Value::Map(hydrate::Map::from(entries.collect::<std::collections::HashMap<_, _>>()))
}

/// One value as one scalar: composite values as canonical JSON text, sealed ones as bytes, so that they merge whole.
fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Bool(flag) => ScalarValue::Boolean(*flag),
        Value::Number(number) => number.as_i64().map_or(ScalarValue::Null, ScalarValue::Int),
        Value::String(text) => ScalarValue::Str(text.as_str().into()),
        Value::Object(parts) => match parts.get("sealed").and_then(Value::as_str).and_then(|text| hex::decode(text).ok()) {
            Some(bytes) if parts.len() == 1 => ScalarValue::Bytes(bytes),
            _ => ScalarValue::Str(value.to_string().into()),
        },
        _ => ScalarValue::Str(value.to_string().into()),
    }
}

/// Refuses an edit that changes or drops an entry of a log.
pub fn check_logs(fields: &'static [Field], before: &Tree, after: &Tree) -> Result<(), DocError> {
    check_logs_at(fields, before, after, "")
}

fn check_logs_at(fields: &'static [Field], before: &Tree, after: &Tree, path: &str) -> Result<(), DocError> {
    for field in fields {
        let here = join(path, field.name);
        let old = before.get(field.name).and_then(Value::as_object);
        let new = after.get(field.name).and_then(Value::as_object);
        let Some(old) = old else { continue };
        match field.shape {
            Shape::Log(_) if old.iter().any(|(key, entry)| new.and_then(|new| new.get(key)) != Some(entry)) => {
                return Err(DocError::LogChanged { path: here });
            }
            Shape::Group(inner) => check_logs_at(inner, old, new.unwrap_or(&Tree::new()), &here)?,
            Shape::Many(inner) => {
                for (key, entry) in old {
                    let (old, new) = (entry.as_object(), new.and_then(|new| new.get(key)).and_then(Value::as_object));
                    if let (Some(old), Some(new)) = (old, new) {
                        check_logs_at(inner, old, new, &join(&here, key))?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The part of a tree that this version knows: what newer versions wrote is never compared and never changed.
pub fn known(fields: &'static [Field], tree: &Tree) -> Tree {
    fields.iter().filter_map(|field| Some((field.name.to_owned(), known_value(field.shape, tree.get(field.name)?)))).collect()
}

fn known_value(shape: Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Group(inner), Value::Object(group)) => Value::Object(known(inner, group)),
        (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
            entries.iter().map(|(key, entry)| (key.clone(), known_value(Shape::Group(inner), entry))).collect()
        }
        (_, value) => value.clone(),
    }
}

/// Writes the difference between two readings of a record.
pub fn edit(tx: &mut impl Transactable, fields: &'static [Field], before: &Tree, after: &Tree) -> Result<(), DocError> {
    edit_map(tx, &[ROOT], fields, before, after)
}

/// Edits one map, which may have been made twice: new words go to the last of its objects and stand alone.
fn edit_map(tx: &mut impl Transactable, objects: &[ObjId], fields: &'static [Field], before: &Tree, after: &Tree) -> Result<(), DocError> {
    for field in fields {
        let (old, new) = (before.get(field.name), after.get(field.name));
        if old != new {
            edit_field(tx, objects, field, old, new)?;
        }
    }
    Ok(())
}

fn edit_field(tx: &mut impl Transactable, objects: &[ObjId], field: &Field, old: Option<&Value>, new: Option<&Value>) -> Result<(), DocError> {
    match (field.shape, new) {
        (Shape::One(_) | Shape::Text, None) => clear(tx, objects, field.name),
        (Shape::One(_), Some(new)) => put(tx, objects, field.name, new),
        (Shape::Text, Some(new)) => {
            let text = text(tx, objects, field.name)?;
            Ok(tx.update_text(&text, new.as_str().unwrap_or_default())?)
        }
        (Shape::Set | Shape::Map(_) | Shape::Many(_) | Shape::Log(_) | Shape::Group(_), _) => {
            let inside = containers(tx, objects, field.name)?;
            edit_container(tx, &inside, field, old, new)
        }
    }
}

/// Takes a name out of every object that has it.
fn clear(tx: &mut impl Transactable, objects: &[ObjId], name: &str) -> Result<(), DocError> {
    for object in objects {
        if tx.get(object, name)?.is_some() {
            tx.delete(object, name)?;
        }
    }
    Ok(())
}

/// Takes an entry away by taking away all that it says, and not the entry: what somebody else writes into it at the same
/// time stays to be seen. An empty entry is read as none.
fn empty_entry(tx: &mut impl Transactable, objects: &[ObjId], key: &str) -> Result<(), DocError> {
    for (kind, entry) in voices(tx, objects, key)? {
        if kind == ObjType::Map {
            empty_map(tx, &entry)?;
        }
    }
    Ok(())
}

fn empty_map(tx: &mut impl Transactable, object: &ObjId) -> Result<(), DocError> {
    let names: Vec<String> = tx.keys(object).collect();
    for name in names {
        let inner: Vec<(ObjType, ObjId)> = voices(tx, std::slice::from_ref(object), &name)?;
        match inner.iter().any(|(kind, _)| *kind == ObjType::Map) {
            true => inner.iter().filter(|(kind, _)| *kind == ObjType::Map).try_for_each(|(_, id)| empty_map(tx, id))?,
            false => tx.delete(object, name.as_str())?,
        }
    }
    Ok(())
}

/// Writes one value in place of every voice that was read.
fn put(tx: &mut impl Transactable, objects: &[ObjId], name: &str, value: &Value) -> Result<(), DocError> {
    let (last, others) = objects.split_last().expect("a map that is edited stands somewhere");
    clear(tx, others, name)?;
    Ok(tx.put(last, name, scalar(value))?)
}

/// The text to edit: the one that stands, or a new one in place of several begun side by side.
fn text(tx: &mut impl Transactable, objects: &[ObjId], name: &str) -> Result<ObjId, DocError> {
    let found = voices(tx, objects, name)?;
    match found.as_slice() {
        [(ObjType::Text, id)] => Ok(id.clone()),
        _ => {
            let (last, others) = objects.split_last().expect("a map that is edited stands somewhere");
            clear(tx, others, name)?;
            Ok(tx.put_object(last, name, ObjType::Text)?)
        }
    }
}

/// The objects of a container, made now where an older version of the record has none.
fn containers(tx: &mut impl Transactable, objects: &[ObjId], name: &str) -> Result<Vec<ObjId>, DocError> {
    let found: Vec<ObjId> = voices(tx, objects, name)?.into_iter().filter(|(kind, _)| *kind == ObjType::Map).map(|(_, id)| id).collect();
    match (found.is_empty(), objects.last()) {
        (true, Some(last)) => Ok(vec![tx.put_object(last, name, ObjType::Map)?]),
        _ => Ok(found),
    }
}

/// Every object that stands under a name, over all objects of the map.
fn voices(tx: &impl Transactable, objects: &[ObjId], name: &str) -> Result<Vec<(ObjType, ObjId)>, DocError> {
    let mut found = Vec::new();
    for object in objects {
        let all = tx.get_all(object, name)?;
        found.extend(all.into_iter().filter_map(|(value, id)| if let automerge::Value::Object(kind) = value { Some((kind, id)) } else { None }));
    }
    Ok(found)
}

fn edit_container(tx: &mut impl Transactable, inside: &[ObjId], shape: &Field, old: Option<&Value>, new: Option<&Value>) -> Result<(), DocError> {
    let empty = Tree::new();
    let (old, new) = (as_entries(old), as_entries(new));
    let (old, new) = (old.as_ref().unwrap_or(&empty), new.as_ref().unwrap_or(&empty));
    if let Shape::Group(inner) = shape.shape {
        return edit_map(tx, inside, inner, old, new);
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        match shape.shape {
            Shape::Many(_) => empty_entry(tx, inside, key)?,
            _ => clear(tx, inside, key)?,
        }
    }
    for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
        match (shape.shape, old.get(key), inside.last()) {
            (Shape::Many(inner), Some(before), _) => {
                let entry = containers(tx, inside, key)?;
                edit_map(tx, &entry, inner, before.as_object().unwrap_or(&empty), value.as_object().unwrap_or(&empty))?;
            }
            (Shape::Many(inner), None, _) if !voices(tx, inside, key)?.is_empty() => {
                // Taken away before: the emptied entry is written again, and not made a second time.
                let entry = containers(tx, inside, key)?;
                edit_map(tx, &entry, inner, &empty, value.as_object().unwrap_or(&empty))?;
            }
            (Shape::Many(inner) | Shape::Log(inner), None, Some(last)) => {
                tx.batch_create_object(last, key.as_str(), &entity(inner, value), false)?;
            }
            (Shape::Log(_), Some(_), _) => {}
            _ => put(tx, inside, key, value)?,
        }
    }
    Ok(())
}

/// A set as a map of its terms, any other container as it is.
fn as_entries(value: Option<&Value>) -> Option<Tree> {
    match value? {
        Value::Object(entries) => Some(entries.clone()),
        Value::Array(terms) => Some(terms.iter().filter_map(Value::as_str).map(|term| (term.to_owned(), Value::Bool(true))).collect()),
        _ => None,
    }
}
