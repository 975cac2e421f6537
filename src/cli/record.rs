//! `add` and `edit`: JSON from scripts, questions for people.

use serde_json::{Value, json};

use super::ask;
use super::context::Context;
use super::terminal::{self, data, tell};
use crate::error::Error;
use crate::model::shape::{Leaf, Shape};
use crate::model::tree::field_at;
use crate::model::{Kind, vocabulary};
use crate::session::{Session, short};
use crate::words;

#[derive(clap::Args)]
pub struct AddArgs {
    kind: String,
}

#[derive(clap::Args)]
pub struct EditArgs {
    id: String,
}

/// Kinds that are entries of another record: their name, the record's kind, its list, and how drafts name the record.
const PARTS: &[(&str, Kind, &str, &str)] = &[("hearing", Kind::Trial, "hearings", "trial")];

/// Runs `add`.
pub fn add(args: &AddArgs, context: &mut Context) -> Result<(), Error> {
    let part = PARTS.iter().find(|part| part.0 == args.kind);
    let kind = part.map(|part| part.1).or_else(|| words::kind(&args.kind));
    let kind = kind.ok_or(Error::NotUnderstood { what: "kind" })?;
    let mut session = context.open()?;
    match (part, terminal::is_person()) {
        (Some(part), true) => {
            let id = ask::which(context, &mut session, "ask-which-trial", kind.code())?;
            ask::new_entry(context, &mut session, kind, id.clone(), part.2)?;
            say_saved(context, &mut session, kind, &[id]);
            Ok(())
        }
        (Some(part), false) => add_parts(part, context, &mut session),
        (None, true) => {
            let id = ask::new_record(context, &mut session, kind)?.ok_or(Error::Nothing)?;
            say_saved(context, &mut session, kind, &[id]);
            Ok(())
        }
        (None, false) => {
            let drafts: Vec<(Kind, Value)> = drafts()?.into_iter().map(|draft| (kind, draft)).collect();
            let ids = session.add(&drafts)?;
            say_saved(context, &mut session, kind, &ids);
            Ok(())
        }
    }
}

fn add_parts(part: &(&str, Kind, &str, &str), context: &Context, session: &mut Session) -> Result<(), Error> {
    let mut patches = Vec::new();
    for mut draft in drafts()? {
        let record = draft.as_object_mut().and_then(|fields| fields.remove(part.3)).ok_or_else(|| missing(part.3))?;
        let id = record.as_str().ok_or_else(|| missing(part.3))?.to_owned();
        patches.push((id, json!({ part.2: [draft] })));
    }
    patches.iter().try_for_each(|(id, patch)| session.judge_edit(id, patch))?;
    let ids = patches.iter().map(|(id, patch)| session.edit(id, patch)).collect::<Result<Vec<_>, _>>()?;
    say_saved(context, session, part.1, &ids);
    Ok(())
}

fn missing(path: &str) -> Error {
    Error::Draft { faults: vec![crate::model::draft::Fault { path: path.into(), rule: "required", of: String::new() }] }
}

/// Reads one draft, an array of drafts, or one draft a line.
fn drafts() -> Result<Vec<Value>, Error> {
    let text = terminal::read_all()?;
    let rows: Result<Vec<Value>, serde_json::Error> = serde_json::Deserializer::from_str(&text).into_iter().collect();
    let rows = rows.map_err(|error| Error::NotJson { line: error.line(), column: error.column() })?;
    let drafts: Vec<Value> = rows.into_iter().flat_map(|row| if let Value::Array(items) = row { items } else { vec![row] }).collect();
    if drafts.is_empty() { Err(Error::Nothing) } else { Ok(drafts) }
}

/// Prints what was saved: ids for scripts, short codes for people.
fn say_saved(context: &Context, session: &mut Session, kind: Kind, ids: &[String]) {
    if context.json {
        ids.iter().for_each(|id| data(&json!({ "id": id, "kind": kind.code(), "code": short(kind.code(), id) }).to_string()));
    } else {
        ids.iter().for_each(|id| data(&short(kind.code(), id)));
    }
    tell(&context.texts.with("saved", &[("only", &session.only_here().to_string())]));
}

/// Runs `edit`: a JSON patch from a script, or one field after the other from a person.
pub fn edit(args: &EditArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    if !terminal::is_person() {
        let id = session.edit_all(&args.id, &drafts()?)?;
        let kind = Kind::named(&session.resolve(&id)?.kind).ok_or(Error::Nothing)?;
        say_saved(context, &mut session, kind, &[id]);
        return Ok(());
    }
    let shown = session.show(&args.id)?;
    super::show::print_tree(context, &mut session, &shown)?;
    while let Some(path) = terminal::ask(&context.texts.get("ask-which-field"))?.filter(|answer| !answer.is_empty() && answer != ".") {
        match ask_new_value(context, &mut session, shown.kind, &shown.line.id, &path)? {
            true => tell(&context.texts.with("saved", &[("only", &session.only_here().to_string())])),
            false => tell(&context.texts.get("ask-not-understood")),
        }
    }
    Ok(())
}

/// Asks for the new value of a field named by its label or path; an answer of `-` takes it away.
fn ask_new_value(context: &Context, session: &mut Session, kind: Kind, id: &str, named: &str) -> Result<bool, Error> {
    let texts = &context.texts;
    let labelled = |name: &str| crate::words::label(texts, kind.code(), name).to_lowercase() == named.to_lowercase();
    let found = kind.fields().iter().find(|field| field.name == named || labelled(field.name)).map(|field| field.name.to_owned());
    let shown = session.show(id)?;
    let path = match found {
        Some(name) if matches!(name.as_str(), "names") => first_text(&shown.tree, &name).unwrap_or(name),
        Some(name) => name,
        None => named.to_owned(),
    };
    let Some(field) = field_at(kind.fields(), &path) else { return Ok(false) };
    let Some(answer) = terminal::ask(&format!("{}:", texts.get("ask-new-value")))?.filter(|answer| !answer.is_empty()) else { return Ok(false) };
    let now = ask::now_of(&session.now());
    let value = match field.shape {
        _ if matches!(answer.as_str(), "-" | "—") || answer == texts.get("word-nothing") => Some(Value::Null),
        Shape::One(Leaf::Ref) => Some(Value::String(session.resolve(&answer)?.id.clone())),
        Shape::One(leaf) | Shape::Map(leaf) => crate::model::typed::read(leaf, field.of, &answer, &now),
        Shape::Text => Some(answer.into()),
        Shape::Set => {
            let meant = |word: &str| vocabulary::shipped(field.of)?.meant(word).map(|term| Value::from(term.code.as_str()));
            answer.split([',', ';']).map(meant).collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        _ => None,
    };
    let Some(value) = value else { return Ok(false) };
    let patch = path.rsplit('/').fold(value, |inner, part| json!({ part: inner }));
    session.edit(id, &patch).map(|_| true)
}

/// The path of the text of the only entry of a list, e.g. of a person's one name.
fn first_text(tree: &crate::model::Tree, list: &str) -> Option<String> {
    let key = tree.get(list)?.as_object()?.keys().next()?;
    Some(format!("{list}/{key}/text"))
}
