//! Making every cache again from the sealed files: the logs, the docket, the view, and the chains of this device.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::check::{Examined, Progress, Silent};
use super::docket::{self, Docket, Hash, Judged, Logs, Row, What};
use super::envelope::Envelope;
use super::error::{Damage, VaultError};
use super::logs::enter;
use super::reading::change_items;
use super::store::Batch;
use super::{Authors, Body, CasebookKeys, Chain, Entry, Kept, Keyring, Mode, Vault, View, author, line_of, view};
use crate::crypto::{Sealed, plain_hash};
use crate::doc::{self, Mark, Verdict};
use crate::parcel::{ItemKind, Parcel};
use crate::sys::chance::{Chance, draw};
use crate::sys::work::on_every_core;
use crate::team::{Operation, Role, Signed};

const RECORDS_A_SEGMENT: usize = 2_048;
/// Sealed bytes that are read before every core opens its share of them.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// Every parcel of the sealed files, whole or not.
#[derive(Default)]
pub(super) struct Gathered {
    pub parcels: Vec<(Hash, Parcel)>,
    /// The epoch that each of these files is sealed to.
    under: HashMap<Hash, Hash>,
    pub examined: Examined,
    /// Names of the sealed files that are here.
    pub names: BTreeSet<String>,
    /// Files that the docket says hold parcels.
    entered: HashSet<Hash>,
    /// Of these, those that no key opens.
    pub unopened: HashSet<Hash>,
}

/// What the parcels say: who belongs to each casebook and how each parcel stands.
pub(super) struct Stock {
    pub logs: Logs,
    pub docket: Docket,
}

/// What a vault's caches are to say.
pub(super) struct Remade {
    pub examined: Examined,
    pub entries: Vec<Entry>,
    pub stock: Stock,
}

/// The handles of devices, by casebook and device.
type Handles = HashMap<(Hash, Hash), String>;

/// One sealed file as it was found.
struct Found {
    name: String,
    /// The bytes are those it is named after.
    intact: bool,
    /// What is in it; none when it is carried unread, none of it when it breaks a rule.
    parcels: Option<Option<(Vec<Parcel>, Hash)>>,
}

impl Gathered {
    fn take(&mut self, found: Vec<Found>) {
        for Found { name, intact, parcels } in found {
            self.examined.files += 1;
            let file = docket::hash_of(&name).unwrap_or_default();
            match parcels {
                Some(Some((parcels, under))) => {
                    self.under.insert(file, under);
                    self.examined.parcels += parcels.len() as u64;
                    self.parcels.extend(parcels.into_iter().map(|parcel| (file, parcel)));
                }
                None if intact => self.unopened.extend(docket::hash_of(&name)),
                // It was carried unread before a key opened it, and nothing of it was ever taken.
                Some(None) if !self.entered.contains(&file) => {}
                _ => self.examined.faults.push(Damage::File { name: name.clone(), record: None }),
            }
            self.names.insert(name);
        }
    }

