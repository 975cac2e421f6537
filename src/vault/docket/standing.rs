//! Which parcels stand in the casebook. A pure function of the set of parcels held and of what the judge found in each:
//! the order in which they came, clocks and clicks have no part in it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::{Hash, Judged, Row, What};
use crate::team::{Admission, Facts, Log, Membership, OperationId};

/// Code of the reason why nothing of somebody is kept whom nobody let in.
pub const STRANGER: &str = "stranger";

/// How a parcel stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Accepted,
    /// It fits; the judge of changes has not seen it.
    Ready,
    /// Something before it is not here.
    Waiting(Waits),
    /// Kept, shown and not counted.
    Aside(Aside),
    /// The judge did not finish, with the code of the reason.
    Held(String),
    /// Never to be taken, with the code of the reason.
    Refused(String),
}

/// What a parcel waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Operations of the membership log.
    Log,
    /// Changes that have not come.
    Change,
    /// A change before it that is here and does not count.
    Behind,
}

/// Why a parcel is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// Another parcel of the same device has the same number and nonce; that one counts.
    Twin,
    /// It lies outside what was accepted when its device was removed or lost rights.
    CutOff,
    /// Its device is suspended.
    Suspended,
    /// The role of its device did not allow it.
    Forbidden,
    /// Whoever let its device in had no right to, as turned out later.
    LetInByNobody,
    /// An admin set it aside.
    ByAdmin,
}

impl Standing {
    /// Tells whether nobody had let the author in: such a parcel is not kept.
    pub fn is_strange(&self) -> bool {
        matches!(self, Standing::Refused(code) if code == STRANGER)
    }

    /// Returns the stable code by which texts are looked up.
    pub fn code(&self) -> &str {
        match self {
            Standing::Accepted => "accepted",
            Standing::Ready => "ready",
            Standing::Waiting(Waits::Log) => "waiting-log",
            Standing::Waiting(Waits::Change) => "waiting-change",
            Standing::Waiting(Waits::Behind) => "waiting-behind",
            Standing::Aside(Aside::Twin) => "aside-twin",
            Standing::Aside(Aside::CutOff) => "aside-cut-off",
            Standing::Aside(Aside::Suspended) => "aside-suspended",
            Standing::Aside(Aside::Forbidden) => "aside-forbidden",
            Standing::Aside(Aside::LetInByNobody) => "aside-let-in-by-nobody",
            Standing::Aside(Aside::ByAdmin) => "aside-by-admin",
            Standing::Held(code) | Standing::Refused(code) => code,
        }
    }
}

/// Returns the standing of every row; rows of casebooks without a log stand as waiting for it.
pub fn stand(rows: &[Row], logs: &BTreeMap<Hash, Log>) -> Vec<Standing> {
    let mut standings: Vec<Standing> = rows.iter().map(|_| Standing::Waiting(Waits::Log)).collect();
    for (casebook, log) in logs {
        let own: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].casebook == *casebook).collect();
        Court::new(rows, &own, log).sit(&mut standings);
    }
    standings
}

/// Returns the operation of a log that keeps each wanted parcel of its casebook out, where one does.
pub fn against(rows: &[Row], log: &Log, wanted: &HashSet<Hash>) -> HashMap<Hash, OperationId> {
    let own: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].casebook == *log.casebook()).collect();
    let court = Court::new(rows, &own, log);
    let wanted = own.iter().map(|at| &rows[*at]).filter(|row| wanted.contains(&row.id));
    wanted.filter_map(|row| Some((row.id, court.against(row)?))).collect()
}

/// Heads of the log with the membership there.
type Resolved<'a> = (&'a [Hash], Option<Arc<Membership>>);

/// One casebook being looked through.
struct Court<'a> {
    rows: &'a [Row],
    own: &'a [usize],
    log: &'a Log,
    by_id: HashMap<Hash, usize>,
    /// Resolution of the log at the heads that were asked for last.
    known: RefCell<Option<Resolved<'a>>>,
    /// Ancestors of the headers that a cut-off lists.
    within: RefCell<HashMap<Vec<String>, HashSet<Hash>>>,
}

