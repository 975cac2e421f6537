//! A device of a team, with a vault full of made-up detentions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sandyq::crypto::{Passphrase, safety_digits};
use sandyq::model::Kind;
use sandyq::session::{Role, Session};
use sandyq::sync::judge::Child;
use sandyq::sys::chance::SystemChance;
use sandyq::sys::clock::SystemClock;
use sandyq::transport::Folder;
use sandyq::vault::{Founding, Silent, Vault};
use serde_json::json;

use super::{PEAK, made};

const WORDS: &str = "orchid-lantern-granite-velvet";
/// scrypt work factor of the vaults: the passphrase is no part of what is measured.
const LOG_N: u8 = 10;
pub const BOOK: &str = "almaty";
/// Drafts saved in one call while a vault is filled.
const AT_ONCE: usize = 2_000;
/// Characters of the narrative of a long record.
pub const LONG: usize = 3_000;

/// Parcels of 100 long records: their making and the edits. Writing each as one command does takes longer than all the rest.
pub const EDITS: usize = 1_000;

/// A vault that is opened for each task anew, as the program does.
pub struct Desk {
    folder: PathBuf,
}

impl Desk {
    /// A device with a vault and no team.
    pub fn alone(folder: &Path, handle: &str) -> Desk {
        std::fs::create_dir_all(folder).expect("a disk with room");
        std::fs::write(folder.join("words"), WORDS).expect("a disk with room");
        let founding = Founding { passphrase: &words(), log_n: LOG_N, handle, time: 0 };
        drop(Vault::found(&folder.join("vault"), &founding, &mut SystemChance).expect("a vault"));
        Desk { folder: folder.to_owned() }
    }

    /// A device that founded the casebook.
    pub fn founder(folder: &Path) -> Desk {
        let desk = Desk::alone(folder, "M-ONE");
        let mut vault = Vault::open(&desk.vault(), &words()).expect("a vault");
        vault.found_casebook(BOOK, &[7; 16], &words(), 0, &mut SystemChance).expect("a casebook");
        drop(vault);
        desk
    }

    /// Lets a new device in, words compared.
    pub fn lets_in(&self, folder: &Path) -> Desk {
        let desk = Desk::alone(folder, "M-TWO");
        let (mut admin, mut newcomer) = (self.open(Some(BOOK)), desk.open(None));
        let (badge, words_heard) = newcomer.badge();
        let admitted = admin.admit(&badge, Role::Editor, false, Some(&safety_digits(&words_heard))).expect("admitted");
        let welcome = newcomer.read_welcome(admitted.files).expect("a welcome");
        newcomer.join(welcome, &words()).expect("joined");
        drop(newcomer);
        desk
    }

    pub fn vault(&self) -> PathBuf {
        self.folder.join("vault")
    }

    pub fn open(&self, casebook: Option<&str>) -> Session {
        Session::open(&self.vault(), &words(), casebook, Box::new(SystemClock), Box::new(SystemChance)).expect("a vault")
    }

    /// Adds so many parcels: a person and a rally, else detentions.
    pub fn fill(&self, from: usize, parcels: usize) {
        let mut session = self.open(Some(BOOK));
        if parcels < 3 {
            session.add(&vec![(Kind::Person, made::person(from)); parcels]).expect("people");
            return;
        }
        let ids = session.add(&[(Kind::Person, made::person(from)), (Kind::Incident, made::incident())]).expect("a rally");
        for start in (from + 2..from + parcels).step_by(AT_ONCE) {
            let some = (start..(from + parcels).min(start + AT_ONCE)).map(|number| (Kind::Detention, made::detention(number, &ids[0], &ids[1])));
            session.add(&some.collect::<Vec<_>>()).expect("detentions");
        }
    }

    /// Adds 100 people with a long narrative, and edits each in turn.
    pub fn edit_long(&self) {
        let mut session = self.open(Some(BOOK));
        let narrative = "taken from the square by two officers ".repeat(LONG / 38 + 1);
        let people = vec![(Kind::Person, json!({ "names": [{ "text": "Dana Kim" }], "narrative": &narrative[..LONG] })); 100];
        let ids = session.add(&people).expect("people");
        for number in 1..EDITS / 100 {
            for id in &ids {
                session.edit(id, &json!({ "occupation": format!("teacher at school {number}") })).expect("an edit");
            }
        }
    }

    /// Writes 10 000 receipts.
    pub fn receipts(&self) {
        let mut session = self.open(Some(BOOK));
        let casebook = session.vault().casebook(Some(BOOK)).expect("the team's").id;
        for time in 0..10_000 {
            session.vault_mut().write_receipt(&casebook, time, &mut SystemChance).expect("a receipt");
        }
    }

    /// Bytes of the sealed files that a task adds.
    pub fn sealed_by(&self, task: impl FnOnce(&Desk)) -> u64 {
        let last = |desk: &Desk| desk.open(Some(BOOK)).vault().files_after(0).expect("files").last().map_or(0, |file| file.0);
        let before = last(self);
        task(self);
        let session = self.open(Some(BOOK));
        let files = session.vault().files_after(before).expect("files");
        files.iter().map(|(_, name, _)| session.vault().file_named(name).expect("a file").as_bytes().len() as u64).sum()
    }

    /// Opens the vault and meets with a stick.
    pub fn sync(&self, stick: &Path) {
        let mut judge = Child::new(std::env::current_exe().expect("a path"), vec!["judge".into()]);
        let mut chance = SystemChance;
        let mut session = self.open(Some(BOOK));
        let met = session.sync(&mut Folder::at(stick, &mut chance), &mut judge, &words(), false, &mut Silent).expect("synced");
        assert!(met.refused.is_empty() && met.exchanged.faults.is_empty());
    }

    /// Peak memory of `sync` as a whole process, in bytes.
    pub fn peak(&self, stick: &Path) -> u64 {
        self.peak_of(&["sync", &stick.display().to_string()])
    }

    /// Peak memory of any command as a whole process, in bytes.
    pub fn peak_of(&self, arguments: &[&str]) -> u64 {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.arg("--vault").arg(self.vault()).arg("--passphrase-file").arg(self.folder.join("words"));
        command.args(["--lang", "en", "--casebook", BOOK]).args(arguments).env(PEAK, "1").stdin(Stdio::null());
        let output = command.output().expect("a process");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said.lines().find_map(|line| line.strip_prefix("VmHWM ")).and_then(|bytes| bytes.parse().ok()).expect("a peak")
    }
}

pub fn words() -> Passphrase {
    Passphrase::new(WORDS.to_owned())
}
