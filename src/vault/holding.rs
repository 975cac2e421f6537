//! Which sealed files this vault holds, and whose they are.

use std::collections::HashSet;

use super::docket::{Hash, Row, What, hash_of};
use super::receiving::is_unasked;
use super::store::Batch;
use super::writing::Own;
use super::{MAX_STATE, Vault, VaultError, chunk_names};
use crate::crypto::{Sealed, open, padded, seal, unpadded};
use crate::model::Kind;
use crate::sys::chance::Chance;

/// Ends bytes in a slot that end in zeros, or in this very mark.
const END: u8 = 1;

/// Which of the parcels that this device wrote it can open. What others wrote came in files that open.
pub(super) struct Opens {
    own: Hash,
    /// Public keys of the epochs whose keys are here.
    held: HashSet<Hash>,
}

impl Opens {
    /// Tells whether the parcel of a line can be read here.
    pub fn reads(&self, row: &Row) -> bool {
        let held = || row.under == Hash::default() || self.held.contains(&row.under);
        row.device != self.own || (!row.is_stripped() && held())
    }
}

impl Vault {
    /// Returns which of its own parcels this device can open now.
    pub(super) fn opens(&self) -> Opens {
        let epochs = self.keyring.casebooks.iter().flat_map(|book| &book.epochs);
        Opens { own: *self.keyring.signing.device().as_bytes(), held: epochs.map(|(_, key)| key.recipient().to_bytes()).collect() }
    }

