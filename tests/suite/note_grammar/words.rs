//! The vocabulary of quick entry as data.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Words with two meanings, each with the rule of position that tells them apart.
const TOLD_APART_BY_POSITION: [(&str, &str); 3] = [
    ("жас", "years of age directly after a number, the age band elsewhere"),
    ("no", "a number mark between a vehicle and its number, a denial elsewhere"),
    ("help", "a command as a whole line, an ordinary word elsewhere"),
];

/// Sets whose words are endings written to a digit and never stand alone.
const ENDINGS: [&str; 3] = ["suffix", "ordinal_end", "case_end"];

/// Sets that hold values of what was seen.
const SEEN: [(&str, &[&str]); 7] = [
    ("sex", &["male", "female"]),
    ("age_band", &["under_14", "14_17", "18_29", "30_59", "60_plus"]),
    (
        "role",
        &[
            "participant",
            "organiser",
            "journalist",
            "blogger",
            "observer",
            "hrd",
            "lawyer",
            "trade_unionist",
            "passer_by",
            "parent_with_child",
            "child",
            "elderly",
            "religious",
            "official",
        ],
    ),
    (
        "taken_by",
        &["police_uniform", "police_plain_clothes", "special_unit", "national_security", "national_guard", "akimat_staff", "civilians", "private_guards"],
    ),
    ("masked", &["yes"]),
    ("force", &["none_seen", "pushed", "dragged", "lifted", "handcuffed", "beaten", "kicked", "strangled", "stun", "gas", "other"]),
    ("vehicle", &["bus", "van", "car", "paddy_wagon"]),
];

struct Token {
    sets: String,
    value: String,
    words: BTreeMap<String, Vec<String>>,
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn tokens() -> Vec<Token> {
    let file: Value = serde_json::from_str(include_str!("../../../schema/vocabulary/note.json")).expect("JSON");
    let token = |token: &Value| Token {
        sets: text(&token["sets"]),
        value: text(&token["value"]),
        words: serde_json::from_value(token["words"].clone()).expect("words"),
    };
    file["tokens"].as_array().expect("tokens").iter().map(token).collect()
}

fn folded(word: &str) -> String {
    word.replace('ё', "е")
}

/// Writes a Kazakh word with Russian letters.
fn in_russian_letters(word: &str) -> String {
    let pairs = [('ә', 'а'), ('ғ', 'г'), ('қ', 'к'), ('ң', 'н'), ('ө', 'о'), ('ұ', 'у'), ('ү', 'у'), ('һ', 'х'), ('і', 'и')];
    word.chars().map(|c| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to)).collect()
}

fn meanings() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut meanings = BTreeMap::<_, BTreeSet<_>>::new();
    for token in tokens().into_iter().filter(|token| !ENDINGS.contains(&token.sets.as_str())) {
        for word in token.words.values().flatten() {
            meanings.entry(folded(word)).or_default().insert((token.sets.clone(), token.value.clone()));
        }
    }
    meanings
}

#[test]
fn no_word_has_two_meanings_but_those_told_apart_by_position() {
    let ambiguous: BTreeSet<String> = meanings().into_iter().filter(|(_, found)| found.len() > 1).map(|(word, _)| word).collect();
    let explained: BTreeSet<String> = TOLD_APART_BY_POSITION.map(|(word, _)| word.to_owned()).into();
    assert_eq!(ambiguous, explained);
}

#[test]
fn no_kazakh_word_in_russian_letters_is_another_word() {
    let meanings = meanings();
    for token in tokens().into_iter().filter(|token| !ENDINGS.contains(&token.sets.as_str())) {
        for word in &token.words["kk"] {
            let own = (token.sets.clone(), token.value.clone());
            let other = meanings.get(&in_russian_letters(&folded(word)));
            assert!(other.is_none_or(|found| found.contains(&own)), "{word} is also {other:?}");
        }
    }
}

#[test]
fn words_are_lower_case_and_single_spaced() {
    for word in tokens().iter().flat_map(|token| token.words.values().flatten()) {
        let neat = word.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        assert!(*word == neat && !word.is_empty() && word.split(' ').count() <= 5, "{word:?}");
    }
}

#[test]
fn every_value_has_a_form_in_letters_only_in_each_language() {
    let tokens = tokens();
    for (set, values) in SEEN {
        for value in values {
            for language in ["kk", "ru", "en"] {
                let same = tokens.iter().filter(|token| token.sets == set && token.value == *value);
                let mut words = same.flat_map(|token| &token.words[language]);
                let letters = words.any(|word| word.chars().all(|c| c.is_alphabetic() || c == ' '));
                assert!(letters, "{set} {value} in {language}");
            }
        }
    }
}

#[test]
fn every_value_of_what_was_seen_is_in_the_table() {
    for token in tokens() {
        if let Some((_, values)) = SEEN.iter().find(|(set, _)| *set == token.sets) {
            assert!(values.contains(&token.value.as_str()), "{} {}", token.sets, token.value);
        }
    }
}

#[test]
fn every_word_of_what_was_seen_is_a_token_by_itself() {
    for token in tokens() {
        if !SEEN.iter().any(|(set, _)| *set == token.sets) {
            continue;
        }
        for word in token.words.values().flatten() {
            let seen = super::lines::person(&format!("{word};"));
            assert_eq!((seen.name, seen.note), (None, None), "{word}");
        }
    }
}
