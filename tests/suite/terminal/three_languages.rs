//! A first evening with the program in Kazakh, Russian and English, typed on the layouts that monitors have.

use std::path::Path;

use sandyq::crypto::Passphrase;
use sandyq::model::entity::{ConsentStatement, Hearing, Transition, Trial};
use sandyq::model::shape::Shaped;
use sandyq::model::{Kind, Tree};
use sandyq::session::{Session, short};
use sandyq::sys::chance::SystemChance;
use sandyq::sys::clock::{FixedClock, Wall};
use serde_json::Value;

use super::sitting::{Reply, SPEAKERS, Sitting, Speaker};
use crate::note_grammar::lines::PARALLEL;

/// What each person types, in the order of [`SPEAKERS`].
struct Typed {
    passphrase: &'static str,
    names: [&'static str; 9],
    place: &'static str,
    of_age: &'static str,
    relative_says: &'static str,
    lawyer_says: &'static str,
    court: &'static str,
    hearing_began: &'static str,
    refused: &'static str,
    first: &'static str,
    reason: &'static str,
}

const TYPED: [Typed; 3] = [
    Typed {
        passphrase: "алма ағаш көпір өзен дала бұлт",
        names: ["Айгерім Үлгі", "Бауыржан Үлгі", "Гүлнар Үлгі", "Данияр Үлгі", "Ерлан Үлгі", "Жанар Үлгі", "Зарина Үлгі", "Ильяс Үлгі", "Қанат Үлгі"],
        place: "Алматы",
        of_age: "алпыс екі",
        relative_says: "бүгін жиырма үш қырық",
        lawyer_says: "бүгін жиырма үш он",
        court: "Үлгі аудандық соты",
        hearing_began: "бүгін он төрт отыз",
        refused: "жоқ, орын жетпеді",
        first: "бір",
        reason: "адвокаттың өзі көрді",
    },
    Typed {
        passphrase: "яблоко дерево мост река степь облако",
        names: [
            "Айгерим Пример",
            "Бауыржан Пример",
            "Гульнар Пример",
            "Данияр Пример",
            "Ерлан Пример",
            "Жанар Пример",
            "Зарина Пример",
            "Ильяс Пример",
            "Канат Пример",
        ],
        place: "Алматы",
        of_age: "62",
        relative_says: "сегодня 23:40",
        lawyer_says: "сегодня 23:10",
        court: "Примерный районный суд",
        hearing_began: "сегодня 14:30",
        refused: "нет, мест не хватило",
        first: "1",
        reason: "адвокат видел сам",
    },
    Typed {
        passphrase: "apple tree bridge river steppe cloud",
        names: [
            "Aigerim Sample",
            "Bauyrzhan Sample",
            "Gulnar Sample",
            "Daniyar Sample",
            "Yerlan Sample",
            "Zhanar Sample",
            "Zarina Sample",
            "Ilyas Sample",
            "Kanat Sample",
        ],
        place: "Almaty",
        of_age: "62",
        relative_says: "today 23:40",
        lawyer_says: "today 23:10",
        court: "Sample District Court",
        hearing_began: "today 14:30",
        refused: "no, no seats were left",
        first: "1",
        reason: "the lawyer saw it himself",
    },
];

#[test]
fn a_first_evening_is_typed_in_three_languages_and_gives_equal_records() {
    let mut evenings = Vec::new();
    for (number, (speaker, typed)) in SPEAKERS.iter().zip(&TYPED).enumerate() {
        let folder = tempfile::tempdir().unwrap();
        evenings.push(evening(speaker, typed, 2 - number, &folder.path().join("vault")));
    }
    assert_eq!(evenings[0], evenings[1], "Kazakh and Russian");
    assert_eq!(evenings[1], evenings[2], "Russian and English");
}

/// Everything a monitor does on the first evening; returns the records without what is worded differently.
fn evening(speaker: &Speaker, typed: &Typed, lines: usize, vault: &Path) -> Vec<Tree> {
    begin(speaker, typed, vault);
    note_twelve(speaker, typed, lines, vault);
    let person = code(vault, typed, Kind::Person, 0);
    correct(speaker, typed, vault, &person);
    step(speaker, typed, vault, &person, "released", "relative", typed.relative_says);
    step(speaker, typed, vault, &person, "remand", "lawyer", typed.lawyer_says);
    assert!(opened(vault, typed).conflicts(false).unwrap().len() == 1, "the release and the remand stand as contested");
    decide(speaker, typed, vault);
    consent(speaker, typed, vault, &person);
    trial(speaker, typed, vault);
    hearing(speaker, typed, vault);
    facts(vault, typed)
}

/// One program, a language, a passphrase.
fn begin(speaker: &Speaker, typed: &Typed, vault: &Path) {
    let mut sitting = Sitting::start(speaker, vault, &[]);
    sitting.see("English: en >");
    let own_name = match speaker.lang {
        "kk" => "қазақша",
        "ru" => "русский",
        _ => "en",
    };
    sitting.type_line(own_name);
    sitting.answer_text("ask-new-passphrase", typed.passphrase);
    sitting.answer_text("ask-passphrase-again", typed.passphrase);
    let said = sitting.end();
    assert!(said.contains("sandyq note"), "it says what to do next: {said}");
    // From here on each of many openings may be quick: the work factor of the program was met above.
    let cheap = opened(vault, typed).vault_mut().change_passphrase(&Passphrase::new(typed.passphrase.into()), 10);
    cheap.unwrap();
}

fn unlocked<'a>(speaker: &'a Speaker, typed: &Typed, vault: &Path, arguments: &[&str]) -> Sitting<'a> {
    let mut sitting = Sitting::start(speaker, vault, arguments);
    sitting.answer_text("ask-passphrase", typed.passphrase);
    sitting
}

