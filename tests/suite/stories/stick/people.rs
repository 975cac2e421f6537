//! Who gets in by which words, and that wrong ones change nothing.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{BOOK, Team, admitted, badge, exported, folder, founder, person, sync, synced, whole};
use crate::stories::support::{Program, files};

/// Names of the members, with their roles.
fn members(program: &Program) -> Vec<(String, String)> {
    let rows = program.json(&["members"], "");
    let text = |row: &Value, name: &str| row[name].as_str().expect("text").to_owned();
    rows.as_array().expect("rows").iter().map(|row| (text(row, "handle"), text(row, "role"))).collect()
}

fn named(handle: &str, role: &str) -> (String, String) {
    (handle.to_owned(), role.to_owned())
}

#[test]
fn lost_laptop_is_replaced_by_the_words_on_paper_and_any_stick() {
    let team = Team::new();
    let stick = folder(&team.two);
    let code = person(&team.one, "Sample Person");
    team.one.ok(&["step", &team.one.detained("Dana Omarova").1], json!({ "status": "remand", "told_by": "lawyer" }).to_string());
    team.one.ok(&["edit", &code], json!({ "occupation": "teacher" }).to_string());
    synced(&team.one, &stick);
    let before = exported(&team.one);
    drop(team.one);
    let new = Program::called("M-NEW");
    let said = new.run(&["recover", stick.to_str().expect("text")], format!("{}\n", team.words));
    assert!(said.code == 0 && said.err.contains("You are an admin again. 3 records are back."), "{said:#?}");
    assert_eq!(exported(&new), before);
    person(&new, "Later Person");
    let team = Team { one: new, ..team };
    team.meet(&stick);
    team.equal();
    assert!(members(&team.two).contains(&named("M-NEW", "admin")));
}

#[test]
fn wrong_recovery_words_bring_nothing_back() {
    let team = Team::new();
    let stick = folder(&team.one);
    person(&team.one, "Sample Person");
    synced(&team.one, &stick);
    let (other, words_of_other) = founder("M-OTHER");
    drop(other);
    let new = Program::called("M-NEW");
    let place = stick.to_str().expect("text");
    let mut swapped: Vec<&str> = team.words.split_whitespace().collect();
    let other = (1..swapped.len()).find(|at| swapped[*at] != swapped[0]).expect("twelve words are not all the same");
    swapped.swap(0, other);
    let names = files(&stick);
    let given = [("no such words at all".to_owned(), 1), (swapped.join(" "), 1), (words_of_other, 12)];
    for (words, code) in given {
        let ran = new.run(&["recover", place], &words);
        // Four bits check the others: one of sixteen such orders is read, as the words of another casebook.
        assert!(ran.code == code || (code == 1 && ran.code == 12), "{ran:#?}");
        assert_eq!((new.records(), files(&stick)), (0, names.clone()));
        assert_eq!(sync(&new, &stick).code, 1, "the casebook is not here");
    }
    assert_eq!(new.run(&["recover", "/media/no-stick-here"], &team.words).code, 30);
    assert_eq!(new.run(&["recover", place], &team.words).code, 0, "and the right ones still do");
}

#[test]
fn somebody_elses_safety_words_let_nobody_in() {
    let team = Team::new();
    let (newcomer, other) = (Program::called("M-NEW"), badge(&team.two));
    let line = badge(&newcomer).0;
    let welcome = team.one.arg("welcome");
    let before = members(&team.one);
    for words in [other.1.as_str(), "one two three four five six", ""] {
        let ran = team.one.run(&["admit", &line, "--words", words, "--out", &welcome], "");
        assert_eq!(ran.code, 1, "{ran:#?}");
        assert!(!team.one.path("welcome").exists());
    }
    assert_eq!(team.one.run(&["verify-member", "M-TWO", "--words", &badge(&newcomer).1], "").code, 1);
    assert_eq!(team.one.run(&["verify-member", "M-NOBODY", "--words", &other.1], "").code, 1);
    assert_eq!(team.one.run(&["admit", "no badge", "--words", &other.1, "--out", &welcome], "").code, 1);
    let mut changed = line.clone().into_bytes();
    let last = changed.len() - 1;
    changed[last] = if changed[last] == b'q' { b'p' } else { b'q' };
    let changed = String::from_utf8(changed).expect("text");
    assert_eq!(team.one.run(&["admit", &changed, "--words", &other.1, "--out", &welcome], "").code, 1);
    assert_eq!(members(&team.one), before);
    team.one.ok(&["verify-member", "M-TWO", "--words", &other.1], "");
}

#[test]
fn member_who_is_no_admin_and_a_device_that_is_in_already_are_turned_away() {
    let team = Team::new();
    let (line, words) = badge(&Program::called("M-NEW"));
    let welcome = team.two.arg("welcome-again");
    assert_eq!(team.two.run(&["admit", &line, "--words", &words, "--out", &welcome], "").code, 1);
    let (line, words) = badge(&team.two);
    assert_eq!(team.one.run(&["admit", &line, "--words", &words, "--out", &welcome], "").code, 1);
    let (line, words) = badge(&Program::called("M-ONE"));
    let same = team.one.run(&["admit", &line, "--words", &words, "--out", &welcome], "");
    assert_eq!(same.code, 1, "a second handle of the same name would confuse everybody: {same:#?}");
    assert!(!team.two.path("welcome-again").exists());
    assert_eq!(members(&team.one), [named("M-ONE", "admin"), named("M-TWO", "editor")]);
}

