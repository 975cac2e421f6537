//! Where a detained person stands: at liberty, in custody, unknown, or contested between those who say so.
//! A later word of one source never silently wins over another source.

use std::collections::{BTreeMap, BTreeSet};

use super::entity::{Detention, Transition, Verdict};
use super::shape::Keyed;
use super::value::{Key, Span, Term};
use super::vocabulary;

/// Who recorded an entry and when, as claimed: a device handle and seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub by: String,
    pub at: i64,
}

/// What a status says about liberty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Liberty {
    AtLiberty,
    InCustody,
    Unknown,
}

/// Where a detention stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody stated anything.
    Unstated,
    /// One status stands.
    Stated { key: Key, status: Term, decided: bool, confirmed: bool },
    /// Sources disagree about liberty; every voice by entry key.
    Contested { voices: Vec<(Key, Term)> },
}

impl Standing {
    /// Tells whether the clock runs: nobody has settled that the person is free.
    pub fn clock_runs(&self) -> bool {
        match self {
            Standing::Unstated | Standing::Contested { .. } => true,
            Standing::Stated { status, confirmed, .. } => liberty(status) != Liberty::AtLiberty || !confirmed,
        }
    }

    /// Tells whether sources disagree.
    pub fn is_contested(&self) -> bool {
        matches!(self, Standing::Contested { .. })
    }
}

/// Returns what a status says about liberty; a status the vocabulary does not know says nothing.
pub fn liberty(status: &Term) -> Liberty {
    match vocabulary::term("status", status.as_str()).and_then(|term| term.detail("liberty")) {
        Some("at_liberty") => Liberty::AtLiberty,
        Some("in_custody") => Liberty::InCustody,
        _ => Liberty::Unknown,
    }
}

fn flag(status: &Term, name: &str) -> bool {
    vocabulary::term("status", status.as_str()).is_some_and(|term| term.flag(name))
}

/// One statement that has not been taken back.
struct Statement<'a> {
    key: &'a Key,
    status: &'a Term,
    teller: String,
    span: Span,
    recorded: i64,
}

/// Returns the keys that a later entry of the log takes back.
pub fn retracted<'a>(entries: impl Iterator<Item = Option<&'a Key>>) -> BTreeSet<&'a Key> {
    entries.flatten().collect()
}

/// Decides where a detention stands from its statements and the decisions about them.
///
/// `stamp` returns who recorded the entry with a key. The rule: each source counts with its newest statement; when two
/// sources disagree about liberty the status is contested, whatever the times they name, until somebody decides. A
/// statement that only begins the detention is no contradiction to what another source says happened after it.
pub fn standing(detention: &Detention, stamp: &dyn Fn(&Key) -> Stamp) -> Standing {
    let statements = newest_of_each(statements(detention, stamp));
    let standing: Vec<&Statement> = statements.iter().filter(|s| !is_overtaken(s, &statements)).collect();
    let says = |what| standing.iter().any(|s| liberty(s.status) == what);
    if !(says(Liberty::AtLiberty) && says(Liberty::InCustody)) {
        return latest(&standing, detention, stamp);
    }
    let voices: Vec<(Key, Term)> = standing.iter().map(|s| (s.key.clone(), s.status.clone())).collect();
    let verdicts = detention.meta.as_ref().map(|meta| &meta.verdicts);
    match verdicts.and_then(|verdicts| chosen(verdicts, "status", &voices.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>())) {
        Some(chosen) => decided(&voices, &chosen),
        None => Standing::Contested { voices },
    }
}

fn decided(voices: &[(Key, Term)], chosen: &str) -> Standing {
    match voices.iter().find(|(key, _)| key.as_str() == chosen) {
        Some((key, status)) => Standing::Stated { key: key.clone(), status: status.clone(), decided: true, confirmed: true },
        None => Standing::Contested { voices: voices.to_vec() },
    }
}

fn statements<'a>(detention: &'a Detention, stamp: &dyn Fn(&Key) -> Stamp) -> Vec<Statement<'a>> {
    let gone = retracted(detention.transitions.values().map(|t| t.retracts.as_ref()));
    let live = detention.transitions.iter().filter(|(key, _)| !gone.contains(key));
    live.filter_map(|(key, transition)| {
        let Stamp { by, at } = stamp(key);
        let span = transition.effective.as_ref().map_or(Span::UNKNOWN, super::value::When::span);
        Some(Statement { key, status: transition.status.as_ref()?, teller: teller(transition, &by), span, recorded: at })
    })
    .collect()
}

