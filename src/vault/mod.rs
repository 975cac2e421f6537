//! The encrypted store of one device: keyring, sealed parcels, and caches made from them.
//! Parcels are the truth; everything else but the keyring can be made again. Bytes: `docs/formats/vault.md`.

mod backup;
mod check;
mod error;
mod keyring;
mod line;
mod store;
mod view;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use backup::Restored;
pub use check::{Examined, Progress, Silent};
pub use error::{Damage, VaultError};
pub use keyring::{CasebookKeys, Keyring};
pub use line::{line_of, meta, standing_of};
use store::{Batch, Store};
pub use view::{Body, Entry, Line, MarkRow, View, VoiceRow};

use crate::crypto::{DeviceId, Identity, Opened, Passphrase, Recipient, Sealed, open, open_with_passphrase, padded, plain_hash, seal, seal_with_passphrase};
use crate::doc::{self, ChangeBytes, Document};
use crate::model::Kind;
use crate::parcel::{self, Header, ItemKind, Parcel, With};
use crate::sys::chance::{Chance, draw};
use crate::sys::disk;
use crate::team::{Badge, EpochKeys, Genesis, Operation, RecoveryKey};

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

/// How a new vault begins.
#[derive(Debug)]
pub struct Founding<'a> {
    pub passphrase: &'a Passphrase,
    /// scrypt work factor (log2 N); the program takes [`LOG_N`].
    pub log_n: u8,
    pub handle: &'a str,
    /// Claimed seconds since 1970.
    pub time: i64,
}

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
    /// Version of the view; an older one is made again.
    #[serde(default)]
    pub view: u32,
    /// What quick entry remembers: the incident, the spot, the last entry.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub note: Value,
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
}

/// The handle behind each Automerge actor, by its hex.
pub type Authors = HashMap<String, String>;

/// The right to write the next parcel: its number and nonce, and so its actor.
#[derive(Clone, Debug)]
pub struct Ticket {
    casebook: [u8; 32],
    n: u64,
    nonce: [u8; 16],
    pub actor: [u8; 32],
}

/// A change with its ticket and what the view is to show of its record.
#[derive(Debug)]
pub struct Pending {
    pub ticket: Ticket,
    pub record: [u8; 32],
    pub change: ChangeBytes,
    /// The view entry; `body.parcels` lists the files before this one.
    pub entry: Entry,
}

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
    notices: Vec<Notice>,
}

/// Tells whether a folder holds a vault.
pub fn exists(folder: &Path) -> bool {
    folder.join(KEYRING).exists() || folder.join(COPY).exists()
}

impl Vault {
    /// Founds a vault with its own casebook.
    ///
    /// # Errors
    /// Returns [`VaultError::Exists`] where one is, or what the disk refused.
    pub fn found(folder: &Path, founding: &Founding, chance: &mut dyn Chance) -> Result<Vault, VaultError> {
        disk::make_folder(folder)?;
        let lock = disk::Lock::take(&folder.join(LOCK))?;
        if exists(folder) {
            return Err(VaultError::Exists);
        }
        clear_leftovers(folder)?;
        let keyring = Keyring {
            generation: 1,
            handle: founding.handle.to_owned(),
            signing: crate::crypto::SigningKey::from_seed(&draw(chance)),
            device: Identity::generate(),
            storage: Identity::generate(),
            casebooks: Vec::new(),
        };
        let store = Store::create(&folder.join(STORE))?;
        let state = State { generation: 1, log_n: founding.log_n, view: view::VERSION, segments: Some(0), ..State::default() };
        let mut vault = Vault { folder: folder.to_owned(), _lock: lock, store, keyring, state, notices: Vec::new() };
        let genesis = vault.genesis(None, None, founding.time, chance)?;
        vault.begin(founding.passphrase, vec![genesis])?;
        Ok(vault)
    }

