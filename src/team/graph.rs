//! The operations of a log with what went before each, and which of them hold. A pure function of the set of operations:
//! places in the graph depend on the order of arrival, results never do.
//!
//! An operation is *authorised* when, with nothing but its own ancestors, its author had the right to it: that is judged
//! once, when it comes in. Of the authorised operations of a set, one is *attacked* by a concurrent removal of its author and
//! by a concurrent demotion that leaves its author too little; and it needs the *support* of the grants from which its
//! author had that right. Which hold is the well-founded model of these two; cycles of removals hold.

use std::collections::{BTreeMap, BTreeSet};

use super::deed::{Add, Role};
use super::log::Signed;
use super::operation::{Act, Operation, OperationId, bytes_of};
use super::set::Set;
use super::void::Void;
use crate::crypto::DeviceId;

#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    place: BTreeMap<OperationId, usize>,
    /// The authorised operations.
    authorised: Set,
    /// Authorised additions, role changes and removals by the device they are about.
    about: BTreeMap<DeviceId, Vec<usize>>,
    /// Authorised operations by author, as far as they can be attacked.
    attackable: BTreeMap<DeviceId, Vec<usize>>,
    recovery: Option<DeviceId>,
}

/// An operation in its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: OperationId,
    pub(super) signed: Signed,
    /// All of its ancestors.
    pub(super) before: Set,
    /// Its ancestors that hold as far as they alone tell.
    pub(super) known: Set,
    /// For a roll: the devices that could read when it was written.
    pub(super) readers: BTreeSet<DeviceId>,
    /// For a roll: the keepers when it was written.
    pub(super) keepers: BTreeSet<DeviceId>,
    /// For a roll: the admins when it was written.
    pub(super) admins: BTreeSet<DeviceId>,
    /// Why its author had the right, or why not.
    pub(super) ground: Result<Ground, Void>,
    /// Operations that its author's right came from.
    pub(super) relies: Set,
    /// Authorised operations that make it void when they hold.
    pub(super) attackers: Set,
}

/// Why an author has a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    /// The founding, or the recovery key.
    Always,
    /// A member with this role or more.
    Member(Role),
    /// The key of the invitation in this place.
    Invitation(usize),
}

impl Node {
    pub(super) fn operation(&self) -> &Operation {
        &self.signed.operation
    }
}

/// Returns the addition that an operation makes, with whether an invitation made it.
pub(super) fn addition(operation: &Operation) -> Option<&Act<Add>> {
    match operation {
        Operation::Add(act) => Some(act),
        _ => None,
    }
}

/// Returns the device whose standing an operation changes.
pub(super) fn subject(operation: &Operation) -> Option<DeviceId> {
    match operation {
        Operation::Genesis(genesis) => Some(genesis.founder.device),
        Operation::Add(act) => Some(act.what.badge.device),
        Operation::Role(act) => Some(act.what.member),
        Operation::Remove(act) => Some(act.what.member),
        _ => None,
    }
}

/// Returns the role that an operation gives.
pub(super) fn granted(operation: &Operation) -> Option<Role> {
    match operation {
        Operation::Genesis(_) => Some(Role::Admin),
        Operation::Add(act) => Some(act.what.role),
        Operation::Role(act) => Some(act.what.role),
        _ => None,
    }
}

/// Tells whether an operation lets its subject read.
pub(super) fn reads(operation: &Operation) -> bool {
    granted(operation) >= Some(Role::Reader)
}

/// Tells whether an operation makes its subject an admin.
pub(super) fn leads(operation: &Operation) -> bool {
    granted(operation) == Some(Role::Admin)
}

/// Tells whether an operation makes its subject keeper.
pub(super) fn keeps(operation: &Operation) -> bool {
    match operation {
        Operation::Genesis(_) => true,
        Operation::Add(act) => act.what.keeper,
        Operation::Role(act) => act.what.keeper,
        _ => false,
    }
}

