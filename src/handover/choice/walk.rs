//! One record, value by value: what of it goes, in which form, and under which path of the bundle.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::admit::has_others;
use super::choose::Found;
use super::redact::{RedactError, Scales};
use super::voices::standing_verdicts;
use super::weigh::{Matter, Weighed, weigh};
use super::withheld::{Change, Reason};
use crate::model::Kind;
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::{Path, Tree, field, join};

/// Shortest random key of an entry; a shorter one, or another alphabet, was given by an importer and may say anything.
const RANDOM_KEY: usize = 16;

/// What became of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Went,
    Changed(Change),
    Withheld(Reason),
}

/// One value with what became of it.
#[derive(Clone, Debug)]
pub struct Fate {
    pub path: Path,
    /// Its path in the bundle.
    pub to: Path,
    /// Names of its fields, joined by `.`.
    pub field: String,
    pub outcome: Outcome,
    /// Entity in whose table its field stands.
    entity: &'static str,
    row: &'static Field,
}

impl Fate {
    /// Tells whether it goes and is more than a reference.
    pub fn says_something(&self) -> bool {
        !matches!(self.outcome, Outcome::Withheld(_)) && leaf_of(self.row.shape) != Leaf::Ref
    }

    /// Returns why it does not go.
    pub fn reason(&self) -> Reason {
        if let Outcome::Withheld(reason) = self.outcome { reason } else { Reason::Incomplete }
    }
}

/// Everything that became of one record.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    pub fates: Vec<Fate>,
    /// Entries that go: their path in the bundle by the one they had.
    pub entries: BTreeMap<Path, Path>,
    /// Ids of the records to which what goes points.
    pub points: Vec<String>,
    /// Paths in the bundle where a name is to be replaced by a number.
    pub numbered: Vec<(Path, String)>,
}

/// What is known of a record while its values are weighed.
pub struct Here<'a> {
    pub found: Found<'a>,
    pub people: BTreeSet<String>,
    /// Its texts may tell what people keep back elsewhere.
    pub closed: bool,
    /// A trial with others in it.
    pub shared: bool,
    /// Decisions about liberty that stand.
    verdicts: BTreeSet<String>,
}

/// A place in a record: table, entity, and the paths to it.
#[derive(Clone, Copy)]
struct Spot<'s> {
    table: &'static [Field],
    entity: &'static str,
    path: &'s str,
    to: &'s str,
    field: &'s str,
    /// Why nothing below goes.
    out: Option<Reason>,
}

impl Walk {
    /// Walks through a record; `None` when a required value does not go. With `out`, nothing goes and everything is counted.
    pub fn record(&mut self, scales: &Scales, found: &Found, out: Option<Reason>) -> Result<Option<Tree>, RedactError> {
        let here = here(scales, found);
        let spot = Spot { table: found.kind.fields(), entity: found.kind.code(), path: "", to: "", field: "", out };
        self.fields(scales, &here, spot, &found.body.tree)
    }

    /// Returns what became of the value at a path.
    pub fn fate(&self, path: &str) -> Option<&Fate> {
        self.fates.iter().find(|fate| fate.path == path)
    }

    /// Weighs one voice of a contested value that goes.
    pub fn voice(&self, scales: &Scales, found: &Found, fate: &Fate, value: &Value) -> (Outcome, Option<Value>) {
        let here = here(scales, found);
        let matter = Matter { entity: fate.entity, field: fate.row, leaf: leaf_of(fate.row.shape), path: &fate.path };
        let weighed = weigh(scales, &here, &matter, value);
        // Beside other voices a name is nobody's number.
        let numbered = matches!(weighed, Weighed::Numbered(_));
        if numbered { (Outcome::Withheld(Reason::Monitors), None) } else { (weighed.outcome(), weighed.value()) }
    }

    /// From `start` on, what went does not go after all.
    pub fn nothing_goes(&mut self, start: usize, reason: Reason) {
        for fate in &mut self.fates[start..] {
            if !matches!(fate.outcome, Outcome::Withheld(_)) {
                fate.outcome = Outcome::Withheld(reason);
            }
        }
    }

