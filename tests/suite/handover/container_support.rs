//! A small bundle with known members, and a zip writer that does whatever it is told.

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;

use sandyq::crypto::{HandoverKey, Identity, Lock, OpeningKeys, SealingStream, SigningKey, seal_stream};
use sandyq::handover::container::archive::{Member, write};
use sandyq::handover::container::manifest;
use sandyq::handover::container::outer::{Outer, seal_to_files};
use sandyq::handover::container::rules::NAMESPACE;
use sandyq::handover::container::verify::{Report, verify};
use sandyq::handover::container::wrong::{BundleError, What};
use sandyq::vault::Silent;
use serde_json::json;

use crate::support::{NOW, Seeded};
use crate::transport::mounted::skipped;

pub const DEVICE: [u8; 32] = [7; 32];
pub const CASEBOOK: [u8; 32] = [9; 32];
pub const WORDS: &str = "ability ability able about above absent";

/// The key that signs, and another.
pub fn key() -> HandoverKey {
    HandoverKey::derive(&SigningKey::from_seed(&DEVICE), &CASEBOOK)
}

pub fn stranger() -> HandoverKey {
    HandoverKey::derive(&SigningKey::from_seed(&[8; 32]), &CASEBOOK)
}

/// The recipient's age identity.
pub fn recipient() -> Identity {
    Identity::from_secret(&[5; 32])
}

pub fn keys() -> OpeningKeys {
    OpeningKeys::from(&recipient())
}

pub fn to_recipient() -> Lock {
    Lock::Keys(vec![recipient().recipient().into()])
}

/// `records.json` with every valid sample of the schema that is a whole record.
pub fn records(signer: &HandoverKey) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/samples/valid");
    let mut names: Vec<_> = std::fs::read_dir(folder).expect("samples").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    let rows = names.iter().enumerate().map(|(number, path)| {
        let record: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).expect("read")).expect("JSON");
        json!({ "id": format!("{number:064}"), "kind": record["kind"], "code": "X-000001", "record": record, "voices": {} })
    });
    json!({ "bundle": about(signer), "records": rows.collect::<Vec<_>>() }).to_string()
}

pub fn about(signer: &HandoverKey) -> serde_json::Value {
    json!({ "format": "sandyq-bundle", "version": 1, "id": "0123456789abcdef0123456789abcdef", "profile": "lawyer", "language": "ru",
        "made": "2026-05-10T13:00:00Z", "heads": "00".repeat(32), "signer": signer.signer().line(), "pseudonyms": false })
}

/// Where an answer to the small bundle would go.
fn reply() -> String {
    let recipient = recipient().recipient().to_string();
    json!({ "version": 1, "bundle": "0123456789abcdef0123456789abcdef", "recipient": recipient, "secret": "5a".repeat(32) }).to_string()
}

/// Bytes that do not deflate.
pub fn noise(length: usize) -> Vec<u8> {
    let mut seeded = Seeded(11);
    (0..length).map(|_| seeded.next() as u8).collect()
}

/// The members of the small bundle, signer's list apart.
pub fn files(signer: &HandoverKey) -> Vec<(String, Vec<u8>)> {
    let photo = noise(150_000);
    vec![
        ("index.html".into(), "<!doctype html><title>Ержан Төлегенов</title>".repeat(40).into_bytes()),
        ("records.json".into(), records(signer).into_bytes()),
        ("schema/record.schema.json".into(), b"{}".to_vec()),
        ("tables/persons.csv".into(), "\u{feff}id,name\r\n1,Ержан\r\n".into()),
        (format!("files/{}.jpg", hex::encode(sandyq::crypto::plain_hash(&photo))), photo),
        ("withheld.json".into(), b"{}".to_vec()),
        ("VERIFY.txt".into(), "age -d\n".repeat(30).into_bytes()),
        ("reply.json".into(), reply().into_bytes()),
    ]
}

pub fn members(files: Vec<(String, Vec<u8>)>) -> Vec<Member<'static>> {
    let member = |(name, bytes): (String, Vec<u8>)| {
        if name.starts_with("files/") {
            Member::stream(name, bytes.len() as u64, move |out| bytes.chunks(1000).try_for_each(|piece| out.write_all(piece)))
        } else {
            Member::bytes(name, bytes)
        }
    };
    files.into_iter().map(member).collect()
}

/// The zip of the small bundle.
pub fn zipped() -> Vec<u8> {
    zip_of(files(&key()), &key())
}

pub fn zip_of(files: Vec<(String, Vec<u8>)>, signer: &HandoverKey) -> Vec<u8> {
    let mut out = Vec::new();
    write(members(files), NOW, signer, &mut out, &mut Silent).expect("a bundle is written");
    out
}

pub fn sealed(lock: &Lock, zip: &[u8]) -> Vec<u8> {
    let mut stream = seal_stream(lock, Vec::new()).expect("a stream is sealed");
    stream.write_all(zip).expect("written");
    SealingStream::finish(stream).expect("finished")
}

/// What verification finds in a zip, sealed to the recipient.
pub fn found(zip: &[u8]) -> Report {
    verify(Cursor::new(sealed(&to_recipient(), zip)), &keys(), None, &mut Silent).expect("it opens")
}

