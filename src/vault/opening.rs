//! Opening a vault with its passphrase, and changing the passphrase.

use std::path::Path;

use super::docket::Logs;
use super::logs::open_logs;
use super::store::Store;
use super::writing::Own;
use super::{COPY, Damage, KEYRING, Keyring, LOCK, LOG_N, MAX_KEYRING, MAX_STATE, Notice, STORE, State, Vault, VaultError, exists};
use crate::crypto::{self, Passphrase, Sealed, open, open_with_passphrase, plain_hash, unpadded};
use crate::sys::disk;

impl Vault {
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
        let logs = open_logs(&store, &keyring.storage);
        let logs_lost = logs.is_err();
        let logs = logs.unwrap_or_else(|_| Logs::new());
        let mut vault = Vault { folder: folder.to_owned(), _lock: lock, store, keyring, state, logs, docket: None, notices: Vec::new() };
        vault.notices.extend(mended.then_some(Notice::KeyringMended));
        if lost || logs_lost {
            vault.remake_state()?;
            vault.notices.push(Notice::ViewMended);
        }
        if vault.state.docket.is_none() && vault.logs.is_empty() {
            // A store of version 0.1.0 has neither logs nor docket: they are made from its parcels, where the disk takes them.
            let _ = vault.docket();
        }
        vault.notices.extend((vault.keyring.generation < vault.state.generation).then_some(Notice::OldKeyring));
        Ok(vault)
    }

    /// Changes the passphrase. Old copies of the keyring still open with the old one.
    ///
    /// # Errors
    /// Returns what the disk refused; then the old passphrase still holds.
    pub fn change_passphrase(&mut self, new: &Passphrase, log_n: u8) -> Result<(), VaultError> {
        self.writable()?;
        self.attempt(|vault| {
            vault.next_generation();
            vault.state.log_n = log_n;
            vault.settle(new, Own::default())
        })
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
    pub(super) fn sealed_keyring(&self) -> Result<Vec<u8>, VaultError> {
        let expected = self.store.slot("keyring")?;
        let copy = disk::read_limited(&self.folder.join(COPY), MAX_KEYRING).ok();
        match copy.filter(|bytes| Some(plain_hash(bytes).to_vec()) == expected) {
            Some(copy) => Ok(copy),
            None => Ok(disk::read_limited(&self.folder.join(KEYRING), MAX_KEYRING)?),
        }
    }
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

pub(super) fn read_keyring(sealed: &[u8], passphrase: &Passphrase) -> Result<Keyring, VaultError> {
    let opened = open_with_passphrase(passphrase, &Sealed::from_outside(sealed.to_vec()), MAX_KEYRING).map_err(|error| match error {
        crypto::SealError::NoKey => VaultError::WrongPassphrase,
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

pub(super) fn open_state(store: &Store, keyring: &Keyring) -> Result<State, VaultError> {
    let damaged = || VaultError::damaged(Damage::Store);
    let sealed = Sealed::from_outside(store.slot("state")?.ok_or_else(damaged)?);
    let opened = open([&keyring.storage], &sealed, MAX_STATE).map_err(|_| damaged())?;
    serde_json::from_slice(unpadded(opened.as_bytes())).map_err(|_| damaged())
}
