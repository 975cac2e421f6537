//! Running the built program: a folder of its own for every test, a clock that stands still, nothing from outside.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use sandyq::crypto::Passphrase;
use sandyq::sys::chance::SystemChance;
use sandyq::vault::{Founding, Vault};
use tempfile::TempDir;

pub const PASSPHRASE: &str = "correct horse battery";
/// Ten past six in the evening, Almaty, on every machine.
const CLOCK: &str = "2026-05-10T18:10:00+05:00";
const SECONDS: i64 = 1_778_418_600;

/// A vault folder with all that a run of the program needs beside it.
pub struct Program {
    folder: TempDir,
    vault: PathBuf,
}

impl Program {
    /// Prepares a place without a vault.
    pub fn new() -> Program {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program { vault: folder.path().join("vault"), folder };
        fs::create_dir(program.temp()).expect("a folder");
        fs::write(program.beside("passphrase"), PASSPHRASE).expect("a file");
        program
    }

    /// Prepares a place with a vault whose passphrase is cheap to guess, so that each unlock takes no time.
    pub fn with_vault() -> Program {
        let program = Program::new();
        found(&program.vault);
        program
    }

    /// Takes a vault that lies elsewhere, as on a stick.
    pub fn at(vault: PathBuf) -> Program {
        Program { vault, ..Program::new() }
    }

    /// Prepares another place with the same vault in it.
    pub fn copy(&self) -> Program {
        let copy = Program::new();
        fs::create_dir(&copy.vault).expect("a folder");
        for file in files_below(&self.vault) {
            fs::copy(&file, copy.vault.join(file.file_name().expect("a name"))).expect("copied");
        }
        copy
    }

    pub fn vault(&self) -> &Path {
        &self.vault
    }

    /// Returns a path outside the vault.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the folder that stands for the system's temporary one.
    pub fn temp(&self) -> PathBuf {
        self.beside("temp")
    }

    /// Returns the arguments of a run, the program first.
    pub fn line(&self, arguments: &[&str]) -> Vec<String> {
        let (vault, passphrase) = (self.vault.display().to_string(), self.beside("passphrase").display().to_string());
        let program = [env!("CARGO_BIN_EXE_sandyq"), "--vault", &vault, "--passphrase-file", &passphrase];
        program.iter().chain(arguments).map(|part| (*part).to_owned()).collect()
    }

    /// Returns a command in surroundings of its own.
    pub fn command(&self, line: &[String]) -> Command {
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("SANDYQ_CLOCK", CLOCK).env("TMPDIR", self.temp()).env("HOME", self.temp()).current_dir(self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.tell(arguments, "")
    }

    /// Runs with a text on standard input.
    pub fn tell(&self, arguments: &[&str], input: &str) -> Outcome {
        self.finish(self.command(&self.line(arguments)), input)
    }

    /// Runs a prepared command to its end.
    pub fn finish(&self, command: Command, input: &str) -> Outcome {
        let mut child = started(command);
        // A program that ends early reads no further: that is its right.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        Outcome::new(&child.wait_with_output().expect("ended"))
    }

    /// Starts a run and leaves it to the test.
    pub fn start(&self, arguments: &[&str]) -> Child {
        started(self.command(&self.line(arguments)))
    }
}

fn started(mut command: Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
}

/// Founds a vault with the smallest work factor.
pub fn found(folder: &Path) {
    let passphrase = Passphrase::new(PASSPHRASE.into());
    let founding = Founding { passphrase: &passphrase, log_n: 10, handle: "M-7KQ", time: SECONDS };
    drop(Vault::found(folder, &founding, &mut SystemChance).expect("founded"));
}

/// How a run ended and what it said.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code; none for a process that was killed.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Outcome {
    fn new(output: &Output) -> Outcome {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Outcome { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Outcome {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self.calm()
    }

    /// Asserts that something was said on stderr.
    #[track_caller]
    pub fn says(self, sentence: &str) -> Outcome {
        assert!(self.err.contains(sentence), "not said: {sentence}\n{self:#?}");
        self
    }

    /// Asserts that the program did not break down.
    #[track_caller]
    pub fn calm(self) -> Outcome {
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self
    }
}

/// Returns every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    sandyq::sys::disk::files_below(folder).expect("listed")
}
