//! Vocabularies: every field that takes a word names one, every word stands in three languages and means one thing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use sandyq::model::entity::*;
use sandyq::model::shape::Shaped;
use sandyq::model::vocabulary::{self, Vocabulary};
use sandyq::model::{Field, Kind, Leaf, Shape};

use super::root;

macro_rules! entities {
    ($($name:ident)*) => { vec![$(($name::NAME, $name::FIELDS)),*] };
}

fn entities() -> Vec<(&'static str, &'static [Field])> {
    entities!(
        Act Injury Involvement MedicalFinding Citation Meta Query Verdict Action Consent ConsentStatement Decision FollowUp Mandate HandedFile Ground Handover Reply Subject
        Detention Property Transition Chunk CustodyEvent Evidence Chain Figure Incident IncidentFigure Official Place Site IdentityLink
        NameForm Person Publication Vocable Contact Source AccusedChecks Charge Hearing Observation Outcome Party SentencePart Speech Trial
    )
}

fn each_field() -> impl Iterator<Item = (String, &'static Field)> {
    entities().into_iter().flat_map(|(entity, fields)| fields.iter().map(move |field| (format!("{entity}.{}", field.name), field)))
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|f| f.name).collect()
}

#[test]
fn every_table_of_a_record_is_known_here() {
    let known: BTreeSet<Vec<&str>> = entities().iter().map(|(_, fields)| names(fields)).collect();
    for (path, field) in each_field() {
        if let Shape::Many(inner) | Shape::Log(inner) | Shape::Group(inner) = field.shape {
            assert!(known.contains(&names(inner)), "{path}");
        }
    }
}

#[test]
fn every_field_that_takes_a_word_names_a_shipped_vocabulary() {
    let takes_words = |f: &Field| matches!(f.shape, Shape::One(Leaf::Term) | Shape::Set | Shape::Map(_));
    let without: Vec<String> = each_field()
        .filter(|(_, field)| takes_words(field) && vocabulary::shipped(field.of).is_none())
        .map(|(path, field)| format!("{path} {}", field.of))
        .collect();
    assert_eq!(without, ["verdict.over ", "detention.carried "], "ids of voices and names of fields are no words");
}

#[test]
fn every_reference_names_the_kinds_it_may_point_to() {
    for (path, field) in each_field().filter(|(_, f)| matches!(f.shape, Shape::One(Leaf::Ref))) {
        let kinds: Vec<&str> = field.of.split(' ').collect();
        assert!(kinds.iter().all(|kind| Kind::named(kind).is_some()), "{path}: {kinds:?}");
    }
}

#[test]
fn parts_of_values_name_shipped_vocabularies() {
    let schema: serde_json::Value = serde_json::from_str(&fs::read_to_string(root().join("schema/record.schema.json")).unwrap()).unwrap();
    for value in ["When", "Count", "Answer", "Age", "PlaceRef", "ProvisionRef", "Money"] {
        for (name, part) in schema["$defs"][value]["properties"].as_object().unwrap() {
            let takes_words = part["$ref"] == "#/$defs/Term";
            let shipped = part["x-of"].as_str().is_some_and(|of| vocabulary::shipped(of).is_some());
            assert!(!takes_words || shipped, "{value}.{name}");
        }
    }
}

#[test]
fn every_field_and_kind_has_a_label() {
    let unlabelled: Vec<String> = each_field().map(|(path, _)| path).filter(|path| vocabulary::term("fields", path).is_none()).collect();
    assert_eq!(unlabelled, [""; 0]);
    let unnamed: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).filter(|code| vocabulary::term("kinds", code).is_none()).collect();
    assert_eq!(unnamed, [""; 0]);
}

#[test]
fn no_label_belongs_to_a_field_that_is_gone() {
    let known: BTreeSet<String> = each_field().map(|(path, _)| path).collect();
    let gone: Vec<&str> = vocabulary::shipped("fields").unwrap().terms.iter().map(|t| t.code.as_str()).filter(|c| !known.contains(*c)).collect();
    assert_eq!(gone, [""; 0]);
}

#[test]
fn every_vocabulary_file_ships_under_its_own_name() {
    let files = fs::read_dir(root().join("schema/vocabulary")).unwrap().map(|file| file.unwrap().path());
    let mut files: BTreeSet<String> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    files.remove("note");
    assert_eq!(files, vocabulary::all().keys().cloned().collect());
}

#[test]
fn every_word_stands_in_three_languages_under_a_code_that_fits() {
    for (name, vocabulary) in vocabulary::all() {
        let codes: BTreeSet<&str> = vocabulary.terms.iter().map(|t| t.code.as_str()).collect();
        assert_eq!(codes.len(), vocabulary.terms.len(), "{name} has a code twice");
        for term in &vocabulary.terms {
            assert!(term.code.parse::<sandyq::model::value::Term>().is_ok(), "{name} {}", term.code);
            assert!([&term.en, &term.ru, &term.kk].iter().all(|word| !word.trim().is_empty()), "{name} {}", term.code);
        }
    }
}

/// Words of one language that two codes claim.
fn claimed_twice(vocabulary: &Vocabulary, lang: &str) -> Vec<String> {
    let mut claims: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    for term in &vocabulary.terms {
        // Labels of fields are told apart by their entity.
        let scope = if vocabulary.name == "fields" { term.code.split('.').next().unwrap_or_default() } else { "" };
        for word in [term.code.as_str(), term.word(lang)].into_iter().chain(term.also.iter().map(String::as_str)) {
            claims.entry((scope.to_owned(), word.to_lowercase())).or_default().insert(&term.code);
        }
    }
    claims.into_iter().filter(|(_, codes)| codes.len() > 1).map(|((_, word), codes)| format!("{} {lang} {word}: {codes:?}", vocabulary.name)).collect()
}

#[test]
fn no_word_of_a_language_means_two_things() {
    let twice = vocabulary::all().values().flat_map(|v| ["en", "ru", "kk"].map(|lang| claimed_twice(v, lang))).flatten();
    assert_eq!(twice.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_word_finds_its_own_term() {
    for (name, vocabulary) in vocabulary::all().iter().filter(|(name, _)| *name != "fields") {
        for term in &vocabulary.terms {
            let found = ["en", "ru", "kk"].map(|lang| vocabulary.meant(term.word(lang)).map(|t| t.code.as_str()));
            assert_eq!(found, [Some(term.code.as_str()); 3], "{name}");
        }
    }
}

#[test]
fn every_status_says_what_it_means_for_liberty() {
    let known = ["at_liberty", "in_custody", "unknown", "unchanged"];
    for status in &vocabulary::shipped("status").unwrap().terms {
        assert!(status.detail("liberty").is_some_and(|liberty| known.contains(&liberty)), "{}", status.code);
        assert!(!status.flag("release") || status.detail("liberty") == Some("at_liberty"), "{}", status.code);
    }
}

#[test]
fn every_next_status_exists() {
    for status in &vocabulary::shipped("status").unwrap().terms {
        let next = status.more.get("next").and_then(|next| next.as_array()).into_iter().flatten();
        let strange: Vec<_> = next.filter(|code| vocabulary::term("status", code.as_str().unwrap()).is_none()).collect();
        assert!(strange.is_empty(), "{}: {strange:?}", status.code);
    }
}
