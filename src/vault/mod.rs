//! The encrypted store of one device: keyring, sealed parcels, and caches made from them.
//! Parcels are the truth; everything else but the keyring can be made again. Bytes: `docs/formats/vault.md`.

mod addressing;
mod admitting;
mod aside;
mod backup;
mod check;
mod closing;
mod docket;
mod envelope;
mod error;
mod founding;
mod handing;
mod holding;
mod joining;
mod judging;
mod keyring;
mod line;
mod logs;
mod mailboxes;
mod opening;
mod reading;
mod rebuild;
mod receiving;
mod recovering;
mod resealing;
mod rolling;
mod saving;
mod sealing;
mod seen;
mod store;
mod view;
mod writing;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use aside::Out;
pub use backup::Restored;
pub use check::{Examined, Progress, Silent, chunk_names};
pub use closing::OldEpoch;
pub use docket::{Aside, Chains, Claimed, Claims, Forked, Gap, Hash, Judged, Row, Standing, Uncounted, Waits, What, hash_of};
use docket::{Docket, Logs};
pub use envelope::Envelope;
pub use error::{Damage, VaultError};
pub use founding::Founding;
pub use joining::{Invitation, JoinError, Welcome};
pub use judging::{Case, Judgement};
pub use keyring::{CasebookKeys, Keyring, Mode, OpenedBy};
pub use line::{ContestedLink, contested_links, line_of, meta, standing_of};
pub use reading::author;
pub use receiving::Received;
pub use resealing::Resealed;
pub use rolling::Rolled;
pub use saving::{Copied, Pending, Ticket};
pub use seen::Pieces;
use store::{Batch, Store};
pub use view::{Body, Entry, Kept, Line, MarkRow, View, VoiceRow};

use crate::crypto::{Named, Sealed, open, padded, seal};
use crate::sys::disk;

const KEYRING: &str = "keyring.age";
const COPY: &str = "keyring.age.copy";
const STORE: &str = "store";
const LOCK: &str = "lock";
/// Name by which the vault's own casebook is chosen.
const OWN: &str = "own";
/// Largest keyring file in bytes.
const MAX_KEYRING: u64 = 1024 * 1024;
/// Most bytes the sealed state opens to.
const MAX_STATE: u64 = 16 * 1024 * 1024;
/// scrypt work factor (log2 N) of the program: 0.4 s and 128 MiB a guess.
pub const LOG_N: u8 = 17;

/// What a device remembers between commands, sealed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Generation of the keyring this state belongs to.
    pub generation: u64,
    pub log_n: u8,
    pub chains: BTreeMap<String, Chain>,
    /// Number of records.
    pub records: u64,
    /// Number of segments of the view: one that vanished is noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<u64>,
    /// Day of the last saving, and how many records were made on it.
    pub day: String,
    pub today: u64,
    /// Running number of people without a name on that day.
    pub unknown_today: u64,
    /// Claimed seconds since 1970 of the last backup, and the number of records in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<(i64, u64)>,
    /// Language chosen at the beginning.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lang: String,
    /// Number of lines that the docket got; none while a store of version 1 has no docket yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docket: Option<u64>,
    /// Version of the view; an older one is made again.
    #[serde(default)]
    pub view: u32,
    /// What quick entry remembers: the incident, the spot, the last entry.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub note: Value,
    /// Keys came, and files that were carried unread were not tried with them yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carried_untried: bool,
    /// When the device seals itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<SealWhen>,
}

/// When a device seals itself, without being told each time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealWhen {
    /// The casebook whose members can open it again, in hex.
    pub casebook: String,
    /// When a run of quick entry ends.
    pub on_leaving: bool,
    /// So many hours after `since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_hours: Option<u32>,
    /// Claimed seconds since 1970 at which this was asked for, or at which the device was last opened by a colleague's keys.
    pub since: i64,
}

impl State {
    /// Returns how many records no backup holds, as far as this device knows.
    pub fn only_here(&self) -> u64 {
        self.records.saturating_sub(self.backup.map_or(0, |(_, records)| records))
    }
}

/// Where this device stands in its chain of a casebook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    pub chain: String,
    /// Number of the next parcel.
    pub n: u64,
    /// Header hash of the last parcel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// Heads of the membership log.
    pub log: Vec<String>,
    /// Chain heads of other devices that are durable here and not declared yet, by device.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, Vec<String>>,
    /// Evidence records whose sealed pieces are all durable here and not declared yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whole: Vec<String>,
    /// The records of the own casebook were copied into this one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copied: bool,
    /// A copy of this vault wrote the last parcels: what they declare is durable there, perhaps not here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub followed: bool,
}

/// The handle behind each Automerge actor, by its hex.
pub type Authors = HashMap<String, String>;

/// What was noticed and mended while opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// One copy of the keyring was damaged or old and was made again from the other.
    KeyringMended,
    /// The view or the state was damaged and was made again from the parcels.
    ViewMended,
    /// The keyring is older than the vault: reading only.
    OldKeyring,
}

/// An open vault. Dropping it closes it.
#[derive(Debug)]
pub struct Vault {
    folder: PathBuf,
    _lock: disk::Lock,
    store: Store,
    keyring: Keyring,
    state: State,
    logs: Logs,
    /// Opened when it is first asked for.
    docket: Option<Docket>,
    notices: Vec<Notice>,
}

