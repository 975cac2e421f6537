//! The epochs of a casebook by a set of operations: who was given the keys of each, and who may have written to it. Never a
//! key itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::MailboxKeys;
use super::deed::KeysClass;
use super::graph::{Graph, Node, invited, keeps, leads, lets_in, reads, subject};
use super::operation::{Operation, OperationId};
use super::set::Set;
use crate::crypto::DeviceId;

/// A key of the casebook with all who were given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    pub number: u64,
    /// The roll that began it, or the genesis.
    pub id: OperationId,
    pub recipient: String,
    pub register: String,
    /// Every device that was given its key, or may have been.
    pub given: BTreeSet<DeviceId>,
    /// Every device that was given the identity of its register, or may have been.
    pub register_given: BTreeSet<DeviceId>,
    /// Every device that was given the owner key of its mailbox, or may have been.
    pub owner_given: BTreeSet<DeviceId>,
    /// Every device that may have written to it.
    pub writers: BTreeSet<DeviceId>,
    /// Hash over the id of its mailbox.
    pub commitment: Option<String>,
    pub files: BTreeMap<KeysClass, String>,
}

impl Epoch {
    /// Tells whether a mailbox is the one of this epoch: the roll commits to its id, the genesis to none.
    pub fn has_mailbox(&self, mailbox: &MailboxKeys) -> bool {
        let fits = self.commitment.as_ref().map_or(self.number == 0, |commitment| *commitment == mailbox.commitment());
        self.number == mailbox.number && fits
    }

    /// Returns what tells older from newer: the number, and of one number the larger id is the older.
    pub(super) fn order(&self) -> (u64, Reverse<OperationId>) {
        (self.number, Reverse(self.id))
    }
}

/// What is given to devices with an epoch.
#[derive(Clone, Copy)]
enum Keys {
    Epoch,
    Register,
    Owner,
}

impl Keys {
    /// Tells whether an operation gives its subject the right to them.
    fn given_by(self, operation: &Operation) -> bool {
        match self {
            Keys::Epoch => reads(operation),
            Keys::Register => keeps(operation),
            Keys::Owner => leads(operation),
        }
    }

    /// Returns who had the right to them when a roll was written.
    fn at_first(self, roll: &Node) -> &BTreeSet<DeviceId> {
        match self {
            Keys::Epoch => &roll.readers,
            Keys::Register => &roll.keepers,
            Keys::Owner => &roll.admins,
        }
    }
}

/// The rolls of a set that hold, the genesis being the first.
pub(super) struct Epochs<'a> {
    graph: &'a Graph,
    /// The operations whose authors had the right to them, whether they hold or not.
    authorised: Set,
    /// Those that hold for whoever knows them, whatever else he knows of the set.
    sure: Set,
    /// In rising order: ancestors before what follows them.
    rolls: Vec<usize>,
    additions: Vec<usize>,
}

