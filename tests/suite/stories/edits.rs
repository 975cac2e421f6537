//! Changing a record: patches, history, and what happens when a record is full.

use serde_json::{Value, json};

use super::support::{HANDLE, Program};

fn person() -> (Program, String) {
    let program = Program::new();
    let draft = json!({ "names": { "n1": { "text": "Person A" } }, "sex": "female", "roles": ["journalist"], "age": { "years": 34 } });
    let code = program.add("person", &draft);
    (program, code)
}

#[test]
fn a_patch_sets_a_field_removes_one_with_null_and_adds_entries_with_an_array() {
    let (program, code) = person();
    let patch = json!({ "occupation": "teacher", "sex": null, "names": [{ "text": "Person Ä" }], "roles": ["lawyer"] });
    program.ok(&["edit", &code], patch.to_string());
    let shown = program.json(&["show", &code], "");
    assert_eq!((&shown["occupation"], shown.get("sex"), &shown["roles"]), (&json!("teacher"), None, &json!(["lawyer"])));
    assert_eq!(shown["age"], json!({ "years": 34 }));
    let mut names: Vec<&str> = shown["names"].as_object().unwrap().values().map(|name| name["text"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Person A", "Person Ä"]);
}

#[test]
fn a_patch_by_key_changes_or_takes_away_one_entry() {
    let (program, code) = person();
    program.ok(&["edit", &code], r#"{"names":{"n1":{"text":"Person B"},"n2":{"text":"Person C"}}}"#);
    assert_eq!(program.json(&["show", &code], "")["names"], json!({ "n1": { "text": "Person B" }, "n2": { "text": "Person C" } }));
    program.ok(&["edit", &code], r#"{"names":{"n1":null}}"#);
    assert_eq!(program.json(&["show", &code], "")["names"], json!({ "n2": { "text": "Person C" } }));
}

#[test]
fn several_patches_are_one_change_after_the_other() {
    let (program, code) = person();
    program.ok(&["edit", &code], "{\"occupation\":\"teacher\"}\n{\"occupation\":\"nurse\",\"sex\":null}\n");
    let shown = program.json(&["show", &code], "");
    assert_eq!((&shown["occupation"], shown.get("sex")), (&json!("nurse"), None));
}

#[test]
fn history_shows_who_changed_what_from_what() {
    let (program, code) = person();
    program.ok(&["edit", &code], r#"{"sex":"male"}"#);
    let out = program.ok(&["show", &code, "--history"], "");
    let head = format!("{HANDLE} at 2026-05-10 18:50 UTC (claimed)");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.iter().filter(|line| **line == head).count(), 2, "{out}");
    assert_eq!(lines.last(), Some(&"  sex: female → male"));
    let steps = super::support::rows(&program.ok(&["--json", "show", &code, "--history"], ""));
    assert_eq!((steps.len(), &steps[1]["by"]), (2, &json!(HANDLE)));
    assert_eq!(steps[1]["edits"], json!([{ "path": "sex", "before": "female", "after": "male" }]));
}

#[test]
fn a_record_is_listed_with_its_short_code_beside_its_own_code() {
    let program = Program::new();
    let short = program.add("incident", &json!({ "code": "ALM-0510", "title": "Rally", "category": "assembly" }));
    let row = program.json(&["show", "ALM-0510"], "");
    assert_eq!((&row["short"], &row["code"]), (&json!(short), &json!("ALM-0510")));
}

#[test]
fn a_full_record_goes_on_in_another_and_is_shown_and_listed_as_one() {
    let program = Program::new();
    let (_, detention) = program.detained("Person A");
    program.ok(&["step", &detention], r#"{"status":"apprehended","told_by":"own"}"#);
    let mut session = program.session();
    session.set_caps(10_000, 2);
    session.step(&detention, &json!({ "status": "remand", "told_by": "lawyer" })).unwrap();
    session.edit(&detention, &json!({ "vehicle": "bus 3" })).unwrap();
    drop(session);
    assert_eq!(program.json(&["list", "detention"], "").as_array().unwrap().len(), 1);
    let shown = program.json(&["show", &detention], "");
    let mut statuses: Vec<&Value> = shown["transitions"].as_object().unwrap().values().map(|step| &step["status"]).collect();
    statuses.sort_by_key(ToString::to_string);
    assert_eq!((statuses, &shown["vehicle"]), (vec![&json!("apprehended"), &json!("remand")], &json!("bus 3")));
    assert_eq!(program.json(&["check"], "")["whole"], true);
}

#[test]
fn what_a_full_record_says_about_liberty_counts_its_continuation() {
    let program = Program::new();
    let (_, detention) = program.detained("Person A");
    let mut session = program.session();
    session.set_caps(10_000, 1);
    session.step(&detention, &json!({ "status": "released", "told_by": "relative" })).unwrap();
    session.step(&detention, &json!({ "status": "remand", "told_by": "lawyer" })).unwrap();
    drop(session);
    let list = program.ok(&["list", "detention"], "");
    assert!(list.contains("CONTESTED: ") && list.ends_with("clock runs\n"), "{list}");
    assert_eq!(program.json(&["conflicts"], "").as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_taken_away_from_a_full_record() {
    let (program, code) = person();
    let mut session = program.session();
    session.set_caps(1, 2_000);
    let refused = session.edit(&code, &json!({ "sex": null })).unwrap_err();
    assert_eq!(refused.code(), "record-full");
}

#[test]
fn a_continued_record_goes_out_and_in_again_with_the_same_bytes() {
    let program = Program::new();
    let (_, detention) = program.detained("Person A");
    let mut session = program.session();
    session.set_caps(10_000, 1);
    session.edit(&detention, &json!({ "vehicle": "bus 3" })).unwrap();
    drop(session);
    let out = program.ok(&["export"], "");
    let other = Program::new();
    other.ok(&["import"], &out);
    assert_eq!(other.ok(&["export"], ""), out);
    assert_eq!(other.json(&["list", "detention"], "")[0]["vehicle"], "bus 3");
}

#[test]
fn an_entry_told_after_a_record_was_full_is_not_replaced_either() {
    let program = Program::new();
    let (_, detention) = program.detained("Person A");
    let mut session = program.session();
    session.set_caps(10_000, 1);
    session.step(&detention, &json!({ "status": "remand" })).unwrap();
    let key = session.show(&detention).unwrap().tree["transitions"].as_object().unwrap().keys().next().unwrap().clone();
    let refused = session.edit(&detention, &json!({ "transitions": { key: { "status": "released" } } })).unwrap_err();
    assert_eq!(refused.code(), "log-changed");
}
