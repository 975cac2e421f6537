//! The header of a parcel: who, where in the chain, when by their own clock, and what is inside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ParcelError, StrictError, strict};
use crate::crypto::DeviceId;

/// Version of the header.
const VERSION: u64 = 1;

/// Everything that is signed. Hashes and random bytes stand as lower-case hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub v: u64,
    pub casebook: String,
    pub epoch: u64,
    pub device: DeviceId,
    /// Eight random bytes, new after a restore.
    pub chain: String,
    /// Position in the chain, from 0.
    pub n: u64,
    /// Header hash of the parcel before; none at the start of a chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    pub nonce: String,
    /// Heads of the membership log its author knew.
    pub log: Vec<String>,
    /// Chain heads of other devices whose parcels are durable here, as far as changed since n-1.
    pub seen: BTreeMap<String, Vec<String>>,
    /// Evidence records all of whose sealed pieces are durable here, as far as new since n-1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whole: Vec<String>,
    /// The author's store is to be wiped after this: it is not to be counted among those who hold anything.
    #[serde(default, skip_serializing_if = "is_false")]
    pub leaving: bool,
    /// Claimed seconds since 1970.
    pub time: i64,
    /// The command that saved this parcel together with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<With>,
    /// Names of keys that a reader must understand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crit: Vec<String>,
    pub items: Vec<Item>,
    /// Keys of newer versions.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Part `k` of `of` parcels that one command saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct With {
    pub id: String,
    pub k: u64,
    pub of: u64,
}

/// What one item is: its kind with what belongs to it, its length in bytes and its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    #[serde(flatten)]
    pub kind: ItemKind,
    pub length: u64,
    pub sha256: String,
}

/// The kinds of item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ItemKind {
    /// One Automerge change of one record, with its hash and the hashes it builds on.
    Change { record: String, change: String, deps: Vec<String> },
    /// An operation of the membership log.
    Log,
    /// Keys for whoever can open the file.
    Keys,
}

impl Header {
    /// Writes the header as it is signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a header has only text keys")
    }

    /// Reads a header strictly.
    ///
    /// # Errors
    /// Returns what has two meanings, is missing, or is critical and not understood.
    pub fn from_bytes(bytes: &[u8]) -> Result<Header, ParcelError> {
        let value = strict(bytes)?;
        let header: Header = serde_json::from_value(value).map_err(|error| StrictError(error.to_string()))?;
        let hex_fits = is_hex(&header.casebook, 32)
            && is_hex(&header.chain, 8)
            && is_hex(&header.nonce, 16)
            && header.prev.as_deref().is_none_or(|prev| is_hex(prev, 32))
            && header.log.iter().all(|head| is_hex(head, 32))
            && header.seen.iter().all(|(device, heads)| is_hex(device, 32) && heads.iter().all(|head| is_hex(head, 32)))
            && header.whole.iter().all(|record| is_hex(record, 32))
            && header.with.as_ref().is_none_or(|with| is_hex(&with.id, 8))
            && header.items.iter().all(Item::is_hex);
        let changes = header.items.iter().filter(|item| matches!(item.kind, ItemKind::Change { .. })).count();
        match () {
            () if header.v != VERSION => Err(ParcelError::Version),
            () if !header.crit.is_empty() => Err(ParcelError::Version),
            () if !hex_fits => Err(StrictError("a hash is not lower-case hex".into()).into()),
            () if changes > 1 => Err(StrictError("more than one change".into()).into()),
            () if (header.n == 0) != header.prev.is_none() => Err(StrictError("a chain begins with 0".into()).into()),
            () => Ok(header),
        }
    }
}

impl Item {
    fn is_hex(&self) -> bool {
        let kind = match &self.kind {
            ItemKind::Change { record, change, deps } => [record, change].into_iter().chain(deps).all(|hash| is_hex(hash, 32)),
            ItemKind::Log | ItemKind::Keys => true,
        };
        kind && is_hex(&self.sha256, 32)
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == 2 * bytes && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
