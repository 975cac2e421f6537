//! Answers to bundles: read, shown before they are taken in, and kept as evidence. They prove that somebody who opened the bundle wrote them.

use std::path::Path;

use serde_json::{Value, json};

use super::Session;
use super::statements::moment;
use crate::crypto::{Identity, wants_words};
use crate::error::Error;
use crate::handover::answer::{Answer, AnswerError, AnswerKind, Answered, Asked, FileKind, read};
use crate::handover::container::wrong::BundleError;
use crate::model::entity::Handover;
use crate::model::{Kind, Record};
use crate::sys::clock::Wall;
use crate::sys::disk::{self, OpenFile};
use crate::vault::{Line, Progress, hash_of};

/// Name of the piece of evidence that holds what an answer says in words.
const NOTE: &str = "answer.txt";
/// Most people whom one piece of evidence names; the ledger names all of them.
const MAX_PEOPLE: usize = 100;

/// An answer that fits a bundle of this casebook.
pub struct FittingAnswer {
    /// The record of the handover.
    pub line: Line,
    /// Who it was given to, as noted.
    pub recipient: Option<String>,
    /// It was taken in before.
    pub known: bool,
    /// What comes with it is about these: the people of the bundle, or what it was made about; the first one before all.
    about: Vec<String>,
    answered: Answered<OpenFile>,
}

impl FittingAnswer {
    /// Returns what it says.
    pub fn answer(&self) -> &Answer {
        &self.answered.answer
    }
}

/// Somebody who holds a bundle about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Id of the record of the handover.
    pub record: String,
    pub recipient: Option<String>,
    pub profile: String,
    /// Claimed seconds since 1970 at which it was noted.
    pub at: i64,
}

impl Session {
    /// Finds the bundle that a file answers, and reads it; nothing is written.
    ///
    /// # Errors
    /// Returns [`Error::AnswerUnknown`] where it fits no bundle of this casebook, [`Error::Answer`] for one that was changed.
    pub fn read_answer(&mut self, path: &Path) -> Result<FittingAnswer, Error> {
        is_sealed(path)?;
        let mut changed = None;
        for (line, handover) in self.handovers()? {
            let (Some(identity), Some(secret), Some(manifest)) = keys_of(&handover) else { continue };
            let bundle = handover.bundle.as_ref().map(ToString::to_string).unwrap_or_default();
            let asked = Asked { bundle: &bundle, manifest: &manifest, identity: &identity, secret: &secret };
            match read(disk::open(path).map_err(Error::File)?, &asked) {
                Ok(answered) => return self.fitting(line, &handover, answered),
                Err(AnswerError::NotForThis) => {}
                Err(error) => changed = Some(error),
            }
        }
        Err(changed.map_or(Error::AnswerUnknown, Error::from))
    }

