//! A relay that serves, with a clock that is set by hand, and a mailbox at it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sandyq::relay::serve::{Outside, Running, serve_as};
use sandyq::relay::store::Terms;
use sandyq::relay::store::memory::Memory;
use sandyq::relay::{Identity, Limits, Pace, Relay, Rules, Store};
use sandyq::sys::clock::{Clock, Wall};
use sandyq::wire::body::{Admission, Create, Nonce};
use sandyq::wire::{FileName, Key, MailboxId, Pin, path, work};

use super::openapi;
use super::raw::{Ask, Keys, Reply, exchange};
use crate::support::{NOW, Seeded};

/// A clock that is set.
#[derive(Clone, Debug)]
pub struct Set(pub Arc<AtomicI64>);

impl Clock for Set {
    fn now(&self) -> Wall {
        Wall { seconds: self.0.load(Ordering::Relaxed), offset_min: 0 }
    }
}

/// Rules of tests: little work, small mailboxes, no rates.
pub fn rules() -> Rules {
    let limits = Limits { address: None, mailbox: None, linger: Duration::from_secs(10), ..Limits::default() };
    Rules { terms: Terms { quota: 4 * 1024 * 1024, keeps_days: 30 }, work_bits: Some(4), limits }
}

/// Rules under which a body must hurry.
pub fn hurried() -> Rules {
    Rules { limits: Limits { pace: Pace { bytes: 1024, within: Duration::from_secs(1) }, ..rules().limits }, ..rules() }
}

/// A relay with one mailbox's keys.
pub struct Served {
    pub relay: Arc<Relay>,
    pub running: Running,
    pub clock: Set,
    pub keys: Keys,
    pub pin: Pin,
    pub _looked_up: LookedUp,
}

/// When a story is over, whatever its relay answered is looked up in what is written down of it.
pub struct LookedUp(Arc<Relay>);

impl Drop for LookedUp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            openapi::look_up_all(&self.0.counted().answers());
        }
    }
}

impl Served {
    /// Serves from memory.
    pub fn new(rules: Rules) -> Served {
        Served::with(Arc::new(Memory::default()), Identity::of_seed(&[7; 32]), rules)
    }

    pub fn with(store: Arc<dyn Store>, identity: Identity, rules: Rules) -> Served {
        let clock = Set(Arc::new(AtomicI64::new(NOW)));
        let relay = Relay::new(store, identity, rules).with_clock(Box::new(clock.clone())).with_chance(Box::new(Seeded(5)));
        let relay = Arc::new(relay);
        let here = "127.0.0.1:0".parse().expect("an address");
        let running = serve_as(Arc::clone(&relay), here, Outside::Plain).expect("it serves");
        let pin = running.pin;
        let _looked_up = LookedUp(Arc::clone(&relay));
        Served { relay, running, clock, keys: Keys::new(9), pin, _looked_up }
    }

    /// The same relay for whoever has other keys.
    pub fn with_keys(self, seed: u8) -> Served {
        Served { keys: Keys::new(seed), ..self }
    }

    /// Serves with the mailbox made.
    pub fn with_mailbox(rules: Rules) -> Served {
        let served = Served::new(rules);
        assert_eq!(served.create().status, 201);
        served
    }

    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    pub fn mailbox(&self) -> MailboxId {
        self.keys.public().mailbox()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn send(&self, ask: &Ask) -> Reply {
        let reply = exchange(self.address(), &ask.bytes()).expect("an answer");
        openapi::look_up(&ask.method, &ask.target, reply.status, &reply.body);
        reply
    }

    pub fn nonce(&self) -> String {
        self.send(&Ask::new("GET", path::NONCE)).json::<Nonce>().nonce
    }

    /// Signs with the key of that name.
    pub fn sign(&self, ask: Ask, key: Key, nonce: Option<&str>) -> Ask {
        ask.signed(self.keys.of(key), key, &self.pin, nonce)
    }

    /// A request with a fresh nonce.
    pub fn fresh(&self, ask: Ask, key: Key) -> Ask {
        let nonce = self.nonce();
        self.sign(ask, key, Some(&nonce))
    }

    /// The request that makes the mailbox by work.
    pub fn creation(&self) -> Ask {
        let bits = self.relay.rules().work_bits.unwrap_or(0);
        self.creation_by(Admission::Work(work::find(&self.mailbox(), &self.pin, bits)))
    }

    pub fn creation_by(&self, admission: Admission) -> Ask {
        let body = serde_json::to_vec(&Create { keys: self.keys.public(), admission }).expect("JSON");
        self.fresh(Ask::new("PUT", &path::mailbox(&self.mailbox())).body(&body), Key::Owner)
    }

    pub fn create(&self) -> Reply {
        self.send(&self.creation())
    }

    /// The request that puts a file.
    pub fn putting(&self, bytes: &[u8], key: Key) -> Ask {
        let target = path::file(&self.mailbox(), &FileName::of(bytes));
        self.sign(Ask::new("PUT", &target).body(bytes), key, None)
    }

    pub fn put(&self, bytes: &[u8]) -> Reply {
        self.send(&self.putting(bytes, Key::Write))
    }

    pub fn list(&self, after: u64, limit: u64, key: Key) -> Reply {
        self.send(&self.fresh(Ask::new("GET", &path::list(&self.mailbox(), after, limit)), key))
    }

    pub fn get(&self, name: &FileName, key: Key) -> Reply {
        self.send(&self.fresh(Ask::new("GET", &path::file(&self.mailbox(), name)), key))
    }

    pub fn freeze(&self, notice: &[u8]) -> Reply {
        self.send(&self.fresh(Ask::new("PUT", &path::freeze(&self.mailbox())).body(notice), Key::Owner))
    }

    pub fn notice(&self, key: Key) -> Reply {
        self.send(&self.fresh(Ask::new("GET", &path::notice(&self.mailbox())), key))
    }

    pub fn delete(&self) -> Reply {
        self.send(&self.fresh(Ask::new("DELETE", &path::mailbox(&self.mailbox())), Key::Owner))
    }
}
