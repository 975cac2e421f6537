//! Files made to mislead the page: each is refused with its own reason, and nothing of it is shown.

use std::path::Path;

use sandyq::handover::container::manifest;
use sandyq::handover::container::rules::NAMESPACE;
use serde_json::json;

use super::*;
use crate::handover::container_hostile::{changed, deflated, ended, over, with};

/// A zip, or a whole file, with the code of its refusal.
type Hostile = (&'static str, Vec<u8>);

#[test]
fn hostile_bundle_is_refused_with_its_reason_and_nothing_of_it_is_shown() {
    let Some(browser) = Browser::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    browser.go(&page());
    let zips = [names(), kinds(), gaps(), headers(), bombs(), lists(), signatures(), stated()].concat();
    let sealed = zips.into_iter().map(|(code, zip)| (code, words(&zip)));
    let mut told = Vec::new();
    for (number, (code, file)) in files_that_do_not_open().into_iter().chain(sealed).enumerate() {
        let path = home.path().join("hostile.zip.age");
        std::fs::write(&path, file).expect("written");
        let found = refused(&browser, &path);
        if !found.ends_with(&format!(" {code}")) {
            told.push(format!("{number}: {found}, not {code}"));
        }
    }
    assert!(told.is_empty(), "{told:#?}");
    choose(&browser, &small(home.path()));
    browser.typed("words", WORDS);
    browser.click("open");
    browser.wait_seen("content");
}

/// Tries a file and returns the code that the page says; then the page is ready for another.
fn refused(browser: &Browser, path: &Path) -> String {
    choose(browser, path);
    browser.script(
        "if (document.getElementById('step-words').hidden) return;
        document.getElementById('words').value = arguments[0];
        document.getElementById('open').click();",
        &[WORDS.into()],
    );
    browser
        .wait_until("['refused', 'opened'].some((id) => document.getElementById(id).checkVisibility()) || document.getElementById('words-error').textContent");
    let seen = browser.script(
        "const [content, dossier, reason, code, again] = ['content', 'dossier', 'refused-reason', 'refused-code', 'again'].map((id) => document.getElementById(id));
        const seen = { shown: content.checkVisibility() || dossier.srcdoc !== '', reason: reason.textContent, code: code.textContent };
        again.click();
        return seen;",
        &[],
    );
    assert!(seen["shown"] == json!(false) && seen["reason"] != "", "{seen}");
    seen["code"].as_str().expect("a text").to_owned()
}

fn files_that_do_not_open() -> Vec<Hostile> {
    let whole = words(&zipped());
    let half = whole.len() / 2;
    vec![
        ("file.empty", Vec::new()),
        ("file.not_age", b"junk".to_vec()),
        ("file.zip", zipped()),
        ("file.keys", sealed(&to_recipient(), &zipped())),
        ("file.header", over(whole.clone(), 50, b"\n")),
        ("file.altered", whole[..half].to_vec()),
        ("file.altered", whole[..whole.len() - 1].to_vec()),
        ("file.altered", over(whole.clone(), half, &[whole[half] ^ 1])),
        ("file.altered", [whole, b"more".to_vec()].concat()),
    ]
}

fn names() -> Vec<Hostile> {
    let long = "a".repeat(201);
    let cases = [
        ("name.up", "../evil"),
        ("name.up", "files/../../evil"),
        ("name.up", ".."),
        ("name.part", "files/./a"),
        ("name.part", "files//a"),
        ("name.letters", ""),
        ("name.letters", "файл"),
        ("name.letters", "a b"),
        ("name.letters", "a\nb"),
        ("name.letters", "a\0b"),
        ("name.letters", "nul.txt"),
        ("name.letters", "files/COM1"),
        ("name.letters", "dot."),
        ("name.letters", "dot./a"),
        ("name.long", &long),
        ("name.absolute", "/etc/evil"),
        ("name.drive", "C:evil"),
        ("name.backslash", "..\\evil"),
        ("zip.folder", "folder/"),
        ("zip.twice", "INDEX.html"),
        ("zip.twice", "index.html"),
        ("zip.twice", "index.html/a"),
        ("zip.twice", "files"),
        ("manifest.second", "Manifest"),
        ("manifest.second", "files/manifest"),
    ];
    cases.into_iter().map(|(code, name)| (code, with(Raw::new(name, "x")))).collect()
}

fn kinds() -> Vec<Hostile> {
    let of = |mode| with(Raw { mode, ..Raw::new("link", "/etc/passwd") });
    let without = |name: &'static str| changed(move |members| members.retain(|raw| raw.name != name.as_bytes()));
    vec![
        ("zip.link", of(0o120_777)),
        ("zip.folder", of(0o040_755)),
        ("zip.special", of(0o020_666)),
        ("zip.special", of(0o010_644)),
        ("zip.special", of(0o140_755)),
        ("manifest.unlisted", changed(|members| members.insert(2, Raw::new("extra.exe", "MZ")))),
        ("manifest.absent", without("index.html")),
        ("manifest.absent", without("VERIFY.txt")),
        ("member.missing", without("MANIFEST")),
        ("member.missing", without("MANIFEST.sig")),
        ("member.missing", without("allowed_signers")),
        ("manifest.order", changed(|members| members.swap(0, 1))),
        ("manifest.order", changed(|members| members.rotate_right(1))),
        ("manifest.second", changed(|members| members.insert(0, Raw::new("MANIFEST", "another list\n")))),
    ]
}

fn gaps() -> Vec<Hostile> {
    let whole = laid(&raw_bundle());
    let mut apart = whole.zip.clone();
    apart.splice(whole.directory..whole.directory, [0; 30]);
    let moved = over(apart.clone(), apart.len() - 6, &(whole.directory as u32 + 30).to_le_bytes());
    vec![
        ("zip.before", [b"#!/bin/sh\n".to_vec(), whole.zip.clone()].concat()),
        ("zip.after", [whole.zip.clone(), b"more".to_vec()].concat()),
        ("zip.after", over([whole.zip.clone(), b"hello".to_vec()].concat(), whole.end + 20, &[5, 0])),
        ("zip.before", changed(|members| members[0].before = b"gap".to_vec())),
        ("zip.between", changed(|members| members[3].before = vec![0; 40])),
        ("zip.before", apart),
        ("zip.between", moved),
        ("zip.between", changed(|members| members[3].offset = Some(0))),
        ("zip.extra", changed(|members| members[0].remark = b"hello".to_vec())),
        ("zip.not_zip", Vec::new()),
        ("zip.not_zip", noise(5000)),
        ("zip.not_zip", whole.zip[..whole.zip.len() - 1].to_vec()),
        ("zip.not_zip", whole.zip[..whole.directory].to_vec()),
    ]
}

fn headers() -> Vec<Hostile> {
    let whole = laid(&raw_bundle());
    let end = |at: usize, bytes: &[u8]| over(whole.zip.clone(), whole.end + at, bytes);
    // Flags, method, time and checksum of the first local header.
    let local = [6, 8, 10, 12, 14, 18, 22].map(|at| ("zip.local", over(whole.zip.clone(), at, &[whole.zip[at] ^ 1])));
    let others = vec![
        ("zip.local", changed(|members| members[0].local_name = Some(b"other.html".to_vec()))),
        ("zip.local", changed(|members| members[0].local_size = Some(1))),
        ("zip.extra", changed(|members| members[0].extra = vec![0x55, 0x54, 0, 0])),
        ("zip.extra", changed(|members| members[0].extra = vec![1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("zip.form", changed(|members| members[0].flags = 1 << 5)),
        ("zip.encrypted", changed(|members| members[0].flags = 1)),
        ("zip.encrypted", changed(|members| members[0].flags = 1 << 13)),
        ("zip.method", changed(|members| members[0].method = 12)),
        ("zip.method", changed(|members| members[0].method = 99)),
        ("zip.form", end(8, &[10, 0, 10, 0])),
        ("zip.form", end(8, &[12, 0, 12, 0])),
        ("zip.form", end(8, &[10, 0, 11, 0])),
        ("zip.form", end(4, &[1])),
        ("zip.large", end(8, &[0xff; 4])),
        ("zip.large", end(16, &[0xff; 4])),
        ("zip.form", end(12, &[0xff; 4])),
    ];
    local.into_iter().chain(others).collect()
}

fn bombs() -> Vec<Hostile> {
    let packed = deflated(50_000_000);
    let raw = |says: u32| Raw { method: 8, packed: packed.clone(), says, bytes: b"x".to_vec(), ..Raw::new("bomb.txt", "") };
    let several = |members: &mut Vec<Raw>| members.extend((0..5).map(|number| Raw { name: format!("bomb{number}").into_bytes(), ..raw(250 * 1024 * 1024) }));
    let many = (0..10_001).map(|number| Raw::new(format!("a/{number}"), "x")).collect::<Vec<_>>();
    vec![
        ("zip.longer", with(raw(100))),
        ("zip.shorter", with(Raw { method: 8, packed: deflated(6), says: 7, ..Raw::new("bomb.txt", vec![0; 6]) })),
        ("zip.crc", with(Raw { method: 8, packed: deflated(6), says: 6, ..Raw::new("bomb.txt", "x") })),
        ("zip.bomb", with(raw(257 * 1024 * 1024))),
        ("zip.form", with(Raw { says: 5, ..Raw::new("bomb.txt", "123456") })),
        ("zip.total", changed(several)),
        ("zip.many", raw_zip(&many)),
    ]
}

/// The bundle with its list in another form, signed in that form.
fn listed(form: impl Fn(&str) -> String) -> Vec<u8> {
    changed(|members| {
        let list = form(&String::from_utf8(members.iter().find(|raw| raw.name == b"MANIFEST").expect("there").bytes.clone()).expect("ASCII"));
        for raw in members.iter_mut() {
            match &raw.name[..] {
                b"MANIFEST" => *raw = Raw::new("MANIFEST", list.as_str()),
                b"MANIFEST.sig" => *raw = Raw::new("MANIFEST.sig", key().sign(NAMESPACE, list.as_bytes())),
                _ => {}
            }
        }
    })
}

fn lists() -> Vec<Hostile> {
    let zero = |text: &str| format!("{}{}", "0".repeat(64), &text[64..]);
    vec![
        ("manifest.form", listed(|text| text.replace("  ", " *"))),
        ("manifest.form", listed(|text| text.replace('\n', "\r\n"))),
        ("manifest.form", listed(|text| text.trim_end().to_owned())),
        ("manifest.form", listed(|text| format!("{text}\n"))),
        ("manifest.form", listed(str::to_uppercase)),
        ("manifest.form", listed(|text| format!("\u{feff}{text}"))),
        ("manifest.form", listed(|text| format!("{text}{}\n", text.lines().next().expect("a line")))),
        ("manifest.form", listed(|_| String::new())),
        ("manifest.absent", listed(|text| format!("{text}{}", manifest::line(&[0; 32], "MANIFEST")))),
        ("manifest.absent", listed(|text| format!("{text}{}", manifest::line(&[0; 32], "gone")))),
        ("manifest.hash", listed(zero)),
        ("manifest.large", ended("MANIFEST", |text| text.repeat(10_000))),
        ("signature.wrong", ended("MANIFEST", |text| format!("{text}\n"))),
    ]
}

fn signatures() -> Vec<Hostile> {
    let list = raw_bundle().iter().find(|raw| raw.name == b"MANIFEST").expect("a list").bytes.clone();
    let signed = |text: String| ended("MANIFEST.sig", move |_| text.clone());
    vec![
        ("signature.form", ended("MANIFEST.sig", |text| text.replace('\n', "\r\n"))),
        ("signature.form", ended("MANIFEST.sig", |text| text.trim_end().to_owned())),
        ("signature.form", ended("MANIFEST.sig", |text| format!("{text}\n"))),
        ("signature.namespace", signed(key().sign("file", &list))),
        ("signature.other_key", signed(stranger().sign(NAMESPACE, &list))),
        ("signature.wrong", signed(key().sign(NAMESPACE, b"another list\n"))),
        ("signers.form", ended("allowed_signers", |text| text.replace("namespaces=\"bundle@sandyq\" ", ""))),
        ("signers.form", ended("allowed_signers", |text| text.repeat(2))),
        ("signers.records", raw_zip(&raws(files(&key()), &stranger()))),
    ]
}

/// What is signed and yet not what a bundle says.
fn stated() -> Vec<Hostile> {
    let other = |name: &str, text: String| {
        let mut files = files(&key());
        files.iter_mut().find(|file| file.0 == name).expect("there").1 = text.into_bytes();
        raw_zip(&raws(files, &key()))
    };
    let records = json!({ "bundle": about(&key()), "records": [] }).to_string();
    vec![
        ("records.form", other("records.json", "{}".to_owned())),
        ("records.form", other("records.json", "[]".to_owned())),
        ("records.form", other("records.json", "null".to_owned())),
        ("records.form", other("records.json", String::new())),
        ("records.form", other("records.json", records.replace("sandyq-bundle", "other"))),
        ("records.form", other("records.json", records.replace("\"version\":1", "\"version\":2"))),
        ("records.form", other("records.json", "[".repeat(100_000))),
        ("reply.form", other("reply.json", "{}".to_owned())),
    ]
}
