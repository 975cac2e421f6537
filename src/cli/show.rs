//! `show`: one record with everything in it, and how it came about.

use serde_json::{Value, json};

use super::context::Context;
use super::terminal::{clean, data};
use crate::error::Error;
use crate::locale::Texts;
use crate::model::Tree;
use crate::session::{Adopted, Conflict, Session, Shown, short};
use crate::words;

#[derive(clap::Args)]
pub struct Args {
    id: String,
    #[arg(long)]
    history: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    if args.history {
        return history(context, &mut session, &args.id);
    }
    let shown = session.show(&args.id)?;
    if context.json {
        data(&as_json(&shown).to_string());
        return Ok(());
    }
    print_tree(context, &mut session, &shown)?;
    for conflict in session.conflicts_of(&args.id)? {
        print_conflict(&context.texts, &conflict);
    }
    Ok(())
}

/// A record as one JSON object: id, kind, fields, and every voice of what is contested.
pub fn as_json(shown: &Shown) -> Value {
    let mut row = Tree::new();
    row.insert("id".into(), shown.line.id.clone().into());
    row.insert("short".into(), short(&shown.line.kind, &shown.line.id).into());
    row.insert("by".into(), shown.line.by.clone().into());
    row.insert("recorded_at".into(), shown.line.created.into());
    row.extend(shown.tree.clone());
    row.extend(shown.line.copy_of.clone().map(|of| ("copy_of".to_owned(), Value::String(of))));
    if !shown.copies.is_empty() {
        row.insert("copies".into(), json!(shown.copies));
    }
    if !shown.adopted.is_empty() {
        row.insert("adopted".into(), shown.adopted.iter().map(adopted_as_json).collect());
    }
    if !shown.body.voices.is_empty() {
        row.insert("voices".into(), json!(shown.body.voices));
    }
    if !shown.line.status.is_empty() {
        row.insert("current_status".into(), json!(shown.line.status));
        row.insert("clock_runs".into(), shown.line.clock_runs.into());
        row.insert("contested".into(), (shown.line.contested > 0).into());
    }
    Value::Object(row)
}

fn adopted_as_json(adopted: &Adopted) -> Value {
    json!({ "author": adopted.author, "by": adopted.by, "reason": adopted.reason, "parcels": adopted.parcels })
}

/// Prints a record in words.
pub fn print_tree(context: &Context, session: &mut Session, shown: &Shown) -> Result<(), Error> {
    let tree = session.with_names(shown)?;
    let texts = &context.texts;
    let kind = words::term(texts, "kinds", shown.kind.code());
    data(&texts.with(
        "show-head",
        &[("code", &short(&shown.line.kind, &shown.line.id)), ("kind", &kind), ("by", &clean(&shown.line.by)), ("at", &moment(shown.line.created))],
    ));
    let mut lines = Vec::new();
    words::lines(texts, shown.kind.code(), shown.kind.fields(), &tree, 1, &mut lines);
    lines.iter().for_each(|line| data(line));
    if shown.line.status.len() == 1 {
        let status = words::term(texts, "status", &shown.line.status[0]);
        data(&texts.with("show-status", &[("status", &status)]));
    }
    if shown.line.kind == "detention" && shown.line.clock_runs {
        data(&texts.get("show-clock-runs"));
    }
    print_marks(texts, shown);
    Ok(())
}

/// Says what counts by a decision alone, and what stands apart.
fn print_marks(texts: &Texts, shown: &Shown) {
    for adopted in &shown.adopted {
        let (count, author) = (adopted.parcels.len().to_string(), clean(&adopted.author));
        let values = [("count", count.as_str()), ("author", &author), ("by", &clean(&adopted.by)), ("reason", &clean(&adopted.reason))];
        data(&texts.with("show-adopted", &values));
    }
    let code = |id: &String| short(shown.kind.code(), id);
    if let Some(of) = &shown.line.copy_of {
        data(&texts.with("show-copy", &[("code", &code(of))]));
    }
    if !shown.copies.is_empty() {
        data(&texts.with("show-copies", &[("codes", &shown.copies.iter().map(code).collect::<Vec<_>>().join(", "))]));
    }
}