    /// Founds a further casebook under a name, with a recovery key made from 16 random bytes.
    ///
    /// # Errors
    /// Returns [`VaultError::CasebookExists`] for a name in use.
    pub fn found_casebook(&mut self, name: &str, recovery: &[u8; 16], passphrase: &Passphrase, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        if name == OWN || self.keyring.casebooks.iter().any(|book| book.name.as_deref() == Some(name)) {
            return Err(VaultError::CasebookExists);
        }
        self.writable()?;
        self.unlock_check(passphrase)?;
        let before = (self.keyring.clone(), self.state.clone());
        let (signing, identity) = crate::crypto::recovery_keys(recovery);
        let key = RecoveryKey { signing: signing.device(), recipient: identity.recipient().to_string() };
        let genesis = self.genesis(Some(name), Some(key), time, chance)?;
        self.next_generation();
        let settled = self.settle(passphrase, vec![genesis]);
        if settled.is_err() {
            (self.keyring, self.state) = before;
        }
        settled
    }

    /// Writes the genesis of a casebook, sealed to this device and the recovery key, and enters its keys.
    fn genesis(&mut self, name: Option<&str>, recovery: Option<RecoveryKey>, time: i64, chance: &mut dyn Chance) -> Result<Sealed, VaultError> {
        let (epoch, register) = (Identity::generate(), Identity::generate());
        let recipients: Vec<Recipient> =
            std::iter::once(self.keyring.device.recipient()).chain(recovery.iter().filter_map(|key| key.recipient.parse().ok())).collect();
        let operation = Operation::Genesis(Box::new(Genesis {
            v: 1,
            deps: Vec::new(),
            name: name.map(str::to_owned),
            founder: Badge::new(&self.keyring.signing, &self.keyring.device.recipient().to_string(), &self.keyring.handle),
            epoch: EpochKeys { number: 0, recipient: epoch.recipient().to_string(), register: register.recipient().to_string() },
            recovery,
            successor_of: None,
            time,
            nonce: hex::encode(draw::<16>(chance)),
        }));
        let casebook = operation.casebook();
        let keys = format!("# epoch 0\n{}\n# keeper\n{}\n", &*epoch.secret_text(), &*register.secret_text());
        let mut chain = Chain { chain: hex::encode(draw::<8>(chance)), ..Chain::default() };
        let nonce = draw::<16>(chance);
        let header = self.header(&casebook, &chain, &nonce, time, None);
        let items = vec![(ItemKind::Log, operation.to_bytes()), (ItemKind::Keys, keys.into_bytes())];
        let parcel = Parcel::sign(&self.keyring.signing, header, items)?;
        chain.advance(&parcel);
        chain.log = vec![hex::encode(operation.id())];
        self.state.chains.insert(hex::encode(casebook), chain);
        let keeper = Some(register.clone());
        self.keyring.casebooks.push(CasebookKeys {
            id: casebook,
            name: name.map(str::to_owned),
            epochs: vec![(0, epoch)],
            register: register.recipient(),
            keeper,
        });
        Ok(seal(&recipients, &padded(parcel::pack(&[parcel])))?)
    }

    fn next_generation(&mut self) {
        self.keyring.generation += 1;
        self.state.generation = self.keyring.generation;
    }

    /// Writes files and a changed keyring so that a pulled plug leaves the old or the new one whole: the copy first, then
    /// the store with the new hash. From there the new one holds: should the keyring itself not be written, opening mends it.
    fn settle(&mut self, passphrase: &Passphrase, files: Vec<Sealed>) -> Result<(), VaultError> {
        let sealed = self.keyring_sealed_under(passphrase)?;
        disk::replace(&self.folder.join(COPY), &sealed)?;
        self.store_keyring(&sealed, files)?;
        let _ = disk::replace(&self.folder.join(KEYRING), &sealed);
        Ok(())
    }

    /// Writes the first keyring of a vault: the store first, for a folder without a keyring holds no vault yet.
    fn begin(&mut self, passphrase: &Passphrase, files: Vec<Sealed>) -> Result<(), VaultError> {
        let sealed = self.keyring_sealed_under(passphrase)?;
        self.store_keyring(&sealed, files)?;
        disk::replace(&self.folder.join(COPY), &sealed)?;
        let _ = disk::replace(&self.folder.join(KEYRING), &sealed);
        Ok(())
    }

