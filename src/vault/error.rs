//! What can go wrong with a vault, each with a stable code.

use crate::crypto::SealError;
use crate::doc::DocError;
use crate::parcel::ParcelError;
use crate::sys::disk::NoLock;

/// A kind of failure; people see `err-<code>` and `hint-<code>` in their language.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("no vault in this folder")]
    Absent,
    #[error("a vault is already in this folder")]
    Exists,
    #[error("the vault is held by process {}", pid.map_or("unknown".into(), |pid| pid.to_string()))]
    InUse { pid: Option<u32> },
    #[error("wrong passphrase")]
    WrongPassphrase,
    #[error("the vault was made by a newer version")]
    Newer,
    #[error("{what} is damaged")]
    Tampered { what: Damage },
    #[error("the keyring is older than the vault")]
    OldKeyring,
    #[error("no casebook of that name")]
    NoCasebook,
    #[error("this device does not read the casebook yet")]
    Unread,
    #[error("several casebooks, none chosen")]
    WhichCasebook,
    #[error("a casebook of that name exists")]
    CasebookExists,
    #[error("nobody else could open what is sealed")]
    NobodyOpens,
    #[error("this device's membership does not allow writing")]
    MayNotWrite,
    #[error("there is no such record")]
    NoRecord,
    #[error("the record is too long for one parcel")]
    TooLarge,
    #[error("the disk is full")]
    DiskFull,
    #[error("the disk cannot be written")]
    ReadOnly,
    #[error("the disk cannot be written and a killed process left entries to take in")]
    Waiting,
    #[error("the disk failed: {0}")]
    Io(std::io::Error),
    #[error("{0}")]
    Record(DocError),
}

/// Which part is damaged. No names, no paths of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Both copies of the keyring.
    Keyring,
    /// The database file itself.
    Store,
    /// One sealed file, by its name; the record it belongs to where the view still knows.
    File { name: String, record: Option<String> },
    /// A cache that can be made again from the parcels.
    View,
    /// A backup file.
    Backup,
    /// A sealed file that should be there is not.
    Missing { name: String },
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Damage::Keyring => f.write_str("keyring"),
            Damage::Store => f.write_str("store"),
            Damage::File { name, .. } => write!(f, "sealed file {}", &name[..name.len().min(12)]),
            Damage::View => f.write_str("view"),
            Damage::Backup => f.write_str("backup"),
            Damage::Missing { name } => write!(f, "missing file {}", &name[..name.len().min(12)]),
        }
    }
}

impl VaultError {
    /// Returns the stable code, e.g. `vault.in-use`.
    pub fn code(&self) -> &'static str {
        match self {
            VaultError::Absent => "vault-absent",
            VaultError::Exists => "vault-exists",
            VaultError::InUse { .. } => "vault-in-use",
            VaultError::WrongPassphrase => "vault-wrong-passphrase",
            VaultError::Newer => "vault-newer",
            VaultError::Tampered { what } => match what {
                Damage::Keyring => "damaged-keyring",
                Damage::Store => "damaged-store",
                Damage::File { .. } => "damaged-file",
                Damage::View => "damaged-view",
                Damage::Backup => "damaged-backup",
                Damage::Missing { .. } => "damaged-missing",
            },
            VaultError::OldKeyring => "vault-old-keyring",
            VaultError::NoCasebook => "casebook-absent",
            VaultError::Unread => "casebook-unread",
            VaultError::WhichCasebook => "casebook-which",
            VaultError::CasebookExists => "casebook-exists",
            VaultError::NobodyOpens => "casebook-nobody-opens",
            VaultError::MayNotWrite => "casebook-may-not-write",
            VaultError::NoRecord => "record-absent",
            VaultError::TooLarge => "record-too-large",
            VaultError::DiskFull => "disk-full",
            VaultError::ReadOnly => "disk-read-only",
            VaultError::Waiting => "disk-read-only-waiting",
            VaultError::Io(_) => "disk-failed",
            VaultError::Record(_) => "record-damaged",
        }
    }

    /// A part that does not fit its signature, hash or key.
    pub fn damaged(what: Damage) -> Self {
        VaultError::Tampered { what }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => VaultError::DiskFull,
            ReadOnlyFilesystem | PermissionDenied => VaultError::ReadOnly,
            _ => VaultError::Io(error),
        }
    }
}

impl From<NoLock> for VaultError {
    fn from(no: NoLock) -> Self {
        match no {
            NoLock::Held(pid) => VaultError::InUse { pid },
            NoLock::Io(error) => error.into(),
        }
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly};
        match error.sqlite_error_code() {
            Some(DiskFull) => VaultError::DiskFull,
            Some(ReadOnly | CannotOpen) => VaultError::ReadOnly,
            Some(DatabaseBusy | DatabaseLocked) => VaultError::InUse { pid: None },
            Some(DatabaseCorrupt | NotADatabase) => VaultError::damaged(Damage::Store),
            Some(rusqlite::ErrorCode::SystemIoFailure) => VaultError::Io(std::io::Error::other(error.to_string())),
            _ => VaultError::damaged(Damage::Store),
        }
    }
}

impl From<DocError> for VaultError {
    fn from(error: DocError) -> Self {
        VaultError::Record(error)
    }
}

impl From<ParcelError> for VaultError {
    fn from(error: ParcelError) -> Self {
        match error {
            ParcelError::TooLarge => VaultError::TooLarge,
            ParcelError::Version => VaultError::Newer,
            _ => VaultError::damaged(Damage::Store),
        }
    }
}

impl From<SealError> for VaultError {
    fn from(_: SealError) -> Self {
        VaultError::damaged(Damage::Store)
    }
}