/// Returns the least role that may do it.
fn need(operation: &Operation) -> Role {
    match operation {
        Operation::Suspend(_) => Role::Editor,
        Operation::Closed(_) => Role::Capture,
        _ => Role::Admin,
    }
}

/// Tells whether an operation lets its subject in.
pub(super) fn lets_in(operation: &Operation) -> bool {
    matches!(operation, Operation::Genesis(_) | Operation::Add(_))
}

fn removes(operation: &Operation) -> bool {
    matches!(operation, Operation::Remove(_))
}

/// Tells whether a newcomer let himself in.
pub(super) fn invited(operation: &Operation) -> bool {
    addition(operation).is_some_and(|act| act.what.invite.is_some())
}

/// Tells whether an operation, when it holds, can make others void.
fn lowers(operation: &Operation) -> bool {
    matches!(operation, Operation::Remove(_) | Operation::Role(_))
}

impl Graph {
    /// Returns the place of an operation.
    pub(super) fn place_of(&self, id: &OperationId) -> Option<usize> {
        self.place.get(id).copied()
    }

    /// Tells whether `a` is a true ancestor of `b`.
    pub(super) fn is_before(&self, a: usize, b: usize) -> bool {
        self.nodes[b].before.has(a)
    }

    /// Returns operations with all of their ancestors; none when one is not here.
    pub(super) fn closure(&self, heads: &[OperationId]) -> Option<Set> {
        let mut all = Set::default();
        for head in heads {
            let place = self.place_of(head)?;
            all.join(&self.nodes[place].before);
            all.put(place);
        }
        Some(all)
    }

    /// Returns the last operations of a set among those whose authors had the right to them.
    pub(super) fn effective(&self, set: &Set) -> Vec<OperationId> {
        let authorised = set.and(&self.authorised);
        let mut covered = Set::default();
        let places: Vec<usize> = authorised.iter().collect();
        let mut heads = Vec::new();
        for place in places.into_iter().rev() {
            if !covered.has(place) {
                heads.push(self.nodes[place].id);
                covered.join(&self.nodes[place].before);
            }
        }
        heads
    }

    /// Puts in an operation all of whose ancestors are here, and judges whether its author had the right.
    pub(super) fn add(&mut self, id: OperationId, signed: Signed) {
        let deps: Vec<OperationId> = signed.operation.deps().iter().filter_map(|dep| bytes_of(dep)).collect();
        let before = self.closure(&deps).expect("the ancestors are here");
        let known = self.resolve(&before);
        let operation = &signed.operation;
        if let (Operation::Genesis(genesis), true) = (operation, self.nodes.is_empty()) {
            self.recovery = genesis.recovery.as_ref().map(|key| key.signing);
        }
        let ground = self.ground(operation, &known);
        let relies = ground.as_ref().map_or_else(|_| Set::default(), |ground| self.relied_on(*ground, &operation.by(), &known));
        let began = |says| if matches!(operation, Operation::Roll(_)) { self.who(&known, says) } else { BTreeSet::new() };
        let (readers, keepers, admins) = (began(reads), began(keeps), began(leads));
        let place = self.nodes.len();
        self.place.insert(id, place);
        self.nodes.push(Node { id, signed, before, known, readers, keepers, admins, ground, relies, attackers: Set::default() });
        if self.nodes[place].ground.is_ok() {
            self.authorised.put(place);
            self.enter(place);
        }
    }

    /// Enters an authorised operation where others look for it.
    fn enter(&mut self, place: usize) {
        self.set_against(place);
        let node = &self.nodes[place];
        if let Some(device) = subject(node.operation()) {
            self.about.entry(device).or_default().push(place);
        }
        if node.ground != Ok(Ground::Always) {
            self.attackable.entry(node.operation().by()).or_default().push(place);
        }
    }

