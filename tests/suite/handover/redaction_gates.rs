//! What stands before a record or a value: its class, the word of the person about torture, too few who share it, those whom a file is about.

use sandyq::handover::choice::choose::Subject;
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::redact::{Redacted, redact};
use sandyq::handover::choice::withheld::Reason;
use sandyq::model::Kind;
use serde_json::{Value, json};

use super::casebook::{Maker, full, id};
use super::redaction_support::{chosen, order, people, silent, written};

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

/// What a search found.
fn found(names: &[&str]) -> Subject {
    Subject::Records(names.iter().map(|name| id(name)).collect())
}

#[test]
fn file_that_a_search_found_goes_only_where_those_it_is_about_allowed() {
    let mut casebook = full();
    let refused = |casebook: &mut Maker, name: &str| {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id(name)).unwrap();
        body.tree["statements"]["ffffffffffffffff"]["purposes"] = json!({"share_with_lawyer": {"value": "no"}, "share_with_partners": {"value": "no"}});
    };
    let (_, search) = casebook.records.iter_mut().find(|(line, _)| line.id == id("act C")).unwrap();
    search.tree = json!({"kind": "act", "category": "search_home", "detention": id("detention C")}).as_object().unwrap().clone();
    search.voices.clear();
    let kinds = |casebook: &Maker, profile| {
        let subject = found(&["detention A", "person B", "evidence B", "evidence C", "act C"]);
        let redacted = redact(&chosen(&casebook.records, &subject), &order(profile)).unwrap();
        let out: Vec<(Kind, Reason)> = redacted.withheld.records.keys().copied().filter(|(kind, _)| matches!(kind, Kind::Evidence | Kind::Act)).collect();
        (redacted.given.of(Kind::Evidence).count(), redacted.given.of(Kind::Act).count(), out)
    };
    // What the files of B and C and the act are about was not found: they stand on the ground of those people all the same.
    assert_eq!(kinds(&casebook, Profile::Lawyer), (3, 1, vec![]));
    refused(&mut casebook, "consent C");
    let closed = vec![(Kind::Act, Reason::NoConsent), (Kind::Evidence, Reason::NoConsent)];
    assert_eq!(kinds(&casebook, Profile::Lawyer), (2, 0, closed.clone()));
    refused(&mut casebook, "consent B");
    assert_eq!(kinds(&casebook, Profile::Lawyer), (1, 0, closed));
}

#[test]
fn texts_stay_where_a_search_did_not_find_the_act_that_may_not_go() {
    for (word, goes) in [("yes", true), ("no", false)] {
        let mut casebook = full();
        silent(&mut casebook, Some(word), Some("yes"));
        let redacted = redact(&chosen(&casebook.records, &found(&["detention A", "evidence A"])), &order(Profile::Lawyer)).unwrap();
        let detention = redacted.given.of(Kind::Detention).next().unwrap();
        assert_eq!(detention.tree.contains_key("narrative"), goes, "{word}");
        assert_eq!(redacted.files.len(), usize::from(goes), "a photograph may show what is kept back");
    }
}
