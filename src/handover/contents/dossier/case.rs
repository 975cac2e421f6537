//! The records of a bundle as typed values, and which of them belong to whom.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::voices::{self, Heard};
use crate::handover::choice::given::{Given, GivenRecord};
use crate::locale::Texts;
use crate::model::entity::{Act, Action, Consent, Decision, Detention, Evidence, Mandate, Person, Place, Trial};
use crate::model::value::{PlaceRef, Ref, When};
use crate::model::{Kind, Record};
use crate::words;

/// A record with what it says.
pub struct Read<'a, T> {
    pub record: &'a GivenRecord,
    pub said: T,
}

/// Every record that says something about people; what was recorded by mistake is left out of all but `withdrawn`.
pub struct Case<'a> {
    pub given: &'a Given,
    pub people: Vec<Read<'a, Person>>,
    pub detentions: Vec<Read<'a, Detention>>,
    pub acts: Vec<Read<'a, Act>>,
    pub trials: Vec<Read<'a, Trial>>,
    pub evidence: Vec<Read<'a, Evidence>>,
    pub consents: Vec<Read<'a, Consent>>,
    pub mandates: Vec<Read<'a, Mandate>>,
    pub actions: Vec<Read<'a, Action>>,
    pub decisions: Vec<Read<'a, Decision>>,
    pub places: Vec<Read<'a, Place>>,
    /// Recorded by mistake, as their authors say.
    pub withdrawn: Vec<&'a GivenRecord>,
    by_id: BTreeMap<&'a str, &'a GivenRecord>,
    place_names: BTreeMap<&'a str, usize>,
}

/// One person whom the bundle is about, with the records that belong to them.
pub struct Client<'a> {
    pub person: &'a Read<'a, Person>,
    pub detentions: Vec<&'a Read<'a, Detention>>,
    pub acts: Vec<&'a Read<'a, Act>>,
    pub trials: Vec<&'a Read<'a, Trial>>,
    pub consents: Vec<&'a Read<'a, Consent>>,
    pub mandates: Vec<&'a Read<'a, Mandate>>,
    pub actions: Vec<&'a Read<'a, Action>>,
    pub decisions: Vec<&'a Read<'a, Decision>>,
}

macro_rules! all_of {
    ($given:expr, $kind:ident) => {
        $given
            .of(Kind::$kind)
            .filter(|record| !is_withdrawn(record))
            .filter_map(|record| match Record::from_tree(Kind::$kind, &voices::settled(record)) {
                Ok(Record::$kind(said)) => Some(Read { record, said: *said }),
                _ => None,
            })
            .collect()
    };
}

/// Tells whether its author says that a record was made by mistake.
pub fn is_withdrawn(record: &GivenRecord) -> bool {
    crate::model::tree::value_at(&record.tree, "meta/withdrawn").and_then(Value::as_bool).unwrap_or(false)
}

fn is(found: Option<&Ref>, id: &str) -> bool {
    found.is_some_and(|found| found.as_str() == id)
}

impl<'a> Case<'a> {
    /// Reads the records of a bundle.
    pub fn of(given: &'a Given) -> Self {
        let places: Vec<Read<Place>> = all_of!(given, Place);
        Case {
            by_id: given.records.iter().map(|record| (record.id.as_str(), record)).collect(),
            place_names: places.iter().enumerate().map(|(at, place)| (place.record.id.as_str(), at)).collect(),
            given,
            people: all_of!(given, Person),
            detentions: all_of!(given, Detention),
            acts: all_of!(given, Act),
            trials: all_of!(given, Trial),
            evidence: all_of!(given, Evidence),
            consents: all_of!(given, Consent),
            mandates: all_of!(given, Mandate),
            actions: all_of!(given, Action),
            decisions: all_of!(given, Decision),
            places,
            withdrawn: given.records.iter().filter(|record| is_withdrawn(record)).collect(),
        }
    }

