//! The end of an epoch: each device says that it writes to it no more, and its key is destroyed when nothing can still be
//! under way in it.

use std::collections::HashSet;

use super::addressing::parsed;
use super::docket::{Chains, Docket, Hash, Row, What, hash_of};
use super::envelope::keys_of;
use super::mailboxes::is_of;
use super::store::Batch;
use super::writing::Own;
use super::{Mode, Vault, VaultError};
use crate::crypto::{DeviceId, Passphrase};
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
        self.docket()?;
        let (docket, book) = (self.docket.as_ref().expect("opened just now"), self.keys(casebook)?);
        let Some(team) = self.team(casebook) else { return Ok(Vec::new()) };
        let held = |epoch: &&Epoch| {
            let read = book.epochs.iter().any(|(_, key)| key.recipient().to_string() == epoch.recipient);
            read || book.recipients.iter().any(|(_, key)| key.to_string() == epoch.recipient)
        };
        let mut old = Vec::new();
        for epoch in team.older_epochs().filter(held) {
            let under = parsed(&epoch.recipient)?.to_bytes();
            let here = |_: &DeviceId, heads: &[String]| heads.iter().all(|head| moved_on(docket, head, &under));
            let waits = team.waited_for(&epoch.id, &here).into_iter().collect();
            let parcels = docket.facts().filter(|row| row.casebook == *casebook && row.under == under).count() as u64;
            old.push(OldEpoch { number: epoch.number, id: epoch.id, waits, parcels });
        }
        Ok(old)
    }

    /// Destroys the keys of older epochs in which nothing can be under way and nothing lies any more, and drops the keys files
    /// here that held them; returns their numbers.
    ///
    /// # Errors
    /// Returns [`VaultError::WrongPassphrase`] or what the disk refused; then every key is still here.
    pub fn retire(&mut self, casebook: &Hash, passphrase: &Passphrase) -> Result<Vec<u64>, VaultError> {
        self.writable()?;
        self.unlock_check(passphrase)?;
        let epochs = self.over(casebook)?;
        if epochs.is_empty() {
            return Ok(Vec::new());
        }
        let keys: HashSet<String> = epochs.iter().map(|epoch| epoch.recipient.clone()).collect();
        let (files, rows) = self.files_with_keys(casebook, &keys, &epochs)?;
        self.attempt(|vault| {
            let book = vault.keyring.casebooks.iter_mut().find(|book| book.id == *casebook).ok_or(VaultError::NoCasebook)?;
            book.epochs.retain(|(_, key)| !keys.contains(&key.recipient().to_string()));
            book.recipients.retain(|(_, key)| !keys.contains(&key.to_string()));
            book.mailboxes.retain(|mailbox| !is_of(mailbox, &epochs));
            vault.next_generation();
            vault.settle(passphrase, Own::default())
        })?;
        // The keyring forgot them first: a cut here leaves files that a later call finds again.
        self.drop_keys_files(files, &rows)?;
        Ok(epochs.into_iter().map(|epoch| epoch.number).collect())
    }

    /// Returns the mailboxes whose keys [`Vault::retire`] would destroy now.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn mailboxes_over(&mut self, casebook: &Hash) -> Result<Vec<MailboxKeys>, VaultError> {
        let epochs = self.over(casebook)?;
        Ok(self.keys(casebook)?.mailboxes.iter().filter(|mailbox| is_of(mailbox, &epochs)).cloned().collect())
    }

    /// The older epochs in which nothing can be under way and nothing lies any more.
    fn over(&mut self, casebook: &Hash) -> Result<Vec<Epoch>, VaultError> {
        let old = self.old_epochs(casebook)?.into_iter().filter(|epoch| epoch.waits.is_empty() && epoch.parcels == 0);
        let over: HashSet<Hash> = old.map(|epoch| epoch.id).collect();
        let epochs = self.team(casebook).into_iter().flat_map(|team| &team.epochs);
        Ok(epochs.filter(|epoch| over.contains(&epoch.id)).cloned().collect())
    }

    /// The files here with keys of some epochs, as far as this device opens them or a roll names them, and the parcels in them.
    fn files_with_keys(&mut self, casebook: &Hash, keys: &HashSet<String>, ended: &[Epoch]) -> Result<(HashSet<Hash>, HashSet<Hash>), VaultError> {
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
        files.extend(ended.iter().flat_map(|epoch| epoch.files.values()).filter_map(|name| hash_of(name)));
        // A file with something else in it that counts stays.
        let needed: HashSet<Hash> = self.docket()?.facts().filter(|row| row.what != What::Keys).map(|row| row.file).collect();
        gone.retain(|id| self.docket.as_ref().and_then(|docket| docket.row(id)).is_some_and(|row| !needed.contains(&row.file)));
        files.retain(|file| !needed.contains(file));
        Ok((files, gone))
    }

    fn drop_keys_files(&mut self, files: HashSet<Hash>, rows: &HashSet<Hash>) -> Result<(), VaultError> {
        self.docket()?;
        let mut docket = self.docket.take().expect("opened just now");
        docket.leave_out(rows);
        self.state.docket = Some(docket.len() as u64);
        let whole = docket.whole(&self.keyring.storage)?;
        let slots = vec![("state", self.sealed_state()?)];
        let moved = files.into_iter().map(|file| (file, None)).collect();
        self.store.write(Batch { moved, docket: vec![whole], replaces_docket: true, slots, ..Batch::default() })
    }
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
