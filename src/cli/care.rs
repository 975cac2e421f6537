//! `backup`, `restore`, `passphrase`: care for the vault itself.

use std::path::PathBuf;

use super::context::Context;
use super::init::typed_passphrase;
use super::terminal::{Bar, damage_text, tell};
use crate::error::Error;
use crate::sys::chance::SystemChance;
use crate::vault::{LOG_N, Vault};

#[derive(clap::Args)]
pub struct BackupArgs {
    file: PathBuf,
}

#[derive(clap::Args)]
pub struct RestoreArgs {
    file: PathBuf,
}

#[derive(clap::Args)]
pub struct PassphraseArgs {}

/// Runs `backup`.
pub fn backup(args: &BackupArgs, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    if args.file.exists() {
        return Err(Error::FileExists);
    }
    let time = session.now().seconds;
    let files = session.vault_mut().backup(&args.file, time, &mut Bar::new(&context.texts.get("bar-backup")))?;
    tell(&context.texts.with("backup-done", &[("files", &files.to_string())]));
    Ok(())
}

/// Runs `restore`.
pub fn restore(args: &RestoreArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let restored = Vault::restore(&context.folder, &args.file, &passphrase, LOG_N, &mut SystemChance, &mut Bar::new(&context.texts.get("bar-restore")))?;
    restored.examined.faults.iter().for_each(|fault| tell(&damage_text(&context.texts, fault)));
    tell(&context.texts.with("restore-done", &[("records", &restored.examined.records.to_string())]));
    if restored.examined.faults.is_empty() { Ok(()) } else { Err(Error::NotWhole) }
}

/// Runs `passphrase`.
pub fn passphrase(context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let new = typed_passphrase(context)?;
    session.vault_mut().change_passphrase(&new, LOG_N)?;
    tell(&context.texts.get("passphrase-changed"));
    Ok(())
}
