//! Changes are judged by what came before them, and by nothing else.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sandyq::doc::{Author, ChangeBytes, Document, Examined, Verdict, examine};
use sandyq::model::Kind;
use serde_json::json;

use super::super::model::dice::{Dice, record};
use super::{author, change, opened, orders, person};

fn bytes(changes: &[&ChangeBytes]) -> Vec<Vec<u8>> {
    changes.iter().map(|change| change.bytes.clone()).collect()
}

fn all_accepted(examined: &Examined) -> bool {
    examined.verdicts.iter().all(|verdict| *verdict == Verdict::Accepted)
}

#[test]
fn what_honest_people_write_at_once_is_accepted_in_every_order_and_read_the_same() {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    let one = change(&mut here, &author(2, 2), json!({"sex": "female", "narrative": "She left.", "languages": ["ru"]}));
    let two = change(&mut there, &author(3, 3), json!({"sex": "male", "names": {}, "narrative": "She came and left."}));
    let mut both = opened(&[&first, &one, &two]);
    let three = change(&mut both, &author(4, 4), json!({"sex": "female", "names": {"n1": {"text": "Aliya"}}}));
    let mut views = Vec::new();
    for order in orders(&[&first, &one, &two, &three]) {
        let whole = examine(&[], &bytes(&order));
        assert!(all_accepted(&whole), "{whole:?}");
        for cut in 1..4 {
            // Parts that miss what they build on are not for this judge.
            let (before, after) = ([&first, &one, &two, &three][..cut].to_vec(), [&first, &one, &two, &three][cut..].to_vec());
            let examined = examine(&bytes(&before), &bytes(&after));
            assert!(all_accepted(&examined));
            assert_eq!(examined.view, whole.view);
        }
        views.push(whole.view.unwrap());
    }
    assert!(views.iter().all(|view| *view == views[0]));
    assert_eq!(views[0].reading, both.read());
    assert_eq!((views[0].kind, views[0].changed), (Some(Kind::Person), author(4, 4).time));
    assert_eq!(views[0].created.actor, hex::encode(author(1, 1).actor));
}

#[test]
fn time_of_a_record_is_the_latest_that_its_newest_changes_claim() {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    let one = change(&mut here, &Author { time: 5, ..author(2, 2) }, json!({"sex": "female"}));
    let two = change(&mut there, &Author { time: 9, ..author(3, 3) }, json!({"sex": "male"}));
    let changed = |new: &[&ChangeBytes]| examine(&[], &bytes(new)).view.unwrap().changed;
    assert_eq!((changed(&[&first]), changed(&[&first, &one]), changed(&[&first, &one, &two]), changed(&[&two, &one, &first])), (author(1, 1).time, 5, 9, 9));
}

#[test]
fn view_survives_the_wire_between_processes() {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    let one = change(&mut here, &author(2, 2), json!({"sex": "female"}));
    let two = change(&mut there, &author(3, 3), json!({"sex": "male"}));
    let examined = examine(&bytes(&[&first]), &bytes(&[&one, &two, &one]));
    assert!(!examined.view.as_ref().unwrap().reading.voices.is_empty());
    let wire = serde_json::to_vec(&examined).unwrap();
    assert_eq!(serde_json::from_slice::<Examined>(&wire).unwrap(), examined);
}

/// Two people edit a record side by side for a while, each now and then taking in what the other wrote.
pub fn story(kind: Kind, dice: &mut Dice) -> Vec<ChangeBytes> {
    let (first, creating) = Document::create(kind.fields(), &record(dice, kind), &author(1, 1)).unwrap();
    let mut changes = vec![creating];
    let mut desks = [first.clone(), first];
    for n in 2..8 {
        let desk = dice.below(2);
        let (log, tree) = (desks[desk].read().tree, record(dice, kind));
        let merged = sandyq::model::tree::continued(kind.fields(), &log, &tree);
        if let Ok(Some(change)) = desks[desk].edit(if dice.one_in(2) { &merged } else { &tree }, &author(n, n)) {
            changes.push(change);
        }
        if dice.one_in(2) {
            desks = [0, 1].map(|_| Document::open(kind.fields(), changes.iter().map(|c| c.bytes.as_slice())).unwrap());
        }
    }
    changes
}

#[test]
fn whatever_this_program_writes_is_accepted() {
    let config = Config { cases: 300, rng_seed: RngSeed::Fixed(32), failure_persistence: None, ..Config::default() };
    proptest!(config, |(kind in 0..Kind::ALL.len(), seed in any::<u64>())| {
        let (kind, mut dice) = (Kind::ALL[kind], Dice(seed));
        let changes = story(kind, &mut dice);
        let cut = dice.below(changes.len());
        let all: Vec<Vec<u8>> = changes.iter().map(|change| change.bytes.clone()).collect();
        let examined = examine(&all[..cut], &all[cut..]);
        prop_assert!(all_accepted(&examined), "{:?}", examined.verdicts);
        let document = Document::open(kind.fields(), all.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(examined.view.unwrap().reading, document.read());
    });
}
