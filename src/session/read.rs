//! Finding, listing and showing records.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Adopted, Session};
use crate::doc::Step;
use crate::error::Error;
use crate::model::shape::Leaf;
use crate::model::tree::{each_leaf, each_leaf_mut, map_refs};
use crate::model::{Kind, Tree, short};
use crate::names;
use crate::vault::{Body, Line, VaultError, author};

/// Hex digits in a row that nobody wrote: the shortest key of an entry.
const HEX_RUN: usize = 16;
/// How the text of an age identity begins.
const KEY: &str = "AGE-SECRET-KEY-";
/// Fields of evidence that only open its sealed pieces: neither shown nor exported.
pub(super) const OPENING_FIELDS: &[&str] = &["identity", "chunks", "reply_identity", "reply_secret"];

/// A record with everything somebody may want to see of it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub line: Line,
    pub kind: Kind,
    /// Secrets opened for keepers, continuations taken in.
    pub tree: Tree,
    pub body: Body,
    /// What of it counts because an admin adopted it.
    pub adopted: Vec<Adopted>,
    /// Separate copies of it.
    pub copies: Vec<String>,
}

/// A stored record without its long runs of hex digits and without keys: ids, ciphertext and secrets, in which every short
/// number would be found.
fn readable(row: &str) -> String {
    let mut text = String::with_capacity(row.len());
    let mut run = 0;
    for c in row.chars() {
        text.push(c);
        run = if c.is_ascii_hexdigit() { run + 1 } else { 0 };
        if run == HEX_RUN {
            text.truncate(text.len() - HEX_RUN);
        } else if run > HEX_RUN {
            text.pop();
        }
    }
    let mut parts = text.split(KEY);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()))
}

