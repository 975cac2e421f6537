//! No word of what is withheld is in anything that goes, and everything withheld is accounted for.

use std::collections::{BTreeMap, BTreeSet};

use sandyq::handover::choice::choose::{Choice, Subject, choose};
use sandyq::handover::choice::given::GivenRecord;
use sandyq::handover::choice::preview::{count, preview};
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::pseudonym::Pseudonyms;
use sandyq::handover::choice::records::{Head, records_json};
use sandyq::handover::choice::redact::{Order, RedactError, Redacted, redact};
use sandyq::handover::choice::withheld::{Part, Reason, withheld_schema};
use sandyq::model::{Kind, Leaf, Privacy, draft, schema};
use sandyq::vault::{Body, Line, line_of};
use serde_json::{Value, json};

use crate::model::dice::Dice;

use super::casebook::{KEY, Maker, Marked, NOW, full, id};

fn people(names: &[&str]) -> Subject {
    Subject::People(names.iter().map(|name| id(&format!("person {name}"))).collect())
}

fn order(profile: Profile) -> Order<'static> {
    Order { profile, at: NOW, key: &KEY, oral: None }
}

fn chosen<'a>(records: &'a [(Line, Body)], subject: &Subject) -> Choice<'a> {
    choose(records, subject, &BTreeSet::new())
}

fn head() -> Head {
    let text = String::new;
    Head {
        format: "sandyq-bundle".into(),
        version: 1,
        id: text(),
        profile: text(),
        language: text(),
        made: text(),
        heads: text(),
        signer: text(),
        pseudonyms: true,
    }
}

/// Everything that a recipient can read.
fn written(redacted: &Redacted) -> String {
    let mut text = String::from_utf8(records_json(&redacted.given, &head(), &BTreeMap::new())).unwrap();
    text.push_str(&String::from_utf8(redacted.withheld.to_json(redacted.profile)).unwrap());
    text
}

/// The forms under which a word could still be there.
fn disguises(word: &str) -> Vec<String> {
    let percent: String = word.bytes().map(|b| format!("%{b:02X}")).collect();
    let base64 = (0..3).map(|shift| base64(&[vec![0; shift], word.as_bytes().to_vec()].concat())[(shift * 8).div_ceil(6)..].to_owned());
    let whole = base64.map(|text| text.trim_end_matches('=').chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect());
    [word.to_owned(), percent, hex::encode(word)].into_iter().chain(whole).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(|at| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize])).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// A text in which words of eight letters and more are found quickly.
struct Searched {
    text: String,
    windows: std::collections::HashSet<[u8; 8]>,
}

impl Searched {
    fn new(text: String) -> Searched {
        let windows = text.as_bytes().windows(8).map(|window| window.try_into().unwrap()).collect();
        Searched { text, windows }
    }

    fn has(&self, word: &str) -> bool {
        let first: &[u8; 8] = word.as_bytes().first_chunk().expect("a word of eight letters");
        self.windows.contains(first) && self.text.contains(word)
    }
}

/// Tells whether a value must not go in this profile, whatever the code thinks.
fn must_stay(profile: Profile, one: &Marked) -> bool {
    let (entity, field) = (one.entity, one.field);
    let monitor = matches!(
        (entity, field),
        ("detention", "observer")
            | ("observation", "observer" | "card")
            | ("medical_finding" | "action" | "verdict" | "identity_link", "by")
            | ("custody_event", "actor" | "recipient" | "note")
    );
    let source = one.class == Privacy::S || one.kind == Kind::Source || matches!((entity, field), ("transition" | "name_form", "source"));
    let care = matches!(entity, "query" | "identity_link" | "meta" | "verdict") || matches!((entity, field), ("evidence", "identity" | "people_visible"));
    let other = !matches!(one.owner, 'A' | '0' | '*') || entity == "chunk";
    let named = matches!((entity, field), ("name_form", "text" | "remark") | ("person", "code"));
    let own_words = one.class == Privacy::R && one.leaf == Leaf::Line;
    let public = match profile {
        Profile::Migration | Profile::Lawyer => false,
        Profile::Partner => named || own_words,
        Profile::Press => one.class == Privacy::R && !named && one.entity != "evidence",
        Profile::Statistics => one.class == Privacy::R,
    };
    profile != Profile::Migration && (monitor || source || care || other || public)
}

