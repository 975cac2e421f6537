//! `attach`, `extract`, `detach`: files as evidence.

use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::terminal::{self, Bar, data, tell};
use crate::error::Error;
use crate::session::{Attached, short};

#[derive(clap::Args)]
pub struct AttachArgs {
    id: String,
    file: PathBuf,
}

#[derive(clap::Args)]
pub struct ExtractArgs {
    id: String,
    file: PathBuf,
}

#[derive(clap::Args)]
pub struct DetachArgs {
    id: String,
}

/// Runs `attach`.
pub fn attach(args: &AttachArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let Attached { id, sha256 } = session.attach_hashed(&args.id, &args.file, &json!({}), &mut Bar::new(&context.texts.get("bar-attach")))?;
    if context.json {
        data(&json!({ "id": id, "kind": "evidence", "code": short("evidence", &id), "sha256": sha256 }).to_string());
    } else {
        data(&short("evidence", &id));
    }
    tell(&context.texts.with("attach-done", &[("sha256", &sha256)]));
    Ok(())
}

/// Runs `extract`.
pub fn extract(args: &ExtractArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    session.extract(&args.id, &args.file, &mut Bar::new(&context.texts.get("bar-extract")))?;
    tell(&context.texts.get("extract-done"));
    Ok(())
}

/// Runs `detach`.
pub fn detach(args: &DetachArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let reason = if terminal::is_person() { terminal::ask(&context.texts.get("ask-reason"))?.unwrap_or_default() } else { terminal::read_all()? };
    session.detach(&args.id, &reason)?;
    tell(&context.texts.get("detach-done"));
    Ok(())
}
