//! Who else holds what this vault holds, and whether anything would be lost with it. By signed claims, compared parcel by
//! parcel; times are only shown. What cannot be told counts as only here.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Role, Session};
use crate::crypto::DeviceId;
use crate::error::Error;
use crate::vault::{Claimed, Claims, Hash, Pieces, Row, Standing, Uncounted};

/// Seconds by which clocks may differ before one is said to be astray.
const CLOCK_SLACK: i64 = 300;

/// How long ago something was claimed, by this device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    Seconds(u64),
    /// Claimed for a moment that has not come.
    Astray,
}

/// What another member holds of the chosen casebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub handle: String,
    /// Public key in hex.
    pub device: String,
    pub role: Role,
    /// An admin compared the safety words.
    pub verified: bool,
    /// Parcels with changes that it holds, of how many that are here.
    pub parcels: (u64, u64),
    /// Attached files that it holds whole, of how many that are here.
    pub evidence: (u64, u64),
    /// Age of its newest parcel that counts.
    pub last: Option<Age>,
    pub uncounted: Option<Uncounted>,
}

/// What others hold of one casebook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BookHeld {
    /// Name of the casebook; none for the vault's own.
    pub name: Option<String>,
    pub records: u64,
    /// Records that no other member holds with all that is here of them: kind and id.
    pub only_here: Vec<(String, String)>,
    /// Members who hold every record, and of these the verified ones.
    pub holders: u64,
    pub verified: u64,
    /// Age of their newest claim.
    pub newest: Option<Age>,
    /// Parcels of others that do not count and that nobody else holds.
    pub unsettled: u64,
    /// This device cannot read the casebook, so nothing can be told of attached files.
    pub blind: bool,
}

/// Whether anything would be lost with this vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WipeCheck {
    /// The casebooks in which there is something to lose.
    pub books: Vec<BookHeld>,
    /// Sealed files that are carried unread for others.
    pub carried: u64,
    /// A copy of this vault wrote parcels too.
    pub forked: bool,
}

impl BookHeld {
    /// Tells whether somebody else holds all of it.
    pub fn is_safe(&self) -> bool {
        self.holders > 0 && self.only_here.is_empty() && self.unsettled == 0 && !self.blind
    }
}

impl WipeCheck {
    /// Tells whether there are records and each casebook's are held, all of them, by somebody else.
    pub fn is_safe(&self) -> bool {
        !self.books.is_empty() && self.books.iter().all(BookHeld::is_safe)
    }

    /// Returns how many records are here.
    pub fn records(&self) -> u64 {
        self.books.iter().map(|book| book.records).sum()
    }

    /// Returns the records that exist only here: kind and id.
    pub fn only_here(&self) -> impl Iterator<Item = &(String, String)> {
        self.books.iter().flat_map(|book| &book.only_here)
    }
}

/// What is here of a casebook and would be lost.
#[derive(Default)]
struct Stock {
    /// The parcels of each record, and whether its attached file has pieces here.
    records: BTreeMap<Hash, (Vec<Hash>, bool)>,
    /// Parcels of others that do not count.
    unsettled: Vec<Hash>,
}

impl Stock {
    fn parcels(&self) -> impl Iterator<Item = &Hash> {
        self.records.values().flat_map(|(parcels, _)| parcels)
    }

    /// Records with an attached file of which there are pieces here.
    fn evidence(&self) -> impl Iterator<Item = &Hash> {
        self.records.iter().filter(|(_, (_, pieces))| *pieces).map(|(record, _)| record)
    }

    /// Tells whether a member holds all that is here of a record.
    fn is_held(&self, record: &Hash, claims: &Claims, member: &Claimed) -> bool {
        let (parcels, pieces) = &self.records[record];
        (!pieces || member.whole.contains(record)) && parcels.iter().all(|parcel| claims.holds(member, parcel))
    }
}

impl Session {
    /// Returns what each other member holds of the chosen casebook, admins first.
    ///
    /// # Errors
    /// Returns [`Error::NotShared`] for the vault's own casebook, or why docket or view do not open.
    pub fn receipts(&mut self) -> Result<Vec<Holder>, Error> {
        self.shared()?;
        let (casebook, now) = (self.casebook, self.now().seconds);
        let (stock, claims) = (self.stock(&casebook, &HashSet::new())?, self.vault.claims(&casebook)?);
        let mut holders: Vec<Holder> = claims.members.iter().filter_map(|member| self.holder(&casebook, &stock, &claims, member, now)).collect();
        holders.sort_by(|a, b| b.role.cmp(&a.role).then_with(|| a.handle.cmp(&b.handle)));
        Ok(holders)
    }

