//! A place that is gone with the process: for tests, and for what one laptop holds for others in the room.

use std::collections::BTreeMap;

use super::{Left, Listing, Mailbox, Name, Open, Progress, Remembered, TransportError};
use crate::crypto::Sealed;

/// Sealed files in memory; what one call left is one part.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<Name, Sealed>,
    /// Name and bytes of each part, and what is in it.
    parts: Vec<(String, u64, Vec<Name>)>,
}

impl Memory {
    /// Makes an empty place.
    pub fn new() -> Self {
        Memory::default()
    }

    fn remembered(&self) -> Remembered {
        Remembered(self.parts.iter().map(|(part, bytes, _)| (part.clone(), *bytes)).collect())
    }
}

impl Mailbox for Memory {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        let is_known = |part: &str, bytes: u64| remembered.0.iter().any(|(known, size)| known == part && *size == bytes);
        let holds = remembered.0.iter().all(|known| self.parts.iter().any(|(part, bytes, _)| (part, bytes) == (&known.0, &known.1)));
        let new = self.parts.iter().filter(|(part, bytes, _)| !(holds && is_known(part, *bytes)));
        let mut names: Vec<Name> = new.flat_map(|(_, _, names)| names.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        Ok(Listing { names, beside: Vec::new(), remembered_holds: holds, faults: Vec::new(), memory: self.remembered() })
    }

    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        self.files.get(name).cloned().ok_or(TransportError::NotListed)
    }

    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError> {
        let mut taken = BTreeMap::new();
        for (done, name) in names.iter().enumerate() {
            progress(done as u64, names.len() as u64);
            taken.insert(*name, super::pack::opened(name, open)?);
        }
        progress(names.len() as u64, names.len() as u64);
        let left: Vec<Name> = taken.keys().copied().collect();
        if !left.is_empty() {
            let bytes = taken.values().map(|sealed| sealed.as_bytes().len() as u64).sum();
            self.parts.push((format!("part-{}", self.parts.len()), bytes, left.clone()));
        }
        self.files.extend(taken);
        Ok(Left { left, memory: self.remembered(), ..Left::default() })
    }
}
