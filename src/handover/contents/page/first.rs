//! The first page: who it is, where they are now, when they were taken by whose word, what comes next, what was refused,
//! what is contested.

use super::html::{Html, Safe};
use super::voiced::{self, marked};
use super::{View, contested_mark, said};
use crate::handover::choice::given::Mark;
use crate::handover::contents::dossier::case::{Client, Read};
use crate::handover::contents::dossier::gap::Premises;
use crate::handover::contents::dossier::standing::{Now, Voice, now};
use crate::handover::contents::dossier::{Dispute, Group, Telling, contested, dates, path, rights};
use crate::model::entity::Detention;
use crate::words;

/// Writes the first page about one person.
pub fn write(view: &View, client: &Client, html: &mut Html) {
    let person = client.person;
    html.raw("<section class=\"first\">\n").heading(2, &format!("c-{}", person.record.id), &view.case.names(view.contents.texts, person));
    identity(view, client, html);
    standings(view, client, html);
    disputes(view, client, html);
    next_dates(view, client, html);
    refused(view, client, html);
    open_questions(view, client, html);
    html.raw("</section>\n");
}

fn identity(view: &View, client: &Client, html: &mut Html) {
    let person = client.person.record;
    let one = |name: &str| (words::label(view.contents.texts, "person", name), voiced::brief(view, person, name));
    let code = (view.get("dossier-code"), view.link(person));
    let rest = ["sex", "age", "citizenship", "occupation", "roles", "vulnerability", "languages", "needs_interpreter", "identity_status"].map(one);
    html.pairs(&std::iter::once(code).chain(rest).collect::<Vec<_>>());
}

/// Which detention this is, where there are several.
fn which(view: &View, client: &Client, detention: &Read<Detention>) -> Safe {
    if client.detentions.len() < 2 {
        return Safe::default();
    }
    let when = voiced::brief(view, detention.record, "apprehended_at");
    let parts: Vec<Safe> = [view.link(detention.record), when].into_iter().filter(|part| !part.is_empty()).collect();
    Safe::within_tag("h4", &Safe::joined(&parts, ", "))
}

fn standings(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-where-now"));
    if client.detentions.is_empty() {
        html.element("p", &view.get("dossier-no-detention"));
    }
    for detention in &client.detentions {
        html.safe(&which(view, client, detention));
        match now(detention) {
            Now::Unstated => drop(html.element("p", &view.get("dossier-unstated"))),
            Now::Contested(voices) => contested_standing(view, detention, &voices, html),
            Now::Stands { shown, ground, confirmed, decided } => {
                html.raw("<p class=\"key\">").safe(&voice(view, detention, &shown)).raw("</p>\n");
                if let Some(ground) = ground {
                    let rests = Safe::text(&format!("{}: ", view.get("dossier-ground")));
                    html.paragraph(&Safe::joined(&[rests, voice(view, detention, &ground)], ""));
                }
                let remarks = [(!confirmed, "dossier-only-reported"), (decided, "dossier-decided-between")];
                for (_, code) in remarks.iter().filter(|(holds, _)| *holds) {
                    html.element("p", &view.get(code));
                }
            }
        }
    }
}

fn contested_standing(view: &View, detention: &Read<Detention>, voices: &[Voice], html: &mut Html) {
    html.paragraph(&Safe::joined(&[contested_mark(view), Safe::text(&view.get("dossier-contested-status"))], " "));
    html.safe(&Safe::list(&voices.iter().map(|told| voice(view, detention, told)).collect::<Vec<_>>())).raw("\n");
}

/// A statement about where somebody stands: status, since when, where, who says so.
fn voice(view: &View, detention: &Read<Detention>, voice: &Voice) -> Safe {
    let texts = view.contents.texts;
    let step = voice.step.as_ref();
    let mut parts = vec![words::term(texts, "status", &voice.status)];
    parts.extend(step.and_then(|s| s.effective.as_ref()).map(|when| words::when(texts, when)));
    parts.extend(step.and_then(|s| s.place.as_ref()).map(|place| view.case.place(texts, place)));
    parts.extend(step.and_then(|s| s.authority.as_ref()).map(|line| words::clean(line.as_str())));
    let by = step.and_then(|s| s.told_by.as_ref()).map(|by| format!(" – {}", words::term(texts, "told_by", by.as_str())));
    let source = view.source(&detention.record.id, voice.mark);
    Safe::joined(&[Safe::text(&format!("{}{}", parts.join(", "), by.unwrap_or_default())), Safe::joined(&[Safe::text("("), source, Safe::text(")")], "")], " ")
}

