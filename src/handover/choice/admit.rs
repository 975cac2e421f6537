//! Which records go at all, and on which ground: consent, power of attorney, and the gate before allegations of torture.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::choose::{Choice, Found, also_about, found_in, is_shared, people_of_trial, reference, stays_out};
use super::coarse;
use super::consent::{Basis, Oral, Papers, Word, allegation_goes, alleges_torture, lawyer_basis, purpose_basis, torture_word, word};
use super::profile::{Gate, Profile, Rules};
use super::redact::{Order, RedactError, newest};
use super::subjects::{Subjects, Ties, said};
use super::withheld::Reason;
use crate::model::{Kind, Tree};

/// Kinds of files that show what somebody suffered.
const OF_SUFFERING: &[&str] = &["medical_record", "forensic_report", "autopsy", "body_map"];
/// Kinds of papers that officials wrote: they tell no more than they did before.
const OF_OFFICIALS: &[&str] = &["protocol", "court_record", "decision", "official_letter", "summons", "property_receipt"];
/// Least number of people who share what statistics show of them.
const FEW: usize = 3;

/// What is known about each record and person before any value is weighed.
pub struct Admitted<'a> {
    rules: &'static Rules,
    /// By person.
    pub grounds: BTreeMap<String, Basis>,
    /// Records that do not go, with the reason.
    pub refused: BTreeMap<String, Reason>,
    /// Every record of the casebook.
    ties: Ties<'a>,
    /// Whom a record concerns, by record, whether it was chosen or not.
    subjects: BTreeMap<&'a str, Subjects>,
    words: BTreeMap<(String, &'static str), Word>,
    torture: BTreeMap<String, Word>,
    /// People some of whose allegations do not go.
    closed: BTreeSet<String>,
    /// On what goes what is about nobody: nobody allowed it, so a lawyer's bundle asks for a reason.
    pub nobodys: Option<Basis>,
    /// People whose sex and age too few others share.
    rare: BTreeSet<String>,
}

