//! `bundle create`: what a recipient will see is shown first; then it is sealed and noted in the ledger.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::context::{Context, text_in};
use super::super::statement::object_in;
use super::super::terminal::{self, Bar, data, tell};
use super::preview;
use super::review;
use super::said::short;
use crate::crypto::{KeyFileError, KeyRecipient, Lang, Passphrase, words};
use crate::error::Error;
use crate::handover::choice::consent::Oral;
use crate::handover::choice::profile::Profile;
use crate::handover::choice::redact::RedactError;
use crate::handover::container::outer::{second_path, words_path};
use crate::locale::Texts;
use crate::model::Tree;
use crate::model::value::Edtf;
use crate::session::{HandedOver, HandoverAsked, Prepared, Session};
use crate::sys::chance::{Chance, SystemChance};

/// Longest file with recipients in bytes.
const MAX_RECIPIENTS: u64 = 1024 * 1024;

#[derive(clap::Args)]
pub struct CreateArgs {
    /// Codes of people, of an incident, or of any records.
    about: Vec<String>,
    #[arg(long, value_name = "FILE", required_unless_present = "preview")]
    to: Option<PathBuf>,
    #[arg(long, value_parser = ["lawyer", "partner", "press", "statistics", "migration"], default_value = "lawyer")]
    profile: String,
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
    #[arg(long, value_name = "FILE")]
    recipients_file: Option<PathBuf>,
    #[arg(long)]
    words: bool,
    #[arg(long)]
    plugins: bool,
    #[arg(long, value_name = "CODE")]
    also: Vec<String>,
    #[arg(long, value_parser = ["en", "ru", "kk"])]
    bundle_lang: Option<String>,
    #[arg(long)]
    with_metadata: bool,
    #[arg(long)]
    preview: bool,
    #[arg(long)]
    yes: bool,
}

/// What somebody says about a hand-over besides what it holds.
#[derive(Default)]
struct Told {
    recipient: Option<String>,
    oral: Option<Oral>,
}

/// Runs the command. A script gets one document: what goes, and what was made unless that was not wanted or was refused.
pub fn run(args: &CreateArgs, context: &mut Context) -> Result<(), Error> {
    let keys = recipients(args)?;
    let mut told = if terminal::is_person() { Told::default() } else { told_by(&terminal::read_all()?, &today(context)?)? };
    let mut session = context.open()?;
    args.to
        .iter()
        .flat_map(|to| [to.clone(), words_path(to), second_path(to), words_path(&second_path(to))])
        .for_each(|to| super::tell_left(&context.texts, &to));
    let prepared = both(args, context, &mut session, &keys, &mut told)?;
    terminal::shown_first(context.json, args.yes || args.preview, &lines(args, context, &mut session, &prepared)?);
    tell_other_agents(context, &prepared.first, &told);
    let mut made = Vec::new();
    let outcome = if args.preview { Ok(()) } else { seal(args, context, &mut session, &prepared, told, &mut made) };
    match context.json {
        true => data(&whole(context, &prepared, &made).to_string()),
        false => made.iter().for_each(|made| said(&context.texts, made)),
    }
    outcome
}

/// A bundle, and a second one where some files are too large for a browser.
struct Both {
    first: Prepared,
    second: Option<Prepared>,
}

fn both(args: &CreateArgs, context: &Context, session: &mut Session, keys: &[KeyRecipient], told: &mut Told) -> Result<Both, Error> {
    let whole = |oral| asked(args, context, keys, oral);
    let first = prepared(args, context, session, &whole, told)?;
    let rest = |oral| HandoverAsked { about: first.later().to_vec(), also: Vec::new(), second: true, ..whole(oral) };
    let second = (!first.later().is_empty()).then(|| prepared(args, context, session, &rest, told)).transpose()?;
    Ok(Both { first, second })
}

fn lines(args: &CreateArgs, context: &Context, session: &mut Session, both: &Both) -> Result<Vec<String>, Error> {
    let mut lines = preview::lines(&context.texts, session, &both.first)?;
    if let Some(second) = &both.second {
        let file = args.to.as_deref().map(second_path).map(|path| terminal::shown_path(&path)).unwrap_or_default();
        lines.push(context.texts.with("preview-second", &[("file", &file)]));
        lines.extend(preview::lines(&context.texts, session, second)?);
    }
    Ok(lines)
}

