//! The checklist of rights at a detention: answered, answered differently, or never asked. Not asked is no "no".

use super::case::Read;
use crate::handover::choice::given::Mark;
use crate::model::entity::Detention;
use crate::model::value::{Answer, Tri};
use crate::model::vocabulary;

/// What the law owes: "no" is a refusal.
const OWED: &[&str] =
    &["R01", "R03", "R04", "R05", "R07", "R09", "R10", "R11", "R12", "R13", "R14", "R16", "R18", "R19", "R20", "R21", "R37", "R38", "R39", "R40"];
/// What must not happen: "yes" says that it did.
const BARRED: &[&str] = &["R02", "R08", "R15", "R17", "R23", "R25", "R26", "R31", "R32", "R33", "R34", "R35"];

/// One answer with who recorded it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub answer: Answer,
    pub mark: Option<Mark>,
    pub decided: bool,
}

/// One item of the checklist; no answers means that nobody asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub code: String,
    pub answers: Vec<Answered>,
}

impl Item {
    /// Tells whether answers differ and nobody decided.
    pub fn is_contested(&self) -> bool {
        let differ = self.answers.windows(2).any(|pair| pair[0].answer.value != pair[1].answer.value);
        differ && !self.answers.iter().any(|answered| answered.decided)
    }

    /// The answers that count: the decided one, else all.
    pub fn standing(&self) -> Vec<&Answered> {
        let decided: Vec<&Answered> = self.answers.iter().filter(|answered| answered.decided).collect();
        if decided.is_empty() { self.answers.iter().collect() } else { decided }
    }

    /// Tells whether somebody answers "no" to what is owed.
    pub fn is_refused(&self) -> bool {
        OWED.contains(&self.code.as_str()) && self.standing().iter().any(|answered| answered.answer.value == Tri::No)
    }

    /// Tells whether somebody answers "yes" to what must not happen.
    pub fn is_breached(&self) -> bool {
        BARRED.contains(&self.code.as_str()) && self.standing().iter().any(|answered| answered.answer.value == Tri::Yes)
    }
}

/// Returns the whole checklist of a detention, in its order, then items that a newer version knows.
pub fn checklist(detention: &Read<Detention>) -> Vec<Item> {
    let shipped = vocabulary::shipped("right").map(|list| list.terms.iter().map(|term| term.code.clone()).collect::<Vec<_>>()).unwrap_or_default();
    let newer = detention.said.rights.keys().map(ToString::to_string).filter(|code| !shipped.contains(code)).collect::<Vec<_>>();
    shipped.iter().chain(&newer).map(|code| item(detention, code)).collect()
}

fn item(detention: &Read<Detention>, code: &str) -> Item {
    let voices = detention.record.voices.get(&format!("rights/{code}")).map(Vec::as_slice).unwrap_or_default();
    let heard = |said: &crate::handover::choice::given::Said| {
        Some(Answered { answer: serde_json::from_value(said.value.clone()).ok()?, mark: Some(said.mark), decided: said.decided })
    };
    let mut answers: Vec<Answered> = voices.iter().filter_map(heard).collect();
    if answers.is_empty() {
        let alone = detention.said.rights.iter().find(|(key, _)| key.as_str() == code);
        let mark = detention.record.entries.get(&format!("rights/{code}")).copied();
        answers.extend(alone.map(|(_, answer)| Answered { answer: answer.clone(), mark, decided: false }));
    }
    Item { code: code.to_owned(), answers }
}