#[test]
fn nothing_that_is_withheld_is_in_anything_that_goes() {
    let casebook = full();
    for profile in Profile::ALL {
        let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
        let text = Searched::new(written(&redacted));
        let leaks = |one: &Marked| one.words.iter().flat_map(|word| disguises(word)).find(|word| text.has(word));
        let wrong: Vec<_> = casebook.marked.iter().filter(|one| must_stay(profile, one)).filter_map(|one| Some((one, leaks(one)?))).collect();
        assert!(wrong.is_empty(), "{profile:?}: {:#?}", &wrong[..wrong.len().min(5)]);
        let strangers = ["obsalpha", "obsbeta", "obsgamma"];
        assert!(!strangers.iter().any(|handle| text.text.contains(handle)), "{profile:?}");
        assert!(casebook.marked.iter().filter(|one| must_stay(profile, one)).count() > 200 || profile == Profile::Migration);
    }
}

#[test]
fn no_value_stands_where_another_stood() {
    let casebook = full();
    for profile in Profile::ALL {
        let redacted = redact(&chosen(&casebook.records, &people(&["A", "B"])), &order(profile)).unwrap();
        let pseudonyms = Pseudonyms::new(&KEY);
        let given = |record: &str| if profile.rules().pseudonyms { pseudonyms.id(record) } else { record.to_owned() };
        let texts: BTreeMap<&str, Searched> =
            redacted.given.records.iter().map(|record| (record.id.as_str(), Searched::new(format!("{:?} {:?}", record.tree, record.voices)))).collect();
        for one in &casebook.marked {
            let elsewhere = texts.iter().filter(|(record, _)| **record != given(&one.record));
            let refers = one.leaf == Leaf::Hash;
            for (record, text) in elsewhere {
                let found = one.words.iter().find(|word| text.has(word));
                assert!(found.is_none() || refers, "{profile:?}: {one:?} stands in {record}");
            }
        }
    }
}

#[test]
fn moments_places_and_ages_go_only_as_exact_as_the_profile_says() {
    let casebook = full();
    for profile in [Profile::Partner, Profile::Press, Profile::Statistics] {
        let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
        let text = Searched::new(written(&redacted));
        for one in &casebook.marked {
            let clock = one.words.iter().find(|word| word.len() == 8 && word.contains(':'));
            let day = one.words.iter().find(|word| word.len() == 10 && word.contains('-'));
            assert!(clock.is_none_or(|clock| !text.has(clock)), "{profile:?}: {one:?}");
            let tells_day = day.is_some_and(|day| text.has(day));
            assert!(!tells_day || (profile != Profile::Statistics && one.leaf != Leaf::Age), "{profile:?}: {one:?}");
            let place = one.leaf == Leaf::Place;
            assert!(!place || !one.words.iter().any(|word| text.has(word)), "{profile:?}: {one:?}");
        }
    }
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
fn what_goes_is_valid_under_the_schemas_and_refers_to_nothing_outside() {
    let casebook = full();
    let record_schema = jsonschema::validator_for(&schema::record_schema()).unwrap();
    let withheld = jsonschema::validator_for(&withheld_schema()).unwrap();
    for profile in Profile::ALL {
        let redacted = redact(&chosen(&casebook.records, &people(&["A", "C"])), &order(profile)).unwrap();
        for record in &redacted.given.records {
            assert!(draft::judge(record.kind, &record.tree).is_empty(), "{profile:?} {:?}", record.tree);
            assert!(record_schema.is_valid(&Value::Object(record.tree.clone())), "{profile:?} {:?}", record.tree);
            for (path, to) in sandyq::model::tree::refs(record.kind.fields(), &record.tree) {
                assert!(profile == Profile::Migration || redacted.given.record(to.as_str()).is_some(), "{profile:?} {} {path}", record.kind.code());
            }
        }
        let paper: Value = serde_json::from_slice(&redacted.withheld.to_json(profile)).unwrap();
        assert!(withheld.is_valid(&paper), "{paper}");
    }
}

#[test]
fn same_choice_twice_gives_the_same_bytes_in_whatever_order_the_records_come() {
    let casebook = full();
    let mut turned: Vec<(Line, Body)> = casebook.records.clone();
    turned.reverse();
    for profile in Profile::ALL {
        let one = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
        let other = redact(&chosen(&turned, &people(&["A"])), &order(profile)).unwrap();
        assert_eq!(written(&one), written(&other), "{profile:?}");
    }
}

#[test]
fn lawyer_reads_what_the_client_is_about() {
    let casebook = full();
    let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(Profile::Lawyer)).unwrap();
    let text = written(&redacted);
    let wanted = [
        (Kind::Person, "name_form", "text"),
        (Kind::Person, "person", "id_document"),
        (Kind::Person, "person", "narrative"),
        (Kind::Detention, "detention", "apprehended_at"),
        (Kind::Detention, "detention", "narrative"),
        (Kind::Detention, "transition", "effective"),
        (Kind::Act, "injury", "colour"),
        (Kind::Act, "act", "narrative"),
        (Kind::Trial, "hearing", "starts"),
        (Kind::Trial, "speech", "words"),
        (Kind::Evidence, "evidence", "sha256"),
        (Kind::Mandate, "mandate", "agent"),
        (Kind::Consent, "consent_statement", "conditions"),
        (Kind::Incident, "incident", "title"),
        (Kind::Place, "place", "name_kk"),
        (Kind::Publication, "publication", "title"),
        (Kind::Official, "name_form", "text"),
    ];
    for (kind, entity, field) in wanted {
        let of = |one: &&Marked| (one.kind, one.entity, one.field) == (kind, entity, field) && matches!(one.owner, 'A' | '0');
        let found: Vec<_> = casebook.marked.iter().filter(of).collect();
        assert!(!found.is_empty() && found.iter().all(|one| one.words.iter().all(|word| text.contains(word.as_str()))), "{kind:?} {entity}.{field}");
    }
    assert_eq!(redacted.given.clients, [id("person A")]);
    assert_eq!(redacted.files.len(), 1);
}

