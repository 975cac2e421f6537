//! The night test: a relative says released, a lawyer says remand. Nobody's word wins by the clock.

use serde_json::{Value, json};

use super::support::{HANDLE, Program};

fn told(status: &str, by: &str, date: &str, time: &str, offset: i16) -> Value {
    json!({ "status": status, "told_by": by, "effective": { "date": date, "time": time, "offset_min": offset } })
}

/// The two statements of one evening: 23:40 at +05:00 and 23:10 at +06:00, the second being the earlier moment.
fn one_evening() -> [Value; 2] {
    [told("released", "relative", "2026-05-10", "23:40", 300), told("remand", "lawyer", "2026-05-10", "23:10", 360)]
}

/// The same over midnight: the lawyer's 00:20 at +06:00 is 23:20 where the relative stands.
fn over_midnight() -> [Value; 2] {
    [told("released", "relative", "2026-05-10", "23:40", 300), told("remand", "lawyer", "2026-05-11", "00:20", 360)]
}

/// A vault in which the statements were made in this order; returns it with the code of the detention.
fn stated(statements: [Value; 2]) -> (Program, String) {
    let program = Program::new();
    let (person, detention) = program.detained("Sample Person");
    program.ok(&["step", &person], statements[0].to_string());
    program.ok(&["step", &detention], statements[1].to_string());
    (program, detention)
}

fn listed(program: &Program) -> String {
    program.ok(&["list", "detention"], "").trim().to_owned()
}

/// The open disagreement about the status, as JSON.
fn open(program: &Program) -> Value {
    let conflicts = program.json(&["conflicts"], "");
    assert_eq!(conflicts.as_array().unwrap().len(), 1, "{conflicts}");
    conflicts[0].clone()
}

fn voice(conflict: &Value, status: &str) -> Value {
    let voices = conflict["voices"].as_array().unwrap();
    voices.iter().find(|voice| voice["value"]["status"] == status).unwrap().clone()
}

fn assert_contested(program: &Program) {
    let line = listed(program);
    assert!(line.contains("CONTESTED: ") && line.contains("remand in custody") && line.contains("released"), "{line}");
    assert!(line.ends_with("clock runs"), "{line}");
    let conflict = open(program);
    assert_eq!(conflict["voices"].as_array().unwrap().len(), 2);
    for (status, teller) in [("released", "relative"), ("remand", "lawyer")] {
        let voice = voice(&conflict, status);
        assert_eq!((&voice["value"]["told_by"], &voice["by"]), (&Value::from(teller), &Value::from(HANDLE)));
    }
}

#[test]
fn both_voices_stand_in_either_order_and_over_midnight() {
    for mut statements in [one_evening(), over_midnight()] {
        assert_contested(&stated(statements.clone()).0);
        statements.reverse();
        assert_contested(&stated(statements).0);
    }
}

#[test]
fn words_of_conflicts_name_both_voices_with_who_recorded_them() {
    let (program, detention) = stated(one_evening());
    let out = program.ok(&["conflicts"], "");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[..2], ["Sample Person".to_owned(), format!("{detention} · current status: CONTESTED")]);
    let said = |words: &str| lines.iter().filter(|line| line.contains(words) && line.contains(&format!("– {HANDLE} at 2026-05-10 18:50 UTC"))).count();
    assert_eq!(said("released, since when: 2026-05-10 23:40 +05:00, who says so: relative"), 1, "{out}");
    assert_eq!(said("remand in custody, since when: 2026-05-10 23:10 +06:00, who says so: lawyer"), 1, "{out}");
    assert_eq!(lines.len(), 4, "{out}");
}

#[test]
fn a_decision_leaves_one_line_and_reopening_brings_both_back() {
    for statements in [one_evening(), over_midnight()] {
        let (program, detention) = stated(statements);
        let remand = voice(&open(&program), "remand")["id"].clone();
        let decision = json!({ "about": "status", "chosen": remand, "reason": "the order of the court" });
        let said = program.ok(&["decide", &detention], decision.to_string());
        assert_eq!(said.trim(), listed(&program));
        assert_eq!(listed(&program), format!("{detention} · Sample Person · remand in custody · clock runs"));
        assert_eq!(program.json(&["conflicts"], ""), json!([]));
        assert_eq!(program.json(&["conflicts", "--decided"], "")[0]["decided"], remand);
        program.ok(&["decide", &detention, "--reopen"], "{}");
        assert_contested(&program);
    }
}

#[test]
fn a_confirmed_release_that_was_chosen_stops_the_clock() {
    let (program, detention) = stated(one_evening());
    let released = voice(&open(&program), "released")["id"].clone();
    program.ok(&["decide", &detention], json!({ "chosen": released }).to_string());
    assert_eq!(listed(&program), format!("{detention} · Sample Person · released"));
}

#[test]
fn a_new_voice_after_the_decision_opens_it_again() {
    let (program, detention) = stated(one_evening());
    let remand = voice(&open(&program), "remand")["id"].clone();
    program.ok(&["decide", &detention], json!({ "chosen": remand }).to_string());
    program.ok(&["step", &detention], told("released", "victim", "2026-05-11", "09:00", 300).to_string());
    assert_eq!(open(&program)["voices"].as_array().unwrap().len(), 3);
}

#[test]
fn json_lists_show_both_voices_and_the_running_clock() {
    let (program, _) = stated(one_evening());
    let row = program.json(&["list", "detention"], "")[0].clone();
    let mut statuses: Vec<&str> = row["current_status"].as_array().unwrap().iter().map(|status| status.as_str().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["released", "remand"]);
    assert_eq!((&row["contested"], &row["clock_runs"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(row["transitions"].as_object().unwrap().len(), 2);
}

#[test]
fn deciding_for_a_voice_that_is_not_there_saves_nothing() {
    let (program, detention) = stated(one_evening());
    let ran = program.run(&["decide", &detention], r#"{"about":"status","chosen":"nobody"}"#);
    assert_eq!((ran.code, ran.err.as_str()), (1, "There is no such voice.\n`sandyq conflicts` lists the voices with their ids.\n"));
    assert_contested(&program);
}

#[test]
fn a_disagreement_and_its_decision_travel_through_an_export() {
    let (program, detention) = stated(one_evening());
    let there = Program::new();
    there.ok(&["import"], program.ok(&["export"], ""));
    assert_contested(&there);
    let remand = voice(&open(&program), "remand")["id"].clone();
    program.ok(&["decide", &detention], json!({ "chosen": remand }).to_string());
    let decided = program.ok(&["export"], "");
    let there = Program::new();
    there.ok(&["import"], &decided);
    assert_eq!(there.json(&["conflicts"], ""), json!([]));
    assert_eq!(there.ok(&["export"], ""), decided);
}
