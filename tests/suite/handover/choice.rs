//! What belongs to a hand-over and what stays out.

use std::collections::BTreeSet;

use sandyq::handover::choice::choose::{Choice, Subject, choose, same_as};
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::redact::{Order, redact};
use sandyq::handover::choice::withheld::Reason;
use sandyq::model::Kind;
use serde_json::json;

use super::casebook::{KEY, NOW, full, id};

fn people(names: &[&str]) -> Subject {
    Subject::People(names.iter().map(|name| id(&format!("person {name}"))).collect())
}

fn ids(choice: &Choice) -> BTreeSet<String> {
    choice.records.iter().map(|found| found.line.id.clone()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| id(name)).collect()
}

const OF_A: [&str; 9] = ["person A", "detention A", "act A", "trial A", "evidence A", "consent A", "mandate A", "action A", "decision A"];
const SHARED: [&str; 5] = ["trial AB", "incident 0", "place 0", "official 0", "publication 0"];

#[test]
fn person_comes_with_everything_about_them_and_nothing_of_others() {
    let casebook = full();
    let choice = choose(&casebook.records, &people(&["A"]), &BTreeSet::new());
    assert_eq!(ids(&choice), set(&[&OF_A[..], &SHARED[..]].concat()));
    assert_eq!(choice.clients, set(&["person A"]));
    assert!(choice.left_out.contains(&(Kind::Person, Reason::OtherPeople)));
}

#[test]
fn incident_comes_with_everybody_detained_in_it() {
    let casebook = full();
    let choice = choose(&casebook.records, &Subject::Incident(id("incident 0")), &BTreeSet::new());
    assert_eq!(choice.clients, set(&["person A", "person B", "person C"]));
    assert!(choice.core.contains(&id("incident 0")) && ids(&choice).contains(&id("detention B")));
}

#[test]
fn found_records_come_with_the_people_whom_they_are_about_and_no_more() {
    let casebook = full();
    let choice = choose(&casebook.records, &Subject::Records(set(&["detention B"])), &BTreeSet::new());
    assert_eq!(choice.clients, set(&["person B"]));
    assert!(set(&["person B", "detention B", "incident 0"]).is_subset(&ids(&choice)));
    assert!(!ids(&choice).contains(&id("act B")) && !ids(&choice).contains(&id("trial B")));
}

#[test]
fn withdrawn_records_and_separate_copies_stay_out_and_are_counted() {
    let mut casebook = full();
    for (line, _) in &mut casebook.records {
        line.withdrawn = line.id == id("action A");
        line.copy_of = (line.id == id("decision A")).then(|| id("decision B"));
    }
    let choice = choose(&casebook.records, &people(&["A"]), &BTreeSet::new());
    assert!(!ids(&choice).contains(&id("action A")) && !ids(&choice).contains(&id("decision A")));
    assert!(choice.left_out.contains(&(Kind::Action, Reason::Withdrawn)) && choice.left_out.contains(&(Kind::Decision, Reason::SeparateCopy)));
}

#[test]
fn shared_file_goes_only_when_somebody_chose_it() {
    let mut casebook = full();
    for target in ["incident 0", "trial AB", "place 0"] {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("evidence A")).unwrap();
        body.tree["relates_to"] = json!(id(target));
        // No paper and no photograph of an injury.
        casebook.records.iter_mut().filter(|(line, _)| line.id == id("mandate A")).for_each(|(_, body)| drop(body.tree.remove("document")));
        let silent = choose(&casebook.records, &people(&["A"]), &BTreeSet::new());
        assert!(!ids(&silent).contains(&id("evidence A")) && silent.left_out.contains(&(Kind::Evidence, Reason::SharedFile)), "{target}");
        let asked = choose(&casebook.records, &people(&["A"]), &set(&["evidence A"]));
        assert!(ids(&asked).contains(&id("evidence A")), "{target}");
    }
}

