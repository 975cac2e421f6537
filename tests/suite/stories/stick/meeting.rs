//! Two monitors who never share a network end with the same casebook and both values of what they disagree on.

use std::path::Path;

use serde_json::{Value, json};

use super::{BOOK, Team, admitted, exported, folder, founder, person, sync, synced, whole};
use crate::stories::support::{Program, copy_folder};
use crate::transport::mounted::Disk;

/// Takes the stick out and puts it in again, as between two laptops.
fn carried(disk: &mut Disk) {
    disk.remove();
    assert!(disk.insert());
}

/// The one disagreement that is open.
#[track_caller]
fn contested(program: &Program) -> Value {
    let conflicts = program.json(&["conflicts"], "");
    assert_eq!(conflicts.as_array().expect("rows").len(), 1, "{conflicts}");
    conflicts[0].clone()
}

/// What each voice says, in order, with its author.
fn voices(conflict: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let voices = conflict["voices"].as_array().expect("voices");
    let mut said: Vec<(String, String)> = voices.iter().map(|voice| (text(&voice["value"]), text(&voice["by"]))).collect();
    said.sort();
    said
}

#[test]
fn whole_story_on_a_fat32_stick_ends_with_two_equal_casebooks() {
    let Some(mut disk) = Disk::fat32() else { return };
    let stick = disk.path();
    let ((one, words), two) = (founder("M-ONE"), Program::called("M-TWO"));
    let early = person(&two, "Early Note");
    admitted(&one, &two);
    let code = person(&one, "Sample Person");
    person(&two, "Another Person");
    let team = Team { one, two, words };
    assert_eq!(synced(&team.one, &stick)["new"], 0);
    carried(&mut disk);
    synced(&team.two, &stick);
    team.one.ok(&["edit", &code], json!({ "occupation": "teacher" }).to_string());
    team.two.ok(&["edit", &code], json!({ "occupation": "driver" }).to_string());
    there_and_back(&team, &mut disk);
    let said = [("driver".to_owned(), "M-TWO".to_owned()), ("teacher".to_owned(), "M-ONE".to_owned())];
    for program in [&team.one, &team.two] {
        assert_eq!(voices(&contested(program)), said, "both show both voices");
    }
    decided_and_reopened(&team, &code, &mut disk);
    assert_eq!(voices(&contested(&team.one)), said);
    team.equal();
    assert_eq!(exported(&team.one).len(), 3, "one copy of what was recorded before joining: {early}");
    nothing_more(&team, &stick);
}

fn there_and_back(team: &Team, disk: &mut Disk) {
    for program in [&team.one, &team.two, &team.one] {
        carried(disk);
        synced(program, &disk.path());
    }
}

fn decided_and_reopened(team: &Team, code: &str, disk: &mut Disk) {
    let conflict = contested(&team.two);
    let chosen = conflict["voices"].as_array().expect("voices").iter().find(|voice| voice["value"] == "driver").expect("a voice")["id"].clone();
    let decision = json!({ "about": conflict["about"], "chosen": chosen, "reason": "the family said so" });
    team.two.ok(&["decide", code], decision.to_string());
    there_and_back(team, disk);
    there_and_back(team, disk);
    assert_eq!(team.one.json(&["conflicts"], ""), json!([]));
    assert_eq!(team.one.json(&["conflicts", "--decided"], "")[0]["decided"], chosen);
    team.one.ok(&["decide", code, "--reopen"], "{}");
    there_and_back(team, disk);
    there_and_back(team, disk);
}

/// Another meeting brings and leaves nothing, and says so.
fn nothing_more(team: &Team, stick: &Path) {
    team.meet(stick);
    for program in [&team.one, &team.two] {
        let ran = sync(program, stick);
        assert!(ran.code == 0 && ran.err.contains(": 0 new, ") && ran.err.contains(" 0 left there."), "{ran:#?}");
        let again = program.json(&["sync", stick.to_str().expect("text"), "--thorough"], "");
        assert_eq!((&again["new"], &again["sent"]), (&json!(0), &json!(0)));
        assert!(again["known"].as_u64() > Some(0), "{again}");
    }
}

#[test]
fn sync_says_in_one_line_what_each_sender_brought() {
    let team = Team::new();
    let stick = folder(&team.one);
    person(&team.two, "Серік Беков");
    team.one.detained("Serik Bekov");
    team.one.detained("Dana Omarova");
    sync(&team.one, &stick);
    let ran = sync(&team.two, &stick);
    assert_eq!((ran.code, ran.out.as_str()), (0, "M-ONE: 2 detainees; 1 may be people you have\n"), "{}", ran.err);
}

#[test]
fn remembered_places_are_met_without_being_named() {
    let team = Team::new();
    let stick = folder(&team.one);
    person(&team.one, "Sample Person");
    synced(&team.one, &stick);
    synced(&team.two, &stick);
    person(&team.one, "Later Person");
    let said = team.one.run(&["sync"], "");
    assert!(said.code == 0 && said.err.contains("1 left there"), "{said:#?}");
    assert_eq!(team.two.json(&["sync"], "")["new"], 1);
    assert_eq!(team.two.json(&["places"], "").as_array().expect("rows").len(), 1);
    team.equal();
}

#[test]
fn single_pack_is_handed_over_under_any_name_and_is_no_place_to_come_back_to() {
    let team = Team::new();
    team.one.detained("Sample Person");
    let pack = team.one.path("holiday photos.pack");
    assert!(synced(&team.one, &pack)["sent"].as_u64() > Some(0));
    let handed = team.two.path("renamed.pack");
    std::fs::copy(&pack, &handed).expect("copied");
    let bytes = std::fs::read(&handed).expect("read");
    let ran = sync(&team.two, &handed);
    assert_eq!((ran.code, ran.out.as_str()), (0, "M-ONE: 1 detainee\n"), "a pack that was handed over is only read: {}", ran.err);
    assert_eq!(std::fs::read(&handed).expect("read"), bytes, "a pack that was handed over stays as it is");
    assert_eq!(exported(&team.two), exported(&team.one));
    for program in [&team.one, &team.two] {
        assert_eq!(program.json(&["places"], ""), json!([]));
    }
}

#[test]
fn half_of_a_single_pack_gives_what_is_whole_in_it_and_the_rest_comes_later() {
    let team = Team::new();
    for number in 0..8 {
        person(&team.one, &format!("Person {number}"));
    }
    let pack = team.one.path("whole.pack");
    synced(&team.one, &pack);
    let half = team.two.path("half.pack");
    let bytes = std::fs::read(&pack).expect("read");
    std::fs::write(&half, &bytes[..bytes.len() / 2]).expect("written");
    let ran = sync(&team.two, &half);
    assert_eq!(ran.code, 3, "{ran:#?}");
    whole(&team.two);
    let held = exported(&team.two).len();
    assert!(held < 8, "{held}");
    sync(&team.two, &pack);
    assert_eq!(exported(&team.two), exported(&team.one));
}

#[test]
fn copy_of_a_stick_gives_the_same_as_the_stick() {
    let team = Team::new();
    let stick = folder(&team.one);
    person(&team.one, "Sample Person");
    synced(&team.one, &stick);
    let copy = team.two.path("copy");
    copy_folder(&stick, &copy);
    synced(&team.two, &copy);
    assert_eq!(synced(&team.two, &stick)["new"], 0);
    assert_eq!(team.two.ok(&["--casebook", BOOK, "list", "person"], "").lines().count(), 1);
}
