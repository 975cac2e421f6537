//! After the first page: everything dated, the checklist of rights, hearings, charges, acts, property, mandates.

use serde_json::Value;

use super::html::{Html, Safe};
use super::voiced::{brief, full, marked};
use super::{View, contested_mark, said, table_or_none};
use crate::handover::choice::given::GivenRecord;
use crate::handover::contents::dossier::case::{Client, Read};
use crate::handover::contents::dossier::hearings::{Column, dated as hearing_dated, in_order, matrix};
use crate::handover::contents::dossier::{path, rights, timeline, voices};
use crate::model::Shape;
use crate::model::entity::Trial;
use crate::model::tree::value_at;
use crate::model::value::{Answer, Ref};
use crate::words;

/// Columns of one matrix: more would not stand side by side on paper.
const COLUMNS: usize = 5;

/// Writes what is known about one person beyond the first page.
pub fn write(view: &View, client: &Client, html: &mut Html) {
    let name = format!("{}: {}", view.get("dossier-details"), view.case.names(view.contents.texts, client.person));
    html.raw("<section>\n").heading(2, &format!("more-{}", client.person.record.id), &name);
    dated(view, client, html);
    checklists(view, client, html);
    for trial in &client.trials {
        proceeding(view, client, trial, html);
    }
    acts(view, client, html);
    property(view, client, html);
    consent(view, client, html);
    html.raw("</section>\n");
}

fn heads(view: &View, codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| view.get(code)).collect()
}

fn dated(view: &View, client: &Client, html: &mut Html) {
    let texts = view.contents.texts;
    html.element("h3", &view.get("dossier-timeline"));
    let rows: Vec<Vec<Safe>> = timeline::timeline(client.records())
        .iter()
        .filter_map(|entry| {
            let record = view.case.record(&entry.record)?;
            Some(vec![
                marked(view, entry.is_contested, super::time(view, &entry.when)),
                Safe::text(&said::clock(texts, &entry.when)),
                Safe::text(&what(view, record, &entry.path, Some(&entry.value))),
                view.source(&entry.record, entry.mark),
            ])
        })
        .collect();
    let heads = heads(view, &["dossier-col-when", "dossier-col-clock", "dossier-col-what", "dossier-col-source"]);
    table_or_none(view, html, "dossier-timeline-caption", &heads, &rows);
}

/// Returns what is dated: the field, the answer that was told there, and the words of the entry that say what it is.
pub fn what(view: &View, record: &GivenRecord, at: &str, told: Option<&Value>) -> String {
    let texts = view.contents.texts;
    let label = path::label(texts, record.kind, at);
    let entry = at.rsplit_once('/').map(|(entry, _)| entry);
    let words_of = |name: &str| {
        let at = entry.map_or_else(|| name.to_owned(), |entry| format!("{entry}/{name}"));
        path::told(view.case, texts, record, &at)
    };
    let names: &[&str] =
        if entry.is_none() { &["category"] } else { &["status", "kind", "category", "action", "place", "told_by", "provision", "instance", "finding"] };
    let parts: Vec<String> = names.iter().map(|name| words_of(name)).filter(|part| !part.is_empty()).collect();
    let answer = told.and_then(|value| serde_json::from_value::<Answer>(value.clone()).ok());
    let answer = answer.map(|answer| super::answer(view, &Answer { at: None, ..answer }));
    std::iter::once(label).chain(answer).chain(parts).collect::<Vec<_>>().join(" – ")
}

fn checklists(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-rights"));
    for detention in &client.detentions {
        let list = rights::checklist(detention);
        let (asked, not_asked): (Vec<_>, Vec<_>) = list.iter().partition(|item| item.is_asked());
        let rows: Vec<Vec<Safe>> = asked.iter().map(|item| right(view, detention.record, item)).collect();
        let heads = heads(view, &["dossier-col-right", "dossier-col-answer", "dossier-col-source"]);
        if client.detentions.len() > 1 {
            html.safe(&Safe::within_tag("h4", &view.link(detention.record))).raw("\n");
        }
        table_or_none(view, html, "dossier-rights-caption", &heads, &rows);
        let codes: Vec<&str> = not_asked.iter().map(|item| item.code.as_str()).collect();
        none_asked(view, &codes, html);
    }
}

