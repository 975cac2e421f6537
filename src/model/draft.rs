//! From what somebody typed or imported to a record that may be stored: entries get keys, every rule is checked, and a
//! fault names its field and its rule. Nothing is repaired in silence.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::record::{Kind, Record};
use super::shape::{Field, Leaf, Shape};
use super::tree::{Path, Tree, field, join};
use super::value::{Age, Answer, Code, Count, Decimal, Hash, Key, Length, Line, Money, Narrative, PlaceRef, ProvisionRef, Ref, Secret, Term, When};

/// One thing wrong with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: Path,
    /// Stable name of the rule, e.g. `required`, `unknown-field`, `when`.
    pub rule: &'static str,
    /// What the rule refers to: a vocabulary, the kinds of record.
    pub of: String,
}

/// Most entries of one list that a record may hold.
pub const MAX_ENTRIES: usize = 2_000;

/// Gives lists the form of stored records: an array of entries becomes a map under keys from `new_key`.
///
/// # Errors
/// Returns the first fault of form.
pub fn normalise(fields: &'static [Field], draft: &Value, new_key: &mut dyn FnMut() -> Key) -> Result<Tree, Fault> {
    normalise_at(fields, draft, "", new_key)
}

fn normalise_at(fields: &'static [Field], draft: &Value, path: &str, new_key: &mut dyn FnMut() -> Key) -> Result<Tree, Fault> {
    let Value::Object(given) = draft else { return Err(fault(path, "object")) };
    let mut tree = Tree::new();
    for (name, value) in given {
        let here = join(path, name);
        let value = match (field(fields, name).map(|f| f.shape), value) {
            (Some(Shape::Many(inner) | Shape::Log(inner)), Value::Array(items)) => keyed(inner, items, &here, new_key)?,
            (Some(Shape::Many(inner) | Shape::Log(inner)), Value::Object(entries)) => entries_of(inner, entries, &here, new_key)?,
            (Some(Shape::Group(inner)), value) => Value::Object(normalise_at(inner, value, &here, new_key)?),
            (Some(Shape::Set), Value::Array(items)) => Value::Array(sorted(items)),
            (_, value) => value.clone(),
        };
        let empty = value.as_object().is_some_and(Tree::is_empty) || value.as_array().is_some_and(Vec::is_empty);
        let container = field(fields, name).is_some_and(|f| !matches!(f.shape, Shape::One(_) | Shape::Text));
        if !(empty && container) {
            tree.insert(name.clone(), value);
        }
    }
    Ok(tree)
}

fn keyed(inner: &'static [Field], items: &[Value], path: &str, new_key: &mut dyn FnMut() -> Key) -> Result<Value, Fault> {
    let mut entries = Tree::new();
    for item in items {
        let key = new_key().to_string();
        entries.insert(key.clone(), Value::Object(normalise_at(inner, item, &join(path, &key), new_key)?));
    }
    Ok(Value::Object(entries))
}

fn entries_of(inner: &'static [Field], given: &Tree, path: &str, new_key: &mut dyn FnMut() -> Key) -> Result<Value, Fault> {
    let entry = |(key, item): (&String, &Value)| Ok((key.clone(), Value::Object(normalise_at(inner, item, &join(path, key), new_key)?)));
    Ok(Value::Object(given.iter().map(entry).collect::<Result<Tree, Fault>>()?))
}

/// Terms of a set in order, each once; anything else is left for the judge to name.
fn sorted(items: &[Value]) -> Vec<Value> {
    let mut items = items.to_vec();
    items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    items.dedup();
    items
}

fn fault(path: &str, rule: &'static str) -> Fault {
    Fault { path: path.to_owned(), rule, of: String::new() }
}

/// Checks a normalised draft against the table of its kind; an empty list means that it may be stored.
pub fn judge(kind: Kind, tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    match tree.get("kind").and_then(Value::as_str) {
        Some(code) if code == kind.code() => {}
        _ => faults.push(fault("kind", "kind")),
    }
    let mut body = tree.clone();
    body.remove("kind");
    judge_fields(kind.fields(), &body, "", &mut faults);
    if faults.is_empty() && Record::from_tree(kind, tree).is_err() {
        faults.push(fault("", "object"));
    }
    faults
}

fn judge_fields(fields: &'static [Field], tree: &Tree, path: &str, faults: &mut Vec<Fault>) {
    let missing = fields.iter().filter(|f| f.required && !tree.contains_key(f.name));
    faults.extend(missing.map(|f| fault(&join(path, f.name), "required")));
    for (name, value) in tree {
        let here = join(path, name);
        match field(fields, name) {
            Some(field) => judge_value(field, value, &here, faults),
            None => faults.push(fault(&here, "unknown-field")),
        }
    }
}

