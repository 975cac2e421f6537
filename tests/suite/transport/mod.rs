//! Places where sealed files are found and left: one suite for all of them, cut and hostile packs, real disks, stock tools.

mod cut;
mod disk;
mod every;
pub mod hostile;
mod members;
pub mod mounted;
mod stock;

use std::collections::BTreeMap;
use std::path::Path;

use sandyq::crypto::Sealed;
use sandyq::sys::chance::Chance;
use sandyq::transport::{FaultKind, Folder, Left, Listing, Mailbox, Name, Remembered, TransportError};

use crate::support::Seeded;

/// Files as a vault would hold them. No place looks inside.
pub struct Files(BTreeMap<Name, Sealed>);

impl Files {
    pub fn new(seed: u64, lengths: &[usize]) -> Files {
        let mut chance = Seeded(seed);
        let sealed = lengths.iter().map(|length| {
            let mut bytes = vec![0; *length];
            chance.fill(&mut bytes);
            Sealed::from_outside(bytes)
        });
        Files(sealed.map(|sealed| (Name::of(&sealed), sealed)).collect())
    }

    /// Five files as they usually are.
    pub fn five(seed: u64) -> Files {
        Files::new(seed, &[1400, 1536, 3000, 512, 17])
    }

    pub fn names(&self) -> Vec<Name> {
        self.0.keys().copied().collect()
    }

    pub fn open(&self, name: &Name) -> Result<Sealed, TransportError> {
        self.0.get(name).cloned().ok_or(TransportError::Source("unknown".into()))
    }

    pub fn try_leave(&self, place: &mut dyn Mailbox, names: &[Name]) -> Result<Left, TransportError> {
        place.leave(names, &mut |name| self.open(name), &mut |_, _| {})
    }

    pub fn leave(&self, place: &mut dyn Mailbox) -> Left {
        self.try_leave(place, &self.names()).expect("left")
    }

    /// Leaves all of them as one pack and returns its bytes.
    pub fn pack(&self) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        self.leave(&mut Folder::at(folder.path(), &mut Seeded(5)));
        std::fs::read(only_pack(folder.path())).expect("read")
    }

    /// Every one of them is there and has its bytes.
    pub fn are_at(&self, place: &mut dyn Mailbox) {
        for (name, sealed) in &self.0 {
            assert!(place.fetch(name).expect("fetched") == *sealed);
        }
    }
}

pub fn only_pack(folder: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

pub fn list(place: &mut dyn Mailbox) -> Listing {
    place.list(&Remembered::default()).expect("listed")
}

/// Lists a folder that holds these files only.
pub fn listing_of(files: &[(&str, &[u8])]) -> Listing {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), files);
    list(&mut Folder::at(folder.path(), &mut Seeded(1)))
}

pub fn put(folder: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).expect("written");
    }
}

pub fn kinds(listing: &Listing) -> Vec<FaultKind> {
    listing.faults.iter().map(|fault| fault.kind).collect()
}
