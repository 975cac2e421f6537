//! Words of a typed line and their comparison: case, `ё`, dashes and Kazakh letters typed as Russian ones play no part.

use std::iter::once;

use crate::model::note::russian_letter;
use crate::model::vocabulary::{self, Entry};

/// The largest number of words in a line that is read as a value.
const MOST: usize = 40;

/// Splits a line into words in lower case without the dot after them; `None` for no word or too many.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let words: Vec<String> = text.split_whitespace().map(lower).filter(|word| !word.is_empty()).collect();
    (1..=MOST).contains(&words.len()).then_some(words)
}

fn lower(word: &str) -> String {
    let lower: String = word.chars().flat_map(char::to_lowercase).map(plain).collect();
    lower.trim_end_matches(['.', '!']).to_owned()
}

fn plain(c: char) -> char {
    match c {
        'ё' => 'е',
        '–' | '—' | '−' | '‑' | '‐' => '-',
        other => other,
    }
}

/// Tells whether two words are the same but for Kazakh letters typed as Russian ones.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.chars().map(russian).eq(b.chars().map(russian))
}

fn russian(c: char) -> char {
    russian_letter(plain(c))
}

/// Tells whether the words are exactly this phrase.
pub(super) fn is(words: &[String], phrase: &str) -> bool {
    let mut own = phrase.split(' ');
    words.iter().all(|word| own.next().is_some_and(|own| same(word, own))) && own.next().is_none()
}

/// Tells whether a word is one of several.
pub(super) fn any(word: &str, of: &[&str]) -> bool {
    of.iter().any(|own| same(word, own))
}

/// Gives the number of words in a phrase.
fn size(phrase: &str) -> usize {
    phrase.split(' ').count()
}

/// Takes the longest of some phrases from the front; gives its place in the list and the words after it.
pub(super) fn front<'a>(words: &'a [String], phrases: &[&str]) -> Option<(usize, &'a [String])> {
    let stands = |phrase: &str| words.get(..size(phrase)).is_some_and(|first| is(first, phrase));
    let found = phrases.iter().enumerate().filter(|(_, phrase)| stands(phrase)).max_by_key(|(_, phrase)| size(phrase))?;
    Some((found.0, &words[size(found.1)..]))
}

/// Takes the longest of some phrases from the end; gives its place in the list and the words before it.
pub(super) fn back<'a>(words: &'a [String], phrases: &[&str]) -> Option<(usize, &'a [String])> {
    let start = |phrase: &str| words.len().checked_sub(size(phrase));
    let stands = |phrase: &str| start(phrase).is_some_and(|start| is(&words[start..], phrase));
    let found = phrases.iter().enumerate().filter(|(_, phrase)| stands(phrase)).max_by_key(|(_, phrase)| size(phrase))?;
    Some((found.0, &words[..start(found.1)?]))
}

/// Splits words at every place where one of some words stands, and gives what is before and after it.
pub(super) fn splits<'a>(words: &'a [String], at: &'a [&str]) -> impl Iterator<Item = (&'a [String], &'a [String])> {
    let places = words.iter().enumerate().filter(|(_, word)| any(word, at));
    places.map(|(index, _)| (&words[..index], &words[index + 1..])).filter(|(a, b)| !a.is_empty() && !b.is_empty())
}

/// Gives the only value of an iterator, none when there are several.
pub(super) fn only<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

/// Gives every name of a vocabulary term, its code first.
pub(super) fn names(term: &Entry) -> impl Iterator<Item = &str> {
    let four = [&term.code, &term.en, &term.ru, &term.kk].into_iter();
    four.chain(&term.also).map(String::as_str)
}

/// Finds the only term of a vocabulary that has exactly this name.
pub(super) fn named(vocabulary: &str, typed: &[String]) -> Option<&'static Entry> {
    let called = |term: &&Entry| names(term).any(|name| words(name).is_some_and(|name| alike(&name, typed)));
    let mut found = vocabulary::shipped(vocabulary)?.terms.iter().filter(called);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Tells whether two lists hold the same words.
pub(super) fn alike(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

/// Sets letters apart from digits that are written to them, as in `20МРП` or `$500`.
pub(super) fn apart(text: &str) -> String {
    let mut before = None;
    let spaced = text.chars().flat_map(|c| {
        let joint = before.replace(c).is_some_and(|b: char| is_sign(b) && c.is_ascii_digit() || b.is_ascii_digit() && is_sign(c));
        joint.then_some(' ').into_iter().chain(once(c))
    });
    spaced.collect()
}

fn is_sign(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '$' | '€' | '₸' | '%' | '~' | '>' | '≥' | '=')
}