/// What goes and what was made; of the second bundle the same under `second`.
fn whole(context: &Context, both: &Both, made: &[Made]) -> Value {
    let one = |prepared: &Prepared, made: Option<&Made>| {
        let mut whole = preview::as_json(prepared).as_object().cloned().unwrap_or_default();
        whole.extend(made.map(|made| as_json(context, made)).unwrap_or_default());
        whole
    };
    let mut whole = one(&both.first, made.first());
    whole.extend(both.second.as_ref().map(|second| ("second".to_owned(), Value::Object(one(second, made.get(1))))));
    Value::Object(whole)
}

/// A sealed bundle, and the words that open it.
struct Made {
    done: HandedOver,
    words: Option<zeroize::Zeroizing<String>>,
}

/// Seals it once somebody said yes; both bundles open with the same words. What was made is in `made` also where the second one failed:
/// without its words the first would be lost.
fn seal(args: &CreateArgs, context: &Context, session: &mut Session, both: &Both, mut told: Told, made: &mut Vec<Made>) -> Result<(), Error> {
    terminal::heard()?;
    let to = args.to.as_deref().ok_or(Error::Nothing)?;
    confirmed(args, context, &both.first, &mut told)?;
    let words = both.first.wants_words().then(|| drawn_words(lang_of(args, context)));
    let phrase = words.as_ref().map(|words| Passphrase::new(words.to_string()));
    let second = both.second.as_ref().map(|second| (second, second_path(to)));
    if second.as_ref().is_some_and(|(_, to)| to.exists() || words_path(to).exists()) {
        return Err(Error::FileExists);
    }
    for (prepared, to) in std::iter::once((&both.first, to.to_owned())).chain(second) {
        let mut bar = Bar::new(&context.texts.get("bar-bundle"));
        let done = session.hand_over(prepared, phrase.as_ref(), told.recipient.as_deref(), &to, &mut bar)?;
        made.push(Made { done, words: words.clone() });
    }
    Ok(())
}

/// Words where nobody's key is given, or where they are asked for.
fn wants_words(args: &CreateArgs, keys: &[KeyRecipient]) -> bool {
    args.words || keys.is_empty()
}

fn lang_of(args: &CreateArgs, context: &Context) -> &'static str {
    args.bundle_lang.as_deref().and_then(crate::locale::named).unwrap_or_else(|| context.texts.lang())
}

/// Six words in the language of the bundle.
fn drawn_words(lang: &str) -> zeroize::Zeroizing<String> {
    let mut random = zeroize::Zeroizing::new([0; 9]);
    SystemChance.fill(&mut *random);
    words::passphrase(Lang::named(lang).unwrap_or(Lang::En), &random)
}

fn recipients(args: &CreateArgs) -> Result<Vec<KeyRecipient>, Error> {
    let mut lines = args.recipient.clone();
    if let Some(path) = &args.recipients_file {
        let text = text_in(path, MAX_RECIPIENTS)?;
        lines.extend(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned));
    }
    let odd = |error| if error == KeyFileError::NotAKey { Error::BundleRecipient } else { Error::BundleKeyFile(error) };
    lines.iter().map(|line| KeyRecipient::read(line, args.plugins).map_err(odd)).collect()
}

/// `{"recipient": …, "reason": …, "paper_due": "YYYY-MM-DD"}`, each of them optional; nothing at all is no answer.
fn told_by(text: &str, today: &str) -> Result<Told, Error> {
    if text.trim().is_empty() {
        return Ok(Told::default());
    }
    let value = object_in(text)?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let oral = match (text("reason"), text("paper_due")) {
        (Some(reason), Some(due)) => Some(oral(&reason, &due, today)?),
        (Some(_), None) | (None, Some(_)) => return Err(Error::Handover(RedactError::ReasonNeeded { people: 1 })),
        (None, None) => None,
    };
    Ok(Told { recipient: text("recipient"), oral })
}

/// A reason in words, and a day that is not over: judged before anything is sealed.
fn oral(reason: &str, due: &str, today: &str) -> Result<Oral, Error> {
    let (reason, due) = (reason.trim(), due.trim());
    let is_day = due.len() == 10 && due.parse::<Edtf>().is_ok_and(|day| day.days().0.is_some_and(|day| day.to_string() == due));
    match (is_day, due < today) {
        _ if reason.is_empty() => Err(Error::Handover(RedactError::ReasonNeeded { people: 1 })),
        (false, _) => Err(Error::NotUnderstood { what: "date" }),
        (true, true) => Err(Error::Handover(RedactError::DueOver)),
        (true, false) => Ok(Oral { reason: reason.to_owned(), due: due.to_owned() }),
    }
}

/// The day on the wall here.
fn today(context: &Context) -> Result<String, Error> {
    Ok(context.clock()?.now().day())
}

