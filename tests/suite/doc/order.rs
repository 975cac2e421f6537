//! Changes come in any order, more than once, or not at all.

use sandyq::doc::{ChangeBytes, DocError, Document};
use sandyq::model::Kind;
use serde_json::json;

use super::{author, change, opened, orders, person};

/// A record with a fork and a join.
fn story() -> Vec<ChangeBytes> {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    let one = change(&mut here, &author(2, 2), json!({"sex": "female"}));
    let two = change(&mut there, &author(3, 3), json!({"occupation": "teacher", "sex": "male"}));
    here.take(&two.bytes).unwrap();
    let join = change(&mut here, &author(2, 4), json!({"citizenship": "KZ"}));
    vec![first, one, two, join]
}

#[test]
fn every_order_of_delivery_reads_the_same() {
    let story = story();
    let expected = opened(&story.iter().collect::<Vec<_>>());
    for order in orders(&story) {
        let document = opened(&order.iter().collect::<Vec<_>>());
        assert_eq!((document.read(), document.heads()), (expected.read(), expected.heads()));
    }
}

#[test]
fn change_delivered_twice_is_harmless() {
    let story = story();
    let twice: Vec<&ChangeBytes> = story.iter().chain(story.iter().rev()).collect();
    let once = opened(&story.iter().collect::<Vec<_>>());
    let mut document = opened(&twice);
    document.take(&story[1].bytes).unwrap();
    assert_eq!((document.read(), document.history().len()), (once.read(), 4));
}

#[test]
fn change_without_those_before_it_is_an_orphan() {
    let story = story();
    for missing in 0..3 {
        let rest = story.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, c)| c.bytes.as_slice());
        assert!(matches!(Document::open(Kind::Person.fields(), rest), Err(DocError::Orphan)), "without change {missing}");
    }
    let mut first = opened(&[&story[0]]);
    assert!(matches!(first.take(&story[3].bytes), Err(DocError::Orphan)));
}

#[test]
fn orphan_leaves_what_is_known_as_it_was() {
    let story = story();
    let mut document = opened(&[&story[0]]);
    let before = (document.read(), document.heads());
    let orphan = document.take(&story[3].bytes);
    assert!(orphan.is_err());
    assert_eq!((document.read(), document.heads()), before);
    for change in &story[1..] {
        document.take(&change.bytes).unwrap();
    }
    assert_eq!(document.read(), opened(&story.iter().collect::<Vec<_>>()).read());
}

#[test]
fn changes_taken_one_by_one_and_all_at_once_read_the_same() {
    let story = story();
    let mut document = opened(&[&story[0]]);
    story[1..].iter().for_each(|change| document.take(&change.bytes).unwrap());
    assert_eq!(document.read(), opened(&story.iter().collect::<Vec<_>>()).read());
}
