//! A new epoch: keys that only the present members get, in one keys file for each class of them. Works with nobody
//! reachable: whoever meets the files on any stick goes on from there.

use std::collections::BTreeMap;

use super::addressing::parsed;
use super::docket::Hash;
use super::handing::{KeysFile, sealed_to};
use super::mailboxes::new_mailbox;
use super::writing::Own;
use super::{Vault, VaultError};
use crate::crypto::{Identity, Passphrase, Recipient, plain_hash};
use crate::parcel::ItemKind;
use crate::sys::chance::{Chance, draw};
use crate::team::{Act, KeysClass, KeysText, MailboxKeys, Member, Membership, Operation, Role, Roll};

/// A new epoch as it was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rolled {
    pub number: u64,
    /// How many members are to get keys that read.
    pub readers: u64,
    /// Keys files that were written, and the bytes of them.
    pub files: u64,
    pub bytes: u64,
}

/// The classes of members, each with a keys file of its own.
const CLASSES: [KeysClass; 5] = [KeysClass::Admin, KeysClass::Editor, KeysClass::Reader, KeysClass::Capture, KeysClass::Keeper];

impl Vault {
    /// Tells whether new keys are due: somebody holds present ones and is no member with that right any more.
    pub fn needs_roll(&self, casebook: &Hash) -> bool {
        self.team(casebook).is_some_and(|team| team.clean_epoch().is_none() || team.clean_register().is_none() || !team.owned_by_admins())
    }

    /// Begins a new epoch.
    ///
    /// # Errors
    /// Returns [`VaultError::WrongPassphrase`], [`VaultError::Unread`] on a device without keys, or what the disk refused; then
    /// nothing was begun.
    pub fn roll(&mut self, casebook: &Hash, passphrase: &Passphrase, time: i64, chance: &mut dyn Chance) -> Result<Rolled, VaultError> {
        self.writable()?;
        self.unlock_check(passphrase)?;
        if !self.keys(casebook)?.can_read() {
            return Err(VaultError::Unread);
        }
        self.docket()?;
        self.attempt(|vault| {
            let mut own = Own::at(time);
            vault.share_genesis(casebook, chance, &mut own)?;
            let keys = vault.new_keys(casebook, chance)?;
            let files = vault.class_files(casebook, Some(&keys.register), time, chance)?;
            vault.write_roll(casebook, &keys, &files, time, chance, &mut own)?;
            files.values().for_each(|file| own.take(file));
            vault.next_generation();
            let rolled = rolled(&keys, &files, vault.log(casebook)?.membership());
            vault.settle(passphrase, own)?;
            Ok(rolled)
        })
    }

    /// Makes the keys of the next epoch and enters them into the keyring.
    fn new_keys(&mut self, casebook: &Hash, chance: &mut dyn Chance) -> Result<NewKeys, VaultError> {
        let team = self.log(casebook)?.membership();
        let number = team.epochs.last().map_or(0, |epoch| epoch.number + 1);
        let keeps = team.members.get(&self.keyring.signing.device()).is_some_and(|member| member.keeper);
        let keys = NewKeys { number, epoch: Identity::generate(), register: Identity::generate(), mailbox: new_mailbox(number, chance) };
        let book = self.keyring.casebooks.iter_mut().find(|book| book.id == *casebook).ok_or(VaultError::NoCasebook)?;
        book.epochs.push((number, keys.epoch.clone()));
        book.register = keys.register.recipient();
        book.keepers.extend(keeps.then(|| keys.register.clone()));
        keys.mailbox.add_to(&mut book.mailboxes);
        Ok(keys)
    }

