//! What people allowed, as it stands at a time; and papers, as they are valid at a time.

use std::collections::BTreeSet;

use sandyq::handover::choice::choose::{Subject, choose};
use sandyq::handover::choice::consent::{Basis, LAWYER_SCOPES, Oral, Papers, Word, lawyer_basis, mandate, word};
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::redact::{Order, RedactError, redact};
use sandyq::model::Kind;
use sandyq::vault::{Body, Line, MarkRow, line_of};
use serde_json::{Value, json};

use super::casebook::{KEY, NOW, id};

fn record(kind: Kind, name: &str, tree: Value) -> (Line, Body) {
    let mut tree = tree.as_object().unwrap().clone();
    tree.insert("kind".into(), kind.code().into());
    let faults = sandyq::model::draft::judge(kind, &tree);
    assert!(faults.is_empty(), "{faults:?}");
    let keys: Vec<String> = tree.get("statements").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.clone()).collect();
    let entries = keys.into_iter().map(|key| (format!("statements/{key}"), MarkRow { by: "dev".into(), at: NOW - 60 })).collect();
    let body = Body { tree, entries, ..Body::default() };
    (line_of(kind, &id(name), "", &body, ("dev", NOW, NOW)), body)
}

fn consents(statements: Value) -> Vec<(Line, Body)> {
    vec![person(), record(Kind::Consent, "c", json!({"subject": id("p"), "statements": statements}))]
}

fn person() -> (Line, Body) {
    record(Kind::Person, "p", json!({"sex": "female"}))
}

fn says(day: &str, value: &str) -> Value {
    json!({"stated": {"date": day}, "purposes": {"press": {"value": value}, "share_with_lawyer": {"value": value}}})
}

#[test]
fn consent_stands_as_the_last_clear_word_says() {
    let with = |mut statement: Value, field: &str, value: Value| {
        statement[field] = value;
        statement
    };
    let yes = || says("2026-01-01", "yes");
    let cases: Vec<(&str, Value, Word, Word)> = vec![
        ("nothing recorded", json!({}), Word::NotAsked, Word::VitalInterest),
        ("another purpose", json!({"1": {"purposes": {"court": {"value": "yes"}}}}), Word::NotAsked, Word::VitalInterest),
        ("yes", json!({"1": yes()}), Word::Given, Word::Given),
        ("no", json!({"1": says("2026-01-01", "no")}), Word::Refused, Word::Refused),
        ("unclear", json!({"1": says("2026-01-01", "unclear")}), Word::Refused, Word::Refused),
        ("later no", json!({"1": yes(), "2": says("2026-02-01", "no")}), Word::Refused, Word::Refused),
        ("later yes", json!({"1": says("2026-01-01", "no"), "2": says("2026-02-01", "yes")}), Word::Given, Word::Given),
        ("withdrawn at all", json!({"1": yes(), "2": {"stated": {"date": "2026-02-01"}, "withdrawn": true}}), Word::Refused, Word::Refused),
        (
            "withdrawn for one",
            json!({"1": yes(), "2": {"stated": {"date": "2026-02-01"}, "withdrawn": true, "purposes": {"press": {"value": "yes"}}}}),
            Word::Refused,
            Word::Given,
        ),
        ("expired", json!({"1": with(yes(), "expires", json!({"date": "2026-04-30"}))}), Word::Expired, Word::Expired),
        ("not expired", json!({"1": with(yes(), "expires", json!({"date": "2026-12"}))}), Word::Given, Word::Given),
        ("retracted", json!({"1": yes(), "2": {"retracts": "1"}}), Word::NotAsked, Word::VitalInterest),
        ("retracted no", json!({"1": yes(), "2": says("2026-02-01", "no"), "3": {"retracts": "2"}}), Word::Given, Word::Given),
        ("two words of one day", json!({"1": yes(), "2": says("2026-01-01", "no")}), Word::Contradictory, Word::Contradictory),
        ("two equal words of one day", json!({"1": yes(), "2": yes()}), Word::Given, Word::Given),
        (
            "a word without a day",
            json!({"1": says("2026-01-01", "no"), "2": with(yes(), "stated", json!({"precision": "unknown"}))}),
            Word::Contradictory,
            Word::Contradictory,
        ),
        ("a yes of tomorrow", json!({"1": says("2026-05-03", "yes")}), Word::NotAsked, Word::VitalInterest),
    ];
    for (case, statements, press, lawyer) in cases {
        let all = consents(statements);
        assert_eq!(word(&Papers::of(&all), &id("p"), "press", NOW), press, "{case}");
        assert_eq!(word(&Papers::of(&all), &id("p"), "share_with_lawyer", NOW), lawyer, "{case}");
    }
}

#[test]
fn only_keeping_and_telling_a_lawyer_are_vital() {
    let all = [person()];
    for purpose in sandyq::model::vocabulary::shipped("consent_purpose").unwrap().terms.iter().map(|term| term.code.as_str()) {
        let vital = matches!(purpose, "keep_in_database" | "share_with_lawyer");
        assert_eq!(word(&Papers::of(&all), &id("p"), purpose, NOW), if vital { Word::VitalInterest } else { Word::NotAsked }, "{purpose}");
    }
}

