//! Taking in what others wrote: sealed files are stored first, then judged record by record. Whatever way a file came,
//! it comes through here.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::docket::{self, Docket, Hash, Logs, Moved, Row, Standing, Waits, What};
use super::envelope::{Envelope, keys_of};
use super::logs::enter;
use super::rebuild::operation_of;
use super::resealing::Moving;
use super::store::Batch;
use super::{Silent, Vault, VaultError, view};
use crate::crypto::{DeviceId, Sealed, plain_hash};
use crate::parcel::Parcel;
use crate::team::{KeysText, Log, Signed};

/// What became of files that came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// Parcels that were not here before.
    pub new: Vec<Hash>,
    /// Parcels that were here already.
    pub known: u64,
    /// Files kept unread.
    pub carried: u64,
    /// Names of files not kept because no key opens them and the room for such files is used up.
    pub no_room: Vec<Hash>,
    /// Refused files and parcels: name of the file, author where one signed, code of the reason.
    pub refused: Vec<(Hash, Option<DeviceId>, String)>,
    /// Keys that members sent: parcel, casebook and text of each.
    pub keys: Vec<(Hash, Hash, KeysText)>,
    /// Casebooks that somebody let this device into and that it has not joined.
    pub elsewhere: Vec<Hash>,
}

impl Received {
    /// Adds what became of further files.
    pub fn add(&mut self, further: Received) {
        self.new.extend(further.new);
        self.known += further.known;
        self.carried += further.carried;
        self.no_room.extend(further.no_room);
        self.refused.extend(further.refused);
        self.keys.extend(further.keys);
        self.elsewhere.extend(further.elsewhere);
        self.elsewhere.sort_unstable();
        self.elsewhere.dedup();
    }
}

/// Handles by casebook and device.
pub(super) type Called = BTreeMap<(Hash, Hash), String>;

impl Vault {
    /// Returns the docket, made again from the parcels when it is lost or was never made.
    ///
    /// # Errors
    /// Returns [`VaultError::Tampered`] when parcels themselves are damaged.
    pub fn docket(&mut self) -> Result<&Docket, VaultError> {
        if self.docket.is_none() {
            let mut docket = match Docket::open(&self.store, &self.keyring.storage) {
                Ok(docket) if self.state.docket == Some(docket.len() as u64) => docket,
                _ => {
                    self.rebuild(&mut Silent)?;
                    Docket::open(&self.store, &self.keyring.storage)?
                }
            };
            docket.stand(&self.logs);
            if let Some(batch) = docket.merged(&self.store, &self.keyring.storage)? {
                // A disk that cannot be written keeps the segments as they are.
                let _ = self.store.write(batch);
            }
            self.docket = Some(docket);
        }
        Ok(self.docket.as_ref().expect("opened just now"))
    }

    /// Stores files that came, with a line in the docket for each new parcel. Nothing is judged yet that needs what stands
    /// before it. `room` is what carried files may still take, in bytes.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing of these files is here.
    pub fn receive(&mut self, files: Vec<(Sealed, Envelope)>, room: &mut u64) -> Result<Received, VaultError> {
        self.writable()?;
        self.docket()?;
        let mut docket = self.docket.take().expect("opened just now");
        let received = self.attempt(|vault| vault.received(files, room, &mut docket));
        self.gone_on(received, docket)
    }

    /// As [`Vault::receive`], with room for all of it.
    ///
    /// # Errors
    /// As [`Vault::receive`].
    pub fn receive_all(&mut self, files: Vec<(Sealed, Envelope)>) -> Result<Received, VaultError> {
        let mut room = u64::MAX;
        self.receive(files, &mut room)
    }

    /// Goes on with the docket that a change was made with. A failed change leaves none: the next reader opens what is
    /// durable. Where a record counts no more, the view is made anew.
    pub(super) fn gone_on<T>(&mut self, done: Result<T, VaultError>, docket: Docket) -> Result<T, VaultError> {
        let done = done?;
        self.docket = Some(docket);
        if self.state.view == view::OUTDATED {
            self.rebuild(&mut Silent)?;
        }
        Ok(done)
    }

