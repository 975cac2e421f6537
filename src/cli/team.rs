//! `badge`, `admit`, `join`, `recover`, `members`, `verify-member`, `team-pack`: who belongs to the casebook.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::show::moment;
use super::terminal::{self, Bar, ask, clean, data, tell};
use crate::crypto::{Lang, Sealed, safety_digits, safety_words};
use crate::error::Error;
use crate::locale::Texts;
use crate::session::{Admitted, Badge, MemberRow, Role, Session, TeamPack};
use crate::sync::exchange::each_file;
use crate::sync::judge::Child;
use crate::sys::disk;
use crate::transport::{Mailbox, Name, SingleFile, TransportError};

/// Largest badge, welcome or team pack that is read as text, in bytes.
const MAX_TEXT: u64 = 4 * 1024 * 1024;
/// Most bytes of a badge file.
const MAX_BADGE: u64 = 4096;

#[derive(clap::Args)]
pub struct BadgeArgs {}

#[derive(clap::Args)]
pub struct AdmitArgs {
    badge: String,
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[arg(long, default_value = "editor", value_parser = ["admin", "editor", "reader", "capture"])]
    role: String,
    #[arg(long)]
    keeper: bool,
    #[arg(long)]
    words: Option<String>,
}

#[derive(clap::Args)]
pub struct JoinArgs {
    file: PathBuf,
}

#[derive(clap::Args)]
pub struct RecoverArgs {
    place: PathBuf,
}

#[derive(clap::Args)]
pub struct MembersArgs {}

#[derive(clap::Args)]
pub struct VerifyArgs {
    member: String,
    #[arg(long)]
    words: Option<String>,
    #[arg(long, value_parser = ["admin", "editor", "reader", "capture"])]
    role: Option<String>,
    #[arg(long)]
    keeper: bool,
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct TeamPackArgs {
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[arg(long, default_value_t = 10)]
    people: u32,
}

/// Runs `badge`.
pub fn badge(context: &mut Context) -> Result<(), Error> {
    let session = context.open()?;
    let (badge, words) = session.badge();
    if context.json {
        data(&json!({ "badge": badge.to_line(), "handle": badge.handle, "device": badge.device.to_string(), "words": safety_digits(&words) }).to_string());
    } else {
        data(&badge.to_line());
    }
    tell(&context.texts.get("badge-words"));
    tell_words(&context.texts, &words);
    Ok(())
}

/// Shows words to be read out, in the person's language and as digits.
pub fn tell_words(texts: &Texts, words: &[u8; 9]) {
    let lang = Lang::named(texts.lang()).unwrap_or(Lang::En);
    tell(&format!("    {}", safety_words(lang, words)));
    tell(&format!("    {}", safety_digits(words)));
}

/// Runs `admit`.
pub fn admit(args: &AdmitArgs, context: &mut Context) -> Result<(), Error> {
    let badge = badge_given(&args.badge)?;
    if args.out.exists() {
        return Err(Error::FileExists);
    }
    let mut session = context.open()?;
    let words = heard(&context.texts, args.words.as_deref(), &badge.handle)?;
    let role = role(&args.role)?;
    let admitted = session.admit(&badge, role, args.keeper, words.as_deref())?;
    write_welcome(&args.out, &admitted.files)?;
    say_admitted(context, &mut session, &admitted)?;
    warn_of_one_admin(context, &mut session)
}

pub fn role(word: &str) -> Result<Role, Error> {
    Role::named(word).ok_or(Error::NotUnderstood { what: "role" })
}

/// Takes a badge as a line, a file or `-` for standard input.
pub fn badge_given(given: &str) -> Result<Badge, Error> {
    if let Some(badge) = Badge::from_line(given) {
        return Ok(badge);
    }
    let text = if given == "-" {
        terminal::read_all()?
    } else {
        match disk::read_limited(Path::new(given), MAX_BADGE) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| Error::BadBadge)?,
            Err(_) => return Err(Error::BadBadge),
        }
    };
    text.lines().find_map(Badge::from_line).ok_or(Error::BadBadge)
}

/// The words that somebody read out: given, else asked for where a person is there; none for an empty answer.
pub fn heard(texts: &Texts, given: Option<&str>, handle: &str) -> Result<Option<String>, Error> {
    if given.is_some() || !terminal::is_person() {
        return Ok(given.map(str::to_owned));
    }
    let answer = ask(&texts.with("ask-safety-words", &[("handle", &clean(handle))]))?.unwrap_or_default();
    Ok(Some(answer).filter(|answer| !answer.trim().is_empty()))
}

