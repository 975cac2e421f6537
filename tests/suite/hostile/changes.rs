//! Attacks by name, each with the word that it gets. The same list stands in tests/fixtures/change/vectors.jsonl, so that
//! other programs can test themselves by it; `BLESS=1` writes it.

use std::path::PathBuf;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjType, ROOT, ReadDoc};
use sandyq::doc::{ChangeBytes, Document, Verdict, examine, scan};
use sandyq::model::Kind;
use serde_json::{Value, json};

use super::super::doc::{author, change, created, opened, person, tree};
use super::raw::{Raw, chunk, content_of, run, signed};

struct Case {
    why: String,
    existing: Vec<Vec<u8>>,
    change: Vec<u8>,
    verdict: &'static str,
}

fn case(why: &str, existing: &[&ChangeBytes], change: Vec<u8>, verdict: &'static str) -> Case {
    Case { why: why.into(), existing: existing.iter().map(|change| change.bytes.clone()).collect(), change, verdict }
}

/// What a stranger's program writes on top of honest changes, with Automerge's own writer.
fn stranger(before: &[&ChangeBytes], write: impl FnOnce(&mut automerge::transaction::Transaction<'_>)) -> Vec<u8> {
    let mut document = Automerge::new();
    document.apply_changes(before.iter().map(|change| Change::from_bytes(change.bytes.clone()).unwrap())).unwrap();
    let heads = document.get_heads();
    document.set_actor(ActorId::from([9; 32].as_slice()));
    let mut tx = document.transaction();
    write(&mut tx);
    tx.commit_with(CommitOptions::default().with_time(1_526_000_000));
    document.save_after(&heads)
}

/// The object under a name of the root.
fn below(tx: &impl ReadDoc, path: &[&str]) -> automerge::ObjId {
    path.iter().fold(ROOT, |object, name| tx.get(&object, *name).unwrap().unwrap().1)
}

fn detention() -> ChangeBytes {
    let log = json!({"kind": "detention", "person": "a".repeat(64), "transitions": {"t1": {"status": "remand"}}});
    created(Kind::Detention, log).1
}

/// Form: what the scanner says without knowing any other change.
fn of_form() -> Vec<Case> {
    let (mut document, first) = person();
    let second = change(&mut document, &author(2, 2), json!({"sex": "female", "narrative": "She left."}));
    let (raw, next) = (Raw::of(&first), Raw::of(&second));
    let form = |why: &str, change: Vec<u8>, verdict| case(why, &[], change, verdict);
    let content = raw.content();
    let mut longer = chunk(1, &content);
    longer.splice(9..content_of(&longer), [content.len() as u8 | 0x80, (content.len() >> 7) as u8 | 0x80, 0]);
    let fixed = chunk_again(&longer);
    let all = |count: i64| Raw { actor: vec![9; 32], seq: 1, start_op: 1, ..Raw::default() }.with(66, run(count, 1)).bytes();
    let mut wrong = first.bytes.clone();
    wrong[4] ^= 1;
    let many = (0..10_000_u16).map(|n| {
        let mut hash = [0; 32];
        hash[..2].copy_from_slice(&n.to_be_bytes());
        hash
    });
    vec![
        form("an honest creating change", first.bytes.clone(), "accepted"),
        form("nothing at all", Vec::new(), "form-not-a-change"),
        form("a checksum of other bytes", wrong, "form-checksum"),
        form("a deflated chunk: 130 KB could inflate to 128 MB", chunk(2, &content), "form-chunk-type"),
        form("a whole document instead of a change", chunk(0, &content), "form-chunk-type"),
        form("a bundle", chunk(3, &content), "form-chunk-type"),
        form("a byte behind the change", [&first.bytes[..], b"\0"].concat(), "form-trailing"),
        form("a byte behind the last column", Raw { extra: vec![0], ..raw.clone() }.bytes(), "form-trailing"),
        form("a length written with more bytes than it needs", fixed, "form-number"),
        form("ten thousand deps", Raw { deps: many.collect(), ..next.clone() }.bytes(), "form-too-many-deps"),
        form("one dep twice", Raw { deps: vec![first.hash; 2], ..next.clone() }.bytes(), "form-deps"),
        form("a second change of one actor", Raw { seq: 2, ..raw.clone() }.bytes(), "form-sequence"),
        form("an actor of 16 bytes", Raw { actor: vec![9; 16], ..raw.clone() }.bytes(), "form-actor"),
        form("an actor that no operation names", Raw { actors: vec![vec![8; 32]], ..raw.clone() }.bytes(), "form-actors"),
        form("three thousand actors", Raw { actors: vec![vec![8; 32]; 3_000], ..raw.clone() }.bytes(), "form-too-many-actors"),
        form("a message of 300 bytes", Raw { message: vec![b'x'; 300], ..raw.clone() }.bytes(), "form-message"),
        form("a message that is not UTF-8", Raw { message: vec![0xff], ..raw.clone() }.bytes(), "form-text"),
        form("a counter of zero", Raw { start_op: 0, ..raw.clone() }.bytes(), "form-counter"),
        form("a counter just below the largest that Automerge can count to", Raw { start_op: u64::from(u32::MAX) - 1, ..raw.clone() }.bytes(), "form-counter"),
        form("a counter of 64 bits", Raw { start_op: u64::MAX, ..raw.clone() }.bytes(), "form-counter"),
        form("an operation bomb: one run of 100 million", all(100_000_000), "form-too-many-ops"),
        form("an operation bomb: a run of 2^63 - 1", all(i64::MAX), "form-too-many-ops"),
        form("a literal run of 2^63", Raw { start_op: 1, ..raw.clone() }.with(66, signed(i64::MIN)).bytes(), "form-too-many-ops"),
        form("a run of 200 000 operations with no other column", all(200_000), "form-uneven"),
        form("a run of one", raw.clone().with(66, [run(1, 1), signed(-1)].concat()).bytes(), "form-runs"),
        form("a column of marks", raw.clone().with(165, vec![0x7f, 1, b'x']).bytes(), "form-columns"),
        form("a deflated column", raw.clone().without(66).with(74, vec![1]).bytes(), "form-columns"),
        form("columns in another order", Raw { columns: raw.columns.iter().rev().cloned().collect(), ..raw.clone() }.bytes(), "form-columns"),
        form("an action that nobody knows", raw.clone().with(66, run(raw_ops(&first), 9)).bytes(), "form-action"),
        form("lists, counters and tables, which records do not have", raw.clone().with(66, run(raw_ops(&first), 2)).bytes(), "form-action"),
        form("a value of a type that nobody knows", raw.clone().without(87).with(86, run(raw_ops(&first), 10)).bytes(), "form-value"),
        form("a name of 300 bytes", raw.clone().with(21, [signed(-1), vec![0xac, 2], vec![b'x'; 300]].concat()).bytes(), "form-key"),
        form("a gap of 2^63 names", raw.clone().with(21, [signed(0), vec![0xff; 9], vec![1]].concat()).bytes(), "form-uneven"),
        form("one million replaced operations", next.clone().with(113, run(1_000_000, 0)).bytes(), "form-too-many-preds"),
    ]
}

fn raw_ops(change: &ChangeBytes) -> i64 {
    scan(&change.bytes).unwrap().ops as i64
}

/// The same bytes with a checksum that fits.
fn chunk_again(bytes: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    [&bytes[..4], &Sha256::digest(&bytes[8..])[..4], &bytes[8..]].concat()
}

/// Rules over ancestors, on a person.
fn of_ancestors() -> Vec<Case> {
    let (mut document, first) = person();
    let second = change(&mut document, &author(2, 2), json!({"sex": "female", "narrative": "She left."}));
    let (next, other) = (Raw::of(&second), Document::create(Kind::Person.fields(), &tree(json!({"kind": "person"})), &author(5, 5)).unwrap().1);
    let mut again = opened(&[&first, &second]);
    let third = change(&mut again, &author(6, 6), json!({"sex": "male"}));
    let reused = Raw { actor: author(1, 1).actor.to_vec(), ..Raw::of(&third) };
    let elsewhere = Raw::of(&third).with(115, [signed(-1), signed(scan(&second.bytes).unwrap().last_op as i64)].concat());
    let on = [&first];
    vec![
        case("an honest edit", &on, second.bytes.clone(), "accepted"),
        case("counter poison: far ahead of what it builds on", &[&first, &second], Raw { start_op: 1_900_000, ..Raw::of(&third) }.bytes(), "counter"),
        case("a counter that was there already", &[&first, &second], Raw { start_op: 60, ..Raw::of(&third) }.bytes(), "counter"),
        case("a second root", &on, other.bytes.clone(), "second-root"),
        case("a change of another record as dep", &on, Raw { deps: vec![other.hash], ..next.clone() }.bytes(), "foreign"),
        case("an actor that wrote before", &[&first, &second], reused.bytes(), "actor-reused"),
        case("a replaced operation that stands elsewhere", &[&first, &second], elsewhere.bytes(), "dangling"),
    ]
}

/// Rules over the table of fields.
fn of_tables() -> Vec<Case> {
    let ((_, first), log) = (person(), detention());
    let on =
        |why: &str, write: &dyn Fn(&mut automerge::transaction::Transaction<'_>), verdict| case(why, &[&first], stranger(&[&first], |tx| write(tx)), verdict);
    let dated =
        |why: &str, write: &dyn Fn(&mut automerge::transaction::Transaction<'_>), verdict| case(why, &[&log], stranger(&[&log], |tx| write(tx)), verdict);
    vec![
        on("a container deleted", &|tx| tx.delete(ROOT, "names").unwrap(), "container"),
        on("a container replaced by a value", &|tx| tx.put(ROOT, "names", "x").unwrap(), "container"),
        on("a container made again over the old one", &|tx| drop(tx.put_object(ROOT, "names", ObjType::Map).unwrap()), "container"),
        on(
            "a container inside an entry deleted",
            &|tx| {
                let entry = below(tx, &["names", "n1"]);
                let name = tx.keys(&entry).find(|name| matches!(tx.get(&entry, name.as_str()), Ok(Some((automerge::Value::Object(ObjType::Map), _)))));
                match name {
                    Some(name) => tx.delete(&entry, name).unwrap(),
                    None => tx.delete(ROOT, "meta").unwrap(),
                }
            },
            "container",
        ),
        on(
            "an entry made again over the old one",
            &|tx| {
                let names = below(tx, &["names"]);
                tx.put_object(&names, "n1", ObjType::Map).unwrap();
            },
            "remade",
        ),
        on(
            "an entry taken away",
            &|tx| {
                let names = below(tx, &["names"]);
                tx.delete(&names, "n1").unwrap();
            },
            "accepted",
        ),
        on(
            "a term taken away",
            &|tx| {
                let terms = below(tx, &["languages"]);
                tx.delete(&terms, "kk").unwrap();
            },
            "accepted",
        ),
        on("a narrative taken away", &|tx| tx.delete(ROOT, "narrative").unwrap(), "accepted"),
        on("a field of a newer version", &|tx| tx.put(ROOT, "weather", "rain").unwrap(), "accepted"),
        on("another kind", &|tx| tx.put(ROOT, "kind", "incident").unwrap(), "kind"),
        on(
            "seventeen maps in each other",
            &|tx| {
                let _ = (0..17).fold(ROOT, |object, _| tx.put_object(object, "deep", ObjType::Map).unwrap());
            },
            "too-deep",
        ),
        on("a list, which records do not have", &|tx| drop(tx.put_object(ROOT, "list", ObjType::List).unwrap()), "form-action"),
        on("a counter, which records do not have", &|tx| tx.put(ROOT, "sum", automerge::ScalarValue::counter(1)).unwrap(), "form-value"),
        dated(
            "an entry of a dated list changed",
            &|tx| {
                let entry = below(tx, &["transitions", "t1"]);
                tx.put(&entry, "status", "released").unwrap();
            },
            "log",
        ),
        dated(
            "an entry of a dated list with a new field",
            &|tx| {
                let entry = below(tx, &["transitions", "t1"]);
                tx.put(&entry, "reason", "x").unwrap();
            },
            "log",
        ),
        dated(
            "an entry of a dated list deleted",
            &|tx| {
                let list = below(tx, &["transitions"]);
                tx.delete(&list, "t1").unwrap();
            },
            "log",
        ),
        dated(
            "an entry of a dated list replaced",
            &|tx| {
                let list = below(tx, &["transitions"]);
                tx.put_object(&list, "t1", ObjType::Map).unwrap();
            },
            "log",
        ),
        dated(
            "a new entry of a dated list",
            &|tx| {
                let list = below(tx, &["transitions"]);
                let entry = tx.put_object(&list, "t2", ObjType::Map).unwrap();
                tx.put(&entry, "status", "released").unwrap();
            },
            "accepted",
        ),
    ]
}

fn cases() -> Vec<Case> {
    [of_form(), of_ancestors(), of_tables()].into_iter().flatten().collect()
}

fn verdict(case: &Case) -> String {
    examine(&case.existing, std::slice::from_ref(&case.change)).verdicts[0].code()
}

#[test]
fn every_attack_has_its_word() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter(|case| verdict(case) != case.verdict)
        .map(|case| format!("{}: {} instead of {}", case.why, verdict(case), case.verdict))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn vectors() -> PathBuf {
    super::super::model::root().join("tests/fixtures/change/vectors.jsonl")
}

/// Changes longer than this are made by the test alone.
const LONGEST_VECTOR: usize = 2_000;

#[test]
fn vectors_are_those_of_the_attacks_and_each_has_its_word() {
    let short = cases().into_iter().filter(|case| case.change.len() <= LONGEST_VECTOR);
    let line = |case: Case| {
        let existing: Vec<String> = case.existing.iter().map(hex::encode).collect();
        format!("{}\n", json!({"why": case.why, "existing": existing, "change": hex::encode(case.change), "verdict": case.verdict}))
    };
    let text: String = short.map(line).collect();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(vectors(), &text).unwrap();
    }
    let kept = std::fs::read_to_string(vectors()).unwrap();
    for line in kept.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
        let existing: Vec<Vec<u8>> = vector["existing"].as_array().unwrap().iter().map(bytes).collect();
        let verdict = examine(&existing, &[bytes(&vector["change"])]).verdicts[0].code();
        assert_eq!(verdict, vector["verdict"].as_str().unwrap(), "{}", vector["why"]);
    }
    assert_eq!(kept, text);
}

#[test]
fn one_bad_change_does_not_take_the_honest_ones_with_it_and_takes_what_builds_on_it() {
    let (_, first) = person();
    let good = change(&mut opened(&[&first]), &author(2, 2), json!({"sex": "female"}));
    let bad = stranger(&[&first], |tx| tx.delete(ROOT, "names").unwrap());
    let bad = ChangeBytes { hash: scan(&bad).unwrap().hash, deps: vec![first.hash], bytes: bad };
    let mut misled = opened(&[&first, &bad]);
    let after = change(&mut misled, &author(3, 3), json!({"sex": "male"}));
    let new = [&after, &bad, &good].map(|change| change.bytes.clone());
    let examined = examine(std::slice::from_ref(&first.bytes), &new);
    assert_eq!(examined.verdicts.iter().map(|verdict| verdict.code()).collect::<Vec<_>>(), ["ancestor", "container", "accepted"]);
    assert_eq!(examined.view.unwrap().reading, opened(&[&first, &good]).read());
}

#[test]
fn verdict_on_a_change_is_the_same_whatever_stands_beside_it() {
    let (_, first) = person();
    let beside = change(&mut opened(&[&first]), &author(2, 2), json!({"sex": "female", "names": {}, "narrative": "x"}));
    for case in of_tables().iter().filter(|case| case.existing == [first.bytes.clone()]) {
        let alone = examine(&case.existing, std::slice::from_ref(&case.change)).verdicts[0];
        let with = examine(&[first.bytes.clone(), beside.bytes.clone()], std::slice::from_ref(&case.change)).verdicts[0];
        let at_once = examine(&[], &[case.change.clone(), beside.bytes.clone(), first.bytes.clone()]).verdicts[0];
        assert_eq!((alone, alone), (with, at_once), "{}", case.why);
    }
}

#[test]
fn two_changes_with_one_actor_are_told_apart_and_neither_panics() {
    let (_, first) = person();
    let one = change(&mut opened(&[&first]), &author(2, 2), json!({"sex": "female"}));
    let two = change(&mut opened(&[&first]), &author(2, 2), json!({"sex": "male"}));
    let examined = examine(&[first.bytes.clone(), one.bytes.clone()], &[two.bytes]);
    assert_eq!(examined.verdicts[0].code(), "actor-taken");
    assert_eq!(examined.view.unwrap().reading.tree["sex"], json!("female"));
    assert_eq!(examine(&[], &[first.bytes.clone(), first.bytes]).verdicts, [Verdict::Accepted; 2]);
}

#[test]
fn composite_value_nested_without_end_stays_text() {
    let (_, first) = person();
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let change = stranger(&[&first], |tx| {
        let field = Kind::Person
            .fields()
            .iter()
            .find(|field| matches!(field.shape, sandyq::model::Shape::One(sandyq::model::Leaf::Age | sandyq::model::Leaf::When | sandyq::model::Leaf::Place)));
        tx.put(ROOT, field.unwrap().name, deep.as_str()).unwrap();
    });
    let examined = examine(&[first.bytes], &[change]);
    assert_eq!(examined.verdicts, [Verdict::Accepted]);
    let wire = serde_json::to_vec(&examined).unwrap();
    assert_eq!(serde_json::from_slice::<sandyq::doc::Examined>(&wire).unwrap(), examined);
}
