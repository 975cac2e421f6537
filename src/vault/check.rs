//! Whether the vault is whole, and making its caches again from the parcels.

use std::collections::{BTreeSet, HashMap};

use super::error::{Damage, VaultError};
use super::opening::open_state;
use super::reading::{actor_of, change_fits, change_items};
use super::store::Batch;
use super::{Authors, Body, Chain, Entry, Keyring, Vault, View, author, line_of, view};
use crate::crypto::{Sealed, plain_hash};
use crate::doc::{Document, Mark};
use crate::model::Tree;
use crate::parcel::{self, Parcel};
use crate::sys::chance::{Chance, draw};
use crate::sys::work::on_every_core;
use crate::team::Operation;

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

/// Everything the parcels of a vault say.
#[derive(Default)]
struct Gathered {
    parcels: Vec<(String, Parcel)>,
    examined: Examined,
    /// Names of the sealed files that are here, whole or not.
    names: BTreeSet<String>,
}

/// What a vault's caches are to say.
pub(super) struct Remade {
    pub examined: Examined,
    entries: Vec<Entry>,
}

/// The changes of one record with the files they came in.
type Changes<'a> = Vec<(&'a str, &'a Parcel)>;

const RECORDS_A_SEGMENT: usize = 2_048;
/// Sealed bytes that are read before every core opens its share of them.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// One sealed file as it was found.
struct Found {
    name: String,
    /// The bytes are those it is named after.
    intact: bool,
    /// What is in it; none when no key opens it.
    parcels: Option<Option<Vec<Parcel>>>,
}

impl Gathered {
    fn take(&mut self, found: Vec<Found>) {
        for Found { name, intact, parcels } in found {
            self.examined.files += 1;
            self.names.insert(name.clone());
            match parcels {
                Some(Some(parcels)) => {
                    self.examined.parcels += parcels.len() as u64;
                    self.parcels.extend(parcels.into_iter().map(|parcel| (name.clone(), parcel)));
                }
                None if intact => {}
                _ => self.examined.faults.push(Damage::File { name, record: None }),
            }
        }
    }
}

/// Reads one record from its changes.
fn entry(record: &str, changes: &Changes, authors: &Authors) -> Option<Entry> {
    let bytes: Vec<&[u8]> = changes.iter().flat_map(|(_, parcel)| change_items(parcel)).collect();
    let (kind, document) = Document::open_any(bytes).ok()??;
    let marks = document.marks();
    let handle = |mark: &Mark| author(mark, authors);
    let mut files: Vec<String> = changes.iter().map(|(file, _)| (*file).to_owned()).collect();
    files.dedup();
    let body = Body::new(document.read(), files, &handle);
    let casebook = changes.first()?.1.header.casebook.clone();
    let line = line_of(kind, record, &casebook, &body, (&handle(marks.first()?), marks.first()?.at, marks.last()?.at));
    Some(Entry { line, body })
}

