//! Writes one pack: beside, synced, renamed. Where there is no room for all, the most urgent files that fit.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::error::is_full;
use super::{Name, Open, Progress, TransportError};
use crate::crypto::{MAX_SEALED, Sealed};
use crate::sys::plain::Beside;
use crate::sys::tar as archive;
use archive::{END, Writer, size_of_member};

/// Ending of a pack.
pub(super) const ENDING: &str = ".pack";
/// Largest pack: the largest file of FAT32, less what is never worth a failed attempt.
pub(super) const MAX_PACK: u64 = 4 * 1024 * 1024 * 1024 - 1024 * 1024;
/// How often fewer files are tried.
const ATTEMPTS: usize = 6;
/// Files over what is left of the room that are passed over for smaller ones.
const MISFITS: usize = 64;

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Sorted.
    pub left: Vec<Name>,
    /// Most urgent first.
    pub not_left: Vec<Name>,
    /// Bytes of the pack; 0 where none was made.
    pub bytes: u64,
}

/// Why an attempt made no pack.
enum Stop {
    /// No room; so many bytes were taken.
    Full(u64),
    Failed(TransportError),
}

impl From<TransportError> for Stop {
    fn from(error: TransportError) -> Self {
        Stop::Failed(error)
    }
}

/// Tells a full disk, after so many bytes, from other failures.
fn stop(taken: u64) -> impl Fn(io::Error) -> Stop {
    move |error| if is_full(&error) { Stop::Full(taken) } else { Stop::Failed(error.into()) }
}

/// Writes a pack of these files, the most urgent first, with at most `most` bytes.
pub(super) fn write(to: &Path, names: &[Name], most: u64, open: Open<'_>, progress: Progress<'_>) -> Result<Written, TransportError> {
    let mut seen = BTreeSet::new();
    let wanted: Vec<Name> = names.iter().copied().filter(|name| seen.insert(*name)).collect();
    let mut chosen = wanted.clone();
    let mut room = most;
    for attempt in 0..ATTEMPTS {
        chosen.sort_unstable();
        if chosen.is_empty() {
            break;
        }
        match attempt_at(to, &chosen, room, open, progress) {
            Ok(bytes) => return Ok(written(&wanted, chosen, bytes)),
            // What could be written once can be written again; after that a little less each time.
            Err(Stop::Full(taken)) => room = if attempt == 0 { taken } else { taken.min(room) / 8 * 7 },
            Err(Stop::Failed(error)) => return Err(error),
        }
        chosen = fitting(&wanted, room, open)?;
    }
    Ok(Written { not_left: wanted, ..Written::default() })
}

fn written(wanted: &[Name], left: Vec<Name>, bytes: u64) -> Written {
    let not_left = wanted.iter().copied().filter(|name| left.binary_search(name).is_err()).collect();
    Written { left, not_left, bytes }
}

/// Writes the files in their order and returns the bytes of the pack; without success nothing of it stays.
fn attempt_at(to: &Path, chosen: &[Name], room: u64, open: Open<'_>, progress: Progress<'_>) -> Result<u64, Stop> {
    let all = chosen.len() as u64;
    let mut pack = Writer::new(Beside::create(to).map_err(stop(0))?);
    for (done, name) in (0..).zip(chosen) {
        progress(done, all);
        let sealed = opened(name, open)?;
        if pack.out().written() + size_of_member(sealed.as_bytes().len() as u64) + END > room {
            return Err(Stop::Full(room));
        }
        let appended = pack.append(&name.file_name(), sealed.as_bytes());
        appended.map_err(|error| stop(pack.out().written())(error))?;
    }
    let bytes = pack.out().written() + END;
    pack.finish().and_then(Beside::finish).map_err(stop(bytes - END))?;
    progress(all, all);
    Ok(bytes)
}

/// Returns what is left first in so much room.
fn fitting(wanted: &[Name], room: u64, open: Open<'_>) -> Result<Vec<Name>, TransportError> {
    let (mut taken, mut misfits, mut fitting) = (END, 0, Vec::new());
    for name in wanted {
        let size = size_of_member(opened(name, open)?.as_bytes().len() as u64);
        if taken + size <= room {
            taken += size;
            fitting.push(*name);
        } else {
            misfits += 1;
        }
        if misfits > MISFITS || taken + MINIMUM > room {
            break;
        }
    }
    Ok(fitting)
}

/// No sealed file takes less.
const MINIMUM: u64 = size_of_member(1);

/// Opens a file that is to be left and compares it with its name.
pub(super) fn opened(name: &Name, open: Open<'_>) -> Result<Sealed, TransportError> {
    let sealed = open(name)?;
    if sealed.as_bytes().len() > MAX_SEALED {
        return Err(TransportError::TooLarge);
    }
    if Name::of(&sealed) == *name { Ok(sealed) } else { Err(TransportError::Source("the bytes do not fit the name".into())) }
}
