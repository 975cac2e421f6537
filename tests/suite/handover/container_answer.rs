//! What a recipient writes back is taken as it was written for this bundle, or refused with a reason.

use std::io::Cursor;

use sandyq::crypto::{Lock, mac, plain_hash};
use sandyq::handover::answer::{AnswerError, AnswerKind, Answered, Asked, FileKind, read};
use serde_json::{Value, json};

use super::container_support::*;

const BUNDLE: &str = "0123456789abcdef0123456789abcdef";
const LIST: [u8; 32] = [3; 32];

/// Writes an answer as the reader page does: stored members, marked, sealed.
struct Writer {
    json: Value,
    files: Vec<(String, Vec<u8>)>,
    mark: Option<String>,
    bundle: String,
}

impl Writer {
    fn new() -> Writer {
        let decision = "Приговор".as_bytes().to_vec();
        let file = json!({ "member": "files/1.pdf", "name": "Приговор.pdf", "size": decision.len(), "sha256": hex::encode(plain_hash(&decision)), "what": "court_decision" });
        let json = json!({ "version": 1, "bundle": BUNDLE, "manifest": hex::encode(LIST), "nonce": "00112233445566778899aabbccddeeff",
            "written": "2026-05-01T12:00:00Z", "kind": "documents", "note": "Получено в суде", "files": [file] });
        Writer { json, files: vec![("files/1.pdf".into(), decision)], mark: None, bundle: BUNDLE.into() }
    }

    fn zip(&self) -> Vec<u8> {
        let text = self.json.to_string();
        let mark = self.mark.clone().unwrap_or_else(|| hex::encode(mac(&key().reply_secret(&self.bundle), text.as_bytes())));
        let files = self.files.iter().map(|(name, bytes)| Raw::new(name.clone(), bytes.clone()));
        raw_zip(&[Raw::new("answer.json", text), Raw::new("answer.mac", mark)].into_iter().chain(files).collect::<Vec<_>>())
    }

    fn sealed(&self) -> Vec<u8> {
        self.sealed_zip(&self.zip())
    }

    fn sealed_zip(&self, zip: &[u8]) -> Vec<u8> {
        sealed(&Lock::Keys(vec![key().reply_identity(&self.bundle).recipient().into()]), zip)
    }
}

fn taken(bytes: Vec<u8>) -> Result<Answered<Cursor<Vec<u8>>>, AnswerError> {
    let (identity, secret) = (key().reply_identity(BUNDLE), key().reply_secret(BUNDLE));
    read(Cursor::new(bytes), &Asked { bundle: BUNDLE, manifest: &LIST, identity: &identity, secret: &secret })
}

