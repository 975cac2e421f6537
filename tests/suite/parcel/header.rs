use sandyq::crypto::DeviceId;
use sandyq::parcel::{Header, ParcelError, actor, unpack};
use serde_json::{Value, json};

use super::{framed, header, key, parcel};
use crate::support::Seeded;
use sandyq::sys::chance::draw;

/// The header of the sample with one key set to something else, or taken away by null.
fn with(name: &str, value: Value) -> Vec<u8> {
    let mut object: Value = serde_json::from_slice(&parcel().header_bytes).expect("JSON");
    match value {
        Value::Null => drop(object.as_object_mut().expect("an object").remove(name)),
        value => object[name] = value,
    }
    serde_json::to_vec(&object).expect("JSON")
}

#[test]
fn a_header_reads_back_as_it_was_written() {
    let mut full = parcel().header;
    full.seen.insert(key().device().to_string(), vec!["77".repeat(32)]);
    full.with = Some(sandyq::parcel::With { id: "88".repeat(8), k: 1, of: 3 });
    for header in [parcel().header, full] {
        let bytes = header.to_bytes();
        let read = Header::from_bytes(&bytes).expect("reads");
        assert_eq!(read, header);
        assert_eq!(read.to_bytes(), bytes, "one header, one text");
    }
}

#[test]
fn an_unknown_critical_key_is_refused_as_a_newer_version() {
    let mut critical = header();
    critical.crit = vec!["weather".into()];
    critical.more.insert("weather".into(), json!("rain"));
    assert_eq!(Header::from_bytes(&critical.to_bytes()), Err(ParcelError::Version));
    assert_eq!(Header::from_bytes(&with("v", json!(2))), Err(ParcelError::Version));
}

#[test]
fn an_unknown_other_key_is_kept_to_the_byte() {
    let mut text = String::from_utf8(parcel().header_bytes).expect("UTF-8");
    text.insert_str(1, "\"weather\": { \"z\":1, \"a\" :[true] } , ");
    let read = unpack(&framed(text.as_bytes(), b"not judged here")).expect("reads").remove(0);
    assert_eq!(read.header_bytes, text.as_bytes(), "verbatim, spaces and order too");
    assert_eq!(read.header.more["weather"], json!({ "a": [true], "z": 1 }));
    assert_eq!(sandyq::parcel::pack(&[read]), framed(text.as_bytes(), b"not judged here"));
}

#[test]
fn hashes_are_lower_case_hex_of_their_length_everywhere() {
    for (name, length) in [("casebook", 64), ("device", 64), ("chain", 16), ("nonce", 32), ("prev", 64)] {
        for wrong in ["A".repeat(length), "g".repeat(length), "a".repeat(length - 2), "a".repeat(length + 2), String::new()] {
            assert!(Header::from_bytes(&with(name, json!(wrong))).is_err(), "{name}: {wrong}");
        }
    }
    let upper = "AA".repeat(32);
    let item = json!({ "kind": "change", "record": "66".repeat(32), "change": "66".repeat(32), "deps": [], "length": 1, "sha256": "66".repeat(32) });
    for name in ["record", "change", "sha256"] {
        let mut wrong = item.clone();
        wrong[name] = json!(upper);
        assert!(Header::from_bytes(&with("items", json!([wrong]))).is_err(), "{name}");
    }
    let mut deps = item;
    deps["deps"] = json!([upper]);
    assert!(Header::from_bytes(&with("items", json!([deps]))).is_err(), "deps");
    assert!(Header::from_bytes(&with("log", json!([upper]))).is_err(), "log");
    assert!(Header::from_bytes(&with("seen", json!({ "66".repeat(32): [upper] }))).is_err(), "heads seen");
    assert!(Header::from_bytes(&with("seen", json!({ upper: [] }))).is_err(), "device seen");
    assert!(Header::from_bytes(&with("with", json!({ "id": "x", "k": 0, "of": 1 }))).is_err(), "with");
}

#[test]
fn a_chain_begins_with_zero_and_goes_on_with_a_predecessor() {
    assert!(Header::from_bytes(&with("n", json!(0))).is_err(), "0 with a predecessor");
    assert!(Header::from_bytes(&with("prev", Value::Null)).is_err(), "1 without");
}

#[test]
fn every_key_that_is_needed_is_missed() {
    for name in ["v", "casebook", "epoch", "device", "chain", "n", "nonce", "log", "seen", "time", "items"] {
        assert!(Header::from_bytes(&with(name, Value::Null)).is_err(), "{name}");
    }
}

#[test]
fn two_changes_in_one_parcel_are_refused() {
    let two = header();
    let signed = sandyq::parcel::Parcel::sign(&key(), two, vec![super::change(b"a"), super::change(b"b")]).expect("signs");
    assert!(Header::from_bytes(&signed.header_bytes).is_err());
}

#[test]
fn an_actor_differs_for_every_casebook_device_number_and_nonce() {
    let mut chance = Seeded(8);
    let mut actors = std::collections::BTreeSet::new();
    for casebook in [[1; 32], [2; 32]] {
        for device in [[3; 32], [4; 32]] {
            for n in [0, 1, 255, 256, u64::MAX] {
                for _ in 0..10 {
                    actors.insert(actor(&casebook, &DeviceId::from_bytes(device), n, &draw(&mut chance)));
                }
            }
        }
    }
    assert_eq!(actors.len(), 200);
    let fixed = actor(&[1; 32], &DeviceId::from_bytes([2; 32]), 3, &[4; 16]);
    assert_eq!(hex::encode(fixed), "c1fb0e529a387354bb2b4543f5abeb2f834cd6f4d0fc415354d0de4fe6330464");
}
