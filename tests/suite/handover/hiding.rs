//! Profiles that hide people hide them from whoever can look a number or a name up elsewhere, too.

use std::collections::BTreeSet;

use sandyq::handover::choice::choose::{Subject, choose};
use sandyq::handover::choice::preview::preview;
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::redact::{Order, Redacted, redact};
use sandyq::handover::choice::withheld::{Part, Reason};
use sandyq::model::Kind;
use sandyq::vault::{Body, Line, MarkRow, VoiceRow};
use serde_json::json;

use super::casebook::{KEY, NOW, id};
use super::support::Made;
use super::whose::record;

/// A with a trial and a decision; everything is allowed but, where it says so, the name.
fn casebook(named: bool, others: bool) -> Vec<(Line, Body)> {
    let mut purposes = json!({"share_with_partners": {"value": "yes"}, "press": {"value": "yes"}, "keep_in_database": {"value": "yes"}});
    purposes["publish_name"] = json!({"value": if named { "yes" } else { "no" }});
    let mut parties = json!({"1": {"person": id("A")}});
    if others {
        parties["2"] = json!({"person": id("B")});
    }
    let trial = json!({"category": "criminal_trial", "case_no": "7520-26-1234", "court": "City court", "judges": "Judge Omarova", "prosecutors": "Prosecutor Kim",
        "defence": "Advocate Petrova", "parties": parties});
    vec![
        record(Kind::Person, "A", json!({"sex": "male"})),
        record(Kind::Person, "B", json!({"sex": "male"})),
        record(Kind::Trial, "trial", trial),
        record(Kind::Decision, "decision", json!({"body": "wgad", "person": id("A"), "document_no": "A/HRC/WGAD/2026/12"})),
        record(
            Kind::Consent,
            "consent",
            json!({"subject": id("A"), "statements": {"0123456789abcdef": {"stated": {"date": "2026-01-01"}, "purposes": purposes}}}),
        ),
        record(Kind::Mandate, "mandate", json!({"principal": id("A"), "scope": ["detention"]})),
    ]
}

fn given(all: &[(Line, Body)], profile: Profile) -> Redacted {
    let choice = choose(all, &Subject::People(BTreeSet::from([id("A")])), &BTreeSet::new());
    redact(&choice, &Order { profile, at: NOW, key: &KEY, oral: None }).unwrap()
}

fn told(redacted: &Redacted) -> Vec<&'static str> {
    let text: String = redacted.given.records.iter().map(|record| json!(record.tree).to_string()).collect();
    ["7520-26-1234", "WGAD/2026/12", "Omarova", "Kim", "Petrova", "City court"].into_iter().filter(|one| text.contains(one)).collect()
}

#[test]
fn number_of_a_case_and_the_names_around_it_do_not_lead_to_a_hidden_person() {
    const HIDDEN: [&str; 1] = ["City court"];
    let everything = ["7520-26-1234", "WGAD/2026/12", "Omarova", "Kim", "Petrova", "City court"];
    for profile in [Profile::Partner, Profile::Press, Profile::Statistics] {
        let redacted = given(&casebook(false, false), profile);
        assert_eq!(told(&redacted), HIDDEN, "{profile:?}");
        let counted = |kind, field: &str| redacted.withheld.parts.get(&(kind, field.to_owned(), Part::Value, Reason::Names));
        assert_eq!([counted(Kind::Trial, "case_no"), counted(Kind::Trial, "judges"), counted(Kind::Decision, "document_no")], [Some(&1); 3], "{profile:?}");
    }
    assert_eq!(told(&given(&casebook(true, false), Profile::Press)), ["7520-26-1234", "WGAD/2026/12", "City court"]);
    assert_eq!(told(&given(&casebook(true, true), Profile::Press)), ["WGAD/2026/12", "City court"], "others are found by it who were not asked");
    assert_eq!(told(&given(&casebook(false, false), Profile::Lawyer)), everything);
    assert!(told(&given(&casebook(false, true), Profile::Lawyer)).contains(&"7520-26-1234"));
}

#[test]
fn making_of_a_bundle_is_told_no_more_exactly_than_anything_in_it() {
    const DAY: i64 = 86_400;
    let mut all = casebook(true, false);
    // 2026-05-01 12:27:09, a Friday.
    all[0].0.changed = NOW + 12 * 3_600 + 1_629;
    let made = |profile| given(&all, profile).given.made;
    assert_eq!(made(Profile::Lawyer), all[0].0.changed);
    assert_eq!((made(Profile::Partner), made(Profile::Press)), (NOW.div_euclid(DAY) * DAY, NOW.div_euclid(DAY) * DAY));
    assert_eq!(made(Profile::Statistics), NOW.div_euclid(DAY) * DAY - 4 * DAY);
}

