//! `step`, `decide`, `consent`, `link`, `retract`, `conflicts`: dated statements and what is decided about them.

use serde_json::{Value, json};

use super::ask;
use super::context::Context;
use super::show::{moment, print_conflict};
use super::terminal::{self, data, tell};
use crate::error::Error;
use crate::model::entity::{ConsentStatement, Transition};
use crate::model::shape::Shaped;
use crate::session::{Conflict, Session, short};

#[derive(clap::Args)]
pub struct StepArgs {
    id: String,
}

#[derive(clap::Args)]
pub struct DecideArgs {
    id: String,
    #[arg(long)]
    reopen: bool,
}

#[derive(clap::Args)]
pub struct ConsentArgs {
    id: String,
    #[arg(value_parser = ["give", "withdraw"])]
    act: String,
}

#[derive(clap::Args)]
pub struct LinkArgs {
    a: String,
    b: String,
    #[arg(long, value_parser = ["same", "different", "unsure"], default_value = "same")]
    verdict: String,
}

#[derive(clap::Args)]
pub struct RetractArgs {
    id: String,
    entry: String,
}

#[derive(clap::Args)]
pub struct ConflictsArgs {
    #[arg(long)]
    decided: bool,
}

/// Runs `step`.
pub fn step(args: &StepArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let id = session.detention_of(&args.id)?;
    let statement =
        if terminal::is_person() { Value::Object(ask::whole_entry(context, &mut session, Transition::NAME, Transition::FIELDS, &[])?) } else { one_object()? };
    session.step(&id, &statement)?;
    said(context, &mut session, &id)
}

/// Prints the record's line after a change.
fn said(context: &Context, session: &mut Session, id: &str) -> Result<(), Error> {
    let line = session.resolve(id)?.clone();
    super::list::print(context, session, &[line])?;
    tell(&context.texts.with("saved", &[("only", &session.only_here().to_string())]));
    Ok(())
}

fn one_object() -> Result<Value, Error> {
    object_in(&terminal::read_all()?)
}

/// Reads a text as one JSON object.
///
/// # Errors
/// Returns [`Error::NotJson`] with the place.
pub fn object_in(text: &str) -> Result<Value, Error> {
    let value: Value = serde_json::from_str(text).map_err(|error| Error::NotJson { line: error.line(), column: error.column() })?;
    if value.is_object() { Ok(value) } else { Err(Error::NotJson { line: 1, column: 1 }) }
}

/// Runs `decide`: `{about, chosen, reason}` from a script, questions for a person.
pub fn decide(args: &DecideArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let open: Vec<Conflict> = session.conflicts_of(&args.id)?.into_iter().filter(|c| c.decided.is_some() == args.reopen).collect();
    let asked = if terminal::is_person() { ask_decision(args, context, &open)? } else { one_object()? };
    let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let about = if text("about").is_empty() { open.first().map(|c| c.about.clone()).ok_or(Error::NotContested)? } else { text("about") };
    let id =
        if args.reopen { session.reopen(&args.id, &about, &text("reason"))? } else { session.decide(&args.id, &about, &text("chosen"), &text("reason"))? };
    said(context, &mut session, &id)
}

fn ask_decision(args: &DecideArgs, context: &Context, open: &[Conflict]) -> Result<Value, Error> {
    let conflict = open.first().ok_or(Error::NotContested)?;
    print_conflict(&context.texts, conflict);
    let mut asked = json!({ "about": conflict.about });
    if !args.reopen {
        let answer = terminal::ask(&context.texts.get("ask-which-voice"))?.unwrap_or_default();
        let number = crate::model::note::spoken_number(&answer).ok_or(Error::NoVoice)?;
        let voice = (number as usize).checked_sub(1).and_then(|at| conflict.voices.get(at)).ok_or(Error::NoVoice)?;
        asked["chosen"] = voice.id.clone().into();
    }
    asked["reason"] = terminal::ask(&context.texts.get("ask-reason"))?.unwrap_or_default().into();
    Ok(asked)
}

/// Runs `consent`.
pub fn consent(args: &ConsentArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    session.resolve(&args.id)?;
    let withdraw = args.act == "withdraw";
    let mut statement = if terminal::is_person() {
        Value::Object(ask::whole_entry(context, &mut session, ConsentStatement::NAME, ConsentStatement::FIELDS, &["withdrawn"])?)
    } else {
        one_object()?
    };
    if withdraw {
        statement["withdrawn"] = true.into();
    }
    let id = session.consent(&args.id, &statement)?;
    said(context, &mut session, &id)?;
    if withdraw { tell_holders(context, &mut session, &id) } else { Ok(()) }
}

/// Lists who holds a bundle about the person whose consent was withdrawn: nothing here can take it back from them.
fn tell_holders(context: &Context, session: &mut Session, consent: &str) -> Result<(), Error> {
    let Some(person) = session.resolve(consent)?.person.clone() else { return Ok(()) };
    let held = session.holders_of(&person)?;
    if !held.is_empty() {
        tell(&context.texts.get("consent-tell"));
    }
    for holding in held {
        let recipient = holding.recipient.as_deref().map_or_else(|| context.texts.get("answer-nobody"), terminal::clean);
        let profile = crate::words::term(&context.texts, "handover_profile", &holding.profile);
        let values = [("code", short("handover", &holding.record)), ("recipient", recipient), ("profile", profile), ("at", moment(holding.at))];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        tell(&context.texts.with("consent-tell-one", &values));
    }
    Ok(())
}

/// Runs `link`.
pub fn link(args: &LinkArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let reason = if terminal::is_person() { terminal::ask(&context.texts.get("ask-reason"))?.unwrap_or_default() } else { terminal::read_all()? };
    let id = session.link(&args.a, &args.b, &args.verdict, &reason)?;
    said(context, &mut session, &id)
}

/// Runs `retract`.
pub fn retract(args: &RetractArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let id = session.retract(&args.id, &args.entry)?;
    said(context, &mut session, &id)
}

/// Runs `conflicts`.
pub fn conflicts(args: &ConflictsArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let conflicts = session.conflicts(args.decided)?;
    if context.json {
        let rows: Vec<Value> = conflicts.iter().map(as_json).collect();
        data(&Value::Array(rows).to_string());
        return Ok(());
    }
    if conflicts.is_empty() {
        tell(&context.texts.get("conflicts-none"));
    }
    for conflict in &conflicts {
        print_named(context, &mut session, conflict)?;
    }
    Ok(())
}

/// Says whose record it is, then the voices.
fn print_named(context: &Context, session: &mut Session, conflict: &Conflict) -> Result<(), Error> {
    let whose = conflict.line.person.clone().unwrap_or_else(|| conflict.line.id.clone());
    data(&terminal::clean(&session.name_of(&whose)?));
    print_conflict(&context.texts, conflict);
    Ok(())
}

fn as_json(conflict: &Conflict) -> Value {
    let voices: Vec<Value> = conflict.voices.iter().map(|v| json!({ "id": v.id, "value": v.value, "by": v.by, "at": v.at })).collect();
    json!({ "id": conflict.line.id, "kind": conflict.line.kind, "code": short(&conflict.line.kind, &conflict.line.id), "about": conflict.about, "voices": voices, "decided": conflict.decided })
}
