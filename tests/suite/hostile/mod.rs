//! What comes from a device in other hands: refused or held with a reason, and never more than that.

mod changes;
mod envelopes;
mod floods;
pub mod forge;
mod judge;
mod mutants;
pub mod raw;
mod stick;