#[test]
fn of_a_trial_with_others_only_the_clients_own_part_goes() {
    let casebook = full();
    let choice = choose(&casebook.records, &people(&["A"]), &BTreeSet::new());
    let order = Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral: None };
    let redacted = redact(&choice, &order).unwrap();
    let trial = &redacted.given.record(&id("trial AB")).unwrap().tree;
    for list in ["parties", "charges", "outcomes"] {
        let entries: Vec<_> = trial[list].as_object().unwrap().values().collect();
        assert!(entries.len() == 1 && entries[0]["person"] == json!(id("person A")), "{list}");
    }
    assert!(trial.get("defence").is_none());
    let counted =
        redacted.withheld.parts.iter().any(|((kind, field, _, reason), _)| *kind == Kind::Trial && field == "parties.label" && *reason == Reason::OtherPeople);
    assert!(counted);
}

#[test]
fn person_whose_identity_is_disputed_does_not_come_along() {
    let mut casebook = full();
    let link = |verdict: &str| json!({"other": id("person C"), "verdict": verdict});
    let links = |casebook: &mut super::casebook::Maker, links| {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("person A")).unwrap();
        body.tree.insert("links".into(), links);
    };
    let others = |casebook: &super::casebook::Maker, name: &str| same_as(&casebook.records, &set(&[name]));
    links(&mut casebook, json!({"01": link("same")}));
    assert_eq!((others(&casebook, "person A"), others(&casebook, "person C")), (set(&["person C"]), set(&["person A"])));
    assert!(same_as(&casebook.records, &set(&["person A", "person C"])).is_empty(), "both are named already");
    casebook.records.iter_mut().filter(|(line, _)| line.id == id("person C")).for_each(|(line, _)| line.withdrawn = true);
    assert!(others(&casebook, "person A").is_empty(), "recorded by mistake");
    casebook.records.iter_mut().for_each(|(line, _)| line.withdrawn = false);
    links(&mut casebook, json!({"01": link("same"), "02": link("different")}));
    assert!(others(&casebook, "person A").is_empty());
    links(&mut casebook, json!({"01": link("same"), "02": {"retracts": "01"}}));
    assert!(others(&casebook, "person A").is_empty());
    links(&mut casebook, json!({"01": link("same")}));
    let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("person C")).unwrap();
    body.tree.insert("links".into(), json!({"01": {"other": id("person A"), "verdict": "different"}}));
    assert!(others(&casebook, "person A").is_empty() && others(&casebook, "person C").is_empty(), "contradicted from the other side");
}

#[test]
fn file_about_several_people_goes_only_where_all_of_them_are_in() {
    let mut casebook = full();
    let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("evidence A")).unwrap();
    body.tree["relates_to"] = json!(id("person A"));
    body.tree["also_about"] = json!({ "01": { "record": id("person B") } });
    casebook.records.iter_mut().filter(|(line, _)| line.id.starts_with(&id("mandate A"))).for_each(|(_, body)| drop(body.tree.remove("document")));
    for name in ["A", "B"] {
        let alone = choose(&casebook.records, &people(&[name]), &BTreeSet::new());
        assert!(!ids(&alone).contains(&id("evidence A")) && alone.left_out.contains(&(Kind::Evidence, Reason::SharedFile)), "{name}");
        assert!(ids(&choose(&casebook.records, &people(&[name]), &set(&["evidence A"]))).contains(&id("evidence A")), "{name}");
    }
    assert!(ids(&choose(&casebook.records, &people(&["A", "B"]), &BTreeSet::new())).contains(&id("evidence A")));
    let both = choose(&casebook.records, &people(&["A", "B"]), &BTreeSet::new());
    let redacted = redact(&both, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral: None }).unwrap();
    let row = &redacted.given.record(&id("evidence A")).unwrap().tree;
    let also: Vec<_> = row["also_about"].as_object().unwrap().values().map(|subject| &subject["record"]).collect();
    assert_eq!((&row["relates_to"], also), (&json!(id("person A")), vec![&json!(id("person B"))]));
    // It would tell of the other, who was not asked.
    let one = choose(&casebook.records, &people(&["A"]), &set(&["evidence A"]));
    let redacted = redact(&one, &Order { profile: Profile::Lawyer, at: NOW, key: &KEY, oral: None }).unwrap();
    assert!(redacted.given.record(&id("evidence A")).is_none());
    assert!(redacted.withheld.records.contains_key(&(Kind::Evidence, Reason::OtherPeople)));
}