impl<'a> Admitted<'a> {
    pub(super) fn new(choice: &'a Choice<'a>, order: &Order) -> Result<Admitted<'a>, RedactError> {
        let rules = order.profile.rules();
        let papers = Papers::of(choice.all);
        let ties = Ties::new(found_in(choice.all));
        let subjects = subjects(&ties, &choice.clients);
        let grounds = grounds(choice, &papers, order)?;
        let nobodys = ground_of_nobody(choice, &subjects, order)?;
        let words = words(choice, &papers, rules, order.at);
        let torture = choice.clients.iter().map(|id| (id.clone(), torture_word(&papers, id, order.at))).collect();
        let (refused, closed, rare) = Default::default();
        let mut admitted = Admitted { rules, grounds, refused, ties, subjects, words, torture, closed, nobodys, rare };
        admitted.rare = admitted.rare_people(choice, newest(choice));
        admitted.close();
        for found in &choice.records {
            if let Some(reason) = admitted.refusal(choice, found) {
                admitted.refused.insert(found.line.id.clone(), reason);
            }
        }
        Ok(admitted)
    }

    /// Tells whether a person's records may go.
    pub(super) fn is_in(&self, person: &str) -> bool {
        self.grounds.get(person).is_some_and(|basis| !matches!(basis, Basis::None { .. }))
    }

    /// Tells whether a person's name may stand in what goes.
    pub(super) fn may_be_named(&self, person: &str) -> bool {
        self.is_in(person) && self.opens(self.rules.names, &BTreeSet::from([person.to_owned()]))
    }

    /// Returns the people whom a record concerns.
    pub(super) fn subjects(&self, record: &str) -> &BTreeSet<String> {
        static NOBODY: BTreeSet<String> = BTreeSet::new();
        self.subjects.get(record).map_or(&NOBODY, |subjects| &subjects.people)
    }

    /// Tells whether something about these people goes.
    pub(super) fn opens(&self, gate: Gate, people: &BTreeSet<String>) -> bool {
        let every = |allowed: &dyn Fn(&String) -> bool| !people.is_empty() && people.iter().all(allowed);
        match gate {
            Gate::Open => true,
            Gate::Shut => false,
            Gate::Purpose(purpose) => every(&|person| self.words.get(&(person.clone(), purpose)).is_some_and(|word| word.allows())),
            Gate::Mandate => every(&|person| matches!(self.grounds.get(person), Some(Basis::Mandate { .. }))),
        }
    }

    /// Tells whether the texts of a record may tell what people keep back elsewhere. One about nobody may tell of anybody: it stays shut until
    /// somebody in the bundle said that allegations may be sent, and nobody in it keeps one back.
    pub(super) fn is_closed(&self, record: &str) -> bool {
        match self.subjects.get(record).is_some_and(|subjects| is_nobodys(self.ties.record(record), subjects)) {
            true => !self.stays_within() && (self.clients_closed() || !self.torture.iter().any(|(id, word)| *word == Word::Given && self.is_in(id))),
            false => self.subjects(record).iter().any(|person| self.closed.contains(person)),
        }
    }

    fn clients_closed(&self) -> bool {
        self.grounds.keys().any(|person| self.closed.contains(person))
    }

    /// Tells whether all of these people said that what they allege to have suffered may be sent. What stays within the team is not sent.
    pub(super) fn allegations_open(&self, people: &BTreeSet<String>) -> bool {
        self.stays_within() || !people.is_empty() && people.iter().all(|person| self.torture.get(person) == Some(&Word::Given))
    }

    /// Tells whether too few share the sex and age of a person.
    pub(super) fn is_rare(&self, person: &str) -> bool {
        self.rare.contains(person)
    }

    fn close(&mut self) {
        let acts = self.acts().filter(|act| self.is_withheld_allegation(act));
        self.closed = acts.flat_map(|act| self.subjects(&act.line.id).clone()).collect();
    }

    /// Every act that counts, chosen or not.
    fn acts(&self) -> impl Iterator<Item = &Found<'a>> {
        self.ties.records().filter(|found| found.kind == Kind::Act && stays_out(found.line).is_none())
    }

    /// The team's own notes go only where everything stays within the team.
    fn stays_within(&self) -> bool {
        self.rules.internal == Gate::Open
    }

    fn is_withheld_allegation(&self, act: &Found) -> bool {
        let people = self.subjects(&act.line.id);
        let each = |person: &String| allegation_goes(act.body, self.torture.get(person).copied().unwrap_or(Word::NotAsked));
        !self.stays_within() && alleges_torture(act.body) && (people.is_empty() || !people.iter().all(each))
    }

    fn refusal(&self, choice: &Choice, found: &Found) -> Option<Reason> {
        self.by_person(choice, found)
            .or_else(|| self.by_class(found))
            .or_else(|| self.by_allegation(found))
            .or_else(|| if found.kind == Kind::Evidence { self.of_file(found) } else { None })
    }

    fn by_person(&self, choice: &Choice, found: &Found) -> Option<Reason> {
        let subjects = &self.subjects[found.line.id.as_str()];
        let whose = |person: &str| if choice.clients.contains(person) { Reason::NoConsent } else { Reason::OtherPeople };
        match found.kind {
            Kind::Source if self.rules.internal == Gate::Shut => Some(Reason::SourceRegister),
            Kind::Trial if subjects.people.iter().any(|person| self.is_in(person)) => None,
            Kind::Trial => people_of_trial(&found.body.tree).iter().next().map(|person| person.as_deref().map_or(Reason::OtherPeople, whose)),
            _ if subjects.unnamed && !self.stays_within() => Some(Reason::OtherPeople),
            _ => subjects.people.iter().map(String::as_str).find(|person| !self.is_in(person)).map(whose),
        }
    }

    /// A record that somebody marked as more restricted than its fields are.
    fn by_class(&self, found: &Found) -> Option<Reason> {
        let stricter = found.body.tree.get("meta").and_then(|meta| meta.get("privacy")).and_then(Value::as_str);
        let voices = found.body.voices.get("meta/privacy").into_iter().flatten().filter_map(|voice| voice.value.as_str());
        let strictest = voices.chain(stricter).map(|class| if matches!(class, "P" | "R") { class } else { "S" }).max()?;
        let gate = match strictest {
            "P" => return None,
            "R" => self.rules.restricted,
            _ => self.rules.secret,
        };
        (!self.opens(gate, self.subjects(&found.line.id))).then_some(Reason::Restricted)
    }

    fn of_file(&self, found: &Found) -> Option<Reason> {
        let tree = &found.body.tree;
        let category = reference(tree, "category").unwrap_or_default();
        let people = self.subjects(&found.line.id);
        let suffering = OF_SUFFERING.contains(&category) && !self.allegations_open(people);
        let telling = self.is_closed(&found.line.id) && !OF_OFFICIALS.contains(&category);
        match said(found, "relates_to").into_iter().chain(also_about(tree)).find_map(|id| self.of_target(id)) {
            Some(reason) => Some(reason),
            None if suffering || telling || self.shows_withheld_injury(tree) => Some(Reason::TortureAllegation),
            None => (!self.file_goes(tree, people)).then_some(Reason::Files),
        }
    }

    /// Why what a file is about does not go, or would not if it had been chosen.
    fn of_target(&self, id: &str) -> Option<Reason> {
        let would = |target: &Found| self.by_class(target).or_else(|| self.by_allegation(target));
        self.refused.get(id).copied().or_else(|| self.ties.record(id).and_then(would))
    }

    fn by_allegation(&self, found: &Found) -> Option<Reason> {
        (found.kind == Kind::Act && self.is_withheld_allegation(found)).then_some(Reason::TortureAllegation)
    }

    fn shows_withheld_injury(&self, file: &Tree) -> bool {
        let withheld = self.acts().filter(|act| self.refused.contains_key(&act.line.id) || self.is_withheld_allegation(act));
        let injuries = withheld.filter_map(|act| act.body.tree.get("injuries")?.as_object()).flat_map(Tree::values);
        injuries.filter_map(|injury| injury.get("photo")).any(|photo| file.get("sha256") == Some(photo))
    }

    /// Where people are hidden, only photographs go whose faces are blurred.
    fn file_goes(&self, file: &Tree, people: &BTreeSet<String>) -> bool {
        let blurred = file.get("faces_blurred").and_then(|answer| answer.get("value")).and_then(Value::as_str) == Some("yes");
        let photo = reference(file, "category") == Some("photo");
        self.opens(self.rules.files, people) && (!self.rules.pseudonyms || (photo && blurred))
    }

    fn rare_people(&self, choice: &Choice, at: i64) -> BTreeSet<String> {
        let traits =
            |tree: &Tree| (reference(tree, "sex").map(str::to_owned), tree.get("age").and_then(|age| coarse::band(age, at)).map(|band| band.to_string()));
        let people: Vec<&Found> = choice.records.iter().filter(|found| found.kind == Kind::Person && self.is_in(&found.line.id)).collect();
        let mut alike: BTreeMap<_, usize> = BTreeMap::new();
        people.iter().for_each(|one| *alike.entry(traits(&one.body.tree)).or_default() += 1);
        let rare = people.iter().filter(|one| self.rules.small_groups && alike[&traits(&one.body.tree)] < FEW);
        rare.map(|one| one.line.id.clone()).collect()
    }
}

