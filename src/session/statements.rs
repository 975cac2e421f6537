//! Dated statements and decisions on them: status steps, consents, links, and what to do where voices disagree.

use serde_json::{Value, json};

use super::Session;
use crate::error::Error;
use crate::model::liberty::{Standing, chosen, retracted};
use crate::model::shape::Keyed;
use crate::model::{Kind, Record, Tree, entity};
use crate::vault::{Body, ContestedLink, Line, contested_links, meta, standing_of};

/// A disagreement: the voices, and whether somebody decided.
#[derive(Clone, Debug)]
pub struct Conflict {
    pub line: Line,
    /// Path of the value; `status` for the current status of a detention.
    pub about: String,
    pub voices: Vec<Spoken>,
    /// Id of the voice that a standing decision chose.
    pub decided: Option<String>,
}

/// One voice of a disagreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    pub id: String,
    /// The value; for a status the whole statement.
    pub value: Value,
    pub by: String,
    /// Claimed seconds since 1970.
    pub at: i64,
}

/// What `step` is told.
pub type StepAsked = Value;

impl Session {
    /// Adds a dated statement to a detention, or to the only detention of a person.
    ///
    /// # Errors
    /// Returns [`Error::WrongKind`] for anything else, [`Error::Draft`] for a faulty statement.
    pub fn step(&mut self, given: &str, statement: &StepAsked) -> Result<String, Error> {
        let id = self.detention_of(given)?;
        said_something(statement)?;
        self.edit(&id, &json!({ "transitions": [statement] }))
    }

    /// The detention meant by its own code or by its person's.
    ///
    /// # Errors
    /// Returns [`Error::WrongKind`], or [`Error::Ambiguous`] for a person with several detentions.
    pub fn detention_of(&mut self, given: &str) -> Result<String, Error> {
        let line = self.resolve_own(given)?;
        match Kind::named(&line.kind) {
            Some(Kind::Detention) => Ok(line.id),
            Some(Kind::Person) => {
                let theirs: Vec<Line> = self.recorded(Some(Kind::Detention))?.into_iter().filter(|d| d.person.as_ref() == Some(&line.id)).collect();
                match theirs.as_slice() {
                    [one] => Ok(one.id.clone()),
                    [] => Err(Error::WrongKind { wanted: Kind::Detention.code() }),
                    several => {
                        let candidates = several.iter().map(|line| super::short(&line.kind, &line.id)).collect();
                        Err(Error::Ambiguous { given: given.to_owned(), candidates })
                    }
                }
            }
            _ => Err(Error::WrongKind { wanted: Kind::Detention.code() }),
        }
    }

