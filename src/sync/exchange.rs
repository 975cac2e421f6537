//! One meeting with one place: takes what is new there, leaves what is missing there. Can be interrupted anywhere and run
//! again: names are the reconciliation, and nothing is said to be there before it is durable.

use super::ingest::{Intake, judged};
use super::judge::Judge;
use super::places::{self, Place};
use super::plan::{Held, to_leave};
use crate::crypto::{Passphrase, Sealed};
use crate::sys::chance::Chance;
use crate::transport::{Broke, Fault, Left, Mailbox, Name, Remembered, TransportError};
use crate::vault::{Hash, Progress, Received, Vault, VaultError};

/// What files that no key opens may take in this vault, beyond what records name: 512 MiB.
const CARRIED_ROOM: u64 = 512 * 1024 * 1024;

/// Why a meeting came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// How an exchange is run.
pub struct Meeting<'a> {
    pub casebook: Hash,
    pub judge: &'a mut dyn Judge,
    pub passphrase: &'a Passphrase,
    /// Claimed seconds since 1970.
    pub time: i64,
    pub chance: &'a mut dyn Chance,
    pub progress: &'a mut dyn Progress,
    /// Reads all of the place again, whatever is remembered of it.
    pub thorough: bool,
}

/// What came of a meeting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchanged {
    pub place: String,
    /// Files that are durable there now and were not before.
    pub sent: u64,
    /// Files that are not known to be there.
    pub not_sent: u64,
    /// Why, where the place was not full.
    pub broke: Option<Broke>,
    /// Why nothing could be left, where the place can only be read.
    pub not_writable: bool,
    /// Files that were here already.
    pub known: u64,
    pub taken: Received,
    pub faults: Vec<Fault>,
    /// New keys came for this device.
    pub new_keys: bool,
    /// Parcels that were moved on into the present epoch.
    pub resealed: u64,
}

/// Meets with a place.
///
/// # Errors
/// Returns what the own disk or the place refused. What was taken until then is kept.
pub fn exchange(vault: &mut Vault, mailbox: &mut dyn Mailbox, meeting: &mut Meeting) -> Result<Exchanged, SyncError> {
    let mut place = places::place(vault, &hex::encode(meeting.casebook), &mailbox.place())?;
    if meeting.thorough {
        place.memory = Remembered::default();
    }
    vault.try_held_again()?;
    let mut done = Exchanged { place: mailbox.place(), ..Exchanged::default() };
    let listing = mailbox.list(&place.memory)?;
    if !listing.remembered_holds {
        place.up_to = 0;
    }
    done.faults = listing.faults;
    place.memory = listing.memory;
    let found = [listing.names.as_slice(), &listing.beside].concat();
    let damaged = fetch(vault, mailbox, &found, &mut done, meeting)?;
    // A part with damage in it is read again the next time: the place may have got a better copy.
    place.memory.0.retain(|(part, _)| !damaged.contains(part));
    go_on(vault, &mut done, meeting)?;
    receipt(vault, &done, place.up_to, meeting)?;
    leave(vault, mailbox, &listing.names, &mut place, &mut done, meeting)?;
    if done.broke.is_none() {
        place.last = Some(meeting.time);
    }
    places::remember(vault, place)?;
    Ok(done)
}

/// Fetches and takes in what is not here; returns the parts in which files did not fit their names.
fn fetch(vault: &mut Vault, mailbox: &mut dyn Mailbox, names: &[Name], done: &mut Exchanged, meeting: &mut Meeting) -> Result<Vec<String>, SyncError> {
    let mut wanted = Vec::new();
    for name in names {
        let wants = vault.wants(&name.0)?;
        done.known += u64::from(!wants);
        wanted.extend(wants.then_some(*name));
    }
    let mut damaged = Vec::new();
    let total = wanted.len() as u64;
    let mut intake = Intake::new(vault, 0, Received::default());
    for (at, name) in wanted.into_iter().enumerate() {
        meeting.progress.at(at as u64, total);
        match mailbox.fetch(&name) {
            Ok(sealed) => intake.take(sealed)?,
            Err(TransportError::Damaged(fault)) => {
                damaged.push(fault.part.clone());
                done.faults.push(fault);
            }
            Err(error) => return Err(error.into()),
        }
    }
    done.taken = intake.finish(meeting.judge, meeting.progress)?;
    new_keys(vault, done, meeting)?;
    carry(vault, mailbox, done, meeting)?;
    Ok(damaged)
}

/// Takes keys that came for this device, also those that came before the log that proves them, and what they open of what was
/// carried unread.
fn new_keys(vault: &mut Vault, done: &mut Exchanged, meeting: &mut Meeting) -> Result<(), SyncError> {
    let mut came = std::mem::take(&mut done.taken.keys);
    came.extend(vault.keys_here(&done.taken.new)?);
    for (parcel, casebook, keys) in came {
        done.new_keys |= vault.take_keys(&parcel, &casebook, &keys, meeting.passphrase, meeting.chance)?;
    }
    if vault.carried_is_untried() {
        let opened = vault.carried_and_open()?;
        // These files are here already and take no more room.
        done.taken.add(vault.receive_all(opened)?);
        vault.note_carried_tried()?;
        judged(vault, meeting.judge, meeting.progress)?;
    }
    Ok(())
}