    fn keyring_sealed_under(&self, passphrase: &Passphrase) -> Result<Vec<u8>, VaultError> {
        Ok(seal_with_passphrase(passphrase, self.state.log_n, self.keyring.to_text().as_bytes())?.into_bytes())
    }

    /// Writes files with the hash of the keyring that goes with them.
    fn store_keyring(&mut self, sealed: &[u8], files: Vec<Sealed>) -> Result<(), VaultError> {
        let slots = vec![("keyring", plain_hash(sealed).to_vec()), ("state", self.sealed_state()?)];
        self.store.write(Batch { files, slots, ..Batch::default() })
    }

    fn sealed_state(&self) -> Result<Vec<u8>, VaultError> {
        let plain = serde_json::to_vec(&self.state).map_err(|_| VaultError::damaged(Damage::Store))?;
        Ok(seal([&self.keyring.storage.recipient()], &padded(plain))?.into_bytes())
    }

    /// Opens a vault with its passphrase.
    ///
    /// # Errors
    /// Returns [`VaultError::Absent`], [`VaultError::InUse`], [`VaultError::WrongPassphrase`], [`VaultError::Newer`], or
    /// [`VaultError::Tampered`] with what does not fit.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Vault, VaultError> {
        if !exists(folder) {
            return Err(VaultError::Absent);
        }
        let lock = disk::Lock::take(&folder.join(LOCK))?;
        let store = Store::open(&folder.join(STORE), lock.writable())?;
        let Unlocked { keyring, mended, current } = open_keyring(folder, &store, passphrase)?;
        let known = open_state(&store, &keyring);
        let lost = current && known.is_err();
        let state = if lost { State { generation: keyring.generation, log_n: LOG_N, ..State::default() } } else { known? };
        let mut vault = Vault { folder: folder.to_owned(), _lock: lock, store, keyring, state, notices: Vec::new() };
        vault.notices.extend(mended.then_some(Notice::KeyringMended));
        if lost {
            vault.remake_state()?;
            vault.notices.push(Notice::ViewMended);
        }
        vault.notices.extend((vault.keyring.generation < vault.state.generation).then_some(Notice::OldKeyring));
        Ok(vault)
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

