//! The bounded scanner: reads one change as written by somebody else before Automerge sees it, in one pass and with
//! memory that its own bytes bound. Only the form that this program writes is taken (docs/formats/change.md); nothing is inflated,
//! nothing is applied, nothing is known here of other changes.

mod bytes;
mod columns;
mod ops;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use bytes::Bytes;
pub(super) use ops::{Action, Key, Op, OpId};

/// Most bytes of one change.
pub const MAX_CHANGE_BYTES: usize = 1024 * 1024;
/// Most operations of one change.
pub const MAX_CHANGE_OPS: u64 = 250_000;
/// Most changes that one change builds on directly.
pub const MAX_DEPS: usize = 128;
/// Most actors, its own not counted, that one change names.
pub const MAX_ACTORS: usize = 2_200;
/// Most bytes of the name of a field, term or key.
pub const MAX_KEY_BYTES: usize = 256;
/// Most bytes of the message of a change.
pub const MAX_MESSAGE_BYTES: usize = 256;
/// Most bytes of one value; a letter of a narrative is one value.
pub const MAX_VALUE_BYTES: usize = 256 * 1024;
/// Most operations that one change takes the place of.
pub const MAX_PREDS: u64 = 250_000;
/// Largest counter of an operation: forty times that of a full record.
pub const MAX_COUNTER: u64 = 2_000_000;

/// What a change says of itself. Its operations are sound by themselves; whether they fit what came before is for
/// [`super::examine`].
#[derive(Clone, PartialEq, Eq)]
pub struct Scanned {
    pub hash: [u8; 32],
    /// Hashes of the changes it builds on, ascending.
    pub deps: Vec<[u8; 32]>,
    /// 64 hex digits.
    pub actor: String,
    /// Counter of the first operation.
    pub start_op: u64,
    /// Number of operations.
    pub ops: u64,
    /// Counter of the last operation; one less than the first when there is none.
    pub last_op: u64,
    /// Claimed seconds since 1970.
    pub time: i64,
    pub message: Option<String>,
    /// Whether it begins a record: the only change without deps.
    pub creates: bool,
    /// What the record calls itself, where this change says it.
    pub kind: Option<String>,
    pub(super) body: Vec<Op>,
    /// Actors that the operations name; the first is its own.
    pub(super) actors: Vec<[u8; 32]>,
}

impl Scanned {
    /// Tells whether the counter goes on where the changes it builds on ended, as every honest writer's does.
    pub fn follows(&self, deps_last_op: impl Iterator<Item = u64>) -> bool {
        deps_last_op.max().unwrap_or(0).checked_add(1) == Some(self.start_op)
    }
}

impl fmt::Debug for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanned").field("hash", &hex::encode(self.hash)).field("start_op", &self.start_op).field("ops", &self.ops).finish_non_exhaustive()
    }
}

/// Why bytes are not taken as a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ScanError {
    #[error("no change chunk")]
    NotAChange,
    #[error("a deflated or other chunk")]
    ChunkType,
    #[error("the checksum does not fit")]
    Checksum,
    #[error("longer than a change may be")]
    TooLong,
    #[error("a length goes beyond the end")]
    Length,
    #[error("a number is not written in its shortest form, or too large")]
    Number,
    #[error("bytes behind the last column")]
    Trailing,
    #[error("text is not UTF-8")]
    Text,
    #[error("deps are not ascending and distinct")]
    Deps,
    #[error("builds on too many changes")]
    TooManyDeps,
    #[error("an actor is not 32 bytes")]
    Actor,
    #[error("other actors are not ascending, distinct, and each used")]
    Actors,
    #[error("names too many actors")]
    TooManyActors,
    #[error("not the first change of its actor")]
    Sequence,
    #[error("the counter is zero or too large")]
    Counter,
    #[error("the message is too long")]
    Message,
    #[error("columns are not ascending, known, and plain")]
    Columns,
    #[error("runs are not as long as they could be")]
    Runs,
    #[error("columns have different lengths")]
    Uneven,
    #[error("too many operations")]
    TooManyOps,
    #[error("takes the place of too many operations")]
    TooManyPreds,
    #[error("a key is empty or too long")]
    Key,
    #[error("an operation that this format does not have")]
    Action,
    #[error("a value that this format does not have")]
    Value,
    #[error("an operation names one that cannot have been before it")]
    Reference,
    #[error("replaced operations are not ascending and distinct")]
    Preds,
}

