//! What a recipient will see and what not, before anything is sealed.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::context::Context;
use super::super::terminal::{clean, data};
use crate::error::Error;
use crate::handover::choice::consent::Basis;
use crate::handover::choice::preview::{PersonSeen, Preview};
use crate::handover::choice::withheld::{Change, Part, Reason};
use crate::locale::Texts;
use crate::session::{Prepared, Session, short};
use crate::words::{labels, term};

/// Prints it: to a person in words, to a script as JSON.
pub fn said(context: &Context, session: &mut Session, prepared: &Prepared) -> Result<(), Error> {
    let (texts, seen) = (&context.texts, prepared.preview());
    let telling: Vec<String> = prepared.telling_files().map(|id| short("evidence", id)).collect();
    if context.json {
        data(&json!({ "preview": seen, "files_with_metadata": telling }).to_string());
        return Ok(());
    }
    data(&texts.with("preview-head", &[("profile", &texts.get(&seen.profile.text()))]));
    for person in &seen.people {
        data(&person_line(texts, session, person)?);
    }
    records(texts, &seen);
    files(texts, &seen, &telling);
    withheld(texts, &seen);
    Ok(())
}

fn person_line(texts: &Texts, session: &mut Session, person: &PersonSeen) -> Result<String, Error> {
    let names = if person.names.is_empty() { texts.get("preview-no-name") } else { person.names.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ") };
    let id = session.resolve(&person.code)?.id.clone();
    let own = clean(&session.name_of(&id)?);
    let basis = basis(texts, &person.basis);
    Ok(match &person.seen_as {
        Some(code) => texts.with("preview-person", &[("own", &own), ("code", code), ("names", &names), ("basis", &basis)]),
        None => texts.with("preview-person-out", &[("own", &own), ("basis", &basis)]),
    })
}

fn basis(texts: &Texts, basis: &Basis) -> String {
    match basis {
        Basis::Consent { purpose } => texts.with("basis-consent", &[("purpose", &term(texts, "consent_purpose", purpose))]),
        Basis::Mandate { record } => texts.with("basis-mandate", &[("code", &short("mandate", record))]),
        Basis::VitalInterest { .. } => texts.get("basis-vital"),
        Basis::Oral { reason, due } => texts.with("basis-oral", &[("reason", &clean(reason)), ("due", due)]),
        Basis::None { .. } => texts.get("basis-none"),
    }
}

fn records(texts: &Texts, seen: &Preview) {
    for record in &seen.records {
        let fields: Vec<String> = seen
            .values
            .iter()
            .filter(|value| value.kind == record.kind)
            .map(|value| format!("{} {}", labels(texts, record.kind, &value.field), value.number))
            .collect();
        let values = [("kind", term(texts, "kinds", record.kind.code())), ("number", record.number.to_string()), ("fields", fields.join(", "))];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        data(&texts.with("preview-records", &values));
    }
}

fn files(texts: &Texts, seen: &Preview, telling: &[String]) {
    for file in &seen.files {
        let code = if telling.contains(&file.code) { "preview-file-tells" } else { "preview-file" };
        let kind = file.media_type.clone().unwrap_or_default();
        data(&texts.with(code, &[("code", &file.code), ("size", &file.size.to_string()), ("type", &clean(&kind))]));
    }
}

fn withheld(texts: &Texts, seen: &Preview) {
    let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
    for row in seen.withheld.iter().filter(|row| row.part == Some(Part::Value)) {
        *reasons.entry(row.why.expect("a reason")).or_default() += row.number;
    }
    let mut left_out: BTreeMap<Reason, u64> = BTreeMap::new();
    seen.left_out.iter().for_each(|row| *left_out.entry(row.why.expect("a reason")).or_default() += row.number);
    let mut changes: BTreeMap<Change, u64> = BTreeMap::new();
    seen.changed.iter().for_each(|row| *changes.entry(row.why.expect("a change")).or_default() += row.number);
    if reasons.is_empty() && left_out.is_empty() && changes.is_empty() {
        return data(&texts.get("preview-nothing-withheld"));
    }
    data(&texts.get("preview-withheld"));
    for (reason, number) in left_out {
        data(&texts.with("preview-records-out", &[("number", &number.to_string()), ("reason", &texts.get(&reason.text()))]));
    }
    for (reason, number) in reasons {
        data(&texts.with("preview-values-out", &[("number", &number.to_string()), ("reason", &texts.get(&reason.text()))]));
    }
    for (change, number) in changes {
        data(&texts.with("preview-changed", &[("number", &number.to_string()), ("change", &texts.get(&change.text()))]));
    }
}
