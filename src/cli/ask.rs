//! Line-by-line questions, made from the table of fields: Enter skips (= not asked), `?` shows the choices, `.` ends.
//! Each answer is saved as soon as the record can stand.

use serde_json::{Value, json};

use super::context::Context;
use super::terminal::{ask, tell};
use crate::error::Error;
use crate::locale::Texts;
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::typed::{self, Now};
use crate::model::value::Key;
use crate::model::{Kind, Tree, vocabulary};
use crate::session::Session;
use crate::sys::clock::Wall;
use crate::words;

/// Fields that the program fills in by itself.
const NOT_ASKED: &[&str] = &["meta", "cites", "chunks", "identity", "sha256", "size", "custody", "carried", "retracts", "links", "script", "detached"];

/// What a person answered to a question.
enum Reply {
    Value(Value),
    Skipped,
    Ended,
}

/// The present as typed answers need it.
pub fn now_of(wall: &Wall) -> Now {
    let (year, month, day, hour, minute) = wall.civil();
    Now { date: (year, month, day), time: (hour, minute), offset_min: wall.offset_min }
}

/// A round of questions about one record.
pub struct Interview<'a> {
    texts: &'a Texts,
    session: &'a mut Session,
    kind: Kind,
    /// Id of the record once it stands.
    id: Option<String>,
    draft: Tree,
    ended: bool,
}

/// Asks everything about a new record; returns its id, or `None` when nothing was answered.
///
/// # Errors
/// Returns what kept an answer from being saved.
pub fn new_record(context: &Context, session: &mut Session, kind: Kind) -> Result<Option<String>, Error> {
    let mut interview = Interview { texts: &context.texts, session, kind, id: None, draft: Tree::new(), ended: false };
    tell(&context.texts.get("ask-how"));
    interview.fields(kind.code(), kind.fields(), &[])?;
    interview.finish()
}

/// Asks about a new entry of a record that stands already, e.g. a hearing of a trial.
///
/// # Errors
/// Returns what kept an answer from being saved.
pub fn new_entry(context: &Context, session: &mut Session, kind: Kind, id: String, list: &'static str) -> Result<(), Error> {
    let field = crate::model::tree::field(kind.fields(), list).ok_or(Error::Nothing)?;
    let mut interview = Interview { texts: &context.texts, session, kind, id: Some(id), draft: Tree::new(), ended: false };
    tell(&context.texts.get("ask-how"));
    interview.entry(field, &[])?;
    interview.finish().map(|_| ())
}

/// Asks for one entry of a dated list and returns it whole: such an entry cannot be changed afterwards.
///
/// # Errors
/// Returns [`Error::Nothing`] when nothing was answered.
pub fn whole_entry(context: &Context, session: &mut Session, entity: &str, fields: &'static [Field], skip: &[&str]) -> Result<Tree, Error> {
    tell(&context.texts.get("ask-how"));
    let mut questions = Questions { texts: &context.texts, session, skip };
    let (tree, _) = questions.all(entity, fields)?;
    if tree.is_empty() { Err(Error::Nothing) } else { Ok(tree) }
}

/// Asks which record is meant, by code or by words of its name.
///
/// # Errors
/// Returns [`Error::Nothing`] for no answer.
pub fn which(context: &Context, session: &mut Session, question: &str, kinds: &str) -> Result<String, Error> {
    loop {
        match ask(&format!("{}:", context.texts.get(question)))? {
            None => return Err(Error::Nothing),
            Some(answer) if answer.is_empty() => return Err(Error::Nothing),
            Some(answer) => {
                if let Some(id) = meant(&context.texts, session, kinds, &answer)? {
                    return Ok(id);
                }
            }
        }
    }
}