/// Opens one sealed file and checks everything in it.
fn examined(keyring: &Keyring, (name, bytes): (String, Vec<u8>)) -> Found {
    let intact = hex::encode(plain_hash(&bytes)) == name;
    let opened = if intact { keyring.open_file(&Sealed::from_outside(bytes)) } else { None };
    let parcels = opened.map(|opened| parcel::unpack(opened.as_bytes()).ok().filter(|parcels| parcels.iter().all(change_fits)));
    Found { name, intact, parcels }
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
        let entries = self.entries(&gathered, &mut examined);
        self.check_attachments(&entries, &gathered.names, &mut examined);
        self.check_missing(&gathered, &mut examined);
        examined.records = entries.len() as u64;
        examined.stale = !self.view_agrees(&entries) || open_state(&self.store, &self.keyring).is_err() || !self.chains_agree(&gathered);
        Ok(examined)
    }

    /// Makes the view and the state again from the parcels.
    ///
    /// # Errors
    /// Returns what the disk refused. Damaged parcels are left out and stay where they are.
    pub fn rebuild(&mut self, progress: &mut dyn Progress) -> Result<Examined, VaultError> {
        let remade = self.remake(progress)?;
        let examined = remade.examined.clone();
        self.take_over(remade)?;
        Ok(examined)
    }

    /// Reads what the view is to say from the parcels; nothing is written.
    pub(super) fn remake(&self, progress: &mut dyn Progress) -> Result<Remade, VaultError> {
        let gathered = self.gather(progress)?;
        let mut examined = gathered.examined.clone();
        let entries = self.entries(&gathered, &mut examined);
        self.check_missing(&gathered, &mut examined);
        examined.records = entries.len() as u64;
        Ok(Remade { examined, entries })
    }

    /// Puts a view made again in the place of the old one.
    pub(super) fn take_over(&mut self, remade: Remade) -> Result<(), VaultError> {
        let segments: Vec<_> = remade.entries.chunks(RECORDS_A_SEGMENT).map(|part| view::segment(part, &self.keyring.storage)).collect::<Result<_, _>>()?;
        let before = self.state.clone();
        self.state.view = view::VERSION;
        self.state.records = remade.examined.records;
        self.state.segments = Some(segments.len() as u64);
        let slots = vec![("state", self.sealed_state()?)];
        let written = self.store.write(Batch { segments, slots, replaces_view: true, ..Batch::default() });
        if written.is_err() {
            self.state = before;
        }
        written
    }

    /// Makes a state that was lost from the parcels: chains go on where this device's own parcels end.
    pub(super) fn remake_state(&mut self) -> Result<(), VaultError> {
        self.enter_chains()?;
        self.state.chains.retain(|_, chain| !chain.chain.is_empty());
        self.rebuild(&mut Silent)?;
        Ok(())
    }

    /// Opens every sealed file; chunks of attachments open to nobody here and are told apart by the records.
    fn gather(&self, progress: &mut dyn Progress) -> Result<Gathered, VaultError> {
        let mut gathered = Gathered::default();
        let all = self.store.count()?;
        let (keyring, mut waiting, mut size) = (&self.keyring, Vec::new(), 0);
        self.store.each_file(&mut |name, bytes| {
            size += bytes.len();
            waiting.push((hex::encode(&name), bytes));
            if size >= BYTES_AT_ONCE {
                gathered.take(on_every_core(std::mem::take(&mut waiting), |file| examined(keyring, file)));
                progress.at(gathered.examined.files, all);
                size = 0;
            }
            Ok(())
        })?;
        gathered.take(on_every_core(waiting, |file| examined(keyring, file)));
        progress.at(gathered.examined.files, all);
        Ok(gathered)
    }

    /// Reads every record from its parcels, in the order in which they came.
    fn entries(&self, gathered: &Gathered, examined: &mut Examined) -> Vec<Entry> {
        let authors: Authors = gathered.parcels.iter().filter_map(|(_, p)| Some((actor_of(p)?, self.handle_of(&p.header.device)))).collect();
        let mut order = Vec::new();
        let mut records: HashMap<&str, Changes> = HashMap::new();
        for (file, parcel) in &gathered.parcels {
            for record in parcel.header.items.iter().filter_map(record_of) {
                let changes = records.entry(record).or_default();
                order.extend(changes.is_empty().then_some(record));
                changes.push((file, parcel));
            }
        }
        let mut entries = Vec::new();
        let read = on_every_core(order, |record| (record, entry(record, &records[record], &authors)));
        for (record, entry) in read {
            match entry {
                Some(entry) => entries.push(entry),
                None => examined.faults.push(Damage::File { name: records[record][0].0.to_owned(), record: Some(record.to_owned()) }),
            }
        }
        entries
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
    fn check_missing(&self, gathered: &Gathered, examined: &mut Examined) {
        let listed = self.listed();
        for fault in &mut examined.faults {
            if let Damage::File { name, record: record @ None } = fault {
                *record = listed.get(name).cloned();
            }
        }
        let mut missing: BTreeSet<String> = listed.into_keys().filter(|name| !gathered.names.contains(name)).collect();
        if examined.faults.is_empty() && missing.is_empty() {
            let known: BTreeSet<String> = gathered.parcels.iter().map(|(_, parcel)| hex::encode(parcel.id())).collect();
            let own = self.state.chains.values().filter_map(|chain| chain.prev.clone());
            let named = gathered.parcels.iter().filter_map(|(_, parcel)| parcel.header.prev.clone()).chain(own);
            missing = named.filter(|prev| !known.contains(prev)).collect();
        }
        examined.faults.extend(missing.into_iter().map(|name| Damage::Missing { name }));
    }

    /// Returns the files with parcels that the view lists, each with its record; none when the view does not open.
    fn listed(&self) -> HashMap<String, String> {
        let mut listed = HashMap::new();
        if let Ok(view) = View::open(&self.store, &self.keyring.storage) {
            let _ = view.each_body(&self.store, &self.keyring.storage, &mut |line, body| {
                listed.extend(body.parcels.into_iter().map(|name| (name, line.id.clone())));
            });
        }
        listed
    }

    fn view_agrees(&self, entries: &[Entry]) -> bool {
        let Ok(view) = View::open(&self.store, &self.keyring.storage) else { return false };
        let mut bodies = HashMap::new();
        let read = view.each_body(&self.store, &self.keyring.storage, &mut |line, body| drop(bodies.insert(line.id.clone(), body)));
        let by_id = |entry: &Entry| view.line(&entry.line.id) == Some(&entry.line) && bodies.get(&entry.line.id) == Some(&entry.body);
        read.is_ok() && view.lines().len() == entries.len() && entries.iter().all(by_id)
    }

    /// Tells whether the state's chains end where this device's own parcels end.
    fn chains_agree(&self, gathered: &Gathered) -> bool {
        self.state.chains.iter().all(|(casebook, chain)| {
            let own = gathered.parcels.iter().filter(|(_, p)| p.header.casebook == *casebook && p.header.chain == chain.chain);
            let last = own.max_by_key(|(_, p)| p.header.n);
            match last {
                Some((_, parcel)) => chain.n == parcel.header.n + 1 && chain.prev == Some(hex::encode(parcel.id())),
                None => chain.n == 0,
            }
        })
    }

    /// Enters a chain for every casebook of the keyring, as the parcels tell it: its log, and where this device left off.
    pub(super) fn enter_chains(&mut self) -> Result<(), VaultError> {
        let gathered = self.gather(&mut Silent)?;
        let device = self.keyring.signing.device();
        for book in &self.keyring.casebooks {
            let name = hex::encode(book.id);
            let mut chain = Chain { log: log_heads(&gathered, &name), ..Chain::default() };
            let own = || gathered.parcels.iter().map(|(_, p)| p).filter(|p| p.header.casebook == name && p.header.device == device);
            chain.chain = own().next_back().map_or_else(String::new, |parcel| parcel.header.chain.clone());
            if let Some(last) = own().filter(|p| p.header.chain == chain.chain).max_by_key(|p| p.header.n) {
                chain.n = last.header.n;
                chain.advance(last);
            }
            self.state.chains.insert(name, chain);
        }
        Ok(())
    }

    /// Begins new chains everywhere, so that a restored device never continues what its lost self may have written.
    pub(super) fn begin_new_chains(&mut self, chance: &mut dyn Chance) {
        for chain in self.state.chains.values_mut() {
            *chain = Chain { chain: hex::encode(draw::<8>(chance)), n: 0, prev: None, log: std::mem::take(&mut chain.log) };
        }
    }
}

fn record_of(item: &parcel::Item) -> Option<&str> {
    match &item.kind {
        parcel::ItemKind::Change { record, .. } => Some(record),
        _ => None,
    }
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

/// The head of the membership log of a casebook.
fn log_heads(gathered: &Gathered, casebook: &str) -> Vec<String> {
    let parcels = gathered.parcels.iter().map(|(_, p)| p).filter(|p| p.header.casebook == casebook);
    let items = parcels.flat_map(|p| p.header.items.iter().zip(&p.items)).filter(|(item, _)| item.kind == parcel::ItemKind::Log);
    items.filter_map(|(_, bytes)| Some(hex::encode(serde_json::from_slice::<Operation>(bytes).ok()?.id()))).collect()
}