    /// Returns every disagreement of this casebook, decided ones too when asked for.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn conflicts(&mut self, decided_too: bool) -> Result<Vec<Conflict>, Error> {
        let mut found = Vec::new();
        for (line, body) in self.records(None)? {
            found.extend(disagreements(&line, &body).into_iter().filter(|c| decided_too || c.decided.is_none()));
        }
        Ok(found)
    }

    /// Returns the disagreements of one record, decided ones too.
    ///
    /// # Errors
    /// As [`Session::resolve`].
    pub fn conflicts_of(&mut self, given: &str) -> Result<Vec<Conflict>, Error> {
        let line = self.resolve(given)?.clone();
        let (line, body) = self.record(&line)?;
        Ok(disagreements(&line, &body))
    }

    /// Decides for one voice, as a dated entry with its reason. Every voice stays.
    ///
    /// # Errors
    /// Returns [`Error::NotContested`] or [`Error::NoVoice`].
    pub fn decide(&mut self, given: &str, about: &str, voice: &str, reason: &str) -> Result<String, Error> {
        self.resolve_own(given)?;
        let conflicts = self.conflicts_of(given)?;
        let conflict = conflicts.iter().find(|c| c.about == about).ok_or(Error::NotContested)?;
        let known = conflict.voices.iter().find(|v| v.id == voice).ok_or(Error::NoVoice)?;
        let over: Vec<&str> = conflict.voices.iter().filter(|v| v.id != known.id).map(|v| v.id.as_str()).collect();
        let mut verdict = json!({ "about": about, "chosen": known.id, "over": over, "decided": self.moment(), "by": self.vault.keyring().handle });
        if !reason.trim().is_empty() {
            verdict["reason"] = reason.trim().into();
        }
        self.edit(&conflict.line.id.clone(), &json!({ "meta": { "verdicts": [verdict] } }))
    }

    /// Takes the standing decisions about a value back: every voice is open again.
    ///
    /// # Errors
    /// Returns [`Error::NotContested`] when no decision stands.
    pub fn reopen(&mut self, given: &str, about: &str, reason: &str) -> Result<String, Error> {
        let line = self.resolve_own(given)?;
        let (line, body) = self.record(&line)?;
        let standing = standing_verdicts(&body, &line, about);
        if standing.is_empty() {
            return Err(Error::NotContested);
        }
        let (moment, by) = (self.moment(), self.vault.keyring().handle.clone());
        let entry = |key: &String| {
            let mut entry = json!({ "retracts": key, "decided": moment, "by": by });
            if !reason.trim().is_empty() {
                entry["reason"] = reason.trim().into();
            }
            entry
        };
        let entries: Vec<Value> = standing.iter().map(entry).collect();
        self.edit(&line.id, &json!({ "meta": { "verdicts": entries } }))
    }

    /// Takes an entry of a dated list back by a later entry that names it.
    ///
    /// # Errors
    /// Returns [`Error::NoVoice`] when no list of the record has that entry.
    pub fn retract(&mut self, given: &str, key: &str) -> Result<String, Error> {
        let line = self.resolve_own(given)?;
        let (line, body) = self.record(&line)?;
        let has = |name: &&&str| body.tree.get(**name).and_then(|list| list.get(key)).is_some();
        let list = ["transitions", "statements", "links", "custody", "follow_ups"].iter().find(has).copied().ok_or(Error::NoVoice)?;
        let mut patch = Tree::new();
        patch.insert(list.to_owned(), json!([{ "retracts": key }]));
        self.edit(&line.id, &Value::Object(patch))
    }

    /// Adds a statement to the consents of a person, in a record made for it when there is none.
    ///
    /// # Errors
    /// Returns [`Error::WrongKind`] when that is no person, [`Error::Draft`] for a faulty statement.
    pub fn consent(&mut self, given: &str, statement: &Value) -> Result<String, Error> {
        let line = self.resolve_own(given)?;
        said_something(statement)?;
        let (person, record) = match Kind::named(&line.kind) {
            Some(Kind::Person) => {
                (line.id.clone(), self.recorded(Some(Kind::Consent))?.into_iter().find(|c| c.person.as_ref() == Some(&line.id)).map(|c| c.id))
            }
            Some(Kind::Consent) => (String::new(), Some(line.id)),
            _ => return Err(Error::WrongKind { wanted: Kind::Person.code() }),
        };
        match record {
            Some(record) => self.edit(&record, &json!({ "statements": [statement] })),
            None => Ok(self.add(&[(Kind::Consent, json!({ "subject": person, "statements": [statement] }))])?.remove(0)),
        }
    }

    /// Says whether two person records are one human being. The verdict stands in the record with the smaller id.
    ///
    /// # Errors
    /// Returns [`Error::WrongKind`] when one of them is no person.
    pub fn link(&mut self, a: &str, b: &str, verdict: &str, reason: &str) -> Result<String, Error> {
        let mut pair = [self.resolve_own(a)?, self.resolve_own(b)?];
        if pair.iter().any(|line| line.kind != Kind::Person.code()) || pair[0].id == pair[1].id {
            return Err(Error::WrongKind { wanted: Kind::Person.code() });
        }
        pair.sort_by(|a, b| a.id.cmp(&b.id));
        let mut link = json!({ "other": pair[1].id, "verdict": verdict, "decided": self.moment(), "by": self.vault.keyring().handle });
        if !reason.trim().is_empty() {
            link["reason"] = reason.trim().into();
        }
        self.edit(&pair[0].id, &json!({ "links": [link] }))
    }

    /// The present moment as a stored value, known by the device's own clock.
    pub fn moment(&self) -> Value {
        moment(&self.now())
    }
}

/// A moment on the wall as a stored value.
pub(super) fn moment(wall: &crate::sys::clock::Wall) -> Value {
    let (_, _, _, hour, minute) = wall.civil();
    json!({ "date": wall.day(), "time": format!("{hour:02}:{minute:02}"), "offset_min": wall.offset_min, "precision": "minute", "basis": "own_clock" })
}

