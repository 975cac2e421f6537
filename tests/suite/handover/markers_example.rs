//! The example data as the program hands it over: no value that stays out can be read from a bundle, wherever it stands in the casebook.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use jiff::ToSpan;
use jiff::civil::Date;
use sandyq::crypto::open_stream;
use sandyq::handover::choice::consent::Oral;
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::withheld::withheld_schema;
use sandyq::model::schema::record_schema;
use sandyq::model::{Kind, Leaf};
use sandyq::session::{HandoverAsked, Session};
use sandyq::vault::{Body, Line, Silent};
use serde_json::{Value, json};

use super::browser::Browser;
use super::container_support::{keys, recipient};
use super::leaves::{never_goes, scalars, singles};
use super::markers::{member, said};
use super::needles::{HEAD, Needles};
use super::photo;
use super::search::{Text, fold, printed, texts};
use crate::stories::support::{Program, root};

/// One in so many people allowed everything; nobody asked the others.
const ALLOWED: usize = 3;
/// What a camera wrote beside a picture.
const CAMERA: [&str; 4] = ["GPS43.25N", "thumbnailpixels", "between scans", "after the end"];

/// The example data with some consents, and a photograph of the first of those who gave them.
struct Data {
    program: Program,
    session: Session,
    /// Ids of the people who allowed everything; the first is the one with the most records.
    allowed: Vec<String>,
}

impl Data {
    fn new() -> Data {
        let program = Program::with_data_set();
        let mut session = program.session();
        let records = session.bodies(None).unwrap();
        let mut cases: BTreeMap<String, usize> = BTreeMap::new();
        records.iter().filter(|(line, _)| line.kind == "detention").for_each(|(line, body)| {
            *cases.entry(line.person.clone().unwrap()).or_default() += body.tree.get("transitions").map_or(0, |list| list.as_object().unwrap().len());
        });
        let mut people: Vec<String> = cases.keys().cloned().collect();
        // Ids are drawn anew each time, those of the file stay.
        let origin = |person: &String| records.iter().find(|(line, _)| line.id == *person).map(|(line, _)| line.origin.clone());
        people.sort_by_key(|person| (std::cmp::Reverse(cases[person]), origin(person)));
        let allowed: Vec<String> = people.into_iter().step_by(ALLOWED).collect();
        session.add(&allowed.iter().map(|person| (Kind::Consent, consent(person))).collect::<Vec<_>>()).unwrap();
        fs::write(program.path("IMG.jpg"), photo::jpeg().0).unwrap();
        session.attach(&allowed[0], &program.path("IMG.jpg"), &json!({"category": "photo", "faces_blurred": {"value": "yes"}}), &mut Silent).unwrap();
        Data { program, session, allowed }
    }

    /// The plain zip of a bundle, and the people whose records may be in it.
    fn bundle(&mut self, profile: Profile, about: Vec<String>, name: &str) -> Vec<u8> {
        let oral = (profile == Profile::Lawyer).then(|| Oral { reason: "oral, 23:10, by the mother".into(), due: "2026-05-13".into() });
        let keys_of = vec![recipient().recipient().into()];
        let asked = HandoverAsked { profile, about, also: Vec::new(), lang: "ru", keys: keys_of, words: false, oral, with_metadata: false, second: false };
        let prepared = self.session.prepare_handover(asked).unwrap();
        let path = self.program.path(name);
        self.session.hand_over(&prepared, None, Some("Adv. Sultanova-Marker"), &path, &mut Silent).unwrap();
        let mut zip = Vec::new();
        open_stream(&keys(), fs::File::open(path).unwrap()).unwrap().read_to_end(&mut zip).unwrap();
        zip
    }

    fn records(&mut self) -> Vec<(Line, Body)> {
        self.session.bodies(None).unwrap()
    }

    fn ids(&mut self, kind: &str) -> Vec<String> {
        self.records().into_iter().filter(|(line, _)| line.kind == kind).map(|(line, _)| line.id).collect()
    }
}

fn consent(person: &str) -> Value {
    let purposes = ["share_with_lawyer", "share_with_partners", "press", "publish_photo"];
    let purposes: BTreeMap<&str, Value> = purposes.into_iter().map(|purpose| (purpose, json!({"value": "yes"}))).collect();
    json!({"subject": person, "statements": [{"stated": {"date": "2026-01-01"}, "purposes": purposes, "conditions": "Условие: не раньше суда"}]})
}

/// Values that no recipient of this profile may read, by rules of our own, and all other values.
fn sorted(profile: Profile, inside: &BTreeSet<&str>, records: &[(Line, Body)]) -> (Vec<String>, Vec<String>) {
    let (mut stay, mut others) = (Vec::new(), Vec::new());
    for (line, body) in records {
        let kind = Kind::named(&line.kind).unwrap();
        let person = if kind == Kind::Person { Some(line.id.as_str()) } else { line.person.as_deref() };
        let stranger = person.is_some_and(|person| !inside.contains(person));
        for single in singles(kind, &body.tree).iter().filter(|single| single.leaf != Leaf::Ref) {
            let never = never_goes(profile, kind, single.entity, single.row.name, single.row.class, single.leaf);
            // The key that signs and the state that was chosen from are the same in the next bundle.
            let repeated = kind == Kind::Handover && matches!(single.row.name, "signer" | "heads");
            if (stranger || never) && !repeated { &mut stay } else { &mut others }.extend(scalars(single.value));
        }
    }
    let weeks = others.iter().filter(|_| profile == Profile::Statistics).flat_map(|value| weeks(value)).collect::<Vec<_>>();
    others.extend(weeks);
    (stay, others)
}

