//! Records as JSON Lines, out and in. What goes out comes in again unchanged: figures, qualifiers, voices of sources,
//! authors and times; importing twice adds nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Session;
use super::read::OPENING_FIELDS;
use super::write::{Voiced, misplaced, new_key};
use crate::error::Error;
use crate::model::draft::{Fault, normalise};
use crate::model::shape::Leaf;
use crate::model::tree::{each_leaf_mut, map_refs, value_at};
use crate::model::{Kind, Tree};
use crate::vault::{Body, Line, Progress, VaultError};

/// Records saved in one transaction.
const RECORDS_A_BATCH: usize = 256;

/// What an export leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub records: u64,
    /// Secrets of the register, left out unless asked for.
    pub secrets_withheld: u64,
    /// Attached files, which are no part of a JSON export.
    pub files_withheld: u64,
    /// Separate copies of records, which are no records.
    pub copies_withheld: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    pub new: u64,
    pub known: u64,
    /// Ids known before whose content differs; nothing of them was taken.
    pub differing: Vec<String>,
}

/// A line of an import.
struct Incoming {
    id: String,
    kind: Kind,
    tree: Value,
    voiced: Voiced,
    /// Who wrote which entries of dated lists, by path.
    entries: BTreeMap<String, Voiced>,
}

impl Session {
    /// Writes every record as a line of JSON.
    ///
    /// # Errors
    /// Returns why the view does not open, or what `write` returned.
    pub fn export(&mut self, with_secrets: bool, write: &mut dyn FnMut(&str) -> Result<(), Error>) -> Result<Exported, Error> {
        let origins = self.origins()?;
        let mut records = self.bodies(None)?;
        let shown = |line: &Line| line.origin.clone().unwrap_or_else(|| line.id.clone());
        records.sort_by_key(|(line, _)| (Kind::named(&line.kind), shown(line)));
        let mut exported = Exported { copies_withheld: self.separate_copies()?, ..Exported::default() };
        for (line, body) in records {
            let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
            let row = self.exported_row(kind, &line, body, &shown(&line), &origins, with_secrets, &mut exported);
            exported.records += 1;
            write(&row.to_string())?;
        }
        Ok(exported)
    }

    #[allow(clippy::too_many_arguments)]
    fn exported_row(
        &self,
        kind: Kind,
        line: &Line,
        body: Body,
        id: &str,
        origins: &BTreeMap<String, String>,
        with_secrets: bool,
        exported: &mut Exported,
    ) -> Value {
        let mut tree = body.tree;
        if kind == Kind::Evidence {
            exported.files_withheld += u64::from(tree.contains_key("chunks"));
            OPENING_FIELDS.iter().for_each(|name| drop(tree.remove(*name)));
        }
        if with_secrets {
            self.open_secrets(kind, &mut tree);
        }
        exported.secrets_withheld += drop_sealed(kind, &mut tree);
        map_refs(kind.fields(), &mut tree, &mut |id| origins.get(id).cloned());
        drop_origin(&mut tree);
        let mut row = Tree::new();
        row.insert("id".into(), id.into());
        row.insert("by".into(), line.by.clone().into());
        row.insert("at".into(), line.created.into());
        let strange = body.entries.iter().filter(|(_, mark)| mark.by != line.by || mark.at != line.created);
        let entries: Tree = strange.map(|(path, mark)| (path.clone(), json!({ "by": mark.by, "at": mark.at }))).collect();
        if !entries.is_empty() {
            row.insert("entries".into(), Value::Object(entries));
        }
        if !body.voices.is_empty() {
            row.insert("voices".into(), json!(body.voices));
        }
        row.extend(tree);
        Value::Object(row)
    }