/// A statement in which nothing is said is no statement.
fn said_something(statement: &Value) -> Result<(), Error> {
    if statement.as_object().is_some_and(Tree::is_empty) { Err(Error::Nothing) } else { Ok(()) }
}

fn verdicts_of(line: &Line, tree: &Tree) -> Keyed<entity::Verdict> {
    let record = Kind::named(&line.kind).and_then(|kind| Record::from_tree(kind, tree).ok());
    record.as_ref().and_then(meta).map(|meta| meta.verdicts.clone()).unwrap_or_default()
}

/// Keys of the decisions about a value that nobody took back.
fn standing_verdicts(body: &Body, line: &Line, about: &str) -> Vec<String> {
    let verdicts = verdicts_of(line, &body.tree);
    let gone = retracted(verdicts.values().map(|v| v.retracts.as_ref()));
    let standing = verdicts.iter().filter(|(key, v)| !gone.contains(key) && v.about.as_ref().is_some_and(|a| a.as_str() == about));
    standing.map(|(key, _)| key.to_string()).collect()
}

/// Every disagreement in a record.
fn disagreements(line: &Line, body: &Body) -> Vec<Conflict> {
    let verdicts = verdicts_of(line, &body.tree);
    let mut found: Vec<Conflict> = body
        .voices
        .iter()
        .map(|(path, voices)| {
            let voices: Vec<Spoken> =
                voices.iter().map(|v| Spoken { id: v.id.clone(), value: v.value.clone(), by: v.mark.by.clone(), at: v.mark.at }).collect();
            let ids: Vec<String> = voices.iter().map(|v| v.id.clone()).collect();
            Conflict { line: line.clone(), about: path.clone(), decided: chosen(&verdicts, path, &ids), voices }
        })
        .collect();
    found.extend(status_conflict(line, body));
    found.extend(link_conflicts(line, body));
    found
}

/// The statements that disagree about liberty, also when somebody decided between them.
fn status_conflict(line: &Line, body: &Body) -> Option<Conflict> {
    let Record::Detention(detention) = Record::from_tree(Kind::named(&line.kind)?, &body.tree).ok()? else { return None };
    let mut open = detention.clone();
    if let Some(meta) = &mut open.meta {
        meta.verdicts.retain(|_, v| v.about.as_ref().is_none_or(|about| about.as_str() != "status"));
    }
    let Standing::Contested { voices } = standing_of(&open, body) else { return None };
    let decided = match standing_of(&detention, body) {
        Standing::Stated { ground, .. } if ground.decided => Some(ground.key.to_string()),
        _ => None,
    };
    let spoken = |key: &str| {
        let mark = body.entries.get(&format!("transitions/{key}")).cloned().unwrap_or_default();
        Spoken { id: key.to_owned(), value: body.tree["transitions"][key].clone(), by: mark.by, at: mark.at }
    };
    Some(Conflict { line: line.clone(), about: "status".into(), voices: voices.iter().map(|(key, _)| spoken(key.as_str())).collect(), decided })
}

/// Verdicts about one other person that contradict each other.
fn link_conflicts(line: &Line, body: &Body) -> Vec<Conflict> {
    let Some(Ok(Record::Person(person))) = Kind::named(&line.kind).map(|kind| Record::from_tree(kind, &body.tree)) else { return Vec::new() };
    let spoken = |key: &String| {
        let mark = body.entries.get(&format!("links/{key}")).cloned().unwrap_or_default();
        Spoken { id: key.clone(), value: body.tree["links"][key].clone(), by: mark.by, at: mark.at }
    };
    let conflict = |link: ContestedLink| {
        let voices = link.voices.iter().map(spoken).collect();
        Conflict { line: line.clone(), about: link.about, voices, decided: link.decided }
    };
    contested_links(&person).into_iter().map(conflict).collect()
}

impl Session {
    /// Marks a record as recorded by mistake. It stays, is shown so, and counts nowhere.
    ///
    /// # Errors
    /// As [`Session::resolve`].
    pub fn withdraw(&mut self, given: &str) -> Result<String, Error> {
        self.edit(given, &json!({ "meta": { "withdrawn": true } }))
    }
}
