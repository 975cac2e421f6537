//! Finds the token that starts at a position of a line.

use super::age;
use super::clock::{self, Form};
use super::pieces::Piece;
use super::place;
use super::span::ago;
use super::tokens::{self, Set};
use super::vehicle::vehicle;

/// The sets whose phrases are tokens by themselves.
const TOKENS: [Set; 6] = [Set::Sex, Set::AgeBand, Set::Role, Set::TakenBy, Set::Masked, Set::Force];

/// What a token says.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Ago(u32),
    At((u8, u8)),
    Age(u32),
    /// An approximate age, kept in the note; the band when it is clear.
    Near(Option<&'static str>),
    Vehicle(String),
    Destination(String),
    Value(Set, &'static str),
    /// Words that are read together and kept in the note: a denial, a place name.
    Text,
}

/// Holds a token and how many pieces it takes.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub change: Change,
    pub used: usize,
}

/// What the walk knows about a position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// Whether no token has been found yet.
    pub head: bool,
    /// Whether the piece before went to the note.
    pub after_note: bool,
    /// Whether the line has no small letter, so that capitals say nothing.
    pub shouted: bool,
}

pub(super) type Hit = Option<(Change, usize)>;

/// Finds the token at a position, with a denial before or after it taken into account.
pub(super) fn token(pieces: &[Piece], at: usize, context: Context) -> Option<Found> {
    let Some((change, used)) = plain_token(pieces, at, context) else {
        return denied(pieces, at, context).or_else(|| doubted(pieces, at));
    };
    let denial = tokens::length(pieces, at + used, Set::NegationAfter);
    if denial > 0 && can_be_denied(&change) {
        return Some(Found { change: Change::Text, used: used + denial });
    }
    Some(Found { change, used })
}

fn denied(pieces: &[Piece], at: usize, context: Context) -> Option<Found> {
    let denial = tokens::length(pieces, at, Set::NegationBefore);
    if denial == 0 {
        return None;
    }
    let (change, used) = plain_token(pieces, at + denial, context)?;
    can_be_denied(&change).then_some(Found { change: Change::Text, used: denial + used })
}

/// Keeps a token with a question mark (`f?`) as text, because it states nothing.
fn doubted(pieces: &[Piece], at: usize) -> Option<Found> {
    let lower = pieces.get(at)?.lower.strip_suffix('?')?;
    let sets = TOKENS.into_iter().chain([Set::Vehicle]);
    let is_token = sets.into_iter().any(|set| tokens::word(lower, set).is_some());
    is_token.then_some(Found { change: Change::Text, used: 1 })
}

fn can_be_denied(change: &Change) -> bool {
    match change {
        Change::Value(set, _) => !matches!(set, Set::Sex | Set::AgeBand),
        Change::Vehicle(_) | Change::Destination(_) => true,
        _ => false,
    }
}

fn plain_token(pieces: &[Piece], at: usize, context: Context) -> Hit {
    time(pieces, at)
        .or_else(|| vehicle(pieces, at).map(|(name, used)| (Change::Vehicle(name), used)))
        .or_else(|| age::near_age(pieces, at))
        .or_else(|| age::age(pieces, at, context))
        .or_else(|| named_place(pieces, at))
        .or_else(|| value(pieces, at, context))
        .or_else(|| place::destination(pieces, at, context).map(|(name, used)| (Change::Destination(name), used)))
        .or_else(|| age::range(pieces, at))
}

pub(super) fn time(pieces: &[Piece], at: usize) -> Hit {
    if let Some((minutes, used)) = ago(pieces, at) {
        return Some((Change::Ago(minutes), used));
    }
    let lead = at_word(pieces, at);
    let found = clock::clock(pieces, at + lead)?;
    let hour_word = tokens::phrase(pieces, at, &[Set::Unit]).is_some();
    let clear = match found.form {
        Form::Colon | Form::Dot | Form::HalfDay => true,
        Form::Numbers | Form::Hour | Form::OClock => lead > 0,
        Form::Bare => hour_word && lead > 0,
    };
    if !clear {
        return None;
    }
    let (time, used) = with_part_of_day(pieces, at, (found.time, lead + found.used), found.form)?;
    Some((Change::At(time), used))
}

/// Moves a time to the part of the day that stands directly after or before it (`2 часа дня`).
///
/// Gives none when they contradict each other.
fn with_part_of_day(pieces: &[Piece], at: usize, (time, used): ((u8, u8), usize), form: Form) -> Option<((u8, u8), usize)> {
    if form == Form::HalfDay {
        return Some((time, used));
    }
    if let Some((more, part)) = tokens::phrase(pieces, at + used, &[Set::PartOfDay]) {
        return Some((clock::in_part_of_day(time, part.value)?, used + more));
    }
    let before = at.checked_sub(1).and_then(|i| tokens::word(&pieces[i].lower, Set::PartOfDay));
    match before {
        Some(part) => Some((clock::in_part_of_day(time, part.value)?, used)),
        None => Some((time, used)),
    }
}

/// Gives the length of `at`, `в` or `сағат` before a time.
fn at_word(pieces: &[Piece], at: usize) -> usize {
    match tokens::phrase(pieces, at, &[Set::Preposition, Set::Unit]) {
        Some((used, m)) if matches!(m.value, "at" | "in" | "hour") => used,
        _ => 0,
    }
}

/// Keeps the words of an institution together, so that `police station` names no police officer.
fn named_place(pieces: &[Piece], at: usize) -> Hit {
    let (used, _) = tokens::phrase(pieces, at, &[Set::Place])?;
    let (token, _) = tokens::phrase(pieces, at, &TOKENS)?;
    (used > token).then_some((Change::Text, used))
}

fn value(pieces: &[Piece], at: usize, context: Context) -> Hit {
    let (used, meaning) = tokens::phrase(pieces, at, &TOKENS)?;
    if pieces[at].is_single_letter() && used == 1 && is_initial(pieces, at, context) {
        return None;
    }
    Some((Change::Value(meaning.set, meaning.value), used))
}

/// Tells whether a single letter belongs to a name and is no token.
///
/// With a dot it does when it is a capital or starts the line; without a dot when it is a capital
/// between the words of a name.
fn is_initial(pieces: &[Piece], at: usize, context: Context) -> bool {
    let piece = &pieces[at];
    let capital = piece.is_capitalised();
    if !context.head {
        return capital && piece.dotted;
    }
    if piece.dotted {
        return capital || at == 0;
    }
    let initial_before = at > 0 && pieces[at - 1].is_single_letter() && pieces[at - 1].is_capitalised();
    if context.shouted && at > 0 && !initial_before {
        return false;
    }
    let name_after = pieces.get(at + 1).is_some_and(|next| next.is_word() && next.is_capitalised() && !starts_token(pieces, at + 1, context));
    capital && (initial_before || name_after)
}

fn starts_token(pieces: &[Piece], at: usize, context: Context) -> bool {
    let single = pieces[at].is_single_letter() && pieces[at].dotted;
    let place = || place::destination(pieces, at, context).is_some();
    !single && (phrase_is_token(pieces, at) || vehicle(pieces, at).is_some() || place())
}

/// Tells whether a phrase of the token sets starts at a position.
pub(super) fn phrase_is_token(pieces: &[Piece], at: usize) -> bool {
    tokens::phrase(pieces, at, &TOKENS).is_some()
}
