//! What a sealed file from elsewhere turns out to be, by itself: its form, who can open it, signatures, hashes and the form of
//! each change. Nothing here depends on what else is held.

use super::docket::{self, Hash, Row};
use super::keyring::{Keyring, OpenedBy};
use super::reading::change_fits;
use super::rebuild::operation_of;
use crate::crypto::{SealError, Sealed, stanzas};
use crate::parcel::{self, ItemKind, MAX_SEALED, Parcel};
use crate::team::{KeysText, Operation};

/// Most stanzas in the head of a sealed file.
const MAX_STANZAS: usize = 64;

/// What a sealed file from elsewhere turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope {
    /// Parcels of a casebook of this vault, each signed and whole, with the public key of the epoch that the file is sealed to:
    /// zeros where it is sealed to listed devices.
    Parcels(Vec<Parcel>, Hash),
    /// No key of this vault opens it: a piece of an attached file, or for somebody else.
    Carried,
    /// It is for this device and of a casebook that it has not joined.
    Elsewhere(Hash),
    /// It is no file of parcels or breaks a rule, with the code of the reason.
    Refused(&'static str),
}

impl Keyring {
    /// Tells what a sealed file is: its form, who can open it, signatures, hashes and the form of each change.
    pub fn envelope(&self, sealed: &Sealed) -> Envelope {
        let size = sealed.as_bytes().len();
        let allowed = |kinds: Vec<String>| kinds.len() <= MAX_STANZAS && kinds.iter().all(|kind| kind == "X25519" || kind.ends_with("-grease"));
        if size > MAX_SEALED || !stanzas(sealed, MAX_STANZAS + 1).is_some_and(allowed) {
            return Envelope::Refused("not-a-sealed-file");
        }
        match self.open_with_any(sealed) {
            Err(SealError::NoKey) => Envelope::Carried,
            Err(_) => Envelope::Refused("damaged"),
            Ok((opened, by)) => self.opened_envelope(opened.as_bytes(), by),
        }
    }

    fn opened_envelope(&self, plain: &[u8], by: OpenedBy) -> Envelope {
        let parcels = match parcel::unpack(plain) {
            Ok(parcels) => parcels,
            Err(error) => return Envelope::Refused(error.code()),
        };
        let casebook = parcels.first().and_then(|parcel| docket::hash_of(&parcel.header.casebook)).unwrap_or_default();
        let one = parcels.iter().all(|parcel| docket::hash_of(&parcel.header.casebook) == Some(casebook));
        let ours = match by {
            OpenedBy::Casebook(id, _) => id == casebook,
            OpenedBy::Device => one && self.casebooks.iter().any(|book| book.id == casebook),
        };
        let under = if let OpenedBy::Casebook(_, under) = by { under } else { Hash::default() };
        match (one && ours, by) {
            (false, OpenedBy::Device) if one => Envelope::Elsewhere(casebook),
            (false, _) => Envelope::Refused("wrong-casebook"),
            (true, _) => parcels.iter().find_map(fault_of).map_or(Envelope::Parcels(parcels, under), Envelope::Refused),
        }
    }
}

/// The rule that a parcel breaks by itself.
pub(super) fn fault_of(parcel: &Parcel) -> Option<&'static str> {
    let operation = operation_of(parcel);
    let is_log = parcel.header.items.iter().any(|item| item.kind == ItemKind::Log);
    let mut deps: Vec<&String> = parcel.header.log.iter().collect();
    deps.sort();
    let agrees = |operation: &Operation| operation.by() == parcel.header.device && operation.deps().iter().collect::<Vec<_>>() == deps;
    let id = operation.as_ref().map(Operation::id);
    match operation {
        None if is_log => Some("operation-of-newer-version"),
        Some(operation @ Operation::Genesis(_)) if hex::encode(operation.casebook()) != parcel.header.casebook => Some("wrong-casebook"),
        Some(operation) if !matches!(operation, Operation::Genesis(_)) && !agrees(&operation) => Some("operation-not-by-author"),
        _ if !change_fits(parcel) => Some("change-does-not-fit"),
        _ if Row::of(parcel, (Hash::default(), Hash::default()), id).is_none() => Some("several-things"),
        _ => None,
    }
}

/// The keys in a parcel that has some.
pub(super) fn keys_of(parcel: &Parcel) -> Option<KeysText> {
    let at = parcel.header.items.iter().position(|item| item.kind == ItemKind::Keys)?;
    std::str::from_utf8(&parcel.items[at]).ok().and_then(KeysText::from_text)
}