impl Epochs<'_> {
    pub(super) fn of<'a>(graph: &'a Graph, set: &Set, holds: &Set) -> Epochs<'a> {
        let authorised = graph.authorised(set);
        let sure = authorised.without(&graph.open(&authorised));
        let operation = |place: &usize| graph.nodes[*place].operation();
        let rolls = holds.iter().filter(|place| matches!(operation(place), Operation::Genesis(_) | Operation::Roll(_))).collect();
        let additions = authorised.iter().filter(|place| lets_in(operation(place))).collect();
        Epochs { graph, authorised, sure, rolls, additions }
    }

    /// Returns every epoch, by number and then by id.
    pub(super) fn all(&self) -> Vec<Epoch> {
        let (mut given, mut register, mut owner) = (self.given(Keys::Epoch), self.given(Keys::Register), self.given(Keys::Owner));
        let mut epochs: Vec<Epoch> = self.rolls.iter().filter_map(|place| self.epoch(*place)).collect();
        for (epoch, place) in epochs.iter_mut().zip(&self.rolls) {
            epoch.given = given.remove(place).unwrap_or_default();
            epoch.register_given = register.remove(place).unwrap_or_default();
            epoch.owner_given = owner.remove(place).unwrap_or_default();
            epoch.writers = self.writers(*place);
        }
        epochs.sort_by_key(|epoch| (epoch.number, epoch.id));
        epochs
    }

    fn operation(&self, place: usize) -> &Operation {
        self.graph.nodes[place].operation()
    }

    /// What a roll or the genesis itself says of its epoch.
    fn epoch(&self, place: usize) -> Option<Epoch> {
        let id = self.graph.nodes[place].id;
        let began = |number, recipient: &String, register: &String, commitment: Option<String>, files| {
            let (given, register_given, owner_given, writers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
            Epoch { number, id, recipient: recipient.clone(), register: register.clone(), given, register_given, owner_given, writers, commitment, files }
        };
        match self.operation(place) {
            Operation::Genesis(genesis) => Some(began(genesis.epoch.number, &genesis.epoch.recipient, &genesis.epoch.register, None, BTreeMap::new())),
            Operation::Roll(act) => {
                let roll = &act.what;
                Some(began(roll.number, &roll.recipient, &roll.register, roll.commitment.clone(), roll.files.clone()))
            }
            _ => None,
        }
    }

    /// Who was given the keys of each epoch: its own, and whoever was given those of one rolled after it, since keys files
    /// carry every epoch still kept.
    fn given(&self, keys: Keys) -> BTreeMap<usize, BTreeSet<DeviceId>> {
        let mut all: BTreeMap<usize, BTreeSet<DeviceId>> = BTreeMap::new();
        for roll in self.rolls.iter().rev() {
            let mut devices = self.given_alone(*roll, keys);
            for next in self.next(*roll) {
                devices.extend(all.get(&next).into_iter().flatten());
            }
            all.insert(*roll, devices);
        }
        all
    }

    /// The rolls after one, with none between.
    fn next(&self, roll: usize) -> Vec<usize> {
        let after: Vec<usize> = self.rolls.iter().copied().filter(|other| self.graph.is_before(roll, *other)).collect();
        after.iter().copied().filter(|place| !after.iter().any(|other| self.graph.is_before(*other, *place))).collect()
    }

    /// Who had the right to the keys when the epoch began, who may have had it for somebody who knew more, and everybody to
    /// whom an authorised operation that is not among its ancestors gives it, also when that operation is void now.
    fn given_alone(&self, roll: usize, keys: Keys) -> BTreeSet<DeviceId> {
        let node = &self.graph.nodes[roll];
        let later = self.authorised.without(&node.before);
        let since = later.iter().map(|place| self.operation(place)).filter(|operation| keys.given_by(operation)).filter_map(subject);
        keys.at_first(node).iter().copied().chain(since).chain(self.in_doubt(roll, keys)).collect()
    }

    /// Devices whose standing before the roll was shaken from beside it, if they may have had the right to the keys.
    fn in_doubt(&self, roll: usize, keys: Keys) -> BTreeSet<DeviceId> {
        let shaken = self.shaken(roll);
        let devices: BTreeSet<DeviceId> = shaken.iter().filter_map(|place| subject(self.operation(place))).collect();
        devices.into_iter().filter(|device| self.may_have(device, roll, &shaken, keys)).collect()
    }

    /// Tells whether each word that surely takes the right from a device has one after it that may give it.
    fn may_have(&self, device: &DeviceId, roll: usize, shaken: &Set, keys: Keys) -> bool {
        let node = &self.graph.nodes[roll];
        let about: Vec<usize> = self.graph.about_within(device, &node.before).collect();
        let said = |place: &&usize| keys.given_by(self.operation(**place));
        let granted: Vec<usize> = about.iter().filter(said).copied().filter(|place| node.known.has(*place) || shaken.has(*place)).collect();
        let surely = |place: &&usize| node.known.has(**place) && !shaken.has(**place) && !invited(self.operation(**place));
        let mut taken = about.iter().filter(surely).filter(|place| !said(place));
        !granted.is_empty() && taken.all(|low| granted.iter().any(|gives| self.graph.is_before(*low, *gives)))
    }

    /// Ancestors of a roll of which others may have thought otherwise than its author: what stands beside the roll attacks
    /// them, or attacks or gives the right to one of these, and so on.
    fn shaken(&self, roll: usize) -> Set {
        let before = self.authorised.and(&self.graph.nodes[roll].before);
        let (mut from, mut shaken) = (self.authorised.without(&before), Set::default());
        loop {
            let moves = |place: &usize| {
                let node = &self.graph.nodes[*place];
                !shaken.has(*place) && (node.attackers.meets(&from) || node.relies.meets(&shaken))
            };
            let more: Vec<usize> = before.iter().filter(moves).collect();
            if more.is_empty() {
                return shaken;
            }
            for place in more {
                shaken.put(place);
                from.put(place);
            }
        }
    }

    /// Every device that was ever let in, but for those let in by nothing but what follows a newer roll that surely holds and
    /// follows this one: whenever this epoch is clean for them, that one is too.
    fn writers(&self, roll: usize) -> BTreeSet<DeviceId> {
        let mut newer = Set::default();
        let over = |other: &usize| self.sure.has(*other) && self.graph.is_before(roll, *other) && self.order(*other) > self.order(roll);
        self.rolls.iter().copied().filter(over).for_each(|other| newer.put(other));
        let since_then = |place: &usize| self.graph.nodes[*place].before.meets(&newer);
        self.additions.iter().copied().filter(|place| !since_then(place)).filter_map(|place| subject(self.operation(place))).collect()
    }

    fn order(&self, place: usize) -> (u64, Reverse<OperationId>) {
        let number = match self.operation(place) {
            Operation::Roll(act) => act.what.number,
            _ => 0,
        };
        (number, Reverse(self.graph.nodes[place].id))
    }
}
