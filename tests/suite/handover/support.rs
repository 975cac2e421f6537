//! A case as its lawyer gets it, written out by hand: one person taken on 10 May 2018, told by three witnesses and a protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use sandyq::handover::choice::given::{Given, GivenRecord, Mark, Said};
use sandyq::handover::contents::{About, Contents};
use sandyq::locale::Texts;
use sandyq::model::{Kind, Record};
use serde_json::{Value, json};

use crate::transport::mounted::skipped;

/// 2018-05-14 12:00 UTC.
pub const MADE: i64 = 1_526_299_200;
pub const ID: &str = "0123456789abcdef0123456789abcdef";

/// An id of one hex digit over and over.
pub fn id(digit: char) -> String {
    digit.to_string().repeat(64)
}

pub fn mark(observer: u32, at: i64) -> Mark {
    Mark { observer, at }
}

/// A record that its kind can read.
pub fn record(kind: Kind, digit: char, tree: Value) -> GivenRecord {
    let tree = tree.as_object().expect("an object").clone();
    Record::from_tree(kind, &tree).unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    let code = format!("{}-{}", kind.letter(), digit.to_string().repeat(6).to_uppercase());
    GivenRecord { id: id(digit), kind, code, tree, voices: BTreeMap::new(), entries: BTreeMap::new() }
}

pub fn said(value: Value, observer: u32) -> Said {
    Said { value, mark: mark(observer, MADE - 86_400), decided: false }
}

pub fn given(records: Vec<GivenRecord>) -> Given {
    let clients = records.iter().filter(|record| record.kind == Kind::Person).map(|record| record.id.clone()).collect();
    Given { made: MADE, clients, records, shows_others: BTreeSet::new() }
}

pub fn person() -> GivenRecord {
    record(
        Kind::Person,
        'a',
        json!({"names": {"n1": {"text": "Әлия Қасымова", "script": "Cyrl", "language": "kk"}, "n2": {"text": "Aliya Kassymova", "script": "Latn"}},
            "sex": "female", "age": {"years": 24}, "citizenship": "Қазақстан", "roles": ["journalist"], "languages": ["kk", "ru"],
            "identity_status": "confirmed_by_document"}),
    )
}

/// A detention with its steps; `more` is laid over it.
pub fn detention(more: Value) -> GivenRecord {
    let mut tree = json!({"person": id('a')});
    tree.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record(Kind::Detention, 'b', tree)
}

/// A step that says when the person was taken.
pub fn taken(told_by: &str, when: Value) -> Value {
    json!({"status": "apprehended", "told_by": told_by, "effective": when})
}

pub fn at(date: &str, time: &str) -> Value {
    json!({"date": date, "time": time, "offset_min": 300})
}

fn whole_detention() -> GivenRecord {
    let mut detention = detention(json!({
        "apprehended_at": {"date": "2018-05-10", "time": "18:00", "offset_min": 300, "basis": "witness"},
        "apprehended_place": {"text": "проспект Абая, у театра"},
        "taken_by": ["police_plain_clothes"], "force": ["dragged"],
        "property_taken": {"p1": {"item": "phone", "receipt": {"value": "no"}}},
        "rights": {"R03": {"value": "no", "basis": "told_by_detainee"}, "R11": {"value": "no"}, "R14": {"value": "unclear", "note": "40 минут ждала"},
            "R25": {"value": "yes"}, "R40": {"value": "yes", "basis": "document", "at": at("2018-05-12", "21:15")}},
        "transitions": {
            "t1": taken("witness", at("2018-05-10", "17:55")),
            "t2": taken("witness", at("2018-05-10", "18:05")),
            "t3": {"status": "apprehended", "told_by": "document", "document": "протокол № 12", "effective": at("2018-05-10", "19:40")},
            "t4": {"status": "administrative_arrest", "told_by": "lawyer", "days": 15, "effective": at("2018-05-12", "22:00"), "until": {"date": "2018-05-27"},
                "place": {"record": id('1')}},
            "t5": {"status": "released", "told_by": "relative", "effective": {"date": "2018-05-13"}}},
        "narrative": "Шла мимо театра.\nЕё схватили двое."}));
    detention.voices.insert("rights/R03".into(), vec![said(json!({"value": "no"}), 1), said(json!({"value": "yes", "note": "со слов адвоката"}), 2)]);
    detention.entries = (1..=5).map(|n| (format!("transitions/t{n}"), mark(1 + n % 2, MADE - 3_600 * i64::from(n)))).collect();
    detention
}

fn trial() -> GivenRecord {
    record(
        Kind::Trial,
        'c',
        json!({"category": "administrative_offence", "case_no": "3-1234/18", "court": "САМС г. Алматы", "parties": {"p1": {"person": id('a'), "capacity": "в отношении кого"}},
            "charges": {"c1": {"person": id('a'), "provision": {"instrument": "KZ-CAO-2014", "article": "489", "part": "2"}, "status": "charged", "from": {"date": "2018-05-10"}}},
            "hearings": {
                "h1": {"number": "1", "starts": at("2018-05-12", "21:20"), "kind": "administrative_single", "openness": "open", "place": {"text": "зал 4"},
                    "observations": {"o1": {"observer": "наблюдатель 1", "basis": "present_in_room", "checks": {"H02": {"value": "no"}, "H03": {"value": "yes"}},
                            "accused": {"a1": {"person": id('a'), "checks": {"H17": {"value": "yes"}}}}},
                        "o2": {"observer": "наблюдатель 2", "basis": "outside", "checks": {"H02": {"value": "yes"}}}}},
                "h2": {"number": "2", "scheduled_for": at("2018-05-21", "10:00"), "kind": "appeal", "place": {"text": "зал 2"}}},
            "outcomes": {"u1": {"person": id('a'), "decided": {"date": "2018-05-12"}, "instance": "первая", "parts": {"s1": {"kind": "administrative_arrest", "term": {"days": "15"}}}}}}),
    )
}

