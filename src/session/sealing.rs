//! A device that opens nothing: sealing it, giving a colleague's sealed device its keys back, and opening again.

use super::Session;
use super::note::{NoteContext, Quick};
use super::read::code_as_meant;
use super::short;
use crate::crypto::{Passphrase, Sealed};
use crate::error::Error;
use crate::team::{Badge, Role};
use crate::vault::{Mode, SealWhen, VaultError, hash_of};

/// What a device that opens nothing can say of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blind {
    /// People noted today.
    pub today: u64,
    /// Records that it made in the casebook.
    pub made: u64,
    /// Those of them that no known place has, as far as this device knows.
    pub only_here: u64,
    /// Sealed files that are in no place yet; none while no place is known.
    pub not_sent: Option<u64>,
    /// Known places with the claimed seconds since 1970 of the last success.
    pub places: Vec<(String, Option<i64>)>,
}

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
        if self.mode() != Mode::Open {
            return Err(VaultError::Unread.into());
        }
        // What was set for the event goes on in memory alone.
        let context = NoteContext { last: None, ..self.note_context() };
        self.view = None;
        self.vault.seal(&self.casebook, passphrase)?;
        self.quick = Quick { context, ..Quick::default() };
        Ok(())
    }

    /// Sets when this device seals itself: when a run of quick entry ends, or so many hours after now. Neither takes it back.
    ///
    /// # Errors
    /// As [`Session::seal`]: what could not be done later is refused now.
    pub fn seal_when(&mut self, on_leaving: bool, after_hours: Option<u32>) -> Result<(), Error> {
        let (casebook, since) = (hex::encode(self.casebook), self.now().seconds);
        let when = (on_leaving || after_hours.is_some()).then_some(SealWhen { casebook, on_leaving, after_hours, since });
        if when.is_some() {
            self.shared()?;
            if self.mode() != Mode::Open {
                return Err(VaultError::Unread.into());
            }
            self.vault.somebody_opens(&self.casebook)?;
        }
        self.vault.remember(|state| state.seal = when);
        Ok(self.vault.save_state()?)
    }

    /// Returns when this device seals itself; none on one that opens nothing already.
    pub fn seals_itself(&self) -> Option<&SealWhen> {
        self.vault.state().seal.as_ref().filter(|_| self.mode() == Mode::Open)
    }

    /// Tells whether the hours after which this device seals itself are over.
    pub fn seal_is_due(&self) -> bool {
        let over = |when: &SealWhen| when.after_hours.is_some_and(|hours| self.now().seconds >= when.since + i64::from(hours) * 3600);
        self.seals_itself().is_some_and(over)
    }

    /// Seals this device as it was set, and turns to the casebook whose members can open it again.
    ///
    /// # Errors
    /// As [`Session::seal`].
    pub fn seal_as_set(&mut self, passphrase: &Passphrase) -> Result<(), Error> {
        let casebook = self.seals_itself().and_then(|when| hash_of(&when.casebook)).ok_or(Error::Nothing)?;
        let before = std::mem::replace(&mut self.casebook, casebook);
        let sealed = self.seal(passphrase);
        if sealed.is_err() {
            self.casebook = before;
        }
        sealed
    }

    /// Returns the record that a code or an id names: on a device that opens nothing, one that it made itself by its code, or
    /// any by its whole id.
    ///
    /// # Errors
    /// As [`Session::resolve`].
    pub fn named(&mut self, given: &str) -> Result<String, Error> {
        if self.reads() {
            return Ok(self.resolve_own(given)?.id.clone());
        }
        let wanted = given.trim();
        if hash_of(wanted).is_some() {
            return Ok(wanted.to_lowercase());
        }
        let code = code_as_meant(wanted);
        let symbols = code.split_once('-').map_or("", |(_, symbols)| symbols);
        let means = |id: &String| symbols.len() >= 2 && short("", id).split_once('-').is_some_and(|(_, known)| known.starts_with(symbols));
        let found: Vec<String> = self.vault.own_records(&self.casebook)?.iter().map(hex::encode).filter(means).collect();
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(VaultError::Unread.into()),
            several => Err(Error::Ambiguous { given: wanted.to_owned(), candidates: several.iter().take(8).map(|id| short("", id)).collect() }),
        }
    }

    /// Returns what a device that opens nothing can say of itself.
    ///
    /// # Errors
    /// Returns why the docket does not open.
    pub fn blind(&mut self) -> Result<Blind, Error> {
        let (day, state) = (self.now().day(), self.vault.state());
        let today = if state.day == day { state.today } else { 0 };
        let made = self.vault.own_records(&self.casebook)?.len() as u64;
        let places = self.places()?.into_iter().map(|place| (place.name, place.last)).collect();
        Ok(Blind { today, made, only_here: self.only_here(), not_sent: self.not_sent()?, places })
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
        let time = self.now().seconds;
        self.vault.unseal(files, passphrase, time)??;
        self.quick = Quick::default();
        Ok(())
    }
}
