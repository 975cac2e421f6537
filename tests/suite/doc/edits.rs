//! An edit writes what differs, and nothing that was recorded in a dated list.

use sandyq::doc::{DocError, Document, describe};
use sandyq::model::Kind;
use serde_json::json;

use super::{author, change, created, opened, person, tree};

#[test]
fn record_id_is_the_hash_of_its_creating_change() {
    let (document, first) = person();
    assert_eq!(document.heads(), [first.hash]);
    assert_eq!(first.deps, [[0; 32]; 0]);
    let (described, mark) = describe(&first.bytes).unwrap();
    assert_eq!(described, first);
    assert_eq!((mark.actor, mark.at), (hex::encode(author(1, 1).actor), author(1, 1).time));
}

#[test]
fn same_words_by_the_same_author_give_the_same_id_and_another_author_another() {
    let record = tree(json!({"kind": "person", "roles": ["a", "b"], "names": {"n1": {"text": "x"}, "n2": {"text": "y"}}}));
    let id = |device| Document::create(Kind::Person.fields(), &record, &author(device, 1)).unwrap().1.hash;
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[test]
fn message_and_claimed_time_travel_with_the_change() {
    let said = sandyq::doc::Author { message: Some("import of M-2"), ..author(1, 1) };
    let (_, first) = Document::create(Kind::Person.fields(), &tree(json!({"kind": "person"})), &said).unwrap();
    assert_eq!(describe(&first.bytes).unwrap().1.message.as_deref(), Some("import of M-2"));
}

#[test]
fn edit_that_changes_nothing_writes_nothing() {
    let (mut document, first) = person();
    let same = document.read().tree;
    assert_eq!(document.edit(&same, &author(1, 2)).unwrap(), None);
    assert_eq!(document.heads(), [first.hash]);
}

#[test]
fn edit_writes_only_what_differs() {
    let (mut document, _) = person();
    let small = change(&mut document, &author(1, 2), json!({"sex": "female"}));
    let step = document.history().pop().unwrap();
    assert_eq!(step.edits, [("sex".to_owned(), None, Some(json!("female")))]);
    assert_eq!(step.hash, small.hash);
}

#[test]
fn field_entry_and_term_can_be_taken_away() {
    let (mut document, _) = person();
    document.edit(&tree(json!({"kind": "person"})), &author(1, 2)).unwrap();
    assert_eq!(document.read().tree, tree(json!({"kind": "person"})));
}

#[test]
fn everything_a_record_may_hold_comes_back_as_it_was() {
    let folder = super::super::model::root().join("schema/samples/valid");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let mut value: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let kind = Kind::named(value["kind"].as_str().unwrap()).unwrap();
        let mut keys = || "k".parse().unwrap();
        value = json!(sandyq::model::draft::normalise(kind.fields(), &value, &mut keys).unwrap());
        let (document, _) = created(kind, value.clone());
        assert_eq!(json!(document.read().tree), value, "{path:?}");
    }
}

#[test]
fn entry_of_a_dated_list_cannot_be_changed_or_dropped() {
    let log = json!({"kind": "detention", "person": "a".repeat(64), "transitions": {"t1": {"status": "remand", "days": 2}}, "meta": {"verdicts": {"v1": {"about": "status"}}}});
    let (mut document, first) = created(Kind::Detention, log.clone());
    let refused = [
        ("/transitions/t1/status", json!("released"), "transitions"),
        ("/transitions/t1", json!({"status": "remand"}), "transitions"),
        ("/transitions", json!({}), "transitions"),
        ("/meta/verdicts/v1/about", json!("sex"), "meta/verdicts"),
        ("/meta", json!({}), "meta/verdicts"),
    ];
    for (at, value, path) in refused {
        let mut after = log.clone();
        *after.pointer_mut(at).unwrap() = value;
        let error = document.edit(&tree(after), &author(1, 2)).unwrap_err();
        assert!(matches!(&error, DocError::LogChanged { path: found } if found == path), "{at}: {error}");
    }
    assert_eq!((document.heads(), json!(document.read().tree)), (vec![first.hash], log));
}

#[test]
fn entry_that_takes_another_back_stands_beside_it() {
    let log = json!({"kind": "detention", "person": "a".repeat(64), "transitions": {"t1": {"status": "remand"}}});
    let (mut document, _) = created(Kind::Detention, log);
    let both = json!({"transitions": {"t1": {"status": "remand"}, "t2": {"retracts": "t1"}}});
    change(&mut document, &author(2, 2), both.clone());
    let reading = document.read();
    assert_eq!(reading.tree["transitions"], both["transitions"]);
    assert_eq!(reading.entries["transitions/t1"].actor, hex::encode(author(1, 1).actor));
    assert_eq!(reading.entries["transitions/t2"].at, author(2, 2).time);
}

#[test]
fn dated_list_inside_an_entry_is_as_safe() {
    let (mut document, first) = person();
    change(&mut document, &author(1, 2), json!({"links": {"l1": {"other": "b".repeat(64), "verdict": "same"}}}));
    assert!(matches!(document.edit(&opened(&[&first]).read().tree, &author(1, 3)), Err(DocError::LogChanged { .. })));
}
