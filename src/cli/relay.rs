//! `announce`, and what `sync` does with a relay: comparing its key, meeting it, and keeping what stood in between.

use std::path::PathBuf;

use super::context::Context;
use super::sync::{Meeting, Went, said, unreachable};
use super::team::tell_words;
use super::terminal::{self, Bar, ask, clean, data, tell};
use crate::error::Error;
use crate::model::Kind;
use crate::session::{Relayed, Session, short};
use crate::sys::disk;
use crate::transport::TransportError;
use crate::transport::relay::{Address, Interception};

/// Most bytes of a file with tickets.
const MAX_TICKETS: u64 = 64 * 1024;
/// The one kind of proxy that is taken: it resolves names itself.
const PROXY: &str = "socks5h://";

#[derive(clap::Args)]
pub struct Args {
    address: String,
    #[arg(long)]
    gone: bool,
    #[arg(long, value_name = "FILE", conflicts_with = "gone")]
    tickets: Option<PathBuf>,
}

/// Runs `announce`.
pub fn announce(args: &Args, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let address = address_of(&session, &args.address)?;
    let tickets = args.tickets.as_ref().map(|file| tickets_in(file)).transpose()?.unwrap_or_default();
    session.announce(&address, args.gone)?;
    session.keep_tickets(&address, tickets)?;
    let said = if args.gone { "relay-gone" } else { "relay-announced" };
    tell(&context.texts.with(said, &[("place", &clean(&address.url))]));
    if !args.gone {
        tell_words(&context.texts, &session.relay_words(&address));
    }
    if context.json {
        data(&serde_json::json!({ "place": address.url, "pin": hex::encode(address.pin), "gone": args.gone }).to_string());
    }
    Ok(())
}

/// Reads an address with its key, or without where the casebook announces it.
fn address_of(session: &Session, text: &str) -> Result<Address, Error> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let known = session.relays()?.into_iter().map(|row| row.address).find(|address| address.url == text.trim_end_matches('/'));
    known.ok_or(Error::Place(TransportError::NoAddress))
}

fn tickets_in(file: &std::path::Path) -> Result<Vec<String>, Error> {
    let text = disk::read_limited(file, MAX_TICKETS).map_err(Error::File)?;
    let text = String::from_utf8(text).map_err(|error| Error::NotUtf8 { at: error.utf8_error().valid_up_to() })?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Sets or forgets the proxy of every relay.
pub fn set_proxy(context: &Context, session: &mut Session, proxy: Option<&str>, none: bool) -> Result<(), Error> {
    if let Some(proxy) = proxy {
        if !proxy.starts_with(PROXY) {
            return Err(Error::NotUnderstood { what: "proxy" });
        }
        session.set_proxy(Some(proxy.to_owned()))?;
        tell(&context.texts.with("relay-proxy", &[("proxy", &clean(proxy))]));
    }
    if none {
        session.set_proxy(None)?;
        tell(&context.texts.get("relay-no-proxy"));
    }
    Ok(())
}

/// Returns the relay that a person named, once its key was compared.
///
/// # Errors
/// Returns [`TransportError::NoAddress`], or [`Error::RelayUnknown`] where nobody can be asked to compare.
pub fn named(context: &Context, session: &mut Session, text: &str, heard: Option<&str>) -> Result<Address, Error> {
    let address = address_of(session, text)?;
    if let Some(heard) = heard {
        session.compare_relay(&address, heard)?;
    }
    if is_compared(context, session, &address)? { Ok(address) } else { Err(Error::RelayUnknown) }
}

/// Returns the announced relays whose keys were compared; about each other one it asks where a person is there, and else says
/// what is to be done. One address under a known key is simply tried.
pub fn announced(context: &Context, session: &mut Session) -> Result<Vec<Address>, Error> {
    let mut met = Vec::new();
    for row in session.relays()? {
        if is_compared(context, session, &row.address)? {
            met.push(row.address);
        }
    }
    Ok(met)
}

/// Compares the words of a key that this device does not know.
fn is_compared(context: &Context, session: &mut Session, address: &Address) -> Result<bool, Error> {
    if session.trusts_relay(address)? {
        return Ok(true);
    }
    let texts = &context.texts;
    tell(&texts.with("relay-compare", &[("place", &clean(&address.url))]));
    tell_words(texts, &session.relay_words(address));
    if !terminal::is_person() {
        return Ok(false);
    }
    let same = terminal::said_yes(texts, "relay-ask-same")?;
    if same {
        session.trust_relay(address)?;
    }
    Ok(same)
}

/// Meets a relay and says what came of it.
pub fn meet(context: &Context, session: &mut Session, address: &Address, meeting: &mut Meeting) -> Result<Went, Error> {
    let bar = &mut Bar::new(&context.texts.get("bar-sync"));
    match session.sync_relay(address, &mut meeting.judge, &meeting.passphrase, meeting.thorough, bar) {
        Ok(relayed) => {
            let went = say(context, &relayed);
            relayed.failed.map_or(Ok(Went::Well), |error| failed(context, session, address, error)).map(|after| went.and(after))
        }
        Err(error) => failed(context, session, address, error),
    }
}

fn say(context: &Context, relayed: &Relayed) -> Went {
    let went = relayed.meetings.iter().map(|synced| said(context, synced)).fold(Went::Well, Went::and);
    for (code, count) in [("relay-frozen", relayed.frozen), ("relay-not-frozen", relayed.no_ticket), ("relay-deleted-old", relayed.deleted)] {
        if count > 0 {
            tell(&context.texts.with(code, &[("count", &count.to_string())]));
        }
    }
    went
}

fn failed(context: &Context, session: &mut Session, address: &Address, error: Error) -> Result<Went, Error> {
    match error {
        Error::Place(TransportError::Unreachable) => unreachable(context, session, &address.url),
        Error::Place(TransportError::CaptivePortal) => {
            tell(&context.texts.with("relay-captive", &[("place", &clean(&address.url))]));
            Ok(Went::Unreachable)
        }
        Error::Place(TransportError::Intercepted(seen)) => intercepted(context, session, address, &seen),
        error => Err(error),
    }
}

/// Says that somebody stands in between, asks where and through whom, and keeps the chain as evidence.
fn intercepted(context: &Context, session: &mut Session, address: &Address, seen: &Interception) -> Result<Went, Error> {
    let texts = &context.texts;
    tell(&texts.with("relay-intercepted", &[("place", &clean(&address.url))]));
    let mut account = vec![texts.with("relay-account", &[("place", &clean(&address.url))])];
    if terminal::is_person() {
        tell(&texts.get("relay-ask-why"));
        for question in ["relay-ask-place", "relay-ask-provider"] {
            let answer = ask(&texts.get(question))?.unwrap_or_default();
            if !answer.trim().is_empty() {
                account.push(format!("{} {}", texts.get(question), answer.trim()));
            }
        }
    }
    let kept = session.note_interception(seen, Some(&account.join("\n")), &mut Bar::new(&texts.get("bar-attach")));
    match kept {
        Ok(id) => tell(&texts.with("relay-kept", &[("id", &short(Kind::Evidence.code(), &id))])),
        Err(error) => drop(terminal::failed(texts, &error, session.mode())),
    }
    Ok(Went::Unreachable)
}