/// Asked of the whole casebook: what was not chosen says whom a chosen file is about.
fn subjects<'a>(ties: &Ties<'a>, clients: &BTreeSet<String>) -> BTreeMap<&'a str, Subjects> {
    let of_trial = |tree: &Tree| subjects_of_trial(tree, clients);
    ties.records().map(|found| (found.line.id.as_str(), ties.subjects(found, &of_trial))).collect()
}

/// Tells whether a record that should be about people is about nobody.
fn is_nobodys(found: Option<&Found>, subjects: &Subjects) -> bool {
    let of_people =
        |kind| matches!(kind, Kind::Detention | Kind::Act | Kind::Trial | Kind::Evidence | Kind::Consent | Kind::Mandate | Kind::Action | Kind::Decision);
    found.is_some_and(|found| of_people(found.kind)) && subjects.is_nobody()
}

/// Of a trial with others only those count whom the hand-over is about; of one without them, everybody.
fn subjects_of_trial(tree: &Tree, clients: &BTreeSet<String>) -> Subjects {
    let all = people_of_trial(tree);
    let people: BTreeSet<String> = all.iter().flatten().cloned().collect();
    let own: BTreeSet<String> = people.intersection(clients).cloned().collect();
    match own.is_empty() {
        true => Subjects { people, unnamed: all.contains(&None), shared: false },
        false => Subjects { people: own, unnamed: false, shared: is_shared(tree, clients) },
    }
}

