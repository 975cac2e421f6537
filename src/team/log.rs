//! The membership log as it is known here: a set that only grows, in which the order of arrival means nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::deed::Role;
use super::graph::Graph;
use super::membership::Membership;
use super::operation::{Genesis, Operation, OperationId, bytes_of};
use super::set::Set;
use crate::crypto::DeviceId;

/// Most heads of the log that one parcel or operation names.
pub const MAX_NAMED: usize = 64;
/// Memberships of older heads that are kept at hand, and how many things they may keep together.
const REMEMBERED: usize = 256;
const REMEMBERED_WEIGHT: usize = 500_000;

/// An operation with the parcel that carried it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub operation: Operation,
    /// The device that signed the parcel.
    pub author: DeviceId,
    /// Header hash of the parcel.
    pub parcel: [u8; 32],
}

/// What became of an operation that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    New,
    Known,
    /// It founds another casebook, or was not signed by the author it names.
    NotOurs,
}

/// The operations of one casebook.
#[derive(Debug)]
pub struct Log {
    casebook: [u8; 32],
    graph: Graph,
    /// Operations some of whose ancestors are not here.
    waiting: BTreeMap<OperationId, Signed>,
    /// Waiting operations by what they name.
    waiting_for: BTreeMap<OperationId, BTreeSet<OperationId>>,
    heads: BTreeSet<OperationId>,
    now: OnceLock<Arc<Membership>>,
    before: Mutex<BTreeMap<Vec<OperationId>, Arc<Membership>>>,
}

impl Clone for Log {
    fn clone(&self) -> Self {
        let Log { casebook, graph, waiting, waiting_for, heads, .. } = self;
        let (graph, waiting, waiting_for, heads) = (graph.clone(), waiting.clone(), waiting_for.clone(), heads.clone());
        Log { casebook: *casebook, graph, waiting, waiting_for, heads, now: OnceLock::new(), before: Mutex::default() }
    }
}

impl Log {
    /// Begins the log of a casebook, before its genesis is here.
    pub fn new(casebook: [u8; 32]) -> Log {
        let graph = Graph::default();
        let (waiting, waiting_for, heads) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Log { casebook, graph, waiting, waiting_for, heads, now: OnceLock::new(), before: Mutex::default() }
    }

    /// Returns the casebook whose log this is.
    pub fn casebook(&self) -> &[u8; 32] {
        &self.casebook
    }

    /// Takes an operation. One that came by two parcels keeps the smaller parcel hash.
    pub fn take(&mut self, signed: Signed) -> Taken {
        if !self.is_ours(&signed) {
            return Taken::NotOurs;
        }
        let id = signed.operation.id();
        if let Some(known) = self.known_mut(&id) {
            known.parcel = known.parcel.min(signed.parcel);
            return Taken::Known;
        }
        for dep in deps(&signed).filter(|dep| self.graph.place_of(dep).is_none()) {
            self.waiting_for.entry(dep).or_default().insert(id);
        }
        self.waiting.insert(id, signed);
        self.settle(id);
        Taken::New
    }

    fn is_ours(&self, signed: &Signed) -> bool {
        let deps = signed.operation.deps();
        match &signed.operation {
            Operation::Genesis(_) => deps.is_empty() && signed.operation.casebook() == self.casebook,
            operation => signed.author == operation.by() && !deps.is_empty() && deps.iter().all(|dep| bytes_of(dep).is_some()),
        }
    }

    fn known_mut(&mut self, id: &OperationId) -> Option<&mut Signed> {
        match self.graph.place_of(id) {
            Some(place) => Some(&mut self.graph.nodes[place].signed),
            None => self.waiting.get_mut(id),
        }
    }

    /// Moves an operation, and then whatever waited for it, to its place once its ancestors are here.
    fn settle(&mut self, first: OperationId) {
        let mut next = vec![first];
        while let Some(id) = next.pop() {
            let ready = self.waiting.get(&id).is_some_and(|signed| deps(signed).all(|dep| self.graph.place_of(&dep).is_some()));
            if let Some(signed) = ready.then(|| self.waiting.remove(&id)).flatten() {
                next.extend(self.waiting_for.remove(&id).into_iter().flatten());
                for dep in deps(&signed) {
                    self.heads.remove(&dep);
                }
                self.heads.insert(id);
                self.graph.add(id, signed);
                self.now = OnceLock::new();
            }
        }
    }

    /// Returns the ids that operations here name and that are not here.
    pub fn missing(&self) -> BTreeSet<OperationId> {
        let named = self.waiting.values().flat_map(deps);
        named.filter(|id| !self.waiting.contains_key(id) && !self.knows(id)).collect()
    }

    /// Tells whether an operation is here with all of its ancestors.
    pub fn knows(&self, id: &OperationId) -> bool {
        self.graph.place_of(id).is_some()
    }

    /// Returns the operations, with all of their ancestors here, that no other one follows; sorted.
    pub fn heads(&self) -> Vec<OperationId> {
        self.heads.iter().copied().collect()
    }

    /// Returns the heads that a device names in what it writes, sorted: all of them, or of very many the most telling
    /// [`MAX_NAMED`]. Those from which its own rights come stand first, then those with effect. Whoever writes an
    /// operation joins the heads that it names, so that many become few again.
    pub fn heads_for(&self, device: &DeviceId) -> Vec<OperationId> {
        if self.heads.len() <= MAX_NAMED {
            return self.heads();
        }
        let own = self.membership_places(device);
        let mut named: BTreeSet<OperationId> = BTreeSet::new();
        for ground in own {
            let over = |head: &&OperationId| self.graph.place_of(head).is_some_and(|place| place == ground || self.graph.is_before(ground, place));
            let known = named.iter().any(|head| over(&head));
            named.extend(self.heads.iter().filter(|_| !known).find(over));
        }
        let effective = |head: &&OperationId| self.graph.place_of(head).is_some_and(|place| self.graph.nodes[place].ground.is_ok());
        let (telling, void): (Vec<&OperationId>, Vec<&OperationId>) = self.heads.iter().partition(effective);
        for head in telling.into_iter().chain(void) {
            if named.len() >= MAX_NAMED {
                break;
            }
            named.insert(*head);
        }
        named.into_iter().take(MAX_NAMED).collect()
    }

