//! Whatever does not go is counted, with its reason; what nobody can class stops everything.

use std::collections::BTreeMap;

use sandyq::handover::choice::choose::{Choice, Subject};
use sandyq::handover::choice::given::GivenRecord;
use sandyq::handover::choice::preview::{count, preview};
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::pseudonym::Pseudonyms;
use sandyq::handover::choice::redact::{RedactError, redact};
use sandyq::handover::choice::withheld::{Part, Reason};
use sandyq::model::{Kind, Leaf, draft};
use sandyq::vault::{Body, line_of};
use serde_json::{Value, json};

use super::casebook::{KEY, NOW, everything, full, id};
use super::leaves::{singles, singles_under};
use super::markers::member;
use super::redaction_support::{chosen, order, packed, people};
use crate::model::dice::Dice;

/// Numbers by kind and field.
type Numbers = BTreeMap<(String, String), u64>;

/// What a bundle says and what it says that it does not, as its recipient reads it.
struct Papers {
    rows: BTreeMap<String, Value>,
    withheld: Value,
}

impl Papers {
    fn of(zip: &[u8]) -> Papers {
        let json = |name: &str| serde_json::from_slice::<Value>(&member(zip, name)).unwrap();
        let rows = json("records.json")["records"].as_array().unwrap().iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row.clone())).collect();
        Papers { rows, withheld: json("withheld.json") }
    }

    /// Sums of a list of `withheld.json`.
    fn sums(&self, list: &str, part: Option<&str>) -> Numbers {
        let mut sums = Numbers::new();
        for row in self.withheld[list].as_array().unwrap().iter().filter(|row| row.get("part").and_then(Value::as_str) == part) {
            let text = |field: &str| row.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            *sums.entry((text("kind"), text("field"))).or_default() += row["number"].as_u64().unwrap();
        }
        sums
    }
}

fn add(numbers: &mut Numbers, kind: Kind, field: &str) {
    *numbers.entry((kind.code().to_owned(), field.to_owned())).or_default() += 1;
}

/// Values of what was chosen that are not among what was given, and those that are there in another form.
fn compared(choice: &Choice, papers: &Papers, profile: Profile) -> (Numbers, Numbers) {
    let (pseudonyms, hidden) = (Pseudonyms::new(&KEY), profile.rules().pseudonyms);
    let new_id = |id: &str| if hidden { pseudonyms.id(id) } else { id.to_owned() };
    let (mut absent, mut changed) = (Numbers::new(), Numbers::new());
    for found in &choice.records {
        let new_key = |key: &str| if hidden { pseudonyms.entry(&found.line.id, key) } else { key.to_owned() };
        let row = papers.rows.get(&new_id(&found.line.id));
        let given = row.map(|row| row["record"].as_object().unwrap());
        let given: BTreeMap<String, &Value> = given.map(|tree| singles(found.kind, tree)).into_iter().flatten().map(|one| (one.path, one.value)).collect();
        for single in singles_under(found.kind, &found.body.tree, &new_key) {
            let mut same = single.value.clone();
            match (single.leaf, same.as_str()) {
                (Leaf::Ref, Some(id)) => same = json!(new_id(id)),
                (Leaf::Entry, Some(key)) => same = json!(new_key(key)),
                _ => {}
            }
            if let Some(id) = same.get("record").and_then(Value::as_str).map(new_id) {
                same["record"] = json!(id);
            }
            match given.get(&single.path) {
                None => add(&mut absent, found.kind, &single.field),
                Some(value) if **value != same => add(&mut changed, found.kind, &single.field),
                Some(_) => {}
            }
        }
    }
    (absent, changed)
}

#[test]
fn paper_of_what_is_withheld_names_every_value_that_is_absent_and_no_other() {
    let casebook = everything(1);
    let search = Subject::Records(["trial AB", "act A", "detention B", "evidence C"].map(id).into());
    for (profile, subject) in Profile::ALL.into_iter().flat_map(|profile| [people(&["A", "C"]), search.clone()].map(|subject| (profile, subject))) {
        let choice = chosen(&casebook.records, &subject);
        let papers = Papers::of(&packed(&redact(&choice, &order(profile)).unwrap()));
        let (absent, changed) = compared(&choice, &papers, profile);
        assert_eq!(papers.sums("parts", Some("value")), absent, "{profile:?} {subject:?}");
        assert_eq!(papers.sums("changed", Some("value")), changed, "{profile:?} {subject:?}");
        let mut records = Numbers::new();
        choice.records.iter().for_each(|found| add(&mut records, found.kind, ""));
        choice.left_out.iter().for_each(|(kind, _)| add(&mut records, *kind, ""));
        let mut both = papers.sums("records", None);
        papers.rows.values().for_each(|row| add(&mut both, Kind::named(row["kind"].as_str().unwrap()).unwrap(), ""));
        assert_eq!(both, records, "{profile:?} {subject:?}");
        println!("budget: {profile:?}: {} values of {} fields withheld, {} in another form", sum(&absent), absent.len(), sum(&changed));
        assert!(sum(&absent) > 0 && papers.withheld["profile"] == profile.code());
    }
}

fn sum(numbers: &Numbers) -> u64 {
    numbers.values().sum()
}

fn leaves(kind: Kind, tree: &sandyq::model::Tree) -> u64 {
    let mut number = 0;
    count(kind.fields(), tree, "", &mut |_| number += 1);
    number
}