    fn fields(&mut self, scales: &Scales, here: &Here, spot: Spot, tree: &Tree) -> Result<Option<Tree>, RedactError> {
        let before = (self.fates.len(), self.points.len(), self.numbered.len());
        let mut left = Tree::new();
        for (name, value) in tree {
            if spot.path.is_empty() && name == "kind" {
                left.insert(name.clone(), value.clone());
                continue;
            }
            let (path, to, dotted) = (join(spot.path, name), join(spot.to, name), dot(spot.field, name));
            let row = field(spot.table, name).ok_or_else(|| unclassed(here, &dotted))?;
            let below = Spot { path: &path, to: &to, field: &dotted, ..spot };
            if let Some(value) = self.value(scales, here, below, row, value)? {
                left.insert(name.clone(), value);
            }
        }
        let whole = spot.table.iter().filter(|row| row.required && tree.contains_key(row.name)).all(|row| left.contains_key(row.name));
        if !whole {
            self.restore(spot.path, before);
        }
        Ok(whole.then_some(left))
    }

    fn value(&mut self, scales: &Scales, here: &Here, spot: Spot, row: &'static Field, value: &Value) -> Result<Option<Value>, RedactError> {
        match (row.shape, value) {
            (Shape::One(leaf), value) => Ok(self.leaf(scales, here, spot, row, leaf, value)),
            (Shape::Text, Value::String(_)) => Ok(self.leaf(scales, here, spot, row, Leaf::Line, value)),
            (Shape::Set, Value::Array(terms)) => Ok(self.set(scales, here, spot, row, terms)),
            (Shape::Map(leaf), Value::Object(terms)) => Ok(self.map(scales, here, spot, row, leaf, terms)),
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => self.list(scales, here, Spot { table: inner, entity: row.of, ..spot }, entries),
            (Shape::Group(inner), Value::Object(group)) => {
                let left = self.fields(scales, here, Spot { table: inner, entity: row.of, ..spot }, group)?;
                Ok(left.filter(|left| !left.is_empty()).map(Value::Object))
            }
            _ => Err(unclassed(here, spot.field)),
        }
    }

    fn list(&mut self, scales: &Scales, here: &Here, spot: Spot, entries: &Tree) -> Result<Option<Value>, RedactError> {
        let mut left = Tree::new();
        for (key, entry) in entries {
            let entry = entry.as_object().ok_or_else(|| unclassed(here, spot.field))?;
            let new = new_key(scales, here, key);
            let (path, to) = (join(spot.path, key), join(spot.to, &new));
            let out = spot.out.or_else(|| out_of_entry(scales, here, &spot, &path, entry));
            let went = self.fields(scales, here, Spot { path: &path, to: &to, out, ..spot }, entry)?;
            if let Some(went) = went.filter(|went| out.is_none() && (!went.is_empty() || entry.is_empty())) {
                left.insert(new, Value::Object(went));
                self.entries.insert(path, to);
            }
        }
        Ok((!left.is_empty()).then_some(Value::Object(left)))
    }

    fn set(&mut self, scales: &Scales, here: &Here, spot: Spot, row: &'static Field, terms: &[Value]) -> Option<Value> {
        let mut left = Vec::new();
        for term in terms {
            let (path, to) = (join(spot.path, term.as_str().unwrap_or_default()), join(spot.to, term.as_str().unwrap_or_default()));
            left.extend(self.leaf(scales, here, Spot { path: &path, to: &to, ..spot }, row, Leaf::Term, term));
        }
        left.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        (!left.is_empty()).then_some(Value::Array(left))
    }

    fn map(&mut self, scales: &Scales, here: &Here, spot: Spot, row: &'static Field, leaf: Leaf, terms: &Tree) -> Option<Value> {
        let mut left = Tree::new();
        for (term, value) in terms {
            let (path, to) = (join(spot.path, term), join(spot.to, term));
            if let Some(value) = self.leaf(scales, here, Spot { path: &path, to: &to, ..spot }, row, leaf, value) {
                left.insert(term.clone(), value);
            }
        }
        (!left.is_empty()).then_some(Value::Object(left))
    }