/// Prints a disagreement: every voice with who says so, and what was decided.
pub fn print_conflict(texts: &Texts, conflict: &Conflict) {
    let code = short(&conflict.line.kind, &conflict.line.id);
    let head = if conflict.decided.is_some() { "conflict-decided" } else { "conflict-open" };
    data(&texts.with(head, &[("code", &code), ("about", &about(texts, conflict))]));
    for (number, voice) in conflict.voices.iter().enumerate() {
        let chosen = conflict.decided.as_ref() == Some(&voice.id);
        let mark = if chosen { "*" } else { " " };
        let value = statement(texts, conflict, &voice.value);
        data(&texts.with(
            "conflict-voice",
            &[
                ("mark", mark),
                ("number", &(number + 1).to_string()),
                ("value", &value),
                ("by", &clean(&voice.by)),
                ("at", &moment(voice.at)),
                ("id", &voice.id),
            ],
        ));
    }
}

fn about(texts: &Texts, conflict: &Conflict) -> String {
    if conflict.about == "status" { texts.get("word-status") } else { conflict.about.clone() }
}

/// A voice in words: a whole statement for a status, else the value of its field.
fn statement(texts: &Texts, conflict: &Conflict, value: &Value) -> String {
    use crate::model::entity::{IdentityLink, Transition};
    use crate::model::shape::{Shape, Shaped};
    let entry = |entity: &str, fields| {
        let mut lines = Vec::new();
        words::lines(texts, entity, fields, value.as_object().unwrap_or(&Tree::new()), 0, &mut lines);
        lines.join(", ")
    };
    if conflict.about == "status" {
        return entry(Transition::NAME, Transition::FIELDS);
    }
    if conflict.about.starts_with("links/") {
        return entry(IdentityLink::NAME, IdentityLink::FIELDS);
    }
    let kind = crate::model::Kind::named(&conflict.line.kind);
    match kind.and_then(|kind| crate::model::tree::field_at(kind.fields(), &conflict.about)).map(|field| (field.shape, field.of)) {
        Some((Shape::One(leaf) | Shape::Map(leaf), of)) => words::value(texts, leaf, of, value),
        _ => value.as_str().map_or_else(|| clean(&value.to_string()), clean),
    }
}

fn history(context: &Context, session: &mut Session, id: &str) -> Result<(), Error> {
    let (codes, shared) = (session.change_codes()?, session.casebook_name().is_some());
    for (by, step) in session.history(id)? {
        let parcel = codes.get(&step.hash).cloned().unwrap_or_default();
        if context.json {
            let edits: Vec<Value> = step.edits.iter().map(|(path, old, new)| json!({ "path": path, "before": old, "after": new })).collect();
            data(&json!({ "by": by, "at": step.mark.at, "change": hex::encode(step.hash), "parcel": parcel, "edits": edits }).to_string());
            continue;
        }
        let head = context.texts.with("history-step", &[("by", &clean(&by)), ("at", &moment(step.mark.at))]);
        // The name by which admins decide about it; in a casebook of one nobody does.
        data(&if shared { format!("{head} · {parcel}") } else { head });
        for (path, old, new) in &step.edits {
            let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "–".to_owned(), |v| v.as_str().map_or_else(|| clean(&v.to_string()), clean));
            let line = match old {
                None => format!("  {path}: {}", text(new)),
                Some(_) => format!("  {path}: {} → {}", text(old), text(new)),
            };
            data(&line);
        }
    }
    Ok(())
}

/// A claimed time in UTC, as people read it.
pub fn moment(seconds: i64) -> String {
    let wall = crate::sys::clock::Wall { seconds, offset_min: 0 };
    let (.., hour, minute) = wall.civil();
    format!("{} {hour:02}:{minute:02} UTC", wall.day())
}
