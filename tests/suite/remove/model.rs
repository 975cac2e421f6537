//! A team over months, with everything at once: arrests, mistrust, lost laptops, sealed ones, new keys, and months apart.
//! Who holds the same sees the same, nothing honest is lost, and who is out opens nothing that was sealed since.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;

use sandyq::crypto::words::{Lang, recovery_words};
use sandyq::crypto::{DeviceId, Identity, Sealed, plain_hash};
use sandyq::model::Kind;
use sandyq::sync::judge::InProcess;
use sandyq::team::{Act, Add, Adopt, Log, Membership, Operation, Remove, Role, SetAside};
use sandyq::vault::{Hash, Mode, Silent, Standing, What};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::desks::{Table, every_key, mark, meet, since, team};
use crate::carry::support::{Desk, Found, RECOVERY, found_with};
use crate::support::{NOW, Seeded, passphrase};

/// Seeds that once failed.
const KEPT: &[u64] = &[100, 101, 104, 106, 109, 204, 205, 352];
const CASES: u64 = 3;
const MONTH: i64 = 30 * 24 * 3600;
const MOST_DESKS: usize = 7;

/// A file with the devices that were out when it was sealed, as its sealer knew.
struct SealedThen {
    file: Sealed,
    out: BTreeSet<DeviceId>,
}

struct Months {
    chance: Seeded,
    seeds: u64,
    now: i64,
    desks: Vec<Desk>,
    sticks: Vec<Table>,
    backups: Vec<(usize, TempDir, PathBuf)>,
    /// Every parcel with a change that somebody wrote.
    written: BTreeMap<Hash, DeviceId>,
    sealed: Vec<SealedThen>,
    /// Names of the files that somebody sealed already.
    names: HashSet<Hash>,
    /// Devices that came back after somebody knew of their removal: they were given everything again.
    back: BTreeSet<DeviceId>,
    texts: u64,
}

impl Months {
    fn begun(seed: u64) -> Months {
        let mut chance = Seeded(seed);
        let desks = vec![Desk::founder("M-0", chance.next())];
        let (seeds, sticks) = (chance.next(), vec![Table::new(), Table::new()]);
        let mut months = Months {
            chance,
            seeds,
            now: NOW,
            desks,
            sticks,
            backups: Vec::new(),
            written: BTreeMap::new(),
            sealed: Vec::new(),
            names: HashSet::new(),
            back: BTreeSet::new(),
            texts: 0,
        };
        months.newcomer(0, Role::Admin);
        months.newcomer(0, Role::Editor);
        months
    }

    fn seed(&mut self) -> u64 {
        self.seeds = self.seeds.wrapping_add(1_000);
        self.seeds
    }

    fn any(&mut self) -> usize {
        self.chance.below(self.desks.len())
    }

    fn newcomer(&mut self, by: usize, role: Role) {
        let (seed, handle) = (self.seed(), format!("M-{}", self.desks.len()));
        let mut desk = Desk::alone(&handle, seed);
        let (badge, words) = (desk.badge(), desk.words());
        if let Ok(admitted) = self.desks[by].session.admit(&badge, role, false, (role > Role::Capture).then_some(words.as_str())) {
            desk.joins(admitted).expect("joined");
            self.desks.push(desk);
        }
    }

    /// Does something at one desk, and notes what it sealed with whom it knew to be out.
    fn at(&mut self, at: usize, act: impl FnOnce(&mut Months)) {
        let (before, out) = (mark(&self.desks[at]), out_of(&self.desks[at]));
        act(self);
        let names = &mut self.names;
        let new = since(&self.desks[at], before).into_iter().filter(|file| names.insert(plain_hash(file.as_bytes())));
        self.sealed.extend(new.map(|file| SealedThen { file, out: out.clone() }));
        let team = team(&self.desks[at]);
        let casebook = self.desks[at].casebook();
        let log = self.desks[at].session.vault().log(&casebook).expect("a log");
        let removed = log.taken().filter_map(|signed| if let Operation::Remove(act) = &signed.operation { Some(act.what.member) } else { None });
        self.back.extend(removed.filter(|device| team.members.contains_key(device)));
        let device = self.desks[at].signing().device();
        let own = *device.as_bytes();
        let docket = self.desks[at].session.vault_mut().docket().expect("a docket");
        let changes = docket.facts().filter(|row| row.device == own && row.casebook == casebook && row.change().is_some());
        self.written.extend(changes.map(|row| (row.id, device)));
    }

