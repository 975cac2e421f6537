//! Quick entry through the program: a line for each person, nothing stored that nobody said.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sandyq::model::Tree;
use sandyq::session::Noted;
use serde_json::{Value, json};

use super::support::{HANDLE, Program};

/// One street, told in three languages; the Kazakh lines have no digit, minus or `>`: its layout has none.
const ENGLISH: &str = "Person A, f 18-29 plain bus1\nPerson B, m journalist police bus1\nPerson C, m 60+ dragged\nPerson D, f passer-by\n\
    Person E, m 14-17 pushed\nPerson F, f observer bus2\nPerson G, f 18-29 bus2\nPerson H, m lawyer police\n\
    Person I, f 60+ pushed\nPerson J, m 18-29 beaten\nPerson K, m child bus3\nPerson L, f 30-59 cuffed\n";
const RUSSIAN: &str = "Person A, ж 18-29 в штатском автобус1\nPerson B, м журналист полиция автобус1\nPerson C, м 60+ тащили\nPerson D, ж прохожий\n\
    Person E, м 14-17 толкали\nPerson F, ж наблюдатель автобус2\nPerson G, ж 18-29 автобус2\nPerson H, м адвокат полиция\n\
    Person I, ж 60+ толкали\nPerson J, м 18-29 били\nPerson K, м ребенок автобус3\nPerson L, ж 30-59 наручники\n";
const KAZAKH: &str = "Айгүл Мысал, ә жас\nДанияр Мысал, е журналист полиция\nСерік Мысал, е сүйреді\nШолпан Мысал, ә\nТимур Мысал, е итерді\n\
    Гүлнар Мысал, ә бақылаушы\nАрман Мысал, е жас\nЕрлан Мысал, е адвокат\nЖанар Мысал, ә итерді\nБолат Мысал, е ұрды\nСанжар Мысал, е бала\nДана Мысал, ә\n";

/// What a record says, without its ids, keys and names; of a vehicle, which stays in the words it was told in, its number.
fn said(row: &Value) -> Value {
    let mut row = row.clone();
    let fields = row.as_object_mut().unwrap();
    if let Some(Value::String(vehicle)) = fields.get_mut("vehicle") {
        vehicle.retain(|c| c.is_ascii_digit());
    }
    ["id", "short", "code", "names", "person", "by", "recorded_at"].iter().for_each(|name| drop(fields.remove(*name)));
    row
}

fn noted(lines: &str) -> (Program, Vec<Value>, Vec<Value>) {
    let program = Program::new();
    program.ok(&["note"], lines);
    let list = |kind| program.json(&["list", kind], "").as_array().unwrap().clone();
    let (people, detentions) = (list("person"), list("detention"));
    (program, people, detentions)
}

#[test]
fn twelve_lines_in_each_language_are_twelve_people() {
    for lines in [ENGLISH, RUSSIAN, KAZAKH] {
        let (_, people, detentions) = noted(lines);
        assert_eq!((people.len(), detentions.len()), (12, 12));
        assert!(people.iter().all(|person| person["names"].as_object().is_some_and(|names| names.len() == 1)));
    }
}

#[test]
fn the_same_street_in_english_and_russian_gives_equal_records() {
    let ((_, people, detentions), (_, others, their)) = (noted(ENGLISH), noted(RUSSIAN));
    let all = |rows: &[Value]| rows.iter().map(said).collect::<Vec<_>>();
    assert_eq!(all(&people), all(&others));
    assert_eq!(all(&detentions), all(&their));
}

#[test]
fn parallel_kazakh_lines_give_the_same_records_as_english_ones() {
    let pairs = [
        ("Person B, m journalist police", "Данияр Мысал, е журналист полиция"),
        ("Person C, m dragged", "Серік Мысал, е сүйреді"),
        ("Person E, m pushed", "Тимур Мысал, е итерді"),
        ("Person F, f observer", "Гүлнар Мысал, ә бақылаушы"),
        ("Person G, f 18-29", "Айгүл Мысал, ә жас"),
        ("Person K, m child", "Санжар Мысал, е бала"),
    ];
    let (english, kazakh): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    let ((_, people, detentions), (_, others, their)) = (noted(&english.join("\n")), noted(&kazakh.join("\n")));
    let all = |rows: &[Value]| rows.iter().map(said).collect::<Vec<_>>();
    assert_eq!(all(&people), all(&others));
    assert_eq!(all(&detentions), all(&their));
}

