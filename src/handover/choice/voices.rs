//! Who is heard: the statements that disagree about liberty, and the numbers by which those who recorded something are told apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::redact::Drawn;
use crate::model::liberty::{Standing, retracted};
use crate::model::tree::value_at;
use crate::model::{Kind, Record};
use crate::vault::{Body, MarkRow, meta, standing_of};

/// Every statement that disagrees about liberty, as far as it goes, and which one somebody chose.
pub(super) fn status_voices(one: &Drawn) -> Option<Vec<(MarkRow, Value, bool)>> {
    let Ok(Record::Detention(detention)) = Record::from_tree(one.found.kind, &one.found.body.tree) else { return None };
    let mut open = detention.clone();
    if let Some(meta) = &mut open.meta {
        let about_status = |key: &&crate::model::value::Key| meta.verdicts[*key].about.as_ref().is_some_and(|about| about.as_str() == "status");
        let keys: Vec<_> = meta.verdicts.keys().filter(about_status).cloned().collect();
        keys.iter().for_each(|key| drop(meta.verdicts.remove(key)));
    }
    let Standing::Contested { voices } = standing_of(&open, one.found.body) else { return None };
    let decided = match standing_of(&detention, one.found.body) {
        Standing::Stated { ground, .. } if ground.decided => Some(ground.key.to_string()),
        _ => None,
    };
    let voice = |key: &str| {
        let path = format!("transitions/{key}");
        let value = value_at(&one.tree, one.walk.entries.get(&path)?)?.clone();
        Some((one.found.body.entries.get(&path).cloned().unwrap_or_default(), value, decided.as_deref() == Some(key)))
    };
    Some(voices.iter().filter_map(|(key, _)| voice(key.as_str())).collect())
}

/// Keys of the decisions about liberty that nobody took back.
pub(super) fn standing_verdicts(kind: Kind, body: &Body) -> BTreeSet<String> {
    let some = body.tree.get("meta").is_some_and(|meta| meta.get("verdicts").is_some());
    let record = Some(()).filter(|()| some).and_then(|()| Record::from_tree(kind, &body.tree).ok());
    let verdicts = record.as_ref().and_then(meta).map(|meta| meta.verdicts.clone()).unwrap_or_default();
    let gone = retracted(verdicts.values().map(|verdict| verdict.retracts.as_ref()));
    let about_status = |verdict: &crate::model::entity::Verdict| verdict.about.as_ref().is_some_and(|about| about.as_str() == "status");
    verdicts.iter().filter(|(key, verdict)| !gone.contains(key) && about_status(verdict)).map(|(key, _)| key.to_string()).collect()
}

/// Numbers for everybody who recorded something, in the order of their first marks; names in fields come after.
pub(super) fn numbers(mut marks: Vec<(i64, usize, String)>, drawn: &[Drawn]) -> BTreeMap<String, u32> {
    marks.sort();
    let named = drawn.iter().flat_map(|one| one.walk.numbered.iter().map(|(_, handle)| handle.clone()));
    let mut numbers = BTreeMap::new();
    for handle in marks.into_iter().map(|(.., handle)| handle).chain(named) {
        let next = numbers.len() as u32 + 1;
        numbers.entry(handle.trim().to_lowercase()).or_insert(next);
    }
    numbers
}

/// Returns the number of somebody; 0 for nobody who was counted.
pub(super) fn number(numbers: &BTreeMap<String, u32>, handle: &str) -> u32 {
    numbers.get(&handle.trim().to_lowercase()).copied().unwrap_or_default()
}
