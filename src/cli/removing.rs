//! `dismiss`, `suspend`, `lift`, `role`, `roll`, `retire`: the hours after an arrest, said in words.

use serde_json::{Value, json};

use super::context::Context;
use super::team::{role as role_named, role_text};
use super::terminal::{Bar, ask, clean, data, tell};
use crate::error::Error;
use crate::session::{Lowered, MemberRow, Old, Renewed, Session, StillReads};

#[derive(clap::Args)]
pub struct DismissArgs {
    member: String,
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
pub struct SuspendArgs {
    member: String,
}

#[derive(clap::Args)]
pub struct LiftArgs {
    member: String,
}

#[derive(clap::Args)]
pub struct RoleArgs {
    member: String,
    #[arg(value_parser = ["admin", "editor", "reader", "capture"])]
    role: String,
    #[arg(long, conflicts_with = "not_keeper")]
    keeper: bool,
    #[arg(long)]
    not_keeper: bool,
}

#[derive(clap::Args)]
pub struct RollArgs {}

#[derive(clap::Args)]
pub struct RetireArgs {
    #[arg(long, value_name = "MEMBER")]
    give_up: Option<String>,
}

/// Runs `dismiss`: takes a device out, makes new keys, and says what the device still reads.
pub fn dismiss(args: &DismissArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let known = session.known_member(&args.member)?;
    if !args.yes {
        confirm(context, &known)?;
    }
    let lowered = session.dismiss(&known.device, &passphrase, &mut Bar::new(&context.texts.get("bar-roll")))?;
    let (texts, handle) = (&context.texts, clean(&lowered.handle));
    tell(&texts.with("dismissed", &[("handle", &handle), ("counts", &lowered.counts.to_string())]));
    say_lowered(context, &session, &lowered);
    tell(&texts.with("dismissed-next", &[("handle", &handle)]));
    Ok(())
}

/// Asks for the handle once more: what follows cannot be taken back.
fn confirm(context: &Context, known: &MemberRow) -> Result<(), Error> {
    let answer = ask(&context.texts.with("dismiss-ask", &[("handle", &clean(&known.handle))]))?.unwrap_or_default();
    if answer.eq_ignore_ascii_case(&known.handle) { Ok(()) } else { Err(Error::NotConfirmed) }
}

/// Says what a device that lost rights still reads, and what holds from now on.
fn say_lowered(context: &Context, session: &Session, lowered: &Lowered) {
    let (texts, handle) = (&context.texts, clean(&lowered.handle));
    if context.json {
        data(&lowered_json(session, lowered).to_string());
    }
    match &lowered.reads {
        Some(reads) => say_reads(context, session, &handle, reads),
        None => tell(&texts.with("lowered-never-read", &[("handle", &handle)])),
    }
    match &lowered.renewed {
        Some(renewed) => {
            tell(&texts.with("lowered-new-keys", &[("number", &renewed.rolled.number.to_string()), ("parcels", &renewed.resealed.parcels.to_string())]));
        }
        None if session.needs_roll() => tell(&texts.get("roll-due")),
        None => {}
    }
    tell(&texts.get("lowered-sync"));
    if lowered.no_admin {
        tell(&texts.get("lowered-no-admin"));
    }
}

fn say_reads(context: &Context, session: &Session, handle: &str, reads: &StillReads) {
    let texts = &context.texts;
    if session.reads() {
        let values = [("handle", handle.to_owned()), ("records", reads.records.to_string()), ("files", reads.attachments.to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        tell(&texts.with("lowered-reads", &values));
    } else {
        tell(&texts.with("lowered-reads-unknown", &[("handle", handle)]));
    }
    if reads.register {
        tell(&texts.with("lowered-reads-register", &[("handle", handle)]));
    }
}

fn lowered_json(session: &Session, lowered: &Lowered) -> Value {
    let known = session.reads();
    let counted = |number: u64| known.then_some(number);
    let reads = |reads: &StillReads| json!({ "records": counted(reads.records), "attachments": counted(reads.attachments), "register": reads.register });
    json!({
        "handle": lowered.handle, "device": lowered.device, "counts": lowered.counts, "reads": lowered.reads.as_ref().map(reads),
        "renewed": lowered.renewed.as_ref().map(renewed_json), "roll_due": session.needs_roll(), "no_admin": lowered.no_admin,
    })
}

fn renewed_json(renewed: &Renewed) -> Value {
    let (rolled, resealed) = (&renewed.rolled, &renewed.resealed);
    json!({ "epoch": rolled.number, "readers": rolled.readers, "keys_files": rolled.files, "bytes": rolled.bytes, "parcels": resealed.parcels })
}

/// Runs `suspend`.
pub fn suspend(args: &SuspendArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let row = session.suspend(&args.member)?;
    say_member(context, &row, "suspended");
    Ok(())
}

/// Runs `lift`.
pub fn lift(args: &LiftArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let row = session.lift(&args.member)?;
    say_member(context, &row, "lifted");
    Ok(())
}

fn say_member(context: &Context, row: &MemberRow, code: &str) {
    if context.json {
        data(&json!({ "handle": row.handle, "device": row.device, "role": row.role, "suspended": row.suspended }).to_string());
    }
    tell(&context.texts.with(code, &[("handle", &clean(&row.handle))]));
}

/// Runs `role`.
pub fn role(args: &RoleArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let (known, wanted) = (session.known_member(&args.member)?, role_named(&args.role)?);
    let keeper = args.keeper || (known.keeper && !args.not_keeper);
    let lowered = session.change_role(&known.device, wanted, keeper, &passphrase, &mut Bar::new(&context.texts.get("bar-roll")))?;
    let texts = &context.texts;
    tell(&texts.with("role-changed", &[("handle", &clean(&known.handle)), ("role", &role_text(texts, wanted))]));
    if wanted < known.role || (known.keeper && !keeper) {
        say_lowered(context, &session, &lowered);
        return Ok(());
    }
    if context.json {
        data(&lowered_json(&session, &lowered).to_string());
    }
    tell(&texts.get("raised-next"));
    Ok(())
}

/// Runs `roll`.
pub fn roll(context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let renewed = session.roll(&passphrase, &mut Bar::new(&context.texts.get("bar-roll")))?;
    if context.json {
        data(&renewed_json(&renewed).to_string());
    }
    let (texts, rolled) = (&context.texts, &renewed.rolled);
    let values = [
        ("number", rolled.number.to_string()),
        ("readers", rolled.readers.to_string()),
        ("files", rolled.files.to_string()),
        ("bytes", rolled.bytes.to_string()),
        ("parcels", renewed.resealed.parcels.to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    tell(&texts.with("rolled", &values));
    tell(&texts.get("lowered-sync"));
    Ok(())
}

/// Runs `retire`: ends what can end, and says whom the rest waits for.
pub fn retire(args: &RetireArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    if let Some(given) = &args.give_up {
        session.give_up(given)?;
        tell(&context.texts.with("given-up", &[("handle", &clean(given))]));
    }
    let ended = session.retire(&passphrase)?;
    let waiting = session.old_epochs()?;
    if context.json {
        let row = |old: &Old| json!({ "epoch": old.epoch.number, "waits": old.waits, "parcels": old.epoch.parcels });
        data(&json!({ "ended": ended, "waiting": waiting.iter().map(row).collect::<Vec<_>>() }).to_string());
    }
    say_retired(context, &ended, &waiting);
    if waiting.is_empty() { Ok(()) } else { Err(Error::Partly) }
}

fn say_retired(context: &Context, ended: &[u64], waiting: &[Old]) {
    let texts = &context.texts;
    for number in ended {
        tell(&texts.with("retired", &[("number", &number.to_string())]));
    }
    for old in waiting {
        let number = old.epoch.number.to_string();
        let line = if old.waits.is_empty() {
            texts.with("retire-holds", &[("number", &number), ("parcels", &old.epoch.parcels.to_string())])
        } else {
            let waits: Vec<String> = old.waits.iter().map(|handle| clean(handle)).collect();
            texts.with("retire-waits", &[("number", &number), ("waits", &waits.join(", "))])
        };
        if context.json { tell(&line) } else { data(&line) }
    }
    match (ended, waiting) {
        ([], []) => tell(&texts.get("retire-nothing")),
        (_, []) => {}
        _ => tell(&texts.get("retire-why")),
    }
}