/// Nine names and three people who are only described, each line answered before the next.
fn note_twelve(speaker: &Speaker, typed: &Typed, lines: usize, vault: &Path) {
    let mut sitting = unlocked(speaker, typed, vault, &["note"]);
    let none = sitting.text("note-no-incident", &[]);
    let question = sitting.text("note-ask-incident", &[("known", &none)]);
    sitting.answer(&question, typed.place);
    sitting.answer_text("note-ask-kind", "");
    let question = sitting.text("note-ask-spot", &[("known", "–")]);
    sitting.answer(&question, typed.place);
    let question = sitting.text("note-ask-taken-by", &[("known", "–")]);
    sitting.answer(&question, "");
    for (number, parallel) in PARALLEL.iter().enumerate() {
        let name = typed.names.get(number).map(|name| format!("{name}; ")).unwrap_or_default();
        sitting.answer(">", &format!("{name}{}", parallel[lines]));
        let saved = sitting.text("note-saved", &[("today", &(number + 1).to_string()), ("only", &(2 * number + 3).to_string())]);
        sitting.see(&saved);
    }
    sitting.answer(">", ".");
    sitting.end();
}

/// Corrects the age of somebody.
fn correct(speaker: &Speaker, typed: &Typed, vault: &Path, person: &str) {
    let mut sitting = unlocked(speaker, typed, vault, &["edit", person]);
    let field = sitting.word("fields", "person.age");
    sitting.answer_text("ask-which-field", &field);
    sitting.answer_text("ask-new-value", typed.of_age);
    sitting.answer_text("ask-which-field", "");
    sitting.end();
}

fn step(speaker: &Speaker, typed: &Typed, vault: &Path, person: &str, status: &str, told_by: &str, when: &str) {
    let mut sitting = unlocked(speaker, typed, vault, &["step", person]);
    let (status, told_by) = (sitting.word("status", status), sitting.word("told_by", told_by));
    let replies = [("status", Reply::Typed(&status)), ("effective", Reply::Typed(when)), ("told_by", Reply::Typed(&told_by))];
    sitting.card(Transition::NAME, Transition::FIELDS, &replies);
    sitting.end();
}

fn decide(speaker: &Speaker, typed: &Typed, vault: &Path) {
    let detention = code(vault, typed, Kind::Detention, 0);
    let mut sitting = unlocked(speaker, typed, vault, &["decide", &detention]);
    sitting.answer_text("ask-which-voice", typed.first);
    sitting.answer_text("ask-reason", typed.reason);
    sitting.end();
    assert!(opened(vault, typed).conflicts(false).unwrap().is_empty(), "one voice stands");
}