#[test]
fn press_reads_the_name_of_whoever_allowed_it_and_nobody_elses() {
    let mut casebook = full();
    let consent = casebook.records.iter_mut().find(|(line, _)| line.id == id("consent C")).unwrap();
    consent.1.tree["statements"]["ffffffffffffffff"]["purposes"].as_object_mut().unwrap().remove("publish_name");
    let redacted = redact(&chosen(&casebook.records, &people(&["A", "C"])), &order(Profile::Press)).unwrap();
    let text = written(&redacted);
    let named = |owner: char| {
        casebook.marked.iter().filter(move |one| one.kind == Kind::Person && one.owner == owner && one.entity == "name_form" && one.field == "text")
    };
    assert!(named('A').all(|one| text.contains(&one.words[0])));
    assert!(named('C').all(|one| !text.contains(&one.words[0])));
    assert_eq!(redacted.given.of(Kind::Person).count(), 2);
}

#[test]
fn pseudonyms_stay_in_one_bundle_and_differ_in_the_next() {
    let casebook = full();
    let choice = chosen(&casebook.records, &people(&["A", "B"]));
    let one = redact(&choice, &order(Profile::Partner)).unwrap();
    let other = redact(&choice, &Order { key: &[8; 32], ..order(Profile::Partner) }).unwrap();
    let ids = |redacted: &Redacted| redacted.given.records.iter().flat_map(|record| [record.id.clone(), record.code.clone()]).collect::<BTreeSet<_>>();
    assert!(ids(&one).is_disjoint(&ids(&other)));
    assert_eq!(ids(&one), ids(&redact(&choice, &order(Profile::Partner)).unwrap()));
    let person = one.given.of(Kind::Person).next().unwrap();
    assert!(person.id.len() == 64 && person.code.len() == 8 && person.code.starts_with("P-"));
    assert!(one.given.of(Kind::Detention).any(|detention| detention.tree["person"] == json!(person.id)));
    assert!(casebook.records.iter().all(|(line, _)| !ids(&one).contains(&line.id)));
}

