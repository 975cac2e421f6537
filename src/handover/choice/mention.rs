//! Names of people in texts: found in any spelling and case ending, and replaced. A name too many is replaced rather than one too few.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::hidden::hidden;
use crate::model::short;
use crate::model::value::script_of;
use crate::model::{Kind, Tree};
use crate::names::fold;
use crate::vault::{Body, Line};

/// Stands where a name cannot be told to be one person's.
const SOMEBODY: &str = "[…]";
/// Letters of a name from which it is looked for across blanks, too.
const LONG: usize = 6;
/// Letters that endings add to a name of two, three and more letters.
const ENDINGS: [usize; 3] = [2, 3, 6];

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    Nobody,
    /// The text with other words for the names.
    Renamed(String),
    /// Somebody is named in a way that cannot be replaced.
    Somebody,
}

/// The names that must not slip through.
#[derive(Debug, Default)]
pub struct Mentions {
    /// Stems of names with the people who bear them; `None` for somebody without a record.
    hidden: HashMap<String, BTreeSet<Option<String>>>,
    /// Stems of names that may stand.
    free: HashSet<String>,
    /// Long stems by their first letters, to be found across blanks and inside of words.
    long: HashMap<[char; LONG], Vec<Vec<char>>>,
    /// Whole descriptions, folded.
    phrases: Vec<String>,
    /// Codes and ids that lead to records which are not in the bundle.
    codes: HashSet<String>,
    ids: BTreeSet<String>,
    /// Secrets of the source register that could not be opened: whom they name is not known.
    sealed: u64,
}

/// A word of a text with its place.
#[derive(Clone, Copy)]
pub(super) struct Word<'t> {
    start: usize,
    end: usize,
    pub text: &'t str,
}

impl Mentions {
    /// Gathers the names of all people of a casebook, of its sources and monitors, and the handles of its devices, but for the `free` people,
    /// whose names may stand. Codes and ids of `known` records may stand as well.
    pub fn new(all: &[(Line, Body)], free: &BTreeSet<String>, known: &BTreeSet<String>) -> Mentions {
        Mentions::knowing(all, free, known, &BTreeMap::new())
    }

    /// As [`Mentions::new`]; `opened` has the texts of sealed secrets by their sealed form.
    pub fn knowing(all: &[(Line, Body)], free: &BTreeSet<String>, known: &BTreeSet<String>, opened: &BTreeMap<String, String>) -> Mentions {
        let mut mentions = Mentions::default();
        mentions.others(all, opened);
        handles(all).into_iter().for_each(|handle| mentions.hide_word(handle, None));
        for (line, body) in all {
            mentions.hide_record(line, known);
            if line.kind == Kind::Person.code() {
                mentions.person(&line.id, body, free.contains(&line.id));
            }
        }
        let free = &mentions.free;
        mentions.hidden.retain(|stem, _| !free.contains(stem));
        for stem in mentions.hidden.keys() {
            let letters: Vec<char> = stem.chars().collect();
            if let Some(first) = letters.first_chunk::<LONG>() {
                mentions.long.entry(*first).or_default().push(letters);
            }
        }
        mentions
    }

    /// Returns how many secrets of the source register could not be opened.
    pub fn sealed(&self) -> u64 {
        self.sealed
    }

    /// Sources, monitors and whoever else has no record of a person.
    fn others(&mut self, all: &[(Line, Body)], opened: &BTreeMap<String, String>) {
        let hidden = hidden(all, opened);
        hidden.words.iter().for_each(|word| self.hide_word(word, None));
        self.codes.extend(hidden.codes);
        self.sealed = hidden.sealed;
    }

    fn hide_record(&mut self, line: &Line, known: &BTreeSet<String>) {
        if !known.contains(&line.id) {
            self.codes.insert(short(&line.kind, &line.id));
            self.codes.extend(line.origin.clone().filter(|origin| origin.chars().count() >= 4));
            self.ids.insert(line.id.clone());
        }
    }

    fn person(&mut self, id: &str, body: &Body, free: bool) {
        for (text, described) in forms(body) {
            match (free, described) {
                (true, _) => words(&text).for_each(|word| self.free.extend(stems(&fold(word.text)))),
                (false, true) => self.phrases.push(fold(&text)),
                (false, false) => words(&text).for_each(|word| self.hide_word(word.text, Some(id))),
            }
        }
    }

    fn hide_word(&mut self, word: &str, id: Option<&str>) {
        for part in words(word) {
            for stem in stems(&fold(part.text)) {
                self.hidden.entry(stem).or_default().insert(id.map(str::to_owned));
            }
        }
    }