    fn holder(&self, casebook: &Hash, stock: &Stock, claims: &Claims, claimed: &Claimed, now: i64) -> Option<Holder> {
        let member = self.vault.log(casebook).ok()?.membership().members.get(&claimed.device)?;
        let (mut parcels, mut evidence) = ((0, 0), (0, 0));
        for parcel in stock.parcels() {
            parcels = (parcels.0 + u64::from(claims.holds(claimed, parcel)), parcels.1 + 1);
        }
        for record in stock.evidence() {
            evidence = (evidence.0 + u64::from(claimed.whole.contains(record)), evidence.1 + 1);
        }
        Some(Holder {
            handle: self.vault.handle_of(casebook, &claimed.device),
            device: claimed.device.to_string(),
            role: member.role,
            verified: member.verified,
            parcels,
            evidence,
            last: claimed.time.map(|time| age(now, time)),
            uncounted: claimed.uncounted,
        })
    }

    /// Says whether other members hold everything that is here, in every casebook of the vault. Of a casebook that this device
    /// cannot read nothing is known to be held. Records of the vault's own casebook count as only here unless each of their
    /// changes was copied into a shared one.
    ///
    /// # Errors
    /// Returns why docket or view do not open.
    pub fn wipe_check(&mut self) -> Result<WipeCheck, Error> {
        let books: Vec<_> = self.vault.keyring().casebooks.iter().map(|book| (book.id, book.name.clone(), book.can_read())).collect();
        let own = self.vault.keyring().signing.device();
        let mut check = WipeCheck::default();
        for (casebook, name, reads) in books {
            check.forked |= self.vault.chains(&casebook)?.1.iter().any(|fork| fork.device == *own.as_bytes());
            let copied = if name.is_none() { self.vault.originals_copied()? } else { HashSet::new() };
            let stock = self.stock(&casebook, &copied)?;
            if !stock.records.is_empty() || !stock.unsettled.is_empty() {
                let held = self.held(&casebook, &stock, reads)?;
                check.books.push(BookHeld { name, ..held });
            }
        }
        let pieces = self.vault.pieces_named()?;
        check.carried = self.vault.carried(&pieces)?.len() as u64;
        Ok(check)
    }

    /// What others hold of a stock.
    fn held(&mut self, casebook: &Hash, stock: &Stock, reads: bool) -> Result<BookHeld, Error> {
        let (claims, now) = (self.vault.claims(casebook)?, self.now().seconds);
        let held_by = |record: &Hash, member: &Claimed| reads && stock.is_held(record, &claims, member);
        let only_here: Vec<&Hash> = stock.records.keys().filter(|record| !claims.members.iter().any(|member| held_by(record, member))).collect();
        let all = |member: &&Claimed| member.uncounted.is_none() && stock.records.keys().all(|record| held_by(record, member));
        let holders: Vec<&Claimed> = claims.members.iter().filter(all).collect();
        let alone = |parcel: &&Hash| !claims.members.iter().any(|member| claims.holds(member, parcel));
        let verified = |device: &DeviceId| self.vault.log(casebook).is_ok_and(|log| log.membership().members.get(device).is_some_and(|member| member.verified));
        let mut held = BookHeld {
            name: None,
            records: stock.records.len() as u64,
            only_here: Vec::new(),
            holders: holders.len() as u64,
            verified: holders.iter().filter(|member| verified(&member.device)).count() as u64,
            newest: holders.iter().filter_map(|member| member.time).map(|time| age(now, time)).min(),
            unsettled: stock.unsettled.iter().filter(alone).count() as u64,
            blind: !reads,
        };
        let view = self.load()?;
        let kind = |id: &str| view.line(id).map(|line| line.kind.clone()).unwrap_or_default();
        held.only_here = only_here.into_iter().map(hex::encode).map(|id| (kind(&id), id)).collect();
        Ok(held)
    }

    /// Everything of a casebook that is here, but records all of whose parcels are among the copied ones. Of a record count the
    /// parcels that are shown and this device's own; of others those that do not count stand by themselves.
    fn stock(&mut self, casebook: &Hash, copied: &HashSet<Hash>) -> Result<Stock, Error> {
        let own = *self.vault.keyring().signing.device().as_bytes();
        let evidence = self.vault.evidence(casebook, &HashSet::new())?;
        let mut stock = Stock::default();
        let kept = |(row, standing): &(&Row, &Standing)| row.casebook == *casebook && !matches!(standing, Standing::Refused(_));
        for (row, standing) in self.vault.docket()?.rows().filter(kept) {
            let Some((record, ..)) = row.change() else { continue };
            if *standing == Standing::Accepted || row.device == own {
                stock.records.entry(*record).or_default().0.push(row.id);
            } else {
                stock.unsettled.push(row.id);
            }
        }
        stock.records.retain(|_, (parcels, _)| !parcels.iter().all(|parcel| copied.contains(parcel)));
        note_pieces(&mut stock, &evidence);
        Ok(stock)
    }
}

fn note_pieces(stock: &mut Stock, evidence: &HashMap<Hash, Pieces>) {
    for (record, (_, pieces)) in &mut stock.records {
        *pieces = evidence.get(record).is_some_and(|pieces| pieces.here > 0);
    }
}

fn age(now: i64, time: i64) -> Age {
    let seconds = i128::from(now) - i128::from(time);
    if seconds < -i128::from(CLOCK_SLACK) { Age::Astray } else { Age::Seconds(u64::try_from(seconds.max(0)).unwrap_or(u64::MAX)) }
}