    /// Finds the keys of a casebook: the named one (`own` is the vault's own), else the only named one, else the vault's own.
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
            (None, []) => books.first().ok_or(VaultError::NoCasebook),
            (None, [one]) => Ok(one),
            (None, _) => Err(VaultError::WhichCasebook),
        }
    }

    fn keys(&self, id: &[u8; 32]) -> Result<&CasebookKeys, VaultError> {
        self.keyring.casebooks.iter().find(|book| book.id == *id).ok_or(VaultError::NoCasebook)
    }

    fn writable(&self) -> Result<(), VaultError> {
        if self.notices.contains(&Notice::OldKeyring) { Err(VaultError::OldKeyring) } else { Ok(()) }
    }

    /// Draws the next parcels of this device's chain in a casebook.
    ///
    /// # Errors
    /// Returns [`VaultError::OldKeyring`] when this device may only read.
    pub fn tickets(&self, casebook: &[u8; 32], count: usize, chance: &mut dyn Chance) -> Result<Vec<Ticket>, VaultError> {
        self.writable()?;
        let chain = self.state.chains.get(&hex::encode(casebook)).ok_or(VaultError::NoCasebook)?;
        let device = self.keyring.signing.device();
        let ticket = |k: usize| {
            let (n, nonce) = (chain.n + k as u64, draw(chance));
            Ticket { casebook: *casebook, n, nonce, actor: parcel::actor(casebook, &device, n, &nonce) }
        };
        Ok((0..count).map(ticket).collect())
    }

    /// Signs, seals and stores changes, all or nothing; returns when they are durable.
    ///
    /// # Errors
    /// Returns [`VaultError::TooLarge`] when a change does not fit into a parcel, or what the disk refused.
    pub fn commit(&mut self, pending: Vec<Pending>, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        self.writable()?;
        let before = self.state.clone();
        let committed = self.committed(pending, time, chance);
        if committed.is_err() {
            self.state = before;
        }
        committed
    }

    fn committed(&mut self, pending: Vec<Pending>, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        let (mut files, mut entries) = (Vec::new(), Vec::new());
        let of = pending.len() as u64;
        let id = hex::encode(draw::<8>(chance));
        for (k, Pending { ticket, record, change, mut entry }) in pending.into_iter().enumerate() {
            let with = (of > 1).then(|| With { id: id.clone(), k: k as u64, of });
            let sealed = self.sealed_change(&ticket, &record, &change, time, with)?;
            entry.body.parcels.push(hex::encode(plain_hash(sealed.as_bytes())));
            self.state.records += u64::from(entry.body.parcels.len() == 1);
            files.push(sealed);
            entries.push(entry);
        }
        let segments = vec![view::segment(&entries, &self.keyring.storage)?];
        self.state.segments = self.state.segments.map(|count| count + 1);
        let slots = vec![("state", self.sealed_state()?)];
        self.store.write(Batch { files, slots, segments, ..Batch::default() })
    }

    fn sealed_change(&mut self, ticket: &Ticket, record: &[u8; 32], change: &ChangeBytes, time: i64, with: Option<With>) -> Result<Sealed, VaultError> {
        let name = hex::encode(ticket.casebook);
        let chain = self.state.chains.get(&name).filter(|chain| chain.n == ticket.n).ok_or(VaultError::NoCasebook)?;
        let header = self.header(&ticket.casebook, chain, &ticket.nonce, time, with);
        let kind = ItemKind::Change { record: hex::encode(record), change: hex::encode(change.hash), deps: change.deps.iter().map(hex::encode).collect() };
        let parcel = Parcel::sign(&self.keyring.signing, header, vec![(kind, change.bytes.clone())])?;
        if let Some(chain) = self.state.chains.get_mut(&name) {
            chain.advance(&parcel);
        }
        let (_, epoch) = self.keys(&ticket.casebook)?.epochs.last().ok_or(VaultError::NoCasebook)?;
        Ok(seal([&epoch.recipient()], &padded(parcel::pack(&[parcel])))?)
    }

    fn header(&self, casebook: &[u8; 32], chain: &Chain, nonce: &[u8; 16], time: i64, with: Option<With>) -> Header {
        let epoch = self.keys(casebook).ok().and_then(|keys| keys.epochs.last()).map_or(0, |(number, _)| *number);
        Header {
            v: 1,
            casebook: hex::encode(casebook),
            epoch,
            device: self.keyring.signing.device(),
            chain: chain.chain.clone(),
            n: chain.n,
            prev: chain.prev.clone(),
            nonce: hex::encode(nonce),
            log: chain.log.clone(),
            seen: BTreeMap::new(),
            time,
            with,
            crit: Vec::new(),
            items: Vec::new(),
            more: serde_json::Map::new(),
        }
    }

    /// Opens the view, made again from the parcels when it is damaged.
    ///
    /// # Errors
    /// Returns [`VaultError::Tampered`] when parcels themselves are damaged.
    pub fn view(&mut self) -> Result<View, VaultError> {
        if self.state.view != view::VERSION {
            self.rebuild(&mut Silent)?;
        }
        match self.whole_view() {
            Err(VaultError::Tampered { what: Damage::View }) => self.mended_view(),
            view => self.tidied(view?),
        }
    }

    /// Opens the view as the state remembers it: a row that vanished from the database takes no record with it unseen.
    fn whole_view(&self) -> Result<View, VaultError> {
        let view = View::open(&self.store, &self.keyring.storage)?;
        let known = view.lines().len() as u64 == self.state.records && self.state.segments.is_none_or(|count| count == view.segments());
        if known { Ok(view) } else { Err(VaultError::damaged(Damage::View)) }
    }

    /// Makes the view again, unless records would be lost from sight by it.
    fn mended_view(&mut self) -> Result<View, VaultError> {
        let remade = self.remake(&mut Silent)?;
        if let Some(fault) = remade.examined.faults.first() {
            return Err(VaultError::damaged(fault.clone()));
        }
        self.take_over(remade)?;
        self.notices.push(Notice::ViewMended);
        View::open(&self.store, &self.keyring.storage)
    }

    /// Merges a view of many segments. A disk that cannot be written keeps them as they are: reading goes on.
    fn tidied(&mut self, view: View) -> Result<View, VaultError> {
        let Some(mut batch) = view.merged(&self.store, &self.keyring.storage)? else { return Ok(view) };
        let before = self.state.segments;
        self.state.segments = Some(view.segments() + batch.segments.len() as u64 - batch.replaced.len() as u64);
        batch.slots = vec![("state", self.sealed_state()?)];
        if self.store.write(batch).is_err() {
            self.state.segments = before;
            return Ok(view);
        }
        View::open(&self.store, &self.keyring.storage)
    }

    /// Returns the body of a record of the view.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn body(&self, view: &View, id: &str) -> Result<Body, VaultError> {
        view.body(id, &self.store, &self.keyring.storage)
    }

    /// Calls `visit` with every record of the view.
    ///
    /// # Errors
    /// As [`View::each_body`].
    pub fn each_body(&self, view: &View, visit: &mut dyn FnMut(&Line, Body)) -> Result<(), VaultError> {
        view.each_body(&self.store, &self.keyring.storage, visit)
    }

    /// Returns the lines of the records whose body, as JSON, is `wanted`.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn lines_where<'a>(&self, view: &'a View, wanted: &(dyn Fn(&Line, &str) -> bool + Sync)) -> Result<Vec<&'a Line>, VaultError> {
        view.lines_where(&self.store, &self.keyring.storage, wanted)
    }

    /// Opens the document of a record from its parcels, with the handle behind each of its actors.
    ///
    /// # Errors
    /// Returns [`Damage::File`] when a parcel does not open or fit.
    pub fn document(&self, kind: Kind, body: &Body) -> Result<(Document, Authors), VaultError> {
        let (mut changes, mut authors) = (Vec::new(), Authors::new());
        for name in &body.parcels {
            for parcel in self.parcels_of(name)? {
                if !change_fits(&parcel) {
                    return Err(VaultError::damaged(Damage::File { name: name.clone(), record: None }));
                }
                changes.extend(change_items(&parcel).map(<[u8]>::to_vec));
                authors.extend(actor_of(&parcel).map(|actor| (actor, self.handle_of(&parcel.header.device))));
            }
        }
        Ok((Document::open(kind.fields(), changes.iter().map(Vec::as_slice))?, authors))
    }

    /// Returns the handle of a device: this one's own, else the beginning of its key.
    pub fn handle_of(&self, device: &DeviceId) -> String {
        if *device == self.keyring.signing.device() { self.keyring.handle.clone() } else { format!("K-{}", &device.to_string()[..8]) }
    }

    /// Opens a sealed file of parcels by its name.
    fn parcels_of(&self, name: &str) -> Result<Vec<Parcel>, VaultError> {
        let damaged = || VaultError::damaged(Damage::File { name: name.to_owned(), record: None });
        let hash: [u8; 32] = hex::decode(name).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)?;
        let opened = self.open_file(&self.store.file(&hash)?).ok_or_else(damaged)?;
        parcel::unpack(opened.as_bytes()).map_err(|error| match error {
            parcel::ParcelError::Version => VaultError::Newer,
            _ => damaged(),
        })
    }

    /// Opens a sealed file with any key of the keyring.
    fn open_file(&self, sealed: &Sealed) -> Option<Opened> {
        self.keyring.open_file(sealed)
    }

    /// Seals a secret to the register of a casebook, padded to hide its length.
    ///
    /// # Errors
    /// Returns [`VaultError::NoCasebook`].
    pub fn seal_secret(&self, casebook: &[u8; 32], text: &str) -> Result<Vec<u8>, VaultError> {
        let mut plain = text.as_bytes().to_vec();
        plain.resize(plain.len().next_multiple_of(256), 0);
        Ok(seal([&self.keys(casebook)?.register], &plain)?.into_bytes())
    }

    /// Opens a secret of the register; `None` for those who are no keeper.
    pub fn open_secret(&self, sealed: Vec<u8>) -> Option<String> {
        let keepers = self.keyring.casebooks.iter().filter_map(|book| book.keeper.as_ref());
        let opened = open(keepers, &Sealed::from_outside(sealed), MAX_STATE).ok()?;
        String::from_utf8(opened.as_bytes().to_vec()).ok().map(|text| text.trim_end_matches('\0').to_owned())
    }

    /// Stores sealed pieces of an attached file.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn put_files(&mut self, files: Vec<Sealed>) -> Result<(), VaultError> {
        self.writable()?;
        self.store.write(Batch { files, ..Batch::default() })
    }

    /// Returns a sealed file by its name.
    ///
    /// # Errors
    /// Returns [`Damage::Missing`] or [`Damage::File`].
    pub fn file(&self, name: &str) -> Result<Sealed, VaultError> {
        let hash: Option<[u8; 32]> = hex::decode(name).ok().and_then(|bytes| bytes.try_into().ok());
        self.store.file(&hash.ok_or_else(|| VaultError::damaged(Damage::Missing { name: name.to_owned() }))?)
    }

    /// Changes the passphrase. Old copies of the keyring still open with the old one.
    ///
    /// # Errors
    /// Returns what the disk refused; then the old passphrase still holds.
    pub fn change_passphrase(&mut self, new: &Passphrase, log_n: u8) -> Result<(), VaultError> {
        self.writable()?;
        let before = (self.keyring.clone(), self.state.clone());
        self.next_generation();
        self.state.log_n = log_n;
        let settled = self.settle(new, Vec::new());
        if settled.is_err() {
            (self.keyring, self.state) = before;
        }
        settled
    }

    /// Tells whether this passphrase opens the keyring.
    ///
    /// # Errors
    /// Returns [`VaultError::WrongPassphrase`].
    pub fn unlock_check(&self, passphrase: &Passphrase) -> Result<(), VaultError> {
        let sealed = Sealed::from_outside(self.sealed_keyring()?);
        open_with_passphrase(passphrase, &sealed, MAX_KEYRING).map(|_| ()).map_err(|_| VaultError::WrongPassphrase)
    }

    /// Returns the copy of the keyring that fits the store, else the first one.
    fn sealed_keyring(&self) -> Result<Vec<u8>, VaultError> {
        let expected = self.store.slot("keyring")?;
        let copy = disk::read_limited(&self.folder.join(COPY), MAX_KEYRING).ok();
        match copy.filter(|bytes| Some(plain_hash(bytes).to_vec()) == expected) {
            Some(copy) => Ok(copy),
            None => Ok(disk::read_limited(&self.folder.join(KEYRING), MAX_KEYRING)?),
        }
    }
}