/// Who makes a statement: a source by its code, publications and papers together, else who told it to whom.
fn teller(transition: &Transition, by: &str) -> String {
    let told_by = transition.told_by.as_ref().map_or("own", Term::as_str);
    let on_paper = matches!(transition.basis.as_ref().map(Term::as_str), Some("document" | "media"));
    match &transition.source {
        Some(code) => format!("source {code}"),
        None if told_by == "document" || (transition.told_by.is_none() && (on_paper || !transition.cites.is_empty())) => "papers".into(),
        None => format!("{told_by} to {by}"),
    }
}

fn newest_of_each(statements: Vec<Statement>) -> Vec<Statement> {
    let mut newest: BTreeMap<String, Statement> = BTreeMap::new();
    for statement in statements {
        match newest.get(&statement.teller) {
            Some(known) if order(known) >= order(&statement) => {}
            _ => {
                newest.insert(statement.teller.clone(), statement);
            }
        }
    }
    newest.into_values().collect()
}

fn order<'a>(s: &Statement<'a>) -> (i64, i64, i64, &'a Key) {
    (s.span.earliest, s.span.latest, s.recorded, s.key)
}

/// An apprehension is no contradiction to what happened later.
fn is_overtaken(statement: &Statement, all: &[Statement]) -> bool {
    flag(statement.status, "intake") && all.iter().any(|other| !flag(other.status, "intake") && statement.span.is_before(&other.span))
}

fn latest(standing: &[&Statement], detention: &Detention, stamp: &dyn Fn(&Key) -> Stamp) -> Standing {
    let Some(last) = standing.iter().max_by_key(|s| order(s)) else { return Standing::Unstated };
    let confirmed = !flag(last.status, "release") || is_confirmed(detention, stamp);
    Standing::Stated { key: last.key.clone(), status: last.status.clone(), decided: false, confirmed }
}

/// A release is only reported until the person, a lawyer, a paper or two independent sources say so.
fn is_confirmed(detention: &Detention, stamp: &dyn Fn(&Key) -> Stamp) -> bool {
    let releases: Vec<Statement> = statements(detention, stamp).into_iter().filter(|s| flag(s.status, "release")).collect();
    let sure = |key: &Key| {
        let told_by = detention.transitions[key].told_by.as_ref().map(Term::as_str);
        matches!(told_by, Some("victim" | "self" | "lawyer" | "document" | "own") | None)
    };
    let tellers: BTreeSet<&String> = releases.iter().map(|s| &s.teller).collect();
    tellers.len() >= 2 || releases.iter().any(|s| sure(s.key))
}

/// Returns the voice that the decisions about `about` choose among `voices`, when one stands and knows all of them.
///
/// Two standing decisions that choose differently choose nothing.
pub fn chosen(verdicts: &Keyed<Verdict>, about: &str, voices: &[String]) -> Option<String> {
    let gone = retracted(verdicts.values().map(|v| v.retracts.as_ref()));
    let knows = |v: &Verdict| {
        let known: BTreeSet<&str> = v.over.iter().map(Term::as_str).chain(v.chosen.as_ref().map(|c| c.as_str())).collect();
        voices.iter().all(|voice| known.contains(voice.as_str()))
    };
    let standing = verdicts.iter().filter(|(key, v)| !gone.contains(key) && v.about.as_ref().is_some_and(|a| a.as_str() == about) && knows(v));
    let choices: BTreeSet<&str> = standing.filter_map(|(_, v)| v.chosen.as_ref()).map(|c| c.as_str()).collect();
    match choices.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    }
}

/// Returns the moment the clock started, in minutes since 1970 UTC, as (earliest, latest); `None` when nobody knows.
pub fn clock_start(detention: &Detention) -> Option<Span> {
    let stated = detention.apprehended_at.as_ref();
    let first = detention.transitions.values().filter(|t| t.status.as_ref().is_some_and(|s| s.as_str() == "apprehended"));
    let span = stated.or_else(|| first.filter_map(|t| t.effective.as_ref()).min_by_key(|when| when.span().earliest))?.span();
    (span.earliest != i64::MIN && span.latest != i64::MAX).then_some(span)
}
