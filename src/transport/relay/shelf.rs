//! What one mailbox holds, as far as its list or its notice says: names, and how far it is remembered.

use reqwest::Method;

use super::http::End;
use super::line::{Call, Line};
use super::list::{self, Found, Mark};
use super::notice::{self, Notice};
use crate::crypto::{Sealed, plain_hash};
use crate::transport::{Fault, FaultKind, Name, TransportError};
use crate::wire::limits::{MAX_FILE, MAX_NOTICE};
use crate::wire::{Failure, FileName, Key, path};

/// How often a file is asked for again from where it broke off, each time for more than before.
const RESUMES: u32 = 64;

/// One mailbox and what was read of it.
#[derive(Debug)]
pub(super) struct Shelf {
    pub line: Line,
    /// Sorted.
    names: Vec<Name>,
    notice: Notice,
    /// How far the list was read.
    pub mark: Option<Mark>,
    /// Hash and length of the notice that was read.
    noted: Option<([u8; 32], u64)>,
    /// It was put to by a device that cannot list it.
    pub put_blindly: bool,
    /// Which key lists and fetches.
    pub key: Option<Key>,
    /// At the last look no notice stood in the way of its list, or it was not there.
    pub is_open: bool,
}

/// What a look brought.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub names: Vec<Name>,
    /// Files of the notice.
    pub beside: Vec<Name>,
    pub holds: bool,
    pub faults: Vec<Fault>,
}

impl Shelf {
    pub fn of(line: Line) -> Self {
        Shelf { key: line.access.lists(), line, names: Vec::new(), notice: Notice::default(), mark: None, noted: None, put_blindly: false, is_open: false }
    }

    /// Lists what came since the remembered parts of this mailbox; everything without them.
    pub fn look(&mut self, remembered: &[(String, u64)]) -> Result<Look, TransportError> {
        (self.names, self.notice, self.key) = (Vec::new(), Notice::default(), self.line.access.lists());
        self.mark = remembered.iter().find_map(|(part, count)| self.mark_of(part, *count));
        self.noted = remembered.iter().find_map(|(part, bytes)| self.noted_of(part, *bytes));
        self.put_blindly = remembered.iter().any(|(part, _)| *part == self.blind());
        let Some(key) = self.key else { return Ok(Look { holds: true, ..Look::default() }) };
        let read = list::read(&mut self.line, key, self.mark);
        self.is_open = matches!(read, Ok(_) | Err(TransportError::Refused(Failure::NoMailbox)));
        match read {
            Ok(found) => Ok(self.found(found)),
            Err(TransportError::Refused(Failure::NoMailbox | Failure::Deleted)) => Ok(self.nothing()),
            Err(TransportError::Refused(Failure::Frozen)) => self.frozen(),
            Err(error) => Err(error),
        }
    }

    fn found(&mut self, found: Found) -> Look {
        let counts = [(FaultKind::ListOdd, found.odd), (FaultKind::TooLarge, found.too_large), (FaultKind::TooMany, u64::from(found.too_many))];
        // What was remembered of a notice says nothing of a list.
        (self.mark, self.noted) = (found.mark, None);
        self.names = found.entries.iter().map(|entry| Name(entry.name.0)).collect();
        self.names.sort_unstable();
        Look { names: self.names.clone(), holds: found.holds, faults: self.faults(counts), ..Look::default() }
    }

    /// The mailbox is not there, or no more.
    fn nothing(&mut self) -> Look {
        let remembered = self.mark.take().is_some() | self.noted.take().is_some();
        Look { holds: !remembered, ..Look::default() }
    }

    /// Reads the notice of a mailbox that only its owner lists. What was remembered of the list stays: freezing takes nothing away.
    fn frozen(&mut self) -> Result<Look, TransportError> {
        if let Some(owner) = self.line.access.owns() {
            let found = list::read(&mut self.line, owner, self.mark)?;
            self.key = Some(owner);
            return Ok(self.found(found));
        }
        let call = Call { most: MAX_NOTICE, ..Call::new(Key::Read, Method::GET, path::notice(&self.line.access.mailbox())) };
        match self.line.call(&call) {
            Ok(answer) if answer.end == End::Whole => self.noted(&answer.body),
            Ok(answer) if answer.end == End::Cut => Err(TransportError::Unreachable),
            Ok(_) => Err(TransportError::OddAnswer),
            Err(TransportError::Refused(Failure::NoFile)) => Ok(Look { holds: true, ..Look::default() }),
            Err(error) => Err(error),
        }
    }

