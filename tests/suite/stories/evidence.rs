//! Files as evidence: the same bytes out as in, custody written down, nothing overwritten.

use serde_json::{Value, json};

use super::support::Program;

/// A file that begins like a JPEG, 2.5 MB, not compressible, the same in every run.
fn photo() -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    bytes.extend((0..2_500_000).map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    }));
    bytes
}

/// A person with a photo attached; returns the program and the code of the evidence.
fn attached() -> (Program, String) {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    std::fs::write(program.path("photo.jpg"), photo()).unwrap();
    let evidence = program.ok(&["attach", &person, &program.arg("photo.jpg")], "");
    (program, evidence.trim().to_owned())
}

/// Actions of custody in the order in which they were recorded.
fn custody(program: &Program, evidence: &str) -> Vec<String> {
    let shown = program.json(&["show", evidence], "");
    let mut actions: Vec<String> = shown["custody"].as_object().unwrap().values().map(|event| event["action"].as_str().unwrap().to_owned()).collect();
    actions.sort();
    actions
}

#[test]
fn a_photo_comes_out_as_it_went_in_and_its_custody_is_written_down() {
    let (program, evidence) = attached();
    assert_eq!(custody(&program, &evidence), ["hashed", "imported"]);
    program.ok(&["extract", &evidence, &program.arg("out.jpg")], "");
    assert!(std::fs::read(program.path("out.jpg")).unwrap() == photo(), "the bytes differ");
    assert_eq!(custody(&program, &evidence), ["exported", "hashed", "imported"]);
    let shown = program.json(&["show", &evidence], "");
    assert_eq!((&shown["file_name"], &shown["size"]), (&json!("photo.jpg"), &json!(2_500_004)));
    let by: Vec<&Value> = shown["custody"].as_object().unwrap().values().map(|event| &event["actor"]).collect();
    assert_eq!(by, ["M-ONE", "M-ONE", "M-ONE"]);
    let checked = program.json(&["check"], "");
    assert_eq!((&checked["whole"], &checked["attachments"]), (&json!(true), &json!(3)));
}

#[test]
fn a_second_extract_to_the_same_name_is_refused_and_not_written_to_custody() {
    let (program, evidence) = attached();
    let out = program.arg("out.jpg");
    program.ok(&["extract", &evidence, &out], "");
    assert_eq!(program.run(&["extract", &evidence, &out], "").code, 1);
    assert_eq!(custody(&program, &evidence), ["exported", "hashed", "imported"]);
}

#[test]
fn a_detached_file_is_marked_and_stays() {
    let (program, evidence) = attached();
    program.ok(&["detach", &evidence], "wrong person\n");
    assert_eq!(custody(&program, &evidence), ["detached", "hashed", "imported"]);
    program.ok(&["extract", &evidence, &program.arg("out.jpg")], "");
    assert!(std::fs::read(program.path("out.jpg")).unwrap() == photo(), "the bytes differ");
    assert_eq!(program.json(&["check"], "")["whole"], true);
}

#[test]
fn only_evidence_can_be_extracted_or_detached() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    for args in [&["extract", person.as_str(), "nowhere"][..], &["detach", &person]] {
        let ran = program.run(args, "");
        assert_eq!(ran.code, 1);
        assert_eq!(ran.err, "That record is not of the kind needed: evidence.\n`sandyq list KIND` and `sandyq find` show the codes.\n");
    }
}

#[test]
fn an_empty_file_is_refused() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    std::fs::write(program.path("empty"), "").unwrap();
    let ran = program.run(&["attach", &person, &program.arg("empty")], "");
    assert_eq!((ran.code, ran.err.lines().next()), (1, Some("The file is empty, or larger than 1 GiB.")));
    assert_eq!(program.records(), 2);
}

#[test]
fn an_export_leaves_files_and_what_opens_them_out_and_counts_them() {
    let (program, _) = attached();
    let ran = program.run(&["export"], "");
    assert!(ran.err.ends_with("3 records. Left out: 0 secrets of the register, 1 attached files.\n"), "{}", ran.err);
    assert!(!ran.out.contains("AGE-SECRET-KEY") && !ran.out.contains("chunks"));
}

#[test]
fn evidence_that_came_without_its_file_is_no_damage() {
    let (program, _) = attached();
    let other = Program::new();
    other.ok(&["import"], program.ok(&["export"], ""));
    let evidence = other.json(&["list", "evidence"], "")[0]["short"].as_str().unwrap().to_owned();
    let ran = other.run(&["extract", &evidence, &other.arg("out.jpg")], "");
    let said = "The file is not in this vault: the record came by an import. Nothing was written.\nAsk whoever attached the file for it; its SHA-256 is in the record.\n";
    assert_eq!((ran.code, ran.err.as_str(), other.path("out.jpg").exists()), (1, said, false));
    assert_eq!(other.json(&["check"], "")["whole"], true);
}
