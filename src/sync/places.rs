//! The places this vault exchanges with, and how far each one got. Remembered sealed; nothing on a stick configures anything.

use serde::{Deserialize, Serialize};

use crate::transport::Remembered;
use crate::vault::{Vault, VaultError};

/// Name of the slot.
const SLOT: &str = "places";

/// A place and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Casebook, in hex: each one goes its own ways.
    pub casebook: String,
    /// How a person calls it: the path.
    pub name: String,
    /// Parts that were read before.
    pub memory: Remembered,
    /// Every file up to this number is there, as long as the parts are.
    pub up_to: i64,
    /// Claimed seconds since 1970 of the last success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
}

/// Returns the places, oldest first.
///
/// # Errors
/// Returns what the disk refused. A list that does not open is an empty one: it only costs a longer look.
pub fn places(vault: &Vault) -> Result<Vec<Place>, VaultError> {
    let kept = vault.kept(SLOT)?;
    Ok(kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
}

/// Returns what is known of a place.
///
/// # Errors
/// As [`places`].
pub fn place(vault: &Vault, casebook: &str, name: &str) -> Result<Place, VaultError> {
    let known = places(vault)?.into_iter().find(|place| place.casebook == casebook && place.name == name);
    Ok(known.unwrap_or_else(|| Place { casebook: casebook.to_owned(), name: name.to_owned(), ..Place::default() }))
}

/// Remembers a place.
///
/// # Errors
/// Returns what the disk refused.
pub fn remember(vault: &mut Vault, place: Place) -> Result<(), VaultError> {
    let mut all = places(vault)?;
    match all.iter_mut().find(|known| known.casebook == place.casebook && known.name == place.name) {
        Some(known) => *known = place,
        None => all.push(place),
    }
    keep(vault, &all)
}

/// Forgets a place; returns whether it was known.
///
/// # Errors
/// Returns what the disk refused.
pub fn forget(vault: &mut Vault, casebook: &str, name: &str) -> Result<bool, VaultError> {
    let mut all = places(vault)?;
    let before = all.len();
    all.retain(|place| place.casebook != casebook || place.name != name);
    keep(vault, &all)?;
    Ok(all.len() < before)
}

fn keep(vault: &mut Vault, all: &[Place]) -> Result<(), VaultError> {
    vault.keep_slot(SLOT, &serde_json::to_vec(all).expect("places have only text keys"))
}
