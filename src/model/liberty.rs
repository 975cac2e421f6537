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
    /// Nobody knows where the person is.
    Unknown,
}

/// Where a detention stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody stated anything.
    Unstated,
    /// One status stands, on the ground of the newest statement that says anything about liberty.
    Stated { key: Key, status: Term, ground: Ground },
    /// Sources disagree about liberty; every voice by entry key.
    Contested { voices: Vec<(Key, Term)> },
}

/// The statement by which a person is free, held or lost; a charge or a sentence after it changes nothing about that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    pub key: Key,
    pub status: Term,
    /// Somebody decided for this statement against others.
    pub decided: bool,
    /// False while a release is only reported.
    pub confirmed: bool,
}

impl Standing {
    /// Tells whether the clock runs: nobody has settled that the person is free or dead.
    pub fn clock_runs(&self) -> bool {
        match self {
            Standing::Unstated | Standing::Contested { .. } => true,
            Standing::Stated { ground, .. } => !ground.stops_the_clock(),
        }
    }

    /// Tells whether sources disagree.
    pub fn is_contested(&self) -> bool {
        matches!(self, Standing::Contested { .. })
    }
}

impl Ground {
    fn stops_the_clock(&self) -> bool {
        flag(&self.status, "final") || (self.confirmed && liberty(&self.status) == Some(Liberty::AtLiberty))
    }
}

/// Returns what a status says about liberty; `None` where it leaves liberty as it was, as a charge does, or where the
/// vocabulary does not know it.
pub fn liberty(status: &Term) -> Option<Liberty> {
    match vocabulary::term("status", status.as_str()).and_then(|term| term.detail("liberty")) {
        Some("at_liberty") => Some(Liberty::AtLiberty),
        Some("in_custody") => Some(Liberty::InCustody),
        Some("unknown") => Some(Liberty::Unknown),
        _ => None,
    }
}

fn flag(status: &Term, name: &str) -> bool {
    vocabulary::term("status", status.as_str()).is_some_and(|term| term.flag(name))
}

/// One statement that has not been taken back.
#[derive(Clone)]
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
/// `stamp` returns who recorded the entry with a key. The rule: each source counts with the newest statement in which it
/// says something about liberty; when two sources disagree the status is contested, whatever the times they name, until
/// somebody decides. A statement that only begins the detention is no contradiction to what another source says happened
/// after it. A status that says nothing about liberty is shown, and what was known before it stays.
pub fn standing(detention: &Detention, stamp: &dyn Fn(&Key) -> Stamp) -> Standing {
    let all = statements(detention, stamp);
    let (telling, silent): (Vec<Statement>, Vec<Statement>) = all.into_iter().partition(|s| liberty(s.status).is_some());
    let newest = newest_of_each(&telling);
    let voices: Vec<&Statement> = newest.iter().filter(|s| !is_overtaken(s, &newest)).collect();
    let Some(last) = voices.iter().copied().max_by_key(|s| order(s)).or_else(|| newest_of(&silent)) else { return Standing::Unstated };
    if !disagree(&voices) {
        return stated(last, false, is_confirmed(last, &telling, detention), &silent);
    }
    match chosen_of(detention, &voices) {
        Some(statement) => stated(statement, true, true, &silent),
        None => Standing::Contested { voices: voices.iter().map(|s| (s.key.clone(), s.status.clone())).collect() },
    }
}

/// The standing on the ground of one statement, under the newest status that says nothing more about liberty.
fn stated(on: &Statement, decided: bool, confirmed: bool, silent: &[Statement]) -> Standing {
    let shown = newest_of(silent).filter(|s| order(s) > order(on)).unwrap_or(on);
    let ground = Ground { key: on.key.clone(), status: on.status.clone(), decided, confirmed };
    Standing::Stated { key: shown.key.clone(), status: shown.status.clone(), ground }
}

fn disagree(voices: &[&Statement]) -> bool {
    let says = |what| voices.iter().any(|s| liberty(s.status) == Some(what));
    says(Liberty::AtLiberty) && says(Liberty::InCustody)
}