#[test]
fn welcome_opens_for_the_device_it_was_made_for_and_only_once() {
    let (one, _) = founder("M-ONE");
    let (two, thief) = (Program::called("M-TWO"), Program::called("M-THIEF"));
    person(&one, "Sample Person");
    person(&thief, "Of The Thief");
    admitted(&one, &two);
    let welcome = two.arg("welcome");
    let ran = thief.run(&["join", &welcome], "");
    assert_eq!(ran.code, 12, "{ran:#?}");
    assert_eq!(thief.records(), 1);
    assert_ne!(thief.run(&["--casebook", BOOK, "list", "person"], "").code, 0);
    person(&two, "Another Person");
    let before = (exported(&two), members(&two));
    let again = two.run(&["join", &welcome], "");
    assert_eq!(again.code, 1, "{again:#?}");
    assert_eq!((exported(&two), members(&two)), before);
    let bytes = std::fs::read(&welcome).expect("read");
    for (name, bytes) in [("cut", &bytes[..bytes.len() / 3]), ("empty", &[][..]), ("text", &b"no welcome"[..])] {
        let third = Program::called("M-THREE");
        std::fs::write(third.path(name), bytes).expect("written");
        let ran = third.run(&["join", &third.arg(name)], "");
        assert_eq!(ran.code, 12, "{name}: {ran:#?}");
        assert_ne!(third.run(&["--casebook", BOOK, "list", "person"], "").code, 0);
    }
    whole(&two);
}

#[test]
fn newcomer_with_a_team_pack_notes_reads_nothing_and_gets_in_by_words_over_two_sticks() {
    let team = Team::new();
    let (there, back) = (team.one.path("there"), team.one.path("back"));
    for path in [&there, &back] {
        std::fs::create_dir(path).expect("a folder");
    }
    person(&team.one, "Sample Person");
    synced(&team.one, &back);
    let pack = team.one.arg("TEAM.json");
    team.one.ok(&["team-pack", "--out", &pack, "--people", "2"], "");
    let newcomer = Program::called("M-NEW");
    newcomer.ok(&["join", &pack], "");
    assert_eq!(newcomer.run(&["--casebook", BOOK, "list", "person"], "").code, 1);
    newcomer.ok(&["note"], "Yerlan Tasbulatov\n");
    let came = sync(&newcomer, &back);
    assert!(came.err.contains("does not read the casebook yet"), "{came:#?}");
    assert!(!came.err.contains("Sample Person") && !came.out.contains("Sample Person"));
    synced(&newcomer, &there);
    let said = sync(&team.one, &there);
    assert!(said.err.contains("M-NEW is not verified"), "{said:#?}");
    assert!(members(&team.one).contains(&named("M-NEW", "capture")));
    let words = badge(&newcomer).1;
    team.one.ok(&["verify-member", "M-NEW", "--words", &words], "");
    synced(&team.one, &back);
    let said = sync(&newcomer, &back);
    assert!(said.code == 0 && said.err.contains("New keys came for this device."), "{said:#?}");
    synced(&team.one, &back);
    assert_eq!(exported(&team.one).len(), 3, "a person and a detention, noted before anybody let the newcomer in");
    assert_eq!(exported(&newcomer), exported(&team.one));
    assert!(members(&newcomer).contains(&named("M-NEW", "editor")));
}

#[test]
fn starter_of_somebody_who_may_not_let_people_in_leaves_nothing_in_the_way_of_an_admin() {
    let team = Team::new();
    let stick = folder(&team.one);
    let place = stick.to_str().expect("text");
    for program in [&team.two, &Program::called("M-NEW")] {
        assert_eq!(program.run(&["starter", place], "").code, 1);
        assert_eq!(files(&stick), []);
    }
    let said = team.one.json(&["starter", place, "--people", "1"], "");
    for row in said.as_array().expect("rows") {
        let bytes = std::fs::read(stick.join(row["file"].as_str().expect("text"))).expect("a file");
        assert_eq!(row["sha256"], hex::encode(Sha256::digest(bytes)));
    }
    assert_eq!(files(&stick).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["START.html", "TEAM.json", "sandyq"]);
    let newcomer = Program::called("M-NEW");
    newcomer.ok(&["join", stick.join("TEAM.json").to_str().expect("text")], "");
    synced(&newcomer, &stick);
    synced(&team.one, &stick);
    assert!(members(&team.one).contains(&named("M-NEW", "capture")));
    let before = files(&stick);
    assert_eq!(team.one.run(&["starter", place], "").code, 1, "what stands there is not written over");
    assert_eq!(files(&stick), before);
}
