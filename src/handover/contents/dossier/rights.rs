//! The checklist of rights at a detention: answered, answered differently, or never asked. Not asked is no "no".

use super::case::Read;
use super::voices::{self, Heard};
use crate::model::entity::Detention;
use crate::model::value::{Answer, Tri};
use crate::model::vocabulary;

/// What the law owes: "no" is a refusal.
const OWED: &[&str] =
    &["R01", "R03", "R04", "R05", "R07", "R09", "R10", "R11", "R12", "R13", "R14", "R16", "R18", "R19", "R20", "R21", "R37", "R38", "R39", "R40"];
/// What must not happen: "yes" says that it did.
const BARRED: &[&str] = &["R02", "R08", "R15", "R17", "R23", "R25", "R26", "R31", "R32", "R33", "R34", "R35"];

/// One item of the checklist; no answers means that nobody asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub code: String,
    pub heard: Heard<Answer>,
}

impl Item {
    /// Tells whether somebody answered.
    pub fn is_asked(&self) -> bool {
        !self.heard.told.is_empty()
    }

    /// Tells whether somebody answers "no" to what is owed.
    pub fn is_refused(&self) -> bool {
        OWED.contains(&self.code.as_str()) && self.heard.standing().iter().any(|told| told.value.value == Tri::No)
    }

    /// Tells whether somebody answers "yes" to what must not happen.
    pub fn is_breached(&self) -> bool {
        BARRED.contains(&self.code.as_str()) && self.heard.standing().iter().any(|told| told.value.value == Tri::Yes)
    }
}

/// Returns the whole checklist of a detention, in its order, then items that a newer version knows.
pub fn checklist(detention: &Read<Detention>) -> Vec<Item> {
    let shipped = vocabulary::shipped("right").map(|list| list.terms.iter().map(|term| term.code.clone()).collect::<Vec<_>>()).unwrap_or_default();
    let newer = detention.said.rights.keys().map(ToString::to_string).filter(|code| !shipped.contains(code)).collect::<Vec<_>>();
    shipped.iter().chain(&newer).map(|code| item(detention, code)).collect()
}

fn item(detention: &Read<Detention>, code: &str) -> Item {
    Item { code: code.to_owned(), heard: voices::read(detention.record, &format!("rights/{code}")) }
}
