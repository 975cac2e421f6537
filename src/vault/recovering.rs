//! The way back into a casebook with its recovery key, from any stick.

use super::docket::{Hash, hash_of};
use super::envelope::{fault_of, keys_of};
use super::joining::{JoinError, fits_log, log_in, with_known_mailboxes};
use super::writing::Own;
use super::{Vault, VaultError};
use crate::crypto::{DeviceId, Identity, Opened, Passphrase, Sealed, SigningKey, open};
use crate::parcel::{self, ItemKind, Parcel};
use crate::sys::chance::{Chance, draw};
use crate::team::{Act, Add, KeysText, Log, Operation, Role};

/// Gives every sealed file of a place, each time it is called.
pub type EachFile<'a, E> = dyn FnMut(&mut dyn FnMut(Sealed)) -> Result<(), E> + 'a;

impl Vault {
    /// Comes back into a casebook with its recovery key: takes the keys from the files of any stick, and lets this device in
    /// as an admin by an operation that the recovery key signs.
    ///
    /// # Errors
    /// Returns [`JoinError::NotForThisDevice`] when no file holds keys for these words.
    pub fn recover<E: From<VaultError>>(
        &mut self,
        files: &mut EachFile<'_, E>,
        recovery: (&SigningKey, &Identity),
        passphrase: &Passphrase,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<Result<Hash, JoinError>, E> {
        self.writable()?;
        self.unlock_check(passphrase)?;
        let mut keys: Vec<Recovered> = Vec::new();
        files(&mut |sealed| keys.extend(recovered_keys(recovery.1, &sealed)))?;
        let Some(casebook) = keys.first().map(|keys| keys.casebook) else { return Ok(Err(JoinError::NotForThisDevice)) };
        keys.retain(|keys| keys.casebook == casebook);
        if self.keyring.casebooks.iter().any(|book| book.id == casebook && book.can_read()) {
            return Ok(Err(JoinError::Joined));
        }
        let identities: Vec<Identity> = keys.iter().flat_map(|keys| &keys.text.epochs).filter_map(|(_, secret)| secret.parse().ok()).collect();
        let mut parcels = Vec::new();
        files(&mut |sealed| {
            let opened = open(identities.iter().chain([recovery.1]), &sealed, parcel::MAX_SEALED as u64);
            parcels.extend(opened.ok().and_then(|opened| log_parcels_in(&opened)).into_iter().flatten());
        })?;
        let log = log_in(casebook, &parcels);
        let genesis = log.genesis().cloned();
        let known = genesis.filter(|genesis| genesis.recovery.as_ref().is_some_and(|key| key.signing == recovery.0.device()));
        // Keys of an epoch that is none, as a removed admin may have begun one, are passed over.
        keys.iter_mut().for_each(|keys| keys.text = with_known_mailboxes(std::mem::take(&mut keys.text), &log, &keys.author));
        keys.retain(|keys| fits_log(&keys.text, &log, &keys.author));
        let Some(genesis) = known.filter(|_| !keys.is_empty()) else { return Ok(Err(JoinError::DoesNotFit)) };
        if self.keyring.casebooks.iter().any(|book| book.id != casebook && book.name == genesis.name) {
            return Err(VaultError::CasebookExists.into());
        }
        for keys in &keys {
            self.enter_casebook(&casebook, genesis.name.clone(), &keys.text, &log, passphrase, chance)?;
        }
        // Some of the log opens for the recovery key alone, or for keys of an epoch that is none: it is kept for this device.
        parcels.retain(|parcel: &Parcel| hash_of(&parcel.header.casebook) == Some(casebook) && fault_of(parcel).is_none());
        parcels.sort_by_key(Parcel::id);
        parcels.dedup_by_key(|parcel| parcel.id());
        self.let_in_by_recovery(&casebook, (&log, &parcels), recovery.0, time, chance)?;
        Ok(Ok(casebook))
    }

    fn let_in_by_recovery(
        &mut self,
        casebook: &Hash,
        (log, parcels): (&Log, &[Parcel]),
        signing: &SigningKey,
        time: i64,
        chance: &mut dyn Chance,
    ) -> Result<(), VaultError> {
        let add = Add { badge: self.badge(), role: Role::Admin, keeper: true, verified: true, invite: None };
        let operation = Operation::Add(Act::new(signing.device(), &log.heads_for(&signing.device()), add, time, draw(chance)));
        self.attempt(|vault| {
            let mut own = Own::at(time);
            vault.logs.insert(*casebook, log.clone());
            vault.note_log_heads();
            own.keep_copies(parcels, &vault.keyring.device.recipient())?;
            let to = vault.writing_to(casebook)?;
            vault.write_apart(casebook, signing, vec![(ItemKind::Log, operation.to_bytes())], &to, chance, &mut own)?;
            vault.keep(own)
        })
    }
}

/// Keys that the recovery key opens.
struct Recovered {
    casebook: Hash,
    /// Device that signed them.
    author: DeviceId,
    text: KeysText,
}

fn recovered_keys(recovery: &Identity, sealed: &Sealed) -> Vec<Recovered> {
    let Ok(opened) = open([recovery], sealed, parcel::MAX_SEALED as u64) else { return Vec::new() };
    let parcels = parcel::unpack(opened.as_bytes()).unwrap_or_default();
    let recovered = |parcel: &Parcel| Some(Recovered { casebook: hash_of(&parcel.header.casebook)?, author: parcel.header.device, text: keys_of(parcel)? });
    parcels.iter().filter_map(recovered).collect()
}

fn log_parcels_in(opened: &Opened) -> Option<Vec<Parcel>> {
    let parcels = parcel::unpack(opened.as_bytes()).ok()?;
    Some(parcels.into_iter().filter(|parcel| parcel.header.items.iter().any(|item| item.kind == ItemKind::Log)).collect())
}
