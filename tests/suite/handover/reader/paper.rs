//! The dossier on paper, and alone in a browser that runs no script.

use std::process::Command;

use super::*;

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
    assert!(text.contains(CLIENT) && text.contains(DISPUTE) && text.contains(TO_THE_JUDGE), "{text}");
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
    assert!(text.contains(CLIENT) && text.contains(DISPUTE) && text.contains(TO_THE_JUDGE), "{text}");
}
