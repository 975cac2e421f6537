//! `OPEN.html` and the dossier in a real browser, from the disk: what a lawyer at a laptop sees, saves, prints and answers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sandyq::crypto::{Lock, Passphrase};
use sandyq::handover::container::manifest;
use sandyq::handover::container::rules::NAMESPACE;
use serde_json::{Value, json};

use super::browser::{Browser, ENTER, TAB};
use super::container_hostile::{changed, deflated, ended, over, with};
use super::container_support::*;
use crate::stories::support::{Program, root};

const CLIENT: &str = "Айгүл Қасымова";
const PROTOCOL: &[u8] = b"Protocol of detention 114\r\n\xff\x00";
const DECISION: &[u8] = b"%PDF-1.4 decision";
const DISPUTE: &str = "Difference 105 min";

/// A hand-over as the program makes it, and the dossier in it.
struct Case {
    program: Program,
    words: String,
    fingerprint: String,
}

impl Case {
    /// Made once; its vault is to be copied before anything is taken in.
    fn get() -> &'static Case {
        static CASE: OnceLock<Case> = OnceLock::new();
        CASE.get_or_init(Case::made)
    }

    fn made() -> Case {
        let program = Program::new();
        let person = recorded(&program);
        let told = json!({ "recipient": "Adv. Sultanova", "reason": "oral, 23:10, by the mother", "paper_due": "2026-05-13" });
        let made = program.ok(&["--json", "bundle", "create", &person, "--to", &program.arg("case.zip.age"), "--yes"], told.to_string());
        let made: Value = serde_json::from_str(made.lines().last().expect("a line")).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let case = Case { words: text(&made["words"]), fingerprint: text(&made["signer"]["fingerprint"]), program };
        std::fs::write(case.program.path("words"), &case.words).expect("written");
        let [file, words, to] = ["case.zip.age", "words", "opened"].map(|name| case.program.arg(name));
        case.program.ok(&["bundle", "open", &file, "--words-file", &words, "--to", &to], "");
        case
    }

    fn file(&self) -> PathBuf {
        self.program.path("case.zip.age")
    }

    fn dossier(&self) -> PathBuf {
        self.program.path("opened/index.html")
    }

    /// Opens the bundle in the reader.
    fn open(&self, browser: &Browser) {
        browser.go(&page());
        browser.click("lang-en");
        choose(browser, &self.file());
        browser.typed("words", &self.words);
        browser.click("open");
        browser.wait_seen("opened");
    }
}

/// A person whose taking is told at two times, with a file; returns the code.
fn recorded(program: &Program) -> String {
    let person = program.add("person", &json!({ "names": [{ "text": CLIENT }], "sex": "female" }));
    let detention = program.add("detention", &json!({ "person": person, "rights": { "R03": { "value": "no" } } }));
    for (time, teller) in [("17:55", "witness"), ("19:40", "document")] {
        let step = json!({ "status": "apprehended", "effective": { "date": "2026-05-10", "time": time, "offset_min": 300 }, "told_by": teller });
        program.ok(&["step", &detention], step.to_string());
    }
    std::fs::write(program.path("protocol.txt"), PROTOCOL).expect("written");
    program.ok(&["attach", &person, &program.arg("protocol.txt")], "");
    person
}

fn page() -> PathBuf {
    root().join("src/handover/reader/OPEN.html")
}

/// Gives a file to the page, which looks at its head.
fn choose(browser: &Browser, file: &Path) {
    browser.wait_seen("step-choose");
    browser.typed("file", file.to_str().expect("UTF-8"));
    browser.wait_until("['step-words', 'refused'].some((id) => document.getElementById(id).checkVisibility())");
}

fn words(zip: &[u8]) -> Vec<u8> {
    sealed(&Lock::Words { words: Passphrase::words(WORDS), log_n: 10 }, zip)
}

/// The small bundle, sealed with words at little work.
fn small(home: &Path) -> PathBuf {
    let path = home.join("small.zip.age");
    std::fs::write(&path, words(&zipped())).expect("written");
    path
}

/// Text of the dossier in its frame.
fn dossier(browser: &Browser) -> String {
    let text = browser.script("return document.getElementById('dossier').contentDocument.body.innerText", &[]);
    text.as_str().expect("a text").to_owned()
}

fn state(browser: &Browser) -> Value {
    browser.script("return document.getElementById('verdict').dataset.state", &[])
}

fn compare(browser: &Browser, told: &str) {
    browser.script("document.getElementById('told').value = ''", &[]);
    browser.typed("told", told);
    browser.click("compare");
}