    /// Finds a record by its id.
    pub fn record(&self, id: &str) -> Option<&'a GivenRecord> {
        self.by_id.get(id).copied()
    }

    /// Tells whether a record could not be read as its kind, so that nothing above its fields speaks of it.
    pub fn is_unread(&self, record: &GivenRecord) -> bool {
        Record::from_tree(record.kind, &record.tree).is_err()
    }

    /// Returns the people whom the bundle is about, in its order.
    pub fn clients(&self) -> Vec<Client<'_>> {
        let person = |id: &String| self.people.iter().find(|person| person.record.id == *id);
        self.given.clients.iter().filter_map(person).map(|person| self.client(person)).collect()
    }

    fn client<'b>(&'b self, person: &'b Read<'a, Person>) -> Client<'b> {
        let id = person.record.id.as_str();
        let mut detentions: Vec<&Read<Detention>> = self.detentions.iter().filter(|d| d.said.person.as_str() == id).collect();
        detentions.sort_by_key(|d| (began(d), &d.record.id));
        let acts = self.acts.iter().filter(|a| is(a.said.victim.as_ref(), id)).collect();
        let trials: Vec<&Read<Trial>> = self.trials.iter().filter(|t| concerns(&t.said, id)).collect();
        let held: BTreeSet<&str> = detentions.iter().map(|d| d.record.id.as_str()).collect();
        let tried: BTreeSet<&str> = trials.iter().map(|t| t.record.id.as_str()).collect();
        let among = |found: &Option<Ref>, ids: &BTreeSet<&str>| found.as_ref().is_some_and(|found| ids.contains(found.as_str()));
        let actions = self.actions.iter().filter(|a| is(a.said.person.as_ref(), id) || among(&a.said.detention, &held) || among(&a.said.trial, &tried));
        let decisions = self.decisions.iter().filter(|d| is(d.said.person.as_ref(), id) || among(&d.said.trial, &tried));
        Client {
            person,
            consents: self.consents.iter().filter(|c| c.said.subject.as_str() == id).collect(),
            mandates: self.mandates.iter().filter(|m| m.said.principal.as_str() == id).collect(),
            actions: actions.collect(),
            decisions: decisions.collect(),
            detentions,
            acts,
            trials,
        }
    }

    /// Returns a place in words: the name of its record in the language of the texts, a ready place, or what was said.
    pub fn place(&self, texts: &Texts, place: &PlaceRef) -> String {
        let known = place.record.as_ref().and_then(|id| self.place_names.get(id.as_str())).map(|at| &self.places[*at]);
        match known {
            Some(known) => name_of(texts, known).unwrap_or_else(|| known.record.code.clone()),
            None => words::place(texts, &PlaceRef { record: None, ..place.clone() }),
        }
    }

    /// Returns what a person is called: the names as recorded, else the code.
    pub fn names(&self, texts: &Texts, person: &Read<Person>) -> String {
        let names = names(texts, person.record);
        if names.is_empty() { words::clean(&person.record.code) } else { names }
    }
}

impl<'a> Client<'a> {
    /// Returns the ids of everything that belongs to this person.
    pub fn ids(&self) -> BTreeSet<&str> {
        self.records().map(|record| record.id.as_str()).collect()
    }

    /// Returns every record that belongs to this person.
    pub fn records(&self) -> impl Iterator<Item = &'a GivenRecord> {
        let all = std::iter::once(self.person.record)
            .chain(self.detentions.iter().map(|r| r.record))
            .chain(self.acts.iter().map(|r| r.record))
            .chain(self.trials.iter().map(|r| r.record))
            .chain(self.consents.iter().map(|r| r.record))
            .chain(self.mandates.iter().map(|r| r.record))
            .chain(self.actions.iter().map(|r| r.record))
            .chain(self.decisions.iter().map(|r| r.record));
        all.collect::<Vec<_>>().into_iter()
    }
}

/// Returns every form of a name as recorded; nothing where there is none.
pub fn names(texts: &Texts, record: &GivenRecord) -> String {
    let forms = record.tree.get("names").and_then(Value::as_object).into_iter().flatten();
    let form = |(key, _): (&String, &Value)| line(texts, record, &format!("names/{key}/text"));
    forms.filter_map(form).collect::<Vec<_>>().join(" / ")
}

/// Returns a text of a record in one line, every voice where it is contested; none where it is not recorded.
pub fn line(texts: &Texts, record: &GivenRecord, path: &str) -> Option<String> {
    let heard = voices::heard(record, path).read(|value| value.as_str().map(words::clean));
    Some(joined(texts, &heard)).filter(|line| !line.is_empty())
}

/// Returns tellings in one line of plain letters: the one that stands, else all of them behind a word.
pub fn joined(texts: &Texts, heard: &Heard<String>) -> String {
    let mut values: Vec<&str> = Vec::new();
    for told in heard.standing() {
        if !values.contains(&told.value.as_str()) {
            values.push(&told.value);
        }
    }
    let values = values.join(" | ");
    if heard.is_contested { texts.with("dossier-contested-values", &[("values", &values)]) } else { values }
}

/// The earliest minute that any voice gives for the beginning.
fn began(detention: &Read<Detention>) -> i64 {
    let heard = voices::read::<When>(detention.record, "apprehended_at");
    heard.standing().iter().map(|told| super::dates::order(&told.value)).min().unwrap_or(i64::MAX)
}

fn concerns(trial: &Trial, person: &str) -> bool {
    let accused = trial.hearings.values().flat_map(|hearing| hearing.observations.values()).flat_map(|seen| seen.accused.values());
    trial.parties.values().any(|party| is(party.person.as_ref(), person))
        || trial.charges.values().any(|charge| is(charge.person.as_ref(), person))
        || trial.outcomes.values().any(|outcome| is(outcome.person.as_ref(), person))
        || accused.into_iter().any(|accused| is(accused.person.as_ref(), person))
}

fn name_of(texts: &Texts, place: &Read<Place>) -> Option<String> {
    let order = match texts.lang() {
        "kk" => ["name_kk", "name_ru", "name_en"],
        "ru" => ["name_ru", "name_kk", "name_en"],
        _ => ["name_en", "name_ru", "name_kk"],
    };
    let known = || place.said.known.as_ref().map(|code| words::term(texts, "place", code.as_str()));
    let name = order.into_iter().find_map(|name| line(texts, place.record, name)).or_else(known)?;
    Some(line(texts, place.record, "city").map_or(name.clone(), |city| format!("{name}, {city}")))
}
