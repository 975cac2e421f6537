//! Exchanging with a place, and what it brought: one line for each sender, what does not count yet and why, what is missing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Session;
use crate::crypto::{DeviceId, Passphrase};
use crate::error::Error;
use crate::model::Kind;
use crate::names;
use crate::sync::exchange::{Exchanged, Meeting, exchange};
use crate::sync::ingest::by_author;
use crate::sync::judge::Judge;
use crate::sync::places::{self, Place};
use crate::transport::Mailbox;
use crate::vault::{Hash, Line, Progress, Standing};

/// What came from one member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sender {
    pub handle: String,
    /// New people in detention, groups by their number.
    pub detainees: u64,
    /// New person records, of detained people too.
    pub persons: u64,
    /// Titles of the incidents they belong to.
    pub incidents: BTreeSet<String>,
    /// New records of other kinds than persons and detentions.
    pub records: BTreeMap<String, u64>,
    /// Records that were here before and that this member changed.
    pub changed: u64,
    /// New persons who may be people that are here already.
    pub maybe_known: u64,
    /// Records of these in which voices disagree now.
    pub contested: u64,
}

/// What a sync did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Synced {
    pub exchanged: Exchanged,
    pub senders: Vec<Sender>,
    /// Refused files and parcels, by author (nobody where none signed) and reason.
    pub refused: Vec<(String, String, u64)>,
    /// Records of the own casebook that were copied, now that this device can read.
    pub copied: u64,
}

/// Parcels that came and do not count, by author and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    pub handle: String,
    /// Code of the reason, e.g. `waiting-change`.
    pub code: String,
    pub count: u64,
}

/// Everything in a casebook that is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    pub aside: Vec<Aside>,
    /// Members of whose parcels some are missing, and how many.
    pub missing: Vec<(String, u64)>,
    /// Members whose store was copied or put back: handle and the header hashes of the two parcels that prove it.
    pub forks: Vec<(String, Hash, Hash)>,
    /// Files that no key of this device opens and no record names, in bytes.
    pub carried: u64,
}

/// The two halves of a proof: a signed header and its signature.
pub type Proof = (Vec<u8>, [u8; 64]);

impl Session {
    /// Exchanges with a place.
    ///
    /// # Errors
    /// Returns [`Error::NotShared`] for the vault's own casebook, or what the disk or the place refused.
    pub fn sync(
        &mut self,
        mailbox: &mut dyn Mailbox,
        judge: &mut dyn Judge,
        passphrase: &Passphrase,
        thorough: bool,
        progress: &mut dyn Progress,
    ) -> Result<Synced, Error> {
        self.shared()?;
        self.view = None;
        let (casebook, time) = (self.casebook, self.now().seconds);
        let mut meeting = Meeting { casebook, judge, passphrase, time, chance: &mut *self.chance, progress, thorough };
        let mut exchanged = exchange(&mut self.vault, mailbox, &mut meeting)?;
        let copied = if self.can_write()? { self.copy_own()? } else { 0 };
        if copied > 0 && exchanged.broke.is_none() {
            // The copies are to be left there too.
            let mut again = Meeting { casebook, judge, passphrase, time, chance: &mut *self.chance, progress, thorough: false };
            let more = exchange(&mut self.vault, mailbox, &mut again)?;
            exchanged.sent += more.sent;
            (exchanged.not_sent, exchanged.broke) = (more.not_sent, more.broke);
        }
        let senders = if self.reads() { self.senders(&exchanged)? } else { Vec::new() };
        let refused = by_author(&exchanged.taken.refused).into_iter().map(|((author, code), count)| (self.called(author), code, count)).collect();
        Ok(Synced { exchanged, senders, refused, copied })
    }

    fn called(&self, author: Option<DeviceId>) -> String {
        author.map(|device| self.vault.handle_of(&self.casebook, &device)).unwrap_or_default()
    }

    /// Turns to the casebook that others share, where the vault holds one and no other was asked for.
    pub fn turn_to_shared(&mut self) {
        if let Some(only) = self.vault.only_shared().filter(|_| self.casebook_name().is_none()) {
            self.casebook = only;
        }
    }

