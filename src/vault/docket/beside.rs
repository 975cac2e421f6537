//! Changes that count by themselves and stand on one that is set aside: what a separate copy of their record is made of.
//! A pure function of the set held and of what the judge found.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Docket, Hash, Judged, Row, Standing, Waits};
use crate::crypto::{hash, labels};

/// The changes of a separate copy, all of them sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside<'a> {
    /// The record beside which it stands.
    pub record: Hash,
    /// Id of the copy.
    pub id: Hash,
    /// The changes behind others with everything that they build on, in the order of arrival.
    pub rows: Vec<&'a Row>,
}

/// The changes of some records by casebook and hash: of several parcels with one change the one that stands best.
struct Ground<'a> {
    by_change: HashMap<(Hash, Hash), (&'a Row, &'a Standing)>,
}

impl<'a> Ground<'a> {
    fn of(rows: &[(&'a Row, &'a Standing)]) -> Ground<'a> {
        let mut by_change: HashMap<(Hash, Hash), (&Row, &Standing)> = HashMap::new();
        for (row, standing) in rows.iter().copied() {
            let Some((_, change, _)) = row.change() else { continue };
            let best = by_change.entry((row.casebook, *change)).or_insert((row, standing));
            if (rank(standing), row.id) < (rank(best.1), best.0.id) {
                *best = (row, standing);
            }
        }
        Ground { by_change }
    }

    /// A change with everything that it builds on; nothing where a part is missing, waits itself, or is refused or held.
    fn under(&self, row: &'a Row) -> Option<Vec<&'a Row>> {
        let (mut found, mut next, mut seen) = (Vec::new(), vec![row], HashSet::new());
        while let Some(row) = next.pop() {
            if !seen.insert(row.id) {
                continue;
            }
            found.push(row);
            for dep in row.change()?.2 {
                let below = self.by_change.get(&(row.casebook, *dep)).filter(|(_, standing)| rank(standing) < UNFIT)?;
                next.push(below.0);
            }
        }
        Some(found)
    }
}

/// Changes by record, each with what it builds on.
type Grounded<'a> = BTreeMap<Hash, Vec<(&'a Row, Vec<&'a Row>)>>;

/// Rank from which on nothing is built.
const UNFIT: u8 = 3;

fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::Accepted => 0,
        Standing::Waiting(Waits::Behind) => 1,
        Standing::Aside(_) => 2,
        _ => UNFIT,
    }
}

/// Changes in an order in which each comes after those that it builds on.
fn built_up(mut left: Vec<&Row>) -> Vec<&Row> {
    let mut open: HashSet<Hash> = left.iter().filter_map(|row| row.change()).map(|(_, change, _)| *change).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let waits = |row: &&Row| row.change().is_some_and(|(_, _, deps)| deps.iter().any(|dep| open.contains(dep)));
        let (later, ready): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        ready.iter().filter_map(|row| row.change()).for_each(|(_, change, _)| {
            open.remove(change);
        });
        if ready.is_empty() {
            break;
        }
        ordered.extend(ready);
        left = later;
    }
    ordered
}

/// Tells whether a change belongs into a separate copy.
pub(super) fn is_beside(row: &Row, standing: &Standing) -> bool {
    *standing == Standing::Waiting(Waits::Behind) && row.judged == Judged::Sound
}

impl Docket {
    /// Returns the separate copies that stand beside records or in their place.
    pub fn beside(&self) -> Vec<Beside<'_>> {
        let sound = |rows: &[&Row]| rows.iter().all(|row| row.judged == Judged::Sound);
        let found = self.on_ground(&is_beside, &sound);
        found.into_iter().map(|(record, changes)| self.copy(record, &changes)).collect()
    }

    /// Returns the changes behind others at which no judge looked yet, with what they build on, by record.
    pub fn behind(&self) -> BTreeMap<Hash, Vec<Row>> {
        let pending = |row: &Row, standing: &Standing| *standing == Standing::Waiting(Waits::Behind) && row.judged == Judged::Pending;
        let found = self.on_ground(&pending, &|_| true);
        found.into_iter().map(|(record, changes)| (record, built_up(self.in_order(&changes)).into_iter().cloned().collect())).collect()
    }

    /// Returns a change with everything that it builds on, that first; `None` where a part is missing or unfit.
    pub fn with_ground(&self, id: &Hash) -> Option<Vec<&Row>> {
        let row = self.row(id)?;
        let rows = self.changes_of(&[*row.change()?.0]).remove(row.change()?.0)?;
        Some(built_up(Ground::of(&rows).under(row)?))
    }

    /// Tells whether one of these devices wrote into a record that has a separate copy.
    pub fn is_beside_of(&self, devices: &HashSet<(Hash, Hash)>) -> bool {
        !devices.is_empty() && self.beside().iter().any(|copy| copy.rows.iter().any(|row| devices.contains(&(row.casebook, row.device))))
    }

    /// The wanted changes of each record with what each builds on, where that is fit.
    fn on_ground(&self, wanted: &dyn Fn(&Row, &Standing) -> bool, fit: &dyn Fn(&[&Row]) -> bool) -> Grounded<'_> {
        let tops: Vec<&Row> = self.rows().filter(|(row, standing)| wanted(row, standing)).map(|(row, _)| row).collect();
        let records: HashSet<Hash> = tops.iter().filter_map(|row| row.change()).map(|(record, ..)| *record).collect();
        if records.is_empty() {
            return BTreeMap::new();
        }
        let records: Vec<Hash> = records.into_iter().collect();
        let rows = self.changes_of(&records);
        let grounds: HashMap<Hash, Ground> = rows.iter().map(|(record, rows)| (*record, Ground::of(rows))).collect();
        let mut found = Grounded::new();
        for row in tops {
            let Some((record, ..)) = row.change() else { continue };
            let under = grounds[record].under(row).filter(|under| fit(under));
            found.entry(*record).or_default().extend(under.map(|under| (row, under)));
        }
        found.retain(|_, changes| !changes.is_empty());
        found
    }

    fn copy(&self, record: Hash, changes: &[(&Row, Vec<&Row>)]) -> Beside<'_> {
        let tops: Vec<_> = changes.iter().filter_map(|(row, _)| row.change()).collect();
        let followed: HashSet<&Hash> = tops.iter().flat_map(|(_, _, deps)| deps.iter()).collect();
        let mut heads: Vec<&[u8]> = tops.iter().map(|(_, change, _)| *change).filter(|change| !followed.contains(change)).map(|change| &change[..]).collect();
        heads.sort_unstable();
        heads.insert(0, &record);
        let id = hash(labels::SEPARATE_COPY, &heads);
        Beside { record, id, rows: self.in_order(changes) }
    }

    /// Each change with what it builds on once, in the order of arrival.
    fn in_order(&self, changes: &[(&Row, Vec<&Row>)]) -> Vec<&Row> {
        let rows = changes.iter().flat_map(|(_, under)| under);
        let mut places: Vec<usize> = rows.filter_map(|row| self.at.get(&row.id).copied()).collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| &self.rows[place]).collect()
    }
}