fn consent(speaker: &Speaker, typed: &Typed, vault: &Path, person: &str) {
    let mut sitting = unlocked(speaker, typed, vault, &["consent", person, "give"]);
    let (given_by, yes, no) = (sitting.word("consent_given_by", "self"), sitting.word("answer", "yes"), sitting.word("answer", "no"));
    let purposes = [("keep_in_database", yes.as_str()), ("publish_name", no.as_str())];
    let replies = [("given_by", Reply::Typed(&given_by)), ("purposes", Reply::Checks(&purposes))];
    sitting.card_without("withdrawn", ConsentStatement::NAME, ConsentStatement::FIELDS, &replies);
    sitting.end();
}

fn trial(speaker: &Speaker, typed: &Typed, vault: &Path) {
    let mut sitting = unlocked(speaker, typed, vault, &["add", "trial"]);
    let kind = sitting.word("proceeding_kind", "administrative_offence");
    let replies = [("category", Reply::Typed(&kind)), ("title", Reply::Typed(typed.court)), ("court", Reply::Typed(typed.court))];
    sitting.card(Trial::NAME, Trial::FIELDS, &replies);
    sitting.end();
}

/// The hearing card: times, openness, the general items and those of one accused.
fn hearing(speaker: &Speaker, typed: &Typed, vault: &Path) {
    let mut sitting = unlocked(speaker, typed, vault, &["add", "hearing"]);
    sitting.answer_text("ask-which-trial", typed.court);
    let (open, present, yes) = (sitting.word("openness", "open"), sitting.word("observation_basis", "present_in_room"), sitting.word("answer", "yes"));
    let unclear = sitting.word("answer", "unclear");
    let general = [("H02", yes.as_str()), ("H04", typed.refused), ("H09", unclear.as_str())];
    let accused = [("H17", yes.as_str()), ("H42", yes.as_str())];
    let card = [("label", Reply::Typed(typed.names[0])), ("checks", Reply::Checks(&accused))];
    let observation =
        [("observer", Reply::Typed(typed.names[8])), ("basis", Reply::Typed(&present)), ("checks", Reply::Checks(&general)), ("accused", Reply::Entry(&card))];
    let replies = [("starts", Reply::Typed(typed.hearing_began)), ("openness", Reply::Typed(&open)), ("observations", Reply::Entry(&observation))];
    sitting.card(Hearing::NAME, Hearing::FIELDS, &replies);
    sitting.end();
}

fn opened(vault: &Path, typed: &Typed) -> Session {
    let clock = FixedClock(Wall::parse("2026-05-10T23:50:00+05:00").unwrap());
    Session::open(vault, &Passphrase::new(typed.passphrase.into()), None, Box::new(clock), Box::new(SystemChance)).unwrap()
}

fn code(vault: &Path, typed: &Typed, kind: Kind, number: usize) -> String {
    let line = opened(vault, typed).list(Some(kind)).unwrap().remove(number);
    short(&line.kind, &line.id)
}

/// Every record without ids, keys and the words that each language has of its own.
fn facts(vault: &Path, typed: &Typed) -> Vec<Tree> {
    let bodies = opened(vault, typed).bodies(None).unwrap();
    bodies.into_iter().map(|(_, body)| blank_map(&body.tree)).collect()
}

fn blank_map(tree: &Tree) -> Tree {
    let worded = ["text", "script", "title", "court", "note", "reason", "label", "observer", "by", "chosen", "over", "vehicle"];
    let keyed = |key: &str| key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit());
    let mut blanked = Tree::new();
    let mut entries: Vec<Value> = Vec::new();
    for (name, value) in tree {
        match (keyed(name), worded.contains(&name.as_str())) {
            (true, _) => entries.push(blank(value)),
            (false, true) => drop(blanked.insert(name.clone(), "…".into())),
            (false, false) => drop(blanked.insert(name.clone(), blank(value))),
        }
    }
    entries.sort_by_key(Value::to_string);
    blanked.extend(entries.into_iter().enumerate().map(|(number, entry)| (format!("entry {number}"), entry)));
    blanked
}

fn blank(value: &Value) -> Value {
    match value {
        Value::Object(inner) => Value::Object(blank_map(inner)),
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => "a record".into(),
        other => other.clone(),
    }
}
