//! A provision of law: the instrument by its code or its full word, the article, and as far as said the part and item.

use crate::model::value::{Line, ProvisionRef};
use crate::model::vocabulary::{self, Entry};

use super::amount::whole;
use super::words::{any, names, same, words};

const ARTICLE: [&str; 17] = [
    "article",
    "art",
    "section",
    "статья",
    "статьи",
    "статье",
    "статью",
    "ст",
    "бап",
    "бабы",
    "бабының",
    "баптың",
    "бабына",
    "бабымен",
    "бабында",
    "баппен",
    "§",
];
const PART: [&str; 12] = ["part", "paragraph", "часть", "части", "частью", "ч", "бөлік", "бөлігі", "бөлігінің", "бөлігіне", "бөлігімен", "бөлігінде"];
const ITEM: [&str; 17] = [
    "item",
    "point",
    "subparagraph",
    "sub-paragraph",
    "пункт",
    "пункта",
    "пункту",
    "п",
    "пп",
    "подпункт",
    "подпункта",
    "тармақ",
    "тармағы",
    "тармағының",
    "тармақша",
    "тармақшасы",
    "т",
];
const FILLERS: [&str; 5] = ["of", "the", "under", "in", "by"];
const YEAR_WORDS: [&str; 6] = ["года", "год", "г", "жылғы", "жыл", "year"];
const GENITIVE: [&str; 6] = ["ның", "нің", "дың", "дің", "тың", "тің"];

/// Reads a provision; an instrument whose edition is not said by its word gives none.
pub(super) fn provision(text: &str) -> Option<ProvisionRef> {
    let typed = words(&text.replace(['(', ')', ',', '№'], " "))?;
    let typed: Vec<String> = typed.iter().flat_map(|word| pieces(word)).collect();
    let (instrument, rest) = instrument(&typed)?;
    let marks = Marks::read(&rest)?;
    Some(ProvisionRef {
        instrument: instrument.code.parse().ok()?,
        article: marks.article?,
        part: marks.part,
        item: marks.item,
        as_printed: None,
        inferred: None,
    })
}

/// Divides `174-бап`, `ч.1` and `KZ-CC-2014/174` into a number and its label.
fn pieces(word: &str) -> Vec<String> {
    let divided = divided(word).map(|(a, b)| vec![a.to_owned(), b.to_owned()]);
    divided.unwrap_or_else(|| vec![word.to_owned()])
}

fn divided(word: &str) -> Option<(&str, &str)> {
    let after = word.rsplit_once('-').filter(|(number, label)| is_number(number) && is_label(label));
    let before = || word.split_once('.').filter(|(label, number)| is_label(label) && is_number(number));
    let code = || word.split_once('/').filter(|(code, number)| vocabulary_code(code) && is_number(number));
    after.or_else(before).or_else(code)
}

fn is_label(word: &str) -> bool {
    [&ARTICLE[..], &PART[..], &ITEM[..]].iter().any(|labels| any(word, labels))
}

/// Tells whether a word is the number of an article or part, such as `174` or `290-1`.
fn is_number(word: &str) -> bool {
    let plain = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    word.split('-').count() <= 2 && word.split('-').all(plain)
}

fn vocabulary_code(word: &str) -> bool {
    instruments().any(|term| same(&term.code.to_lowercase(), word))
}

fn instruments() -> impl Iterator<Item = &'static Entry> {
    vocabulary::shipped("instrument").into_iter().flat_map(|vocabulary| &vocabulary.terms)
}

/// Finds the longest name of an instrument anywhere; gives the words without it.
fn instrument(typed: &[String]) -> Option<(&'static Entry, Vec<String>)> {
    let mut best: Vec<(&Entry, usize, usize)> = Vec::new();
    for term in instruments() {
        let found = names(term).filter_map(words).filter_map(|name| place_of(&name, typed));
        if let Some((at, size)) = found.max_by_key(|(_, size)| *size) {
            best.push((term, at, size));
        }
    }
    let most = best.iter().map(|(_, _, size)| *size).max()?;
    best.retain(|(_, _, size)| *size == most);
    let [(term, at, size)] = best[..] else { return None };
    let after = without_edition(term, &typed[at + size..]);
    Some((term, typed[..at].iter().chain(after).cloned().collect()))
}

