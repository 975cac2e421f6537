//! After the first page: everything dated, the checklist of rights, hearings, charges, acts, property, mandates.

use super::first::leaf_of;
use super::html::{Html, Safe};
use super::{View, contested_mark, said, table_or_none};
use crate::handover::choice::given::GivenRecord;
use crate::handover::contents::dossier::case::{Client, Read};
use crate::handover::contents::dossier::hearings::{Column, in_order, matrix};
use crate::handover::contents::dossier::{path, rights, timeline};
use crate::model::entity::{SentencePart, Trial};
use crate::model::shape::Keyed;
use crate::model::tree::{field_at, value_at};
use crate::model::value::{Answer, Ref};
use crate::model::{Leaf, Shape};
use crate::words;

/// Columns of one matrix: more would not stand side by side on paper.
const COLUMNS: usize = 5;

/// Writes what is known about one person beyond the first page.
pub fn write(view: &View, client: &Client, html: &mut Html) {
    let name = format!("{}: {}", view.get("dossier-details"), view.case.names(client.person));
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
                super::time(view, &entry.when),
                Safe::text(&said::clock(texts, &entry.when)),
                Safe::text(&what(view, record, &entry.path)),
                view.source(&entry.record, entry.mark),
            ])
        })
        .collect();
    let heads = heads(view, &["dossier-col-when", "dossier-col-clock", "dossier-col-what", "dossier-col-source"]);
    table_or_none(view, html, "dossier-timeline-caption", &heads, &rows);
}

/// Returns what is dated: the field, and the words of the entry that say what it is.
pub fn what(view: &View, record: &GivenRecord, at: &str) -> String {
    let texts = view.contents.texts;
    let label = path::label(texts, record.kind, at);
    let entry = at.rsplit_once('/').map(|(entry, _)| entry);
    let words_of = |name: &str| {
        let at = entry.map_or_else(|| name.to_owned(), |entry| format!("{entry}/{name}"));
        let value = value_at(&record.tree, &at)?;
        match field_at(record.kind.fields(), &at)?.shape {
            Shape::One(leaf) => Some(path::leaf(view.case, texts, leaf, field_at(record.kind.fields(), &at)?.of, value)),
            _ => None,
        }
    };
    let names: &[&str] =
        if entry.is_none() { &["category"] } else { &["status", "kind", "category", "action", "place", "told_by", "provision", "instance", "finding"] };
    let parts: Vec<String> = names.iter().filter_map(|name| words_of(name)).filter(|part| !part.is_empty()).collect();
    let answer = value_at(&record.tree, at).and_then(|value| serde_json::from_value::<Answer>(value.clone()).ok());
    let answer = answer.map(|answer| super::answer(view, &Answer { at: None, ..answer }));
    std::iter::once(label).chain(answer).chain(parts).collect::<Vec<_>>().join(" – ")
}

