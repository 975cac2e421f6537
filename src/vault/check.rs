//! Whether the vault is whole.

use std::collections::{BTreeSet, HashMap};

use super::docket::{Docket, hash_of};
use super::error::{Damage, VaultError};
use super::opening::open_state;
use super::rebuild::Gathered;
use super::{Entry, Row, Vault, View, view};
use crate::model::Tree;

/// Says how far long work has come.
pub trait Progress {
    /// `done` of `all` units of work are done.
    fn at(&mut self, done: u64, all: u64);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&mut self, _: u64, _: u64) {}
}

/// What an examination found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examined {
    pub files: u64,
    pub parcels: u64,
    pub records: u64,
    pub attachments: u64,
    /// Parts that do not fit, each with what it is.
    pub faults: Vec<Damage>,
    /// The caches are damaged or not what the parcels say; they can be made again.
    pub stale: bool,
}

impl Vault {
    /// Examines everything: the database, every sealed file, every signature and hash, every record, and the caches.
    ///
    /// # Errors
    /// Returns what kept it from examining; what it found is in the result.
    pub fn check(&mut self, progress: &mut dyn Progress) -> Result<Examined, VaultError> {
        self.store.examine()?;
        if self.state.view != view::VERSION {
            self.rebuild(&mut Silent)?;
        }
        let gathered = self.gather(progress)?;
        let mut examined = gathered.examined.clone();
        let stock = gathered.stock(&self.known_before(), &self.logs);
        let entries = self.entries(&gathered, &stock, &mut examined);
        self.check_attachments(&entries, &gathered.names, &mut examined);
        self.check_missing(&gathered, &mut examined);
        examined.records = entries.len() as u64;
        examined.stale = !self.view_agrees(&entries)
            || open_state(&self.store, &self.keyring).is_err()
            || !self.chains_agree(&stock.docket)
            || !self.docket_agrees(&stock.docket);
        Ok(examined)
    }

    fn check_attachments(&self, entries: &[Entry], names: &BTreeSet<String>, examined: &mut Examined) {
        let detached = |entry: &&Entry| entry.body.tree.contains_key("detached");
        for entry in entries.iter().filter(|entry| !detached(entry)) {
            for chunk in chunk_names(&entry.body.tree) {
                examined.attachments += 1;
                if !names.contains(&chunk) {
                    examined.faults.push(Damage::Missing { name: chunk });
                }
            }
        }
    }

    /// Finds files that the view lists and parcels that a later one of their chain names, and that are not here.
    /// A damaged file may hold such a parcel: then it stands for the gap.
    pub(super) fn check_missing(&self, gathered: &Gathered, examined: &mut Examined) {
        let listed = self.listed();
        for fault in &mut examined.faults {
            if let Damage::File { name, record: record @ None } = fault {
                *record = listed.get(name).cloned();
            }
        }
        let mut missing: BTreeSet<String> = listed.into_keys().filter(|name| !gathered.names.contains(name)).collect();
        if examined.faults.is_empty() && missing.is_empty() {
            missing = self.missing_own(gathered);
        }
        examined.faults.extend(missing.into_iter().map(|name| Damage::Missing { name }));
    }

    /// Finds the parcel of this device's own chains that is not here. What others wrote may be on its way, and so may what a copy
    /// of this vault or its lost self wrote; of the chains that this vault goes on with each parcel must be here.
    fn missing_own(&self, gathered: &Gathered) -> BTreeSet<String> {
        let unopened = self.known_before().into_values().filter(|row| gathered.unopened.contains(&row.file));
        let mut before: HashMap<String, Option<String>> = unopened.map(|row| (hex::encode(row.id), row.prev.map(hex::encode))).collect();
        before.extend(gathered.parcels.iter().map(|(_, parcel)| (hex::encode(parcel.id()), parcel.header.prev.clone())));
        let mut missing = BTreeSet::new();
        for chain in self.state.chains.iter().filter(|(casebook, _)| self.knows(casebook)).map(|(_, chain)| chain) {
            let mut next = chain.prev.clone();
            while let Some(id) = next {
                // Taken out, so that a parcel is met once.
                next = before.insert(id.clone(), None).unwrap_or_else(|| {
                    missing.insert(id);
                    None
                });
            }
        }
        missing
    }

    /// Tells whether a casebook is in the keyring: a sealed device goes on with the chains of others when it is opened.
    fn knows(&self, casebook: &str) -> bool {
        self.keyring.casebooks.iter().any(|book| hex::encode(book.id) == casebook)
    }