    /// Tells whether this device reads the chosen casebook.
    pub fn reads(&self) -> bool {
        self.vault.keyring().casebooks.iter().any(|book| book.id == self.casebook && book.can_read())
    }

    /// Tells whether this device may write into the chosen casebook and read what it wrote.
    fn can_write(&self) -> Result<bool, Error> {
        let role = self.vault.log(&self.casebook)?.membership().members.get(&self.vault.keyring().signing.device()).map(|member| member.role);
        Ok(self.reads() && role.is_some_and(|role| role >= crate::team::Role::Editor))
    }

    /// Sums up what came, by sender.
    fn senders(&mut self, exchanged: &Exchanged) -> Result<Vec<Sender>, Error> {
        let own = *self.vault.keyring().signing.device().as_bytes();
        let docket = self.vault.docket()?;
        let mut came: BTreeMap<Hash, (HashSet<Hash>, HashSet<Hash>)> = BTreeMap::new();
        for row in exchanged.taken.new.iter().filter_map(|id| docket.row(id)).filter(|row| row.device != own && row.casebook == self.casebook) {
            let accepted = docket.standing(&row.id) == Some(&Standing::Accepted);
            if let Some((record, _, deps)) = row.change().filter(|_| accepted) {
                let (new, changed) = came.entry(row.device).or_default();
                if deps.is_empty() {
                    new.insert(*record)
                } else {
                    changed.insert(*record)
                };
            }
        }
        let every_new: HashSet<String> = came.values().flat_map(|(new, _)| new).map(hex::encode).collect();
        let known = self.known_names(&every_new)?;
        let mut senders = Vec::new();
        for (device, (new, changed)) in came {
            let mut sender = Sender { handle: self.called(Some(DeviceId::from_bytes(device))), ..Sender::default() };
            sender.changed = changed.difference(&new).count() as u64;
            for record in &new {
                self.count_new(&hex::encode(record), &known, &mut sender)?;
            }
            for record in new.union(&changed) {
                let contested = self.load()?.line(&hex::encode(record)).is_some_and(|line| line.contested > 0);
                sender.contested += u64::from(contested);
            }
            senders.push(sender);
        }
        Ok(senders)
    }

    /// Names of the people who were here before, folded to one alphabet.
    fn known_names(&mut self, new: &HashSet<String>) -> Result<HashSet<String>, Error> {
        let casebook = hex::encode(self.casebook);
        let before = |line: &&Line| line.kind == Kind::Person.code() && line.casebook == casebook && line.copy_of.is_none() && !new.contains(&line.id);
        Ok(self.load()?.lines().iter().filter(before).flat_map(names_of).collect())
    }

    fn count_new(&mut self, id: &str, known: &HashSet<String>, sender: &mut Sender) -> Result<(), Error> {
        let Some(line) = self.load()?.line(id).cloned() else { return Ok(()) };
        match Kind::named(&line.kind) {
            Some(Kind::Detention) => {
                sender.detainees += self.newly_held(&line)?;
                if let Some(incident) = &line.incident {
                    sender.incidents.insert(self.name_of(incident)?);
                }
            }
            Some(Kind::Person) => {
                sender.persons += 1;
                sender.maybe_known += u64::from(names_of(&line).any(|name| known.contains(&name)));
            }
            None => {}
            Some(kind) => *sender.records.entry(kind.code().to_owned()).or_default() += 1,
        }
        Ok(())
    }

    /// How many people a detention is of: a group by its number, nobody where somebody was told apart from a group
    /// before, or where the person is not here yet.
    fn newly_held(&mut self, detention: &Line) -> Result<u64, Error> {
        let Some(person) = detention.person.as_ref().and_then(|id| self.load().ok()?.line(id)).cloned() else { return Ok(0) };
        let told_apart = self.body(&person.id)?.tree.contains_key("from_group");
        Ok(if told_apart { 0 } else { u64::from(person.group.max(1)) })
    }

