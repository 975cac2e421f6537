//! How much of a relay one visitor may take. Who asked how often is held in memory for as long as it matters and nowhere else.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::store::Terms;

/// What an operator sets and may change while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What a mailbox gets that was made by work. A ticket names its own.
    pub terms: Terms,
    /// Leading zero bits of a proof of work; none where only tickets are taken.
    pub work_bits: Option<u32>,
    pub limits: Limits,
}

impl Default for Rules {
    fn default() -> Rules {
        let terms = Terms { quota: 1024 * 1024 * 1024, keeps_days: 365 };
        Rules { terms, work_bits: Some(22), limits: Limits::default() }
    }
}

/// Times, rates and numbers of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a TLS handshake may take.
    pub handshake: Duration,
    /// How long the head of a request may take, and how long a connection may idle.
    pub header: Duration,
    /// How fast a body must come.
    pub pace: Pace,
    /// How long requests that are being answered may take once the relay stops.
    pub stopping: Duration,
    /// How long what a visitor still sends after a refusal is thrown away, so that the refusal reaches it.
    pub linger: Duration,
    /// Connections at a time; more wait. Fixed when it starts to serve.
    pub connections: usize,
    /// Connections of one client address at a time; those beyond are let go unheard. Fixed when it starts to serve.
    pub per_address: Option<usize>,
    /// Requests of one client address (of one /64 in IPv6). Behind a proxy or an onion service all visitors have one address.
    pub address: Option<Rate>,
    /// Requests with a good signature of one mailbox.
    pub mailbox: Option<Rate>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            pace: Pace { bytes: 20 * 1024, within: Duration::from_secs(20) },
            stopping: Duration::from_secs(20),
            linger: Duration::from_secs(2),
            connections: 256,
            per_address: Some(64),
            address: Some(Rate { every: Duration::from_millis(10), burst: 2000 }),
            mailbox: Some(Rate { every: Duration::from_millis(5), burst: 4000 }),
        }
    }
}

/// So many bytes at least within any such time; less only at the end of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub bytes: u64,
    pub within: Duration,
}

/// A burst of requests, then one in every such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub every: Duration,
    pub burst: u32,
}

/// From so many visitors on those that are at rest are forgotten, once a second.
const MANY: usize = 4096;
const SWEEP: Duration = Duration::from_secs(1);
/// Most visitors that are held; beyond them nobody new is let in until some rest.
const MOST: usize = 262_144;

/// For each visitor the moment at which it will be at rest.
#[derive(Debug)]
pub struct Rates<K> {
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    rests: HashMap<K, Instant>,
    swept: Option<Instant>,
}

impl<K> Default for Rates<K> {
    fn default() -> Rates<K> {
        Rates { held: Mutex::new(Held { rests: HashMap::new(), swept: None }) }
    }
}

impl<K: Eq + Hash> Rates<K> {
    /// Lets a visitor ask once more.
    ///
    /// # Errors
    /// Returns how long it has to wait.
    pub fn ask(&self, visitor: K, rate: Rate, now: Instant) -> Result<(), Duration> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.sweep(now);
        let rest = held.rests.get(&visitor).copied().unwrap_or(now).max(now);
        let wait = (rest - now).saturating_sub(rate.every * rate.burst.saturating_sub(1));
        let full = held.rests.len() >= MOST && !held.rests.contains_key(&visitor);
        if full || !wait.is_zero() {
            return Err(wait.max(SWEEP));
        }
        held.rests.insert(visitor, rest + rate.every);
        Ok(())
    }

    /// Returns how many visitors are held.
    pub fn held(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).rests.len()
    }
}

impl<K: Eq + Hash> Held<K> {
    fn sweep(&mut self, now: Instant) {
        let due = self.swept.is_none_or(|swept| now >= swept + SWEEP);
        if due && self.rests.len() >= MANY {
            self.rests.retain(|_, rest| *rest > now);
            self.swept = Some(now);
        }
    }
}