    /// Takes records in: all lines are checked before the first is saved.
    ///
    /// # Errors
    /// Returns [`Error::NotJson`] with the line, [`Error::Draft`] with every fault; then nothing is saved.
    pub fn import(&mut self, text: &str, progress: &mut dyn Progress) -> Result<Imported, Error> {
        let mut incoming = self.incoming(text)?;
        let mut imported = Imported::default();
        let mut known = self.known_ids()?;
        self.check_all(&incoming, &known)?;
        incoming = self.without_known(incoming, &known, &mut imported)?;
        let all = incoming.len() as u64;
        for batch in batches(incoming)? {
            imported.new += batch.len() as u64;
            self.save_incoming(batch, &mut known)?;
            progress.at(imported.new, all);
        }
        Ok(imported)
    }

    fn incoming(&mut self, text: &str) -> Result<Vec<Incoming>, Error> {
        let mut incoming = Vec::new();
        for (number, row) in text.lines().enumerate().filter(|(_, row)| !row.trim().is_empty()) {
            let mut value: Value = serde_json::from_str(row).map_err(|error| Error::NotJson { line: number + 1, column: error.column() })?;
            let faulty = |rule| Error::Draft { faults: vec![Fault { path: format!("{}", number + 1), rule, of: String::new() }] };
            let fields = value.as_object_mut().ok_or_else(|| faulty("object"))?;
            let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
            let id = text(fields.remove("id")).filter(|id| id.parse::<crate::model::value::Code>().is_ok()).ok_or_else(|| faulty("id"))?;
            let kind = text(fields.remove("kind")).and_then(|kind| Kind::named(&kind)).ok_or_else(|| faulty("kind"))?;
            let voiced = Voiced { by: text(fields.remove("by")), at: fields.remove("at").and_then(|at| at.as_i64()) };
            let marks = fields.remove("entries").unwrap_or_default();
            let mark =
                |(path, mark): (&String, &Value)| (path.clone(), Voiced { by: text(mark.get("by").cloned()), at: mark.get("at").and_then(Value::as_i64) });
            let entries = marks.as_object().into_iter().flatten().map(mark).collect();
            if fields.remove("voices").is_some() {
                return Err(faulty("voices"));
            }
            let chance = &mut self.chance;
            let tree = normalise(kind.fields(), &value, &mut || new_key(&mut **chance))
                .map_err(|fault| Error::Draft { faults: vec![Fault { path: format!("{id}: {}", fault.path), ..fault }] })?;
            incoming.push(Incoming { id, kind, tree: Value::Object(tree), voiced, entries });
        }
        let mut seen = BTreeSet::new();
        match incoming.iter().find(|line| !seen.insert(line.id.clone())) {
            Some(twice) => Err(Error::Draft { faults: vec![Fault { path: twice.id.clone(), rule: "id-twice", of: String::new() }] }),
            None => Ok(incoming),
        }
    }

    /// The id by which an importer knew a record, by its id here.
    fn origins(&mut self) -> Result<BTreeMap<String, String>, Error> {
        Ok(self.load()?.lines().iter().filter_map(|line| Some((line.id.clone(), line.origin.clone()?))).collect())
    }

    /// Ids by which records are known here, with the record each one means.
    fn known_ids(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let casebook = hex::encode(self.casebook);
        let lines = self.load()?.lines().iter().filter(|line| line.casebook == casebook && line.copy_of.is_none());
        Ok(lines.flat_map(|line| [(line.id.clone(), line.id.clone()), (line.origin.clone().unwrap_or_else(|| line.id.clone()), line.id.clone())]).collect())
    }

