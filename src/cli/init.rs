//! `init`: a new vault, or a further casebook in one.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::team::{team_pack_in, tell_words};
use super::terminal::{self, ask, clean, data, tell};
use crate::crypto::words::{RECOVERY_WORDS, passphrase as six_words, recovery_words};
use crate::crypto::{Lang, Passphrase, safety_digits};
use crate::error::Error;
use crate::locale::{self, Texts};
use crate::model::ALPHABET;
use crate::sys::chance::{SystemChance, draw};
use crate::vault::{self, Founding, Hash, JoinError, LOG_N, Vault, VaultError};

/// Shortest passphrase of a person's own, in characters.
const MIN_CHARS: usize = 12;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    label: Option<String>,
    #[arg(long, value_name = "PACK", conflicts_with = "casebook")]
    capture: Option<PathBuf>,
    /// Casebook that the new one follows, after all of its admins were lost.
    #[arg(long, value_name = "NAME", requires = "casebook", conflicts_with = "capture")]
    succeeds: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    if let Some(pack) = &args.capture {
        return capture_vault(args, pack, context);
    }
    match (vault::exists(&context.folder), context.casebook.clone()) {
        (true, Some(name)) => further_casebook(context, &name, args.succeeds.as_deref()),
        (false, _) if args.succeeds.is_some() => Err(VaultError::NoCasebook.into()),
        (true, None) => Err(VaultError::Exists.into()),
        (false, name) => new_vault(args, context, name),
    }
}

fn new_vault(args: &Args, context: &mut Context, name: Option<String>) -> Result<(), Error> {
    choose_language(context)?;
    let passphrase = new_passphrase(context)?;
    let handle = handle(args.label.as_deref())?;
    let time = context.clock()?.now().seconds;
    let founding = Founding { passphrase: &passphrase, log_n: LOG_N, handle: &handle, time };
    let mut vault = Vault::found(&context.folder, &founding, &mut SystemChance)?;
    let lang = context.texts.lang().to_owned();
    vault.remember(|state| state.lang = lang);
    vault.save_state()?;
    if let Some(name) = &name {
        found_casebook(context, &mut vault, (name, None), &passphrase)?;
    }
    tell(&context.texts.with("init-done", &[("handle", &handle)]));
    tell(&context.texts.get("init-handle-why"));
    if context.json {
        data(&json!({ "handle": handle, "casebook": name }).to_string());
    }
    tell(&context.texts.get("init-next"));
    Ok(())
}

/// Makes the vault of a device that only records for others: it has no casebook of its own.
fn capture_vault(args: &Args, pack: &Path, context: &mut Context) -> Result<(), Error> {
    if context.casebook.is_some() {
        return Err(Error::NotUnderstood { what: "casebook" });
    }
    if vault::exists(&context.folder) {
        return Err(VaultError::Exists.into());
    }
    let invitation = team_pack_in(pack)?.ok_or(JoinError::DoesNotFit)?.invitation()?;
    choose_language(context)?;
    let passphrase = new_passphrase(context)?;
    let handle = handle(args.label.as_deref())?;
    let time = context.clock()?.now().seconds;
    let founding = Founding { passphrase: &passphrase, log_n: LOG_N, handle: &handle, time };
    let mut vault = Vault::found_capture(&context.folder, &founding, &invitation, &mut SystemChance)?;
    let lang = context.texts.lang().to_owned();
    vault.remember(|state| state.lang = lang);
    vault.save_state()?;
    let session = context.opened(vault)?;
    let name = session.casebook_name().map(clean).unwrap_or_default();
    tell(&context.texts.with("init-done", &[("handle", &handle)]));
    tell(&context.texts.get("init-handle-why"));
    tell(&context.texts.with("init-capture-done", &[("name", &name)]));
    let (badge, words) = session.badge();
    if context.json {
        data(
            &json!({ "handle": handle, "casebook": name, "mode": session.mode().text(), "badge": badge.to_line(), "words": safety_digits(&words) }).to_string(),
        );
    }
    tell_words(&context.texts, &words);
    Ok(())
}

fn further_casebook(context: &mut Context, name: &str, succeeds: Option<&str>) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut vault = Vault::open(&context.folder, &passphrase)?;
    let older = succeeds.map(|older| vault.casebook(Some(older)).map(|book| book.id)).transpose()?;
    found_casebook(context, &mut vault, (name, older), &passphrase)?;
    tell(&context.texts.with("init-casebook-done", &[("name", &terminal::clean(name))]));
    if let Some(older) = succeeds {
        tell(&context.texts.with("init-succeeds", &[("older", &terminal::clean(older))]));
    }
    Ok(())
}

