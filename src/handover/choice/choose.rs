//! What belongs to a hand-over: from all records of a casebook to those about some people, one incident or a search.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::subjects::{Subjects, Ties};
use super::withheld::Reason;
use crate::model::draft::terms_used;
use crate::model::tree::refs;
use crate::model::{Kind, Tree};
use crate::vault::{Body, Line};

/// Whom or what a hand-over is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// People with everything about them.
    People(BTreeSet<String>),
    /// An incident with everybody detained or harmed in it.
    Incident(String),
    /// These records and the people whom they are about: what a search found.
    Records(BTreeSet<String>),
    /// Everything there is.
    Casebook,
}

/// A record with its kind.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub kind: Kind,
    pub line: &'a Line,
    pub body: &'a Body,
}

/// What belongs to a subject, before anything of it is withheld.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The people whom it is about.
    pub clients: BTreeSet<String>,
    /// By kind, then by id.
    pub records: Vec<Found<'a>>,
    /// Records that are in it for themselves and not because others name them.
    pub core: BTreeSet<String>,
    /// Records that touch it and stay out.
    pub left_out: Vec<(Kind, Reason)>,
    /// Every record of the casebook: whose names must not slip into a text.
    pub all: &'a [(Line, Body)],
    /// Texts of the source register by their sealed form, as far as this device opens them: these names must not slip in either.
    pub opened: BTreeMap<String, String>,
}

/// Chooses the records that belong to a subject; `also` names shared files that somebody looked at and wants in.
pub fn choose<'a>(all: &'a [(Line, Body)], subject: &Subject, also: &BTreeSet<String>) -> Choice<'a> {
    let records: BTreeMap<&str, Found<'a>> = found_in(all).map(|found| (found.line.id.as_str(), found)).collect();
    let clients = clients(&records, subject);
    let mut chooser = Chooser { records, subject, also, clients, chosen: BTreeSet::new(), left_out: BTreeMap::new() };
    chooser.core();
    let core = chooser.chosen.iter().map(|id| (*id).to_owned()).collect();
    chooser.supports();
    chooser.evidence();
    chooser.supports();
    chooser.terms();
    chooser.strangers();
    chooser.finished(all, core)
}

/// Returns every record of a kind that is known here.
pub(super) fn found_in<'a>(all: &'a [(Line, Body)]) -> impl Iterator<Item = Found<'a>> {
    all.iter().filter_map(|(line, body)| Some(Found { kind: Kind::named(&line.kind)?, line, body }))
}

/// Returns the people whom somebody said to be the same human being as one of these, and nobody contradicts: they do not come along by
/// themselves, and a caller may say so.
pub fn same_as(all: &[(Line, Body)], people: &BTreeSet<String>) -> BTreeSet<String> {
    let of_people = || all.iter().filter(|(line, _)| line.kind == Kind::Person.code() && stays_out(line).is_none());
    let counted: BTreeSet<&str> = of_people().map(|(line, _)| line.id.as_str()).collect();
    let mut verdicts: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for (pair, verdict) in of_people().flat_map(|(line, body)| links(&line.id, &body.tree)) {
        verdicts.entry(pair).or_default().insert(verdict);
    }
    let same = verdicts.into_iter().filter(|(_, said)| said.len() == 1 && said.contains("same")).map(|(pair, _)| pair);
    let others = same.filter_map(|(a, b)| if people.contains(&a) { Some(b) } else { people.contains(&b).then_some(a) });
    others.filter(|other| !people.contains(other) && counted.contains(other.as_str())).collect()
}

/// What stands on a person's record about who they are: the two of each pair in their order, and the verdict.
fn links(id: &str, tree: &Tree) -> Vec<((String, String), String)> {
    if !tree.contains_key("links") {
        return Vec::new();
    }
    let Ok(crate::model::Record::Person(person)) = crate::model::Record::from_tree(Kind::Person, tree) else { return Vec::new() };
    let gone = crate::model::liberty::retracted(person.links.values().map(|link| link.retracts.as_ref()));
    let standing = person.links.iter().filter(|(key, link)| !gone.contains(key) && link.retracts.is_none());
    let said = standing.filter_map(|(_, link)| {
        let (own, other) = (id.to_owned(), link.other.as_ref()?.to_string());
        let verdict = link.verdict.as_ref().map(ToString::to_string).unwrap_or_default();
        Some((if own < other { (own, other) } else { (other, own) }, verdict))
    });
    said.collect()
}

