//! Whom a file or a record is about is asked of the whole casebook, not only of what was chosen.

use std::collections::BTreeSet;

use sandyq::handover::choice::choose::{Subject, choose};
use sandyq::handover::choice::consent::{Basis, Oral};
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::redact::{Order, RedactError, Redacted, redact};
use sandyq::handover::choice::withheld::Reason;
use sandyq::model::Kind;
use sandyq::vault::{Body, Line, MarkRow, VoiceRow, line_of};
use serde_json::{Value, json};

use super::casebook::{KEY, NOW, id};

type Casebook = Vec<(Line, Body)>;

pub fn record(kind: Kind, name: &str, tree: Value) -> (Line, Body) {
    let mut tree = tree.as_object().unwrap().clone();
    tree.insert("kind".into(), kind.code().into());
    let faults = sandyq::model::draft::judge(kind, &tree);
    assert!(faults.is_empty(), "{faults:?}");
    let body = Body { tree, ..Body::default() };
    (line_of(kind, &id(name), "", &body, ("dev", NOW, NOW)), body)
}

pub fn file(name: &str, more: Value) -> (Line, Body) {
    let mut tree =
        json!({"sha256": id(&format!("content of {name}")), "size": 5, "category": "interview", "chunks": {"1": {"number": 0, "name": id("piece")}}});
    tree.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record(Kind::Evidence, name, tree)
}

fn says(person: &str, lawyer: &str, torture: &str) -> (Line, Body) {
    let statement =
        json!({"stated": {"date": "2026-01-01"}, "purposes": {"share_with_lawyer": {"value": lawyer}}, "torture_allegation_may_be_sent": {"value": torture}});
    record(Kind::Consent, &format!("consent {person}"), json!({"subject": id(person), "statements": {"0123456789abcdef": statement}}))
}

/// A allowed everything and gave a power of attorney; D refused everything.
fn casebook() -> Casebook {
    vec![
        record(Kind::Incident, "rally", json!({"category": "assembly"})),
        record(Kind::Person, "A", json!({"sex": "male"})),
        record(Kind::Person, "D", json!({"sex": "female"})),
        record(Kind::Detention, "detention A", json!({"person": id("A"), "category": "street", "narrative": "Taken at the gate."})),
        record(Kind::Detention, "detention D", json!({"person": id("D")})),
        record(Kind::Act, "act D", json!({"detention": id("detention D"), "category": "beating", "injuries": {"1": {"photo": id("content of photo")}}})),
        record(Kind::Trial, "trial D", json!({"category": "criminal_trial", "parties": {"1": {"person": id("D")}}})),
        record(Kind::Trial, "trial AD", json!({"category": "criminal_trial", "parties": {"1": {"person": id("A")}, "2": {"person": id("D")}}})),
        says("A", "yes", "yes"),
        says("D", "no", "no"),
        record(Kind::Mandate, "mandate A", json!({"principal": id("A"), "scope": ["detention"]})),
        record(Kind::Mandate, "mandate D", json!({"principal": id("D"), "scope": ["detention"], "document": id("paper")})),
    ]
}

fn given(all: &Casebook, subject: &Subject, also: &[&str], oral: Option<&Oral>) -> Result<Redacted, RedactError> {
    let choice = choose(all, subject, &also.iter().map(|name| id(name)).collect());
    redact(&choice, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral })
}

fn person(name: &str) -> Subject {
    Subject::People(BTreeSet::from([id(name)]))
}

fn records(names: &[&str]) -> Subject {
    Subject::Records(names.iter().map(|name| id(name)).collect())
}

fn oral() -> Oral {
    Oral { reason: "oral".into(), due: "2026-05-03".into() }
}

/// Files about somebody who refused, by everything that leads to that person.
fn of_the_other() -> Vec<(&'static str, (Line, Body))> {
    let mut files: Vec<_> = ["D", "detention D", "act D", "trial D"].map(|target| (target, file("file", json!({"relates_to": id(target)})))).into();
    files.push(("a paper of theirs", file("paper", json!({}))));
    files.push(("a photograph of their injury", file("photo", json!({"relates_to": id("rally")}))));
    files.push(("a record that is not here", file("file", json!({"relates_to": id("elsewhere")}))));
    let mut contested = file("file", json!({"relates_to": id("detention A")}));
    let voice = |n: &str, name: &str| VoiceRow { id: n.into(), value: json!(id(name)), mark: MarkRow { by: "dev".into(), at: NOW } };
    contested.1.voices.insert("relates_to".into(), vec![voice("00", "detention A"), voice("01", "detention D")]);
    files.push(("one voice of two", contested));
    files
}

