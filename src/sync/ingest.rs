//! Taking in what came, the same for every way in: envelopes first, on every core; then the judge, record by record.
//! What was stored and not judged is judged by the next run, so an interruption loses nothing.

use std::collections::{BTreeMap, HashSet};

use super::judge::{Job, Judge, Outcome};
use crate::crypto::{DeviceId, Sealed};
use crate::doc::{self, Examined, Hold, Verdict};
use crate::sys::work::on_every_core;
use crate::vault::{Case, Hash, Judgement, Progress, Received, Vault, VaultError};

/// Sealed bytes that are taken in at once.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;
/// Bytes of changes that the judge gets at once.
const JUDGED_AT_ONCE: usize = 8 * 1024 * 1024;

/// Takes files in as they come.
#[derive(Debug)]
pub struct Intake<'a> {
    vault: &'a mut Vault,
    /// Bytes that files which no key opens may still take.
    room: u64,
    waiting: Vec<Sealed>,
    size: usize,
    done: Received,
}

impl<'a> Intake<'a> {
    /// Begins; `room` is what files that no key opens may take, in bytes. What came before is gone on with in `done`.
    pub fn new(vault: &'a mut Vault, room: u64, done: Received) -> Intake<'a> {
        Intake { vault, room, waiting: Vec::new(), size: 0, done }
    }

    /// Takes one file.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn take(&mut self, sealed: Sealed) -> Result<(), VaultError> {
        self.size += sealed.as_bytes().len();
        self.waiting.push(sealed);
        if self.size < BYTES_AT_ONCE { Ok(()) } else { self.store() }
    }

    /// Stores what was taken so far.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing of the last files is here.
    pub fn store(&mut self) -> Result<(), VaultError> {
        self.size = 0;
        let keyring = self.vault.keyring();
        let files = on_every_core(std::mem::take(&mut self.waiting), |sealed| {
            let envelope = keyring.envelope(&sealed);
            (sealed, envelope)
        });
        if files.is_empty() {
            return Ok(());
        }
        let received = self.vault.receive(files, &mut self.room)?;
        self.done.add(received);
        Ok(())
    }

    /// Stores the rest and lets the judge look at everything that waits for it.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn finish(mut self, judge: &mut dyn Judge, progress: &mut dyn Progress) -> Result<Received, VaultError> {
        self.store()?;
        judged(self.vault, judge, progress)?;
        Ok(self.done)
    }
}

/// Lets the judge look at every change that waits for it.
///
/// # Errors
/// Returns what the disk refused.
pub fn judged(vault: &mut Vault, judge: &mut dyn Judge, progress: &mut dyn Progress) -> Result<(), VaultError> {
    let mut passed = HashSet::new();
    let all = vault.docket()?.ready().len() as u64;
    loop {
        let cases = vault.cases(&passed, JUDGED_AT_ONCE)?;
        if cases.is_empty() {
            return judged_behind(vault, judge);
        }
        passed.extend(cases.iter().filter(|case| !case.more).map(|case| case.record));
        progress.at(passed.len() as u64, all.max(passed.len() as u64));
        vault.settle_cases(judgements(cases, judge))?;
    }
}

/// Lets the judge look at changes that stand behind others which do not count.
fn judged_behind(vault: &mut Vault, judge: &mut dyn Judge) -> Result<(), VaultError> {
    let mut passed = HashSet::new();
    loop {
        let cases = vault.cases_behind(&passed, JUDGED_AT_ONCE)?;
        if cases.is_empty() {
            return Ok(());
        }
        passed.extend(cases.iter().map(|case| case.record));
        vault.settle_cases(judgements(cases, judge))?;
    }
}

fn judgements(cases: Vec<Case>, judge: &mut dyn Judge) -> Vec<(Case, Judgement)> {
    let jobs = cases.iter().map(|case| Job { existing: case.existing.clone(), new: case.new.clone() }).collect();
    let outcomes = judge.judge(jobs);
    cases
        .into_iter()
        .zip(outcomes)
        .map(|(case, outcome)| {
            let judgement = match outcome {
                Outcome::Examined(examined) => Ok(*examined),
                failed if case.new.len() == 1 => Err(code_of(&failed)),
                _ => Ok(one_by_one(&case, judge)),
            };
            (case, judgement)
        })
        .collect()
}

fn code_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::TimedOut => "timed-out",
        _ => "crashed",
    }
}

/// Judges the changes of a record one after the other, so that one on which the judge ends does not hold the others.
fn one_by_one(case: &Case, judge: &mut dyn Judge) -> Examined {
    let mut existing = case.existing.clone();
    let mut held: HashSet<Hash> = HashSet::new();
    let mut verdicts = Vec::new();
    for new in &case.new {
        let (hash, deps) = doc::describe(new).map_or((Hash::default(), Vec::new()), |(change, _)| (change.hash, change.deps));
        let verdict = if deps.iter().any(|dep| held.contains(dep)) {
            Verdict::Held(Hold::Ancestor)
        } else {
            let outcome = judge.judge(vec![Job { existing: existing.clone(), new: vec![new.clone()] }]).pop();
            match outcome {
                Some(Outcome::Examined(examined)) => examined.verdicts.first().copied().unwrap_or(Verdict::Held(Hold::Unapplied)),
                _ => Verdict::Held(Hold::Panicked),
            }
        };
        match verdict {
            Verdict::Accepted => existing.push(new.clone()),
            Verdict::Held(_) => drop(held.insert(hash)),
            Verdict::Refused(_) => {}
        }
        verdicts.push(verdict);
    }
    Examined { verdicts, view: None }
}

/// Counts refusals by author and reason.
pub fn by_author(refused: &[(Hash, Option<DeviceId>, String)]) -> BTreeMap<(Option<DeviceId>, String), u64> {
    let mut counted = BTreeMap::new();
    for (_, author, code) in refused {
        *counted.entry((*author, code.clone())).or_default() += 1;
    }
    counted
}
