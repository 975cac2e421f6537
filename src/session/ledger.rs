//! What the ledger of hand-overs keeps: whom and what a bundle was about as far as it went, and on which grounds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::handover::choice::consent::Basis;
use crate::handover::choice::redact::Redacted;
use crate::model::Kind;
use crate::model::shape::Shape;
use crate::model::tree::field;
use crate::vault::Line;

/// Returns the people whose records went on some ground, and what was asked for and went, as far as the ledger names records of its kind.
/// Nobody else: who is told about a withdrawal would hear of the others for the first time. `given` gives the id by which a record goes.
pub(super) fn about(redacted: &Redacted, asked: &[Line], given: &dyn Fn(&str) -> String) -> Vec<String> {
    let went = |id: &str| redacted.given.record(&given(id)).is_some();
    let people = redacted.grounds.iter().filter(|(id, basis)| !matches!(basis, Basis::None { .. }) && went(id)).map(|(id, _)| id);
    let named = asked.iter().filter(|line| is_named(&line.kind) && went(&line.id)).map(|line| &line.id);
    people.chain(named).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Tells whether the ledger names records of a kind.
fn is_named(kind: &str) -> bool {
    let subject = field(Kind::Handover.fields(), "about").map(|about| about.shape);
    let Some(Shape::Many(subject)) = subject else { return false };
    field(subject, "record").is_some_and(|record| record.of.split(' ').any(|named| named == kind))
}

/// Writes down the grounds on which it goes: the weakest of all people concerned, and each where they differ.
pub(super) fn stands_on(redacted: &Redacted, about: &[String], draft: &mut Value) {
    let of_those = redacted.grounds.iter().filter(|(id, _)| about.contains(id)).map(|(_, basis)| basis).chain(&redacted.nobodys);
    let mut grounds: BTreeMap<(u8, String), &Basis> = of_those.map(|basis| ((strength(basis), ground(basis).to_string()), basis)).collect();
    grounds.retain(|_, basis| !matches!(basis, Basis::None { .. }));
    let Some(weakest) = grounds.values().next() else { return };
    lay(draft, weakest);
    if grounds.len() > 1 {
        draft["grounds"] = grounds.values().map(|basis| ground(basis)).collect();
    }
}

/// The weakest first.
fn strength(basis: &Basis) -> u8 {
    match basis {
        Basis::Oral { .. } => 0,
        Basis::VitalInterest { .. } => 1,
        Basis::Consent { .. } => 2,
        Basis::Mandate { .. } => 3,
        Basis::None { .. } => 4,
    }
}

fn lay(draft: &mut Value, basis: &Basis) {
    draft["basis"] = ground(basis)["basis"].clone();
    match basis {
        Basis::Oral { reason, due } => {
            draft["reason"] = reason.clone().into();
            draft["paper_due"] = json!({ "date": due });
        }
        Basis::VitalInterest { purpose } | Basis::Consent { purpose } => draft["purposes"] = json!([purpose]),
        Basis::Mandate { record } => draft["mandate"] = record.clone().into(),
        Basis::None { .. } => {}
    }
}

/// One of several grounds.
fn ground(basis: &Basis) -> Value {
    match basis {
        Basis::Oral { .. } => json!({ "basis": "reason" }),
        Basis::VitalInterest { purpose } => json!({ "basis": "vital_interest", "purpose": purpose }),
        Basis::Consent { purpose } => json!({ "basis": "consent", "purpose": purpose }),
        Basis::Mandate { record } => json!({ "basis": "mandate", "mandate": record }),
        Basis::None { .. } => Value::Null,
    }
}
