//! A stick, or any folder that somebody else carries or syncs. Only packs and loose sealed files directly in it count.

use std::fmt;
use std::path::PathBuf;

use super::error::reading;
use super::pack::{self, ENDING, MAX_PACK};
use super::shelf::Shelf;
use super::{Left, Listing, Mailbox, Name, Open, Progress, Remembered, TransportError};
use crate::crypto::Sealed;
use crate::sys::chance::{Chance, draw};
use crate::sys::plain;

/// How often a name is drawn anew that is taken: with a true chance never.
const DRAWS: usize = 16;

/// Packs in a folder.
pub struct Folder<'a> {
    shelf: Shelf,
    chance: &'a mut dyn Chance,
    most: u64,
}

impl<'a> Folder<'a> {
    /// Takes a folder for a mailbox; `chance` names the packs.
    pub fn at(folder: impl Into<PathBuf>, chance: &'a mut dyn Chance) -> Self {
        Folder { shelf: Shelf::new(folder.into()), chance, most: MAX_PACK }
    }

    /// Makes packs of at most so many bytes; what does not fit is reported as without room.
    #[must_use]
    pub fn packs_up_to(mut self, bytes: u64) -> Self {
        self.most = bytes.min(MAX_PACK);
        self
    }

    /// Draws a name that nothing there has.
    fn new_name(&mut self) -> String {
        let mut drawn = || format!("{}{ENDING}", hex::encode(draw::<8>(self.chance)));
        let taken = |name: &String| plain::length(&self.shelf.folder().join(name)).is_ok();
        let first = drawn();
        if taken(&first) { (0..DRAWS).map(|_| drawn()).find(|name| !taken(name)).unwrap_or(first) } else { first }
    }

    /// Removes what killed runs left, and nothing that could be somebody else's.
    fn clear_leftovers(&self) {
        let Ok(entries) = plain::entries(self.shelf.folder(), &is_leftover) else { return };
        for entry in entries {
            // One that cannot be removed takes space and does no other harm.
            let _ = plain::remove(&self.shelf.folder().join(entry.name));
        }
    }
}

impl Mailbox for Folder<'_> {
    fn place(&self) -> String {
        self.shelf.folder().display().to_string()
    }

    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        let entries = plain::entries(self.shelf.folder(), &is_part).map_err(reading)?;
        self.shelf.list(entries, remembered)
    }

    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        self.shelf.fetch(name)
    }

    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError> {
        self.clear_leftovers();
        let part = self.new_name();
        let written = pack::write(&self.shelf.folder().join(&part), names, self.most, open, progress)?;
        if written.bytes > 0 {
            self.shelf.remember(&part, written.bytes);
        }
        Ok(Left { left: written.left, not_left: written.not_left, memory: self.shelf.memory(), broke: None })
    }
}

impl fmt::Debug for Folder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Folder").field("shelf", &self.shelf).finish_non_exhaustive()
    }
}

/// Tells whether a file is a pack or a loose sealed file; hidden files are neither.
fn is_part(name: &str) -> bool {
    let pack = name.len() > ENDING.len() && name.to_ascii_lowercase().ends_with(ENDING);
    !name.starts_with('.') && (pack || Name::from_file_name(name).is_some())
}

/// Tells whether a file is called as a killed run of this program left it: `<16 hex>.pack.part`.
fn is_leftover(name: &str) -> bool {
    let digits = name.strip_suffix(plain::PART).and_then(|name| name.strip_suffix(ENDING));
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}