impl Chain {
    /// Moves on past a parcel.
    fn advance(&mut self, parcel: &Parcel) {
        self.n += 1;
        self.prev = Some(hex::encode(parcel.id()));
    }
}

/// Returns whose words a mark stands for: those an importer names, else the device behind the actor.
pub fn author(mark: &doc::Mark, authors: &Authors) -> String {
    mark.message.clone().or_else(|| authors.get(&mark.actor).cloned()).unwrap_or_default()
}

/// The Automerge actor of a parcel, in hex.
fn actor_of(parcel: &Parcel) -> Option<String> {
    let casebook = hex::decode(&parcel.header.casebook).ok()?.try_into().ok()?;
    let nonce = hex::decode(&parcel.header.nonce).ok()?.try_into().ok()?;
    Some(hex::encode(parcel::actor(&casebook, &parcel.header.device, parcel.header.n, &nonce)))
}

/// The changes in a parcel.
fn change_items(parcel: &Parcel) -> impl Iterator<Item = &[u8]> {
    let kinds = parcel.header.items.iter().map(|item| &item.kind);
    kinds.zip(&parcel.items).filter(|(kind, _)| matches!(kind, ItemKind::Change { .. })).map(|(_, bytes)| bytes.as_slice())
}

/// Checks that the hash, deps and actor of a change are what its header says.
fn change_fits(parcel: &Parcel) -> bool {
    let kinds = parcel.header.items.iter().map(|item| &item.kind);
    kinds.zip(&parcel.items).all(|(kind, bytes)| match kind {
        ItemKind::Change { record, change, deps } => doc::describe(bytes).is_ok_and(|(known, mark)| {
            let root = known.deps.is_empty() == (record == change);
            root && hex::encode(known.hash) == *change
                && known.deps.iter().map(hex::encode).collect::<Vec<_>>() == *deps
                && actor_of(parcel).is_some_and(|actor| actor == mark.actor)
        }),
        _ => true,
    })
}

