//! The blind relay: mailboxes of opaque files for whoever has their keys. It learns no casebook, member or author, and its
//! source can name none of the modules that know them.

mod answer;
mod body;
pub mod counted;
pub mod gate;
mod handlers;
pub mod limits;
mod parts;
mod places;
#[cfg(feature = "relay")]
pub mod program;
mod reception;
pub mod router;
pub mod serve;
pub mod store;
pub mod ticket;
pub mod tls;
pub mod watch;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use crate::sys::chance::{Chance, SystemChance};
use crate::sys::clock::{Clock, SystemClock};
use crate::wire::MailboxId;

pub use counted::Counted;
pub use limits::{Limits, Pace, Rate, Rates, Rules};
pub use store::Store;
pub use tls::Identity;
pub use watch::Watch;

/// A relay: a store, who it is, and its rules. Any number of them may share a store and a key.
pub struct Relay {
    store: Arc<dyn Store>,
    identity: Identity,
    rules: RwLock<Arc<Rules>>,
    addresses: Rates<IpAddr>,
    mailboxes: Rates<MailboxId>,
    counted: Counted,
    watch: Box<dyn Watch>,
    clock: Box<dyn Clock + Send + Sync>,
    chance: Mutex<Box<dyn Chance + Send>>,
    readiness: tokio::sync::Mutex<Option<(Instant, bool)>>,
    stopping: AtomicBool,
}

impl Relay {
    /// Makes a relay with the system's clock and chance, that tells nobody what it does.
    pub fn new(store: Arc<dyn Store>, identity: Identity, rules: Rules) -> Relay {
        Relay {
            store,
            identity,
            rules: RwLock::new(Arc::new(rules)),
            addresses: Rates::default(),
            mailboxes: Rates::default(),
            counted: Counted::default(),
            watch: Box::new(watch::Nobody),
            clock: Box::new(SystemClock),
            chance: Mutex::new(Box::new(SystemChance)),
            readiness: tokio::sync::Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Takes another clock.
    pub fn with_clock(self, clock: Box<dyn Clock + Send + Sync>) -> Relay {
        Relay { clock, ..self }
    }

    /// Takes another source of random bytes.
    pub fn with_chance(self, chance: Box<dyn Chance + Send>) -> Relay {
        Relay { chance: Mutex::new(chance), ..self }
    }

    /// Tells somebody what it does.
    pub fn with_watch(self, watch: Box<dyn Watch>) -> Relay {
        Relay { watch, ..self }
    }

    /// Returns what was counted since the start.
    pub fn counted(&self) -> &Counted {
        &self.counted
    }

    /// Returns who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns where its mailboxes are kept.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Returns the present rules.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes new rules for the requests and connections that come from now on.
    pub fn set_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    /// Refuses every request from now on; those that are being answered are answered.
    pub fn refuse_all(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn now(&self) -> i64 {
        self.clock.now().seconds
    }

    fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut bytes);
        bytes
    }
}
