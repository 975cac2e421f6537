//! Bundles made to mislead a reader: each is refused by verification and by opening, with its own reason.

use std::io::Cursor;

use sandyq::crypto::plain_hash;
use sandyq::handover::container::manifest;
use sandyq::handover::container::rules::NAMESPACE;
use sandyq::handover::container::verify::{Expected, verify};
use sandyq::handover::container::wrong::What;
use sandyq::vault::Silent;
use serde_json::json;

use super::container_support::*;

/// The bundle with one more member that is in the signed list.
pub(super) fn with(raw: Raw) -> Vec<u8> {
    let mut files = files(&key());
    files.push((String::from_utf8_lossy(&raw.name).into_owned(), raw.bytes.clone()));
    let mut members = raws(files, &key());
    let at = members.len() - 4;
    members[at] = raw;
    raw_zip(&members)
}

pub(super) fn changed(change: impl Fn(&mut Vec<Raw>)) -> Vec<u8> {
    let mut members = raw_bundle();
    change(&mut members);
    raw_zip(&members)
}

/// Puts bytes over what stands at a place.
pub(super) fn over(mut zip: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    zip[at..at + bytes.len()].copy_from_slice(bytes);
    zip
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let cases: &[(&str, What)] = &[
        ("../evil", What::NameParent),
        ("files/../../evil", What::NameParent),
        ("files/./a", What::NameParent),
        ("files//a", What::NameParent),
        ("", What::NameParent),
        ("..", What::NameParent),
        ("/etc/evil", What::NameAbsolute),
        ("C:evil", What::NameAbsolute),
        ("c:/evil", What::NameAbsolute),
        ("..\\evil", What::NameAbsolute),
        ("\\\\server\\evil", What::NameAbsolute),
        ("folder/", What::NotPlain),
        ("файл", What::NameLetters),
        ("a b", What::NameLetters),
        ("a\nb", What::NameLetters),
        ("a\0b", What::NameLetters),
        ("nul.txt", What::NameLetters),
        ("dot.", What::NameLetters),
    ];
    for (name, what) in cases {
        assert_found(&with(Raw::new(*name, "x")), *what, None);
    }
    assert_found(&with(Raw::new("a".repeat(201), "x")), What::NameLong, None);
    assert_found(&with(Raw::new(vec![b'a', 0xff], "x")), What::NameLetters, None);
}

#[test]
fn name_that_is_there_twice_is_refused() {
    let cases = [("INDEX.html", "INDEX.html"), ("index.html", "index.html"), ("index.html/a", "index.html/a"), ("files", "files"), ("Manifest", "MANIFEST")];
    for (name, place) in cases {
        let zip = with(Raw::new(name, "x"));
        assert_found(&zip, What::NameTwice, Some(place).filter(|_| name != "files" && name != "Manifest"));
    }
}

#[test]
fn second_manifest_is_refused() {
    let zip = changed(|members| {
        let twin = Raw::new("MANIFEST", "another list\n");
        members.insert(0, twin);
    });
    assert_found(&zip, What::NameTwice, Some("MANIFEST"));
}

#[test]
fn whatever_is_no_plain_file_is_refused() {
    for mode in [0o120_777, 0o040_755, 0o020_666, 0o010_644, 0o140_755] {
        let zip = with(Raw { mode, ..Raw::new("link", "/etc/passwd") });
        assert_found(&zip, What::NotPlain, Some("link"));
    }
}

#[test]
fn file_that_is_not_signed_or_not_there_is_refused() {
    let extra = changed(|members| members.insert(2, Raw::new("extra.exe", "MZ")));
    assert_found(&extra, What::NotListed, Some("extra.exe"));
    for (number, (name, _)) in files(&key()).iter().enumerate() {
        let missing = changed(|members| drop(members.remove(number)));
        assert_found(&missing, What::NotThere, Some(name));
    }
    for name in ["MANIFEST", "MANIFEST.sig", "allowed_signers"] {
        let missing = changed(|members| members.retain(|raw| raw.name != name.as_bytes()));
        assert_found(&missing, What::NotThere, Some(name));
    }
    let swapped = changed(|members| members.swap(0, 1));
    assert_found(&swapped, What::Order, Some("MANIFEST"));
    let not_last = changed(|members| members.rotate_right(1));
    assert_found(&not_last, What::Order, Some("MANIFEST"));
}