    /// Enters every parcel into logs and docket. What the judge found before is taken over. Records with parcels of which the
    /// docket says that they wait for the judge go on waiting; what the docket lost is judged here. A parcel in several files
    /// stays with the one of its line, and one that this device wrote and cannot open keeps its line, unless another file tells
    /// more of it.
    pub(super) fn stock(&self, before: &HashMap<Hash, Row>, known: &Logs) -> Stock {
        let (mut logs, mut docket) = (Logs::new(), Docket::default());
        let listed = |file: &Hash, id: &Hash| before.get(id).is_some_and(|row| row.file == *file);
        let in_listed: HashSet<Hash> =
            self.parcels.iter().map(|(file, parcel)| (file, parcel.id())).filter(|(file, id)| listed(file, id)).map(|(_, id)| id).collect();
        for (file, parcel) in &self.parcels {
            let operation = operation_of(parcel);
            let under = self.under.get(file).copied().unwrap_or_default();
            let Some(row) = Row::of(parcel, (*file, under), operation.as_ref().map(Operation::id)) else { continue };
            if docket.row(&row.id).is_some() || (in_listed.contains(&row.id) && !listed(file, &row.id)) {
                continue;
            }
            if let Some(operation) = operation {
                enter(&mut logs, row.casebook, Signed { operation, author: parcel.header.device, parcel: row.id });
            }
            let judged = before.get(&row.id).map_or(Judged::Pending, |before| before.judged.clone());
            docket.put(Row { judged, ..row });
        }
        let told_elsewhere = |row: &Row| row.is_stripped() && docket.row(&row.id).is_some();
        let mut kept: Vec<&Row> = before.values().filter(|row| self.unopened.contains(&row.file) && !told_elsewhere(row)).collect();
        kept.sort_by_key(|row| (row.n, row.id));
        for row in kept {
            if let Some(signed) = remembered(row, known) {
                enter(&mut logs, row.casebook, signed);
            }
            docket.put(row.clone());
        }
        docket.stand(&logs);
        let strangers = docket.strangers();
        docket.leave_out(&strangers);
        let mut stock = Stock { logs, docket };
        self.judge(&mut stock, before);
        self.judge_behind(&mut stock, before);
        stock
    }

    /// Judges what was never judged, record by record.
    fn judge(&self, stock: &mut Stock, before: &HashMap<Hash, Row>) {
        let ready = stock.docket.ready();
        let mut found = stock.docket.changes_of(&ready);
        found.retain(|_, rows| rows.iter().all(|(row, _)| before.get(&row.id).is_none_or(|row| row.judged != Judged::Pending)));
        let of = |standing: docket::Standing, rows: &[(&Row, &docket::Standing)]| -> Vec<Hash> {
            rows.iter().filter(|(_, known)| **known == standing).map(|(row, _)| row.id).collect()
        };
        let jobs = found.values().map(|rows| (of(docket::Standing::Accepted, rows), of(docket::Standing::Ready, rows))).collect();
        self.judge_jobs(jobs, stock);
    }

    /// Judges what stands behind others and was never judged, with what it builds on.
    fn judge_behind(&self, stock: &mut Stock, before: &HashMap<Hash, Row>) {
        let unseen = |rows: &Vec<Row>| rows.iter().all(|row| before.get(&row.id).is_none_or(|row| row.judged != Judged::Pending));
        let parted = |rows: Vec<Row>| -> (Vec<Row>, Vec<Row>) { rows.into_iter().partition(|row| row.judged == Judged::Sound) };
        let ids = |rows: Vec<Row>| -> Vec<Hash> { rows.into_iter().map(|row| row.id).collect() };
        let jobs = stock.docket.behind().into_values().filter(unseen).map(parted).map(|(existing, new)| (ids(existing), ids(new))).collect();
        self.judge_jobs(jobs, stock);
    }

    /// Judges changes over others that are sound, each of these lists of one record, and enters what comes of it. Where one of
    /// them does not open here, those of its record wait until it does: without it the others look foreign.
    fn judge_jobs(&self, mut jobs: Vec<(Vec<Hash>, Vec<Hash>)>, stock: &mut Stock) {
        if jobs.is_empty() {
            return;
        }
        let bodies: HashMap<Hash, &[u8]> = self.parcels.iter().filter_map(|(_, parcel)| Some((parcel.id(), change_items(parcel).next()?))).collect();
        jobs.retain(|(existing, new)| existing.iter().chain(new).all(|id| bodies.contains_key(id)));
        let bytes = |ids: &[Hash]| -> Vec<Vec<u8>> { ids.iter().filter_map(|id| bodies.get(id).map(|bytes| bytes.to_vec())).collect() };
        let judged = on_every_core(jobs, |(existing, new)| {
            let verdicts = doc::examine(&bytes(&existing), &bytes(&new)).verdicts;
            new.into_iter().zip(verdicts).collect::<Vec<_>>()
        });
        for (id, verdict) in judged.into_iter().flatten() {
            if let Some(row) = stock.docket.row(&id).cloned() {
                stock.docket.put(Row { judged: judged_as(verdict), ..row });
            }
        }
        stock.docket.stand(&stock.logs);
    }
}

