//! The docket: what this vault knows of every parcel that came, its own among them, and how each one stands.
//! A cache in sealed segments, made again from the parcels whenever it is lost.

mod beside;
mod chains;
mod claims;
mod row;
mod standing;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use beside::Beside;
pub use chains::{Chains, Forked, Gap};
pub use claims::{Claimed, Claims, Links, Uncounted};
pub use row::{Hash, Judged, Row, What, hash_of};
pub use standing::{Aside, STRANGER, Standing, Waits, stand};

use super::error::{Damage, VaultError};
use super::store::{Batch, Store};
use crate::crypto::{Identity, Sealed, open, padded, seal};
use crate::team::Log;

/// Most bytes a segment may open to: 1 GiB.
const MAX_SEGMENT: u64 = 1 << 30;
/// Segments of single commands that may stand before the next reader merges them.
const MAX_SINGLE: usize = 32;

/// The membership logs of a vault, by casebook.
pub type Logs = BTreeMap<Hash, Log>;

/// Every parcel that was judged, in the order of arrival, with its standing.
#[derive(Clone, Debug, Default)]
pub struct Docket {
    rows: Vec<Row>,
    at: HashMap<Hash, usize>,
    standings: Vec<Standing>,
    /// Segments with the number of rows in each.
    parts: Vec<(i64, usize)>,
}

/// What a new judgement changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Records whose accepted parcels are others now.
    pub records: Vec<Hash>,
    /// Those of them that had none before.
    pub born: HashSet<Hash>,
    /// Separate copies are others now.
    pub copies: bool,
}

#[derive(Serialize, Deserialize)]
struct Segment {
    rows: Vec<Row>,
}

impl Docket {
    /// Opens the docket; standings come with [`Docket::stand`].
    ///
    /// # Errors
    /// Returns [`Damage::View`] when a segment does not open: it can be made again.
    pub fn open(store: &Store, storage: &Identity) -> Result<Docket, VaultError> {
        let mut docket = Docket::default();
        for (number, sealed) in store.docket()? {
            let rows = rows_of(&sealed, storage)?;
            docket.parts.push((number, rows.len()));
            rows.into_iter().for_each(|row| docket.put(row));
        }
        Ok(docket)
    }

    /// Makes a docket of rows.
    pub fn of(rows: impl IntoIterator<Item = Row>) -> Docket {
        let mut docket = Docket::default();
        rows.into_iter().for_each(|row| docket.put(row));
        docket
    }

    /// Enters a row, in place of an older one of the same parcel.
    pub fn put(&mut self, row: Row) {
        match self.at.get(&row.id) {
            Some(at) => self.rows[*at] = row,
            None => {
                self.at.insert(row.id, self.rows.len());
                self.rows.push(row);
            }
        }
    }

    /// Leaves parcels out as if they had never come.
    pub fn leave_out(&mut self, ids: &HashSet<Hash>) {
        if ids.is_empty() {
            return;
        }
        let kept = self.rows.drain(..).zip(self.standings.drain(..)).filter(|(row, _)| !ids.contains(&row.id));
        (self.rows, self.standings) = kept.unzip();
        self.at = self.rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
    }

    /// Judges the standing of every parcel again; returns the records whose accepted parcels are others now.
    pub fn stand(&mut self, logs: &Logs) -> Moved {
        let before = std::mem::replace(&mut self.standings, stand(&self.rows, logs));
        let was = |at: usize| before.get(at) == Some(&Standing::Accepted);
        let record = |at: usize| self.rows[at].change().map(|(record, ..)| *record);
        let moved = (0..self.rows.len()).filter(|at| was(*at) != (self.standings[*at] == Standing::Accepted));
        let mut records: Vec<Hash> = moved.filter_map(record).collect();
        records.sort_unstable();
        records.dedup();
        let beside = |at: usize, standings: &[Standing]| standings.get(at).is_some_and(|standing| beside::is_beside(&self.rows[at], standing));
        let copies = (0..self.rows.len()).any(|at| beside(at, &before) != beside(at, &self.standings));
        if records.is_empty() {
            return Moved { copies, ..Moved::default() };
        }
        let shown: HashSet<Hash> = (0..self.rows.len()).filter(|at| was(*at)).filter_map(record).collect();
        let born = records.iter().filter(|record| !shown.contains(*record)).copied().collect();
        Moved { records, born, copies }
    }

    /// Returns the parcels of those whom nobody let in and the parcels with nothing of this casebook: they are kept nowhere.
    /// What this device wrote itself is not among them.
    pub fn strangers(&self) -> HashSet<Hash> {
        let strange = |row: &Row, standing: &Standing| row.judged == Judged::Pending && *standing == Standing::Refused(STRANGER.into());
        self.rows().filter(|(row, standing)| strange(row, standing)).map(|(row, _)| row.id).collect()
    }

