//! A pulled plug or a failing disk at every system call that changes something: the vault opens, and what was
//! acknowledged is there.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rexpect::session::spawn_command;
use sandyq::crypto::Passphrase;
use sandyq::sys::chance::SystemChance;
use sandyq::vault::{Silent, Vault};

use super::faults::{Fault, at_every, line_with, points, points_of, read_points, run_with};
use super::support::{Outcome, PASSPHRASE, Program, files_below, found};

const STORY: &str = "Айгерим Омарова 34 ж\nman in red jacket, bus3\nSerik Bekov\nДана\nYerlan Tasbulatov\n+2 unknown into bus3\n";
const LINES: usize = 6;
/// What was typed and said of people in the story.
const TYPED: [&str; 6] = ["Айгерим", "Омарова", "red jacket", "Serik Bekov", "Дана", "Tasbulatov"];
const NEW_PASSPHRASE: &str = "seven green apples";

/// A vault in which the story was told.
fn told() -> Program {
    let program = Program::with_vault();
    program.tell(&["note"], STORY).exits(0);
    program
}

/// Codes of the people whose saving was acknowledged.
fn acknowledged(out: &str) -> Vec<&str> {
    let lines: Vec<&str> = out.lines().collect();
    lines.windows(2).filter(|pair| pair[1].starts_with("saved ·")).filter_map(|pair| pair[0].split(' ').next()).collect()
}

/// Asserts that the vault opens and is whole, and returns the number of its records.
#[track_caller]
pub fn records(program: &Program) -> usize {
    let checked = program.run(&["check", "--json"]).exits(0);
    let checked: serde_json::Value = serde_json::from_str(&checked.out).expect("JSON");
    assert_eq!(checked["whole"], true);
    checked["records"].as_u64().expect("a number") as usize
}

/// Asserts that nothing acknowledged is lost, and at most one line more is there, whole.
#[track_caller]
fn nothing_lost(program: &Program, run: &Outcome) {
    let listed = program.run(&["list", "person"]).exits(0).out;
    let saved = acknowledged(&run.out);
    assert!(saved.iter().all(|code| listed.contains(code)), "{run:#?}\n{listed}");
    let people = listed.lines().count();
    assert!((saved.len()..=saved.len() + 1).contains(&people), "{people} people: {run:#?}\n{listed}");
    assert_eq!(records(program), people * 2);
}

/// Asserts that a run whose disk failed said so, or ended well because nothing hung on the call that failed.
#[track_caller]
pub fn said_plainly(run: &Outcome) {
    let sentences = ["The disk is full.", "The disk failed:", "The disk cannot be written."];
    let said = sentences.iter().any(|sentence| run.err.contains(sentence));
    assert!(run.code == Some(0) || run.code == Some(1) && said, "{run:#?}");
    run.clone().calm();
}

#[test]
fn killed_at_any_call_a_note_that_was_acknowledged_is_there() {
    let empty = Program::with_vault();
    let points = points(&empty.copy(), &["note"], STORY);
    at_every("note killed", &points, &[Fault::Killed], |point, fault| {
        let program = empty.copy();
        let run = run_with(&program, &["note"], STORY, point, fault);
        assert!(run.code.is_none() || acknowledged(&run.out).len() == LINES, "{run:#?}");
        nothing_lost(&program, &run);
    });
}

#[test]
fn failing_at_any_call_a_disk_is_named_and_nothing_acknowledged_is_lost() {
    let empty = Program::with_vault();
    let points: Vec<_> = points(&empty.copy(), &["note"], STORY).into_iter().filter(|point| point.is_file()).collect();
    at_every("note on a failing disk", &points, &[Fault::Full, Fault::Broken], |point, fault| {
        let program = empty.copy();
        let run = run_with(&program, &["note"], STORY, point, fault);
        said_plainly(&run);
        assert!(run.code == Some(1) || acknowledged(&run.out).len() == LINES, "{run:#?}");
        nothing_lost(&program, &run);
    });
}

#[test]
fn unreadable_disk_is_a_failing_disk_and_never_called_tampering() {
    let told = told();
    let backup = told.beside("out.tar").display().to_string();
    told.run(&["backup", &backup]).exits(0);
    for reading in [&["check"][..], &["list", "person"], &["backup", "out2.tar"]] {
        let points = points_of("read", &told.copy(), reading, "");
        let points: Vec<_> = points.into_iter().filter(|point| point.to.contains("/vault/")).collect();
        at_every("reading", &points, &[Fault::Broken, Fault::Dead], |point, fault| {
            let program = told.copy();
            said_plainly(&run_with(&program, reading, "", point, fault));
            assert_eq!(records(&program), LINES * 2);
        });
    }
    let points = points_of("read", &Program::new(), &["restore", &backup], "");
    let points: Vec<_> = points.into_iter().filter(|point| point.to.contains("out.tar")).collect();
    at_every("reading a backup", &points, &[Fault::Dead], |point, fault| {
        let program = Program::new();
        said_plainly(&run_with(&program, &["restore", &backup], "", point, fault));
        restored(Path::new(&backup), program.vault());
    });
}

