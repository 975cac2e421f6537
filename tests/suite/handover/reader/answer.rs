//! The answer that is written in the page and taken in by the program.

use std::path::Path;

use serde_json::json;

use super::*;
use crate::handover::container_hostile::over;

const DECISION: &[u8] = b"%PDF-1.4 decision";

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
    let saved = browser.saved("en.answer.age");
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
