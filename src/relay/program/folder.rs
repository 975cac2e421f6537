//! The folder of a relay: settings, key, store, and a lock while it serves.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::settings::Settings;
use super::words::Fault;
use crate::relay::Identity;
use crate::sys::disk::{self, Lock, NoLock};

pub const SETTINGS: &str = "relay.toml";
pub const KEY: &str = "key.pem";
pub const CERTIFICATE: &str = "certificate.pem";
pub const STORE: &str = "store.sqlite";
const LOCK: &str = "lock";

/// Most bytes of settings, a key or a chain of certificates.
pub const SMALL: u64 = 256 * 1024;

/// A folder in which there is a relay.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Finds a relay.
    ///
    /// # Errors
    /// Returns [`Fault::NoFolder`] where there are no settings.
    pub fn at(path: &Path) -> Result<Folder, Fault> {
        let folder = Folder { path: path.to_owned() };
        match folder.text(&folder.settings_path()) {
            Err(Fault::Disk { system, .. }) if system.kind() == ErrorKind::NotFound => Err(Fault::NoFolder { path: path.to_owned() }),
            Err(fault) => Err(fault),
            Ok(_) => Ok(folder),
        }
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns where its settings are.
    pub fn settings_path(&self) -> PathBuf {
        self.path.join(SETTINGS)
    }

    /// Returns where its SQLite store is.
    pub fn store_path(&self) -> PathBuf {
        self.path.join(STORE)
    }

    /// Returns where its key is.
    pub fn key_path(&self, settings: &Settings) -> PathBuf {
        self.path.join(&settings.tls.key)
    }

    /// Reads its settings.
    ///
    /// # Errors
    /// Returns the line that does not fit, or what the system refused.
    pub fn settings(&self) -> Result<Settings, Fault> {
        let path = self.settings_path();
        Settings::read(&self.text(&path)?, &path)
    }

    /// Reads its key and certificate.
    ///
    /// # Errors
    /// Returns what is of no use, or what the system refused.
    pub fn identity(&self, settings: &Settings) -> Result<Identity, Fault> {
        let path = self.key_path(settings);
        let certificates = self.certificates(settings)?;
        let identity = Identity::of_pem(&self.text(&path)?, certificates.as_deref()).map_err(|error| Fault::Key { path, error })?;
        Ok(settings.backup_pin.into_iter().fold(identity, Identity::with_backup))
    }

    /// Reads the given certificates, if any are.
    ///
    /// # Errors
    /// Returns what the system refused.
    pub fn certificates(&self, settings: &Settings) -> Result<Option<String>, Fault> {
        settings.tls.certificate.as_ref().map(|path| self.text(&self.path.join(path))).transpose()
    }

    /// Holds the folder for one process.
    ///
    /// # Errors
    /// Returns who holds it, or what the system refused.
    pub fn lock(&self) -> Result<Lock, Fault> {
        let path = self.path.join(LOCK);
        match Lock::take(&path) {
            Ok(lock) if lock.writable() => Ok(lock),
            Ok(_) => Err(Fault::Rights { path: self.path.clone() }),
            Err(NoLock::Held(process)) => Err(Fault::Held { process }),
            Err(NoLock::Io(error)) => Err(disk_fault(&path)(error)),
        }
    }

    /// Reads a small file of text.
    ///
    /// # Errors
    /// Returns what the system refused.
    pub fn text(&self, path: &Path) -> Result<String, Fault> {
        let bytes = disk::read_limited(path, SMALL).map_err(disk_fault(path))?;
        String::from_utf8(bytes).map_err(|_| disk_fault(path)(ErrorKind::InvalidData.into()))
    }
}

/// Says what the system refused.
pub fn disk_fault(path: &Path) -> impl Fn(io::Error) -> Fault + '_ {
    |system| match system.kind() {
        ErrorKind::PermissionDenied => Fault::Rights { path: path.to_owned() },
        ErrorKind::AlreadyExists => Fault::Exists { path: path.to_owned() },
        _ => Fault::Disk { path: path.to_owned(), system },
    }
}