fn evidence() -> GivenRecord {
    let mut evidence = record(
        Kind::Evidence,
        'e',
        json!({"sha256": id('f'), "size": 48_213, "file_name": "Хаттама №12.jpg", "media_type": "image/jpeg", "category": "protocol", "relates_to": id('b'),
            "received_at": at("2018-05-13", "10:00"),
            "custody": {"k1": {"at": at("2018-05-13", "10:05"), "actor": "M-3", "action": "collected"}, "k2": {"at": at("2018-05-13", "10:06"), "action": "hashed"}}}),
    );
    evidence.entries.insert("custody/k1".into(), mark(2, MADE - 7_200));
    evidence
}

/// The whole case.
pub fn case() -> Given {
    let act = json!({"category": "dragging", "victim": id('a'), "detention": id('b'), "happened": at("2018-05-10", "18:05"), "verification": "alleged",
        "injuries": {"i1": {"body_part": "wrist", "side": "left", "kind": "bruise", "size_mm": 40, "photo": id('f')}}});
    let consent = json!({"subject": id('a'), "statements": {"s1": {"stated": {"date": "2018-05-13"}, "given_by": "self", "how": "written",
        "purposes": {"share_with_lawyer": {"value": "yes"}, "publish_name": {"value": "no"}}}}});
    let mandate = json!({"principal": id('a'), "agent": "адвокат", "scope": ["detention"], "signed_at": {"date": "2018-05-13"}, "signed_by": "self", "valid_to": {"date": "2019-05-13"}});
    let place = json!({"category": "special_reception_centre", "name_ru": "Спецприёмник", "name_kk": "Арнайы қабылдағыш", "name_en": "Special reception centre", "city": "Алматы"});
    given(vec![
        record(Kind::Place, '1', place),
        person(),
        whole_detention(),
        record(Kind::Act, 'd', act),
        trial(),
        evidence(),
        record(Kind::Consent, '2', consent),
        record(Kind::Mandate, '3', mandate),
    ])
}

/// Puts two voices in the place of a value; the first is what stands in the record.
pub fn dispute(given: &mut Given, kind: Kind, path: &str, voices: [Value; 2]) {
    let record = given.records.iter_mut().find(|record| record.kind == kind).expect("a record");
    let [first, second] = voices;
    record.voices.insert(path.into(), vec![said(first, 1), said(second, 2)]);
}

/// The whole case, with two voices on when the first hearing began, when the person was taken, their sex and occupation.
pub fn contested_case() -> Given {
    let mut given = case();
    let person = given.records.iter_mut().find(|record| record.kind == Kind::Person).unwrap();
    person.tree.insert("occupation".into(), json!("journalist"));
    dispute(&mut given, Kind::Person, "sex", [json!("female"), json!("unknown")]);
    dispute(&mut given, Kind::Person, "occupation", [json!("journalist"), json!("driver")]);
    let taken = |time: &str, basis: &str| json!({"date": "2018-05-10", "time": time, "offset_min": 300, "basis": basis});
    dispute(&mut given, Kind::Detention, "apprehended_at", [taken("19:40", "document"), taken("17:57", "witness")]);
    dispute(&mut given, Kind::Trial, "hearings/h1/starts", [at("2018-05-12", "21:20"), at("2018-05-13", "10:00")]);
    dispute(&mut given, Kind::Trial, "hearings/h1/openness", [json!("open"), json!("closed_whole")]);
    given
}

/// The members of a bundle in a language.
pub struct Made(pub BTreeMap<String, Vec<u8>>, pub Vec<String>);

impl Made {
    pub fn of(given: &Given, lang: &str) -> Made {
        let texts = Texts::new(lang);
        let files: BTreeMap<String, String> = [(id('e'), format!("files/{}.jpg", id('f')))].into();
        let withheld = [("contact: not for this recipient".to_owned(), 3)];
        let about = About { id: ID, name: "P-AAAAAA", profile: "lawyer" };
        let members = Contents { given, texts: &texts, about, files: &files, withheld: &withheld }.members().expect("members");
        let names = members.iter().map(|(name, _)| name.clone()).collect();
        Made(members.into_iter().collect(), names)
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.0[name].clone()).expect("UTF-8")
    }

    pub fn page(&self) -> String {
        self.text("index.html")
    }

    /// Writes one member into a folder.
    pub fn write(&self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name.rsplit('/').next().unwrap());
        std::fs::write(&path, &self.0[name]).unwrap();
        path
    }
}

/// The page as a reader without marks sees it: every text, one a line.
pub fn visible(page: &str) -> String {
    let body = page.split_once("<body>").expect("a body").1;
    let mut text = String::new();
    let mut inside = true;
    for c in body.chars() {
        match c {
            '<' => inside = false,
            '>' => inside = true,
            c if inside => text.push(c),
            _ => {}
        }
    }
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Tells whether a program is there; says loudly that a test proves nothing without it.
pub fn is_installed(program: &str, probe: &[&str], package: &str) -> bool {
    let there = Command::new(program).args(probe).output().is_ok_and(|out| out.status.success());
    if !there {
        skipped(&format!("{program} is missing (apt-get install {package}); nothing was proved"));
    }
    there
}
