//! A person at a terminal: types only what the keyboard layout has, and answers each question when it is asked.

use std::path::Path;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use sandyq::cli::{asked, items};
use sandyq::locale::Texts;
use sandyq::model::shape::{Field, Shape};
use sandyq::model::vocabulary;

/// Milliseconds to wait for a question: far more than any takes.
const PATIENCE: u64 = 60_000;

/// What a person answers to a field.
pub enum Reply<'a> {
    Typed(&'a str),
    Entry(&'a [(&'a str, Reply<'a>)]),
    Checks(&'a [(&'a str, &'a str)]),
}

/// The language of a person with the keyboard that goes with it.
pub struct Speaker {
    pub lang: &'static str,
    pub layout: &'static str,
}

/// The Kazakh layout has no digits, no hyphen and no plus; the Russian one no `>`.
pub const SPEAKERS: &[Speaker] = &[
    Speaker { lang: "kk", layout: "йцукенгшщзхъфывапролджэячсмитьбюёәіңғүұқөһ ,.;:!?\"()/\\№" },
    Speaker { lang: "ru", layout: "йцукенгшщзхъфывапролджэячсмитьбюё0123456789 -+=,.;:!?\"()/\\№%*_" },
    Speaker { lang: "en", layout: "abcdefghijklmnopqrstuvwxyz0123456789 -+=,.;:!?\"()/\\<>%*_@#$&'[]{}~^|`" },
];

/// One run of the program.
pub struct Sitting<'a> {
    speaker: &'a Speaker,
    texts: Texts,
    pty: PtySession,
}

impl<'a> Sitting<'a> {
    /// Starts the program with these arguments.
    pub fn start(speaker: &'a Speaker, vault: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandyq"));
        command.arg("--vault").arg(vault).args(arguments);
        command.env("SANDYQ_CLOCK", "2026-05-10T23:50:00+05:00").env("SANDYQ_LANG", speaker.lang).env("TERM", "dumb");
        let pty = spawn_command(command, Some(PATIENCE)).unwrap();
        Sitting { speaker, texts: Texts::new(speaker.lang), pty }
    }

    /// The text of the program for a code.
    pub fn text(&self, code: &str, values: &[(&str, &str)]) -> String {
        self.texts.with(code, values)
    }

    /// The word of a vocabulary in the person's language.
    pub fn word(&self, of: &str, code: &str) -> String {
        vocabulary::term(of, code).unwrap_or_else(|| panic!("no term {of}/{code}")).word(self.speaker.lang).to_owned()
    }

    /// Waits for a text on the screen; returns what stood before it.
    pub fn see(&mut self, text: &str) -> String {
        match self.pty.exp_string(&as_read(text)) {
            Ok(before) => as_written(&before),
            Err(error) => panic!("{}: waited for {text:?}: {}", self.speaker.lang, as_written(&error.to_string())),
        }
    }

    /// Types a line, with nothing on it that the layout lacks.
    pub fn type_line(&mut self, line: &str) {
        let missing: String = line.to_lowercase().chars().filter(|c| !self.speaker.layout.contains(*c)).collect();
        assert!(missing.is_empty(), "the {} layout has no {missing:?} for {line:?}", self.speaker.lang);
        self.pty.send_line(line).unwrap();
    }

    /// Answers a question when it is asked.
    pub fn answer(&mut self, question: &str, line: &str) {
        self.see(question);
        self.type_line(line);
    }

    /// Answers a question that is one of the program's texts.
    pub fn answer_text(&mut self, code: &str, line: &str) {
        let question = self.text(code, &[]);
        self.answer(&question, line);
    }

    /// Answers the questions about an entity: these fields, and Enter to all others.
    pub fn card(&mut self, entity: &str, fields: &'static [Field], replies: &[(&str, Reply)]) {
        self.card_without("", entity, fields, replies);
    }

    /// Answers the questions about an entity where one field is not asked about.
    pub fn card_without(&mut self, skipped: &str, entity: &str, fields: &'static [Field], replies: &[(&str, Reply)]) {
        let known: Vec<&str> = asked(fields).map(|field| field.name).collect();
        assert!(replies.iter().all(|(name, _)| known.contains(name)), "{entity} asks for {known:?}");
        for field in asked(fields).filter(|field| field.name != skipped) {
            let reply = replies.iter().find(|(name, _)| *name == field.name).map(|(_, reply)| reply);
            self.field(entity, field, reply);
        }
    }

    fn field(&mut self, entity: &str, field: &'static Field, reply: Option<&Reply>) {
        let label = self.word("fields", &format!("{entity}.{}", field.name));
        match (field.shape, reply) {
            (Shape::Group(_), _) => {}
            (Shape::Many(inner) | Shape::Log(inner), Some(Reply::Entry(replies))) => {
                self.agree(&label);
                self.card(field.of, inner, replies);
                self.decline(&label);
            }
            (Shape::Map(_), Some(Reply::Checks(checks))) => {
                self.agree(&label);
                self.checks(entity, field, checks);
            }
            (Shape::Many(_) | Shape::Log(_) | Shape::Map(_), _) => self.decline(&label),
            (_, Some(Reply::Typed(line))) => self.answer(&format!("{label}:"), line),
            _ => self.answer(&format!("{label}:"), ""),
        }
    }

    fn checks(&mut self, entity: &str, field: &'static Field, checks: &[(&str, &str)]) {
        for code in items(entity, field.of) {
            let question = format!("{code} {}:", self.word(field.of, &code));
            let line = checks.iter().find(|(known, _)| *known == code).map_or("", |(_, line)| line);
            self.answer(&question, line);
        }
    }

    fn agree(&mut self, label: &str) {
        let (question, yes) = (self.text("ask-add", &[("label", label)]), self.word("answer", "yes"));
        self.answer(&question, &yes);
    }

    fn decline(&mut self, label: &str) {
        let question = self.text("ask-add", &[("label", label)]);
        self.answer(&question, "");
    }

    /// Waits for the end of the program, which must be a good one; returns what it still said.
    pub fn end(self) -> String {
        self.ends(0)
    }

    /// Waits for the end of the program with this exit code; returns what it still said.
    pub fn ends(mut self, code: i32) -> String {
        let rest = as_written(&self.pty.exp_eof().unwrap());
        let status = self.pty.process().wait().unwrap();
        assert!(matches!(status, rexpect::process::WaitStatus::Exited(_, ended) if ended == code), "{}: {status:?} after {rest}", self.speaker.lang);
        rest
    }
}

/// The reader of the terminal takes each byte for a character of its own.
fn as_read(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// The text that such characters were.
fn as_written(read: &str) -> String {
    let bytes: Vec<u8> = read.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
