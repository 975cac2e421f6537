//! `pending`: what came and does not count yet, what is missing, and the proofs of copied devices.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::sync::why;
use super::terminal::{clean, data, tell};
use crate::error::Error;
use crate::session::{Pending, Session};
use crate::sys::disk;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_name = "DIR")]
    proofs: Option<PathBuf>,
}

/// Runs `pending`.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let pending = session.pending()?;
    if let Some(folder) = &args.proofs {
        write_proofs(&mut session, &pending, folder)?;
    }
    if context.json {
        let aside: Vec<serde_json::Value> = pending.aside.iter().map(|row| json!({ "author": row.handle, "why": row.code, "count": row.count })).collect();
        let missing: Vec<serde_json::Value> = pending.missing.iter().map(|(author, count)| json!({ "author": author, "count": count })).collect();
        let forks: Vec<serde_json::Value> =
            pending.forks.iter().map(|(author, one, two)| json!({ "author": author, "parcels": [hex::encode(one), hex::encode(two)] })).collect();
        data(&json!({ "aside": aside, "missing": missing, "forks": forks, "carried": pending.carried }).to_string());
        return Ok(());
    }
    let texts = &context.texts;
    for row in &pending.aside {
        data(&texts.with("pending-aside", &[("author", &clean(&row.handle)), ("count", &row.count.to_string()), ("why", &why(texts, &row.code))]));
    }
    for (author, count) in &pending.missing {
        data(&texts.with("pending-missing", &[("author", &clean(author)), ("count", &count.to_string())]));
    }
    for (author, one, two) in &pending.forks {
        data(&texts.with("pending-fork", &[("author", &clean(author)), ("one", &hex::encode(one)), ("two", &hex::encode(two))]));
    }
    if pending.carried > 0 {
        data(&texts.with("pending-carried", &[("bytes", &pending.carried.to_string())]));
    }
    if pending.aside.is_empty() && pending.missing.is_empty() && pending.forks.is_empty() {
        tell(&texts.get("pending-nothing"));
    }
    Ok(())
}

/// Writes both signed headers of every fork: whoever has the member's key can check them without this program.
fn write_proofs(session: &mut Session, pending: &Pending, folder: &Path) -> Result<(), Error> {
    disk::make_folder(folder).map_err(Error::File)?;
    for id in pending.forks.iter().flat_map(|(_, one, two)| [one, two]) {
        let (header, signature) = session.proof(id)?;
        for (ending, bytes) in [("header.json", header), ("signature", signature.to_vec())] {
            disk::create_new(&folder.join(format!("{}.{ending}", hex::encode(id))), &bytes).map_err(Error::File)?;
        }
    }
    Ok(())
}
