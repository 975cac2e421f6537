//! Desks of a team: each a vault of its own, with a clock and a chance of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sandyq::crypto::{Identity, Sealed, SigningKey, open, plain_hash, safety_digits};
use sandyq::error::Error;
use sandyq::model::Kind;
use sandyq::parcel::{Header, ItemKind, MAGIC, MAX_SEALED, Parcel, unpack};
use sandyq::session::{Admitted, Joined, MemberRow, Session, Synced, TeamPack};
use sandyq::sync::judge::InProcess;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::team::{Badge, Role};
use sandyq::transport::{Mailbox, Memory, Name};
use sandyq::vault::{Founding, Hash, Silent, Vault};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{NOW, Seeded, passphrase};

/// Name of every team's casebook.
pub const BOOK: &str = "almaty";
/// Secret of every team's recovery key.
pub const RECOVERY: [u8; 16] = [7; 16];
/// Work behind safety words in tests.
const WORK: u8 = 2;

/// One device of a team.
pub struct Desk {
    pub home: TempDir,
    pub handle: String,
    pub session: Session,
    seed: u64,
}

impl Desk {
    /// A device with a vault and no team.
    pub fn alone(handle: &str, seed: u64) -> Desk {
        let home = tempfile::tempdir().expect("a folder");
        let founding = Founding { passphrase: &passphrase(), log_n: 10, handle, time: NOW };
        let vault = Vault::found(&home.path().join("vault"), &founding, &mut Seeded(seed)).expect("founded");
        let session = begun(vault, None, NOW, seed + 1);
        Desk { home, handle: handle.to_owned(), session, seed: seed + 2 }
    }

    /// A device that founded the team's casebook.
    pub fn founder(handle: &str, seed: u64) -> Desk {
        let mut desk = Desk::alone(handle, seed);
        desk.session.vault_mut().found_casebook(BOOK, &RECOVERY, &passphrase(), NOW, &mut Seeded(seed + 10)).expect("founded");
        desk.reopen();
        desk
    }

    /// A device that only records for a team, let in by its pack.
    pub fn capture(handle: &str, seed: u64, pack: &TeamPack) -> Desk {
        let home = tempfile::tempdir().expect("a folder");
        let founding = Founding { passphrase: &passphrase(), log_n: 10, handle, time: NOW };
        let invitation = pack.invitation().expect("a pack that fits");
        let vault = Vault::found_capture(&home.path().join("vault"), &founding, &invitation, &mut Seeded(seed)).expect("founded");
        let session = begun(vault, None, NOW, seed + 1);
        Desk { home, handle: handle.to_owned(), session, seed: seed + 2 }
    }

    /// Closes the vault and opens it again.
    pub fn reopen(&mut self) {
        self.reopen_at(NOW);
    }

    /// Closes the vault and opens it again with another clock.
    pub fn reopen_at(&mut self, seconds: i64) {
        self.seed += 1;
        let folder = self.vault();
        self.closed(|_| ());
        let vault = Vault::open(&folder, &passphrase()).expect("opens");
        self.session = begun(vault, None, seconds, self.seed);
    }

    /// Does something while the vault is closed; another one stands in its place then.
    fn closed<T>(&mut self, act: impl FnOnce(&mut Desk) -> T) -> T {
        let spare = tempfile::tempdir().expect("a folder");
        let founding = Founding { passphrase: &passphrase(), log_n: 10, handle: "X", time: NOW };
        let parked = Vault::found(&spare.path().join("vault"), &founding, &mut Seeded(1)).expect("founded");
        drop(std::mem::replace(&mut self.session, begun(parked, None, NOW, 1)));
        act(self)
    }

    /// Copies the folder of the vault: both go on, from the same point of chance or from different ones.
    pub fn copied(&mut self, seed: u64, same_chance: bool) -> Desk {
        let home = tempfile::tempdir().expect("a folder");
        self.closed(|desk| copy_folder(&desk.vault(), &home.path().join("vault")));
        let seed = if same_chance { self.seed + 1 } else { seed };
        let vault = Vault::open(&home.path().join("vault"), &passphrase()).expect("opens");
        let copy = Desk { home, handle: format!("{} copied", self.handle), session: begun(vault, None, NOW, seed), seed };
        self.seed += 1;
        let vault = Vault::open(&self.vault(), &passphrase()).expect("opens");
        self.session = begun(vault, None, NOW, self.seed);
        copy
    }