    /// Tells whether a sealed file of that name is here.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn has_file(&self, name: &Hash) -> Result<bool, VaultError> {
        self.store.has_file(name)
    }

    /// Tells whether a sealed file of that name holds something that is not here, as far as this vault knows.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn wants(&self, name: &Hash) -> Result<bool, VaultError> {
        Ok(!self.store.has_file(name)? && !self.store.was_moved(name)?)
    }

    /// Returns a sealed file by its name, compared with it.
    ///
    /// # Errors
    /// Returns [`super::Damage::Missing`] or [`super::Damage::File`].
    pub fn file_named(&self, name: &Hash) -> Result<Sealed, VaultError> {
        self.store.file(name)
    }

    /// Returns the sealed files that came after the given number: number, name and bytes of each.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn files_after(&self, number: i64) -> Result<Vec<(i64, Hash, u64)>, VaultError> {
        self.store.names_after(number)
    }

    /// Returns how many records that this device made lie in files which came after a number.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn own_unsent(&mut self, casebook: &Hash, after: i64) -> Result<u64, VaultError> {
        let files: HashSet<Hash> = self.files_after(after)?.into_iter().map(|(_, name, _)| name).collect();
        let own = *self.keyring.signing.device().as_bytes();
        let made = |row: &&Row| row.casebook == *casebook && row.device == own && row.change().is_some_and(|(.., deps)| deps.is_empty());
        Ok(self.docket()?.facts().filter(made).filter(|row| files.contains(&row.file)).count() as u64)
    }

    /// Returns the records that this device made in a casebook, in their order.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn own_records(&mut self, casebook: &Hash) -> Result<Vec<Hash>, VaultError> {
        let own = *self.keyring.signing.device().as_bytes();
        let ours = self.docket()?.facts().filter(|row| row.casebook == *casebook && row.device == own);
        Ok(ours.filter_map(|row| row.change()).filter(|(.., deps)| deps.is_empty()).map(|(record, ..)| *record).collect())
    }

    /// Returns the names of the sealed pieces that evidence records name, in any casebook.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn pieces_named(&mut self) -> Result<HashSet<Hash>, VaultError> {
        let mut pieces = HashSet::new();
        self.each_piece(&mut |_, piece| {
            pieces.insert(piece);
        })?;
        Ok(pieces)
    }

    /// Calls `visit` with each sealed piece that an evidence record names, and the casebook of the record.
    fn each_piece(&mut self, visit: &mut dyn FnMut(&str, Hash)) -> Result<(), VaultError> {
        let view = self.view()?;
        for line in view.lines().iter().filter(|line| line.kind == Kind::Evidence.code()) {
            let names = chunk_names(&self.body(&view, &line.id)?.tree);
            names.iter().filter_map(|name| hash_of(name)).for_each(|piece| visit(&line.casebook, piece));
        }
        Ok(())
    }

    /// Returns how many bytes the files take that no key opens and no record names, or in which nobody whom the log knows
    /// wrote what waits for the log.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn carried_bytes(&mut self, pieces: &HashSet<Hash>) -> Result<u64, VaultError> {
        Ok(self.carried(pieces)?.iter().sum())
    }

    /// Returns how many bytes each file takes that is carried, as [`Vault::carried_bytes`] counts them.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn carried(&mut self, pieces: &HashSet<Hash>) -> Result<Vec<u64>, VaultError> {
        let files = self.files_after(0)?;
        self.docket()?;
        let (docket, logs) = (self.docket.as_ref().expect("opened just now"), &self.logs);
        let asked = docket.rows().filter(|(row, standing)| !is_unasked(logs, row, Some(*standing)));
        let known: HashSet<Hash> = asked.map(|(row, _)| row.file).collect();
        Ok(files.iter().filter(|(_, name, _)| !known.contains(name) && !pieces.contains(name)).map(|(.., bytes)| *bytes).collect())
    }

    /// Returns the files that do not go to places of a casebook, since they belong to others alone, and those that go first:
    /// keys and operations of its log.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn private_and_urgent(&mut self, casebook: &Hash) -> Result<(HashSet<Hash>, HashSet<Hash>), VaultError> {
        let ours = hex::encode(casebook);
        let (mut shared, mut private) = (HashSet::new(), HashSet::new());
        self.each_piece(&mut |book, piece| {
            let pieces = if book == ours { &mut shared } else { &mut private };
            pieces.insert(piece);
        })?;
        private.retain(|name| !shared.contains(name));
        private.extend(self.private_when_sealed(casebook)?);
        let mut urgent = HashSet::new();
        for row in self.docket()?.facts() {
            match (row.casebook == *casebook, &row.what) {
                (false, _) => drop(private.insert(row.file)),
                (true, What::Keys | What::Log { .. }) => drop(urgent.insert(row.file)),
                _ => {}
            }
        }
        Ok((private, urgent))
    }

    /// Tells whether something other than receipts is among these parcels.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn more_than_receipts(&mut self, parcels: &[Hash]) -> Result<bool, VaultError> {
        let docket = self.docket()?;
        Ok(parcels.iter().any(|id| docket.row(id).is_some_and(|row| row.what != What::Receipt)))
    }

    /// Writes a parcel without items, which says what has reached this device, where this device is a member who reads; further
    /// ones while more is to be said than fits into one.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn write_receipt(&mut self, casebook: &Hash, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        self.writable()?;
        let member = self.log(casebook)?.membership().role(&self.keyring.signing.device()).is_some();
        if !member || !self.keys(casebook)?.can_read() {
            // Nobody keeps what a stranger says, and a device that cannot read says nothing of others.
            return Ok(());
        }
        let to = self.writing_to(casebook)?;
        self.attempt(|vault| {
            let mut own = Own::at(time);
            vault.write(casebook, Vec::new(), &to, chance, &mut own)?;
            while vault.state.chains.get(&hex::encode(casebook)).is_some_and(|chain| !chain.seen.is_empty() || !chain.whole.is_empty()) {
                vault.write(casebook, Vec::new(), &to, chance, &mut own)?;
            }
            vault.keep(own)
        })
    }

    /// Returns what a slot keeps for others than the vault itself; none when it does not open.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn kept(&self, slot: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(sealed) = self.store.slot(slot)? else { return Ok(None) };
        let opened = open([&self.keyring.storage], &Sealed::from_outside(sealed), MAX_STATE).ok();
        Ok(opened.map(|opened| unmarked(unpadded(opened.as_bytes())).to_vec()))
    }

    /// Keeps bytes in a slot, sealed.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn keep_slot(&mut self, slot: &'static str, bytes: &[u8]) -> Result<(), VaultError> {
        self.writable()?;
        let sealed = seal([&self.keyring.storage.recipient()], &padded(marked(bytes.to_vec())))?.into_bytes();
        self.store.write(Batch { slots: vec![(slot, sealed)], ..Batch::default() })
    }
}

/// Marks the end of bytes that padding would hide; text has no need of it.
pub(super) fn marked(mut bytes: Vec<u8>) -> Vec<u8> {
    let hidden = matches!(bytes.last().copied(), Some(0 | END));
    bytes.extend(hidden.then_some(END));
    bytes
}

fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(&[END]).unwrap_or(bytes)
}
