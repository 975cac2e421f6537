//! `bundle receipt`: an answer is shown, and taken in when somebody says so. `bundle reader` writes the page that a lawyer opens.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::context::Context;
use super::super::terminal::{self, Bar, clean, data, tell};
use crate::error::Error;
use crate::handover::answer::Answer;
use crate::handover::container::wrong::BundleError;
use crate::handover::reader;
use crate::locale::Texts;
use crate::session::{FittingAnswer, answer_code, short};
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

/// Runs `bundle receipt`.
pub fn receipt(args: &ReceiptArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let mut fitting = session.read_answer(&args.file)?;
    if !context.json {
        preview(&context.texts, &fitting);
    }
    if fitting.known {
        return taken(context, &fitting, &[]);
    }
    terminal::agreed(&context.texts, args.yes, "ask-answer-take")?;
    let kept = session.take_answer(&mut fitting, &mut Bar::new(&context.texts.get("bar-attach")))?;
    taken(context, &fitting, &kept)
}

fn preview(texts: &Texts, fitting: &FittingAnswer) {
    let answer = fitting.answer();
    let (code, kind) = (short("handover", &fitting.line.id), term(texts, "reply_kind", answer_code(answer.kind)));
    let recipient = fitting.recipient.as_deref().map_or_else(|| texts.get("answer-nobody"), clean);
    data(&texts.with("answer-head", &[("code", &code), ("kind", &kind), ("recipient", &recipient), ("written", &utc(answer.written))]));
    if !answer.note.trim().is_empty() {
        answer.note.lines().for_each(|line| data(&format!("  {}", clean(line))));
    }
    for file in &answer.files {
        data(&texts.with("answer-file", &[("name", &clean(&file.name)), ("size", &file.size.to_string()), ("sha256", &hex::encode(file.sha256))]));
    }
    data(&texts.get("answer-proves"));
}

fn taken(context: &Context, fitting: &FittingAnswer, kept: &[String]) -> Result<(), Error> {
    let number = kept.len().to_string();
    if context.json {
        data(&as_json(fitting, kept).to_string());
    } else {
        kept.iter().for_each(|id| data(&short("evidence", id)));
    }
    tell(&context.texts.with(if fitting.known && kept.is_empty() { "answer-known" } else { "answer-taken" }, &[("number", &number)]));
    Ok(())
}

fn as_json(fitting: &FittingAnswer, kept: &[String]) -> serde_json::Value {
    let Answer { nonce, written, kind, note, files } = fitting.answer();
    let files = files.iter().map(|file| json!({ "name": file.name, "size": file.size, "sha256": hex::encode(file.sha256) }));
    json!({ "handover": fitting.line.id, "kind": answer_code(*kind), "written": utc(*written), "nonce": nonce, "note": note,
        "files": files.collect::<Vec<_>>(), "new": kept.len(), "evidence": kept })
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
    written(&args.file)?;
    if context.json {
        data(&json!({ "file": args.file, "sha256": reader::sha256() }).to_string());
    } else {
        data(&context.texts.with("reader-written", &[("sha256", &reader::sha256())]));
    }
    Ok(())
}
