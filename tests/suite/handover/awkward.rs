//! Files that are no bundle, no answer, or cannot be read: each is told for what it is, with its exit code, and nothing is lost.

use std::path::Path;
use std::process::Command;

use sandyq::crypto::{Lock, Passphrase};
use sandyq::locale::Texts;
use serde_json::{Value, json};

use super::container_support::*;
use crate::stories::support::{Program, Ran, finished};
use crate::transport::mounted::Disk;

/// A vault with one hand-over, and beside it whatever somebody may give to the program.
struct Shelf(Program);

impl Shelf {
    fn new() -> Shelf {
        let shelf = Shelf(Program::without_vault());
        let words = |zip: &[u8]| sealed(&Lock::Words { words: Passphrase::words(WORDS), log_n: 10 }, zip);
        shelf.put("empty", b"");
        shelf.put("text", "Не запечатано".as_bytes());
        shelf.put("else", &words(b"an age file of something else"));
        shelf.put("keys.zip.age", &sealed(&to_recipient(), &zipped()));
        shelf.put("words", WORDS.as_bytes());
        shelf.put("wrong", b"ability ability ability ability ability ability");
        shelf.put("key", recipient().secret_text().as_bytes());
        std::fs::create_dir_all(shelf.0.path("Дело Әлии/папка")).expect("a folder");
        shelf.put("Дело Әлии/дело №1.zip.age", &words(&zipped()));
        shelf
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path(name), bytes).expect("written");
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.0.command();
        command.current_dir(self.0.path(".")).arg("--json").args(arguments);
        finished(command, b"")
    }
}

/// Asserts exit code and text, and that a script got one document or none.
#[track_caller]
fn refused(ran: &Ran, code: i32, text: &str) {
    let texts = Texts::new("en");
    let begins = texts.find(text, &[("reason", "")]).expect("a text");
    assert!(ran.code == code && ran.err.contains(begins.trim_end()), "{text}: {ran:#?}");
    assert!(ran.out.is_empty() || serde_json::from_str::<Value>(&ran.out).is_ok(), "{ran:#?}");
    assert!(!ran.err.contains("panicked"), "{ran:#?}");
}

#[test]
fn what_is_no_bundle_is_told_for_what_it_is() {
    let shelf = Shelf::new();
    let cases = [
        ("empty", "words", 20, "err-bundle-damaged"),
        ("text", "words", 20, "err-bundle-damaged"),
        ("else", "words", 20, "hint-bundle-wrong"),
        ("Дело Әлии/папка", "words", 1, "err-file-unreadable"),
        ("absent", "words", 1, "err-file-unreadable"),
        ("Дело Әлии/дело №1.zip.age", "wrong", 12, "err-bundle-no-key"),
        ("Дело Әлии/дело №1.zip.age", "absent", 1, "err-file-unreadable"),
        ("Дело Әлии/дело №1.zip.age", "Дело Әлии", 1, "err-file-unreadable"),
        ("keys.zip.age", "words", 12, "err-bundle-key-needed"),
    ];
    for (name, words, code, text) in cases {
        refused(&shelf.run(&["bundle", "verify", name, "--words-file", words]), code, text);
        refused(&shelf.run(&["bundle", "open", name, "--words-file", words, "--to", "out"]), code, text);
        assert!(!shelf.0.path("out").exists(), "{name}");
    }
    refused(&shelf.run(&["bundle", "verify", "keys.zip.age", "--identity", "Дело Әлии"]), 1, "err-file-unreadable");
    refused(&shelf.run(&["bundle", "verify", "keys.zip.age", "--identity", "empty"]), 1, "err-bundle-key-odd");
}

