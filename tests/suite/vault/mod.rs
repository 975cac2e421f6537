//! The vault: opening, keeping, mending, backing up; and what damage may never do.

mod backup;
mod check;
mod flip;
mod open;
mod passphrase;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use sandyq::crypto::{Identity, Sealed, open as unseal};
use sandyq::error::Error;
use sandyq::parcel::{Parcel, actor, unpack};
use sandyq::vault::{Silent, Vault, VaultError};

/// The members of a backup: name and bytes.
pub fn members(backup: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(std::fs::File::open(backup).expect("a backup"));
    let read = |entry: std::io::Result<tar::Entry<std::fs::File>>| {
        let mut entry = entry.expect("a member");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        (entry.path().expect("a name").display().to_string(), bytes)
    };
    archive.entries().expect("members").map(read).collect()
}

/// Every parcel of a vault, with the bytes of the file it came in.
pub fn parcels(vault: &mut Vault, scratch: &Path) -> Vec<Parcel> {
    let backup = scratch.join("parcels.tar");
    vault.backup(&backup, 0, &mut Silent).expect("a backup");
    let keyring = vault.keyring();
    let keys: Vec<Identity> =
        keyring.casebooks.iter().flat_map(|book| book.epochs.iter().map(|(_, key)| key.clone())).chain([keyring.device.clone()]).collect();
    let opened = members(&backup).into_iter().filter_map(|(_, bytes)| unseal(&keys, &Sealed::from_outside(bytes), 1 << 21).ok());
    let found = opened.flat_map(|plain| unpack(plain.as_bytes()).expect("parcels")).collect();
    std::fs::remove_file(backup).expect("removed");
    found
}

pub fn actors(parcels: &[Parcel]) -> BTreeSet<[u8; 32]> {
    let fixed = |text: &str| hex::decode(text).expect("hex");
    parcels
        .iter()
        .map(|p| actor(&fixed(&p.header.casebook).try_into().expect("32"), &p.header.device, p.header.n, &fixed(&p.header.nonce).try_into().expect("16")))
        .collect()
}

/// The refusal of something that must not open.
pub fn refusal<T>(result: Result<T, VaultError>) -> VaultError {
    result.map(|_| ()).expect_err("it was taken")
}

pub fn vault_error(error: Error) -> VaultError {
    match error {
        Error::Vault(error) => error,
        other => panic!("{other:?}"),
    }
}
