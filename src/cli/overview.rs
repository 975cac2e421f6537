//! A bare call: where the casebook stands, and one thing to do next.

use serde_json::json;

use super::context::Context;
use super::show::moment;
use super::sync::say_lost;
use super::terminal::{clean, data};
use crate::error::Error;
use crate::session::{Mode, Session, short};

/// Most contested records that are named.
const SHOWN: usize = 10;

/// Runs the overview.
pub fn run(context: &mut Context) -> Result<(), Error> {
    if !crate::vault::exists(&context.folder) && super::terminal::is_person() {
        return super::init::run_first(context);
    }
    let mut session = context.open()?;
    if session.mode() != Mode::Open && !session.reads() {
        return blind(context, &mut session);
    }
    let seen = session.overview()?;
    let texts = &context.texts;
    if context.json {
        let contested: Vec<&str> = seen.contested.iter().map(|line| line.id.as_str()).collect();
        data(&json!({ "mode": session.mode().text(), "records": seen.records, "today": seen.today, "only_here": seen.only_here, "backup": seen.backup, "contested": contested, "running": seen.running, "not_sent": seen.not_sent }).to_string());
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
    say_places(context, seen.not_sent, &seen.places);
    if seen.unverified {
        data(&texts.get("casebook-unverified"));
    }
    if session.needs_roll() {
        data(&texts.get("roll-due"));
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

/// The overview of a device that opens nothing: what it is, and what only it has.
fn blind(context: &Context, session: &mut Session) -> Result<(), Error> {
    let (texts, seen) = (&context.texts, session.blind()?);
    if context.json {
        let places: Vec<&str> = seen.places.iter().map(|(place, _)| place.as_str()).collect();
        data(&json!({ "mode": session.mode().text(), "records": seen.made, "today": seen.today, "only_here": seen.only_here, "not_sent": seen.not_sent, "places": places }).to_string());
        return Ok(());
    }
    let book = session.casebook_name().map_or_else(|| texts.get("overview-own"), clean);
    data(&texts.with("overview-blind", &[("book", &book), ("mode", session.mode().text())]));
    data(&texts.with("overview-blind-made", &[("today", &seen.today.to_string()), ("made", &seen.made.to_string())]));
    data(&texts.with("overview-only-here", &[("only", &seen.only_here.to_string())]));
    say_places(context, seen.not_sent, &seen.places);
    say_lost(context, session)?;
    let next = match (seen.made, seen.only_here) {
        (0, _) => "next-note",
        (_, 0) => "next-nothing",
        _ => "next-sync",
    };
    data(&texts.get(next));
    Ok(())
}

fn say_places(context: &Context, not_sent: Option<u64>, places: &[(String, Option<i64>)]) {
    let texts = &context.texts;
    if let Some(count) = not_sent {
        data(&texts.with("overview-not-sent", &[("count", &count.to_string())]));
    }
    for (place, last) in places {
        let last = last.map_or_else(|| texts.get("place-never"), moment);
        data(&texts.with("overview-place", &[("place", &clean(place)), ("last", &last)]));
    }
}