    fn step(&mut self) {
        let at = self.any();
        self.desks[at].session.turn_to_shared();
        match self.chance.below(40) {
            0..=5 => self.at(at, |months| months.adds(at)),
            6..=9 => self.at(at, |months| months.edits(at)),
            10..=17 => {
                let stick = self.chance.below(2);
                self.at(at, |months| {
                    let mut table = std::mem::replace(&mut months.sticks[stick], Table::new());
                    months.desks[at].sync(&mut table);
                    months.sticks[stick] = table;
                });
            }
            18 | 19 => {
                let other = self.any();
                if other != at {
                    self.meets(at, other);
                }
            }
            20 | 21 if self.desks.len() < MOST_DESKS => {
                let role = [Role::Admin, Role::Editor, Role::Reader, Role::Capture][self.chance.below(4)];
                self.at(at, |months| months.newcomer(at, role));
            }
            22 | 23 => self.at(at, |months| months.dismisses(at)),
            24 => self.remove_each_other(),
            25 => self.at(at, |months| months.changes_role(at)),
            26 => self.at(at, |months| months.suspends_or_lifts(at)),
            27 => self.at(at, |months| drop(months.desks[at].session.roll(&passphrase(), &mut Silent))),
            28 => self.roll_at_once(),
            29..=31 => self.at(at, |months| months.decides(at)),
            32 => self.at(at, |months| months.lets_back_in(at)),
            33 => self.apart(),
            34 => self.backs_up(at),
            35 => self.is_restored(),
            36 => drop(self.desks[at].session.seal(&passphrase())),
            37 => self.gives_keys_back(at),
            38 => self.at(at, |months| drop(months.desks[at].session.retire(&passphrase()))),
            _ => {
                let examined = self.desks[at].session.vault_mut().check(&mut Silent).expect("examined");
                assert!(!examined.stale && examined.faults.is_empty(), "{}: {examined:?}", self.desks[at].handle);
            }
        }
    }

    fn adds(&mut self, at: usize) {
        self.texts += 1;
        let text = format!("text{}", self.texts);
        let _ = self.desks[at].session.add(&[(Kind::Person, json!({ "names": [{ "text": text }], "occupation": text }))]);
    }

    fn edits(&mut self, at: usize) {
        let lines = self.desks[at].session.list(Some(Kind::Person)).expect("listed");
        if lines.is_empty() {
            return;
        }
        self.texts += 1;
        let line = self.chance.below(lines.len());
        let _ = self.desks[at].session.edit(&lines[line].id, &json!({ "occupation": format!("text{}", self.texts) }));
    }

    fn meets(&mut self, one: usize, other: usize) {
        let mut table = Table::new();
        for at in [one, other, one] {
            self.at(at, |months| drop(months.desks[at].sync(&mut table)));
        }
    }

    /// The handle of somebody in the team, as this device knows it.
    fn somebody(&mut self, at: usize) -> Option<String> {
        let members = self.desks[at].session.members().expect("members");
        (!members.is_empty()).then(|| members[self.chance.below(members.len())].device.clone())
    }

    fn dismisses(&mut self, at: usize) {
        if let Some(member) = self.somebody(at) {
            let _ = self.desks[at].session.dismiss(&member, &passphrase(), &mut Silent);
        }
    }

