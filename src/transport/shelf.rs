//! What stands in a folder: which packs and loose files, what is in them and where. Reads headers only; keeps names and places.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::error::reading;
use super::{Fault, FaultKind, Listing, Name, Remembered, TransportError};
use crate::crypto::{MAX_SEALED, Sealed};
use crate::sys::plain::{self, Entry};
use crate::sys::tar as archive;
use archive::{Flaw, Member, Members, Met};

/// Members of one pack that are read.
pub const MAX_MEMBERS: u64 = 1_000_000;
/// Names that one listing gives; more are listed the next time, when these are remembered.
const MAX_NAMES: usize = 2_000_000;

/// The packs and loose files of a folder, and where each name of the last listing stands.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    folder: PathBuf,
    /// File names of the parts that [`Spot`] counts.
    parts: Vec<OsString>,
    /// By name; a name may stand in several places.
    spots: Vec<Spot>,
    memory: BTreeMap<String, u64>,
}

/// Where a sealed file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    name: Name,
    part: u32,
    length: u32,
    offset: u64,
}

impl Shelf {
    pub(super) fn new(folder: PathBuf) -> Self {
        Shelf { folder, ..Shelf::default() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lists these entries of the folder.
    pub(super) fn list(&mut self, entries: Vec<Entry>, remembered: &Remembered) -> Result<Listing, TransportError> {
        let there: BTreeMap<&str, u64> = entries.iter().filter_map(|entry| Some((entry.name.to_str()?, entry.length?))).collect();
        let holds = remembered.0.iter().all(|(part, bytes)| there.get(part.as_str()) == Some(bytes));
        let known: BTreeMap<String, u64> = remembered.0.iter().filter(|_| holds).cloned().collect();
        *self = Shelf::new(std::mem::take(&mut self.folder));
        let mut faults = Vec::new();
        for entry in entries.into_iter().filter(|entry| !entry.name.to_str().is_some_and(|name| known.contains_key(name))) {
            faults.extend(self.take(entry)?);
        }
        self.memory.extend(known);
        self.spots.sort_unstable();
        let mut names: Vec<Name> = self.spots.iter().map(|spot| spot.name).collect();
        names.dedup();
        Ok(Listing { names, beside: Vec::new(), remembered_holds: holds, faults, memory: self.memory() })
    }

    /// Notes one pack or loose file, and returns what is wrong with it.
    fn take(&mut self, entry: Entry) -> Result<Vec<Fault>, TransportError> {
        let mut faults = Faults::default();
        let before = self.spots.len();
        let name = entry.name.to_str().map(str::to_owned);
        match (entry.length, name.as_deref().and_then(Name::from_file_name)) {
            (None, _) => faults.add(FaultKind::NotPlain),
            (Some(length), Some(name)) => self.note(name, 0, length, &mut faults),
            (Some(_), None) => self.read(&entry.name, &mut faults)?,
        }
        if self.spots.len() > before {
            self.parts.push(entry.name.clone());
        }
        // A part with a fault is read again: a better copy may have its size. A name that is no text cannot be remembered.
        self.memory.extend(name.zip(entry.length).filter(|_| faults.0.is_empty()));
        Ok(faults.of(&entry.name.to_string_lossy()))
    }

    /// Reads the headers of a pack.
    fn read(&mut self, part: &OsString, faults: &mut Faults) -> Result<(), TransportError> {
        let path = self.folder.join(part);
        match plain::open(&path).and_then(|file| self.members(Members::of(file, MAX_MEMBERS)?, faults)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                faults.add(FaultKind::NotPlain);
                Ok(())
            }
            // One bad spot of a disk is a fault of the pack; a disk that is gone is no listing.
            Err(_) => self.still_there().map(|()| faults.add(FaultKind::Unreadable)),
        }
    }

    fn members(&mut self, members: impl Iterator<Item = io::Result<Met>>, faults: &mut Faults) -> io::Result<()> {
        for met in members {
            match met? {
                Met::Member(Member { name, offset, length }) => match Name::from_file_name(&name) {
                    Some(name) => self.note(name, offset, length, faults),
                    None => faults.add(FaultKind::OddMember),
                },
                Met::Flaw(flaw) => faults.add(kind(flaw)),
            }
        }
        Ok(())
    }

    /// Notes where a sealed file stands, when it can be one.
    fn note(&mut self, name: Name, offset: u64, length: u64, faults: &mut Faults) {
        match u32::try_from(length) {
            Ok(0) => faults.add(FaultKind::OddMember),
            Ok(_) if self.spots.len() >= MAX_NAMES => faults.add(FaultKind::TooMany),
            Ok(length) if length as usize <= MAX_SEALED => self.spots.push(Spot { name, part: self.parts.len() as u32, length, offset }),
            _ => faults.add(FaultKind::TooLarge),
        }
    }

    /// Returns a file of the last listing from the first place whose bytes fit.
    pub(super) fn fetch(&self, name: &Name) -> Result<Sealed, TransportError> {
        let first = self.spots.partition_point(|spot| spot.name < *name);
        let mut failed = TransportError::NotListed;
        for spot in self.spots[first..].iter().take_while(|spot| spot.name == *name) {
            match self.fetch_from(spot) {
                Ok(sealed) => return Ok(sealed),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    fn fetch_from(&self, spot: &Spot) -> Result<Sealed, TransportError> {
        let part = &self.parts[spot.part as usize];
        let damaged = |kind| TransportError::Damaged(Fault { part: part.to_string_lossy().into_owned(), kind, count: 1 });
        match plain::read_at(&self.folder.join(part), spot.offset, spot.length as usize).map(Sealed::from_outside) {
            Ok(sealed) if Name::of(&sealed) == spot.name => Ok(sealed),
            Ok(_) => Err(damaged(FaultKind::WrongBytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(damaged(FaultKind::Truncated)),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Err(damaged(FaultKind::NotPlain)),
            Err(error) => Err(self.still_there().map_or_else(|gone| gone, |()| reading(error))),
        }
    }

    /// Tells a folder that is gone from one where only a file cannot be read.
    pub(super) fn still_there(&self) -> Result<(), TransportError> {
        plain::entries(&self.folder, &|_| false).map(drop).map_err(reading)
    }

    /// Counts a new pack among the parts.
    pub(super) fn remember(&mut self, part: &str, bytes: u64) {
        self.memory.insert(part.to_owned(), bytes);
    }

    pub(super) fn memory(&self) -> Remembered {
        Remembered(self.memory.clone().into_iter().collect())
    }
}

/// The faults of one part, counted by kind: a pack of a million odd members is one line.
#[derive(Debug, Default)]
struct Faults(BTreeMap<FaultKind, u64>);

impl Faults {
    fn add(&mut self, kind: FaultKind) {
        *self.0.entry(kind).or_default() += 1;
    }

    fn of(self, part: &str) -> Vec<Fault> {
        self.0.into_iter().map(|(kind, count)| Fault { part: part.to_owned(), kind, count }).collect()
    }
}

/// Says what a flaw of an archive is for a place.
pub(super) fn kind(flaw: Flaw) -> FaultKind {
    match flaw {
        Flaw::Truncated => FaultKind::Truncated,
        Flaw::Header => FaultKind::Header,
        Flaw::Odd => FaultKind::OddMember,
        Flaw::AfterEnd => FaultKind::AfterEnd,
        Flaw::TooMany => FaultKind::TooMany,
    }
}