/// Finds the record somebody means; several are listed to choose from by number.
fn meant(texts: &Texts, session: &mut Session, kinds: &str, answer: &str) -> Result<Option<String>, Error> {
    if !session.reads() {
        let named = session.named(answer).ok();
        named.is_none().then(|| tell(&texts.get("ask-no-such-record")));
        return Ok(named);
    }
    let fits = |kind: &str| kinds.is_empty() || kinds.split(' ').any(|wanted| wanted == kind);
    if let Ok(line) = session.resolve(answer)
        && fits(&line.kind)
    {
        return Ok(Some(line.id.clone()));
    }
    let found: Vec<_> = session.find(answer).unwrap_or_default().into_iter().filter(|line| fits(&line.kind)).take(9).collect();
    match found.as_slice() {
        [] => {
            tell(&texts.get("ask-no-such-record"));
            Ok(None)
        }
        [one] => Ok(Some(one.id.clone())),
        several => {
            for (number, line) in several.iter().enumerate() {
                tell(&format!("{}. {} {}", number + 1, crate::session::short(&line.kind, &line.id), super::terminal::clean(&line.title)));
            }
            let number = ask(&texts.get("ask-number"))?.and_then(|text| crate::model::note::spoken_number(&text));
            Ok(number.and_then(|number| several.get((number as usize).checked_sub(1)?)).map(|line| line.id.clone()))
        }
    }
}

/// Questions whose answers are gathered.
struct Questions<'a> {
    texts: &'a Texts,
    session: &'a mut Session,
    skip: &'a [&'a str],
}

impl Questions<'_> {
    /// Asks every field; returns the answers and whether the person ended the round.
    fn all(&mut self, entity: &str, fields: &'static [Field]) -> Result<(Tree, bool), Error> {
        let mut tree = Tree::new();
        for field in asked(fields).filter(|field| !self.skip.contains(&field.name)) {
            match self.field(entity, field)? {
                Reply::Value(value) => drop(tree.insert(field.name.into(), value)),
                Reply::Skipped => {}
                Reply::Ended => return Ok((tree, true)),
            }
        }
        Ok((tree, false))
    }

    fn field(&mut self, entity: &str, field: &'static Field) -> Result<Reply, Error> {
        match field.shape {
            Shape::One(_) | Shape::Text | Shape::Set => single(self.texts, self.session, entity, field, None),
            Shape::Map(leaf) => self.checks(entity, field, leaf),
            Shape::Many(inner) | Shape::Log(inner) => self.entries(entity, field, inner),
            Shape::Group(_) => Ok(Reply::Skipped),
        }
    }

    fn checks(&mut self, entity: &str, field: &'static Field, leaf: Leaf) -> Result<Reply, Error> {
        if !wanted(self.texts, &words::label(self.texts, entity, field.name))? {
            return Ok(Reply::Skipped);
        }
        let mut terms = Tree::new();
        for code in items(entity, field.of) {
            match single(self.texts, self.session, entity, field, Some((leaf, &code)))? {
                Reply::Value(value) => drop(terms.insert(code, value)),
                Reply::Skipped => {}
                Reply::Ended => break,
            }
        }
        Ok(if terms.is_empty() { Reply::Skipped } else { Reply::Value(Value::Object(terms)) })
    }

    fn entries(&mut self, entity: &str, field: &'static Field, inner: &'static [Field]) -> Result<Reply, Error> {
        let mut entries = Vec::new();
        let label = words::label(self.texts, entity, field.name);
        while wanted(self.texts, &label)? {
            let (tree, ended) = self.all(field.of, inner)?;
            entries.extend((!tree.is_empty()).then_some(Value::Object(tree)));
            if ended {
                break;
            }
        }
        Ok(if entries.is_empty() { Reply::Skipped } else { Reply::Value(Value::Array(entries)) })
    }
}

