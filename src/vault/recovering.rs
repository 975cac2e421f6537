//! The way back into a casebook with its recovery key, from any stick.

use std::collections::HashSet;

use super::docket::{Hash, hash_of};
use super::envelope::{fault_of, keys_of};
use super::joining::{JoinError, fits_log, log_in};
use super::writing::Own;
use super::{Vault, VaultError};
use crate::crypto::{Identity, Opened, Passphrase, Sealed, SigningKey, open};
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
        let mut keys: Vec<(Hash, KeysText)> = Vec::new();
        files(&mut |sealed| keys.extend(recovered_keys(recovery.1, &sealed)))?;
        let Some(casebook) = keys.first().map(|(casebook, _)| *casebook) else { return Ok(Err(JoinError::NotForThisDevice)) };
        keys.retain(|(id, _)| *id == casebook);
        if self.keyring.casebooks.iter().any(|book| book.id == casebook && book.can_read()) {
            return Ok(Err(JoinError::Joined));
        }
        let mut found;
        let mut log;
        loop {
            found = logs_with(&keys, recovery.1, files)?;
            log = log_in(casebook, found.shared.iter().chain(&found.apart));
            // Keys of an epoch that is none, as a removed admin may have begun one, are passed over with what they alone open.
            let before = keys.len();
            keys.retain(|(_, keys)| fits_log(keys, &log));
            if keys.len() == before {
                break;
            }
        }
        let FoundLogs { shared, mut apart } = found;
        let genesis = log.genesis().cloned();
        let known = genesis.filter(|genesis| genesis.recovery.as_ref().is_some_and(|key| key.signing == recovery.0.device()));
        let Some(genesis) = known.filter(|_| !keys.is_empty()) else { return Ok(Err(JoinError::DoesNotFit)) };
        if self.keyring.casebooks.iter().any(|book| book.id != casebook && book.name == genesis.name) {
            return Err(VaultError::CasebookExists.into());
        }
        for (_, keys) in &keys {
            self.enter_casebook(&casebook, genesis.name.clone(), keys, &log, passphrase, chance)?;
        }
        // What only the recovery key opens is kept for this device, which does not hold that key.
        let known: HashSet<Hash> = shared.iter().map(Parcel::id).collect();
        apart.retain(|parcel| !known.contains(&parcel.id()) && hash_of(&parcel.header.casebook) == Some(casebook) && fault_of(parcel).is_none());
        apart.sort_by_key(Parcel::id);
        apart.dedup_by_key(|parcel| parcel.id());
        self.let_in_by_recovery(&casebook, &log, &apart, recovery.0, time, chance)?;
        Ok(Ok(casebook))
    }

    fn let_in_by_recovery(
        &mut self,
        casebook: &Hash,
        log: &Log,
        apart: &[Parcel],
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
            own.keep_copies(apart, &vault.keyring.device.recipient())?;
            let to = vault.writing_to(casebook)?;
            vault.write_apart(casebook, signing, vec![(ItemKind::Log, operation.to_bytes())], &to, chance, &mut own)?;
            vault.keep(own)
        })
    }
}

/// Parcels with operations of the log.
struct FoundLogs {
    /// Those that keys of the casebook open.
    shared: Vec<Parcel>,
    /// Those that the recovery key alone opens.
    apart: Vec<Parcel>,
}

fn logs_with<E>(keys: &[(Hash, KeysText)], recovery: &Identity, files: &mut EachFile<'_, E>) -> Result<FoundLogs, E> {
    let identities: Vec<Identity> = keys.iter().flat_map(|(_, keys)| &keys.epochs).filter_map(|(_, secret)| secret.parse().ok()).collect();
    let mut found = FoundLogs { shared: Vec::new(), apart: Vec::new() };
    files(&mut |sealed| {
        let log_with = |keys: &[Identity]| open(keys, &sealed, parcel::MAX_SEALED as u64).ok().and_then(|opened| log_parcels_in(&opened));
        match log_with(&identities) {
            Some(parcels) => found.shared.extend(parcels),
            None => found.apart.extend(log_with(std::slice::from_ref(recovery)).into_iter().flatten()),
        }
    })?;
    Ok(found)
}

/// Keys that the recovery key opens, with their casebook.
fn recovered_keys(recovery: &Identity, sealed: &Sealed) -> Vec<(Hash, KeysText)> {
    let Ok(opened) = open([recovery], sealed, parcel::MAX_SEALED as u64) else { return Vec::new() };
    let parcels = parcel::unpack(opened.as_bytes()).unwrap_or_default();
    parcels.iter().filter_map(|parcel| Some((hash_of(&parcel.header.casebook)?, keys_of(parcel)?))).collect()
}

fn log_parcels_in(opened: &Opened) -> Option<Vec<Parcel>> {
    let parcels = parcel::unpack(opened.as_bytes()).ok()?;
    Some(parcels.into_iter().filter(|parcel| parcel.header.items.iter().any(|item| item.kind == ItemKind::Log)).collect())
}