/// A store without a keyring holds nothing that was acknowledged.
fn clear_leftovers(folder: &Path) -> Result<(), VaultError> {
    for name in [STORE, "store-wal", "store-shm", "store-journal", "store.new", "keyring.new", "keyring.age.new"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// A keyring as found.
struct Unlocked {
    keyring: Keyring,
    /// The other copy was made again.
    mended: bool,
    /// The store knows this very keyring.
    current: bool,
}

/// Opens the keyring from whichever copy fits the hash in the store, and mends the other one.
fn open_keyring(folder: &Path, store: &Store, passphrase: &Passphrase) -> Result<Unlocked, VaultError> {
    let expected = store.slot("keyring")?;
    let mut copies = Vec::new();
    let mut unreadable = None;
    for name in [KEYRING, COPY] {
        copies.push(keyring_copy(&folder.join(name)).unwrap_or_else(|error| {
            unreadable = Some(error);
            None
        }));
    }
    let fits = |bytes: &&Vec<u8>| Some(plain_hash(bytes).to_vec()) == expected;
    let agree = copies[0].is_some() && copies[0] == copies[1];
    let sealed = copies.iter().flatten().find(fits).or(copies[0].as_ref().filter(|_| agree));
    let Some(sealed) = sealed else { return unreadable.map_or_else(|| open_odd_keyring(&copies, passphrase), |error| Err(error.into())) };
    let keyring = read_keyring(sealed, passphrase)?;
    Ok(Unlocked { keyring, mended: !agree && mend(folder, sealed), current: fits(&sealed) })
}

/// Reads one copy of the keyring; none where it is missing or longer than any keyring.
fn keyring_copy(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    use std::io::ErrorKind::{InvalidData, NotFound};
    match disk::read_limited(path, MAX_KEYRING) {
        Err(error) if matches!(error.kind(), NotFound | InvalidData) => Ok(None),
        read => read.map(Some),
    }
}

/// Neither copy fits the store: an older keyring put back still opens; anything else is damage.
fn open_odd_keyring(copies: &[Option<Vec<u8>>], passphrase: &Passphrase) -> Result<Unlocked, VaultError> {
    let opened = copies.iter().flatten().find_map(|bytes| read_keyring(bytes, passphrase).ok());
    opened.map(|keyring| Unlocked { keyring, mended: false, current: false }).ok_or_else(|| VaultError::damaged(Damage::Keyring))
}

fn read_keyring(sealed: &[u8], passphrase: &Passphrase) -> Result<Keyring, VaultError> {
    let opened = open_with_passphrase(passphrase, &Sealed::from_outside(sealed.to_vec()), MAX_KEYRING).map_err(|error| match error {
        crate::crypto::SealError::NoKey => VaultError::WrongPassphrase,
        _ => VaultError::damaged(Damage::Keyring),
    })?;
    let text = std::str::from_utf8(opened.as_bytes()).ok();
    match text {
        Some(text) if text.starts_with("# sandyq keyring ") && !text.starts_with("# sandyq keyring 1\n") => Err(VaultError::Newer),
        text => text.and_then(Keyring::from_text).ok_or_else(|| VaultError::damaged(Damage::Keyring)),
    }
}

/// Writes the good copy over both names; a disk that cannot be written leaves them as they are.
fn mend(folder: &Path, sealed: &[u8]) -> bool {
    [COPY, KEYRING].iter().all(|name| disk::replace(&folder.join(name), sealed).is_ok())
}

fn open_state(store: &Store, keyring: &Keyring) -> Result<State, VaultError> {
    let damaged = || VaultError::damaged(Damage::Store);
    let sealed = Sealed::from_outside(store.slot("state")?.ok_or_else(damaged)?);
    let opened = open([&keyring.storage], &sealed, MAX_STATE).map_err(|_| damaged())?;
    let text = opened.as_bytes();
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    serde_json::from_slice(&text[..end]).map_err(|_| damaged())
}
