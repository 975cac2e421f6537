//! A backup: one plain tar of the keyring, twice as in the vault, and every sealed file. Nothing in it is readable
//! without the passphrase.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::check::{Examined, Progress};
use super::docket::{Docket, Logs};
use super::error::{Damage, VaultError};
use super::founding::{clear_leftovers, make_room};
use super::logs::{self, open_logs};
use super::opening::read_keyring;
use super::sealing::{PRIVATE, WRAPPED};
use super::store::{Batch, Store};
use super::writing::Own;
use super::{COPY, KEYRING, Keyring, LOCK, MAX_KEYRING, Mode, STORE, State, Vault, exists};
use crate::crypto::{Passphrase, Sealed, plain_hash};
use crate::parcel::MAX_SEALED;
use crate::sys::chance::Chance;
use crate::sys::disk;
use crate::sys::tar::{Members, Met, Writer};

/// Files taken into one transaction while restoring.
const FILES_A_BATCH: usize = 256;

/// What a restore works with.
struct Restoring<'a> {
    from: &'a Path,
    passphrase: &'a Passphrase,
    log_n: u8,
    chance: &'a mut dyn Chance,
    progress: &'a mut dyn Progress,
}

/// What a device that opens nothing it saved cannot make again from its files: members of its backup beside them, each with its
/// slot. The docket goes with them.
const TOLD: [(&str, &str); 3] = [("wrapped.age", WRAPPED), ("private.age", PRIVATE), ("team.age", logs::SLOT)];
const DOCKET: &str = "docket.age";
/// Largest of them in bytes.
const MAX_TOLD: u64 = 1 << 30;

/// Zeros with which a tar ends. A sealed file holds no such run, so a backup cut short does not end with them.
const END: usize = 1024;

/// What a restore brought back.
#[derive(Debug)]
pub struct Restored {
    pub vault: Vault,
    pub examined: Examined,
}

impl Vault {
    /// Writes a backup to a new file. The file appears whole or not at all.
    ///
    /// # Errors
    /// Returns [`std::io::ErrorKind::AlreadyExists`] where a file is, or what the disk refused.
    pub fn backup(&mut self, to: &Path, time: i64, progress: &mut dyn Progress) -> Result<u64, VaultError> {
        if to.exists() {
            return Err(VaultError::Io(std::io::ErrorKind::AlreadyExists.into()));
        }
        // The whole name with an ending of ours: what a killed backup left is written over, a stranger's file is not.
        let mut beside = to.as_os_str().to_owned();
        beside.push(".part");
        let beside = Path::new(&beside);
        let written = self.write_backup(beside, progress);
        let done = written.and_then(|count| Ok(std::fs::rename(beside, to).map(|()| count)?));
        if done.is_err() {
            let _ = std::fs::remove_file(beside);
        }
        let count = done?;
        disk::sync_folder(to.parent().unwrap_or(Path::new(".")))?;
        self.state.backup = Some((time, self.state.records));
        // The backup is there, and a full, locked or failing disk is where it is needed most: such a disk only forgets it.
        let _ = self.save_state();
        Ok(count)
    }

    fn write_backup(&self, beside: &Path, progress: &mut dyn Progress) -> Result<u64, VaultError> {
        let mut tar = Writer::new(disk::create(beside)?);
        let keyring = self.sealed_keyring()?;
        tar.append(KEYRING, &keyring)?;
        tar.append(COPY, &keyring)?;
        self.write_told(&mut tar)?;
        let (mut count, all) = (0, self.store.count()?);
        self.store.each_file(&mut |name, bytes| {
            if plain_hash(&bytes).as_slice() != name {
                return Err(VaultError::damaged(Damage::File { name: hex::encode(name), record: None }));
            }
            count += 1;
            progress.at(count, all);
            Ok(tar.append(&format!("{}.age", hex::encode(name)), &bytes)?)
        })?;
        tar.finish()?.sync_all()?;
        Ok(count)
    }

    /// Writes what a device that opens nothing remembers of its own files.
    fn write_told(&self, tar: &mut Writer<File>) -> Result<(), VaultError> {
        if self.mode() == Mode::Open {
            return Ok(());
        }
        for (name, slot) in TOLD {
            if let Some(bytes) = self.store.slot(slot)?.filter(|bytes| !bytes.is_empty()) {
                tar.append(name, &bytes)?;
            }
        }
        let docket = Docket::open(&self.store, &self.keyring.storage)?.whole(&self.keyring.storage)?;
        Ok(tar.append(DOCKET, docket.as_bytes())?)
    }