/// A photograph of A with a note of who is to be seen on it.
fn photograph(note: Option<&str>) -> Redacted {
    let mut all = casebook(true, false);
    all[0] = record(Kind::Person, "A", json!({"names": {"0123456789abcdef": {"text": "Айдар Сериков"}}}));
    let mut photo = json!({"sha256": id("content"), "size": 5, "category": "photo", "file_name": "IMG.jpg", "relates_to": id("A"),
        "chunks": {"1": {"number": 0, "name": id("piece")}}});
    if let Some(note) = note {
        photo["people_visible"] = json!(note);
    }
    all.push(record(Kind::Evidence, "photo", photo));
    given(&all, Profile::Lawyer)
}

#[test]
fn photograph_that_shows_others_is_marked_and_the_note_stays_out() {
    for (note, marked) in
        [(None, false), (Some("Айдар"), false), (Some("Aidar Serikov"), false), (Some("Bolat and two unknown women"), true), (Some("Айдар и другие"), true)]
    {
        let redacted = photograph(note);
        assert_eq!(redacted.given.shows_others, if marked { BTreeSet::from([id("photo")]) } else { BTreeSet::new() }, "{note:?}");
        assert_eq!(preview(&redacted, &|id| id.to_owned()).files[0].shows_others, marked, "{note:?}");
        let page = Made::of(&redacted.given, "en").page();
        assert_eq!(page.contains("shows others, by the team"), marked, "{note:?}");
        assert!(!page.contains("unknown women"));
    }
}

#[test]
fn preview_has_every_text_word_for_word_and_whom_the_paper_is_for() {
    let mut all = casebook(true, false);
    let paper = json!({"principal": id("A"), "agent": "Advocate Petrova", "scope": ["detention"]});
    all.retain(|(line, _)| line.id != id("mandate"));
    all.push(record(Kind::Mandate, "mandate", paper));
    all.push(record(Kind::Person, "C", json!({"names": {"0123456789abcdef": {"text": "Марат Оспанов"}}})));
    let mut detention = record(
        Kind::Detention,
        "detention",
        json!({"person": id("A"), "narrative": "Taken beside Marat Ospanov and Zarema.\nAt six.", "note": "old", "rights": {"R10": {"value": "no", "note": "asked twice"}},
            "transitions": {"0123456789abcdef": {"status": "released", "note": "met by Zarema"}}}),
    );
    let voice = |n: &str, text: &str| VoiceRow { id: n.into(), value: json!(text), mark: MarkRow { by: "dev".into(), at: NOW } };
    detention.1.voices.insert("note".into(), vec![voice("00", "old"), voice("01", "new")]);
    all.push(detention);
    let redacted = given(&all, Profile::Lawyer);
    let seen = preview(&redacted, &|id| id.to_owned());
    let of = |path: &str| seen.texts.iter().filter(|text| text.kind == Kind::Detention && text.path == path).map(|text| text.text.as_str()).collect::<Vec<_>>();
    let alias = redacted.given.record(&id("detention")).unwrap().tree["narrative"].as_str().unwrap().to_owned();
    assert!(alias.contains("Zarema") && !alias.contains("Ospanov"));
    assert_eq!(of("narrative"), [alias.as_str()]);
    assert_eq!((of("note"), of("rights/R10"), of("transitions/0123456789abcdef/note")), (vec!["old", "new"], vec!["asked twice"], vec!["met by Zarema"]));
    assert_eq!(seen.people[0].agent.as_deref(), Some("Advocate Petrova"));
}

#[test]
fn preview_says_how_much_of_the_source_register_does_not_open_here() {
    let mut all = casebook(true, false);
    all.push(record(Kind::Source, "source", json!({"code": "S-1", "name": {"sealed": "5ec0"}, "contacts": {"0123456789abcdef": {"who": {"sealed": "5ec1"}}}})));
    let sealed = |opened: &[(&str, &str)], profile| {
        let mut choice = choose(&all, &Subject::People(BTreeSet::from([id("A")])), &BTreeSet::new());
        choice.opened = opened.iter().map(|(sealed, text)| ((*sealed).to_owned(), (*text).to_owned())).collect();
        let redacted = redact(&choice, &Order { profile, at: NOW, key: &KEY, oral: None }).unwrap();
        preview(&redacted, &|id| id.to_owned()).sealed
    };
    assert_eq!(sealed(&[], Profile::Lawyer), 2);
    assert_eq!(sealed(&[("5ec0", "Gulnara"), ("5ec1", "Gulnara")], Profile::Lawyer), 0);
    assert_eq!(sealed(&[], Profile::Migration), 0, "no text is looked through");
}
