//! When somebody was taken, by everybody who told it: side by side, with the difference as a stretch and never finer
//! than the times themselves; and how long it took to a judge by each of them.

use std::collections::BTreeMap;

use super::case::{Client, Read};
use super::dates::{is_to_the_minute, order, wall};
use super::gap::{Clocks, Gap};
use super::voices::{self, Told};
use crate::handover::choice::given::{GivenRecord, Mark};
use crate::model::entity::{Detention, Transition, Trial};
use crate::model::liberty::retracted;
use crate::model::value::{Answer, Key, Span, Term, Tri, When};

/// Who tells it: a term of `told_by` or of `basis`; both empty where nobody recorded that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Teller {
    pub of: &'static str,
    pub code: String,
}

/// One statement of when.
#[derive(Clone, Debug, PartialEq)]
pub struct Telling {
    pub teller: Teller,
    pub when: When,
    pub record: String,
    pub path: String,
    /// Who recorded it; several where the field and a step are one statement.
    pub marks: Vec<Mark>,
    /// The paper it stands in, as recorded.
    pub paper: Option<String>,
    /// Another voice of the same value says something else, and nobody decided.
    pub is_contested: bool,
    /// Somebody decided that this voice stands.
    pub is_decided: bool,
}

/// Everything that tellers of one sort say.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub teller: Teller,
    /// By the time on the wall.
    pub tellings: Vec<Telling>,
}

/// Two groups whose times differ, the second measured from the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub from: Teller,
    pub to: Teller,
    pub gap: Gap,
}

/// How long from being taken to a judge, by one group's time.
#[derive(Clone, Debug, PartialEq)]
pub struct ToJudge {
    pub by: Teller,
    pub judge: Telling,
    pub gap: Gap,
}

/// Everything told about when a detention began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dispute {
    pub groups: Vec<Group>,
    pub differences: Vec<Difference>,
    pub judge: Vec<Telling>,
    pub to_judge: Vec<ToJudge>,
}

impl Teller {
    fn new(of: &'static str, code: &str) -> Self {
        Teller { of, code: code.to_owned() }
    }

    /// Tells whether this is a paper.
    pub fn is_paper(&self) -> bool {
        self.of == "told_by" && self.code == "document"
    }

    fn of_basis(basis: Option<&Term>) -> Self {
        match basis.map(Term::as_str) {
            None => Teller::new("", ""),
            Some("own_clock" | "observed") => Teller::new("told_by", "own"),
            Some("witness") => Teller::new("told_by", "witness"),
            Some("told_by_detainee") => Teller::new("told_by", "victim"),
            Some("told_by_lawyer") => Teller::new("told_by", "lawyer"),
            Some("told_by_relative") => Teller::new("told_by", "relative"),
            Some("document") => Teller::new("told_by", "document"),
            Some(other) => Teller::new("basis", other),
        }
    }
}

impl Telling {
    /// Takes in the step that is the same statement: its paper, and who recorded it. It then stands for that step and takes
    /// in no second one.
    fn merge(&mut self, step: Telling) {
        self.path = step.path;
        self.paper = self.paper.take().or(step.paper);
        self.marks.extend(step.marks.into_iter().filter(|mark| !self.marks.contains(mark)).collect::<Vec<_>>());
    }
}

impl Dispute {
    /// Gathers what is told about when a detention of a client began, and when a judge was reached.
    pub fn of(client: &Client, detention: &Read<Detention>) -> Dispute {
        let groups = grouped(apprehension(detention));
        let judge = judged(client, detention);
        let clocks = Clocks::of(groups.iter().flat_map(|group| &group.tellings).chain(&judge).map(|telling| &telling.when));
        let to_judge = judge.iter().flat_map(|judge| groups.iter().filter_map(move |group| to_judge(group, judge, clocks))).collect();
        Dispute { differences: differences(&groups, clocks), to_judge, groups, judge }
    }
}

fn to_judge(group: &Group, judge: &Telling, clocks: Clocks) -> Option<ToJudge> {
    let gap = group.tellings.iter().map(|telling| Gap::between(&telling.when, &judge.when, clocks)).reduce(Gap::wider)?;
    Some(ToJudge { by: group.teller.clone(), judge: judge.clone(), gap })
}

