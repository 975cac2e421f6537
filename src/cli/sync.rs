//! `sync`: meeting with a stick, a folder, a pack or a relay, and what it brought.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::relay;
use super::show::moment;
use super::team::{judge, warn_of_new_keys, warn_of_one_admin};
use super::terminal::{self, Bar, clean, data, tell};
use crate::crypto::Passphrase;
use crate::error::Error;
use crate::locale::Texts;
use crate::session::{Mode, Sender, Session, Synced};
use crate::sync::judge::Child;
use crate::sys::chance::{Chance, SystemChance};
use crate::transport::relay::Address;
use crate::transport::{Broke, Folder, Mailbox, SingleFile, TransportError};
use crate::words::term;

/// Ending of a single pack.
const PACK: &str = "pack";

/// Beginning of a relay's address.
const RELAY: &str = "https://";

#[derive(clap::Args)]
pub struct Args {
    place: Option<PathBuf>,
    #[arg(long)]
    thorough: bool,
    #[arg(long)]
    words: Option<String>,
    #[arg(long, value_name = "socks5h://HOST:PORT", conflicts_with = "no_proxy")]
    proxy: Option<String>,
    #[arg(long)]
    no_proxy: bool,
    #[cfg(feature = "lan")]
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "", conflicts_with = "place")]
    lan: Option<String>,
}

/// Where one meeting is to be.
enum Target {
    Path(PathBuf),
    Relay(Address),
    #[cfg(feature = "lan")]
    Room(String),
}

/// Returns the mailbox behind a path: a folder, or a single pack, there or to be written.
///
/// # Errors
/// Returns [`TransportError::Unreachable`] for a path where nothing is and that is called like no pack.
pub fn mailbox<'a>(path: &Path, chance: &'a mut dyn Chance) -> Result<Box<dyn Mailbox + 'a>, Error> {
    let is_pack = path.extension().is_some_and(|ending| ending == PACK);
    if path.is_dir() {
        let path = path.canonicalize().map_err(Error::File)?;
        return Ok(Box::new(Folder::at(path, chance)));
    }
    if path.exists() || is_pack { Ok(Box::new(SingleFile::at(path))) } else { Err(Error::Place(TransportError::Unreachable)) }
}

/// Runs `sync` with the place named, or with every known one.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    relay::set_proxy(context, &mut session, args.proxy.as_deref(), args.no_proxy)?;
    let mut meeting = Meeting { judge: judge()?, passphrase, thorough: args.thorough };
    let mut results = Vec::new();
    let targets = targets(args, context, &mut session)?;
    for target in &targets {
        results.push(match meeting.at(context, &mut session, target) {
            // One place in trouble keeps nobody from the others.
            Err(error @ Error::Place(_)) if targets.len() > 1 => {
                terminal::failed(&context.texts, &error, session.mode());
                Went::Partly
            }
            met => met?,
        });
    }
    warn(context, &mut session)?;
    outcome(results)
}

/// The places to meet: the one named, or every remembered folder and every relay that the casebook announces and whose key
/// was compared.
fn targets(args: &Args, context: &Context, session: &mut Session) -> Result<Vec<Target>, Error> {
    #[cfg(feature = "lan")]
    if let Some(code) = &args.lan {
        return Ok(vec![Target::Room(code.clone())]);
    }
    if let Some(place) = &args.place {
        let text = place.to_str().filter(|text| text.starts_with(RELAY));
        let one =
            text.map_or_else(|| Ok(Target::Path(place.clone())), |text| relay::named(context, session, text, args.words.as_deref()).map(Target::Relay))?;
        return Ok(vec![one]);
    }
    let paths = session.places()?.into_iter().filter(|place| !place.name.starts_with(RELAY)).map(|place| Target::Path(place.name.into()));
    let relays = relay::announced(context, session)?.into_iter().map(Target::Relay);
    let all: Vec<Target> = paths.chain(relays).collect();
    match (all.is_empty(), session.relays()?.is_empty()) {
        (false, _) => Ok(all),
        (true, false) => Err(Error::RelayUnknown),
        (true, true) => Err(Error::NoPlaces),
    }
}

/// What every meeting of one run has in common.
pub struct Meeting {
    pub judge: Child,
    pub passphrase: Passphrase,
    pub thorough: bool,
}

impl Meeting {
    fn at(&mut self, context: &Context, session: &mut Session, target: &Target) -> Result<Went, Error> {
        match target {
            Target::Path(path) => self.at_path(context, session, path),
            Target::Relay(address) => relay::meet(context, session, address, self),
            #[cfg(feature = "lan")]
            Target::Room(code) => super::room::meet(context, session, code, self),
        }
    }

