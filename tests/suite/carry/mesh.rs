//! Many devices, many sticks, everything that can go wrong on the way: who holds the same parcels sees the same.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sandyq::crypto::Sealed;
use sandyq::model::Kind;
use sandyq::session::Admitted;
use sandyq::team::{Act, Adopt, Lift, Membership, Operation, Remove, Role, RoleChange, SetAside, Suspend};
use sandyq::transport::{Fault, FaultKind, Folder, Left, Listing, Mailbox, Memory, Name, Open, Progress, Remembered, TransportError};
use sandyq::vault::{Hash, Silent, Standing, What};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::Desk;
use crate::support::{NOW, Seeded};

/// Seeds that once failed.
const KEPT: &[u64] = &[2, 6, 17, 22, 24, 43];
/// 1970 and 2099.
const ODD_CLOCKS: [i64; 2] = [0, 4_070_908_800];
/// Rounds after which everything must stand still.
const ROUNDS: usize = 12;

/// A place in memory with a name of its own, which may lose, repeat, reorder and damage what it gives.
struct Leaky<'a> {
    name: String,
    inner: &'a mut Memory,
    chance: Option<&'a mut Seeded>,
}

impl Mailbox for Leaky<'_> {
    fn place(&self) -> String {
        self.name.clone()
    }

    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        let mut listing = self.inner.list(remembered)?;
        if let Some(chance) = &mut self.chance {
            listing.names.retain(|_| chance.below(4) > 0);
            let again: Vec<Name> = listing.names.iter().filter(|_| chance.below(5) == 0).copied().collect();
            listing.names.extend(again);
            for at in (1..listing.names.len()).rev() {
                listing.names.swap(at, chance.below(at + 1));
            }
            listing.memory = Remembered::default();
        }
        Ok(listing)
    }

    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        let fate = self.chance.as_mut().map_or(11, |chance| chance.below(12));
        let kind = [FaultKind::WrongBytes, FaultKind::Truncated].get(fate).copied();
        kind.map_or_else(|| self.inner.fetch(name), |kind| Err(TransportError::Damaged(Fault { part: "part-0".into(), kind, count: 1 })))
    }

    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError> {
        self.inner.leave(names, open, progress)
    }
}

/// A folder that people carry about, with copies of it from earlier.
struct Stick {
    folder: TempDir,
    earlier: Vec<BTreeMap<String, Vec<u8>>>,
}

impl Stick {
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder").map(|entry| entry.expect("an entry"));
        entries.map(|entry| (entry.file_name().into_string().expect("a name"), std::fs::read(entry.path()).expect("bytes"))).collect()
    }

    fn put_back(&self, files: &BTreeMap<String, Vec<u8>>) {
        self.files().keys().for_each(|name| std::fs::remove_file(self.folder.path().join(name)).expect("removed"));
        files.iter().for_each(|(name, bytes)| std::fs::write(self.folder.path().join(name), bytes).expect("written"));
    }

    /// Cuts, flips, copies or loses a pack, or puts an old copy of the whole stick back.
    fn suffer(&mut self, chance: &mut Seeded) {
        let mut files = self.files();
        let kind = chance.below(7);
        if kind < 2 {
            self.earlier.push(files);
            return;
        }
        if kind == 2 && !self.earlier.is_empty() {
            let old = self.earlier[chance.below(self.earlier.len())].clone();
            return self.put_back(&old);
        }
        let Some(name) = files.keys().nth(chance.below(files.len().max(1))).cloned() else { return };
        let bytes = files.remove(&name).expect("listed");
        let at = chance.below(bytes.len());
        let changed = match kind {
            3 => bytes[..at].to_vec(),
            4 => bytes.iter().enumerate().map(|(place, byte)| if place == at { byte ^ 1 << chance.below(8) } else { *byte }).collect(),
            5 => return,
            _ => {
                files.insert(format!("copy{}.pack", chance.below(9)), bytes.clone());
                bytes
            }
        };
        files.insert(name, changed);
        self.put_back(&files);
    }
}

/// Something somebody wrote, with the parcels that carry it.
struct Said {
    text: String,
    parcels: Vec<Hash>,
}