impl Stock {
    /// The records that a change counts for which lies in one of these files: nothing tells all of them.
    fn unread(&self, unopened: &HashSet<Hash>) -> HashSet<Hash> {
        let lies_there = |row: &Row, standing: &docket::Standing| *standing == docket::Standing::Accepted && unopened.contains(&row.file);
        let rows = self.docket.rows().filter(|(row, standing)| lies_there(row, standing));
        rows.filter_map(|(row, _)| row.change().map(|(record, ..)| *record)).collect()
    }
}

/// The judge's verdict as the docket keeps it.
pub(super) fn judged_as(verdict: Verdict) -> Judged {
    match verdict {
        Verdict::Accepted => Judged::Sound,
        Verdict::Refused(refusal) => Judged::Refused(refusal.code()),
        Verdict::Held(hold) => Judged::Held(hold.code().to_owned()),
    }
}

/// The operation of a line as a log remembers it.
fn remembered(row: &Row, known: &Logs) -> Option<Signed> {
    let What::Log { operation } = &row.what else { return None };
    let log = known.get(&row.casebook)?;
    let signed = log.operation(operation).or_else(|| log.waiting().find(|signed| signed.operation.id() == *operation))?;
    Some(Signed { parcel: row.id, ..signed.clone() })
}

/// The membership operation in a parcel.
pub(super) fn operation_of(parcel: &Parcel) -> Option<Operation> {
    let log = parcel.header.items.iter().position(|item| item.kind == ItemKind::Log)?;
    Operation::from_bytes(&parcel.items[log])
}

/// Opens one sealed file and checks everything in it.
fn examined(keyring: &Keyring, (name, bytes): (String, Vec<u8>)) -> Found {
    let intact = hex::encode(plain_hash(&bytes)) == name;
    let parcels = match intact.then(|| keyring.envelope(&Sealed::from_outside(bytes))) {
        Some(Envelope::Parcels(parcels, under)) => Some(Some((parcels, under))),
        Some(Envelope::Refused(_)) => Some(None),
        _ => None,
    };
    Found { name, intact, parcels }
}

/// Writes what the view shows of a record.
pub(super) fn entry_of(record: &str, casebook: &str, seen: doc::View, files: Vec<Kept>, handle: &dyn Fn(&Mark) -> String) -> Option<Entry> {
    let kind = seen.kind?;
    let (by, created, changed) = (handle(&seen.created), seen.created.at, seen.changed);
    let body = Body::new(seen.reading, files, handle);
    let line = line_of(kind, record, casebook, &body, (&by, created, changed));
    Some(Entry { line, body })
}

impl Vault {
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

    /// Reads what the caches are to say from the parcels; nothing is written.
    pub(super) fn remake(&self, progress: &mut dyn Progress) -> Result<Remade, VaultError> {
        let gathered = self.gather(progress)?;
        let mut examined = gathered.examined.clone();
        let stock = gathered.stock(&self.known_before(), &self.logs);
        let entries = self.entries(&gathered, &stock, &mut examined);
        self.check_missing(&gathered, &mut examined);
        examined.records = entries.len() as u64;
        Ok(Remade { examined, entries, stock })
    }

    /// The lines of the docket, where it opens.
    pub(super) fn known_before(&self) -> HashMap<Hash, Row> {
        let docket = Docket::open(&self.store, &self.keyring.storage).unwrap_or_default();
        docket.facts().map(|row| (row.id, row.clone())).collect()
    }

