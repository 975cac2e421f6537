//! Judges: changes of other people are tried in a process of their own, so that whatever they do to Automerge
//! harms nothing but that process. Decides nothing itself: the rules stand in [`crate::doc::examine`].

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use crate::doc::{self, Examined};
use crate::sys::child::{self, NoAnswer};

/// The changes of one record that are to be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Accepted before, in any order.
    pub existing: Vec<Vec<u8>>,
    /// To be judged; every dep is in one of the two.
    pub new: Vec<Vec<u8>>,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Examined(Box<Examined>),
    /// The process that judged it ended, or cannot be started; also for a job longer than [`child::MAX_FRAME`].
    Crashed,
    /// It took longer than so much work may.
    TimedOut,
}

/// Judges jobs one record at a time; outcomes come in the order of the jobs.
pub trait Judge {
    fn judge(&mut self, jobs: Vec<Job>) -> Vec<Outcome>;
}

/// Judges in this very process: for tests, and where no other can be started.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Judge for InProcess {
    fn judge(&mut self, jobs: Vec<Job>) -> Vec<Outcome> {
        jobs.iter().map(judged_here).collect()
    }
}

fn judged_here(job: &Job) -> Outcome {
    let examined = catch_unwind(AssertUnwindSafe(|| doc::examine(&job.existing, &job.new)));
    examined.map_or(Outcome::Crashed, |examined| Outcome::Examined(Box::new(examined)))
}

/// Judges in one other process, which serves a whole import and is replaced when it ends or hangs.
#[derive(Debug)]
pub struct Child {
    program: PathBuf,
    arguments: Vec<String>,
    patience: Duration,
    running: Option<child::Child>,
}

/// How long a judge waits for a job without any bytes.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How much longer it waits for each further byte: a long record costs more to read.
const PATIENCE_PER_BYTE: Duration = Duration::from_micros(20);

impl Child {
    /// Judges by a program that does [`serve`] when it is started with these arguments.
    pub fn new(program: PathBuf, arguments: Vec<String>) -> Self {
        Child { program, arguments, patience: PATIENCE, running: None }
    }

    /// Waits for this long instead of [`PATIENCE`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Child { patience, ..self }
    }

    /// Judges one job. A process that ended may have been weary of those before, so the job is tried once more, in a new one.
    fn outcome(&mut self, job: &Job) -> Outcome {
        let fresh = self.running.is_none();
        match self.attempt(job) {
            Err(_) if !fresh => self.attempt(job),
            first => first,
        }
        .unwrap_or_else(|failure| match failure {
            NoAnswer::Ended => Outcome::Crashed,
            NoAnswer::TimedOut => Outcome::TimedOut,
        })
    }

    fn attempt(&mut self, job: &Job) -> Result<Outcome, NoAnswer> {
        let frame = packed(job);
        let bytes = u32::try_from(frame.len()).ok().filter(|_| frame.len() <= child::MAX_FRAME).ok_or(NoAnswer::Ended)?;
        let mut running = match self.running.take() {
            Some(running) => running,
            None => child::Child::start(&self.program, &self.arguments).map_err(|_| NoAnswer::Ended)?,
        };
        let answer = running.ask(frame, self.patience + PATIENCE_PER_BYTE * bytes)?;
        let examined: Examined = serde_json::from_slice(&answer).map_err(|_| NoAnswer::Ended)?;
        if examined.verdicts.len() != job.new.len() {
            return Err(NoAnswer::Ended);
        }
        self.running = Some(running);
        Ok(Outcome::Examined(Box::new(examined)))
    }
}

impl Judge for Child {
    fn judge(&mut self, jobs: Vec<Job>) -> Vec<Outcome> {
        jobs.iter().map(|job| self.outcome(job)).collect()
    }
}

/// Judges the jobs that come in until there are no more, after limiting this process.
///
/// # Errors
/// Returns what the pipes say, and [`io::ErrorKind::InvalidData`] for bytes that are no job.
pub fn serve(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    child::limit_this_process();
    while let Some(frame) = child::read_frame(from)? {
        let job = unpacked(&frame).ok_or(io::ErrorKind::InvalidData)?;
        drop(frame);
        child::write_frame(to, &serde_json::to_vec(&doc::examine(&job.existing, &job.new))?)?;
    }
    Ok(())
}

/// A job as bytes: two lists, each a count and then length and bytes of each change.
fn packed(job: &Job) -> Vec<u8> {
    let mut bytes = Vec::with_capacity([&job.existing, &job.new].into_iter().flatten().map(|change| change.len() + 4).sum::<usize>() + 8);
    for list in [&job.existing, &job.new] {
        bytes.extend((list.len() as u32).to_be_bytes());
        for change in list {
            bytes.extend((change.len() as u32).to_be_bytes());
            bytes.extend(change);
        }
    }
    bytes
}

fn unpacked(mut bytes: &[u8]) -> Option<Job> {
    let (existing, new) = (list(&mut bytes)?, list(&mut bytes)?);
    bytes.is_empty().then_some(Job { existing, new })
}

fn list(bytes: &mut &[u8]) -> Option<Vec<Vec<u8>>> {
    let count = number(bytes)?;
    (0..count).map(|_| number(bytes).and_then(|length| Some(bytes.split_off(..length)?.to_vec()))).collect()
}

fn number(bytes: &mut &[u8]) -> Option<usize> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    usize::try_from(u32::from_be_bytes(*head)).ok()
}
