//! `check`: whether the vault is whole; `--rebuild` makes its caches again.

use serde_json::json;

use super::context::Context;
use super::terminal::{Bar, damage_text, data, tell};
use crate::error::Error;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    rebuild: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let mut bar = Bar::new(&context.texts.get("bar-check"));
    if args.rebuild {
        session.vault_mut().rebuild(&mut bar)?;
        tell(&context.texts.get("check-rebuilt"));
    }
    let examined = session.vault_mut().check(&mut bar)?;
    drop(bar);
    let whole = examined.faults.is_empty() && !examined.stale;
    if context.json {
        let faults: Vec<String> = examined.faults.iter().map(ToString::to_string).collect();
        data(&json!({ "whole": whole, "files": examined.files, "parcels": examined.parcels, "records": examined.records, "attachments": examined.attachments, "faults": faults, "stale": examined.stale }).to_string());
    }
    examined.faults.iter().for_each(|fault| tell(&damage_text(&context.texts, fault)));
    if examined.stale {
        tell(&context.texts.get("check-stale"));
    }
    if !whole {
        return Err(Error::NotWhole);
    }
    tell(&context.texts.with("check-whole", &[("records", &examined.records.to_string()), ("parcels", &examined.parcels.to_string())]));
    Ok(())
}