/// Founds a casebook; its recovery words are shown once and two of them asked back.
fn found_casebook(context: &Context, vault: &mut Vault, (name, older): (&str, Option<Hash>), passphrase: &Passphrase) -> Result<(), Error> {
    let valid = name.parse::<crate::model::value::Line>().is_ok();
    if !valid {
        return Err(Error::NotUnderstood { what: "casebook" });
    }
    let secret = draw::<16>(&mut SystemChance);
    let lang = Lang::named(context.texts.lang()).unwrap_or(Lang::En);
    let words = recovery_words(lang, &secret);
    tell(&context.texts.get("recovery-why"));
    data(&words);
    terminal::heard()?;
    if terminal::is_person() && !context.passphrase_from_file() {
        ask_back(&context.texts, &words)?;
    }
    let time = context.clock()?.now().seconds;
    match older {
        Some(older) => Ok(vault.found_successor(name, &older, &secret, passphrase, time, &mut SystemChance)?),
        None => Ok(vault.found_casebook(name, &secret, passphrase, time, &mut SystemChance)?),
    }
}

fn ask_back(texts: &Texts, words: &str) -> Result<(), Error> {
    let list: Vec<&str> = words.split(' ').collect();
    let random = draw::<2>(&mut SystemChance);
    let first = usize::from(random[0]) % (RECOVERY_WORDS / 2);
    let second = RECOVERY_WORDS / 2 + usize::from(random[1]) % (RECOVERY_WORDS / 2);
    for place in [first, second] {
        let answer = ask(&texts.with("recovery-ask", &[("number", &(place + 1).to_string())]))?.unwrap_or_default();
        if answer.to_lowercase() != list[place] {
            return Err(Error::WordsDiffer);
        }
    }
    Ok(())
}

/// Asks for the language unless it was given or nobody is there to answer.
fn choose_language(context: &mut Context) -> Result<(), Error> {
    if context.lang_given || !terminal::is_person() {
        return Ok(());
    }
    loop {
        let answer = ask("қазақша: kk · русский: ru · English: en >")?.ok_or(Error::NoAnswer)?;
        let lang = match answer.to_lowercase().as_str() {
            "қ" | "қаз" | "қазақша" | "каз" => Some("kk"),
            "р" | "рус" | "русский" => Some("ru"),
            other => locale::named(other),
        };
        if let Some(lang) = lang {
            context.texts = Texts::new(lang);
            return Ok(());
        }
    }
}

/// Takes a passphrase of the person's own, or makes one of six words.
fn new_passphrase(context: &Context) -> Result<Passphrase, Error> {
    if context.passphrase_from_file() {
        return long_enough(context.passphrase("ask-passphrase")?);
    }
    typed_passphrase(context)
}

/// Asks for a new passphrase twice; an empty one asks for six generated words.
pub fn typed_passphrase(context: &Context) -> Result<Passphrase, Error> {
    tell(&context.texts.get("passphrase-how"));
    let own = Passphrase::new(terminal::ask_secret(&context.texts.get("ask-new-passphrase"))?);
    let wanted = if own.is_empty() { generated(context) } else { long_enough(own)? };
    let again = Passphrase::new(terminal::ask_secret(&context.texts.get("ask-passphrase-again"))?);
    if wanted == again { Ok(wanted) } else { Err(Error::PassphrasesDiffer) }
}

fn generated(context: &Context) -> Passphrase {
    let lang = Lang::named(context.texts.lang()).unwrap_or(Lang::En);
    let words = six_words(lang, &draw(&mut SystemChance));
    tell(&context.texts.with("passphrase-generated", &[("words", &words)]));
    Passphrase::new(words.to_string())
}

fn long_enough(passphrase: Passphrase) -> Result<Passphrase, Error> {
    if passphrase.chars() < MIN_CHARS { Err(Error::PassphraseShort) } else { Ok(passphrase) }
}

/// A handle: the label given, else random.
fn handle(label: Option<&str>) -> Result<String, Error> {
    match label {
        Some(label) => {
            let fits = (1..=16).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if fits { Ok(label.to_owned()) } else { Err(Error::NotUnderstood { what: "label" }) }
        }
        None => {
            let symbols = draw::<3>(&mut SystemChance).map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            Ok(format!("M-{}", symbols.iter().collect::<String>()))
        }
    }
}

/// The first call of the program on a device: a vault, then what to do with it.
pub fn run_first(context: &mut Context) -> Result<(), Error> {
    run(&Args { label: None, capture: None, succeeds: None }, context)
}
