//! A monitor leaves: the device seals itself, and its prompt says what becomes of what is typed.

use std::path::Path;

use sandyq::model::Kind;

use super::sitting::{Reply, SPEAKERS, Sitting, Speaker};
use crate::stories::stick::{Team, badge, exported};
use crate::stories::support::Program;

fn english() -> &'static Speaker {
    SPEAKERS.iter().find(|speaker| speaker.lang == "en").expect("English is spoken")
}

/// One run of `note`: Enter to each question, then a line, then the end. Returns all that stood on the screen.
fn noted(vault: &Path, passphrase: &str, incident: &str, prompt: &str, line: &str) -> String {
    let mut sitting = Sitting::start(english(), vault, &["--passphrase-file", passphrase, "note"]);
    let none = sitting.text("note-no-incident", &[]);
    let mut shown = sitting.see(&sitting.text("note-ask-incident", &[("known", &none)]));
    sitting.type_line(incident);
    if !incident.is_empty() {
        sitting.answer_text("note-ask-kind", "");
    }
    sitting.answer("Where do you stand", "");
    sitting.answer("Who takes people", "");
    shown += &sitting.see(&format!("\n{prompt} "));
    sitting.type_line(line);
    shown += &sitting.see("only here");
    sitting.answer(&format!("\n{prompt} "), ".");
    shown + &sitting.end()
}

fn mode(program: &Program) -> String {
    program.json(&[], "")["mode"].as_str().expect("text").to_owned()
}

#[test]
fn device_seals_itself_when_quick_entry_at_a_terminal_ends_and_shows_nothing_of_the_evening_later() {
    let team = Team::new();
    let (vault, passphrase) = (team.two.vault(), team.two.arg("passphrase"));
    team.two.ok(&["seal", "--on-leaving"], "");
    team.two.ok(&["note"], "Noted By A Script, f\n");
    assert_eq!(mode(&team.two), "open", "nobody leaves a script");
    let shown = noted(&vault, &passphrase, "", ">", "dana omarova, f");
    assert!(shown.contains("SEALED itself"), "{shown}");
    assert_eq!(mode(&team.two), "sealed");
    let secret = "rally at the old square";
    let shown = noted(&vault, &passphrase, secret, "sealed>", "marat sample, m");
    assert!(!shown.contains("SEALED itself"), "it is sealed already: {shown}");
    let shown = noted(&vault, &passphrase, "", "sealed>", "/ grey coat, m");
    assert!(!shown.contains("rally"), "the incident of the last run is with the colleagues alone: {shown}");
    let (line, words) = badge(&team.two);
    let keys = team.two.arg("keys.pack");
    let stick = team.one.path("stick");
    std::fs::create_dir(&stick).expect("a folder");
    team.one.ok(&["reopen", &line, "--words", &words, "--out", &keys], "");
    team.two.ok(&["unseal", &keys], "");
    team.meet(&stick);
    let all = exported(&team.one).concat();
    assert!(["dana omarova", "marat sample", secret].iter().all(|text| all.contains(text)), "{all}");
}

#[test]
fn questions_on_a_device_that_opens_nothing_are_answered_first_and_saved_whole() {
    let team = Team::new();
    let pack = team.one.arg("TEAM.json");
    team.one.ok(&["team-pack", "--out", &pack], "");
    let phone = Program::without_vault();
    phone.ok(&["init", "--label", "M-CAP", "--capture", &pack], "");
    let phone = phone.cheap();
    let shown = noted(&phone.vault(), &phone.arg("passphrase"), "", "capture>", "marat sample, m");
    assert!(!shown.contains("SEALED"), "{shown}");
    let mut sitting = Sitting::start(english(), &phone.vault(), &["--passphrase-file", &phone.arg("passphrase"), "add", "place"]);
    sitting.card(Kind::Place.code(), Kind::Place.fields(), &[("category", Reply::Typed("1")), ("name_en", Reply::Typed("the old square"))]);
    let said = sitting.end();
    assert!(said.contains("saved"), "{said}");
    let stick = team.one.path("stick");
    std::fs::create_dir(&stick).expect("a folder");
    for program in [&phone, &team.one] {
        program.ok(&["sync", stick.to_str().expect("text")], "");
    }
    assert!(exported(&team.one).concat().contains("the old square"));
}
