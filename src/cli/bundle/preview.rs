//! What a recipient will see and what not, before anything is sealed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::terminal::clean;
use super::review;
use crate::error::Error;
use crate::handover::choice::consent::Basis;
use crate::handover::choice::preview::{Counted, FileSeen, PersonSeen, Preview};
use crate::handover::choice::withheld::{Change, Part, Reason};
use crate::locale::Texts;
use crate::session::{Prepared, Session, short};
use crate::words::{labels, term};

/// Returns it in words, a line each.
///
/// # Errors
/// Returns why the view does not open.
pub fn lines(texts: &Texts, session: &mut Session, prepared: &Prepared) -> Result<Vec<String>, Error> {
    let seen = prepared.preview();
    let mut lines = vec![texts.with("preview-head", &[("profile", &seen.profile.word(texts))])];
    if seen.sealed > 0 {
        lines.push(texts.with("preview-register-shut", &[("number", &seen.sealed.to_string())]));
    }
    for person in &seen.people {
        lines.push(person_line(texts, session, person)?);
    }
    lines.extend(prepared.recorded_twice().iter().map(|id| texts.with("preview-same", &[("code", &short("person", id))])));
    lines.extend(seen.nobodys.iter().map(|ground| texts.with("preview-nobodys", &[("basis", &basis(texts, ground))])));
    lines.extend(records(texts, &seen));
    lines.extend(files(texts, &seen, &telling(prepared)));
    lines.extend(review::texts(texts, &seen));
    lines.extend(withheld(texts, &seen));
    Ok(lines)
}

/// Returns it for a script.
pub fn as_json(prepared: &Prepared) -> Value {
    let twice: Vec<String> = prepared.recorded_twice().iter().map(|id| short("person", id)).collect();
    json!({ "preview": prepared.preview(), "files_with_metadata": telling(prepared), "recorded_twice": twice })
}

/// Codes of the files that go with what they tell about their making.
fn telling(prepared: &Prepared) -> Vec<String> {
    prepared.telling_files().map(|id| short("evidence", id)).collect()
}

fn person_line(texts: &Texts, session: &mut Session, person: &PersonSeen) -> Result<String, Error> {
    let names = if person.names.is_empty() { texts.get("preview-no-name") } else { person.names.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ") };
    let id = session.resolve(&person.code)?.id.clone();
    let own = clean(&session.name_of(&id)?);
    let mut basis = basis(texts, &person.basis);
    if let Some(agent) = &person.agent {
        basis = texts.with("basis-agent", &[("basis", &basis), ("agent", &clean(agent))]);
    }
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

fn records(texts: &Texts, seen: &Preview) -> Vec<String> {
    let line = |record: &Counted<()>| {
        let of_kind = seen.values.iter().filter(|value| value.kind == record.kind);
        let fields: Vec<String> = of_kind.map(|value| format!("{} {}", labels(texts, record.kind, &value.field), value.number)).collect();
        let (kind, number, fields) = (term(texts, "kinds", record.kind.code()), record.number.to_string(), fields.join(", "));
        texts.with("preview-records", &[("kind", &kind), ("number", &number), ("fields", &fields)])
    };
    seen.records.iter().map(line).collect()
}

fn files(texts: &Texts, seen: &Preview, telling: &[String]) -> Vec<String> {
    let line = |file: &FileSeen| {
        let code = if telling.contains(&file.code) { "preview-file-tells" } else { "preview-file" };
        texts.with(code, &[("code", &file.code), ("size", &file.size.to_string()), ("what", &review::file(texts, file))])
    };
    seen.files.iter().map(line).collect()
}

fn withheld(texts: &Texts, seen: &Preview) -> Vec<String> {
    let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
    for row in seen.withheld.iter().filter(|row| row.part == Some(Part::Value)) {
        *reasons.entry(row.why.expect("a reason")).or_default() += row.number;
    }
    let mut left_out: BTreeMap<Reason, u64> = BTreeMap::new();
    seen.left_out.iter().for_each(|row| *left_out.entry(row.why.expect("a reason")).or_default() += row.number);
    let mut changes: BTreeMap<Change, u64> = BTreeMap::new();
    seen.changed.iter().for_each(|row| *changes.entry(row.why.expect("a change")).or_default() += row.number);
    if reasons.is_empty() && left_out.is_empty() && changes.is_empty() {
        return vec![texts.get("preview-nothing-withheld")];
    }
    let because = |code: &str, (reason, number): (Reason, u64)| texts.with(code, &[("number", &number.to_string()), ("reason", &texts.get(&reason.text()))]);
    let changed = |(change, number): (Change, u64)| texts.with("preview-changed", &[("number", &number.to_string()), ("change", &texts.get(&change.text()))]);
    let mut lines = vec![texts.get("preview-withheld")];
    lines.extend(left_out.into_iter().map(|row| because("preview-records-out", row)));
    lines.extend(reasons.into_iter().map(|row| because("preview-values-out", row)));
    lines.extend(changes.into_iter().map(changed));
    lines
}
