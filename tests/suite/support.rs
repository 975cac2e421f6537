//! What many tests need: a seeded chance, a clock that stands still, and a small vault with known records.

use std::path::{Path, PathBuf};

use sandyq::crypto::Passphrase;
use sandyq::model::{Kind, Tree};
use sandyq::session::Session;
use sandyq::sys::chance::Chance;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::vault::{Founding, Silent, Vault};
use serde_json::json;

/// The moment of every test: 2026-05-10 18:00 in Almaty.
pub const NOW: i64 = 1_778_418_000;

pub fn clock() -> FixedClock {
    FixedClock(Wall { seconds: NOW, offset_min: 300 })
}

/// Bytes that look random and are the same in every run (splitmix64).
#[derive(Clone, Debug)]
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

impl Chance for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.next() as u8);
    }
}

pub fn phrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

pub fn passphrase() -> Passphrase {
    phrase("correct horse battery")
}

/// A new vault with the cheap work factor of tests.
pub fn found(folder: &Path) -> Vault {
    let founding = Founding { passphrase: &passphrase(), log_n: 10, handle: "M-7KQ", time: NOW };
    Vault::found(folder, &founding, &mut Seeded(1)).expect("a vault is founded")
}

/// Goes on with a vault; the seed tells one session's chance from another's.
pub fn session(vault: Vault, seed: u64) -> Session {
    Session::with(vault, None, Box::new(clock()), Box::new(Seeded(seed))).expect("a session begins")
}

pub fn opened(folder: &Path) -> Session {
    session(Vault::open(folder, &passphrase()).expect("the vault opens"), 2)
}

/// What the secret leaves of [`twelve`] say.
pub const SECRETS: &[&str] =
    &["Айгүл Досова", "+7 701 555 01 99", "Jane Witness", "Жұмабек көшесі 14", "risk: dismissed from work", "bravo.captured.by", "charlie.received.from"];

/// What the other leaves of [`twelve`] say, Cyrillic and Latin.
pub const PLAIN: &[&str] = &[
    "Ержан Төлегенов",
    "Yerzhan Tolegenov",
    "Мария Ким",
    "Zhanna Sultanova",
    "бригада в масках",
    "taken to the third bus",
    "красная куртка, 30 лет",
    "hit with a baton",
    "Abay avenue crossing",
    "SRC-0007",
    "photo-of-the-bus.jpg",
    "M-7KQ",
    "pixels of the photograph",
];

/// Adds twelve records, an attached file among them; returns their ids in order.
pub fn twelve(session: &mut Session, scratch: &Path) -> Vec<String> {
    let person = |name: &str, more: serde_json::Value| {
        let mut draft = json!({ "names": [{ "text": name }] });
        draft.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        (Kind::Person, draft)
    };
    let mut ids = session
        .add(&[
            (Kind::Incident, json!({ "category": "rally", "title": "Abay avenue crossing" })),
            person("Ержан Төлегенов", json!({ "contacts": [{ "who": "Айгүл Досова", "reach": "+7 701 555 01 99" }] })),
            person("Yerzhan Tolegenov", json!({ "narrative": "taken to the third bus" })),
            person("Мария Ким", json!({ "narrative": "красная куртка, 30 лет" })),
            person("Zhanna Sultanova", json!({})),
            (
                Kind::Source,
                json!({ "code": "SRC-0007", "name": "Jane Witness", "risk": "risk: dismissed from work",
                "contacts": [{ "reach": "Жұмабек көшесі 14" }] }),
            ),
        ])
        .expect("the drafts are taken");
    for (at, note) in [(1, "бригада в масках"), (2, "hit with a baton"), (3, "бригада в масках"), (4, "hit with a baton")] {
        ids.extend(session.add(&[(Kind::Detention, json!({ "person": ids[at], "incident": ids[0], "note": note }))]).expect("a detention is taken"));
    }
    ids.extend(session.add(&[(Kind::Place, json!({ "category": "street_or_square", "name_en": "Abay avenue crossing" }))]).expect("a place is taken"));
    ids.push(attach(session, &ids[0], scratch));
    session.edit(&ids[1], &json!({ "occupation": "taken to the third bus" })).expect("an edit is taken");
    ids
}

fn attach(session: &mut Session, to: &str, scratch: &Path) -> String {
    let photo = scratch.join("photo-of-the-bus.jpg");
    std::fs::write(&photo, "pixels of the photograph ".repeat(40)).expect("a file is written");
    let facts = json!({ "captured_by": "bravo.captured.by", "received_from": "charlie.received.from" });
    session.attach(to, &photo, &facts, &mut Silent).expect("the file is attached")
}

/// A closed vault with the twelve records in a folder that goes away with the test.
pub struct Sample {
    pub home: tempfile::TempDir,
    pub ids: Vec<String>,
    pub trees: Vec<Tree>,
}

impl Sample {
    pub fn new() -> Sample {
        let home = tempfile::tempdir().expect("a folder");
        let mut session = session(found(&home.path().join("vault")), 3);
        let ids = twelve(&mut session, home.path());
        let trees = trees(&mut session, &ids).expect("the records are shown");
        Sample { home, ids, trees }
    }

    pub fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A copy of the vault folder under another name, made anew.
    pub fn copy(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        copy_folder(&self.vault(), &to);
        to
    }
}

/// What the records say, secrets opened.
pub fn trees(session: &mut Session, ids: &[String]) -> Result<Vec<Tree>, sandyq::error::Error> {
    ids.iter().map(|id| session.show(id).map(|shown| shown.tree)).collect()
}

/// Copies the files of a flat folder over whatever was there.
pub fn copy_folder(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
    }
}
