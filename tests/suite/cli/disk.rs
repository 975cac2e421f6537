//! Real full and read-only disks: a small memory disk, mounted for the test.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::crash::records;
use super::faults::aloud;
use super::pair::{Pair, exported, old_parcels};
use super::support::{Outcome, Program, found};
use crate::transport::mounted::at_last;

/// A disk of 1 MiB, gone after the test.
pub struct Stick(tempfile::TempDir);

impl Stick {
    /// Mounts a disk; none where that is not allowed, which is said aloud and is a fault where all tests must run.
    pub fn mounted() -> Option<Stick> {
        let folder = tempfile::tempdir().expect("a folder");
        if mount(folder.path(), &["-t", "tmpfs", "-o", "size=1m,mode=700", "none"]) {
            return Some(Stick(folder));
        }
        assert!(std::env::var_os("CI").is_none(), "a disk cannot be mounted: run the tests as root");
        aloud("SKIPPED: full and read-only disks need root to mount one");
        None
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn read_only(&self) {
        at_last(|| mount(self.0.path(), &["-o", "remount,ro"]));
    }

    fn writable(&self) {
        assert!(mount(self.0.path(), &["-o", "remount,rw"]));
    }

    /// Makes a vault on the disk.
    fn program(&self) -> Program {
        let vault = self.0.path().join("vault");
        found(&vault);
        Program::at(vault)
    }
}

impl Drop for Stick {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn mount(path: &Path, arguments: &[&str]) -> bool {
    Command::new("mount").args(arguments).arg(path).output().is_ok_and(|output| output.status.success())
}

fn people(count: usize) -> String {
    (0..count).map(|number| format!("Serik Bekov{}\n", "a".repeat(number % 20))).collect()
}

fn saved(run: &Outcome) -> usize {
    run.out.lines().filter(|line| line.starts_with("saved ·")).count()
}

fn listed(program: &Program) -> usize {
    program.run(&["list", "person"]).exits(0).out.lines().count()
}

#[test]
fn full_disk_is_named_and_noting_goes_on_when_there_is_space() {
    let Some(stick) = Stick::mounted() else { return };
    let program = stick.program();
    let ballast = stick.0.path().join("ballast");
    fs::write(&ballast, vec![1; 400 * 1024]).expect("written");
    let run = program.tell(&["note"], &people(500)).exits(1).says("The disk is full.").says("NOT saved");
    let before = saved(&run);
    fill(&stick.0.path().join("filler"));
    assert!(before > 0 && listed(&program) == before, "{before} saved");
    program.run(&["check"]).exits(0);
    program.run(&[]).exits(0);
    program.tell(&["note"], "Dana Omarova\n").exits(1).says("The disk is full.");
    let backup = program.beside("out.tar").display().to_string();
    program.run(&["backup", &backup]).exits(0);
    fs::remove_file(ballast).expect("removed");
    assert_eq!(saved(&program.tell(&["note"], "Dana Omarova\n").exits(0)), 1);
    assert_eq!(listed(&program), before + 1);
    program.run(&["check"]).exits(0);
}

/// Takes the last free byte.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(path).expect("created");
    while file.write_all(&[1; 4096]).is_ok() {}
    while file.write_all(&[1]).is_ok() {}
}

#[test]
fn read_only_disk_can_be_read_and_refuses_the_rest_plainly() {
    let Some(stick) = Stick::mounted() else { return };
    let program = stick.program();
    let run = program.tell(&["note"], &people(12)).exits(0);
    let code = run.out.split(' ').next().expect("a code").to_owned();
    stick.read_only();
    assert_eq!(listed(&program), 12);
    for reading in [&[][..], &["show", &code], &["list", "detention"], &["conflicts"], &["check"], &["report", "rally"]] {
        program.run(reading).exits(0);
    }
    assert!(program.tell(&["find"], "Bekov").exits(0).out.contains(&code));
    let backup = program.beside("out.tar").display().to_string();
    program.run(&["backup", &backup]).exits(0);
    let onto = stick.0.path().join("out.tar").display().to_string();
    for writing in [&["note"][..], &["add", "person"], &["edit", &code], &["check", "--rebuild"], &["backup", &onto]] {
        let input = if writing[0] == "note" { "Dana Omarova\n" } else { r#"{"code": "D-1"}"# };
        program.tell(writing, input).exits(1).says("The disk cannot be written.");
    }
    stick.writable();
    assert_eq!(saved(&program.tell(&["note"], "Dana Omarova\n").exits(0)), 1);
}

#[test]
fn list_of_many_entries_is_read_from_a_disk_that_cannot_be_written() {
    let Some(stick) = Stick::mounted() else { return };
    let program = stick.program();
    program.tell(&["note"], &people(20)).exits(0);
    program.tell(&["note"], &people(20)).exits(0);
    stick.read_only();
    assert_eq!(listed(&program), 40);
}

#[test]
fn entries_of_a_killed_process_are_not_passed_over_on_a_read_only_disk() {
    let Some(stick) = Stick::mounted() else { return };
    let program = stick.program();
    let mut process = program.start(&["note"]);
    let mut input = process.stdin.take().expect("piped");
    std::io::Write::write_all(&mut input, b"Serik Bekov\nDana Omarova\n").expect("typed");
    let mut output = std::io::BufReader::new(process.stdout.take().expect("piped"));
    let mut said = String::new();
    while said.matches("saved ·").count() < 2 {
        assert_ne!(std::io::BufRead::read_line(&mut output, &mut said).expect("read"), 0);
    }
    process.kill().expect("killed");
    process.wait().expect("ended");
    stick.read_only();
    program.run(&["list", "person"]).exits(1).says("The disk cannot be written, and entries wait to be filed.");
    stick.writable();
    assert_eq!(listed(&program), 2);
}

#[test]
fn vault_on_a_full_disk_is_not_founded_by_half() {
    let Some(stick) = Stick::mounted() else { return };
    fill(&stick.0.path().join("filler"));
    let program = Program::at(stick.0.path().join("vault"));
    program.run(&["init"]).exits(1).says("The disk is full.");
    fs::remove_file(stick.0.path().join("filler")).expect("removed");
    program.run(&["init"]).exits(0);
}

/// Room in KiB that is left on the disk: from none to all that is needed.
const ROOMS: [usize; 8] = [0, 4, 16, 32, 64, 96, 128, 192];

/// Runs a command with less and less room until it ends well; returns how often the disk was full.
fn with_more_and_more_room(stick: &Stick, from: &Program, command: &[&str]) -> usize {
    let before = (records(&from.copy()), exported(&from.copy()));
    let mut full = 0;
    for room in ROOMS {
        let vault = stick.0.path().join(format!("vault-{room}"));
        crate::support::copy_folder(from.vault(), &vault);
        let program = Program::at(vault.clone());
        let filler = stick.0.path().join("filler");
        fill(&filler);
        let length = fs::metadata(&filler).expect("a file").len();
        fs::OpenOptions::new().write(true).open(&filler).and_then(|file| file.set_len(length.saturating_sub(room as u64 * 1024))).expect("room");
        let run = program.run(command);
        if run.code != Some(0) {
            full += 1;
            run.exits(1).says("The disk is full.");
            fill(&stick.0.path().join("filler-2"));
        }
        assert_eq!((records(&program), program.run(&["list", "person"]).exits(0).out.lines().count()), (before.0, before.1.len()), "{room}");
        let _ = fs::remove_file(stick.0.path().join("filler-2"));
        fs::remove_file(filler).expect("removed");
        program.run(command).exits(0);
        assert_eq!((records(&program), old_parcels(&program)), (before.0, 0), "{room}");
        assert_eq!(exported(&program), before.1, "{room}");
        fs::remove_dir_all(vault).expect("removed");
    }
    full
}

#[test]
fn full_disk_stops_new_keys_plainly_and_they_are_made_when_there_is_room() {
    let Some(stick) = Stick::mounted() else { return };
    let pair = Pair::small();
    let full = with_more_and_more_room(&stick, &pair.one, &["roll"]);
    assert!((2..ROOMS.len()).contains(&full), "{full}");
}

#[test]
fn full_disk_stops_moving_on_to_new_keys_plainly_and_the_next_sync_goes_on() {
    let Some(stick) = Stick::mounted() else { return };
    let pair = Pair::small();
    let one = pair.one.copy();
    one.run(&["roll"]).exits(0);
    one.run(&["sync", &pair.stick()]).exits(0);
    let full = with_more_and_more_room(&stick, &pair.two, &["sync", &pair.stick()]);
    assert!((2..ROOMS.len()).contains(&full), "{full}");
}