/// The voice that a standing decision chose.
fn chosen_of<'a, 'b>(detention: &Detention, voices: &[&'b Statement<'a>]) -> Option<&'b Statement<'a>> {
    let ids: Vec<String> = voices.iter().map(|s| s.key.to_string()).collect();
    let choice = chosen(&detention.meta.as_ref()?.verdicts, "status", &ids)?;
    voices.iter().copied().find(|s| s.key.as_str() == choice)
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

fn newest_of_each<'a>(statements: &[Statement<'a>]) -> Vec<Statement<'a>> {
    let mut newest: BTreeMap<&str, &Statement> = BTreeMap::new();
    for statement in statements {
        match newest.get(statement.teller.as_str()) {
            Some(known) if order(known) >= order(statement) => {}
            _ => {
                newest.insert(&statement.teller, statement);
            }
        }
    }
    newest.into_values().cloned().collect()
}

fn newest_of<'a, 'b>(statements: &'b [Statement<'a>]) -> Option<&'b Statement<'a>> {
    statements.iter().max_by_key(|s| order(s))
}

fn order<'a>(s: &Statement<'a>) -> (i64, i64, i64, &'a Key) {
    (moment(s), s.span.latest, s.recorded, s.key)
}

/// The minute by which statements are ordered. One that names no beginning is as old as its recording at most:
/// "arrested again" without a time is newer than a release of last month.
fn moment(s: &Statement) -> i64 {
    if s.span.earliest > i64::MIN { s.span.earliest } else { s.span.latest.min(s.recorded.div_euclid(60)) }
}

/// An apprehension is no contradiction to what happened later, a warning not even to the apprehension after it. Without
/// a time to say otherwise it is what began.
fn is_overtaken(statement: &Statement, all: &[Statement]) -> bool {
    let intake = |s: &Statement| flag(s.status, "intake");
    let takes = intake(statement) && liberty(statement.status) == Some(Liberty::InCustody);
    let later = |other: &Statement| {
        let untimed = statement.span == Span::UNKNOWN || other.span == Span::UNKNOWN;
        statement.key != other.key && (untimed || statement.span.is_before(&other.span))
    };
    intake(statement) && all.iter().any(|other| later(other) && !(takes && intake(other)))
}

/// A release is only reported until the person, a lawyer, a paper or two independent sources say so. What they said
/// before the person was taken again confirms nothing.
fn is_confirmed(ground: &Statement, telling: &[Statement], detention: &Detention) -> bool {
    let held: Vec<&Statement> = telling.iter().filter(|s| liberty(s.status) == Some(Liberty::InCustody)).collect();
    let lasts = |s: &&Statement| flag(s.status, "release") && !held.iter().any(|h| s.span.is_before(&h.span));
    let releases: Vec<&Statement> = telling.iter().filter(lasts).collect();
    let sure = |key: &Key| {
        let transition = &detention.transitions[key];
        match transition.told_by.as_ref().map(Term::as_str) {
            Some(told_by) => matches!(told_by, "victim" | "lawyer" | "document" | "own"),
            // A source known only by its code is one source, whoever it is.
            None => transition.source.is_none(),
        }
    };
    let tellers: BTreeSet<&String> = releases.iter().map(|s| &s.teller).collect();
    !flag(ground.status, "release") || tellers.len() >= 2 || releases.iter().any(|s| sure(s.key))
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
    let gone = retracted(detention.transitions.values().map(|t| t.retracts.as_ref()));
    let live = detention.transitions.iter().filter(|(key, _)| !gone.contains(key)).map(|(_, t)| t);
    let first = live.filter(|t| t.status.as_ref().is_some_and(|s| s.as_str() == "apprehended"));
    let span = stated.or_else(|| first.filter_map(|t| t.effective.as_ref()).min_by_key(|when| when.span().earliest))?.span();
    (span.earliest != i64::MIN && span.latest != i64::MAX).then_some(span)
}
