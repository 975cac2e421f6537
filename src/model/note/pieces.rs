//! Splits a line into words, quoted parts and marks.

use super::tokens::normal;

/// The number of pieces that are read; the rest of a longer line is kept as it is.
const MOST: usize = 2000;

/// The longest word, in bytes, that is compared with the vocabulary.
const LONGEST_WORD: usize = 96;

/// Tells the kinds of pieces apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// Text in quotation marks, never a token.
    Quoted,
    /// One of `;` `/` `>` and `,`, the last also for a lone dash, dot or bracket.
    Mark(char),
}

/// Holds one piece of a line.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// The word without the punctuation around it, or the text inside the quotation marks.
    pub text: &'a str,
    /// The word in the form for comparison; empty for quoted text, marks and very long words.
    pub lower: String,
    /// Where the piece starts in the line, with its punctuation.
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    /// Whether a dot follows the word.
    pub dotted: bool,
}

impl Piece<'_> {
    /// Tells whether the piece is a word that can be compared with the vocabulary.
    pub fn is_word(&self) -> bool {
        self.kind == Kind::Word && !self.lower.is_empty()
    }

    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// Tells whether the word starts with a capital letter.
    pub fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    /// Tells whether the word starts with a capital letter and has a small one.
    pub fn is_title(&self) -> bool {
        self.is_capitalised() && self.text.chars().any(char::is_lowercase)
    }

    pub fn is_single_letter(&self) -> bool {
        let mut letters = self.text.chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
    }
}

/// Splits a line; gives the pieces and the byte at which reading stopped.
pub(super) fn split(source: &str) -> (Vec<Piece<'_>>, usize) {
    let mut scanner = Scanner { source, at: 0, unclosed: String::new() };
    let mut pieces = Vec::new();
    while pieces.len() < MOST {
        match scanner.piece() {
            Some(piece) => pieces.push(piece),
            None => return (pieces, source.len()),
        }
    }
    (pieces, scanner.at)
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    /// Opening quotation marks that are known to have no closing one.
    unclosed: String,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn piece(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let first = self.rest().chars().next()?;
        self.quoted(first).or_else(|| self.mark(first)).or_else(|| Some(self.word(first)))
    }

    fn take(&mut self, bytes: usize, kind: Kind) -> Piece<'a> {
        let start = self.at;
        self.at += bytes;
        let text = &self.source[start..self.at];
        Piece { text, lower: String::new(), start, end: self.at, kind, dotted: false }
    }

    fn quoted(&mut self, open: char) -> Option<Piece<'a>> {
        let close = closing(open)?;
        if self.unclosed.contains(open) {
            return None;
        }
        let inside = &self.rest()[open.len_utf8()..];
        let Some(length) = inside.find(close) else {
            self.unclosed.push(open);
            return None;
        };
        let end = open.len_utf8() + length;
        let tail = inside[length..].chars().next().map_or(0, char::len_utf8);
        let mut piece = self.take(end + tail, Kind::Quoted);
        piece.text = &inside[..length];
        Some(piece)
    }

    fn mark(&mut self, first: char) -> Option<Piece<'a>> {
        match first {
            ';' | '/' | ',' => Some(self.take(1, Kind::Mark(first))),
            _ => arrow(self.rest()).map(|bytes| self.take(bytes, Kind::Mark('>'))),
        }
    }

    fn word(&mut self, first: char) -> Piece<'a> {
        let rest = self.rest();
        let mut before = first;
        let mut end = first.len_utf8();
        for (offset, c) in rest.char_indices().skip(1) {
            if self.ends_word(&rest[offset..], before, c) {
                break;
            }
            before = c;
            end = offset + c.len_utf8();
        }
        let piece = self.take(end, Kind::Word);
        finish_word(piece)
    }

    /// Tells whether a word ends before `c`, the first character of `rest`.
    fn ends_word(&self, rest: &str, before: char, c: char) -> bool {
        match c {
            ';' => true,
            ',' | '/' => {
                let after = rest[1..].chars().next().unwrap_or(' ');
                !(before.is_ascii_digit() && after.is_ascii_digit())
            }
            _ if c.is_whitespace() => true,
            _ if closing(c).is_some() => !self.unclosed.contains(c),
            _ => arrow(rest).is_some(),
        }
    }
}

fn closing(open: char) -> Option<&'static [char]> {
    match open {
        '"' => Some(&['"']),
        '«' => Some(&['»']),
        '“' | '„' => Some(&['”', '“']),
        _ => None,
    }
}

/// Gives the length of an arrow at the start of the text; `>60` is an age, not an arrow.
fn arrow(text: &str) -> Option<usize> {
    let found = ["->", "=>", "→", ">"].into_iter().find(|a| text.starts_with(a))?;
    let age = found == ">" && text[1..].starts_with(|c: char| c.is_ascii_digit());
    (!age).then_some(found.len())
}

fn finish_word(mut piece: Piece<'_>) -> Piece<'_> {
    let raw = piece.text;
    let opening = |c| "([{\"“”„«»".contains(c);
    let ending = |c| ".!:…)]}\"“”„«»".contains(c);
    let inner = raw.trim_start_matches(opening);
    let text = inner.trim_end_matches(ending);
    let after = &inner[text.len()..];
    let bare = text.trim_matches(|c: char| "-–—−.".contains(c));
    if bare.is_empty() {
        piece.kind = Kind::Mark(',');
        return piece;
    }
    piece.text = text;
    piece.dotted = after.contains('.');
    if text.len() <= LONGEST_WORD {
        piece.lower = normal(text);
    }
    piece
}
