//! Answers to bundles: read, shown before they are taken in, and kept as evidence. They prove that somebody who opened the bundle wrote them.

use std::path::Path;

use serde_json::{Value, json};

use super::Session;
use super::statements::moment;
use crate::crypto::Identity;
use crate::error::Error;
use crate::handover::answer::{Answer, AnswerError, AnswerKind, Answered, Asked, FileKind, read};
use crate::model::entity::Handover;
use crate::model::{Kind, Record};
use crate::sys::clock::Wall;
use crate::sys::disk::{self, OpenFile};
use crate::vault::{Line, Progress, hash_of};

/// Name of the piece of evidence that holds what an answer says in words.
const NOTE: &str = "answer.txt";

/// An answer that fits a bundle of this casebook.
pub struct FittingAnswer {
    /// The record of the handover.
    pub line: Line,
    /// Who it was given to, as noted.
    pub recipient: Option<String>,
    /// It was taken in before.
    pub known: bool,
    /// Record that what comes with it belongs to.
    about: Option<String>,
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
        let mut changed = None;
        for (line, handover) in self.handovers()? {
            let (Some(identity), Some(secret), Some(manifest)) = keys_of(&handover) else { continue };
            let bundle = handover.bundle.as_ref().map(ToString::to_string).unwrap_or_default();
            let asked = Asked { bundle: &bundle, manifest: &manifest, identity: &identity, secret: &secret };
            match read(disk::open(path).map_err(Error::File)?, &asked) {
                Ok(answered) => return Ok(fitting(line, &handover, answered)),
                Err(AnswerError::NotForThis) => {}
                Err(error) => changed = Some(error),
            }
        }
        Err(changed.map_or(Error::AnswerUnknown, Error::Answer))
    }

    /// Takes an answer in: each file and the note become evidence, and the ledger says that it came. Returns the ids of the evidence; none for
    /// an answer that is here already.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn take_answer(&mut self, fitting: &mut FittingAnswer, progress: &mut dyn Progress) -> Result<Vec<String>, Error> {
        self.may_write(&self.casebook, false)?;
        if fitting.known {
            return Ok(Vec::new());
        }
        let answer = fitting.answered.answer.clone();
        let mut kept = Vec::new();
        if !answer.note.trim().is_empty() {
            kept.push(self.keep_of_answer(fitting, NOTE, answer.note.as_bytes(), "message", progress)?);
        }
        for (number, file) in answer.files.iter().enumerate() {
            let bytes = fitting.answered.file(number).map_err(Error::Answer)?;
            let category = if file.what == FileKind::CourtDecision { "decision" } else { "other" };
            kept.push(self.keep_of_answer(fitting, &file.name, &bytes, category, progress)?);
        }
        let reply = json!({ "written": moment_utc(answer.written), "received": self.moment(), "kind": code(answer.kind), "nonce": answer.nonce });
        self.edit(&fitting.line.id, &json!({ "replies": [reply] }))?;
        fitting.known = true;
        Ok(kept)
    }

    fn keep_of_answer(&mut self, fitting: &FittingAnswer, name: &str, bytes: &[u8], category: &str, progress: &mut dyn Progress) -> Result<String, Error> {
        let mut facts = json!({ "category": category, "received_at": self.moment() });
        if let Some(recipient) = &fitting.recipient {
            facts["received_from"] = recipient.clone().into();
        }
        if let Some(about) = &fitting.about {
            facts["relates_to"] = about.clone().into();
        }
        self.attach_bytes(name, bytes, &facts, progress)
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

    fn handovers(&mut self) -> Result<Vec<(Line, Handover)>, Error> {
        let read = |(line, body): (Line, crate::vault::Body)| match Record::from_tree(Kind::Handover, &body.tree) {
            Ok(Record::Handover(handover)) if !line.withdrawn && line.copy_of.is_none() => Some((line, *handover)),
            _ => None,
        };
        Ok(self.records(Some(Kind::Handover))?.into_iter().filter_map(read).collect())
    }
}

type Keys = (Option<Identity>, Option<[u8; 32]>, Option<[u8; 32]>);

fn keys_of(handover: &Handover) -> Keys {
    let hash = |hash: &Option<crate::model::value::Hash>| hash.as_ref().and_then(|hash| hash_of(hash.as_str()));
    let identity = handover.reply_identity.as_ref().and_then(|text| text.as_str().parse().ok());
    (identity, hash(&handover.reply_secret), hash(&handover.manifest))
}

fn fitting(line: Line, handover: &Handover, answered: Answered<OpenFile>) -> FittingAnswer {
    let nonce = &answered.answer.nonce;
    let known = handover.replies.values().any(|reply| reply.nonce.as_ref().is_some_and(|known| known.as_str() == nonce));
    let about = handover.about.values().next().map(|subject| subject.record.to_string());
    FittingAnswer { line, recipient: handover.recipient.as_ref().map(ToString::to_string), known, about, answered }
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
