//! Disagreement about more than single values: entries of lists, identity, liberty, and what was decided about them.

use sandyq::session::Conflict;
use sandyq::transport::Memory;
use serde_json::{Value, json};

use super::support::Desk;

/// Three people with the same casebook, and a stick.
fn three() -> ([Desk; 3], Memory) {
    let (mut first, mut stick) = (Desk::founder("M-ONE", 1), Memory::new());
    let mut others = [Desk::alone("M-TWO", 1000), Desk::alone("M-THREE", 2000)];
    for other in &mut others {
        first.admits(other, sandyq::team::Role::Editor);
    }
    let [second, third] = others;
    let mut desks = [first, second, third];
    meet(&mut desks, &mut stick);
    (desks, stick)
}

/// Everybody meets the stick until nothing is new to anybody.
fn meet(desks: &mut [Desk], stick: &mut Memory) {
    for _ in 0..2 {
        desks.iter_mut().for_each(|desk| drop(desk.sync(stick)));
    }
    desks.iter_mut().for_each(|desk| drop(desk.sync(stick)));
    let (first, others) = desks.split_first_mut().expect("desks");
    let seen = first.seen();
    for other in others {
        assert_eq!(other.seen(), seen, "{}", other.handle);
    }
}

fn conflicts(desk: &mut Desk) -> Vec<Conflict> {
    desk.session.conflicts(true).expect("listed")
}

fn the_conflict(desk: &mut Desk) -> Conflict {
    let mut all = conflicts(desk);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn values(conflict: &Conflict, field: &str) -> Vec<String> {
    let text = |value: &Value| value.get(field).unwrap_or(value).as_str().unwrap_or_default().to_owned();
    let mut values: Vec<String> = conflict.voices.iter().map(|voice| text(&voice.value)).collect();
    values.sort();
    values
}

fn name_key(desk: &mut Desk, person: &str) -> String {
    let tree = desk.session.show(person).expect("shown").tree;
    tree["names"].as_object().expect("names").keys().next().expect("one").clone()
}

#[test]
fn same_entry_edited_on_two_devices_shows_both_values() {
    let ([mut first, mut second, third], mut stick) = three();
    let (person, _) = first.detained("Мария Ким");
    first.sync(&mut stick);
    second.sync(&mut stick);
    let key = name_key(&mut first, &person);
    first.edit(&person, &json!({ "names": { &key: { "text": "Мария Кимова" } } }));
    second.edit(&person, &json!({ "names": { &key: { "text": "Мариям Ким" } } }));
    let mut desks = [first, second, third];
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        let conflict = the_conflict(desk);
        assert_eq!((conflict.about.clone(), values(&conflict, "text")), (format!("names/{key}/text"), vec!["Мария Кимова".to_owned(), "Мариям Ким".into()]));
        assert_eq!(desk.session.overview().expect("overview").contested.len(), 1);
    }
}

#[test]
fn entry_removed_on_one_device_and_edited_on_another_is_not_lost() {
    let ([mut first, mut second, third], mut stick) = three();
    let (person, _) = first.detained("Мария Ким");
    first.edit(&person, &json!({ "names": [{ "text": "Ким М." }] }));
    first.sync(&mut stick);
    second.sync(&mut stick);
    let tree = second.session.show(&person).expect("shown").tree;
    let key = tree["names"].as_object().expect("names").iter().find(|(_, name)| name["text"] == "Ким М.").expect("the second").0.clone();
    first.edit(&person, &json!({ "names": { &key: null } }));
    second.edit(&person, &json!({ "names": { &key: { "text": "Ким Мария Сергеевна" } } }));
    let mut desks = [first, second, third];
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        let tree = Value::Object(desk.session.show(&person).expect("shown").tree).to_string();
        let voices = format!("{:?}", conflicts(desk));
        assert!(tree.contains("Ким Мария Сергеевна") || voices.contains("Ким Мария Сергеевна"), "{}: {tree} {voices}", desk.handle);
    }
}

