//! Connections that break at any byte: nothing that was acknowledged is forgotten, and the next run completes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sandyq::transport::relay::{Address, Options, Relay};
use sandyq::transport::{Broke, Mailbox, Remembered, TransportError};

use super::model::Model;
use super::real::served;
use super::server::listen;
use super::{access, relay};
use crate::transport::{Files, list};

/// Leads connections to a port, and cuts all of them once so many bytes went through, in one direction or both.
pub struct Cutter {
    pub port: u16,
    /// Bytes that may still pass.
    left: Arc<AtomicU64>,
}

#[derive(Clone, Copy)]
pub struct Counted {
    pub up: bool,
    pub down: bool,
}

impl Cutter {
    pub fn before(to: u16, bytes: u64, counted: Counted) -> Cutter {
        let left = Arc::new(AtomicU64::new(bytes));
        let own = left.clone();
        let port = listen(move |client| {
            let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { return };
            let pair = |from: &TcpStream, into: &TcpStream| (from.try_clone().expect("a stream"), into.try_clone().expect("a stream"));
            let (up, down) = (pair(&client, &server), pair(&server, &client));
            let count = own.clone();
            thread::spawn(move || carry(down, counted.down.then_some(&count)));
            carry(up, counted.up.then_some(&own));
        });
        Cutter { port, left }
    }

    /// Lets so many bytes pass from now on.
    pub fn lets(&self, bytes: u64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// Bytes that did not pass yet.
    fn left(&self) -> u64 {
        self.left.load(Ordering::SeqCst)
    }
}

/// Carries bytes until the end, or until none may pass any more.
fn carry((mut from, mut into): (TcpStream, TcpStream), left: Option<&Arc<AtomicU64>>) {
    into.set_nodelay(true).expect("a stream");
    let mut buffer = [0; 2048];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let passes = left.map_or(read, |left| take(left, read));
        if into.write_all(&buffer[..passes]).is_err() || passes < read {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), into.shutdown(Shutdown::Both));
}

fn take(left: &AtomicU64, wanted: usize) -> usize {
    let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(wanted as u64))).expect("always");
    before.min(wanted as u64) as usize
}

/// The relay of this key behind a port, met by somebody who does not wait long.
fn through(pin: [u8; 32], port: u16, seed: u8) -> Relay {
    let hasty = Options { stall: Duration::from_secs(5), ..Options::default() };
    let address = Address::new(&format!("https://127.0.0.1:{port}"), pin).expect("an address");
    Relay::at(address, vec![access(seed)], &hasty).expect("a relay")
}

/// Where a connection breaks: bytes and direction.
fn cuts() -> impl Iterator<Item = (u64, Counted)> {
    let ways = [Counted { up: true, down: false }, Counted { up: false, down: true }];
    (0..30_000).step_by(977).flat_map(move |bytes| ways.map(|way| (bytes, way)))
}

#[test]
fn cut_at_any_byte_forgets_nothing_acknowledged_and_the_next_run_completes() {
    let (running, address) = served();
    let files = Files::new(1, &[3000, 700, 9000, 40, 5000]);
    let mut outcomes = [0; 3];
    // A mailbox for each cut.
    for ((bytes, counted), seed) in cuts().zip(1..) {
        let mut straight = relay(address.clone(), vec![access(seed)]);
        Files::new(2, &[10]).leave(&mut straight);
        let cutter = Cutter::before(running.address.port(), bytes, counted);
        let left = match files.try_leave(&mut through(address.pin, cutter.port, seed), &files.names()) {
            Ok(left) => left,
            Err(TransportError::Unreachable) => sandyq::transport::Left { not_left: files.names(), ..Default::default() },
            Err(error) => panic!("{bytes}: {error}"),
        };
        outcomes[usize::from(left.not_left.is_empty()) + usize::from(!left.left.is_empty())] += 1;
        assert_eq!(left.left.len() + left.not_left.len(), 5, "each file is one or the other");
        assert_eq!(left.broke, (!left.left.is_empty() && !left.not_left.is_empty()).then_some(Broke::Away));
        let there = list(&mut straight).names;
        assert!(left.left.iter().all(|name| there.contains(name)), "{bytes}: acknowledged and not there");
        assert!(straight.list(&left.memory).expect("listed").remembered_holds);
        assert!(files.try_leave(&mut straight, &files.names()).expect("left").not_left.is_empty());
        assert_eq!(list(&mut straight).names.len(), 6);
        files.are_at(&mut straight);
    }
    assert!(outcomes.iter().all(|count| *count > 0), "nothing, something and all came through: {outcomes:?}");
}

#[test]
fn list_and_fetch_that_are_cut_are_done_again() {
    let ((running, address), files) = (served(), Files::new(1, &[3000, 700, 9000, 40, 5000]));
    files.leave(&mut relay(address.clone(), vec![access(1)]));
    let mut whole = 0;
    for bytes in (0..26_000).step_by(1303) {
        let cutter = Cutter::before(running.address.port(), bytes, Counted { up: false, down: true });
        let mut place = through(address.pin, cutter.port, 1);
        let listed = place.list(&Remembered::default());
        let fetched = files.names().iter().take_while(|name| listed.is_ok() && place.fetch(name).is_ok()).count();
        whole += usize::from(fetched == 5);
        match listed {
            Ok(listing) => assert_eq!((listing.names, listing.remembered_holds), (files.names(), true)),
            Err(error) => assert!(matches!(error, TransportError::Unreachable), "{bytes}: {error}"),
        }
        assert!(fetched == 5 || cutter.left() == 0);
    }
    assert!(whole > 0, "the last cuts come after the end");
}

/// Leads each connection on for so many bytes and cuts it then; the next one gets as many.
fn impatient(to: u16, bytes: u64) -> u16 {
    listen(move |client| {
        let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { return };
        let (up, back) = ((client.try_clone().expect("a stream"), server.try_clone().expect("a stream")), (server, client));
        thread::spawn(move || carry(up, None));
        carry(back, Some(&Arc::new(AtomicU64::new(bytes))));
    })
}

#[test]
fn large_file_comes_in_pieces_over_a_line_that_breaks_again_and_again() {
    let (model, files) = (Model::start(), Files::new(1, &[400_000]));
    files.leave(&mut relay(model.address(), vec![access(1)]));
    let port = impatient(model.port, 60_000);
    let mut place = through(model.identity.pin(), port, 1);
    assert_eq!(list(&mut place).names, files.names());
    model.asked("GET");
    files.are_at(&mut place);
    let gets = model.asked("GET").iter().filter(|target| target.contains("/files/")).count();
    assert!((6..30).contains(&gets), "each goes on where the last one ended: {gets}");
}
