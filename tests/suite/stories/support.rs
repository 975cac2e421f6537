//! The built program with a vault of its own, a clock that stands still and cheap unlocking.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use sandyq::crypto::Passphrase;
use sandyq::session::Session;
use sandyq::sys::chance::SystemChance;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::vault::{Founding, Vault};
use serde_json::Value;
use tempfile::TempDir;

/// What the clock of every story shows.
pub const NOW: &str = "2026-05-10T23:50:00+05:00";
/// Handle of the device of every story.
pub const HANDLE: &str = "M-ONE";
const PASSPHRASE: &str = "seven quiet storks cross the steppe";

/// A folder with a vault and the program to use it.
pub struct Program {
    folder: TempDir,
    clock: String,
}

/// What a call left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Program {
    /// A new, empty vault.
    pub fn new() -> Program {
        Program::called(HANDLE)
    }

    /// A new, empty vault of a device with that handle.
    pub fn called(handle: &str) -> Program {
        let program = Program::without_vault();
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        let founding = Founding { passphrase: &passphrase, log_n: 10, handle, time: wall().seconds };
        Vault::found(&program.vault(), &founding, &mut SystemChance).unwrap();
        program
    }

    /// A folder where no vault is yet.
    pub fn without_vault() -> Program {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
        Program { folder, clock: NOW.to_owned() }
    }

    /// A vault with the data set of `examples/`, taken in once and copied for each story.
    pub fn with_data_set() -> Program {
        static FILLED: OnceLock<Program> = OnceLock::new();
        let filled = FILLED.get_or_init(|| {
            let program = Program::new();
            program.ok(&["import", data_set_path().to_str().unwrap()], "");
            program
        });
        filled.copy()
    }

    /// A folder of its own with a copy of this vault.
    pub fn copy(&self) -> Program {
        let program = Program { clock: self.clock.clone(), ..Program::without_vault() };
        copy_folder(&self.vault(), &program.vault());
        program
    }

    pub fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    /// A path in the folder of this story.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same, as an argument.
    pub fn arg(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Sets what the clock shows from now on.
    pub fn at(&mut self, clock: &str) {
        clock.clone_into(&mut self.clock);
    }

    /// The program before its arguments: vault, language, clock, nothing from outside.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandyq"));
        command.env_clear().env("HOME", self.folder.path()).env("SANDYQ_LANG", "en").env("SANDYQ_CLOCK", &self.clock);
        command.arg("--vault").arg(self.vault());
        command
    }

    /// Runs with the passphrase file.
    pub fn run(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command();
        command.arg("--passphrase-file").arg(self.path("passphrase")).args(args);
        finished(command, stdin.as_ref())
    }

    /// Runs what must succeed and returns its data.
    #[track_caller]
    pub fn ok(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> String {
        let ran = self.run(args, stdin);
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        ran.out
    }

    /// Runs what must succeed with `--json` and reads its data, which must be nothing but JSON.
    #[track_caller]
    pub fn json(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Value {
        let out = self.ok(&[&["--json"], args].concat(), stdin);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?} gave no JSON ({error}): {out}"))
    }

    /// Adds one record and returns its short code.
    #[track_caller]
    pub fn add(&self, kind: &str, draft: &Value) -> String {
        self.ok(&["add", kind], draft.to_string()).trim().to_owned()
    }

    /// Adds a person of that name with one detention; returns both short codes.
    #[track_caller]
    pub fn detained(&self, name: &str) -> (String, String) {
        let person = self.add("person", &serde_json::json!({ "names": [{ "text": name }] }));
        let detention = self.add("detention", &serde_json::json!({ "person": person }));
        (person, detention)
    }

    /// Number of records in the vault.
    #[track_caller]
    pub fn records(&self) -> u64 {
        self.json(&[], "")["records"].as_u64().unwrap()
    }

    /// Makes each further opening quick: the work factor of the program was met when it made this vault.
    pub fn cheap(self) -> Program {
        self.session().vault_mut().change_passphrase(&Passphrase::new(PASSPHRASE.to_owned()), 10).unwrap();
        self
    }

    /// Opens the vault without the program.
    pub fn session(&self) -> Session {
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        Session::open(&self.vault(), &passphrase, None, Box::new(FixedClock(wall())), Box::new(SystemChance)).unwrap()
    }
}

/// The moment of the stories.
fn wall() -> Wall {
    Wall::parse(NOW).unwrap()
}

/// Runs a command to its end.
pub fn finished(mut command: Command, stdin: &[u8]) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that refuses early reads no further, which is no failure of the story.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        child.wait_with_output().unwrap()
    });
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The data set of `examples/`.
pub fn data_set_path() -> PathBuf {
    root().join("examples/dataset/kazakhstan-2011-2019.jsonl")
}

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lines of JSON, read.
pub fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Copies a folder with everything below it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            std::fs::copy(path, to).unwrap();
        }
    }
}

/// Names and sizes of the files of a folder, in order.
pub fn files(folder: &Path) -> Vec<(String, u64)> {
    let about = |entry: std::fs::DirEntry| (entry.file_name().to_string_lossy().into_owned(), entry.metadata().unwrap().len());
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| about(entry.unwrap())).collect();
    files.sort();
    files
}