/// A short code as somebody meant it: upper case, and letters that look like digits as digits after the hyphen.
pub(super) fn code_as_meant(given: &str) -> String {
    let upper = given.to_uppercase();
    let Some((letter, symbols)) = upper.split_once('-') else { return upper };
    let symbol = |c: char| match c {
        'O' | 'О' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    format!("{letter}-{}", symbols.chars().map(symbol).collect::<String>())
}

impl Session {
    /// Finds a record by id, short code, the beginning of one, the id an importer knew it by, or the code of an incident.
    ///
    /// # Errors
    /// Returns [`Error::NoRecord`], or [`Error::Ambiguous`] with the candidates.
    pub fn resolve(&mut self, given: &str) -> Result<&Line, Error> {
        if !self.reads() {
            return Err(VaultError::Unread.into());
        }
        let wanted = given.trim().to_owned();
        let code = code_as_meant(&wanted);
        let casebook = hex::encode(self.casebook);
        let view = self.load()?;
        let mut found: Vec<&Line> = view.line(&wanted).into_iter().filter(|line| line.casebook == casebook).collect();
        let mut or_else = |matches: &dyn Fn(&Line) -> bool| {
            if found.is_empty() {
                found = view.lines().iter().filter(|line| line.casebook == casebook && matches(line)).collect();
            }
        };
        let coded = |line: &Line| line.kind == Kind::Incident.code() && line.title == wanted && line.copy_of.is_none();
        or_else(&|line| line.origin.as_deref() == Some(&wanted) || coded(line));
        or_else(&|line| code.len() >= 4 && short(&line.kind, &line.id).starts_with(&code));
        or_else(&|line| wanted.len() >= 8 && line.id.starts_with(&wanted));
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(Error::NoRecord { given: wanted }),
            several => {
                let candidates = several.iter().take(8).map(|line| short(&line.kind, &line.id)).collect();
                Err(Error::Ambiguous { given: wanted, candidates })
            }
        }
    }

    /// Finds a record that may be changed, as [`Session::resolve`] does.
    ///
    /// # Errors
    /// Returns [`Error::SeparateCopy`] for a separate copy.
    pub(super) fn resolve_own(&mut self, given: &str) -> Result<Line, Error> {
        let line = self.resolve(given)?;
        if line.copy_of.is_none() { Ok(line.clone()) } else { Err(Error::SeparateCopy) }
    }

    /// Returns the lines of a kind in this casebook without the separate copies: what counts.
    ///
    /// # Errors
    /// As [`Session::list`].
    pub(super) fn recorded(&mut self, kind: Option<Kind>) -> Result<Vec<Line>, Error> {
        Ok(self.list(kind)?.into_iter().filter(|line| line.copy_of.is_none()).collect())
    }

    /// Returns how many separate copies stand in this casebook: they are in no figure and in no export.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn separate_copies(&mut self) -> Result<u64, Error> {
        let casebook = hex::encode(self.casebook);
        Ok(self.load()?.lines().iter().filter(|line| line.casebook == casebook && line.copy_of.is_some()).count() as u64)
    }

    /// Returns the lines of a kind in this casebook, oldest first; continuations stand under the record they continue, separate
    /// copies by themselves.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn list(&mut self, kind: Option<Kind>) -> Result<Vec<Line>, Error> {
        let casebook = hex::encode(self.casebook);
        let wanted = |line: &&Line| line.casebook == casebook && kind.is_none_or(|kind| line.kind == kind.code()) && line.continues.is_none();
        let lines: Vec<Line> = self.load()?.lines().iter().filter(wanted).cloned().collect();
        let whole = |line: Line| if self.load()?.is_continued(&line.id) { self.record(&line).map(|(line, _)| line) } else { Ok(line) };
        lines.into_iter().map(whole).collect()
    }

    /// Returns the name by which lists show a record; its short code when it has none.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn name_of(&mut self, id: &str) -> Result<String, Error> {
        let named = self.load()?.line(id).map(|line| if line.title.is_empty() { short(&line.kind, &line.id) } else { line.title.clone() });
        Ok(named.unwrap_or_else(|| id.chars().take(12).collect()))
    }

    /// Finds records by words in any of the three spellings: in names, codes and titles, then anywhere in the record.
    ///
    /// # Errors
    /// Returns [`Error::Nothing`] for an empty search.
    pub fn find(&mut self, words: &str) -> Result<Vec<Line>, Error> {
        let folded = names::fold(words);
        if folded.trim().is_empty() {
            return Err(Error::Nothing);
        }
        let casebook = hex::encode(self.casebook);
        let (vault, view) = self.parts()?;
        let mut found: Vec<Line> = view.lines().iter().filter(|line| line.casebook == casebook && names::contains(&line.keys, &folded)).cloned().collect();
        if found.is_empty() {
            let wanted = |line: &Line, row: &str| line.casebook == casebook && names::contains(&names::fold(&readable(row)), &folded);
            found = vault.lines_where(view, &wanted)?.into_iter().cloned().collect();
        }
        let first = |line: Line| line.continues.as_deref().and_then(|id| view.line(id)).cloned().unwrap_or(line);
        let mut seen = std::collections::BTreeSet::new();
        Ok(found.into_iter().map(first).filter(|line| seen.insert(line.id.clone())).collect())
    }

    /// Returns the body of a record.
    pub(super) fn body(&mut self, id: &str) -> Result<Body, Error> {
        let (vault, view) = self.parts()?;
        Ok(vault.body(view, id)?)
    }

    /// Returns every record of this casebook with its body, without separate copies.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn bodies(&mut self, kind: Option<Kind>) -> Result<Vec<(Line, Body)>, Error> {
        let casebook = hex::encode(self.casebook);
        let (vault, view) = self.parts()?;
        let mut found = Vec::new();
        vault.each_body(view, &mut |line, body| {
            if line.casebook == casebook && line.copy_of.is_none() && kind.is_none_or(|kind| line.kind == kind.code()) {
                found.push((line.clone(), body));
            }
        })?;
        Ok(found)
    }

    /// Returns a record with everything to see of it.
    ///
    /// # Errors
    /// As [`Session::resolve`].
    pub fn show(&mut self, given: &str) -> Result<Shown, Error> {
        let line = self.resolve(given)?.clone();
        let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
        let (line, body) = self.record(&line)?;
        let mut tree = body.tree.clone();
        self.open_secrets(kind, &mut tree);
        OPENING_FIELDS.iter().for_each(|name| drop(tree.remove(*name)));
        let adopted = self.adopted_in(&line.id)?;
        let copies = self.load()?.lines().iter().filter(|other| other.copy_of.as_ref() == Some(&line.id)).map(|copy| copy.id.clone()).collect();
        Ok(Shown { line, kind, tree, body, adopted, copies })
    }

    /// Writes every reference of a record as short code and name, for people to read.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn with_names(&mut self, shown: &Shown) -> Result<Tree, Error> {
        let view = self.load()?;
        let named = |id: &str| {
            let line = view.line(id)?;
            Some(format!("{} {}", short(&line.kind, &line.id), line.title).trim_end().to_owned())
        };
        let mut tree = shown.tree.clone();
        map_refs(shown.kind.fields(), &mut tree, &mut |id| named(id));
        Ok(tree)
    }

    /// Opens the secrets of a record where this device is a keeper.
    pub(super) fn open_secrets(&self, kind: Kind, tree: &mut Tree) {
        each_leaf_mut(kind.fields(), tree, "", &mut |_, _, leaf, value| {
            let sealed = value.get("sealed").and_then(Value::as_str).and_then(|text| hex::decode(text).ok());
            if let (Leaf::Secret, Some(sealed)) = (leaf, sealed)
                && let Some(text) = self.vault.open_secret(sealed)
            {
                *value = Value::String(text);
            }
        });
    }

    /// Returns the texts of all sealed secrets that this device opens, by their sealed form.
    pub(super) fn opened_secrets(&self, all: &[(Line, Body)]) -> BTreeMap<String, String> {
        let mut opened = BTreeMap::new();
        let mut take = |value: &Value| {
            let sealed = value.get("sealed").and_then(Value::as_str);
            let text = sealed.and_then(|sealed| self.vault.open_secret(hex::decode(sealed).ok()?));
            opened.extend(sealed.map(str::to_owned).zip(text));
        };
        for (line, body) in all {
            let fields = Kind::named(&line.kind).map_or(&[][..], |kind| kind.fields());
            each_leaf(fields, &body.tree, &mut |_, _, leaf, value| {
                if leaf == Leaf::Secret {
                    take(value)
                }
            });
            body.voices.values().flatten().for_each(|voice| take(&voice.value));
        }
        opened
    }

    /// Returns the history of a record: each change with its author and what it did.
    ///
    /// # Errors
    /// As [`Session::resolve`].
    pub fn history(&mut self, given: &str) -> Result<Vec<(String, Step)>, Error> {
        let line = self.resolve(given)?.clone();
        let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
        let parts = self.load()?.lines().iter().filter(|part| part.id == line.id || part.continues.as_ref() == Some(&line.id));
        let parts: Vec<String> = parts.map(|part| part.id.clone()).collect();
        let mut steps = Vec::new();
        for part in parts {
            let body = self.body(&part)?;
            let (document, authors) = self.vault.document(kind, line.copy_of.as_ref().unwrap_or(&part), &body)?;
            steps.extend(document.history().into_iter().map(|step| (author(&step.mark, &authors), step)));
        }
        Ok(steps)
    }
}
