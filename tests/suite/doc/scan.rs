//! What this program writes is what its scanner takes, to the byte.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sandyq::doc::scan::MAX_CHANGE_BYTES;
use sandyq::doc::{Author, ChangeBytes, DocError, Document, ScanError, scan};
use sandyq::model::Kind;
use serde_json::json;

use super::super::model::dice::{Dice, record};
use super::{author, change, created, opened, person};

fn taken(change: &ChangeBytes) {
    let scanned = scan(&change.bytes).unwrap();
    assert_eq!((scanned.hash, &scanned.deps), (change.hash, &change.deps));
    let (known, mark) = sandyq::doc::describe(&change.bytes).unwrap();
    assert_eq!((known.hash, known.deps, mark.actor, mark.at, mark.message), (scanned.hash, scanned.deps, scanned.actor, scanned.time, scanned.message));
}

#[test]
fn whatever_is_created_or_edited_is_taken_by_the_scanner() {
    let config = Config { cases: 400, rng_seed: RngSeed::Fixed(31), failure_persistence: None, ..Config::default() };
    proptest!(config, |(kind in 0..Kind::ALL.len(), seed in any::<u64>())| {
        let (kind, mut dice) = (Kind::ALL[kind], Dice(seed));
        let (mut document, first) = Document::create(kind.fields(), &record(&mut dice, kind), &author(1, 1)).unwrap();
        taken(&first);
        let mut last = scan(&first.bytes).unwrap();
        for n in 2..6 {
            match document.edit(&record(&mut dice, kind), &author(n, n)) {
                Ok(Some(next)) => {
                    taken(&next);
                    let scanned = scan(&next.bytes).unwrap();
                    prop_assert!(scanned.follows([last.last_op].into_iter()));
                    last = scanned;
                }
                Ok(None) | Err(DocError::LogChanged { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    });
}

#[test]
fn creating_change_begins_at_one_and_says_who_when_and_whose_words() {
    let said = Author { message: Some("import of M-2"), ..author(1, 1) };
    let (_, first) = Document::create(Kind::Person.fields(), &super::tree(json!({"kind": "person"})), &said).unwrap();
    let scanned = scan(&first.bytes).unwrap();
    assert!(scanned.creates && scanned.follows([].into_iter()) && scanned.start_op == 1);
    assert_eq!((scanned.actor, scanned.time, scanned.message.as_deref()), (hex::encode(said.actor), said.time, Some("import of M-2")));
    assert_eq!(scanned.last_op, scanned.ops);
}

#[test]
fn change_that_joins_two_follows_the_longer_one() {
    let (mut here, first) = person();
    let mut there = opened(&[&first]);
    let one = change(&mut here, &author(2, 2), json!({"sex": "female", "narrative": "She left in the evening."}));
    let two = change(&mut there, &author(3, 3), json!({"sex": "male"}));
    let mut both = opened(&[&first, &one, &two]);
    let joined = scan(&change(&mut both, &author(4, 4), json!({"sex": "female"})).bytes).unwrap();
    let last = |change: &ChangeBytes| scan(&change.bytes).unwrap().last_op;
    assert!(last(&one) > last(&two));
    assert!(joined.follows([last(&one), last(&two)].into_iter()));
    assert!(!joined.follows([last(&two)].into_iter()));
}

#[test]
fn longest_narrative_is_taken_in_one_change() {
    let long: String = "Қазақстан ".chars().cycle().take(100_000).collect();
    let (mut document, first) = created(Kind::Person, json!({"kind": "person", "narrative": long}));
    taken(&first);
    taken(&change(&mut document, &author(2, 2), json!({"sex": "female"})));
}

#[test]
fn change_that_others_would_refuse_is_not_written() {
    let (mut document, _) = person();
    let mut after = document.read().tree;
    after.insert("occupation".into(), json!("x".repeat(MAX_CHANGE_BYTES)));
    let refused = document.edit(&after, &author(2, 2));
    assert!(matches!(refused, Err(DocError::TooLarge(ScanError::TooLong))), "{refused:?}");
}

#[test]
fn anything_behind_or_missing_is_refused() {
    let (_, first) = person();
    for end in 0..first.bytes.len() {
        assert!(scan(&first.bytes[..end]).is_err(), "{end}");
    }
    assert_eq!(scan(&[&first.bytes[..], b"\0"].concat()), Err(ScanError::Trailing));
    let doubled = [&first.bytes[..], &first.bytes[..]].concat();
    assert_eq!(scan(&doubled), Err(ScanError::Trailing));
}
