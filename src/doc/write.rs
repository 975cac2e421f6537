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

/// Tells whether two trees say the same in the fields this version knows.
pub fn same(fields: &'static [Field], before: &Tree, after: &Tree) -> bool {
    fields.iter().all(|field| before.get(field.name) == after.get(field.name))
}

/// Writes the difference between two readings of a record.
pub fn edit(tx: &mut impl Transactable, fields: &'static [Field], before: &Tree, after: &Tree) -> Result<(), DocError> {
    edit_map(tx, &ROOT, fields, before, after)
}

fn edit_map(tx: &mut impl Transactable, object: &ObjId, fields: &'static [Field], before: &Tree, after: &Tree) -> Result<(), DocError> {
    for field in fields {
        let (old, new) = (before.get(field.name), after.get(field.name));
        if old != new {
            edit_field(tx, object, field, old, new)?;
        }
    }
    Ok(())
}

fn edit_field(tx: &mut impl Transactable, object: &ObjId, field: &Field, old: Option<&Value>, new: Option<&Value>) -> Result<(), DocError> {
    match (field.shape, new) {
        (Shape::One(_) | Shape::Text, None) => Ok(tx.delete(object, field.name)?),
        (Shape::One(_), Some(new)) => Ok(tx.put(object, field.name, scalar(new))?),
        (Shape::Text, Some(new)) => {
            let text = match tx.get(object, field.name)? {
                Some((value, text)) if value.is_object() => text,
                _ => tx.put_object(object, field.name, ObjType::Text)?,
            };
            Ok(tx.update_text(&text, new.as_str().unwrap_or_default())?)
        }
        (Shape::Set | Shape::Map(_) | Shape::Many(_) | Shape::Log(_) | Shape::Group(_), _) => {
            let inside = container(tx, object, field.name)?;
            edit_container(tx, &inside, field, old, new)
        }
    }
}

/// The container of a field, made now where an older version of the record has none.
fn container(tx: &mut impl Transactable, object: &ObjId, name: &str) -> Result<ObjId, DocError> {
    match tx.get(object, name)? {
        Some((value, id)) if value.is_object() => Ok(id),
        _ => Ok(tx.put_object(object, name, ObjType::Map)?),
    }
}

fn edit_container(tx: &mut impl Transactable, inside: &ObjId, shape: &Field, old: Option<&Value>, new: Option<&Value>) -> Result<(), DocError> {
    let empty = Tree::new();
    let (old, new) = (as_entries(old), as_entries(new));
    let (old, new) = (old.as_ref().unwrap_or(&empty), new.as_ref().unwrap_or(&empty));
    if let Shape::Group(inner) = shape.shape {
        return edit_map(tx, inside, inner, old, new);
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        tx.delete(inside, key.as_str())?;
    }
    for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
        match (shape.shape, old.get(key)) {
            (Shape::Many(inner), Some(before)) => {
                let entry = container(tx, inside, key)?;
                edit_map(tx, &entry, inner, before.as_object().unwrap_or(&empty), value.as_object().unwrap_or(&empty))?;
            }
            (Shape::Many(inner) | Shape::Log(inner), _) => {
                tx.batch_create_object(inside, key.as_str(), &entity(inner, value), false)?;
            }
            _ => tx.put(inside, key.as_str(), scalar(value))?,
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