#[test]
fn killed_at_any_call_init_leaves_no_vault_or_one_that_opens() {
    let points = points(&Program::new(), &["init"], "");
    at_every("init", &points, &[Fault::Killed, Fault::Full], |point, fault| {
        let program = Program::new();
        let run = run_with(&program, &["init"], "", point, fault);
        if !matches!(fault, Fault::Killed) && point.is_file() {
            said_plainly(&run);
        }
        if sandyq::vault::exists(program.vault()) {
            assert_eq!(records(&program), 0);
        } else {
            program.run(&[]).exits(10);
            found(program.vault());
        }
    });
}

#[test]
fn killed_at_any_call_a_backup_is_whole_or_not_there() {
    let told = told();
    let points = points(&told.copy(), &["backup", "out.tar"], "");
    at_every("backup", &points, &[Fault::Killed, Fault::Full, Fault::Broken], |point, fault| {
        let program = told.copy();
        let run = run_with(&program, &["backup", "out.tar"], "", point, fault);
        if !matches!(fault, Fault::Killed) && point.is_file() {
            said_plainly(&run);
        }
        assert_eq!(records(&program), LINES * 2);
        let backup = program.beside("out.tar");
        assert!(backup.exists() || run.code != Some(0), "{run:#?}");
        if backup.exists() {
            restored(&backup, &program.beside("elsewhere"));
        }
    });
}

/// Asserts that a backup brings every record back.
#[track_caller]
fn restored(backup: &Path, to: &Path) {
    let passphrase = Passphrase::new(PASSPHRASE.into());
    let restored = Vault::restore(to, backup, &passphrase, 10, &mut SystemChance, &mut Silent).expect("restored");
    assert_eq!((restored.examined.records, restored.examined.faults), (LINES as u64 * 2, Vec::new()));
}

#[test]
fn killed_at_any_call_a_restore_leaves_no_vault_or_a_whole_one() {
    let told = told();
    let backup = told.beside("out.tar").display().to_string();
    told.run(&["backup", &backup]).exits(0);
    let restore = ["restore", backup.as_str()];
    let points = points(&Program::new(), &restore, "");
    at_every("restore", &points, &[Fault::Killed, Fault::Full], |point, fault| {
        let program = Program::new();
        let run = run_with(&program, &restore, "", point, fault);
        if !matches!(fault, Fault::Killed) && point.is_file() {
            said_plainly(&run);
        }
        if sandyq::vault::exists(program.vault()) {
            assert_eq!(records(&program), LINES * 2);
            program.run(&restore).exits(1).says("There is a vault here already.");
        } else {
            program.run(&[]).exits(10);
            restored(Path::new(&backup), program.vault());
        }
    });
}

/// Types a new passphrase twice; tells whether the change was acknowledged.
fn change_passphrase(program: &Program, line: &[String]) -> bool {
    let mut terminal = spawn_command(program.command(line), Some(60_000)).expect("a terminal");
    let typed = ["New passphrase", "again"].iter().all(|question| terminal.exp_string(question).is_ok() && terminal.send_line(NEW_PASSPHRASE).is_ok());
    let rest = terminal.exp_eof().unwrap_or_default();
    typed && rest.contains("changed")
}

#[test]
fn killed_at_any_call_a_changed_passphrase_leaves_exactly_one_that_opens() {
    let told = told();
    let traced = told.copy();
    let log = traced.beside("calls").display().to_string();
    let strace = ["strace", "-f", "-y", "-s0", "-o", &log, "-e", "trace=pwrite64,write,fsync,ftruncate,rename,unlink,openat"];
    let line: Vec<String> = strace.iter().map(|part| (*part).to_owned()).chain(traced.line(&["passphrase"])).collect();
    assert!(change_passphrase(&traced, &line));
    let points = read_points(&fs::read_to_string(&log).expect("a log"));
    at_every("passphrase", &points, &[Fault::Killed], |point, fault| {
        let program = told.copy();
        let changed = change_passphrase(&program, &line_with(program.line(&["passphrase"]), point, fault));
        let old = program.run(&["check"]);
        fs::write(program.beside("passphrase"), NEW_PASSPHRASE).expect("written");
        let new = program.run(&["check"]);
        let codes = (old.code, new.code);
        assert!(codes == (Some(12), Some(0)) || !changed && codes == (Some(0), Some(12)), "{changed} {old:?} {new:?}");
    });
}