    fn received(&mut self, files: Vec<(Sealed, Envelope)>, room: &mut u64, docket: &mut Docket) -> Result<Received, VaultError> {
        let mut done = Received::default();
        let mut taken: Vec<(Sealed, Vec<Row>)> = Vec::new();
        let mut moving = Moving::default();
        let mut again: Vec<(Hash, Vec<Hash>)> = Vec::new();
        let before = self.called();
        for (sealed, envelope) in files {
            let name = plain_hash(sealed.as_bytes());
            match envelope {
                Envelope::Refused(code) => done.refused.push((name, None, code.to_owned())),
                Envelope::Elsewhere(casebook) => {
                    done.elsewhere.push(casebook);
                    self.carry(sealed, room, &mut taken, &mut done);
                }
                Envelope::Carried => self.carry(sealed, room, &mut taken, &mut done),
                Envelope::Parcels(parcels, under) => {
                    let rows = self.entered_parcels((name, under), &parcels, docket, &mut done);
                    let kept = self.repeated(&parcels, (name, under), !rows.is_empty(), docket, &mut moving);
                    if kept { taken.push((sealed, rows)) } else { again.push((name, parcels.iter().map(Parcel::id).collect())) }
                }
            }
        }
        let moved = self.moved_since(&before, docket);
        let turned_away = self.turn_away(&mut taken, docket, room, &mut done);
        let strange = without_strangers(docket, &moving, &mut taken, &mut done);
        again_left_out(&again, &turned_away, docket, &mut done);
        moving.keep_within(&taken.iter().map(|(sealed, _)| plain_hash(sealed.as_bytes())).collect(), |place| self.store.has_file(place))?;
        done.keys.retain(|(id, ..)| matches!(docket.standing(id), Some(Standing::Accepted | Standing::Ready)));
        done.new = taken.iter().flat_map(|(_, rows)| rows.iter().map(|row| row.id)).collect();
        taken.iter().flat_map(|(_, rows)| rows).for_each(|row| self.follow_own(row, docket));
        self.write_received(taken, strange, moving, &moved, docket)?;
        Ok(done)
    }

    /// Leaves out, where there is no room, what nobody who is known wrote and what waits for the log.
    /// Returns these parcels.
    fn turn_away(&mut self, taken: &mut Vec<(Sealed, Vec<Row>)>, docket: &mut Docket, room: &mut u64, done: &mut Received) -> HashSet<Hash> {
        let mut gone = HashSet::new();
        taken.retain_mut(|(sealed, rows)| {
            let unasked = !rows.is_empty() && rows.iter().all(|row| is_unasked(&self.logs, row, docket.standing(&row.id)));
            let left = if unasked { room.checked_sub(sealed.as_bytes().len() as u64) } else { Some(*room) };
            *room = left.unwrap_or(*room);
            if left.is_none() {
                rows.iter().for_each(|row| forget(&mut self.logs, row));
                gone.extend(rows.drain(..).map(|row| row.id));
                done.no_room.push(plain_hash(sealed.as_bytes()));
            }
            left.is_some()
        });
        docket.leave_out(&gone);
        gone
    }

    /// Goes on behind a parcel that follows this device's last one: a copy of this vault wrote it.
    fn follow_own(&mut self, row: &Row, docket: &Docket) {
        let own = *self.keyring.signing.device().as_bytes();
        let Some(chain) = self.state.chains.get_mut(&hex::encode(row.casebook)).filter(|_| row.device == own) else { return };
        if hex::encode(row.chain) != chain.chain {
            return;
        }
        let follows = |prev: &Option<String>| {
            docket
                .facts()
                .filter(|row| row.device == own && row.prev.map(hex::encode) == *prev && hex::encode(row.chain) == chain.chain)
                .map(|row| (row.id, row.n))
                .min()
        };
        let mut last = chain.prev.clone();
        while let Some((id, n)) = follows(&last) {
            last = Some(hex::encode(id));
            (chain.n, chain.prev, chain.followed) = (n + 1, last.clone(), true);
        }
    }