fn differences(groups: &[Group], clocks: Clocks) -> Vec<Difference> {
    let mut found = Vec::new();
    for (place, first) in groups.iter().enumerate() {
        for second in &groups[place + 1..] {
            let each = || first.tellings.iter().flat_map(|a| second.tellings.iter().map(move |b| Gap::between(&a.when, &b.when, clocks)));
            let Some(gap) = each().reduce(Gap::wider) else { continue };
            let (from, to, gap) = if first.teller.is_paper() { (second, first, gap.turned()) } else { (first, second, gap) };
            if to.teller.is_paper() || gap.is_certain() {
                found.push(Difference { from: from.teller.clone(), to: to.teller.clone(), gap });
            }
        }
    }
    found
}

fn grouped(tellings: Vec<Telling>) -> Vec<Group> {
    let mut groups: BTreeMap<Teller, Vec<Telling>> = BTreeMap::new();
    for telling in tellings {
        groups.entry(telling.teller.clone()).or_default().push(telling);
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(teller, tellings)| Group { teller, tellings }).collect();
    for group in &mut groups {
        group.tellings.sort_by_key(|t| (order(&t.when), t.path.clone(), t.marks.first().map(|mark| mark.at)));
    }
    groups.sort_by_key(|group| (!group.teller.is_paper(), group.teller.clone()));
    groups
}

/// Every statement of when the person was taken: voices of the field, and steps that say so.
fn apprehension(detention: &Read<Detention>) -> Vec<Telling> {
    let mut found = told(detention, "apprehended_at");
    let steps = live_steps(&detention.said).filter(|(_, step)| is_status(step, &["apprehended"]));
    for telling in steps.flat_map(|(key, step)| step_told(detention, key, step)) {
        // A quick note writes one statement both as the field and as the first step.
        match found.iter_mut().find(|known| known.path == "apprehended_at" && is_same(known, &telling)) {
            Some(known) => known.merge(telling),
            None => found.push(telling),
        }
    }
    found
}

fn is_same(known: &Telling, step: &Telling) -> bool {
    let bare = |when: &When| When { basis: None, precision: when.precision.filter(|_| !is_to_the_minute(when)), ..when.clone() };
    bare(&known.when) == bare(&step.when) && (known.teller == step.teller || step.teller.code.is_empty())
}

/// The earliest time of being taken that anybody tells.
fn began(detention: &Read<Detention>) -> Option<Span> {
    apprehension(detention).iter().min_by_key(|telling| order(&telling.when)).map(|telling| wall(&telling.when))
}

/// The voices of a dated field, or the one value it has.
fn told(detention: &Read<Detention>, path: &str) -> Vec<Telling> {
    let heard = voices::read::<When>(detention.record, path);
    let telling = |told: &Told<When>| dated(detention.record, path, told, Teller::of_basis(told.value.basis.as_ref()), heard.is_contested);
    heard.told.iter().filter_map(telling).collect()
}

/// A telling of a date; none where it has none.
fn dated(record: &GivenRecord, path: &str, told: &Told<When>, teller: Teller, is_contested: bool) -> Option<Telling> {
    let when = Some(told.value.clone()).filter(|when| when.date.is_some())?;
    let (record, path, marks) = (record.id.clone(), path.to_owned(), Vec::from_iter(told.mark));
    Some(Telling { teller, when, record, path, marks, paper: None, is_contested, is_decided: told.decided })
}

fn live_steps(detention: &Detention) -> impl Iterator<Item = (&Key, &Transition)> {
    let gone = retracted(detention.transitions.values().map(|step| step.retracts.as_ref()));
    detention.transitions.iter().filter(move |(key, _)| !gone.contains(key))
}

fn is_status(step: &Transition, codes: &[&str]) -> bool {
    step.status.as_ref().is_some_and(|status| codes.contains(&status.as_str()))
}