    fn remove_each_other(&mut self) {
        let admins: Vec<usize> = (0..self.desks.len()).filter(|at| role(&self.desks[*at]) == Some(Role::Admin)).collect();
        let [one, other, ..] = admins[..] else { return };
        for (at, who) in [(one, other), (other, one)] {
            let device = self.desks[who].signing().device().to_string();
            self.at(at, |months| drop(months.desks[at].session.dismiss(&device, &passphrase(), &mut Silent)));
        }
    }

    fn changes_role(&mut self, at: usize) {
        let role = Role::ALL[self.chance.below(4)];
        if let Some(member) = self.somebody(at) {
            let _ = self.desks[at].session.change_role(&member, role, self.texts.is_multiple_of(2), &passphrase(), &mut Silent);
        }
    }

    fn suspends_or_lifts(&mut self, at: usize) {
        if let Some(member) = self.somebody(at) {
            let suspended = self.desks[at].session.suspend(&member).is_ok();
            if !suspended {
                let _ = self.desks[at].session.lift(&member);
            }
        }
    }

    fn roll_at_once(&mut self) {
        for at in 0..self.desks.len() {
            self.at(at, |months| drop(months.desks[at].session.roll(&passphrase(), &mut Silent)));
        }
    }

    /// An admin adopts or sets aside some parcel, or takes somebody out and makes no new keys.
    fn decides(&mut self, at: usize) {
        let (seed, casebook, kind) = (self.seed(), self.desks[at].casebook(), self.chance.below(5));
        let team = team(&self.desks[at]);
        let by = self.desks[at].signing().device();
        if team.role(&by) != Some(Role::Admin) {
            return;
        }
        let docket = self.desks[at].session.vault_mut().docket().expect("a docket");
        let rows: Vec<Hash> = docket.facts().filter(|row| row.casebook == casebook && row.change().is_some()).map(|row| row.id).collect();
        let headers = rows.get(self.chance.below(rows.len().max(1))).map(hex::encode).into_iter().collect::<Vec<_>>();
        let members: Vec<DeviceId> = team.members.keys().copied().collect();
        let member = members[self.chance.below(members.len())];
        let make = |heads: &[Hash], nonce: [u8; 16]| match kind {
            0 => Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW, nonce)),
            1 | 2 => Operation::SetAside(Act::new(by, heads, SetAside { headers, reason: "doubtful".into() }, NOW, nonce)),
            _ => Operation::Adopt(Act::new(by, heads, Adopt { headers, reason: "theirs".into() }, NOW, nonce)),
        };
        self.desks[at].session.vault_mut().operate(&casebook, make, None, NOW, &mut Seeded(seed)).expect("written");
    }

    /// Somebody who was out is let in again.
    fn lets_back_in(&mut self, at: usize) {
        let (seed, casebook) = (self.seed(), self.desks[at].casebook());
        let team = team(&self.desks[at]);
        let by = self.desks[at].signing().device();
        let may = team.role(&by) == Some(Role::Admin) && self.desks[at].reads();
        let Some((device, former)) = team.former.iter().next().filter(|_| may) else { return };
        self.back.insert(*device);
        let badge = former.badge.clone();
        let add = Add { badge: badge.clone(), role: Role::Editor, keeper: false, verified: true, invite: None };
        let make = |heads: &[Hash], nonce: [u8; 16]| Operation::Add(Act::new(by, heads, add, NOW, nonce));
        self.desks[at].session.vault_mut().operate(&casebook, make, Some(&badge), NOW, &mut Seeded(seed)).expect("written");
    }

    /// Months go by.
    fn apart(&mut self) {
        self.now += (1 + self.chance.below(6) as i64) * MONTH;
        let at = self.any();
        self.desks[at].reopen_at(self.now);
    }

    fn backs_up(&mut self, at: usize) {
        if self.desks[at].session.mode() != Mode::Open {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("backup");
        self.desks[at].session.vault_mut().backup(&file, self.now, &mut Silent).expect("backed up");
        self.backups.push((at, folder, file));
    }

    fn is_restored(&mut self) {
        if let Some((at, _kept, file)) = self.backups.pop() {
            let seed = self.seed();
            self.desks[at].restored(&file, seed);
            self.desks[at].session.turn_to_shared();
        }
    }

    /// A colleague gives a sealed device its keys back.
    fn gives_keys_back(&mut self, at: usize) {
        let sealed: Vec<usize> = (0..self.desks.len()).filter(|at| self.desks[*at].session.mode() == Mode::Sealed).collect();
        for other in sealed.into_iter().filter(|other| *other != at) {
            let (badge, words) = (self.desks[other].badge(), self.desks[other].words());
            let files = self.desks[at].session.reopening(&badge, &words);
            let _ = files.map(|files| self.desks[other].session.unseal(files, &passphrase()));
            self.desks[other].session.turn_to_shared();
        }
    }

    /// Everybody meets; who is sealed is opened, and new keys are made where they are due.
    fn comes_together(&mut self) {
        for _ in 0..2 {
            self.all_meet();
            for at in 0..self.desks.len() {
                self.gives_keys_back(at);
            }
        }
        self.all_meet();
        if self.admins().is_empty() {
            self.is_recovered();
        }
        assert!(!self.admins().is_empty(), "somebody decides again");
        for _ in 0..2 {
            for admin in self.admins() {
                self.at(admin, |months| {
                    let _ = months.desks[admin].session.roll(&passphrase(), &mut Silent);
                });
                self.all_meet();
            }
        }
    }

    /// Who belongs to the casebook by everything that anybody knows.
    fn truth(&self) -> Membership {
        let mut log = Log::new(self.desks[0].casebook());
        for desk in &self.desks {
            let own = desk.session.vault().log(&desk.casebook()).expect("a log");
            for signed in own.taken() {
                log.take(signed.clone());
            }
        }
        log.membership().clone()
    }

    /// Those who are in with at least a role, and open what they hold.
    fn those(&self, least: Role) -> Vec<usize> {
        let truth = self.truth();
        let open = |desk: &Desk| truth.role(&desk.signing().device()) >= Some(least) && desk.reads();
        (0..self.desks.len()).filter(|at| open(&self.desks[*at])).collect()
    }

    fn admins(&self) -> Vec<usize> {
        self.those(Role::Admin)
    }

    /// Those who are in, read, and are not sealed.
    fn readers(&self) -> Vec<usize> {
        self.those(Role::Reader)
    }

    fn all_meet(&mut self) {
        let mut all: Vec<&mut Desk> = self.desks.iter_mut().collect();
        meet(&mut all);
    }

    fn is_recovered(&mut self) {
        let mut table = Table::new();
        for _ in 0..2 {
            self.desks.iter_mut().for_each(|desk| drop(desk.sync(&mut table)));
        }
        let seed = self.seed();
        let mut desk = Desk::alone("M-NEW", seed);
        desk.session.recover(&recovery_words(Lang::En, &RECOVERY), &mut table, &mut InProcess, &passphrase(), &mut Silent).expect("recovered");
        desk.reopen();
        self.desks.push(desk);
        self.all_meet();
    }

    fn agrees(&mut self) {
        let readers = self.readers();
        let first = shown(&mut self.desks[readers[0]]);
        for at in &readers[1..] {
            let (other, who) = (shown(&mut self.desks[*at]), format!("{} and {}", self.desks[readers[0]].handle, self.desks[*at].handle));
            differ(&first.standings, &other.standings, &who);
            assert!(first.team == other.team, "team of {who}");
            assert_eq!(first.seen, other.seen, "records of {who}");
        }
    }

    /// Each parcel that anybody wrote is here, with a standing, at each who reads. Only what somebody wrote who is out may have
    /// been sealed to nobody but others who are out.
    fn loses_nothing(&mut self) {
        let (truth, readers) = (self.truth(), self.readers());
        let held: Vec<BTreeMap<Hash, Standing>> = readers.iter().map(|at| standings(&mut self.desks[*at])).collect();
        for (id, by) in &self.written {
            let excused = !truth.members.contains_key(by) && held.iter().all(|standings| !standings.contains_key(id));
            for (standings, at) in held.iter().zip(&readers).filter(|_| !excused) {
                let handle = &self.desks[*at].handle;
                assert!(standings.contains_key(id), "{handle} lost {} of {by}", hex::encode(id));
                assert!(standings[id] != Standing::Ready, "{handle} never judged {}", hex::encode(id));
            }
        }
    }

    fn opens_nothing_new(&mut self) -> usize {
        let now = self.truth();
        let mut tried = 0;
        for at in 0..self.desks.len() {
            let device = self.desks[at].signing().device();
            if now.members.contains_key(&device) || self.back.contains(&device) {
                continue;
            }
            let keys: Vec<Identity> = every_key(&mut self.desks[at]);
            let files: Vec<Sealed> = self.sealed.iter().filter(|sealed| sealed.out.contains(&device)).map(|sealed| sealed.file.clone()).collect();
            tried += files.len();
            assert_eq!(found_with(keys, files), Found::default(), "{} opens something", self.desks[at].handle);
        }
        tried
    }

    fn is_sound(&mut self) {
        for desk in &mut self.desks {
            let examined = desk.session.vault_mut().check(&mut Silent).expect("examined");
            assert!(!examined.stale && examined.faults.is_empty(), "{}: {examined:?}", desk.handle);
            let before = (desk.seen(), standings(desk));
            desk.session.vault_mut().rebuild(&mut Silent).expect("made again");
            differ(&before.1, &standings(desk), &format!("{} made again", desk.handle));
            assert_eq!(before.0, desk.seen(), "{} shows something else when made again", desk.handle);
        }
    }
}