fn judge_value(field: &Field, value: &Value, path: &str, faults: &mut Vec<Fault>) {
    match (field.shape, value) {
        (Shape::One(leaf), value) => faults.extend(leaf_fault(leaf, value, path)),
        (Shape::Text, value) => faults.extend(rule_of::<Narrative>(value, "narrative", path)),
        (Shape::Set, Value::Array(items)) => {
            faults.extend(items.iter().filter_map(|item| rule_of::<Term>(item, "term", path)));
            let distinct: std::collections::BTreeSet<_> = items.iter().map(Value::as_str).collect();
            faults.extend((distinct.len() < items.len()).then(|| fault(path, "set")));
        }
        (Shape::Map(leaf), Value::Object(terms)) => {
            faults.extend(terms.iter().filter(|(term, _)| term.parse::<Term>().is_err()).map(|(term, _)| fault(&join(path, term), "term")));
            faults.extend(terms.iter().filter_map(|(term, value)| leaf_fault(leaf, value, &join(path, term))));
        }
        (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
            faults.extend((entries.len() > MAX_ENTRIES).then(|| fault(path, "too-many")));
            for (key, entry) in entries {
                let here = join(path, key);
                match (key.parse::<Key>(), entry) {
                    (Ok(_), Value::Object(entry)) => judge_fields(inner, entry, &here, faults),
                    (Err(_), _) => faults.push(fault(&here, "key")),
                    _ => faults.push(fault(&here, "object")),
                }
            }
        }
        (Shape::Group(inner), Value::Object(group)) => judge_fields(inner, group, path, faults),
        (Shape::Set, _) => faults.push(fault(path, "set")),
        _ => faults.push(fault(path, "object")),
    }
}

fn leaf_fault(leaf: Leaf, value: &Value, path: &str) -> Option<Fault> {
    match leaf {
        Leaf::Line => rule_of::<Line>(value, "line", path),
        Leaf::Code => rule_of::<Code>(value, "code", path),
        Leaf::Term => rule_of::<Term>(value, "term", path),
        Leaf::Ref => rule_of::<Ref>(value, "reference", path),
        Leaf::When => rule_of::<When>(value, "when", path),
        Leaf::Count => rule_of::<Count>(value, "count", path),
        Leaf::Answer => rule_of::<Answer>(value, "answer", path),
        Leaf::Age => rule_of::<Age>(value, "age", path),
        Leaf::Place => rule_of::<PlaceRef>(value, "place", path),
        Leaf::Provision => rule_of::<ProvisionRef>(value, "provision", path),
        Leaf::Money => rule_of::<Money>(value, "money", path),
        Leaf::Length => rule_of::<Length>(value, "length", path),
        Leaf::Number => rule_of::<u32>(value, "number", path),
        Leaf::Decimal => rule_of::<Decimal>(value, "decimal", path),
        Leaf::Flag => rule_of::<bool>(value, "flag", path),
        Leaf::Hash => rule_of::<Hash>(value, "hash", path),
        Leaf::Entry => rule_of::<Key>(value, "key", path),
        Leaf::Secret => rule_of::<Secret>(value, "line", path),
    }
}

/// The rule a value breaks when it is not a `T`, or holds an explicit nothing or an array, which no single value has.
fn rule_of<T: DeserializeOwned>(value: &Value, rule: &'static str, path: &str) -> Option<Fault> {
    (holds_nothing(value) || serde_json::from_value::<T>(value.clone()).is_err()).then(|| fault(path, rule))
}

fn holds_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Array(_) => true,
        Value::Object(parts) => parts.values().any(holds_nothing),
        _ => false,
    }
}

/// Names the vocabulary of a part of a composite value.
const PART_VOCABULARIES: &[(&str, &str)] = &[
    ("currency", "currency"),
    ("unit", "count_unit"),
    ("by", "count_by"),
    ("basis", "basis"),
    ("part_of_day", "part_of_day"),
    ("band", "age_band"),
    ("instrument", "instrument"),
    ("known", "place"),
];

/// Returns every term a record uses, as `(path, vocabulary, code)`.
pub fn terms_used(fields: &'static [Field], tree: &Tree) -> Vec<(Path, &'static str, String)> {
    let mut used = Vec::new();
    collect_terms(fields, tree, "", &mut used);
    used
}

fn collect_terms(fields: &'static [Field], tree: &Tree, path: &str, used: &mut Vec<(Path, &'static str, String)>) {
    for (name, value) in tree {
        let Some(field) = field(fields, name) else { continue };
        let here = join(path, name);
        match (field.shape, value) {
            (Shape::One(Leaf::Term), Value::String(code)) => used.push((here, field.of, code.clone())),
            (Shape::One(Leaf::Secret), _) => {}
            (Shape::One(_), value) => terms_inside(value, &here, used),
            (Shape::Set, Value::Array(items)) => {
                used.extend(items.iter().filter_map(Value::as_str).map(|code| (here.clone(), field.of, code.to_owned())));
            }
            (Shape::Map(_), Value::Object(terms)) => {
                used.extend(terms.keys().map(|code| (here.clone(), field.of, code.clone())));
                terms.values().for_each(|value| terms_inside(value, &here, used));
            }
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                for (key, entry) in entries {
                    entry.as_object().into_iter().for_each(|entry| collect_terms(inner, entry, &join(&here, key), used));
                }
            }
            (Shape::Group(inner), Value::Object(group)) => collect_terms(inner, group, &here, used),
            _ => {}
        }
    }
}

fn terms_inside(value: &Value, path: &str, used: &mut Vec<(Path, &'static str, String)>) {
    let Value::Object(parts) = value else { return };
    for (name, part) in parts {
        match (PART_VOCABULARIES.iter().find(|(key, _)| key == name), part) {
            (Some((_, vocabulary)), Value::String(code)) => used.push((join(path, name), vocabulary, code.clone())),
            _ => terms_inside(part, &join(path, name), used),
        }
    }
}
