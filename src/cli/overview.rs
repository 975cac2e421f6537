//! A bare call: where the casebook stands, and one thing to do next.

use serde_json::json;

use super::context::Context;
use super::show::moment;
use super::terminal::{clean, data};
use crate::error::Error;
use crate::session::short;

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
        data(&json!({ "records": seen.records, "today": seen.today, "only_here": seen.only_here, "backup": seen.backup, "contested": contested, "running": seen.running }).to_string());
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
    for line in seen.contested.iter().take(10) {
        let whose = session.name_of(line.person.as_deref().unwrap_or(&line.id))?;
        data(&texts.with("overview-contested", &[("code", &short(&line.kind, &line.id)), ("name", &clean(&whose))]));
    }
    let next = match (seen.records, seen.contested.is_empty(), seen.only_here) {
        (0, ..) => "next-note",
        (_, false, _) => "next-decide",
        (_, true, 0) => "next-nothing",
        _ => "next-backup",
    };
    data(&texts.get(next));
    Ok(())
}
