//! One pack under any name: sent by mail, put on a card, carried once.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::reading;
use super::pack::{self, MAX_PACK};
use super::shelf::Shelf;
use super::{Left, Listing, Mailbox, Name, Open, Progress, Remembered, TransportError};
use crate::crypto::Sealed;
use crate::sys::plain::{self, Entry};

/// A pack that is read where it exists, and made where it does not.
#[derive(Debug)]
pub struct SingleFile {
    path: PathBuf,
    shelf: Shelf,
}

impl SingleFile {
    /// Takes a path for a mailbox.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let folder = path.parent().map_or(Path::new("."), |parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
        SingleFile { shelf: Shelf::new(folder.to_owned()), path }
    }

    fn entry(&self) -> Result<Option<Entry>, TransportError> {
        let name = self.path.file_name().ok_or(TransportError::NotPlain)?.to_owned();
        match plain::length(&self.path) {
            Ok(length) => Ok(Some(Entry { name, length })),
            // No file yet, or no stick.
            Err(error) if error.kind() == ErrorKind::NotFound => self.shelf.still_there().map(|()| None),
            Err(error) => Err(reading(error)),
        }
    }
}

impl Mailbox for SingleFile {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        let entry = self.entry()?;
        self.shelf.list(entry.into_iter().collect(), remembered)
    }

    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        self.shelf.fetch(name)
    }

    /// Makes the file; [`TransportError::Exists`] where one is.
    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError> {
        if self.entry()?.is_some() {
            return Err(TransportError::Exists);
        }
        let mut part = self.path.clone().into_os_string();
        part.push(plain::PART);
        plain::remove(Path::new(&part))?;
        let written = pack::write(&self.path, names, MAX_PACK, open, progress)?;
        if let Some(name) = self.path.file_name().and_then(|name| name.to_str()).filter(|_| written.bytes > 0) {
            self.shelf.remember(name, written.bytes);
        }
        Ok(Left { left: written.left, not_left: written.not_left, memory: self.shelf.memory(), broke: None })
    }
}