/// Returns the fields that a person is asked about.
pub fn asked(fields: &'static [Field]) -> impl Iterator<Item = &'static Field> {
    fields.iter().filter(|field| !NOT_ASKED.contains(&field.name))
}

/// Returns the items of a checklist that belong to this entity: a hearing card has a general half and one for each accused.
pub fn items(entity: &str, of: &str) -> Vec<String> {
    let scope = match (of, entity) {
        ("hearing_item", "observation") => Some("general"),
        ("hearing_item", "accused_checks") => Some("accused"),
        _ => None,
    };
    let terms = vocabulary::shipped(of).map(|vocabulary| vocabulary.terms.as_slice()).unwrap_or_default();
    terms.iter().filter(|term| scope.is_none_or(|scope| term.detail("scope") == Some(scope))).map(|term| term.code.clone()).collect()
}

/// Asks whether a list or checklist is to be filled in; Enter says no.
fn wanted(texts: &Texts, label: &str) -> Result<bool, Error> {
    let answer = ask(&texts.with("ask-add", &[("label", label)]))?.unwrap_or_default();
    Ok(vocabulary::shipped("answer").and_then(|v| v.meant(&answer)).is_some_and(|term| term.code == "yes"))
}

/// Asks one question until the answer is understood.
fn single(texts: &Texts, session: &mut Session, entity: &str, field: &'static Field, item: Option<(Leaf, &str)>) -> Result<Reply, Error> {
    let label = match item {
        Some((_, code)) => format!("{code} {}", words::term(texts, field.of, code)),
        None => words::label(texts, entity, field.name),
    };
    loop {
        let Some(answer) = ask(&format!("{label}:"))? else { return Ok(Reply::Ended) };
        match answer.as_str() {
            "" if field.required && item.is_none() => tell(&texts.get("ask-required")),
            "" => return Ok(Reply::Skipped),
            "." => return Ok(Reply::Ended),
            "?" | "№" => help(texts, entity, field, item.is_some()),
            answer => match understood(texts, session, field, item, answer)? {
                Some(value) => return Ok(Reply::Value(value)),
                None => tell(&texts.get("ask-not-understood")),
            },
        }
    }
}

fn understood(texts: &Texts, session: &mut Session, field: &Field, item: Option<(Leaf, &str)>, answer: &str) -> Result<Option<Value>, Error> {
    let now = now_of(&session.now());
    match (item, field.shape) {
        (Some((leaf, _)), _) => Ok(typed::read(leaf, "", answer, &now)),
        (None, Shape::One(Leaf::Ref)) => Ok(meant(texts, session, field.of, answer)?.map(Value::String)),
        (None, Shape::One(leaf)) => Ok(typed::read(leaf, field.of, answer, &now)),
        (None, Shape::Text) => Ok(Some(answer.into())),
        (None, _) => Ok(terms(field.of, answer)),
    }
}

/// Several terms, parted by commas.
fn terms(of: &str, answer: &str) -> Option<Value> {
    let vocabulary = vocabulary::shipped(of)?;
    let codes: Option<Vec<&str>> = answer.split([',', ';']).map(|word| vocabulary.meant(word).map(|term| term.code.as_str())).collect();
    codes.map(|codes| json!(codes))
}

fn help(texts: &Texts, entity: &str, field: &Field, item: bool) {
    let hint = vocabulary::term("fields", &format!("{entity}.{}", field.name)).and_then(|term| term.detail(&format!("hint_{}", texts.lang())));
    tell(hint.unwrap_or(&texts.get("ask-hint")));
    let of = if item { "answer" } else { field.of };
    let has_choices = item || matches!(field.shape, Shape::One(Leaf::Term | Leaf::Answer | Leaf::Flag) | Shape::Set);
    let of = if matches!(field.shape, Shape::One(Leaf::Answer | Leaf::Flag)) { "answer" } else { of };
    for (number, term) in vocabulary::shipped(of).filter(|_| has_choices).into_iter().flat_map(|v| v.terms.iter().enumerate()) {
        tell(&format!("  {}. {}", number + 1, term.word(texts.lang())));
    }
}

impl Interview<'_> {
    /// Asks every field of an entity at a place in the record.
    fn fields(&mut self, entity: &'static str, fields: &'static [Field], at: &[String]) -> Result<(), Error> {
        for field in asked(fields) {
            if self.ended {
                return Ok(());
            }
            self.field(entity, field, at)?;
        }
        Ok(())
    }

    fn field(&mut self, entity: &'static str, field: &'static Field, at: &[String]) -> Result<(), Error> {
        match field.shape {
            Shape::Many(_) => {
                let label = words::label(self.texts, entity, field.name);
                while !self.ended && wanted(self.texts, &label)? {
                    self.entry(field, at)?;
                    // `.` ends an entry, not the round.
                    self.ended = false;
                }
                Ok(())
            }
            Shape::Map(leaf) => self.checks(entity, field, leaf, at),
            _ => {
                let reply = Questions { texts: self.texts, session: &mut *self.session, skip: &[] }.field(entity, field)?;
                self.take(reply, at, field.name)
            }
        }
    }

    /// Asks an entry of a list under a key of its own.
    fn entry(&mut self, field: &'static Field, at: &[String]) -> Result<(), Error> {
        let (Shape::Many(inner) | Shape::Log(inner)) = field.shape else { return Ok(()) };
        let key: Key = self.session.fresh_key();
        let mut inside = at.to_vec();
        inside.extend([field.name.to_owned(), key.to_string()]);
        self.fields(field.of, inner, &inside)
    }

    fn checks(&mut self, entity: &'static str, field: &'static Field, leaf: Leaf, at: &[String]) -> Result<(), Error> {
        if !wanted(self.texts, &words::label(self.texts, entity, field.name))? {
            return Ok(());
        }
        let mut inside = at.to_vec();
        inside.push(field.name.to_owned());
        for code in items(entity, field.of) {
            let reply = single(self.texts, self.session, entity, field, Some((leaf, &code)))?;
            if matches!(reply, Reply::Ended) {
                break;
            }
            self.take(reply, &inside, &code)?;
        }
        Ok(())
    }

    fn take(&mut self, reply: Reply, at: &[String], name: &str) -> Result<(), Error> {
        match reply {
            Reply::Value(value) => self.save(at, name, value),
            Reply::Skipped => Ok(()),
            Reply::Ended => {
                self.ended = true;
                Ok(())
            }
        }
    }

    /// Saves an answer where it belongs, as soon as the record can stand.
    fn save(&mut self, at: &[String], name: &str, value: Value) -> Result<(), Error> {
        let patch = at.iter().rev().fold(json!({ name: value }), |inner, part| json!({ part: inner }));
        merge(&mut self.draft, &patch);
        if !self.session.reads() {
            // Such a device changes nothing that it saved: the record is saved whole, at the end.
            return Ok(());
        }
        let known = self.id.clone();
        let saved = match &known {
            Some(id) => self.session.edit(id, &Value::Object(self.draft.clone())),
            None => self.session.add(&[(self.kind, Value::Object(self.draft.clone()))]).map(|mut ids| ids.remove(0)),
        };
        match saved {
            Ok(id) => {
                self.id = Some(id);
                self.draft.clear();
                Ok(())
            }
            // Something required is still to be asked: the answer waits for it.
            Err(Error::Draft { faults }) if faults.iter().all(|fault| fault.rule == "required") => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn finish(self) -> Result<Option<String>, Error> {
        if !self.session.reads() && !self.draft.is_empty() {
            return Ok(Some(self.session.add(&[(self.kind, Value::Object(self.draft))])?.remove(0)));
        }
        // What is left waits for a required answer that never came: it must be said, not dropped in silence.
        if self.draft.is_empty() { Ok(self.id) } else { Err(Error::NoAnswer) }
    }
}

/// Merges a patch into a draft, level by level.
fn merge(into: &mut Tree, patch: &Value) {
    for (name, value) in patch.as_object().into_iter().flatten() {
        match (into.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(_)) => merge(inner, value),
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}
