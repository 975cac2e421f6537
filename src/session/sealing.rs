//! A device that opens nothing: sealing it, giving a colleague's sealed device its keys back, and opening again.

use super::Session;
use crate::crypto::{Passphrase, Sealed};
use crate::error::Error;
use crate::team::{Badge, Role};
use crate::vault::Mode;

impl Session {
    /// Returns what this device does with what it saves.
    pub fn mode(&self) -> Mode {
        self.vault.mode()
    }

    /// Seals this device: nothing in it opens what was recorded until a colleague gives keys back.
    ///
    /// # Errors
    /// Returns [`Error::NotShared`] for a casebook that nobody shares, [`crate::vault::VaultError::NobodyOpens`], or what the disk
    /// refused.
    pub fn seal(&mut self, passphrase: &Passphrase) -> Result<(), Error> {
        self.shared()?;
        self.view = None;
        self.quick = super::note::Quick::default();
        Ok(self.vault.seal(&self.casebook, passphrase)?)
    }

    /// Writes keys for a colleague whose device is sealed, after the colleague read out the words of its badge.
    ///
    /// # Errors
    /// Returns [`Error::SafetyWords`], or [`Error::MemberUnknown`] for a device that is no member who reads.
    pub fn reopening(&mut self, badge: &Badge, words: &str) -> Result<Vec<Sealed>, Error> {
        self.shared()?;
        if !self.reads() {
            return Err(crate::vault::VaultError::Unread.into());
        }
        self.compare(badge, words)?;
        let member = self.vault.log(&self.casebook)?.membership().role(&badge.device);
        if member < Some(Role::Reader) {
            return Err(Error::MemberUnknown);
        }
        let time = self.now().seconds;
        Ok(self.vault.reopening(&self.casebook, badge, time, &mut *self.chance)?)
    }

    /// Opens this device again with what a colleague wrote for it.
    ///
    /// # Errors
    /// Returns [`crate::vault::JoinError`] when it is not for this device or does not fit; then the device stays sealed.
    pub fn unseal(&mut self, files: Vec<Sealed>, passphrase: &Passphrase) -> Result<(), Error> {
        self.view = None;
        self.vault.unseal(files, passphrase)??;
        Ok(())
    }
}