/// Keeps files that no key opened: pieces that records name always, others while there is room.
fn carry(vault: &mut Vault, mailbox: &mut dyn Mailbox, done: &mut Exchanged, meeting: &mut Meeting) -> Result<(), SyncError> {
    let unopened: Vec<Name> = std::mem::take(&mut done.taken.no_room).into_iter().map(Name).collect();
    if unopened.is_empty() {
        return Ok(());
    }
    let pieces = vault.pieces_named()?;
    let room = CARRIED_ROOM.saturating_sub(vault.carried_bytes(&pieces)?);
    let (named, others): (Vec<Name>, Vec<Name>) = unopened.into_iter().partition(|name| pieces.contains(&name.0));
    for (names, room) in [(named, u64::MAX), (others, room)] {
        let mut intake = Intake::new(vault, room, std::mem::take(&mut done.taken));
        for name in names {
            match mailbox.fetch(&name) {
                Ok(sealed) => intake.take(sealed)?,
                Err(TransportError::Damaged(fault)) => done.faults.push(fault),
                Err(error) => return Err(error.into()),
            }
        }
        done.taken = intake.finish(meeting.judge, meeting.progress)?;
    }
    Ok(())
}

/// Goes on to the present epoch: what lies in older ones is sealed anew, these are closed, and who came in beside it gets keys.
fn go_on(vault: &mut Vault, done: &mut Exchanged, meeting: &mut Meeting) -> Result<(), SyncError> {
    done.resealed = vault.reseal(&meeting.casebook, meeting.progress)?.parcels;
    vault.close_epochs(&meeting.casebook, meeting.time, meeting.chance)?;
    vault.hand_keys(&meeting.casebook, meeting.time, meeting.chance)?;
    Ok(())
}

/// Says what reached this device, where anything but receipts did, and which evidence is whole here. Where nothing came and
/// nothing is to be left there is nothing to say.
fn receipt(vault: &mut Vault, done: &Exchanged, up_to: i64, meeting: &mut Meeting) -> Result<(), SyncError> {
    let (brought, came) = (vault.more_than_receipts(&done.taken.new)?, !done.taken.new.is_empty() || done.taken.carried > 0);
    let news = came || !vault.files_after(up_to)?.is_empty();
    if news && vault.note_seen(&meeting.casebook, brought, meeting.chance)? {
        vault.write_receipt(&meeting.casebook, meeting.time, meeting.chance)?;
    }
    Ok(())
}

fn leave(
    vault: &mut Vault,
    mailbox: &mut dyn Mailbox,
    there: &[Name],
    place: &mut Place,
    done: &mut Exchanged,
    meeting: &mut Meeting,
) -> Result<(), SyncError> {
    let (held, last) = held(vault, &meeting.casebook, place.up_to)?;
    let names = to_leave(&held, there);
    if names.is_empty() {
        place.up_to = last;
        return Ok(());
    }
    let mut open = |name: &Name| vault.file_named(&name.0).map_err(|error| TransportError::Source(Box::new(error)));
    let left = mailbox.leave(&names, &mut open, &mut |at, all| meeting.progress.at(at, all));
    match left {
        Ok(left) => remember_left(left, last, place, done),
        Err(TransportError::NotWritable) => done.not_writable = true,
        // A single pack that is there is only read.
        Err(TransportError::Exists) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

fn remember_left(left: Left, last: i64, place: &mut Place, done: &mut Exchanged) {
    done.sent = left.left.len() as u64;
    (done.not_sent, done.broke) = (left.not_left.len() as u64, left.broke);
    if left.not_left.is_empty() {
        place.up_to = last;
        place.memory = left.memory;
    } else {
        // What was not left is looked for again among everything there.
        place.up_to = 0;
        place.memory = Remembered::default();
    }
}

/// The files of a casebook that came after a number, and those that belong to no other one; with the number of the last file of
/// all.
fn held(vault: &mut Vault, casebook: &Hash, after: i64) -> Result<(Vec<Held>, i64), VaultError> {
    let files = vault.files_after(after)?;
    let Some((last, ..)) = files.last().copied() else { return Ok((Vec::new(), after)) };
    let (private, urgent) = vault.private_and_urgent(casebook)?;
    let held = files.into_iter().filter(|(_, name, _)| !private.contains(name));
    Ok((held.map(|(number, name, _)| Held { number, name, urgent: urgent.contains(&name) }).collect(), last))
}

/// A source of sealed files that is read through more than once.
pub fn each_file(mailbox: &mut dyn Mailbox, visit: &mut dyn FnMut(Sealed)) -> Result<(), SyncError> {
    for name in mailbox.list(&Remembered::default())?.names {
        match mailbox.fetch(&name) {
            Ok(sealed) => visit(sealed),
            Err(TransportError::Damaged(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
