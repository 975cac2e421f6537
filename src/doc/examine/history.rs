//! What is known of a record's changes: which one builds on which, which operations stand where. Filled in causal
//! order; values are not kept.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::super::scan::{Action, Key, Op, OpId, Scanned};
use super::Verdict;
use crate::model::shape::{Field, Shape};
use crate::model::{Kind, tree};

/// An operation: its change, and its counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    pub change: usize,
    pub counter: u64,
}

/// What may stand in an object, as the table of the kind says.
#[derive(Clone, Copy, Debug)]
pub enum Inside {
    /// The fields of a record, entry or group.
    Fields(&'static [Field]),
    /// Entries under random keys; of a dated list if the flag is up.
    Entries(&'static [Field], bool),
    /// No table says.
    Anything,
    Letters,
}

/// A map or text of the record.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    pub inside: Inside,
    pub depth: usize,
    /// The change that made the entry of a dated list in which it stands.
    pub entry_of: Option<usize>,
}

/// An operation under a name.
#[derive(Debug)]
pub struct Standing {
    pub address: Address,
    pub action: Action,
    /// The changes that put something in its place, or took it away.
    pub over: Vec<usize>,
}

/// What stood or stands under a name of an object; `None` is the root.
pub type Slot = (Option<Address>, Arc<str>);

#[derive(Debug)]
struct Change {
    deps: Vec<usize>,
    last_op: u64,
    /// Runs of letters, each with its text.
    letters: Vec<(Range<u64>, Address)>,
}

#[derive(Debug, Default)]
pub struct History {
    changes: Vec<Change>,
    by_hash: HashMap<[u8; 32], usize>,
    by_actor: HashMap<[u8; 32], usize>,
    left_out: HashMap<[u8; 32], Verdict>,
    objects: HashMap<Address, Object>,
    pub slots: HashMap<Slot, Vec<Standing>>,
    pub root: Option<Scanned>,
    /// The ancestors of the change that is judged.
    seen: Vec<bool>,
    pub deleted: HashSet<Address>,
}

/// Returns the places of changes in an order in which each comes after those it builds on, as far as they are among them.
pub fn in_order(changes: &[Scanned]) -> Vec<usize> {
    let places: HashMap<[u8; 32], usize> = changes.iter().enumerate().map(|(place, change)| (change.hash, place)).collect();
    let mut waits = vec![0; changes.len()];
    let mut later: Vec<Vec<usize>> = vec![Vec::new(); changes.len()];
    for (place, change) in changes.iter().enumerate() {
        for dep in change.deps.iter().filter_map(|dep| places.get(dep)) {
            waits[place] += 1;
            later[*dep].push(place);
        }
    }
    let mut order: Vec<usize> = (0..changes.len()).filter(|place| waits[*place] == 0).collect();
    let mut next = 0;
    while let Some(&place) = order.get(next) {
        for &after in &later[place] {
            waits[after] -= 1;
            if waits[after] == 0 {
                order.push(after);
            }
        }
        next += 1;
    }
    order
}

impl History {
    /// Takes a change in that was accepted before; `None` when what it builds on is not here.
    pub fn trust(&mut self, scanned: &Scanned) -> Option<()> {
        let place = self.enter(scanned)?;
        for (op, counter) in scanned.body.iter().zip(scanned.start_op..) {
            let (actors, address) = (&scanned.actors, Address { change: place, counter });
            let object = op.object.map(|id| self.address(id, actors, place)).map_or(Some(None), |found| found.map(Some))?;
            let preds = op.preds.iter().map(|id| self.address(*id, actors, place)).collect::<Option<Vec<_>>>()?;
            self.note(op, object, &preds, address);
        }
        Some(())
    }

    /// Gives a change its place; `None` when what it builds on is not here.
    pub fn enter(&mut self, scanned: &Scanned) -> Option<usize> {
        let deps = scanned.deps.iter().map(|dep| self.by_hash.get(dep).copied()).collect::<Option<Vec<_>>>()?;
        let own = *scanned.actors.first()?;
        let place = self.changes.len();
        self.changes.push(Change { deps, last_op: scanned.last_op, letters: Vec::new() });
        self.by_hash.insert(scanned.hash, place);
        self.by_actor.entry(own).or_insert(place);
        if scanned.creates && self.root.is_none() {
            self.root = Some(Scanned { body: Vec::new(), ..scanned.clone() });
        }
        Some(place)
    }

    /// Forgets a change that entered: its place stays, and nothing leads to it.
    pub fn leave(&mut self, scanned: &Scanned) {
        self.by_hash.remove(&scanned.hash);
        if let Some(own) = scanned.actors.first() {
            self.by_actor.remove(own);
        }
        if self.root.as_ref().is_some_and(|root| root.hash == scanned.hash) {
            self.root = None;
        }
    }

