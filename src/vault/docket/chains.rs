//! What the chains of the devices tell: parcels that are missing, and two parcels where one can be.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Docket, Hash, Row, Standing, What};

/// Parcels of a device that others name and that are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub device: Hash,
    /// How many are missing before parcels that are here.
    pub missing: u64,
}

/// Two different parcels of one device that follow the same one: its store was copied or put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forked {
    pub device: Hash,
    /// The header hashes of both, smaller first.
    pub proofs: (Hash, Hash),
}

/// The chains of a casebook, by device.
#[derive(Debug, Default)]
pub struct Chains {
    pub gaps: Vec<Gap>,
    pub forks: Vec<Forked>,
    /// Newest parcels of each device: those that no other one follows.
    pub heads: BTreeMap<Hash, BTreeSet<Hash>>,
}

impl Chains {
    /// Reads the chains of a casebook. Parcels with keys stand in chains of their own and are passed over.
    /// The first parcel of a casebook founded by version 0.1.0 was sealed to its founder alone: nobody misses it.
    pub fn of(docket: &Docket, casebook: &Hash, founder: Option<&Hash>) -> Chains {
        let ours = |row: &Row| row.casebook == *casebook && row.what != What::Keys;
        let counts = |standing: &Standing| !matches!(standing, Standing::Refused(_));
        let rows: Vec<&Row> = docket.rows().filter(|(row, standing)| ours(row) && counts(standing)).map(|(row, _)| row).collect();
        let here: HashSet<Hash> = rows.iter().map(|row| row.id).collect();
        Chains { gaps: gaps(&rows, &here, founder), forks: forks(&rows), heads: heads(&rows) }
    }
}

/// Counts what is missing: the numbers between a parcel and the nearest earlier one of its chain that is here.
fn gaps(rows: &[&Row], here: &HashSet<Hash>, founder: Option<&Hash>) -> Vec<Gap> {
    let mut numbers: HashMap<(Hash, [u8; 8]), BTreeSet<u64>> = HashMap::new();
    for row in rows {
        numbers.entry((row.device, row.chain)).or_default().insert(row.n);
    }
    let mut missing: BTreeMap<Hash, u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.prev.is_some_and(|prev| !here.contains(&prev))) {
        let before = numbers[&(row.device, row.chain)].range(..row.n).next_back().map_or(0, |number| number + 1);
        let first = u64::from(before == 0 && founder == Some(&row.device));
        let count: &mut u64 = missing.entry(row.device).or_default();
        // A hostile device can claim any number, and many of them.
        *count = count.saturating_add(row.n.saturating_sub(before.max(first)));
    }
    missing.retain(|_, count| *count > 0);
    missing.into_iter().map(|(device, missing)| Gap { device, missing }).collect()
}

fn forks(rows: &[&Row]) -> Vec<Forked> {
    let mut places: BTreeMap<(Hash, [u8; 8], u64), Vec<Hash>> = BTreeMap::new();
    rows.iter().for_each(|row| places.entry((row.device, row.chain, row.n)).or_default().push(row.id));
    let several = places.into_iter().filter(|(_, ids)| ids.len() > 1);
    several
        .map(|((device, ..), mut ids)| {
            ids.sort_unstable();
            Forked { device, proofs: (ids[0], ids[1]) }
        })
        .collect()
}

/// Newest parcels of each device: those that no other one follows.
fn heads(rows: &[&Row]) -> BTreeMap<Hash, BTreeSet<Hash>> {
    // What another device says that it follows hides nobody's head.
    let followed: HashSet<(Hash, Hash)> = rows.iter().filter_map(|row| Some((row.device, row.prev?))).collect();
    let mut heads: BTreeMap<Hash, BTreeSet<Hash>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !followed.contains(&(row.device, row.id))) {
        heads.entry(row.device).or_default().insert(row.id);
    }
    heads
}