/// An incident with a day, and the vault it is in.
fn rally() -> (Program, String) {
    let program = Program::new();
    let incident = program.add("incident", &json!({ "title": "Rally", "category": "assembly", "starts": { "date": "2026-05-10" } }));
    (program, incident)
}

fn recorded_here(program: &Program) -> Value {
    program.json(&["report", "rally"], "")["rows"][0]["recorded"].clone()
}

#[test]
fn a_group_counts_as_many_and_naming_two_of_them_counts_nobody_twice() {
    let (program, incident) = rally();
    program.ok(&["note", "--incident", &incident], "Person A, f\n+5 unknown into bus3\n");
    assert_eq!(recorded_here(&program), json!({ "total": 6, "named": 1 }));
    let people = program.json(&["list", "person"], "");
    let group = people.as_array().unwrap().iter().find(|person| person["group_size"] == 5).unwrap()["id"].as_str().unwrap().to_owned();
    program.ok(&["split", &group], "Person B, m\nPerson C\n");
    assert_eq!(recorded_here(&program), json!({ "total": 6, "named": 3 }));
    assert_eq!(program.json(&[], "")["today"], 6);
    let detentions = program.json(&["list", "detention"], "");
    let named = detentions.as_array().unwrap().last().unwrap();
    assert_eq!((&named["vehicle"], &named["carried"]), (&json!("bus 3"), &json!(["incident", "vehicle"])));
}

#[test]
fn undo_marks_the_last_line_and_counts_it_nowhere() {
    let (program, incident) = rally();
    let ran = program.run(&["note", "--incident", &incident], "Person A\nPerson B\nundo\n");
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains(" is marked as a mistake. It stays in the record.\n"), "{}", ran.err);
    assert_eq!(recorded_here(&program), json!({ "total": 1, "named": 1 }));
    assert_eq!(program.json(&[], "")["today"], 1);
    let people = program.ok(&["list", "person"], "");
    assert!(people.contains("Person B · recorded by mistake\n"), "{people}");
    assert_eq!(program.run(&["note"], "undo\n").err, "There is no line to take back.\n");
}

#[test]
fn undo_of_a_group_takes_all_of_it_out_of_the_count_of_the_day() {
    let (program, _) = rally();
    program.ok(&["note"], "Person A\n+5 unknown\nundo\nPerson C\n");
    assert_eq!(program.json(&[], "")["today"], 2);
}

#[test]
fn like_the_last_repeats_the_circumstances_and_marks_them_carried() {
    let (_, people, detentions) = noted("Person A, police bus3\n..\n");
    assert_eq!(people[1]["code"], "unknown-1");
    assert_eq!(people[1].get("names"), None);
    assert_eq!((&detentions[1]["taken_by"], &detentions[1]["vehicle"]), (&json!(["police_uniform"]), &json!("bus 3")));
    assert_eq!(detentions[1]["carried"], json!(["taken_by", "vehicle"]));
    assert_eq!(detentions[0].get("carried"), None);
}

#[test]
fn a_setting_that_holds_for_every_line_is_marked_carried() {
    let (program, incident) = rally();
    let out = program.ok(&["note", "--incident", &incident], "Person A\n");
    let id = program.json(&["show", &incident], "")["id"].clone();
    let detention = program.json(&["list", "detention"], "")[0].clone();
    assert_eq!((&detention["incident"], &detention["carried"]), (&id, &json!(["incident"])));
    assert!(out.contains("Person A"), "{out}");
    program.ok(&["note"], "Person B\n");
    assert_eq!(program.json(&["list", "detention"], "")[1]["carried"], json!(["incident"]));
}