/// What a step says of when it was.
fn step_told(detention: &Read<Detention>, key: &Key, step: &Transition) -> Vec<Telling> {
    let path = format!("transitions/{key}");
    let heard = voices::read::<When>(detention.record, &format!("{path}/effective"));
    let paper = step.document.as_ref().map(|paper| crate::words::clean(paper.as_str()));
    let telling = |told: &&Told<When>| {
        let basis = step.basis.as_ref().or(told.value.basis.as_ref());
        let teller = step.told_by.as_ref().map_or_else(|| Teller::of_basis(basis), |by| Teller::new("told_by", by.as_str()));
        Some(Telling { paper: paper.clone(), ..dated(detention.record, &path, told, teller, heard.is_contested)? })
    };
    heard.standing().iter().filter_map(telling).collect()
}

/// Every statement of when a judge was reached: the answer in the checklist, the first step before a court, the first hearing.
fn judged(client: &Client, detention: &Read<Detention>) -> Vec<Telling> {
    let mut found = answered(detention);
    let steps = live_steps(&detention.said).filter(|(_, step)| is_status(step, &["administrative_hearing", "remand"]));
    found.extend(first(steps.map(|(key, step)| step_told(detention, key, step)).collect()));
    found.extend(first_hearing(client, detention));
    found
}

/// R40: brought before a judge, with the time told beside the answer.
fn answered(detention: &Read<Detention>) -> Vec<Telling> {
    let heard = voices::read::<Answer>(detention.record, "rights/R40");
    let telling = |told: &&Told<Answer>| {
        let answer = Some(&told.value).filter(|answer| answer.value == Tri::Yes)?;
        let when = answer.at.clone()?;
        let teller = Teller::of_basis(answer.basis.as_ref().or(when.basis.as_ref()));
        let told = Told { value: when, mark: told.mark, decided: told.decided };
        dated(detention.record, "rights/R40", &told, teller, heard.is_contested)
    };
    heard.standing().iter().filter_map(telling).collect()
}

/// Of several events, each with every telling of when it was, those that may have been the first.
fn first(mut events: Vec<Vec<Telling>>) -> Vec<Telling> {
    events.retain(|tellings| !tellings.is_empty());
    let last = |tellings: &Vec<Telling>| tellings.iter().map(|telling| order(&telling.when)).max();
    let Some(bound) = events.iter().filter_map(last).min() else { return Vec::new() };
    let mut found: Vec<Telling> = events.into_iter().flatten().filter(|telling| order(&telling.when) <= bound).collect();
    found.sort_by_key(|telling| (order(&telling.when), telling.path.clone()));
    // One moment that is certain needs no second event.
    match found.first() {
        Some(first) if !found.iter().any(|telling| telling.is_contested) => vec![first.clone()],
        _ => found,
    }
}

/// The first hearing that took place and can belong to this detention: not certainly before it, not after a later one began.
/// Where its time is contested, every voice that may be the first.
fn first_hearing(client: &Client, detention: &Read<Detention>) -> Vec<Telling> {
    let Some(began) = began(detention) else { return Vec::new() };
    let next = client.detentions.iter().filter_map(|other| self::began(other)).filter(|other| began.is_before(other)).min();
    let fits = |span: &Span| !span.is_before(&began) && next.is_none_or(|next| span.is_before(&next));
    let hearings = client.trials.iter().flat_map(|trial| trial.said.hearings.keys().map(move |key| began_hearing(trial, key)));
    first(hearings.map(|tellings| tellings.into_iter().filter(|telling| fits(&wall(&telling.when))).collect()).collect())
}

/// Every telling of when a hearing began; none where all say that it was only put off.
fn began_hearing(trial: &Read<Trial>, key: &Key) -> Vec<Telling> {
    let path = format!("hearings/{key}");
    let kind = voices::read::<Term>(trial.record, &format!("{path}/kind"));
    let put_off = |told: &&Told<Term>| told.value.as_str() == "postponed_only";
    if !kind.told.is_empty() && kind.standing().iter().all(put_off) {
        return Vec::new();
    }
    let heard = voices::read::<When>(trial.record, &format!("{path}/starts"));
    let is_contested = heard.is_contested || kind.standing().iter().any(put_off);
    let telling = |told: &&Told<When>| dated(trial.record, &path, told, Teller::of_basis(told.value.basis.as_ref()), is_contested);
    heard.standing().iter().filter_map(telling).collect()
}
