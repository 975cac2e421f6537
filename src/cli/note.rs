//! `note` and `split`: one line for each detainee, saved before it answers.

use serde_json::{Value, json};

use super::context::Context;
use super::terminal::{self, ask, data, tell};
use crate::crypto::Passphrase;
use crate::error::Error;
use crate::model::shape::Shape;
use crate::model::tree::field;
use crate::model::{Kind, Tree, vocabulary};
use crate::session::{Mode, NoteContext, Noted, Session, short};
use crate::vault::VaultError;
use crate::words;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_name = "ID")]
    incident: Option<String>,
}

#[derive(clap::Args)]
pub struct SplitArgs {
    group: String,
}

/// Runs `note`.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    if !crate::vault::exists(&context.folder) {
        return Err(VaultError::Absent.into());
    }
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_with(&passphrase)?;
    // It stays in memory only where the device is to seal itself.
    let passphrase = session.seals_itself().is_some().then_some(passphrase);
    let noted = noted(args, context, &mut session, passphrase.as_ref());
    let leaves = terminal::is_person() && session.seals_itself().is_some_and(|when| when.on_leaving);
    if let Some(passphrase) = passphrase.as_ref().filter(|_| leaves) {
        let sealed = session.seal_as_set(passphrase);
        context.mode = session.mode();
        noted.and(sealed)?;
        tell(&context.texts.get("sealed-on-leaving"));
        return Ok(());
    }
    noted
}

fn noted(args: &Args, context: &mut Context, session: &mut Session, passphrase: Option<&Passphrase>) -> Result<(), Error> {
    if let Some(given) = &args.incident {
        let incident = session.named(given)?;
        let known = session.note_context();
        session.set_note_context(&NoteContext { incident: Some(incident), ..known })?;
    }
    if terminal::is_person() {
        set_up(context, session)?;
        tell(&context.texts.get("note-how"));
    }
    each_line(context, session, passphrase, &mut |session, line| session.note(line))
}

/// Runs `split`: names for people counted in a group, without counting anybody twice.
pub fn split(args: &SplitArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let group = session.resolve(&args.group)?.id.clone();
    tell(&context.texts.get("note-how"));
    each_line(context, &mut session, None, &mut |session, line| session.note_from_group(&group, line))
}

/// What happens to one line.
type OnLine<'a> = dyn FnMut(&mut Session, &str) -> Result<Noted, Error> + 'a;

/// Takes lines until the end; what is saved is said at once. With the passphrase at hand the device seals itself when that is due.
fn each_line(context: &mut Context, session: &mut Session, passphrase: Option<&Passphrase>, note: &mut OnLine<'_>) -> Result<(), Error> {
    let person = terminal::is_person();
    loop {
        let line = if person { ask(prompt(session))? } else { terminal::read_line()? };
        let Some(line) = line else { return Ok(()) };
        if let Some(passphrase) = passphrase.filter(|_| session.seal_is_due()) {
            context.seal_as_set(session, passphrase);
        }
        match note(session, &line)? {
            Noted::Finish => return Ok(()),
            Noted::Empty => {}
            Noted::Help => tell(&context.texts.get("note-help")),
            Noted::NothingToUndo => tell(&context.texts.get("note-nothing-to-undo")),
            Noted::NotHere { person } => tell(&context.texts.with("note-not-here", &[("code", &short("person", &person))])),
            Noted::Undone { person } => tell(&context.texts.with("note-undone", &[("code", &short("person", &person))])),
            saved @ Noted::Saved { .. } => say_saved(context, &saved),
        }
        terminal::heard()?;
    }
}

/// The prompt says what becomes of what is typed.
fn prompt(session: &Session) -> &'static str {
    match session.mode() {
        Mode::Open => ">",
        Mode::Capture => "capture>",
        Mode::Sealed => "sealed>",
    }
}

