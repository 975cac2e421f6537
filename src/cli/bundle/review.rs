//! What somebody has to read before saying yes: every text that goes, what files show, and for whom a power of attorney is.

use super::super::terminal::clean;
use crate::handover::choice::preview::{FileSeen, Preview};
use crate::locale::Texts;
use crate::names::fold;
use crate::words::{labels, term};

/// Returns the texts as the recipient will read them, a line each.
pub fn texts(texts: &Texts, seen: &Preview) -> Vec<String> {
    let head = (!seen.texts.is_empty()).then(|| texts.get("preview-texts"));
    let lines = seen.texts.iter().flat_map(|text| {
        let mut parts = text.text.lines().map(clean);
        let (code, field, first) = (text.code.as_str(), labels(texts, text.kind, &text.field), parts.next().unwrap_or_default());
        let head = texts.with("preview-text", &[("code", code), ("field", &field), ("text", &first)]);
        [head].into_iter().chain(parts.map(|part| format!("      {part}"))).collect::<Vec<_>>()
    });
    head.into_iter().chain(lines).collect()
}

/// Returns what a file is behind a colon: its kind, its name and its type, as far as they go.
pub fn file(texts: &Texts, file: &FileSeen) -> String {
    let kind = file.category.as_ref().map(|kind| term(texts, "evidence_kind", kind));
    let parts = [kind, file.name.as_deref().map(clean), file.media_type.as_deref().map(clean)];
    let shows = file.shows_others.then(|| texts.get("file-shows-others"));
    let parts: Vec<String> = parts.into_iter().chain([shows]).flatten().collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

/// Returns a sentence for each power of attorney that names somebody else than the recipient.
pub fn other_agents(texts: &Texts, seen: &Preview, recipient: Option<&str>) -> Vec<String> {
    let Some(recipient) = recipient.map(str::trim).filter(|text| !text.is_empty()) else { return Vec::new() };
    let agents = seen.people.iter().filter_map(|person| Some((&person.code, person.agent.as_ref()?)));
    let others = agents.filter(|(_, agent)| !is_same(agent, recipient));
    let sentence =
        |(code, agent): (&String, &String)| texts.with("preview-other-agent", &[("code", code), ("agent", &clean(agent)), ("recipient", &clean(recipient))]);
    others.map(sentence).collect()
}

/// Tells whether all words of one stand in the other, in any spelling.
fn is_same(agent: &str, recipient: &str) -> bool {
    let words = |text: &str| fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).map(str::to_owned).collect::<Vec<_>>();
    let (agent, recipient) = (words(agent), words(recipient));
    let within = |one: &[String], other: &[String]| !one.is_empty() && one.iter().all(|word| other.contains(word));
    within(&agent, &recipient) || within(&recipient, &agent)
}
