//! Three relay processes with one key on one database, behind a balancer that passes connections on and knows nothing of them.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use sandyq::relay::store::Terms;
use sandyq::relay::ticket;
use sandyq::wire::body::{Admission, Made, Page};
use sandyq::wire::{Failure, FileName};

use super::caller::Caller;
use super::cluster::{Cluster, Stop, database};
use super::durable::Story;
use super::process::{Doors, Processes, identity};

const PROCESSES: usize = 3;

/// Gives each connection to the next process; to the one after it when that does not answer.
struct Balancer {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Balancer {
    fn start(behind: &Arc<Doors>) -> Balancer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, over) = (listener.local_addr().expect("an address"), Arc::new(AtomicBool::default()));
        let (behind, until) = (Arc::clone(behind), Arc::clone(&over));
        let thread = thread::spawn(move || {
            for visitor in listener.incoming().map_while(Result::ok).take_while(|_| !until.load(Ordering::Relaxed)) {
                pass_on(visitor, &behind);
            }
        });
        Balancer { address, over, thread: Some(thread) }
    }

    /// Returns a caller that knows of nothing but the balancer.
    fn caller(&self) -> Caller {
        Caller::of(&self.doors(), identity().pin())
    }

    fn doors(&self) -> Arc<Doors> {
        Doors::at(&[self.address])
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn pass_on(visitor: TcpStream, behind: &Doors) {
    let Some(process) = (0..behind.count()).find_map(|_| TcpStream::connect(behind.next()).ok()) else { return };
    for (from, to) in [(&visitor, &process), (&process, &visitor)] {
        let (mut from, mut to) = (from.try_clone().expect("a copy"), to.try_clone().expect("a copy"));
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

#[test]
fn what_one_process_took_every_other_one_shows() {
    let Some(database) = database() else { return };
    let processes = Processes::start(&database, PROCESSES);
    let [mut one, mut two, mut three] = [0, 1, 2].map(|at| processes.caller(at));
    assert_eq!(one.create().expect("an answer").status, 201);
    assert_eq!(two.create().expect("an answer").status, 200);
    for number in 0..30u8 {
        let bytes = [number; 100];
        let [first, second] = if number % 2 == 0 { [&mut one, &mut two] } else { [&mut three, &mut one] };
        assert_eq!(first.put(&bytes).expect("an answer").status, 201);
        assert_eq!(second.put(&bytes).expect("an answer").status, 200);
    }
    let [a, b, c] = [&mut one, &mut two, &mut three].map(|caller| caller.page(0, 30).expect("a list"));
    assert_eq!((&a, &b, a.files.len(), a.more), (&b, &c, 30, false));
    assert!(a.files.iter().zip(1..).all(|(entry, n)| entry.n == n));
    assert_eq!(three.freeze(b"notice").expect("an answer").status, 200);
    assert_eq!(one.list(0, 30).expect("an answer").failure(), Some(Failure::Frozen));
    assert_eq!(two.notice().expect("an answer").body, b"notice");
    assert_eq!(one.delete().expect("an answer").status, 204);
    assert_eq!(two.put(&[1; 100]).expect("an answer").failure(), Some(Failure::Deleted));
    assert_eq!(three.create().expect("an answer").failure(), Some(Failure::Deleted));
}

#[test]
fn a_ticket_is_good_at_every_process_and_once_in_all() {
    let Some(database) = database() else { return };
    let processes = Processes::start(&database, PROCESSES);
    let terms = Terms { quota: 5000, keeps_days: 3 };
    let ticket = Admission::Ticket(ticket::issue(identity().secret(), terms, i64::MAX as u64, [5; 16]));
    let made = processes.caller(0).create_by(ticket.clone()).expect("an answer");
    assert_eq!((made.status, made.json::<Made>()), (201, Made { quota: 5000, keeps_days: 3 }));
    for at in 0..PROCESSES {
        assert_eq!(processes.caller(at).with_keys(20 + at as u8).create_by(ticket.clone()).expect("an answer").failure(), Some(Failure::Ticket));
        assert_eq!(processes.caller(at).create_by(ticket.clone()).expect("an answer").status, 200, "whoever asks again gets the same answer");
    }
}

#[test]
fn behind_a_balancer_three_processes_are_one_relay() {
    let Some(database) = database() else { return };
    let processes = Processes::start(&database, PROCESSES);
    let balancer = Balancer::start(processes.doors());
    let mut caller = balancer.caller();
    assert_eq!(caller.create().expect("an answer").status, 201);
    for number in 0..12u8 {
        caller.turn();
        // Another process gave the nonce, one more answers.
        let page: Page = caller.page(0, 100).expect("a list");
        assert_eq!((page.last, page.files.len()), (u64::from(number), usize::from(number)));
        caller.forget_nonce();
        assert_eq!(caller.page(0, 100), Some(page));
        caller.turn();
        assert_eq!(caller.put(&[number; 64]).expect("an answer").status, 201);
        caller.turn();
        assert_eq!(caller.get(&FileName::of(&[number; 64])).expect("an answer").body, [number; 64]);
    }
}

#[test]
fn behind_a_balancer_nothing_acknowledged_is_lost_though_processes_are_killed_and_the_database_is_stopped() {
    let Some(mut cluster) = Cluster::start() else { return };
    let mut processes = Processes::start(&cluster.database(), PROCESSES);
    let balancer = Balancer::start(processes.doors());
    Story::tell(&balancer.doors(), |story| {
        for round in 1..=4 {
            story.reaches(round, 5);
            processes.kill(round % PROCESSES);
            if round % 2 == 0 {
                cluster.stop(Stop::Immediate);
                story.is_felt();
                cluster.resume();
            }
            processes.revive(round % PROCESSES);
        }
    });
}