/// Works it out, and asks a person for the reason where the paper is missing.
fn prepared(
    args: &CreateArgs,
    context: &Context,
    session: &mut Session,
    asked: &dyn Fn(Option<Oral>) -> HandoverAsked,
    told: &mut Told,
) -> Result<Prepared, Error> {
    match session.prepare_handover(asked(told.oral.clone())) {
        Err(Error::Handover(RedactError::ReasonNeeded { .. })) if terminal::is_person() && !args.preview => {
            told.oral = Some(asked_reason(context)?);
            session.prepare_handover(asked(told.oral.clone()))
        }
        // Only shown: the reason can come later.
        Err(Error::Handover(RedactError::ReasonNeeded { .. })) if args.preview => {
            let missing = Oral { reason: context.texts.get("basis-missing"), due: "?".to_owned() };
            session.prepare_handover(asked(Some(missing)))
        }
        other => other,
    }
}

fn asked(args: &CreateArgs, context: &Context, keys: &[KeyRecipient], oral: Option<Oral>) -> HandoverAsked {
    HandoverAsked {
        profile: Profile::named(&args.profile).expect("one of those that are offered"),
        about: args.about.clone(),
        also: args.also.clone(),
        lang: lang_of(args, context),
        keys: keys.to_vec(),
        words: wants_words(args, keys),
        oral,
        with_metadata: args.with_metadata,
        second: false,
    }
}

fn asked_reason(context: &Context) -> Result<Oral, Error> {
    tell(&context.texts.get("bundle-no-paper"));
    let reason = terminal::ask(&context.texts.get("ask-bundle-reason"))?.filter(|text| !text.trim().is_empty());
    let reason = reason.ok_or(Error::Handover(RedactError::ReasonNeeded { people: 1 }))?;
    let today = today(context)?;
    loop {
        let due = terminal::ask(&context.texts.get("ask-bundle-due"))?.ok_or(Error::Nothing)?;
        match oral(&reason, &due, &today) {
            Ok(oral) => return Ok(oral),
            Err(Error::Handover(RedactError::DueOver)) => tell(&context.texts.get("ask-again-due")),
            Err(_) if due.trim().is_empty() => return Err(Error::Handover(RedactError::ReasonNeeded { people: 1 })),
            Err(_) => tell(&context.texts.get("ask-again-date")),
        }
    }
}

/// Asks a person for the recipient, and for a yes; a script says `--yes`.
fn confirmed(args: &CreateArgs, context: &Context, prepared: &Prepared, told: &mut Told) -> Result<(), Error> {
    if terminal::is_person() && told.recipient.is_none() {
        told.recipient = terminal::ask(&context.texts.get("ask-bundle-recipient"))?;
        tell_other_agents(context, prepared, told);
    }
    terminal::agreed(&context.texts, args.yes, "ask-bundle-seal")
}

/// Says where a power of attorney names somebody else than who gets it.
fn tell_other_agents(context: &Context, prepared: &Prepared, told: &Told) {
    review::other_agents(&context.texts, &prepared.preview(), told.recipient.as_deref()).iter().for_each(|line| tell(line));
}

fn as_json(context: &Context, Made { done, words }: &Made) -> Tree {
    let (signer_words, digits) = short(&context.texts, &done.signer);
    let files = done.files.iter().map(|file| json!({ "path": file.path, "class": file.class, "sha256": hex::encode(file.sha256) }));
    let signer = json!({ "key": done.signer.line(), "fingerprint": done.signer.fingerprint(), "words": signer_words, "digits": digits });
    let words = words.as_ref().map(|words| words.as_str());
    let whole =
        json!({ "record": done.record, "bundle": done.bundle, "files": files.collect::<Vec<_>>(), "members": done.members, "signer": signer, "words": words });
    whole.as_object().cloned().unwrap_or_default()
}

fn said(texts: &Texts, Made { done, words }: &Made) {
    for file in &done.files {
        let (path, sha256) = (terminal::shown_path(&file.path), hex::encode(file.sha256));
        data(&texts.with(if file.class == "words" { "bundle-made-words" } else { "bundle-made-keys" }, &[("file", &path), ("sha256", &sha256)]));
    }
    if let Some(words) = words {
        data(&texts.with("bundle-words", &[("words", words)]));
    }
    data(&texts.with("bundle-made-signer", &[("fingerprint", &done.signer.fingerprint()), ("words", &short(texts, &done.signer).0)]));
    tell(&texts.with("bundle-noted", &[("code", &crate::session::short("handover", &done.record))]));
}
