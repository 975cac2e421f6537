//! What a frozen mailbox still says: a pack in memory, with the keys files of the roll that froze it.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::crypto::{MAX_SEALED, Sealed};
use crate::sys::tar as archive;
use crate::transport::shelf::{MAX_MEMBERS, kind};
use crate::transport::{FaultKind, Name, TransportError};
use crate::wire::limits::MAX_NOTICE;
use archive::{Members, Met, Writer};

/// The sealed files of a notice, by the names they should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notice {
    pub files: BTreeMap<Name, Sealed>,
    pub faults: BTreeMap<FaultKind, u64>,
}

/// Writes a notice.
pub(super) fn written(files: &[Sealed]) -> Result<Vec<u8>, TransportError> {
    let mut pack = Writer::new(Vec::new());
    for sealed in files {
        pack.append(&Name::of(sealed).file_name(), sealed.as_bytes())?;
    }
    let bytes = pack.finish()?;
    if bytes.len() as u64 > MAX_NOTICE { Err(TransportError::TooLarge) } else { Ok(bytes) }
}

/// Reads a notice; what is no sealed file in it is counted.
pub(super) fn read(bytes: &[u8]) -> Result<Notice, TransportError> {
    let mut notice = Notice::default();
    for met in Members::of(Cursor::new(bytes), MAX_MEMBERS)? {
        match met? {
            Met::Member(member) => notice.take(bytes, &member.name, member.offset as usize, member.length as usize),
            Met::Flaw(flaw) => notice.fault(kind(flaw)),
        }
    }
    Ok(notice)
}

impl Notice {
    fn take(&mut self, bytes: &[u8], name: &str, offset: usize, length: usize) {
        match (Name::from_file_name(name), bytes.get(offset..offset.saturating_add(length))) {
            (Some(name), Some(bytes)) if (1..=MAX_SEALED).contains(&length) => drop(self.files.insert(name, Sealed::from_outside(bytes.to_vec()))),
            _ => self.fault(FaultKind::OddMember),
        }
    }

    fn fault(&mut self, kind: FaultKind) {
        *self.faults.entry(kind).or_default() += 1;
    }
}
