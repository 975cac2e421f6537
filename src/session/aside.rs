//! What does not count: listing it, reading it before anybody decides, and the signed decisions of admins that travel.
//! Nothing that no judge looked at is examined in this process.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Session;
use super::read::OPENING_FIELDS;
use super::short;
use crate::crypto::DeviceId;
use crate::doc::{Edit, Verdict, View, compare};
use crate::error::Error;
use crate::model::{Kind, Tree};
use crate::sync::ingest::judged;
use crate::sync::judge::{Job, Judge, Outcome};
use crate::team::{Act, Adopt, Operation, SetAside};
use crate::vault::{Body, Hash, Line, Out, Row, Silent, Standing, hash_of, line_of};

/// Fewest hex digits by which a change is called.
const SHORTEST: usize = 8;
/// Most changes that one operation decides about.
const MAX_HEADERS: usize = 256;
/// Most characters of a reason.
const MAX_REASON: usize = 500;
/// Records that the judge may leave unread before a list goes on without titles.
const PATIENCE: usize = 3;

/// A change that does not count, as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct AsideRow {
    /// Header hash of its parcel.
    pub id: String,
    /// Beginning of it that belongs to no other change.
    pub short: String,
    /// Handle of its author.
    pub author: String,
    /// Claimed seconds since 1970.
    pub time: i64,
    /// Its number in the chain of its author.
    pub number: u64,
    /// Code of the reason, e.g. `aside-cut-off`.
    pub why: String,
    /// Short code of the record where that is shown.
    pub record: Option<String>,
    pub kind: Option<Kind>,
    /// Name of the record; empty where it has none or cannot be read.
    pub title: String,
    pub decided: Option<Decided>,
}

/// Who keeps a change out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub by: String,
    /// Claimed seconds since 1970.
    pub at: i64,
    /// Empty where the operation states none.
    pub reason: String,
}

/// What a record would say with a change that does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct AsideReading {
    pub row: AsideRow,
    /// Other changes that do not count and on which it builds.
    pub builds_on: Vec<String>,
    /// Each path with what the record says now and what it would say.
    pub edits: Vec<Edit>,
    /// Code of the reason why it cannot be read; then there are no edits.
    pub unreadable: Option<String>,
}

/// The changes that a decision is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// Beginnings of header hashes.
    pub parcels: &'a [String],
    /// Everything of a member that is set aside.
    pub member: Option<&'a str>,
    /// Everything set aside in one chain up to a change.
    pub up_to: Option<&'a str>,
}

/// What a decision did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Changes that stand as was decided.
    pub done: u64,
    /// Those that do not, by the code of how they stand.
    pub left: BTreeMap<String, u64>,
    /// Further changes that stand behind others since then.
    pub behind: u64,
}

/// Changes that count because an admin adopted them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    pub author: String,
    pub by: String,
    pub reason: String,
    /// Header hashes.
    pub parcels: Vec<String>,
}

impl Session {
    /// Returns every change of the chosen casebook that is set aside or stands behind one, of one member or of all, by author
    /// and number. The judge reads the records that are not shown, for their titles.
    ///
    /// # Errors
    /// Returns [`Error::MemberUnknown`], [`Error::NotShared`], or why the docket does not open.
    pub fn set_aside_list(&mut self, member: Option<&str>, judge: &mut dyn Judge) -> Result<Vec<AsideRow>, Error> {
        self.shared()?;
        let device = member.map(|member| self.device_called(member)).transpose()?;
        let mut out = self.vault.out(&self.casebook)?;
        out.retain(|out| device.is_none_or(|device| out.row.author() == device));
        let spoken = self.spoken(&out, judge)?;
        let codes = self.parcel_codes()?;
        let mut rows: Vec<AsideRow> = out.iter().map(|out| self.aside_row(out, &spoken, &codes)).collect::<Result<_, _>>()?;
        rows.sort_by(|a, b| (&a.author, a.number, &a.id).cmp(&(&b.author, b.number, &b.id)));
        Ok(rows)
    }