    /// Returns the records with a change of one of these devices that counts, each device with its casebook.
    pub fn records_of(&self, devices: &HashSet<(Hash, Hash)>) -> Vec<Hash> {
        let theirs = |row: &Row, standing: &Standing| *standing == Standing::Accepted && devices.contains(&(row.casebook, row.device));
        let rows = self.rows().filter(|(row, standing)| theirs(row, standing));
        rows.filter_map(|(row, _)| row.change().map(|(record, ..)| *record)).collect()
    }

    /// Returns every change of a casebook that is set aside or stands behind one that does not count, with the operation that
    /// keeps it out.
    pub fn out(&self, log: &Log) -> Vec<(&Row, &Standing, Option<Hash>)> {
        let is_out = |standing: &Standing| matches!(standing, Standing::Aside(_) | Standing::Waiting(Waits::Behind));
        let of_book = |row: &Row| row.casebook == *log.casebook() && row.change().is_some();
        let found: Vec<(&Row, &Standing)> = self.rows().filter(|(row, standing)| is_out(standing) && of_book(row)).collect();
        let asked = found.iter().filter(|(_, standing)| matches!(standing, Standing::Aside(_))).map(|(row, _)| row.id).collect();
        let against = standing::against(&self.rows, log, &asked);
        found.into_iter().map(|(row, standing)| (row, standing, against.get(&row.id).copied())).collect()
    }

    /// Returns how many parcels are known.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether no parcel is known.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the row of a parcel.
    pub fn row(&self, id: &Hash) -> Option<&Row> {
        self.at.get(id).map(|at| &self.rows[*at])
    }

    /// Returns the standing of a parcel.
    pub fn standing(&self, id: &Hash) -> Option<&Standing> {
        self.at.get(id).and_then(|at| self.standings.get(*at))
    }

    /// Returns every row, in the order of arrival.
    pub fn facts(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// Returns every row with its standing, in the order of arrival.
    pub fn rows(&self) -> impl Iterator<Item = (&Row, &Standing)> {
        self.rows.iter().zip(&self.standings)
    }

    /// Returns the rows of the changes of each wanted record, in the order of arrival.
    pub fn changes_of<'a>(&'a self, wanted: &[Hash]) -> HashMap<Hash, Vec<(&'a Row, &'a Standing)>> {
        let mut found: HashMap<Hash, Vec<(&Row, &Standing)>> = wanted.iter().map(|record| (*record, Vec::new())).collect();
        for (row, standing) in self.rows() {
            if let Some(rows) = row.change().and_then(|(record, ..)| found.get_mut(record)) {
                rows.push((row, standing));
            }
        }
        found
    }

    /// Returns records with changes that wait for the judge, in the order of arrival.
    pub fn ready(&self) -> Vec<Hash> {
        let mut seen = HashSet::new();
        let ready = self.rows().filter(|(_, standing)| **standing == Standing::Ready);
        ready.filter_map(|(row, _)| row.change().map(|(record, ..)| *record)).filter(|record| seen.insert(*record)).collect()
    }

    /// Merges the newest segments when many stand; `None` when there is no need.
    ///
    /// # Errors
    /// Returns that sealing failed.
    pub fn merged(&self, store: &Store, storage: &Identity) -> Result<Option<Batch>, VaultError> {
        if self.parts.len() <= MAX_SINGLE {
            return Ok(None);
        }
        let mut from = self.parts.len();
        let mut gathered = 0;
        while from > 0 && self.parts[from - 1].1 <= gathered.max(MAX_SINGLE) {
            from -= 1;
            gathered += self.parts[from].1;
        }
        let replaced: Vec<i64> = self.parts[from..].iter().map(|(number, _)| *number).collect();
        let mut rows = Docket::default();
        for (_, sealed) in store.docket()?.into_iter().filter(|(number, _)| replaced.contains(number)) {
            rows_of(&sealed, storage)?.into_iter().for_each(|row| rows.put(row));
        }
        Ok(Some(Batch { docket: vec![segment(rows.rows, storage)?], docket_replaced: replaced, ..Batch::default() }))
    }

    /// Seals all of it as one segment.
    ///
    /// # Errors
    /// Returns that sealing failed.
    pub fn whole(&self, storage: &Identity) -> Result<Sealed, VaultError> {
        segment(self.rows.clone(), storage)
    }
}

/// Opens a segment.
fn rows_of(sealed: &Sealed, storage: &Identity) -> Result<Vec<Row>, VaultError> {
    let damaged = || VaultError::damaged(Damage::View);
    let opened = open([storage], sealed, MAX_SEGMENT).map_err(|_| damaged())?;
    let segment: Segment = postcard::from_bytes(opened.as_bytes()).map_err(|_| damaged())?;
    Ok(segment.rows)
}

/// Seals rows as a segment.
///
/// # Errors
/// Returns that sealing failed.
pub fn segment(rows: Vec<Row>, storage: &Identity) -> Result<Sealed, VaultError> {
    let plain = postcard::to_allocvec(&Segment { rows }).map_err(|_| VaultError::damaged(Damage::View))?;
    Ok(seal([&storage.recipient()], &padded(plain))?)
}