    /// Finds the concurrent operations that attack the new one, and those that it attacks.
    fn set_against(&mut self, place: usize) {
        let author = self.nodes[place].operation().by();
        let earlier = |list: Option<&Vec<usize>>| list.cloned().unwrap_or_default();
        for by in earlier(self.about.get(&author)) {
            if !self.is_before(by, place) && self.attacks(by, place) {
                self.nodes[place].attackers.put(by);
            }
        }
        let subject = subject(self.nodes[place].operation());
        for on in earlier(subject.and_then(|device| self.attackable.get(&device))) {
            if !self.is_before(on, place) && self.attacks(place, on) {
                self.nodes[on].attackers.put(place);
            }
        }
    }

    /// Tells whether one operation takes away what the other, concurrent one needs.
    fn attacks(&self, by: usize, on: usize) -> bool {
        match (self.nodes[by].operation(), &self.nodes[on].ground) {
            (_, Ok(Ground::Always) | Err(_)) => false,
            (Operation::Remove(_), _) => true,
            (Operation::Role(act), Ok(Ground::Member(need))) => act.what.role < *need,
            _ => false,
        }
    }

    /// Judges whether an author has the right, by what holds among its ancestors.
    fn ground(&self, operation: &Operation, known: &Set) -> Result<Ground, Void> {
        let by = operation.by();
        if matches!(operation, Operation::Genesis(_)) {
            return Ok(Ground::Always);
        }
        if self.recovery == Some(by) {
            let admin = addition(operation).is_some_and(|act| act.what.role == Role::Admin && act.what.invite.is_none());
            return if admin { Ok(Ground::Always) } else { Err(Void::AuthorWithoutRight) };
        }
        if let Some(act) = addition(operation).filter(|act| act.what.invite.is_some()) {
            return self.invitation(act, known);
        }
        if self.reaches(&by, known, known, |other| granted(other) >= Some(need(operation))) {
            return Ok(Ground::Member(need(operation)));
        }
        Err(self.no_right(&by, known))
    }

    /// Says why an author who is no member with enough rights has none.
    fn no_right(&self, by: &DeviceId, known: &Set) -> Void {
        if self.is_member(by, known) {
            return Void::AuthorWithoutRight;
        }
        let removals = self.about_within(by, known).filter(|place| removes(self.nodes[*place].operation()));
        removals.map(|place| self.nodes[place].id).min().map_or(Void::AuthorUnknown, |by| Void::AuthorRemoved { by })
    }

    /// Judges a newcomer who lets himself in.
    fn invitation(&self, act: &Act<Add>, known: &Set) -> Result<Ground, Void> {
        let place = act.what.invite.as_deref().and_then(bytes_of).and_then(|id| self.place_of(&id)).filter(|place| known.has(*place));
        let Some((place, Operation::Invite(invite))) = place.map(|place| (place, self.nodes[place].operation())) else {
            return Err(Void::InviteUnknown);
        };
        let asks_more = act.what.role != invite.what.role || act.what.keeper || act.what.verified;
        let ended = self.about_within(&act.by, known).any(|other| removes(self.nodes[other].operation()) && !self.is_before(other, place));
        let late = invite.what.cut_off.is_some_and(|cut_off| act.time > cut_off);
        let known_before = self.about_within(&act.what.badge.device, known).next().is_some();
        match () {
            () if invite.what.key != act.by => Err(Void::AuthorUnknown),
            () if asks_more => Err(Void::AuthorWithoutRight),
            () if ended || late => Err(Void::InviteEnded),
            () if known_before => Err(Void::AlreadyAdded),
            () if self.uses(place, known).len() >= invite.what.at_most as usize => Err(Void::InviteUsedUp),
            () => Ok(Ground::Invitation(place)),
        }
    }

    /// Returns the additions that hold and were made with an invitation.
    pub(super) fn uses(&self, invite: usize, holds: &Set) -> Vec<usize> {
        let used = |place: &usize| self.nodes[*place].ground == Ok(Ground::Invitation(invite));
        holds.iter().filter(used).collect()
    }

