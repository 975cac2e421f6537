//! Who else holds what: the signed words of the members' devices, compared parcel by parcel. A pure function of the rows held
//! and of the membership; clocks have no part in it. What cannot be told counts as not held.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Docket, Hash, Row, Standing, What};
use crate::crypto::DeviceId;
use crate::team::{Member, Membership, Role};

/// The chains of a casebook as they hang together: a parcel follows the one of its own device and chain with the number before.
#[derive(Debug)]
pub struct Links<'a> {
    rows: Vec<(&'a Row, &'a Standing)>,
    at: HashMap<Hash, usize>,
    /// For each row the place of the one before it, where that is here.
    before: Vec<Option<usize>>,
    /// Places by rising number.
    order: Vec<usize>,
}

impl<'a> Links<'a> {
    /// Reads the chains of a casebook. Parcels with keys stand in chains of their own and are passed over.
    pub fn of(docket: &'a Docket, casebook: &Hash) -> Links<'a> {
        Links::new(docket.rows().filter(|(row, _)| row.casebook == *casebook))
    }

    /// Reads the chains of some rows of one casebook.
    pub fn new(rows: impl Iterator<Item = (&'a Row, &'a Standing)>) -> Links<'a> {
        let rows: Vec<(&Row, &Standing)> = rows.filter(|(row, _)| row.what != What::Keys).collect();
        let at: HashMap<Hash, usize> = rows.iter().enumerate().map(|(place, (row, _))| (row.id, place)).collect();
        let precedes = |one: &Row, row: &Row| (one.device, one.chain) == (row.device, row.chain) && one.n.checked_add(1) == Some(row.n);
        let before = |row: &Row| row.prev.and_then(|prev| at.get(&prev).copied()).filter(|place| precedes(rows[*place].0, row));
        let before = rows.iter().map(|(row, _)| before(row)).collect();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|place| rows[*place].0.n);
        Links { rows, at, before, order }
    }

    /// Returns the place of a parcel.
    pub fn place(&self, id: &Hash) -> Option<usize> {
        self.at.get(id).copied()
    }

    /// Returns the row at a place.
    pub fn row(&self, place: usize) -> &'a Row {
        self.rows[place].0
    }

    /// Tells of each place whether everything before it in its chain is here. The first parcel of a casebook founded by
    /// version 0.1.0 was sealed to its founder alone: nobody misses it.
    pub fn complete(&self, founder: Option<&Hash>) -> Vec<bool> {
        let mut complete = vec![false; self.rows.len()];
        for place in self.order.iter().copied() {
            let row = self.rows[place].0;
            let begins = row.n == 0 || (row.n == 1 && founder == Some(&row.device));
            complete[place] = self.before[place].map_or(begins, |before| complete[before]);
        }
        complete
    }

    /// Returns, by device, the places of those wanted parcels that no wanted one follows, near or far. What was refused is no
    /// end of a chain.
    pub fn ends(&self, wanted: &dyn Fn(usize) -> bool) -> BTreeMap<Hash, Vec<usize>> {
        let counts = |place: usize| !matches!(self.rows[place].1, Standing::Refused(_)) && wanted(place);
        let mut followed = vec![false; self.rows.len()];
        let mut ends: BTreeMap<Hash, Vec<usize>> = BTreeMap::new();
        for place in self.order.iter().rev().copied() {
            if counts(place) && !followed[place] {
                ends.entry(self.rows[place].0.device).or_default().push(place);
            }
            if let Some(before) = self.before[place] {
                followed[before] |= followed[place] || counts(place);
            }
        }
        ends
    }

    /// Returns the latest word before an end, and at it, about each device. A word in a parcel that does not count takes back what
    /// was said before and says nothing.
    pub fn words(&self, end: usize) -> BTreeMap<Hash, &'a [Hash]> {
        let mut words: BTreeMap<Hash, &[Hash]> = BTreeMap::new();
        for place in self.branch(end) {
            for (device, heads) in &self.rows[place].0.seen {
                words.entry(*device).or_insert(if self.is_accepted(place) { heads } else { &[] });
            }
        }
        words
    }

    /// Returns the evidence records that are said to be whole before an end and at it.
    pub fn whole(&self, end: usize) -> HashSet<Hash> {
        let counted = self.branch(end).filter(|place| self.is_accepted(*place));
        counted.flat_map(|place| self.rows[place].0.whole.iter().copied()).collect()
    }

    /// A parcel with all that stand before it, newest first. Parcels that are not here, purged ones too, end it.
    fn branch(&self, end: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(end), |place| self.before[*place])
    }

    fn is_accepted(&self, place: usize) -> bool {
        *self.rows[place].1 == Standing::Accepted
    }

    /// The newest parcel before an end, or at it, that counts.
    fn newest(&self, end: usize) -> Option<usize> {
        self.branch(end).find(|place| self.is_accepted(*place))
    }

    /// What an end of a chain says is held: what its device wrote up to there, and every listed parcel with all before it.
    fn held(&self, end: usize) -> Vec<bool> {
        let mut held = vec![false; self.rows.len()];
        let listed = |(device, heads): (Hash, &'a [Hash])| {
            let places = heads.iter().filter_map(|head| self.place(head));
            places.filter(move |place| self.rows[*place].0.device == device).collect::<Vec<_>>()
        };
        let listed: Vec<usize> = self.words(end).into_iter().flat_map(listed).collect();
        for head in self.newest(end).into_iter().chain(listed) {
            for place in self.branch(head) {
                if std::mem::replace(&mut held[place], true) {
                    break;
                }
            }
        }
        held
    }

    /// Ends of chains that their own device names in another chain: the store that wrote them was put back or is gone.
    fn superseded(&self) -> HashSet<usize> {
        let own = |(row, standing): &(&'a Row, &'a Standing)| {
            let said = row.seen.iter().filter(|(device, _)| *device == row.device && **standing == Standing::Accepted);
            let places = said.flat_map(|(_, heads)| heads).filter_map(|head| self.place(head));
            let (device, chain) = (row.device, row.chain);
            places.filter(move |place| self.rows[*place].0.device == device && self.rows[*place].0.chain != chain).collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(own).collect()
    }
}

