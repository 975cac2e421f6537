//! Many hands on one record while apart: every value is seen, and nobody is counted twice.

use sandyq::crypto::{Identity, SigningKey, padded, seal};
use sandyq::doc::{Author, Document};
use sandyq::model::Kind;
use sandyq::parcel::{ItemKind, Parcel, actor, pack, unpack};
use sandyq::report::rally::Filter;
use sandyq::session::Noted;
use sandyq::team::{Act, Add, Badge, Operation, Role};
use sandyq::transport::{Folder, Memory};
use serde_json::{Value, json};

use super::support::{Desk, of_files, parcel_by};
use crate::support::{NOW, Seeded};

const PEOPLE: u8 = 150;

/// The devices of a crowd: keys and badges, without vaults. The founder let each in, not knowing of the others.
fn crowd(first: &Desk) -> Vec<(SigningKey, Parcel)> {
    let (casebook, heads, by) = (first.casebook(), first.heads(), first.signing());
    let let_in = |number: u8| {
        let key = SigningKey::from_seed(&[number; 32]);
        let badge = Badge::new(&key, &Identity::generate().recipient().to_string(), &format!("M-{number}"));
        let add = Add { badge, role: Role::Editor, keeper: false, verified: true, invite: None };
        let operation = Operation::Add(Act::new(by.device(), &heads, add, NOW, [number; 16]));
        (key, parcel_by(&by, &casebook, &heads, vec![(ItemKind::Log, operation.to_bytes())], number))
    };
    (1..=PEOPLE).map(let_in).collect()
}

/// What one of them writes who knows the record as it was made, and nobody but the founder.
fn edited(key: &SigningKey, admission: &Parcel, record: (&str, &[u8]), number: u8) -> Parcel {
    let casebook = hex::decode(&admission.header.casebook).expect("hex").try_into().expect("an id");
    let mut document = Document::open(Kind::Person.fields(), [record.1]).expect("a record");
    let mut tree = document.read().tree;
    tree.insert("occupation".into(), format!("occupation {number}").into());
    let made = Author { actor: &actor(&casebook, &key.device(), 0, &[number; 16]), time: NOW, message: None };
    let change = document.edit(&tree, &made).expect("edited").expect("a change");
    let kind = ItemKind::Change { record: record.0.to_owned(), change: hex::encode(change.hash), deps: change.deps.iter().map(hex::encode).collect() };
    let log = Operation::from_bytes(&admission.items[0]).expect("an operation").id();
    parcel_by(key, &casebook, &[log], vec![(kind, change.bytes)], number)
}

#[test]
fn hundred_and_fifty_people_touch_one_record_while_apart_and_every_value_is_seen() {
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    first.admits(&mut second, Role::Editor);
    let (person, _) = first.detained("Мария Ким");
    let mut stick = Memory::new();
    first.sync(&mut stick);
    second.sync(&mut stick);
    let parcels = first.files().iter().filter_map(|file| first.session.vault().keyring().open_file(file)).collect::<Vec<_>>();
    let parcels = parcels.iter().flat_map(|plain| unpack(plain.as_bytes()).expect("parcels"));
    let of_person = |parcel: &Parcel| matches!(&parcel.header.items[0].kind, ItemKind::Change { record, .. } if *record == person);
    let record = parcels.filter(of_person).map(|parcel| parcel.items[0].clone()).next().expect("the record");
    let epoch = first.session.vault().casebook(None).expect("the team's").epochs[0].1.recipient();
    let mut files = Vec::new();
    for (number, (key, admission)) in (1..).zip(crowd(&first)) {
        let edit = edited(&key, &admission, (&person, &record), number);
        files.push(seal([&epoch], &padded(pack(&[admission]))).expect("sealed"));
        files.push(seal([&epoch], &padded(pack(&[edit]))).expect("sealed"));
    }
    let (mut half, mut other) = (of_files(files.split_off(files.len() / 2)), of_files(files));
    first.sync(&mut half);
    second.sync(&mut other);
    for _ in 0..2 {
        first.sync(&mut stick);
        second.sync(&mut stick);
    }
    assert_eq!(first.seen(), second.seen());
    for desk in [&mut first, &mut second] {
        let conflict = desk.session.conflicts(false).expect("listed").remove(0);
        let mut values: Vec<&str> = conflict.voices.iter().filter_map(|voice| voice.value.as_str()).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!((conflict.about.as_str(), values.len()), ("occupation", usize::from(PEOPLE)), "{}", desk.handle);
    }
    second.edit(&person, &json!({ "occupation": "welder" }));
    second.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(first.seen(), second.seen());
    assert_eq!(first.session.conflicts(true).expect("listed").len(), 0, "one who saw them all has the last word");
    assert_eq!(first.session.show(&person).expect("shown").tree["occupation"], "welder");
    let pending = first.session.pending().expect("pending");
    assert_eq!((pending.aside, pending.missing, pending.forks), (Vec::new(), Vec::new(), Vec::new()));
}

