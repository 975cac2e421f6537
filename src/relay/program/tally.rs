//! What the program counts besides the relay itself, and what it logs of a request: its kind and status.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::relay::Watch;
use crate::relay::counted::Route;
use crate::relay::store::StoreError;
use crate::relay::watch::Seen;
use crate::sys::clock::{Clock, SystemClock};

/// A failure of one kind is logged once in so many seconds.
const QUIET: i64 = 60;

/// Kinds of failures of a store, as they are counted.
pub const KINDS: [&str; 5] = ["away", "full", "newer", "damaged", "failed"];

/// Counters of the program.
#[derive(Debug, Default)]
pub struct Tally {
    failures: [AtomicU64; KINDS.len()],
    logged: [AtomicI64; KINDS.len()],
    panics: AtomicU64,
    expired: AtomicU64,
}

impl Tally {
    /// Returns how often a store failed, by kind.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> {
        KINDS.into_iter().zip(self.failures.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// Returns how many requests ended in a panic.
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Returns how many files went because their days were over.
    pub fn expired(&self) -> u64 {
        self.expired.load(Ordering::Relaxed)
    }

    /// Counts files that went.
    pub fn add_expired(&self, files: u64) {
        self.expired.fetch_add(files, Ordering::Relaxed);
    }
}

fn kind(error: &StoreError) -> usize {
    match error {
        StoreError::Away => 0,
        StoreError::Full => 1,
        StoreError::Newer => 2,
        StoreError::Damaged => 3,
        StoreError::Failed(_) => 4,
    }
}

impl Watch for std::sync::Arc<Tally> {
    fn answered(&self, seen: &Seen) {
        let failure = seen.failure.map_or("", |failure| failure.code());
        tracing::debug!(route = seen.route.word(), status = seen.status, failure, ms = seen.took.as_millis() as u64, "answered");
    }

    fn store_failed(&self, error: &StoreError) {
        let (kind, now) = (kind(error), SystemClock.now().seconds);
        self.failures[kind].fetch_add(1, Ordering::Relaxed);
        if now.saturating_sub(self.logged[kind].load(Ordering::Relaxed)) >= QUIET {
            self.logged[kind].store(now, Ordering::Relaxed);
            tracing::error!(kind = KINDS[kind], said = %error, "store failed");
        }
    }

    fn panicked(&self, route: Route) {
        self.panics.fetch_add(1, Ordering::Relaxed);
        tracing::error!(route = route.word(), "a request panicked");
    }
}