/// Why a member is not counted among those who hold everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncounted {
    /// Opens nothing that it holds.
    Capture,
    Suspended,
    /// Said goodbye: its store is to be wiped.
    Leaving,
    /// Several chains of its device go on, so several stores, or one that was put back, speak for it. What all of them say is shown.
    Forked,
    /// Nothing that counts has come from it.
    Silent,
}

impl Uncounted {
    /// Returns the stable code by which texts are looked up.
    pub fn code(self) -> &'static str {
        match self {
            Uncounted::Capture => "capture",
            Uncounted::Suspended => "suspended",
            Uncounted::Leaving => "leaving",
            Uncounted::Forked => "forked",
            Uncounted::Silent => "silent",
        }
    }
}

/// What one member says it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    pub device: DeviceId,
    /// Evidence records with all of their sealed pieces.
    pub whole: HashSet<Hash>,
    /// Claimed seconds since 1970 of its newest parcel that counts; of several chains the oldest one of these.
    pub time: Option<i64>,
    pub uncounted: Option<Uncounted>,
    /// By place.
    held: Vec<bool>,
}

impl Claimed {
    /// A member who holds nothing, as far as anybody can tell.
    fn nothing(device: DeviceId, uncounted: Uncounted) -> Claimed {
        Claimed { device, whole: HashSet::new(), time: None, uncounted: Some(uncounted), held: Vec::new() }
    }
}

/// What the other members of a casebook say they hold.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Every other member, by device.
    pub members: Vec<Claimed>,
    at: HashMap<Hash, usize>,
}

impl Claims {
    /// Reads what members other than this device claim in the rows of one casebook.
    pub fn of<'a>(rows: impl Iterator<Item = (&'a Row, &'a Standing)>, team: &Membership, own: &DeviceId) -> Claims {
        let links = Links::new(rows);
        let (ends, superseded) = (links.ends(&|_| true), links.superseded());
        let still = |device: &DeviceId| -> Vec<usize> {
            let ends = ends.get(device.as_bytes()).into_iter().flatten();
            ends.copied().filter(|end| !superseded.contains(end)).collect()
        };
        let others = team.members.iter().filter(|(device, _)| *device != own);
        let members = others.map(|(device, member)| claimed(&links, device, member, &still(device))).collect();
        Claims { members, at: links.at }
    }

    /// Tells whether a member holds a parcel.
    pub fn holds(&self, member: &Claimed, parcel: &Hash) -> bool {
        self.at.get(parcel).is_some_and(|place| member.held.get(*place) == Some(&true))
    }
}

/// What a member claims whose chains go on from these ends: what all of them say.
fn claimed(links: &Links, device: &DeviceId, member: &Member, ends: &[usize]) -> Claimed {
    let times: Option<Vec<i64>> = ends.iter().map(|end| links.newest(*end).map(|place| links.row(place).time)).collect();
    let time = times.and_then(|times| times.into_iter().min());
    let uncounted = match () {
        () if member.role < Role::Reader => Some(Uncounted::Capture),
        () if member.suspended.is_some() => Some(Uncounted::Suspended),
        () if ends.iter().any(|end| links.row(*end).leaving) => Some(Uncounted::Leaving),
        () if time.is_none() => Some(Uncounted::Silent),
        () if ends.len() > 1 => Some(Uncounted::Forked),
        () => None,
    };
    let Some((first, others)) = ends.split_first().filter(|_| matches!(uncounted, None | Some(Uncounted::Forked))) else {
        return Claimed { time, ..Claimed::nothing(*device, uncounted.unwrap_or(Uncounted::Silent)) };
    };
    let (mut held, mut whole) = (links.held(*first), links.whole(*first));
    for end in others {
        let (also, whole_too) = (links.held(*end), links.whole(*end));
        held.iter_mut().zip(also).for_each(|(held, also)| *held &= also);
        whole.retain(|record| whole_too.contains(record));
    }
    Claimed { device: *device, whole, time, uncounted, held }
}
