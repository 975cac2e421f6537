//! The membership logs as this vault remembers them between commands: a sealed slot, made again from the parcels when lost.

use serde::{Deserialize, Serialize};

use super::docket::{Hash, Logs, hash_of};
use super::store::Store;
use super::{Damage, Vault, VaultError};
use crate::crypto::{DeviceId, Identity, Sealed, open, padded, seal, unpadded};
use crate::team::{Log, Operation, Signed};

/// Name of the slot.
pub(super) const SLOT: &str = "team";
/// Most bytes that it may open to: 512 MiB. A log that does not fit is read from the parcels each time.
const MAX_LOGS: u64 = 512 * 1024 * 1024;

/// One operation as it is remembered.
#[derive(Serialize, Deserialize)]
struct Remembered {
    casebook: String,
    /// Device that signed the parcel.
    author: DeviceId,
    parcel: String,
    /// The operation as its parcel carries it.
    operation: String,
}

/// Opens the slot; an empty one where none was written.
///
/// # Errors
/// Returns [`Damage::View`] when it does not open: it can be made again.
pub(super) fn open_logs(store: &Store, storage: &Identity) -> Result<Logs, VaultError> {
    let damaged = || VaultError::damaged(Damage::View);
    let Some(sealed) = store.slot(SLOT)? else { return Ok(Logs::new()) };
    let opened = open([storage], &Sealed::from_outside(sealed), MAX_LOGS).map_err(|_| damaged())?;
    let rows: Vec<Remembered> = serde_json::from_slice(unpadded(opened.as_bytes())).map_err(|_| damaged())?;
    let mut logs = Logs::new();
    for row in rows {
        let casebook = hash_of(&row.casebook).ok_or_else(damaged)?;
        let operation = Operation::from_bytes(row.operation.as_bytes()).ok_or_else(damaged)?;
        let parcel = hash_of(&row.parcel).ok_or_else(damaged)?;
        enter(&mut logs, casebook, Signed { operation, author: row.author, parcel });
    }
    Ok(logs)
}

/// Enters an operation into the log of its casebook.
pub(super) fn enter(logs: &mut Logs, casebook: Hash, signed: Signed) {
    logs.entry(casebook).or_insert_with(|| Log::new(casebook)).take(signed);
}

impl Vault {
    /// Returns the membership log of a casebook.
    ///
    /// # Errors
    /// Returns [`VaultError::NoCasebook`] where none is known.
    pub fn log(&self, casebook: &Hash) -> Result<&Log, VaultError> {
        self.logs.get(casebook).ok_or(VaultError::NoCasebook)
    }

    /// Seals the logs for their slot.
    pub(super) fn sealed_logs(&self) -> Result<(&'static str, Vec<u8>), VaultError> {
        let row = |casebook: &Hash, signed: &Signed| Remembered {
            casebook: hex::encode(casebook),
            author: signed.author,
            parcel: hex::encode(signed.parcel),
            operation: String::from_utf8(signed.operation.to_bytes()).expect("an operation is JSON"),
        };
        let rows: Vec<Remembered> = self.logs.iter().flat_map(|(casebook, log)| log.taken().map(move |signed| row(casebook, signed))).collect();
        let plain = serde_json::to_vec(&rows).map_err(|_| VaultError::damaged(Damage::View))?;
        Ok((SLOT, seal([&self.keyring.storage.recipient()], &padded(plain))?.into_bytes()))
    }

    /// Takes the heads of every log over into this device's chains.
    pub(super) fn note_log_heads(&mut self) {
        let device = self.keyring.signing.device();
        // A device that let itself in knows of its invitation and has not got the log.
        for (casebook, log) in self.logs.iter().filter(|(_, log)| !log.heads().is_empty()) {
            if let Some(chain) = self.state.chains.get_mut(&hex::encode(casebook)) {
                chain.log = log.heads_for(&device).iter().map(hex::encode).collect();
            }
        }
    }

    /// Returns the handle of a device in a casebook: as its badge says, else this device's own, else the beginning of its key.
    pub fn handle_of(&self, casebook: &Hash, device: &DeviceId) -> String {
        self.handle_in(&self.logs, casebook, device)
    }

    /// Returns the handle of this device in a casebook.
    pub fn own_handle(&self, casebook: &Hash) -> String {
        self.handle_of(casebook, &self.keyring.signing.device())
    }

    pub(super) fn handle_in(&self, logs: &Logs, casebook: &Hash, device: &DeviceId) -> String {
        let badge = logs.get(casebook).and_then(|log| log.membership().handle(device));
        badge.unwrap_or_else(|| if *device == self.keyring.signing.device() { self.keyring.handle.clone() } else { format!("K-{}", &device.to_string()[..8]) })
    }
}