fn place_of(name: &[String], typed: &[String]) -> Option<(usize, usize)> {
    let at = typed.windows(name.len()).position(|own| own.iter().zip(name).all(|(own, word)| inflected(own, word)))?;
    Some((at, name.len()))
}

/// Tells whether a typed word is a name's word, also in another case (`кодекса`, `кодекстің`).
fn inflected(typed: &str, word: &str) -> bool {
    let genitive = || GENITIVE.iter().any(|ending| typed.strip_suffix(ending).is_some_and(|stem| same(stem, word)));
    same(typed, word) || genitive() || declined(typed, word)
}

fn declined(typed: &str, word: &str) -> bool {
    let digits = |text: &str| text.chars().any(|c| c.is_ascii_digit() || c.is_ascii_alphabetic());
    let common = typed.chars().zip(word.chars()).take_while(|(a, b)| same(&a.to_string(), &b.to_string())).count();
    let short = |text: &str| text.chars().count() <= common + 3;
    common >= 5 && short(typed) && short(word) && !digits(typed)
}

/// Takes the year of the edition from after a word that means this edition anyway.
fn without_edition<'a>(term: &Entry, after: &'a [String]) -> &'a [String] {
    let year = term.detail("edition").and_then(|edition| edition.get(..4)).unwrap_or("-");
    let rest = match after {
        [of, said, rest @ ..] if any(of, &["of", "от"]) && said == year => rest,
        [said, rest @ ..] if said == year => rest,
        _ => return after,
    };
    match rest {
        [word, rest @ ..] if any(word, &YEAR_WORDS) => rest,
        all => all,
    }
}

/// The numbers that were said, each under its label.
#[derive(Default)]
struct Marks {
    article: Option<Line>,
    part: Option<Line>,
    item: Option<Line>,
}

impl Marks {
    /// Reads numbers with a label before or after them; the first number without one is the article.
    fn read(words: &[String]) -> Option<Self> {
        let mut marks = Marks::default();
        let rest: Vec<String> = words.iter().filter(|word| !any(word, &FILLERS)).cloned().collect();
        let mut rest = &rest[..];
        while !rest.is_empty() {
            let (label, number, used) = labelled(rest)?;
            marks.set(label, number)?;
            rest = &rest[used..];
        }
        Some(marks)
    }

    fn set(&mut self, label: &str, number: String) -> Option<()> {
        let slot = match label {
            label if any(label, &PART) => &mut self.part,
            label if any(label, &ITEM) => &mut self.item,
            _ => &mut self.article,
        };
        slot.replace(number.parse().ok()?).is_none().then_some(())
    }
}

/// Reads one number with its label; Kazakh labels stand after it, the others before it.
fn labelled(words: &[String]) -> Option<(&str, String, usize)> {
    let kazakh = |word: &str| is_label(word) && word.chars().any(|c| "әғқңөұүһі".contains(c)) || is_bap(word);
    if is_label(&words[0]) && !kazakh(&words[0]) {
        let (number, used) = number(&words[1..])?;
        return Some((&words[0], number, 1 + used));
    }
    let (number, used) = number(words)?;
    match words.get(used) {
        Some(label) if kazakh(label) => Some((label, number, used + 1)),
        _ => Some(("", number, used)),
    }
}

fn is_bap(word: &str) -> bool {
    word.starts_with("бап") || word.starts_with("баб") || word.starts_with("болик") || word.starts_with("тармак")
}

/// Reads the longest number at the start, in digits or in words.
fn number(words: &[String]) -> Option<(String, usize)> {
    let first = words.first()?;
    if is_number(first) {
        return Some((first.clone(), 1));
    }
    let most = words.len().min(6);
    let read = |used: &usize| first.starts_with(char::is_alphabetic).then(|| whole(&words[..*used])).flatten();
    let used = (1..=most).rev().find(|used| read(used).is_some())?;
    Some((read(&used)?.to_string(), used))
}