#[test]
fn bundle_opens_with_its_words_and_says_that_its_signer_is_not_compared() {
    let Some(browser) = Browser::start() else { return };
    let case = Case::get();
    case.open(&browser);
    let shown = dossier(&browser);
    assert!(shown.contains(CLIENT) && shown.contains(DISPUTE) && shown.contains("17:55 +05:00"), "{shown}");
    assert_eq!((state(&browser), browser.text("verdict-state").as_str()), (json!("uncompared"), "Signer not yet compared"));
    assert_eq!(browser.text("fingerprint"), case.fingerprint);
    assert!(browser.text("verdict-intact").contains("files are as they were signed"));
    assert!(browser.is_seen("content") && browser.is_seen("copies"));
    assert_eq!(browser.script("return document.getElementById('words').value", &[]), "");
}

#[test]
fn fingerprint_that_was_told_is_compared_and_another_hides_the_content() {
    let Some(browser) = Browser::start() else { return };
    let case = Case::get();
    case.open(&browser);
    compare(&browser, "SHA256:short");
    assert_eq!(state(&browser), "uncompared");
    assert!(!browser.text("told-error").is_empty());
    compare(&browser, &stranger().signer().fingerprint());
    assert_eq!(state(&browser), "different");
    assert!(!browser.is_seen("content") && !browser.is_seen("dossier"));
    compare(&browser, &case.fingerprint);
    assert_eq!(state(&browser), "same");
    assert!(browser.is_seen("content") && browser.is_seen("dossier"));
}

#[test]
fn attached_file_is_offered_under_its_name_and_saved_byte_for_byte() {
    let Some(browser) = Browser::start() else { return };
    Case::get().open(&browser);
    assert!(browser.text("files").contains("protocol.txt"), "{}", browser.text("files"));
    let id = browser.script("return document.querySelector('#files button').id", &[]);
    browser.click(id.as_str().expect("an id"));
    assert_eq!(std::fs::read(browser.saved("protocol.txt")).expect("read"), PROTOCOL);
    assert!(browser.text("saved").contains("protocol.txt"));
}

#[test]
fn answer_written_in_the_page_is_taken_in_once_and_only_where_it_belongs() {
    let Some(browser) = Browser::start() else { return };
    let (case, home) = (Case::get(), tempfile::tempdir().expect("a folder"));
    let decision = home.path().join("Приговор.pdf");
    std::fs::write(&decision, DECISION).expect("written");
    case.open(&browser);
    browser.typed("attach", decision.to_str().expect("UTF-8"));
    browser.wait_seen("what-0");
    assert_eq!(browser.script("return document.getElementById('what-0').value", &[]), "court_decision");
    browser.typed("note", "Seen today. Екі апта.");
    browser.click("answer-save");
    let saved = browser.saved("case.answer.age");
    assert_taken_in(case, saved.to_str().expect("UTF-8"));
    assert_refused(case, &saved, home.path());
}

#[track_caller]
fn assert_taken_in(case: &Case, saved: &str) {
    let program = case.program.copy();
    let before = program.records();
    let taken = program.json(&["bundle", "receipt", saved, "--yes"], "");
    assert_eq!((&taken["new"], &taken["kind"], &taken["note"]), (&json!(2), &json!("documents"), &json!("Seen today. Екі апта.")));
    let file = &taken["files"][0];
    assert_eq!((&file["name"], &file["sha256"]), (&json!("Приговор.pdf"), &json!(hex::encode(sandyq::crypto::plain_hash(DECISION)))));
    assert_eq!(program.records(), before + 2);
    assert_eq!(program.json(&["bundle", "receipt", saved, "--yes"], "")["new"], 0);
    assert_eq!(program.records(), before + 2);
}

#[track_caller]
fn assert_refused(case: &Case, saved: &Path, home: &Path) {
    let (whole, path) = (std::fs::read(saved).expect("read"), home.join("flipped.answer.age"));
    let program = case.program.copy();
    for at in [whole.len() / 2, whole.len() - 1] {
        let flipped = over(whole.clone(), at, &[whole[at] ^ 1]);
        std::fs::write(&path, flipped).expect("written");
        assert_eq!(program.run(&["bundle", "receipt", path.to_str().expect("UTF-8"), "--yes"], "").code, 20, "byte {at}");
    }
    let other = Program::called("M-TWO");
    assert_eq!(other.run(&["bundle", "receipt", saved.to_str().expect("UTF-8"), "--yes"], "").code, 20);
}

