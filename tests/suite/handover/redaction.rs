//! What goes, to whom, in which form and under which name. That nothing else goes is shown in `markers.rs`.

use std::collections::{BTreeMap, BTreeSet};

use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::pseudonym::Pseudonyms;
use sandyq::handover::choice::redact::{Order, Redacted, redact};
use sandyq::handover::choice::withheld::withheld_schema;
use sandyq::model::{Kind, Leaf, draft, schema};
use sandyq::vault::{Body, Line};
use serde_json::{Value, json};

use super::casebook::{KEY, Marked, NOW, full, id};
use super::needles::Needles;
use super::redaction_support::{chosen, order, people, written};
use super::search::{Text, fold};

fn folded(text: &str) -> [Text; 1] {
    [Text { place: String::new(), text: fold(text) }]
}

#[test]
fn no_value_stands_where_another_stood() {
    let casebook = full();
    let needles = Needles::new(casebook.marked.iter().flat_map(|one| &one.words).map(String::as_str));
    let mut whose: BTreeMap<&str, Vec<&Marked>> = BTreeMap::new();
    // Hashes are what files are known by, in several records.
    let marked = casebook.marked.iter().filter(|one| one.leaf != Leaf::Hash);
    marked.for_each(|one| one.words.iter().for_each(|word| whose.entry(word).or_default().push(one)));
    for profile in Profile::ALL {
        let redacted = redact(&chosen(&casebook.records, &people(&["A", "B"])), &order(profile)).unwrap();
        let pseudonyms = Pseudonyms::new(&KEY);
        let given = |record: &str| if profile.rules().pseudonyms { pseudonyms.id(record) } else { record.to_owned() };
        for record in &redacted.given.records {
            for word in needles.found(&folded(&format!("{} {:?}", json!(record.tree), record.voices))).keys() {
                let own = |one: &&Marked| given(&one.record) == record.id;
                assert!(whose.get(word).is_none_or(|ones| ones.iter().any(own)), "{profile:?}: {:?} stands in {}", whose[word], record.id);
            }
        }
    }
}

#[test]
fn moments_places_and_ages_go_only_as_exact_as_the_profile_says() {
    let casebook = full();
    let needles = Needles::new(casebook.marked.iter().flat_map(|one| &one.words).map(String::as_str));
    for profile in [Profile::Partner, Profile::Press, Profile::Statistics] {
        let redacted = redact(&chosen(&casebook.records, &people(&["A"])), &order(profile)).unwrap();
        let text = folded(&written(&redacted));
        let found = needles.found(&text);
        for one in &casebook.marked {
            let told = |part: &dyn Fn(&String) -> bool| one.words.iter().filter(|word| part(word)).any(|word| found.contains_key(word.as_str()));
            assert!(!told(&|word| word.len() == 8 && word.contains(':')), "{profile:?}: {one:?}");
            let day = told(&|word| word.len() == 10 && word.contains('-'));
            assert!(!day || (profile != Profile::Statistics && one.leaf != Leaf::Age), "{profile:?}: {one:?}");
            assert!(one.leaf != Leaf::Place || !told(&|_| true), "{profile:?}: {one:?}");
        }
        assert!(!found.is_empty());
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
