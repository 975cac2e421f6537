//! `aside`, `adopt`, `set-aside`: what does not count, read before anybody decides, and the decisions of admins.

use serde_json::{Value, json};

use super::context::Context;
use super::show::moment;
use super::sync::why;
use super::team::judge;
use super::terminal::{self, clean, data, tell};
use crate::error::Error;
use crate::locale::Texts;
use crate::session::{AsideReading, AsideRow, Choice, Decision};
use crate::words::term;

#[derive(clap::Args)]
pub struct AsideArgs {
    id: Option<String>,
    #[arg(long, value_name = "M", conflicts_with = "id")]
    member: Option<String>,
}

#[derive(clap::Args)]
pub struct AdoptArgs {
    ids: Vec<String>,
    #[arg(long, value_name = "M")]
    member: Option<String>,
    #[arg(long, value_name = "ID")]
    up_to: Option<String>,
}

#[derive(clap::Args)]
pub struct SetAsideArgs {
    #[arg(required = true)]
    ids: Vec<String>,
}

/// Runs `aside`: the list, or with an id what a record would say.
pub fn aside(args: &AsideArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let mut judge = judge()?;
    if let Some(id) = &args.id {
        let reading = session.read_aside(id, &mut judge)?;
        return said(context, &reading);
    }
    let rows = session.set_aside_list(args.member.as_deref(), &mut judge)?;
    if context.json {
        data(&Value::Array(rows.iter().map(row_as_json).collect()).to_string());
        return Ok(());
    }
    if rows.is_empty() {
        tell(&context.texts.get("aside-none"));
    }
    rows.iter().for_each(|row| print_row(&context.texts, row));
    Ok(())
}

/// One change in one line, and in a second one who keeps it out.
fn print_row(texts: &Texts, row: &AsideRow) {
    let kind = row.kind.map_or_else(|| texts.get("aside-unread"), |kind| term(texts, "kinds", kind.code()));
    let what: Vec<String> = [row.record.clone().unwrap_or_default(), kind, clean(&row.title)].into_iter().filter(|part| !part.is_empty()).collect();
    let (number, at) = (row.number.to_string(), moment(row.time));
    let values = [("id", row.short.as_str()), ("author", &clean(&row.author)), ("number", &number), ("at", &at), ("what", &what.join(" "))];
    data(&texts.with("aside-line", &values));
    data(&texts.with("aside-why", &[("why", &why(texts, &row.why))]));
    let Some(decided) = &row.decided else { return };
    data(&texts.with("aside-by", &[("by", &clean(&decided.by)), ("at", &moment(decided.at))]));
    if !decided.reason.is_empty() {
        data(&texts.with("aside-reason", &[("reason", &clean(&decided.reason))]));
    }
}

fn row_as_json(row: &AsideRow) -> Value {
    let decided = row.decided.as_ref().map(|decided| json!({ "by": decided.by, "at": decided.at, "reason": decided.reason }));
    json!({ "id": row.id, "short": row.short, "author": row.author, "at": row.time, "number": row.number, "why": row.why, "record": row.record,
        "kind": row.kind.map(|kind| kind.code()), "title": row.title, "decided": decided })
}

/// Prints what a record would say beside what it says now.
fn said(context: &Context, reading: &AsideReading) -> Result<(), Error> {
    let texts = &context.texts;
    if context.json {
        let edits: Vec<Value> = reading.edits.iter().map(|(path, now, then)| json!({ "path": path, "now": now, "then": then })).collect();
        let mut row = row_as_json(&reading.row);
        row["builds_on"] = json!(reading.builds_on);
        row["edits"] = json!(edits);
        row["unreadable"] = json!(reading.unreadable);
        data(&row.to_string());
    } else {
        print_row(texts, &reading.row);
        print_edits(texts, reading);
    }
    match &reading.unreadable {
        Some(code) => {
            tell(&texts.with("aside-unreadable", &[("why", &why(texts, code))]));
            Err(Error::Partly)
        }
        None => Ok(()),
    }
}

fn print_edits(texts: &Texts, reading: &AsideReading) {
    if !reading.builds_on.is_empty() {
        data(&texts.with("aside-builds-on", &[("ids", &reading.builds_on.join(", "))]));
    }
    if reading.edits.is_empty() && reading.unreadable.is_none() {
        data(&texts.get("aside-nothing-new"));
    }
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "–".to_owned(), |v| v.as_str().map_or_else(|| clean(&v.to_string()), clean));
    for (path, now, then) in &reading.edits {
        data(&format!("  {}: {} → {}", clean(path), text(now), text(then)));
    }
}

/// Runs `adopt`.
pub fn adopt(args: &AdoptArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let reason = reason(context)?;
    let choice = Choice { parcels: &args.ids, member: args.member.as_deref(), up_to: args.up_to.as_deref() };
    let decision = session.adopt(&choice, &reason, &mut judge()?)?;
    tell(&context.texts.with("adopt-done", &[("count", &decision.done.to_string())]));
    outcome(context, &decision)
}

/// Runs `set-aside`.
pub fn set_aside(args: &SetAsideArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let reason = reason(context)?;
    let decision = session.set_aside(&args.ids, &reason, &mut judge()?)?;
    tell(&context.texts.with("set-aside-done", &[("count", &decision.done.to_string())]));
    outcome(context, &decision)
}

/// The reason, from a question or standard input, never from arguments.
fn reason(context: &Context) -> Result<String, Error> {
    if terminal::is_person() { Ok(terminal::ask(&context.texts.get("ask-decision-reason"))?.unwrap_or_default()) } else { terminal::read_all() }
}

/// Says what does not stand as was decided, and what stands apart since then.
fn outcome(context: &Context, decision: &Decision) -> Result<(), Error> {
    let texts = &context.texts;
    if context.json {
        data(&json!({ "done": decision.done, "left": decision.left, "behind": decision.behind }).to_string());
    }
    for (code, count) in &decision.left {
        tell(&texts.with("decision-left", &[("count", &count.to_string()), ("why", &why(texts, code))]));
    }
    if decision.behind > 0 {
        tell(&texts.with("decision-behind", &[("count", &decision.behind.to_string())]));
    }
    tell(&texts.get("decision-next"));
    if decision.left.is_empty() { Ok(()) } else { Err(Error::Partly) }
}