/// A team at work.
struct Mesh {
    chance: Seeded,
    desks: Vec<Desk>,
    /// Devices that were let in and have not taken their welcome yet.
    outside: Vec<(Desk, Admitted)>,
    sticks: Vec<Stick>,
    memory: Memory,
    backups: Vec<(usize, TempDir, PathBuf)>,
    said: Vec<Said>,
    seeds: u64,
}

/// What one device shows.
#[derive(Debug, PartialEq)]
struct Shown {
    membership: Membership,
    standings: BTreeMap<Hash, Standing>,
    seen: Vec<(Value, Value)>,
    aside: Value,
    chains: String,
}

fn standings(desk: &mut Desk) -> BTreeMap<Hash, Standing> {
    let casebook = desk.casebook();
    let docket = desk.session.vault_mut().docket().expect("a docket");
    // Keys are for one device alone.
    let shared = docket.rows().filter(|(row, _)| row.casebook == casebook && row.what != What::Keys);
    shared.map(|(row, standing)| (row.id, standing.clone())).collect()
}

fn shown(desk: &mut Desk) -> Shown {
    let casebook = desk.casebook();
    let pending = desk.session.pending().expect("listed");
    let aside = json!([pending.aside.iter().map(|a| (&a.handle, &a.code, a.count)).collect::<Vec<_>>(), pending.missing]);
    let chains = format!("{:?} {:?}", pending.forks, desk.session.vault_mut().chains(&casebook).expect("read"));
    let membership = desk.session.vault().log(&casebook).expect("a log").membership().clone();
    Shown { membership, standings: standings(desk), seen: desk.seen(), aside, chains }
}

impl Mesh {
    fn begun(seed: u64) -> Mesh {
        let mut chance = Seeded(seed);
        let stick = || Stick { folder: tempfile::tempdir().expect("a folder"), earlier: Vec::new() };
        let founder = Desk::founder("M-0", chance.next());
        let sticks = vec![stick(), stick()];
        let mut mesh = Mesh {
            seeds: chance.next(),
            chance,
            desks: vec![founder],
            outside: Vec::new(),
            sticks,
            memory: Memory::new(),
            backups: Vec::new(),
            said: Vec::new(),
        };
        mesh.newcomer(Some(Role::Admin), true);
        mesh
    }

    fn seed(&mut self) -> u64 {
        self.seeds = self.seeds.wrapping_add(1_000);
        self.seeds
    }

    fn any(&mut self) -> usize {
        self.chance.below(self.desks.len())
    }

    /// Lets somebody in who recorded something before; some of them take their welcome only later.
    fn newcomer(&mut self, role: Option<Role>, at_once: bool) {
        let (seed, by) = (self.seed(), self.any());
        let number = self.desks.len() + self.outside.len();
        // Two newcomers of two admins may have drawn the same handle.
        let handle = if self.chance.below(3) == 0 { "M-SAME".to_owned() } else { format!("M-{number}") };
        let mut desk = Desk::alone(&handle, seed);
        let before = format!("before{number}");
        let (person, _) = desk.detained(&before);
        desk.edit(&person, &json!({ "occupation": format!("{before}job") }));
        let words = desk.words();
        let admitted = self.desks[by].session.admit(&desk.badge(), role.unwrap_or(Role::Capture), false, role.is_some().then_some(words.as_str()));
        match admitted {
            Ok(admitted) if at_once => self.joins(desk, admitted),
            Ok(admitted) => self.outside.push((desk, admitted)),
            Err(_) => {}
        }
    }

    fn joins(&mut self, mut desk: Desk, admitted: Admitted) {
        let copied = desk.joins(admitted).expect("joined").copied;
        assert!(copied == 0 || copied == 2, "what was recorded before is copied whole");
        self.desks.push(desk);
    }

    /// Notes a text with the parcels that its author wrote for it.
    fn said_by(&mut self, at: usize, text: &str, known: usize) -> usize {
        let own = *self.desks[at].session.vault().keyring().signing.device().as_bytes();
        let casebook = self.desks[at].casebook();
        let docket = self.desks[at].session.vault_mut().docket().expect("a docket");
        let rows: Vec<Hash> = docket.facts().filter(|row| row.device == own && row.casebook == casebook && row.change().is_some()).map(|row| row.id).collect();
        let count = rows.len();
        if !text.is_empty() && count > known {
            self.said.push(Said { text: text.to_owned(), parcels: rows[known..].to_vec() });
        }
        count
    }

