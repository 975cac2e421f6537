//! What the ledger keeps of a hand-over: those of whom something went, on every ground; and nothing that it would refuse after the sealing.

use serde_json::{Value, json};

use crate::stories::support::Program;

const ORAL: &str = r#"{"recipient": "Adv. Sultanova", "reason": "oral, 23:10, by the mother", "paper_due": "2026-05-13"}"#;

fn yes(program: &Program, person: &str, purposes: &[&str]) {
    let purposes: Value = purposes.iter().map(|purpose| ((*purpose).to_owned(), json!({ "value": "yes" }))).collect::<serde_json::Map<_, _>>().into();
    let ran = program.run(&["consent", person, "give"], json!({ "purposes": purposes }).to_string());
    assert_eq!(ran.code, 0, "{ran:#?}");
}

/// Makes a bundle and returns its entry in the ledger.
#[track_caller]
fn noted(program: &Program, about: &[&str], more: &[&str], told: &str) -> Value {
    let to = program.arg(&format!("{}.zip.age", program.records()));
    let ran = program.run(&[&["--json", "bundle", "create"], about, &["--to", &to, "--yes"], more].concat(), told);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let made: Value = serde_json::from_str(ran.out.lines().last().expect("a line")).expect("JSON");
    program.json(&["show", made["record"].as_str().expect("an id")], "")
}

fn about(entry: &Value) -> Vec<String> {
    let mut about: Vec<String> =
        entry["about"].as_object().expect("entries").values().filter_map(|subject| subject["record"].as_str().map(str::to_owned)).collect();
    about.sort();
    about
}

/// The ids of records, in order.
fn ids(program: &Program, codes: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = codes.iter().map(|code| program.json(&["show", code], "")["id"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn withdrawal_tells_nobody_who_never_heard_of_the_person() {
    let program = Program::new();
    let incident = program.add("incident", &json!({ "category": "assembly" }));
    let (one, _) = program.detained("Айгүл Қасымова");
    let (other, _) = program.detained("Данияр Сериков");
    for person in [&one, &other] {
        program.add("detention", &json!({ "person": person, "incident": incident }));
    }
    yes(&program, &one, &["press"]);
    let entry = noted(&program, &[&incident], &["--profile", "press"], r#"{"recipient": "Newspaper"}"#);
    assert_eq!(about(&entry), ids(&program, &[&one, &incident]));
    let withdraw = |person: &str| program.run(&["consent", person, "withdraw"], r#"{"purposes": {"press": {"value": "no"}}}"#);
    let silent = withdraw(&other);
    assert!(silent.code == 0 && !silent.err.contains("Newspaper"), "{silent:#?}");
    let told = withdraw(&one);
    assert!(told.code == 0 && told.err.contains("Newspaper"), "{told:#?}");
}

#[test]
fn bundle_about_an_act_or_a_file_is_sealed_and_noted_under_its_person() {
    let program = Program::new();
    let (person, detention) = program.detained("Айгүл Қасымова");
    let act = program.add("act", &json!({ "detention": detention, "category": "phone_search" }));
    assert_eq!(about(&noted(&program, &[&act], &[], ORAL)), ids(&program, &[&person]));
    std::fs::write(program.path("list.txt"), "a list").expect("written");
    program.ok(&["attach", &detention, &program.arg("list.txt")], "");
    let file = program.json(&["list", "evidence"], "")[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(about(&noted(&program, &[&file], &[], ORAL)), ids(&program, &[&person]));
    let told = program.add("detention", &json!({ "person": person, "category": "street" }));
    assert_eq!(about(&noted(&program, &[&told], &[], ORAL)), ids(&program, &[&person, &told]));
}

#[test]
fn what_the_ledger_refuses_is_told_before_anything_is_sealed() {
    let program = Program::new();
    let (person, _) = program.detained("Айгүл Қасымова");
    let told = json!({ "recipient": "x".repeat(3_000), "reason": "oral", "paper_due": "2026-05-13" }).to_string();
    let ran = program.run(&["bundle", "create", &person, "--to", &program.arg("a.zip.age"), "--yes"], told);
    assert!(ran.code == 1 && ran.err.contains("recipient"), "{ran:#?}");
    let left: Vec<_> = std::fs::read_dir(program.path(".")).expect("a folder").map(|entry| entry.expect("read").file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("zip")), "{left:?}");
}

#[test]
fn every_ground_is_kept_where_people_stand_on_several() {
    let program = Program::new();
    let (one, _) = program.detained("Айгүл Қасымова");
    let (other, _) = program.detained("Данияр Сериков");
    let mandate = |person: &str| program.add("mandate", &json!({ "principal": person, "scope": ["detention"], "valid_from": { "date": "2026-01-01" } }));
    let first = ids(&program, &[&mandate(&one)]).remove(0);
    let entry = noted(&program, &[&one, &other], &[], ORAL);
    let grounds = |entry: &Value| {
        let rows = entry["grounds"].as_object().cloned().unwrap_or_default().into_iter();
        let mut rows: Vec<(String, Option<String>)> =
            rows.map(|(_, row)| (row["basis"].as_str().expect("a code").to_owned(), row["mandate"].as_str().map(str::to_owned))).collect();
        rows.sort();
        rows
    };
    assert_eq!(entry["basis"], "reason");
    assert_eq!(grounds(&entry), [("mandate".to_owned(), Some(first.clone())), ("reason".to_owned(), None)]);
    let second = ids(&program, &[&mandate(&other)]).remove(0);
    let entry = noted(&program, &[&one, &other], &[], "{}");
    let mut both = vec![("mandate".to_owned(), Some(first)), ("mandate".to_owned(), Some(second))];
    both.sort();
    assert_eq!((&entry["basis"], grounds(&entry)), (&json!("mandate"), both));
    assert!(noted(&program, &[&one], &[], "{}").get("grounds").is_none(), "one ground stands in its own fields");
}
