//! Talking to a person: questions, answers, progress, errors. Foreign text is cleaned before it reaches a terminal.

use std::io::{BufRead, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Error;
use crate::locale::Texts;
use crate::model::draft::Fault;
use crate::session::Mode;
use crate::vault::{Damage, Progress, VaultError};
pub use crate::words::clean;

/// Most bytes taken from standard input.
const MAX_INPUT: u64 = 64 * 1024 * 1024;

/// Why a line of data did not reach its reader.
static UNHEARD: OnceLock<ErrorKind> = OnceLock::new();

/// Writes a line of data; nothing more once one did not reach its reader.
pub fn data(line: &str) {
    if UNHEARD.get().is_some() {
        return;
    }
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        let _ = UNHEARD.set(error.kind());
    }
}

/// Asks whether every line of data reached its reader: before going on to save what nobody would hear of.
///
/// # Errors
/// Returns [`Error::Unheard`].
pub fn heard() -> Result<(), Error> {
    UNHEARD.get().map_or(Ok(()), |kind| Err(Error::Unheard(*kind)))
}

/// Says something to the person.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Shows what somebody is about to say yes to: as data, or, where data is one document at the end, to a person who is still to be asked.
pub fn shown_first(json: bool, settled: bool, lines: &[String]) {
    match json {
        false => lines.iter().for_each(|line| data(line)),
        true if !settled && is_person() => lines.iter().for_each(|line| tell(line)),
        true => {}
    }
}

/// Returns a path as it can be shown.
pub fn shown_path(path: &Path) -> String {
    clean(&path.display().to_string())
}

/// Tells whether a person is there to answer.
pub fn is_person() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks and returns the line typed, without white space around it; `None` at the end of input.
///
/// # Errors
/// Returns [`Error::LineNotUtf8`].
pub fn ask(question: &str) -> Result<Option<String>, Error> {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{question} ").and_then(|()| err.flush());
    read_line().map(|line| line.map(|line| line.trim().to_owned()))
}

/// Goes on when `yes` was given, or when a person says so.
///
/// # Errors
/// Returns [`Error::NotConfirmed`].
pub fn agreed(texts: &Texts, yes: bool, question: &str) -> Result<(), Error> {
    let agreed = yes || (is_person() && said_yes(texts, question)?);
    if agreed { Ok(()) } else { Err(Error::NotConfirmed) }
}

/// Asks a question that is answered by yes; everything else is no.
///
/// # Errors
/// As [`ask`].
pub fn said_yes(texts: &Texts, question: &str) -> Result<bool, Error> {
    let answer = ask(&texts.get(question))?.unwrap_or_default().trim().to_lowercase();
    Ok(texts.get("yes-words").split(' ').any(|yes| yes == answer))
}

/// Reads one line.
///
/// # Errors
/// Returns [`Error::LineNotUtf8`].
pub fn read_line() -> Result<Option<String>, Error> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_INPUT).read_until(b'\n', &mut bytes).map_err(Error::File)?;
    if read == 0 {
        return Ok(None);
    }
    String::from_utf8(bytes).map(Some).map_err(|error| Error::LineNotUtf8 { at: error.utf8_error().valid_up_to() })
}

/// Reads everything from standard input as text.
///
/// # Errors
/// Returns [`Error::TooLong`] or [`Error::NotUtf8`].
pub fn read_all() -> Result<String, Error> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_INPUT + 1).read_to_end(&mut bytes).map_err(Error::File)?;
    if bytes.len() as u64 > MAX_INPUT {
        return Err(Error::TooLong { limit: MAX_INPUT });
    }
    String::from_utf8(bytes).map_err(|error| Error::NotUtf8 { at: error.utf8_error().valid_up_to() })
}

/// Asks for something that is not shown while it is typed.
///
/// # Errors
/// Returns [`Error::NoTerminal`] where there is none.
pub fn ask_secret(question: &str) -> Result<String, Error> {
    tell_part(question);
    rpassword::read_password().map_err(|_| Error::NoTerminal)
}

