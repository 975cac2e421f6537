//! Adding and changing records: from a draft to a durable parcel.

use serde_json::Value;

use super::Session;
use crate::doc::{Author, Document};
use crate::error::Error;
use crate::model::draft::{self, Fault, judge, normalise, terms_used};
use crate::model::shape::{Leaf, Shape};
use crate::model::tree::{addition, each_leaf, each_leaf_mut, field, value_at};
use crate::model::value::Key;
use crate::model::{Field, Kind, Tree, vocabulary};
use crate::sys::chance::{Chance, draw};
use crate::vault::{Authors, Body, Entry, Line, Pending, Ticket, VaultError, author, line_of};

/// Whose words a record is, when somebody else records them.
#[derive(Clone, Debug, Default)]
pub(super) struct Voiced {
    pub by: Option<String>,
    /// Claimed seconds since 1970.
    pub at: Option<i64>,
}

impl Session {
    /// Adds records, all or none; returns their ids in order.
    ///
    /// # Errors
    /// Returns [`Error::Draft`] with every fault of every draft, or [`Error::RoleForbids`]; then nothing is saved.
    pub fn add(&mut self, drafts: &[(Kind, Value)]) -> Result<Vec<String>, Error> {
        let trees = self.checked(drafts)?;
        self.save_new(unvoiced(trees))
    }

    /// Adds records and changes another one, all or nothing; returns the ids of the new ones in order.
    ///
    /// # Errors
    /// As [`Session::add`] and [`Session::edit`].
    pub(super) fn add_and_edit(&mut self, drafts: &[(Kind, Value)], given: &str, patch: &Value) -> Result<Vec<String>, Error> {
        let new = unvoiced(self.checked(drafts)?);
        let line = self.resolve_own(given)?;
        let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
        let body = self.record(&line)?.1;
        let tree = self.patched_and_judged(kind, &body.tree, std::slice::from_ref(patch))?;
        let mut pending = self.new_pending(new, 0)?;
        let ids = pending.iter().map(|p| hex::encode(p.record)).collect();
        let ahead = if line.casebook == hex::encode(self.casebook) { pending.len() as u64 } else { 0 };
        pending.extend(self.edit_pending(&line, kind, &body, &tree, &Voiced::default(), ahead)?);
        self.commit(pending)?;
        Ok(ids)
    }

    /// Checks drafts as [`Session::add`] does; nothing is saved.
    pub(super) fn checked(&mut self, drafts: &[(Kind, Value)]) -> Result<Vec<(Kind, Tree)>, Error> {
        let trees = self.judged(drafts)?;
        let mut faults = Vec::new();
        // Where a short code or a term opened the view, every reference is checked against it. Without one, ids given in
        // full are taken as they are: adding does not read the casebook, and a dangling reference is shown as such.
        let checked = if self.view.is_some() && self.reads() { trees.as_slice() } else { &[] };
        for (number, (kind, tree)) in checked.iter().enumerate() {
            let found = self.misplaced(*kind, tree, &Tree::new())?;
            let path = |path: String| if trees.len() == 1 { path } else { format!("{}: {path}", number + 1) };
            faults.extend(found.into_iter().map(|f| Fault { path: path(f.path), ..f }));
        }
        if faults.is_empty() { Ok(trees) } else { Err(Error::Draft { faults }) }
    }

    /// New references to no record here, or to a record of another kind than the field takes.
    fn misplaced(&mut self, kind: Kind, tree: &Tree, before: &Tree) -> Result<Vec<Fault>, Error> {
        let view = self.load()?;
        let kind_of = |id: &str| view.line(id).filter(|line| line.copy_of.is_none()).map(|line| line.kind.clone());
        let mut faults = misplaced(kind.fields(), tree, &kind_of);
        faults.retain(|fault| value_at(before, &fault.path) != value_at(tree, &fault.path));
        Ok(faults)
    }

    /// Checks drafts and gives them the form of records.
    pub(super) fn judged(&mut self, drafts: &[(Kind, Value)]) -> Result<Vec<(Kind, Tree)>, Error> {
        let (mut trees, mut faults) = (Vec::new(), Vec::new());
        for (number, (kind, draft)) in drafts.iter().enumerate() {
            match self.judged_one(*kind, draft)? {
                Ok(tree) => trees.push((*kind, tree)),
                Err(found) if drafts.len() == 1 => faults.extend(found),
                Err(found) => faults.extend(found.into_iter().map(|f| Fault { path: format!("{}: {}", number + 1, f.path), ..f })),
            }
        }
        if faults.is_empty() { Ok(trees) } else { Err(Error::Draft { faults }) }
    }