    /// Makes a vault from a backup, on new chains: no actor of the lost device is ever used again.
    ///
    /// # Errors
    /// Returns [`VaultError::Exists`] where a vault is, [`VaultError::WrongPassphrase`], or [`Damage::Backup`]; then nothing is left.
    pub fn restore(
        folder: &Path,
        from: &Path,
        passphrase: &Passphrase,
        log_n: u8,
        chance: &mut dyn Chance,
        progress: &mut dyn Progress,
    ) -> Result<Restored, VaultError> {
        if exists(folder) {
            return Err(VaultError::Exists);
        }
        let mut file = File::open(from)?;
        if !has_its_end(&mut file)? {
            return Err(VaultError::damaged(Damage::Backup));
        }
        // A vault may hold any number of files, and a backup of it is its owner's own.
        let mut members = Members::of(file, u64::MAX)?;
        let keyring = keyring_of(&mut members, from, passphrase)?;
        disk::make_folder(folder)?;
        let lock = disk::Lock::take(&folder.join(LOCK))?;
        make_room(folder)?;
        let restored = Self::restored(folder, lock, keyring, members, Restoring { from, passphrase, log_n, chance, progress });
        if restored.is_err() {
            // The keyring goes first: a folder without one holds no vault.
            let _ = [KEYRING, COPY].map(|name| std::fs::remove_file(folder.join(name)));
            let _ = clear_leftovers(folder);
            let _ = std::fs::remove_file(folder.join(LOCK)).and_then(|()| std::fs::remove_dir(folder));
        }
        restored
    }

    fn restored(folder: &Path, lock: disk::Lock, keyring: Keyring, members: Members<File>, with: Restoring<'_>) -> Result<Restored, VaultError> {
        let Restoring { from, passphrase, log_n, chance, progress } = with;
        let mut store = Store::create(&folder.join(STORE))?;
        take_files(&mut store, members, from)?;
        let state = State { generation: keyring.generation, log_n, ..State::default() };
        let mut vault = Vault { folder: folder.to_owned(), _lock: lock, store, keyring, state, logs: Logs::new(), docket: None, notices: Vec::new() };
        if vault.mode() != Mode::Open {
            vault.logs = open_logs(&vault.store, &vault.keyring.storage)?;
        }
        vault.enter_chains()?;
        vault.begin_new_chains(chance);
        let mut examined = vault.rebuild(progress)?;
        if examined.faults.is_empty() {
            examined.faults = vault.gaps_of_own()?;
        }
        vault.forget_no_copies();
        vault.begin(passphrase, Own::default())?;
        Ok(Restored { vault, examined })
    }
}

/// Tells whether a backup was written to its end.
fn has_its_end(file: &mut File) -> Result<bool, VaultError> {
    let length = file.metadata()?.len();
    if length < END as u64 || length % 512 != 0 {
        return Ok(false);
    }
    let mut end = [1; END];
    file.seek(SeekFrom::End(-(END as i64)))?;
    file.read_exact(&mut end)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(end.iter().all(|byte| *byte == 0))
}

/// Reads both copies of the keyring: where they differ one is damaged, and the other may still open.
fn keyring_of(members: &mut Members<File>, from: &Path, passphrase: &Passphrase) -> Result<Keyring, VaultError> {
    let damaged = || unfit(from);
    let mut copy = |wanted: &str| Ok::<_, VaultError>(next(members, MAX_KEYRING).flatten().filter(|(name, _)| name == wanted).ok_or_else(damaged)?.1);
    let (first, second) = (copy(KEYRING)?, copy(COPY)?);
    if first == second {
        return read_keyring(&first, passphrase);
    }
    read_keyring(&first, passphrase).or_else(|_| read_keyring(&second, passphrase)).map_err(|_| damaged())
}

/// Reads the next member: its name and its bytes; nothing inside when it is not a plain one of at most `limit` bytes.
fn next(members: &mut Members<File>, limit: u64) -> Option<Option<(String, Vec<u8>)>> {
    let Ok(Met::Member(member)) = members.next()? else { return Some(None) };
    Some(members.read(&member, limit).ok().map(|bytes| (member.name, bytes)))
}

/// What a backup that cannot be taken in suffers from: a disk that does not give it, else damage.
fn unfit(backup: &Path) -> VaultError {
    disk::read_through(backup).map_or_else(VaultError::from, |()| VaultError::damaged(Damage::Backup))
}

fn take_files(store: &mut Store, mut members: Members<File>, from: &Path) -> Result<(), VaultError> {
    let damaged = || unfit(from);
    let mut batch = Batch::default();
    let mut names = BTreeSet::new();
    while let Some(member) = next(&mut members, MAX_TOLD) {
        let (name, bytes) = member.ok_or_else(damaged)?;
        if let Some((_, slot)) = TOLD.iter().find(|(told, _)| *told == name).filter(|_| names.insert(name.clone())) {
            batch.slots.push((slot, bytes));
            continue;
        }
        if name == DOCKET && names.insert(name.clone()) {
            batch.docket.push(Sealed::from_outside(bytes));
            continue;
        }
        if bytes.len() > MAX_SEALED {
            return Err(damaged());
        }
        if name != format!("{}.age", hex::encode(plain_hash(&bytes))) || !names.insert(name) {
            return Err(damaged());
        }
        batch.files.push(Sealed::from_outside(bytes));
        if batch.files.len() >= FILES_A_BATCH {
            store.write(std::mem::take(&mut batch))?;
        }
    }
    store.write(batch)
}
