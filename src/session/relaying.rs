//! Relays: which ones the casebook announces, which of their keys were compared, and meeting one of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Session, Synced};
use crate::crypto::{Passphrase, labels, read_safety, stretch};
use crate::error::Error;
use crate::sync::judge::Judge;
use crate::team::{Act, Operation, Place};
use crate::transport::relay::{Access, Address, Interception, Options, Relay};
use crate::vault::{Hash, Progress, hash_of};

/// Name of the slot with what this device knows of relays.
const SLOT: &str = "relays";
/// How often one call meets a relay again because keys came: a device may have missed several epochs.
const MOST_TURNS: usize = 8;

/// What this device knows of relays, sealed in its vault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Keys that were compared by words, or given together with the address by the person at this device.
    pub(super) pins: BTreeSet<String>,
    /// Codes from operators, each with the key of its relay.
    #[serde(default)]
    pub(super) tickets: Vec<(String, String)>,
    /// Mailboxes that were frozen for those who are behind: key of the relay, mailbox, epoch of the notice.
    #[serde(default)]
    pub(super) frozen: BTreeSet<(String, String, String)>,
    /// Mailboxes of epochs whose keys were destroyed, or are about to be: id and owner key, in hex.
    #[serde(default)]
    pub(super) ended: BTreeSet<(String, String)>,
    /// Which of these were deleted where: key of the relay, mailbox.
    #[serde(default)]
    pub(super) deleted: BTreeSet<(String, String)>,
    /// Every relay is reached through this proxy alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) proxy: Option<String>,
}

/// A relay as the casebook announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRow {
    pub address: Address,
    /// Its key was compared: it is met by `sync`.
    pub compared: bool,
    /// Claimed seconds since 1970 of the last success.
    pub last: Option<i64>,
}

/// What meeting a relay did.
#[derive(Debug, Default)]
pub struct Relayed {
    /// The meetings, in order: more than one where new keys came.
    pub meetings: Vec<Synced>,
    /// Older mailboxes that were frozen, so that whoever is behind finds the new keys there.
    pub frozen: u64,
    /// Older mailboxes that are not there and were not made, for want of a ticket.
    pub no_ticket: u64,
    /// Mailboxes of epochs that are over, which were deleted there.
    pub deleted: u64,
    /// Why it did not go on after a meeting.
    pub failed: Option<Error>,
}

impl Session {
    /// Returns the relays that the casebook announces, those that are gone left out.
    ///
    /// # Errors
    /// Returns [`Error::NotShared`] or what the disk refused.
    pub fn relays(&self) -> Result<Vec<RelayRow>, Error> {
        self.shared()?;
        let (known, places) = (self.known_relays()?, self.places()?);
        let announced = self.vault.log(&self.casebook)?.membership().places();
        let rows = announced.filter_map(address_of).map(|address| {
            let last = places.iter().find(|place| place.name == address.url).and_then(|place| place.last);
            RelayRow { compared: known.pins.contains(&pin_of(&address)), last, address }
        });
        Ok(rows.collect())
    }

    /// Announces a relay to every member, or says that it is used no more. Whoever announces one has its key from the operator.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], or what the disk refused.
    pub fn announce(&mut self, address: &Address, gone: bool) -> Result<(), Error> {
        self.admin()?;
        let place = Place { address: address.url.clone(), pin: pin_of(address), gone };
        self.operate_on(|by, heads, time, nonce| Operation::Place(Act::new(by, heads, place, time, nonce)))?;
        if gone { Ok(()) } else { self.trust_relay(address) }
    }

    /// Returns what two people compare by voice of a relay's key; [`crate::crypto::safety_words`] writes it.
    pub fn relay_words(&self, address: &Address) -> [u8; 9] {
        stretch(labels::RELAY_SAFETY, &address.pin, self.safety_log_n)
    }

    /// Takes the key of an announced relay for compared when these are its words.
    ///
    /// # Errors
    /// Returns [`Error::RelayWords`] when they are those of none.
    pub fn accept_relay(&mut self, words: &str) -> Result<Address, Error> {
        let announced = self.relays()?.into_iter().map(|row| row.address).collect();
        self.trust_sounding(announced, words)
    }

    /// Takes a relay's key for compared when these are its words.
    ///
    /// # Errors
    /// Returns [`Error::RelayWords`] when they are not.
    pub fn compare_relay(&mut self, address: &Address, words: &str) -> Result<(), Error> {
        self.trust_sounding(vec![address.clone()], words).map(drop)
    }

    fn trust_sounding(&mut self, among: Vec<Address>, words: &str) -> Result<Address, Error> {
        let heard = read_safety(words).ok_or(Error::RelayWords)?;
        let address = among.into_iter().find(|address| self.relay_words(address) == heard).ok_or(Error::RelayWords)?;
        self.trust_relay(&address)?;
        Ok(address)
    }

