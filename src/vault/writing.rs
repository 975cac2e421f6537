//! Parcels of this device that change no record: operations of the membership log, keys, receipts.

use super::addressing::Recipients;
use super::docket::{Hash, Row};
use super::logs::enter;
use super::saving::sealed_parcel;
use super::store::Batch;
use super::{Chain, Vault, VaultError};
use crate::crypto::{Sealed, SigningKey};
use crate::parcel::{Header, ItemKind, Parcel};
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
        let log = self.state.chains.get(&hex::encode(casebook)).map(|chain| chain.log.clone()).unwrap_or_default();
        let chain = Chain { chain: hex::encode(draw::<8>(chance)), log, ..Chain::default() };
        let header = Header { device: signing.device(), ..self.header(casebook, &chain, &draw(chance), own.time) };
        self.signed(signing, header, items, to, own)?;
        self.note_log_heads();
        Ok(())
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
