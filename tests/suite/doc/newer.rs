//! What a newer version wrote survives this one, and what two versions made at once is read as one.

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, Change, ObjId, ObjType, ROOT, ReadDoc};
use sandyq::doc::{ChangeBytes, Document};
use sandyq::model::Kind;
use serde_json::{Value, json};

use super::{author, change, created, opened, tree};

/// A change by a version with more fields than this one.
fn newer(changes: &[&ChangeBytes], device: u8, n: u8, write: impl FnOnce(&mut Transaction<'_>)) -> ChangeBytes {
    let mut doc = Automerge::new();
    doc.apply_changes(changes.iter().map(|c| Change::from_bytes(c.bytes.clone()).unwrap())).unwrap();
    let before = doc.get_heads();
    doc.set_actor(ActorId::from(author(device, n).actor.as_slice()));
    let mut tx = doc.transaction();
    write(&mut tx);
    tx.commit_with(CommitOptions::default().with_time(author(device, n).time));
    let change = Change::from_bytes(doc.save_after(&before)).unwrap();
    sandyq::doc::describe(change.raw_bytes()).unwrap().0
}

fn inside(tx: &Transaction<'_>, path: &[&str]) -> ObjId {
    path.iter().fold(ROOT, |object, name| tx.get(&object, *name).unwrap().unwrap().1)
}

fn base() -> ChangeBytes {
    created(
        Kind::Person,
        json!({"kind": "person", "names": {"n1": {"text": "Aliya"}}, "links": {"l1": {"other": "b".repeat(64), "verdict": "same"}}, "meta": {"origin": "x"}}),
    )
    .1
}

/// Unknown fields at the top, in an entry, in an entry of a log and in a group; one of them with parts of its own.
fn with_unknown(base: &ChangeBytes) -> ChangeBytes {
    newer(&[base], 9, 9, |tx| {
        tx.put(ROOT, "eye_colour", "brown").unwrap();
        for path in [&["names", "n1"][..], &["links", "l1"], &["meta"]] {
            let object = inside(tx, path);
            tx.put(&object, "mood", "calm").unwrap();
            let more = tx.put_object(&object, "more", ObjType::Map).unwrap();
            tx.put(&more, "deep", 7).unwrap();
        }
    })
}

fn unknown_of(document: &Document) -> Vec<Value> {
    let tree = json!(document.read().tree);
    let at = ["/eye_colour", "/names/n1/mood", "/names/n1/more", "/links/l1/mood", "/links/l1/more", "/meta/mood", "/meta/more"];
    at.iter().map(|at| tree.pointer(at).cloned().unwrap_or_default()).collect()
}

#[test]
fn unknown_fields_survive_an_edit_by_this_version() {
    let base = base();
    let mut document = opened(&[&base, &with_unknown(&base)]);
    let expected = unknown_of(&document);
    assert!(!expected.contains(&Value::Null));
    let mut after = document.read().tree;
    after["names"]["n1"]["text"] = json!("Әлия");
    after["meta"]["withdrawn"] = json!(true);
    after["links"]["l2"] = json!({"other": "c".repeat(64), "verdict": "unsure"});
    document.edit(&after, &author(1, 2)).unwrap().unwrap();
    assert_eq!(unknown_of(&document), expected);
    assert_eq!(document.read().tree, after);
}

#[test]
fn unknown_fields_survive_an_edit_that_does_not_repeat_them() {
    let base = base();
    let mut document = opened(&[&base, &with_unknown(&base)]);
    let expected = unknown_of(&document);
    let only_known = opened(&[&base]).read().tree;
    assert_eq!(document.edit(&only_known, &author(1, 2)).unwrap(), None, "nothing this version knows differs");
    let mut after = only_known;
    after["names"]["n1"]["kind"] = json!("given");
    after.insert("sex".into(), json!("female"));
    document.edit(&after, &author(1, 3)).unwrap().unwrap();
    assert_eq!(unknown_of(&document), expected);
    assert_eq!(document.read().tree["names"]["n1"]["kind"], "given");
}

/// A record by an older version, which had no names and no care data, and two versions that add them at once.
fn made_twice() -> (ChangeBytes, [ChangeBytes; 2]) {
    let old = newer(&[], 1, 1, |tx| tx.put(ROOT, "kind", "person").unwrap());
    let add = |device: u8, key: &str, origin: &str, field: &str| {
        let mut document = opened(&[&old]);
        let mut meta = json!({"origin": origin});
        meta[field] = if field == "withdrawn" { json!(true) } else { json!("R") };
        change(&mut document, &author(device, 2), json!({"names": {key: {"text": key}}, "languages": [key], "meta": meta}))
    };
    let both = [add(2, "n1", "left", "withdrawn"), add(3, "n2", "right", "privacy")];
    (old, both)
}

#[test]
fn container_made_by_two_at_once_shows_what_both_put_in() {
    let (old, [one, two]) = made_twice();
    for order in super::orders(&[&old, &one, &two]) {
        let reading = opened(&order).read();
        assert_eq!(reading.tree["names"], json!({"n1": {"text": "n1"}, "n2": {"text": "n2"}}));
        assert_eq!(reading.tree["languages"], json!(["n1", "n2"]));
        assert_eq!((&reading.tree["meta"]["withdrawn"], &reading.tree["meta"]["privacy"]), (&json!(true), &json!("R")));
        assert_eq!(reading.voices["meta/origin"].len(), 2);
    }
}

#[test]
fn edit_reaches_both_halves_of_a_container_made_twice() {
    let (old, [one, two]) = made_twice();
    let mut document = opened(&[&old, &one, &two]);
    let wanted = json!({"kind": "person", "names": {"n1": {"text": "Әлия"}, "n2": {"text": "n2", "kind": "given"}}, "languages": ["kk", "n1"], "meta": {"origin": "middle"}});
    document.edit(&tree(wanted.clone()), &author(1, 5)).unwrap().unwrap();
    let reading = document.read();
    assert_eq!(json!(reading.tree), wanted);
    assert!(reading.voices.is_empty());
}

#[test]
fn everything_can_be_taken_out_of_a_container_made_twice() {
    let (old, [one, two]) = made_twice();
    let mut document = opened(&[&old, &one, &two]);
    document.edit(&tree(json!({"kind": "person"})), &author(1, 5)).unwrap().unwrap();
    assert_eq!(json!(document.read().tree), json!({"kind": "person"}));
}

#[test]
fn record_by_an_older_version_is_read_and_edited() {
    let old = newer(&[], 1, 1, |tx| tx.put(ROOT, "kind", "person").unwrap());
    let mut document = opened(&[&old]);
    change(&mut document, &author(1, 2), json!({"names": {"n1": {"text": "x"}}, "narrative": "N."}));
    assert_eq!(json!(document.read().tree), json!({"kind": "person", "names": {"n1": {"text": "x"}}, "narrative": "N."}));
}