    /// Looks for names in a text; `alias` is how a person is called instead.
    pub fn look(&self, text: &str, alias: &dyn Fn(&str) -> String) -> Seen {
        let folded = fold(text);
        if self.phrases.iter().any(|phrase| !phrase.trim().is_empty() && folded.contains(phrase)) || self.has_code(text) {
            return Seen::Somebody;
        }
        let renamed = self.renamed(text, alias);
        if self.is_spelt_out(&renamed) {
            return Seen::Somebody;
        }
        if renamed == text { Seen::Nobody } else { Seen::Renamed(renamed) }
    }

    /// Tells whether a text names anybody.
    pub fn names_somebody(&self, text: &str) -> bool {
        self.look(text, &|_| SOMEBODY.to_owned()) != Seen::Nobody
    }

    /// Tells whether a text says nothing but names that may stand.
    pub fn names_only_free(&self, text: &str) -> bool {
        let is_free = |word: Word| {
            let letters: Vec<char> = fold(word.text).chars().collect();
            let fits = |length: &usize| letters.len() - length <= ENDINGS[(length - 2).min(2)] && (*length > 3 || *length == letters.len());
            (2..=letters.len()).filter(fits).any(|length| self.free.contains(&letters[..length].iter().collect::<String>()))
        };
        words(text).all(is_free)
    }

    fn has_code(&self, text: &str) -> bool {
        let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/')));
        let is_code = |part: &str| self.codes.contains(part.trim_matches(['-', '.', '_', '/'])) || self.codes.contains(&part.to_ascii_uppercase());
        let hex = |part: &str| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
        let is_id = |part: &str| {
            let part = part.to_ascii_lowercase();
            hex(&part) && self.ids.range(part.clone()..).next().is_some_and(|id| id.starts_with(&part))
        };
        let mut parts = parts.filter(|part| !part.is_empty());
        parts.any(|part| is_code(part) || part.split(['-', '.', '_', '/']).any(is_id))
    }

    fn renamed(&self, text: &str, alias: &dyn Fn(&str) -> String) -> String {
        let all: Vec<Word> = words(text).collect();
        let mut owners: Vec<Option<BTreeSet<Option<String>>>> = all.iter().map(|word| self.owners(word.text)).collect();
        take_initials(text, &all, &mut owners);
        let (mut renamed, mut from, mut at) = (String::with_capacity(text.len()), 0, 0);
        while at < all.len() {
            let Some(mut whose) = owners[at].clone() else {
                at += 1;
                continue;
            };
            let start = all[at].start;
            let mut end = all[at].end;
            while at + 1 < all.len()
                && is_joined(text, &all[at], &all[at + 1])
                && let Some(next) = &owners[at + 1]
            {
                whose = both(&whose, next);
                at += 1;
                end = all[at].end;
            }
            renamed.push_str(&text[from..start]);
            renamed.push_str(&called(&whose, alias));
            from = end;
            at += 1;
        }
        renamed.push_str(&text[from..]);
        renamed
    }

    /// Returns whose name a word may be; `None` when it is nobody's, or rather that of somebody whose name may stand.
    fn owners(&self, word: &str) -> Option<BTreeSet<Option<String>>> {
        let folded: Vec<char> = fold(word).chars().filter(|c| !c.is_whitespace()).collect();
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        for length in (2..=folded.len()).rev() {
            let stem: String = folded[..length].iter().collect();
            let rest = folded.len() - length;
            let fits = rest <= ENDINGS[(length - 2).min(2)] && (length > 3 || capital);
            if fits && self.free.contains(&stem) {
                return None;
            }
            if let (true, Some(owners)) = (fits, self.hidden.get(&stem)) {
                return Some(owners.clone());
            }
        }
        None
    }

    /// Tells whether a long name stands in the letters of a text, inside of a word or with anything between its letters.
    fn is_spelt_out(&self, text: &str) -> bool {
        // Each letter with the word it stands in.
        let mut letters: Vec<(char, usize)> = Vec::new();
        let mut free = Vec::new();
        for (number, word) in words(text).enumerate() {
            let folded = fold(word.text);
            free.push(self.is_free(&folded));
            letters.extend(folded.chars().filter(|c| c.is_alphanumeric()).map(|c| (c, number)));
        }
        let stands_at = |at: usize, stem: &Vec<char>| {
            let Some(found) = letters.get(at..at + stem.len()) else { return false };
            let within = found.first().map(|first| first.1) == found.last().map(|last| last.1);
            found.iter().map(|(c, _)| c).eq(stem) && !(within && free[found[0].1])
        };
        let first = |at: usize| -> [char; LONG] { std::array::from_fn(|n| letters[at + n].0) };
        let mut starts = 0..=letters.len().saturating_sub(LONG);
        letters.len() >= LONG && starts.any(|at| self.long.get(&first(at)).is_some_and(|stems| stems.iter().any(|stem| stands_at(at, stem))))
    }