    /// Judges every line with made-up ids in its references, and every reference by name.
    fn check_all(&mut self, incoming: &[Incoming], known: &BTreeMap<String, String>) -> Result<(), Error> {
        let ids: BTreeMap<&str, Kind> = incoming.iter().map(|line| (line.id.as_str(), line.kind)).collect();
        let mut faults = Vec::new();
        let view = self.load()?;
        let kind_of = |id: &str| ids.get(id).map(|kind| kind.code().to_owned()).or_else(|| view.line(known.get(id)?).map(|line| line.kind.clone()));
        for line in incoming {
            let tree = line.tree.as_object().cloned().unwrap_or_default();
            let found = misplaced(line.kind.fields(), &tree, &kind_of).into_iter().filter(|fault| fault.rule == "reference-kind");
            faults.extend(found.map(|f| Fault { path: format!("{}: {}", line.id, f.path), ..f }));
        }
        for line in incoming {
            let unknown = refs_of(line).into_iter().filter(|id| !ids.contains_key(id.as_str()) && !known.contains_key(id) && id.len() != 64);
            faults.extend(unknown.map(|id| Fault { path: format!("{}: {id}", line.id), rule: "reference", of: String::new() }));
            let mut draft = line.tree.clone();
            place_ids(line.kind, &mut draft, &|_| "0".repeat(64));
            if let Err(Error::Draft { faults: found }) = self.judged(&[(line.kind, draft)]) {
                faults.extend(found.into_iter().map(|f| Fault { path: format!("{}: {}", line.id, f.path), ..f }));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Draft { faults }) }
    }

    /// Sets aside the lines whose id is known: the same ones as known, others as differing.
    fn without_known(&mut self, incoming: Vec<Incoming>, known: &BTreeMap<String, String>, imported: &mut Imported) -> Result<Vec<Incoming>, Error> {
        let origins = self.origins()?;
        let mut new = Vec::new();
        for line in incoming {
            let Some(id) = known.get(&line.id) else {
                new.push(line);
                continue;
            };
            let mut tree = self.body(id)?.tree;
            map_refs(line.kind.fields(), &mut tree, &mut |id| origins.get(id).cloned());
            drop_origin(&mut tree);
            if line.kind == Kind::Evidence {
                OPENING_FIELDS.iter().for_each(|name| drop(tree.remove(*name)));
            }
            let mut opened = tree.clone();
            self.open_secrets(line.kind, &mut opened);
            drop_sealed(line.kind, &mut tree);
            let same = says_the_same(line.kind, &opened, &line.tree) || says_the_same(line.kind, &tree, &line.tree);
            if same { imported.known += 1 } else { imported.differing.push(line.id) }
        }
        Ok(new)
    }

    /// Saves lines all of whose references are known, and then what other people added to them.
    fn save_incoming(&mut self, ready: Vec<Incoming>, known: &mut BTreeMap<String, String>) -> Result<(), Error> {
        let (mut records, mut rest) = (Vec::new(), Vec::new());
        for line in &ready {
            let mut draft = line.tree.clone();
            place_ids(line.kind, &mut draft, &|id| known.get(id).cloned().unwrap_or_else(|| id.to_owned()));
            let full = self.judged(&[(line.kind, draft)])?.remove(0).1;
            let full = with_origin(full, &line.id);
            let (base, steps) = by_author(&full, &line.entries);
            records.push((line.kind, base, line.voiced.clone()));
            rest.push(steps);
        }
        let ids = self.save_new(records)?;
        for ((line, id), steps) in ready.iter().zip(&ids).zip(rest) {
            known.insert(line.id.clone(), id.clone());
            for (voiced, tree) in steps {
                let shown = self.resolve(id)?.clone();
                let body = self.body(id)?;
                self.save_edit(&shown, line.kind, &body, &tree, &voiced)?;
            }
        }
        Ok(())
    }
}

/// Puts lines in an order in which each points only to earlier ones, in batches of one transaction each.
fn batches(mut incoming: Vec<Incoming>) -> Result<Vec<Vec<Incoming>>, Error> {
    let mut batches = Vec::new();
    while !incoming.is_empty() {
        let waiting: BTreeSet<String> = incoming.iter().map(|line| line.id.clone()).collect();
        let (mut ready, mut later): (Vec<_>, Vec<_>) = incoming.into_iter().partition(|line| refs_of(line).iter().all(|id| !waiting.contains(id)));
        if ready.is_empty() {
            return Err(Error::Draft { faults: vec![Fault { path: later[0].id.clone(), rule: "circular", of: String::new() }] });
        }
        later.splice(0..0, ready.split_off(ready.len().min(RECORDS_A_BATCH)));
        batches.push(ready);
        incoming = later;
    }
    Ok(batches)
}

