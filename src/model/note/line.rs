//! Walks over the pieces of a line and fills what was seen.

use super::Seen;
use super::observed::{Change, Context, Found, token};
use super::pieces::{Kind, Piece};
use super::tokens::{self, Set, normal};

/// Holds the state of reading one line.
pub(super) struct Walk<'a> {
    source: &'a str,
    pieces: Vec<Piece<'a>>,
    /// The byte after which the line is not read.
    rest: usize,
    at: usize,
    shouted: bool,
    /// Whether no token has been found yet.
    head: bool,
    /// Whether unknown words belong to the descriptor, after a `/`.
    describing: bool,
    descriptor: Vec<usize>,
    note: Vec<usize>,
    /// The last piece that was an ordinary word of the note.
    last_plain: Option<usize>,
    /// Text before the first token that cannot be a name.
    odd: String,
    seen: Seen,
}

impl<'a> Walk<'a> {
    /// Starts with the name.
    pub fn new(source: &'a str, pieces: Vec<Piece<'a>>, rest: usize) -> Self {
        let small = pieces.iter().any(|p| p.text.chars().any(char::is_lowercase));
        Self {
            shouted: !small,
            source,
            pieces,
            rest,
            at: 0,
            head: true,
            describing: false,
            descriptor: Vec::new(),
            note: Vec::new(),
            last_plain: None,
            odd: String::new(),
            seen: Seen::default(),
        }
    }

    /// Starts after the words of a group, which has no name.
    pub fn after_group(source: &'a str, pieces: Vec<Piece<'a>>, rest: usize, used: usize) -> Self {
        let mut walk = Self::new(source, pieces, rest);
        walk.at = used;
        walk.head = false;
        walk
    }

    /// Reads the whole line.
    pub fn run(mut self) -> Seen {
        while self.at < self.pieces.len() {
            self.step();
        }
        if self.head {
            self.close_head();
        }
        if self.seen.descriptor.is_none() {
            self.seen.descriptor = self.text_of(&self.descriptor);
        }
        self.seen.note = self.note_text();
        self.seen
    }

    fn step(&mut self) {
        let after_note = self.at > 0 && self.last_plain == Some(self.at - 1);
        let context = Context { head: self.head, after_note, shouted: self.shouted };
        match token(&self.pieces, self.at, context) {
            Some(found) => self.take(&found),
            None => self.plain(),
        }
    }

    fn take(&mut self, found: &Found) {
        if self.head {
            self.close_head();
        }
        self.describing = false;
        if matches!(found.change, Change::Destination(_)) {
            self.take_place_name_back(found);
        } else if !self.apply(&found.change) {
            self.note.extend(self.at..self.at + found.used);
        }
        self.at += found.used;
    }

    /// Joins capitalised words before a Kazakh dative to it: `Медеу РОВД-ға`.
    fn take_place_name_back(&mut self, found: &Found) {
        let Change::Destination(name) = &found.change else {
            return;
        };
        if self.seen.destination.is_some() {
            self.note.extend(self.at..self.at + found.used);
            return;
        }
        let marked = self.pieces[self.at].is_mark('>') || tokens::length(&self.pieces, self.at, Set::Preposition) > 0;
        let mut first = self.at;
        while !marked && first > 0 && self.note.last() == Some(&(first - 1)) && self.pieces[first - 1].is_title() {
            self.note.pop();
            first -= 1;
        }
        let mut words: Vec<&str> = self.pieces[first..self.at].iter().map(|p| p.text).collect();
        words.push(name);
        self.seen.destination = Some(words.join(" "));
    }

    /// Sets a field; gives false when the words must go to the note.
    fn apply(&mut self, change: &Change) -> bool {
        let seen = &mut self.seen;
        match change {
            Change::Ago(minutes) => fill(&mut seen.minutes_ago, *minutes),
            Change::At(time) => fill(&mut seen.at, *time),
            Change::Age(age) => fill(&mut seen.age, *age),
            Change::Vehicle(name) => fill(&mut seen.vehicle, name.clone()),
            Change::Destination(name) => fill(&mut seen.destination, name.clone()),
            Change::Value(set, value) => self.apply_value(*set, value),
            Change::Near(band) => {
                seen.age_band = seen.age_band.or(*band);
                false
            }
            Change::Text => false,
        }
    }

