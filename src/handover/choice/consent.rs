//! What people allowed: standing consent for each purpose, powers of attorney, and the ground on which a hand-over stands.
//! Where anything is in doubt, the answer is no.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::choose::{person_of, reference};
use crate::model::entity::{Consent, ConsentStatement, Mandate};
use crate::model::liberty::retracted;
use crate::model::value::{Answer, Span, Term, Tri, When};
use crate::model::{Kind, Record};
use crate::vault::{Body, Line};

/// What a person said about one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// Yes, and it stands.
    Given,
    /// Nobody recorded a word, and it is vital: to keep what was recorded, and to tell a lawyer.
    VitalInterest,
    /// Nobody asked.
    NotAsked,
    /// No, unclear, or withdrawn.
    Refused,
    /// Yes, for a time that is over.
    Expired,
    /// Statements that contradict each other, and no order between them.
    Contradictory,
}

impl Word {
    /// Tells whether it allows anything.
    pub fn allows(self) -> bool {
        matches!(self, Word::Given | Word::VitalInterest)
    }
}

/// On what a hand-over about one person stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "ground")]
pub enum Basis {
    Consent {
        purpose: String,
    },
    Mandate {
        /// Id of the record.
        record: String,
    },
    VitalInterest {
        purpose: String,
    },
    /// A reason given by word of mouth, with the day until which the paper is due.
    Oral {
        reason: String,
        due: String,
    },
    None {
        word: Word,
    },
}

/// A reason given by word of mouth instead of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oral {
    pub reason: String,
    /// The day until which the paper is due, e.g. `2026-05-03`.
    pub due: String,
}

/// Scopes of a power of attorney on which a lawyer gets a case file.
pub const LAWYER_SCOPES: &[&str] = &["detention", "criminal_case", "un_wgad", "un_hrc", "un_cat", "collective_complaint"];
/// Purposes that stand without a word of consent.
const VITAL: &[&str] = &["keep_in_database", "share_with_lawyer"];

/// The consents and powers of attorney of a casebook that count, by person.
#[derive(Debug, Default)]
pub struct Papers<'a>(BTreeMap<(Kind, String), Vec<&'a (Line, Body)>>);