    fn judged_one(&mut self, kind: Kind, draft: &Value) -> Result<Result<Tree, Vec<Fault>>, Error> {
        let mut draft = draft.clone();
        if let Value::Object(fields) = &mut draft {
            fields.insert("kind".into(), kind.code().into());
        }
        let chance = &mut self.chance;
        let mut tree = match normalise(kind.fields(), &draft, &mut || new_key(&mut **chance)) {
            Ok(tree) => tree,
            Err(fault) => return Ok(Err(vec![fault])),
        };
        self.complete_refs(kind, &mut tree)?;
        let mut faults = judge(kind, &tree);
        if faults.is_empty() {
            faults = self.unknown_terms(kind, &tree)?;
        }
        Ok(if faults.is_empty() { Ok(tree) } else { Err(faults) })
    }

    /// Replaces short codes of records by their ids.
    fn complete_refs(&mut self, kind: Kind, tree: &mut Tree) -> Result<(), Error> {
        let mut short = Vec::new();
        each_leaf_mut(kind.fields(), &mut tree.clone(), "", &mut |_, _, leaf, value| {
            let given = if leaf == Leaf::Ref { value.as_str() } else { value.get("record").and_then(Value::as_str).filter(|_| leaf == Leaf::Place) };
            short.extend(given.filter(|given| given.len() < 64).map(str::to_owned));
        });
        let mut known = std::collections::BTreeMap::new();
        for given in short {
            let id = self.resolve(&given)?.id.clone();
            known.insert(given, id);
        }
        crate::model::tree::map_refs(kind.fields(), tree, &mut |given| known.get(given).cloned());
        Ok(())
    }

    /// Terms that neither the program nor this casebook knows.
    fn unknown_terms(&mut self, kind: Kind, tree: &Tree) -> Result<Vec<Fault>, Error> {
        let shipped = |vocabulary: &str, code: &str| vocabulary.is_empty() || vocabulary::term(vocabulary, code).is_some();
        let unknown: Vec<_> = terms_used(kind.fields(), tree).into_iter().filter(|(_, name, code)| !shipped(name, code)).collect();
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let own = self.own_terms()?;
        let missing = unknown.into_iter().filter(|(_, name, code)| !own.contains(&((*name).to_owned(), code.clone())));
        Ok(missing.map(|(path, name, _)| Fault { path, rule: "unknown-term", of: name.to_owned() }).collect())
    }

    /// Terms this casebook added, as `(vocabulary, code)`.
    fn own_terms(&mut self) -> Result<Vec<(String, String)>, Error> {
        let ids: Vec<String> =
            self.load()?.lines().iter().filter(|line| line.kind == Kind::Vocable.code() && line.copy_of.is_none()).map(|line| line.id.clone()).collect();
        let mut terms = Vec::new();
        for id in ids {
            let body = self.body(&id)?;
            let text = |name: &str| body.tree.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            terms.push((text("vocabulary"), text("code")));
        }
        Ok(terms)
    }

    /// Saves new records whose trees were judged.
    pub(super) fn save_new(&mut self, records: Vec<(Kind, Tree, Voiced)>) -> Result<Vec<String>, Error> {
        let pending = self.new_pending(records, 0)?;
        let ids: Vec<String> = pending.iter().map(|p| hex::encode(p.record)).collect();
        self.commit(pending)?;
        Ok(ids)
    }

    /// Makes new records ready to be saved, behind so many other changes of the same command.
    fn new_pending(&mut self, records: Vec<(Kind, Tree, Voiced)>, ahead: u64) -> Result<Vec<Pending>, Error> {
        self.may_write(&self.casebook, true)?;
        let mut pending = Vec::new();
        for (number, (kind, mut tree, voiced)) in records.into_iter().enumerate() {
            let ticket = self.vault.ticket(&self.casebook, ahead + number as u64, &mut *self.chance)?;
            self.seal_secrets(&self.casebook, kind.fields(), &mut tree)?;
            pending.push(self.created(kind, &tree, &voiced, ticket)?);
        }
        Ok(pending)
    }

    fn commit(&mut self, pending: Vec<Pending>) -> Result<(), Error> {
        let now = self.now();
        self.vault.commit(pending, now.seconds, &mut *self.chance)?;
        self.view = None;
        Ok(())
    }