/// References of a line, as the importer names them.
fn refs_of(line: &Incoming) -> Vec<String> {
    let mut found = Vec::new();
    let mut tree = line.tree.as_object().cloned().unwrap_or_default();
    map_refs(line.kind.fields(), &mut tree, &mut |id| {
        found.push(id.to_owned());
        None
    });
    found
}

fn place_ids(kind: Kind, draft: &mut Value, id: &dyn Fn(&str) -> String) {
    if let Value::Object(tree) = draft {
        map_refs(kind.fields(), tree, &mut |given| Some(id(given)));
    }
}

fn with_origin(mut tree: Tree, id: &str) -> Tree {
    let meta = tree.entry("meta").or_insert_with(|| Value::Object(Tree::new()));
    meta["origin"] = id.into();
    tree
}

fn drop_origin(tree: &mut Tree) {
    let Some(Value::Object(meta)) = tree.get_mut("meta") else { return };
    meta.remove("origin");
    if meta.is_empty() {
        tree.remove("meta");
    }
}

/// Drops secrets that stand sealed and says how many.
fn drop_sealed(kind: Kind, tree: &mut Tree) -> u64 {
    let mut sealed = Vec::new();
    each_leaf_mut(kind.fields(), tree, "", &mut |path, _, leaf, value| {
        if leaf == Leaf::Secret && value.get("sealed").is_some() {
            sealed.push(path.to_owned());
        }
    });
    sealed.iter().for_each(|path| remove(tree, path));
    sealed.len() as u64
}

fn remove(tree: &mut Tree, path: &str) {
    match path.split_once('/') {
        None => drop(tree.remove(path)),
        Some((name, below)) => {
            if let Some(Value::Object(inner)) = tree.get_mut(name) {
                remove(inner, below);
            }
        }
    }
}

/// Parts a record by who wrote the entries of its dated lists: what its maker wrote, then what each other added, by time.
fn by_author(full: &Tree, entries: &BTreeMap<String, Voiced>) -> (Tree, Vec<(Voiced, Tree)>) {
    let mut groups: BTreeMap<(i64, String), Vec<&String>> = BTreeMap::new();
    for (path, voiced) in entries.iter().filter(|(path, _)| value_at(full, path).is_some()) {
        groups.entry((voiced.at.unwrap_or_default(), voiced.by.clone().unwrap_or_default())).or_default().push(path);
    }
    let mut steps = Vec::new();
    let mut tree = full.clone();
    for ((at, by), paths) in groups.into_iter().rev() {
        steps.push((Voiced { by: Some(by).filter(|by| !by.is_empty()), at: Some(at) }, tree.clone()));
        paths.into_iter().for_each(|path| remove(&mut tree, path));
        tree.retain(|_, value| !value.as_object().is_some_and(Tree::is_empty));
    }
    steps.reverse();
    (tree, steps)
}

/// Compares what is known with a line, keys of entries given as lists apart.
fn says_the_same(kind: Kind, known: &Tree, line: &Value) -> bool {
    let mut number = 0;
    let mut counted = || {
        number += 1;
        format!("k{number}").parse().expect("a counted key is a key")
    };
    let normal = |value: &Value, new_key: &mut dyn FnMut() -> crate::model::value::Key| crate::model::draft::normalise(kind.fields(), value, new_key).ok();
    let mut stated = normal(line, &mut counted).unwrap_or_default();
    stated.insert("kind".into(), kind.code().into());
    let without_lists = |tree: &Tree| shape_only(&Value::Object(tree.clone()));
    stated == *known || without_lists(&stated) == without_lists(known)
}

/// The record with its entries as sorted lists, for comparing entries whose keys were drawn at import.
fn shape_only(value: &Value) -> Value {
    match value {
        Value::Object(fields) if !fields.is_empty() && fields.values().all(Value::is_object) => {
            let mut items: Vec<Value> = fields.values().map(shape_only).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), shape_only(value))).collect()),
        other => other.clone(),
    }
}
