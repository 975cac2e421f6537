//! Founding a vault and its casebooks, and writing a changed keyring so that a pulled plug leaves the old or the new one whole.

use std::path::Path;

use super::addressing::Recipients;
use super::docket::{Hash, Logs};
use super::mailboxes::new_mailbox;
use super::store::{Batch, Store};
use super::writing::Own;
use super::{COPY, CasebookKeys, Chain, Invitation, KEYRING, Keyring, LOCK, Mode, OWN, STORE, State, Vault, VaultError, exists, view};
use crate::crypto::{self, Identity, Passphrase, Recipient, plain_hash, seal_with_passphrase};
use crate::parcel::ItemKind;
use crate::sys::chance::{Chance, draw};
use crate::sys::disk;
use crate::team::{Badge, EpochKeys, Genesis, KeysText, MailboxKeys, Operation, RecoveryKey};

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

/// What a casebook that others may join begins with.
struct Named<'a> {
    name: &'a str,
    recovery: RecoveryKey,
    successor_of: Option<String>,
}

impl Vault {
    /// Founds a vault with its own casebook.
    ///
    /// # Errors
    /// Returns [`VaultError::Exists`] where one is, or what the disk refused.
    pub fn found(folder: &Path, founding: &Founding, chance: &mut dyn Chance) -> Result<Vault, VaultError> {
        let mut vault = Vault::empty(folder, founding, Mode::Open, chance)?;
        let genesis = vault.genesis(None, founding.time, chance)?;
        vault.begin(founding.passphrase, genesis)?;
        Ok(vault)
    }

    /// Founds a vault of a device that only records for others, let in by an invitation. It has no casebook of its own, and
    /// nothing that it saves opens with anything in it.
    ///
    /// # Errors
    /// As [`Vault::found`].
    pub fn found_capture(folder: &Path, founding: &Founding, invitation: &Invitation, chance: &mut dyn Chance) -> Result<Vault, VaultError> {
        let mut vault = Vault::empty(folder, founding, Mode::Capture, chance)?;
        let own = vault.enter_invited(invitation, founding.time, chance)?;
        vault.begin(founding.passphrase, own)?;
        Ok(vault)
    }

    fn empty(folder: &Path, founding: &Founding, mode: Mode, chance: &mut dyn Chance) -> Result<Vault, VaultError> {
        disk::make_folder(folder)?;
        let lock = disk::Lock::take(&folder.join(LOCK))?;
        if exists(folder) {
            return Err(VaultError::Exists);
        }
        make_room(folder)?;
        let keyring = Keyring {
            generation: 1,
            handle: founding.handle.to_owned(),
            mode,
            signing: crypto::SigningKey::from_seed(&draw(chance)),
            device: Identity::generate(),
            storage: Identity::generate(),
            casebooks: Vec::new(),
        };
        let store = Store::create(&folder.join(STORE))?;
        let state = State { generation: 1, log_n: founding.log_n, view: view::VERSION, segments: Some(0), docket: Some(0), ..State::default() };
        Ok(Vault { folder: folder.to_owned(), _lock: lock, store, keyring, state, logs: Logs::new(), docket: None, notices: Vec::new() })
    }

    /// Founds a further casebook under a name, with a recovery key made from 16 random bytes.
    ///
    /// # Errors
    /// Returns [`VaultError::CasebookExists`] for a name in use.
    pub fn found_casebook(&mut self, name: &str, recovery: &[u8; 16], passphrase: &Passphrase, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        self.found_shared((name, None), recovery, passphrase, time, chance)
    }

