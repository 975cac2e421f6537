//! A slow link: a proxy that passes so many bytes a second each way, and counts them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bytes of 64 kbit/s.
pub const SLOW: u64 = 8_000;
/// Bytes passed at a time: a packet.
const PACKET: usize = 512;

/// A link to one address.
#[derive(Clone)]
pub struct Link {
    pub address: SocketAddr,
    speed: Arc<AtomicU64>,
    up: Arc<AtomicU64>,
    down: Arc<AtomicU64>,
}

impl Link {
    /// Opens one that does not slow down yet.
    pub fn to(target: SocketAddr) -> Link {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let link = Link { address, speed: Arc::default(), up: Arc::default(), down: Arc::default() };
        let here = link.clone();
        std::thread::spawn(move || listener.incoming().flatten().for_each(|visitor| here.carry(visitor, target)));
        link
    }

    /// Passes so many bytes a second from now on; 0 for as many as come.
    pub fn set_speed(&self, bytes: u64) {
        self.speed.store(bytes, Ordering::Relaxed);
    }

    /// Returns the bytes that went up and down since the last call.
    pub fn taken(&self) -> (u64, u64) {
        (self.up.swap(0, Ordering::Relaxed), self.down.swap(0, Ordering::Relaxed))
    }

    fn carry(&self, visitor: TcpStream, target: SocketAddr) {
        let relay = TcpStream::connect(target).expect("a relay");
        for stream in [&visitor, &relay] {
            stream.set_nodelay(true).expect("no delay");
        }
        let ways = [(&visitor, &relay, &self.up), (&relay, &visitor, &self.down)];
        for (from, to, count) in ways {
            let (from, to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
            let (count, speed) = (Arc::clone(count), Arc::clone(&self.speed));
            std::thread::spawn(move || pass(from, to, &count, &speed));
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicU64, speed: &AtomicU64) {
    let mut packet = [0; PACKET];
    while let Ok(length @ 1..) = from.read(&mut packet) {
        let bytes = speed.load(Ordering::Relaxed);
        if bytes > 0 {
            std::thread::sleep(Duration::from_secs_f64(length as f64 / bytes as f64));
        }
        count.fetch_add(length as u64, Ordering::Relaxed);
        if to.write_all(&packet[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
