//! Many connections that ask at the same time, each by itself one request after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use sandyq::relay::Store;
use sandyq::relay::store::Terms;
use sandyq::wire::body::{Admission, Create, Nonce};
use sandyq::wire::{FileName, Key, MailboxId, Pin, path};

use super::raw::{Ask, Keys};
use super::server::Server;
use super::{FILE, LINES, pinned};

/// Mailboxes that the connections share.
pub const BOXES: u8 = 8;
/// Seed of the first mailbox of the full store.
pub const FULL: u8 = 101;

/// What every connection asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Put,
    List,
    Get,
}

/// Connections that are open.
pub struct Lines {
    lines: Vec<Line>,
}

/// One connection with the keys of its mailbox.
struct Line {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    keys: Keys,
    pin: Pin,
    nonce: String,
    at: usize,
}

/// What the connections did.
pub struct Done {
    time: Duration,
    /// Of each request, sorted.
    each: Vec<Duration>,
}

impl Done {
    /// Returns requests a second.
    pub fn rate(&self) -> f64 {
        super::rate(self.each.len(), self.time)
    }

    /// Returns the time within which this part of all requests was answered.
    pub fn percentile(&self, part: f64) -> Duration {
        self.each[((self.each.len() - 1) as f64 * part) as usize]
    }
}

impl Lines {
    /// Opens them to one relay.
    pub fn to(server: &Server) -> Lines {
        Lines::to_all(std::slice::from_ref(server))
    }

    /// Opens them to several in turn.
    pub fn to_all(servers: &[Server]) -> Lines {
        Lines::of(servers, 1)
    }

    /// Opens them with mailboxes of these seeds on.
    pub fn of(servers: &[Server], seed: u8) -> Lines {
        let line = |at: usize| {
            let server = &servers[at % servers.len()];
            Line::open(server.address, server.pin, seed + (at as u8 % BOXES), at).expect("a connection")
        };
        Lines { lines: (0..LINES).map(line).collect() }
    }

    /// Lets each ask so often; all requests are signed before the first is sent.
    pub fn run(&mut self, task: Task, each: usize) -> Done {
        let start = Barrier::new(self.lines.len() + 1);
        std::thread::scope(|scope| {
            let running: Vec<_> = self.lines.iter_mut().map(|line| scope.spawn(|| line.run(task, each, &start))).collect();
            start.wait();
            let began = Instant::now();
            let mut all: Vec<Duration> = running.into_iter().flat_map(|line| line.join().expect("no panic")).collect();
            let time = began.elapsed();
            all.sort();
            Done { time, each: all }
        })
    }
}

impl Line {
    /// Connects and makes the mailbox where it is not there. A handler that knows no mailbox answers something else; that is as good.
    fn open(address: SocketAddr, pin: Pin, seed: u8, at: usize) -> io::Result<Line> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from("127.0.0.1").expect("an address");
        let connection = ClientConnection::new(pinned::config(pin), name).map_err(io::Error::other)?;
        let stream = BufReader::with_capacity(64 * 1024, StreamOwned::new(connection, socket));
        let mut line = Line { stream, keys: Keys::new(seed), pin, nonce: String::new(), at };
        let (_, body) = line.ask(&Ask::new("GET", path::NONCE).bytes())?;
        line.nonce = serde_json::from_slice::<Nonce>(&body).map_or_else(|_| "0".repeat(64), |nonce| nonce.nonce);
        let body = serde_json::to_vec(&Create { keys: line.keys.public(), admission: Admission::Work(0) }).expect("JSON");
        let made = line.signed(Ask::new("PUT", &path::mailbox(&line.mailbox())).body(&body), Key::Owner, true);
        line.ask(&made)?;
        Ok(line)
    }

    fn mailbox(&self) -> MailboxId {
        self.keys.public().mailbox()
    }

    fn signed(&self, ask: Ask, key: Key, fresh: bool) -> Vec<u8> {
        ask.signed(self.keys.of(key), key, &self.pin, fresh.then_some(self.nonce.as_str())).bytes()
    }

    fn run(&mut self, task: Task, each: usize, start: &Barrier) -> Vec<Duration> {
        let asks: Vec<Vec<u8>> = (0..each).map(|number| self.request(task, number)).collect();
        start.wait();
        let ask = |bytes: &Vec<u8>| {
            let began = Instant::now();
            let (status, _) = self.ask(bytes).expect("an answer");
            assert!(matches!(status, 200 | 201), "{status}");
            began.elapsed()
        };
        asks.iter().map(ask).collect()
    }

    fn request(&self, task: Task, number: usize) -> Vec<u8> {
        let (name, bytes) = file(self.at, number);
        match task {
            Task::Put => self.signed(Ask::new("PUT", &path::file(&self.mailbox(), &name)).body(&bytes), Key::Write, false),
            Task::List => self.signed(Ask::new("GET", &path::list(&self.mailbox(), number as u64, 100)), Key::Read, true),
            Task::Get => self.signed(Ask::new("GET", &path::file(&self.mailbox(), &name)), Key::Read, true),
        }
    }

    fn ask(&mut self, bytes: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()?;
        let (mut status, mut length, mut line) = (0, 0, String::new());
        while self.stream.read_line(&mut line)? > 2 {
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().expect("a length"),
                None => status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status"),
                Some(_) => {}
            }
            line.clear();
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}

/// The file that a connection puts or gets as its so many-eth.
pub fn file(line: usize, number: usize) -> (FileName, Vec<u8>) {
    let bytes = bytes((line as u64) << 32 | number as u64, FILE);
    (FileName::of(&bytes), bytes)
}

/// Bytes that are no others'.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = std::iter::from_fn(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state.to_le_bytes())
    });
    [seed.to_le_bytes()].into_iter().chain(next).flatten().take(length).collect()
}

/// Makes a mailbox straight in a store.
pub async fn made(store: &dyn Store, seed: u8, at: u8) -> MailboxId {
    let keys = Keys::new(seed + at).public();
    store.create(keys, Terms { quota: 1 << 40, keeps_days: 365 }, None, now()).await.expect("made");
    keys.mailbox()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64)
}
