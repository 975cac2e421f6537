//! Where a detained person stands now: one status with its ground, or every voice where they disagree.

use serde_json::Value;

use super::case::Read;
use crate::handover::choice::given::{Mark, Said};
use crate::model::entity::{Detention, Transition};
use crate::model::liberty::{Stamp, Standing, standing};
use crate::model::value::Key;

/// One statement about where somebody stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Voice {
    pub status: String,
    pub step: Option<Box<Transition>>,
    pub mark: Option<Mark>,
}

/// Where a detention stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Now {
    /// Nobody stated anything.
    Unstated,
    /// The status shown; the statement about liberty that it rests on where that is another; whether a release is confirmed.
    Stands { shown: Voice, ground: Option<Voice>, confirmed: bool, decided: bool },
    /// Sources disagree about liberty.
    Contested(Vec<Voice>),
}

/// Returns where a detention stands. What the whole casebook knows to be contested stays so here, also where the sources
/// that make it so are not in the bundle.
pub fn now(detention: &Read<Detention>) -> Now {
    let heard = detention.record.voices.get("status").map(Vec::as_slice).unwrap_or_default();
    if heard.len() > 1 && !heard.iter().any(|said| said.decided) {
        return Now::Contested(heard.iter().filter_map(|said| heard_voice(detention, said)).collect());
    }
    match standing(&detention.said, &|key| stamp(detention, key)) {
        Standing::Unstated => Now::Unstated,
        Standing::Contested { voices } => Now::Contested(voices.iter().map(|(key, _)| voice(detention, key)).collect()),
        Standing::Stated { key, ground, .. } => Now::Stands {
            shown: voice(detention, &key),
            ground: (ground.key != key).then(|| voice(detention, &ground.key)),
            confirmed: ground.confirmed,
            decided: ground.decided,
        },
    }
}

fn stamp(detention: &Read<Detention>, key: &Key) -> Stamp {
    let mark = detention.record.entries.get(&format!("transitions/{key}")).copied().unwrap_or_default();
    Stamp { by: mark.observer.to_string(), at: mark.at }
}

fn voice(detention: &Read<Detention>, key: &Key) -> Voice {
    let step = detention.said.transitions.get(key).cloned().map(Box::new);
    let status = step.as_ref().and_then(|step| step.status.as_ref()).map(ToString::to_string).unwrap_or_default();
    Voice { status, step, mark: detention.record.entries.get(&format!("transitions/{key}")).copied() }
}

/// A voice by the key of its step, as the step itself, or as a bare status.
fn heard_voice(detention: &Read<Detention>, said: &Said) -> Option<Voice> {
    if let Value::String(text) = &said.value {
        let step = text.parse::<Key>().ok().filter(|key| detention.said.transitions.contains_key(key));
        return Some(step.map_or_else(|| Voice { status: text.clone(), step: None, mark: Some(said.mark) }, |key| voice(detention, &key)));
    }
    let step: Transition = serde_json::from_value(said.value.clone()).ok()?;
    Some(Voice { status: step.status.as_ref()?.to_string(), step: Some(Box::new(step)), mark: Some(said.mark) })
}
