//! Two judges of what a record is, the program and the JSON Schema, agree on every sample and on thrown records.

use std::collections::BTreeSet;
use std::fs;

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sandyq::model::draft::{judge, normalise, terms_used};
use sandyq::model::{Kind, Record, Tree, vocabulary};
use serde_json::{Value, json};

use super::dice::{Dice, break_somewhere, record};
use super::root;

fn schema() -> Validator {
    let text = fs::read_to_string(root().join("schema/record.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn samples(folder: &str) -> Vec<(String, Value)> {
    let files = fs::read_dir(root().join("schema/samples").join(folder)).unwrap();
    let read = |path: &std::path::Path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut all: Vec<_> = files.map(|f| f.unwrap().path()).map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), read(&p))).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn kind_of(value: &Value) -> Option<Kind> {
    value.get("kind").and_then(Value::as_str).and_then(Kind::named)
}

/// What the program says: the number of broken rules, one where it cannot even tell the kind.
fn faults(value: &Value) -> usize {
    match (kind_of(value), value) {
        (Some(kind), Value::Object(tree)) => judge(kind, tree).len(),
        _ => 1,
    }
}

#[test]
fn both_judges_accept_every_valid_sample() {
    let (schema, samples) = (schema(), samples("valid"));
    let kinds: BTreeSet<Kind> = samples.iter().filter_map(|(_, value)| kind_of(value)).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "a sample for each kind");
    assert!(samples.len() >= 25);
    for (name, value) in samples {
        let kind = kind_of(&value).unwrap();
        assert_eq!(judge(kind, value.as_object().unwrap()), [], "{name}");
        assert!(schema.is_valid(&value), "{name}: {:?}", schema.iter_errors(&value).next());
        assert!(Record::from_tree(kind, value.as_object().unwrap()).is_ok(), "{name}");
    }
}

#[test]
fn both_judges_refuse_every_invalid_sample() {
    let (schema, samples) = (schema(), samples("invalid"));
    assert!(samples.len() >= 60);
    for (name, value) in samples {
        assert!(faults(&value) > 0, "{name} passed the program");
        assert!(!schema.is_valid(&value), "{name} passed the schema");
    }
}

#[test]
fn each_invalid_sample_breaks_one_rule() {
    let broken = samples("invalid").into_iter().filter(|(_, value)| kind_of(value).is_some());
    let several: Vec<String> = broken.filter(|(_, value)| faults(value) != 1).map(|(name, _)| name).collect();
    assert_eq!(several, ["kind-of-another-record"]);
}

#[test]
fn valid_samples_use_words_that_ship() {
    for (name, value) in samples("valid") {
        let used = terms_used(kind_of(&value).unwrap().fields(), value.as_object().unwrap());
        let strange = used.into_iter().filter(|(_, of, code)| !of.is_empty() && vocabulary::term(of, code).is_none());
        assert_eq!(strange.collect::<Vec<_>>(), [], "{name}");
    }
}

fn many(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..Config::default() }
}

#[test]
fn both_judges_accept_thrown_records_which_parse() {
    let schema = schema();
    proptest!(many(2_400), |(kind in 0..Kind::ALL.len(), seed in any::<u64>())| {
        let kind = Kind::ALL[kind];
        let tree = record(&mut Dice(seed), kind);
        prop_assert_eq!(judge(kind, &tree), vec![]);
        prop_assert!(Record::from_tree(kind, &tree).is_ok());
        let value = Value::Object(tree);
        prop_assert!(schema.is_valid(&value), "{}", value);
    });
}

#[test]
fn both_judges_agree_on_broken_records() {
    let (schema, refused) = (schema(), std::cell::Cell::new(0));
    proptest!(many(4_000), |(kind in 0..Kind::ALL.len(), seed in any::<u64>())| {
        let (kind, mut dice) = (Kind::ALL[kind], Dice(seed));
        let mut tree = record(&mut dice, kind);
        break_somewhere(&mut dice, &mut tree);
        let faults = judge(kind, &tree);
        refused.set(refused.get() + usize::from(!faults.is_empty()));
        let value = Value::Object(tree);
        prop_assert_eq!(schema.is_valid(&value), faults.is_empty(), "{:?} {}", faults, value);
    });
    assert!(refused.get() > 2_000, "only {} were broken", refused.get());
}

#[test]
fn every_thrown_record_is_the_same_after_reading_and_writing() {
    proptest!(many(400), |(kind in 0..Kind::ALL.len(), seed in any::<u64>())| {
        let kind = Kind::ALL[kind];
        let tree = record(&mut Dice(seed), kind);
        let mut keys = 0;
        let normal = normalise(kind.fields(), &Value::Object(tree), &mut || { keys += 1; format!("k{keys}").parse().unwrap() }).unwrap();
        let again = written(Record::from_tree(kind, &normal).unwrap());
        prop_assert_eq!(without_kind(&normal), again);
    });
}

fn without_kind(tree: &Tree) -> Value {
    let mut tree = tree.clone();
    tree.remove("kind");
    Value::Object(tree)
}

fn written(record: Record) -> Value {
    macro_rules! each {
        ($($kind:ident)*) => { match record { $(Record::$kind(r) => serde_json::to_value(*r).unwrap()),* } };
    }
    each!(Publication Place Official Source Incident Person Detention Act Trial Evidence Consent Mandate Action Decision Figure Vocable Handover)
}

#[test]
fn list_of_more_than_two_thousand_entries_is_refused_by_both() {
    let names = |n: usize| -> Value { (0..n).map(|i| (format!("k{i}"), json!({"text": "x"}))).collect() };
    let (most, over) = (json!({"kind": "person", "names": names(2_000)}), json!({"kind": "person", "names": names(2_001)}));
    assert_eq!((faults(&most), schema().is_valid(&most)), (0, true));
    assert_eq!((faults(&over), schema().is_valid(&over)), (1, false));
}

#[test]
fn whole_number_written_with_a_point_is_refused_by_the_program_alone() {
    let value = json!({"kind": "person", "group_size": 5.0});
    assert_eq!((faults(&value), schema().is_valid(&value)), (1, true), "JSON Schema knows no difference between 5 and 5.0");
}

#[test]
fn fault_names_its_field_and_rule() {
    let tree = json!({"kind": "person", "names": {"n1": {"text": ""}}, "mood": "x"});
    let found: Vec<_> = judge(Kind::Person, tree.as_object().unwrap()).into_iter().map(|f| (f.path, f.rule)).collect();
    assert_eq!(found, [("mood".to_owned(), "unknown-field"), ("names/n1/text".to_owned(), "line")]);
}