#[test]
fn names_in_any_letters_are_opened_and_written() {
    let shelf = Shelf::new();
    let ran = shelf.run(&["bundle", "open", "Дело Әлии/дело №1.zip.age", "--words-file", "words", "--to", "Дело Әлии/Қағаздар/ашық"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert_eq!(serde_json::from_str::<Value>(&ran.out).expect("one document")["whole"], true);
    assert!(shelf.0.path("Дело Әлии/Қағаздар/ашық/index.html").exists());
}

#[test]
fn place_that_is_taken_is_left_as_it_is() {
    let shelf = Shelf::new();
    let open = |to: &str| shelf.run(&["bundle", "open", "keys.zip.age", "--identity", "key", "--to", to]);
    refused(&open("Дело Әлии"), 1, "err-bundle-folder");
    refused(&open("text"), 1, "err-bundle-folder");
    refused(&open("text/below"), 1, "err-bundle-folder");
    std::os::unix::fs::symlink("nowhere", shelf.0.path("link")).expect("linked");
    refused(&open("link"), 1, "err-bundle-folder");
    assert_eq!(std::fs::read_to_string(shelf.0.path("text")).expect("read"), "Не запечатано");
    assert!(!shelf.0.path("nowhere").exists());
    let ran = open("Дело Әлии/папка");
    assert_eq!(ran.code, 0, "an empty folder will do: {ran:#?}");
    assert!(shelf.0.path("Дело Әлии/папка/index.html").exists());
    refused(&shelf.run(&["bundle", "reader", "text"]), 1, "err-file-exists");
}

/// Runs with a call on one file that fails.
fn failing(shelf: &Shelf, file: &str, fault: &str, arguments: &[&str]) -> Ran {
    let whole = shelf.0.command();
    let mut command = Command::new("strace");
    let call = fault.split(':').next().expect("a call");
    command.args(["-f", "-qq", "-o", "/dev/null", "-P"]).arg(shelf.0.path(file)).args(["-e", &format!("trace={call}"), "-e", &format!("inject={fault}")]);
    command.arg(whole.get_program()).args(whole.get_args()).env_clear().env("SANDYQ_LANG", "en").env("HOME", shelf.0.path(".")).env("PATH", "/usr/bin:/bin");
    command.current_dir(shelf.0.path(".")).args(["--json", "--passphrase-file"]).arg(shelf.0.path("passphrase")).args(arguments);
    finished(command, b"")
}

#[test]
fn file_that_cannot_be_read_is_never_called_changed() {
    let shelf = Shelf::new();
    let file = shelf.0.arg("keys.zip.age");
    let (verify, to) = (["bundle", "verify", &file, "--identity", "key"], shelf.0.arg("out"));
    let open = [&["bundle", "open"], &verify[2..], &["--to", &to]].concat();
    for arguments in [&verify[..], &open] {
        refused(&failing(&shelf, "keys.zip.age", "openat:error=EACCES", arguments), 1, "err-file-unreadable");
        let reads = (1..200).map(|number| (number, failing(&shelf, "keys.zip.age", &format!("read:error=EIO:when={number}+"), arguments)));
        let failed = reads.take_while(|(_, ran)| ran.code != 0).inspect(|(_, ran)| refused(ran, 1, "err-file-unreadable")).count();
        assert!((2..199).contains(&failed), "{failed}");
        assert_eq!(Path::new(&to).exists(), arguments == open);
    }
}

#[test]
fn output_on_a_full_disk_leaves_nothing_behind() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let shelf = Shelf::new();
    let large = [files(&key()), vec![("files/large.bin".to_owned(), noise(2 * 1024 * 1024))]].concat();
    shelf.put("large.zip.age", &sealed(&to_recipient(), &zip_of(large, &key())));
    let to = disk.path().join("out").display().to_string();
    let open = ["bundle", "open", "large.zip.age", "--identity", "key", "--to", &to];
    refused(&shelf.run(&open), 1, "err-file-disk-full");
    std::fs::create_dir(&to).expect("a folder");
    refused(&shelf.run(&open), 1, "err-file-disk-full");
    assert_eq!(std::fs::read_dir(&to).expect("listed").count(), 0);
    std::fs::remove_dir(&to).expect("removed");
    let program = Program::new();
    let (person, _) = program.detained("Айгүл Қасымова");
    std::fs::write(program.path("large.bin"), noise(2 * 1024 * 1024)).expect("written");
    program.ok(&["attach", &person, &program.arg("large.bin")], "");
    let told = r#"{"reason": "oral", "paper_due": "2026-05-13"}"#;
    let ran = program.run(&["--json", "bundle", "create", &person, "--to", &format!("{to}.zip.age"), "--yes"], told);
    refused(&ran, 1, "err-file-disk-full");
    assert_eq!(program.json(&["list", "handover"], ""), json!([]));
    assert_eq!(std::fs::read_dir(disk.path()).expect("listed").count(), 0);
    disk.read_only();
    refused(&shelf.run(&open), 1, "err-file-unreadable");
    refused(&program.run(&["--json", "bundle", "create", &person, "--to", &format!("{to}.zip.age"), "--yes"], told), 1, "err-file-unreadable");
    assert_eq!(program.json(&["list", "handover"], ""), json!([]));
}

#[test]
fn what_is_no_answer_is_told_for_what_it_is_and_nothing_is_taken_in() {
    let shelf = Shelf::new();
    let program = Program::new();
    let (person, _) = program.detained("Айгүл Қасымова");
    let receipt = |name: &str| program.run(&["--json", "bundle", "receipt", &shelf.0.arg(name), "--yes"], "");
    let create = ["--json", "bundle", "create", &person, "--to", &program.arg("case.zip.age"), "--yes"];
    let cases = |unknown: &str| {
        for (name, code, text) in [
            ("empty", 20, "err-answer-damaged"),
            ("text", 20, "err-answer-damaged"),
            ("Дело Әлии/папка", 1, "err-file-unreadable"),
            ("absent", 1, "err-file-unreadable"),
            ("else", 20, unknown),
            ("keys.zip.age", 20, "err-answer-unknown"),
        ] {
            refused(&receipt(name), code, text);
        }
    };
    cases("err-answer-unknown");
    program.ok(&create, r#"{"reason": "oral", "paper_due": "2026-05-13"}"#);
    let before = program.records();
    cases("err-answer-unknown");
    assert_eq!(program.records(), before);
}