/// Items that nobody asked about: no answer is no "no".
fn none_asked(view: &View, codes: &[&str], html: &mut Html) {
    if !codes.is_empty() {
        html.element("p", &view.contents.texts.with("dossier-not-asked", &[("items", &codes.join(", "))]));
    }
}

fn right(view: &View, record: &GivenRecord, item: &rights::Item) -> Vec<Safe> {
    let told = &item.heard.told;
    let answer = |told: &voices::Told<Answer>| {
        let stands = if told.decided { format!(" – {}", view.get("dossier-stands")) } else { String::new() };
        Safe::text(&format!("{}{stands}", super::answer(view, &told.value)))
    };
    let answers: Vec<Safe> = told.iter().map(answer).collect();
    let answer = if let [one] = answers.as_slice() { one.clone() } else { Safe::list(&answers) };
    vec![
        Safe::text(&path::item(view.contents.texts, "right", &item.code)),
        marked(view, item.heard.is_contested, answer),
        view.sources(&record.id, &told.iter().filter_map(|told| told.mark).collect::<Vec<_>>()),
    ]
}

fn proceeding(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let texts = view.contents.texts;
    html.raw("<h3>").safe(&brief(view, trial.record, "category")).raw(" ").safe(&view.link(trial.record)).raw("</h3>\n");
    let names = ["title", "case_no", "court", "court_place", "judges", "prosecutors", "defence", "began", "ended"];
    html.pairs(&names.map(|name| (words::label(texts, "trial", name), full(view, trial.record, name))));
    charges(view, client, trial, html);
    hearings(view, trial, html);
    answers(view, client, trial, html);
    outcomes(view, client, trial, html);
}

fn is_about(client: &Client, person: Option<&Ref>) -> bool {
    person.is_none_or(|person| person.as_str() == client.person.record.id)
}

fn labels(view: &View, entity: &str, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| words::label(view.contents.texts, entity, name)).collect()
}

/// The fields of a record or entry as cells.
fn row(view: &View, record: &GivenRecord, at: &str, names: &[&str]) -> Vec<Safe> {
    names.iter().map(|name| full(view, record, &crate::model::tree::join(at, name))).collect()
}

fn charges(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let rows: Vec<Vec<Safe>> = trial
        .said
        .charges
        .iter()
        .filter(|(_, charge)| is_about(client, charge.person.as_ref()))
        .map(|(key, _)| row(view, trial.record, &format!("charges/{key}"), &["provision", "offence", "status", "from", "to"]))
        .collect();
    if !rows.is_empty() {
        html.table(&view.get("dossier-charges"), &labels(view, "charge", &["provision", "offence", "status", "from", "to"]), &rows);
    }
}

fn hearings(view: &View, trial: &Read<Trial>, html: &mut Html) {
    let rows: Vec<Vec<Safe>> = in_order(trial)
        .into_iter()
        .map(|(key, hearing)| {
            let at = format!("hearings/{key}");
            let number = hearing.number.as_ref().map_or_else(|| Safe::text(key.as_str()), |_| full(view, trial.record, &format!("{at}/number")));
            let rest = row(view, trial.record, &at, &["scheduled_for", "starts", "kind", "place", "openness"]);
            let source = view.source(&trial.record.id, trial.record.entries.get(&at).copied());
            std::iter::once(number).chain(rest).chain([source]).collect()
        })
        .collect();
    if !rows.is_empty() {
        let mut heads = labels(view, "hearing", &["number", "scheduled_for", "starts", "kind", "place", "openness"]);
        heads.push(view.get("dossier-col-source"));
        html.table(&view.get("dossier-hearings"), &heads, &rows);
    }
}