/// First and last days of the weeks of the days in a value: so exact go moments into statistics.
fn weeks(value: &str) -> Vec<String> {
    let days = value.split('/').filter_map(|part| part.get(..10)?.parse::<Date>().ok());
    let week = |day: Date| {
        let monday = day - i64::from(day.weekday().to_monday_zero_offset()).days();
        [monday.to_string(), (monday + 6.days()).to_string()]
    };
    days.flat_map(week).collect()
}

/// Words that stand in bundles whatever is handed over: of the schemas, the vocabularies, and what the program says.
fn own_words() -> Text {
    let folders = ["src/locale", "schema/vocabulary", "src/handover/contents"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|ending| ending != "rs"));
    let texts: String = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    Text { place: String::new(), text: fold(&format!("{texts}{}{}", record_schema(), withheld_schema())) }
}

/// Looks for everything in the casebook that the bundle may not say; prints how much that is.
#[track_caller]
fn assert_clean(case: &str, profile: Profile, inside: &BTreeSet<&str>, records: &[(Line, Body)], zip: &[u8], browser: Option<&Browser>) {
    let (stay, others) = sorted(profile, inside, records);
    // The team's own next casebook gets its files as they are.
    let camera = CAMERA.into_iter().filter(|_| profile != Profile::Migration);
    let values: BTreeSet<&str> = stay.iter().chain(&others).map(String::as_str).chain(camera).collect();
    let needles = Needles::new(values.iter().copied());
    let others = Text { place: String::new(), text: fold(&others.join("\n")) };
    let [said, own, others] = [said(zip), own_words(), others].map(|text| needles.found(&[text]).into_keys().collect::<BTreeSet<_>>());
    let is_long = |value: &&str| fold(value).len() >= HEAD && !own.contains(value);
    let unsaid = values.iter().copied().filter(|value| is_long(value) && !said.contains(value));
    let stay = stay.iter().map(String::as_str).filter(|value| is_long(value) && !others.contains(value));
    let (unsaid, stay): (BTreeSet<&str>, BTreeSet<&str>) = (unsaid.collect(), stay.collect());
    let page = browser.and_then(|browser| printed(browser, &member(zip, "index.html")));
    let texts: Vec<Text> = texts(zip).into_iter().chain(page.into_iter().flatten()).collect();
    let found = needles.found(&texts);
    let leaks: Vec<_> = found.iter().filter(|(value, _)| unsaid.contains(*value) || stay.contains(*value)).take(8).collect();
    assert!(leaks.is_empty(), "{case}: {leaks:#?}");
    let (all, given) = (values.len(), found.keys().filter(|value| said.contains(*value)).count());
    println!("budget: {case}: {} of {all} values occur in nothing that goes, {} of them may never go; {given} go and are found", unsaid.len(), stay.len());
    assert!(unsaid.len() > 100 && given > 20 && (!stay.is_empty() || profile == Profile::Migration), "{case}");
}

#[test]
fn no_value_of_the_example_data_that_stays_out_is_in_any_member_nor_printed() {
    let mut data = Data::new();
    let browser = Browser::start();
    let (client, second) = (data.allowed[0].clone(), data.allowed[1].clone());
    let records = data.records();
    let incident = data.ids("incident").into_iter().max_by_key(|id| size(&records, id)).unwrap();
    let search: Vec<String> = ["detention", "trial", "evidence"].iter().flat_map(|kind| data.ids(kind)).collect();
    let cases = [
        ("lawyer, by record", Profile::Lawyer, vec![client.clone(), second]),
        ("lawyer, by incident", Profile::Lawyer, vec![incident]),
        ("partner, by search", Profile::Partner, search.clone()),
        ("press, whole casebook", Profile::Press, Vec::new()),
        ("statistics, by search", Profile::Statistics, search),
        ("migration, by record", Profile::Migration, vec![client]),
    ];
    for (case, profile, about) in cases {
        // With the ledger as it has grown: a bundle knows nothing of the ones before.
        let records = data.records();
        let zip = data.bundle(profile, about.clone(), case);
        let inside = inside(profile, &about, &data.allowed, &records);
        assert_clean(case, profile, &inside, &records, &zip, browser.as_ref());
    }
}

/// How many detentions an incident has; the id in the file tells apart those with as many.
fn size(records: &[(Line, Body)], incident: &str) -> (usize, Option<String>) {
    let detentions = records.iter().filter(|(line, _)| line.kind == "detention" && line.incident.as_deref() == Some(incident)).count();
    (detentions, records.iter().find(|(line, _)| line.id == incident).and_then(|(line, _)| line.origin.clone()))
}

/// The people whose records may go.
fn inside<'r>(profile: Profile, about: &[String], allowed: &[String], records: &'r [(Line, Body)]) -> BTreeSet<&'r str> {
    let asked = |line: &&'r Line| about.is_empty() || about.contains(&line.id) || line.incident.as_ref().is_some_and(|incident| about.contains(incident));
    let of = |line: &'r Line| if line.kind == "person" { Some(line.id.as_str()) } else { line.person.as_deref() };
    let people = records.iter().map(|(line, _)| line).filter(asked).filter_map(of);
    let needs_consent = matches!(profile, Profile::Partner | Profile::Press);
    people.filter(|person| !needs_consent || allowed.iter().any(|id| id == person)).collect()
}