fn checklists(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-rights"));
    for detention in &client.detentions {
        let list = rights::checklist(detention);
        let (asked, not_asked): (Vec<_>, Vec<_>) = list.iter().partition(|item| !item.answers.is_empty());
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
    let voices: Vec<Safe> = item
        .answers
        .iter()
        .map(|answered| {
            let stands = if answered.decided { format!(" – {}", view.get("dossier-stands")) } else { String::new() };
            Safe::text(&format!("{}{stands}", super::answer(view, &answered.answer)))
        })
        .collect();
    let mark = item.is_contested().then(|| contested_mark(view));
    let answer = if voices.len() == 1 { voices[0].clone() } else { Safe::list(&voices) };
    let mut sources: Vec<Safe> = Vec::new();
    for answered in &item.answers {
        let source = view.source(&record.id, answered.mark);
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    vec![
        Safe::text(&path::item(view.contents.texts, "right", &item.code)),
        Safe::joined(&mark.into_iter().chain([answer]).collect::<Vec<_>>(), " "),
        Safe::joined(&sources, "; "),
    ]
}

fn proceeding(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let texts = view.contents.texts;
    let label = |name: &str| words::label(texts, "trial", name);
    let line = |value: &Option<crate::model::value::Line>| Safe::text(value.as_ref().map(|v| v.as_str()).unwrap_or_default());
    html.raw("<h3>").safe(&Safe::text(&words::term(texts, "proceeding_kind", trial.said.category.as_str()))).raw(" ").safe(&view.link(trial.record));
    html.raw("</h3>\n").pairs(&[
        (label("title"), line(&trial.said.title)),
        (label("case_no"), line(&trial.said.case_no)),
        (label("court"), line(&trial.said.court)),
        (label("court_place"), leaf_of(view, Leaf::Place, "", trial.said.court_place.as_ref())),
        (label("judges"), line(&trial.said.judges)),
        (label("prosecutors"), line(&trial.said.prosecutors)),
        (label("defence"), line(&trial.said.defence)),
        (label("began"), leaf_of(view, Leaf::When, "", trial.said.began.as_ref())),
        (label("ended"), leaf_of(view, Leaf::When, "", trial.said.ended.as_ref())),
    ]);
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

fn charges(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let rows: Vec<Vec<Safe>> = trial
        .said
        .charges
        .values()
        .filter(|charge| is_about(client, charge.person.as_ref()))
        .map(|charge| {
            vec![
                leaf_of(view, Leaf::Provision, "", charge.provision.as_ref()),
                Safe::text(charge.offence.as_ref().map(|o| o.as_str()).unwrap_or_default()),
                leaf_of(view, Leaf::Term, "charge_status", charge.status.as_ref()),
                leaf_of(view, Leaf::When, "", charge.from.as_ref()),
                leaf_of(view, Leaf::When, "", charge.to.as_ref()),
            ]
        })
        .collect();
    if !rows.is_empty() {
        html.table(&view.get("dossier-charges"), &labels(view, "charge", &["provision", "offence", "status", "from", "to"]), &rows);
    }
}

fn hearings(view: &View, trial: &Read<Trial>, html: &mut Html) {
    let rows: Vec<Vec<Safe>> = in_order(&trial.said)
        .into_iter()
        .map(|(key, hearing)| {
            let source = view.source(&trial.record.id, trial.record.entries.get(&format!("hearings/{key}")).copied());
            vec![
                Safe::text(hearing.number.as_ref().map_or(key.as_str(), |number| number.as_str())),
                leaf_of(view, Leaf::When, "", hearing.scheduled_for.as_ref()),
                leaf_of(view, Leaf::When, "", hearing.starts.as_ref()),
                leaf_of(view, Leaf::Term, "hearing_type", hearing.kind.as_ref()),
                leaf_of(view, Leaf::Place, "", hearing.place.as_ref()),
                leaf_of(view, Leaf::Term, "openness", hearing.openness.as_ref()),
                source,
            ]
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
        let heads: Vec<String> = std::iter::once(view.get("dossier-col-item")).chain(columns.iter().map(|column| seat(view, column))).collect();
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
fn seat(view: &View, column: &Column) -> String {
    let texts = view.contents.texts;
    let when = column.hearing.starts.as_ref().or(column.hearing.scheduled_for.as_ref()).map(|when| words::when(texts, when));
    let number = column.hearing.number.as_ref().map(|number| format!("{} {}", words::label(texts, "hearing", "number"), words::clean(number.as_str())));
    let basis = words::term(texts, "observation_basis", column.observation.basis.as_str());
    [number, when, Some(observer(view, column)), Some(basis)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Who sat there; where only a number is told, what it counts.
fn observer(view: &View, column: &Column) -> String {
    let told = words::clean(column.observation.observer.as_str());
    let counted = told.bytes().all(|byte| byte.is_ascii_digit());
    if counted { format!("{} {told}", view.get("table-observer")) } else { told }
}

fn cell(view: &View, column: &Column, code: &str) -> Safe {
    let answers: Vec<String> = column.answers.get(code).into_iter().flatten().map(|answer| super::answer(view, answer)).collect();
    if answers.is_empty() { Safe::text("—") } else { Safe::text(&answers.join(" / ")) }
}

fn outcomes(view: &View, client: &Client, trial: &Read<Trial>, html: &mut Html) {
    let rows: Vec<Vec<Safe>> = trial
        .said
        .outcomes
        .values()
        .filter(|outcome| is_about(client, outcome.person.as_ref()))
        .map(|outcome| {
            vec![
                leaf_of(view, Leaf::When, "", outcome.decided.as_ref()),
                Safe::text(outcome.instance.as_ref().map(|i| i.as_str()).unwrap_or_default()),
                Safe::text(outcome.about.as_ref().map(|a| a.as_str()).unwrap_or_default()),
                Safe::text(&parts(view, &outcome.parts)),
            ]
        })
        .collect();
    if !rows.is_empty() {
        html.table(&view.get("dossier-outcomes"), &labels(view, "outcome", &["decided", "instance", "about", "parts"]), &rows);
    }
}

/// Returns the parts of a sentence in words.
pub fn parts(view: &View, parts: &Keyed<SentencePart>) -> String {
    let part = |part: &SentencePart| {
        let kind = words::term(view.contents.texts, "sentence_part", part.kind.as_str());
        let term = part.term.as_ref().map(|term| path::length(view.contents.texts, term));
        let amount = part.amount.as_ref().map(ToString::to_string);
        let what = part.what.as_ref().map(|what| words::clean(what.as_str()));
        [Some(kind), term, amount, what].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    parts.values().map(part).collect::<Vec<_>>().join("; ")
}

fn acts(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-acts"));
    let texts = view.contents.texts;
    let rows: Vec<Vec<Safe>> = client
        .acts
        .iter()
        .map(|act| {
            let injuries: Vec<Safe> = act.said.injuries.keys().map(|key| injury(view, act.record, key.as_str())).collect();
            vec![
                Safe::text(&words::term(texts, "act_type", act.said.category.as_str())),
                leaf_of(view, Leaf::When, "", act.said.happened.as_ref()),
                leaf_of(view, Leaf::Place, "", act.said.place.as_ref()),
                leaf_of(view, Leaf::Term, "verification", act.said.verification.as_ref()),
                Safe::list(&injuries),
                view.source(&act.record.id, None),
            ]
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
        if let (Shape::One(leaf), Some(value)) = (field.shape, injury.get(field.name)) {
            lines.push(format!("{}: {}", words::label(texts, "injury", field.name), path::leaf(view.case, texts, leaf, field.of, value)));
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
        for (key, thing) in &detention.said.property_taken {
            let receipt = thing.receipt.as_ref().map_or_else(|| view.get("dossier-not-recorded"), |answer| super::answer(view, answer));
            let returned = thing.returned.as_ref().map_or_else(|| view.get("dossier-not-recorded"), |when| words::when(view.contents.texts, when));
            rows.push(vec![
                leaf_of(view, Leaf::Term, "property_item", Some(&thing.item)),
                Safe::text(&receipt),
                Safe::text(&returned),
                Safe::text(thing.note.as_ref().map(|note| note.as_str()).unwrap_or_default()),
                view.source(&detention.record.id, detention.record.entries.get(&format!("property_taken/{key}")).copied()),
            ]);
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
            let scope: Vec<String> = mandate.said.scope.iter().map(|code| words::term(view.contents.texts, "mandate_scope", code.as_str())).collect();
            vec![
                Safe::text(mandate.said.agent.as_ref().map(|agent| agent.as_str()).unwrap_or_default()),
                Safe::text(&scope.join(", ")),
                leaf_of(view, Leaf::When, "", mandate.said.signed_at.as_ref()),
                leaf_of(view, Leaf::Term, "signed_by", mandate.said.signed_by.as_ref()),
                leaf_of(view, Leaf::When, "", mandate.said.valid_to.as_ref()),
                leaf_of(view, Leaf::When, "", mandate.said.revoked_at.as_ref()),
                view.source(&mandate.record.id, None),
            ]
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
            let purpose = |(code, answer): (&crate::model::value::Term, &Answer)| {
                format!("{}: {}", words::term(texts, "consent_purpose", code.as_str()), super::answer(view, answer))
            };
            let mut purposes: Vec<Safe> = statement.purposes.iter().map(purpose).map(|line| Safe::text(&line)).collect();
            if statement.withdrawn == Some(true) {
                purposes.insert(0, Safe::text(&words::label(texts, "consent_statement", "withdrawn")));
            }
            rows.push(vec![
                leaf_of(view, Leaf::When, "", statement.stated.as_ref()),
                leaf_of(view, Leaf::Term, "consent_given_by", statement.given_by.as_ref()),
                leaf_of(view, Leaf::Term, "consent_how", statement.how.as_ref()),
                Safe::list(&purposes),
                view.source(&consent.record.id, consent.record.entries.get(&format!("statements/{key}")).copied()),
            ]);
        }
    }
    let mut heads = labels(view, "consent_statement", &["stated", "given_by", "how", "purposes"]);
    heads.push(view.get("dossier-col-source"));
    table_or_none(view, html, "dossier-consent", &heads, &rows);
}