    /// Takes an answer in: each file and the note become evidence, and the ledger says that it came, all of it at once or nothing. Returns
    /// the ids of the evidence; none for an answer that is here already.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn take_answer(&mut self, fitting: &mut FittingAnswer, progress: &mut dyn Progress) -> Result<Vec<String>, Error> {
        self.may_write(&self.casebook, false)?;
        if fitting.known {
            return Ok(Vec::new());
        }
        let answer = fitting.answered.answer.clone();
        let mut evidence = Vec::new();
        if !answer.note.trim().is_empty() {
            evidence.push((Kind::Evidence, self.evidence_of(fitting, NOTE, answer.note.as_bytes(), "message", progress)?));
        }
        for (number, file) in answer.files.iter().enumerate() {
            let bytes = fitting.answered.file(number)?;
            let category = if file.what == FileKind::CourtDecision { "decision" } else { "other" };
            evidence.push((Kind::Evidence, self.evidence_of(fitting, &file.name, &bytes, category, progress)?));
        }
        let reply = json!({ "written": moment_utc(answer.written), "received": self.moment(), "kind": code(answer.kind), "nonce": answer.nonce });
        let kept = self.add_and_edit(&evidence, &fitting.line.id, &json!({ "replies": [reply] }))?;
        fitting.known = true;
        Ok(kept)
    }

    fn evidence_of(&mut self, fitting: &FittingAnswer, name: &str, bytes: &[u8], category: &str, progress: &mut dyn Progress) -> Result<Value, Error> {
        let mut facts = json!({ "category": category, "received_at": self.moment() });
        if let Some(recipient) = &fitting.recipient {
            facts["received_from"] = recipient.clone().into();
        }
        if let Some((first, others)) = fitting.about.split_first() {
            facts["relates_to"] = first.clone().into();
            facts["also_about"] = others.iter().map(|id| json!({ "record": id })).collect();
        }
        self.sealed_evidence(name, bytes, &facts, progress)
    }

    /// Returns who holds bundles about a person, oldest first: who must be told when consent is withdrawn.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn holders_of(&mut self, person: &str) -> Result<Vec<Holding>, Error> {
        let about = |handover: &Handover| handover.about.values().any(|subject| subject.record.as_str() == person);
        let held = self.handovers()?.into_iter().filter(|(_, handover)| about(handover)).map(|(line, handover)| Holding {
            record: line.id,
            recipient: handover.recipient.map(|recipient| recipient.to_string()),
            profile: handover.profile.to_string(),
            at: line.created,
        });
        let mut held: Vec<Holding> = held.collect();
        held.sort_by_key(|holding| holding.at);
        Ok(held)
    }

    fn fitting(&mut self, line: Line, handover: &Handover, answered: Answered<OpenFile>) -> Result<FittingAnswer, Error> {
        let nonce = &answered.answer.nonce;
        let known = handover.replies.values().any(|reply| reply.nonce.as_ref().is_some_and(|known| known.as_str() == nonce));
        let recipient = handover.recipient.as_ref().map(ToString::to_string);
        Ok(FittingAnswer { line, recipient, known, about: self.people_of(handover)?, answered })
    }

    /// The people of a bundle by their ids; where there is none, or more than a piece of evidence can name, the first thing it was made about.
    fn people_of(&mut self, handover: &Handover) -> Result<Vec<String>, Error> {
        let view = self.load()?;
        let known = |id: &str| view.line(id).filter(|line| line.copy_of.is_none()).and_then(|line| Kind::named(&line.kind));
        let subjects = handover.about.values().map(|subject| subject.record.to_string());
        let mut about: Vec<(Kind, String)> = subjects.filter_map(|id| Some((known(&id)?, id))).collect();
        about.sort_by_key(|(kind, id)| (*kind != Kind::Person, *kind, id.clone()));
        let people = about.iter().filter(|(kind, _)| *kind == Kind::Person).count();
        about.truncate(if people > MAX_PEOPLE { 1 } else { people.max(1) });
        Ok(about.into_iter().map(|(_, id)| id).collect())
    }

    fn handovers(&mut self) -> Result<Vec<(Line, Handover)>, Error> {
        let read = |(line, body): (Line, crate::vault::Body)| match Record::from_tree(Kind::Handover, &body.tree) {
            Ok(Record::Handover(handover)) if !line.withdrawn && line.copy_of.is_none() => Some((line, *handover)),
            _ => None,
        };
        Ok(self.records(Some(Kind::Handover))?.into_iter().filter_map(read).collect())
    }
}

/// Tells a file that cannot be read, or is no sealed file at all, from one that answers nothing of this casebook.
fn is_sealed(path: &Path) -> Result<(), Error> {
    match wants_words(&mut disk::open(path).map_err(Error::File)?).map_err(BundleError::from) {
        Ok(_) => Ok(()),
        Err(error @ BundleError::Io(_)) => Err(error.into()),
        Err(_) => Err(AnswerError::Damaged.into()),
    }
}

type Keys = (Option<Identity>, Option<[u8; 32]>, Option<[u8; 32]>);

fn keys_of(handover: &Handover) -> Keys {
    let hash = |hash: &Option<crate::model::value::Hash>| hash.as_ref().and_then(|hash| hash_of(hash.as_str()));
    let identity = handover.reply_identity.as_ref().and_then(|text| text.as_str().parse().ok());
    (identity, hash(&handover.reply_secret), hash(&handover.manifest))
}

/// A kind of answer as the ledger names it.
pub fn code(kind: AnswerKind) -> &'static str {
    match kind {
        AnswerKind::Received => "received",
        AnswerKind::Note => "note",
        AnswerKind::Documents => "documents",
    }
}

fn moment_utc(seconds: i64) -> Value {
    moment(&Wall { seconds, offset_min: 0 })
}
