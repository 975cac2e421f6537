//! A relay as a mailbox of the exchange: the present mailbox and the older ones are listed together, and the present one is put to.

use std::collections::BTreeSet;
use std::fmt;

use reqwest::Method;

use super::line::{Access, Call, Line};
use super::list::{self, Mark};
use super::notice;
use super::shelf::Shelf;
use super::{Address, Options};
use crate::crypto::Sealed;
use crate::transport::pack::opened;
use crate::transport::{Broke, Left, Listing, Mailbox, Name, Open, Progress, Remembered, TransportError};
use crate::wire::{Failure, FileName, Key, path};

/// Largest file that an admin leaves in the part of the quota that is kept for keys and the log.
const RESERVED_FILE: usize = 64 * 1024;

/// A relay with the mailboxes that this device has keys of.
pub struct Relay {
    address: Address,
    /// The present mailbox first.
    shelves: Vec<Shelf>,
}

impl Relay {
    /// Takes a relay for a mailbox; the first access is that of the present mailbox.
    ///
    /// # Errors
    /// Returns [`TransportError::Proxy`] for a proxy that is no `socks5h://` one. Nothing is connected yet.
    pub fn at(address: Address, accesses: Vec<Access>, options: &Options) -> Result<Relay, TransportError> {
        options.check()?;
        let shelves = accesses.into_iter().map(|access| Shelf::of(Line::to(&address, access, options))).collect();
        Ok(Relay { address, shelves })
    }

    /// Returns the address that is called.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the tickets that are of no more use.
    pub fn spent_tickets(&self) -> Vec<String> {
        self.shelves.iter().flat_map(|shelf| shelf.line.spent.iter().cloned()).collect()
    }

    /// Returns the mailboxes that were not frozen at the last listing: whoever reads them finds no notice.
    pub fn open_ones(&self) -> impl Iterator<Item = [u8; 32]> {
        self.shelves.iter().filter(|shelf| shelf.is_open).map(|shelf| shelf.line.access.id)
    }

    /// Tells whether a mailbox is frozen; only its owner is told.
    ///
    /// # Errors
    /// Returns [`TransportError::NoMailbox`] without its owner key here, else what the relay refused.
    pub fn is_frozen(&mut self, id: &[u8; 32]) -> Result<bool, TransportError> {
        list::page(self.owned(id)?, Key::Owner, 0, 1).map(|page| page.frozen)
    }

    /// Freezes a mailbox and leaves a notice there, in place of an earlier one; makes it first where it is not there. Nothing in
    /// it goes away.
    ///
    /// # Errors
    /// Returns [`TransportError::TooLarge`] for a notice over 256 KiB, [`TransportError::NoMailbox`] without its owner key here, else
    /// what the relay refused.
    pub fn freeze(&mut self, id: &[u8; 32], files: &[Sealed]) -> Result<(), TransportError> {
        let body = notice::written(files)?;
        let line = self.owned(id)?;
        let call = Call::new(Key::Owner, Method::PUT, path::freeze(&line.access.mailbox()));
        let call = Call { body: &body, ..call };
        match line.call(&call) {
            Err(TransportError::Refused(Failure::NoMailbox)) => {
                line.create()?;
                line.call(&call).map(drop)
            }
            frozen => frozen.map(drop),
        }
    }

