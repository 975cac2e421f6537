//! Teams that meet through relays and in rooms: what converges, what goes wrong in between, and what a relay never learns.

mod blind;
mod moved;
mod rolled;
mod rooms;
mod tap;
mod two;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use sandyq::error::Error;
use sandyq::relay::serve::{Outside, Running, serve, serve_as};
use sandyq::relay::store::Figures;
use sandyq::relay::store::memory::Memory;
use sandyq::relay::store::sqlite::Sqlite;
use sandyq::relay::{Identity, Limits, Relay, Rules, Store, ticket};
use sandyq::session::Relayed;
use sandyq::sync::judge::InProcess;
use sandyq::transport::relay::Address;
use sandyq::vault::Silent;

use crate::carry::support::Desk;
use crate::support::passphrase;

/// A relay that a test runs, with a store that outlives it.
pub struct Host {
    store: Arc<dyn Store>,
    seed: [u8; 32],
    /// What a mailbox without a ticket costs; none where only tickets count.
    work_bits: Option<u32>,
    running: Option<Running>,
}

impl Host {
    pub fn new(seed: u8) -> Host {
        Host::on(seed, Arc::new(Memory::default()))
    }

    /// Keeps what it is given in a file.
    pub fn in_file(seed: u8, path: &Path) -> Host {
        Host::on(seed, Arc::new(Sqlite::open(path).expect("a store")))
    }

    pub fn on(seed: u8, store: Arc<dyn Store>) -> Host {
        let mut host = Host { store, seed: [seed; 32], work_bits: Some(1), running: None };
        host.starts();
        host
    }

    /// Listens at another port than before.
    pub fn starts(&mut self) {
        self.running = Some(serve(self.relay(), any_port()).expect("serves"));
    }

    /// Makes mailboxes for nothing but tickets, at another port.
    pub fn takes_tickets_alone(&mut self) {
        self.work_bits = None;
        self.starts();
    }

    /// A ticket that makes one mailbox.
    pub fn ticket(&self, random: u8) -> String {
        ticket::issue(self.identity().secret(), Rules::default().terms, u64::from(u32::MAX), [random; 16])
    }

    /// Listens without TLS, for a tap that has the key.
    pub fn plain(&self) -> Running {
        serve_as(self.relay(), any_port(), Outside::Plain).expect("serves")
    }

    fn relay(&self) -> Arc<Relay> {
        let limits = Limits { address: None, mailbox: None, ..Limits::default() };
        let rules = Rules { work_bits: self.work_bits, limits, ..Rules::default() };
        Arc::new(Relay::new(Arc::clone(&self.store), self.identity(), rules))
    }

    pub fn identity(&self) -> Identity {
        Identity::of_seed(&self.seed)
    }

    /// How many mailboxes it keeps.
    pub fn mailboxes(&self) -> u64 {
        self.figures().mailboxes
    }

    /// What it keeps, in sum.
    pub fn figures(&self) -> Figures {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(self.store.figures()).expect("figures")
    }

    pub fn stops(&mut self) {
        self.running = None;
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    pub fn address(&self) -> Address {
        let running = self.running();
        Address { url: format!("https://{}", running.address), pin: running.pin.0, backup: None }
    }
}

pub fn any_port() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

pub fn try_meet(desk: &mut Desk, address: &Address) -> Result<Relayed, Error> {
    desk.session.turn_to_shared();
    let mut met = desk.session.sync_relay(address, &mut InProcess, &passphrase(), false, &mut Silent)?;
    met.failed.take().map_or(Ok(met), Err)
}

/// A device meets a relay.
#[track_caller]
pub fn meets(desk: &mut Desk, address: &Address) -> Relayed {
    try_meet(desk, address).expect("met")
}

/// Every device meets a relay until nothing moves.
#[track_caller]
pub fn all_meet(desks: &mut [&mut Desk], address: &Address) {
    for _ in 0..8 {
        let mut moved = 0;
        for desk in desks.iter_mut() {
            let met = meets(desk, address);
            moved += met.meetings.iter().map(|met| met.exchanged.sent + met.exchanged.taken.new.len() as u64).sum::<u64>();
        }
        if moved == 0 {
            return;
        }
    }
    panic!("meeting does not end");
}

/// All show the same records.
#[track_caller]
pub fn same(desks: &mut [&mut Desk]) {
    let seen = desks[0].seen();
    assert!(!seen.is_empty());
    for desk in desks.iter_mut() {
        assert_eq!(desk.seen(), seen, "{} sees something else", desk.handle);
    }
}

/// Copies a relay's store as its own backup does.
pub fn backed_up(store: &Path, to: &Path) {
    Sqlite::open(store).expect("a store").backup(to).expect("backed up");
}
