//! Keys files: keys of a casebook with the log that proves them, for listed devices. A welcome is one for a single device.

use std::collections::BTreeSet;

use super::addressing::{MAX_RECIPIENTS, parsed};
use super::docket::{Hash, Row, What};
use super::writing::Own;
use super::{Vault, VaultError};
use crate::crypto::{DeviceId, Identity, Recipient, Sealed, padded, plain_hash, seal};
use crate::parcel::{self, ItemKind, Parcel};
use crate::sys::chance::Chance;
use crate::team::{Badge, KeysText, Operation, OperationId, Role};

/// How many keys a file is sealed to, by steps: how many devices it is for does not show exactly.
const STEPS: [usize; 5] = [4, 8, 16, 32, MAX_RECIPIENTS];
/// Bytes of parcels that one file takes.
const FILE_BYTES: usize = 512 * 1024;

/// Slot that remembers to whom keys were handed.
const HANDED: &str = "handed";

/// A keys file that was written: its sealed files, the one with the keys first.
#[derive(Debug)]
pub(super) struct KeysFile {
    pub files: Vec<Sealed>,
    /// The line of the docket for the parcel with the keys.
    pub row: Row,
}

impl Vault {
    /// Writes the files of a welcome for one device: the keys of its role, and the log. A device that opens neither lets nobody in.
    pub(super) fn welcome(&mut self, casebook: &Hash, badge: &Badge, own: &Own, time: i64, chance: &mut dyn Chance) -> Result<KeysFile, VaultError> {
        if !self.keys(casebook)?.can_read() {
            return Err(VaultError::Unread);
        }
        let member = self.log(casebook)?.membership().members.get(&badge.device);
        let (role, keeper) = member.map_or((Role::Capture, false), |member| (member.role, member.keeper));
        let keys = self.keys_for(casebook, Some(role), keeper)?;
        let log = self.log_parcels(casebook, &own.parcels, |_| true)?;
        self.keys_file(casebook, &keys, &[parsed(&badge.recipient)?], log, time, chance)
    }

    /// Writes a keys file for some devices, with parcels of the log.
    pub(super) fn keys_file(
        &mut self,
        casebook: &Hash,
        keys: &KeysText,
        to: &[Recipient],
        log: Vec<Parcel>,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<KeysFile, VaultError> {
        let with_keys = self.apart(casebook, vec![(ItemKind::Keys, keys.to_text().as_bytes().to_vec())], time, chance)?;
        let mut parcels = vec![with_keys.clone()];
        parcels.extend(log);
        let files = sealed_to(&parcels, to)?;
        let first = plain_hash(files[0].as_bytes());
        let row = Row::of(&with_keys, (first, Hash::default()), None).ok_or(VaultError::NoCasebook)?;
        Ok(KeysFile { files, row })
    }

    /// Returns the log as the plaintext of a sealed file would hold it: signed, and with nothing but the log in it.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn log_text(&mut self, casebook: &Hash) -> Result<Vec<u8>, VaultError> {
        Ok(parcel::pack(&self.log_parcels(casebook, &[], |_| true)?))
    }

