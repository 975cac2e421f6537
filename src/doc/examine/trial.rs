//! The trial: Automerge takes the changes on a copy, saves it, and reads it again as the same record. A panic ends
//! the trial and nothing else.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change, ReadDoc, SaveOptions};

use super::super::{Mark, parse, read};
use super::history::History;
use super::{Hold, View};

/// Tries all changes of a record together and reads it.
pub fn trial(changes: &[&[u8]], history: &History) -> Result<View, Hold> {
    catch_unwind(AssertUnwindSafe(|| attempt(changes, history))).unwrap_or(Err(Hold::Panicked))
}

fn attempt(changes: &[&[u8]], history: &History) -> Result<View, Hold> {
    let parsed: Vec<Change> = changes.iter().map(|bytes| parse(bytes)).collect::<Result<_, _>>().map_err(|_| Hold::Unapplied)?;
    let hashes: HashSet<[u8; 32]> = parsed.iter().map(|change| change.hash().0).collect();
    let mut applied = Automerge::new();
    applied.apply_changes(parsed).map_err(|_| Hold::Unapplied)?;
    if !applied.get_missing_deps(&[]).is_empty() {
        return Err(Hold::Unapplied);
    }
    let saved = applied.save_with_options(SaveOptions { deflate: false, retain_orphans: false });
    let again = Automerge::load(&saved).map_err(|_| Hold::Unsaved)?;
    let kept: HashSet<[u8; 32]> = again.get_changes_meta(&[]).iter().map(|meta| meta.hash.0).collect();
    if again.get_heads() == applied.get_heads() && kept == hashes { Ok(view(&again, history)) } else { Err(Hold::Unsaved) }
}

fn view(document: &Automerge, history: &History) -> View {
    let metas = document.get_changes_meta(&[]);
    let heads = document.get_heads();
    let newest = metas.iter().filter(|meta| heads.contains(&meta.hash)).map(|meta| meta.timestamp);
    let kind = history.kind();
    let created = history.root.as_ref().map(|root| Mark { actor: root.actor.clone(), at: root.time, message: root.message.clone() });
    View {
        kind,
        reading: read::read(document, kind.map_or(&[], |kind| kind.fields())),
        created: created.unwrap_or_default(),
        changed: newest.max().unwrap_or_default(),
        heads: heads.iter().map(|head| hex::encode(head.0)).collect(),
        ops: document.stats().num_ops,
        changes: metas.len() as u64,
    }
}