#[test]
fn bytes_that_belong_to_no_file_are_refused() {
    let whole = laid(&raw_bundle());
    let prepended = [b"#!/bin/sh\n".to_vec(), whole.zip.clone()].concat();
    assert_found(&prepended, What::Gap, None);
    let appended = [whole.zip.clone(), b"more".to_vec()].concat();
    assert_found(&appended, What::Gap, None);
    let first = changed(|members| members[0].before = b"gap".to_vec());
    assert_found(&first, What::Gap, Some("index.html"));
    let between = changed(|members| members[3].before = vec![0; 40]);
    assert_found(&between, What::Gap, Some("tables/persons.csv"));
    let mut before_directory = whole.zip.clone();
    before_directory.splice(whole.directory..whole.directory, [0; 30]);
    assert_found(&before_directory, What::Gap, None);
    let mut moved = before_directory;
    let end = moved.len() - 22;
    moved[end + 16..end + 20].copy_from_slice(&(whole.directory as u32 + 30).to_le_bytes());
    assert_found(&moved, What::Gap, None);
    let overlapping = changed(|members| members[3].offset = Some(0));
    assert_found(&overlapping, What::Gap, Some("tables/persons.csv"));
    let remark = over([whole.zip.clone(), b"hello".to_vec()].concat(), whole.end + 20, &[5, 0]);
    assert_found(&remark, What::Comment, None);
    let remark = changed(|members| members[0].remark = b"hello".to_vec());
    assert_found(&remark, What::Comment, Some("index.html"));
    assert_found(b"", What::NotZip, None);
    assert_found(&[0; 22], What::NotZip, None);
    assert_found(&noise(5000), What::NotZip, None);
    assert_found(&whole.zip[..whole.zip.len() - 1], What::NotZip, None);
    assert_found(&whole.zip[..whole.directory], What::NotZip, None);
}

#[test]
fn headers_that_say_two_things_are_refused() {
    let named = changed(|members| members[0].local_name = Some(b"other.html".to_vec()));
    assert_found(&named, What::Headers, Some("index.html"));
    let sized = changed(|members| members[0].local_size = Some(1));
    assert_found(&sized, What::Headers, Some("index.html"));
    let whole = raw_zip(&raw_bundle());
    // Flags, method, time and checksum of the first local header.
    for at in [6, 8, 10, 12, 14, 18, 22, 28] {
        let byte = whole[at] ^ 1;
        assert_found(&over(whole.clone(), at, &[byte]), What::Headers, Some("index.html"));
    }
    let extra = changed(|members| members[0].extra = vec![0x55, 0x54, 0, 0]);
    assert_found(&extra, What::Headers, Some("index.html"));
    let flagged = changed(|members| members[0].flags = 1 << 5);
    assert_found(&flagged, What::Headers, Some("index.html"));
}

#[test]
fn what_is_encrypted_or_packed_otherwise_is_refused() {
    for flags in [1, 1 << 6, 1 << 13, 1 | 1 << 3] {
        let zip = changed(|members| members[0].flags = flags);
        assert!(found(&zip).wrong.iter().any(|wrong| wrong.what == What::Encrypted), "{flags}");
    }
    for method in [1, 9, 12, 14, 93, 99] {
        assert_found(&changed(|members| members[0].method = method), What::Method, Some("index.html"));
    }
}

/// A deflated run of zeros as the zip library writes it: a thousandth of its length.
pub(super) fn deflated(length: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a", zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated)).expect("begun");
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length as u64), &mut zip).expect("written");
    let bytes = zip.finish().expect("finished").into_inner();
    let packed = u32::from_le_bytes(bytes[18..22].try_into().expect("four")) as usize;
    bytes[31..31 + packed].to_vec()
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let packed = deflated(50_000_000);
    let raw = |says: u32| Raw { method: 8, packed: packed.clone(), says, bytes: b"x".to_vec(), ..Raw::new("bomb.txt", "") };
    assert_found(&with(raw(100)), What::Content, Some("bomb.txt"));
    let short = Raw { method: 8, packed: deflated(6), says: 7, ..Raw::new("bomb.txt", vec![0; 6]) };
    assert_found(&with(short), What::Size, Some("bomb.txt"));
    assert_found(&with(raw(257 * 1024 * 1024)), What::TooLarge, Some("bomb.txt"));
    assert_found(&with(raw(u32::MAX - 1)), What::TooLarge, Some("bomb.txt"));
    let several = changed(|members| members.extend((0..5).map(|number| Raw { name: format!("bomb{number}").into_bytes(), ..raw(250 * 1024 * 1024) })));
    assert_found(&several, What::TooLarge, None);
    let stored = Raw { says: 5, ..Raw::new("bomb.txt", "123456") };
    assert_found(&with(stored), What::Size, Some("bomb.txt"));
}

