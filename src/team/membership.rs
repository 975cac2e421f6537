//! Who belongs to a casebook by a set of operations, and what else they settled. Made by resolution, never changed.

use std::collections::{BTreeMap, BTreeSet};

use super::Badge;
use super::deed::{Closed, Place, Purge, Role};
use super::epoch::{Epoch, Epochs};
use super::graph::{Graph, Ground, addition, keeps, subject};
use super::operation::{Operation, OperationId, RecoveryKey, bytes_of};
use super::set::Set;
use super::void::Void;
use crate::crypto::DeviceId;

/// Digits of the key behind a handle that two devices share.
const TOLD_APART_BY: usize = 8;

/// A device that belongs to the casebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub badge: Badge,
    pub role: Role,
    /// Holds the identity of the source register.
    pub keeper: bool,
    /// Safety words were compared.
    pub verified: bool,
    /// Author of the addition; for the founder himself.
    pub added_by: DeviceId,
    /// The suspension in force; of several the smallest.
    pub suspended: Option<OperationId>,
    /// Let himself in by an invitation, and no admin has decided yet.
    pub invited: bool,
}

/// A device that belonged to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    pub badge: Badge,
    pub removals: BTreeSet<OperationId>,
}

/// A purge with what admins said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purging {
    pub purge: Purge,
    /// Claimed second.
    pub time: i64,
    /// Admins who purge the same parcels of the same record.
    pub admins: BTreeSet<DeviceId>,
    /// Admins who object.
    pub objections: BTreeSet<DeviceId>,
}

/// A device's word that it writes to an epoch no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub device: DeviceId,
    /// The roll or genesis that began the epoch meant; none when no epoch, or more than one, fits the words.
    pub epoch: Option<OperationId>,
    pub closed: Closed,
}

/// What takes effect on the parcels of a device that do not know it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lowering {
    pub(super) op: OperationId,
    /// The role that is left; none for a removal.
    pub(super) left: Option<Role>,
    pub(super) cut: Vec<String>,
}

/// Who belongs to a casebook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    /// Name of the casebook; none in a vault's own.
    pub name: Option<String>,
    pub recovery: Option<RecoveryKey>,
    pub members: BTreeMap<DeviceId, Member>,
    pub former: BTreeMap<DeviceId, Former>,
    /// Operations without effect, each with the reason.
    pub void: BTreeMap<OperationId, Void>,
    /// By number, then by id.
    pub epochs: Vec<Epoch>,
    pub purges: BTreeMap<OperationId, Purging>,
    pub closed: BTreeMap<OperationId, Closing>,
    /// Devices whose late parcels in an epoch are waited for no more, with the roll or genesis that began it.
    pub given_up: BTreeSet<(DeviceId, OperationId)>,
    /// Parcels that an admin adopted, with the operations.
    pub adopted: BTreeMap<[u8; 32], BTreeSet<OperationId>>,
    /// Parcels that an admin set aside, with the operations.
    pub set_aside: BTreeMap<[u8; 32], BTreeSet<OperationId>>,
    /// Invitations that let in more devices than they allow, or one device twice.
    pub overused: BTreeSet<OperationId>,
    badges: BTreeMap<DeviceId, Badge>,
    places: BTreeMap<String, Place>,
    settings: BTreeMap<String, String>,
    /// Those without effect that had one for whoever knew nothing but what went before them.
    pub(super) turned: BTreeSet<OperationId>,
    pub(super) lowerings: BTreeMap<DeviceId, Vec<Lowering>>,
    pub(super) suspensions: BTreeMap<DeviceId, Vec<Lowering>>,
}

impl Membership {
    /// Returns the role of a member.
    pub fn role(&self, device: &DeviceId) -> Option<Role> {
        self.members.get(device).map(|member| member.role)
    }

    /// Returns the newest epoch all of whose devices still are members who may read: highest number, then smallest id.
    pub fn clean_epoch(&self) -> Option<&Epoch> {
        let clean = |epoch: &&Epoch| epoch.given.iter().all(|device| self.role(device) >= Some(Role::Reader));
        self.epochs.iter().filter(clean).max_by_key(|epoch| epoch.order())
    }

    /// Returns the epoch to which new data is sealed: the newest clean one.
    pub fn present(&self) -> Option<&Epoch> {
        self.clean_epoch()
    }

