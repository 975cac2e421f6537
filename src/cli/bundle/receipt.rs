//! `bundle receipt`: an answer is shown, and taken in when somebody says so. `bundle reader` writes the page that a lawyer opens.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::terminal::{self, Bar, clean, data, tell};
use crate::error::Error;
use crate::handover::answer::{Answer, AnswerFile};
use crate::handover::container::wrong::BundleError;
use crate::handover::reader;
use crate::locale::Texts;
use crate::session::{FittingAnswer, Session, answer_code, short};
use crate::sys::clock::utc;
use crate::sys::fresh::FreshFile;
use crate::words::term;

#[derive(clap::Args)]
pub struct ReceiptArgs {
    file: PathBuf,
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
pub struct ReaderArgs {
    file: PathBuf,
}

/// Runs `bundle receipt`. A script gets one document: the answer, and what came of it unless that was refused.
pub fn receipt(args: &ReceiptArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let mut fitting = session.read_answer(&args.file)?;
    let known = fitting.known;
    terminal::shown_first(context.json, args.yes || known, &lines(&context.texts, &fitting));
    let kept = taken(args, context, &mut session, &mut fitting);
    if context.json {
        data(&as_json(&fitting, known, kept.as_deref().ok()).to_string());
    }
    kept.map(|kept| said(context, known, &kept))
}

/// Takes it in once somebody said yes; nothing comes of an answer that is here already.
fn taken(args: &ReceiptArgs, context: &Context, session: &mut Session, fitting: &mut FittingAnswer) -> Result<Vec<String>, Error> {
    if fitting.known {
        return Ok(Vec::new());
    }
    terminal::heard()?;
    terminal::agreed(&context.texts, args.yes, "ask-answer-take")?;
    session.take_answer(fitting, &mut Bar::new(&context.texts.get("bar-attach")))
}

fn lines(texts: &Texts, fitting: &FittingAnswer) -> Vec<String> {
    let answer = fitting.answer();
    let (code, kind) = (short("handover", &fitting.line.id), term(texts, "reply_kind", answer_code(answer.kind)));
    let recipient = fitting.recipient.as_deref().map_or_else(|| texts.get("answer-nobody"), clean);
    let mut lines = vec![texts.with("answer-head", &[("code", &code), ("kind", &kind), ("recipient", &recipient), ("written", &utc(answer.written))])];
    if !answer.note.trim().is_empty() {
        lines.extend(answer.note.lines().map(|line| format!("  {}", clean(line))));
    }
    let file = |file: &AnswerFile| {
        let (name, size, sha256) = (clean(&file.name), file.size.to_string(), hex::encode(file.sha256));
        texts.with("answer-file", &[("name", &name), ("size", &size), ("sha256", &sha256)])
    };
    lines.extend(answer.files.iter().map(file));
    lines.push(texts.get("answer-proves"));
    lines
}

fn said(context: &Context, known: bool, kept: &[String]) {
    if !context.json {
        kept.iter().for_each(|id| data(&short("evidence", id)));
    }
    tell(&context.texts.with(if known { "answer-known" } else { "answer-taken" }, &[("number", &kept.len().to_string())]));
}

/// `known` tells whether it was here before; `kept` is what came of it, none where it was refused.
fn as_json(fitting: &FittingAnswer, known: bool, kept: Option<&[String]>) -> Value {
    let Answer { nonce, written, kind, note, files } = fitting.answer();
    let files = files.iter().map(|file| json!({ "name": file.name, "size": file.size, "sha256": hex::encode(file.sha256) }));
    let mut whole = json!({ "handover": fitting.line.id, "kind": answer_code(*kind), "written": utc(*written), "nonce": nonce, "note": note,
        "files": files.collect::<Vec<_>>(), "known": known });
    if let Some(kept) = kept {
        whole["new"] = kept.len().into();
        whole["evidence"] = kept.into();
    }
    whole
}

/// Writes the page where nothing is yet.
fn written(path: &Path) -> Result<(), BundleError> {
    let mut file = FreshFile::begin(path)?;
    file.write_all(reader::PAGE)?;
    file.place()?;
    file.keep();
    Ok(())
}

/// Runs `bundle reader`.
pub fn reader(args: &ReaderArgs, context: &Context) -> Result<(), Error> {
    super::tell_left(&context.texts, &args.file);
    written(&args.file)?;
    if context.json {
        data(&json!({ "file": args.file, "sha256": reader::sha256() }).to_string());
    } else {
        data(&context.texts.with("reader-written", &[("sha256", &reader::sha256())]));
    }
    Ok(())
}