#[test]
fn file_about_somebody_who_refused_goes_to_nobody_whatever_was_chosen() {
    for (case, (line, body)) in of_the_other() {
        let name = line.id.clone();
        let mut all = casebook();
        all.push((line, body));
        let choice = choose(&all, &person("A"), &BTreeSet::from([name.clone()]));
        let redacted = redact(&choice, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral: None }).unwrap();
        assert!(redacted.given.record(&name).is_none() && redacted.files.is_empty(), "{case}");
        let counted = redacted.withheld.records.get(&(Kind::Evidence, Reason::OtherPeople));
        assert_eq!(counted, Some(&1), "{case}: {:?}", redacted.withheld.records);
        let alone = choose(&all, &Subject::Records(BTreeSet::from([name.clone()])), &BTreeSet::new());
        let refused = redact(&alone, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral: Some(&oral()) });
        assert!(matches!(refused, Err(RedactError::NotAllowed | RedactError::Nothing)), "{case}: {refused:?}");
    }
}

#[test]
fn shared_file_that_somebody_looked_at_still_goes() {
    for target in ["rally", "trial AD"] {
        let mut all = casebook();
        all.push(file("file", json!({"relates_to": id(target)})));
        let redacted = given(&all, &person("A"), &["file"], None).unwrap();
        assert!(redacted.given.record(&id("file")).is_some(), "{target}");
    }
}

#[test]
fn file_alone_stands_on_the_ground_of_the_person_whom_it_is_about() {
    let mut all = casebook();
    all.push(file("file", json!({"relates_to": id("detention A")})));
    let redacted = given(&all, &records(&["file"]), &[], None).unwrap();
    assert!(redacted.given.record(&id("file")).is_some());
    assert!(redacted.grounds.contains_key(&id("A")) && redacted.grounds.len() == 1);
}

#[test]
fn file_of_somebody_who_keeps_an_allegation_back_does_not_tell_it_when_the_act_was_not_chosen() {
    let mut all = casebook();
    all.push(record(Kind::Act, "act A", json!({"victim": id("A"), "category": "beating", "torture_allegation_may_be_sent": {"value": "no"}})));
    for target in ["act A", "detention A"] {
        let mut all = all.clone();
        all.push(file("file", json!({"relates_to": id(target)})));
        let redacted = given(&all, &records(&["file", "detention A"]), &[], None).unwrap();
        assert!(redacted.given.record(&id("file")).is_none(), "{target}");
        assert!(redacted.withheld.records.contains_key(&(Kind::Evidence, Reason::TortureAllegation)), "{target}");
        assert!(redacted.given.record(&id("detention A")).unwrap().tree.get("narrative").is_none(), "{target}");
    }
}

#[test]
fn what_is_about_nobody_waits_for_a_reason_and_its_texts_for_somebodys_word() {
    let told =
        json!({"observer": "Timur", "basis": "present_in_room", "narrative": "A: they beat me", "checks": {"H36": {"value": "yes"}, "H01": {"value": "yes"}}});
    let mut all = casebook();
    all.push(record(
        Kind::Trial,
        "trial",
        json!({"category": "criminal_trial", "title": "The case of the batons", "narrative": "Beaten with batons.", "hearings": {"1": {"number": "1", "observations": {"1": told}}}}),
    ));
    let tells = |all: &Casebook, names: &[&str]| {
        let redacted = given(all, &records(names), &[], Some(&oral())).unwrap();
        assert_eq!(redacted.nobodys, Some(Basis::Oral { reason: "oral".into(), due: "2026-05-03".into() }));
        let tree = json!(redacted.given.record(&id("trial")).unwrap().tree).to_string();
        [tree.contains("batons"), tree.contains("they beat me")]
    };
    for names in [&["trial"][..], &["trial", "detention A"]] {
        assert_eq!(given(&all, &records(names), &[], None).unwrap_err(), RedactError::ReasonNeeded { people: 0 });
    }
    assert_eq!(tells(&all, &["trial"]), [false; 2]);
    assert_eq!(tells(&all, &["trial", "detention A"]), [true; 2], "A said that it may be sent");
    let mut silent = all.clone();
    silent.retain(|(line, _)| line.id != id("consent A"));
    assert_eq!(tells(&silent, &["trial", "detention A"]), [false; 2]);
    assert!(given(&all, &person("A"), &[], None).unwrap().nobodys.is_none());
}
