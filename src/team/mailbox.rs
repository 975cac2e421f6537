//! The keys of an epoch's mailbox on relays, as far as somebody holds them. Never an address: where the relays are, the log says.

use zeroize::Zeroizing;

use super::deed::Role;
use super::keys::number_of;
use super::operation::bytes_of;
use crate::crypto::{MailboxKey, hash, labels};
use crate::wire::PublicKeys;
use crate::wire::id::PublicKey;

/// The mailbox of an epoch. Which of its keys are there depends on the role of whoever holds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxKeys {
    /// Number of the epoch.
    pub number: u64,
    /// The name under which relays know it: the hash of its three public keys.
    pub id: [u8; 32],
    /// Makes, freezes and deletes it.
    pub owner: Option<MailboxKey>,
    /// Puts files there.
    pub write: Option<MailboxKey>,
    /// Lists and gets what is there.
    pub read: Option<MailboxKey>,
}

impl MailboxKeys {
    /// Makes the mailbox of an epoch from the seeds of its owner, write and read keys.
    pub fn new(number: u64, seeds: [&[u8; 32]; 3]) -> MailboxKeys {
        let keys = seeds.map(MailboxKey::from_seed);
        let id = id_of([&keys[0], &keys[1], &keys[2]]);
        let [owner, write, read] = keys.map(Some);
        MailboxKeys { number, id, owner, write, read }
    }

    /// Returns what the roll says that begins its epoch, in hex.
    pub fn commitment(&self) -> String {
        hex::encode(hash(labels::MAILBOX_COMMITMENT, &[&self.id]))
    }

    /// Returns the keys that a role gets, as far as they are here; `None` when none of them is.
    pub fn of_role(&self, role: Role) -> Option<MailboxKeys> {
        let owner = self.owner.clone().filter(|_| role >= Role::Admin);
        let read = self.read.clone().filter(|_| role >= Role::Reader);
        let part = MailboxKeys { owner, read, ..self.clone() };
        part.keys().iter().any(|(_, key)| key.is_some()).then_some(part)
    }

    /// Tells whether every key that a role gets is here.
    pub fn serves(&self, role: Role) -> bool {
        self.write.is_some() && (role < Role::Reader || self.read.is_some()) && (role < Role::Admin || self.owner.is_some())
    }

    /// Writes its lines of a keys text or a keyring, one for each key.
    pub fn to_lines(&self) -> Zeroizing<String> {
        let id = hex::encode(self.id);
        let seed = |key: &MailboxKey| Zeroizing::new(hex::encode(*key.seed()));
        let line = |(word, key): (&str, &Option<MailboxKey>)| key.as_ref().map(|key| format!("# mailbox {} {id} {word} {}\n", self.number, *seed(key)));
        Zeroizing::new(self.keys().into_iter().filter_map(line).collect())
    }

    /// Takes what stands after `# mailbox` in a line; `None` when it is misshapen, is there already, or does not fit the keys
    /// that are.
    pub fn take_line(list: &mut Vec<MailboxKeys>, words: &[&str]) -> Option<()> {
        let &[number, id, word, seed] = words else { return None };
        let (number, id) = (number_of(number)?, bytes_of(id)?);
        let key = MailboxKey::from_seed(&Zeroizing::new(bytes_of(seed)?));
        let at = list.iter().position(|known| (known.number, known.id) == (number, id)).unwrap_or(list.len());
        if at == list.len() {
            list.push(MailboxKeys { number, id, owner: None, write: None, read: None });
        }
        let place = match word {
            "owner" => &mut list[at].owner,
            "write" => &mut list[at].write,
            "read" => &mut list[at].read,
            _ => return None,
        };
        place.replace(key).is_none().then_some(())?;
        list[at].fits_its_id().then_some(())
    }

    /// Adds what is not there yet of a mailbox, in the order of numbers. A key that is there stays, and so does the first
    /// mailbox of number 0, to which nothing in the log commits anybody.
    pub fn add_to(&self, list: &mut Vec<MailboxKeys>) {
        if let Some(known) = list.iter_mut().find(|known| (known.number, known.id) == (self.number, self.id)) {
            let both = known.with(self);
            *known = if both.fits_its_id() { both } else { known.clone() };
        } else if self.number > 0 || list.iter().all(|known| known.number > 0) {
            list.push(self.clone());
            list.sort_by_key(|known| known.number);
        }
    }

    fn with(&self, more: &MailboxKeys) -> MailboxKeys {
        let either = |known: &Option<MailboxKey>, new: &Option<MailboxKey>| known.clone().or_else(|| new.clone());
        let (owner, write, read) = (either(&self.owner, &more.owner), either(&self.write, &more.write), either(&self.read, &more.read));
        MailboxKeys { owner, write, read, ..self.clone() }
    }

    fn keys(&self) -> [(&'static str, &Option<MailboxKey>); 3] {
        [("owner", &self.owner), ("write", &self.write), ("read", &self.read)]
    }

    /// Tells whether three keys are those of the id; of fewer nothing can be told.
    fn fits_its_id(&self) -> bool {
        let (Some(owner), Some(write), Some(read)) = (&self.owner, &self.write, &self.read) else { return true };
        id_of([owner, write, read]) == self.id
    }
}

fn id_of([owner, write, read]: [&MailboxKey; 3]) -> [u8; 32] {
    let public = |key: &MailboxKey| PublicKey(key.public());
    PublicKeys { owner: public(owner), write: public(write), read: public(read) }.mailbox().0
}
