//! `seal`, `reopen`, `unseal`: a device that opens nothing until a colleague gives keys back.

use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use super::team::{badge_given, heard, tell_words, write_welcome};
use super::terminal::{clean, data, tell};
use crate::crypto::safety_digits;
use crate::error::Error;
use crate::session::{Mode, Session};
use crate::sync::exchange::each_file;
use crate::transport::SingleFile;

/// Most hours after which a device may be told to seal itself: a week.
const MAX_HOURS: i64 = 168;

#[derive(clap::Args)]
pub struct SealArgs {
    #[arg(long)]
    on_leaving: bool,
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=MAX_HOURS))]
    after: Option<u32>,
    #[arg(long, conflicts_with_all = ["on_leaving", "after"])]
    never: bool,
}

#[derive(clap::Args)]
pub struct ReopenArgs {
    badge: String,
    #[arg(long)]
    words: Option<String>,
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct UnsealArgs {
    file: PathBuf,
}

/// Runs `seal`: now, or sets when the device seals itself.
pub fn seal(args: &SealArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    if args.never || args.on_leaving || args.after.is_some() {
        return set(args, context, &mut session);
    }
    // Sealing twice shows the badge once more.
    if session.mode() != Mode::Sealed {
        session.seal(&passphrase)?;
    }
    context.mode = session.mode();
    tell(&context.texts.get("sealed"));
    say_badge(context, &session);
    Ok(())
}

fn set(args: &SealArgs, context: &Context, session: &mut Session) -> Result<(), Error> {
    session.seal_when(args.on_leaving, args.after)?;
    let texts = &context.texts;
    if args.on_leaving {
        tell(&texts.get("seal-set-leaving"));
    }
    if let Some(hours) = args.after {
        tell(&texts.with("seal-set-hours", &[("hours", &hours.to_string())]));
    }
    if args.never {
        tell(&texts.get("seal-set-never"));
    }
    if context.json {
        data(&json!({ "on_leaving": args.on_leaving, "after_hours": args.after }).to_string());
    }
    Ok(())
}

/// Shows the badge of the sealed device: a colleague answers it.
fn say_badge(context: &Context, session: &Session) {
    let (badge, words) = session.badge();
    if context.json {
        data(&json!({ "mode": session.mode().text(), "badge": badge.to_line(), "words": safety_digits(&words) }).to_string());
    } else {
        data(&badge.to_line());
    }
    tell(&context.texts.get("sealed-next"));
    tell_words(&context.texts, &words);
}

/// Runs `reopen`, on a colleague's device.
pub fn reopen(args: &ReopenArgs, context: &mut Context) -> Result<(), Error> {
    let badge = badge_given(&args.badge)?;
    if args.out.exists() {
        return Err(Error::FileExists);
    }
    let mut session = context.open()?;
    let words = heard(&context.texts, args.words.as_deref(), &badge.handle)?.ok_or(Error::SafetyWords)?;
    let files = session.reopening(&badge, &words)?;
    write_welcome(&args.out, &files)?;
    tell(&context.texts.with("reopened", &[("handle", &clean(&badge.handle))]));
    Ok(())
}

/// Runs `unseal`, on the sealed device.
pub fn unseal(args: &UnsealArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let mut files = Vec::new();
    each_file(&mut SingleFile::at(&args.file), &mut |sealed| files.push(sealed))?;
    session.unseal(files, &passphrase)?;
    context.mode = session.mode();
    tell(&context.texts.get("unsealed"));
    Ok(())
}
