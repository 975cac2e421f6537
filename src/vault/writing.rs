//! Parcels of this device that change no record: operations of the membership log, keys, receipts.

use super::addressing::Recipients;
use super::docket::{Hash, Judged, Row};
use super::handing::{KeysFile, parts};
use super::logs::enter;
use super::rebuild::operation_of;
use super::saving::sealed_parcel;
use super::store::Batch;
use super::{Chain, Vault, VaultError};
use crate::crypto::{Recipient, Sealed, SigningKey, padded, plain_hash, seal};
use crate::parcel::{self, Header, ItemKind, Parcel};
use crate::sys::chance::{Chance, draw};
use crate::team::{Operation, Signed};

/// Parcels that were written and are not durable yet, with their lines of the docket.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// Claimed seconds since 1970 at which they are written.
    time: i64,
    pub parcels: Vec<Parcel>,
    pub files: Vec<Sealed>,
    pub rows: Vec<Row>,
}

impl Own {
    /// Begins at a claimed second since 1970.
    pub fn at(time: i64) -> Own {
        Own { time, ..Own::default() }
    }

    /// Keeps parcels of others, sealed to this device alone.
    pub fn keep_copies(&mut self, parcels: &[Parcel], device: &Recipient) -> Result<(), VaultError> {
        for part in parts(parcels).into_iter().filter(|part| !part.is_empty()) {
            let sealed = seal([device], &padded(parcel::pack(part)))?;
            let file = plain_hash(sealed.as_bytes());
            let row = |parcel: &Parcel| Row::of(parcel, (file, Hash::default()), operation_of(parcel).map(|operation| operation.id()));
            self.rows.extend(part.iter().filter_map(row).map(|row| Row { judged: Judged::Sound, ..row }));
            self.files.push(sealed);
        }
        Ok(())
    }

    /// Takes a parcel with an operation in, as the first one of files.
    pub fn keep(&mut self, parcel: &Parcel, files: Vec<Sealed>, operation: Hash) {
        let file = plain_hash(files[0].as_bytes());
        let row = Row::of(parcel, (file, Hash::default()), Some(operation)).map(|row| Row { judged: Judged::Sound, ..row });
        self.rows.extend(row);
        self.parcels.push(parcel.clone());
        self.files.extend(files);
    }

    /// Takes a keys file in.
    pub fn take(&mut self, keys: &KeysFile) {
        self.files.extend(keys.files.iter().cloned());
        self.rows.push(Row { judged: Judged::Sound, ..keys.row.clone() });
    }
}

/// What goes into a parcel.
pub(super) type Items = Vec<(ItemKind, Vec<u8>)>;

impl Vault {
    /// Runs a change of the vault; one that fails leaves everything as it was.
    pub(super) fn attempt<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let before = (self.keyring.clone(), self.state.clone(), self.logs.clone());
        let done = change(self);
        if done.is_err() {
            (self.keyring, self.state, self.logs) = before;
        }
        self.docket = None;
        done
    }

    /// Writes a parcel in this device's chain.
    pub(super) fn write(&mut self, casebook: &Hash, items: Items, to: &Recipients, chance: &mut dyn Chance, own: &mut Own) -> Result<(), VaultError> {
        let chain = self.state.chains.get(&hex::encode(casebook)).ok_or(VaultError::NoCasebook)?;
        let header = self.header(casebook, chain, &draw(chance), own.time);
        let signing = self.keyring.signing.clone();
        let parcel = self.signed(&signing, header, items, to, own)?;
        self.advance(casebook, &parcel);
        self.note_log_heads();
        Ok(())
    }

    /// Signs the next parcel in this device's chain, for files that are written by hand.
    pub(super) fn next_parcel(&mut self, casebook: &Hash, items: Items, own: &Own, chance: &mut dyn Chance) -> Result<Parcel, VaultError> {
        let chain = self.state.chains.get(&hex::encode(casebook)).ok_or(VaultError::NoCasebook)?;
        let header = self.header(casebook, chain, &draw(chance), own.time);
        let operation = items.iter().find(|(kind, _)| *kind == ItemKind::Log).and_then(|(_, bytes)| Operation::from_bytes(bytes));
        let parcel = Parcel::sign(&self.keyring.signing, header, items)?;
        if let Some(operation) = operation {
            enter(&mut self.logs, *casebook, Signed { operation, author: self.keyring.signing.device(), parcel: parcel.id() });
        }
        self.advance(casebook, &parcel);
        self.note_log_heads();
        Ok(parcel)
    }

    /// Writes a parcel in a chain of its own: keys, which not everybody sees, and what another key than this device's signs.
    pub(super) fn write_apart(
        &mut self,
        casebook: &Hash,
        signing: &SigningKey,
        items: Items,
        to: &Recipients,
        chance: &mut dyn Chance,
        own: &mut Own,
    ) -> Result<(), VaultError> {
        let header = Header { device: signing.device(), ..self.header_apart(casebook, own.time, chance) };
        self.signed(signing, header, items, to, own)?;
        self.note_log_heads();
        Ok(())
    }

    /// Signs a parcel of this device in a chain of its own, for files that are written by hand.
    pub(super) fn apart(&self, casebook: &Hash, items: Items, time: i64, chance: &mut dyn Chance) -> Result<Parcel, VaultError> {
        Ok(Parcel::sign(&self.keyring.signing, self.header_apart(casebook, time, chance), items)?)
    }

    fn header_apart(&self, casebook: &Hash, time: i64, chance: &mut dyn Chance) -> Header {
        let log = self.state.chains.get(&hex::encode(casebook)).map(|chain| chain.log.clone()).unwrap_or_default();
        let chain = Chain { chain: hex::encode(draw::<8>(chance)), log, ..Chain::default() };
        self.header(casebook, &chain, &draw(chance), time)
    }

    fn signed(&mut self, signing: &SigningKey, header: Header, items: Items, to: &Recipients, own: &mut Own) -> Result<Parcel, VaultError> {
        let operation = items.iter().find(|(kind, _)| *kind == ItemKind::Log).and_then(|(_, bytes)| Operation::from_bytes(bytes));
        let parcel = Parcel::sign(signing, header, items)?;
        let (files, row) = sealed_parcel(&parcel, to, operation.as_ref().map(Operation::id))?;
        if let Some(operation) = operation {
            enter(&mut self.logs, row.casebook, Signed { operation, author: signing.device(), parcel: row.id });
        }
        own.parcels.push(parcel.clone());
        own.files.extend(files);
        own.rows.push(row);
        Ok(parcel)
    }

    /// Makes what was written durable.
    pub(super) fn keep(&mut self, own: Own) -> Result<(), VaultError> {
        let batch = self.batch_of(own)?;
        self.store.write(batch)
    }

    /// The batch that makes written parcels durable, with the state and the logs.
    pub(super) fn batch_of(&mut self, own: Own) -> Result<Batch, VaultError> {
        let docket = self.entered(own.rows)?;
        let slots = vec![("state", self.sealed_state()?), self.sealed_logs()?];
        Ok(Batch { files: own.files, slots, docket, ..Batch::default() })
    }
}
