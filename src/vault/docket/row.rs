//! One line of the docket: the facts of one parcel as its header and its judge gave them.

use serde::{Deserialize, Serialize};

use super::super::view::Kept;
use crate::crypto::DeviceId;
use crate::parcel::{self, Header, ItemKind, Parcel};

/// A hash: of a header, a change, an operation, a file or a casebook, or the id of a record.
pub type Hash = [u8; 32];

/// What is known of one parcel. Nothing here depends on other parcels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Header hash.
    pub id: Hash,
    /// Name of the sealed file that holds it.
    pub file: Hash,
    /// Public key of the epoch that this file is sealed to; zeros where it is sealed to listed devices.
    pub under: Hash,
    pub casebook: Hash,
    pub device: Hash,
    pub chain: [u8; 8],
    pub n: u64,
    pub prev: Option<Hash>,
    pub nonce: [u8; 16],
    /// Heads of the membership log its author knew.
    pub log: Vec<Hash>,
    /// Chain heads of other devices that its author declared durable.
    pub seen: Vec<(Hash, Vec<Hash>)>,
    /// Evidence records that its author declared to have whole.
    pub whole: Vec<Hash>,
    /// Its author's store is to be wiped.
    pub leaving: bool,
    /// Claimed seconds since 1970.
    pub time: i64,
    pub what: What,
    pub judged: Judged,
}

/// What a parcel carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// One change of one record.
    Change { record: Hash, change: Hash, deps: Vec<Hash> },
    /// One operation of the membership log, by its id; perhaps with keys, as the genesis has.
    Log { operation: Hash },
    /// Keys for whoever can open the file.
    Keys,
    /// Nothing: it only says what its author has seen.
    Receipt,
}

/// What the judge of changes found. It depends on the parcel and its ancestors alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Judged {
    /// Not looked at yet.
    Pending,
    Sound,
    /// Never to be taken, with the code of the reason.
    Refused(String),
    /// The judge did not finish: tried again later.
    Held(String),
}

impl Row {
    /// Takes the facts of a parcel in a sealed file; `operation` is the id of the operation that it carries. `None` when a hash is none,
    /// or when it carries more than one thing.
    pub fn of(parcel: &Parcel, (file, under): (Hash, Hash), operation: Option<Hash>) -> Option<Row> {
        let header = &parcel.header;
        Some(Row {
            id: parcel.id(),
            file,
            under,
            casebook: hash_of(&header.casebook)?,
            device: *header.device.as_bytes(),
            chain: hex::decode(&header.chain).ok()?.try_into().ok()?,
            n: header.n,
            prev: header.prev.as_deref().map_or(Some(None), |prev| hash_of(prev).map(Some))?,
            nonce: hex::decode(&header.nonce).ok()?.try_into().ok()?,
            log: hashes(&header.log)?,
            seen: header.seen.iter().map(|(device, heads)| Some((hash_of(device)?, hashes(heads)?))).collect::<Option<_>>()?,
            whole: hashes(&header.whole)?,
            leaving: header.leaving,
            time: header.time,
            what: what(header, operation)?,
            judged: Judged::Pending,
        })
    }

    /// Returns the device that signed it.
    pub fn author(&self) -> DeviceId {
        DeviceId::from_bytes(self.device)
    }

    /// Leaves out what could help to guess the content: a device that reads nothing keeps only this of what it saved.
    pub fn stripped(self) -> Row {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.chain);
        Row { time: 0, nonce, seen: Vec::new(), whole: Vec::new(), ..self }
    }

    /// Tells whether it is such a line.
    pub fn is_stripped(&self) -> bool {
        self.time == 0 && self.nonce[..8] == self.chain && self.nonce[8..] == [0; 8]
    }

    /// Returns where it lies.
    pub fn kept(&self) -> Kept {
        Kept { file: hex::encode(self.file), id: hex::encode(self.id) }
    }

    /// Returns the Automerge actor of its change.
    pub fn actor(&self) -> Hash {
        parcel::actor(&self.casebook, &self.author(), self.n, &self.nonce)
    }

    /// Returns record, change and deps, where it carries a change.
    pub fn change(&self) -> Option<(&Hash, &Hash, &[Hash])> {
        match &self.what {
            What::Change { record, change, deps } => Some((record, change, deps)),
            _ => None,
        }
    }
}

fn what(header: &Header, operation: Option<Hash>) -> Option<What> {
    let kinds: Vec<&ItemKind> = header.items.iter().map(|item| &item.kind).collect();
    match (kinds.as_slice(), operation) {
        ([], None) => Some(What::Receipt),
        ([ItemKind::Keys], None) => Some(What::Keys),
        ([ItemKind::Log] | [ItemKind::Log, ItemKind::Keys], Some(operation)) => Some(What::Log { operation }),
        ([ItemKind::Change { record, change, deps }], None) => Some(What::Change { record: hash_of(record)?, change: hash_of(change)?, deps: hashes(deps)? }),
        _ => None,
    }
}

/// Reads a hash from its 64 hex digits.
pub fn hash_of(hex: &str) -> Option<Hash> {
    hex::decode(hex).ok()?.try_into().ok()
}

fn hashes(hex: &[String]) -> Option<Vec<Hash>> {
    hex.iter().map(|hash| hash_of(hash)).collect()
}