/// Tells whether a folder holds a vault.
pub fn exists(folder: &Path) -> bool {
    folder.join(KEYRING).exists() || folder.join(COPY).exists()
}

impl Vault {
    fn sealed_state(&self) -> Result<Vec<u8>, VaultError> {
        let plain = serde_json::to_vec(&self.state).map_err(|_| VaultError::damaged(Damage::Store))?;
        Ok(seal([&self.keyring.storage.recipient()], &padded(plain))?.into_bytes())
    }

    /// Returns what was noticed while opening.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Returns the keyring.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Returns what the device remembers.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Remembers something else with the next saving.
    pub fn remember(&mut self, change: impl FnOnce(&mut State)) {
        change(&mut self.state);
    }

    /// Saves what is remembered.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn save_state(&mut self) -> Result<(), VaultError> {
        let slots = vec![("state", self.sealed_state()?)];
        self.store.write(Batch { slots, ..Batch::default() })
    }

    /// Finds the keys of a casebook: the named one (`own` is the vault's own), else the only named one that this device reads
    /// and that no other one follows, else the vault's own.
    ///
    /// # Errors
    /// Returns [`VaultError::NoCasebook`] or [`VaultError::WhichCasebook`].
    pub fn casebook(&self, name: Option<&str>) -> Result<&CasebookKeys, VaultError> {
        let books = &self.keyring.casebooks;
        let named: Vec<&CasebookKeys> = books.iter().filter(|book| book.name.is_some()).collect();
        match (name, named.as_slice()) {
            (Some(OWN), named) if !named.iter().any(|book| book.name.as_deref() == Some(OWN)) => {
                books.iter().find(|book| book.name.is_none()).ok_or(VaultError::NoCasebook)
            }
            (Some(name), named) => named.iter().copied().find(|book| book.name.as_deref() == Some(name)).ok_or(VaultError::NoCasebook),
            (None, named) => match named.iter().filter(|book| book.can_read() && !self.is_followed(&book.id)).collect::<Vec<_>>().as_slice() {
                [one] => Ok(one),
                [] => match (books.iter().find(|book| book.can_read()), books.as_slice()) {
                    (Some(read), _) => Ok(read),
                    (None, [only]) => Ok(only),
                    (None, []) => Err(VaultError::NoCasebook),
                    _ => Err(VaultError::WhichCasebook),
                },
                _ => Err(VaultError::WhichCasebook),
            },
        }
    }

    /// Returns the casebook that another one says it follows.
    pub fn predecessor(&self, casebook: &Hash) -> Option<Hash> {
        self.logs.get(casebook)?.genesis()?.successor_of.as_deref().and_then(hash_of)
    }

    /// Tells whether this vault holds and reads a casebook that follows this one.
    fn is_followed(&self, casebook: &Hash) -> bool {
        let reads = self.keyring.casebooks.iter().filter(|book| book.can_read());
        reads.into_iter().any(|book| book.id != *casebook && self.predecessor(&book.id) == Some(*casebook))
    }

    /// Returns the only casebook with a name, whether this device reads it or not.
    pub fn only_shared(&self) -> Option<[u8; 32]> {
        let mut named = self.keyring.casebooks.iter().filter(|book| book.name.is_some());
        named.next().filter(|_| named.next().is_none()).map(|book| book.id)
    }

    fn keys(&self, id: &[u8; 32]) -> Result<&CasebookKeys, VaultError> {
        self.keyring.casebooks.iter().find(|book| book.id == *id).ok_or(VaultError::NoCasebook)
    }

    fn writable(&self) -> Result<(), VaultError> {
        if self.notices.contains(&Notice::OldKeyring) { Err(VaultError::OldKeyring) } else { Ok(()) }
    }

    /// Seals a secret to the register of a casebook, padded to hide its length.
    ///
    /// # Errors
    /// Returns [`VaultError::NoCasebook`].
    pub fn seal_secret(&self, casebook: &[u8; 32], text: &str) -> Result<Vec<u8>, VaultError> {
        let mut plain = text.as_bytes().to_vec();
        plain.resize(plain.len().next_multiple_of(256), 0);
        Ok(self.register_of(casebook)?.seal(&plain)?.remove(0).into_bytes())
    }

    /// Opens a secret of the register; `None` for those who are no keeper.
    pub fn open_secret(&self, sealed: Vec<u8>) -> Option<String> {
        let keys = self.keyring.casebooks.iter().flat_map(|book| &book.keepers).chain([&self.keyring.device]);
        let opened = open(keys, &Sealed::from_outside(sealed), MAX_STATE).ok()?;
        String::from_utf8(opened.as_bytes().to_vec()).ok().map(|text| text.trim_end_matches('\0').to_owned())
    }

    /// Stores sealed pieces of an attached file.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn put_files(&mut self, named: Vec<Named>) -> Result<(), VaultError> {
        self.writable()?;
        self.store.write(Batch { named, ..Batch::default() })
    }

    /// Returns a sealed file by its name.
    ///
    /// # Errors
    /// Returns [`Damage::Missing`] or [`Damage::File`].
    pub fn file(&self, name: &str) -> Result<Sealed, VaultError> {
        self.store.file(&hash_of(name).ok_or_else(|| VaultError::damaged(Damage::Missing { name: name.to_owned() }))?)
    }
}
