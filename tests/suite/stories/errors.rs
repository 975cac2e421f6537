//! Every refusal: its exit code, one clear sentence, what to do next, and nothing saved.

use serde_json::json;

use super::support::{Program, Ran, finished};

/// A refusal said in these words leaves no data, no code of a text, and the vault as it was.
#[track_caller]
fn assert_refused(program: &Program, args: &[&str], stdin: impl AsRef<[u8]>, code: i32, said: &str) {
    let before = program.records();
    let ran = program.run(args, stdin);
    assert_said(&ran, code, said);
    assert_eq!(program.records(), before, "{args:?} saved something");
}

#[track_caller]
fn assert_said(ran: &Ran, code: i32, said: &str) {
    assert_eq!((ran.err.as_str(), ran.code), (said, code));
    assert_eq!(ran.out, "");
}

#[test]
fn no_vault_is_exit_10_and_names_the_way_to_one() {
    let ran = Program::without_vault().run(&["list", "person"], "");
    assert_said(&ran, 10, "There is no vault here.\n`sandyq init` makes one; `--vault DIR` names another folder.\n");
}

#[test]
fn a_wrong_passphrase_is_exit_12_and_no_damage() {
    let program = Program::new();
    std::fs::write(program.path("other"), "not the passphrase\n").unwrap();
    let mut command = program.command();
    command.args(["--passphrase-file", &program.arg("other"), "list", "person"]);
    let said = "The passphrase does not open the vault.\nCheck the keyboard layout and try again. The vault is not damaged.\n";
    assert_said(&finished(command, b""), 12, said);
}

#[test]
fn without_a_terminal_the_passphrase_must_come_from_a_file() {
    let program = Program::new();
    let mut command = program.command();
    command.args(["list", "person"]);
    let ran = finished(command, b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.ends_with("There is no terminal to ask for the passphrase.\nUse --passphrase-file.\n"), "{}", ran.err);
}

#[test]
fn a_draft_that_is_not_json_names_line_and_column() {
    let said = "Line 2, column 10 is not JSON. Nothing was saved.\nGive one object, an array of objects, or one object a line.\n";
    assert_refused(&Program::new(), &["add", "person"], "{}\n{\"sex\": nobody}", 1, said);
}

const CORRECT: &str = "Correct the fields named above. schema/record.schema.json says what each may hold.\n";

#[test]
fn an_invalid_draft_names_every_field_and_its_rule() {
    let draft = r#"{"sex": 5, "age": {"years": "old"}, "height": 180}"#;
    let said = "age: must be an age such as {\"years\":34} or {\"band\":\"18_29\"}\nheight: is no field of this kind of record\n\
        sex: must be a code from a vocabulary\nNot saved: 3 faults.\n";
    assert_refused(&Program::new(), &["add", "person"], draft, 1, &format!("{said}{CORRECT}"));
}