    /// Hands keys to members whom the beginning of the present epoch did not know yet: they came in at the same time as it.
    /// Returns to how many.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn hand_keys(&mut self, casebook: &Hash, time: i64, chance: &mut dyn Chance) -> Result<u64, VaultError> {
        let missed = self.missed_by_roll(casebook)?;
        let (count, devices) = (missed.len() as u64, missed.iter().map(|badge| badge.device).collect::<Vec<_>>());
        if count > 0 {
            self.operate_all(casebook, time, chance, |vault, own, chance| {
                for badge in missed {
                    let keys = vault.welcome(casebook, &badge, own, time, chance)?;
                    own.take(&keys);
                }
                Ok(())
            })?;
            self.note_handed(casebook, &devices)?;
        }
        Ok(count)
    }

    /// Members who came in beside the roll of the present epoch and whom this device, an admin's, gave no keys since.
    fn missed_by_roll(&mut self, casebook: &Hash) -> Result<Vec<Badge>, VaultError> {
        let own = self.keyring.signing.device();
        if self.present_key(casebook).is_none() || self.team(casebook).and_then(|team| team.role(&own)) != Some(Role::Admin) {
            return Ok(Vec::new());
        }
        let log = self.log(casebook)?;
        let Some(epoch) = log.membership().clean_epoch() else { return Ok(Vec::new()) };
        let beside = |operation: &OperationId| *operation != epoch.id && !log.is_ancestor(operation, &epoch.id) && !log.is_ancestor(&epoch.id, operation);
        let raised = log.taken().filter(|signed| beside(&signed.operation.id())).filter_map(|signed| match &signed.operation {
            Operation::Add(act) => Some(act.what.badge.device),
            Operation::Role(act) => Some(act.what.member),
            _ => None,
        });
        let raised: BTreeSet<DeviceId> = raised.filter(|device| *device != own).collect();
        let (epoch, handed) = (epoch.id, self.handed()?);
        let new = raised.iter().filter(|device| !handed.contains(&handed_as(device, &epoch)));
        Ok(new.filter_map(|device| log.membership().members.get(device)).map(|member| member.badge.clone()).collect())
    }

    /// To whom this device handed keys of which epoch.
    fn handed(&self) -> Result<BTreeSet<String>, VaultError> {
        Ok(self.kept(HANDED)?.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default())
    }

    fn note_handed(&mut self, casebook: &Hash, devices: &[DeviceId]) -> Result<(), VaultError> {
        let mut handed = self.handed()?;
        let epoch = self.team(casebook).and_then(|team| team.clean_epoch()).map(|epoch| epoch.id).unwrap_or_default();
        handed.extend(devices.iter().map(|device| handed_as(device, &epoch)));
        self.keep_slot(HANDED, &serde_json::to_vec(&handed).expect("a list of texts"))
    }

    /// The parcels with operations of the log that are wanted, and the pending ones, without keys.
    pub(super) fn log_parcels(&mut self, casebook: &Hash, pending: &[Parcel], wanted: impl Fn(&Row) -> bool) -> Result<Vec<Parcel>, VaultError> {
        let of_log = |row: &&Row| row.casebook == *casebook && matches!(row.what, What::Log { .. }) && wanted(row);
        let stored: Vec<Row> = self.docket()?.facts().filter(of_log).cloned().collect();
        let (mut parcels, mut read) = (Vec::new(), None);
        for row in stored {
            parcels.extend(self.kept_parcel(&row.kept(), &mut read).ok().cloned());
        }
        parcels.extend(pending.iter().cloned());
        parcels.retain(|parcel| parcel.header.items.len() == 1 && parcel.header.items[0].kind == ItemKind::Log);
        Ok(parcels)
    }

    /// The keys that a device of some role gets, or a keeper of none: those of every epoch that is still kept.
    pub(super) fn keys_for(&self, casebook: &Hash, role: Option<Role>, keeper: bool) -> Result<KeysText, VaultError> {
        let (book, reads) = (self.keys(casebook)?, role >= Some(Role::Reader));
        let epochs = book.epochs.iter().filter(|_| reads).map(|(number, key)| (*number, key.secret_text())).collect();
        let recipients = book.epochs.iter().map(|(number, key)| (*number, key.recipient().to_string())).collect();
        let keepers = book.keepers.iter().filter(|_| keeper).map(Identity::secret_text).collect();
        let mailboxes = book.mailboxes.iter().filter_map(|mailbox| mailbox.of_role(role?)).collect();
        Ok(KeysText { epochs, recipients, register: Some(book.register.to_string()), keepers, mailboxes })
    }
}

fn handed_as(device: &DeviceId, epoch: &OperationId) -> String {
    format!("{device} {}", hex::encode(epoch))
}

/// Seals parcels to devices: as many files as parcels and devices ask for, the first with the first parcels.
pub(super) fn sealed_to(parcels: &[Parcel], devices: &[Recipient]) -> Result<Vec<Sealed>, VaultError> {
    let mut files = Vec::new();
    for part in parts(parcels) {
        let plain = padded(parcel::pack(part));
        for some in devices.chunks(MAX_RECIPIENTS) {
            files.push(seal(&filled(some), &plain)?);
        }
    }
    Ok(files)
}

/// Some devices, and others that nobody has, up to the next step.
fn filled(devices: &[Recipient]) -> Vec<Recipient> {
    let size = STEPS.into_iter().find(|step| *step >= devices.len()).unwrap_or(devices.len());
    let strange = std::iter::repeat_with(|| Identity::generate().recipient());
    devices.iter().cloned().chain(strange).take(size).collect()
}

/// Parcels in parts that fit into one file each.
pub(super) fn parts(parcels: &[Parcel]) -> Vec<&[Parcel]> {
    let mut parts = Vec::new();
    let (mut from, mut size) = (0, 0);
    for (at, parcel) in parcels.iter().enumerate() {
        let bytes = parcel.size();
        if at > from && size + bytes > FILE_BYTES {
            parts.push(&parcels[from..at]);
            (from, size) = (at, 0);
        }
        size += bytes;
    }
    parts.push(&parcels[from..]);
    parts
}