#[test]
fn keys_of_an_importer_say_nothing_to_a_recipient() {
    let mut casebook = full();
    let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("detention A")).unwrap();
    let named = json!({"status": "released", "effective": {"date": "2026-01-02"}});
    body.tree["transitions"]["told-by-marat"] = named;
    body.tree["transitions"]["0000000000000001"] = json!({"retracts": "told-by-marat"});
    body.entries.insert("transitions/told-by-marat".into(), sandyq::vault::MarkRow { by: "obsbeta".into(), at: NOW });
    let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(Profile::Lawyer)).unwrap();
    assert!(!written(&redacted).contains("marat"));
    let detention = redacted.given.record(&id("detention A")).unwrap();
    let transitions = detention.tree["transitions"].as_object().unwrap();
    let target = transitions["0000000000000001"]["retracts"].as_str().unwrap();
    assert_eq!(transitions[target]["status"], "released");
    assert!(detention.entries.contains_key(&format!("transitions/{target}")));
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
fn stricter_record_stays_out_where_its_class_does() {
    for (class, out) in [("R", vec![Profile::Press, Profile::Statistics]), ("S", vec![Profile::Lawyer, Profile::Partner, Profile::Press, Profile::Statistics])]
    {
        let mut casebook = full();
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("detention A")).unwrap();
        body.tree["meta"]["privacy"] = json!(class);
        for profile in Profile::ALL {
            let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
            let counted = redacted.withheld.records.get(&(Kind::Detention, Reason::Restricted)) == Some(&1);
            assert_eq!(redacted.given.of(Kind::Detention).count() == 0, out.contains(&profile), "{class} {profile:?}");
            assert_eq!(counted, out.contains(&profile), "{class} {profile:?}");
        }
    }
}

/// Says no in an act, or in every consent.
fn silent(casebook: &mut Maker, act: Option<&str>, consent: Option<&str>) {
    for (name, field) in [("act A", act), ("consent A", consent)] {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id(name)).unwrap();
        let place = if name == "act A" { &mut body.tree } else { body.tree["statements"]["ffffffffffffffff"].as_object_mut().unwrap() };
        match field {
            Some(value) => drop(place.insert("torture_allegation_may_be_sent".into(), json!({"value": value}))),
            None => drop(place.remove("torture_allegation_may_be_sent")),
        }
        if name == "consent A" {
            let others = body.tree["statements"].as_object_mut().unwrap();
            others
                .iter_mut()
                .filter(|(key, _)| *key != "ffffffffffffffff")
                .for_each(|(_, s)| drop(s.as_object_mut().unwrap().remove("torture_allegation_may_be_sent")));
        }
    }
}

#[test]
fn allegation_of_torture_goes_only_where_the_person_said_so() {
    let cases = [
        (Some("yes"), Some("yes"), true),
        (Some("yes"), None, true),
        (None, Some("yes"), true),
        (None, None, false),
        (Some("no"), Some("yes"), false),
        (Some("yes"), Some("no"), false),
        (Some("unclear"), Some("yes"), false),
        (Some("yes"), Some("unclear"), false),
    ];
    for (act, consent, goes) in cases {
        for profile in [Profile::Lawyer, Profile::Migration] {
            // The team's own next casebook loses nothing.
            let goes = goes || profile == Profile::Migration;
            let mut casebook = full();
            silent(&mut casebook, act, consent);
            let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
            assert_eq!(redacted.given.of(Kind::Act).count(), usize::from(goes), "{profile:?} {act:?} {consent:?}");
            let text = written(&redacted);
            let told = |kind, field| {
                casebook.marked.iter().filter(move |one| one.kind == kind && one.owner == 'A' && one.field == field).any(|one| text.contains(&one.words[0]))
            };
            assert_eq!(told(Kind::Detention, "narrative"), goes, "{profile:?} {act:?} {consent:?}");
            assert_eq!(redacted.files.is_empty(), !goes, "a photograph may show what is kept back");
            let counted = redacted.withheld.records.contains_key(&(Kind::Act, Reason::TortureAllegation));
            assert_eq!(counted, !goes);
        }
    }
}