    /// Returns the operations of a set about the standing of a device.
    pub(super) fn about_within<'a>(&'a self, device: &DeviceId, within: &'a Set) -> impl Iterator<Item = usize> + 'a {
        self.about.get(device).into_iter().flatten().copied().filter(|place| within.has(*place))
    }

    /// Returns the devices that an authorised operation is about.
    pub(super) fn devices(&self) -> impl Iterator<Item = &DeviceId> {
        self.about.keys()
    }

    fn relied_on(&self, ground: Ground, by: &DeviceId, known: &Set) -> Set {
        let mut relies = Set::default();
        match ground {
            Ground::Always => {}
            Ground::Member(_) => self.about_within(by, known).for_each(|place| relies.put(place)),
            Ground::Invitation(place) => relies.put(place),
        }
        relies
    }

    /// Tells whether a device is let in and not out again.
    pub(super) fn is_member(&self, device: &DeviceId, holds: &Set) -> bool {
        self.reaches(device, holds, holds, |_| true)
    }

    /// Returns the operations that settle the standing of a device: those with every removal before them.
    pub(super) fn standing(&self, device: &DeviceId, stated: &Set) -> Vec<usize> {
        let removals: Vec<usize> = self.about_within(device, stated).filter(|place| removes(self.nodes[*place].operation())).collect();
        let after = |place: &usize| !removes(self.nodes[*place].operation()) && removals.iter().all(|out| self.is_before(*out, *place));
        self.about_within(device, stated).filter(after).collect()
    }

    /// Tells whether a device is a member and has what `says` asks of an operation that gives rights: something that holds
    /// gives it, and whatever is `stated` and does not say so has one that does after it. So of concurrent statements the
    /// one that gives less counts. Letting oneself in takes nothing from what a member said.
    pub(super) fn reaches(&self, device: &DeviceId, stated: &Set, holds: &Set, says: impl Fn(&Operation) -> bool) -> bool {
        let counted = self.standing(device, stated);
        let operation = |place: usize| self.nodes[place].operation();
        if !counted.iter().any(|place| lets_in(operation(*place)) && holds.has(*place)) {
            return false;
        }
        let gives = |place: &&usize| holds.has(**place) && says(operation(**place)) && self.rests(**place, &counted, holds);
        let gives: Vec<usize> = counted.iter().filter(gives).copied().collect();
        let firm = counted.iter().any(|place| !invited(operation(*place)) && self.rests(*place, &counted, stated));
        let mut lower = counted.iter().filter(|place| !says(operation(**place)) && (!firm || !invited(operation(**place))));
        !gives.is_empty() && lower.all(|low| gives.iter().any(|gives| self.is_before(*low, *gives)))
    }

    /// Tells whether an operation lets a device in, or follows one of those counted that does.
    fn rests(&self, place: usize, counted: &[usize], within: &Set) -> bool {
        let door = |door: &usize| lets_in(self.nodes[*door].operation()) && within.has(*door) && self.is_before(*door, place);
        lets_in(self.nodes[place].operation()) || counted.iter().any(door)
    }

    /// Returns the role of a member.
    pub(super) fn role(&self, device: &DeviceId, holds: &Set) -> Option<Role> {
        let reached = |role: &Role| self.reaches(device, holds, holds, |operation| granted(operation) >= Some(*role));
        Role::ALL.into_iter().rev().find(reached)
    }

    fn who(&self, holds: &Set, says: fn(&Operation) -> bool) -> BTreeSet<DeviceId> {
        self.about.keys().filter(|device| self.reaches(device, holds, holds, says)).copied().collect()
    }

    /// Returns the role of a device by a set of operations when those in `void` turned out to have no effect: never a higher one.
    pub(super) fn role_without(&self, device: &DeviceId, set: &Set, void: impl Fn(&OperationId) -> bool) -> Option<Role> {
        let known = self.resolve(set);
        let mut holds = Set::default();
        known.iter().filter(|place| !void(&self.nodes[*place].id)).for_each(|place| holds.put(place));
        let reached = |role: &Role| self.reaches(device, &known, &holds, |operation| granted(operation) >= Some(*role));
        Role::ALL.into_iter().rev().find(reached)
    }

