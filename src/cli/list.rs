//! `list`: records of a kind, one line each.

use super::context::Context;
use super::show::as_json;
use super::terminal::{clean, data, heard};
use crate::error::Error;
use crate::locale::Texts;
use crate::model::vocabulary;
use crate::session::{Session, short};
use crate::vault::Line;
use crate::words::{self, term};

#[derive(clap::Args)]
pub struct Args {
    kind: String,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let kind = words::kind(&args.kind).ok_or(Error::NotUnderstood { what: "kind" })?;
    let mut session = context.open()?;
    let lines = session.list(Some(kind))?;
    print(context, &mut session, &lines)
}

/// Prints lines as a list, or as an array of records with `--json`.
pub fn print(context: &Context, session: &mut Session, lines: &[Line]) -> Result<(), Error> {
    if context.json {
        return print_array(session, lines);
    }
    for line in lines {
        let row = row(&context.texts, session, line)?;
        data(&row);
        heard()?;
    }
    Ok(())
}

/// Prints records as one array, a record at a time: a large book never stands in memory as a whole.
fn print_array(session: &mut Session, lines: &[Line]) -> Result<(), Error> {
    for (number, line) in lines.iter().enumerate() {
        let before = if number == 0 { '[' } else { ',' };
        data(&format!("{before}{}", as_json(&session.show(&line.id)?)));
    }
    data(if lines.is_empty() { "[]" } else { "]" });
    Ok(())
}

/// One record in one line: code, name, time, place, status, marks.
fn row(texts: &Texts, session: &mut Session, line: &Line) -> Result<String, Error> {
    let mut parts = vec![short(&line.kind, &line.id)];
    let title = match (&line.person, line.title.is_empty()) {
        (Some(person), true) => name(texts, session, person)?,
        (None, true) if line.group > 0 => group(texts, line.group),
        _ => line.title.clone(),
    };
    parts.push(if line.kind == "act" || line.kind == "action" { term(texts, &format!("{}_type", line.kind), &title) } else { clean(&title) });
    parts.extend([clean(&line.when), term(texts, "place", &line.place)].into_iter().filter(|part| !part.is_empty()));
    let statuses: Vec<String> = line.status.iter().map(|code| term(texts, "status", code)).collect();
    match statuses.as_slice() {
        [] => {}
        [one] if line.clock_runs && is_release(line) => parts.push(texts.with("list-reported", &[("status", one)])),
        [one] => parts.push(one.clone()),
        several => parts.push(texts.with("list-contested", &[("voices", &several.join(" / "))])),
    }
    if line.contested > 0 && statuses.len() < 2 {
        parts.push(texts.with("list-disagreements", &[("count", &line.contested.to_string())]));
    }
    if line.kind == "detention" && line.clock_runs && !line.withdrawn {
        parts.push(texts.get("list-clock-runs"));
    }
    if line.withdrawn {
        parts.push(texts.get("list-withdrawn"));
    }
    parts.extend(line.copy_of.as_ref().map(|of| texts.with("list-copy", &[("code", &short(&line.kind, of))])));
    Ok(parts.join(" · "))
}

/// The name of a person; for a group how many it stands for.
fn name(texts: &Texts, session: &mut Session, id: &str) -> Result<String, Error> {
    match session.resolve(id) {
        Ok(line) if line.group > 0 && line.title.is_empty() => Ok(group(texts, line.group)),
        _ => session.name_of(id),
    }
}

fn group(texts: &Texts, size: u32) -> String {
    texts.with("list-group", &[("size", &size.to_string())])
}

/// A release that nobody confirmed yet is only reported.
fn is_release(line: &Line) -> bool {
    line.status.first().and_then(|code| vocabulary::term("status", code)).is_some_and(|term| term.flag("release"))
}