    /// Deletes a mailbox with everything in it, for ever.
    ///
    /// # Errors
    /// Returns [`TransportError::NoMailbox`] without its owner key here, else what the relay refused. One that is gone is no error.
    pub fn delete(&mut self, id: &[u8; 32]) -> Result<(), TransportError> {
        let line = self.owned(id)?;
        let call = Call::new(Key::Owner, Method::DELETE, path::mailbox(&line.access.mailbox()));
        match line.call(&call) {
            Ok(_) | Err(TransportError::Refused(Failure::Deleted | Failure::NoMailbox)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn owned(&mut self, id: &[u8; 32]) -> Result<&mut Line, TransportError> {
        let mut lines = self.shelves.iter_mut().map(|shelf| &mut shelf.line);
        lines.find(|line| line.access.id == *id && line.access.owner.is_some()).ok_or(TransportError::NoMailbox)
    }

    /// Looks into every mailbox. Only what lies in the present one counts as being there: whoever knows no older one would never
    /// find it.
    fn look(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        let known = |(part, bytes): &(String, u64)| self.shelves.iter().any(|shelf| shelf.knows(part, *bytes));
        let holds = remembered.0.iter().all(known) && self.is_remembered(remembered);
        let mut listing = Listing { remembered_holds: holds, ..Listing::default() };
        for (at, shelf) in self.shelves.iter_mut().enumerate() {
            let look = shelf.look(&remembered.0)?;
            listing.remembered_holds &= look.holds;
            listing.faults.extend(look.faults);
            listing.beside.extend(look.beside);
            if at == 0 { &mut listing.names } else { &mut listing.beside }.extend(look.names);
        }
        for names in [&mut listing.names, &mut listing.beside] {
            names.sort_unstable();
            names.dedup();
        }
        listing.memory = self.memory();
        Ok(listing)
    }

    /// Tells whether the present mailbox was met before, where any was.
    fn is_remembered(&self, remembered: &Remembered) -> bool {
        let present = |(part, bytes): &(String, u64)| self.shelves.first().is_some_and(|shelf| shelf.knows(part, *bytes));
        remembered.0.is_empty() || remembered.0.iter().any(present)
    }

    fn memory(&self) -> Remembered {
        Remembered(self.shelves.iter().flat_map(Shelf::memory).collect())
    }
}

impl Mailbox for Relay {
    fn place(&self) -> String {
        self.address.url.clone()
    }

    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        let listing = self.look(remembered)?;
        if listing.remembered_holds {
            return Ok(listing);
        }
        let all = self.look(&Remembered::default())?;
        Ok(Listing { remembered_holds: false, ..all })
    }

    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        let mut failed = TransportError::NotListed;
        for shelf in self.shelves.iter_mut().filter(|shelf| shelf.has(name)) {
            match shelf.fetch(name) {
                Err(TransportError::Damaged(fault)) => failed = TransportError::Damaged(fault),
                given => return given,
            }
        }
        Err(failed)
    }

    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError> {
        let mut seen = BTreeSet::new();
        let wanted: Vec<Name> = names.iter().copied().filter(|name| seen.insert(*name)).collect();
        if wanted.is_empty() {
            return Ok(Left { memory: self.memory(), ..Left::default() });
        }
        let shelf = self.shelves.first_mut().ok_or(TransportError::NoMailbox)?;
        let (done, broke) = put_all(&mut shelf.line, &wanted, open, progress)?;
        let (mut left, not_left) = (wanted[..done].to_vec(), wanted[done..].to_vec());
        left.sort_unstable();
        shelf.go_on(&left);
        Ok(Left { left, not_left, broke, memory: self.memory() })
    }
}

/// Puts one file after the other; returns how many the relay acknowledged, and why no more where it was not full.
fn put_all(line: &mut Line, wanted: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<(usize, Option<Broke>), TransportError> {
    let all = wanted.len() as u64;
    for (done, name) in wanted.iter().enumerate() {
        progress(done as u64, all);
        let sealed = opened(name, open)?;
        match put(line, name, &sealed) {
            Ok(()) => {}
            Err(TransportError::Refused(Failure::Quota)) => return Ok((done, None)),
            Err(TransportError::Unreachable) if done > 0 => return Ok((done, Some(Broke::Away))),
            Err(TransportError::Refused(_)) if done > 0 => return Ok((done, Some(Broke::Refused))),
            Err(error) => return Err(error),
        }
    }
    progress(all, all);
    Ok((wanted.len(), None))
}

/// Puts a file; makes the mailbox where it is not there, and goes to the owner's reserve with a small file where it is full.
fn put(line: &mut Line, name: &Name, sealed: &Sealed) -> Result<(), TransportError> {
    let key = line.access.puts().ok_or(TransportError::NotWritable)?;
    match put_by(line, key, name, sealed) {
        Err(TransportError::Refused(Failure::NoMailbox)) => {
            line.create()?;
            put_by(line, key, name, sealed)
        }
        Err(TransportError::Refused(Failure::Quota)) if sealed.as_bytes().len() <= RESERVED_FILE && line.access.owns().is_some() => {
            put_by(line, Key::Owner, name, sealed)
        }
        put => put,
    }
}

fn put_by(line: &mut Line, key: Key, name: &Name, sealed: &Sealed) -> Result<(), TransportError> {
    let target = path::file(&line.access.mailbox(), &FileName(name.0));
    let call = Call { body: sealed.as_bytes(), ..Call::new(key, Method::PUT, target) };
    line.call(&call).and_then(|answer| acknowledged(answer.status))
}

/// Only these two say that the file is durable.
fn acknowledged(status: u16) -> Result<(), TransportError> {
    if matches!(status, 200 | 201) { Ok(()) } else { Err(TransportError::OddAnswer) }
}

impl Shelf {
    /// Remembers what was left as far as nothing else came in between: that would never be listed.
    fn go_on(&mut self, left: &[Name]) {
        let Some(key) = self.key else {
            self.put_blindly |= !left.is_empty();
            return;
        };
        let found = match self.mark {
            Some(mark) => list::after(&mut self.line, key, &mark).ok().flatten(),
            None => list::read(&mut self.line, key, None).ok().filter(|found| found.mark.is_some()),
        };
        let Some(found) = found else { return };
        let ours = found.entries.iter().take_while(|entry| left.binary_search(&Name(entry.name.0)).is_ok());
        let before = self.mark.map_or(0, |mark| mark.count);
        let last = ours.zip(1..).last().map(|(entry, more)| Mark { n: entry.n, name: entry.name, count: before + more });
        self.mark = last.or(self.mark);
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("url", &self.address.url).field("mailboxes", &self.shelves.len()).finish_non_exhaustive()
    }
}