    /// Judges every parcel again by the logs as they are now; returns the records that show something else, by their parcels or by
    /// the handles of their authors.
    pub(super) fn moved_since(&self, before: &Called, docket: &mut Docket) -> Moved {
        let mut moved = docket.stand(&self.logs);
        let now = self.called();
        let renamed = |(of, handle): &(&(Hash, Hash), &String)| before.get(*of) != Some(*handle);
        let renamed: HashSet<(Hash, Hash)> = now.iter().filter(renamed).map(|(of, _)| *of).collect();
        moved.records.extend(docket.records_of(&renamed));
        moved.copies |= docket.is_beside_of(&renamed);
        moved.records.sort_unstable();
        moved.records.dedup();
        moved
    }

    /// The handles of all devices that the logs name.
    pub(super) fn called(&self) -> Called {
        let handles = |(casebook, log): (&Hash, &Log)| {
            let casebook = *casebook;
            log.membership().handles().into_iter().map(move |(device, handle)| ((casebook, *device.as_bytes()), handle))
        };
        self.logs.iter().flat_map(handles).collect()
    }

    /// Keeps a file unread while there is room.
    fn carry(&self, sealed: Sealed, room: &mut u64, taken: &mut Vec<(Sealed, Vec<Row>)>, done: &mut Received) {
        match room.checked_sub(sealed.as_bytes().len() as u64) {
            Some(left) => {
                *room = left;
                done.carried += 1;
                taken.push((sealed, Vec::new()));
            }
            None => done.no_room.push(plain_hash(sealed.as_bytes())),
        }
    }

    /// Enters the parcels of a file into docket and logs; returns the lines of those that were not known.
    fn entered_parcels(&mut self, file: (Hash, Hash), parcels: &[Parcel], docket: &mut Docket, done: &mut Received) -> Vec<Row> {
        let mut rows = Vec::new();
        for parcel in parcels {
            let operation = operation_of(parcel);
            let Some(row) = Row::of(parcel, file, operation.as_ref().map(|operation| operation.id())) else { continue };
            done.keys.extend(keys_of(parcel).map(|keys| (row.id, row.casebook, keys)));
            if docket.row(&row.id).is_some() {
                done.known += 1;
                continue;
            }
            if let Some(operation) = operation {
                enter(&mut self.logs, row.casebook, Signed { operation, author: parcel.header.device, parcel: row.id });
            }
            docket.put(row.clone());
            rows.push(row);
        }
        rows
    }

    /// Sees to parcels that came again: a file sealed to the present epoch takes the place of older ones, any other one is not
    /// wanted again. Returns whether the file is kept.
    fn repeated(&self, parcels: &[Parcel], (name, under): (Hash, Hash), fresh: bool, docket: &Docket, moving: &mut Moving) -> bool {
        let casebook = parcels.first().and_then(|parcel| docket::hash_of(&parcel.header.casebook)).unwrap_or_default();
        if moving.take_over(parcels, (name, under), self.present_key(&casebook), docket) {
            return true;
        }
        let known: Option<Vec<Hash>> = parcels.iter().map(|parcel| moving.file_of(&parcel.id(), docket)).collect();
        if let Some(places) = known.filter(|places| !fresh && !places.contains(&name)) {
            let one = places.first().filter(|first| places.iter().all(|place| place == *first));
            moving.files.push((name, one.copied()));
        }
        fresh
    }