    fn step(&mut self) {
        let at = self.any();
        match self.chance.below(34) {
            0..=4 => self.adds(at),
            5..=9 => self.edits(at),
            10 => self.decides(at),
            11 => self.reopens(at),
            12..=17 => self.meets_stick(at),
            18..=20 => self.meets_memory(at),
            21 | 22 => {
                let stick = self.chance.below(self.sticks.len());
                self.sticks[stick].suffer(&mut self.chance);
            }
            23 | 24 if self.desks.len() + self.outside.len() < 6 => {
                let role = [Some(Role::Admin), Some(Role::Editor), Some(Role::Editor), Some(Role::Reader), None][self.chance.below(5)];
                let at_once = self.chance.below(2) == 0;
                self.newcomer(role, at_once);
            }
            25 if !self.outside.is_empty() => {
                let (desk, admitted) = self.outside.remove(0);
                self.joins(desk, admitted);
            }
            26..=28 => self.operates(at),
            29 => self.backs_up(at),
            30 => self.is_restored(),
            31 if self.desks.len() < 6 => self.is_copied(at),
            32 => {
                let clock = ODD_CLOCKS[self.chance.below(2)];
                self.desks[at].reopen_at(clock);
            }
            _ => {
                let examined = self.desks[at].session.vault_mut().check(&mut Silent).expect("examined");
                assert!(!examined.stale && examined.faults.is_empty(), "{}: {:?}", self.desks[at].handle, examined);
            }
        }
    }

    fn adds(&mut self, at: usize) {
        let text = format!("added{}", self.said.len());
        let known = self.said_by(at, "", 0);
        if self.desks[at].session.add(&[(Kind::Person, json!({ "names": [{ "text": text }], "occupation": text }))]).is_ok() {
            self.said_by(at, &text, known);
        }
    }

    fn edits(&mut self, at: usize) {
        let lines = self.desks[at].session.list(Some(Kind::Person)).expect("listed");
        if lines.is_empty() {
            return;
        }
        // Often the same record and field as others.
        let line = if self.chance.below(2) == 0 { 0 } else { self.chance.below(lines.len()) };
        let text = format!("edited{}", self.said.len());
        let patch = if self.chance.below(3) == 0 { json!({ "names": [{ "text": text }] }) } else { json!({ "occupation": text }) };
        let known = self.said_by(at, "", 0);
        if self.desks[at].session.edit(&lines[line].id, &patch).is_ok() {
            self.said_by(at, &text, known);
        }
    }

    fn decides(&mut self, at: usize) {
        let Some(conflict) = self.desks[at].session.conflicts(false).expect("listed").into_iter().next() else { return };
        let voice = &conflict.voices[self.chance.below(conflict.voices.len())];
        let _ = self.desks[at].session.decide(&conflict.line.id, &conflict.about, &voice.id, "heard again");
    }

    fn reopens(&mut self, at: usize) {
        let decided = self.desks[at].session.conflicts(true).expect("listed").into_iter().find(|conflict| conflict.decided.is_some());
        if let Some(conflict) = decided {
            let _ = self.desks[at].session.reopen(&conflict.line.id, &conflict.about, "not sure");
        }
    }

    fn meets_stick(&mut self, at: usize) {
        let seed = self.seed();
        let folder = self.sticks[self.chance.below(2)].folder.path().to_owned();
        let mut names = Seeded(seed);
        self.desks[at].sync(&mut Folder::at(folder, &mut names));
    }

    fn meets_memory(&mut self, at: usize) {
        let mut chance = Seeded(self.seed());
        self.desks[at].sync(&mut Leaky { name: "leaky".into(), inner: &mut self.memory, chance: Some(&mut chance) });
    }

