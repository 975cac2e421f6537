//! Whether a parcel counts, by the membership: a function of the operations and parcels held, never of when they came.

use super::deed::Role;
use super::log::Log;
use super::membership::{Lowering, Membership};
use super::operation::OperationId;
use crate::crypto::DeviceId;

/// What is asked about a parcel that changes records.
pub struct Facts<'a> {
    /// Header hash.
    pub id: [u8; 32],
    pub device: DeviceId,
    /// The heads of the log that its author knew.
    pub log: &'a [OperationId],
    /// All of its changes make new records.
    pub creates: bool,
    /// Tells whether the parcel is one of these headers or an ancestor of one by `prev`.
    pub within: &'a dyn Fn(&[String]) -> bool,
    /// The membership at its log heads.
    pub at: &'a Membership,
    pub log_of: &'a Log,
}

/// Whether a parcel counts, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Admitted,
    /// An admin adopted it: it counts and stays marked.
    Adopted {
        op: OperationId,
    },
    /// Its device was no member for its own log, or is one for nobody who knows the whole log.
    Stranger,
    /// This role does not allow it.
    Forbidden(Role),
    /// It stands outside what a removal leaves of its device.
    CutOff {
        op: OperationId,
    },
    /// Its device is suspended.
    Suspended {
        op: OperationId,
    },
    /// An admin set it aside.
    SetAside {
        op: OperationId,
    },
}

impl Facts<'_> {
    /// Tells whether its author knew an operation.
    fn knew(&self, op: &OperationId) -> bool {
        self.log.iter().any(|head| head == op || self.log_of.is_ancestor(op, head))
    }

    fn is_within<'a>(&self, lists: impl Iterator<Item = &'a Lowering>) -> bool {
        let union: Vec<String> = lists.flat_map(|lowering| lowering.cut.iter().cloned()).collect();
        (self.within)(&union)
    }
}

impl Membership {
    /// Judges a parcel by everything that the log says, `self` being the membership of the whole log. An admin's set-aside
    /// beats all but an adopt that follows it; an adopt beats a cut-off, a suspension and a role, and never lets in a device
    /// that was no member for its own log.
    pub fn admits(&self, facts: &Facts) -> Admission {
        if let Some(op) = self.left_aside(facts) {
            return Admission::SetAside { op };
        }
        let Some(role) = facts.at.role(&facts.device) else { return Admission::Stranger };
        if let Some(op) = self.adopted.get(&facts.id).and_then(|ops| ops.first()) {
            return Admission::Adopted { op: *op };
        }
        let Some(role) = self.lasting(role, facts) else { return Admission::Stranger };
        let refused = self.cut_off(facts).or_else(|| self.suspension(facts));
        refused.unwrap_or_else(|| allowed(self.role_left(role, facts), facts.creates))
    }

    /// Returns what is left of the role at its log when operations from which it came turned out to be void. Whoever has
    /// nothing left, and was let in again, is judged by the lower of both roles.
    fn lasting(&self, role: Role, facts: &Facts) -> Option<Role> {
        let since = |op: &OperationId| self.turned.contains(op) && !facts.at.void.contains_key(op);
        if !self.turned.iter().any(|op| since(op) && facts.knew(op)) {
            return Some(role);
        }
        let left = facts.log_of.role_without(&facts.device, facts.log, since);
        left.or_else(|| self.role(&facts.device)).map(|left| left.min(role))
    }

    /// Returns a set-aside that no adopt follows.
    fn left_aside(&self, facts: &Facts) -> Option<OperationId> {
        let adopts = self.adopted.get(&facts.id);
        let followed = |aside: &OperationId| adopts.into_iter().flatten().any(|adopt| facts.log_of.is_ancestor(aside, adopt));
        self.set_aside.get(&facts.id)?.iter().find(|aside| !followed(aside)).copied()
    }

    /// Returns the lowerings of the author that it did not know.
    fn unknown<'a>(&'a self, facts: &Facts) -> Vec<&'a Lowering> {
        let all = self.lowerings.get(&facts.device).into_iter().flatten();
        all.filter(|lowering| !facts.knew(&lowering.op)).collect()
    }

    fn cut_off(&self, facts: &Facts) -> Option<Admission> {
        let removals: Vec<&Lowering> = self.unknown(facts).into_iter().filter(|lowering| lowering.left.is_none()).collect();
        let first = removals.first()?;
        (!facts.is_within(removals.iter().copied())).then_some(Admission::CutOff { op: first.op })
    }

    fn suspension(&self, facts: &Facts) -> Option<Admission> {
        let list = self.suspensions.get(&facts.device)?;
        (!facts.is_within(list.iter())).then_some(Admission::Suspended { op: list.first()?.op })
    }

    /// Returns the role by which it is judged: outside the cut of the demotions that it did not know, the lowest of theirs.
    fn role_left(&self, role: Role, facts: &Facts) -> Role {
        let unknown = self.unknown(facts);
        let demotions: Vec<(&Lowering, Role)> = unknown.into_iter().filter_map(|l| Some((l, l.left.filter(|left| *left < role)?))).collect();
        let lowest = demotions.iter().map(|(_, left)| *left).min();
        match lowest {
            Some(left) if !facts.is_within(demotions.iter().map(|(lowering, _)| *lowering)) => left,
            _ => role,
        }
    }
}

/// Readers write nothing, and capture devices nothing but new records.
fn allowed(role: Role, creates: bool) -> Admission {
    match role {
        Role::Admin | Role::Editor => Admission::Admitted,
        Role::Capture if creates => Admission::Admitted,
        role => Admission::Forbidden(role),
    }
}