/// Types a line and waits for its acknowledgement.
fn noted(input: &mut impl Write, output: &mut impl BufRead, line: &str) -> String {
    writeln!(input, "{line}").and_then(|()| input.flush()).expect("typed");
    let mut said = String::new();
    while !said.contains("saved ·") {
        assert_ne!(output.read_line(&mut said).expect("read"), 0, "{said}");
    }
    said
}

#[test]
fn second_process_is_told_who_holds_the_vault_and_nothing_is_lost() {
    let program = Program::with_vault();
    let mut first = program.start(&["note"]);
    let (mut input, mut output) = (first.stdin.take().expect("piped"), BufReader::new(first.stdout.take().expect("piped")));
    noted(&mut input, &mut output, "Serik Bekov");
    let held = format!("in use by process #{}.", first.id());
    program.run(&["list", "person"]).exits(11).says(&held);
    program.tell(&["note"], "Dana Omarova\n").exits(11).says(&held);
    noted(&mut input, &mut output, "Yerlan Tasbulatov");
    drop(input);
    assert!(first.wait().expect("ended").success());
    let listed = program.run(&["list", "person"]).exits(0).out;
    assert!(listed.lines().count() == 2 && listed.contains("Bekov") && listed.contains("Tasbulatov"), "{listed}");
    assert_eq!(records(&program), 4);
}

#[test]
fn killed_process_leaves_nothing_readable_behind() {
    let program = told();
    let mut process = program.start(&["note"]);
    let (mut input, mut output) = (process.stdin.take().expect("piped"), BufReader::new(process.stdout.take().expect("piped")));
    let said: Vec<String> = STORY.lines().take(3).map(|line| noted(&mut input, &mut output, line)).collect();
    let open = open_files(process.id());
    let seen = ["cmdline", "environ", "maps"].map(|name| fs::read(format!("/proc/{}/{name}", process.id())).expect("read"));
    process.kill().expect("killed");
    process.wait().expect("ended");
    let paths: Vec<&PathBuf> = open.iter().map(|(path, _)| path).collect();
    let vault = fs::canonicalize(program.vault()).expect("a folder");
    assert!(["lock", "store", "store-wal"].iter().all(|name| paths.contains(&&vault.join(name))), "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with(&vault)), "{paths:?}");
    assert!(found_in(said.concat().as_bytes()).len() >= 4, "the search finds what is there");
    let left: Vec<PathBuf> = [program.vault().to_owned(), program.temp()].iter().flat_map(|folder| files_below(folder)).collect();
    assert!(left.len() >= 4, "{left:?}");
    let bytes = left.iter().map(|path| fs::read(path).expect("read"));
    for bytes in bytes.chain(seen).chain(open.into_iter().map(|(_, bytes)| bytes)) {
        assert_eq!(found_in(&bytes), Vec::<&str>::new());
    }
}

/// Path and bytes of every file that a process opened; pipes and the like have none, and what the tests began with is theirs.
fn open_files(pid: u32) -> Vec<(PathBuf, Vec<u8>)> {
    let links = |of: &str| fs::read_dir(format!("/proc/{of}/fd")).expect("listed").map(|entry| entry.expect("read").path());
    let inherited: Vec<PathBuf> = links("self").filter_map(|link| fs::read_link(link).ok()).collect();
    let files = links(&pid.to_string()).filter(|link| fs::metadata(link).is_ok_and(|about| about.is_file()));
    let named = files.map(|link| (fs::read_link(&link).expect("a link"), fs::read(&link).expect("read")));
    named.filter(|(path, _)| !inherited.contains(path)).collect()
}

/// Which of the words typed stand somewhere in the bytes, as UTF-8 or UTF-16.
fn found_in(bytes: &[u8]) -> Vec<&'static str> {
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let wide = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    TYPED.into_iter().filter(|word| holds(word.as_bytes()) || holds(&wide(word))).collect()
}

#[test]
fn answer_that_cannot_be_given_is_said_and_no_line_is_dropped_silently() {
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").expect("opened"));
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    for stdout in [full(), closed()] {
        let program = Program::with_vault();
        let run = note_into(&program, stdout);
        assert_eq!(run.status.code(), Some(1));
        let err = String::from_utf8(run.stderr).expect("UTF-8");
        assert!(err.contains("could not be shown") && !err.contains("panicked"), "{err}");
        assert_eq!(records(&program), 2);
    }
}

/// Tells the story with stdout going elsewhere.
fn note_into(program: &Program, stdout: Stdio) -> std::process::Output {
    let story = program.beside("story");
    fs::write(&story, STORY).expect("written");
    let mut command: Command = program.command(&program.line(&["note"]));
    command.stdin(fs::File::open(story).expect("opened")).stdout(stdout).stderr(Stdio::piped());
    command.spawn().expect("started").wait_with_output().expect("ended")
}