    /// Returns the newest epoch all of whose devices that were given the register still are keepers.
    pub fn clean_register(&self) -> Option<&Epoch> {
        let keeps = |device: &DeviceId| self.members.get(device).is_some_and(|member| member.keeper);
        self.epochs.iter().filter(|epoch| epoch.register_given.iter().all(keeps)).max_by_key(|epoch| epoch.order())
    }

    /// Tells whether admins alone were given the owner key of the present mailbox: whoever has it deletes that on every relay.
    pub fn owned_by_admins(&self) -> bool {
        let owners = self.clean_epoch().into_iter().flat_map(|epoch| &epoch.owner_given);
        owners.into_iter().all(|device| self.role(device) == Some(Role::Admin))
    }

    /// Returns the epochs that come before the clean one; none when nothing is clean.
    pub fn older_epochs(&self) -> impl Iterator<Item = &Epoch> {
        let clean = self.clean_epoch();
        self.epochs.iter().filter(move |epoch| clean.is_some_and(|clean| epoch.order() < clean.order()))
    }

    /// Returns the devices that may still have parcels under way in an epoch: its writers but for those given up and those
    /// that closed it, when `here` says of all the heads they named that these are here. Of an epoch that is none, or is no
    /// more, every device that was ever added.
    pub fn waited_for(&self, epoch: &OperationId, here: &dyn Fn(&DeviceId, &[String]) -> bool) -> BTreeSet<DeviceId> {
        let known = self.epochs.iter().find(|known| known.id == *epoch);
        let writers = known.map_or_else(|| self.badges.keys().copied().collect(), |epoch| epoch.writers.clone());
        let waits = |device: &DeviceId| !self.given_up.contains(&(*device, *epoch)) && !self.has_closed(device, epoch, here);
        writers.into_iter().filter(waits).collect()
    }

    fn has_closed(&self, device: &DeviceId, epoch: &OperationId, here: &dyn Fn(&DeviceId, &[String]) -> bool) -> bool {
        let mut words = self.closed.values().filter(|closing| closing.device == *device && closing.epoch == Some(*epoch)).peekable();
        words.peek().is_some() && words.all(|closing| here(device, &closing.closed.heads))
    }

    /// Returns the badge of any device that was ever added, with effect or not.
    pub fn badge(&self, device: &DeviceId) -> Option<&Badge> {
        self.badges.get(device)
    }

    /// Tells whether a device is or was a member: a word about it that never had effect does not make it known.
    pub fn has_known(&self, device: &DeviceId) -> bool {
        self.members.contains_key(device) || self.former.contains_key(device)
    }

    /// Returns the handle of any device that was ever added, followed by the first digits of its key when another one has
    /// the same handle.
    pub fn handle(&self, device: &DeviceId) -> Option<String> {
        let handle = &self.badges.get(device)?.handle;
        let alone = self.badges.iter().all(|(other, badge)| other == device || badge.handle != *handle);
        Some(if alone { handle.clone() } else { told_apart(handle, device) })
    }

    /// Returns the handle of every device that was ever added, as [`Membership::handle`] does.
    pub fn handles(&self) -> BTreeMap<DeviceId, String> {
        let mut called: BTreeMap<&str, usize> = BTreeMap::new();
        self.badges.values().for_each(|badge| *called.entry(&badge.handle).or_default() += 1);
        let named = |device: &DeviceId, handle: &str| if called[handle] > 1 { told_apart(handle, device) } else { handle.to_owned() };
        self.badges.iter().map(|(device, badge)| (*device, named(device, &badge.handle))).collect()
    }

    /// Tells whether an operation has effect, or had it for whoever knew nothing but what went before it.
    pub fn once_held(&self, operation: &OperationId) -> bool {
        !self.void.contains_key(operation) || self.turned.contains(operation)
    }

    /// Returns the admins.
    pub fn admins(&self) -> impl Iterator<Item = &DeviceId> {
        self.members.iter().filter(|(_, member)| member.role == Role::Admin).map(|(device, _)| device)
    }

    /// Returns the keepers of the source register.
    pub fn keepers(&self) -> impl Iterator<Item = &DeviceId> {
        self.members.iter().filter(|(_, member)| member.keeper).map(|(device, _)| device)
    }

