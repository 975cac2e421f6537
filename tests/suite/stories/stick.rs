//! A team that shares nothing but sticks and single packs, through the built program.

mod blind;
mod copied;
mod holding;
mod meeting;
mod people;
mod pulled;
mod room;
mod taken;

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

use super::support::{Program, Ran};

/// Name of every team's casebook.
pub const BOOK: &str = "almaty";

/// Two devices of one casebook that have exchanged nothing yet but a welcome, and the recovery words of the casebook.
pub struct Team {
    pub one: Program,
    pub two: Program,
    pub words: String,
}

impl Team {
    /// A copy of a team that met once.
    pub fn new() -> Team {
        static MET: OnceLock<Team> = OnceLock::new();
        let met = MET.get_or_init(Team::founded);
        Team { one: met.one.copy(), two: met.two.copy(), words: met.words.clone() }
    }

    fn founded() -> Team {
        let (one, words) = founder("M-ONE");
        let two = Program::called("M-TWO");
        admitted(&one, &two);
        Team { one, two, words }
    }

    /// Lets both meet with a place until neither brings anything new.
    #[track_caller]
    pub fn meet(&self, place: &Path) {
        for program in [&self.one, &self.two, &self.one, &self.two, &self.one] {
            synced(program, place);
        }
    }

    /// Checks that both hold the same, whole.
    #[track_caller]
    pub fn equal(&self) {
        assert_eq!(exported(&self.one), exported(&self.two));
        whole(&self.one);
        whole(&self.two);
    }
}

/// A device that founded the casebook, and the recovery words.
pub fn founder(handle: &str) -> (Program, String) {
    let program = Program::called(handle);
    let words = program.ok(&["--casebook", BOOK, "init"], "");
    (program, words)
}

/// The badge of a device, and the words that its owner reads out.
pub fn badge(program: &Program) -> (String, String) {
    let badge = program.json(&["badge"], "");
    let text = |name: &str| badge[name].as_str().expect("text").to_owned();
    (text("badge"), text("words"))
}

/// Lets a device in as editor and hands the welcome over.
pub fn admitted(admin: &Program, newcomer: &Program) {
    let (badge, words) = badge(newcomer);
    let welcome = newcomer.arg("welcome");
    admin.ok(&["admit", &badge, "--words", &words, "--out", &welcome], "");
    newcomer.ok(&["join", &welcome], "");
}

pub fn sync(program: &Program, place: &Path) -> Ran {
    program.run(&["sync", place.to_str().expect("text")], "")
}

/// What a meeting without any trouble did.
#[track_caller]
pub fn synced(program: &Program, place: &Path) -> Value {
    program.json(&["sync", place.to_str().expect("text")], "")
}

/// Every record of the casebook, one a line.
#[track_caller]
pub fn exported(program: &Program) -> Vec<String> {
    program.ok(&["--casebook", BOOK, "export"], "").lines().map(str::to_owned).collect()
}

#[track_caller]
pub fn whole(program: &Program) {
    assert_eq!(program.json(&["check"], "")["whole"], true);
}

/// Adds a person of that name; returns the short code.
#[track_caller]
pub fn person(program: &Program, name: &str) -> String {
    program.add("person", &serde_json::json!({ "names": [{ "text": name }] }))
}

/// A folder that stands for a stick.
pub fn folder(program: &Program) -> std::path::PathBuf {
    let path = program.path("stick");
    std::fs::create_dir(&path).expect("a folder");
    path
}