    /// Puts caches made again in the place of the old ones.
    pub(super) fn take_over(&mut self, remade: Remade) -> Result<(), VaultError> {
        self.attempt(|vault| {
            let storage = &vault.keyring.storage;
            let segments: Vec<_> = remade.entries.chunks(RECORDS_A_SEGMENT).map(|part| view::segment(part, storage)).collect::<Result<_, _>>()?;
            let docket = vec![remade.stock.docket.whole(storage)?];
            vault.state.view = view::VERSION;
            vault.state.records = remade.examined.records;
            vault.state.segments = Some(segments.len() as u64);
            vault.state.docket = Some(remade.stock.docket.len() as u64);
            vault.logs = remade.stock.logs;
            vault.note_log_heads();
            let slots = vec![("state", vault.sealed_state()?), vault.sealed_logs()?];
            vault.store.write(Batch { segments, docket, slots, replaces_view: true, replaces_docket: true, ..Batch::default() })
        })
    }

    /// Makes a state that was lost from the parcels: chains go on where this device's own parcels end.
    pub(super) fn remake_state(&mut self) -> Result<(), VaultError> {
        self.enter_chains()?;
        self.state.chains.retain(|_, chain| !chain.chain.is_empty());
        self.rebuild(&mut Silent)?;
        self.forget_no_copies();
        self.save_state()
    }

    /// Takes it that records from before joining were copied wherever this device could have done so: a second copy of them would
    /// be worse than none.
    pub(super) fn forget_no_copies(&mut self) {
        let device = self.keyring.signing.device();
        // A sealed device read them before, and reads them again.
        let read = |book: &CasebookKeys| book.can_read() || self.keyring.mode == Mode::Sealed;
        for book in self.keyring.casebooks.iter().filter(|book| read(book) && book.name.is_some()) {
            let role = self.logs.get(&book.id).and_then(|log| log.membership().role(&device));
            if let Some(chain) = self.state.chains.get_mut(&hex::encode(book.id)) {
                chain.copied |= role >= Some(Role::Editor);
            }
        }
    }

