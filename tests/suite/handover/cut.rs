//! Runs that are cut off: by a pulled plug, a disk that is full or fails, or Ctrl-C. A bundle is whole in its place or nobody takes
//! it for one, what is left has a telling name, and an answer is taken in once.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::container_support::*;
use super::story::answer;
use crate::cli::faults::{Fault, at_every, first_thread_points, run_first_thread_with};
use crate::cli::support::{Outcome, Program, files_below};

/// Most calls at which a run is cut off in each story, evenly many of all that it makes.
const MOST: usize = 36;
const FAULTS: [Fault; 2] = [Fault::Killed, Fault::Full];
const OPEN: [&str; 7] = ["bundle", "open", "case.zip.age", "--identity", "key", "--to", "out"];

fn put(program: &Program, name: &str, bytes: &[u8]) {
    std::fs::write(program.beside(name), bytes).expect("written");
}

/// What a run left that was cut off, beside its output and in it.
fn left(program: &Program) -> Vec<PathBuf> {
    let listed = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("read").path()).collect::<Vec<_>>();
    let all = [listed(program.beside(".")), listed(program.beside("out"))].concat();
    all.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "part")).collect()
}

/// Asserts that a run names everything that an earlier one left, and removes it as it says.
#[track_caller]
fn names_and_removes(run: &Outcome, left: &[PathBuf]) {
    for path in left {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(run.err.contains(&name) && run.err.contains("was cut off and left"), "{name}: {run:#?}");
        let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.expect("removed");
    }
}

/// A place with a sealed bundle and the key to it.
fn desk(bundle: &[u8], folder_is_there: bool) -> Program {
    let program = Program::new();
    put(&program, "case.zip.age", bundle);
    put(&program, "key", recipient().secret_text().as_bytes());
    if folder_is_there {
        std::fs::create_dir(program.beside("out")).expect("a folder");
    }
    program
}

/// Asserts that a folder has every member and nothing else.
#[track_caller]
fn is_whole(folder: &Path, members: &[(String, Vec<u8>)]) {
    for (name, bytes) in members {
        assert!(std::fs::read(folder.join(name)).is_ok_and(|found| found == *bytes), "{name}");
    }
    assert_eq!(files_below(folder).len(), members.len() + 3, "list, signature and signers besides");
}

#[test]
fn cut_off_at_any_call_an_opened_bundle_is_whole_or_nobody_takes_it_for_one() {
    let (bundle, members) = (sealed(&to_recipient(), &zipped()), files(&key()));
    for folder_is_there in [false, true] {
        let points = first_thread_points(&desk(&bundle, folder_is_there), &OPEN, MOST);
        at_every("bundle open", &points, &FAULTS, |point, fault| {
            let program = desk(&bundle, folder_is_there);
            let run = run_first_thread_with(&program, &OPEN, point, fault).calm();
            let out = program.beside("out");
            if out.join("index.html").exists() {
                let rest = left(&program);
                rest.iter().for_each(|empty| std::fs::remove_dir(empty).expect("nothing in it"));
                return is_whole(&out, &members);
            }
            assert!(run.code.is_none() || run.code == Some(1) && point.is_file(), "{run:#?}");
            let rest = left(&program);
            assert!(run.code.is_none() || rest.iter().all(|path| files_below(path).is_empty()), "{rest:?}");
            let within = rest.iter().any(|path| path.starts_with(&out));
            names_and_removes(&program.run(&OPEN).exits(if within { 1 } else { 0 }), &rest);
            if within {
                files_below(&out).into_iter().for_each(|file| std::fs::remove_file(file).expect("removed"));
                std::fs::remove_dir_all(&out).expect("removed");
                program.run(&OPEN).exits(0);
            }
            is_whole(&out, &members);
        });
    }
}