    /// Writes an operation of any kind about anybody, with a right to it or without.
    fn operates(&mut self, at: usize) {
        let seed = self.seed();
        let casebook = self.desks[at].casebook();
        let vault = self.desks[at].session.vault_mut();
        let by = vault.keyring().signing.device();
        let members: Vec<_> = vault.log(&casebook).expect("a log").membership().members.keys().copied().collect();
        let rows: Vec<(Hash, Hash)> =
            vault.docket().expect("a docket").facts().filter(|row| row.casebook == casebook).map(|row| (row.id, row.device)).collect();
        let Some(member) = (!members.is_empty()).then(|| members[self.chance.below(members.len())]) else { return };
        let theirs: Vec<Hash> = rows.iter().filter(|(_, device)| device == member.as_bytes()).map(|(id, _)| *id).collect();
        let some = |chance: &mut Seeded, from: &[Hash]| if from.is_empty() { Vec::new() } else { vec![hex::encode(from[chance.below(from.len())])] };
        let cut = if self.chance.below(3) == 0 { some(&mut self.chance, &theirs) } else { theirs.last().map(hex::encode).into_iter().collect() };
        let every: Vec<Hash> = rows.iter().map(|(id, _)| *id).collect();
        let headers = some(&mut self.chance, &every);
        let role = Role::ALL[self.chance.below(4)];
        let kind = self.chance.below(9);
        let make = |heads: &[Hash], nonce: [u8; 16]| match kind {
            0 => Operation::Remove(Act::new(by, heads, Remove { member, cut }, NOW, nonce)),
            1 | 2 => Operation::Role(Act::new(by, heads, RoleChange { member, role, keeper: false, verified: true, cut }, NOW, nonce)),
            3 => Operation::Suspend(Act::new(by, heads, Suspend { member, cut }, NOW, nonce)),
            4 => Operation::Lift(Act::new(by, heads, Lift { member }, NOW, nonce)),
            5 | 6 => Operation::SetAside(Act::new(by, heads, SetAside { headers, reason: "doubtful".into() }, NOW, nonce)),
            _ => Operation::Adopt(Act::new(by, heads, Adopt { headers, reason: "theirs".into() }, NOW, nonce)),
        };
        vault.operate(&casebook, make, None, NOW, &mut Seeded(seed)).expect("written");
    }

    fn backs_up(&mut self, at: usize) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backup");
        self.desks[at].session.vault_mut().backup(&file, NOW, &mut Silent).expect("backed up");
        self.backups.push((at, folder, file));
    }

    /// A device is lost and comes back as it was when it was backed up.
    fn is_restored(&mut self) {
        if self.backups.is_empty() {
            return;
        }
        let (at, _kept, file) = self.backups.remove(self.chance.below(self.backups.len()));
        let seed = self.seed();
        self.desks[at].restored(&file, seed);
    }

    /// Somebody copies the folder of a vault, and both copies go on.
    fn is_copied(&mut self, at: usize) {
        let seed = self.seed();
        let same_chance = self.chance.below(2) == 0;
        let copy = self.desks[at].copied(seed, same_chance);
        self.desks.push(copy);
    }

    /// Everybody exchanges everything over a place that loses nothing, until nothing moves.
    fn comes_together(&mut self) {
        for (desk, admitted) in std::mem::take(&mut self.outside) {
            self.joins(desk, admitted);
        }
        let mut clean = Memory::new();
        for _ in 0..ROUNDS {
            let mut moved = 0;
            for desk in &mut self.desks {
                let done = desk.sync(&mut Leaky { name: "clean".into(), inner: &mut clean, chance: None });
                moved += done.exchanged.sent + done.exchanged.taken.new.len() as u64 + done.copied;
            }
            if moved == 0 {
                return;
            }
        }
        panic!("exchanging does not end");
    }

    fn agrees(&mut self) -> (usize, usize) {
        let readers: Vec<usize> = (0..self.desks.len()).filter(|at| self.desks[*at].reads()).collect();
        let mut by_set: BTreeMap<BTreeSet<Hash>, (usize, Shown)> = BTreeMap::new();
        for at in &readers {
            let shown = shown(&mut self.desks[*at]);
            assert!(shown.standings.values().all(|standing| !standing.code().is_empty()));
            assert!(!shown.standings.values().any(|standing| *standing == Standing::Ready), "somebody judged everything");
            let set: BTreeSet<Hash> = shown.standings.keys().copied().collect();
            match by_set.get(&set) {
                Some((other, known)) => same(known, &shown, &format!("{} and {}", self.desks[*other].handle, self.desks[*at].handle)),
                None => drop(by_set.insert(set, (*at, shown))),
            }
        }
        (readers.len(), by_set.len())
    }

    /// Each text stands in a record or its history, or in a parcel that is kept with a reason.
    fn keeps_every_text(&mut self) {
        let mut stood: Vec<BTreeMap<Hash, Standing>> = self.desks.iter_mut().map(standings).collect();
        let anywhere: BTreeSet<Hash> = stood.iter().flat_map(|map| map.keys().copied()).collect();
        for at in 0..self.desks.len() {
            if !self.desks[at].reads() {
                continue;
            }
            let words = self.desks[at].every_word();
            let stood = std::mem::take(&mut stood[at]);
            for Said { text, parcels } in &self.said {
                let counts = parcels.iter().filter(|id| stood.get(*id) == Some(&Standing::Accepted)).count();
                assert!(counts < parcels.len() || words.contains(text), "{} lost {text}", self.desks[at].handle);
            }
            for id in &anywhere {
                assert!(stood.contains_key(id) || self.has_excuse(at, id), "{} has nothing of a parcel", self.desks[at].handle);
            }
        }
    }

    /// A parcel may be missing that its device wrote as a stranger, or that is here and sealed to others.
    fn has_excuse(&mut self, at: usize, id: &Hash) -> bool {
        let owners: Vec<(Hash, Standing)> = self
            .desks
            .iter_mut()
            .filter_map(|desk| {
                let docket = desk.session.vault_mut().docket().expect("a docket");
                Some((docket.row(id)?.file, docket.standing(id)?.clone()))
            })
            .collect();
        let vault = self.desks[at].session.vault_mut();
        owners.iter().any(|(file, standing)| *standing == Standing::Refused("stranger".into()) || vault.has_file(file).expect("looked up"))
    }

    fn is_sound(&mut self) {
        for desk in &mut self.desks {
            let examined = desk.session.vault_mut().check(&mut Silent).expect("examined");
            assert!(!examined.stale && examined.faults.is_empty(), "{}: {examined:?}", desk.handle);
            let before = (desk.seen(), standings(desk));
            desk.session.vault_mut().rebuild(&mut Silent).expect("made again");
            assert_eq!(before.0, desk.seen(), "{} shows something else when made again", desk.handle);
            differ(&before.1, &standings(desk), &format!("{} made again", desk.handle));
        }
    }
}