#[test]
fn too_many_files_are_refused() {
    let many = |count: usize| raw_zip(&(0..count).map(|number| Raw::new(format!("a/{number}"), "x")).collect::<Vec<_>>());
    assert_found(&many(10_001), What::TooMany, None);
    assert!(!found(&many(9_997)).wrong.iter().any(|wrong| wrong.what == What::TooMany));
}

#[test]
fn numbers_that_pretend_to_be_large_are_refused() {
    let whole = laid(&raw_bundle());
    for (at, bytes) in [(12, &[0xff; 4][..]), (16, &[0xff; 4]), (8, &[0xff; 4])] {
        assert_found(&over(whole.zip.clone(), whole.end + at, bytes), What::Zip64, None);
    }
    for extra in [vec![1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0], vec![1, 0, 0, 0]] {
        let zip = changed(|members| members[0].extra = extra.clone());
        assert_found(&zip, What::Zip64, Some("index.html"));
    }
    let elsewhere = changed(|members| {
        members[0].offset = Some(u32::MAX);
        members[0].extra = vec![1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    });
    assert_found(&elsewhere, What::Zip64, Some("index.html"));
    // A second end for large zips, that nothing needs.
    let (size, at) = ((whole.end - whole.directory) as u64, whole.directory as u64);
    let mut both = whole.zip[..whole.end].to_vec();
    both.extend(0x0606_4b50_u32.to_le_bytes());
    both.extend(44_u64.to_le_bytes());
    both.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    both.extend([11_u64, 11, size, at].iter().flat_map(|n| n.to_le_bytes()));
    both.extend(0x0706_4b50_u32.to_le_bytes());
    both.extend(0_u32.to_le_bytes());
    both.extend((whole.end as u64).to_le_bytes());
    both.extend(1_u32.to_le_bytes());
    both.extend_from_slice(&whole.zip[whole.end..]);
    assert_found(&both, What::Zip64, None);
    let end = both.len() - 22;
    assert_found(&over(both, end + 16, &[0xff; 4]), What::Zip64, None);
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let whole = laid(&raw_bundle());
    assert_found(&over(whole.zip.clone(), whole.end + 8, &[10, 0, 10, 0]), What::Headers, None);
    assert_found(&over(whole.zip.clone(), whole.end + 8, &[12, 0, 12, 0]), What::Headers, None);
    assert_found(&over(whole.zip.clone(), whole.end + 8, &[10, 0, 11, 0]), What::Headers, None);
    assert_found(&over(whole.zip.clone(), whole.end + 4, &[1]), What::Headers, None);
    assert_found(&over(whole.zip.clone(), whole.directory + 28, &[0xff, 0xff]), What::Headers, None);
    assert_found(&over(whole.zip.clone(), whole.directory + 34, &[1]), What::NotPlain, Some("index.html"));
}

/// The bundle with another text in one of its last members.
pub(super) fn ended(name: &str, text: impl Fn(&str) -> String) -> Vec<u8> {
    changed(|members| {
        let raw = members.iter_mut().find(|raw| raw.name == name.as_bytes()).expect("there");
        *raw = Raw::new(name, text(&String::from_utf8_lossy(&raw.bytes)));
    })
}

#[test]
fn list_in_another_form_is_refused() {
    let forms: [fn(&str) -> String; 8] = [
        |text| text.replace("  ", " *"),
        |text| text.replace('\n', "\r\n"),
        |text| text.trim_end().to_owned(),
        |text| format!("{text}\n"),
        |text| text.to_uppercase(),
        |text| format!("# list\n{text}"),
        |text| format!("{text}{}", text.lines().next().map(|line| format!("{line}\n")).unwrap_or_default()),
        |_| String::new(),
    ];
    for form in forms {
        assert_found(&ended("MANIFEST", form), What::ManifestForm, Some("MANIFEST"));
    }
    let itself = ended("MANIFEST", |text| format!("{text}{}", manifest::line(&[0; 32], "MANIFEST")));
    assert_found(&itself, What::ManifestForm, Some("MANIFEST"));
    let long = ended("MANIFEST", |text| text.repeat(10_000));
    assert_found(&long, What::TooLarge, Some("MANIFEST"));
}

#[test]
fn signature_in_another_form_for_another_purpose_or_by_another_key_is_refused() {
    for form in [|text: &str| text.replace('\n', "\r\n"), |text: &str| text.trim_end().to_owned(), |text: &str| format!("{text}\n")] {
        assert_found(&ended("MANIFEST.sig", form), What::SignatureForm, Some("MANIFEST.sig"));
    }
    let list = raw_bundle().iter().find(|raw| raw.name == b"MANIFEST").expect("a list").bytes.clone();
    let purpose = ended("MANIFEST.sig", |_| key().sign("file", &list));
    assert_found(&purpose, What::SignatureNamespace, Some("MANIFEST.sig"));
    let other = ended("MANIFEST.sig", |_| stranger().sign(NAMESPACE, &list));
    assert_found(&other, What::SeveralSigners, Some("allowed_signers"));
    assert_found(&other, What::SeveralSigners, Some("records.json"));
    let wrong = ended("MANIFEST.sig", |_| key().sign(NAMESPACE, b"another list\n"));
    assert_found(&wrong, What::Signature, Some("MANIFEST.sig"));
    let line = |text: &str| text.replace("namespaces=\"bundle@sandyq\" ", "");
    assert_found(&ended("allowed_signers", line), What::SignersForm, Some("allowed_signers"));
    assert_found(&ended("allowed_signers", |text| text.repeat(2)), What::SignersForm, Some("allowed_signers"));
}

#[test]
fn everything_signed_anew_by_another_is_told_as_another_signer() {
    let forged = zip_of(files(&stranger()), &stranger());
    assert!(found(&forged).is_whole(), "by itself nothing tells it apart");
    let expected = Expected::read(&key().signer().fingerprint()).expect("understood");
    let report = verify(Cursor::new(sealed(&to_recipient(), &forged)), &keys(), Some(&expected), &mut Silent).expect("opens");
    assert_eq!(report.wrong.iter().map(|wrong| wrong.what).collect::<Vec<_>>(), [What::OtherSigner]);
    // The three last members alone: the records still name who made them.
    let lasts = raw_zip(&raws(files(&key()), &stranger()));
    let report = verify(Cursor::new(sealed(&to_recipient(), &lasts)), &keys(), Some(&expected), &mut Silent).expect("opens");
    assert_eq!(report.wrong.iter().map(|wrong| wrong.what).collect::<Vec<_>>(), [What::OtherSigner, What::SeveralSigners]);
}

#[test]
fn record_that_breaks_a_rule_is_named() {
    let with_records = |text: String| {
        let mut files = files(&key());
        files[1].1 = text.into_bytes();
        raw_zip(&raws(files, &key()))
    };
    let row = |record: serde_json::Value| json!({ "id": "1".repeat(64), "kind": record["kind"], "code": "P-1", "record": record });
    let of = |rows: Vec<serde_json::Value>| json!({ "bundle": about(&key()), "records": rows }).to_string();
    assert!(found(&with_records(of(vec![row(json!({ "kind": "person" }))]))).is_whole());
    let broken = [
        (json!({ "kind": "person", "shoe_size": 43 }), "2 shoe_size unknown-field"),
        (json!({ "kind": "detention" }), "2 person required"),
        (json!({ "kind": "person", "names": { "k1": { "text": 5 } } }), "2 names/k1/text line"),
        (json!({ "kind": "recipe" }), "2 kind"),
    ];
    for (record, detail) in broken {
        let report = found(&with_records(of(vec![row(json!({ "kind": "person" })), row(record)])));
        let told: Vec<_> = report.wrong.iter().map(|wrong| (wrong.what, wrong.detail.as_deref())).collect();
        assert_eq!(told, [(What::Record, Some(detail))]);
    }
    let odd = [
        "{}".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        String::new(),
        of(vec![]).replace("sandyq-bundle", "other"),
        of(vec![]).replace("\"version\":1", "\"version\":2"),
        format!("{} ", of(vec![])) + "{}",
        of(vec![json!({ "id": "1", "kind": "person" })]),
        of(vec![]).replacen('{', "{\"records\":[],", 1),
        "[".repeat(100_000),
    ];
    for text in odd {
        assert_found(&with_records(text), What::RecordsForm, Some("records.json"));
    }
}

#[test]
fn hash_of_the_list_is_what_the_report_says() {
    let list = raw_bundle().iter().find(|raw| raw.name == b"MANIFEST").expect("a list").bytes.clone();
    assert_eq!(found(&zipped()).manifest, Some(plain_hash(&list)));
}