/// Why a record counts nowhere.
pub(super) fn stays_out(line: &Line) -> Option<Reason> {
    match line {
        Line { copy_of: Some(_), .. } => Some(Reason::SeparateCopy),
        Line { withdrawn: true, .. } => Some(Reason::Withdrawn),
        _ => None,
    }
}

/// Returns a reference of a record by its field.
pub(super) fn reference<'t>(tree: &'t Tree, field: &str) -> Option<&'t str> {
    tree.get(field).and_then(Value::as_str)
}

/// Returns what a piece of evidence is about.
pub(super) fn targets(evidence: &Tree) -> impl Iterator<Item = &str> {
    reference(evidence, "relates_to").into_iter().chain(also_about(evidence))
}

/// Others whom a file is about as much.
pub(super) fn also_about(evidence: &Tree) -> impl Iterator<Item = &str> {
    let also = evidence.get("also_about").and_then(Value::as_object).into_iter().flat_map(Tree::values);
    also.filter_map(|subject| subject.get("record")?.as_str())
}

/// The field by which a record is about one person.
pub(super) fn about(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Detention | Kind::Action | Kind::Decision => Some("person"),
        Kind::Act => Some("victim"),
        Kind::Consent => Some("subject"),
        Kind::Mandate => Some("principal"),
        _ => None,
    }
}

/// Returns the person whom a record is about.
pub(super) fn person_of(kind: Kind, tree: &Tree) -> Option<&str> {
    reference(tree, about(kind)?)
}

/// Lists of a trial whose entries are each about one person.
const OF_ONE: &[&str] = &["parties", "charges", "outcomes"];