impl ScanError {
    /// Returns the stable code, e.g. `checksum`.
    pub fn code(self) -> &'static str {
        use ScanError as E;
        match self {
            E::NotAChange => "not-a-change",
            E::ChunkType => "chunk-type",
            E::Checksum => "checksum",
            E::TooLong => "too-long",
            E::Length => "length",
            E::Number => "number",
            E::Trailing => "trailing",
            E::Text => "text",
            E::Deps => "deps",
            E::TooManyDeps => "too-many-deps",
            E::Actor => "actor",
            E::Actors => "actors",
            E::TooManyActors => "too-many-actors",
            E::Sequence => "sequence",
            E::Counter => "counter",
            E::Message => "message",
            E::Columns => "columns",
            E::Runs => "runs",
            E::Uneven => "uneven",
            E::TooManyOps => "too-many-ops",
            E::TooManyPreds => "too-many-preds",
            E::Key => "key",
            E::Action => "action",
            E::Value => "value",
            E::Reference => "reference",
            E::Preds => "preds",
        }
    }

    /// Tells whether a smaller change of the same form would have been taken.
    pub fn is_limit(self) -> bool {
        use ScanError as E;
        matches!(self, E::TooLong | E::TooManyDeps | E::TooManyActors | E::Counter | E::Message | E::TooManyOps | E::TooManyPreds | E::Key)
    }
}

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// A plain change; 0 is a document, 2 a deflated change, 3 a bundle.
const CHANGE: u8 = 1;

/// Reads exactly one change in its plain canonical form.
///
/// # Errors
/// Returns the first rule that the bytes break.
pub fn scan(bytes: &[u8]) -> Result<Scanned, ScanError> {
    if bytes.len() > MAX_CHANGE_BYTES {
        return Err(ScanError::TooLong);
    }
    let (hash, content) = chunk(bytes)?;
    let mut content = Bytes(content);
    let deps = deps(&mut content)?;
    let own = actor(&mut content)?;
    if content.unsigned()? != 1 {
        return Err(ScanError::Sequence);
    }
    let start_op = content.unsigned()?;
    let time = content.signed()?;
    let message = message(&mut content)?;
    let actors = actors(&mut content, own)?;
    let (body, kind) = ops::read(&mut content, start_op, &actors)?;
    let ops = body.len() as u64;
    let (actor, creates) = (hex::encode(own), deps.is_empty());
    Ok(Scanned { hash, deps, actor, start_op, ops, last_op: start_op - 1 + ops, time, message, creates, kind, body, actors })
}

/// Returns the hash by which others would name these bytes, were they a change.
pub(super) fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes.get(8..).unwrap_or_default()).into()
}

/// Checks what stands around the content: magic, checksum, type and length.
fn chunk(bytes: &[u8]) -> Result<([u8; 32], &[u8]), ScanError> {
    let mut rest = Bytes(bytes.strip_prefix(&MAGIC).ok_or(ScanError::NotAChange)?);
    let checksum = rest.take(4)?;
    let hash: [u8; 32] = Sha256::digest(rest.0).into();
    if rest.take(1)? != [CHANGE] {
        return Err(ScanError::ChunkType);
    }
    let length = rest.length()?;
    let content = rest.take(length)?;
    match (rest.0.is_empty(), hash.starts_with(checksum)) {
        (false, _) => Err(ScanError::Trailing),
        (_, false) => Err(ScanError::Checksum),
        _ => Ok((hash, content)),
    }
}

fn deps(content: &mut Bytes<'_>) -> Result<Vec<[u8; 32]>, ScanError> {
    let count = content.length()?;
    if count > MAX_DEPS {
        return Err(ScanError::TooManyDeps);
    }
    let deps: Vec<[u8; 32]> = (0..count).map(|_| content.hash()).collect::<Result<_, _>>()?;
    if deps.is_sorted_by(|a, b| a < b) { Ok(deps) } else { Err(ScanError::Deps) }
}

fn actor(content: &mut Bytes<'_>) -> Result<[u8; 32], ScanError> {
    let length = content.length()?;
    if length == 32 { content.hash() } else { Err(ScanError::Actor) }
}

fn message(content: &mut Bytes<'_>) -> Result<Option<String>, ScanError> {
    let length = content.length()?;
    if length > MAX_MESSAGE_BYTES {
        return Err(ScanError::Message);
    }
    let text = content.text(length)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Its own actor, then the others in ascending order.
fn actors(content: &mut Bytes<'_>, own: [u8; 32]) -> Result<Vec<[u8; 32]>, ScanError> {
    let count = content.length()?;
    if count > MAX_ACTORS {
        return Err(ScanError::TooManyActors);
    }
    let others: Vec<[u8; 32]> = (0..count).map(|_| actor(content)).collect::<Result<_, _>>()?;
    if !others.is_sorted_by(|a, b| a < b) || others.contains(&own) {
        return Err(ScanError::Actors);
    }
    Ok([vec![own], others].concat())
}