    fn write_received(
        &mut self,
        taken: Vec<(Sealed, Vec<Row>)>,
        strange: Strange,
        moving: Moving,
        moved: &Moved,
        docket: &mut Docket,
    ) -> Result<(), VaultError> {
        let (mut files, mut rows) = (Vec::new(), Vec::new());
        for (sealed, new) in taken {
            files.push(sealed);
            rows.extend(new);
        }
        if files.is_empty() && moving.files.is_empty() && !strange.known_before {
            return Ok(());
        }
        self.note_log_heads();
        self.state.docket = Some(docket.len() as u64);
        // What the records show is read from where it lies until now, and what could not be read is read anew.
        let segments = if moving.opens_own(docket) { self.outdated() } else { self.segments_of(moved, &HashMap::new(), docket)? };
        let moved_on = moving.rows.into_values().filter(|row| docket.row(&row.id).is_some());
        let moved_on: Vec<Row> = moved_on.collect();
        moved_on.iter().cloned().for_each(|row| docket.put(row));
        rows.extend(moved_on);
        let (storage, replaces_docket) = (&self.keyring.storage, strange.known_before);
        let docket = vec![if replaces_docket { docket.whole(storage)? } else { docket::segment(rows, storage)? }];
        let slots = vec![("state", self.sealed_state()?), self.sealed_logs()?];
        let moved = moving.files;
        self.store.write(Batch { files, dropped: strange.files, moved, segments, docket, replaces_docket, slots, ..Batch::default() })
    }
}

/// Tells whether nobody whom the log knows wrote a parcel that waits for the log: it may never count, so it takes of the
/// room for carried files.
pub(super) fn is_unasked(logs: &Logs, row: &Row, standing: Option<&Standing>) -> bool {
    let known = || logs.get(&row.casebook).is_some_and(|log| log.membership().has_known(&row.author()));
    standing == Some(&Standing::Waiting(Waits::Log)) && !known()
}

/// Leaves an operation that waits out of the log.
fn forget(logs: &mut Logs, row: &Row) {
    if let (What::Log { operation }, Some(log)) = (&row.what, logs.get_mut(&row.casebook)) {
        log.forget(operation);
    }
}

/// What of those whom nobody let in goes from the store.
struct Strange {
    files: Vec<Hash>,
    /// Some of it was kept before, while it waited for the log.
    known_before: bool,
}

/// Says what became of files that brought nothing but parcels of others in the same batch, where these were left out after all.
fn again_left_out(again: &[(Hash, Vec<Hash>)], turned_away: &HashSet<Hash>, docket: &Docket, done: &mut Received) {
    for (name, parcels) in again {
        if parcels.iter().any(|id| turned_away.contains(id)) {
            done.no_room.push(*name);
        } else if parcels.iter().any(|id| docket.row(id).is_none()) {
            done.refused.push((*name, None, docket::STRANGER.to_owned()));
        }
    }
}

/// Leaves out what strangers wrote, as if it had never come: whether it came before or after the log that says so.
fn without_strangers(docket: &mut Docket, moving: &Moving, taken: &mut Vec<(Sealed, Vec<Row>)>, done: &mut Received) -> Strange {
    let strangers = docket.strangers();
    let new: HashSet<Hash> = taken.iter().flat_map(|(_, rows)| rows).map(|row| row.id).collect();
    let gone: Vec<Row> = strangers.iter().filter_map(|id| docket.row(id)).cloned().collect();
    done.refused.extend(gone.iter().map(|row| (row.file, Some(row.author()), docket::STRANGER.to_owned())));
    docket.leave_out(&strangers);
    let mut named: HashSet<Hash> = docket.facts().filter(|_| !gone.is_empty()).map(|row| row.file).collect();
    // A file in which something else lies from now on stays, whoever wrote the rest of it.
    named.extend(moving.rows.values().map(|row| row.file));
    let files: HashSet<Hash> = gone.iter().map(|row| row.file).filter(|file| !named.contains(file)).collect();
    taken.retain(|(sealed, _)| files.is_empty() || !files.contains(&plain_hash(sealed.as_bytes())));
    taken.iter_mut().for_each(|(_, rows)| rows.retain(|row| !strangers.contains(&row.id)));
    Strange { files: files.into_iter().collect(), known_before: gone.iter().any(|row| !new.contains(&row.id)) }
}