    /// Writes the keys file of each class that has members, with a register's key for keepers that this device perhaps does not
    /// keep.
    pub(super) fn class_files(
        &mut self,
        casebook: &Hash,
        register: Option<&Identity>,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<BTreeMap<KeysClass, KeysFile>, VaultError> {
        let mut files = BTreeMap::new();
        for class in CLASSES {
            let to = class_devices(self.log(casebook)?.membership(), class)?;
            if to.is_empty() {
                continue;
            }
            let text = self.class_keys(casebook, class, register)?;
            files.insert(class, self.keys_file(casebook, &text, &to, Vec::new(), time, chance)?);
        }
        Ok(files)
    }

    fn class_keys(&self, casebook: &Hash, class: KeysClass, register: Option<&Identity>) -> Result<KeysText, VaultError> {
        let keys = self.keys_for(casebook, role_of(class), class == KeysClass::Keeper)?;
        let mut keepers = keys.keepers;
        // An admin who is no keeper makes the register's key and does not keep it.
        let new = register.filter(|_| class == KeysClass::Keeper).map(Identity::secret_text);
        keepers.extend(new.filter(|new| !keepers.contains(new)));
        Ok(KeysText { keepers, ..keys })
    }

    /// Writes the operation, with all of the log in one file for every member's device: it proves the keys to those who are
    /// far behind, and to those that open no epoch.
    fn write_roll(
        &mut self,
        casebook: &Hash,
        keys: &NewKeys,
        files: &BTreeMap<KeysClass, KeysFile>,
        time: i64,
        chance: &mut dyn Chance,
        own: &mut Own,
    ) -> Result<(), VaultError> {
        let (log, to) = (self.log(casebook)?, self.devices_from(casebook, Role::Capture)?);
        let device = self.keyring.signing.device();
        let roll = Roll {
            number: keys.number,
            recipient: keys.epoch.recipient().to_string(),
            register: keys.register.recipient().to_string(),
            commitment: Some(keys.mailbox.commitment()),
            files: files.iter().map(|(class, file)| (*class, hex::encode(plain_hash(file.files[0].as_bytes())))).collect(),
        };
        let operation = Operation::Roll(Act::new(device, &log.heads_for(&device), roll, time, draw(chance)));
        let mut parcels = vec![self.next_parcel(casebook, vec![(ItemKind::Log, operation.to_bytes())], own, chance)?];
        parcels.extend(self.log_parcels(casebook, &own.parcels, |_| true)?);
        own.keep(&parcels[0], sealed_to(&parcels, &to)?, operation.id());
        Ok(())
    }

    /// This device, those of the other members with a role or more, and the recovery key.
    pub(super) fn devices_from(&self, casebook: &Hash, role: Role) -> Result<Vec<Recipient>, VaultError> {
        let (team, device) = (self.log(casebook)?.membership(), self.keyring.signing.device());
        let others = team.members.values().filter(|member| member.badge.device != device && member.role >= role);
        let others: Vec<Recipient> = others.map(|member| parsed(&member.badge.recipient)).collect::<Result<_, _>>()?;
        let recovery = team.recovery.iter().filter_map(|key| key.recipient.parse().ok());
        Ok(std::iter::once(self.keyring.device.recipient()).chain(others).chain(recovery).collect())
    }
}

/// The keys of an epoch that begins.
struct NewKeys {
    number: u64,
    epoch: Identity,
    register: Identity,
    mailbox: MailboxKeys,
}

/// The role whose keys a class gets; a keeper has some role besides.
fn role_of(class: KeysClass) -> Option<Role> {
    match class {
        KeysClass::Admin => Some(Role::Admin),
        KeysClass::Editor => Some(Role::Editor),
        KeysClass::Reader => Some(Role::Reader),
        KeysClass::Capture => Some(Role::Capture),
        KeysClass::Keeper => None,
    }
}

/// The devices of a class; those who can let an admin in again get what admins and keepers get.
fn class_devices(team: &Membership, class: KeysClass) -> Result<Vec<Recipient>, VaultError> {
    let of_class = |member: &&Member| match class {
        KeysClass::Admin => member.role == Role::Admin,
        KeysClass::Editor => member.role == Role::Editor,
        KeysClass::Reader => member.role == Role::Reader,
        KeysClass::Capture => member.role == Role::Capture,
        KeysClass::Keeper => member.keeper,
    };
    let mut devices: Vec<Recipient> = team.members.values().filter(of_class).map(|member| parsed(&member.badge.recipient)).collect::<Result<_, _>>()?;
    if matches!(class, KeysClass::Admin | KeysClass::Keeper) {
        devices.extend(team.recovery.iter().filter_map(|key| key.recipient.parse().ok()));
    }
    Ok(devices)
}

fn rolled(keys: &NewKeys, files: &BTreeMap<KeysClass, KeysFile>, team: &Membership) -> Rolled {
    let all = || files.values().flat_map(|file| &file.files);
    Rolled {
        number: keys.number,
        readers: team.members.values().filter(|member| member.role >= Role::Reader).count() as u64,
        files: all().count() as u64,
        bytes: all().map(|file| file.as_bytes().len() as u64).sum(),
    }
}