    /// Returns the known places of the chosen casebook.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn places(&self) -> Result<Vec<Place>, Error> {
        let casebook = hex::encode(self.casebook);
        Ok(places::places(&self.vault)?.into_iter().filter(|place| place.casebook == casebook).collect())
    }

    /// Forgets a place.
    ///
    /// # Errors
    /// Returns [`Error::NoPlace`] when it is not known.
    pub fn forget_place(&mut self, name: &str) -> Result<(), Error> {
        let known = places::forget(&mut self.vault, &hex::encode(self.casebook), name)?;
        if known { Ok(()) } else { Err(Error::NoPlace) }
    }

    /// Returns how many sealed files no place has got yet, as far as this device knows; none while there is no place.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn not_sent(&mut self) -> Result<Option<u64>, Error> {
        let Some(furthest) = self.places()?.iter().map(|place| place.up_to).max() else { return Ok(None) };
        let files = self.vault.files_after(furthest)?;
        if files.is_empty() {
            return Ok(Some(0));
        }
        let (private, _) = self.vault.private_and_urgent(&self.casebook)?;
        Ok(Some(files.iter().filter(|(_, name, _)| !private.contains(name)).count() as u64))
    }

    /// Returns how many records neither a backup nor any known place holds, as far as this device knows. Sealed files that came
    /// since the last exchange bound it: each record is in at least one. What cannot be told counts as only here.
    pub fn only_here(&mut self) -> u64 {
        let furthest = self.places().ok().and_then(|places| places.iter().map(|place| place.up_to).max());
        if !self.reads() {
            return self.vault.own_unsent(&self.casebook, furthest.unwrap_or_default()).unwrap_or(u64::MAX);
        }
        let since_backup = self.vault.state().only_here();
        let since_exchange = furthest.and_then(|furthest| self.vault.files_after(furthest).ok());
        since_exchange.map_or(since_backup, |files| since_backup.min(files.len() as u64))
    }

    /// Returns what came and does not count, what is missing, and where two parcels stand in the place of one.
    ///
    /// # Errors
    /// Returns why the docket does not open.
    pub fn pending(&mut self) -> Result<Pending, Error> {
        let casebook = self.casebook;
        let mut counted: HashMap<(Hash, String), u64> = HashMap::new();
        for (row, standing) in self.vault.docket()?.rows().filter(|(row, standing)| row.casebook == casebook && **standing != Standing::Accepted) {
            *counted.entry((row.device, standing.code().to_owned())).or_default() += 1;
        }
        let called = |device: &Hash| self.vault.handle_of(&casebook, &DeviceId::from_bytes(*device));
        let mut aside: Vec<Aside> = counted.into_iter().map(|((device, code), count)| Aside { handle: called(&device), code, count }).collect();
        aside.sort_by(|a, b| (&a.handle, &a.code).cmp(&(&b.handle, &b.code)));
        let (gaps, forks) = self.vault.chains(&casebook)?;
        let called = |device: &Hash| self.vault.handle_of(&casebook, &DeviceId::from_bytes(*device));
        let missing = gaps.iter().map(|gap| (called(&gap.device), gap.missing)).collect();
        let forks = forks.iter().map(|fork| (called(&fork.device), fork.proofs.0, fork.proofs.1)).collect();
        let pieces = self.vault.pieces_named()?;
        let carried = self.vault.carried_bytes(&pieces)?;
        Ok(Pending { aside, missing, forks, carried })
    }

    /// Returns the signed header of a parcel: what proves a fork to anybody.
    ///
    /// # Errors
    /// Returns why the parcel does not open.
    pub fn proof(&mut self, id: &Hash) -> Result<Proof, Error> {
        let row = self.vault.docket()?.row(id).cloned().ok_or(Error::Nothing)?;
        Ok(self.vault.signed_header(&row)?)
    }
}

/// The folded names of a person, as lists search them.
fn names_of(line: &Line) -> impl Iterator<Item = String> + use<> {
    let names: Vec<String> = line.keys.split('\u{1f}').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let title = names::fold(&line.title);
    names.into_iter().chain((!title.is_empty()).then_some(title))
}
