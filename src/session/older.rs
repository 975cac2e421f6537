//! Mailboxes of older epochs: word of the present one is left in them, and they are deleted once their keys are destroyed.

use std::collections::BTreeSet;

use super::Session;
use super::relaying::pin_of;
use crate::crypto::{MailboxKey, Sealed};
use crate::error::Error;
use crate::team::MailboxKeys;
use crate::transport::TransportError;
use crate::transport::relay::{Access, Address, Options, Relay};
use crate::vault::{Hash, hash_of};
use crate::wire::Failure;

impl Session {
    /// Leaves the keys files of the present epoch in the older mailboxes that this device owns, for whoever knows no newer
    /// one, and closes these to everybody else's reading; makes them where the relay has none, since somebody may learn of the
    /// relay before the newer keys. Returns how many it closed, and how many lack a ticket. What is closed is noted once, at the
    /// end: after a cut it is closed again, and so is what stands `open` at a relay that was put back from before.
    pub(super) fn freeze_older(&mut self, address: &Address, open: &BTreeSet<Hash>) -> Result<(u64, u64), Error> {
        let Some((epoch, older)) = self.to_freeze(address, open)? else { return Ok((0, 0)) };
        let time = self.now().seconds;
        let notice = self.vault.notice_of(&self.casebook, time, &mut *self.chance)?;
        let mut relay = self.relay(address)?;
        let done = Frozen::of(&mut relay, older, &notice);
        self.forget_spent_tickets(&relay)?;
        let told = done.told.iter().map(|id| (pin_of(address), hex::encode(id), epoch.clone()));
        self.change_relays(|known| known.frozen.extend(told))?;
        done.failed.map_or(Ok((done.frozen, done.no_ticket)), |error| Err(error.into()))
    }

    /// Notes those of some mailboxes that this device owns, to be deleted wherever it meets a relay once their keys are gone.
    pub(super) fn note_ended(&mut self, over: &[MailboxKeys]) -> Result<(), Error> {
        let noted = |keys: &MailboxKeys| Some((hex::encode(keys.id), hex::encode(*keys.owner.as_ref()?.seed())));
        let ended: Vec<(String, String)> = over.iter().filter_map(noted).collect();
        if ended.is_empty() { Ok(()) } else { self.change_relays(|known| known.ended.extend(ended)) }
    }

    /// Drops the notes of mailboxes whose keys are still here: their end was cut off, and is noted again when it comes.
    fn forget_unended(&mut self) -> Result<(), Error> {
        let kept: BTreeSet<String> = self.vault.keyring().casebooks.iter().flat_map(|book| &book.mailboxes).map(|keys| hex::encode(keys.id)).collect();
        let unended = self.known_relays()?.ended.iter().any(|(id, _)| kept.contains(id));
        if unended { self.change_relays(|known| known.ended.retain(|(id, _)| !kept.contains(id))) } else { Ok(()) }
    }

    /// Deletes the mailboxes whose keys are gone where that was not done yet; returns how many.
    pub(super) fn delete_ended(&mut self, address: &Address) -> Result<u64, Error> {
        self.forget_unended()?;
        let (known, pin) = (self.known_relays()?, pin_of(address));
        let mut deleted = 0;
        for (id, seed) in known.ended.iter().filter(|(id, _)| !known.deleted.contains(&(pin.clone(), id.clone()))) {
            let (Some(id), Some(seed)) = (hash_of(id), hash_of(seed)) else { continue };
            let access = Access { id, owner: Some(MailboxKey::from_seed(&seed)), write: None, read: None };
            Relay::at(address.clone(), vec![access], &Options { proxy: known.proxy.clone(), ..Options::default() })?.delete(&id)?;
            let entry = (pin.clone(), hex::encode(id));
            self.change_relays(|known| known.deleted.extend([entry]))?;
            deleted += 1;
        }
        Ok(deleted)
    }

    /// The present epoch, and the older mailboxes in which this device has left no word of it, or where that is gone.
    fn to_freeze(&self, address: &Address, open: &BTreeSet<Hash>) -> Result<Option<(String, Vec<Hash>)>, Error> {
        let Some(epoch) = self.vault.log(&self.casebook)?.membership().clean_epoch().map(|epoch| hex::encode(epoch.id)) else { return Ok(None) };
        let (known, pin) = (self.known_relays()?, pin_of(address));
        let told = |id: &Hash| known.frozen.contains(&(pin.clone(), hex::encode(id), epoch.clone()));
        let older = self.vault.mailboxes(&self.casebook).into_iter().skip(1).filter(|keys| keys.owner.is_some());
        let older: Vec<Hash> = older.map(|keys| keys.id).filter(|id| !told(id) || open.contains(id)).collect();
        Ok((!older.is_empty()).then_some((epoch, older)))
    }
}

/// What came of leaving word in older mailboxes.
#[derive(Default)]
struct Frozen {
    frozen: u64,
    no_ticket: u64,
    /// Where nothing more is to be said.
    told: Vec<Hash>,
    failed: Option<TransportError>,
}

impl Frozen {
    /// Goes from one mailbox to the next until one fails.
    fn of(relay: &mut Relay, older: Vec<Hash>, notice: &[Sealed]) -> Frozen {
        let mut done = Frozen::default();
        for id in older {
            match relay.freeze(&id, notice) {
                Ok(()) => {
                    done.frozen += 1;
                    done.told.push(id);
                }
                Err(TransportError::NoMailbox | TransportError::Refused(Failure::Deleted)) => done.told.push(id),
                Err(TransportError::Refused(Failure::Ticket)) => done.no_ticket += 1,
                Err(error) => {
                    done.failed = Some(error);
                    break;
                }
            }
        }
        done
    }
}
