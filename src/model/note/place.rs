//! Destinations: after `>`, `to` or `в`, or in the Kazakh dative.

use super::observed::{Context, phrase_is_token};
use super::pieces::{Kind, Piece};
use super::tokens::{self, Set};

/// The most words of one destination.
const MOST_WORDS: usize = 6;

/// Reads the destination that starts at a position, with the number of pieces.
pub(super) fn destination(pieces: &[Piece], at: usize, context: Context) -> Option<(String, usize)> {
    arrow(pieces, at).or_else(|| marked(pieces, at, context)).or_else(|| dative(pieces, at, context))
}

/// Reads what stands after `>`, whatever it is.
fn arrow(pieces: &[Piece], at: usize) -> Option<(String, usize)> {
    pieces.get(at).filter(|p| p.is_mark('>'))?;
    let next = pieces.get(at + 1)?;
    match next.kind {
        Kind::Mark(_) => None,
        Kind::Quoted => Some((next.text.to_owned(), 2)),
        Kind::Word => {
            let used = words(pieces, at + 1);
            Some((joined(&pieces[at + 1..at + 1 + used]), 1 + used))
        }
    }
}

/// Reads what stands after `to` or `в`.
///
/// A word in small letters is a destination only after the first token, directly after a token
/// and when it is not among the words that follow these prepositions in another sense.
fn marked(pieces: &[Piece], at: usize, context: Context) -> Option<(String, usize)> {
    let (lead, meaning) = tokens::phrase(pieces, at, &[Set::Preposition])?;
    if !matches!(meaning.value, "to" | "in") || is_name_part(pieces, at, context) {
        return None;
    }
    let next = pieces.get(at + lead)?;
    if next.kind == Kind::Quoted {
        return Some((next.text.to_owned(), lead + 1));
    }
    let sound = next.is_word() && can_follow(pieces, at + lead) && !context_forbids(pieces, at + lead, context);
    let used = if sound { words(pieces, at + lead) } else { 0 };
    (used > 0).then(|| (joined(&pieces[at + lead..at + lead + used]), lead + used))
}

/// Tells whether `В` or `To` is written like a part of a name.
fn is_name_part(pieces: &[Piece], at: usize, context: Context) -> bool {
    let piece = &pieces[at];
    let telling = context.head && !(context.shouted && at > 0);
    telling && piece.is_capitalised() && (piece.is_title() || piece.is_single_letter())
}

fn can_follow(pieces: &[Piece], at: usize) -> bool {
    let lower = &pieces[at].lower;
    let named = lower.chars().any(char::is_alphabetic) && !lower.starts_with(|c: char| c.is_ascii_digit());
    let place = tokens::length(pieces, at, Set::Place) > 0;
    let number = tokens::word(lower, Set::Number).is_some();
    place || (named && !number && !phrase_is_token(pieces, at) && tokens::word(lower, Set::NeverPlace).is_none())
}

fn context_forbids(pieces: &[Piece], at: usize, context: Context) -> bool {
    if pieces[at].is_capitalised() {
        return false;
    }
    let place = tokens::length(pieces, at, Set::Place) > 0;
    ((context.head || context.after_note) && !place) || is_russian_locative(&pieces[at].lower)
}

/// Tells whether a Russian word in small letters says where or how and not where to.
fn is_russian_locative(lower: &str) -> bool {
    const ENDINGS: [&str; 12] = ["ой", "ей", "ом", "ем", "ых", "их", "ым", "им", "ах", "ях", "е", "и"];
    let abbreviation = tokens::word(lower, Set::Place).is_some();
    !abbreviation && ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Counts the words of a place: the first, then capitalised ones and words for institutions.
fn words(pieces: &[Piece], at: usize) -> usize {
    let mut used = tokens::length(pieces, at, Set::Place).max(1);
    while used < MOST_WORDS {
        match more(pieces, at + used) {
            0 => break,
            more => used += more,
        }
    }
    used
}

/// Counts the words at a position that continue a place.
fn more(pieces: &[Piece], at: usize) -> usize {
    let Some(next) = pieces.get(at).filter(|next| next.is_word()) else {
        return 0;
    };
    match tokens::length(pieces, at, Set::Place) {
        0 => usize::from(next.is_title() && !phrase_is_token(pieces, at)),
        used => used,
    }
}

fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|p| p.text).collect::<Vec<_>>().join(" ")
}

/// Reads a Kazakh word in the dative and gives its stem.
///
/// Before the first token the word must be capitalised and not start the line, so that a name is
/// never taken for a place. The ending must agree with the stem as Kazakh requires; that keeps
/// names such as `Сәке` and words such as `куртке` apart from `Медеуге`.
fn dative(pieces: &[Piece], at: usize, context: Context) -> Option<(String, usize)> {
    if let Some((used, meaning)) = tokens::phrase(pieces, at, &[Set::PlaceDative]) {
        return Some((meaning.value.to_owned(), used));
    }
    let piece = pieces.get(at).filter(|p| p.is_word())?;
    let capital = piece.is_capitalised();
    if context.head && (at == 0 || !capital) {
        return None;
    }
    let known = tokens::known(&piece.lower) || follows_russian_preposition(pieces, at);
    let stem = stem(piece, capital).filter(|_| !known)?;
    Some((stem.to_owned(), 1))
}

fn follows_russian_preposition(pieces: &[Piece], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| &pieces[i].lower) else {
        return false;
    };
    [Set::RuCase, Set::Preposition].into_iter().any(|set| tokens::word(before, set).is_some())
}

fn stem<'a>(piece: &Piece<'a>, capital: bool) -> Option<&'a str> {
    let ending = ["ге", "ға", "ке", "қа", "ГЕ", "ҒА", "КЕ", "ҚА"].into_iter().find(|e| piece.text.ends_with(e))?;
    let whole = piece.text.strip_suffix(ending)?;
    let stem = whole.trim_end_matches('-');
    let hyphen = capital && stem.len() < whole.len();
    let cyrillic = stem.chars().all(|c| ('\u{400}'..'\u{530}').contains(&c) || c == '-');
    let long = stem.chars().count() >= if hyphen { 2 } else { 3 };
    (cyrillic && long && (hyphen || agrees(&stem.to_lowercase(), &ending.to_lowercase()))).then_some(stem)
}

/// Tells whether a dative ending agrees with the last sounds of the stem.
fn agrees(stem: &str, ending: &str) -> bool {
    let Some(last) = stem.chars().last() else {
        return false;
    };
    let hard = "пфкқтсшщчцхһ".contains(last);
    let either = "бвгд".contains(last);
    let strong = ending.starts_with(['к', 'қ']);
    let front = ending.ends_with('е');
    let vowel = stem.chars().rev().find(|c| "аоұыяёәөүіеэиюу".contains(*c));
    let harmony = match vowel {
        Some('ә' | 'ө' | 'ү' | 'і' | 'е' | 'э' | 'и') => front,
        Some('ю' | 'у') => front == before_u_is_front(stem),
        Some(_) => !front,
        None => false,
    };
    harmony && (either || hard == strong)
}

/// Tells whether the last vowel before a final `у` is a front one (`Медеу`, but `Алатау`).
fn before_u_is_front(stem: &str) -> bool {
    let other = stem.chars().rev().find(|c| "аоұыяёәөүіеэи".contains(*c));
    matches!(other, Some('ә' | 'ө' | 'ү' | 'е' | 'э'))
}
