//! New changes of one record, tried before anybody relies on them: each rule that a change must keep over what came
//! before it, then Automerge itself on a copy that is saved and read again. Never writes, never stores.

mod history;
mod rules;
mod trial;

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::scan::{self, ScanError, Scanned, scan};
use super::{Mark, Reading};
use crate::model::Kind;
use history::History;

/// Most objects that stand in each other; the deepest that a table has is half of it.
pub const MAX_DEPTH: usize = 16;

/// What became of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Accepted,
    /// For ever and on every device: the change or one it builds on breaks a rule.
    Refused(Refusal),
    /// Neither: it breaks no rule, and yet it cannot be taken by this version now.
    Held(Hold),
}

/// The rule that a change breaks; a function of the change and its ancestors alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    #[error("its form is not allowed: {0}")]
    Scan(ScanError),
    #[error("the counter does not follow")]
    Counter,
    #[error("builds on a change that is not of this record")]
    Foreign,
    #[error("builds on a refused change")]
    Ancestor,
    #[error("a second beginning of the record")]
    SecondRoot,
    #[error("the actor wrote a change before this one")]
    ActorReused,
    #[error("names an operation or object that was not there, or is something else")]
    Dangling,
    #[error("writes one key twice")]
    Twice,
    #[error("containers stand too deep in each other")]
    TooDeep,
    #[error("the kind of a record cannot change")]
    Kind,
    #[error("takes a container of the table away")]
    Container,
    #[error("makes a container where one is")]
    Remade,
    #[error("changes an entry of a dated list")]
    Log,
}

/// Why a change that breaks no rule is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// Automerge panicked on it.
    Panicked,
    /// Automerge refused it.
    Unapplied,
    /// The record saved with it could not be read again, or was another.
    Unsaved,
    /// A change beside it has the same actor.
    ActorTaken,
    /// It builds on a held change.
    Ancestor,
    /// What was accepted before cannot be read.
    Existing,
}

impl Verdict {
    /// Returns the stable code, e.g. `accepted` or that of the rule.
    pub fn code(self) -> String {
        match self {
            Verdict::Accepted => "accepted".into(),
            Verdict::Refused(refusal) => refusal.code(),
            Verdict::Held(hold) => hold.code().into(),
        }
    }
}

impl Refusal {
    /// Returns the stable code, e.g. `counter`; that of the form begins with `form-`.
    pub fn code(self) -> String {
        match self {
            Refusal::Scan(error) => format!("form-{}", error.code()),
            Refusal::Counter => "counter".into(),
            Refusal::Foreign => "foreign".into(),
            Refusal::Ancestor => "ancestor".into(),
            Refusal::SecondRoot => "second-root".into(),
            Refusal::ActorReused => "actor-reused".into(),
            Refusal::Dangling => "dangling".into(),
            Refusal::Twice => "twice".into(),
            Refusal::TooDeep => "too-deep".into(),
            Refusal::Kind => "kind".into(),
            Refusal::Container => "container".into(),
            Refusal::Remade => "remade".into(),
            Refusal::Log => "log".into(),
        }
    }
}

impl Hold {
    /// Returns the stable code, e.g. `panicked`.
    pub fn code(self) -> &'static str {
        match self {
            Hold::Panicked => "panicked",
            Hold::Unapplied => "unapplied",
            Hold::Unsaved => "unsaved",
            Hold::ActorTaken => "actor-taken",
            Hold::Ancestor => "ancestor-held",
            Hold::Existing => "existing",
        }
    }
}

/// What [`examine`] found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Examined {
    /// One for each new change, in the order given.
    pub verdicts: Vec<Verdict>,
    /// The record with all accepted changes; absent when there is none, or what is there cannot be read.
    pub view: Option<View>,
}

/// A record as its readers see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Absent when this version does not know it.
    #[serde(with = "kind_by_name")]
    pub kind: Option<Kind>,
    pub reading: Reading,
    /// Who began the record.
    pub created: Mark,
    /// The latest time that the newest changes claim.
    pub changed: i64,
    /// Hashes of the newest changes in hex, ascending.
    pub heads: Vec<String>,
    pub ops: u64,
    pub changes: u64,
}

mod kind_by_name {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::model::Kind;

    pub fn serialize<S: Serializer>(kind: &Option<Kind>, to: S) -> Result<S::Ok, S::Error> {
        kind.map(Kind::code).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Kind>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.as_deref().and_then(Kind::named))
    }
}

