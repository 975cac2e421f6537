//! Ways to travel: a stick or synced folder, a single pack, memory, a relay. A mailbox holds sealed files by name and opens none.
//! Nothing in a place is trusted: names are compared with bytes, lengths with limits. Bytes: `docs/formats/pack.md`.

mod error;
mod file;
mod folder;
#[cfg(feature = "lan")]
pub mod lan;
mod memory;
mod name;
mod pack;
pub mod relay;
mod shelf;

pub use error::TransportError;
pub use file::SingleFile;
pub use folder::Folder;
pub use memory::Memory;
pub use name::Name;
pub use shelf::MAX_MEMBERS;

use serde::{Deserialize, Serialize};

use crate::crypto::Sealed;

/// Gives the bytes of a file that is to be left somewhere.
pub type Open<'a> = &'a mut dyn FnMut(&Name) -> Result<Sealed, TransportError>;
/// Is told how many files of how many are done; begins again where a first attempt did not fit.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// A place where sealed files are found and left.
pub trait Mailbox {
    /// Returns how a person calls this place.
    fn place(&self) -> String;

    /// Lists what is there and was not listed under `remembered`. Each name comes once, in order.
    ///
    /// # Errors
    /// Returns [`TransportError::Unreachable`] or what the system refused. What is wrong with one pack is a fault of the listing.
    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError>;

    /// Returns a file of the last listing, its bytes compared with its name.
    ///
    /// # Errors
    /// Returns [`TransportError::NotListed`], or [`TransportError::Damaged`] where no copy fits the name: the caller forgets that
    /// pack, so that it is listed again when the place has a better copy.
    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError>;

    /// Leaves files there, the most urgent first; `open` gives the bytes of one.
    ///
    /// # Errors
    /// Returns [`TransportError::NotWritable`] or what the system refused; then nothing counts as left. A place without room for all,
    /// or one that cannot be reached any more after it took some, is no error.
    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError>;
}

/// Parts of a place, by name and bytes, whose members were listed before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered(pub Vec<(String, u64)>);

/// What a place holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What is there outside the remembered parts; everything when these do not hold.
    pub names: Vec<Name>,
    /// What can be fetched as well and does not count as being there: it is to be left all the same.
    pub beside: Vec<Name>,
    /// Every remembered part is still there and has its size.
    pub remembered_holds: bool,
    pub faults: Vec<Fault>,
    /// The parts as they are now. One with a fault is not among them, and so is read again the next time.
    pub memory: Remembered,
}

/// What became of files that were to be left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// What is now durable there, in order.
    pub left: Vec<Name>,
    /// What is not known to be there, the most urgent first.
    pub not_left: Vec<Name>,
    /// Why, where the place was not full.
    pub broke: Option<Broke>,
    /// The parts as they are now: those of the last listing and what was left.
    pub memory: Remembered,
}

/// Why a place with room took no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broke {
    /// It could not be reached any more.
    Away,
    /// It refused the next file.
    Refused,
}

/// What is wrong with one part of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// File name of the pack, as the place gives it: foreign text.
    pub part: String,
    pub kind: FaultKind,
    /// How many members have it; 1 where it is the pack itself.
    pub count: u64,
}

/// A kind of fault, with a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// The pack is cut short; the complete members before are listed.
    Truncated,
    /// A header in it is damaged; the members before are listed, nothing after it is.
    Header,
    /// Members that are no plain sealed file: links, devices, folders, other names. Passed over.
    OddMember,
    /// Something stands behind its end. Not read.
    AfterEnd,
    /// A file over the limit. Passed over.
    TooLarge,
    /// More members than are read.
    TooMany,
    /// A link, folder or device that is called like a pack. Never opened.
    NotPlain,
    /// The disk did not give it.
    Unreadable,
    /// The bytes of a member do not fit its name.
    WrongBytes,
    /// A relay's list is misshapen: entries twice, out of order, or not as many as it says. Its files are taken all the same.
    ListOdd,
    /// A relay lists a file and does not give it.
    NotGiven,
}

impl FaultKind {
    /// Returns the stable code, e.g. `pack-truncated`.
    pub fn code(self) -> &'static str {
        match self {
            FaultKind::Truncated => "pack-truncated",
            FaultKind::Header => "pack-header-damaged",
            FaultKind::OddMember => "pack-odd-member",
            FaultKind::AfterEnd => "pack-after-end",
            FaultKind::TooLarge => "pack-too-large",
            FaultKind::TooMany => "pack-too-many",
            FaultKind::NotPlain => "pack-not-plain",
            FaultKind::Unreadable => "pack-unreadable",
            FaultKind::WrongBytes => "pack-wrong-bytes",
            FaultKind::ListOdd => "relay-list-odd",
            FaultKind::NotGiven => "relay-not-given",
        }
    }
}