    /// Loses the vault and restores a backup of it.
    pub fn restored(&mut self, backup: &Path, seed: u64) {
        self.closed(|_| ());
        self.home = tempfile::tempdir().expect("a folder");
        self.seed = seed;
        let restored = Vault::restore(&self.vault(), backup, &passphrase(), 10, &mut Seeded(seed), &mut Silent).expect("restored");
        self.session = begun(restored.vault, None, NOW, seed + 1);
    }

    /// The team's casebook.
    pub fn casebook(&self) -> Hash {
        self.session.vault().casebook(Some(BOOK)).expect("the team's").id
    }

    /// Tells whether this device reads the team's casebook.
    pub fn reads(&self) -> bool {
        self.session.vault().casebook(Some(BOOK)).expect("the team's").can_read()
    }

    /// Every text that records show or once showed.
    pub fn every_word(&mut self) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for line in self.session.list(None).expect("listed") {
            for (_, step) in self.session.history(&line.id).expect("a history") {
                step.edits.iter().flat_map(|(_, before, after)| before.iter().chain(after)).for_each(|value| words_in(value, &mut words));
            }
        }
        for (_, body) in self.seen() {
            words_in(&body, &mut words);
        }
        words
    }

    pub fn vault(&self) -> PathBuf {
        self.home.path().join("vault")
    }

    /// What the owner reads out.
    pub fn words(&self) -> String {
        safety_digits(&self.session.badge().1)
    }

    pub fn badge(&self) -> Badge {
        self.session.badge().0
    }

    /// Lets another device in, its words compared, and gives it the welcome.
    pub fn admits(&mut self, other: &mut Desk, role: Role) -> Joined {
        let admitted = self.session.admit(&other.badge(), role, false, Some(&other.words())).expect("admitted");
        other.joins(admitted).expect("joined")
    }

    pub fn joins(&mut self, admitted: Admitted) -> Result<Joined, Error> {
        let welcome = self.session.read_welcome(admitted.files)?;
        self.session.join(welcome, &passphrase())
    }

    pub fn sync(&mut self, mailbox: &mut dyn Mailbox) -> Synced {
        self.session.turn_to_shared();
        self.session.sync(mailbox, &mut InProcess, &passphrase(), false, &mut Silent).expect("synced")
    }

    /// Records a person with a detention; returns both ids.
    pub fn detained(&mut self, name: &str) -> (String, String) {
        let person = self.session.add(&[(Kind::Person, json!({ "names": [{ "text": name }] }))]).expect("added").remove(0);
        let detention = self.session.add(&[(Kind::Detention, json!({ "person": person }))]).expect("added").remove(0);
        (person, detention)
    }

    pub fn edit(&mut self, id: &str, patch: &Value) {
        self.session.edit(id, patch).expect("edited");
    }

    /// Every sealed file of the vault.
    pub fn files(&mut self) -> Vec<Sealed> {
        let vault = self.session.vault_mut();
        let names = vault.files_after(0).expect("names");
        names.iter().map(|(_, name, _)| vault.file_named(name).expect("a file")).collect()
    }

    /// Every key of the vault, as anybody with stock age would read them.
    pub fn keys(&self) -> Vec<Identity> {
        self.session.vault().keyring().to_text().lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Every secret of the register, as the records hold it.
    pub fn secrets(&mut self) -> Vec<Sealed> {
        let records = serde_json::to_string(&self.seen()).expect("JSON");
        let after = records.split("\"sealed\":\"").skip(1).map(|rest| rest.split('"').next().expect("text"));
        after.map(|digits| Sealed::from_outside(hex::decode(digits).expect("hex"))).collect()
    }

    pub fn signing(&self) -> SigningKey {
        self.session.vault().keyring().signing.clone()
    }

    pub fn heads(&self) -> Vec<[u8; 32]> {
        self.session.vault().log(&self.casebook()).expect("a log").heads()
    }

    pub fn member(&mut self, handle: &str) -> MemberRow {
        self.session.members().expect("members").into_iter().find(|row| row.handle == handle).expect("a member of that handle")
    }

    /// Every record of the team's casebook as everybody must see it: line and body without the names of files.
    pub fn seen(&mut self) -> Vec<(Value, Value)> {
        let vault = self.session.vault_mut();
        let casebook = hex::encode(vault.casebook(Some(BOOK)).expect("the team's").id);
        let view = vault.view().expect("a view");
        let mut seen: Vec<(Value, Value)> = view
            .lines()
            .iter()
            .filter(|line| line.casebook == casebook)
            .map(|line| {
                let mut body = vault.body(&view, &line.id).expect("a body");
                body.parcels.clear();
                (serde_json::to_value(line).expect("JSON"), serde_json::to_value(body).expect("JSON"))
            })
            .collect();
        seen.sort_by_key(|(line, _)| line["id"].as_str().map(str::to_owned));
        seen
    }
}