#[track_caller]
pub fn assert_found(zip: &[u8], what: What, place: Option<&str>) {
    let wrong = found(zip).wrong;
    assert!(
        wrong.iter().any(|wrong| wrong.what == what && (place.is_none() || wrong.place.as_deref() == place)),
        "{what:?} at {place:?} was not found: {wrong:?}"
    );
    let home = tempfile::tempdir().expect("a folder");
    let to = home.path().join("out");
    let opened = sandyq::handover::container::extract::extract(Cursor::new(sealed(&to_recipient(), zip)), &keys(), None, &to, &mut Silent).expect("it is read");
    assert_eq!(opened.wrong, wrong);
    assert!(!to.exists(), "nothing is written of what is not whole");
}

/// Everything that a member of a hand-made zip says, in both places.
#[derive(Clone)]
pub struct Raw {
    pub name: Vec<u8>,
    pub bytes: Vec<u8>,
    pub packed: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub mode: u32,
    pub says: u32,
    pub local_name: Option<Vec<u8>>,
    pub local_size: Option<u32>,
    pub before: Vec<u8>,
    pub extra: Vec<u8>,
    pub remark: Vec<u8>,
    pub offset: Option<u32>,
}

impl Raw {
    pub fn new(name: impl Into<Vec<u8>>, bytes: impl Into<Vec<u8>>) -> Raw {
        let bytes = bytes.into();
        Raw {
            name: name.into(),
            packed: bytes.clone(),
            says: bytes.len() as u32,
            bytes,
            method: 0,
            flags: 0,
            mode: 0o100_644,
            local_name: None,
            local_size: None,
            before: Vec::new(),
            extra: Vec::new(),
            remark: Vec::new(),
            offset: None,
        }
    }
}

/// The raw members of a bundle of these files, with list, signature and signer.
pub fn raws(files: Vec<(String, Vec<u8>)>, signer: &HandoverKey) -> Vec<Raw> {
    let list: String = files.iter().map(|(name, bytes)| manifest::line(&sandyq::crypto::plain_hash(bytes), name)).collect();
    let signature = signer.sign(NAMESPACE, list.as_bytes());
    let last = [("MANIFEST", list), ("MANIFEST.sig", signature), ("allowed_signers", manifest::signers_line(&signer.signer()))];
    let own = files.into_iter().map(|(name, bytes)| Raw::new(name, bytes));
    own.chain(last.into_iter().map(|(name, text)| Raw::new(name, text))).collect()
}

pub fn raw_bundle() -> Vec<Raw> {
    raws(files(&key()), &key())
}

/// Where the members, the directory and the end of a hand-made zip begin.
pub struct Laid {
    pub zip: Vec<u8>,
    pub directory: usize,
    pub end: usize,
}

pub fn raw_zip(members: &[Raw]) -> Vec<u8> {
    laid(members).zip
}

pub fn laid(members: &[Raw]) -> Laid {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for raw in members {
        zip.extend_from_slice(&raw.before);
        let (at, crc) = (zip.len() as u32, crc32(&raw.bytes));
        let name = raw.local_name.as_ref().unwrap_or(&raw.name);
        let sizes = [crc, raw.packed.len() as u32, raw.says];
        zip.extend(0x0403_4b50_u32.to_le_bytes());
        zip.extend([20_u16, raw.flags, raw.method, 0, 0x5caa].iter().flat_map(|n| n.to_le_bytes()));
        zip.extend([sizes[0], sizes[1], raw.local_size.unwrap_or(sizes[2])].iter().flat_map(|n| n.to_le_bytes()));
        zip.extend([name.len() as u16, 0].iter().flat_map(|n| n.to_le_bytes()));
        zip.extend_from_slice(name);
        zip.extend_from_slice(&raw.packed);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend([3 << 8 | 20, 20_u16, raw.flags, raw.method, 0, 0x5caa].iter().flat_map(|n| n.to_le_bytes()));
        directory.extend(sizes.iter().flat_map(|n| n.to_le_bytes()));
        directory.extend([raw.name.len() as u16, raw.extra.len() as u16, raw.remark.len() as u16, 0, 0].iter().flat_map(|n| n.to_le_bytes()));
        directory.extend([raw.mode << 16, raw.offset.unwrap_or(at)].iter().flat_map(|n| n.to_le_bytes()));
        directory.extend([&raw.name[..], &raw.extra, &raw.remark].concat());
    }
    let (at, size, count) = (zip.len(), directory.len(), members.len() as u16);
    zip.extend(directory);
    zip.extend(0x0605_4b50_u32.to_le_bytes());
    zip.extend([0, 0, count, count].iter().flat_map(|n| n.to_le_bytes()));
    zip.extend([size as u32, at as u32].iter().flat_map(|n| n.to_le_bytes()));
    zip.extend([0, 0]);
    Laid { zip, directory: at, end: at + size }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }))
}

/// Tells whether a program is here. Where all tests have to run, it must be.
pub fn is_here(program: &str, arguments: &[&str]) -> bool {
    let here = Command::new(program).args(arguments).output().is_ok();
    if !here {
        skipped(&format!("`{program}` is not installed, nothing was compared with it"));
    }
    here
}

pub fn no_key(result: Result<Report, BundleError>) -> bool {
    matches!(result, Err(BundleError::NoKey))
}

/// Writes sealed files with one content and puts them in their places.
pub fn seal_in_place<T>(outers: &[Outer], fill: &mut dyn FnMut(&mut dyn std::io::Write) -> Result<T, BundleError>) -> Result<T, BundleError> {
    let (filled, begun) = seal_to_files(outers, fill)?;
    begun.place().map(|()| filled)
}
