//! Operations of the membership log, with a welcome for a device that they let in.

use std::collections::HashMap;

use super::docket::{Hash, What};
use super::receiving::Called;
use super::store::Batch;
use super::writing::Own;
use super::{Silent, Vault, VaultError, view};
use crate::crypto::Sealed;
use crate::parcel::ItemKind;
use crate::sys::chance::{Chance, draw};
use crate::team::{Badge, Operation, OperationId};

impl Vault {
    /// Writes an operation of the membership log, and a welcome for a device; returns the files of the welcome.
    ///
    /// # Errors
    /// Returns [`VaultError::Unread`] for a welcome on a device without keys, or what the disk refused; then nothing was written.
    pub fn operate(
        &mut self,
        casebook: &Hash,
        make: impl FnOnce(&[OperationId], [u8; 16]) -> Operation,
        welcome: Option<&Badge>,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Sealed>, VaultError> {
        let mut files = Vec::new();
        self.operate_all(casebook, time, chance, |vault, own, chance| {
            vault.write_operation(casebook, make, chance, own)?;
            if let Some(badge) = welcome {
                let keys = vault.welcome(casebook, badge, own, time, chance)?;
                own.take(&keys);
                files = keys.files;
            }
            Ok(())
        })?;
        Ok(files)
    }

    /// Writes operations and what goes with them, all or nothing.
    pub(super) fn operate_all(
        &mut self,
        casebook: &Hash,
        time: i64,
        chance: &mut dyn Chance,
        write: impl FnOnce(&mut Vault, &mut Own, &mut dyn Chance) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        self.writable()?;
        self.docket()?;
        self.attempt(|vault| {
            let mut own = Own::at(time);
            let before = vault.called();
            vault.share_genesis(casebook, chance, &mut own)?;
            write(vault, &mut own, chance)?;
            vault.keep_and_show(own, &before)
        })?;
        if self.state.view == view::OUTDATED {
            self.rebuild(&mut Silent)?;
        }
        Ok(())
    }

    /// Makes operations durable with what records show by them.
    pub(super) fn keep_and_show(&mut self, own: Own, before: &Called) -> Result<(), VaultError> {
        self.docket()?;
        let mut docket = self.docket.take().expect("opened just now");
        own.rows.iter().cloned().for_each(|row| docket.put(row));
        let moved = self.moved_since(before, &mut docket);
        let segments = self.segments_of(&moved, &HashMap::new(), &docket)?;
        let batch = self.batch_of(own)?;
        self.store.write(Batch { segments, ..batch })
    }

    pub(super) fn write_operation(
        &mut self,
        casebook: &Hash,
        make: impl FnOnce(&[OperationId], [u8; 16]) -> Operation,
        chance: &mut dyn Chance,
        own: &mut Own,
    ) -> Result<(), VaultError> {
        let operation = make(&self.log(casebook)?.heads_for(&self.keyring.signing.device()), draw(chance));
        let to = self.writing_to(casebook)?;
        self.write(casebook, vec![(ItemKind::Log, operation.to_bytes())], &to, chance, own)
    }

    /// Repeats the genesis where the only parcel with it is sealed to its founder together with the keys, as version 0.1.0 did.
    pub(super) fn share_genesis(&mut self, casebook: &Hash, chance: &mut dyn Chance, own: &mut Own) -> Result<(), VaultError> {
        if !self.keys(casebook)?.can_read() {
            return Ok(());
        }
        let genesis = Operation::Genesis(Box::new(self.log(casebook)?.genesis().cloned().ok_or(VaultError::NoCasebook)?));
        let with_it: Vec<_> = self.docket()?.facts().filter(|row| row.what == What::Log { operation: genesis.id() }).cloned().collect();
        for row in &with_it {
            if self.parcel(row)?.header.items.len() == 1 {
                return Ok(());
            }
        }
        let to = self.writing_to(casebook)?;
        let signing = self.keyring.signing.clone();
        let log = self.state.chains.get_mut(&hex::encode(casebook)).map(|chain| std::mem::take(&mut chain.log)).unwrap_or_default();
        let repeated = self.write_apart(casebook, &signing, vec![(ItemKind::Log, genesis.to_bytes())], &to, chance, own);
        if let Some(chain) = self.state.chains.get_mut(&hex::encode(casebook)) {
            chain.log = log;
        }
        repeated
    }
}