    fn leaf(&mut self, scales: &Scales, here: &Here, spot: Spot, row: &'static Field, leaf: Leaf, value: &Value) -> Option<Value> {
        let matter = Matter { entity: spot.entity, field: row, leaf, path: spot.path };
        let weighed = match spot.out {
            Some(reason) => Weighed::Withheld(reason),
            None => weigh(scales, here, &matter, value),
        };
        let outcome = weighed.outcome();
        self.fates.push(Fate { path: spot.path.into(), to: spot.to.into(), field: spot.field.into(), outcome, entity: spot.entity, row });
        if let Weighed::Numbered(handle) = &weighed {
            self.numbered.push((spot.to.to_owned(), handle.clone()));
        }
        let went = weighed.value();
        if went.is_some() {
            self.points.extend(pointed_at(leaf, value, went.as_ref()));
        }
        went
    }

    /// Nothing below a path goes after all.
    fn restore(&mut self, path: &str, (fates, points, numbered): (usize, usize, usize)) {
        self.nothing_goes(fates, Reason::Incomplete);
        self.points.truncate(points);
        self.numbered.truncate(numbered);
        let below = join(path, "");
        self.entries.retain(|entry, _| !entry.starts_with(&below));
    }
}

impl Here<'_> {
    /// Tells whether a path lies in a decision about liberty that stands.
    pub fn is_standing_verdict(&self, path: &str) -> bool {
        path.strip_prefix("meta/verdicts/").and_then(|rest| rest.split('/').next()).is_some_and(|key| self.verdicts.contains(key))
    }
}

fn here<'a>(scales: &Scales, found: &Found<'a>) -> Here<'a> {
    let people = scales.admitted.subjects(&found.line.id).clone();
    Here {
        found: *found,
        closed: scales.admitted.is_closed(&found.line.id),
        people,
        shared: found.kind == Kind::Trial && has_others(&found.body.tree, scales.admitted),
        verdicts: standing_verdicts(found.kind, found.body),
    }
}

fn unclassed(here: &Here, field: &str) -> RedactError {
    RedactError::Unclassed { kind: here.found.kind.code(), field: field.to_owned() }
}

fn dot(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}

fn leaf_of(shape: Shape) -> Leaf {
    match shape {
        Shape::One(leaf) | Shape::Map(leaf) => leaf,
        Shape::Set => Leaf::Term,
        _ => Leaf::Line,
    }
}

/// The key by which an entry goes: the random one it has, or one that says nothing.
pub fn new_key(scales: &Scales, here: &Here, key: &str) -> String {
    let random = key.len() >= RANDOM_KEY && key.bytes().all(|b| b.is_ascii_hexdigit());
    let kept = scales.rules.internal == super::profile::Gate::Open || (random && !scales.rules.pseudonyms);
    if kept { key.to_owned() } else { scales.pseudonyms.entry(&here.found.line.id, key) }
}

/// Why an entry does not go: it is about somebody else, or nobody says about whom.
fn out_of_entry(scales: &Scales, here: &Here, spot: &Spot, path: &str, entry: &Tree) -> Option<Reason> {
    let of_one = matches!(spot.entity, "party" | "charge" | "outcome" | "accused_checks");
    if !of_one || scales.rules.internal == super::profile::Gate::Open {
        return None;
    }
    let voices = here.found.body.voices.get(&join(path, "person")).into_iter().flatten().map(|voice| &voice.value);
    let people: Vec<&str> = entry.get("person").into_iter().chain(voices).filter_map(Value::as_str).collect();
    let unnamed = people.is_empty() && (here.shared || matches!(spot.entity, "party" | "accused_checks"));
    let others = people.iter().any(|person| !scales.admitted.is_in(person));
    (unnamed || others).then_some(Reason::OtherPeople)
}

/// Ids of records to which a value that goes points.
fn pointed_at(leaf: Leaf, value: &Value, went: Option<&Value>) -> Option<String> {
    match leaf {
        Leaf::Ref => value.as_str().map(str::to_owned),
        Leaf::Place => went?.get("record").and(value.get("record")).and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}