    fn at_path(&mut self, context: &Context, session: &mut Session, path: &Path) -> Result<Went, Error> {
        let mut chance = SystemChance;
        let bar = &mut Bar::new(&context.texts.get("bar-sync"));
        let met = mailbox(path, &mut chance).and_then(|mut mailbox| session.sync(&mut *mailbox, &mut self.judge, &self.passphrase, self.thorough, bar));
        let went = match met {
            Ok(synced) => said(context, &synced),
            Err(Error::Place(TransportError::Unreachable)) => unreachable(context, session, &path.display().to_string())?,
            Err(error) => return Err(error),
        };
        if path.is_file() {
            // A single pack is handed over once; it is no place to come back to.
            let _ = session.forget_place(&path.display().to_string());
        }
        Ok(went)
    }
}

/// How a meeting went: well, in part, or not at all.
pub enum Went {
    Well,
    Partly,
    Unreachable,
}

impl Went {
    /// What both together are.
    pub fn and(self, other: Went) -> Went {
        match (self, other) {
            (Went::Well, other) => other,
            (one, Went::Well) => one,
            (Went::Unreachable, Went::Unreachable) => Went::Unreachable,
            _ => Went::Partly,
        }
    }
}

/// Everything well, everything out of reach, or something in between.
fn outcome(results: Vec<Went>) -> Result<(), Error> {
    let unreachable = results.iter().filter(|went| matches!(went, Went::Unreachable)).count();
    match (unreachable, results.iter().all(|went| matches!(went, Went::Well))) {
        (_, true) => Ok(()),
        (count, false) if count == results.len() => Err(Error::Place(TransportError::Unreachable)),
        _ => Err(Error::Partly),
    }
}

/// Says what a meeting did.
pub fn said(context: &Context, synced: &Synced) -> Went {
    say(context, synced);
    let exchanged = &synced.exchanged;
    let whole = exchanged.faults.is_empty() && synced.refused.is_empty() && exchanged.not_sent == 0 && !exchanged.not_writable;
    match exchanged.broke {
        Some(Broke::Away) => Went::Unreachable,
        _ if whole => Went::Well,
        _ => Went::Partly,
    }
}

/// Says that a place cannot be reached, and when it was the last time.
pub fn unreachable(context: &Context, session: &Session, place: &str) -> Result<Went, Error> {
    let last = session.places()?.into_iter().find(|known| known.name == place).and_then(|known| known.last);
    let last = last.map_or_else(|| context.texts.get("place-never"), moment);
    tell(&context.texts.with("sync-unreachable", &[("place", &clean(place)), ("last", &last)]));
    Ok(Went::Unreachable)
}

fn say(context: &Context, synced: &Synced) {
    let (texts, exchanged) = (&context.texts, &synced.exchanged);
    if context.json {
        data(&as_json(synced).to_string());
    }
    let counts = [
        ("place", clean(&exchanged.place)),
        ("new", exchanged.taken.new.len().to_string()),
        ("known", exchanged.known.to_string()),
        ("sent", exchanged.sent.to_string()),
    ];
    let counts: Vec<(&str, &str)> = counts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    tell(&texts.with("sync-done", &counts));
    for sender in &synced.senders {
        let line = sender_line(texts, sender);
        if context.json { tell(&line) } else { data(&line) }
    }
    if exchanged.not_writable {
        tell(&texts.get("sync-not-writable"));
    }
    if exchanged.not_sent > 0 {
        tell(&texts.with(why_not_sent(exchanged.broke), &[("count", &exchanged.not_sent.to_string())]));
    }
    for fault in &exchanged.faults {
        tell(&texts.with("sync-fault", &[("part", &clean(&fault.part)), ("why", &why(texts, fault.kind.code())), ("count", &fault.count.to_string())]));
    }
    for (author, code, count) in &synced.refused {
        let who = if author.is_empty() { texts.get("sync-nobody") } else { clean(author) };
        tell(&texts.with("sync-refused", &[("count", &count.to_string()), ("author", &who), ("why", &why(texts, code))]));
    }
    if exchanged.new_keys {
        tell(&texts.with("sync-new-keys", &[("records", &synced.copied.to_string())]));
    }
    if exchanged.resealed > 0 {
        tell(&texts.with("sync-resealed", &[("count", &exchanged.resealed.to_string())]));
    }
    if !exchanged.taken.elsewhere.is_empty() {
        tell(&texts.get("sync-elsewhere"));
    }
}

/// The text for what a place did not acknowledge.
fn why_not_sent(broke: Option<Broke>) -> &'static str {
    match broke {
        None => "sync-not-sent",
        Some(Broke::Away) => "sync-broke-off",
        Some(Broke::Refused) => "sync-not-taken",
    }
}