    /// The operations by which a device stands in the casebook.
    fn membership_places(&self, device: &DeviceId) -> Vec<usize> {
        let holds = self.graph.closure(&self.heads()).map(|set| self.graph.resolve(&set));
        holds.map(|holds| self.graph.standing(device, &holds)).unwrap_or_default()
    }

    /// Tells whether an operation is here and waits for ancestors.
    pub fn awaits(&self, id: &OperationId) -> bool {
        self.waiting.contains_key(id)
    }

    /// Leaves out an operation that waits for ancestors, as if it had never come.
    pub fn forget(&mut self, id: &OperationId) {
        if let Some(signed) = self.waiting.remove(id) {
            for dep in deps(&signed) {
                if let Some(others) = self.waiting_for.get_mut(&dep) {
                    others.remove(id);
                }
            }
        }
    }

    /// Returns an operation that is here with all of its ancestors.
    pub fn operation(&self, id: &OperationId) -> Option<&Signed> {
        self.graph.place_of(id).map(|place| &self.graph.nodes[place].signed)
    }

    /// Returns the operations whose ancestors are all here: ancestors first, and else the smaller id first.
    pub fn operations(&self) -> Vec<&Signed> {
        let nodes = &self.graph.nodes;
        let mut follow: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut open: Vec<usize> = Vec::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            let deps: BTreeSet<usize> = deps(&node.signed).filter_map(|dep| self.graph.place_of(&dep)).collect();
            open.push(deps.len());
            deps.into_iter().for_each(|dep| follow.entry(dep).or_default().push(place));
        }
        let mut ready: BTreeSet<(OperationId, usize)> = (0..nodes.len()).filter(|place| open[*place] == 0).map(|place| (nodes[place].id, place)).collect();
        let mut sorted = Vec::with_capacity(nodes.len());
        while let Some((_, place)) = ready.pop_first() {
            sorted.push(&nodes[place].signed);
            for next in follow.remove(&place).unwrap_or_default() {
                open[next] -= 1;
                if open[next] == 0 {
                    ready.insert((nodes[next].id, next));
                }
            }
        }
        sorted
    }

    /// Returns every operation that is here, those that wait for ancestors last.
    pub fn taken(&self) -> impl Iterator<Item = &Signed> {
        self.operations().into_iter().chain(self.waiting())
    }

    /// Returns the device that founded the casebook.
    pub fn founder(&self) -> Option<DeviceId> {
        self.genesis().map(|genesis| genesis.founder.device)
    }

    /// Returns what the founding says.
    pub fn genesis(&self) -> Option<&Genesis> {
        self.graph.nodes.iter().find_map(|node| if let Operation::Genesis(genesis) = &node.signed.operation { Some(&**genesis) } else { None })
    }

    /// Returns the operations that wait for ancestors.
    pub fn waiting(&self) -> impl Iterator<Item = &Signed> {
        self.waiting.values()
    }

    /// Tells whether one operation went before another: its author could know it.
    pub fn is_ancestor(&self, a: &OperationId, b: &OperationId) -> bool {
        let places = self.graph.place_of(a).zip(self.graph.place_of(b));
        places.is_some_and(|(a, b)| self.graph.is_before(a, b))
    }

    /// Returns who belongs to the casebook by everything that is here with its ancestors.
    pub fn membership(&self) -> &Membership {
        self.now.get_or_init(|| Arc::new(self.resolved(&self.heads()).expect("heads are here")))
    }

    /// Returns who belonged to it for somebody who knew the log up to these heads; none when one of them is not here.
    pub fn membership_at(&self, heads: &[OperationId]) -> Option<Arc<Membership>> {
        let mut heads = heads.to_vec();
        heads.sort();
        heads.dedup();
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = before.get(&heads) {
            return Some(known.clone());
        }
        let membership = Arc::new(self.resolved(&heads)?);
        let weight = membership.weight() + before.values().map(|known| known.weight()).sum::<usize>();
        if before.len() >= REMEMBERED || weight > REMEMBERED_WEIGHT {
            before.clear();
        }
        before.insert(heads, membership.clone());
        Some(membership)
    }

    /// Returns the membership at these heads as far as what a parcel may do depends on it: operations that never had an effect
    /// are passed over, so that any number of them costs one resolution.
    pub fn rights_at(&self, heads: &[OperationId]) -> Option<Arc<Membership>> {
        let effective = self.graph.effective(&self.graph.closure(heads)?);
        self.membership_at(&effective)
    }

    /// Returns the role of a device at these heads as far as it does not come from operations that are void by now.
    pub(super) fn role_without(&self, device: &DeviceId, heads: &[OperationId], void: impl Fn(&OperationId) -> bool) -> Option<Role> {
        self.graph.role_without(device, &self.graph.closure(heads)?, void)
    }

    fn resolved(&self, heads: &[OperationId]) -> Option<Membership> {
        self.graph.closure(heads).map(|set: Set| Membership::of(&self.graph, &set))
    }
}

fn deps(signed: &Signed) -> impl Iterator<Item = OperationId> {
    signed.operation.deps().iter().filter_map(|dep| bytes_of(dep))
}
