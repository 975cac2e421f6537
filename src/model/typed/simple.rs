//! Values that stand as they were typed: lines, codes, keys, hashes and terms.

use crate::model::value::{Code, Hash, Key, Line, Secret, Term};
use crate::model::vocabulary;

pub(super) fn line(text: &str) -> Option<Line> {
    text.parse().ok()
}

pub(super) fn secret(text: &str) -> Option<Secret> {
    line(text).map(Secret::Open)
}

pub(super) fn code(text: &str) -> Option<Code> {
    text.parse().ok()
}

pub(super) fn hash(text: &str) -> Option<Hash> {
    text.parse().ok()
}

pub(super) fn key(text: &str) -> Option<Key> {
    text.parse().ok()
}

/// Reads the term somebody means by its code, its words or its number in the list.
pub(super) fn term(of: &str, text: &str) -> Option<Term> {
    vocabulary::shipped(of)?.meant(text)?.code.parse().ok()
}