fn disputes(view: &View, client: &Client, html: &mut Html) {
    if client.detentions.is_empty() {
        return;
    }
    html.element("h3", &view.get("dossier-time"));
    for detention in &client.detentions {
        html.safe(&which(view, client, detention));
        dispute(view, &Dispute::of(client, detention), html);
    }
}

fn dispute(view: &View, dispute: &Dispute, html: &mut Html) {
    let texts = view.contents.texts;
    if dispute.groups.is_empty() {
        html.element("p", &view.get("dossier-time-unrecorded"));
    }
    html.safe(&Safe::list(&dispute.groups.iter().map(|group| told(view, group)).collect::<Vec<_>>())).raw("\n");
    for found in &dispute.differences {
        html.raw("<p class=\"key\">").safe(&Safe::text(&said::difference(texts, &found.from, &found.to, found.gap))).raw("</p>\n");
    }
    let judges: Vec<Safe> = dispute.judge.iter().filter_map(|judge| to_judge(view, dispute, judge)).collect();
    if judges.is_empty() {
        html.element("p", &view.get("dossier-judge-unrecorded"));
    }
    html.safe(&Safe::list(&judges)).raw("\n");
    let gaps = dispute.differences.iter().map(|d| d.gap).chain(dispute.to_judge.iter().map(|t| t.gap));
    let premises = gaps.fold(Premises::default(), |all, gap| all.and(gap.premises));
    let notes: Vec<String> = premises.each().map(|premise| view.get(premise.code())).collect();
    if !notes.is_empty() {
        html.raw("<p class=\"note\">").safe(&Safe::text(&notes.join(" "))).raw("</p>\n");
    }
}

/// How long it took to one telling of when a judge was reached, by each word for the beginning.
fn to_judge(view: &View, dispute: &Dispute, told: &Telling) -> Option<Safe> {
    let gaps: Vec<_> = dispute.to_judge.iter().filter(|found| found.judge == *told).map(|found| (&found.by, found.gap)).collect();
    let sentence = Safe::text(&said::to_judge(view.contents.texts, &judge(view, told), &gaps));
    let line = Safe::joined(&[sentence, view.sources(&told.record, &told.marks)], " – ");
    (!gaps.is_empty()).then(|| marked(view, told.is_contested, line))
}