fn say_saved(context: &Context, noted: &Noted) {
    let Noted::Saved { person, detention, seen, people_today, only_here } = noted else { return };
    if context.json {
        data(&json!({ "person": person, "detention": detention, "today": people_today, "only_here": only_here }).to_string());
        return;
    }
    let texts = &context.texts;
    data(&format!("{} · {}", short("person", person), understood(context, seen)));
    data(&texts.with("note-saved", &[("today", &people_today.to_string()), ("only", &only_here.to_string())]));
}

/// What was understood, field by field; what was taken over is marked so.
fn understood(context: &Context, seen: &Tree) -> String {
    let texts = &context.texts;
    let carried: Vec<&str> = seen.get("carried").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut parts = Vec::new();
    let mut names: Vec<&Value> = seen.get("names").and_then(Value::as_object).into_iter().flat_map(|names| names.values()).collect();
    names.sort_by_key(|name| name.get("kind").is_some());
    parts.extend(names.into_iter().filter_map(|name| name.get("text")?.as_str()).map(terminal::clean));
    for kind in [Kind::Person, Kind::Detention] {
        for name in [
            "code",
            "group_size",
            "sex",
            "age",
            "roles",
            "apprehended_at",
            "taken_by",
            "masked",
            "force",
            "vehicle",
            "destination",
            "apprehended_place",
            "note",
        ] {
            let (Some(field), Some(value)) = (field(kind.fields(), name), seen.get(name)) else { continue };
            let shown = match (field.shape, value) {
                (Shape::One(leaf), value) => words::value(texts, leaf, field.of, value),
                (Shape::Set, Value::Array(terms)) => {
                    terms.iter().filter_map(Value::as_str).map(|code| words::term(texts, field.of, code)).collect::<Vec<_>>().join(", ")
                }
                _ => continue,
            };
            let label = words::label(texts, kind.code(), name);
            let shown = if carried.contains(&name) { texts.with("note-carried", &[("value", &shown)]) } else { shown };
            parts.push(format!("{label}: {shown}"));
        }
    }
    parts.join(" · ")
}

/// Asks once for what holds for the whole event; Enter keeps what is known.
fn set_up(context: &Context, session: &mut Session) -> Result<(), Error> {
    let texts = &context.texts;
    let mut known = session.note_context();
    let before = known.clone();
    let shown = match &known.incident {
        Some(id) => terminal::clean(&session.name_of(id)?),
        None => texts.get("note-no-incident"),
    };
    if let Some(answer) = answered(&texts.with("note-ask-incident", &[("known", &shown)]))? {
        known.incident = Some(incident(texts, session, &answer)?);
    }
    let spot = known.spot.clone().unwrap_or_else(|| "–".into());
    known.spot = answered(&texts.with("note-ask-spot", &[("known", &terminal::clean(&spot))]))?.or(known.spot);
    let taken_by = known.taken_by.as_ref().map_or_else(|| "–".into(), |code| words::term(texts, "taken_by", code));
    if let Some(answer) = answered(&texts.with("note-ask-taken-by", &[("known", &taken_by)]))? {
        known.taken_by = vocabulary::shipped("taken_by").and_then(|v| v.meant(&answer)).map(|term| term.code.clone()).or(known.taken_by);
    }
    if known == before { Ok(()) } else { session.set_note_context(&known) }
}

fn answered(question: &str) -> Result<Option<String>, Error> {
    Ok(ask(question)?.filter(|answer| !answer.is_empty()))
}

/// The incident meant, or a new one of that name: a monitor in the street makes no records first.
fn incident(texts: &crate::locale::Texts, session: &mut Session, answer: &str) -> Result<String, Error> {
    if let Ok(line) = session.resolve(answer)
        && line.kind == Kind::Incident.code()
    {
        return Ok(line.id.clone());
    }
    let kind = answered(&texts.get("note-ask-kind"))?;
    let meant = kind.and_then(|kind| vocabulary::shipped("incident_kind").and_then(|v| v.meant(&kind)));
    let draft = json!({ "title": answer, "category": meant.map_or("other", |term| &term.code) });
    Ok(session.add(&[(Kind::Incident, draft)])?.remove(0))
}