    /// Reads what a record would say with a change that does not count and with all that this builds on. The judge alone
    /// looks at what was never judged.
    ///
    /// # Errors
    /// Returns [`Error::NoParcel`], [`Error::Ambiguous`], or [`Error::NotAside`] for one that counts.
    pub fn read_aside(&mut self, id: &str, judge: &mut dyn Judge) -> Result<AsideReading, Error> {
        self.shared()?;
        let id = self.parcel(id)?.id;
        let all = self.vault.out(&self.casebook)?;
        let out = all.iter().find(|out| out.row.id == id).cloned().ok_or(Error::NotAside)?;
        if !self.reads() {
            return Err(crate::vault::VaultError::Unread.into());
        }
        let codes = self.parcel_codes()?;
        let (record, builds_on) = (out.row.change().map_or(Hash::default(), |(record, ..)| *record), self.grounds_of(&id, &all, &codes)?);
        let mut reading = AsideReading { row: self.aside_row(&out, &HashMap::new(), &codes)?, builds_on, edits: Vec::new(), unreadable: None };
        match self.as_if(&[id], judge)? {
            Err(code) => reading.unreadable = Some(code),
            Ok(then) => {
                let line = self.would_be(record, &then);
                reading.row.kind = then.kind;
                reading.row.title = line.map_or_else(String::new, |line| line.title);
                reading.edits = self.next_to(record, then)?;
            }
        }
        Ok(reading)
    }

    /// Adopts changes that are set aside, for everybody: they count and stay marked. The judge looks at them first.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], [`Error::Reason`], [`Error::Nothing`] for no choice, [`Error::NotAside`] for one that an
    /// adopt cannot help; then nothing was written.
    pub fn adopt(&mut self, choice: &Choice, reason: &str, judge: &mut dyn Judge) -> Result<Decision, Error> {
        self.admin()?;
        let reason = reason_of(reason)?;
        let (chosen, twins) = self.adoptable(choice)?;
        for part in chosen.chunks(MAX_HEADERS) {
            let adopt = Adopt { headers: part.iter().map(hex::encode).collect(), reason: reason.clone() };
            self.decide_aside(|by, heads, time, nonce| Operation::Adopt(Act::new(by, heads, adopt, time, nonce)))?;
        }
        judged(&mut self.vault, judge, &mut Silent)?;
        self.view = None;
        let mut decision = self.decision(&chosen, &|standing| *standing == Standing::Accepted)?;
        if twins > 0 {
            *decision.left.entry(Standing::Aside(crate::vault::Aside::Twin).code().to_owned()).or_default() += twins;
        }
        Ok(decision)
    }

    /// Sets changes that count aside, for everybody, until an adopt that follows.
    ///
    /// # Errors
    /// As [`Session::adopt`], with [`Error::NotCounted`] for one that does not count.
    pub fn set_aside(&mut self, ids: &[String], reason: &str, judge: &mut dyn Judge) -> Result<Decision, Error> {
        self.admin()?;
        let reason = reason_of(reason)?;
        let mut chosen = Vec::new();
        for id in ids {
            let row = self.parcel(id)?;
            let counts = self.vault.docket()?.standing(&row.id) == Some(&Standing::Accepted);
            chosen.push(if counts { row.id } else { return Err(Error::NotCounted) });
        }
        let chosen = once(chosen)?;
        let before = self.behind()?;
        for part in chosen.chunks(MAX_HEADERS) {
            let aside = SetAside { headers: part.iter().map(hex::encode).collect(), reason: reason.clone() };
            self.decide_aside(|by, heads, time, nonce| Operation::SetAside(Act::new(by, heads, aside, time, nonce)))?;
        }
        judged(&mut self.vault, judge, &mut Silent)?;
        self.view = None;
        let decision = self.decision(&chosen, &|standing| matches!(standing, Standing::Aside(_)))?;
        Ok(Decision { behind: self.behind()?.saturating_sub(before), ..decision })
    }