#[track_caller]
fn refused(writer: &Writer, fits: impl Fn(&AnswerError) -> bool) {
    match taken(writer.sealed()) {
        Err(error) => assert!(fits(&error), "{error:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[test]
fn answer_is_read_with_its_files() {
    let mut answered = taken(Writer::new().sealed()).expect("it is taken");
    let answer = &answered.answer;
    assert_eq!((answer.kind, answer.note.as_str(), answer.written), (AnswerKind::Documents, "Получено в суде", 1_777_636_800));
    assert_eq!((answer.files[0].name.as_str(), answer.files[0].what), ("Приговор.pdf", FileKind::CourtDecision));
    assert_eq!(answered.file(0).ok(), Some("Приговор".as_bytes().to_vec()));
    assert!(answered.file(1).is_err());
    let mut short = Writer::new();
    short.files.clear();
    short.json = json!({ "version": 1, "bundle": BUNDLE, "manifest": hex::encode(LIST), "nonce": "0".repeat(32), "written": "2026-05-01T12:00:00Z", "kind": "received" });
    assert_eq!(taken(short.sealed()).expect("it is taken").answer.kind, AnswerKind::Received);
}

#[test]
fn answer_zipped_by_the_library_of_the_reader_page_is_read() {
    let zip = include_bytes!("answer-by-fflate.zip");
    let mut answered = taken(Writer::new().sealed_zip(zip)).expect("it is taken");
    assert_eq!(answered.answer.note, "Получено в суде");
    assert_eq!(answered.file(0).ok(), Some("Приговор".as_bytes().to_vec()));
}

#[test]
fn answer_to_another_bundle_is_refused() {
    let mut other = Writer::new();
    other.bundle = "f".repeat(32);
    refused(&other, |error| matches!(error, AnswerError::NotForThis));
    let mut named = Writer::new();
    named.json["bundle"] = "f".repeat(32).into();
    refused(&named, |error| matches!(error, AnswerError::OtherBundle));
    let mut contents = Writer::new();
    contents.json["manifest"] = "0".repeat(64).into();
    refused(&contents, |error| matches!(error, AnswerError::OtherContents));
}

#[test]
fn answer_without_the_mark_of_the_secret_is_refused() {
    let text = Writer::new().json.to_string();
    let right = hex::encode(mac(&key().reply_secret(BUNDLE), text.as_bytes()));
    let marks = [
        hex::encode(mac(&[0; 32], text.as_bytes())),
        right.to_uppercase(),
        right[..62].to_owned(),
        String::new(),
        "z".repeat(64),
        right.replacen(&right[..1], if right.starts_with('0') { "1" } else { "0" }, 1),
    ];
    for mark in marks {
        refused(&Writer { mark: Some(mark), ..Writer::new() }, |error| matches!(error, AnswerError::Mark));
    }
    refused(&Writer { mark: Some(format!("{right}\n")), ..Writer::new() }, |error| matches!(error, AnswerError::Zip(_)));
}

#[test]
fn every_byte_of_an_answer_counts() {
    let whole = Writer::new().sealed();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(taken(changed).is_err(), "{at}");
    }
    for length in (0..whole.len()).step_by(13) {
        assert!(taken(whole[..length].to_vec()).is_err(), "{length}");
    }
    let zip = Writer::new().zip();
    for at in 0..zip.len() {
        let mut changed = zip.clone();
        changed[at] ^= 1;
        let taken = taken(Writer::new().sealed_zip(&changed));
        // A zip tells in a few bytes how it was made, which nobody reads.
        if let Ok(mut answered) = taken {
            assert_eq!(answered.file(0).ok(), Some("Приговор".as_bytes().to_vec()), "{at}");
            assert_eq!(answered.answer.note, "Получено в суде", "{at}");
        }
    }
}

#[test]
fn answer_in_another_form_is_refused() {
    let changes: [(&str, Value); 13] = [
        ("/version", 2.into()),
        ("/nonce", "0".repeat(31).into()),
        ("/nonce", "G".repeat(32).into()),
        ("/written", "2026-05-01T12:00:00+05:00".into()),
        ("/written", "2026-05-01".into()),
        ("/kind", "other".into()),
        ("/note", "я".repeat(20_001).into()),
        ("/files/0/member", "files/2.pdf".into()),
        ("/files/0/name", "../evil.pdf".into()),
        ("/files/0/name", "a\u{202e}fdp.exe".into()),
        ("/files/0/name", "".into()),
        ("/files/0/sha256", "0".into()),
        ("/files/0/what", "virus".into()),
    ];
    for (path, value) in changes {
        let mut writer = Writer::new();
        *writer.json.pointer_mut(path).expect("a place") = value;
        refused(&writer, |error| matches!(error, AnswerError::Form));
    }
    let mut more = Writer::new();
    more.json["more"] = 1.into();
    refused(&more, |error| matches!(error, AnswerError::Form));
}

#[test]
fn files_of_an_answer_are_those_that_it_names() {
    let mut unnamed = Writer::new();
    unnamed.files.push(("files/2.pdf".into(), b"more".to_vec()));
    refused(&unnamed, |error| matches!(error, AnswerError::NotNamed));
    let mut missing = Writer::new();
    missing.files.clear();
    refused(&missing, |error| matches!(error, AnswerError::NotNamed));
    let mut other = Writer::new();
    other.files[0].1 = "Пригавор".as_bytes().to_vec();
    refused(&other, |error| matches!(error, AnswerError::File(0)));
    let mut sized = Writer::new();
    sized.json["files"][0]["size"] = 5.into();
    refused(&sized, |error| matches!(error, AnswerError::File(0)));
    let mut huge = Writer::new();
    huge.json["files"][0]["size"] = (201_u64 * 1024 * 1024).into();
    refused(&huge, |error| matches!(error, AnswerError::Form));
    let mut led = Writer::new();
    led.files[0].0 = "../1.pdf".into();
    refused(&led, |error| matches!(error, AnswerError::Zip(_)));
}