/// Judges new changes of one record over those accepted before, in any order.
///
/// Every dep of a new change must be in `existing` or `new`: one that is in neither counts as of another record. When no
/// creating change is in `existing`, the first in `new` is the record's own. Never panics, whatever Automerge does.
pub fn examine(existing: &[Vec<u8>], new: &[Vec<u8>]) -> Examined {
    let Some(history) = accepted(existing) else {
        return Examined { verdicts: vec![Verdict::Held(Hold::Existing); new.len()], view: None };
    };
    let taken: Vec<&[u8]> = existing.iter().map(Vec::as_slice).collect();
    let known: HashSet<&[u8]> = taken.iter().copied().collect();
    let fresh = new.iter().enumerate().rev().filter(|(_, bytes)| !known.contains(bytes.as_slice()));
    let firsts = fresh.map(|(place, bytes)| (bytes.as_slice(), place)).collect();
    let mut examination = Examination { history, new, firsts, taken, verdicts: vec![Verdict::Accepted; new.len()], view: None };
    let sound = examination.by_the_rules();
    examination.by_trial(&sound);
    examination.repeat();
    Examined { verdicts: examination.verdicts, view: examination.view }
}

/// The history of the changes accepted before; `None` when it is not whole.
fn accepted(existing: &[Vec<u8>]) -> Option<History> {
    let scanned: Vec<Scanned> = existing.iter().map(|bytes| scan(bytes).ok()).collect::<Option<_>>()?;
    let mut history = History::default();
    history::in_order(&scanned).into_iter().try_for_each(|place| history.trust(&scanned[place]))?;
    Some(history)
}

struct Examination<'a> {
    history: History,
    new: &'a [Vec<u8>],
    /// Where each stands first among the new; those accepted before are not in it.
    firsts: HashMap<&'a [u8], usize>,
    /// All changes that the trial took so far.
    taken: Vec<&'a [u8]>,
    verdicts: Vec<Verdict>,
    view: Option<View>,
}

/// A new change that keeps all rules.
struct Sound {
    /// In `new`.
    place: usize,
    scanned: Scanned,
}

impl Examination<'_> {
    /// Judges each change over its ancestors. Returns those that keep all rules, each after its ancestors.
    fn by_the_rules(&mut self) -> Vec<Sound> {
        let (mut places, mut scanned) = (Vec::new(), Vec::new());
        let once = self.new.iter().enumerate().filter(|(place, bytes)| self.first_of(bytes) == Some(*place));
        for (place, bytes) in once.collect::<Vec<_>>() {
            match scan(bytes) {
                Ok(change) => (scanned.push(change), places.push(place)).1,
                Err(error) => self.fail(place, scan::hash_of(bytes), Verdict::Refused(Refusal::Scan(error))),
            }
        }
        let order = history::in_order(&scanned);
        let mut scanned: Vec<Option<Scanned>> = scanned.into_iter().map(Some).collect();
        let ordered = order.into_iter().filter_map(|at| Some(Sound { place: places[at], scanned: scanned[at].take()? }));
        ordered.filter(|change| self.keeps_the_rules(change)).collect()
    }

    /// Where the same bytes stand first among the new; `None` when they were accepted before.
    fn first_of(&self, bytes: &[u8]) -> Option<usize> {
        self.firsts.get(bytes).copied()
    }

    /// Says of bytes given twice what was said of them the first time.
    fn repeat(&mut self) {
        for (place, bytes) in self.new.iter().enumerate() {
            if let Some(first) = self.first_of(bytes) {
                self.verdicts[place] = self.verdicts[first];
            }
        }
    }

    fn keeps_the_rules(&mut self, change: &Sound) -> bool {
        let judged = self.history.judge(&change.scanned);
        judged.map_err(|verdict| self.fail(change.place, change.scanned.hash, verdict)).is_ok()
    }

    fn fail(&mut self, place: usize, hash: [u8; 32], verdict: Verdict) {
        self.verdicts[place] = verdict;
        self.history.leave_out(hash, verdict);
    }

    /// Tries changes with Automerge: all at once, or where that fails in ever smaller parts, so that one does not hold the others.
    fn by_trial(&mut self, part: &[Sound]) {
        self.try_part(&part.iter().collect::<Vec<_>>());
        if self.view.is_none() && !self.taken.is_empty() {
            self.view = trial::trial(&self.taken, &self.history).ok();
        }
    }

    fn try_part(&mut self, part: &[&Sound]) {
        let part: Vec<&Sound> = part.iter().copied().filter(|change| self.has_ancestors(change)).collect();
        if part.is_empty() {
            return;
        }
        let mut all = self.taken.clone();
        all.extend(part.iter().map(|change| self.new[change.place].as_slice()));
        match (trial::trial(&all, &self.history), part.as_slice()) {
            (Ok(view), _) => (self.taken, self.view) = (all, Some(view)),
            (Err(hold), [one]) => self.fail(one.place, one.scanned.hash, Verdict::Held(hold)),
            (Err(_), several) => {
                let (first, second) = several.split_at(several.len() / 2);
                self.try_part(first);
                self.try_part(second);
            }
        }
    }

    /// Tells whether no ancestor was held by a trial; otherwise holds the change as well.
    fn has_ancestors(&mut self, change: &Sound) -> bool {
        let held = change.scanned.deps.iter().any(|dep| self.history.left_out(dep).is_some());
        if held {
            self.fail(change.place, change.scanned.hash, Verdict::Held(Hold::Ancestor));
        }
        !held
    }
}
