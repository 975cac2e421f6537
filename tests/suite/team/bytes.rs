//! The bytes of operations, frozen, and what is no operation of this version.

use std::collections::BTreeMap;

use sandyq::team::{
    Act, Add, Adopt, Closed, Deed, GiveUp, Invite, KeysClass, Lift, MAX_LIST, MAX_OPERATION, Object, Operation, OperationId, Place, Purge, Remove, Role,
    RoleChange, Roll, SetAside, Setting, Suspend,
};
use serde_json::{Value, json};

use super::mailboxes::mailbox;
use super::{ANNA, BOLAT, Book, CODE, FOUNDER, TIME, badge, device, frozen, recipient};

fn h(byte: u8) -> String {
    hex::encode([byte; 32])
}

fn act<T: Deed>(what: T) -> Operation
where
    Operation: From<Box<Act<T>>>,
{
    let heads: [OperationId; 2] = [[9; 32], [8; 32]];
    Act::new(device(FOUNDER), &heads, what, TIME, [7; 16]).into()
}

/// At least one operation of every kind, with and without what may be absent.
fn samples() -> Vec<Operation> {
    let files =
        BTreeMap::from([(KeysClass::Keeper, h(2)), (KeysClass::Admin, h(1)), (KeysClass::Editor, h(3)), (KeysClass::Reader, h(4)), (KeysClass::Capture, h(5))]);
    vec![
        Book::new().all[0].operation.clone(),
        act(Add { badge: badge(ANNA), role: Role::Admin, keeper: true, verified: true, invite: None }),
        act(Add { badge: badge(BOLAT), role: Role::Capture, keeper: false, verified: false, invite: Some(h(1)) }),
        act(RoleChange { member: device(ANNA), role: Role::Reader, keeper: false, verified: true, cut: vec![h(1)] }),
        act(Remove { member: device(ANNA), cut: vec![h(2), h(1)] }),
        act(Roll { number: 1, recipient: recipient(110), register: recipient(111), commitment: Some(h(1)), files }),
        act(Roll { number: 2, recipient: recipient(110), register: recipient(111), commitment: None, files: BTreeMap::new() }),
        act(Adopt { headers: vec![h(1)], reason: "екі адам көрді \"1\"\n".into() }),
        act(SetAside { headers: vec![h(1)], reason: String::new() }),
        act(Suspend { member: device(ANNA), cut: Vec::new() }),
        act(Lift { member: device(ANNA) }),
        act(Invite { key: device(CODE), role: Role::Capture, at_most: 20, cut_off: Some(TIME) }),
        act(Invite { key: device(CODE), role: Role::Capture, at_most: 0, cut_off: None }),
        act(Purge { record: h(1), headers: vec![h(2)], replaced_by: Some(h(3)) }),
        act(Purge { record: h(1), headers: Vec::new(), replaced_by: None }),
        act(Object { purge: h(1) }),
        act(Closed { epoch: 1, epoch_id: Some(h(1)), heads: vec![h(2)] }),
        act(Closed { epoch: 0, epoch_id: None, heads: Vec::new() }),
        act(Place { address: "https://203.0.113.7:8443".into(), pin: h(1), gone: false }),
        act(Setting { name: "late-hours".into(), value: r#"{"from":22}"#.into() }),
        act(GiveUp { member: device(ANNA), epoch: 1, epoch_id: h(1) }),
        act(Roll { number: 3, recipient: recipient(110), register: recipient(111), commitment: Some(mailbox(3).commitment()), files: BTreeMap::new() }),
    ]
}

fn json(operation: &Operation) -> Value {
    serde_json::from_slice(&operation.to_bytes()).expect("JSON")
}

#[test]
fn every_operation_reads_back_from_its_bytes() {
    for operation in samples() {
        assert_eq!(Operation::from_bytes(&operation.to_bytes()), Some(operation));
    }
}

#[test]
fn the_frozen_operations_never_change_their_bytes_and_names() {
    let now: Vec<Value> = samples()
        .iter()
        .map(|operation| json!({"id": hex::encode(operation.id()), "bytes": String::from_utf8(operation.to_bytes()).expect("UTF-8")}))
        .collect();
    let text: String = now.iter().map(|line| format!("{line}\n")).collect();
    let frozen = frozen("operations.jsonl", &text);
    let lines: Vec<Value> = frozen.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines, now);
    for line in &lines {
        let operation = Operation::from_bytes(line["bytes"].as_str().expect("text").as_bytes()).expect("an operation");
        assert_eq!(line["id"], hex::encode(operation.id()));
    }
}

#[test]
fn an_operation_names_its_author_and_what_he_knew() {
    for operation in &samples()[1..] {
        assert_eq!(operation.by(), device(FOUNDER));
        assert_eq!(operation.deps(), [h(8), h(9)], "sorted");
        assert_eq!(operation.time(), TIME);
    }
}

#[test]
fn other_bytes_of_the_same_operation_are_no_operation() {
    for operation in samples() {
        let text = String::from_utf8(operation.to_bytes()).expect("UTF-8");
        let unknown = text.replacen("{\"op\"", "{\"zz\":1,\"op\"", 1);
        let twice = text.replacen("\"v\":1", "\"v\":1,\"v\":1", 1);
        let escaped = text.replacen("\"op\"", "\"\\u006fp\"", 1);
        for other in [format!(" {text}"), format!("{text}\n"), text.replacen(':', ": ", 1), unknown, twice, escaped, text[..text.len() - 1].to_owned()] {
            assert_ne!(other, text);
            assert_eq!(Operation::from_bytes(other.as_bytes()), None, "{other}");
        }
    }
}

/// Every text of hex digits made upper case, shorter or longer, wherever it stands.
#[test]
fn hex_of_another_length_or_in_upper_case_is_refused_in_every_field() {
    let mut tried = 0;
    for operation in samples() {
        let text = String::from_utf8(operation.to_bytes()).expect("UTF-8");
        for part in text.split('"').filter(|part| part.len() >= 32 && part.bytes().all(|b| b.is_ascii_hexdigit())) {
            let upper = part.replacen(|c: char| c.is_ascii_digit(), "A", 1).to_uppercase();
            for wrong in [upper, part[2..].to_owned(), format!("{part}00"), format!("{}g", &part[1..])] {
                assert_eq!(Operation::from_bytes(text.replace(part, &wrong).as_bytes()), None, "{part} as {wrong} in {text}");
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
}

#[test]
fn values_outside_their_range_are_refused() {
    let with = |operation: &Operation, key: &str, value: Value| {
        let text = String::from_utf8(operation.to_bytes()).expect("UTF-8");
        let old = format!("\"{key}\":{}", json(operation)[key]);
        assert!(text.contains(&old), "{key} in {text}");
        text.replace(&old, &format!("\"{key}\":{value}"))
    };
    let named = |name: &str| samples().into_iter().find(|operation| json(operation)["op"] == name).expect("a sample");
    let cases = [
        ("remove", "v", json!(2)),
        ("genesis", "v", json!(2)),
        ("genesis", "deps", json!([h(1)])),
        ("remove", "deps", json!([])),
        ("remove", "deps", json!([h(9), h(8)])),
        ("remove", "deps", json!([h(8), h(8)])),
        ("remove", "time", json!(9_007_199_254_740_992_i64)),
        ("remove", "time", json!(1.5)),
        ("remove", "op", json!("expel")),
        ("add", "role", json!("owner")),
        ("add", "keeper", json!(1)),
        ("roll", "number", json!(9_007_199_254_740_992_u64)),
        ("roll", "number", json!(-1)),
        ("roll", "recipient", json!("age1wrong")),
        ("roll", "recipient", json!(recipient(1).to_uppercase())),
        ("invite", "role", json!("reader")),
        ("invite", "at_most", json!(4_294_967_296_u64)),
        ("place", "address", json!("")),
        ("place", "address", json!("https://a\u{202e}b")),
        ("setting", "name", json!("Late Hours")),
        ("setting", "value", json!("{")),
        ("give-up", "epoch", json!(9_007_199_254_740_992_u64)),
        ("give-up", "epoch_id", json!(null)),
    ];
    for (name, key, value) in cases {
        let text = with(&named(name), key, value);
        assert_eq!(Operation::from_bytes(text.as_bytes()), None, "{text}");
    }
    let roll = String::from_utf8(named("roll").to_bytes()).expect("UTF-8");
    for class in ["guest", "editor"] {
        assert_eq!(Operation::from_bytes(roll.replace("\"admin\"", &format!("\"{class}\"")).as_bytes()), None, "{class}");
    }
}

#[test]
fn a_badge_that_its_device_did_not_sign_lets_nobody_in() {
    let swapped = sandyq::team::Badge { recipient: recipient(BOLAT), ..badge(ANNA) };
    let add = act(Add { badge: swapped.clone(), role: Role::Admin, keeper: false, verified: true, invite: None });
    assert_eq!(Operation::from_bytes(&add.to_bytes()), None);
    let Operation::Genesis(mut genesis) = Book::new().all[0].operation.clone() else { panic!("a genesis") };
    genesis.founder = swapped;
    assert_eq!(Operation::from_bytes(&Operation::Genesis(genesis).to_bytes()), None);
}

#[test]
fn an_operation_has_a_limit_in_bytes_and_its_lists_in_entries() {
    let of = |reason: usize| act(Adopt { headers: Vec::new(), reason: "x".repeat(reason) });
    let most = MAX_OPERATION - of(0).to_bytes().len();
    assert!(Operation::from_bytes(&of(most).to_bytes()).is_some());
    assert_eq!(Operation::from_bytes(&of(most + 1).to_bytes()), None);
    let many = vec![h(1); MAX_LIST + 1];
    assert!(!Adopt { headers: many.clone(), reason: String::new() }.is_well_formed());
    assert!(Adopt { headers: many[1..].to_vec(), reason: String::new() }.is_well_formed());
}
