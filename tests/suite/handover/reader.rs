//! `OPEN.html` and the dossier in a real browser, from the disk, with the network off: what a lawyer at a laptop sees, saves, prints and answers.

mod answer;
mod hostile;
mod judged;
mod keyboard;
mod large;
mod opening;
mod paper;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sandyq::crypto::{Lock, Passphrase};
use serde_json::{Value, json};

use super::browser::Browser;
use super::container_support::*;
use crate::stories::support::{Program, root};

const CLIENT: &str = "Айгүл Қасымова";
const PROTOCOL: &[u8] = b"Protocol of detention 114\r\n\xff\x00";
/// A file name that fits on no small screen.
const PROTOCOL_NAME: &str = "protocol_of_detention_number_114_as_it_was_given_to_the_mother.txt";
/// What the first page says of the time of taking, and of the way to the judge.
const DISPUTE: &str = "Difference 95–105 min";
const TO_THE_JUDGE: &str = "by “document” 25 h 40 min";
const LANGUAGES: [&str; 3] = ["en", "ru", "kk"];

/// A hand-over as the program makes it, and the dossier in it.
struct Case {
    program: Program,
    person: String,
    words: String,
    fingerprint: String,
    /// The signer in words and in digits, as the program says it.
    spoken: [String; 2],
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
        let made = handed(&program, &person, "en");
        let fingerprint = text(&made["signer"]["fingerprint"]);
        let spoken = ["words", "digits"].map(|way| text(&made["signer"][way]));
        Case { program, person, words: text(&made["words"]), fingerprint, spoken }
    }

    fn file(&self) -> PathBuf {
        self.program.path("en.zip.age")
    }

    fn dossier(&self) -> PathBuf {
        self.program.path("en/index.html")
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

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Hands over what is about a person or an incident, and opens it again into a folder of the language's name; returns what the program said.
fn handed(program: &Program, about: &str, language: &str) -> Value {
    let told = json!({ "recipient": "Adv. Sultanova", "reason": "oral, 23:10, by the mother", "paper_due": "2026-05-13" });
    let [file, words, to] = [format!("{language}.zip.age"), format!("{language}.words"), language.to_owned()].map(|name| program.arg(&name));
    let made = program.ok(&["--json", "bundle", "create", about, "--to", &file, "--bundle-lang", language, "--yes"], told.to_string());
    let made: Value = serde_json::from_str(made.lines().last().expect("a line")).expect("JSON");
    std::fs::write(&words, text(&made["words"])).expect("written");
    program.ok(&["bundle", "open", &file, "--words-file", &words, "--to", &to], "");
    made
}

/// A person whose taking is told at several times, with a trial and a file; returns the code.
fn recorded(program: &Program) -> String {
    let names = json!([{ "text": CLIENT, "script": "Cyrl", "language": "kk" }, { "text": "Aigul Kassymova", "script": "Latn" }]);
    let about = json!({ "names": names, "sex": "female", "age": { "years": 24 }, "roles": ["journalist"], "languages": ["kk", "ru"] });
    let person = program.add("person", &about);
    detained(program, &person);
    tried(program, &person);
    std::fs::write(program.path(PROTOCOL_NAME), PROTOCOL).expect("written");
    program.ok(&["attach", &person, &program.arg(PROTOCOL_NAME)], "");
    person
}

fn at(date: &str, time: &str) -> Value {
    json!({ "date": date, "time": time, "offset_min": 300 })
}

fn detained(program: &Program, person: &str) {
    let rights =
        json!({ "R03": { "value": "no", "basis": "told_by_detainee" }, "R14": { "value": "unclear", "note": "40 минут ждала" }, "R25": { "value": "yes" } });
    let more = json!({ "taken_by": ["police_plain_clothes"], "property_taken": [{ "item": "phone", "receipt": { "value": "no" } }], "rights": rights,
        "apprehended_place": { "text": "проспект Абая, у театра" }, "narrative": "Her mother sent https://example.org/a-very-long-address/without-any-blank/that-goes-on-and-on.html" });
    let mut detention = more;
    detention["person"] = person.into();
    let detention = program.add("detention", &detention);
    for (time, teller) in [("17:55", "witness"), ("18:05", "witness"), ("19:40", "document")] {
        let step = json!({ "status": "apprehended", "effective": at("2026-05-08", time), "told_by": teller });
        program.ok(&["step", &detention], step.to_string());
    }
    let arrest = json!({ "status": "administrative_arrest", "told_by": "lawyer", "days": 15, "effective": at("2026-05-09", "22:00"), "until": { "date": "2026-05-24" } });
    program.ok(&["step", &detention], arrest.to_string());
}

fn tried(program: &Program, person: &str) {
    let seen = |observer: &str, value: &str| json!({ "observer": observer, "basis": "present_in_room", "checks": { "H02": { "value": value } } });
    let first = json!({ "number": "1", "starts": at("2026-05-09", "21:20"), "kind": "administrative_single", "openness": "open", "place": { "text": "зал 4" },
        "observations": [seen("M-1", "no"), seen("M-2", "yes")] });
    let appeal = json!({ "number": "2", "scheduled_for": at("2026-05-21", "10:00"), "kind": "appeal", "place": { "text": "зал 2" } });
    let charge = json!({ "person": person, "provision": { "instrument": "KZ-CAO-2014", "article": "489", "part": "2" }, "status": "charged" });
    let trial = json!({ "category": "administrative_offence", "case_no": "3-1234/26", "parties": [{ "person": person, "capacity": "defendant" }],
        "charges": [charge], "hearings": [first, appeal] });
    program.add("trial", &trial);
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

/// Empties a field and types into it.
fn retyped(browser: &Browser, id: &str, told: &str) {
    browser.script("document.getElementById(arguments[0]).value = ''", &[id.into()]);
    browser.typed(id, told);
}

/// Text of the dossier in its frame.
fn dossier(browser: &Browser) -> String {
    text(&browser.script("return document.getElementById('dossier').contentDocument.body.innerText", &[]))
}

fn state(browser: &Browser) -> Value {
    browser.script("return document.getElementById('verdict').dataset.state", &[])
}

fn compare(browser: &Browser, told: &str) {
    retyped(browser, "told", told);
    browser.click("compare");
}
