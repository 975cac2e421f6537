//! Rooms: one laptop holds a mailbox for the members in the same network, and nothing of it is remembered.

use super::{Session, Synced};
use crate::crypto::{MailboxKey, Passphrase};
use crate::error::Error;
use crate::sync::judge::Judge;
use crate::transport::TransportError;
use crate::transport::lan::{self, Code, Room};
use crate::transport::relay::{Options, Relay};
use crate::vault::Progress;

impl Session {
    /// Opens a room: a mailbox in this device's memory, for the members in the same network.
    ///
    /// # Errors
    /// Returns [`Error::NoMailbox`] when the casebook's present keys have none, or what the system refused.
    pub fn open_room(&mut self) -> Result<Room, Error> {
        let write = self.write_key()?;
        Ok(Room::open(&write, &mut *self.chance)?)
    }

    /// Meets in a room; it is no place to come back to.
    ///
    /// # Errors
    /// As [`Session::sync`]; [`Error::NotThatRoom`] when it has other keys than this device.
    pub fn sync_room(&mut self, code: &Code, judge: &mut dyn Judge, passphrase: &Passphrase, progress: &mut dyn Progress) -> Result<Synced, Error> {
        self.shared()?;
        let (address, access) = lan::way(&self.write_key()?, code);
        let name = address.url.clone();
        let mut room = Relay::at(address, vec![access], &Options::default())?;
        let met = self.sync(&mut room, judge, passphrase, false, progress);
        match met {
            Err(Error::Place(TransportError::Intercepted(_))) => Err(Error::NotThatRoom),
            met => {
                self.forget_room(&name)?;
                met
            }
        }
    }

    /// A room that is gone says nothing about what others have.
    fn forget_room(&mut self, name: &str) -> Result<(), Error> {
        match self.forget_place(name) {
            Ok(()) | Err(Error::NoPlace) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The write key of the present mailbox.
    fn write_key(&self) -> Result<MailboxKey, Error> {
        self.vault.mailboxes(&self.casebook).into_iter().next().and_then(|keys| keys.write).ok_or(Error::NoMailbox)
    }
}