    /// Opens every sealed file; chunks of attachments open to nobody here and are told apart by the records.
    pub(super) fn gather(&self, progress: &mut dyn Progress) -> Result<Gathered, VaultError> {
        let docket = Docket::open(&self.store, &self.keyring.storage).unwrap_or_default();
        let mut gathered = Gathered { entered: docket.facts().map(|row| row.file).collect(), ..Gathered::default() };
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

    /// Reads every record from its accepted parcels, in the order in which they came.
    pub(super) fn entries(&self, gathered: &Gathered, stock: &Stock, examined: &mut Examined) -> Vec<Entry> {
        let by_id: HashMap<Hash, &Parcel> = gathered.parcels.iter().map(|(_, parcel)| (parcel.id(), parcel)).collect();
        let (kept, unread) = (self.kept_entries(&gathered.unopened), stock.unread(&gathered.unopened));
        let mut order: Vec<Hash> = Vec::new();
        let mut records: HashMap<Hash, Vec<&Row>> = HashMap::new();
        for (row, record) in stock
            .docket
            .rows()
            .filter(|(_, standing)| **standing == docket::Standing::Accepted)
            .filter_map(|(row, _)| Some((row, *row.change()?.0)))
            .filter(|(_, record)| !kept.contains_key(record) && !unread.contains(record))
        {
            let rows = records.entry(record).or_default();
            order.extend(rows.is_empty().then_some(record));
            rows.push(row);
        }
        let handles = self.handles(gathered, &stock.logs);
        let read = on_every_core(order, |record| (record, entry(&record, &records[&record], &by_id, &handles)));
        let mut entries = Vec::new();
        for (record, entry) in read {
            match entry {
                // A kind that this version does not know is kept and not shown.
                Some(entry) => entries.extend(entry),
                None => examined.faults.push(Damage::File { name: hex::encode(records[&record][0].file), record: Some(hex::encode(record)) }),
            }
        }
        entries.extend(copies(stock, &by_id, &handles).into_iter().filter(|copy| !kept.values().any(|entry| entry.line.id == copy.line.id)));
        entries.extend(kept.into_values());
        entries
    }

    /// What the view shows of records in files that this device wrote and cannot open: nothing else tells it.
    fn kept_entries(&self, unopened: &HashSet<Hash>) -> HashMap<Hash, Entry> {
        let mut kept = HashMap::new();
        let Some(view) = View::open(&self.store, &self.keyring.storage).ok().filter(|_| !unopened.is_empty()) else { return kept };
        let sealed = |body: &Body| body.parcels.iter().any(|kept| docket::hash_of(&kept.file).is_some_and(|name| unopened.contains(&name)));
        let _ = view.each_body(&self.store, &self.keyring.storage, &mut |line, body| {
            let record = docket::hash_of(&line.id).filter(|_| sealed(&body));
            kept.extend(record.map(|record| (record, Entry { line: line.clone(), body })));
        });
        kept
    }

    /// The handle of every device that wrote a parcel, by casebook and device.
    fn handles(&self, gathered: &Gathered, logs: &Logs) -> Handles {
        let mut handles = Handles::new();
        for (_, parcel) in &gathered.parcels {
            let Some(casebook) = docket::hash_of(&parcel.header.casebook) else { continue };
            let device = parcel.header.device;
            handles.entry((casebook, *device.as_bytes())).or_insert_with(|| self.handle_in(logs, &casebook, &device));
        }
        handles
    }

    /// Enters a chain for every casebook of the keyring, as the parcels tell it: its log, and where this device left off.
    pub(super) fn enter_chains(&mut self) -> Result<(), VaultError> {
        let gathered = self.gather(&mut Silent)?;
        let device = self.keyring.signing.device();
        for book in &self.keyring.casebooks {
            let name = hex::encode(book.id);
            let mut chain = Chain::default();
            let apart = |p: &Parcel| p.header.items.iter().all(|item| item.kind == ItemKind::Keys) && !p.header.items.is_empty();
            let own = || gathered.parcels.iter().map(|(_, p)| p).filter(|p| p.header.casebook == name && p.header.device == device && !apart(p));
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
            *chain = Chain { chain: hex::encode(draw::<8>(chance)), log: std::mem::take(&mut chain.log), ..Chain::default() };
        }
    }
}

/// Reads one record from its parcels; `None` when they cannot be read, no entry when its kind is not known.
fn entry(record: &Hash, rows: &[&Row], by_id: &HashMap<Hash, &Parcel>, handles: &Handles) -> Option<Option<Entry>> {
    let parcels: Vec<&Parcel> = rows.iter().filter_map(|row| by_id.get(&row.id).copied()).collect();
    let bytes: Vec<Vec<u8>> = parcels.iter().flat_map(|parcel| change_items(parcel)).map(<[u8]>::to_vec).collect();
    let authors: Authors = rows.iter().map(|row| (hex::encode(row.actor()), handles.get(&(row.casebook, row.device)).cloned().unwrap_or_default())).collect();
    let seen = doc::examine(&bytes, &[]).view?;
    let casebook = hex::encode(rows.first()?.casebook);
    Some(entry_of(&hex::encode(record), &casebook, seen, files_of(rows), &|mark| author(mark, &authors)))
}

/// Reads the separate copies of records: changes that stand on others which do not count, with all that they build on.
fn copies(stock: &Stock, by_id: &HashMap<Hash, &Parcel>, handles: &Handles) -> Vec<Entry> {
    let beside = stock.docket.beside().into_iter().filter(|copy| copy.rows.iter().all(|row| by_id.contains_key(&row.id))).collect();
    let read = on_every_core(beside, |copy: docket::Beside| entry(&copy.record, &copy.rows, by_id, handles).flatten().map(|entry| as_copy(entry, &copy)));
    read.into_iter().flatten().collect()
}

/// Gives a separate copy its own id. It continues nothing, and no importer knew it.
fn as_copy(mut entry: Entry, copy: &docket::Beside) -> Entry {
    entry.line.id = hex::encode(copy.id);
    entry.line.copy_of = Some(hex::encode(copy.record));
    (entry.line.continues, entry.line.origin) = (None, None);
    entry
}

/// Where some parcels lie, in order.
pub(super) fn files_of(rows: &[&Row]) -> Vec<Kept> {
    rows.iter().map(|row| row.kept()).collect()
}
