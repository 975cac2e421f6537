//! Consents, links and the source register: every statement stands, secrets stay with the keepers.

use serde_json::{Value, json};

use super::support::Program;

#[test]
fn consent_given_and_withdrawn_both_stand() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    program.ok(&["consent", &person, "give"], r#"{"purposes":{"press":{"value":"yes"}},"given_by":"self"}"#);
    program.ok(&["consent", &person, "withdraw"], r#"{"purposes":{"press":{"value":"yes"}}}"#);
    let records = program.json(&["list", "consent"], "");
    assert_eq!(records.as_array().unwrap().len(), 1);
    let statements: Vec<&Value> = records[0]["statements"].as_object().unwrap().values().collect();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements.iter().filter(|statement| statement["withdrawn"] == true).count(), 1);
    assert_eq!(statements.iter().filter(|statement| statement["given_by"] == "self").count(), 1);
}

#[test]
fn same_and_different_about_one_pair_is_a_disagreement() {
    let program = Program::new();
    let ((a, _), (b, _)) = (program.detained("Person A"), program.detained("Person Ä"));
    program.ok(&["link", &a, &b, "--verdict", "same"], "one passport\n");
    assert_eq!(program.json(&["conflicts"], ""), json!([]));
    program.ok(&["link", &b, &a, "--verdict", "different"], "two mothers\n");
    let conflicts = program.json(&["conflicts"], "");
    assert_eq!(conflicts.as_array().unwrap().len(), 1);
    let reasons: Vec<&str> = conflicts[0]["voices"].as_array().unwrap().iter().map(|voice| voice["value"]["reason"].as_str().unwrap()).collect();
    assert!(reasons.contains(&"one passport") && reasons.contains(&"two mothers"), "{reasons:?}");
    let words = program.ok(&["conflicts"], "");
    assert!(words.contains("CONTESTED") && words.contains("one passport") && words.contains("two mothers"), "{words}");
}

#[test]
fn a_retracted_link_stays_and_no_longer_contradicts() {
    let program = Program::new();
    let ((a, _), (b, _)) = (program.detained("Person A"), program.detained("Person Ä"));
    program.ok(&["link", &a, &b, "--verdict", "same"], "");
    program.ok(&["link", &a, &b, "--verdict", "different"], "");
    let conflict = program.json(&["conflicts"], "")[0].clone();
    let same = conflict["voices"].as_array().unwrap().iter().find(|voice| voice["value"]["verdict"] == "same").unwrap()["id"].clone();
    let whose = conflict["code"].as_str().unwrap();
    program.ok(&["retract", whose, same.as_str().unwrap()], "");
    assert_eq!(program.json(&["conflicts"], ""), json!([]));
    let links = program.json(&["show", whose], "")["links"].clone();
    assert_eq!(links.as_object().unwrap().len(), 3);
    assert_eq!(links[same.as_str().unwrap()]["verdict"], "same");
}

#[test]
fn a_retracted_step_stays_and_says_nothing_any_more() {
    let program = Program::new();
    let (_, detention) = program.detained("Person A");
    program.ok(&["step", &detention], r#"{"status":"remand","told_by":"lawyer"}"#);
    let key = program.json(&["show", &detention], "")["transitions"].as_object().unwrap().keys().next().unwrap().clone();
    program.ok(&["retract", &detention, &key], "");
    let shown = program.json(&["show", &detention], "");
    let steps = shown["transitions"].as_object().unwrap();
    assert_eq!((steps.len(), &steps[&key]["status"]), (2, &json!("remand")));
    assert!(steps.values().any(|step| step["retracts"] == key.as_str()));
    assert_eq!(shown.get("current_status"), None);
}

/// A source whose name, risk and way of contact are secrets of the register.
fn with_source() -> (Program, String) {
    let program = Program::new();
    let draft = json!({ "code": "SRC-0007", "name": "Quiet Witness", "risk": "loses the work", "contacts": { "c1": { "reach": "+7 700 000 00 00" } } });
    let source = program.add("source", &draft);
    (program, source)
}

#[test]
fn a_keeper_reads_the_source_and_an_export_withholds_and_counts_its_secrets() {
    let (program, source) = with_source();
    let shown = program.ok(&["show", &source], "");
    assert!(shown.contains("Quiet Witness") && shown.contains("loses the work") && shown.contains("+7 700 000 00 00"), "{shown}");
    let ran = program.run(&["export"], "");
    assert!(ran.err.ends_with("1 records. Left out: 3 secrets of the register, 0 attached files.\n"), "{}", ran.err);
    for secret in ["Quiet Witness", "loses the work", "+7 700", "sealed"] {
        assert!(!ran.out.contains(secret), "{secret} is in {}", ran.out);
    }
}

#[test]
fn a_register_goes_out_and_in_again_with_the_same_bytes() {
    let (program, _) = with_source();
    let register = program.ok(&["export", "--register"], "");
    assert!(register.contains("Quiet Witness"));
    let other = Program::new();
    other.ok(&["import"], &register);
    assert_eq!(other.ok(&["export", "--register"], ""), register);
    assert!(!other.ok(&["export"], "").contains("Quiet Witness"));
}

#[test]
fn a_backup_brings_the_same_records_back_elsewhere() {
    let (program, _) = with_source();
    program.ok(&["backup", &program.arg("stick")], "");
    let other = Program::without_vault();
    other.ok(&["restore", &program.arg("stick")], "");
    assert_eq!(other.ok(&["export", "--register"], ""), program.ok(&["export", "--register"], ""));
    assert_eq!(other.json(&["check"], "")["whole"], true);
}
