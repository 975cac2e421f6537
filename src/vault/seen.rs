//! What the chains of the devices tell: gaps, forks, and what is durable here and with others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::docket::{Chains, Claims, Forked, Gap, Hash, Links, Standing, hash_of};
use super::saving::COPIED;
use super::{Chain, Vault, VaultError, chunk_names};
use crate::model::Kind;
use crate::parcel::{Parcel, header_hash};
use crate::sys::chance::{Chance, draw};

/// Most chain heads of one device that are declared durable, the smallest ones; an honest device has one for each restore.
const MAX_HEADS: usize = 16;

/// The sealed pieces that an evidence record names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    pub named: usize,
    /// Of these, how many are here.
    pub here: usize,
}

/// What the store has and what the current chain said of it.
struct Said {
    /// Chain heads with everything before them, by device; of this device those of other chains.
    here: BTreeMap<Hash, BTreeSet<Hash>>,
    /// The latest word about each device.
    declared: BTreeMap<Hash, BTreeSet<Hash>>,
    /// Something declared is not here, or something before it.
    shrank: bool,
    whole: HashSet<Hash>,
}

impl Vault {
    /// Says what the chains tell: gaps and forks in a casebook.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn chains(&mut self, casebook: &Hash) -> Result<(Vec<Gap>, Vec<Forked>), VaultError> {
        let founder = self.founder(casebook);
        let chains = Chains::of(self.docket()?, casebook, founder.as_ref());
        Ok((chains.gaps, chains.forks))
    }

    /// Says what the other members of a casebook hold, by their own signed word.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn claims(&mut self, casebook: &Hash) -> Result<Claims, VaultError> {
        self.docket()?;
        let (docket, own) = (self.docket.as_ref().expect("opened just now"), self.keyring.signing.device());
        let rows = docket.rows().filter(|(row, _)| row.casebook == *casebook);
        Ok(self.logs.get(casebook).map(|log| Claims::of(rows, log.membership(), &own)).unwrap_or_default())
    }

    pub(super) fn founder(&self, casebook: &Hash) -> Option<Hash> {
        self.logs.get(casebook).and_then(|log| log.founder()).map(|device| *device.as_bytes())
    }

    /// Notes what is durable here and was not declared yet in this device's current chain: chain heads with everything before
    /// them, and evidence with all of its pieces. Returns whether a parcel is to be written for it alone; where something
    /// other than receipts came (`brought`), for heads of others too. A device that cannot read declares nothing.
    ///
    /// # Errors
    /// As [`Vault::docket`] and [`Vault::view`].
    pub fn note_seen(&mut self, casebook: &Hash, brought: bool, chance: &mut dyn Chance) -> Result<bool, VaultError> {
        if !self.keys(casebook)?.can_read() {
            return Ok(false);
        }
        self.leave_followed(casebook, chance);
        let own = *self.keyring.signing.device().as_bytes();
        let said = self.said(casebook)?;
        let whole = self.evidence(casebook, &said.whole)?;
        let whole: Vec<String> = whole.iter().filter(|(_, pieces)| pieces.named > 0 && pieces.named == pieces.here).map(|(id, _)| hex::encode(id)).collect();
        let fresh = said.fresh();
        let first_word = fresh.contains_key(&own) && !said.declared.contains_key(&own);
        let worth = (brought && !fresh.is_empty()) || said.shrank || first_word || !whole.is_empty();
        let Some(chain) = self.state.chains.get_mut(&hex::encode(casebook)) else { return Ok(false) };
        chain.seen = fresh.iter().map(|(device, heads)| (hex::encode(device), heads.iter().map(hex::encode).collect())).collect();
        chain.whole = whole;
        Ok(worth)
    }

    /// Begins a new chain where a copy of this vault wrote the last parcels of the current one: what that declared is not this
    /// store's word.
    fn leave_followed(&mut self, casebook: &Hash, chance: &mut dyn Chance) {
        if let Some(chain) = self.state.chains.get_mut(&hex::encode(casebook)).filter(|chain| chain.followed) {
            *chain = Chain { chain: hex::encode(draw::<8>(chance)), log: std::mem::take(&mut chain.log), copied: chain.copied, ..Chain::default() };
        }
    }

    fn said(&mut self, casebook: &Hash) -> Result<Said, VaultError> {
        let (own, founder) = (*self.keyring.signing.device().as_bytes(), self.founder(casebook));
        let chain = self.state.chains.get(&hex::encode(casebook)).cloned().unwrap_or_default();
        let links = Links::of(self.docket()?, casebook);
        let complete = links.complete(founder.as_ref());
        let end = chain.prev.as_deref().and_then(hash_of).and_then(|id| links.place(&id));
        let declared = end.map(|end| links.words(end)).unwrap_or_default();
        let elsewhere = |place: &usize| links.row(*place).device != own || hex::encode(links.row(*place).chain) != chain.chain;
        let mut here: BTreeMap<Hash, BTreeSet<Hash>> = BTreeMap::new();
        for place in links.ends(&|place| complete[place]).into_values().flatten().filter(elsewhere) {
            here.entry(links.row(place).device).or_default().insert(links.row(place).id);
        }
        here.values_mut().for_each(|heads| *heads = std::mem::take(heads).into_iter().take(MAX_HEADS).collect());
        Ok(Said {
            here,
            shrank: declared.values().copied().flatten().any(|head| !links.place(head).is_some_and(|place| complete[place])),
            declared: declared.into_iter().map(|(device, heads)| (device, heads.iter().copied().collect())).collect(),
            whole: end.map(|end| links.whole(end)).unwrap_or_default(),
        })
    }

    /// Returns the evidence records of a casebook that are not among these, each with the number of its sealed pieces.
    ///
    /// # Errors
    /// As [`Vault::view`].
    pub fn evidence(&mut self, casebook: &Hash, without: &HashSet<Hash>) -> Result<HashMap<Hash, Pieces>, VaultError> {
        let (view, ours) = (self.view()?, hex::encode(casebook));
        let mut found = HashMap::new();
        let lines = view.lines().iter().filter(|line| line.kind == Kind::Evidence.code() && line.casebook == ours);
        for (line, id) in lines.filter_map(|line| Some((line, hash_of(&line.id)?))).filter(|(_, id)| !without.contains(id)) {
            let names = chunk_names(&self.body(&view, &line.id)?.tree);
            let mut pieces = Pieces { named: names.len(), here: 0 };
            for name in names.iter().filter_map(|name| hash_of(name)) {
                pieces.here += usize::from(self.has_file(&name)?);
            }
            found.insert(id, pieces);
        }
        Ok(found)
    }

    /// Returns the parcels of this vault's own casebook whose changes this device copied into one that it shares.
    ///
    /// # Errors
    /// As [`Vault::docket`]. A parcel that does not open copies nothing.
    pub fn originals_copied(&mut self) -> Result<HashSet<Hash>, VaultError> {
        let own = *self.keyring.signing.device().as_bytes();
        let shared: HashSet<Hash> = self.keyring.casebooks.iter().filter(|book| book.name.is_some()).map(|book| book.id).collect();
        let ours = self.docket()?.rows().filter(|(row, standing)| row.device == own && shared.contains(&row.casebook) && **standing == Standing::Accepted);
        let kept: Vec<_> = ours.filter(|(row, _)| row.change().is_some()).map(|(row, _)| row.kept()).collect();
        let mut read = None;
        let copied = |kept| self.kept_parcel(kept, &mut read).ok().and_then(original_of);
        Ok(kept.iter().filter_map(copied).collect())
    }
}

impl Said {
    /// What is to be said: the heads of each device of which something else was said last.
    fn fresh(&self) -> BTreeMap<Hash, BTreeSet<Hash>> {
        let devices: BTreeSet<&Hash> = self.here.keys().chain(self.declared.keys()).collect();
        let of = |heads: &BTreeMap<Hash, BTreeSet<Hash>>, device: &Hash| heads.get(device).cloned().unwrap_or_default();
        let fresh = devices.into_iter().filter(|device| of(&self.here, device) != of(&self.declared, device));
        fresh.map(|device| (*device, of(&self.here, device))).collect()
    }
}

/// The parcel whose change this one copies.
fn original_of(parcel: &Parcel) -> Option<Hash> {
    let header = parcel.header.more.get(COPIED)?.get("header")?.as_str()?;
    Some(header_hash(&hex::decode(header).ok()?))
}
