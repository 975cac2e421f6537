//! `export` and `import`: records as JSON Lines.

use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::terminal::{self, Bar, data, tell};
use crate::error::Error;
use crate::sys::disk;

/// Largest file taken in, in bytes.
const MAX_FILE: u64 = 512 * 1024 * 1024;

#[derive(clap::Args)]
pub struct ExportArgs {
    #[arg(long)]
    register: bool,
}

#[derive(clap::Args)]
pub struct ImportArgs {
    file: Option<PathBuf>,
}

/// Runs `export`.
pub fn export(args: &ExportArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    tell(&context.texts.get("export-plain"));
    let done = session.export(args.register, &mut |row| {
        data(row);
        terminal::heard()
    })?;
    let values = [("records", done.records.to_string()), ("secrets", done.secrets_withheld.to_string()), ("files", done.files_withheld.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    tell(&context.texts.with("export-done", &values));
    if done.copies_withheld > 0 {
        tell(&context.texts.with("copies-left-out", &[("count", &done.copies_withheld.to_string())]));
    }
    Ok(())
}

/// Runs `import`.
pub fn import(args: &ImportArgs, context: &mut Context) -> Result<(), Error> {
    let text = match &args.file {
        Some(path) => {
            let bytes = disk::read_limited(path, MAX_FILE).map_err(Error::File)?;
            String::from_utf8(bytes).map_err(|error| Error::NotUtf8 { at: error.utf8_error().valid_up_to() })?
        }
        None => terminal::read_all()?,
    };
    let mut session = context.open()?;
    let done = session.import(&text, &mut Bar::new(&context.texts.get("bar-import")))?;
    if context.json {
        data(&json!({ "new": done.new, "known": done.known, "differing": done.differing }).to_string());
    }
    tell(&context.texts.with("import-done", &[("new", &done.new.to_string()), ("known", &done.known.to_string())]));
    if done.differing.is_empty() {
        return Ok(());
    }
    done.differing.iter().for_each(|id| tell(&context.texts.with("import-differs", &[("id", &terminal::clean(id))])));
    Err(Error::Partly)
}