#[test]
fn a_missing_field_is_named() {
    let said = format!("category: is needed\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&Program::new(), &["add", "incident"], r#"{"title": "Rally"}"#, 1, &said);
}

#[test]
fn one_bad_draft_among_several_saves_none_and_says_which() {
    let drafts = r#"[{"names":[{"text":"A"}]},{"height":180},{"names":[{"text":"C"}]}]"#;
    let said = format!("2: height: is no field of this kind of record\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&Program::new(), &["add", "person"], drafts, 1, &said);
}

#[test]
fn one_bad_patch_among_several_changes_nothing() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    let said = format!("height: is no field of this kind of record\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&program, &["edit", &person], "{\"sex\":\"female\"}\n{\"height\":180}\n", 1, &said);
    assert_eq!(program.json(&["show", &person], "").get("sex"), None);
}

#[test]
fn one_bad_hearing_among_several_saves_none() {
    let program = Program::new();
    let trial = program.add("trial", &json!({ "title": "Trial of A", "category": "criminal_trial" }));
    let drafts = json!([{ "trial": trial, "number": "1" }, { "trial": trial, "height": 180 }]);
    let ran = program.run(&["add", "hearing"], drafts.to_string());
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("height: is no field of this kind of record\n"), "{}", ran.err);
    assert_eq!(program.json(&["show", &trial], "").get("hearings"), None);
}

#[test]
fn a_draft_that_is_no_object_says_so() {
    let said = format!("the draft: must be an object with fields\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&Program::new(), &["add", "person"], "5", 1, &said);
}

#[test]
fn an_unknown_kind_is_said_in_the_language_of_the_person() {
    let program = Program::new();
    assert_refused(&program, &["add", "animal"], "{}", 1, "Not understood: kind of record.\n`--help` shows what can be given.\n");
    let russian = program.run(&["--lang", "ru", "list", "animal"], "");
    assert_eq!(russian.code, 1);
    assert!(!russian.err.contains("kind"), "{}", russian.err);
}

#[test]
fn an_unknown_record_is_named_and_the_way_to_the_codes() {
    let said = "No record is called P-ZZZZZZ.\n`sandyq list KIND` and `sandyq find` show the codes.\n";
    for args in [&["show", "P-ZZZZZZ"][..], &["show", "P-ZZZZZZ", "--history"], &["edit", "P-ZZZZZZ"], &["consent", "P-ZZZZZZ", "give"]] {
        assert_refused(&Program::new(), args, "{}", 1, said);
    }
}

#[test]
fn a_code_that_fits_several_records_lists_them() {
    let program = Program::new();
    for title in ["First trial", "Second trial"] {
        program.add("incident", &json!({ "code": "ALM-0510", "title": title, "category": "assembly" }));
    }
    let before = program.records();
    let ran = program.run(&["edit", "ALM-0510"], r#"{"title":"x"}"#);
    assert_eq!((ran.code, program.records()), (1, before));
    let (first, hint) = ran.err.split_once('\n').unwrap();
    assert!(first.starts_with("ALM-0510 may be several records: I-") && first.matches("I-").count() == 2, "{first}");
    assert_eq!(hint, "Give more of the code.\n");
}

#[test]
fn a_draft_that_is_no_utf8_names_the_byte() {
    let said = "The text is not UTF-8 at byte 19. Nothing was saved.\nSave the text as UTF-8 and try again.\n";
    assert_refused(&Program::new(), &["add", "person"], b"{\"names\":[{\"text\":\"\xff\"}]}", 1, said);
}

#[test]
fn ten_megabytes_of_narrative_are_refused_with_the_limit() {
    let said = format!(
        "narrative: must be at most 100000 characters without control or reordering characters; attach longer texts as files\nNot saved: 1 fault.\n{CORRECT}"
    );
    let draft = json!({ "narrative": "а".repeat(5_000_000) }).to_string();
    assert!(draft.len() > 10_000_000);
    assert_refused(&Program::new(), &["add", "person"], draft, 1, &said);
}

#[test]
fn input_without_end_is_refused_with_the_limit() {
    let said = "The input is longer than 67108864 bytes. Nothing was saved.\nGive it in parts.\n";
    assert_refused(&Program::new(), &["add", "person"], vec![b' '; 67_108_865], 1, said);
}

#[test]
fn a_reordering_character_in_a_name_is_refused() {
    let program = Program::new();
    let ran = program.run(&["add", "person"], "{\"names\":{\"n1\":{\"text\":\"A\u{202e}B\"}}}");
    let rule = "names/n1/text: must be one line of at most 2000 characters without control or reordering characters\n";
    assert_said(&ran, 1, &format!("{rule}Not saved: 1 fault.\n{CORRECT}"));
    assert_eq!(program.records(), 0);
}

#[test]
fn what_was_typed_cannot_command_the_terminal() {
    let program = Program::new();
    for args in [["show", "P-\u{1b}[31m\u{202e}"], ["edit", "P-\u{1b}[31m\u{202e}"]] {
        let ran = program.run(&args, "{}");
        assert_eq!((ran.code, ran.err.contains('\u{1b}'), ran.err.contains('\u{202e}')), (1, false, false), "{}", ran.err);
    }
    let ran = program.run(&["add", "person"], "{\"\u{1b}[31m\":1}");
    assert_eq!((ran.code, ran.err.contains('\u{1b}')), (1, false), "{}", ran.err);
}

#[test]
fn an_entry_of_a_dated_list_is_retracted_never_edited() {
    let program = Program::new();
    let (_, detention) = program.detained("Person A");
    program.ok(&["step", &detention], r#"{"status":"remand"}"#);
    let key = program.json(&["show", &detention], "")["transitions"].as_object().unwrap().keys().next().unwrap().clone();
    let said = "Entries of a dated list cannot be changed. Nothing was saved.\n`sandyq retract CODE ENTRY` takes one back; then add the right one.\n";
    for patch in [json!({ "transitions": { &key: { "status": "released" } } }), json!({ "transitions": { &key: null } }), json!({ "transitions": null })] {
        assert_refused(&program, &["edit", &detention], patch.to_string(), 1, said);
    }
    let ran = program.run(&["retract", &detention, "no-such-entry"], "");
    assert_said(&ran, 1, "There is no such voice.\n`sandyq conflicts` lists the voices with their ids.\n");
    program.ok(&["retract", &detention, &key], "");
    assert_eq!(program.json(&["show", &detention], "").get("current_status"), None);
}

#[test]
fn an_unknown_term_names_its_vocabulary_and_is_taken_once_added() {
    let program = Program::new();
    let draft = r#"{"roles":["beekeeper"]}"#;
    let said = format!("roles: is no term of the vocabulary role; `sandyq add term` adds one\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&program, &["add", "person"], draft, 1, &said);
    program.ok(&["add", "term"], r#"{"vocabulary":"role","code":"beekeeper"}"#);
    program.ok(&["add", "person"], draft);
}

#[test]
fn no_file_that_is_there_is_written_over() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    std::fs::write(program.path("there"), "mine").unwrap();
    let evidence = program.ok(&["attach", &person, &program.arg("there")], "");
    let said = "A file of that name is there already. It was not touched.\nChoose another name.\n";
    let there = program.arg("there");
    assert_refused(&program, &["backup", &there], "", 1, said);
    assert_refused(&program, &["extract", evidence.trim(), &there], "", 1, said);
    assert_eq!(std::fs::read(program.path("there")).unwrap(), b"mine");
}

#[test]
fn a_file_that_is_not_there_says_why_and_what_to_do() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    let none = program.arg("none");
    for args in [&["attach", person.as_str(), none.as_str()][..], &["import", &none]] {
        let ran = program.run(args, "");
        assert_eq!(ran.code, 1);
        let lines: Vec<&str> = ran.err.lines().collect();
        assert!(lines.len() == 2 && lines[0].starts_with("The file could not be read or written: No such file"), "{}", ran.err);
    }
}

#[test]
fn a_mistyped_command_is_exit_2_and_saves_nothing() {
    let program = Program::new();
    for args in
        [&["frobnicate"][..], &["add"], &["list", "person", "--nothing"], &["link", "A", "B", "--verdict", "perhaps"], &["--lang", "de", "list", "person"]]
    {
        let ran = program.run(args, "");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.starts_with("error: ") && ran.err.contains("--help"), "{}", ran.err);
    }
    assert_eq!(program.records(), 0);
}

#[test]
fn a_clock_setting_that_is_no_moment_is_exit_2() {
    let mut program = Program::new();
    program.at("yesterday");
    let said = "SANDYQ_CLOCK is no moment such as 2026-05-10T18:00:00+05:00.\nCorrect it, or unset it to take the clock of the device.\n";
    assert_said(&program.run(&["list", "person"], ""), 2, said);
}

#[test]
fn several_casebooks_need_to_be_told_apart() {
    let program = Program::new();
    for name in ["Almaty", "Astana"] {
        program.ok(&["--casebook", name, "init"], "");
    }
    assert_said(&program.run(&["list", "person"], ""), 2, "This vault holds several casebooks.\nSay which one with --casebook NAME.\n");
    program.ok(&["--casebook", "Almaty", "add", "person"], "{}");
    assert_eq!(program.json(&["--casebook", "Astana", "list", "person"], ""), json!([]));
    let ran = program.run(&["--casebook", "Aktobe", "list", "person"], "");
    assert_said(&ran, 1, "This vault holds no casebook of that name.\n`sandyq init --casebook NAME` founds one.\n");
}

#[test]
fn nothing_given_saves_nothing_and_says_what_to_give() {
    let program = Program::new();
    let (person, _) = program.detained("Person A");
    let said = "Nothing was given, so nothing was saved.\nGive a record or a change as JSON on standard input, or answer the questions in a terminal.\n";
    assert_refused(&program, &["add", "person"], "", 1, said);
    assert_refused(&program, &["edit", &person], "{}", 1, said);
}

#[test]
fn a_reference_must_point_to_a_record_of_the_right_kind() {
    let program = Program::new();
    let incident = program.add("incident", &json!({ "title": "Rally", "category": "assembly" }));
    let said = format!("person: points to a record of another kind; it takes person\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&program, &["add", "detention"], json!({ "person": incident }).to_string(), 1, &said);
    let lines = "{\"id\":\"i\",\"kind\":\"incident\",\"category\":\"assembly\"}\n{\"id\":\"d\",\"kind\":\"detention\",\"person\":\"i\"}\n";
    assert_refused(&program, &["import"], lines, 1, &format!("d: {said}"));
    let none = "0".repeat(64);
    let said = format!("person: points to no record here or in the import\nNot saved: 1 fault.\n{CORRECT}");
    let mixed = json!({ "person": none, "incident": incident }).to_string();
    assert_refused(&program, &["add", "detention"], mixed, 1, &said);
    let (_, detention) = program.detained("Person A");
    let said = format!("incident: points to a record of another kind; it takes incident\nNot saved: 1 fault.\n{CORRECT}");
    assert_refused(&program, &["edit", &detention], json!({ "incident": detention }).to_string(), 1, &said);
}

#[test]
fn an_id_given_in_full_is_taken_as_it_is_and_shown_where_it_dangles() {
    let program = Program::new();
    let none = "0".repeat(64);
    let detention = program.add("detention", &json!({ "person": none }));
    assert_eq!(program.json(&["show", &detention], "")["person"].as_str(), Some(none.as_str()));
    assert!(program.ok(&["list", "detention"], "").contains("000000000000"));
}

#[test]
fn a_statement_in_which_nothing_is_said_is_not_saved() {
    let program = Program::new();
    let (person, detention) = program.detained("Person A");
    for args in [["step", detention.as_str()].as_slice(), &["consent", &person, "give"]] {
        let ran = program.run(args, "{}");
        assert_eq!((ran.code, ran.err.lines().next()), (1, Some("Nothing was given, so nothing was saved.")));
    }
    assert_eq!(program.records(), 2);
    assert_eq!(program.json(&["show", &detention], "").get("transitions"), None);
}