    fn noted(&mut self, bytes: &[u8]) -> Result<Look, TransportError> {
        let now = (plain_hash(bytes), bytes.len() as u64);
        self.notice = notice::read(bytes)?;
        let known = self.noted == Some(now);
        self.noted = Some(now);
        let faults = self.faults(self.notice.faults.clone());
        self.noted = self.noted.filter(|_| faults.is_empty());
        let beside = if known { Vec::new() } else { self.notice.files.keys().copied().collect() };
        Ok(Look { beside, holds: true, faults, ..Look::default() })
    }

    fn faults(&self, counts: impl IntoIterator<Item = (FaultKind, u64)>) -> Vec<Fault> {
        let part = self.part();
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| Fault { part: part.clone(), kind, count }).collect()
    }

    /// Returns the parts as they are now.
    pub fn memory(&self) -> Vec<(String, u64)> {
        let list = self.mark.map(|mark| (format!("{}:{}:{}", self.short(), mark.n, mark.name), mark.count));
        let notice = self.noted.map(|(hash, bytes)| (format!("{}:notice:{}", self.short(), hex::encode(hash)), bytes));
        let blind = self.put_blindly.then(|| (self.blind(), 0));
        list.into_iter().chain(notice).chain(blind).collect()
    }

    /// Tells whether a remembered part is one of this mailbox.
    pub fn knows(&self, part: &str, bytes: u64) -> bool {
        self.mark_of(part, bytes).is_some() || self.noted_of(part, bytes).is_some() || part == self.blind()
    }

    /// Returns what is told apart when a file from here is damaged: the part that is remembered.
    fn part(&self) -> String {
        self.memory().pop().map_or_else(|| self.short(), |(part, _)| part)
    }

    /// The part that remembers a mailbox which cannot be listed here.
    fn blind(&self) -> String {
        format!("{}:blind", self.short())
    }

    fn short(&self) -> String {
        hex::encode(&self.line.access.id[..8])
    }

    fn mark_of(&self, part: &str, count: u64) -> Option<Mark> {
        let (n, name) = part.strip_prefix(&self.short())?.strip_prefix(':')?.split_once(':')?;
        Some(Mark { n: n.parse().ok().filter(|n| *n > 0)?, name: name.parse().ok()?, count })
    }

    fn noted_of(&self, part: &str, bytes: u64) -> Option<([u8; 32], u64)> {
        let hash = part.strip_prefix(&self.short())?.strip_prefix(":notice:")?;
        Some((hash.parse::<FileName>().ok()?.0, bytes))
    }

    /// Tells whether the last look listed a name.
    pub fn has(&self, name: &Name) -> bool {
        self.names.binary_search(name).is_ok() || self.notice.files.contains_key(name)
    }

    /// Returns a file, its bytes compared with its name.
    pub fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        let given = match self.notice.files.get(name) {
            Some(sealed) => Ok(sealed.clone()),
            None => self.get(name),
        };
        let kind = match given {
            Ok(sealed) if Name::of(&sealed) == *name => return Ok(sealed),
            Ok(_) => FaultKind::WrongBytes,
            Err(TransportError::TooLarge) => FaultKind::TooLarge,
            Err(TransportError::Refused(Failure::NoFile | Failure::Range)) => FaultKind::NotGiven,
            Err(error) => return Err(error),
        };
        Err(TransportError::Damaged(Fault { part: self.part(), kind, count: 1 }))
    }

    /// Gets a file, and goes on where the connection broke.
    fn get(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        let target = path::file(&self.line.access.mailbox(), &FileName(name.0));
        let key = self.key.ok_or(TransportError::NotListed)?;
        let mut bytes = Vec::new();
        for _ in 0..RESUMES {
            let (from, most) = (bytes.len() as u64, MAX_FILE - bytes.len() as u64);
            let answer = self.line.call(&Call { from, most, ..Call::new(key, Method::GET, target.clone()) })?;
            if answer.status != PARTIAL {
                bytes.clear();
            }
            let came = !answer.body.is_empty();
            bytes.extend(answer.body);
            match answer.end {
                End::Whole => return Ok(Sealed::from_outside(bytes)),
                End::Over => return Err(TransportError::TooLarge),
                End::Cut if !came => return Err(TransportError::Unreachable),
                End::Cut => {}
            }
        }
        Err(TransportError::Unreachable)
    }
}

/// Status of an answer that goes on where the last one broke off.
const PARTIAL: u16 = 206;
