//! Devices that open nothing of what they save: a capture phone from a team pack, and a laptop that was sealed.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{BOOK, Team, badge, exported, folder, person, sync, synced, whole};
use crate::stories::support::Program;

/// What is to be read is refused, and what is to be changed.
#[track_caller]
fn refuses_to_read(program: &Program, hint: &str) {
    let calls: &[(&[&str], &str)] = &[
        (&["list", "person"], ""),
        (&["show", "P-000000"], ""),
        (&["find"], "sample"),
        (&["conflicts"], ""),
        (&["report", "rally"], ""),
        (&["export"], ""),
        (&["edit", "P-000000"], "{}"),
        (&["step", "P-000000"], "{}"),
        (&["decide", "P-000000"], "{}"),
        (&["consent", "P-000000", "give"], "{}"),
        (&["link", "P-000000", "P-000001"], ""),
        (&["retract", "P-000000", "x"], ""),
        (&["extract", "E-000000", "/nonexistent/file"], ""),
        (&["detach", "E-000000"], ""),
        (&["split", "P-000000"], "Name\n"),
        (&["import"], "{}"),
        (&["add", "detention"], r#"{"person":"P-000000"}"#),
        (&["add", "hearing"], r#"{"trial":"T-000000"}"#),
        (&["roll"], ""),
    ];
    for (args, stdin) in calls {
        let ran = program.run(args, stdin);
        assert_eq!(ran.code, 1, "{args:?}: {ran:#?}");
        assert!(ran.out.is_empty() && ran.err.contains("does not read that casebook") && ran.err.contains(hint), "{args:?}: {ran:#?}");
    }
}

/// The mode that the overview says.
fn mode(program: &Program) -> String {
    program.json(&[], "")["mode"].as_str().expect("text").to_owned()
}

fn stick(program: &Program, name: &str) -> PathBuf {
    let path = program.path(name);
    std::fs::create_dir(&path).expect("a folder");
    path
}

/// A capture phone of the team, from its pack.
fn phone(team: &Team) -> Program {
    let pack = team.one.arg("TEAM.json");
    team.one.ok(&["team-pack", "--out", &pack], "");
    let phone = Program::without_vault();
    let said = phone.run(&["init", "--label", "M-CAP", "--capture", &pack], "");
    assert!(said.code == 0 && said.err.contains("reads nothing"), "{said:#?}");
    phone.cheap()
}

/// Notes a person, adds another with a detention by its code, and attaches a photograph to it.
fn recorded(program: &Program) -> PathBuf {
    let said = program.ok(&["note"], "Marat Sample, m 62 police beaten\n+3 unknown bus2\n..\nundo\n");
    assert!(said.contains("people in the group: 3"), "{said}");
    let person = program.json(&["add", "person"], r#"{"names":[{"text":"Dana Omarova"}]}"#);
    let id = person["id"].as_str().expect("an id");
    program.ok(&["add", "detention"], json!({ "person": id }).to_string());
    let photo = program.path("photo.jpg");
    std::fs::write(&photo, b"a photograph of the square").expect("written");
    program.ok(&["attach", person["code"].as_str().expect("a code"), photo.to_str().expect("text")], "");
    program.ok(&["attach", id, photo.to_str().expect("text")], "");
    photo
}

/// What such a device recorded is with somebody who reads, down to the photograph.
#[track_caller]
fn is_with(program: &Program, photo: &Path) {
    let all = exported(program).concat();
    assert!(all.contains("Marat Sample") && all.contains("Dana Omarova"), "{all}");
    let evidence = program.json(&["--casebook", BOOK, "list", "evidence"], "");
    let rows = evidence.as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{evidence}");
    let to = program.path("extracted.jpg");
    program.ok(&["--casebook", BOOK, "extract", rows[0]["id"].as_str().expect("an id"), to.to_str().expect("text")], "");
    assert_eq!(std::fs::read(to).expect("read"), std::fs::read(photo).expect("read"));
}

/// Care works as on any other device.
#[track_caller]
fn is_cared_for(program: &Program) -> Program {
    whole(program);
    program.ok(&["check", "--rebuild"], "");
    whole(program);
    let backup = program.arg("a.backup");
    program.ok(&["backup", &backup], "");
    assert!(program.ok(&["members"], "").contains("M-ONE"));
    assert!(!program.ok(&["badge"], "").is_empty());
    program.ok(&["places"], "");
    program.ok(&["pending"], "");
    let restored = Program::without_vault();
    restored.ok(&["restore", &backup], "");
    let restored = restored.cheap();
    whole(&restored);
    restored
}

#[test]
fn capture_phone_records_for_a_team_that_alone_reads_it() {
    let team = Team::new();
    let place = folder(&team.one);
    let phone = phone(&team);
    assert_eq!(mode(&phone), "capture");
    let photo = recorded(&phone);
    refuses_to_read(&phone, "It only records");
    assert_eq!(phone.json(&[], "")["only_here"], 10, "none of it is with anybody");
    assert!(phone.ok(&[], "").contains("CAPTURE"));
    synced(&phone, &place);
    assert_eq!(phone.json(&[], "")["only_here"], 0);
    synced(&team.one, &place);
    is_with(&team.one, &photo);
    let restored = is_cared_for(&phone);
    assert_eq!(mode(&restored), "capture");
    refuses_to_read(&restored, "It only records");
    restored.ok(&["note"], "After Restoring, f\n");
    synced(&restored, &place);
    synced(&team.one, &place);
    assert!(exported(&team.one).concat().contains("After Restoring"));
    whole(&team.one);
}

#[test]
fn capture_device_is_made_only_from_a_sound_pack_and_never_over_a_vault() {
    let team = Team::new();
    let phone = phone(&team);
    let pack = team.one.arg("TEAM.json");
    assert_eq!(phone.run(&["init", "--capture", &pack], "").code, 1);
    let other = Program::without_vault();
    std::fs::write(other.path("bad.json"), b"{}").expect("written");
    assert_eq!(other.run(&["init", "--capture", &other.arg("bad.json")], "").code, 20);
    assert_ne!(other.run(&["--casebook", "x", "init", "--capture", &pack], "").code, 0);
    assert!(!other.vault().join("keyring.age").exists());
}

#[test]
fn sealed_laptop_records_on_and_a_colleague_gives_everything_back() {
    let team = Team::new();
    let place = folder(&team.one);
    person(&team.one, "Sample Person");
    team.two.ok(&["--casebook", "own", "add", "person"], r#"{"names":[{"text":"Private Person"}]}"#);
    team.two.detained("Before Sealing");
    team.meet(&place);
    let open = team.two.copy();
    let said = team.two.json(&["seal"], "");
    assert_eq!(said["mode"], "sealed");
    assert_eq!(mode(&team.two), "sealed");
    assert!(team.two.ok(&[], "").contains("SEALED"));
    assert_eq!(team.two.run(&["seal"], "").code, 0, "a second time it shows the badge again");
    refuses_to_read(&team.two, "It is sealed");
    assert_eq!(team.two.run(&["--casebook", "own", "list", "person"], "").code, 1);
    let (sealed_place, open_place) = (stick(&team.two, "sealed-stick"), stick(&open, "open-stick"));
    let sent = |program: &Program, place: &Path| synced(program, place)["sent"].as_u64().expect("a number");
    assert_eq!(sent(&team.two, &sealed_place), sent(&open, &open_place), "nothing of its own casebook travels now");
    let photo = recorded(&team.two);
    synced(&team.two, &place);
    synced(&team.one, &place);
    is_with(&team.one, &photo);
    let restored = is_cared_for(&team.two);
    for sealed in [&restored, &team.two] {
        let (line, words) = badge(sealed);
        let keys = sealed.arg("keys.pack");
        assert_eq!(team.one.run(&["reopen", &line, "--words", "one two three", "--out", &keys], "").code, 1);
        team.one.ok(&["reopen", &line, "--words", &words, "--out", &keys], "");
        sealed.ok(&["unseal", &keys], "");
        assert_eq!(mode(sealed), "open");
        for program in [&team.one, sealed] {
            synced(program, &place);
        }
        assert_eq!(exported(sealed), exported(&team.one));
        assert!(sealed.ok(&["--casebook", "own", "list", "person"], "").contains("Private Person"));
        whole(sealed);
        assert_eq!(sealed.run(&["unseal", &keys], "").code, 1, "it is not sealed any more");
    }
    person(&team.two, "After Opening");
    team.meet(&place);
    team.equal();
}

#[test]
fn sealed_laptop_survives_new_keys_and_the_end_of_none_that_it_needs() {
    let team = Team::new();
    let place = folder(&team.one);
    team.meet(&place);
    team.two.ok(&["seal"], "");
    person(&team.one, "Sample Person");
    team.one.ok(&["roll"], "");
    synced(&team.one, &place);
    team.two.ok(&["note"], "Recorded After The Roll, f\n");
    synced(&team.two, &place);
    synced(&team.one, &place);
    assert!(exported(&team.one).concat().contains("Recorded After The Roll"));
    let waits = team.one.run(&["retire"], "");
    assert!(waits.code == 3 && waits.out.contains("M-TWO"), "{waits:#?}");
    let (line, words) = badge(&team.two);
    let keys = team.two.arg("keys.pack");
    team.one.ok(&["reopen", &line, "--words", &words, "--out", &keys], "");
    team.two.ok(&["unseal", &keys], "");
    team.meet(&place);
    team.equal();
    team.one.ok(&["retire"], "");
    team.equal();
}

#[test]
fn device_seals_itself_when_its_hours_are_over() {
    let Team { one, mut two, .. } = Team::new();
    let place = folder(&one);
    synced(&one, &place);
    synced(&two, &place);
    two.ok(&["seal", "--after", "2"], "");
    two.at("2026-05-11T01:49:00+05:00");
    two.ok(&["list", "person"], "");
    two.at("2026-05-11T01:50:00+05:00");
    let ran = two.run(&["list", "person"], "");
    assert!(ran.code == 1 && ran.err.contains("SEALED itself") && ran.out.is_empty(), "{ran:#?}");
    two.ok(&["note"], "Noted Later, m\n");
    let (line, words) = badge(&two);
    let keys = two.arg("keys.pack");
    one.ok(&["reopen", &line, "--words", &words, "--out", &keys], "");
    two.ok(&["unseal", &keys], "");
    assert!(two.ok(&["list", "person"], "").contains("Noted Later"), "its hours begin anew");
    two.ok(&["seal", "--never"], "");
    two.at("2026-06-11T01:50:00+05:00");
    two.ok(&["list", "person"], "");
}

#[test]
fn device_that_nobody_could_open_again_is_not_sealed() {
    let (one, _) = super::founder("M-ONE");
    person(&one, "Sample Person");
    for args in [&["seal"][..], &["seal", "--on-leaving"], &["seal", "--after", "2"]] {
        let ran = one.run(args, "");
        assert!(ran.code == 1 && ran.err.contains("NOT sealed"), "{ran:#?}");
    }
    assert_eq!(mode(&one), "open");
    let alone = Program::new();
    assert_eq!(alone.run(&["seal"], "").code, 1, "a casebook of its own is shared with nobody");
    assert_eq!(sync(&one, &folder(&one)).code, 0);
}
