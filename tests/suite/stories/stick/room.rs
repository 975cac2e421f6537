//! Sticks without room, without leave to write, and places that are not there.

use std::path::Path;

use super::{Team, badge, exported, folder, person, sync, synced, whole};
use crate::stories::support::Program;
use crate::transport::mounted::Disk;

/// Writes a file that leaves about so many bytes of a disk of one megabyte.
fn filled_but(stick: &Path, left: usize) {
    std::fs::write(stick.join("film"), vec![0; 1024 * 1024 - left]).expect("written");
}

#[test]
fn full_stick_gets_keys_and_log_first_says_what_found_no_room_and_is_completed_later() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let stick = disk.path();
    let team = Team::new();
    let (badge, words) = badge(&Program::called("M-THREE"));
    team.one.ok(&["admit", &badge, "--words", &words, "--out", &team.one.arg("welcome")], "");
    let people: Vec<String> = (0..100).map(|number| format!("Person {number}\n")).collect();
    team.one.ok(&["note"], people.concat());
    filled_but(&stick, 64 * 1024);
    let ran = sync(&team.one, &stick);
    assert!(ran.code == 3 && ran.err.contains("No room there for "), "{ran:#?}");
    synced_or_full(&team.two, &stick);
    let members = team.two.json(&["members"], "");
    assert!(members.as_array().expect("rows").iter().any(|row| row["handle"] == "M-THREE"), "the log went before the newest: {members}");
    let came = exported(&team.two).len();
    assert!(came > 0 && came < exported(&team.one).len(), "{came} records found room");
    std::fs::remove_file(stick.join("film")).expect("removed");
    team.meet(&stick);
    team.equal();
}

/// Meets with a stick on which there may be no room for a receipt.
fn synced_or_full(program: &Program, stick: &Path) {
    let ran = sync(program, stick);
    assert!([0, 3].contains(&ran.code), "{ran:#?}");
    whole(program);
}

#[test]
fn stick_without_any_room_takes_nothing_and_gives_what_it_has() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let team = Team::new();
    person(&team.one, "Sample Person");
    synced(&team.one, &disk.path());
    let taken: u64 =
        std::fs::read_dir(disk.path()).expect("listed").map(|entry| entry.expect("read").metadata().expect("read").len().next_multiple_of(4096)).sum();
    filled_but(&disk.path(), taken as usize);
    person(&team.two, "Another Person");
    let ran = sync(&team.two, &disk.path());
    assert!(ran.code == 3 && ran.err.contains("No room there for "), "{ran:#?}");
    assert_eq!(exported(&team.two).len(), 2);
    std::fs::remove_file(disk.path().join("film")).expect("removed");
    team.meet(&disk.path());
    team.equal();
}

#[test]
fn stick_that_can_only_be_read_gives_what_is_there_and_says_that_nothing_was_left() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let team = Team::new();
    person(&team.one, "Sample Person");
    synced(&team.one, &disk.path());
    person(&team.two, "Another Person");
    disk.read_only();
    let ran = sync(&team.two, &disk.path());
    assert!(ran.code == 3 && ran.err.contains("Nothing could be left there: the place cannot be written."), "{ran:#?}");
    assert_eq!(exported(&team.two).len(), 2);
    let elsewhere = folder(&team.two);
    team.meet(&elsewhere);
    team.equal();
}

#[test]
fn place_that_is_not_there_loses_nothing_and_is_no_place() {
    let team = Team::new();
    person(&team.one, "Sample Person");
    let before = exported(&team.one);
    let ran = sync(&team.one, Path::new("/media/no-stick-here"));
    assert!(ran.code == 30 && ran.err.contains("cannot be reached. Nothing is lost."), "{ran:#?}");
    let ran = team.one.run(&["sync"], "");
    assert!(ran.code == 1 && ran.err.contains("No place is known yet."), "{ran:#?}");
    assert_eq!(exported(&team.one), before);
    whole(&team.one);
}

#[test]
fn known_place_out_of_reach_is_partly_beside_another_and_30_alone() {
    let team = Team::new();
    let (stick, other) = (folder(&team.one), team.one.path("other"));
    std::fs::create_dir(&other).expect("a folder");
    synced(&team.one, &stick);
    synced(&team.one, &other);
    person(&team.one, "Sample Person");
    std::fs::rename(&stick, team.one.path("in a pocket")).expect("moved");
    let ran = team.one.run(&["sync"], "");
    assert!(ran.code == 3 && ran.err.contains("cannot be reached. Nothing is lost."), "{ran:#?}");
    std::fs::rename(&other, team.one.path("in another pocket")).expect("moved");
    assert_eq!(team.one.run(&["sync"], "").code, 30);
    assert_eq!(team.one.json(&["places"], "").as_array().expect("rows").len(), 2);
    let other = team.one.path("in another pocket");
    synced(&team.two, &other);
    assert_eq!(exported(&team.two), exported(&team.one));
    whole(&team.one);
}

#[test]
fn vault_that_shares_nothing_has_nothing_to_meet_for() {
    let program = Program::new();
    let stick = folder(&program);
    assert_eq!(sync(&program, &stick).code, 1);
    assert_eq!(std::fs::read_dir(stick).expect("listed").count(), 0);
}