    /// Writes down what an operation does, whose references were resolved.
    pub fn note(&mut self, op: &Op, object: Option<Address>, preds: &[Address], address: Address) {
        match (&op.key, object) {
            (Key::Name(name), _) => self.note_name(op.action, (object, name.clone()), preds, address),
            (_, Some(text)) if op.action == Action::Insert => self.note_letter(text, address),
            _ => {}
        }
    }

    fn note_name(&mut self, action: Action, slot: Slot, preds: &[Address], address: Address) {
        if let (Action::MakeMap | Action::MakeText, Some(parent)) = (action, self.object(slot.0)) {
            self.objects.insert(address, self.child(parent, &slot.1, action, address.change));
        }
        let standing = self.slots.entry(slot).or_default();
        for before in standing.iter_mut().filter(|before| preds.contains(&before.address)) {
            before.over.push(address.change);
        }
        standing.push(Standing { address, action, over: Vec::new() });
    }

    fn note_letter(&mut self, text: Address, address: Address) {
        let letters = &mut self.changes[address.change].letters;
        match letters.last_mut() {
            Some((run, of)) if *of == text && run.end == address.counter => run.end += 1,
            _ => letters.push((address.counter..address.counter + 1, text)),
        }
    }

    /// What a new object will be.
    fn child(&self, parent: Object, name: &str, action: Action, change: usize) -> Object {
        let inside = match (action, parent.inside) {
            (Action::MakeText, _) => Inside::Letters,
            (_, Inside::Fields(fields)) => inside_of(fields, name),
            (_, Inside::Entries(inner, _)) => Inside::Fields(inner),
            _ => Inside::Anything,
        };
        let entry_of = parent.entry_of.or_else(|| matches!(parent.inside, Inside::Entries(_, true)).then_some(change));
        Object { inside, depth: parent.depth + 1, entry_of }
    }

    /// Returns an object; `None` for the address gives the root.
    pub fn object(&self, address: Option<Address>) -> Option<Object> {
        let Some(address) = address else {
            let inside = self.kind().map_or(Inside::Anything, |kind| Inside::Fields(kind.fields()));
            return Some(Object { inside, depth: 0, entry_of: None });
        };
        self.objects.get(&address).copied()
    }

    /// Returns the kind that the record says it is.
    pub fn kind(&self) -> Option<Kind> {
        self.root.as_ref().and_then(|root| Kind::named(root.kind.as_deref()?))
    }

    /// Tells whether an operation is a letter of a text.
    pub fn is_letter_of(&self, text: Address, letter: Address) -> bool {
        let Some(letters) = self.changes.get(letter.change).map(|change| &change.letters) else { return false };
        let at = letters.partition_point(|(run, _)| run.end <= letter.counter);
        letters.get(at).is_some_and(|(run, of)| run.contains(&letter.counter) && *of == text)
    }

    /// Finds the change that wrote an operation; `place` is the one that names it.
    pub fn address(&self, id: OpId, actors: &[[u8; 32]], place: usize) -> Option<Address> {
        let change = if id.actor == 0 { place } else { *self.by_actor.get(actors.get(id.actor)?)? };
        Some(Address { change, counter: id.counter })
    }

    /// Finds a change by its hash.
    pub fn find(&self, hash: &[u8; 32]) -> Option<usize> {
        self.by_hash.get(hash).copied()
    }

    /// Finds the first change of an actor.
    pub fn of_actor(&self, actor: &[u8; 32]) -> Option<usize> {
        self.by_actor.get(actor).copied()
    }

    pub fn last_op(&self, change: usize) -> u64 {
        self.changes[change].last_op
    }

    /// Keeps in mind that a change was not taken.
    pub fn leave_out(&mut self, hash: [u8; 32], verdict: Verdict) {
        self.left_out.insert(hash, verdict);
    }

    /// Returns why a change was not taken.
    pub fn left_out(&self, hash: &[u8; 32]) -> Option<Verdict> {
        self.left_out.get(hash).copied()
    }

    /// Looks up the ancestors of a change that builds on these.
    pub fn look_back(&mut self, deps: &[usize]) {
        self.seen.clear();
        self.seen.resize(self.changes.len() + 1, false);
        let mut open = deps.to_vec();
        while let Some(change) = open.pop() {
            if !std::mem::replace(&mut self.seen[change], true) {
                open.extend(&self.changes[change].deps);
            }
        }
    }

    /// Tells whether a change is an ancestor of the one that was looked back from.
    pub fn is_ancestor(&self, change: usize) -> bool {
        self.seen.get(change).copied().unwrap_or(false)
    }
}

/// What stands in a container of a table.
fn inside_of(fields: &'static [Field], name: &str) -> Inside {
    match tree::field(fields, name).map(|field| field.shape) {
        Some(Shape::Many(inner)) => Inside::Entries(inner, false),
        Some(Shape::Log(inner)) => Inside::Entries(inner, true),
        Some(Shape::Group(inner)) => Inside::Fields(inner),
        _ => Inside::Anything,
    }
}
