//! A ready place by any of its names, or the words used for a place.

use crate::model::value::PlaceRef;

use super::words::{named, words};

/// Reads a place; words that name no ready place stay words.
pub(super) fn place(text: &str) -> Option<PlaceRef> {
    let known = words(text).and_then(|typed| named("place", &typed)).and_then(|term| term.code.parse().ok());
    match known {
        Some(code) => Some(PlaceRef { known: Some(code), ..PlaceRef::default() }),
        None => text.parse().ok().map(PlaceRef::words),
    }
}
