//! Documents with links to their files, the chain of custody, and what was left out.

use super::html::{Html, Safe};
use super::voiced::full;
use super::{View, said, table_or_none};
use crate::handover::contents::dossier::Read;
use crate::handover::contents::dossier::case::line;
use crate::model::entity::Evidence;
use crate::words;

/// Writes the documents, their custody and what was withheld.
pub fn write(view: &View, html: &mut Html) {
    documents(view, html);
    custody(view, html);
    withheld(view, html);
}

/// Returns a link to the file of a piece of evidence; its code where the file is not in the bundle.
pub fn link(view: &View, evidence: &Read<Evidence>) -> Safe {
    match view.contents.files.get(&evidence.record.id) {
        Some(member) => Safe::beside(member, &name(view, evidence)),
        None => view.link(evidence.record),
    }
}

fn name(view: &View, evidence: &Read<Evidence>) -> String {
    line(view.contents.texts, evidence.record, "file_name").unwrap_or_else(|| evidence.record.code.clone())
}

fn documents(view: &View, html: &mut Html) {
    html.heading(2, "documents", &view.get("dossier-documents"));
    let label = |name: &str| words::label(view.contents.texts, "evidence", name);
    let rows: Vec<Vec<Safe>> = view
        .case
        .evidence
        .iter()
        .map(|evidence| {
            let mut file = match view.contents.files.contains_key(&evidence.record.id) {
                true => link(view, evidence),
                false => Safe::text(&format!("{} ({})", name(view, evidence), view.get("dossier-no-file"))),
            };
            if view.case.given.shows_others.contains(&evidence.record.id) {
                file = Safe::joined(&[file, Safe::text(&view.get("file-shows-others"))], ", ");
            }
            vec![
                file,
                full(view, evidence.record, "category"),
                full(view, evidence.record, "captured_at"),
                full(view, evidence.record, "received_at"),
                full(view, evidence.record, "relates_to"),
                full(view, evidence.record, "size"),
                full(view, evidence.record, "sha256"),
                view.link(evidence.record),
            ]
        })
        .collect();
    let mut heads = vec![view.get("dossier-col-file")];
    heads.extend(["category", "captured_at", "received_at", "relates_to", "size", "sha256"].map(label));
    heads.push(view.get("dossier-code"));
    table_or_none(view, html, "dossier-documents-caption", &heads, &rows);
}

fn custody(view: &View, html: &mut Html) {
    html.heading(2, "custody", &view.get("dossier-custody"));
    let mut rows = Vec::new();
    for evidence in &view.case.evidence {
        let gone = crate::model::liberty::retracted(evidence.said.custody.values().map(|step| step.retracts.as_ref()));
        let mut steps: Vec<_> = evidence.said.custody.iter().filter(|(key, _)| !gone.contains(key)).collect();
        steps.sort_by_key(|(key, step)| (step.at.as_ref().map_or(i64::MAX, crate::handover::contents::dossier::dates::order), *key));
        for (key, _) in steps {
            let at = format!("custody/{key}");
            let mark = evidence.record.entries.get(&at).copied();
            let cells = ["at", "action", "actor", "recipient", "note"].map(|name| full(view, evidence.record, &format!("{at}/{name}")));
            let mut row = vec![view.link(evidence.record)];
            row.extend(cells);
            row.push(Safe::text(&said::recorded(view.contents.texts, mark)));
            rows.push(row);
        }
    }
    let label = |name: &str| words::label(view.contents.texts, "custody_event", name);
    let mut heads = vec![view.get("dossier-col-file")];
    heads.extend(["at", "action", "actor", "recipient", "note"].map(label));
    heads.push(view.get("dossier-col-source"));
    table_or_none(view, html, "dossier-custody-caption", &heads, &rows);
}

fn withheld(view: &View, html: &mut Html) {
    html.heading(2, "withheld", &view.get("dossier-withheld"));
    html.paragraph(&Safe::text(&view.get("dossier-withheld-how")));
    let rows: Vec<Vec<Safe>> = view.contents.withheld.iter().map(|(what, count)| vec![Safe::text(what), Safe::text(&count.to_string())]).collect();
    if rows.is_empty() {
        html.element("p", &view.get("dossier-none-withheld"));
        return;
    }
    html.table(&view.get("dossier-withheld"), &[view.get("dossier-col-why"), view.get("dossier-col-count")], &rows);
}