fn words_in(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(words.insert(text.clone())),
        Value::Array(values) => values.iter().for_each(|value| words_in(value, words)),
        Value::Object(values) => values.values().for_each(|value| words_in(value, words)),
        _ => {}
    }
}

/// Copies the files of a vault.
fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

fn begun(vault: Vault, casebook: Option<&str>, seconds: i64, seed: u64) -> Session {
    let clock = FixedClock(Wall { seconds, offset_min: 300 });
    let mut session = Session::with(vault, casebook, Box::new(clock), Box::new(Seeded(seed))).expect("begun");
    session.set_safety_work(WORK);
    session
}

/// What some keys open of sealed files, with every key that turns up in what they open.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Changes of records.
    pub changes: usize,
    /// Keys that were not known before.
    pub keys: usize,
    /// Anything that is no file of parcels: pieces of attached files, secrets.
    pub others: usize,
}

pub fn found_with(mut keys: Vec<Identity>, files: Vec<Sealed>) -> Found {
    let (mut found, mut shut) = (Found::default(), files);
    loop {
        let (opened, rest): (Vec<_>, Vec<_>) =
            shut.into_iter().map(|file| (open(&keys, &file, MAX_SEALED as u64), file)).partition(|(opened, _)| opened.is_ok());
        shut = rest.into_iter().map(|(_, file)| file).collect();
        if opened.is_empty() {
            return found;
        }
        for (plain, _) in opened {
            let plain = plain.expect("opened");
            let more = keys_in(plain.as_bytes());
            let fresh: Vec<Identity> = more.into_iter().filter(|key| !keys.iter().any(|known| known.recipient() == key.recipient())).collect();
            found.keys += fresh.len();
            keys.extend(fresh);
            found.others += usize::from(!plain.as_bytes().starts_with(MAGIC));
            let parcels = unpack(plain.as_bytes()).unwrap_or_default();
            found.changes += parcels.iter().flat_map(|parcel| &parcel.header.items).filter(|item| matches!(item.kind, ItemKind::Change { .. })).count();
        }
    }
}

fn keys_in(plain: &[u8]) -> Vec<Identity> {
    let text = String::from_utf8_lossy(plain);
    text.match_indices("AGE-SECRET-KEY-").filter_map(|(at, _)| text.get(at..at + 74)?.parse().ok()).collect()
}

/// Checks that nothing in one vault opens a record, an attached file or a secret of another.
pub fn opens_no_record(impostor: &Desk, honest: &mut Desk) {
    let (files, secrets) = (honest.files(), honest.secrets());
    let own = found_with(honest.keys(), files.clone());
    assert!(own.changes > 0 && own.others > 0 && !secrets.is_empty(), "there is something to find: {own:?}");
    assert_eq!(found_with(impostor.keys(), files), Found::default(), "{} opens something", impostor.handle);
    assert_eq!(found_with(impostor.keys(), secrets), Found::default(), "{} opens a secret", impostor.handle);
}

/// A parcel as any program could write it: alone in a chain, signed by any key.
pub fn parcel_by(key: &SigningKey, casebook: &[u8; 32], log: &[[u8; 32]], items: Vec<(ItemKind, Vec<u8>)>, number: u8) -> Parcel {
    let header = Header {
        v: 1,
        casebook: hex::encode(casebook),
        epoch: 0,
        device: key.device(),
        chain: hex::encode([number; 8]),
        n: 0,
        prev: None,
        nonce: hex::encode([number; 16]),
        log: log.iter().map(hex::encode).collect(),
        seen: BTreeMap::new(),
        whole: Vec::new(),
        leaving: false,
        time: NOW,
        with: None,
        crit: Vec::new(),
        items: Vec::new(),
        more: serde_json::Map::new(),
    };
    Parcel::sign(key, header, items).expect("signed")
}

/// A place in memory with some files.
pub fn of_files(files: Vec<Sealed>) -> Memory {
    let mut memory = Memory::new();
    let named: BTreeMap<_, _> = files.into_iter().map(|file| (Name(plain_hash(file.as_bytes())), file)).collect();
    let names: Vec<_> = named.keys().copied().collect();
    memory.leave(&names, &mut |name| Ok(named[name].clone()), &mut |_, _| {}).expect("left");
    memory
}