/// Tells whether a trial has anybody in it besides the people who are in.
pub(super) fn has_others(tree: &Tree, admitted: &Admitted) -> bool {
    let inside = admitted.grounds.keys().filter(|person| admitted.is_in(person)).cloned().collect();
    is_shared(tree, &inside)
}

fn grounds(choice: &Choice, papers: &Papers, order: &Order) -> Result<BTreeMap<String, Basis>, RedactError> {
    let basis = |id: &String| match order.profile.rules().ground {
        Gate::Purpose(purpose) => purpose_basis(papers, id, purpose, order.at),
        _ => lawyer_basis(papers, id, order.oral, order.at),
    };
    let grounds: BTreeMap<String, Basis> = choice.clients.iter().map(|id| (id.clone(), basis(id))).collect();
    let missing = grounds.values().filter(|basis| matches!(basis, Basis::None { word } if word.allows())).count() as u64;
    let nobody = !grounds.is_empty() && grounds.values().all(|basis| matches!(basis, Basis::None { .. }));
    match (order.profile, missing) {
        (Profile::Lawyer, 1..) => Err(RedactError::ReasonNeeded { people: missing }),
        _ if nobody => Err(RedactError::NotAllowed),
        _ => Ok(grounds),
    }
}

/// A lawyer gets what is about nobody only for a reason that somebody gave, as where a paper is missing.
fn ground_of_nobody(choice: &Choice, subjects: &BTreeMap<&str, Subjects>, order: &Order) -> Result<Option<Basis>, RedactError> {
    let nobodys = |found: &&Found| is_nobodys(Some(found), &subjects[found.line.id.as_str()]);
    let some = choice.clients.is_empty() || choice.records.iter().any(|found| nobodys(&found));
    match (order.profile, order.oral) {
        (Profile::Lawyer, Some(Oral { reason, due })) if some => Ok(Some(Basis::Oral { reason: reason.clone(), due: due.clone() })),
        (Profile::Lawyer, None) if some => Err(RedactError::ReasonNeeded { people: 0 }),
        _ => Ok(None),
    }
}

fn words(choice: &Choice, papers: &Papers, rules: &Rules, at: i64) -> BTreeMap<(String, &'static str), Word> {
    let gates = [rules.ground, rules.restricted, rules.names, rules.papers, rules.text, rules.files];
    let purposes: BTreeSet<&'static str> = gates.into_iter().filter_map(|gate| if let Gate::Purpose(purpose) = gate { Some(purpose) } else { None }).collect();
    let pairs = choice.clients.iter().flat_map(|id| purposes.iter().map(move |purpose| (id.clone(), *purpose)));
    pairs.map(|(id, purpose)| ((id.clone(), purpose), word(papers, &id, purpose, at))).collect()
}
