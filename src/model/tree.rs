//! A record as plain JSON: what is stored, shown and exported. Walks follow the table of fields.

use serde_json::{Map, Value};

use super::shape::{Field, Leaf, Shape};
use super::value::Ref;

/// The fields of a record or entry by name.
pub type Tree = Map<String, Value>;

/// Where a value stands: names and keys joined by `/`, e.g. `names/5f0c…/text`.
pub type Path = String;

/// Returns the path of a part of `path`.
pub fn join(path: &str, part: &str) -> Path {
    if path.is_empty() { part.to_owned() } else { format!("{path}/{part}") }
}

/// Finds a field of a table.
pub fn field<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.name == name)
}

/// Returns the field a path leads to, through entries and groups.
pub fn field_at(fields: &'static [Field], path: &str) -> Option<&'static Field> {
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    let found = field(fields, name)?;
    match found.shape {
        _ if rest.is_empty() => Some(found),
        Shape::Many(inner) | Shape::Log(inner) => match rest.split_once('/') {
            Some((_, below)) => field_at(inner, below),
            None => Some(found),
        },
        Shape::Group(inner) => field_at(inner, rest),
        Shape::Map(_) | Shape::Set => Some(found),
        Shape::One(_) | Shape::Text => None,
    }
}

/// Returns the value at a path.
pub fn value_at<'a>(tree: &'a Tree, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('/');
    let first = tree.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

/// Calls `visit` with the path, field, leaf kind and value of every single value, terms of sets excepted.
pub fn each_leaf_mut(fields: &'static [Field], tree: &mut Tree, path: &str, visit: &mut dyn FnMut(&str, &Field, Leaf, &mut Value)) {
    for (name, value) in tree.iter_mut() {
        let Some(field) = field(fields, name) else { continue };
        let here = join(path, name);
        match (field.shape, value) {
            (Shape::One(leaf), value) => visit(&here, field, leaf, value),
            (Shape::Map(leaf), Value::Object(terms)) => {
                terms.iter_mut().for_each(|(term, value)| visit(&join(&here, term), field, leaf, value));
            }
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                for (key, entry) in entries.iter_mut() {
                    if let Value::Object(entry) = entry {
                        each_leaf_mut(inner, entry, &join(&here, key), visit);
                    }
                }
            }
            (Shape::Group(inner), Value::Object(group)) => each_leaf_mut(inner, group, &here, visit),
            _ => {}
        }
    }
}

/// Calls `visit` for every single value, without changing any.
pub fn each_leaf(fields: &'static [Field], tree: &Tree, visit: &mut dyn FnMut(&str, &Field, Leaf, &Value)) {
    each_leaf_mut(fields, &mut tree.clone(), "", &mut |path, field, leaf, value| visit(path, field, leaf, value));
}

/// Replaces every reference to another record; `None` from `replace` leaves it as it is.
pub fn map_refs(fields: &'static [Field], tree: &mut Tree, replace: &mut dyn FnMut(&str) -> Option<String>) {
    each_leaf_mut(fields, tree, "", &mut |_, _, leaf, value| {
        let slot = match leaf {
            Leaf::Ref => Some(value),
            Leaf::Place => value.get_mut("record"),
            _ => None,
        };
        if let Some(slot) = slot
            && let Some(new) = slot.as_str().and_then(&mut *replace)
        {
            *slot = Value::String(new);
        }
    });
}

/// Returns every record this one points to, as `(path, id)`.
pub fn refs(fields: &'static [Field], tree: &Tree) -> Vec<(Path, Ref)> {
    let mut found = Vec::new();
    each_leaf(fields, tree, &mut |path, _, leaf, value| {
        let id = match leaf {
            Leaf::Ref => value.as_str(),
            Leaf::Place => value.get("record").and_then(Value::as_str),
            _ => None,
        };
        found.extend(id.and_then(|id| id.parse().ok()).map(|id| (path.to_owned(), id)));
    });
    found
}

/// What of `new` is not already said by `old`: the part of an edit that a successor record carries.
///
/// Returns `None` when the edit takes something away, which a successor cannot say.
pub fn addition(fields: &'static [Field], old: &Tree, new: &Tree) -> Option<Tree> {
    let mut added = Tree::new();
    let gone = |name: &String| field(fields, name).is_some() && !new.contains_key(name);
    if old.keys().any(gone) {
        return None;
    }
    for (name, value) in new {
        let part = match (old.get(name), field(fields, name).map(|f| f.shape)) {
            (Some(before), _) if before == value => continue,
            (Some(Value::Object(before)), Some(Shape::Group(inner))) => Value::Object(addition(inner, before, value.as_object()?)?),
            (Some(Value::Object(before)), Some(Shape::Many(_) | Shape::Log(_) | Shape::Map(_))) => Value::Object(entries_added(before, value.as_object()?)?),
            (Some(Value::String(before)), Some(Shape::Text)) => Value::String(text_added(before, value.as_str()?)?.to_owned()),
            _ => value.clone(),
        };
        added.insert(name.clone(), part);
    }
    Some(added)
}

/// The paragraph after the text so far; [`continued`] puts the break between them back.
fn text_added<'a>(old: &str, new: &'a str) -> Option<&'a str> {
    let rest = new.strip_prefix(old)?;
    Some(rest.strip_prefix('\n').unwrap_or_else(|| rest.trim_start()))
}

fn entries_added(old: &Tree, new: &Tree) -> Option<Tree> {
    let kept = old.keys().all(|key| new.contains_key(key));
    kept.then(|| new.iter().filter(|(key, value)| old.get(*key) != Some(value)).map(|(k, v)| (k.clone(), v.clone())).collect())
}

/// The record as its readers see it when `next` continues it: entries of both, and later words over earlier ones.
pub fn continued(fields: &'static [Field], base: &Tree, next: &Tree) -> Tree {
    let mut whole = base.clone();
    for (name, value) in next {
        let merged = match (whole.remove(name), field(fields, name).map(|f| f.shape)) {
            (Some(Value::Object(before)), Some(Shape::Group(inner))) => Value::Object(continued(inner, &before, value.as_object().unwrap_or(&Tree::new()))),
            (Some(Value::Object(mut before)), Some(Shape::Many(_) | Shape::Log(_) | Shape::Map(_))) => {
                before.extend(value.as_object().cloned().unwrap_or_default());
                Value::Object(before)
            }
            (Some(Value::String(before)), Some(Shape::Text)) => Value::String(format!("{before}\n{}", value.as_str().unwrap_or_default())),
            _ => value.clone(),
        };
        whole.insert(name.clone(), merged);
    }
    whole
}
