//! One record as one Automerge document. The only importer of automerge: no other module knows how a record merges.
//! Never sealed here, never signed here, never stored here.

pub mod examine;
mod read;
pub mod scan;
mod write;

use std::collections::BTreeMap;

use automerge::transaction::CommitOptions;
use automerge::{ActorId, Automerge, Change, ReadDoc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::model::Kind;
use crate::model::shape::Field;
use crate::model::tree::{Path, Tree};

pub use examine::{Examined, Hold, Refusal, Verdict, View, examine};
pub use read::compare;
pub use scan::{MAX_DEPS, ScanError, Scanned, scan};

/// Most operations a record may hold before a successor record continues it.
pub const MAX_OPS: u64 = 50_000;
/// Most changes a record may hold before a successor record continues it.
pub const MAX_CHANGES: u64 = 2_000;

/// What can go wrong between a record and its document.
#[derive(Debug, thiserror::Error)]
pub enum DocError {
    #[error("the change does not fit its record: {0}")]
    Automerge(#[from] automerge::AutomergeError),
    #[error("the bytes are no change")]
    NotAChange,
    #[error("changes are missing before this one")]
    Orphan,
    #[error("an entry of the log {path} was changed")]
    LogChanged { path: Path },
    #[error("the change was damaged on its way")]
    Damaged,
    /// Nobody would take what was about to be written.
    #[error("the change would not be taken by others: {0}")]
    TooLarge(ScanError),
}

/// Who makes a change and when, as claimed.
#[derive(Clone, Debug)]
pub struct Author<'a> {
    /// Fresh for every parcel; 32 bytes.
    pub actor: &'a [u8; 32],
    /// Seconds since 1970.
    pub time: i64,
    /// Whose words these are when somebody else records them, e.g. the author of an import.
    pub message: Option<&'a str>,
}

/// One change as it travels: its bytes, its hash and the hashes it builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeBytes {
    pub bytes: Vec<u8>,
    pub hash: [u8; 32],
    pub deps: Vec<[u8; 32]>,
}

/// One of several values that stand side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// Stable on every device: 16 hex digits.
    pub id: String,
    pub value: Value,
    pub mark: Mark,
}

/// Who wrote a value: actor in hex, claimed seconds since 1970, and whose words they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub actor: String,
    pub at: i64,
    pub message: Option<String>,
}

/// A record as read from its document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// One value for each path: the one Automerge puts first where several stand.
    pub tree: Tree,
    /// Every voice of each contested path.
    pub voices: BTreeMap<Path, Vec<Voice>>,
    /// Who wrote each entry of a log.
    pub entries: BTreeMap<Path, Mark>,
}

/// A step in the history of a record.
#[derive(Clone, Debug)]
pub struct Step {
    pub mark: Mark,
    pub hash: [u8; 32],
    /// Paths that this change set or took away, with the value before and after.
    pub edits: Vec<Edit>,
}

/// Where a value was set or taken away, with the value before and after.
pub type Edit = (Path, Option<Value>, Option<Value>);

/// The document of one record.
#[derive(Clone, Debug)]
pub struct Document {
    inner: Automerge,
    fields: &'static [Field],
}

impl Document {
    /// Makes the document of a new record; its id is the hash of the returned change.
    ///
    /// # Errors
    /// Returns what Automerge refused.
    pub fn create(fields: &'static [Field], tree: &Tree, author: &Author) -> Result<(Self, ChangeBytes), DocError> {
        let mut document = Document { inner: Automerge::new(), fields };
        let change = document.commit(author, |tx| write::create(tx, fields, tree))?;
        change.map(|change| (document, change)).ok_or(DocError::NotAChange)
    }

    /// Opens a record from its changes, in any order.
    ///
    /// # Errors
    /// Returns [`DocError::NotAChange`] for bytes that are no change, [`DocError::Orphan`] when some are missing.
    pub fn open<'a>(fields: &'static [Field], changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, DocError> {
        let parsed: Result<Vec<Change>, DocError> = changes.into_iter().map(parse).collect();
        let mut inner = Automerge::new();
        let parsed = parsed?;
        inner.apply_changes(parsed)?;
        // Changes that wait for others are kept aside by Automerge and name what they wait for.
        if inner.get_missing_deps(&[]).is_empty() { Ok(Document { inner, fields }) } else { Err(DocError::Orphan) }
    }