    fn is_free(&self, folded: &str) -> bool {
        let letters: Vec<char> = folded.chars().collect();
        (2..=letters.len()).any(|length| self.free.contains(&letters[..length].iter().collect::<String>()))
    }
}

/// Handles of the devices that wrote anything.
fn handles<'a>(all: &'a [(Line, Body)]) -> BTreeSet<&'a str> {
    let marks = |body: &'a Body| {
        body.entries.values().chain(body.voices.values().flatten().map(|voice| &voice.mark)).map(|mark| mark.by.as_str()).collect::<BTreeSet<&str>>()
    };
    all.iter().flat_map(|(line, body)| marks(body).into_iter().chain([line.by.as_str()]).collect::<Vec<_>>()).collect()
}

/// The names of a person as written, each with whether it is only a description.
fn forms(body: &Body) -> Vec<(String, bool)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut forms = Vec::new();
    let entries: BTreeMap<&String, &Value> = body.tree.get("names").and_then(Value::as_object).map(|names| names.iter().collect()).unwrap_or_default();
    for (key, entry) in &entries {
        let described = entry.get("kind").and_then(Value::as_str) == Some("descriptor");
        let voices = body.voices.get(&format!("names/{key}/text")).into_iter().flatten().map(|voice| &voice.value);
        forms.extend(entry.get("text").into_iter().chain(voices).filter_map(text).map(|form| (form, described)));
    }
    let contacts: Vec<&Tree> = body.tree.get("contacts").and_then(Value::as_object).into_iter().flat_map(Tree::values).filter_map(Value::as_object).collect();
    forms.extend(contacts.iter().filter_map(|contact| contact.get("who")).filter_map(text).map(|form| (form, false)));
    forms.extend(body.tree.get("code").and_then(text).filter(|code| code.chars().count() >= 3).map(|code| (code, true)));
    forms
}

/// What of a folded name stays the same in all its endings; nothing of a single letter.
fn stems(folded: &str) -> Vec<String> {
    let letters: Vec<char> = folded.chars().filter(|c| !c.is_whitespace()).collect();
    let vowel = |c: &char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u');
    let whole = || letters.iter().collect::<String>();
    match letters.as_slice() {
        [] | [_] => Vec::new(),
        [stem @ .., last] if stem.len() >= 2 && vowel(last) => vec![stem.iter().collect(), whole()],
        // A vowel that flees: Павел, Павла.
        [stem @ .., 'e' | 'o', last] if stem.len() >= 2 => vec![whole(), stem.iter().chain([last]).collect()],
        _ => vec![whole()],
    }
}

/// The words of a text: letters and digits with the marks that stand among them.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(inside)?;
        let end = text[start..].find(|c| !inside(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some(Word { start, end, text: &text[start..end] })
    })
}

/// Tells whether nothing but a blank, a point or a hyphen stands between two words.
fn is_joined(text: &str, one: &Word, next: &Word) -> bool {
    let between = &text[one.end..next.start];
    between.chars().count() <= 2 && between.chars().all(|c| matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\u{2011}' | '\u{2010}'))
}

/// Initials beside a name belong to it.
fn take_initials(text: &str, all: &[Word], owners: &mut [Option<BTreeSet<Option<String>>>]) {
    let initial = |word: &Word| word.text.chars().count() == 1 && word.text.chars().all(char::is_uppercase) && script_of(word.text).is_some();
    for _ in 0..2 {
        for at in 0..all.len() {
            let before = (at > 0 && is_joined(text, &all[at - at.min(1)], &all[at])).then(|| owners[at - 1].clone()).flatten();
            let after = (at + 1 < all.len() && is_joined(text, &all[at], &all[(at + 1).min(all.len() - 1)])).then(|| owners[at + 1].clone()).flatten();
            if owners[at].is_none() && initial(&all[at]) {
                owners[at] = before.or(after);
            }
        }
    }
}

/// Those who may be meant by both words.
fn both(one: &BTreeSet<Option<String>>, next: &BTreeSet<Option<String>>) -> BTreeSet<Option<String>> {
    let common: BTreeSet<Option<String>> = one.intersection(next).cloned().collect();
    if common.is_empty() { one.union(next).cloned().collect() } else { common }
}

fn called(whose: &BTreeSet<Option<String>>, alias: &dyn Fn(&str) -> String) -> String {
    match whose.iter().collect::<Vec<_>>().as_slice() {
        [Some(id)] => alias(id),
        _ => SOMEBODY.to_owned(),
    }
}