pub fn write_welcome(path: &Path, files: &[Sealed]) -> Result<(), Error> {
    let names: Vec<Name> = files.iter().map(Name::of).collect();
    let mut open = |name: &Name| files.iter().find(|file| Name::of(file) == *name).cloned().ok_or(TransportError::NotListed);
    let left = SingleFile::at(path).leave(&names, &mut open, &mut |_, _| {}).map_err(Error::Place)?;
    if left.not_left.is_empty() { Ok(()) } else { Err(Error::Place(TransportError::Full)) }
}

fn say_admitted(context: &Context, session: &mut Session, admitted: &Admitted) -> Result<(), Error> {
    let texts = &context.texts;
    let role = role_text(texts, admitted.role);
    tell(&texts.with("admitted", &[("handle", &clean(&admitted.handle)), ("role", &role)]));
    if admitted.verified && admitted.role >= Role::Reader {
        tell(&texts.with("admitted-reads", &[("records", &admitted.readable.to_string())]));
    } else if !admitted.verified {
        tell(&texts.with("admitted-unverified", &[("handle", &clean(&admitted.handle))]));
    }
    tell(&texts.get("admitted-next"));
    tell_words(texts, &session.badge().1);
    if context.json {
        data(&json!({ "handle": admitted.handle, "role": admitted.role, "verified": admitted.verified }).to_string());
    }
    Ok(())
}

pub fn role_text(texts: &Texts, role: Role) -> String {
    match role {
        Role::Admin => texts.get("role-admin"),
        Role::Editor => texts.get("role-editor"),
        Role::Reader => texts.get("role-reader"),
        Role::Capture => texts.get("role-capture"),
    }
}

/// Says so where only one admin is left: with that device the casebook would lose its way of letting people in and out.
pub fn warn_of_one_admin(context: &Context, session: &mut Session) -> Result<(), Error> {
    let members = session.members()?;
    let admins = members.iter().filter(|row| row.role == Role::Admin).count();
    if members.len() > 1 && admins == 1 {
        tell(&context.texts.get("one-admin"));
    }
    Ok(())
}

/// Runs `join`, with a welcome or a team pack.
pub fn join(args: &JoinArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_with(&passphrase)?;
    if let Some(pack) = team_pack_in(&args.file)? {
        let name = session.join_by_pack(&pack, &passphrase)?;
        tell(&context.texts.with("joined-by-pack", &[("name", &clean(&name))]));
        tell_words(&context.texts, &session.badge().1);
        return Ok(());
    }
    let mut files = Vec::new();
    each_file(&mut SingleFile::at(&args.file), &mut |sealed| files.push(sealed))?;
    let welcome = session.read_welcome(files)?;
    let joined = session.join(welcome, &passphrase)?;
    let texts = &context.texts;
    tell(&texts.with("joined", &[("name", &clean(&joined.name)), ("role", &role_text(texts, joined.role))]));
    if let Some(older) = &joined.follows {
        tell(&texts.with("joined-follows", &[("older", &clean(older)), ("name", &clean(&joined.name))]));
    }
    if joined.copied > 0 {
        tell(&texts.with("joined-copied", &[("records", &joined.copied.to_string())]));
    }
    tell(&texts.get("joined-casebook-words"));
    tell_words(texts, &joined.casebook_words);
    tell(&texts.with("joined-compare", &[("handle", &clean(&joined.by))]));
    if context.json {
        data(&json!({ "casebook": joined.name, "role": joined.role, "copied": joined.copied, "by": joined.by, "follows": joined.follows }).to_string());
    }
    Ok(())
}

/// Reads a team pack, which is JSON; none for anything else.
pub fn team_pack_in(path: &Path) -> Result<Option<TeamPack>, Error> {
    match disk::read_limited(path, MAX_TEXT) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(Error::File(error)),
    }
}