#[test]
fn a_name_comes_before_its_description_in_every_list() {
    let (program, people, _) = noted("Person A / blue coat\nPerson B / red scarf\nPerson C / grey beard\nPerson D / a bag\n");
    assert_eq!(people.len(), 4);
    let list = program.ok(&["list", "person"], "");
    let shown: Vec<&str> = list.lines().map(|line| line.split(" · ").nth(1).unwrap()).collect();
    assert_eq!(shown, ["Person A", "Person B", "Person C", "Person D"]);
}

#[test]
fn control_and_reordering_characters_become_a_visible_mark() {
    let (program, people, _) = noted("Per\u{1}son\u{202e}A\u{200b}\u{1b}[31m\n");
    let name = people[0]["names"].as_object().unwrap().values().next().unwrap()["text"].clone();
    assert_eq!(name, "Per\u{fffd}son\u{fffd}A\u{fffd}\u{fffd}[31m");
    let list = program.ok(&["list", "person"], "");
    assert!(list.contains("Per\u{fffd}son\u{fffd}A"), "{list}");
}

#[test]
fn empty_input_notes_nobody_and_is_no_mistake() {
    for input in ["", "\n\n", ".\n"] {
        let program = Program::new();
        assert_eq!(program.ok(&["note"], input), "");
        assert_eq!(program.records(), 0);
    }
}

#[test]
fn a_line_that_is_no_text_says_that_the_lines_before_it_are_saved() {
    let program = Program::new();
    let ran = program.run(&["note"], b"Person A\nPerson \xff\nPerson C\n");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.err, "This line is not UTF-8 at byte 7. It was NOT saved; the lines before it are.\nSave the text as UTF-8 and enter the rest again.\n");
    assert_eq!(program.json(&["list", "person"], "").as_array().unwrap().len(), 1);
}

/// Every leaf of a record with its path, keys of entries left out.
fn leaves(tree: &Tree) -> Vec<String> {
    fn walk(path: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
                let key = name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit());
                walk(&if key { path.to_owned() } else { format!("{path}/{name}") }, inner, found);
            }),
            _ => found.push(path.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk("", &Value::Object(tree.clone()), &mut found);
    found
}

#[test]
fn a_line_of_only_a_name_stores_the_name_the_time_the_author_and_nothing_else() {
    let program = Program::new();
    let session = std::cell::RefCell::new(program.session());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config { cases: 200, failure_persistence: None, ..Config::default() }, rng);
    let word = "[A-Z][a-z]{4,9}|[А-Я][а-я]{4,9}|[ӘҒҚҢӨҰҮҺІ][а-яәғқңөұүһі]{4,9}";
    let name = prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "));
    runner
        .run(&name, |name| {
            let mut session = session.borrow_mut();
            let Noted::Saved { person, detention, .. } = session.note(&name).unwrap() else { return Err(TestCaseError::fail("not saved")) };
            let (person, detention) = (session.show(&person).unwrap(), session.show(&detention).unwrap());
            prop_assert_eq!(leaves(&person.tree), ["/kind", "/names/script", "/names/text"]);
            prop_assert_eq!(&person.tree["names"].as_object().unwrap().values().next().unwrap()["text"], &json!(name));
            prop_assert_eq!(
                leaves(&detention.tree),
                [
                    "/apprehended_at/basis",
                    "/apprehended_at/date",
                    "/apprehended_at/offset_min",
                    "/apprehended_at/precision",
                    "/apprehended_at/time",
                    "/kind",
                    "/person"
                ]
            );
            let now = json!({ "basis": "own_clock", "date": "2026-05-10", "offset_min": 300, "precision": "minute", "time": "23:50" });
            prop_assert_eq!(&detention.tree["apprehended_at"], &now);
            prop_assert_eq!((person.line.by.as_str(), detention.line.by.as_str()), (HANDLE, HANDLE));
            Ok(())
        })
        .unwrap();
}