    /// Returns which operations of a set hold. The set has the ancestors of all that is in it.
    pub(super) fn resolve(&self, set: &Set) -> Set {
        let all = set.and(&self.authorised);
        let open = self.open(&all);
        if open.is_empty() {
            return all;
        }
        let sure = all.without(&open);
        let (mut forced, mut granted) = (Set::default(), Set::default());
        loop {
            let fate = Fate { graph: self, sure: &sure, open: &open, forced: &forced, granted: &granted };
            let (low, high) = fate.well_founded();
            let undecided = high.without(&low);
            if undecided.is_empty() {
                return low;
            }
            let cycle = undecided.iter().filter(|place| lowers(self.nodes[*place].operation()));
            let (supported, others): (Vec<usize>, Vec<usize>) = cycle.partition(|place| self.supported(*place, &low));
            let chosen = if supported.is_empty() { &mut granted } else { &mut forced };
            let more = if supported.is_empty() { others } else { supported };
            more.into_iter().for_each(|place| chosen.put(place));
        }
    }

    /// Returns the operations of a set whose authors had the right to them.
    pub(super) fn authorised(&self, set: &Set) -> Set {
        set.and(&self.authorised)
    }

    /// Returns the operations whose fate is open: attacked within the set, or relying on one that is open.
    pub(super) fn open(&self, all: &Set) -> Set {
        let mut open = Set::default();
        for place in all.iter() {
            let node = &self.nodes[place];
            if node.attackers.meets(all) || node.relies.meets(&open) {
                open.put(place);
            }
        }
        open
    }

    /// Tells whether the grants that its author's right came from are enough when only `holds` holds.
    fn supported(&self, place: usize, holds: &Set) -> bool {
        let node = &self.nodes[place];
        match node.ground {
            Ok(Ground::Always) => true,
            Ok(Ground::Member(need)) => self.reaches(&node.operation().by(), &node.known, holds, |other| granted(other) >= Some(need)),
            Ok(Ground::Invitation(invite)) => holds.has(invite),
            Err(_) => false,
        }
    }

    /// Says why an operation of a set does not hold.
    pub(super) fn void(&self, place: usize, holds: &Set) -> Option<Void> {
        let node = &self.nodes[place];
        if let Err(void) = &node.ground {
            return Some(*void);
        }
        if holds.has(place) {
            return None;
        }
        let attackers: BTreeSet<(bool, OperationId)> =
            node.attackers.and(holds).iter().map(|by| (!removes(self.nodes[by].operation()), self.nodes[by].id)).collect();
        Some(match attackers.first() {
            Some((false, by)) => Void::AuthorRemoved { by: *by },
            Some((true, by)) => Void::AuthorDemoted { by: *by },
            None => Void::AuthorUnfounded,
        })
    }
}

/// The search for what holds among the open operations.
struct Fate<'a> {
    graph: &'a Graph,
    sure: &'a Set,
    open: &'a Set,
    /// Members of a cycle that hold whatever attacks them.
    forced: &'a Set,
    /// Members of a cycle that hold although their support is part of the cycle.
    granted: &'a Set,
}

impl Fate<'_> {
    /// Returns what surely holds and what may hold.
    fn well_founded(&self) -> (Set, Set) {
        let mut low = self.sure.clone();
        loop {
            let high = self.unless(&low);
            let next = self.unless(&high);
            if next == low {
                return (low, high);
            }
            low = next;
        }
    }

    /// Returns what holds when exactly the attackers in `against` count.
    fn unless(&self, against: &Set) -> Set {
        let mut holds = self.sure.clone();
        for place in self.open.iter() {
            let unharmed = self.forced.has(place) || !self.graph.nodes[place].attackers.meets(against);
            if self.granted.has(place) || (unharmed && self.graph.supported(place, &holds)) {
                holds.put(place);
            }
        }
        holds
    }
}
