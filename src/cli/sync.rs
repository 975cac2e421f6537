//! `sync`, `places`, `pending`: meeting with a stick or folder, what it brought, and what does not count yet.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::show::moment;
use super::team::{judge, warn_of_new_keys, warn_of_one_admin};
use super::terminal::{Bar, clean, data, tell};
use super::words::term;
use crate::error::Error;
use crate::locale::Texts;
use crate::session::{Mode, Pending, Sender, Session, Synced};
use crate::sys::chance::{Chance, SystemChance};
use crate::sys::disk;
use crate::transport::{Folder, Mailbox, SingleFile, TransportError};

/// Ending of a single pack.
const PACK: &str = "pack";

#[derive(clap::Args)]
pub struct SyncArgs {
    place: Option<PathBuf>,
    #[arg(long)]
    thorough: bool,
}

#[derive(clap::Args)]
pub struct PlacesArgs {
    #[arg(long, value_name = "PLACE")]
    forget: Option<String>,
}

#[derive(clap::Args)]
pub struct PendingArgs {
    #[arg(long, value_name = "DIR")]
    proofs: Option<PathBuf>,
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

/// Runs `sync` with the place named, or with every remembered one.
pub fn sync(args: &SyncArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let places = match &args.place {
        Some(place) => vec![place.clone()],
        None => session.places()?.into_iter().map(|place| PathBuf::from(place.name)).collect(),
    };
    if places.is_empty() {
        return Err(Error::NoPlaces);
    }
    let mut judge = judge()?;
    let mut results = Vec::new();
    for place in &places {
        let mut chance = SystemChance;
        let met = mailbox(place, &mut chance)
            .and_then(|mut mailbox| session.sync(&mut *mailbox, &mut judge, &passphrase, args.thorough, &mut Bar::new(&context.texts.get("bar-sync"))));
        let result = report(context, place, met)?;
        if place.is_file() {
            // A single pack is handed over once; it is no place to come back to.
            let _ = session.forget_place(&place.display().to_string());
        }
        results.push(result);
    }
    warn(context, &mut session)?;
    outcome(results)
}

/// How a meeting went: well, in part, or not at all.
enum Went {
    Well,
    Partly,
    Unreachable,
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

fn report(context: &Context, place: &Path, met: Result<Synced, Error>) -> Result<Went, Error> {
    match met {
        Ok(synced) => {
            say(context, &synced);
            let whole = synced.exchanged.faults.is_empty() && synced.refused.is_empty() && synced.exchanged.not_sent == 0 && !synced.exchanged.not_writable;
            Ok(if whole { Went::Well } else { Went::Partly })
        }
        Err(Error::Place(TransportError::Unreachable)) => {
            tell(&context.texts.with("sync-unreachable", &[("place", &clean(&place.display().to_string()))]));
            Ok(Went::Unreachable)
        }
        Err(error) => Err(error),
    }
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
        tell(&texts.with("sync-not-sent", &[("count", &exchanged.not_sent.to_string())]));
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

/// Runs `places`.
pub fn places(args: &PlacesArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    if let Some(name) = &args.forget {
        session.forget_place(name)?;
        tell(&context.texts.get("place-forgotten"));
        return Ok(());
    }
    let places = session.places()?;
    if context.json {
        let rows: Vec<serde_json::Value> = places.iter().map(|place| json!({ "place": place.name, "last": place.last })).collect();
        data(&serde_json::Value::Array(rows).to_string());
        return Ok(());
    }
    if places.is_empty() {
        tell(&context.texts.get("places-none"));
    }
    for place in &places {
        let last = place.last.map_or_else(|| context.texts.get("place-never"), moment);
        data(&context.texts.with("place-line", &[("place", &clean(&place.name)), ("last", &last)]));
    }
    Ok(())
}

/// Runs `pending`.
pub fn pending(args: &PendingArgs, context: &mut Context) -> Result<(), Error> {
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
