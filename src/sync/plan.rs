//! What is to be fetched and what is to be left: pure, from what is here and what is there.

use std::collections::HashSet;

use crate::transport::Name;
use crate::vault::Hash;

/// A sealed file of this vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Order of arrival.
    pub number: i64,
    pub name: Hash,
    /// It holds keys or operations of the membership log, which go first where room is short.
    pub urgent: bool,
}

/// Returns the files to leave, the most urgent first: keys and the log, then the newest. `there` lists what is there already.
pub fn to_leave(held: &[Held], there: &[Name]) -> Vec<Name> {
    let there: HashSet<Hash> = there.iter().map(|name| name.0).collect();
    let mut missing: Vec<&Held> = held.iter().filter(|file| !there.contains(&file.name)).collect();
    missing.sort_by_key(|file| (!file.urgent, -file.number));
    missing.into_iter().map(|file| Name(file.name)).collect()
}
