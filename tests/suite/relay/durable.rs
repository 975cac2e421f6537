//! What a relay acknowledged is there, once, whatever is killed or stopped; and no reader that follows the counter skips any.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use sandyq::wire::FileName;

use super::caller::Caller;
use super::cluster::{Cluster, Stop};
use super::process::{Doors, Processes, file, identity};

const WRITERS: usize = 4;
/// Files of each writer.
const EACH: usize = 40;
const ALL: usize = WRITERS * EACH;
/// Entries of a page, one size for each reader: all of them divide the number of files.
const PAGES: [u64; 3] = [1, 8, ALL as u64];
/// How long one that was not answered waits for something to change before it asks again.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a story may stand still.
const STANDSTILL: Duration = Duration::from_secs(60);

/// Writers and readers at some doors, and what became of what they wrote.
pub struct Story {
    doors: Arc<Doors>,
    acknowledged: Mutex<Vec<FileName>>,
    changed: Condvar,
    unanswered: AtomicUsize,
    over: AtomicBool,
}

impl Story {
    /// Tells a story in which something is done to the relays while writers write and readers read, and checks that all is well.
    pub fn tell(doors: &Arc<Doors>, disturb: impl FnOnce(&Story)) {
        let story = Story {
            doors: Arc::clone(doors),
            acknowledged: Mutex::default(),
            changed: Condvar::new(),
            unanswered: AtomicUsize::default(),
            over: AtomicBool::default(),
        };
        assert_eq!(story.caller().create().expect("an answer").status, 201);
        let seen = story.unfold(disturb);
        story.check(&seen);
    }

    /// Returns what each reader has seen.
    fn unfold(&self, disturb: impl FnOnce(&Story)) -> Vec<Vec<FileName>> {
        thread::scope(|scope| {
            let readers: Vec<_> = PAGES.iter().map(|limit| scope.spawn(|| self.follow(*limit))).collect();
            let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || self.write(writer))).collect();
            disturb(self);
            writers.into_iter().for_each(|writer| writer.join().expect("all was written"));
            self.over.store(true, Ordering::Release);
            readers.into_iter().map(|reader| reader.join().expect("all was read")).collect()
        })
    }

    /// Waits until a part of all files is acknowledged.
    pub fn reaches(&self, part: usize, of: usize) {
        let acknowledged = self.acknowledged.lock().expect("no panic");
        let wait = self.changed.wait_timeout_while(acknowledged, STANDSTILL, |names| names.len() * of < ALL * part);
        assert!(!wait.expect("no panic").1.timed_out(), "the story stands still");
    }

    /// Waits until somebody asked in vain.
    pub fn is_felt(&self) {
        let before = self.unanswered.load(Ordering::Relaxed);
        let acknowledged = self.acknowledged.lock().expect("no panic");
        let wait = self.changed.wait_timeout_while(acknowledged, STANDSTILL, |_| self.unanswered.load(Ordering::Relaxed) == before);
        assert!(!wait.expect("no panic").1.timed_out(), "nobody notices");
    }

    fn caller(&self) -> Caller {
        Caller::of(&self.doors, identity().pin())
    }

    /// Puts files until each is acknowledged.
    fn write(&self, writer: usize) {
        let mut caller = self.caller();
        for number in 0..EACH {
            let bytes = format!("file {number} of writer {writer}, ").into_bytes().repeat(40 + 7 * number);
            while !caller.put(&bytes).is_some_and(|reply| self.is_taken(reply.status)) {
                self.pause();
            }
            self.acknowledged.lock().expect("no panic").push(FileName::of(&bytes));
            self.changed.notify_all();
        }
    }

    /// Tells whether a file was taken. Only an unreachable store is a reason not to take it.
    fn is_taken(&self, status: u16) -> bool {
        assert!([200, 201, 503].contains(&status), "{status}");
        status != 503
    }

    /// Follows the counter page by page until the writers are done and nothing more comes.
    fn follow(&self, limit: u64) -> Vec<FileName> {
        let (mut caller, mut seen) = (self.caller(), Vec::new());
        loop {
            let last_look = self.over.load(Ordering::Acquire);
            let after = seen.len() as u64;
            let Some(page) = caller.page(after, limit) else {
                self.pause();
                continue;
            };
            assert!(page.files.iter().zip(after + 1..).all(|(entry, n)| entry.n == n), "a number is skipped after {after}: {page:?}");
            assert!(page.files.len() as u64 <= limit && page.more == (page.last > after + page.files.len() as u64), "{page:?}");
            seen.extend(page.files.iter().map(|entry| entry.name));
            if last_look && !page.more {
                return seen;
            }
        }
    }

    /// Waits for something to change.
    fn pause(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_all();
        drop(self.changed.wait_timeout(self.acknowledged.lock().expect("no panic"), PAUSE));
    }

    fn check(&self, seen: &[Vec<FileName>]) {
        let acknowledged = self.acknowledged.lock().expect("no panic");
        let names: BTreeSet<FileName> = acknowledged.iter().copied().collect();
        assert_eq!((acknowledged.len(), names.len()), (ALL, ALL));
        for names_seen in seen {
            assert_eq!(names_seen, &seen[0], "every reader has seen them in the same order");
            assert_eq!((names_seen.len(), names_seen.iter().copied().collect::<BTreeSet<_>>() == names), (ALL, true), "each once, and nothing else");
        }
        let mut caller = self.caller();
        for name in acknowledged.iter().step_by(17) {
            assert_eq!(FileName::of(&caller.get(name).expect("an answer").body), *name);
        }
        assert!(self.unanswered.load(Ordering::Relaxed) > 0, "nobody was disturbed");
    }
}

#[test]
fn what_sqlite_acknowledged_is_there_once_though_the_process_is_killed_again_and_again() {
    let home = tempfile::tempdir().expect("a folder");
    let mut processes = Processes::start(&file(&home.path().join("store")), 1);
    let doors = Arc::clone(processes.doors());
    Story::tell(&doors, |story| {
        for round in 1..=5 {
            story.reaches(round, 6);
            processes.kill(0);
            processes.revive(0);
        }
    });
}

#[test]
fn what_postgres_acknowledged_is_there_once_though_processes_are_killed() {
    let Some(database) = super::cluster::database() else { return };
    let mut processes = Processes::start(&database, 2);
    let doors = Arc::clone(processes.doors());
    Story::tell(&doors, |story| {
        for round in 1..=5 {
            story.reaches(round, 6);
            processes.kill(round % 2);
            processes.revive(round % 2);
        }
    });
}

#[test]
fn what_postgres_acknowledged_is_there_once_though_the_database_is_stopped() {
    let Some(mut cluster) = Cluster::start() else { return };
    let mut processes = Processes::start(&cluster.database(), 2);
    let doors = Arc::clone(processes.doors());
    Story::tell(&doors, |story| {
        story.reaches(1, 5);
        cluster.stop(Stop::Immediate);
        story.is_felt();
        cluster.resume();
        story.reaches(2, 5);
        cluster.stop(Stop::Immediate);
        processes.kill(0);
        cluster.resume();
        processes.revive(0);
        story.reaches(3, 5);
        cluster.stop(Stop::Fast);
        story.is_felt();
        cluster.resume();
        story.reaches(4, 5);
        processes.kill(0);
        processes.kill(1);
        cluster.stop(Stop::Immediate);
        cluster.resume();
        processes.revive(0);
        processes.revive(1);
    });
}
