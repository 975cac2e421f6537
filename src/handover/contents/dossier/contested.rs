//! Values on which voices disagree: every voice, and whether somebody decided.

use crate::handover::choice::given::{GivenRecord, Said};

/// One contested value.
pub struct Contested<'a> {
    pub record: &'a GivenRecord,
    pub path: &'a str,
    pub voices: &'a [Said],
}

impl Contested<'_> {
    /// Tells whether somebody decided which voice stands.
    pub fn is_decided(&self) -> bool {
        self.voices.iter().any(|said| said.decided)
    }
}

/// Returns the contested values of records, open ones first.
pub fn contested<'a>(records: impl Iterator<Item = &'a GivenRecord>) -> Vec<Contested<'a>> {
    let of = |record: &'a GivenRecord| record.voices.iter().map(move |(path, voices)| Contested { record, path, voices });
    let mut found: Vec<Contested> = records.flat_map(of).collect();
    found.sort_by_key(Contested::is_decided);
    found
}