    /// Opens a record of the kind that it names in itself; `None` for a kind this version does not know.
    ///
    /// # Errors
    /// As [`Document::open`].
    pub fn open_any<'a>(changes: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<(Kind, Self)>, DocError> {
        let document = Document::open(&[], changes)?;
        let named = document.inner.get(automerge::ROOT, "kind")?;
        let kind = named.and_then(|(value, _)| value.as_str().and_then(Kind::named));
        Ok(kind.map(|kind| (kind, Document { fields: kind.fields(), ..document })))
    }

    /// Takes another change of this record in.
    ///
    /// # Errors
    /// As [`Document::open`].
    pub fn take(&mut self, change: &[u8]) -> Result<(), DocError> {
        let change = parse(change)?;
        let hash = change.hash();
        self.inner.apply_changes([change])?;
        self.inner.get_change_by_hash(&hash).map(|_| ()).ok_or(DocError::Orphan)
    }

    /// Writes the difference between what the record says and `tree`; `None` when there is none.
    ///
    /// Fields this version does not know stay as they are. Entries of logs can be added, never changed.
    ///
    /// # Errors
    /// Returns [`DocError::LogChanged`] when `tree` changes or drops an entry of a log, [`DocError::TooLarge`] when others
    /// would not take the change; the record then stays as it was.
    pub fn edit(&mut self, tree: &Tree, author: &Author) -> Result<Option<ChangeBytes>, DocError> {
        let before = self.read().tree;
        let (known, wanted) = (write::known(self.fields, &before), write::known(self.fields, tree));
        write::check_logs(self.fields, &known, &wanted)?;
        if known == wanted {
            return Ok(None);
        }
        let fields = self.fields;
        self.commit(author, |tx| write::edit(tx, fields, &before, tree))
    }

    fn commit(
        &mut self,
        author: &Author,
        write: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> Result<(), DocError>,
    ) -> Result<Option<ChangeBytes>, DocError> {
        let before = self.inner.get_heads();
        if before.len() > MAX_DEPS {
            return Err(DocError::TooLarge(ScanError::TooManyDeps));
        }
        self.inner.set_actor(ActorId::from(author.actor.as_slice()));
        let mut tx = self.inner.transaction();
        write(&mut tx)?;
        tx.commit_with(options(author));
        // Two trees can differ in nothing that is written, as an empty list and none.
        let bytes = self.inner.save_after(&before);
        if bytes.is_empty() {
            return Ok(None);
        }
        let change = written(bytes);
        if change.is_err() {
            self.inner = self.inner.fork_at(&before)?;
        }
        change.map(Some)
    }

    /// Returns how many joining changes must be written before the record can be edited: none as long as it has at most
    /// [`MAX_DEPS`] newest changes.
    pub fn heads_to_join(&self) -> usize {
        self.inner.get_heads().len().saturating_sub(MAX_DEPS).div_ceil(MAX_DEPS - 1)
    }

    /// Joins newest changes by an empty one when there are too many for an edit to name; `None` when there are not.
    /// Each step is a change of its own, by an actor of its own.
    ///
    /// # Errors
    /// Returns what Automerge refused.
    pub fn join_step(&mut self, author: &Author) -> Result<Option<ChangeBytes>, DocError> {
        let heads = self.inner.get_heads();
        if heads.len() <= MAX_DEPS {
            return Ok(None);
        }
        let mut part = self.inner.fork_at(&heads[..MAX_DEPS])?;
        part.set_actor(ActorId::from(author.actor.as_slice()));
        let hash = part.empty_commit(options(author));
        let change = part.get_change_by_hash(&hash).ok_or(DocError::NotAChange)?;
        let joined = written(change.raw_bytes().to_vec())?;
        self.inner.apply_changes([change])?;
        Ok(Some(joined))
    }

    /// Reads the record with every voice.
    pub fn read(&self) -> Reading {
        read::read(&self.inner, self.fields)
    }

    /// Returns who made each change, in causal order.
    pub fn marks(&self) -> Vec<Mark> {
        read::marks_in_order(&self.inner)
    }

    /// Returns the hashes of the newest changes.
    pub fn heads(&self) -> Vec<[u8; 32]> {
        self.inner.get_heads().iter().map(|head| head.0).collect()
    }

    /// Tells whether the record is full and wants a successor.
    pub fn is_full(&self, max_ops: u64, max_changes: u64) -> bool {
        let stats = self.inner.stats();
        stats.num_ops >= max_ops || stats.num_changes >= max_changes
    }

    /// Returns every change in causal order with what it did.
    pub fn history(&self) -> Vec<Step> {
        read::history(&self.inner, self.fields)
    }

    /// Returns the bytes of the whole document as Automerge saves it.
    pub fn save(&self) -> Vec<u8> {
        self.inner.save()
    }
}

fn options(author: &Author) -> CommitOptions {
    let options = CommitOptions::default().with_time(author.time);
    author.message.into_iter().fold(options, |options, message| options.with_message(message))
}

/// A change as it was just written, which others must be able to take.
fn written(bytes: Vec<u8>) -> Result<ChangeBytes, DocError> {
    let scanned = scan(&bytes).map_err(DocError::TooLarge)?;
    Ok(ChangeBytes { hash: scanned.hash, deps: scanned.deps, bytes })
}

/// Reads bytes as exactly one whole change in its plain form: nothing behind it, nothing compressed.
fn parse(bytes: &[u8]) -> Result<Change, DocError> {
    if !has_its_checksum(bytes) {
        return Err(DocError::NotAChange);
    }
    let change = Change::from_bytes(bytes.to_vec()).map_err(|_| DocError::NotAChange)?;
    if change.raw_bytes() == bytes { Ok(change) } else { Err(DocError::NotAChange) }
}

/// Tells whether the bytes are those that were written: four of magic, four of the SHA-256 of all that follows.
/// Automerge itself reads a single change without comparing them.
fn has_its_checksum(bytes: &[u8]) -> bool {
    let parts = bytes.split_at_checked(4).and_then(|(_, rest)| rest.split_at_checked(4));
    parts.is_some_and(|(checksum, body)| Sha256::digest(body).starts_with(checksum))
}

/// Returns hash, deps, actor and claimed time of a change, as the header of its parcel must repeat them. Automerge has no
/// part in this: the bytes may come from anybody.
///
/// # Errors
/// Returns [`DocError::NotAChange`] for anything else, and for a change over the limits of [`scan`].
pub fn describe(bytes: &[u8]) -> Result<(ChangeBytes, Mark), DocError> {
    let scanned = scan(bytes).map_err(|_| DocError::NotAChange)?;
    let mark = Mark { actor: scanned.actor, at: scanned.time, message: scanned.message };
    Ok((ChangeBytes { hash: scanned.hash, deps: scanned.deps, bytes: bytes.to_vec() }, mark))
}