impl<'a> Papers<'a> {
    /// Gathers them from all records.
    pub fn of(all: &'a [(Line, Body)]) -> Papers<'a> {
        let mut papers: BTreeMap<(Kind, String), Vec<&'a (Line, Body)>> = BTreeMap::new();
        for record in all.iter().filter(|(line, _)| line.copy_of.is_none() && !line.withdrawn) {
            let kind = Kind::named(&record.0.kind).filter(|kind| matches!(kind, Kind::Consent | Kind::Mandate));
            if let Some((kind, person)) = kind.and_then(|kind| Some((kind, person_of(kind, &record.1.tree)?))) {
                papers.entry((kind, person.to_owned())).or_default().push(record);
            }
        }
        Papers(papers)
    }

    fn about(&self, kind: Kind, person: &str) -> &[&'a (Line, Body)] {
        self.0.get(&(kind, person.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// Returns what a person said about a purpose, as it stands at a time in seconds since 1970.
pub fn word(papers: &Papers, person: &str, purpose: &str, at: i64) -> Word {
    let term: Option<Term> = purpose.parse().ok();
    let answer = |statement: &ConsentStatement| term.as_ref().and_then(|term| statement.purposes.get(term).cloned());
    match standing(papers, person, &answer, at) {
        Word::NotAsked if VITAL.contains(&purpose) => Word::VitalInterest,
        word => word,
    }
}

/// Returns what a person said about sending allegations of torture.
pub fn torture_word(papers: &Papers, person: &str, at: i64) -> Word {
    standing(papers, person, &|statement| statement.torture_allegation_may_be_sent.clone(), at)
}

/// Returns the power of attorney on which a lawyer gets a person's file: the id of the record that stands.
pub fn mandate<'a>(papers: &Papers<'a>, person: &str, scopes: &[&str], at: i64) -> Option<&'a str> {
    let of_person = papers.about(Kind::Mandate, person);
    let valid = |(_, body): &(Line, Body)| match Record::from_tree(Kind::Mandate, &body.tree) {
        Ok(Record::Mandate(mandate)) => body.voices.is_empty() && is_valid(&mandate, scopes, at),
        _ => false,
    };
    of_person.iter().filter(|record| valid(record)).map(|(line, _)| line.id.as_str()).min()
}

fn is_valid(mandate: &Mandate, scopes: &[&str], at: i64) -> bool {
    let minute = at.div_euclid(60);
    let span = |when: &Option<When>| when.as_ref().map(When::span);
    let begun = [&mandate.signed_at, &mandate.valid_from].into_iter().all(|when| span(when).is_none_or(|span| span.earliest <= minute));
    let lasts = span(&mandate.valid_to).is_none_or(|span| span.latest >= minute);
    let revoked = span(&mandate.revoked_at).is_some_and(|span| span.earliest <= minute);
    begun && lasts && !revoked && mandate.scope.iter().any(|scope| scopes.contains(&scope.as_str()))
}

/// One statement about one purpose.
struct Stated {
    span: Span,
    says: Word,
}

type Pick<'p> = &'p dyn Fn(&ConsentStatement) -> Option<Answer>;

fn standing(papers: &Papers, person: &str, pick: Pick, at: i64) -> Word {
    let mut stated = Vec::new();
    for (_, body) in papers.about(Kind::Consent, person) {
        let Ok(Record::Consent(consent)) = Record::from_tree(Kind::Consent, &body.tree) else { return Word::Contradictory };
        if !body.voices.is_empty() {
            return Word::Contradictory;
        }
        stated.extend(statements(&consent, body, pick, at));
    }
    let last = |one: &&Stated| !stated.iter().any(|other| one.span.is_before(&other.span));
    let newest: Vec<Word> = stated.iter().filter(last).map(|one| one.says).collect();
    match newest.as_slice() {
        [] => Word::NotAsked,
        [first, rest @ ..] if rest.iter().all(|word| word == first) => *first,
        _ => Word::Contradictory,
    }
}

/// Statements about a purpose that nobody took back.
fn statements(consent: &Consent, body: &Body, pick: Pick, at: i64) -> Vec<Stated> {
    let gone = retracted(consent.statements.values().map(|statement| statement.retracts.as_ref()));
    let live = consent.statements.iter().filter(|(key, _)| !gone.contains(key));
    let recorded = |key: &str| body.entries.get(&format!("statements/{key}")).map_or(Span::UNKNOWN, |mark| minute(mark.at));
    let stated = live.filter_map(|(key, statement)| {
        let says = says(statement, pick, at)?;
        let span = statement.stated.as_ref().map_or_else(|| recorded(key.as_str()), When::span);
        // A yes that nobody has said yet allows nothing.
        let later = says == Word::Given && span != Span::UNKNOWN && span.earliest > at.div_euclid(60);
        (!later).then_some(Stated { span, says })
    });
    stated.collect()
}

fn minute(at: i64) -> Span {
    Span { earliest: at.div_euclid(60), latest: at.div_euclid(60) }
}

/// What one statement says. One that withdraws without naming a purpose withdraws every one.
fn says(statement: &ConsentStatement, pick: Pick, at: i64) -> Option<Word> {
    let answer = pick(statement);
    let withdrawn = statement.withdrawn == Some(true);
    let names_nothing = statement.purposes.is_empty() && statement.torture_allegation_may_be_sent.is_none();
    if withdrawn && (answer.is_some() || names_nothing) {
        return Some(Word::Refused);
    }
    let over = statement.expires.as_ref().is_some_and(|expires| expires.span().earliest <= at.div_euclid(60));
    match answer?.value {
        Tri::Yes if over => Some(Word::Expired),
        Tri::Yes => Some(Word::Given),
        Tri::No | Tri::Unclear => Some(Word::Refused),
        Tri::NotApplicable => None,
    }
}

/// Finds the ground on which a lawyer gets the file of a person; `oral` is what the caller was told instead of a paper.
///
/// A refusal stands above every paper. `None` with [`Word::VitalInterest`] or [`Word::Given`] means that a reason is asked for.
pub fn lawyer_basis(papers: &Papers, person: &str, oral: Option<&Oral>, at: i64) -> Basis {
    let word = word(papers, person, "share_with_lawyer", at);
    if !word.allows() {
        return Basis::None { word };
    }
    match (mandate(papers, person, LAWYER_SCOPES, at), oral) {
        (Some(record), _) => Basis::Mandate { record: record.to_owned() },
        (None, Some(Oral { reason, due })) => Basis::Oral { reason: reason.clone(), due: due.clone() },
        (None, None) => Basis::None { word },
    }
}

/// Finds the ground on which others get something of a person.
pub fn purpose_basis(papers: &Papers, person: &str, purpose: &str, at: i64) -> Basis {
    match word(papers, person, purpose, at) {
        Word::Given => Basis::Consent { purpose: purpose.to_owned() },
        Word::VitalInterest => Basis::VitalInterest { purpose: purpose.to_owned() },
        word => Basis::None { word },
    }
}

/// Acts that are no allegation of torture by themselves: everything else needs the person's word.
const NO_ALLEGATION: &[&str] = &[
    "denial_of_lawyer",
    "denial_of_visit",
    "phone_search",
    "fingerprinting",
    "photo",
    "dna",
    "search_home",
    "search_office",
    "search_lawyer_office",
    "equipment_confiscation",
    "surveillance",
    "summons",
    "exit_ban",
    "expulsion",
    "dismissal_from_job",
    "financial_blacklisting",
    "defamation_suit",
    "site_blocking",
    "account_blocking",
];

/// Tells whether an act alleges torture or other ill-treatment.
pub fn alleges_torture(act: &Body) -> bool {
    let tree = &act.tree;
    let harmless = reference(tree, "category").is_some_and(|category| NO_ALLEGATION.contains(&category)) && !act.voices.contains_key("category");
    !harmless || ["injuries", "medical", "methods"].iter().any(|field| tree.contains_key(*field)) || reference(tree, "statements_signed") == Some("forced")
}

/// Tells whether an allegation may go: the act or the consent says yes, and neither says anything else.
pub fn allegation_goes(act: &Body, word: Word) -> bool {
    let contested = act.voices.contains_key("torture_allegation_may_be_sent");
    let own = act.tree.get("torture_allegation_may_be_sent").and_then(|answer| answer.get("value")).and_then(Value::as_str);
    match (own, word) {
        _ if contested => false,
        (Some("yes"), Word::Given | Word::NotAsked) => true,
        (None | Some("not_applicable"), Word::Given) => true,
        _ => false,
    }
}