    /// Returns the relays that are in use; of concurrent words about one address the operation with the larger id counts.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.values().filter(|place| !place.gone)
    }

    /// Returns settings by name as JSON texts; of concurrent words about one the operation with the larger id counts.
    pub fn settings(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    /// Returns about how many things it keeps.
    pub(super) fn weight(&self) -> usize {
        let lists = self.lowerings.values().chain(self.suspensions.values()).flatten().map(|lowering| 1 + lowering.cut.len());
        let named = self.adopted.len() + self.set_aside.len() + self.settings.len() + self.places.len();
        let epochs = self.epochs.iter().map(|epoch| epoch.given.len() + epoch.writers.len() + epoch.register_given.len() + epoch.owner_given.len());
        8 * (1 + self.badges.len()) + self.void.len() + named + lists.sum::<usize>() + epochs.sum::<usize>()
    }

    /// Finds the epoch that somebody means who names its number and perhaps its id.
    fn meant(&self, number: u64, id: Option<&str>) -> Option<OperationId> {
        let mut fit = self.epochs.iter().filter(|epoch| epoch.number == number && id.is_none_or(|id| bytes_of(id) == Some(epoch.id)));
        let one = fit.next()?.id;
        fit.next().is_none().then_some(one)
    }

    /// Resolves a set of operations that has the ancestors of all that is in it.
    pub(super) fn of(graph: &Graph, set: &Set) -> Membership {
        let resolving = Resolving { graph, set, holds: graph.resolve(set) };
        let mut membership = Membership::default();
        resolving.people(&mut membership);
        resolving.voids(&mut membership);
        membership.epochs = Epochs::of(graph, set, &resolving.holds).all();
        resolving.facts(&mut membership);
        for (device, list) in &membership.suspensions {
            if let Some(member) = membership.members.get_mut(device) {
                member.suspended = list.iter().map(|suspension| suspension.op).min();
            }
        }
        membership.overused = resolving.overused();
        membership
    }
}

/// A set of operations with those that hold.
struct Resolving<'a> {
    graph: &'a Graph,
    set: &'a Set,
    holds: Set,
}

