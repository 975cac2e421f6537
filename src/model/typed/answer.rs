//! Yes, no, unclear and not applicable, with what was said beside it.

use crate::model::value::{Answer, Line, Tri};
use crate::model::vocabulary;

/// Reads yes or no; the other answers are no flag.
pub(super) fn flag(text: &str) -> Option<bool> {
    match tri(text)? {
        Tri::Yes => Some(true),
        Tri::No => Some(false),
        _ => None,
    }
}

/// Reads an answer; what follows a comma, a semicolon or a dash is its note.
pub(super) fn answer(text: &str) -> Option<Answer> {
    if let Some(value) = tri(text) {
        return Some(bare(value, None));
    }
    marks(text).find_map(|(head, rest)| noted(head, rest))
}

fn noted(head: &str, rest: &str) -> Option<Answer> {
    let chosen = head.starts_with(char::is_alphabetic);
    let value = tri(head).filter(|_| chosen)?;
    if rest.is_empty() {
        return Some(bare(value, None));
    }
    rest.parse().ok().map(|note| bare(value, Some(note)))
}

fn bare(value: Tri, note: Option<Line>) -> Answer {
    Answer { value, basis: None, at: None, note }
}

fn tri(text: &str) -> Option<Tri> {
    let meant = |words: &str| vocabulary::shipped("answer")?.meant(words);
    let found = meant(text).or_else(|| meant(text.trim().trim_end_matches(['.', '!'])))?;
    match found.code.as_str() {
        "yes" => Some(Tri::Yes),
        "no" => Some(Tri::No),
        "unclear" => Some(Tri::Unclear),
        "not_applicable" => Some(Tri::NotApplicable),
        _ => None,
    }
}

/// Gives what stands before and after each mark that may end an answer, from the left.
fn marks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = |at: usize, mark: char| {
        let before = text[..at].chars().next_back().is_none_or(char::is_whitespace);
        let after = text[at + mark.len_utf8()..].chars().next().is_none_or(char::is_whitespace);
        match mark {
            ',' | ';' | '—' | '–' => true,
            '-' => before || after,
            '.' | ':' => after,
            _ => false,
        }
    };
    let found = text.char_indices().filter(move |(at, mark)| ends(*at, *mark));
    found.map(|(at, mark)| (text[..at].trim(), text[at + mark.len_utf8()..].trim()))
}