/// The words of a PDF; none where there is no program to read it.
fn words_of(pdf: &[u8]) -> Option<String> {
    if !is_here("pdftotext", &["-v"]) {
        return None;
    }
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("page.pdf");
    std::fs::write(&path, pdf).expect("written");
    let ran = Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(path).arg("-").output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn printed_page_has_the_client_and_the_facts() {
    let Some(browser) = Browser::start() else { return };
    Case::get().open(&browser);
    let pdf = browser.print();
    assert!(pdf.starts_with(b"%PDF-"));
    let Some(text) = words_of(&pdf) else { return };
    assert!(text.contains(CLIENT) && text.contains(DISPUTE) && text.contains("17:55 +05:00"), "{text}");
}

#[test]
fn wrong_words_stay_for_correction_and_the_form_of_right_ones_does_not_matter() {
    let Some(browser) = Browser::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    browser.go(&page());
    choose(&browser, &small(home.path()));
    let wrong = WORDS.replace("absent", "absurd");
    browser.typed("words", &wrong);
    browser.click("open");
    browser.wait_until("document.getElementById('words-error').textContent !== ''");
    browser.wait_seen("words");
    assert_eq!(browser.script("return document.getElementById('words').value", &[]), wrong);
    assert_eq!(browser.focused(), "words");
    assert!(!browser.is_seen("content"));
    browser.script("document.getElementById('words').value = ''", &[]);
    browser.typed("words", &format!("  {} ", WORDS.to_uppercase().replace(' ', " \u{a0}  ")));
    browser.click("open");
    browser.wait_seen("opened");
    assert!(browser.is_seen("content"));
}

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

#[test]
fn dossier_alone_is_read_without_any_script() {
    let Some(browser) = Browser::start_with(&["--blink-settings=scriptEnabled=false"]) else { return };
    let html = std::fs::read_to_string(Case::get().dossier()).expect("read");
    assert!(!html.contains("<script") && html.contains("default-src 'none'") && !html.contains("script-src"));
    browser.go(&page());
    let Some(text) = words_of(&browser.print()) else { return };
    assert!(text.contains("This page needs JavaScript"), "no script runs here: {text}");
    browser.go(&Case::get().dossier());
    let text = words_of(&browser.print()).expect("it was here");
    assert!(text.contains(CLIENT) && text.contains(DISPUTE) && text.contains("17:55 +05:00"), "{text}");
}

/// Width of the window, and by how much its content is wider than its room.
fn widths(browser: &Browser) -> (Value, Value) {
    let widths = browser.script("const { scrollWidth, clientWidth } = document.documentElement; return [innerWidth, scrollWidth - clientWidth]", &[]);
    (widths[0].clone(), widths[1].clone())
}

#[test]
fn nothing_scrolls_sideways_on_the_smallest_screen() {
    let Some(browser) = Browser::start() else { return };
    let case = Case::get();
    browser.narrow(320);
    browser.go(&case.dossier());
    assert_eq!(widths(&browser), (json!(320), json!(0)), "index.html");
    browser.go(&page());
    for language in ["en", "ru", "kk"] {
        browser.click(&format!("lang-{language}"));
        assert_eq!(widths(&browser), (json!(320), json!(0)), "OPEN.html in {language}");
    }
    case.open(&browser);
    for language in ["en", "ru", "kk"] {
        browser.click(&format!("lang-{language}"));
        assert_eq!(widths(&browser), (json!(320), json!(0)), "OPEN.html, opened, in {language}");
    }
    let inside = browser.script(
        "const { scrollWidth, clientWidth } = document.getElementById('dossier').contentDocument.documentElement; return scrollWidth - clientWidth",
        &[],
    );
    assert_eq!(inside, 0, "the dossier in its frame");
}

/// Moves on with the Tab key and returns where it leads each time.
fn tabbed(browser: &Browser, times: usize) -> Vec<String> {
    let step = |_| {
        browser.press(TAB);
        browser.focused()
    };
    (0..times).map(step).collect()
}

#[test]
fn keyboard_alone_leads_through_the_page() {
    let Some(browser) = Browser::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    browser.go(&page());
    assert_eq!(tabbed(&browser, 4), ["lang-en", "lang-ru", "lang-kk", "file"]);
    choose(&browser, &small(home.path()));
    assert_eq!(browser.focused(), "words");
    browser.typed("words", WORDS);
    assert_eq!(tabbed(&browser, 1), ["open"]);
    browser.press(ENTER);
    browser.wait_seen("opened");
    assert_eq!(browser.focused(), "opened-title");
    assert_eq!(tabbed(&browser, 5), ["told", "compare", "same", "print", "dossier"]);
}

#[test]
fn page_fetches_nothing_and_keeps_nothing_in_the_browser() {
    let Some(browser) = Browser::start() else { return };
    // What the browser's own first page asks for is not of this page.
    browser.go(&page());
    browser.requests();
    Case::get().open(&browser);
    browser.typed("note", "Received.");
    browser.click("answer-save");
    browser.saved("case.answer.age");
    let names = browser.script("return performance.getEntriesByType('resource').map(({ name }) => name)", &[]);
    assert!(names.as_array().expect("a list").iter().all(|name| !name.as_str().expect("a name").starts_with("http")), "{names}");
    let asked = browser.requests();
    assert!(asked.iter().any(|address| address.starts_with("file://") && address.ends_with("/OPEN.html")), "{asked:?}");
    assert!(asked.iter().all(|address| ["file:", "blob:", "data:", "about:"].iter().any(|local| address.starts_with(local))), "{asked:?}");
    let kept = "return Promise.all([localStorage.length, sessionStorage.length, document.cookie, indexedDB.databases().then((all) => all.length)])";
    assert_eq!(browser.script(kept, &[]), json!([0, 0, "", 0]));
}
