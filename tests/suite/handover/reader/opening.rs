//! What a lawyer sees of a bundle: client, timeline, verification, files; what the browser keeps of it.

use sandyq::crypto::{Lang, SAFETY_LOG_N, safety_digits, safety_words};
use serde_json::json;

use super::*;

#[test]
fn bundle_opens_with_its_words_and_says_that_its_signer_is_not_compared() {
    let Some(browser) = Browser::start() else { return };
    let case = Case::get();
    case.open(&browser);
    let shown = dossier(&browser);
    assert!(shown.contains(CLIENT) && shown.contains(DISPUTE) && shown.contains(TO_THE_JUDGE), "{shown}");
    assert_eq!((state(&browser), browser.text("verdict-state").as_str()), (json!("uncompared"), "Signer not yet compared"));
    assert_eq!(browser.text("fingerprint"), case.fingerprint);
    assert!(browser.text("verdict-intact").contains("files are as they were signed"));
    assert!(browser.is_seen("content") && browser.is_seen("copies"));
    assert_eq!(browser.script("return document.getElementById('words').value", &[]), "");
}

#[test]
fn timeline_stands_in_the_order_of_the_clock_with_every_teller() {
    let Some(browser) = Browser::start() else { return };
    Case::get().open(&browser);
    let rows = browser.script(
        "const inside = document.getElementById('dossier').contentDocument;
        const table = [...inside.querySelectorAll('table')].find(({ caption }) => caption.textContent.includes('order of the clock'));
        return [...table.tBodies[0].rows].map(({ cells }) => [cells[0].innerText, cells[2].innerText])",
        &[],
    );
    let told = |when: &str, what: &str| json!([when, what]);
    let expected = [
        told("2026-05-08 17:55 +05:00", "changes of status · since when – apprehended – witness"),
        told("2026-05-08 18:05 +05:00", "changes of status · since when – apprehended – witness"),
        told("2026-05-08 19:40 +05:00", "changes of status · since when – apprehended – document"),
        told("2026-05-09 21:20 +05:00", "hearings · actual start – single administrative hearing – зал 4"),
        told("2026-05-09 22:00 +05:00", "changes of status · since when – administrative arrest – lawyer"),
    ];
    assert_eq!(rows.as_array().expect("rows")[..5], expected, "{rows:#}");
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
fn words_and_digits_that_were_told_are_compared_as_the_fingerprint_is() {
    let Some(browser) = Browser::start() else { return };
    let case = Case::get();
    case.open(&browser);
    browser.wait_seen("verdict-spoken");
    browser.wait_until("document.getElementById('verdict-spoken').textContent");
    let shown = browser.text("verdict-spoken");
    assert!(case.spoken.iter().all(|spoken| shown.contains(spoken.as_str())), "{shown}");
    let five = case.spoken[0].rsplit_once(' ').expect("words").0;
    for none in [five, "00000 00000 00000 0000"] {
        compare(&browser, none);
        assert_eq!((state(&browser), browser.text("told-error").is_empty()), (json!("uncompared"), false), "{none}");
    }
    let short = stranger().signer().short(SAFETY_LOG_N);
    let digits = case.spoken[1].replace(' ', ",").to_uppercase();
    let told = [(safety_words(Lang::Ru, &short), "different"), (case.spoken[0].to_uppercase(), "same"), (safety_digits(&short), "different"), (digits, "same")];
    for (told, expected) in told {
        case.open(&browser);
        compare(&browser, &told);
        browser.wait_until(&format!("document.getElementById('verdict').dataset.state === '{expected}'"));
        assert_eq!(browser.is_seen("content"), expected == "same", "{told}");
    }
}

#[test]
fn attached_file_is_offered_under_its_name_and_saved_byte_for_byte() {
    let Some(browser) = Browser::start() else { return };
    Case::get().open(&browser);
    assert!(browser.text("files").contains(PROTOCOL_NAME), "{}", browser.text("files"));
    let id = browser.script("return document.querySelector('#files button').id", &[]);
    browser.click(id.as_str().expect("an id"));
    assert_eq!(std::fs::read(browser.saved(PROTOCOL_NAME)).expect("read"), PROTOCOL);
    assert!(browser.text("saved").contains(PROTOCOL_NAME));
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
    retyped(&browser, "words", &format!("  {} ", WORDS.to_uppercase().replace(' ', " \u{a0}  ")));
    browser.click("open");
    browser.wait_seen("opened");
    assert!(browser.is_seen("content"));
}

#[test]
fn page_fetches_nothing_and_keeps_nothing_in_the_browser() {
    let Some(browser) = Browser::start() else { return };
    // What the browser's own first page asks for is not of this page.
    browser.go(&page());
    browser.requests();
    assert_eq!(browser.script("return navigator.onLine", &[]), false);
    Case::get().open(&browser);
    browser.typed("note", "Received.");
    browser.click("answer-save");
    browser.saved("en.answer.age");
    let names = browser.script("return performance.getEntriesByType('resource').map(({ name }) => name)", &[]);
    assert!(names.as_array().expect("a list").iter().all(|name| !name.as_str().expect("a name").starts_with("http")), "{names}");
    let asked = browser.requests();
    assert!(asked.iter().any(|address| address.starts_with("file://") && address.ends_with("/OPEN.html")), "{asked:?}");
    assert!(asked.iter().all(|address| ["file:", "blob:", "data:", "about:"].iter().any(|local| address.starts_with(local))), "{asked:?}");
    let kept = "return Promise.all([localStorage.length, sessionStorage.length, document.cookie, indexedDB.databases().then((all) => all.length)])";
    assert_eq!(browser.script(kept, &[]), json!([0, 0, "", 0]));
}