/// A vault with a person whose lawyer has a power of attorney; returns the person's code too.
fn casebook() -> (Program, String) {
    let program = Program::with_vault();
    let added = |kind: &str, draft: String| program.tell(&["add", kind], &draft).exits(0).out.trim().to_owned();
    let person = added("person", r#"{"names": [{"text": "Айгүл Қасымова"}]}"#.to_owned());
    added("mandate", format!(r#"{{"principal": "{person}", "scope": ["detention"], "valid_from": {{"date": "2026-01-01"}}}}"#));
    (program, person)
}

/// Arguments that seal a bundle about a person for the recipient of the tests.
fn create(person: &str) -> Vec<String> {
    let key = recipient().recipient().to_string();
    ["bundle", "create", person, "--to", "out.zip.age", "--recipient", &key, "--yes"].map(str::to_owned).to_vec()
}

fn as_str(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

fn listed(program: &Program, kind: &str) -> Vec<Value> {
    let run = program.run(&["--json", "list", kind]).exits(0);
    serde_json::from_str(&run.out).expect("JSON")
}

/// Asserts that a sealed bundle verifies.
#[track_caller]
fn verifies(program: &Program) {
    put(program, "key", recipient().secret_text().as_bytes());
    program.run(&["bundle", "verify", "out.zip.age", "--identity", "key"]).exits(0);
}

#[test]
fn cut_off_at_any_call_a_sealed_bundle_is_noted_and_whole_or_not_there() {
    let (base, person) = casebook();
    let arguments = create(&person);
    let points = first_thread_points(&base.copy(), &as_str(&arguments), MOST);
    at_every("bundle create", &points, &FAULTS, |point, fault| {
        let program = base.copy();
        let run = run_first_thread_with(&program, &as_str(&arguments), point, fault).calm();
        let (is_there, noted, rest) = (program.beside("out.zip.age").exists(), listed(&program, "handover").len(), left(&program));
        if is_there {
            assert_eq!(noted, 1, "{run:#?}");
            return verifies(&program);
        }
        assert!(noted <= 1 && (run.code.is_none() || run.code == Some(1) && rest.is_empty()), "{rest:?} {run:#?}");
        names_and_removes(&program.run(&as_str(&arguments)).exits(0), &rest);
        verifies(&program);
    });
}

#[test]
fn cut_off_at_any_call_an_answer_is_taken_in_whole_or_not_at_all_and_never_twice() {
    let (base, person) = casebook();
    base.run(&as_str(&create(&person))).exits(0);
    put(&base, "key", recipient().secret_text().as_bytes());
    base.run(&["bundle", "open", "out.zip.age", "--identity", "key", "--to", "opened"]).exits(0);
    answer(&base.beside("opened"), &"7".repeat(32), &base.beside("case.answer.age"));
    let bytes = std::fs::read(base.beside("case.answer.age")).expect("read");
    let fresh = || {
        let program = base.copy();
        put(&program, "case.answer.age", &bytes);
        program
    };
    let receipt = ["bundle", "receipt", "case.answer.age", "--yes"];
    let taken = |program: &Program| {
        let handover = listed(program, "handover").remove(0);
        (listed(program, "evidence").len(), handover["replies"].as_object().map_or(0, serde_json::Map::len))
    };
    let points = first_thread_points(&fresh(), &receipt, MOST);
    at_every("bundle receipt", &points, &FAULTS, |point, fault| {
        let program = fresh();
        let run = run_first_thread_with(&program, &receipt, point, fault).calm();
        let after = taken(&program);
        assert!(after == (2, 1) || after == (0, 0) && run.code != Some(0), "{after:?} {run:#?}");
        program.run(&["check"]).exits(0);
        program.run(&receipt).exits(0);
        assert_eq!(taken(&program), (2, 1), "{run:#?}");
    });
}

/// Starts a run, waits until it has begun to write, and then stops it as Ctrl-C does. Whoever runs the tests may have put that aside
/// for all that they start, so it is asked for anew.
fn interrupted(program: &Program, arguments: &[&str]) {
    let line = [vec!["env".to_owned(), "--default-signal=INT".to_owned()], program.line(arguments)].concat();
    let mut run = program.command(&line).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    while unfinished(program) == 0 {
        assert_eq!(run.try_wait().expect("asked"), None, "it ended before it was interrupted");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("sent").success());
    assert_eq!(run.wait().expect("ended").signal(), Some(2), "it ended before it was interrupted");
}

/// Bytes below the unfinished output of a run.
fn unfinished(program: &Program) -> u64 {
    let files = left(program).into_iter().flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] });
    files.map(|file| file.metadata().map_or(0, |about| about.len())).sum()
}

const LARGE: usize = 96 * 1024 * 1024;

#[test]
fn opening_that_is_interrupted_leaves_what_it_began_under_a_telling_name() {
    let members = [files(&key()), (0..2).map(|n| (format!("files/large{n}.bin"), vec![n; LARGE])).collect()].concat();
    let bundle = sealed(&to_recipient(), &zip_of(members.clone(), &key()));
    for folder_is_there in [false, true] {
        let program = desk(&bundle, folder_is_there);
        let out = program.beside("out");
        interrupted(&program, &OPEN);
        assert!(!out.join("index.html").exists());
        let rest = left(&program);
        assert_eq!(rest.len(), 1);
        names_and_removes(&program.run(&OPEN).exits(if folder_is_there { 1 } else { 0 }), &rest);
        if folder_is_there {
            program.run(&OPEN).exits(0);
        }
        is_whole(&out, &members);
    }
}

#[test]
fn sealing_that_is_interrupted_leaves_no_bundle_and_no_line_in_the_ledger() {
    let (program, person) = casebook();
    put(&program, "large.bin", &vec![9; LARGE]);
    program.run(&["attach", &person, "large.bin"]).exits(0);
    let arguments = create(&person);
    interrupted(&program, &as_str(&arguments));
    assert!(!program.beside("out.zip.age").exists());
    assert_eq!(listed(&program, "handover").len(), 0);
    let rest = left(&program);
    assert_eq!(rest.len(), 1);
    names_and_removes(&program.run(&as_str(&arguments)).exits(0), &rest);
    verifies(&program);
    assert_eq!((listed(&program, "handover").len(), left(&program)), (1, Vec::new()));
}

#[test]
fn what_another_process_left_under_the_same_number_is_not_in_the_way() {
    let program = desk(&sealed(&to_recipient(), &zipped()), false);
    let run = program.start(&OPEN);
    let number = run.id();
    drop(run.wait_with_output().expect("ended"));
    // Whoever starts next may well be given the number that the next but one was given.
    (number..number + 2000).for_each(|number| std::fs::create_dir(program.beside(&format!("out.{number}.part"))).expect("a folder"));
    std::fs::remove_dir_all(program.beside("out")).expect("removed");
    program.run(&OPEN).exits(0).says("was cut off and left");
    is_whole(&program.beside("out"), &files(&key()));
}