#[test]
fn given_and_withheld_together_are_everything_that_was_chosen() {
    let casebook = full();
    for profile in Profile::ALL {
        for subject in [people(&["A"]), people(&["A", "B"]), Subject::Incident(id("incident 0")), Subject::Casebook] {
            let choice = chosen(&casebook.records, &subject);
            let redacted = redact(&choice, &order(profile)).unwrap();
            let all: u64 = choice.records.iter().map(|found| leaves(found.kind, &found.body.tree)).sum();
            let went: u64 = redacted.given.records.iter().map(|record| leaves(record.kind, &record.tree)).sum();
            assert_eq!(went + redacted.withheld.number(Part::Value), all, "{profile:?} {subject:?}");
            let voices: u64 = choice.records.iter().flat_map(|found| found.body.voices.values()).map(|voices| voices.len() as u64).sum();
            let of_fields = |record: &GivenRecord| {
                record.voices.iter().filter(|(path, _)| record.kind != Kind::Detention || *path != "status").map(|(_, v)| v.len() as u64).sum::<u64>()
            };
            let spoken: u64 = redacted.given.records.iter().map(of_fields).sum();
            assert_eq!(spoken + redacted.withheld.number(Part::Voice), voices, "{profile:?} {subject:?}");
            let marks: u64 = choice.records.iter().map(|found| found.body.entries.len() as u64).sum();
            let kept: u64 = redacted.given.records.iter().map(|record| record.entries.len() as u64).sum();
            assert_eq!(kept + redacted.withheld.number(Part::Mark), marks, "{profile:?} {subject:?}");
            let out: u64 = redacted.withheld.records.values().sum();
            assert_eq!(redacted.given.records.len() as u64 + out, (choice.records.len() + choice.left_out.len()) as u64);
        }
    }
}

#[test]
fn field_without_a_privacy_class_stops_everything() {
    for (name, path) in [("person A", "/nickname"), ("detention A", "/transitions/ffff/mood"), ("trial A", "/meta/colour")] {
        let mut casebook = full();
        let (line, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id(name)).unwrap();
        let kind = line.kind.clone();
        let mut at = Value::Object(body.tree.clone());
        let (above, field) = path.rsplit_once('/').unwrap();
        if above.ends_with("ffff") {
            at["transitions"]["ffff"] = json!({});
        }
        at.pointer_mut(above).unwrap()[field] = json!("zqsecretw");
        body.tree = at.as_object().unwrap().clone();
        for profile in Profile::ALL {
            let error = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap_err();
            assert!(matches!(&error, RedactError::Unclassed { kind: k, .. } if *k == kind), "{error:?}");
            assert!(!error.to_string().contains("zqsecretw"));
        }
    }
}

#[test]
fn preview_says_before_sealing_what_goes_and_what_does_not() {
    let casebook = full();
    let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(Profile::Lawyer)).unwrap();
    let seen = preview(&redacted, &|id| id.to_owned());
    let names: Vec<&String> = casebook
        .marked
        .iter()
        .filter(|one| one.record == id("person A") && one.entity == "name_form" && one.field == "text")
        .map(|one| &one.words[0])
        .collect();
    assert!(names.iter().all(|name| seen.people[0].names.contains(name)) && seen.people.len() == 1);
    assert_eq!(seen.files.len(), 1);
    let withheld: u64 = seen.withheld.iter().filter(|row| row.part == Some(Part::Value)).map(|row| row.number).sum();
    assert_eq!(withheld, redacted.withheld.number(Part::Value));
    assert!(
        seen.withheld
            .iter()
            .any(|row| row.kind == Kind::Detention && row.field == "transitions.source" && row.why == Some(Reason::SourceRegister) && row.number == 2)
    );
    assert!(serde_json::to_string(&seen).is_ok());
}

#[test]
fn records_of_any_shape_are_accounted_for_and_stay_valid() {
    let mut dice = Dice(6);
    for _ in 0..6 {
        let mut casebook = full();
        for n in 0..40 {
            let kind = *dice.pick(Kind::ALL);
            let mut tree = crate::model::dice::record(&mut dice, kind);
            let person = ["person", "victim", "subject", "principal"].into_iter().find(|field| tree.contains_key(*field));
            person.into_iter().for_each(|field| drop(tree.insert(field.into(), json!(id("person A")))));
            let body = Body { tree, ..Body::default() };
            casebook.records.push((line_of(kind, &id(&format!("thrown {n}")), "", &body, ("obsalpha", NOW, NOW)), body));
        }
        for profile in Profile::ALL {
            let choice = chosen(&casebook.records, &Subject::Casebook);
            let redacted = match redact(&choice, &order(profile)) {
                Ok(redacted) => redacted,
                // What somebody threw may be a refusal.
                Err(RedactError::ReasonNeeded { .. } | RedactError::NotAllowed) => continue,
                Err(error) => panic!("{profile:?} {error}"),
            };
            let all: u64 = choice.records.iter().map(|found| leaves(found.kind, &found.body.tree)).sum();
            let went: u64 = redacted.given.records.iter().map(|record| leaves(record.kind, &record.tree)).sum();
            assert_eq!(went + redacted.withheld.number(Part::Value), all, "{profile:?}");
            assert!(redacted.given.records.iter().all(|record| draft::judge(record.kind, &record.tree).is_empty()));
        }
    }
}
