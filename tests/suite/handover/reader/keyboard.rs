//! The pages without a mouse: every control is reached, each stop is seen, and nothing holds the keyboard.

use serde_json::json;

use super::*;
use crate::handover::browser::{DOWN, ENTER, TAB};

/// More stops than any page here has.
const STOPS: usize = 400;

/// Where the keyboard is: the element's id, or in the dossier its link; else the name of the element.
fn focus(browser: &Browser) -> String {
    let focus = browser.script(
        "const top = document.activeElement, inside = top.contentDocument?.activeElement;
        const at = inside?.matches('a') ? inside : top;
        const { top: above, bottom, left, right } = at.getBoundingClientRect();
        const { outlineStyle, outlineWidth } = at.ownerDocument.defaultView.getComputedStyle(at);
        const { innerWidth, innerHeight } = at.ownerDocument.defaultView;
        return {
            at: at.id || at.getAttribute('href') || at.localName,
            marked: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
            shown: bottom > 0 && above < innerHeight && right > 0 && left < innerWidth,
        }",
        &[],
    );
    let at = text(&focus["at"]);
    assert!(at == "body" || (focus["marked"] == true && focus["shown"] == true), "the focus is not seen: {focus}");
    at
}

/// Moves on with the Tab key until the keyboard is somewhere.
#[track_caller]
fn tab_to(browser: &Browser, id: &str) {
    let mut stops = Vec::new();
    for _ in 0..STOPS {
        browser.press(TAB);
        stops.push(focus(browser));
        if stops.last().is_some_and(|stop| stop == id) {
            return;
        }
    }
    panic!("{id} is not reached: {stops:?}");
}

/// Every stop of the Tab key until it leaves the page.
fn stops(browser: &Browser) -> Vec<String> {
    let step = |_| {
        browser.press(TAB);
        focus(browser)
    };
    let stops: Vec<String> = (0..STOPS).map(step).take_while(|at| at != "body").collect();
    assert!(stops.len() < STOPS, "{stops:?}");
    stops
}

#[test]
fn tab_key_leads_to_every_control_and_out_again() {
    let Some(browser) = Browser::start() else { return };
    let case = Case::get();
    browser.go(&page());
    assert_eq!(stops(&browser), ["lang-en", "lang-ru", "lang-kk", "file", "summary"]);
    case.open(&browser);
    assert_eq!(browser.focused(), "opened-title");
    let all = stops(&browser);
    let links = browser.script("return document.getElementById('dossier').contentDocument.querySelectorAll('a[href]').length", &[]);
    let (inside, outside): (Vec<&str>, Vec<&str>) = all.iter().map(String::as_str).partition(|at| at.starts_with('#') || at.starts_with("files/"));
    assert_eq!(json!(inside.len()), links);
    let before = ["told", "compare", "same", "print", "to-files", "to-answer"];
    let save = browser.script("return document.querySelector('#files button').id", &[]);
    let after = [save.as_str().expect("an id"), "summary", "kind-received", "note", "attach", "answer-save", "close", "summary"];
    assert_eq!(outside, [&before[..], &after].concat());
}

#[test]
fn shift_and_tab_lead_back() {
    let Some(browser) = Browser::start() else { return };
    browser.go(&page());
    tab_to(&browser, "file");
    let back = |_| {
        browser.press_back();
        focus(&browser)
    };
    assert_eq!((0..3).map(back).collect::<Vec<_>>(), ["lang-kk", "lang-ru", "lang-en"]);
}

#[test]
fn keyboard_alone_opens_compares_prints_saves_answers_and_closes() {
    let Some(browser) = Browser::start() else { return };
    let (case, home) = (Case::get(), tempfile::tempdir().expect("a folder"));
    browser.go(&page());
    browser.hold_dialogs();
    opened(&browser, case);
    printed(&browser);
    saved(&browser);
    answered(&browser, home.path());
    tab_to(&browser, "close");
    browser.press(ENTER);
    browser.wait_until("document.getElementById('step-choose').checkVisibility() && document.getElementById('note').value === ''");
}

fn opened(browser: &Browser, case: &Case) {
    tab_to(browser, "lang-en");
    browser.press(" ");
    tab_to(browser, "file");
    browser.press(" ");
    browser.answer_dialog(&case.file());
    browser.wait_seen("step-words");
    assert_eq!(browser.focused(), "words");
    browser.keys(&case.words);
    browser.press(ENTER);
    browser.wait_seen("opened");
    tab_to(browser, "told");
    browser.keys(&case.fingerprint);
    browser.press(ENTER);
    assert_eq!((state(browser), browser.focused().as_str()), (json!("same"), "verdict-title"));
}

fn printed(browser: &Browser) {
    browser.script("window.print = () => (window.printed = true)", &[]);
    tab_to(browser, "print");
    browser.press(ENTER);
    assert_eq!(browser.script("return window.printed", &[]), true);
}

/// Reads the dossier, then leaves out its links and saves a file.
fn saved(browser: &Browser) {
    tab_to(browser, "#content");
    browser.press(DOWN);
    browser.wait_until("document.getElementById('dossier').contentWindow.scrollY > 0");
    for _ in 0..2 {
        browser.press_back();
    }
    assert_eq!(focus(browser), "to-files");
    browser.press(ENTER);
    assert_eq!(browser.focused(), "files-title");
    browser.press(TAB);
    assert!(focus(browser).starts_with("save-"));
    browser.press(ENTER);
    assert_eq!(std::fs::read(browser.saved(PROTOCOL_NAME)).expect("read"), PROTOCOL);
    tab_to(browser, "summary");
    browser.press(ENTER);
    browser.press(TAB);
    assert_eq!(focus(browser), "save-0");
}

fn answered(browser: &Browser, home: &Path) {
    let decision = home.join("Приговор.pdf");
    std::fs::write(&decision, "%PDF-1.4 decision").expect("written");
    tab_to(browser, "kind-received");
    browser.press(DOWN);
    assert_eq!(focus(browser), "kind-note");
    tab_to(browser, "note");
    browser.keys("Seen today.");
    tab_to(browser, "attach");
    browser.press(" ");
    browser.answer_dialog(&decision);
    browser.wait_seen("what-0");
    tab_to(browser, "what-0");
    browser.keys("o");
    assert_eq!(browser.script("return document.getElementById('what-0').value", &[]), "other");
    tab_to(browser, "remove-0");
    tab_to(browser, "answer-save");
    browser.press(ENTER);
    browser.saved("en.answer.age");
    assert!(browser.text("answer-result").contains("en.answer.age"));
}

#[test]
fn dossier_alone_is_walked_link_by_link_and_begins_with_a_way_past_its_head() {
    let Some(browser) = Browser::start() else { return };
    browser.go(&Case::get().dossier());
    browser.press(TAB);
    assert_eq!(focus(&browser), "#content");
    browser.press(ENTER);
    assert_eq!(browser.script("return location.hash", &[]), "#content");
    let links = browser.script("return [...document.querySelectorAll('main a[href]')].map((link) => link.getAttribute('href'))", &[]);
    assert_eq!(json!(stops(&browser)), links);
    assert!(links.as_array().is_some_and(|links| links.len() > 20), "{links}");
}
