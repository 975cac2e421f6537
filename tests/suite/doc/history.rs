//! Every change is told with its author and with the words before and after.

use serde_json::json;

use super::{author, change, opened, person};

#[test]
fn every_change_is_told_with_author_and_before_and_after() {
    let (mut document, first) = person();
    let second = change(&mut document, &author(2, 2), json!({"sex": "female", "narrative": "She left."}));
    let third = change(&mut document, &author(3, 3), json!({"sex": "male"}));
    let history = document.history();
    assert_eq!(history.iter().map(|step| step.hash).collect::<Vec<_>>(), [first.hash, second.hash, third.hash]);
    assert_eq!(history[1].mark.actor, hex::encode(author(2, 2).actor));
    assert_eq!(history[2].edits, [("sex".into(), Some(json!("female")), Some(json!("male")))]);
    assert!(history[1].edits.contains(&("narrative".into(), Some(json!("She came.")), Some(json!("She left.")))));
    assert!(history[0].edits.contains(&("names/n1/text".into(), None, Some(json!("Aliya")))));
}

#[test]
fn what_was_taken_away_is_told() {
    let (mut document, _) = person();
    let mut without = document.read().tree;
    without.remove("names");
    document.edit(&without, &author(2, 2)).unwrap();
    assert_eq!(document.history()[1].edits, [("names/n1/text".into(), Some(json!("Aliya")), None)]);
}

#[test]
fn changes_made_at_once_are_all_told() {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    let one = change(&mut here, &author(2, 2), json!({"sex": "female"}));
    let two = change(&mut there, &author(3, 3), json!({"sex": "male"}));
    let hashes = |order: &[&sandyq::doc::ChangeBytes]| {
        let mut hashes: Vec<[u8; 32]> = opened(order).history().iter().map(|step| step.hash).collect();
        hashes.sort_unstable();
        hashes
    };
    assert_eq!(hashes(&[&first, &one, &two]), hashes(&[&two, &one, &first]));
    assert_eq!(hashes(&[&first, &one, &two]).len(), 3);
}