    /// Returns what of a record counts because an admin adopted it, by author and decision.
    ///
    /// # Errors
    /// As [`Session::resolve`].
    pub fn adopted_in(&mut self, record: &str) -> Result<Vec<Adopted>, Error> {
        let id = self.resolve(record)?.id.clone();
        let adopted = self.vault.log(&self.casebook).map_or_else(|_| BTreeMap::new(), |log| log.membership().adopted.clone());
        if adopted.is_empty() {
            return Ok(Vec::new());
        }
        let parts = self.load()?.lines().iter().filter(|line| line.id == id || line.continues.as_ref() == Some(&id));
        let parts: Vec<String> = parts.map(|line| line.id.clone()).collect();
        let mut found: BTreeMap<(Hash, Hash), Vec<String>> = BTreeMap::new();
        for part in parts {
            for kept in self.body(&part)?.parcels {
                let Some(id) = hash_of(&kept.id) else { continue };
                let Some(operation) = adopted.get(&id).and_then(|operations| operations.first()) else { continue };
                let device = self.vault.docket()?.row(&id).map(|row| row.device).unwrap_or_default();
                found.entry((device, *operation)).or_default().push(kept.id);
            }
        }
        found.into_iter().map(|((device, operation), parcels)| self.adopted(&device, &operation, parcels)).collect()
    }

    fn adopted(&self, device: &Hash, operation: &Hash, mut parcels: Vec<String>) -> Result<Adopted, Error> {
        parcels.sort();
        let author = self.vault.handle_of(&self.casebook, &DeviceId::from_bytes(*device));
        let decided = self.decided(operation);
        Ok(Adopted { author, by: decided.by, reason: decided.reason, parcels })
    }

    /// Returns the name by which each change of the casebook is called in decisions, by the hash of the change.
    ///
    /// # Errors
    /// Returns why the docket does not open.
    pub fn change_codes(&mut self) -> Result<HashMap<Hash, String>, Error> {
        let codes = self.parcel_codes()?;
        let rows = self.vault.docket()?.facts().filter_map(|row| Some((*row.change()?.1, codes.get(&row.id)?.clone())));
        Ok(rows.collect())
    }

    /// The beginning of each header hash of a change that belongs to no other one.
    fn parcel_codes(&mut self) -> Result<HashMap<Hash, String>, Error> {
        let casebook = self.casebook;
        let rows = self.vault.docket()?.facts().filter(|row| row.casebook == casebook && row.change().is_some());
        let mut ids: Vec<String> = rows.map(|row| hex::encode(row.id)).collect();
        ids.sort();
        let shared = |one: &str, other: &str| one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let needed = |at: usize| {
            let before = at.checked_sub(1).map_or(0, |before| shared(&ids[before], &ids[at]));
            let after = ids.get(at + 1).map_or(0, |after| shared(after, &ids[at]));
            (before.max(after) + 1).clamp(SHORTEST, ids[at].len())
        };
        Ok((0..ids.len()).filter_map(|at| Some((hash_of(&ids[at])?, ids[at][..needed(at)].to_owned()))).collect())
    }