/// The matrix, in as many tables as it takes for its columns to stand side by side.
fn answers(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let matrix = matrix(trial, Some(&client.person.record.id));
    let asked = matrix.asked();
    if matrix.columns.is_empty() || asked.is_empty() {
        return;
    }
    for columns in matrix.columns.chunks(COLUMNS) {
        let heads: Vec<String> = std::iter::once(view.get("dossier-col-item")).chain(columns.iter().map(|column| seat(view, trial.record, column))).collect();
        let rows: Vec<Vec<Safe>> = asked
            .iter()
            .map(|code| {
                let name = Safe::text(&path::item(view.contents.texts, "hearing_item", code));
                let mark = matrix.differs(code).then(|| contested_mark(view));
                let first = Safe::joined(&std::iter::once(name).chain(mark).collect::<Vec<_>>(), " ");
                std::iter::once(first).chain(columns.iter().map(|column| cell(view, column, code))).collect()
            })
            .collect();
        html.table(&view.get("dossier-matrix"), &heads, &rows);
    }
    let not_asked = matrix.not_asked();
    none_asked(view, &not_asked.iter().map(String::as_str).collect::<Vec<_>>(), html);
}

/// Which hearing, which observer, from where.
fn seat(view: &View, trial: &GivenRecord, column: &Column) -> String {
    let told = |at: &str| path::told(view.case, view.contents.texts, trial, at);
    let number = numbered(told(&format!("hearings/{}/number", column.hearing_key)), words::label(view.contents.texts, "hearing", "number"));
    let when = told(&hearing_dated(column.hearing_key, column.hearing));
    let observer = told(&format!("{}/observer", column.path));
    let counted = observer.bytes().all(|byte| byte.is_ascii_digit());
    let observer = if counted { numbered(observer, view.get("table-observer")) } else { observer };
    let basis = told(&format!("{}/basis", column.path));
    [number, when, observer, basis].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A number with what it counts.
fn numbered(number: String, what: String) -> String {
    if number.is_empty() { number } else { format!("{what} {number}") }
}

fn cell(view: &View, column: &Column, code: &str) -> Safe {
    let answers: Vec<String> = column.answers.get(code).into_iter().flatten().map(|answer| super::answer(view, answer)).collect();
    if answers.is_empty() { Safe::text("—") } else { Safe::text(&answers.join(" / ")) }
}

fn outcomes(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let rows: Vec<Vec<Safe>> = trial
        .said
        .outcomes
        .iter()
        .filter(|(_, outcome)| is_about(client, outcome.person.as_ref()))
        .map(|(key, _)| {
            let at = format!("outcomes/{key}");
            let mut row = row(view, trial.record, &at, &["decided", "instance", "about"]);
            row.push(Safe::text(&parts(view, trial.record, &at)));
            row
        })
        .collect();
    if !rows.is_empty() {
        html.table(&view.get("dossier-outcomes"), &labels(view, "outcome", &["decided", "instance", "about", "parts"]), &rows);
    }
}

/// Returns the parts of a sentence in words.
pub fn parts(view: &View, trial: &GivenRecord, outcome: &str) -> String {
    let parts = value_at(&trial.tree, &format!("{outcome}/parts")).and_then(Value::as_object);
    let part = |key: &String| {
        let told = |name| path::told(view.case, view.contents.texts, trial, &format!("{outcome}/parts/{key}/{name}"));
        ["kind", "term", "amount", "what"].map(told).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    parts.into_iter().flatten().map(|(key, _)| part(key)).collect::<Vec<_>>().join("; ")
}

fn acts(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-acts"));
    let rows: Vec<Vec<Safe>> = client
        .acts
        .iter()
        .map(|act| {
            let injuries: Vec<Safe> = act.said.injuries.keys().map(|key| injury(view, act.record, key.as_str())).collect();
            let mut row = row(view, act.record, "", &["category", "happened", "place", "verification"]);
            row.extend([Safe::list(&injuries), view.source(&act.record.id, None)]);
            row
        })
        .collect();
    let mut heads = labels(view, "act", &["category", "happened", "place", "verification", "injuries"]);
    heads.push(view.get("dossier-col-source"));
    table_or_none(view, html, "dossier-acts", &heads, &rows);
}

/// One injury as somebody saw it, with a link to its photo where that is in the bundle.
fn injury(view: &View, act: &GivenRecord, key: &str) -> Safe {
    let texts = view.contents.texts;
    let Some(injury) = value_at(&act.tree, &format!("injuries/{key}")).and_then(|value| value.as_object()) else { return Safe::default() };
    let mut lines = Vec::new();
    for field in <crate::model::entity::Injury as crate::model::shape::Shaped>::FIELDS.iter().filter(|field| field.name != "photo") {
        if let (Shape::One(_), true) = (field.shape, injury.contains_key(field.name)) {
            let told = path::told(view.case, texts, act, &format!("injuries/{key}/{}", field.name));
            lines.push(format!("{}: {told}", words::label(texts, "injury", field.name)));
        }
    }
    let photo = injury.get("photo").and_then(|photo| photo.as_str());
    let file = photo.and_then(|hash| view.case.evidence.iter().find(|e| e.said.sha256.as_str() == hash)).map(|e| super::files::link(view, e));
    Safe::joined(&std::iter::once(Safe::text(&lines.join(", "))).chain(file).collect::<Vec<_>>(), " – ")
}

fn property(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-property"));
    let mut rows = Vec::new();
    for detention in &client.detentions {
        for key in detention.said.property_taken.keys() {
            let at = format!("property_taken/{key}");
            let mut row = row(view, detention.record, &at, &["item", "receipt", "returned", "note"]);
            for cell in row[1..=2].iter_mut().filter(|cell| cell.is_empty()) {
                *cell = Safe::text(&view.get("dossier-not-recorded"));
            }
            row.push(view.source(&detention.record.id, detention.record.entries.get(&at).copied()));
            rows.push(row);
        }
    }
    let mut heads = labels(view, "property", &["item", "receipt", "returned", "note"]);
    heads.push(view.get("dossier-col-source"));
    table_or_none(view, html, "dossier-property", &heads, &rows);
}

fn consent(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-mandate"));
    let mandates: Vec<Vec<Safe>> = client
        .mandates
        .iter()
        .map(|mandate| {
            let mut row = row(view, mandate.record, "", &["agent", "scope", "signed_at", "signed_by", "valid_to", "revoked_at"]);
            row.push(view.source(&mandate.record.id, None));
            row
        })
        .collect();
    let mut heads = labels(view, "mandate", &["agent", "scope", "signed_at", "signed_by", "valid_to", "revoked_at"]);
    heads.push(view.get("dossier-col-source"));
    table_or_none(view, html, "dossier-mandates", &heads, &mandates);
    html.element("h3", &view.get("dossier-consent"));
    consents(view, client, html);
}

fn consents(view: &View, client: &Client, html: &mut Html) {
    let texts = view.contents.texts;
    let mut rows = Vec::new();
    for consent in &client.consents {
        let gone = crate::model::liberty::retracted(consent.said.statements.values().map(|s| s.retracts.as_ref()));
        for (key, statement) in consent.said.statements.iter().filter(|(key, _)| !gone.contains(key)) {
            let at = format!("statements/{key}");
            let purpose = |code: &crate::model::value::Term| {
                let answer = brief(view, consent.record, &format!("{at}/purposes/{code}"));
                Safe::joined(&[Safe::text(&format!("{}: ", words::term(texts, "consent_purpose", code.as_str()))), answer], "")
            };
            let mut purposes: Vec<Safe> = statement.purposes.keys().map(purpose).collect();
            if statement.withdrawn == Some(true) {
                purposes.insert(0, Safe::text(&words::label(texts, "consent_statement", "withdrawn")));
            }
            let mut row = row(view, consent.record, &at, &["stated", "given_by", "how"]);
            row.extend([Safe::list(&purposes), view.source(&consent.record.id, consent.record.entries.get(&at).copied())]);
            rows.push(row);
        }
    }
    let mut heads = labels(view, "consent_statement", &["stated", "given_by", "how", "purposes"]);
    heads.push(view.get("dossier-col-source"));
    table_or_none(view, html, "dossier-consent", &heads, &rows);
}