#[test]
fn withdrawn_record_and_separate_copy_of_a_consent_say_nothing() {
    let mut all = consents(json!({"1": says("2026-01-01", "yes")}));
    all[1].0.withdrawn = true;
    assert_eq!(word(&Papers::of(&all), &id("p"), "press", NOW), Word::NotAsked);
    all[1].0.withdrawn = false;
    all[1].0.copy_of = Some(id("x"));
    assert_eq!(word(&Papers::of(&all), &id("p"), "press", NOW), Word::NotAsked);
}

#[test]
fn power_of_attorney_is_valid_in_its_time_and_scope() {
    let base = || json!({"principal": id("p"), "scope": ["detention"], "signed_at": {"date": "2026-04-30"}});
    let with = |field: &str, value: Value| {
        let mut tree = base();
        tree[field] = value;
        tree
    };
    let cases = [
        ("signed", base(), true),
        ("today", with("signed_at", json!({"date": "2026-05-01"})), true),
        ("tomorrow", with("valid_from", json!({"date": "2026-05-03"})), false),
        ("over", with("valid_to", json!({"date": "2026-04-29"})), false),
        ("this year", with("valid_to", json!({"date": "2026"})), true),
        ("revoked", with("revoked_at", json!({"date": "2026-04-30"})), false),
        ("revoked, nobody knows when", with("revoked_at", json!({"precision": "unknown"})), false),
        ("revoked next month", with("revoked_at", json!({"date": "2026-06"})), true),
        ("criminal case", with("scope", json!(["criminal_case"])), true),
        ("medical records alone", with("scope", json!(["medical_records"])), false),
        ("no scope", json!({"principal": id("p")}), false),
        ("of somebody else", with("principal", json!(id("q"))), false),
    ];
    for (case, tree, valid) in cases {
        let all = [person(), record(Kind::Mandate, "m", tree)];
        assert_eq!(mandate(&Papers::of(&all), &id("p"), LAWYER_SCOPES, NOW).is_some(), valid, "{case}");
    }
    let mut all = [person(), record(Kind::Mandate, "m", base())];
    all[1].0.withdrawn = true;
    assert_eq!(mandate(&Papers::of(&all), &id("p"), LAWYER_SCOPES, NOW), None);
}

#[test]
fn missing_paper_asks_for_a_reason_and_a_day_and_stops_nobody() {
    let oral = Oral { reason: "oral, 23:10, by the mother".into(), due: "2026-05-03".into() };
    let paper = record(Kind::Mandate, "m", json!({"principal": id("p"), "scope": ["detention"]}));
    let run = |all: &[(Line, Body)], oral: Option<&Oral>| {
        let choice = choose(all, &Subject::People(BTreeSet::from([id("p")])), &BTreeSet::new());
        redact(&choice, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral }).map(|redacted| redacted.grounds[&id("p")].clone())
    };
    assert_eq!(run(&[person()], None), Err(RedactError::ReasonNeeded { people: 1 }));
    assert_eq!(run(&[person()], Some(&oral)), Ok(Basis::Oral { reason: oral.reason.clone(), due: oral.due.clone() }));
    assert_eq!(run(&[person(), paper.clone()], Some(&oral)), Ok(Basis::Mandate { record: id("m") }));
    let mut refused = consents(json!({"1": says("2026-01-01", "no")}));
    refused.push(paper);
    assert_eq!(run(&refused, Some(&oral)), Err(RedactError::NotAllowed));
    assert_eq!(lawyer_basis(&Papers::of(&refused), &id("p"), Some(&oral), NOW), Basis::None { word: Word::Refused });
}

#[test]
fn identity_papers_wait_for_the_paper() {
    let oral = Oral { reason: "oral".into(), due: "2026-05-03".into() };
    let person = || record(Kind::Person, "p", json!({"id_document": "N 1234567", "names": {"0123456789abcdef": {"text": "Асель Ахметова"}}}));
    let paper = record(Kind::Mandate, "m", json!({"principal": id("p"), "scope": ["detention"]}));
    for (all, goes) in [(vec![person()], false), (vec![person(), paper], true)] {
        let choice = choose(&all, &Subject::People(BTreeSet::from([id("p")])), &BTreeSet::new());
        let redacted = redact(&choice, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral: Some(&oral) }).unwrap();
        let tree = &redacted.given.record(&id("p")).unwrap().tree;
        assert_eq!(tree.contains_key("id_document"), goes);
        assert_eq!(tree["names"]["0123456789abcdef"]["text"], "Асель Ахметова");
    }
}

#[test]
fn who_did_not_allow_it_stays_out_beside_those_who_did() {
    let mut all = consents(json!({"1": says("2026-01-01", "yes")}));
    all.push(record(Kind::Person, "q", json!({"sex": "male"})));
    all.push(record(Kind::Detention, "d", json!({"person": id("q")})));
    let choice = choose(&all, &Subject::People(BTreeSet::from([id("p"), id("q")])), &BTreeSet::new());
    let order = Order { profile: Profile::Press, at: NOW, key: &KEY, oral: None };
    let redacted = redact(&choice, &order).unwrap();
    assert_eq!(redacted.given.records.len(), 1);
    assert_eq!(redacted.grounds[&id("q")], Basis::None { word: Word::NotAsked });
    let alone = choose(&all, &Subject::People(BTreeSet::from([id("q")])), &BTreeSet::new());
    assert_eq!(redact(&alone, &order).unwrap_err(), RedactError::NotAllowed);
}
