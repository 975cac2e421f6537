//! Operations of the membership log, and the keys that go with them for a device that they let in.

use std::collections::HashMap;

use super::addressing::Recipients;
use super::docket::{Hash, Row, What};
use super::receiving::Called;
use super::store::Batch;
use super::writing::Own;
use super::{Silent, Vault, VaultError, view};
use crate::crypto::{Identity, Recipient, Sealed, padded, seal};
use crate::parcel::{self, ItemKind, Parcel};
use crate::sys::chance::{Chance, draw};
use crate::team::{Badge, KeysText, Operation, OperationId, Role};

/// Fewest recipients of a welcome: how many devices it is for does not show.
const MIN_RECIPIENTS: usize = 4;
/// Bytes of parcels that one file of a welcome takes.
const WELCOME_BYTES: usize = 512 * 1024;

impl Vault {
    /// Writes an operation of the membership log, and keys for a device that it lets read; returns the files of its welcome.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing was written.
    pub fn operate(
        &mut self,
        casebook: &Hash,
        make: impl FnOnce(&[OperationId], [u8; 16]) -> Operation,
        welcome: Option<&Badge>,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Sealed>, VaultError> {
        self.writable()?;
        self.docket()?;
        let files = self.attempt(|vault| {
            let mut own = Own::at(time);
            let before = vault.called();
            vault.share_genesis(casebook, chance, &mut own)?;
            vault.write_operation(casebook, make, chance, &mut own)?;
            let files = welcome.map_or(Ok(Vec::new()), |badge| vault.welcome(casebook, badge, &own, time, chance))?;
            own.files.extend(files.iter().cloned());
            vault.keep_and_show(own, &before)?;
            Ok(files)
        })?;
        if self.state.view == view::OUTDATED {
            self.rebuild(&mut Silent)?;
        }
        Ok(files)
    }

    /// Makes operations durable with what records show by them.
    fn keep_and_show(&mut self, own: Own, before: &Called) -> Result<(), VaultError> {
        self.docket()?;
        let mut docket = self.docket.take().expect("opened just now");
        own.rows.iter().cloned().for_each(|row| docket.put(row));
        let moved = self.moved_since(before, &mut docket);
        let segments = self.segments_of(&moved, &HashMap::new(), &docket)?;
        let batch = self.batch_of(own)?;
        self.store.write(Batch { segments, ..batch })
    }

    fn write_operation(
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
    fn share_genesis(&mut self, casebook: &Hash, chance: &mut dyn Chance, own: &mut Own) -> Result<(), VaultError> {
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

    /// Writes the files of a welcome: the log in causal order, and the keys, all for one device.
    pub(super) fn welcome(&mut self, casebook: &Hash, badge: &Badge, pending: &Own, time: i64, chance: &mut dyn Chance) -> Result<Vec<Sealed>, VaultError> {
        let member = self.log(casebook)?.membership().members.get(&badge.device);
        let (role, keeper) = member.map_or((Role::Capture, false), |member| (member.role, member.keeper));
        let mut parcels = self.log_parcels(casebook, pending)?;
        let keys = self.keys_for(casebook, role >= Role::Reader, keeper)?;
        let mut apart = Own::at(time);
        let signing = self.keyring.signing.clone();
        self.write_apart(
            casebook,
            &signing,
            vec![(ItemKind::Keys, keys.to_text().as_bytes().to_vec())],
            &Recipients::Listed(vec![self.keyring.device.recipient()]),
            chance,
            &mut apart,
        )?;
        parcels.extend(apart.parcels);
        let to = recipients_for(badge)?;
        let mut files = Vec::new();
        for part in parts(&parcels) {
            files.push(seal(&to, &padded(parcel::pack(part)))?);
        }
        Ok(files)
    }

    /// Every parcel with an operation of the log, the pending ones too, without keys.
    fn log_parcels(&mut self, casebook: &Hash, pending: &Own) -> Result<Vec<Parcel>, VaultError> {
        let of_log = |row: &&Row| row.casebook == *casebook && matches!(row.what, What::Log { .. });
        let stored: Vec<Row> = self.docket()?.facts().filter(of_log).cloned().collect();
        let mut parcels = Vec::new();
        for row in stored {
            parcels.push(self.parcel(&row)?);
        }
        parcels.extend(pending.parcels.iter().cloned());
        parcels.retain(|parcel| parcel.header.items.len() == 1 && parcel.header.items[0].kind == ItemKind::Log);
        Ok(parcels)
    }

    /// The keys that a device of some role gets.
    fn keys_for(&self, casebook: &Hash, reads: bool, keeper: bool) -> Result<KeysText, VaultError> {
        let book = self.keys(casebook)?;
        let epochs = book.epochs.iter().filter(|_| reads).map(|(number, key)| (*number, key.secret_text())).collect();
        let recipients = book.epochs.iter().map(|(number, key)| (*number, key.recipient().to_string())).collect();
        let keepers = book.keepers.iter().filter(|_| keeper).map(Identity::secret_text).collect();
        Ok(KeysText { epochs, recipients, register: Some(book.register.to_string()), keepers })
    }
}

/// The device, and others that nobody has, up to the fewest recipients.
fn recipients_for(badge: &Badge) -> Result<Vec<Recipient>, VaultError> {
    let own: Recipient = badge.recipient.parse().map_err(|_| VaultError::NoCasebook)?;
    let strange = std::iter::repeat_with(|| Identity::generate().recipient());
    Ok(std::iter::once(own).chain(strange).take(MIN_RECIPIENTS).collect())
}

/// Parcels in parts that fit into one file each.
pub(super) fn parts(parcels: &[Parcel]) -> Vec<&[Parcel]> {
    let mut parts = Vec::new();
    let (mut from, mut size) = (0, 0);
    for (at, parcel) in parcels.iter().enumerate() {
        let bytes = parcel.header_bytes.len() + parcel.items.iter().map(Vec::len).sum::<usize>() + 128;
        if at > from && size + bytes > WELCOME_BYTES {
            parts.push(&parcels[from..at]);
            (from, size) = (at, 0);
        }
        size += bytes;
    }
    parts.push(&parcels[from..]);
    parts
}
