//! Makes the fixtures of a version, once: where they are it refuses.

use std::path::Path;

use sandyq::crypto::words::{Lang, recovery_words};
use sandyq::crypto::{Identity, Sealed, open};
use sandyq::model::Kind;
use sandyq::parcel::{ItemKind, unpack};
use sandyq::session::Session;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::vault::{Founding, Silent, Vault};
use serde_json::json;

use super::{BOOK, VAULT_FILES, exported, passphrase};
use crate::support::{NOW, Seeded};
use crate::vault::members;

const SECRET: [u8; 16] = *b"frozen version 1";

pub fn make(to: &Path) {
    assert!(!to.join("vault").exists(), "fixtures are made once: a later format gets a folder of its own");
    let home = tempfile::tempdir().expect("a folder");
    let vault = home.path().join("vault");
    found(&vault);
    record_own(&vault);
    std::fs::write(to.join("attachment.txt"), "What the camera saw, 12:04. Камера көргені. Что видела камера.\n".repeat(22)).expect("written");
    record_book(&vault, &to.join("attachment.txt"));
    let mut opened = Vault::open(&vault, &passphrase()).expect("opens");
    opened.backup(&to.join("backup.tar"), NOW, &mut Silent).expect("a backup");
    write_parcel(to, &opened);
    drop(opened);
    for (book, name) in [(BOOK, "records.jsonl"), ("own", "own.jsonl")] {
        std::fs::write(to.join(name), exported(&mut at(&vault, book, 9, 0))).expect("written");
    }
    let words = [Lang::En, Lang::Ru, Lang::Kk].map(|lang| format!("{}\n", &*recovery_words(lang, &SECRET)));
    std::fs::write(to.join("recovery-words.txt"), words.concat()).expect("written");
    std::fs::create_dir(to.join("vault")).expect("a folder");
    for name in VAULT_FILES {
        std::fs::copy(vault.join(name), to.join("vault").join(name)).expect("copied");
    }
}

fn found(folder: &Path) {
    let founding = Founding { passphrase: &passphrase(), log_n: 10, handle: "M-7KQ", time: NOW };
    let mut vault = Vault::found(folder, &founding, &mut Seeded(101)).expect("founded");
    vault.found_casebook(BOOK, &SECRET, &passphrase(), NOW, &mut Seeded(102)).expect("founded");
}

/// A session so many hours later.
fn at(folder: &Path, book: &str, seed: u64, hours: i64) -> Session {
    let clock = FixedClock(Wall { seconds: NOW + hours * 3_600, offset_min: 300 });
    Session::open(folder, &passphrase(), Some(book), Box::new(clock), Box::new(Seeded(seed))).expect("opens")
}

fn record_own(folder: &Path) {
    let person = json!({ "names": [{ "text": "Серік Әбенов" }], "narrative": "Seen at the gate." });
    at(folder, "own", 103, 0).add(&[(Kind::Person, person)]).expect("added");
}

fn record_book(folder: &Path, attachment: &Path) {
    let mut session = at(folder, BOOK, 104, 0);
    let ids = session.add(&first_records()).expect("added");
    let (incident, person) = (ids[0].clone(), ids[1].clone());
    let detention = json!({
        "person": person, "incident": incident, "apprehended_at": { "date": "2026-05-10", "time": "12:04", "offset_min": 300, "qualifier": "about" },
        "rights": { "R01": { "value": "no" }, "R02": { "value": "unclear", "note": "екі адам әртүрлі айтты" } }, "force": ["dragged"],
        "transitions": [{ "status": "apprehended", "told_by": "own", "effective": { "date": "2026-05-10", "time": "12:04", "offset_min": 300 } }],
    });
    let detention = session.add(&[(Kind::Detention, detention)]).expect("added").remove(0);
    session.add(&[trial(&person), act(&person), decision(&person)]).expect("added");
    session.attach(&incident, attachment, &json!({ "captured_by": "a neighbour of the square" }), &mut Silent).expect("attached");
    drop(session);
    contradict(folder, &detention, &person);
}

fn first_records() -> Vec<(Kind, serde_json::Value)> {
    let incident = json!({ "category": "rally", "title": "Abay avenue crossing", "city": { "known": "almaty" },
        "counts": [{ "what": "detained", "count": { "op": "more_than", "value": "150", "unit": "persons" } }] });
    let person = json!({ "names": [{ "text": "Ержан Төлегенов", "language": "kk" }, { "text": "Ержан Тулегенов", "language": "ru" },
        { "text": "Yerzhan Tolegenov", "language": "en" }], "age": { "years": 31 }, "narrative": "Қызыл күрте киген.\nВ красной куртке." });
    let source = json!({ "code": "SRC-0007", "name": "Jane Witness", "risk": "dismissed from work", "connection": "relative",
        "contacts": [{ "who": "Айгүл Досова", "reach": "+7 701 555 01 99", "relation": "relative" }] });
    let place = json!({ "category": "street_or_square", "name_kk": "Абай даңғылы", "name_ru": "проспект Абая", "name_en": "Abay avenue" });
    vec![(Kind::Incident, incident), (Kind::Person, person), (Kind::Source, source), (Kind::Place, place)]
}

