//! The end of an epoch: each device says that it writes to it no more, and its key is destroyed when nothing can still be
//! under way in it.

use std::collections::HashSet;

use super::addressing::parsed;
use super::docket::{Chains, Docket, Hash, Row, What, hash_of};
use super::envelope::keys_of;
use super::mailboxes::is_of;
use super::store::Batch;
use super::writing::Own;
use super::{CasebookKeys, Mode, Vault, VaultError};
use crate::crypto::{DeviceId, Passphrase, Sealed, padded, plain_hash, seal};
use crate::parcel;
use crate::sys::chance::Chance;
use crate::team::{Act, Closed, Epoch, MailboxKeys, Operation};

/// Most chain heads that one operation lists.
pub(super) const MAX_HEADS: usize = 256;

/// An epoch whose key this device holds and that a newer one follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldEpoch {
    pub number: u64,
    /// The roll or the genesis that began it.
    pub id: Hash,
    /// Devices that may still have parcels under way in it.
    pub waits: Vec<DeviceId>,
    /// Parcels here that lie in it.
    pub parcels: u64,
}

impl Vault {
    /// Returns the chain heads of a device that are here, at most [`MAX_HEADS`]: those that count first, then the longest chains.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn heads_of(&mut self, casebook: &Hash, device: &DeviceId) -> Result<Vec<Hash>, VaultError> {
        let docket = self.docket()?;
        let heads = Chains::of(docket, casebook, None).heads.remove(device.as_bytes()).unwrap_or_default();
        let mut ranked: Vec<(bool, u64, Hash)> = heads.into_iter().filter_map(|id| Some((counts(docket, &id), docket.row(&id)?.n, id))).collect();
        ranked.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
        Ok(ranked.into_iter().take(MAX_HEADS).map(|(.., id)| id).collect())
    }

    /// Says of every older epoch that this device writes to it no more; returns of how many. Nothing while this device has no
    /// key of the present one, or parcels of its own lie in the older one.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing was said.
    pub fn close_epochs(&mut self, casebook: &Hash, time: i64, chance: &mut dyn Chance) -> Result<u64, VaultError> {
        let open = self.open_epochs(casebook)?;
        if open.is_empty() {
            return Ok(0);
        }
        let device = self.keyring.signing.device();
        let mut heads: HashSet<Hash> = self.heads_of(casebook, &device)?.into_iter().collect();
        heads.extend(self.state.chains.get(&hex::encode(casebook)).and_then(|chain| hash_of(chain.prev.as_deref()?)));
        let mut heads: Vec<String> = heads.iter().map(hex::encode).collect();
        heads.sort();
        let count = open.len() as u64;
        self.operate_all(casebook, time, chance, |vault, own, chance| {
            for (number, id) in open {
                let closed = Closed { epoch: number, epoch_id: Some(hex::encode(id)), heads: heads.clone() };
                let make = |deps: &[Hash], nonce| Operation::Closed(Act::new(device, deps, closed, time, nonce));
                vault.write_operation(casebook, make, chance, own)?;
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// The older epochs that this device could write to and has not closed.
    fn open_epochs(&mut self, casebook: &Hash) -> Result<Vec<(u64, Hash)>, VaultError> {
        if self.mode() == Mode::Sealed {
            // Its own keys are wrapped for the epoch in which it was sealed: that key is to stay until it was opened again.
            return Ok(Vec::new());
        }
        let device = self.keyring.signing.device();
        let Some(team) = self.team(casebook).filter(|team| team.role(&device).is_some()) else { return Ok(Vec::new()) };
        let Some(present) = team.clean_epoch() else { return Ok(Vec::new()) };
        let book = self.keys(casebook)?;
        let held = book.epochs.iter().map(|(_, key)| key.recipient().to_string()).chain(book.recipients.iter().map(|(_, key)| key.to_string()));
        if !held.into_iter().any(|key| key == present.recipient) {
            return Ok(Vec::new());
        }
        let closed = |epoch: &&Epoch| team.closed.values().any(|closing| closing.device == device && closing.epoch == Some(epoch.id));
        let open: Vec<&Epoch> = team.older_epochs().filter(|epoch| epoch.writers.contains(&device) && !closed(epoch)).collect();
        let open: Vec<(u64, Hash, Hash)> =
            open.into_iter().map(|epoch| Ok((epoch.number, epoch.id, parsed(&epoch.recipient)?.to_bytes()))).collect::<Result<_, VaultError>>()?;
        let (blind, own) = (!book.can_read(), *device.as_bytes());
        let docket = self.docket()?;
        let lies = |under: &Hash| docket.facts().any(|row| row.device == own && row.under == *under && row.casebook == *casebook);
        Ok(open.into_iter().filter(|(_, _, under)| blind || !lies(under)).map(|(number, id, _)| (number, id)).collect())
    }

    /// Returns the older epochs whose keys this device holds, and whom each waits for.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn old_epochs(&mut self, casebook: &Hash) -> Result<Vec<OldEpoch>, VaultError> {
        self.older(casebook, is_held)
    }

    fn older(&mut self, casebook: &Hash, wanted: fn(&CasebookKeys, &Epoch) -> bool) -> Result<Vec<OldEpoch>, VaultError> {
        self.docket()?;
        let (docket, book) = (self.docket.as_ref().expect("opened just now"), self.keys(casebook)?);
        let Some(team) = self.team(casebook) else { return Ok(Vec::new()) };
        let mut old = Vec::new();
        for epoch in team.older_epochs().filter(|epoch| wanted(book, epoch)) {
            let under = parsed(&epoch.recipient)?.to_bytes();
            let here = |_: &DeviceId, heads: &[String]| heads.iter().all(|head| moved_on(docket, head, &under));
            let waits = team.waited_for(&epoch.id, &here).into_iter().collect();
            let parcels = docket.facts().filter(|row| row.casebook == *casebook && row.under == under).count() as u64;
            old.push(OldEpoch { number: epoch.number, id: epoch.id, waits, parcels });
        }
        Ok(old)
    }

    /// Destroys the keys of older epochs in which nothing can be under way and nothing lies any more, here and in every file here
    /// that held them; returns their numbers.
    ///
    /// # Errors
    /// Returns [`VaultError::WrongPassphrase`] or what the disk refused; then a later call goes on.
    pub fn retire(&mut self, casebook: &Hash, passphrase: &Passphrase) -> Result<Vec<u64>, VaultError> {
        self.writable()?;
        self.unlock_check(passphrase)?;
        let over = self.over(casebook)?;
        let book = self.keys(casebook)?;
        let held: Vec<Epoch> = over.iter().filter(|epoch| is_held(book, epoch)).cloned().collect();
        if !held.is_empty() {
            self.forget_keys(casebook, &held, passphrase)?;
        }
        // The keyring forgot them first. After a cut here they are not held any more, and their files are found all the same.
        self.drop_keys_files(casebook, &over)?;
        Ok(held.into_iter().map(|epoch| epoch.number).collect())
    }

    fn forget_keys(&mut self, casebook: &Hash, ended: &[Epoch], passphrase: &Passphrase) -> Result<(), VaultError> {
        let keys = recipients(ended);
        self.attempt(|vault| {
            let book = vault.keyring.casebooks.iter_mut().find(|book| book.id == *casebook).ok_or(VaultError::NoCasebook)?;
            book.epochs.retain(|(_, key)| !keys.contains(&key.recipient().to_string()));
            book.recipients.retain(|(_, key)| !keys.contains(&key.to_string()));
            book.mailboxes.retain(|mailbox| !is_of(mailbox, ended));
            vault.next_generation();
            vault.settle(passphrase, Own::default())
        })
    }

    /// Returns the mailboxes whose keys [`Vault::retire`] would destroy now.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn mailboxes_over(&mut self, casebook: &Hash) -> Result<Vec<MailboxKeys>, VaultError> {
        let epochs = self.over(casebook)?;
        Ok(self.keys(casebook)?.mailboxes.iter().filter(|mailbox| is_of(mailbox, &epochs)).cloned().collect())
    }

    /// The older epochs in which nothing can be under way and nothing lies any more, whether their keys are still here or not.
    fn over(&mut self, casebook: &Hash) -> Result<Vec<Epoch>, VaultError> {
        let old = self.older(casebook, |_, _| true)?.into_iter().filter(|epoch| epoch.waits.is_empty() && epoch.parcels == 0);
        let over: HashSet<Hash> = old.map(|epoch| epoch.id).collect();
        let epochs = self.team(casebook).into_iter().flat_map(|team| &team.epochs);
        Ok(epochs.filter(|epoch| over.contains(&epoch.id)).cloned().collect())
    }

    /// Drops the files with keys of some epochs. What else lies in one, as the log does in a welcome, is sealed to this device
    /// anew.
    fn drop_keys_files(&mut self, casebook: &Hash, ended: &[Epoch]) -> Result<(), VaultError> {
        let (files, gone) = self.files_with_keys(casebook, ended)?;
        if files.is_empty() {
            return Ok(());
        }
        let (mut batch, mut rows) = (Batch { replaces_docket: true, ..Batch::default() }, Vec::new());
        for file in files {
            let stays: Vec<Row> = self.docket()?.facts().filter(|row| row.file == file && !gone.contains(&row.id)).cloned().collect();
            let into = if stays.is_empty() { None } else { Some(self.without_keys(&file, &stays)?) };
            let name = into.as_ref().map(|sealed| plain_hash(sealed.as_bytes()));
            rows.extend(name.into_iter().flat_map(|file| stays.iter().map(move |row| Row { file, under: Hash::default(), ..row.clone() })));
            batch.moved.push((file, name));
            batch.files.extend(into);
        }
        let mut docket = self.docket.take().expect("opened just now");
        rows.into_iter().for_each(|row| docket.put(row));
        docket.leave_out(&gone);
        self.state.docket = Some(docket.len() as u64);
        batch.docket = vec![docket.whole(&self.keyring.storage)?];
        batch.slots = vec![("state", self.sealed_state()?)];
        self.store.write(batch)
    }

    /// Some parcels of a file in one of their own.
    fn without_keys(&self, file: &Hash, stays: &[Row]) -> Result<Sealed, VaultError> {
        let mut parcels = self.parcels_of(&hex::encode(file))?;
        parcels.retain(|parcel| stays.iter().any(|row| row.id == parcel.id()));
        Ok(seal([&self.keyring.device.recipient()], &padded(parcel::pack(&parcels)))?)
    }

    /// The files here with keys of some epochs, as far as this device opens them or a roll names them, and the parcels with such
    /// keys in them.
    fn files_with_keys(&mut self, casebook: &Hash, ended: &[Epoch]) -> Result<(HashSet<Hash>, HashSet<Hash>), VaultError> {
        let keys = recipients(ended);
        let rows: Vec<Row> = self.docket()?.facts().filter(|row| row.casebook == *casebook && row.what == What::Keys).cloned().collect();
        let (mut files, mut gone) = (HashSet::new(), HashSet::new());
        for row in rows {
            let Some(text) = self.parcel(&row).ok().as_ref().and_then(keys_of) else { continue };
            let mut held = text.epochs.iter().filter_map(|(_, secret)| secret.parse::<crate::crypto::Identity>().ok());
            if held.any(|key| keys.contains(&key.recipient().to_string())) || text.mailboxes.iter().any(|mailbox| is_of(mailbox, ended)) {
                files.insert(row.file);
                gone.insert(row.id);
            }
        }
        for name in ended.iter().flat_map(|epoch| epoch.files.values()).filter_map(|name| hash_of(name)) {
            if self.store.has_file(&name)? && !self.docket()?.facts().any(|row| row.file == name) {
                files.insert(name);
            }
        }
        Ok((files, gone))
    }
}

/// Tells whether a key of an epoch is here, to read or only to write.
fn is_held(book: &CasebookKeys, epoch: &Epoch) -> bool {
    let read = book.epochs.iter().any(|(_, key)| key.recipient().to_string() == epoch.recipient);
    read || book.recipients.iter().any(|(_, key)| key.to_string() == epoch.recipient)
}

fn recipients(epochs: &[Epoch]) -> HashSet<String> {
    epochs.iter().map(|epoch| epoch.recipient.clone()).collect()
}

/// Tells whether a parcel counts.
fn counts(docket: &Docket, id: &Hash) -> bool {
    docket.standing(id) == Some(&super::Standing::Accepted)
}

/// Tells whether a parcel and everything before it in its chain are here and lie in another epoch.
fn moved_on(docket: &Docket, head: &str, under: &Hash) -> bool {
    let mut next = hash_of(head);
    while let Some(id) = next {
        let Some(row) = docket.row(&id).filter(|row| row.under != *under) else { return false };
        next = row.prev;
    }
    hash_of(head).is_some()
}