impl Resolving<'_> {
    fn operation(&self, place: usize) -> &Operation {
        self.graph.nodes[place].operation()
    }

    fn id(&self, place: usize) -> OperationId {
        self.graph.nodes[place].id
    }

    fn people(&self, membership: &mut Membership) {
        membership.badges = self.badges();
        for device in self.graph.devices() {
            let removals: BTreeSet<OperationId> = self.removals(device);
            let added = self.graph.about_within(device, &self.holds).any(|place| badge_in(self.operation(place)).is_some());
            if let Some(member) = self.member(device) {
                membership.members.insert(*device, member);
            } else if let Some(badge) = membership.badges.get(device).filter(|_| added) {
                membership.former.insert(*device, Former { badge: badge.clone(), removals });
            }
        }
    }

    fn removals(&self, device: &DeviceId) -> BTreeSet<OperationId> {
        let removes = |place: &usize| matches!(self.operation(*place), Operation::Remove(_));
        self.graph.about_within(device, &self.holds).filter(removes).map(|place| self.id(place)).collect()
    }

    fn member(&self, device: &DeviceId) -> Option<Member> {
        let role = self.graph.role(device, &self.holds)?;
        let door = self.door(device)?;
        let says = |what: fn(&Operation) -> bool| self.graph.reaches(device, &self.holds, &self.holds, what);
        let decided = self.graph.standing(device, &self.holds).into_iter().any(|place| matches!(self.operation(place), Operation::Role(_)));
        Some(Member {
            badge: badge_in(self.operation(door))?.clone(),
            role,
            keeper: says(keeps),
            verified: says(verifies),
            added_by: self.operation(door).by(),
            suspended: None,
            invited: matches!(self.graph.nodes[door].ground, Ok(Ground::Invitation(_))) && !decided,
        })
    }

    /// The operation by which a member stands in the casebook: by a member rather than by an invitation, then the latest,
    /// then the smallest id.
    fn door(&self, device: &DeviceId) -> Option<usize> {
        let doors: Vec<usize> = self.graph.standing(device, &self.holds).into_iter().filter(|place| badge_in(self.operation(*place)).is_some()).collect();
        let latest = |place: &&usize| doors.iter().all(|other| !self.graph.is_before(**place, *other));
        let invited = |place: usize| matches!(self.graph.nodes[place].ground, Ok(Ground::Invitation(_)));
        let last: Vec<usize> = doors.iter().filter(latest).copied().collect();
        last.into_iter().min_by_key(|place| (invited(*place), self.id(*place)))
    }

    /// Every suspension in force with its device: no admin's word that follows lifts it or lets the device in again.
    fn every_suspension(&self) -> Vec<(DeviceId, usize)> {
        let mut ends: BTreeMap<DeviceId, Vec<usize>> = BTreeMap::new();
        let mut suspends = Vec::new();
        for place in self.holds.iter() {
            match self.operation(place) {
                Operation::Suspend(act) => suspends.push((act.what.member, place)),
                Operation::Lift(act) => ends.entry(act.what.member).or_default().push(place),
                Operation::Add(act) => ends.entry(act.what.badge.device).or_default().push(place),
                _ => {}
            }
        }
        let ended = |(device, place): &(DeviceId, usize)| ends.get(device).into_iter().flatten().any(|end| self.graph.is_before(*place, *end));
        suspends.retain(|suspension| !ended(suspension));
        suspends
    }

    /// The badge of every device that an operation brought: one with effect rather than one without, then the latest, then
    /// the one of the smallest id.
    fn badges(&self) -> BTreeMap<DeviceId, Badge> {
        let mut brought: BTreeMap<DeviceId, Vec<usize>> = BTreeMap::new();
        for place in self.set.iter() {
            if let Some(badge) = badge_in(self.operation(place)) {
                brought.entry(badge.device).or_default().push(place);
            }
        }
        let chosen = |device: &DeviceId, places: Vec<usize>| self.door(device).or_else(|| self.best(&places));
        brought.into_iter().filter_map(|(device, places)| Some((device, badge_in(self.operation(chosen(&device, places)?))?.clone()))).collect()
    }

    fn best(&self, places: &[usize]) -> Option<usize> {
        let held: Vec<usize> = places.iter().copied().filter(|place| self.holds.has(*place)).collect();
        let among = if held.is_empty() { places } else { &held };
        let last = |place: &&usize| among.iter().all(|other| !self.graph.is_before(**place, *other));
        among.iter().filter(last).copied().min_by_key(|place| self.id(*place))
    }

    fn voids(&self, membership: &mut Membership) {
        let void = |place: usize| self.graph.void(place, &self.holds).map(|void| (self.id(place), void));
        membership.void = self.set.iter().filter_map(void).collect();
        let once_held = |place: &usize| self.graph.nodes[*place].ground.is_ok() && !self.holds.has(*place);
        membership.turned = self.set.iter().filter(once_held).map(|place| self.id(place)).collect();
    }

    /// Takes over what single operations state.
    fn facts(&self, membership: &mut Membership) {
        for place in self.holds.iter() {
            self.fact(place, membership);
        }
        for (device, place) in self.every_suspension() {
            if let Operation::Suspend(act) = self.operation(place) {
                let suspension = Lowering { op: self.id(place), left: None, cut: act.what.cut.clone() };
                membership.suspensions.entry(device).or_default().push(suspension);
            }
        }
        for list in membership.lowerings.values_mut().chain(membership.suspensions.values_mut()) {
            list.sort_by_key(|lowering| lowering.op);
        }
        membership.places = self.latest(|operation| match operation {
            Operation::Place(act) => Some((act.what.address.clone(), act.what.clone())),
            _ => None,
        });
        membership.settings = self.latest(|operation| match operation {
            Operation::Setting(act) => Some((act.what.name.clone(), act.what.value.clone())),
            _ => None,
        });
    }

    fn fact(&self, place: usize, membership: &mut Membership) {
        let op = self.id(place);
        let mut note = |member: DeviceId, left: Option<Role>, cut: &[String]| {
            membership.lowerings.entry(member).or_default().push(Lowering { op, left, cut: cut.to_vec() });
        };
        match self.operation(place) {
            Operation::Genesis(genesis) => {
                membership.name = genesis.name.clone();
                membership.recovery = genesis.recovery.clone();
            }
            Operation::Remove(act) => note(act.what.member, None, &act.what.cut),
            Operation::Role(act) => note(act.what.member, Some(act.what.role), &act.what.cut),
            Operation::Adopt(act) => enter(&mut membership.adopted, &act.what.headers, op),
            Operation::SetAside(act) => enter(&mut membership.set_aside, &act.what.headers, op),
            Operation::Purge(act) => drop(membership.purges.insert(op, self.purging(&act.what, act.time))),
            Operation::Closed(act) => {
                let (device, closed) = (act.by, act.what.clone());
                let epoch = membership.meant(closed.epoch, closed.epoch_id.as_deref());
                membership.closed.insert(op, Closing { device, epoch, closed });
            }
            Operation::GiveUp(act) => {
                let epoch = membership.meant(act.what.epoch, Some(&act.what.epoch_id));
                membership.given_up.extend(epoch.map(|epoch| (act.what.member, epoch)));
            }
            _ => {}
        }
    }

    fn purging(&self, purge: &Purge, time: i64) -> Purging {
        let asked = parcels_of(purge);
        let purges = self.holds.iter().filter_map(|place| match self.operation(place) {
            Operation::Purge(act) if parcels_of(&act.what) == asked => Some((hex::encode(self.id(place)), act.by)),
            _ => None,
        });
        let purges: BTreeMap<String, DeviceId> = purges.collect();
        let objections = self.holds.iter().filter_map(|place| match self.operation(place) {
            Operation::Object(act) if purges.contains_key(&act.what.purge) => Some(act.by),
            _ => None,
        });
        Purging { purge: purge.clone(), time, objections: objections.collect(), admins: purges.into_values().collect() }
    }

    /// The last word on each key; of concurrent ones the operation with the larger id.
    fn latest<T>(&self, said: impl Fn(&Operation) -> Option<(String, T)>) -> BTreeMap<String, T> {
        let mut words: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for place in self.holds.iter() {
            if let Some((key, _)) = said(self.operation(place)) {
                words.entry(key).or_default().push(place);
            }
        }
        let last = |places: Vec<usize>| {
            let newest = |place: &&usize| places.iter().all(|other| !self.graph.is_before(**place, *other));
            places.iter().filter(newest).copied().max_by_key(|place| self.id(*place))
        };
        words.into_values().filter_map(|places| said(self.operation(last(places)?))).collect()
    }

    fn overused(&self) -> BTreeSet<OperationId> {
        let over = |place: &usize| {
            let Operation::Invite(act) = self.operation(*place) else { return false };
            let uses = self.graph.uses(*place, &self.holds);
            let devices: BTreeSet<DeviceId> = uses.iter().filter_map(|place| subject(self.operation(*place))).collect();
            uses.len() > act.what.at_most as usize || devices.len() < uses.len() || devices.iter().any(|device| self.added_twice(device))
        };
        self.holds.iter().filter(over).map(|place| self.id(place)).collect()
    }

    /// Tells whether several invitations, or one several times, let the same device in.
    fn added_twice(&self, device: &DeviceId) -> bool {
        let by_invitation = |place: &usize| matches!(self.graph.nodes[*place].ground, Ok(Ground::Invitation(_)));
        self.graph.about_within(device, &self.holds).filter(by_invitation).count() > 1
    }
}

fn enter(into: &mut BTreeMap<[u8; 32], BTreeSet<OperationId>>, headers: &[String], op: OperationId) {
    for header in headers.iter().filter_map(|header| bytes_of(header)) {
        into.entry(header).or_default().insert(op);
    }
}

/// A handle that several devices share, as it is shown.
fn told_apart(handle: &str, device: &DeviceId) -> String {
    format!("{handle}/{}", &device.to_string()[..TOLD_APART_BY])
}

/// What a purge is about, however it lists it.
fn parcels_of(purge: &Purge) -> (&str, BTreeSet<&str>) {
    (&purge.record, purge.headers.iter().map(String::as_str).collect())
}

/// The badge that an operation brings.
fn badge_in(operation: &Operation) -> Option<&Badge> {
    match operation {
        Operation::Genesis(genesis) => Some(&genesis.founder),
        operation => addition(operation).map(|act| &act.what.badge),
    }
}

/// Whether an operation says that the words of its subject were compared.
fn verifies(operation: &Operation) -> bool {
    match operation {
        Operation::Genesis(_) => true,
        Operation::Add(act) => act.what.verified,
        Operation::Role(act) => act.what.verified,
        _ => false,
    }
}