    fn apply_value(&mut self, set: Set, value: &'static str) -> bool {
        let seen = &mut self.seen;
        match set {
            Set::Sex => fill(&mut seen.sex, value),
            Set::AgeBand => fill(&mut seen.age_band, value),
            Set::TakenBy => fill(&mut seen.taken_by, value),
            Set::Masked => {
                seen.masked = true;
                true
            }
            Set::Role => push(&mut seen.roles, value),
            _ => push(&mut seen.force, value),
        }
    }

    /// Handles a piece that is no token.
    fn plain(&mut self) {
        match self.pieces[self.at].kind {
            Kind::Mark(';') if self.head => self.close_head(),
            Kind::Mark(';') => self.describing = false,
            Kind::Mark('/') if !self.head && !self.is_glued() && self.can_describe() => self.describing = true,
            Kind::Mark(',') => {}
            _ if self.head => {}
            _ if self.describing => self.descriptor.push(self.at),
            _ => self.keep_in_note(),
        }
        self.at += 1;
    }

    fn keep_in_note(&mut self) {
        self.note.push(self.at);
        self.last_plain = Some(self.at);
    }

    fn can_describe(&self) -> bool {
        self.descriptor.is_empty() && self.seen.descriptor.is_none()
    }

    /// Tells whether the piece touches the words on both sides (`and/or`).
    fn is_glued(&self) -> bool {
        let piece = &self.pieces[self.at];
        let before = self.at > 0 && self.pieces[self.at - 1].end == piece.start;
        before && self.pieces.get(self.at + 1).is_some_and(|next| next.start == piece.end)
    }

    /// Ends the name and the descriptor before the current piece.
    fn close_head(&mut self) {
        self.head = false;
        let end = self.pieces.get(self.at).map_or(self.rest, |p| p.start);
        let slash = self.pieces[..self.at].iter().find(|p| p.is_mark('/')).map(|p| p.start);
        let name = clean(&self.source[..slash.unwrap_or(end)]);
        let after = slash.map_or("", |slash| &self.source[slash + 1..end]);
        self.seen.descriptor = Some(clean(after)).filter(|text| !text.is_empty());
        if !name.chars().any(char::is_alphanumeric) {
            self.odd = name;
        } else if !is_unknown(&name) {
            self.seen.name = Some(name);
        }
    }

    fn note_text(&self) -> Option<String> {
        let rest = collapse(&self.source[self.rest..]);
        let parts = [self.odd.clone(), self.text_of(&self.note).unwrap_or_default(), rest];
        let text: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (!text.is_empty()).then(|| text.join(" "))
    }

    /// Gives pieces as they were typed; neighbours keep the punctuation between them.
    fn text_of(&self, words: &[usize]) -> Option<String> {
        let joins = |a: &usize, b: &usize| self.pieces[a + 1..*b].iter().all(|p| p.is_mark(',') || p.is_mark(';'));
        let runs = words.chunk_by(joins).filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            Some(collapse(&self.source[self.pieces[*first].start..self.pieces[*last].end]))
        });
        let text: Vec<String> = runs.collect();
        (!text.is_empty()).then(|| text.join(" "))
    }
}

fn fill<T: PartialEq>(field: &mut Option<T>, value: T) -> bool {
    match field {
        Some(known) => *known == value,
        None => {
            *field = Some(value);
            true
        }
    }
}

fn push(list: &mut Vec<&'static str>, value: &'static str) -> bool {
    if !list.contains(&value) {
        list.push(value);
    }
    true
}

fn is_unknown(name: &str) -> bool {
    name.len() <= 96 && tokens::word(&normal(name), Set::Unknown).is_some()
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes separators around a name or descriptor, and quotation marks around the whole of it.
fn clean(text: &str) -> String {
    let separator = |c: char| c.is_whitespace() || ",;:-–—".contains(c);
    let text = collapse(text.trim_matches(separator));
    let inner = [('"', '"'), ('«', '»'), ('“', '”'), ('„', '“')].into_iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains([open, close])).then(|| inner.trim().to_owned())
    });
    inner.unwrap_or(text)
}