/// Returns the people of a trial; `None` for each of them whom no record stands for.
pub(super) fn people_of_trial(tree: &Tree) -> BTreeSet<Option<String>> {
    let entries = |list: Option<&Value>| list.and_then(Value::as_object).map(|entries| entries.values().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let person = |entry: &Value| entry.get("person").and_then(Value::as_str).map(str::to_owned);
    let named = |entry: &Value| entry.get("person").is_some();
    let mut people: BTreeSet<Option<String>> = entries(tree.get("parties")).iter().map(person).collect();
    people.extend(OF_ONE.iter().flat_map(|list| entries(tree.get(*list))).filter(named).map(|entry| person(&entry)));
    for hearing in entries(tree.get("hearings")) {
        for observation in entries(hearing.get("observations")) {
            people.extend(entries(observation.get("accused")).iter().map(person));
        }
    }
    people
}

/// Tells whether a trial has anybody besides these people in it.
pub(super) fn is_shared(tree: &Tree, clients: &BTreeSet<String>) -> bool {
    people_of_trial(tree).iter().any(|person| person.as_ref().is_none_or(|person| !clients.contains(person)))
}

fn clients(records: &BTreeMap<&str, Found>, subject: &Subject) -> BTreeSet<String> {
    let counted = || records.values().filter(|found| stays_out(found.line).is_none());
    let is_person = |id: &&String| records.get(id.as_str()).is_some_and(|found| found.kind == Kind::Person);
    let ties = Ties::new(records.values().copied());
    let of = |found: &Found| person_of(found.kind, &found.body.tree).map(str::to_owned).or_else(|| only_one(ties.subjects(found, &|_| Subjects::default())));
    match subject {
        Subject::People(ids) => ids.iter().filter(is_person).cloned().collect(),
        Subject::Incident(id) => counted().filter(|f| reference(&f.body.tree, "incident") == Some(id)).filter_map(of).collect(),
        Subject::Records(ids) => counted().filter(|f| ids.contains(&f.line.id)).filter_map(of).collect(),
        Subject::Casebook => counted().filter(|f| f.kind == Kind::Person).filter_map(of).collect(),
    }
}

/// A record about several, or about nobody can say whom, makes nobody a client; neither does a trial, which may have others in it.
fn only_one(subjects: Subjects) -> Option<String> {
    (subjects.people.len() == 1 && !subjects.unnamed).then(|| subjects.people.into_iter().next()).flatten()
}

struct Chooser<'a, 's> {
    records: BTreeMap<&'a str, Found<'a>>,
    subject: &'s Subject,
    also: &'s BTreeSet<String>,
    clients: BTreeSet<String>,
    chosen: BTreeSet<&'a str>,
    left_out: BTreeMap<&'a str, Reason>,
}

impl<'a> Chooser<'a, '_> {
    /// Records about the people, and the incident itself; detentions first, because acts may name them alone.
    fn core(&mut self) {
        for kind in [Kind::Person, Kind::Detention, Kind::Act, Kind::Trial, Kind::Mandate, Kind::Consent, Kind::Action, Kind::Decision, Kind::Source] {
            self.take_all(kind);
        }
        if !matches!(self.subject, Subject::People(_)) {
            [Kind::Incident, Kind::Place, Kind::Official, Kind::Publication, Kind::Figure, Kind::Vocable].into_iter().for_each(|kind| self.take_all(kind));
        }
    }

    fn take_all(&mut self, kind: Kind) {
        let of_kind: Vec<Found<'a>> = self.records.values().filter(|found| found.kind == kind).copied().collect();
        for found in of_kind {
            if self.belongs(&found) {
                self.take(&found);
            }
        }
    }

    /// Takes a record in, or notes why it counts nowhere.
    fn take(&mut self, found: &Found<'a>) -> bool {
        match stays_out(found.line) {
            Some(reason) => {
                self.left_out.insert(&found.line.id, reason);
                false
            }
            None => self.chosen.insert(&found.line.id),
        }
    }

    fn belongs(&self, found: &Found) -> bool {
        let (id, tree) = (&found.line.id, &found.body.tree);
        match self.subject {
            Subject::Casebook => true,
            Subject::Records(ids) => ids.contains(id) || (found.kind == Kind::Person && self.clients.contains(id)),
            Subject::Incident(incident) if found.kind == Kind::Detention => self.is_clients(found) && reference(tree, "incident") == Some(incident),
            Subject::Incident(incident) if found.kind == Kind::Incident => id == incident,
            _ => self.is_about_clients(found),
        }
    }

    fn is_clients(&self, found: &Found) -> bool {
        person_of(found.kind, &found.body.tree).is_some_and(|person| self.clients.contains(person))
    }

    fn is_about_clients(&self, found: &Found) -> bool {
        let tree = &found.body.tree;
        let in_hand = |field| reference(tree, field).is_some_and(|id| self.chosen.contains(id));
        match found.kind {
            Kind::Person => self.clients.contains(&found.line.id),
            Kind::Trial => people_of_trial(tree).iter().flatten().any(|person| self.clients.contains(person)),
            Kind::Act | Kind::Action | Kind::Decision if person_of(found.kind, tree).is_none() => in_hand("detention") || in_hand("trial"),
            _ => self.is_clients(found),
        }
    }

    /// Incidents, places, officials and publications that the chosen records name.
    fn supports(&mut self) {
        loop {
            let wanted: Vec<Found<'a>> = self.chosen.iter().flat_map(|id| self.named_by(&self.records[*id])).collect();
            let before = self.chosen.len();
            for found in wanted {
                self.take(&found);
            }
            if self.chosen.len() == before {
                break;
            }
        }
    }

    fn named_by(&self, from: &Found) -> Vec<Found<'a>> {
        let named = refs(from.kind.fields(), &from.body.tree).into_iter().filter(|(path, _)| !path.starts_with("meta/"));
        let of_incident = matches!(from.kind, Kind::Detention | Kind::Act);
        let supports = |kind| matches!(kind, Kind::Place | Kind::Official | Kind::Publication) || (kind == Kind::Incident && of_incident);
        named.filter_map(|(_, id)| self.records.get(id.as_str()).copied()).filter(|found| supports(found.kind)).collect()
    }

    fn evidence(&mut self) {
        let all: Vec<Found<'a>> = self.records.values().filter(|found| found.kind == Kind::Evidence).copied().collect();
        let (papers, photos) = (self.papers(), self.photos());
        for found in all {
            let id = &found.line.id;
            let tree = &found.body.tree;
            let asked =
                matches!(self.subject, Subject::Casebook) || self.also.contains(id) || matches!(self.subject, Subject::Records(ids) if ids.contains(id));
            let own = papers.contains(id) || reference(tree, "sha256").is_some_and(|hash| photos.contains(hash));
            match self.shares(tree) {
                _ if tree.contains_key("detached") && (asked || own || self.shares(tree).is_some()) && !matches!(self.subject, Subject::Casebook) => {
                    self.left_out.insert(id, Reason::Detached);
                }
                Some(false) => {
                    self.take(&found);
                }
                _ if asked || own => {
                    self.take(&found);
                }
                Some(true) => drop(self.left_out.insert(id, stays_out(found.line).unwrap_or(Reason::SharedFile))),
                None => {}
            }
        }
    }

    /// Papers of chosen powers of attorney.
    fn papers(&self) -> BTreeSet<String> {
        self.chosen.iter().filter_map(|id| reference(&self.records[*id].body.tree, "document")).map(str::to_owned).collect()
    }

    /// Hashes of the photographs of injuries.
    fn photos(&self) -> BTreeSet<String> {
        let acts = self.chosen.iter().map(|id| &self.records[*id]).filter(|found| found.kind == Kind::Act);
        let injuries = acts.filter_map(|act| act.body.tree.get("injuries")?.as_object());
        injuries.flat_map(|list| list.values()).filter_map(|injury| injury.get("photo")?.as_str()).map(str::to_owned).collect()
    }

    /// Tells whether a file about something chosen may show others; `None` when it is about nothing chosen.
    fn shares(&self, evidence: &Tree) -> Option<bool> {
        let targets: BTreeSet<&str> = targets(evidence).collect();
        let is_chosen = targets.iter().any(|id| self.chosen.contains(id));
        is_chosen.then(|| targets.iter().any(|id| !self.chosen.contains(id) || self.shows_others(&self.records[id])))
    }

    /// Tells whether what is about a chosen record may be about others too.
    fn shows_others(&self, found: &Found) -> bool {
        match found.kind {
            Kind::Incident | Kind::Place | Kind::Official => true,
            Kind::Trial => is_shared(&found.body.tree, &self.clients),
            _ => false,
        }
    }

    /// Words that the casebook added to its vocabularies and the chosen records use.
    fn terms(&mut self) {
        let used = |id: &&'a str| terms_used(self.records[*id].kind.fields(), &self.records[*id].body.tree);
        let used: BTreeSet<(String, String)> = self.chosen.iter().flat_map(used).map(|(_, of, code)| (of.to_owned(), code)).collect();
        let pair = |tree: &Tree| Some((reference(tree, "vocabulary")?.to_owned(), reference(tree, "code")?.to_owned()));
        let terms = self.records.values().filter(|found| found.kind == Kind::Vocable);
        let wanted: Vec<Found<'a>> = terms.filter(|found| pair(&found.body.tree).is_some_and(|pair| used.contains(&pair))).copied().collect();
        for found in &wanted {
            self.take(found);
        }
    }

    /// Other people to whom chosen records point: they stay out and are counted.
    fn strangers(&mut self) {
        let named: Vec<Found<'a>> = self
            .chosen
            .iter()
            .flat_map(|id| refs(self.records[*id].kind.fields(), &self.records[*id].body.tree))
            .filter_map(|(_, id)| self.records.get(id.as_str()).copied())
            .collect();
        for found in named.iter().filter(|found| found.kind == Kind::Person && !self.chosen.contains(found.line.id.as_str())) {
            self.left_out.entry(&found.line.id).or_insert(Reason::OtherPeople);
        }
    }

    fn finished(self, all: &'a [(Line, Body)], core: BTreeSet<String>) -> Choice<'a> {
        let mut records: Vec<Found<'a>> = self.chosen.iter().map(|id| self.records[id]).collect();
        records.sort_by_key(|found| (found.kind, &found.line.id));
        let left_out = self.left_out.iter().filter(|(id, _)| !self.chosen.contains(*id)).map(|(id, reason)| (self.records[id].kind, *reason)).collect();
        let clients = self.clients.iter().filter(|id| self.chosen.contains(id.as_str())).cloned().collect();
        Choice { clients, records, core, left_out, all, opened: BTreeMap::new() }
    }
}