    /// Founds a casebook that follows another one, whose admins are all lost. The older one stays, and everybody decides for
    /// themselves to join the new one.
    ///
    /// # Errors
    /// As [`Vault::found_casebook`]; [`VaultError::NoCasebook`] where the older one is not known here.
    pub fn found_successor(
        &mut self,
        name: &str,
        of: &Hash,
        recovery: &[u8; 16],
        passphrase: &Passphrase,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<(), VaultError> {
        self.keys(of)?;
        self.found_shared((name, Some(of)), recovery, passphrase, time, chance)
    }

    fn found_shared(
        &mut self,
        (name, of): (&str, Option<&Hash>),
        recovery: &[u8; 16],
        passphrase: &Passphrase,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<(), VaultError> {
        if name == OWN || self.keyring.casebooks.iter().any(|book| book.name.as_deref() == Some(name)) {
            return Err(VaultError::CasebookExists);
        }
        self.writable()?;
        self.unlock_check(passphrase)?;
        let (signing, identity) = crypto::recovery_keys(recovery);
        let key = RecoveryKey { signing: signing.device(), recipient: identity.recipient().to_string() };
        let named = Named { name, recovery: key, successor_of: of.map(hex::encode) };
        self.attempt(|vault| {
            let genesis = vault.genesis(Some(named), time, chance)?;
            vault.next_generation();
            vault.settle(passphrase, genesis)
        })
    }

    /// Writes the genesis of a casebook and its keys, and enters them.
    fn genesis(&mut self, named: Option<Named>, time: i64, chance: &mut dyn Chance) -> Result<Own, VaultError> {
        let (name, recovery) = (named.as_ref().map(|named| named.name), named.as_ref().map(|named| named.recovery.clone()));
        let (epoch, register) = (Identity::generate(), Identity::generate());
        let holders: Vec<Recipient> =
            std::iter::once(self.keyring.device.recipient()).chain(recovery.iter().filter_map(|key| key.recipient.parse().ok())).collect();
        let operation = Operation::Genesis(Box::new(Genesis {
            v: 1,
            deps: Vec::new(),
            name: name.map(str::to_owned),
            founder: self.badge(),
            epoch: EpochKeys { number: 0, recipient: epoch.recipient().to_string(), register: register.recipient().to_string() },
            recovery,
            successor_of: named.as_ref().and_then(|named| named.successor_of.clone()),
            time,
            nonce: hex::encode(draw::<16>(chance)),
        }));
        let casebook = operation.casebook();
        // Nobody leaves anything of a vault's own casebook on a relay.
        let mailboxes: Vec<MailboxKeys> = named.iter().map(|_| new_mailbox(0, chance)).collect();
        let keys =
            KeysText { epochs: vec![(0, epoch.secret_text())], keepers: vec![register.secret_text()], mailboxes: mailboxes.clone(), ..KeysText::default() };
        let keys = keys.to_text().as_bytes().to_vec();
        let book = CasebookKeys::of(casebook, name.map(str::to_owned), register.recipient());
        let book = CasebookKeys { epochs: vec![(0, epoch)], keepers: vec![register], mailboxes, ..book };
        self.state.chains.insert(hex::encode(casebook), Chain { chain: hex::encode(draw::<8>(chance)), ..Chain::default() });
        let log = (ItemKind::Log, operation.to_bytes());
        let (shared, signing, mut own) = (book.epochs[0].1.recipient(), self.keyring.signing.clone(), Own::at(time));
        self.keyring.casebooks.push(book);
        if name.is_none() {
            self.write(&casebook, vec![log, (ItemKind::Keys, keys)], &Recipients::Listed(holders), chance, &mut own)?;
        } else {
            // A casebook that others may join has its genesis in a parcel of its own, which they can read without the keys.
            self.write(&casebook, vec![log], &Recipients::Epoch(shared), chance, &mut own)?;
            self.write_apart(&casebook, &signing, vec![(ItemKind::Keys, keys)], &Recipients::Listed(holders), chance, &mut own)?;
        }
        Ok(own)
    }

    /// Returns the badge of this device.
    pub fn badge(&self) -> Badge {
        Badge::new(&self.keyring.signing, &self.keyring.device.recipient().to_string(), &self.keyring.handle)
    }

    pub(super) fn next_generation(&mut self) {
        self.keyring.generation += 1;
        self.state.generation = self.keyring.generation;
    }

    /// Writes files and a changed keyring so that a pulled plug leaves the old or the new one whole: the copy first, then
    /// the store with the new hash. From there the new one holds: should the keyring itself not be written, opening mends it.
    pub(super) fn settle(&mut self, passphrase: &Passphrase, own: Own) -> Result<(), VaultError> {
        let batch = self.batch_of(own)?;
        self.settle_batch(passphrase, batch)
    }

    /// As [`Vault::settle`], with everything else that changes at the same time.
    pub(super) fn settle_batch(&mut self, passphrase: &Passphrase, batch: Batch) -> Result<(), VaultError> {
        let sealed = self.keyring_sealed_under(passphrase)?;
        disk::replace(&self.folder.join(COPY), &sealed)?;
        self.store_keyring(&sealed, batch)?;
        let _ = disk::replace(&self.folder.join(KEYRING), &sealed);
        Ok(())
    }

    /// Writes the first keyring of a vault: the store first, for a folder without a keyring holds no vault yet.
    pub(super) fn begin(&mut self, passphrase: &Passphrase, own: Own) -> Result<(), VaultError> {
        let sealed = self.keyring_sealed_under(passphrase)?;
        let batch = self.batch_of(own)?;
        self.store_keyring(&sealed, batch)?;
        disk::replace(&self.folder.join(COPY), &sealed)?;
        let _ = disk::replace(&self.folder.join(KEYRING), &sealed);
        Ok(())
    }

    fn keyring_sealed_under(&self, passphrase: &Passphrase) -> Result<Vec<u8>, VaultError> {
        Ok(seal_with_passphrase(passphrase, self.state.log_n, self.keyring.to_text().as_bytes())?.into_bytes())
    }

    /// Writes a batch with the hash of the keyring that goes with it.
    fn store_keyring(&mut self, sealed: &[u8], mut batch: Batch) -> Result<(), VaultError> {
        batch.slots.push(("keyring", plain_hash(sealed).to_vec()));
        self.store.write(batch)
    }
}

/// Makes room for a new store. What a founding that was cut off left is removed; a store with more than that is kept under
/// another name, for a keyring from a backup may still open it.
pub(super) fn make_room(folder: &Path) -> Result<(), VaultError> {
    let store = folder.join(STORE);
    let founded_only = !store.exists() || Store::open(&store, true).and_then(|store| store.count()).is_ok_and(|files| files <= 1);
    if founded_only {
        return clear_leftovers(folder);
    }
    let free = (1..).map(|number| folder.join(format!("{STORE}.left-{number}"))).find(|path| !path.exists());
    std::fs::rename(&store, free.expect("numbers do not end"))?;
    disk::sync_folder(folder)?;
    clear_leftovers(folder)
}

/// Removes what a founding or a restore made before it was cut off.
pub(super) fn clear_leftovers(folder: &Path) -> Result<(), VaultError> {
    for name in [STORE, "store-wal", "store-shm", "store-journal", "store.new", "keyring.new", "keyring.age.new"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