fn as_json(synced: &Synced) -> serde_json::Value {
    let exchanged = &synced.exchanged;
    let senders: Vec<serde_json::Value> = synced
        .senders
        .iter()
        .map(|s| json!({ "handle": s.handle, "detainees": s.detainees, "persons": s.persons, "incidents": s.incidents, "records": s.records, "changed": s.changed, "maybe_known": s.maybe_known, "contested": s.contested }))
        .collect();
    let refused: Vec<serde_json::Value> = synced.refused.iter().map(|(author, code, count)| json!({ "author": author, "why": code, "count": count })).collect();
    let faults: Vec<serde_json::Value> =
        exchanged.faults.iter().map(|fault| json!({ "part": fault.part, "why": fault.kind.code(), "count": fault.count })).collect();
    json!({
        "broke_off": exchanged.broke == Some(Broke::Away),
        "place": exchanged.place, "new": exchanged.taken.new.len(), "known": exchanged.known, "sent": exchanged.sent, "not_sent": exchanged.not_sent,
        "not_writable": exchanged.not_writable, "carried": exchanged.taken.carried, "no_room": exchanged.taken.no_room.len(), "senders": senders, "refused": refused,
        "faults": faults, "new_keys": exchanged.new_keys, "resealed": exchanged.resealed,
    })
}

/// One line for a sender: `M-3: 7 detainees at Medeu, 1 trial; 2 may be people you have; 1 disagrees with you`.
fn sender_line(texts: &Texts, sender: &Sender) -> String {
    let mut came = Vec::new();
    if sender.detainees > 0 {
        let places: Vec<String> = sender.incidents.iter().map(|title| clean(title)).collect();
        let count = sender.detainees.to_string();
        came.push(match places.is_empty() {
            true => texts.with("sync-detainees", &[("count", &count)]),
            false => texts.with("sync-detainees-at", &[("count", &count), ("places", &places.join(", "))]),
        });
    }
    if sender.detainees == 0 && sender.persons > 0 {
        came.push(format!("{} {}", term(texts, "kinds", "person"), sender.persons));
    }
    came.extend(sender.records.iter().map(|(kind, count)| format!("{} {count}", term(texts, "kinds", kind))));
    came.extend((sender.changed > 0).then(|| texts.with("sync-changed", &[("count", &sender.changed.to_string())])));
    if came.is_empty() {
        came.push(texts.get("sync-receipts"));
    }
    let mut parts = vec![came.join(", ")];
    parts.extend((sender.maybe_known > 0).then(|| texts.with("sync-maybe-known", &[("count", &sender.maybe_known.to_string())])));
    parts.extend((sender.contested > 0).then(|| texts.with("sync-contested", &[("count", &sender.contested.to_string())])));
    format!("{}: {}", clean(&sender.handle), parts.join("; "))
}

/// Says a reason in words.
pub(super) fn why(texts: &Texts, code: &str) -> String {
    texts.find(&format!("why-{code}"), &[]).unwrap_or_else(|| texts.with("sync-other-reason", &[("code", code)]))
}

/// Says what needs a person's eye after a meeting.
fn warn(context: &Context, session: &mut Session) -> Result<(), Error> {
    let texts = &context.texts;
    say_lost(context, session)?;
    if !session.reads() {
        if session.mode() == Mode::Open {
            tell(&texts.get("sync-not-reading"));
        }
        return Ok(());
    }
    warn_of_new_keys(context, session);
    let pending = session.pending()?;
    if !pending.aside.is_empty() || !pending.missing.is_empty() || !pending.forks.is_empty() {
        let aside: u64 = pending.aside.iter().map(|row| row.count).sum();
        let missing: u64 = pending.missing.iter().map(|(_, count)| count).sum();
        let values = [("aside", aside.to_string()), ("missing", missing.to_string()), ("forks", pending.forks.len().to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        tell(&texts.with("sync-pending", &values));
    }
    for row in session.members()?.iter().filter(|row| !row.verified && !row.me) {
        tell(&texts.with("sync-newcomer", &[("handle", &clean(&row.handle))]));
    }
    if session.is_unverified()? {
        tell(&texts.get("casebook-unverified"));
    }
    warn_of_old_keys(context, session)?;
    warn_of_one_admin(context, session)
}

/// Says so where keys of older epochs are still here.
fn warn_of_old_keys(context: &Context, session: &mut Session) -> Result<(), Error> {
    let old = session.old_epochs()?.len();
    if old > 0 {
        tell(&context.texts.with("sync-old-keys", &[("count", &old.to_string())]));
    }
    Ok(())
}

/// Says so where the log tells that this very device was taken out or suspended.
pub fn say_lost(context: &Context, session: &Session) -> Result<(), Error> {
    if let Some(lost) = session.lost()? {
        let code = if lost.suspended { "sync-suspended" } else { "sync-removed" };
        tell(&context.texts.with(code, &[("by", &clean(&lost.by)), ("at", &moment(lost.at))]));
    }
    Ok(())
}