    /// Finds a change of the chosen casebook by the beginning of its header hash.
    fn parcel(&mut self, given: &str) -> Result<Row, Error> {
        let (casebook, wanted) = (self.casebook, given.trim().to_lowercase());
        let called = |row: &&Row| row.casebook == casebook && row.change().is_some() && hex::encode(row.id).starts_with(&wanted);
        let found: Vec<Row> = self.vault.docket()?.facts().filter(|_| wanted.len() >= SHORTEST).filter(called).cloned().collect();
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(Error::NoParcel { given: given.trim().to_owned() }),
            several => {
                let candidates = several.iter().take(8).map(|row| hex::encode(&row.id[..8])).collect();
                Err(Error::Ambiguous { given: given.trim().to_owned(), candidates })
            }
        }
    }

    /// Finds any device that was ever in the casebook by handle or the beginning of its key.
    fn device_called(&self, given: &str) -> Result<DeviceId, Error> {
        let wanted = given.trim();
        let handles = self.vault.log(&self.casebook)?.membership().handles();
        let by_key = |device: &DeviceId| wanted.len() >= SHORTEST && device.to_string().starts_with(&wanted.to_lowercase());
        let mut found = handles.iter().filter(|(device, handle)| handle.eq_ignore_ascii_case(wanted) || by_key(device));
        match (found.next(), found.next()) {
            (Some((device, _)), None) => Ok(*device),
            _ => Err(Error::MemberUnknown),
        }
    }

    fn aside_row(&mut self, out: &Out, spoken: &HashMap<Hash, Line>, codes: &HashMap<Hash, String>) -> Result<AsideRow, Error> {
        let record = out.row.change().map(|(record, ..)| *record).unwrap_or_default();
        let shown = self.load()?.line(&hex::encode(record)).cloned();
        let line = shown.as_ref().or_else(|| spoken.get(&record)).cloned();
        let title = line.as_ref().map_or(Ok(String::new()), |line| self.title_of(line, spoken))?;
        Ok(AsideRow {
            id: hex::encode(out.row.id),
            short: codes.get(&out.row.id).cloned().unwrap_or_default(),
            author: self.vault.handle_of(&self.casebook, &out.row.author()),
            time: out.row.time,
            number: out.row.n,
            why: out.standing.code().to_owned(),
            record: shown.map(|line| short(&line.kind, &line.id)),
            kind: line.and_then(|line| Kind::named(&line.kind)),
            title,
            decided: out.by.map(|operation| self.decided(&operation)),
        })
    }

    /// The name of a record; of one without a name that of its person.
    fn title_of(&mut self, line: &Line, spoken: &HashMap<Hash, Line>) -> Result<String, Error> {
        let Some(person) = line.person.as_deref().filter(|_| line.title.is_empty()) else { return Ok(line.title.clone()) };
        let unseen = || hash_of(person).and_then(|id| spoken.get(&id)).map(|line| line.title.clone());
        Ok(self.load()?.line(person).map(|line| line.title.clone()).or_else(unseen).unwrap_or_default())
    }

    fn decided(&self, operation: &Hash) -> Decided {
        let signed = self.vault.log(&self.casebook).ok().and_then(|log| log.operation(operation));
        let Some(operation) = signed.map(|signed| &signed.operation) else { return Decided { by: String::new(), at: 0, reason: String::new() } };
        let reason = match operation {
            Operation::Adopt(act) => act.what.reason.clone(),
            Operation::SetAside(act) => act.what.reason.clone(),
            _ => String::new(),
        };
        Decided { by: self.vault.handle_of(&self.casebook, &operation.by()), at: operation.time(), reason }
    }

    /// What records would be of which nothing counts, as the judge reads them.
    fn spoken(&mut self, out: &[Out], judge: &mut dyn Judge) -> Result<HashMap<Hash, Line>, Error> {
        let mut by_record: BTreeMap<Hash, Vec<Hash>> = BTreeMap::new();
        for out in out {
            let Some((record, ..)) = out.row.change() else { continue };
            by_record.entry(*record).or_default().push(out.row.id);
        }
        let (mut spoken, mut failed) = (HashMap::new(), if self.reads() { 0 } else { PATIENCE });
        for (record, ids) in by_record {
            if failed >= PATIENCE || self.load()?.line(&hex::encode(record)).is_some() {
                continue;
            }
            match self.as_if(&ids, judge)? {
                Ok(view) => spoken.extend(self.would_be(record, &view).map(|line| (record, line))),
                Err(_) => failed += 1,
            }
        }
        Ok(spoken)
    }

    /// Lets the judge read a record as if some changes counted; the code of the reason where it cannot be read.
    fn as_if(&mut self, ids: &[Hash], judge: &mut dyn Judge) -> Result<Result<View, String>, Error> {
        let Some(case) = self.vault.as_if(ids)? else { return Ok(Err(Standing::Waiting(crate::vault::Waits::Change).code().to_owned())) };
        let outcome = judge.judge(vec![Job { existing: case.existing, new: case.new }]).pop();
        Ok(match outcome {
            Some(Outcome::Examined(examined)) => {
                let refused = examined.verdicts.iter().find(|verdict| **verdict != Verdict::Accepted).map(|verdict| verdict.code());
                refused.map_or_else(|| examined.view.ok_or_else(|| "crashed".to_owned()), Err)
            }
            Some(Outcome::TimedOut) => Err("timed-out".into()),
            _ => Err("crashed".into()),
        })
    }

    /// The line of a record as the judge read it.
    fn would_be(&self, record: Hash, view: &View) -> Option<Line> {
        let body = Body::new(view.reading.clone(), Vec::new(), &|_| String::new());
        Some(line_of(view.kind?, &hex::encode(record), &hex::encode(self.casebook), &body, ("", view.created.at, view.changed)))
    }

    /// What a record says now beside what it would say.
    fn next_to(&mut self, record: Hash, then: View) -> Result<Vec<Edit>, Error> {
        let id = hex::encode(record);
        let now = if self.load()?.line(&id).is_some() { self.body(&id)?.tree } else { Tree::new() };
        let plain = |mut tree: Tree| {
            OPENING_FIELDS.iter().for_each(|name| drop(tree.remove(*name)));
            tree
        };
        Ok(compare(&plain(now), &plain(then.reading.tree)))
    }

    /// The other changes that do not count and on which one builds.
    fn grounds_of(&mut self, id: &Hash, out: &[Out], codes: &HashMap<Hash, String>) -> Result<Vec<String>, Error> {
        let out: HashSet<Hash> = out.iter().map(|out| out.row.id).collect();
        let below = self.vault.docket()?.with_ground(id).unwrap_or_default();
        let below = below.into_iter().map(|row| row.id).filter(|below| below != id && out.contains(below));
        Ok(below.filter_map(|id| codes.get(&id).cloned()).collect())
    }

    /// The chosen changes that an adopt can help, and how many others were among those of the member.
    fn adoptable(&mut self, choice: &Choice) -> Result<(Vec<Hash>, u64), Error> {
        let out = self.vault.out(&self.casebook)?;
        let helps = |standing: &Standing| matches!(standing, Standing::Aside(aside) if *aside != crate::vault::Aside::Twin);
        let aside: HashSet<Hash> = out.iter().filter(|out| helps(&out.standing)).map(|out| out.row.id).collect();
        let (mut chosen, mut twins) = (Vec::new(), 0);
        for id in choice.parcels {
            let id = self.parcel(id)?.id;
            chosen.push(if aside.contains(&id) { id } else { return Err(Error::NotAside) });
        }
        if let Some(member) = choice.member {
            let device = self.device_called(member)?;
            let theirs = || out.iter().filter(|out| out.row.author() == device);
            chosen.extend(theirs().map(|out| out.row.id).filter(|id| aside.contains(id)));
            twins = theirs().filter(|out| out.standing == Standing::Aside(crate::vault::Aside::Twin)).count() as u64;
        }
        if let Some(last) = choice.up_to {
            let mut next = Some(self.parcel(last)?.id);
            while let Some(row) = next.and_then(|id| self.vault.docket().ok()?.row(&id).cloned()) {
                chosen.extend(aside.contains(&row.id).then_some(row.id));
                next = row.prev;
            }
        }
        let asked = !choice.parcels.is_empty() || choice.member.is_some() || choice.up_to.is_some();
        match once(chosen) {
            Err(Error::Nothing) if asked => Err(Error::NotAside),
            chosen => chosen.map(|chosen| (chosen, twins)),
        }
    }

    /// Writes a decision, following everything that the log says.
    fn decide_aside(&mut self, make: impl FnOnce(DeviceId, &[Hash], i64, [u8; 16]) -> Operation) -> Result<(), Error> {
        let (time, by) = (self.now().seconds, self.vault.keyring().signing.device());
        self.view = None;
        self.vault.operate(&self.casebook, |heads, nonce| make(by, heads, time, nonce), None, time, &mut *self.chance)?;
        Ok(())
    }

    fn decision(&mut self, chosen: &[Hash], as_decided: &dyn Fn(&Standing) -> bool) -> Result<Decision, Error> {
        let docket = self.vault.docket()?;
        let mut decision = Decision::default();
        for standing in chosen.iter().filter_map(|id| docket.standing(id)) {
            if as_decided(standing) {
                decision.done += 1;
            } else {
                *decision.left.entry(standing.code().to_owned()).or_default() += 1;
            }
        }
        Ok(decision)
    }

    /// How many changes of the casebook stand behind others.
    fn behind(&mut self) -> Result<u64, Error> {
        let behind = Standing::Waiting(crate::vault::Waits::Behind);
        Ok(self.vault.out(&self.casebook)?.iter().filter(|out| out.standing == behind).count() as u64)
    }
}

/// A reason as operations state it.
fn reason_of(given: &str) -> Result<String, Error> {
    let reason = given.trim();
    if (1..=MAX_REASON).contains(&reason.chars().count()) { Ok(reason.to_owned()) } else { Err(Error::Reason) }
}

/// Each once, in order; an error for none.
fn once(ids: Vec<Hash>) -> Result<Vec<Hash>, Error> {
    let mut seen = HashSet::new();
    let ids: Vec<Hash> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
    if ids.is_empty() { Err(Error::Nothing) } else { Ok(ids) }
}