#[test]
fn long_narrative_edited_by_six_at_once_holds_every_insertion() {
    let mut first = Desk::founder("M-ONE", 1);
    let line = "Оларды автобусқа отырғызды, ал қалғандары алаңда қалды. ";
    let narrative: String = line.chars().cycle().take(30_000).collect();
    let person = first.session.add(&[(Kind::Person, json!({ "names": [{ "text": "Мария Ким" }], "narrative": narrative }))]).expect("added").remove(0);
    let mut stick = Memory::new();
    first.sync(&mut stick);
    let mut desks: Vec<Desk> = (1..6).map(|n| Desk::alone(&format!("M-{n}"), 1000 * n)).collect();
    for desk in &mut desks {
        first.admits(desk, Role::Editor);
    }
    first.sync(&mut stick);
    desks.iter_mut().for_each(|desk| drop(desk.sync(&mut stick)));
    desks.insert(0, first);
    let mut insertions = Vec::new();
    for (number, desk) in desks.iter_mut().enumerate() {
        // One place of their own, and three where everybody writes: the beginning, the middle and the end.
        let mut text: Vec<char> = narrative.chars().collect();
        for at in [30_000, 17_000, 4_001 * number, 0] {
            let insertion = format!("[{}: {at}, өз көзіммен көрдім]", desk.handle);
            text.splice(at..at, insertion.chars());
            desk.edit(&person, &json!({ "narrative": text.iter().collect::<String>() }));
            insertions.push(insertion);
        }
    }
    for _ in 0..2 {
        desks.iter_mut().for_each(|desk| drop(desk.sync(&mut stick)));
    }
    let seen = desks[0].seen();
    for desk in &mut desks {
        assert_eq!(desk.seen(), seen, "{}", desk.handle);
        let merged = desk.session.show(&person).expect("shown").tree["narrative"].as_str().expect("text").to_owned();
        let missing: Vec<&String> = insertions.iter().filter(|insertion| !merged.contains(*insertion)).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{}", desk.handle);
        let all: usize = insertions.iter().map(|insertion| insertion.chars().count()).sum();
        assert_eq!(merged.chars().count(), 30_000 + all, "nothing twice, nothing gone");
    }
}

/// What the rally table counts for the only incident.
fn counted(desk: &mut Desk) -> (u64, u64, u64) {
    let rally = desk.session.rally(&Filter::default()).expect("a table");
    let row = rally.rows.iter().chain(&rally.undated).next().expect("the incident");
    (row.recorded.named, row.recorded.unnamed, row.recorded.in_groups)
}

fn saved(noted: Noted) -> String {
    if let Noted::Saved { person, .. } = noted { person } else { panic!("not saved: {noted:?}") }
}

/// Cuts every pack in a folder in half.
fn cut_in_half(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("read");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("cut");
    }
}

#[test]
fn group_split_on_one_device_while_renamed_on_another_is_counted_once() {
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    first.admits(&mut second, Role::Editor);
    let incident = json!({ "category": "rally", "title": "Abay avenue crossing", "starts": { "date": "2026-05-10" } });
    let incident = first.session.add(&[(Kind::Incident, incident)]).expect("added").remove(0);
    let draft = json!({ "names": [{ "text": "пятеро у фонтана", "kind": "descriptor" }], "counting_unit": "group", "group_size": 5 });
    let group = first.session.add(&[(Kind::Person, draft)]).expect("added").remove(0);
    first.session.add(&[(Kind::Detention, json!({ "person": group, "incident": incident }))]).expect("added");
    let folder = tempfile::tempdir().expect("a folder");
    let (mut one, mut two) = (Seeded(50), Seeded(60));
    first.sync(&mut Folder::at(folder.path(), &mut one));
    let came = second.sync(&mut Folder::at(folder.path(), &mut two));
    assert_eq!((came.senders.len(), came.senders[0].detainees), (1, 5), "{came:?}");
    assert_eq!(counted(&mut second), (0, 0, 5));
    // One tells two of them apart; the other gives the group another name; the stick breaks in between.
    let split: Vec<String> = ["Мария Ким", "Ержан Төлегенов"].map(|line| saved(first.session.note_from_group(&group, line).expect("noted"))).to_vec();
    assert_eq!(counted(&mut first), (2, 0, 3));
    let key = second.session.show(&group).expect("shown").tree["names"].as_object().expect("names").keys().next().expect("one").clone();
    second.edit(&group, &json!({ "names": { key: { "text": "пятеро у памятника" } }, "narrative": "Держали баннер." }));
    first.sync(&mut Folder::at(folder.path(), &mut one));
    cut_in_half(folder.path());
    let cut = second.sync(&mut Folder::at(folder.path(), &mut two));
    assert!(!cut.exchanged.faults.is_empty());
    let people = |(named, unnamed, groups): (u64, u64, u64)| named + unnamed + groups;
    assert_eq!(people(counted(&mut second)), 5, "also with half of it");
    let mut detainees = cut.senders.iter().map(|sender| sender.detainees).sum::<u64>();
    for _ in 0..2 {
        first.sync(&mut Folder::at(folder.path(), &mut one));
        let came = second.sync(&mut Folder::at(folder.path(), &mut two));
        detainees += came.senders.iter().map(|sender| sender.detainees).sum::<u64>();
    }
    assert_eq!(detainees, 0, "who was told apart was counted with the group");
    assert_eq!(first.seen(), second.seen());
    for desk in [&mut first, &mut second] {
        assert_eq!(counted(desk), (2, 0, 3), "{}", desk.handle);
        let shown = Value::Object(desk.session.show(&group).expect("shown").tree).to_string();
        assert!(shown.contains("пятеро у памятника") && shown.contains("Держали баннер."), "{shown}");
        for person in &split {
            assert_eq!(desk.session.show(person).expect("shown").tree["from_group"], group.as_str());
        }
        let pending = desk.session.pending().expect("pending");
        assert_eq!((pending.aside, pending.missing), (Vec::new(), Vec::new()), "{}", desk.handle);
    }
}
