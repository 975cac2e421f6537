//! The vocabulary of quick entry, parsed once, and its look-up by phrase.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::pieces::Piece;

/// Names what a token sets, or the part it plays beside other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Set {
    Sex,
    AgeBand,
    Role,
    TakenBy,
    Masked,
    Force,
    Vehicle,
    NumberMark,
    Number,
    NumberEnd,
    Ordinal,
    OrdinalEnd,
    CaseEnd,
    Joiner,
    Unit,
    Suffix,
    AgeMark,
    Ago,
    AgoWhole,
    Minus,
    Minutes,
    Now,
    HalfDay,
    PartOfDay,
    Day,
    Month,
    Qualifier,
    Filler,
    Preposition,
    Place,
    PlaceDative,
    NeverPlace,
    RuCase,
    NegationBefore,
    NegationAfter,
    Plus,
    People,
    Unknown,
    Again,
    Undo,
    Finish,
    Help,
}

/// Holds one meaning of a phrase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    pub set: Set,
    pub value: &'static str,
    /// The first word of the list the phrase stands in, its dictionary form.
    pub base: &'static str,
    pub kazakh: bool,
}

#[derive(Deserialize)]
struct Vocabulary<'a> {
    #[serde(borrow)]
    tokens: Vec<Token<'a>>,
}

#[derive(Deserialize)]
struct Token<'a> {
    sets: Set,
    value: &'a str,
    #[serde(borrow)]
    words: Words<'a>,
}

#[derive(Deserialize)]
struct Words<'a> {
    #[serde(borrow)]
    kk: Vec<&'a str>,
    #[serde(borrow)]
    ru: Vec<&'a str>,
    #[serde(borrow)]
    en: Vec<&'a str>,
}

type Phrases = HashMap<String, Vec<Meaning>>;

const TEXT: &str = include_str!("../../../schema/vocabulary/note.json");

/// The longest phrase of the vocabulary, in words.
const LONGEST: usize = 5;

static PHRASES: LazyLock<Phrases> = LazyLock::new(load);

fn load() -> Phrases {
    let vocabulary: Vocabulary<'static> = serde_json::from_str(TEXT).expect("note.json is part of the program and has its shape");
    let mut phrases = Phrases::new();
    let mut bare = Vec::new();
    for token in &vocabulary.tokens {
        for (words, kazakh) in [(&token.words.kk, true), (&token.words.ru, false), (&token.words.en, false)] {
            for word in words {
                let meaning = Meaning { set: token.sets, value: token.value, base: words[0], kazakh };
                add(&mut phrases, normal(word), meaning);
                if kazakh {
                    bare.push((without_kazakh_letters(&normal(word)), meaning));
                }
            }
        }
    }
    // A word that is typed correctly always wins over one typed with Russian letters.
    let exact: Vec<String> = bare.iter().map(|(word, _)| word.clone()).filter(|word| phrases.contains_key(word)).collect();
    for (word, meaning) in bare {
        if !exact.contains(&word) && long_enough(&word, meaning.set) {
            add(&mut phrases, word, meaning);
        }
    }
    phrases
}

fn add(phrases: &mut Phrases, word: String, meaning: Meaning) {
    let known = phrases.entry(word).or_default();
    if !known.iter().any(|m| m.set == meaning.set) {
        known.push(meaning);
    }
}

fn long_enough(word: &str, set: Set) -> bool {
    let least = if set == Set::Number { 2 } else { 3 };
    word.chars().count() >= least
}

fn without_kazakh_letters(word: &str) -> String {
    word.chars().map(russian_letter).collect()
}

/// Returns the Russian letter that is typed for a Kazakh one where the layout lacks it; any other letter as it is.
pub fn russian_letter(c: char) -> char {
    match c {
        'ә' => 'а',
        'ғ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' => 'у',
        'һ' => 'х',
        'і' => 'и',
        other => other,
    }
}

/// Brings a word to the form in which words are compared.
pub(super) fn normal(word: &str) -> String {
    let letter = |c| match c {
        'ё' => 'е',
        '–' | '—' | '−' | '‑' | '‐' => '-',
        '’' | 'ʼ' => '\'',
        other => other,
    };
    word.chars().flat_map(char::to_lowercase).map(letter).collect()
}

/// Gives the meaning of one normalised word in a set.
pub(super) fn word(word: &str, set: Set) -> Option<&'static Meaning> {
    PHRASES.get(word)?.iter().find(|m| m.set == set)
}

/// Tells whether the vocabulary has the word at all.
pub(super) fn known(word: &str) -> bool {
    PHRASES.contains_key(word)
}

/// Finds the longest phrase that starts at a piece and belongs to one of the sets.
///
/// Gives the number of pieces and the meaning. A phrase never runs across punctuation marks or
/// quoted text.
pub(super) fn phrase(pieces: &[Piece], at: usize, sets: &[Set]) -> Option<(usize, &'static Meaning)> {
    let open = pieces.get(at..)?;
    let most = open.iter().take(LONGEST).take_while(|p| p.is_word()).count();
    let mut joined = String::new();
    let mut found = None;
    for (index, piece) in open[..most].iter().enumerate() {
        if index > 0 {
            joined.push(' ');
        }
        joined.push_str(&piece.lower);
        let meanings = PHRASES.get(&joined).map_or(&[][..], Vec::as_slice);
        if let Some(meaning) = meanings.iter().find(|m| sets.contains(&m.set)) {
            found = Some((index + 1, meaning));
        }
    }
    found
}

/// Tells how many pieces a phrase of one set takes at a position, zero for none.
pub(super) fn length(pieces: &[Piece], at: usize, set: Set) -> usize {
    phrase(pieces, at, &[set]).map_or(0, |(used, _)| used)
}