#[test]
fn checklist_items_about_ill_treatment_have_the_same_gate() {
    let mut casebook = full();
    let with_items = |casebook: &mut Maker| {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("detention A")).unwrap();
        body.tree["rights"]["R32"] = json!({"value": "yes"});
        body.tree["rights"]["R10"] = json!({"value": "no"});
        body.tree["force"] = json!(["beaten", "pushed"]);
    };
    with_items(&mut casebook);
    let open = redact(&chosen(&casebook.records, &people(&["A"])), &order(Profile::Lawyer)).unwrap();
    silent(&mut casebook, Some("no"), None);
    let shut = redact(&chosen(&casebook.records, &people(&["A"])), &order(Profile::Lawyer)).unwrap();
    let detention = |redacted: &Redacted| redacted.given.of(Kind::Detention).next().unwrap().tree.clone();
    assert_eq!(detention(&open)["force"], json!(["beaten", "pushed"]));
    assert_eq!(detention(&open)["rights"]["R32"]["value"], "yes");
    assert_eq!(detention(&shut)["force"], json!(["pushed"]));
    assert!(detention(&shut)["rights"].get("R32").is_none() && detention(&shut)["rights"]["R10"]["value"] == "no");
}

#[test]
fn observers_are_numbered_and_never_named() {
    let casebook = full();
    let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(Profile::Lawyer)).unwrap();
    let detention = redacted.given.record(&id("detention A")).unwrap();
    // The entries are older than the voices.
    assert!(detention.entries.values().all(|mark| mark.observer == 1));
    let voices = detention.voices.get("apprehended_at").unwrap();
    assert_eq!(voices.iter().map(|said| said.mark.observer).collect::<Vec<_>>(), [2, 1]);
    let trial = redacted.given.record(&id("trial A")).unwrap();
    let observers: BTreeSet<String> = trial.tree["hearings"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|hearing| hearing["observations"].as_object().unwrap().values())
        .map(|o| o["observer"].as_str().unwrap().to_owned())
        .collect();
    assert!(observers.iter().all(|observer| observer.parse::<u32>().is_ok_and(|n| n > 2)) && observers.len() == 4, "{observers:?}");
}

#[test]
fn statistics_keep_sex_and_age_only_where_three_people_share_them() {
    let mut casebook = full();
    let with = |casebook: &mut Maker, ages: [u8; 3]| {
        for (name, years) in ["person A", "person B", "person C"].into_iter().zip(ages) {
            let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id(name)).unwrap();
            body.voices.clear();
            body.tree["sex"] = json!("female");
            body.tree["age"] = json!({"years": years});
        }
    };
    let ages = |casebook: &Maker| {
        let redacted = redact(&chosen(&casebook.records, &people(&["A", "B", "C"])), &order(Profile::Statistics)).unwrap();
        redacted.given.of(Kind::Person).filter_map(|person| person.tree.get("age").cloned()).collect::<Vec<_>>()
    };
    with(&mut casebook, [31, 45, 59]);
    assert_eq!(ages(&casebook), vec![json!({"band": "30_59"}); 3]);
    with(&mut casebook, [31, 45, 60]);
    assert_eq!(ages(&casebook), Vec::<Value>::new());
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

#[test]
fn other_people_in_the_clients_own_words_go_under_another_name() {
    let mut casebook = full();
    let name = |owner: char| {
        let of = |one: &&Marked| one.kind == Kind::Person && one.owner == owner && one.entity == "name_form" && one.field == "text";
        casebook.marked.iter().find(of).unwrap().words[0].clone()
    };
    let (own, others) = (name('A'), [name('B'), name('C')]);
    let text = format!("{own} was beside {} and {}m.", others[0], others[1]);
    for (record, place) in [("person A", "narrative"), ("detention A", "note"), ("trial AB", "title"), ("incident 0", "title"), ("evidence A", "file_name")] {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id(record)).unwrap();
        body.voices.remove(place);
        body.tree[place] = json!(text);
    }
    let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("detention A")).unwrap();
    body.tree["rights"]["R10"] = json!({"value": "no", "note": text});
    for profile in [Profile::Lawyer, Profile::Partner, Profile::Press, Profile::Statistics] {
        let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
        let written = written(&redacted);
        assert!(others.iter().all(|name| !written.contains(name.as_str())), "{profile:?}");
        if profile == Profile::Lawyer {
            let alias = |name: &str| Pseudonyms::new(&KEY).code(Kind::Person, &id(&format!("person {name}")));
            let told = format!("{own} was beside {} and {}.", alias("B"), alias("C"));
            assert_eq!(redacted.given.record(&id("person A")).unwrap().tree["narrative"], told);
            assert_eq!(written.matches(&told).count(), 6);
        }
    }
}
