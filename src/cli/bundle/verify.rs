//! `bundle verify` and `bundle open`: need no vault, and the passphrase of none.

use std::path::{Path, PathBuf};

use super::super::context::Context;
use super::super::terminal::{Bar, tell};
use super::said;
use crate::crypto::{KeyFileError, OpeningKeys, Passphrase, wants_words};
use crate::error::Error;
use crate::handover::container::extract::extract;
use crate::handover::container::verify::{Expected, verify as verified};
use crate::handover::container::wrong::BundleError;
use crate::sys::disk;

/// Longest key file in bytes.
const MAX_KEY_FILE: u64 = 64 * 1024;

#[derive(clap::Args)]
pub struct VerifyArgs {
    file: PathBuf,
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    words_file: Option<PathBuf>,
    #[arg(long, value_name = "SHA256:…|WORDS")]
    signer: Option<String>,
    #[arg(long)]
    plugins: bool,
}

#[derive(clap::Args)]
pub struct OpenArgs {
    #[command(flatten)]
    verify: VerifyArgs,
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Runs `bundle verify`.
pub fn verify(args: &VerifyArgs, context: &Context) -> Result<(), Error> {
    let (expected, keys) = asked(args, context)?;
    let file = disk::open(&args.file).map_err(Error::File)?;
    let report = verified(file, &keys, expected.as_ref(), &mut Bar::new(&context.texts.get("bar-bundle")))?;
    said::report(&report, context)
}

/// Runs `bundle open`.
pub fn open(args: &OpenArgs, context: &Context) -> Result<(), Error> {
    let (expected, keys) = asked(&args.verify, context)?;
    super::tell_left(&context.texts, &args.to);
    let file = disk::open(&args.verify.file).map_err(Error::File)?;
    let report = extract(file, &keys, expected.as_ref(), &args.to, &mut Bar::new(&context.texts.get("bar-bundle")));
    let report = report.map_err(|error| match error {
        BundleError::Exists => Error::BundleFolder,
        other => other.into(),
    })?;
    said::report(&report, context)?;
    tell(&context.texts.get("bundle-opened"));
    Ok(())
}

/// What the arguments say, before anything is asked.
fn asked(args: &VerifyArgs, context: &Context) -> Result<(Option<Expected>, OpeningKeys), Error> {
    let expected = args.signer.as_deref().map(|text| Expected::read(text).ok_or(Error::NotUnderstood { what: "signer" })).transpose()?;
    let words = wants_words(&mut disk::open(&args.file).map_err(Error::File)?).map_err(BundleError::from)?;
    let keys = if words { OpeningKeys::words(&words_of(args, context)?) } else { keys_of(args, context)? };
    Ok((expected, keys))
}

fn words_of(args: &VerifyArgs, context: &Context) -> Result<Passphrase, Error> {
    context.secret_text(args.words_file.as_deref(), "ask-bundle-words").map(|text| Passphrase::words(&text))
}

fn keys_of(args: &VerifyArgs, context: &Context) -> Result<OpeningKeys, Error> {
    let path: &Path = args.identity.as_deref().ok_or(Error::BundleKeyNeeded)?;
    let bytes = zeroize::Zeroizing::new(disk::read_limited(path, MAX_KEY_FILE).map_err(Error::File)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::BundleKeyFile(KeyFileError::NotAKey))?;
    let mut refused = None;
    let mut ask = || context.passphrase("ask-key-passphrase").map_err(|error| refused = Some(error)).ok();
    let keys = OpeningKeys::read(text.trim_start_matches('\u{feff}'), args.plugins, &mut ask);
    match refused {
        Some(error) => Err(error),
        None => keys.map_err(Error::BundleKeyFile),
    }
}
