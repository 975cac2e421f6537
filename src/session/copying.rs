//! What was recorded before joining, copied into the casebook that was joined: change by change, with the claimed times, and
//! with the signed header of each original. Once; the own casebook stays as it is.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Session;
use crate::doc::{self, Author, Document};
use crate::error::Error;
use crate::model::shape::Leaf;
use crate::model::tree::{each_leaf_mut, map_refs};
use crate::model::{Kind, Tree};
use crate::vault::{Authors, Body, Copied, Entry, Hash, Pending, Standing, VaultError, author, line_of};

/// A record on its way: the old document, and the new one with its id.
struct Copy {
    kind: Kind,
    old: Document,
    new: Document,
    id: Hash,
    authors: Authors,
    /// Place of its last change among those to be saved.
    last: usize,
}

impl Session {
    /// Copies the records of this vault's own casebook into the chosen one; returns how many. A second time copies none.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing was copied.
    pub(super) fn copy_own(&mut self) -> Result<u64, Error> {
        let own = self.vault.keyring().casebooks.iter().find(|book| book.name.is_none()).map(|book| book.id);
        let Some(own) = own.filter(|own| *own != self.casebook && !self.vault.has_copied(&self.casebook)) else { return Ok(0) };
        let rows = self.vault.docket()?.rows().filter(|(row, standing)| row.casebook == own && row.change().is_some() && **standing == Standing::Accepted);
        let rows: Vec<_> = rows.map(|(row, _)| row.clone()).collect();
        let mut copying = Copying { session: self, copies: HashMap::new(), ids: HashMap::new(), secrets: HashMap::new(), pending: Vec::new() };
        for row in &rows {
            copying.copy(row)?;
        }
        let (pending, count) = copying.finish();
        let now = self.now();
        self.vault.commit_copies(pending, &self.casebook, now.seconds, &mut *self.chance)?;
        self.view = None;
        Ok(count)
    }
}

struct Copying<'a> {
    session: &'a mut Session,
    copies: HashMap<Hash, Copy>,
    /// New ids by old ones, in hex.
    ids: HashMap<String, String>,
    /// Secrets sealed anew, by what was sealed before: one secret stays one value.
    secrets: HashMap<String, Value>,
    pending: Vec<Pending>,
}

impl Copying<'_> {
    fn copy(&mut self, row: &crate::vault::Row) -> Result<(), Error> {
        let (bytes, copied) = self.session.vault.original(row)?;
        let (_, mark) = doc::describe(&bytes).map_err(VaultError::from)?;
        let Some((record, ..)) = row.change() else { return Ok(()) };
        match self.copies.remove(record) {
            Some(copy) => self.go_on(*record, copy, &bytes, &mark, copied),
            None => self.begin(*record, &bytes, &mark, copied),
        }
    }

    fn begin(&mut self, record: Hash, bytes: &[u8], mark: &doc::Mark, copied: Copied) -> Result<(), Error> {
        let Some((kind, old)) = Document::open_any([bytes]).map_err(VaultError::from)? else { return Ok(()) };
        let tree = self.translated(kind, old.read().tree)?;
        let ticket = self.session.vault.ticket(&self.session.casebook, self.pending.len() as u64, &mut *self.session.chance)?;
        let made = Author { actor: &ticket.actor, time: mark.at, message: mark.message.as_deref() };
        let (new, change) = Document::create(kind.fields(), &tree, &made).map_err(VaultError::from)?;
        let id = change.hash;
        self.ids.insert(hex::encode(record), hex::encode(id));
        let authors = Authors::from([(hex::encode(ticket.actor), self.session.vault.own_handle(&self.session.casebook))]);
        self.copies.insert(record, Copy { kind, old, new, id, authors, last: self.pending.len() });
        self.pending.push(Pending { ticket, record: id, change, entry: None, copied: Some(copied) });
        Ok(())
    }

    fn go_on(&mut self, record: Hash, mut copy: Copy, bytes: &[u8], mark: &doc::Mark, copied: Copied) -> Result<(), Error> {
        copy.old.take(bytes).map_err(VaultError::from)?;
        let tree = self.translated(copy.kind, copy.old.read().tree)?;
        let ticket = self.session.vault.ticket(&self.session.casebook, self.pending.len() as u64, &mut *self.session.chance)?;
        let made = Author { actor: &ticket.actor, time: mark.at, message: mark.message.as_deref() };
        if let Some(change) = copy.new.edit(&tree, &made).map_err(VaultError::from)? {
            copy.authors.insert(hex::encode(ticket.actor), self.session.vault.own_handle(&self.session.casebook));
            copy.last = self.pending.len();
            self.pending.push(Pending { ticket, record: copy.id, change, entry: None, copied: Some(copied) });
        }
        self.copies.insert(record, copy);
        Ok(())
    }

    /// References to the copies, secrets for the register of the casebook that was joined.
    fn translated(&mut self, kind: Kind, mut tree: Tree) -> Result<Tree, Error> {
        map_refs(kind.fields(), &mut tree, &mut |id| self.ids.get(id).cloned());
        let continued = tree.get("meta").and_then(|meta| meta.get("continues")).and_then(Value::as_str).and_then(|id| self.ids.get(id)).cloned();
        if let (Some(id), Some(meta)) = (continued, tree.get_mut("meta")) {
            meta["continues"] = id.into();
        }
        let (vault, casebook, secrets) = (&self.session.vault, self.session.casebook, &mut self.secrets);
        let mut failed = None;
        each_leaf_mut(kind.fields(), &mut tree, "", &mut |_, _, leaf, value| {
            let Some(sealed) = value.get("sealed").and_then(Value::as_str).filter(|_| leaf == Leaf::Secret).map(str::to_owned) else { return };
            if !secrets.contains_key(&sealed) {
                let text = hex::decode(&sealed).ok().and_then(|bytes| vault.open_secret(bytes));
                let Some(text) = text else { return };
                match vault.seal_secret(&casebook, &text) {
                    Ok(anew) => drop(secrets.insert(sealed.clone(), json!({ "sealed": hex::encode(anew) }))),
                    Err(error) => failed = Some(error),
                }
            }
            if let Some(anew) = secrets.get(&sealed) {
                *value = anew.clone();
            }
        });
        failed.map_or(Ok(tree), |error| Err(error.into()))
    }

    /// Shows each record with its last change.
    fn finish(mut self) -> (Vec<Pending>, u64) {
        let casebook = hex::encode(self.session.casebook);
        let count = self.copies.len() as u64;
        for copy in self.copies.into_values() {
            let handle = |mark: &doc::Mark| author(mark, &copy.authors);
            let (body, marks) = (Body::new(copy.new.read(), Vec::new(), &handle), copy.new.marks());
            let (first, last) = (marks.first().cloned().unwrap_or_default(), marks.last().cloned().unwrap_or_default());
            let line = line_of(copy.kind, &hex::encode(copy.id), &casebook, &body, (&handle(&first), first.at, last.at));
            self.pending[copy.last].entry = Some(Entry { line, body });
        }
        (self.pending, count)
    }
}
