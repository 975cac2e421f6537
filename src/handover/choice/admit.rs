//! Which records go at all, and on which ground: consent, power of attorney, and the gate before allegations of torture.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::choose::{Choice, Found, is_shared, people_of_trial, person_of, reference, targets};
use super::coarse;
use super::consent::{Basis, Papers, Word, allegation_goes, alleges_torture, lawyer_basis, purpose_basis, torture_word, word};
use super::profile::{Gate, Profile, Rules};
use super::redact::{Order, RedactError, newest};
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
    /// The people whom a record concerns, by record.
    subjects: BTreeMap<&'a str, BTreeSet<String>>,
    words: BTreeMap<(String, &'static str), Word>,
    torture: BTreeMap<String, Word>,
    /// People some of whose allegations do not go.
    closed: BTreeSet<String>,
    /// People whose sex and age too few others share.
    rare: BTreeSet<String>,
}

impl<'a> Admitted<'a> {
    pub(super) fn new(choice: &'a Choice<'a>, order: &Order) -> Result<Admitted<'a>, RedactError> {
        let rules = order.profile.rules();
        let papers = Papers::of(choice.all);
        let grounds = grounds(choice, &papers, order)?;
        let words = words(choice, &papers, rules, order.at);
        let torture = choice.clients.iter().map(|id| (id.clone(), torture_word(&papers, id, order.at))).collect();
        let mut admitted =
            Admitted { rules, grounds, refused: BTreeMap::new(), subjects: BTreeMap::new(), words, torture, closed: BTreeSet::new(), rare: BTreeSet::new() };
        admitted.rare = admitted.rare_people(choice, newest(choice));
        admitted.find_subjects(choice);
        admitted.close(choice);
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
        self.subjects.get(record).unwrap_or(&NOBODY)
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

    /// Tells whether texts about these people may tell what they keep back elsewhere.
    pub(super) fn is_closed(&self, people: &BTreeSet<String>) -> bool {
        people.iter().any(|person| self.closed.contains(person))
    }

    /// Tells whether all of these people said that what they allege to have suffered may be sent. What stays within the team is not sent.
    pub(super) fn allegations_open(&self, people: &BTreeSet<String>) -> bool {
        self.stays_within() || !people.is_empty() && people.iter().all(|person| self.torture.get(person) == Some(&Word::Given))
    }

    /// Tells whether too few share the sex and age of a person.
    pub(super) fn is_rare(&self, person: &str) -> bool {
        self.rare.contains(person)
    }

    fn find_subjects(&mut self, choice: &'a Choice<'a>) {
        for found in &choice.records {
            let subjects = self.subjects_of(found);
            self.subjects.insert(&found.line.id, subjects);
        }
    }

    /// Records stand in the order of their kinds: what is pointed at has its people already.
    fn subjects_of(&self, found: &Found) -> BTreeSet<String> {
        let tree = &found.body.tree;
        let inherited = |fields: &[&str]| fields.iter().filter_map(|field| self.subjects.get(reference(tree, field)?)).flatten().cloned().collect();
        match (found.kind, person_of(found.kind, tree)) {
            (Kind::Person, _) => BTreeSet::from([found.line.id.clone()]),
            (_, Some(person)) => BTreeSet::from([person.to_owned()]),
            (Kind::Trial, _) => people_of_trial(tree).into_iter().flatten().filter(|person| self.grounds.contains_key(person)).collect(),
            (Kind::Evidence, _) => targets(tree).filter_map(|id| self.subjects.get(id)).flatten().cloned().collect(),
            (Kind::Act | Kind::Action | Kind::Decision, None) => inherited(&["detention", "trial"]),
            _ => BTreeSet::new(),
        }
    }

    fn close(&mut self, choice: &Choice) {
        let acts = choice.records.iter().filter(|found| found.kind == Kind::Act);
        let shut: Vec<BTreeSet<String>> = acts.filter(|act| self.is_withheld_allegation(act)).map(|act| self.subjects(&act.line.id).clone()).collect();
        self.closed = shut.into_iter().flatten().collect();
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
            .or_else(|| (found.kind == Kind::Act && self.is_withheld_allegation(found)).then_some(Reason::TortureAllegation))
            .or_else(|| if found.kind == Kind::Evidence { self.of_file(choice, found) } else { None })
    }

    fn by_person(&self, choice: &Choice, found: &Found) -> Option<Reason> {
        let subjects = self.subjects(&found.line.id);
        let whose = |person: &str| if choice.clients.contains(person) { Reason::NoConsent } else { Reason::OtherPeople };
        let contested = ["person", "victim", "subject", "principal"].iter().filter_map(|field| found.body.voices.get(*field)).flatten();
        let voices: Vec<&str> = contested.filter_map(|voice| voice.value.as_str()).collect();
        match found.kind {
            Kind::Source if self.rules.internal == Gate::Shut => Some(Reason::SourceRegister),
            Kind::Trial if subjects.iter().any(|person| self.is_in(person)) => None,
            Kind::Trial => people_of_trial(&found.body.tree).iter().next().map(|person| person.as_deref().map_or(Reason::OtherPeople, whose)),
            _ => subjects.iter().map(String::as_str).chain(voices).find(|person| !self.is_in(person)).map(whose),
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

    fn of_file(&self, choice: &Choice, found: &Found) -> Option<Reason> {
        let tree = &found.body.tree;
        let category = reference(tree, "category").unwrap_or_default();
        let people = self.subjects(&found.line.id);
        let suffering = OF_SUFFERING.contains(&category) && !self.allegations_open(people);
        let telling = self.is_closed(people) && !OF_OFFICIALS.contains(&category);
        let voices = found.body.voices.get("relates_to").into_iter().flatten().filter_map(|voice| voice.value.as_str());
        let of_target = voices.chain(targets(tree)).find_map(|id| self.refused.get(id).copied());
        match of_target {
            Some(reason) => Some(reason),
            None if suffering || telling || self.shows_withheld_injury(choice, tree) => Some(Reason::TortureAllegation),
            None => (!self.file_goes(tree, people)).then_some(Reason::Files),
        }
    }

    fn shows_withheld_injury(&self, choice: &Choice, file: &Tree) -> bool {
        let withheld = choice.records.iter().filter(|found| found.kind == Kind::Act && self.refused.contains_key(&found.line.id));
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

fn words(choice: &Choice, papers: &Papers, rules: &Rules, at: i64) -> BTreeMap<(String, &'static str), Word> {
    let gates = [rules.ground, rules.restricted, rules.names, rules.papers, rules.text, rules.files];
    let purposes: BTreeSet<&'static str> = gates.into_iter().filter_map(|gate| if let Gate::Purpose(purpose) = gate { Some(purpose) } else { None }).collect();
    let pairs = choice.clients.iter().flat_map(|id| purposes.iter().map(move |purpose| (id.clone(), *purpose)));
    pairs.map(|(id, purpose)| ((id.clone(), purpose), word(papers, &id, purpose, at))).collect()
}