#[test]
fn opposite_verdicts_on_identity_meet_as_one_conflict_that_is_decided_and_reopened() {
    let ([mut first, mut second, third], mut stick) = three();
    let (one, _) = first.detained("Мария Ким");
    let (other, _) = first.detained("Мариям Ким");
    first.sync(&mut stick);
    second.sync(&mut stick);
    first.session.link(&one, &other, "same", "the same passport").expect("linked");
    second.session.link(&other, &one, "different", "two people in one cell").expect("linked");
    let mut desks = [first, second, third];
    meet(&mut desks, &mut stick);
    let smaller = one.clone().min(other.clone());
    for desk in &mut desks {
        let conflict = the_conflict(desk);
        assert_eq!(
            (conflict.line.id.clone(), values(&conflict, "verdict"), conflict.decided),
            (smaller.clone(), vec!["different".to_owned(), "same".into()], None)
        );
        assert_eq!(desk.session.overview().expect("overview").contested.iter().map(|line| line.id.clone()).collect::<Vec<_>>(), std::slice::from_ref(&smaller));
    }
    let conflict = the_conflict(&mut desks[2]);
    let voice = conflict.voices.iter().find(|voice| voice.value["verdict"] == "different").expect("a voice").id.clone();
    desks[2].session.decide(&smaller, &conflict.about, &voice, "both were seen at once").expect("decided");
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        assert_eq!(the_conflict(desk).decided, Some(voice.clone()));
        assert_eq!(desk.session.overview().expect("overview").contested, []);
    }
    desks[0].session.reopen(&smaller, &conflict.about, "one of the two was mistaken").expect("reopened");
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        assert_eq!(the_conflict(desk).decided, None);
        assert_eq!(desk.session.overview().expect("overview").contested.len(), 1);
    }
}

#[test]
fn statuses_told_on_two_devices_stand_side_by_side_until_somebody_decides() {
    let ([mut first, mut second, third], mut stick) = three();
    let (person, detention) = first.detained("Мария Ким");
    first.sync(&mut stick);
    second.sync(&mut stick);
    let at = json!({ "date": "2026-05-10", "time": "15:00", "offset_min": 300 });
    first.session.step(&person, &json!({ "status": "remand", "told_by": "lawyer", "effective": at })).expect("a step");
    second.session.step(&detention, &json!({ "status": "released", "told_by": "relative", "effective": at })).expect("a step");
    let mut desks = [first, second, third];
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        let conflict = the_conflict(desk);
        assert_eq!((conflict.about.as_str(), values(&conflict, "status")), ("status", vec!["released".to_owned(), "remand".into()]));
    }
    let voice = the_conflict(&mut desks[1]).voices.iter().find(|voice| voice.value["status"] == "remand").expect("a voice").id.clone();
    desks[1].session.decide(&detention, "status", &voice, "the lawyer saw the order").expect("decided");
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        assert_eq!(the_conflict(desk).decided, Some(voice.clone()));
        let line = desk.session.resolve(&detention).expect("a line").clone();
        assert_eq!((line.status, line.contested), (vec!["remand".to_owned()], 0));
    }
}

#[test]
fn decision_falls_when_a_third_voice_comes_that_it_did_not_hear() {
    let ([mut first, mut second, mut third], mut stick) = three();
    let (person, _) = first.detained("Мария Ким");
    for desk in [&mut first, &mut second, &mut third] {
        desk.sync(&mut stick);
    }
    first.edit(&person, &json!({ "occupation": "teacher" }));
    second.edit(&person, &json!({ "occupation": "nurse" }));
    third.edit(&person, &json!({ "occupation": "welder" }));
    first.sync(&mut stick);
    second.sync(&mut stick);
    let conflict = the_conflict(&mut second);
    let voice = conflict.voices.iter().find(|voice| voice.value == "nurse").expect("a voice").id.clone();
    second.session.decide(&person, "occupation", &voice, "she said so").expect("decided");
    second.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(the_conflict(&mut first).decided, Some(voice.clone()), "a decision travels");
    assert_eq!(first.session.overview().expect("overview").contested, []);
    let mut desks = [first, second, third];
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        let conflict = the_conflict(desk);
        assert_eq!((values(&conflict, "text"), conflict.decided), (vec!["nurse".to_owned(), "teacher".into(), "welder".into()], None));
        assert_eq!(desk.session.overview().expect("overview").contested.len(), 1);
    }
    let voice = the_conflict(&mut desks[2]).voices[0].id.clone();
    desks[2].session.decide(&person, "occupation", &voice, "asked again").expect("decided");
    meet(&mut desks, &mut stick);
    for desk in &mut desks {
        assert_eq!(the_conflict(desk).decided, Some(voice.clone()));
    }
}
