//! What goes over the wire, byte for byte: a relay and a client of any two versions agree on these.

use std::str::FromStr;

use sandyq::relay::gate::{Secret, nonce};
use sandyq::relay::store::Terms;
use sandyq::relay::ticket;
use sandyq::relay::tls::key_of_seed;
use sandyq::wire::body::{Admission, Create, Entry, Made, Nonce, Page, Refusal};
use sandyq::wire::id::PublicKey;
use sandyq::wire::{Claim, Failure, FileName, Key, Pin, PublicKeys, claim, path, work};
use serde_json::json;

use super::raw::Ask;

const VECTORS: &str = include_str!("vectors/wire-1.txt");

fn keys() -> PublicKeys {
    PublicKeys { owner: PublicKey([1; 32]), write: PublicKey([2; 32]), read: PublicKey([3; 32]) }
}

/// Every text of the protocol that is compared byte for byte.
fn made() -> String {
    let (id, file, pin) = (keys().mailbox(), FileName::of(b"a sealed file"), Pin([4; 32]));
    let body = FileName::of(b"").0;
    let signer = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let ask = |key, nonce| Ask::new("GET", &path::list(&id, 7, 100)).signed(&signer, key, &pin, nonce).lines.remove(0).1;
    let secret = Secret::of_key(&key_of_seed(&[6; 32]));
    let text = claim::text("PUT", &path::file(&id, &file), &pin, Key::Write, None, &file.0);
    let lines = [
        ("mailbox", id.to_string()),
        ("file", path::file(&id, &file)),
        ("list", path::list(&id, 7, 100)),
        ("freeze", path::freeze(&id)),
        ("notice", path::notice(&id)),
        ("signed text, put", String::from_utf8(text).expect("UTF-8")),
        ("signed text, list", String::from_utf8(claim::text("GET", &path::list(&id, 7, 100), &pin, Key::Read, Some("abc"), &body)).expect("UTF-8")),
        ("authorization with a nonce", ask(Key::Read, Some("abc"))),
        ("authorization without", ask(Key::Owner, None)),
        ("work of 12 bits", work::find(&id, &pin, 12).to_string()),
        ("nonce", nonce(&secret, 1_778_418_000, [7; 8])),
        ("ticket", ticket::issue(&secret, Terms { quota: 1 << 30, keeps_days: 365 }, 1_780_000_000, [8; 16])),
        ("create by work", json(&Create { keys: keys(), admission: Admission::Work(9) })),
        ("create by ticket", json(&Create { keys: keys(), admission: Admission::Ticket("T00".to_owned()) })),
        ("nonce answer", json(&Nonce { nonce: "00".to_owned(), work_bits: Some(22) })),
        ("nonce answer, tickets only", json(&Nonce { nonce: "00".to_owned(), work_bits: None })),
        ("made", json(&Made { quota: 1, keeps_days: 2 })),
        ("page", json(&Page { files: vec![Entry { n: 8, name: file, size: 13 }], last: 8, count: 8, more: false, frozen: false })),
        ("refusal", json(&Refusal { error: Failure::Quota.code().to_owned() })),
    ];
    let codes = Failure::ALL.map(|failure| format!("{} {}\n", failure.status(), failure.code())).concat();
    lines.map(|(name, text)| format!("== {name}\n{}\n", text.trim_end())).concat() + "== failures\n" + &codes
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

#[test]
fn what_goes_over_the_wire_stays_as_it_is() {
    assert_eq!(made(), VECTORS);
}

#[test]
fn an_authorization_line_is_read_in_one_spelling_only() {
    let line = VECTORS.split("== authorization with a nonce\n").nth(1).and_then(|rest| rest.lines().next()).expect("a line");
    let claim = Claim::from_str(line).expect("a claim");
    assert_eq!((claim.key, claim.nonce.as_deref(), claim.to_string().as_str()), (Key::Read, Some("abc"), line));
    let upper = line.rsplit_once(' ').map(|(rest, last)| format!("{rest} {}", last.to_uppercase())).expect("words");
    for other in [upper, line.to_lowercase(), format!("{line} "), format!(" {line}"), line.replace(' ', "  "), line[..line.len() - 1].to_owned(), String::new()]
    {
        assert!(Claim::from_str(&other).is_err(), "{other}");
    }
}

#[test]
fn bodies_take_no_key_that_they_do_not_know_where_that_matters() {
    let create = json!({ "keys": keys(), "work": 9 });
    assert!(serde_json::from_value::<Create>(create.clone()).is_ok());
    let more =
        |key: &str| [create.clone(), json!({ key: 1 })].iter().flat_map(|part| part.as_object().expect("an object").clone()).collect::<serde_json::Value>();
    for key in ["ticket", "more"] {
        assert!(serde_json::from_value::<Create>(more(key)).is_err(), "{key}");
    }
    let newer = json!({ "nonce": "00", "work_bits": 3, "from_a_newer_relay": true });
    assert!(serde_json::from_value::<Nonce>(newer).is_ok(), "answers may grow");
}