/// What says that a judge was reached, when, and by whose word: the item of the checklist, the step, or the hearing.
fn judge(view: &View, judge: &Telling) -> String {
    let texts = view.contents.texts;
    let status = || view.case.record(&judge.record).map(|record| path::told(view.case, texts, record, &format!("{}/status", judge.path)));
    let what = match judge.path.split('/').next() {
        Some("rights") => view.get("dossier-judge-answered"),
        Some("hearings") => view.get("dossier-first-hearing"),
        _ => status().unwrap_or_default(),
    };
    let when = words::when(texts, &judge.when);
    let by = [Some(said::teller(texts, &judge.teller)), judge.paper.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let code = if judge.teller.code.is_empty() { "dossier-judge-unsaid" } else { "dossier-judge-by" };
    texts.with(code, &[("what", &what), ("when", &when), ("by", &by)])
}

/// One group: who, how many statements, which times, each with its source.
fn told(view: &View, group: &Group) -> Safe {
    let texts = view.contents.texts;
    let who = said::teller(texts, &group.teller);
    let count = group.tellings.len().to_string();
    let many = if group.tellings.len() > 1 { texts.with("dossier-statements", &[("count", &count)]) } else { String::new() };
    let papers: Vec<String> = group.tellings.iter().filter_map(|telling| telling.paper.clone()).collect();
    let after = [many, papers.join(", ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let after = if after.is_empty() { after } else { format!(" ({after})") };
    let line = Safe::text(&format!("{who}{after}: {}", said::times(texts, &group.tellings)));
    let stands = group.tellings.iter().any(|telling| telling.is_decided).then(|| Safe::text(&view.get("dossier-stands")));
    let marks: Vec<Mark> = group.tellings.iter().flat_map(|telling| telling.marks.iter().copied()).collect();
    let source = group.tellings.first().map(|first| view.sources(&first.record, &marks));
    let parts = [Some(Safe::within_tag("strong", &line)), stands, source];
    let told = Safe::joined(&parts.into_iter().flatten().collect::<Vec<_>>(), " – ");
    marked(view, group.tellings.iter().any(|telling| telling.is_contested), told)
}

fn next_dates(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.contents.texts.with("dossier-next", &[("made", &said::moment(view.case.given.made))]));
    let items: Vec<Safe> = dates::ahead(view.case, client)
        .iter()
        .map(|ahead| {
            let record = view.case.record(&ahead.record);
            let what = record.map(|record| super::client::what(view, record, &ahead.path, None)).unwrap_or_default();
            let line = Safe::text(&format!(": {what}"));
            let told = Safe::joined(&[Safe::joined(&[super::time(view, &ahead.when), line], ""), view.source(&ahead.record, ahead.mark)], " – ");
            marked(view, ahead.is_contested, told)
        })
        .collect();
    listed(view, &items, "dossier-no-next", html);
}

fn refused(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-refused"));
    let mut items = Vec::new();
    for detention in &client.detentions {
        let list = rights::checklist(detention);
        for item in list.iter().filter(|item| item.is_refused() || item.is_breached()) {
            let standing = item.heard.standing();
            let answers: Vec<String> = standing.iter().map(|told| super::answer(view, &told.value)).collect();
            let line = Safe::text(&format!("{} – {}", path::item(view.contents.texts, "right", &item.code), answers.join("; ")));
            let mark = item.heard.is_contested.then(|| contested_mark(view));
            let source = view.sources(&detention.record.id, &standing.iter().filter_map(|told| told.mark).collect::<Vec<_>>());
            items.push(Safe::joined(&std::iter::once(line).chain(mark).chain([source]).collect::<Vec<_>>(), " "));
        }
    }
    listed(view, &items, "dossier-none-refused", html);
}

fn open_questions(view: &View, client: &Client, html: &mut Html) {
    html.element("h3", &view.get("dossier-contested"));
    let all = contested::contested(client.records());
    let open: Vec<Safe> = all.iter().filter(|found| !found.is_decided()).map(|found| contested_line(view, found)).collect();
    listed(view, &open, "dossier-none-contested", html);
    let decided: Vec<Safe> = all.iter().filter(|found| found.is_decided()).map(|found| contested_line(view, found)).collect();
    if !decided.is_empty() {
        html.element("h4", &view.get("dossier-decided"));
        html.safe(&Safe::list(&decided)).raw("\n");
    }
}

fn contested_line(view: &View, found: &contested::Contested) -> Safe {
    let texts = view.contents.texts;
    let label = Safe::within_tag("strong", &Safe::text(&format!("{}: ", path::label(texts, found.record.kind, found.path))));
    let voices: Vec<Safe> = found
        .voices
        .iter()
        .map(|said| {
            let value = Safe::text(&path::voice(view.case, texts, found.record.kind, found.path, &said.value));
            let stands = said.decided.then(|| Safe::text(&format!("– {}", view.get("dossier-stands"))));
            let by = Safe::text(&format!("({})", said::recorded(texts, Some(said.mark))));
            Safe::joined(&[Some(value), Some(by), stands].into_iter().flatten().collect::<Vec<_>>(), " ")
        })
        .collect();
    Safe::joined(&[label, view.link(found.record), Safe::list(&voices)], " ")
}

fn listed(view: &View, items: &[Safe], none: &str, html: &mut Html) {
    if items.is_empty() {
        html.element("p", &view.get(none));
    }
    html.safe(&Safe::list(items)).raw("\n");
}
