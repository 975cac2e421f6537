//! `receipts`, `wipe --check`: who else holds what, and whether anything would be lost with this vault. Nothing is wiped here.

use serde_json::{Value, json};

use super::context::Context;
use super::team::role_text;
use super::terminal::{clean, data, tell};
use crate::error::Error;
use crate::locale::Texts;
use crate::session::{Age, BookHeld, Holder, Session, Uncounted, WipeCheck, short};
use crate::vault::Vault;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// From how many hours on days are counted.
const MANY_HOURS: u64 = 48;

#[derive(clap::Args)]
pub struct ReceiptsArgs {}

#[derive(clap::Args)]
pub struct WipeArgs {
    /// The program tells, and wipes nothing.
    #[arg(long, required = true)]
    check: bool,
}

/// Runs `receipts`.
pub fn receipts(context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let holders = session.receipts()?;
    if context.json {
        data(&Value::Array(holders.iter().map(holder_json).collect()).to_string());
        return Ok(());
    }
    for holder in &holders {
        data(&holder_line(&context.texts, holder));
    }
    if holders.is_empty() {
        tell(&context.texts.get("receipts-none"));
    }
    Ok(())
}

fn holder_json(holder: &Holder) -> Value {
    json!({
        "handle": holder.handle, "device": holder.device, "role": holder.role, "verified": holder.verified,
        "parcels": holder.parcels.0, "of_parcels": holder.parcels.1, "files": holder.evidence.0, "of_files": holder.evidence.1,
        "seconds_ago": holder.last.and_then(seconds), "clock_astray": holder.last == Some(Age::Astray), "not_counted": holder.uncounted.map(Uncounted::code),
    })
}

fn holder_line(texts: &Texts, holder: &Holder) -> String {
    let (parcels, evidence) = (holder.parcels, holder.evidence);
    let mut marks = vec![role_text(texts, holder.role)];
    marks.extend((!holder.verified).then(|| texts.get("member-unverified")));
    marks.push(texts.with("receipts-parcels", &[("held", &parcels.0.to_string()), ("all", &parcels.1.to_string())]));
    marks.extend((evidence.1 > 0).then(|| texts.with("receipts-files", &[("held", &evidence.0.to_string()), ("all", &evidence.1.to_string())])));
    marks.extend(holder.last.map(|age| age_text(texts, age)));
    marks.extend(holder.uncounted.map(|uncounted| uncounted_text(texts, uncounted)));
    format!("{}  {}", clean(&holder.handle), marks.join(" · "))
}

fn uncounted_text(texts: &Texts, uncounted: Uncounted) -> String {
    texts.get(match uncounted {
        Uncounted::Capture => "receipts-capture",
        Uncounted::Suspended => "receipts-suspended",
        Uncounted::Leaving => "receipts-leaving",
        Uncounted::Forked => "receipts-forked",
        Uncounted::Silent => "receipts-silent",
    })
}

fn seconds(age: Age) -> Option<u64> {
    match age {
        Age::Seconds(seconds) => Some(seconds),
        Age::Astray => None,
    }
}

/// Says how long ago something was claimed.
fn age_text(texts: &Texts, age: Age) -> String {
    let count = |code: &str, count: u64| texts.with(code, &[("count", &count.to_string())]);
    match seconds(age) {
        None => texts.get("age-astray"),
        Some(seconds) if seconds < HOUR => count("age-minutes", seconds / MINUTE),
        Some(seconds) if seconds < MANY_HOURS * HOUR => count("age-hours", seconds / HOUR),
        Some(seconds) => count("age-days", seconds / DAY),
    }
}

/// Runs `wipe --check`.
pub fn wipe(args: &WipeArgs, context: &mut Context) -> Result<(), Error> {
    // Clap asks for it: without it nothing is done here at all.
    if !args.check {
        return Ok(());
    }
    let check = any_casebook(context)?.wipe_check()?;
    if context.json {
        data(&check_json(&check).to_string());
    } else {
        say(&context.texts, &check);
    }
    if check.is_safe() { Ok(()) } else { Err(Error::NotHeld) }
}

/// Opens the vault at any casebook: all of them are looked at.
fn any_casebook(context: &mut Context) -> Result<Session, Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let vault = Vault::open(&context.folder, &passphrase)?;
    if context.casebook.is_none() && vault.casebook(None).is_err() {
        context.casebook = vault.keyring().casebooks.iter().find_map(|book| book.name.clone());
    }
    context.opened(vault)
}

fn check_json(check: &WipeCheck) -> Value {
    let ids = |book: &BookHeld| book.only_here.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>();
    let books: Vec<Value> = check
        .books
        .iter()
        .map(|book| {
            json!({
                "casebook": book.name, "safe": book.is_safe(), "records": book.records, "only_here": ids(book), "holders": book.holders, "verified": book.verified,
                "seconds_ago": book.newest.and_then(seconds), "clock_astray": book.newest == Some(Age::Astray), "unsettled": book.unsettled, "unread": book.blind,
            })
        })
        .collect();
    let only_here: Vec<&String> = check.only_here().map(|(_, id)| id).collect();
    json!({
        "safe": check.is_safe(), "records": check.records(), "only_here": only_here, "casebooks": books, "carried": check.carried, "forked": check.forked,
    })
}

fn say(texts: &Texts, check: &WipeCheck) {
    let several = check.books.len() > 1;
    for book in &check.books {
        let name = book.name.as_deref().map_or_else(|| texts.get("overview-own"), clean);
        let line = book_line(texts, book);
        data(&if several { format!("{name}: {line}") } else { line });
        for (kind, id) in &book.only_here {
            data(&format!("  {}", short(kind, id)));
        }
        if book.unsettled > 0 {
            data(&texts.with("wipe-unsettled", &[("count", &book.unsettled.to_string())]));
        }
        if book.blind {
            tell(&texts.get("wipe-unread"));
        }
    }
    if check.books.is_empty() {
        data(&texts.get("wipe-nothing"));
    }
    if check.carried > 0 {
        tell(&texts.with("wipe-carried", &[("count", &check.carried.to_string())]));
    }
    if check.forked {
        tell(&texts.get("wipe-forked"));
    }
}

fn book_line(texts: &Texts, book: &BookHeld) -> String {
    let (records, holders, verified) = (book.records.to_string(), book.holders.to_string(), book.verified.to_string());
    let age = book.newest.map(|age| age_text(texts, age)).unwrap_or_default();
    let held = [("records", records.as_str()), ("holders", &holders), ("verified", &verified), ("age", &age)];
    match () {
        () if book.is_safe() => texts.with("wipe-safe", &held),
        () if !book.only_here.is_empty() => texts.with("wipe-only-here", &[("count", &book.only_here.len().to_string())]),
        () if book.holders == 0 => texts.with("wipe-scattered", &[("records", &records)]),
        () => texts.with("wipe-held", &held),
    }
}