    /// Finds parcels that later ones of this device name and that are not here: a backup holds every one that was written before.
    pub(super) fn gaps_of_own(&mut self) -> Result<Vec<Damage>, VaultError> {
        let own = *self.keyring.signing.device().as_bytes();
        let docket = self.docket()?;
        let named = docket.facts().filter(|row| row.device == own).filter_map(|row| row.prev);
        Ok(named.filter(|prev| docket.row(prev).is_none()).map(|prev| Damage::Missing { name: hex::encode(prev) }).collect())
    }

    /// Returns the files with parcels that the view lists, each with its record; none when the view does not open.
    fn listed(&self) -> HashMap<String, String> {
        let mut listed = HashMap::new();
        if let Ok(view) = View::open(&self.store, &self.keyring.storage) {
            let _ = view.each_body(&self.store, &self.keyring.storage, &mut |line, body| {
                let present = |kept: super::Kept| Some(hex::encode(self.store.present_name(&hash_of(&kept.file)?).ok()?));
                listed.extend(body.parcels.into_iter().filter_map(present).map(|name| (name, line.id.clone())));
            });
        }
        listed
    }

    fn view_agrees(&self, entries: &[Entry]) -> bool {
        let Ok(view) = View::open(&self.store, &self.keyring.storage) else { return false };
        let mut bodies = HashMap::new();
        let read = view.each_body(&self.store, &self.keyring.storage, &mut |line, body| drop(bodies.insert(line.id.clone(), body)));
        // What was sealed again lies elsewhere than the view says, and is found from there.
        bodies.values_mut().for_each(by_ids);
        let body_agrees = |entry: &Entry| {
            let mut body = entry.body.clone();
            by_ids(&mut body);
            bodies.get(&entry.line.id) == Some(&body)
        };
        let by_id = |entry: &Entry| view.line(&entry.line.id) == Some(&entry.line) && body_agrees(entry);
        read.is_ok() && view.lines().len() == entries.len() && entries.iter().all(by_id)
    }

    /// Tells whether the docket is what the parcels say.
    fn docket_agrees(&self, remade: &Docket) -> bool {
        let Ok(mut docket) = Docket::open(&self.store, &self.keyring.storage) else { return false };
        docket.stand(&self.logs);
        let same = |row: &Row| remade.row(&row.id).is_some_and(|other| Row { file: other.file, under: other.under, ..row.clone() } == *other);
        // What turned out to be a stranger's stays in the docket until that is made again.
        let told = docket.rows().all(|(row, standing)| same(row) || standing.is_strange());
        let counted = self.state.docket.is_none_or(|count| count == docket.len() as u64 && remade.facts().all(|row| docket.row(&row.id).is_some()));
        counted && told
    }

    /// Tells whether the state's chains end where this device's own parcels end: nothing of a chain follows its last one.
    fn chains_agree(&self, docket: &Docket) -> bool {
        let own = *self.keyring.signing.device().as_bytes();
        self.state.chains.iter().filter(|(casebook, _)| self.knows(casebook)).all(|(casebook, chain)| {
            let ours = |row: &&Row| row.device == own && hex::encode(row.casebook) == *casebook && hex::encode(row.chain) == chain.chain;
            let last = docket.facts().filter(ours).find(|row| Some(hex::encode(row.id)) == chain.prev);
            let ends = last.map_or(chain.n == 0 && chain.prev.is_none(), |row| chain.n == row.n + 1);
            ends && docket.facts().filter(ours).all(|row| row.prev.map(hex::encode) != chain.prev)
        })
    }
}

/// Tells of parcels only which they are.
fn by_ids(body: &mut super::Body) {
    body.parcels.iter_mut().for_each(|kept| kept.file.clear());
    body.parcels.sort();
}

/// Names of the sealed pieces of an attached file, in order.
pub fn chunk_names(tree: &Tree) -> Vec<String> {
    let chunks = tree.get("chunks").and_then(serde_json::Value::as_object);
    let mut pieces: Vec<(u64, String)> = chunks
        .into_iter()
        .flat_map(|chunks| chunks.values())
        .filter_map(|chunk| Some((chunk.get("number")?.as_u64()?, chunk.get("name")?.as_str()?.to_owned())))
        .collect();
    pieces.sort();
    pieces.into_iter().map(|(_, name)| name).collect()
}