fn tell_part(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{text} ").and_then(|()| err.flush());
}

/// A bar on stderr while a person watches; nothing otherwise.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// Begins a bar with a word for the work.
    pub fn new(word: &str) -> Bar {
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}").map(|style| style.progress_chars("#>-"));
        let bar = style.ok().filter(|_| std::io::stderr().is_terminal()).map(|style| ProgressBar::new(0).with_style(style).with_message(word.to_owned()));
        Bar(bar)
    }
}

impl Progress for Bar {
    fn at(&mut self, done: u64, all: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(all);
            bar.set_position(done);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Says what went wrong and what to do, and returns the exit code.
pub fn failed(texts: &Texts, error: &Error, mode: Mode) -> ExitCode {
    match error {
        Error::Draft { faults } => faults.iter().take(20).for_each(|fault| tell(&fault_text(texts, fault))),
        Error::Vault(VaultError::Tampered { what }) => tell(&damage_text(texts, what)),
        _ => {}
    }
    let mut values = values(error);
    values.push(("mode", mode.text().to_owned()));
    for (_, value) in values.iter_mut().filter(|(name, _)| matches!(*name, "what" | "wanted")) {
        *value = texts.find(&format!("word-{value}"), &[]).unwrap_or_else(|| crate::words::term(texts, "kinds", value));
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    tell(&texts.with(&format!("err-{}", error.code()), &values));
    if let Some(hint) = texts.find(&format!("hint-{}", error.code()), &values) {
        tell(&hint);
    }
    ExitCode::from(error.exit_code())
}

/// Says which part is damaged.
pub fn damage_text(texts: &Texts, what: &Damage) -> String {
    let start = |name: &str| name.chars().take(12).collect::<String>();
    match what {
        Damage::File { name, record: Some(record) } => texts.with("damage-file-of-record", &[("name", &start(name)), ("record", &start(record))]),
        Damage::File { name, record: None } => texts.with("damage-file", &[("name", &start(name))]),
        Damage::Missing { name } => texts.with("damage-missing", &[("name", &start(name))]),
        Damage::Keyring => texts.get("damage-keyring"),
        Damage::Store => texts.get("damage-store"),
        Damage::View => texts.get("damage-view"),
        Damage::Backup => texts.get("damage-backup"),
    }
}

/// Says which rule a field breaks.
pub fn fault_text(texts: &Texts, fault: &Fault) -> String {
    let rule = texts.with(&format!("rule-{}", fault.rule), &[("of", &fault.of)]);
    let path = if fault.path.is_empty() { texts.get("word-draft") } else { clean(&fault.path) };
    texts.with("fault", &[("path", &path), ("rule", &rule)])
}

fn values(error: &Error) -> Vec<(&'static str, String)> {
    match error {
        Error::Vault(VaultError::InUse { pid }) => vec![("pid", pid.map_or("?".into(), |pid| format!("#{pid}")))],
        Error::NotJson { line, column } => vec![("line", line.to_string()), ("column", column.to_string())],
        Error::NotUtf8 { at } | Error::LineNotUtf8 { at } => vec![("at", at.to_string())],
        Error::TooLong { limit } => vec![("limit", limit.to_string())],
        Error::NoRecord { given } | Error::NoParcel { given } => vec![("given", clean(given))],
        Error::Ambiguous { given, candidates } => vec![("given", clean(given)), ("candidates", candidates.join(", "))],
        Error::WrongKind { wanted } => vec![("wanted", (*wanted).to_owned())],
        Error::NotUnderstood { what } => vec![("what", (*what).to_owned())],
        Error::Draft { faults } => vec![("count", faults.len().to_string())],
        Error::BundleWrong { count } => vec![("count", count.to_string())],
        Error::BundleMember { name } => vec![("name", clean(name))],
        Error::File(io) | Error::Vault(VaultError::Io(io)) => vec![("reason", clean(&io.to_string()))],
        Error::Unheard(kind) => vec![("reason", kind.to_string())],
        _ => Vec::new(),
    }
}
