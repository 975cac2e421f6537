//! Reads what a person types at a line-by-line question, in Kazakh, Russian or English, into the value that is stored.
//!
//! The language of the interface plays no part: all three are read at once, with number words wherever a number may
//! stand, because the standard Kazakh layout has no digits. A line is read as a whole or not at all; nothing of it is
//! dropped and nothing is guessed, so `None` means that the question is asked again. No value says more than the line.

mod age;
mod amount;
mod answer;
mod count;
mod length;
mod money;
mod place;
mod provision;
mod range;
mod simple;
mod when;
mod words;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::shape::Leaf;
use super::value::is_plain;

/// The present on the wall of the person who types: year, month and day, hour and minute, minutes east of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub date: (i16, u8, u8),
    pub time: (u8, u8),
    pub offset_min: i16,
}

/// Reads a typed line as the value of a leaf; `of` names the vocabulary of a term. `None` when it is not understood.
///
/// A reference comes back as typed: only the caller knows the records it may mean.
pub fn read(leaf: Leaf, of: &str, text: &str, now: &Now) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() || !text.chars().all(is_plain) {
        return None;
    }
    match leaf {
        Leaf::Line | Leaf::Ref => stored(simple::line(text)),
        Leaf::Secret => stored(simple::secret(text)),
        Leaf::Code => stored(simple::code(text)),
        Leaf::Hash => stored(simple::hash(text)),
        Leaf::Entry => stored(simple::key(text)),
        Leaf::Term => stored(simple::term(of, text)),
        Leaf::Flag => stored(answer::flag(text)),
        Leaf::Number => stored(amount::whole(&words::words(text)?)),
        Leaf::Decimal => stored(amount::decimal(&words::words(text)?)),
        Leaf::Answer => stored(answer::answer(text)),
        Leaf::When => stored(when::when(text, now)),
        Leaf::Count => stored(count::count(text)),
        Leaf::Age => stored(age::age(text, now)),
        Leaf::Place => stored(place::place(text)),
        Leaf::Provision => stored(provision::provision(text)),
        Leaf::Money => stored(money::money(text)),
        Leaf::Length => stored(length::length(text)),
    }
}

/// Gives the stored form of a value that every rule of its type accepts.
fn stored<T: Serialize + DeserializeOwned>(value: Option<T>) -> Option<Value> {
    let stored = serde_json::to_value(value?).ok()?;
    T::deserialize(&stored).ok().map(|_| stored)
}