    /// Saves a record and a second one that points to it, as one command.
    pub(super) fn save_pair(
        &mut self,
        first: (Kind, Tree),
        second: (Kind, &'static str, Tree),
        remember: impl FnOnce(&mut crate::vault::State, &str),
    ) -> Result<(String, String), Error> {
        self.may_write(&self.casebook, true)?;
        let now = self.now();
        let mut tickets = self.vault.tickets(&self.casebook, 2, &mut *self.chance)?.into_iter();
        let (Some(one), Some(two)) = (tickets.next(), tickets.next()) else { return Err(Error::Nothing) };
        let pointed = self.created(first.0, &first.1, &Voiced::default(), one)?;
        let id = hex::encode(pointed.record);
        let (kind, field, mut tree) = second;
        tree.insert(field.to_owned(), id.clone().into());
        let pointing = self.created(kind, &tree, &Voiced::default(), two)?;
        let second_id = hex::encode(pointing.record);
        let before = self.vault.state().clone();
        self.vault.remember(|state| remember(state, &second_id));
        if let Err(error) = self.vault.commit(vec![pointed, pointing], now.seconds, &mut *self.chance) {
            self.vault.remember(|state| *state = before);
            return Err(error.into());
        }
        self.view = None;
        Ok((id, second_id))
    }

    fn created(&self, kind: Kind, tree: &Tree, voiced: &Voiced, ticket: Ticket) -> Result<Pending, Error> {
        let time = voiced.at.unwrap_or(self.now().seconds);
        let made = Author { actor: &ticket.actor, time, message: voiced.by.as_deref() };
        let (document, change) = Document::create(kind.fields(), tree, &made).map_err(VaultError::from)?;
        let handle = voiced.by.clone().unwrap_or_else(|| self.vault.own_handle(&self.casebook));
        let body = Body::new(document.read(), Vec::new(), &|_| handle.clone());
        let id = hex::encode(change.hash);
        let line = line_of(kind, &id, &hex::encode(self.casebook), &body, (&handle, time, time));
        Ok(Pending { ticket, record: change.hash, change, entry: Some(Entry { line, body }), copied: None })
    }

    /// Changes a record by a patch: fields given are set, `null` takes a field away, arrays add entries.
    ///
    /// # Errors
    /// Returns [`Error::Draft`], [`Error::LogChanged`] for a patch that touches an entry of a dated list, [`Error::SeparateCopy`],
    /// or [`Error::RoleForbids`].
    pub fn edit(&mut self, given: &str, patch: &Value) -> Result<String, Error> {
        self.edit_all(given, std::slice::from_ref(patch))
    }

    /// Changes a record by several patches, one after the other, all or none.
    ///
    /// # Errors
    /// As [`Session::edit`].
    pub fn edit_all(&mut self, given: &str, patches: &[Value]) -> Result<String, Error> {
        let line = self.resolve_own(given)?;
        let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
        let body = self.record(&line)?.1;
        let tree = self.patched_and_judged(kind, &body.tree, patches)?;
        self.save_edit(&line, kind, &body, &tree, &Voiced::default())?;
        Ok(line.id)
    }

    /// Tells whether a patch would be taken, without changing anything.
    ///
    /// # Errors
    /// As [`Session::edit`].
    pub fn judge_edit(&mut self, given: &str, patch: &Value) -> Result<(), Error> {
        let line = self.resolve_own(given)?;
        let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
        let before = self.record(&line)?.1.tree;
        self.patched_and_judged(kind, &before, std::slice::from_ref(patch)).map(|_| ())
    }

    fn patched_and_judged(&mut self, kind: Kind, before: &Tree, patches: &[Value]) -> Result<Tree, Error> {
        let chance = &mut self.chance;
        let mut key = || new_key(&mut **chance);
        let tree = patches.iter().fold(before.clone(), |tree, patch| patched(kind.fields(), &tree, patch, &mut key));
        self.judged_edit(kind, before, tree)
    }

    /// Judges an edited record: fields of newer versions may stay, new ones may not come.
    fn judged_edit(&mut self, kind: Kind, before: &Tree, mut tree: Tree) -> Result<Tree, Error> {
        self.complete_refs(kind, &mut tree)?;
        let mut known = tree.clone();
        known.retain(|name, value| name == "kind" || field(kind.fields(), name).is_some() || before.get(name) != Some(value));
        let mut faults = judge(kind, &known);
        if faults.is_empty() {
            faults = self.unknown_terms(kind, &known)?;
            faults.extend(self.misplaced(kind, &known, before)?);
        }
        if faults.is_empty() { Ok(tree) } else { Err(Error::Draft { faults }) }
    }

    /// Saves an edited record; a full one is continued in a successor.
    pub(super) fn save_edit(&mut self, line: &Line, kind: Kind, body: &Body, tree: &Tree, voiced: &Voiced) -> Result<(), Error> {
        let pending = self.edit_pending(line, kind, body, tree, voiced, 0)?;
        self.commit(pending)
    }

    /// Makes an edited record ready to be saved, behind so many other changes of the same command.
    fn edit_pending(&mut self, line: &Line, kind: Kind, body: &Body, tree: &Tree, voiced: &Voiced, ahead: u64) -> Result<Vec<Pending>, Error> {
        let mut tree = tree.clone();
        let casebook = id_bytes(&line.casebook)?;
        self.may_write(&casebook, false)?;
        self.seal_secrets(&casebook, kind.fields(), &mut tree)?;
        let (mut document, mut authors) = self.vault.document(kind, &line.id, body)?;
        if document.is_full(self.caps.0, self.caps.1) {
            let next = successor(line, kind, &body.tree, &tree)?;
            return self.new_pending(vec![(kind, next, Voiced::default())], ahead);
        }
        let now = self.now();
        let time = voiced.at.unwrap_or(now.seconds);
        let last = ahead + document.heads_to_join() as u64;
        let (record, own, ticket) = (id_bytes(&line.id)?, self.vault.own_handle(&casebook), self.vault.ticket(&casebook, last, &mut *self.chance)?);
        let mut pending = Vec::new();
        for number in ahead..last {
            let ticket = self.vault.ticket(&casebook, number, &mut *self.chance)?;
            let made = Author { actor: &ticket.actor, time: now.seconds, message: None };
            let joined = document.join_step(&made).map_err(VaultError::from)?;
            pending.extend(joined.map(|change| Pending { ticket, record, change, entry: None, copied: None }));
        }
        let made = Author { actor: &ticket.actor, time, message: voiced.by.as_deref() };
        let edited = document.edit(&tree, &made).map_err(|error| match error {
            crate::doc::DocError::LogChanged { .. } => Error::LogChanged,
            error => VaultError::from(error).into(),
        })?;
        let Some(change) = edited else { return Err(Error::Nothing) };
        authors.insert(hex::encode(ticket.actor), own);
        let entry = edited_entry(line, kind, &document, &authors, body, time);
        pending.push(Pending { ticket, record, change, entry: Some(entry), copied: None });
        Ok(pending)
    }

    /// Seals every secret that stands open.
    fn seal_secrets(&self, casebook: &[u8; 32], fields: &'static [Field], tree: &mut Tree) -> Result<(), Error> {
        let mut failed = None;
        each_leaf_mut(fields, tree, "", &mut |_, _, leaf, value| {
            if let (Leaf::Secret, Some(text)) = (leaf, value.as_str()) {
                match self.vault.seal_secret(casebook, text) {
                    Ok(sealed) => *value = serde_json::json!({ "sealed": hex::encode(sealed) }),
                    Err(error) => failed = Some(error),
                }
            }
        });
        failed.map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The record in which a full one goes on.
fn successor(line: &Line, kind: Kind, before: &Tree, tree: &Tree) -> Result<Tree, Error> {
    if log_changed(kind.fields(), before, tree) {
        return Err(Error::LogChanged);
    }
    let mut next = addition(kind.fields(), before, tree).ok_or(Error::Full)?;
    if next.is_empty() {
        return Err(Error::Nothing);
    }
    let required = kind.fields().iter().filter(|field| field.required);
    required.for_each(|field| drop(next.insert(field.name.into(), tree[field.name].clone())));
    next.insert("kind".into(), kind.code().into());
    let meta = next.entry("meta").or_insert_with(|| Value::Object(Tree::new()));
    meta["continues"] = line.id.clone().into();
    Ok(next)
}

/// The bytes of an id in hex.
fn id_bytes(id: &str) -> Result<[u8; 32], Error> {
    Ok(hex::decode(id).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(VaultError::NoRecord)?)
}

/// References to no known record, or to one of another kind than the field takes.
pub(super) fn misplaced(fields: &'static [Field], tree: &Tree, kind_of: &dyn Fn(&str) -> Option<String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    each_leaf(fields, tree, &mut |path, field, leaf, value| {
        let (id, kinds) = match leaf {
            Leaf::Ref => (value.as_str(), field.of),
            Leaf::Place => (value.get("record").and_then(Value::as_str), Kind::Place.code()),
            _ => return,
        };
        let Some(id) = id else { return };
        let fault = |rule| Fault { path: path.to_owned(), rule, of: kinds.to_owned() };
        match kind_of(id) {
            None => faults.push(fault("reference")),
            Some(kind) if !kinds.is_empty() && !kinds.split(' ').any(|wanted| wanted == kind) => faults.push(fault("reference-kind")),
            Some(_) => {}
        }
    });
    faults
}

/// Tells whether an entry of a dated list is other than it was, or gone.
fn log_changed(fields: &'static [Field], before: &Tree, after: &Tree) -> bool {
    let logs = fields.iter().filter(|field| matches!(field.shape, Shape::Log(_)));
    let entries =
        logs.flat_map(|field| before.get(field.name).and_then(Value::as_object).into_iter().flatten().map(move |(key, entry)| (field.name, key, entry)));
    entries.into_iter().any(|(list, key, entry)| after.get(list).and_then(|entries| entries.get(key)) != Some(entry))
}

fn edited_entry(line: &Line, kind: Kind, document: &Document, authors: &Authors, before: &Body, time: i64) -> Entry {
    let body = Body::new(document.read(), before.parcels.clone(), &|mark| author(mark, authors));
    let line = line_of(kind, &line.id, &line.casebook, &body, (&line.by, line.created, time));
    Entry { line, body }
}

/// Sixteen random hex digits.
pub(super) fn new_key(chance: &mut dyn Chance) -> Key {
    hex::encode(draw::<8>(chance)).parse().expect("hex digits are a key")
}

/// Applies a patch to a record.
fn patched(fields: &'static [Field], before: &Tree, patch: &Value, new_key: &mut dyn FnMut() -> Key) -> Tree {
    let mut tree = before.clone();
    for (name, value) in patch.as_object().into_iter().flatten() {
        let old = tree.remove(name);
        let new = match (field(fields, name).map(|f| f.shape), value) {
            (_, Value::Null) => None,
            (Some(Shape::Many(_) | Shape::Log(_)), Value::Array(items)) => Some(with_added(fields, name, old, items, new_key)),
            (Some(Shape::Many(inner) | Shape::Log(inner)), Value::Object(entries)) => Some(with_changed(inner, old, entries, new_key)),
            (Some(Shape::Map(_)), Value::Object(terms)) => Some(with_terms(old, terms)),
            (Some(Shape::Group(inner)), group) => {
                Some(Value::Object(patched(inner, old.as_ref().and_then(Value::as_object).unwrap_or(&Tree::new()), group, new_key)))
            }
            (Some(Shape::Set), Value::Array(_)) => {
                draft::normalise(fields, &serde_json::json!({ name: value }), new_key).ok().and_then(|mut tree| tree.remove(name))
            }
            (_, value) => Some(value.clone()),
        };
        let empty = |value: &Value| value.as_object().is_some_and(Tree::is_empty);
        tree.extend(new.filter(|value| !empty(value)).map(|value| (name.clone(), value)));
    }
    tree
}

fn with_added(fields: &'static [Field], name: &str, old: Option<Value>, items: &[Value], new_key: &mut dyn FnMut() -> Key) -> Value {
    let mut entries = old.and_then(|old| old.as_object().cloned()).unwrap_or_default();
    let added = normalise(fields, &serde_json::json!({ name: items }), new_key).ok().and_then(|mut tree| tree.remove(name));
    match added {
        Some(Value::Object(added)) => entries.extend(added),
        _ => return Value::Array(items.to_vec()),
    }
    Value::Object(entries)
}

fn with_changed(inner: &'static [Field], old: Option<Value>, changes: &Tree, new_key: &mut dyn FnMut() -> Key) -> Value {
    let mut entries = old.and_then(|old| old.as_object().cloned()).unwrap_or_default();
    for (key, change) in changes {
        let before = entries.remove(key);
        if !change.is_null() {
            let before = before.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
            entries.insert(key.clone(), Value::Object(patched(inner, &before, change, new_key)));
        }
    }
    Value::Object(entries)
}

fn with_terms(old: Option<Value>, terms: &Tree) -> Value {
    let mut merged = old.and_then(|old| old.as_object().cloned()).unwrap_or_default();
    for (term, value) in terms {
        match value {
            Value::Null => drop(merged.remove(term)),
            value => drop(merged.insert(term.clone(), value.clone())),
        }
    }
    Value::Object(merged)
}

/// What nobody disagrees on.
fn unvoiced(trees: Vec<(Kind, Tree)>) -> Vec<(Kind, Tree, Voiced)> {
    trees.into_iter().map(|(kind, tree)| (kind, tree, Voiced::default())).collect()
}
