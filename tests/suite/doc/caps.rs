//! A record that grew too large is continued in a successor, and both are read as one.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sandyq::model::tree::{addition, continued};
use sandyq::model::{Kind, Tree};
use serde_json::json;

use super::super::model::dice::{Dice, record};
use super::{author, change, person, tree};

#[test]
fn record_over_its_cap_of_changes_or_operations_is_full() {
    let (mut document, _) = person();
    assert!(!document.is_full(sandyq::doc::MAX_OPS, sandyq::doc::MAX_CHANGES));
    for n in 2..=10 {
        change(&mut document, &author(1, n), json!({"occupation": format!("{n}")}));
    }
    assert!(document.is_full(1_000, 10) && !document.is_full(1_000, 11));
    let (mut long, _) = person();
    change(&mut long, &author(1, 2), json!({"narrative": "x".repeat(500)}));
    assert!(long.is_full(500, 10) && !long.is_full(1_000, 10));
}

#[test]
fn successor_carries_what_was_added_and_is_read_as_one_record() {
    let old =
        tree(json!({"kind": "person", "sex": "female", "names": {"n1": {"text": "a"}}, "narrative": "One.", "meta": {"verdicts": {"v1": {"about": "sex"}}}}));
    let new = tree(
        json!({"kind": "person", "sex": "male", "names": {"n1": {"text": "a"}, "n2": {"text": "b"}}, "narrative": "One.\nTwo.", "meta": {"verdicts": {"v1": {"about": "sex"}, "v2": {"retracts": "v1"}}}}),
    );
    let added = addition(Kind::Person.fields(), &old, &new).unwrap();
    assert_eq!(json!(added), json!({"sex": "male", "names": {"n2": {"text": "b"}}, "narrative": "Two.", "meta": {"verdicts": {"v2": {"retracts": "v1"}}}}));
    assert_eq!(continued(Kind::Person.fields(), &old, &added), new);
}

#[test]
fn what_is_taken_away_cannot_be_carried_by_a_successor() {
    let old = tree(
        json!({"kind": "person", "sex": "female", "languages": ["kk", "ru"], "names": {"n1": {"text": "a"}}, "narrative": "One.", "meta": {"queries": {"q1": {"question": "?"}}}}),
    );
    let gone = [
        json!({"sex": null}),
        json!({"names": {}}),
        json!({"names": {"n2": {"text": "b"}}}),
        json!({"narrative": "Two."}),
        json!({"meta": {}}),
        json!({"meta": {"queries": {}}}),
    ];
    for part in gone {
        let mut new = old.clone();
        new.extend(tree(part.clone()));
        new.retain(|_, value| !value.is_null());
        assert_eq!(addition(Kind::Person.fields(), &old, &new), None, "{part}");
    }
}

#[test]
fn nothing_added_is_an_empty_successor() {
    let old = tree(json!({"kind": "person", "narrative": "One.", "languages": ["kk"]}));
    assert_eq!(addition(Kind::Person.fields(), &old, &old), Some(Tree::new()));
    assert_eq!(continued(Kind::Person.fields(), &old, &Tree::new()), old);
}

#[test]
fn whatever_a_successor_can_carry_comes_back_whole() {
    let config = Config { cases: 2_000, rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..Config::default() };
    proptest!(config, |(kind in 0..Kind::ALL.len(), seed in any::<u64>())| {
        let (kind, mut dice) = (Kind::ALL[kind], Dice(seed));
        let (old, more) = (record(&mut dice, kind), record(&mut dice, kind));
        let new = continued(kind.fields(), &old, &more);
        let added = addition(kind.fields(), &old, &new);
        prop_assert!(added.is_some());
        prop_assert_eq!(continued(kind.fields(), &old, &added.unwrap()), new);
    });
}
