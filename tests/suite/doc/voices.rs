//! What two people write at the same time: every voice is kept and readable, texts and lists merge.

use sandyq::doc::{ChangeBytes, Document, Voice};
use serde_json::{Value, json};

use super::{author, change, opened, orders, person};

/// Two devices change the same record without knowing of each other.
fn at_once(one: Value, two: Value) -> [ChangeBytes; 3] {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    [first, change(&mut here, &author(2, 2), one), change(&mut there, &author(3, 3), two)]
}

fn together(changes: &[ChangeBytes]) -> Document {
    opened(&changes.iter().collect::<Vec<_>>())
}

#[test]
fn both_voices_on_a_value_are_readable_with_author_and_time() {
    let reading = together(&at_once(json!({"sex": "female"}), json!({"sex": "male"}))).read();
    let mut said: Vec<(Value, String, i64)> = reading.voices["sex"].iter().map(|v| (v.value.clone(), v.mark.actor.clone(), v.mark.at)).collect();
    said.sort_by_key(|(_, _, at)| *at);
    let by = |device, n| hex::encode(author(device, n).actor);
    assert_eq!(said, [(json!("female"), by(2, 2), author(2, 2).time), (json!("male"), by(3, 3), author(3, 3).time)]);
    assert_eq!(reading.voices.len(), 1);
}

#[test]
fn every_order_of_delivery_gives_one_winner_and_the_same_ids() {
    let mut changes = at_once(json!({"sex": "female"}), json!({"sex": "male"})).to_vec();
    let mut elsewhere = opened(&[&changes[0]]);
    changes.push(change(&mut elsewhere, &author(4, 4), json!({"sex": "unknown"})));
    let readings: Vec<_> = orders(&changes).iter().map(|order| together(order).read()).collect();
    assert_eq!(readings.len(), 24);
    assert!(readings.iter().all(|reading| *reading == readings[0]));
    let ids: std::collections::BTreeSet<&str> = readings[0].voices["sex"].iter().map(|v| v.id.as_str()).collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| id.len() == 16));
}

#[test]
fn same_value_written_twice_is_no_disagreement() {
    let reading = together(&at_once(json!({"sex": "female"}), json!({"sex": "female"}))).read();
    assert!(reading.voices.is_empty() && reading.tree["sex"] == "female");
}

#[test]
fn later_edit_that_knew_both_voices_settles_them() {
    let mut document = together(&at_once(json!({"sex": "female"}), json!({"sex": "male"})));
    change(&mut document, &author(2, 5), json!({"sex": "unknown"}));
    assert!(document.read().voices.is_empty());
}

#[test]
fn composite_values_stand_whole_beside_each_other() {
    let reading = together(&at_once(json!({"age": {"years": 20}}), json!({"age": {"band": "under_14"}}))).read();
    let values: Vec<&Value> = reading.voices["age"].iter().map(|v: &Voice| &v.value).collect();
    assert!(values.contains(&&json!({"years": 20})) && values.contains(&&json!({"band": "under_14"})));
}

#[test]
fn deletion_beside_an_edit_keeps_the_edit() {
    let (mut here, first) = person();
    let named = change(&mut here, &author(2, 2), json!({"sex": "female"}));
    let (mut one, mut two) = (opened(&[&first, &named]), opened(&[&first, &named]));
    let edit = change(&mut one, &author(2, 3), json!({"sex": "male"}));
    let mut without = two.read().tree;
    without.remove("sex");
    let gone = two.edit(&without, &author(3, 4)).unwrap().unwrap();
    assert_eq!(opened(&[&first, &named, &edit, &gone]).read().tree["sex"], "male");
}

#[test]
fn texts_edited_at_once_merge_letter_by_letter() {
    let document = together(&at_once(json!({"narrative": "She came. Ол кетті."}), json!({"narrative": "At noon: She came."})));
    assert_eq!(document.read().tree["narrative"], "At noon: She came. Ол кетті.");
}

#[test]
fn texts_begun_at_once_are_both_readable_and_an_edit_settles_them() {
    let (mut empty, first) = super::created(sandyq::model::Kind::Person, json!({"kind": "person"}));
    let mut there = opened(&[&first]);
    let one = change(&mut empty, &author(2, 2), json!({"narrative": "One."}));
    let two = change(&mut there, &author(3, 3), json!({"narrative": "Two."}));
    let mut both = opened(&[&first, &two, &one]);
    let voices: Vec<Value> = both.read().voices["narrative"].iter().map(|v| v.value.clone()).collect();
    assert!(voices.contains(&json!("One.")) && voices.contains(&json!("Two.")));
    change(&mut both, &author(2, 4), json!({"narrative": "One. Two."}));
    let reading = both.read();
    assert!(reading.voices.is_empty());
    assert_eq!(reading.tree["narrative"], "One. Two.");
}

#[test]
fn terms_added_at_once_all_stay() {
    let reading = together(&at_once(json!({"languages": ["kk", "ru"]}), json!({"languages": ["en", "kk"]}))).read();
    assert_eq!(reading.tree["languages"], json!(["en", "kk", "ru"]));
    let removed = together(&at_once(json!({"languages": ["ru"]}), json!({"languages": ["en", "kk"]}))).read();
    assert_eq!(removed.tree["languages"], json!(["en", "ru"]), "what one took away goes, what the other added stays");
}

#[test]
fn entries_added_at_once_all_stay() {
    let names = |key: &str| json!({"names": {"n1": {"text": "Aliya"}, key: {"text": key}}});
    let reading = together(&at_once(names("n2"), names("n3"))).read();
    assert_eq!(reading.tree["names"].as_object().unwrap().len(), 3);
    assert!(reading.voices.is_empty());
}

#[test]
fn fields_of_one_entry_changed_at_once_do_not_disturb_each_other() {
    let reading = together(&at_once(json!({"names": {"n1": {"text": "Әлия"}}}), json!({"names": {"n1": {"text": "Aliya", "kind": "given"}}}))).read();
    assert_eq!(reading.tree["names"]["n1"], json!({"text": "Әлия", "kind": "given"}));
}

#[test]
fn answers_to_one_question_given_at_once_both_stand() {
    let (one, two) = (json!({"meta": {"origin": "a"}}), json!({"meta": {"origin": "b"}}));
    let reading = together(&at_once(one, two)).read();
    assert_eq!(reading.voices["meta/origin"].len(), 2);
}
