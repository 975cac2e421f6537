//! A bare call: where the casebook stands, and one thing to do next.

use serde_json::json;

use super::context::Context;
use super::show::moment;
use super::terminal::{clean, data};
use crate::error::Error;
use crate::session::short;

/// Most contested records that are named.
const SHOWN: usize = 10;

/// Runs the overview.
pub fn run(context: &mut Context) -> Result<(), Error> {
    if !crate::vault::exists(&context.folder) && super::terminal::is_person() {
        return super::init::run_first(context);
    }
    let mut session = context.open()?;
    let seen = session.overview()?;
    let texts = &context.texts;
    if context.json {
        let contested: Vec<&str> = seen.contested.iter().map(|line| line.id.as_str()).collect();
        data(&json!({ "records": seen.records, "today": seen.today, "only_here": seen.only_here, "backup": seen.backup, "contested": contested, "running": seen.running, "not_sent": seen.not_sent }).to_string());
        return Ok(());
    }
    let book = session.casebook_name().map_or_else(|| texts.get("overview-own"), clean);
    data(&texts.with("overview-head", &[("book", &book), ("records", &seen.records.to_string()), ("today", &seen.today.to_string())]));
    data(&texts.with("overview-only-here", &[("only", &seen.only_here.to_string())]));
    data(&match seen.backup {
        Some(at) => texts.with("overview-backup", &[("at", &moment(at))]),
        None => texts.get("overview-no-backup"),
    });
    data(&texts.with("overview-running", &[("count", &seen.running.to_string())]));
    for line in seen.contested.iter().take(SHOWN) {
        let whose = session.name_of(line.person.as_deref().unwrap_or(&line.id))?;
        data(&texts.with("overview-contested", &[("code", &short(&line.kind, &line.id)), ("name", &clean(&whose))]));
    }
    if seen.contested.len() > SHOWN {
        data(&texts.with("overview-contested-more", &[("count", &(seen.contested.len() - SHOWN).to_string())]));
    }
    if let Some(count) = seen.not_sent {
        data(&texts.with("overview-not-sent", &[("count", &count.to_string())]));
    }
    for (place, last) in &seen.places {
        let last = last.map_or_else(|| texts.get("place-never"), moment);
        data(&texts.with("overview-place", &[("place", &clean(place)), ("last", &last)]));
    }
    if seen.unverified {
        data(&texts.get("casebook-unverified"));
    }
    let next = match (seen.records, seen.contested.is_empty(), seen.not_sent, seen.only_here) {
        (0, ..) => "next-note",
        (_, false, ..) => "next-decide",
        (_, true, Some(1..), _) => "next-sync",
        (_, true, _, 0) => "next-nothing",
        _ => "next-backup",
    };
    data(&texts.get(next));
    Ok(())
}