    /// Takes a relay's key for compared.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn trust_relay(&mut self, address: &Address) -> Result<(), Error> {
        self.change_relays(|known| known.pins.extend([pin_of(address)]))
    }

    /// Tells whether a relay's key was compared, under whatever address.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn trusts_relay(&self, address: &Address) -> Result<bool, Error> {
        Ok(self.known_relays()?.pins.contains(&pin_of(address)))
    }

    /// Keeps codes with which this relay's operator lets mailboxes be made.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn keep_tickets(&mut self, address: &Address, tickets: Vec<String>) -> Result<(), Error> {
        let pin = pin_of(address);
        self.change_relays(|known| known.tickets.extend(tickets.into_iter().map(|ticket| (pin.clone(), ticket))))
    }

    /// Sets the proxy through which every relay is met from now on; none for no proxy.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn set_proxy(&mut self, proxy: Option<String>) -> Result<(), Error> {
        self.change_relays(|known| known.proxy = proxy)
    }

    /// Meets a relay: again with the new mailbox where keys of a newer epoch came, and at last leaves word in the old
    /// mailboxes, where this device is an admin's. What goes wrong after a meeting takes nothing of it back.
    ///
    /// # Errors
    /// As [`Session::sync`]; [`Error::NoMailbox`] when the casebook's present keys have no mailbox.
    pub fn sync_relay(
        &mut self,
        address: &Address,
        judge: &mut dyn Judge,
        passphrase: &Passphrase,
        thorough: bool,
        progress: &mut dyn Progress,
    ) -> Result<Relayed, Error> {
        self.shared()?;
        let (mut done, mut open) = (Relayed::default(), BTreeSet::new());
        for _ in 0..MOST_TURNS {
            match self.turn(address, judge, passphrase, thorough, progress) {
                Ok((met, now)) => {
                    done.meetings.push(met);
                    open = now;
                }
                Err(error) if done.meetings.is_empty() => return Err(error),
                Err(error) => return Ok(Relayed { failed: Some(error), ..done }),
            }
            if !done.meetings.last().is_some_and(goes_on) {
                break;
            }
        }
        let whole = done.meetings.last().is_some_and(|met| met.exchanged.broke.is_none());
        done.failed = if whole { self.tidy(address, &open, &mut done).err() } else { None };
        Ok(done)
    }

    /// One meeting, and the mailboxes there that are not frozen.
    fn turn(
        &mut self,
        address: &Address,
        judge: &mut dyn Judge,
        passphrase: &Passphrase,
        thorough: bool,
        progress: &mut dyn Progress,
    ) -> Result<(Synced, BTreeSet<Hash>), Error> {
        let mut relay = self.relay(address)?;
        let met = self.sync(&mut relay, judge, passphrase, thorough, progress);
        self.forget_spent_tickets(&relay)?;
        Ok((met?, relay.open_ones().collect()))
    }

    fn tidy(&mut self, address: &Address, open: &BTreeSet<Hash>, done: &mut Relayed) -> Result<(), Error> {
        (done.frozen, done.no_ticket) = self.freeze_older(address, open)?;
        done.deleted = self.delete_ended(address)?;
        Ok(())
    }

    /// The relay with the mailboxes of this casebook, the present one first.
    pub(super) fn relay(&self, address: &Address) -> Result<Relay, Error> {
        let keys = self.vault.mailboxes(&self.casebook);
        let access: Vec<Access> = keys.into_iter().map(|keys| Access { id: keys.id, owner: keys.owner, write: keys.write, read: keys.read }).collect();
        if access.is_empty() {
            return Err(Error::NoMailbox);
        }
        let known = self.known_relays()?;
        let pin = pin_of(address);
        let tickets = known.tickets.into_iter().filter(|(of, _)| *of == pin).map(|(_, ticket)| ticket).collect();
        Ok(Relay::at(address.clone(), access, &Options { proxy: known.proxy, tickets, ..Options::default() })?)
    }

    pub(super) fn forget_spent_tickets(&mut self, relay: &Relay) -> Result<(), Error> {
        let spent = relay.spent_tickets();
        if spent.is_empty() { Ok(()) } else { self.change_relays(|known| known.tickets.retain(|(_, ticket)| !spent.contains(ticket))) }
    }

    /// Keeps what stood between this device and a relay as a record of evidence; returns its id. `account` says in the person's
    /// words where and through whom the connection went.
    ///
    /// # Errors
    /// As [`Session::attach`].
    pub fn note_interception(&mut self, seen: &Interception, account: Option<&str>, progress: &mut dyn Progress) -> Result<String, Error> {
        let mut facts = serde_json::json!({ "category": "certificate_chain", "captured_at": self.moment() });
        if let Some(account) = account {
            facts["narrative"] = account.into();
        }
        self.attach_bytes("certificate-chain.pem", seen.to_pem().as_bytes(), &facts, progress)
    }

    pub(super) fn known_relays(&self) -> Result<Known, Error> {
        Ok(self.vault.kept(SLOT)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    pub(super) fn change_relays(&mut self, change: impl FnOnce(&mut Known)) -> Result<(), Error> {
        let mut known = self.known_relays()?;
        change(&mut known);
        Ok(self.vault.keep_slot(SLOT, &serde_json::to_vec(&known).expect("relays have only text keys"))?)
    }
}

/// Tells whether a relay is to be met again: with the mailbox of keys that came.
fn goes_on(met: &Synced) -> bool {
    met.exchanged.new_keys && met.exchanged.broke.is_none()
}

/// An announced address with its key.
fn address_of(place: &Place) -> Option<Address> {
    Address::new(&place.address, hash_of(&place.pin)?).ok()
}

pub(super) fn pin_of(address: &Address) -> String {
    hex::encode(address.pin)
}