/// Runs `recover`.
pub fn recover(args: &RecoverArgs, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_with(&passphrase)?;
    let words = if terminal::is_person() { ask(&context.texts.get("ask-recovery-words"))?.ok_or(Error::NoAnswer)? } else { terminal::read_all()? };
    let mut chance = crate::sys::chance::SystemChance;
    let mut mailbox = super::sync::mailbox(&args.place, &mut chance)?;
    let mut judge = judge()?;
    let records = session.recover(&words, &mut *mailbox, &mut judge, &passphrase, &mut Bar::new(&context.texts.get("bar-sync")))?;
    tell(&context.texts.with("recovered", &[("records", &records.to_string())]));
    Ok(())
}

/// The judge of foreign changes: this very program, in a process of its own.
pub fn judge() -> Result<Child, Error> {
    let program = std::env::current_exe().map_err(Error::File)?;
    Ok(Child::new(program, vec!["judge".into()]))
}

/// Runs `members`.
pub fn members(context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    let members = session.members()?;
    if context.json {
        let row = |row: &MemberRow| json!({ "handle": row.handle, "device": row.device, "role": row.role, "keeper": row.keeper, "verified": row.verified, "compared": row.compared, "me": row.me, "doubtful": row.doubtful, "suspended": row.suspended, "last": row.last });
        data(&serde_json::Value::Array(members.iter().map(row).collect()).to_string());
        return Ok(());
    }
    let texts = &context.texts;
    for row in &members {
        let mut marks = vec![role_text(texts, row.role)];
        marks.extend(row.keeper.then(|| texts.get("member-keeper")));
        marks.extend((!row.verified).then(|| texts.get("member-unverified")));
        marks.extend(row.compared.then(|| texts.get("member-compared")));
        marks.extend(row.suspended.then(|| texts.get("member-suspended")));
        marks.extend(row.doubtful.then(|| texts.get("member-doubtful")));
        marks.extend(row.me.then(|| texts.get("member-me")));
        marks.extend(row.last.map(|at| texts.with("member-last", &[("at", &moment(at))])));
        data(&format!("{}  {}", clean(&row.handle), marks.join(" · ")));
    }
    tell(&texts.get("casebook-words"));
    tell_words(texts, &session.casebook_words());
    warn_of_new_keys(context, &session);
    warn_of_one_admin(context, &mut session)
}

/// Says so where new keys are due: a removal was written, and what should follow it was not.
pub fn warn_of_new_keys(context: &Context, session: &Session) {
    if session.needs_roll() {
        tell(&context.texts.get("roll-due"));
    }
}

/// Runs `verify-member`.
pub fn verify(args: &VerifyArgs, context: &mut Context) -> Result<(), Error> {
    if args.out.as_ref().is_some_and(|out| out.exists()) {
        return Err(Error::FileExists);
    }
    let mut session = context.open()?;
    let words = heard(&context.texts, args.words.as_deref(), &args.member)?.ok_or(Error::SafetyWords)?;
    let members = session.members()?;
    let me = members.iter().find(|row| row.me).map(|row| row.role);
    let checked = session.verify(&args.member, &words)?;
    tell(&context.texts.with("verified", &[("handle", &clean(&checked.handle))]));
    let asked = args.role.is_some() || args.keeper;
    match (me == Some(Role::Admin), asked, checked.verified) {
        (false, true, _) => return Err(Error::NotAdmin),
        (false, false, _) | (true, false, true) => return Ok(()),
        _ => {}
    }
    let wanted = args.role.as_deref().map_or(Ok(if checked.verified { checked.role } else { Role::Editor }), role)?;
    let raised = session.raise(&checked.device, wanted, args.keeper || checked.keeper, &words)?;
    if let Some(out) = &args.out {
        write_welcome(out, &raised.files)?;
    }
    say_admitted(context, &mut session, &raised)?;
    tell(&context.texts.get("raised-next"));
    Ok(())
}

/// Runs `team-pack`.
pub fn team_pack(args: &TeamPackArgs, context: &mut Context) -> Result<(), Error> {
    if args.out.exists() {
        return Err(Error::FileExists);
    }
    let mut session = context.open()?;
    write_team_pack(&mut session, &args.out, args.people)?;
    tell(&context.texts.with("team-pack-done", &[("people", &args.people.to_string())]));
    Ok(())
}

/// Writes a team pack to a new file.
pub fn write_team_pack(session: &mut Session, out: &Path, people: u32) -> Result<(), Error> {
    let pack = session.team_pack(people)?;
    let mut text = serde_json::to_vec_pretty(&pack).expect("a team pack has only text keys");
    text.push(b'\n');
    disk::create_new(out, &text).map_err(Error::File)
}
