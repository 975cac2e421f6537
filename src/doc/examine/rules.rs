//! The rules of a change over its ancestors (docs/formats/change.md). A verdict depends on nothing else, least of all on what
//! others wrote at the same time.

use std::sync::Arc;

use super::super::scan::{Action, Key, Op, Scanned};
use super::history::{Address, History, Inside, Object, Standing};
use super::{Hold, MAX_DEPTH, Refusal, Verdict};
use crate::model::shape::Shape;
use crate::model::tree;

impl History {
    /// Judges a change and takes it in. A change that is not taken leaves nothing that a later one could build on.
    pub fn judge(&mut self, scanned: &Scanned) -> Result<(), Verdict> {
        if let Some(verdict) = scanned.deps.iter().find_map(|dep| self.left_out(dep)) {
            return Err(of_descendant(verdict));
        }
        let deps: Option<Vec<usize>> = scanned.deps.iter().map(|dep| self.find(dep)).collect();
        let deps = deps.ok_or(Verdict::Refused(Refusal::Foreign))?;
        self.look_back(&deps);
        self.beginning(scanned, &deps)?;
        let place = self.enter(scanned).ok_or(Verdict::Refused(Refusal::Foreign))?;
        self.deleted.clear();
        let ops = scanned.body.iter().zip(scanned.start_op..);
        let mut judged = ops.map(|(op, counter)| self.op(op, Address { change: place, counter }, scanned));
        let broken = judged.find_map(Result::err).map(Verdict::Refused);
        broken.map_or(Ok(()), Err).inspect_err(|_| self.leave(scanned))
    }

    /// What can be said before any operation is looked at.
    fn beginning(&self, scanned: &Scanned, deps: &[usize]) -> Result<(), Verdict> {
        if scanned.creates && self.root.is_some() {
            return Err(Verdict::Refused(Refusal::SecondRoot));
        }
        if !scanned.follows(deps.iter().map(|dep| self.last_op(*dep))) {
            return Err(Verdict::Refused(Refusal::Counter));
        }
        match scanned.actors.first().and_then(|own| self.of_actor(own)) {
            Some(other) if self.is_ancestor(other) => Err(Verdict::Refused(Refusal::ActorReused)),
            Some(_) => Err(Verdict::Held(Hold::ActorTaken)),
            None => Ok(()),
        }
    }

    fn op(&mut self, op: &Op, own: Address, scanned: &Scanned) -> Result<(), Refusal> {
        let place = op.object.map(|id| self.reference(id, own, scanned)).transpose()?;
        let object = self.object(place).ok_or(Refusal::Dangling)?;
        let preds = op.preds.iter().map(|id| self.reference(*id, own, scanned)).collect::<Result<Vec<_>, _>>()?;
        if object.entry_of.is_some_and(|change| change != own.change) {
            return Err(Refusal::Log);
        }
        match (&op.key, place, object.inside) {
            (Key::Name(_), _, Inside::Letters) => return Err(Refusal::Dangling),
            (Key::Name(name), ..) => self.name(op.action, (place, name), object, &preds, own, scanned)?,
            (Key::Letter(letter), Some(text), Inside::Letters) => self.letter(text, self.reference(*letter, own, scanned)?, op.action, own)?,
            (Key::Head, Some(_), Inside::Letters) => {}
            _ => return Err(Refusal::Dangling),
        }
        self.note(op, place, &preds, own);
        Ok(())
    }

    /// An operation of this change or of an ancestor.
    fn reference(&self, id: super::super::scan::OpId, own: Address, scanned: &Scanned) -> Result<Address, Refusal> {
        let address = self.address(id, &scanned.actors, own.change).ok_or(Refusal::Dangling)?;
        if address.change == own.change || self.is_ancestor(address.change) { Ok(address) } else { Err(Refusal::Dangling) }
    }

    fn letter(&mut self, text: Address, letter: Address, action: Action, own: Address) -> Result<(), Refusal> {
        if !self.is_letter_of(text, letter) {
            return Err(Refusal::Dangling);
        }
        // Nobody deletes a letter in the change that writes it, or twice in one.
        let sound = action != Action::Delete || (letter.change != own.change && self.deleted.insert(letter));
        if sound { Ok(()) } else { Err(Refusal::Twice) }
    }

    fn name(
        &self,
        action: Action,
        (place, name): (Option<Address>, &Arc<str>),
        object: Object,
        preds: &[Address],
        own: Address,
        scanned: &Scanned,
    ) -> Result<(), Refusal> {
        let none = Vec::new();
        let standing = self.slots.get(&(place, name.clone())).unwrap_or(&none);
        let before: Vec<&Standing> = standing.iter().filter(|before| preds.contains(&before.address) && before.action != Action::Delete).collect();
        let over_map = before.iter().any(|before| before.action == Action::MakeMap);
        let makes = matches!(action, Action::MakeMap | Action::MakeText);
        let rules = [
            (standing.last().is_some_and(|last| last.address.change == own.change), Refusal::Twice),
            (before.len() != preds.len(), Refusal::Dangling),
            (makes && object.depth >= MAX_DEPTH, Refusal::TooDeep),
            (place.is_none() && name.as_ref() == "kind" && !scanned.creates, Refusal::Kind),
            (over_map && is_container(object.inside, name), Refusal::Container),
            (matches!(object.inside, Inside::Entries(_, true)) && !preds.is_empty(), Refusal::Log),
            (action == Action::MakeMap && (over_map || self.has_map(standing)), Refusal::Remade),
        ];
        rules.into_iter().find(|(broken, _)| *broken).map_or(Ok(()), |(_, refusal)| Err(refusal))
    }

    /// Tells whether an ancestor made a map here that no ancestor took away.
    fn has_map(&self, standing: &[Standing]) -> bool {
        let here = |made: &&Standing| made.action == Action::MakeMap && self.is_ancestor(made.address.change);
        standing.iter().filter(here).any(|made| !made.over.iter().any(|change| self.is_ancestor(*change)))
    }
}

/// Tells whether the table says that a name is a container, which is made once.
fn is_container(inside: Inside, name: &str) -> bool {
    let Inside::Fields(fields) = inside else { return false };
    let shape = tree::field(fields, name).map(|field| field.shape);
    matches!(shape, Some(Shape::Set | Shape::Map(_) | Shape::Many(_) | Shape::Log(_) | Shape::Group(_)))
}

fn of_descendant(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Refused(_) => Verdict::Refused(Refusal::Ancestor),
        _ => Verdict::Held(Hold::Ancestor),
    }
}