impl<'a> Court<'a> {
    fn new(rows: &'a [Row], own: &'a [usize], log: &'a Log) -> Court<'a> {
        let by_id = own.iter().map(|at| (rows[*at].id, *at)).collect();
        Court { rows, own, log, by_id, known: RefCell::default(), within: RefCell::default() }
    }

    fn sit(&self, standings: &mut [Standing]) {
        // Parcels that name the same heads stand together, so that these are looked up once.
        let mut order = self.own.to_vec();
        order.sort_by(|a, b| self.rows[*a].log.cmp(&self.rows[*b].log));
        for at in order {
            standings[at] = self.by_itself(&self.rows[at]);
        }
        self.part_twins(standings);
        self.rescue(standings);
        self.build_up(standings);
    }

    /// How a parcel stands by its header, its author and its judge alone; what fits is `Ready`.
    fn by_itself(&self, row: &'a Row) -> Standing {
        match (&row.judged, &row.what) {
            (Judged::Refused(code), _) => return Standing::Refused(code.clone()),
            (Judged::Held(code), _) => return Standing::Held(code.clone()),
            (_, What::Log { operation }) => return self.operation(operation, row),
            _ => {}
        }
        let Some(at) = self.membership_at(&row.log) else { return Standing::Waiting(Waits::Log) };
        if at.role(&row.author()).is_none() {
            return Standing::Refused(STRANGER.into());
        }
        if row.what == What::Keys {
            return Standing::Ready;
        }
        match self.admission(row, &at) {
            Admission::Admitted | Admission::Adopted { .. } => Standing::Ready,
            Admission::Stranger => Standing::Aside(Aside::LetInByNobody),
            // Whoever may not write may still say what reached them.
            Admission::Forbidden(_) if row.what == What::Receipt => Standing::Ready,
            Admission::Forbidden(_) => Standing::Aside(Aside::Forbidden),
            Admission::CutOff { .. } => Standing::Aside(Aside::CutOff),
            Admission::Suspended { .. } => Standing::Aside(Aside::Suspended),
            Admission::SetAside { .. } => Standing::Aside(Aside::ByAdmin),
        }
    }

    /// What the whole log says of a parcel whose author knew this membership.
    fn admission(&self, row: &Row, at: &Membership) -> Admission {
        let within = |listed: &[String]| self.is_within(&row.id, listed);
        let creates = row.change().is_none_or(|(_, _, deps)| deps.is_empty());
        let facts = Facts { id: row.id, device: row.author(), log: &row.log, creates, within: &within, at, log_of: self.log };
        self.log.membership().admits(&facts)
    }

    /// The operation that keeps a parcel out.
    fn against(&self, row: &'a Row) -> Option<OperationId> {
        match self.admission(row, &*self.membership_at(&row.log)?) {
            Admission::CutOff { op } | Admission::Suspended { op } | Admission::SetAside { op } => Some(op),
            _ => None,
        }
    }

    /// An operation stands as the log says. The founding may be repeated by anybody whom the log knows.
    fn operation(&self, id: &Hash, row: &Row) -> Standing {
        let repeated = self.log.founder() != Some(row.author()) && self.log.operation(id).is_some_and(|known| known.operation.deps().is_empty());
        match () {
            () if self.log.awaits(id) => Standing::Waiting(Waits::Log),
            () if !self.log.knows(id) => Standing::Refused(STRANGER.into()),
            () if repeated && !self.log.membership().has_known(&row.author()) => Standing::Waiting(Waits::Log),
            () => Standing::Ready,
        }
    }

    fn membership_at(&self, heads: &'a [Hash]) -> Option<Arc<Membership>> {
        let mut known = self.known.borrow_mut();
        match &*known {
            Some((last, membership)) if *last == heads => membership.clone(),
            _ => known.insert((heads, self.log.rights_at(heads))).1.clone(),
        }
    }

    /// Tells whether a parcel is one of the listed ones or stands before one in its chain.
    fn is_within(&self, id: &Hash, listed: &[String]) -> bool {
        let mut known = self.within.borrow_mut();
        known.entry(listed.to_vec()).or_insert_with(|| self.chain_up_to(listed)).contains(id)
    }

    fn chain_up_to(&self, listed: &[String]) -> HashSet<Hash> {
        let mut found = HashSet::new();
        for head in listed.iter().filter_map(|head| super::hash_of(head)) {
            let mut next = Some(head);
            while let Some(id) = next.filter(|id| found.insert(*id)) {
                next = self.by_id.get(&id).and_then(|at| self.rows[*at].prev);
            }
        }
        found
    }

    /// Of parcels with one actor the one with the smallest name counts.
    fn part_twins(&self, standings: &mut [Standing]) {
        let mut first: HashMap<(Hash, u64, [u8; 16]), usize> = HashMap::new();
        let counts = |standing: &Standing| !matches!(standing, Standing::Refused(_) | Standing::Held(_));
        for at in self.own.iter().copied() {
            let row = &self.rows[at];
            if row.change().is_none() || !counts(&standings[at]) {
                continue;
            }
            let best = first.entry((row.device, row.n, row.nonce)).or_insert(at);
            if row.id < self.rows[*best].id {
                standings[*best] = Standing::Aside(Aside::Twin);
                *best = at;
            } else if *best != at {
                standings[at] = Standing::Aside(Aside::Twin);
            }
        }
    }

    /// Takes back in what an accepted parcel builds on, unless an admin set it aside or it is a twin.
    fn rescue(&self, standings: &mut [Standing]) {
        let by_change: HashMap<Hash, usize> = self.providers(standings);
        let mut next: Vec<usize> = self.own.iter().copied().filter(|at| standings[*at] == Standing::Ready).collect();
        while let Some(at) = next.pop() {
            let deps = self.rows[at].change().map_or(&[][..], |(_, _, deps)| deps);
            let record = self.rows[at].change().map(|(record, ..)| record);
            let same = |dep: &usize| self.rows[*dep].change().map(|(record, ..)| record) == record;
            for dep in deps.iter().filter_map(|dep| by_change.get(dep).copied()).filter(same) {
                if matches!(standings[dep], Standing::Aside(Aside::CutOff | Aside::Suspended | Aside::Forbidden | Aside::LetInByNobody)) {
                    standings[dep] = Standing::Ready;
                    next.push(dep);
                }
            }
        }
    }

    /// The parcel that stands for each change: of several the one that may count, else the one with the smallest name.
    fn providers(&self, standings: &[Standing]) -> HashMap<Hash, usize> {
        let rank = |at: usize| match standings[at] {
            Standing::Refused(_) => (3, self.rows[at].id),
            Standing::Held(_) => (2, self.rows[at].id),
            Standing::Aside(Aside::Twin) => (1, self.rows[at].id),
            _ => (0, self.rows[at].id),
        };
        let mut providers: HashMap<Hash, usize> = HashMap::new();
        for at in self.own.iter().copied() {
            let Some((_, change, _)) = self.rows[at].change() else { continue };
            let best = providers.entry(*change).or_insert(at);
            if rank(at) < rank(*best) {
                *best = at;
            }
        }
        providers
    }

    /// Accepts from the roots on: a change counts when everything it builds on counts.
    fn build_up(&self, standings: &mut [Standing]) {
        let by_change = self.providers(standings);
        let mut after: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut open: HashMap<usize, usize> = HashMap::new();
        let mut next = Vec::new();
        let fit: Vec<usize> = self.own.iter().copied().filter(|at| standings[*at] == Standing::Ready).collect();
        for at in fit {
            let deps: Vec<Option<usize>> = self.rows[at].change().map_or(&[][..], |(_, _, deps)| deps).iter().map(|dep| by_change.get(dep).copied()).collect();
            let foreign = deps.iter().flatten().any(|dep| self.rows[*dep].change().map(|c| c.0) != self.rows[at].change().map(|c| c.0));
            if foreign {
                standings[at] = Standing::Refused("dep-of-another-record".into());
                continue;
            }
            open.insert(at, deps.len());
            next.extend(deps.is_empty().then_some(at));
            deps.into_iter().flatten().for_each(|dep| after.entry(dep).or_default().push(at));
        }
        let mut reached = HashSet::new();
        while let Some(at) = next.pop() {
            reached.insert(at);
            standings[at] = self.settled(at, standings, &by_change);
            for later in after.get(&at).into_iter().flatten() {
                let left = open.get_mut(later).map_or(1, |left| {
                    *left -= 1;
                    *left
                });
                next.extend((left == 0).then_some(*later));
            }
        }
        let unreached: Vec<usize> = open.into_keys().filter(|at| !reached.contains(at)).collect();
        for at in unreached {
            let deps = self.rows[at].change().map_or(&[][..], |(_, _, deps)| deps);
            let all_here = deps.iter().all(|dep| by_change.contains_key(dep));
            standings[at] = Standing::Waiting(if all_here { Waits::Behind } else { Waits::Change });
        }
    }

    /// A sound change on nothing but accepted ones is accepted; otherwise the judge is to look first.
    fn settled(&self, at: usize, standings: &[Standing], by_change: &HashMap<Hash, usize>) -> Standing {
        let Some((_, _, deps)) = self.rows[at].change() else { return Standing::Accepted };
        let accepted = |dep: &Hash| by_change.get(dep).is_some_and(|dep| standings[*dep] == Standing::Accepted);
        if self.rows[at].judged == Judged::Sound && deps.iter().all(accepted) { Standing::Accepted } else { Standing::Ready }
    }
}