fn trial(person: &str) -> (Kind, serde_json::Value) {
    let card = json!({ "observer": "M-7KQ", "basis": "present_in_room", "card": "7", "narrative": "The hall was full.",
        "checks": { "H01": { "value": "yes" }, "H02": { "value": "not_applicable" } },
        "accused": [{ "person": person, "checks": { "H30": { "value": "unclear" } } }],
        "speeches": [{ "at": { "date": "2026-05-11", "time": "11:30" }, "speaker": "J", "words": "Отырыңыз." }] });
    let hearing = json!({ "number": "1", "kind": "main_trial", "openness": "open", "scheduled_for": { "date": "2026-05-11", "time": "10:00" },
        "starts": { "date": "2026-05-11", "time": "11:25" }, "observations": [card] });
    let outcome = json!({ "person": person, "instance": "first", "decided": { "date": "2026-05-11" },
        "parts": [{ "kind": "fine", "amount": { "amount": "100.5", "currency": "KZT" } }, { "kind": "ban", "term": { "months": "6" }, "what": "public activity" }] });
    let charge = json!({ "person": person, "provision": { "instrument": "KZ-CAO-2014", "article": "488", "part": "6" }, "status": "charged" });
    (
        Kind::Trial,
        json!({ "category": "criminal_trial", "title": "Case of the crossing", "parties": [{ "person": person, "capacity": "accused" }],
        "charges": [charge], "hearings": [hearing], "outcomes": [outcome] }),
    )
}

fn act(person: &str) -> (Kind, serde_json::Value) {
    (Kind::Action, json!({ "category": "medical_aid", "person": person, "status": "pending", "due": { "date": "2026-05-12" } }))
}

fn decision(person: &str) -> (Kind, serde_json::Value) {
    let follow_up = json!({ "at": { "date": "2026-05" }, "statement": "nothing paid", "verdict": "not_implemented" });
    (Kind::Decision, json!({ "body": "hrc", "person": person, "subject": "assembly", "decided": { "date": "2026-05-10" }, "follow_ups": [follow_up] }))
}

/// Hours later: two statements that contradict each other, a decision between them, a consent and an edit.
fn contradict(folder: &Path, detention: &str, person: &str) {
    let mut session = at(folder, BOOK, 105, 6);
    let when = |time: &str, offset: i64| json!({ "date": "2026-05-10", "time": time, "offset_min": offset });
    session.step(detention, &json!({ "status": "released", "told_by": "relative", "source": "SRC-0007", "effective": when("23:40", 360) })).expect("a step");
    session.step(detention, &json!({ "status": "remand", "told_by": "lawyer", "effective": when("23:10", 300) })).expect("a step");
    drop(session);
    let mut session = at(folder, BOOK, 106, 20);
    let voices = session.conflicts_of(detention).expect("a conflict").remove(0).voices;
    let lawyers = voices.iter().find(|voice| voice.value["told_by"] == "lawyer").expect("the lawyer's voice");
    session.decide(detention, "status", &lawyers.id, "the order of the court was seen").expect("decided");
    let purposes = json!({ "keep_in_database": { "value": "yes" }, "publish_name": { "value": "no" } });
    session
        .consent(person, &json!({ "stated": { "date": "2026-05-11" }, "given_by": "self", "how": "oral_witnessed", "purposes": purposes }))
        .expect("a consent");
    session.edit(person, &json!({ "occupation": "мұғалім", "narrative": "Қызыл күрте киген.\nВ синей куртке." })).expect("edited");
}

/// Writes the first parcel with a change of the named casebook, with what opens it and what its header says.
fn write_parcel(to: &Path, vault: &Vault) {
    let key: &Identity = &vault.casebook(Some(BOOK)).expect("a casebook").epochs[0].1;
    let found = members(&to.join("backup.tar")).into_iter().find_map(|(_, bytes)| {
        let opened = open([key], &Sealed::from_outside(bytes.clone()), 1 << 21).ok()?;
        let parcel = unpack(opened.as_bytes()).ok()?.remove(0);
        matches!(parcel.header.items.first()?.kind, ItemKind::Change { .. }).then_some((bytes, parcel))
    });
    let (bytes, parcel) = found.expect("a parcel");
    std::fs::write(to.join("parcel.age"), bytes).expect("written");
    std::fs::write(to.join("parcel-header.json"), &parcel.header_bytes).expect("written");
    std::fs::write(to.join("parcel-epoch-key.txt"), format!("{}\n", &*key.secret_text())).expect("written");
}