/// What one device shows.
struct Shown {
    team: Membership,
    standings: BTreeMap<Hash, Standing>,
    seen: Vec<(Value, Value)>,
}

fn shown(desk: &mut Desk) -> Shown {
    Shown { team: team(desk), standings: standings(desk), seen: desk.seen() }
}

fn standings(desk: &mut Desk) -> BTreeMap<Hash, Standing> {
    let casebook = desk.casebook();
    let docket = desk.session.vault_mut().docket().expect("a docket");
    let shared = docket.rows().filter(|(row, _)| row.casebook == casebook && row.what != What::Keys);
    shared.map(|(row, standing)| (row.id, standing.clone())).collect()
}

fn differ(one: &BTreeMap<Hash, Standing>, other: &BTreeMap<Hash, Standing>, who: &str) {
    let of = |map: &BTreeMap<Hash, Standing>, id: &Hash| map.get(id).map(|standing| standing.code().to_owned());
    let ids: BTreeSet<&Hash> = one.keys().chain(other.keys()).collect();
    let differ: Vec<_> = ids.into_iter().filter(|id| one.get(*id) != other.get(*id)).map(|id| (hex::encode(&id[..4]), of(one, id), of(other, id))).collect();
    assert!(differ.is_empty(), "standings of {who}: {differ:?}");
}

fn role(desk: &Desk) -> Option<Role> {
    team(desk).role(&desk.signing().device())
}

/// Devices that this one knows to be out.
fn out_of(desk: &Desk) -> BTreeSet<DeviceId> {
    team(desk).former.keys().copied().collect()
}

/// Names the story when it fails.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the story of seed {} failed", self.0);
        }
    }
}

fn story(seed: u64) -> usize {
    let _told = Told(seed);
    let mut months = Months::begun(seed);
    for _ in 0..25 + months.chance.below(25) {
        months.step();
    }
    months.comes_together();
    months.agrees();
    months.loses_nothing();
    months.is_sound();
    months.opens_nothing_new()
}

#[test]
fn months_of_arrests_and_new_keys_lose_nothing_honest_and_open_nothing_to_those_who_are_out() {
    let tried: usize = KEPT.iter().copied().chain(200..200 + CASES).map(story).sum();
    assert!(tried > 20, "many files were tried: {tried}");
}