fn differ(one: &BTreeMap<Hash, Standing>, other: &BTreeMap<Hash, Standing>, who: &str) {
    let of = |map: &BTreeMap<Hash, Standing>, id: &Hash| map.get(id).map(|standing| standing.code().to_owned());
    let ids: BTreeSet<&Hash> = one.keys().chain(other.keys()).collect();
    let differ: Vec<_> = ids.into_iter().filter(|id| one.get(*id) != other.get(*id)).map(|id| (hex::encode(&id[..4]), of(one, id), of(other, id))).collect();
    assert!(differ.is_empty(), "standings of {who}: {differ:?}");
}

/// Says what differs between two that hold the same parcels.
fn same(one: &Shown, other: &Shown, who: &str) {
    assert!(one.membership == other.membership, "membership of {who}");
    differ(&one.standings, &other.standings, who);
    assert_eq!(one.seen, other.seen, "records of {who}");
    assert_eq!((&one.aside, &one.chains), (&other.aside, &other.chains), "reasons of {who}");
}

fn story(seed: u64) -> (usize, usize) {
    let mut mesh = Mesh::begun(seed);
    for _ in 0..20 + mesh.chance.below(25) {
        mesh.step();
    }
    mesh.comes_together();
    let groups = mesh.agrees();
    mesh.keeps_every_text();
    mesh.is_sound();
    groups
}

#[test]
fn same_parcels_mean_the_same_casebook_whatever_happened_on_the_way() {
    for seed in KEPT {
        story(*seed);
    }
    let (readers, groups) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 32, rng_seed: RngSeed::Fixed(7), failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    proptest!(config, |(seed in any::<u64>())| {
        let (all, sets) = story(seed);
        readers.set(readers.get() + all);
        groups.set(groups.get() + sets);
    });
    let (readers, groups) = (readers.get(), groups.get());
    assert!(readers > groups + 40, "many compared: {readers} devices in {groups} sets");
}
