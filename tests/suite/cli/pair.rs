//! Two members of one casebook who hold the same, a third device to be dismissed, and the stick between them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sandyq::model::Kind;
use sandyq::session::Session;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::team::Role;
use sandyq::transport::Folder;
use sandyq::vault::Vault;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::Program;
use crate::carry::support::{BOOK, Desk};
use crate::support::{NOW, Seeded, copy_folder, passphrase};

/// Handle of the device to be dismissed.
pub const TAKEN: &str = "M-BAD";

pub struct Pair {
    /// The admin.
    pub one: Program,
    /// An editor.
    pub two: Program,
    stick: TempDir,
}

impl Pair {
    /// Twelve people of a few words.
    pub fn small() -> Pair {
        Pair::new(12, 1)
    }

    /// So many people with so many long names that their parcels are moved on in more than one step.
    pub fn large() -> Pair {
        Pair::new(30, 40)
    }

    fn new(people: usize, names: usize) -> Pair {
        let mut one = Desk::founder("M-ONE", 1);
        let (mut two, mut bad) = (Desk::alone("M-TWO", 1000), Desk::alone(TAKEN, 2000));
        one.admits(&mut two, Role::Editor);
        one.admits(&mut bad, Role::Editor);
        one.session.add(&(0..people).map(|number| (Kind::Person, person(number, names))).collect::<Vec<_>>()).expect("people");
        let stick = tempfile::tempdir().expect("a folder");
        for round in 0..2 {
            one.sync(&mut Folder::at(stick.path(), &mut Seeded(7 + round)));
            two.sync(&mut Folder::at(stick.path(), &mut Seeded(17 + round)));
        }
        Pair { one: closed(one), two: closed(two), stick }
    }

    /// Another place with the same stick.
    pub fn stick(&self) -> String {
        self.stick.path().display().to_string()
    }

    /// The stick, copied beside a program.
    pub fn stick_beside(&self, program: &Program) -> String {
        copied(self.stick.path(), &program.beside("stick"))
    }

    /// Asserts that the admin as it is now and the colleague as it was then come to hold the same.
    #[track_caller]
    pub fn converges(&self, one: &Program) {
        let (two, stick) = (self.two.copy(), self.stick_beside(one));
        for program in [one, &two, one, &two] {
            program.run(&["sync", &stick]).exits(0);
        }
        assert_eq!(exported(one), exported(&two));
        assert_eq!((old_parcels(one), old_parcels(&two)), (0, 0));
    }
}

fn copied(from: &Path, to: &Path) -> String {
    copy_folder(from, to);
    to.display().to_string()
}

fn person(number: usize, names: usize) -> Value {
    let long = "Айгерим ".repeat(245);
    let names = (0..names).map(|at| json!({ "text": if at == 0 { format!("Serik Bekov {number}") } else { format!("{long}{at}") } }));
    json!({ "names": names.collect::<Vec<_>>() })
}

/// The vault of a desk, closed.
fn closed(desk: Desk) -> Program {
    let Desk { home, session, .. } = desk;
    drop(session);
    Program::at(home.path().join("vault")).copy()
}

/// Every record of the casebook as anybody gets it.
#[track_caller]
pub fn exported(program: &Program) -> BTreeSet<String> {
    program.run(&["--casebook", BOOK, "export"]).exits(0).out.lines().map(str::to_owned).collect()
}

/// The vault in this process.
pub fn opened(program: &Program) -> Session {
    let vault = Vault::open(&PathBuf::from(program.vault()), &passphrase()).expect("opens");
    let clock = FixedClock(Wall { seconds: NOW, offset_min: 300 });
    let mut session = Session::with(vault, Some(BOOK), Box::new(clock), Box::new(Seeded(77))).expect("begun");
    session.set_safety_work(2);
    session
}

/// How many parcels lie in older epochs.
pub fn old_parcels(program: &Program) -> u64 {
    opened(program).old_epochs().expect("epochs").iter().map(|old| old.epoch.parcels).sum()
}
