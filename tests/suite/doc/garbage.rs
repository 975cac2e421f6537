//! Bytes that are no change are refused with a word, never with a crash.

use sandyq::doc::{ChangeBytes, DocError, Document, describe};
use sandyq::model::Kind;
use serde_json::json;

use super::super::model::dice::Dice;
use super::{author, change, opened, person};

fn changes() -> Vec<ChangeBytes> {
    let (mut document, first) = person();
    let second = change(&mut document, &author(2, 2), json!({"sex": "female", "narrative": "She left. ".repeat(60)}));
    vec![first, second]
}

fn open(parts: &[&[u8]]) -> Result<Document, DocError> {
    Document::open(Kind::Person.fields(), parts.iter().copied())
}

/// One damage: a flipped bit, a changed, lost, doubled or foreign byte, a cut, or bytes moved.
fn damaged(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let (mut bytes, at) = (bytes.to_vec(), dice.below(bytes.len()));
    match dice.below(6) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = bytes[at].wrapping_add(1 + dice.below(255) as u8),
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, dice.throw() as u8),
        4 => bytes.truncate(at),
        _ => bytes.extend_from_within(..=at),
    }
    bytes
}

#[test]
fn five_thousand_damaged_changes_are_no_changes() {
    let (changes, mut dice) = (changes(), Dice(11));
    for round in 0..5_000 {
        let which = round % changes.len();
        let damaged = damaged(&mut dice, &changes[which].bytes);
        let mut parts: Vec<&[u8]> = changes.iter().map(|c| c.bytes.as_slice()).collect();
        parts[which] = &damaged;
        let opened = open(&parts);
        assert!(matches!(opened, Err(DocError::NotAChange)), "round {round}: {:?}", opened.map(|document| document.heads()));
        assert!(matches!(describe(&damaged), Err(DocError::NotAChange)), "round {round}");
    }
}

#[test]
fn bytes_of_anything_else_are_no_change() {
    let (document, _) = person();
    let whole = document.save();
    let foreign: [&[u8]; 6] = [b"", b"\0", b"age-encryption.org/v1\n", &[0x85, 0x6f, 0x4a, 0x83], &whole, &[0xff; 4_096]];
    for bytes in foreign {
        assert!(matches!(open(&[bytes]), Err(DocError::NotAChange)), "{} bytes", bytes.len());
    }
}

#[test]
fn change_with_more_behind_it_is_no_change() {
    let changes = changes();
    let doubled = [changes[0].bytes.as_slice(), changes[1].bytes.as_slice()].concat();
    let trailing = [changes[0].bytes.as_slice(), b"\0"].concat();
    assert!(matches!(describe(&doubled), Err(DocError::NotAChange)));
    assert!(matches!(describe(&trailing), Err(DocError::NotAChange)));
}

#[test]
fn refused_bytes_leave_the_record_as_it_was() {
    let changes = changes();
    let (mut document, mut dice) = (opened(&[&changes[0]]), Dice(12));
    let before = (document.read(), document.heads());
    for _ in 0..200 {
        assert!(document.take(&damaged(&mut dice, &changes[1].bytes)).is_err());
    }
    assert_eq!((document.read(), document.heads()), before);
    document.take(&changes[1].bytes).unwrap();
    assert_eq!(document.heads(), [changes[1].hash]);
}
