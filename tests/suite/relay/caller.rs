//! A client that keeps a connection as long as that holds, over TLS, for one pinned key.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use sandyq::wire::body::{Admission, Create, Nonce, Page};
use sandyq::wire::{FileName, Key, MailboxId, Pin, path, work};

use super::pinned::config;
use super::process::Doors;
use super::raw::{Ask, Keys, Reply};
use super::served::rules;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// The client.
pub struct Caller {
    doors: Arc<Doors>,
    pin: Pin,
    keys: Keys,
    stream: Option<Stream>,
    nonce: Option<String>,
}

impl Caller {
    pub fn of(doors: &Arc<Doors>, pin: Pin) -> Caller {
        Caller { doors: Arc::clone(doors), pin, keys: Keys::new(9), stream: None, nonce: None }
    }

    pub fn mailbox(&self) -> MailboxId {
        self.keys.public().mailbox()
    }

    /// Goes to the next door with the next request.
    pub fn turn(&mut self) {
        self.stream = None;
    }

    /// Sends a request; none where no answer comes. Then nobody knows whether it was done.
    pub fn send(&mut self, ask: &Ask) -> Option<Reply> {
        let answered = self.exchange(&ask.bytes()).ok();
        let closes = answered.as_ref().is_none_or(|reply| reply.line("connection") == Some("close"));
        if closes {
            self.stream = None;
        }
        answered
    }

    fn exchange(&mut self, bytes: &[u8]) -> io::Result<Reply> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connected(&self.doors, self.pin)?),
        };
        stream.write_all(bytes)?;
        stream.flush()?;
        reply(stream)
    }

    /// Signs with a nonce, which is good at every process with the same key.
    fn fresh(&mut self, ask: Ask, key: Key) -> Option<Reply> {
        if self.nonce.is_none() {
            let reply = self.send(&Ask::new("GET", path::NONCE))?;
            self.nonce = Some(reply.json::<Nonce>().nonce);
        }
        let signed = ask.signed(self.keys.of(key), key, &self.pin, self.nonce.as_deref());
        self.send(&signed)
    }

    /// Takes another nonce with the next request.
    pub fn forget_nonce(&mut self) {
        self.nonce = None;
    }

    pub fn create(&mut self) -> Option<Reply> {
        let work = work::find(&self.mailbox(), &self.pin, rules().work_bits.unwrap_or(0));
        self.create_by(Admission::Work(work))
    }

    pub fn create_by(&mut self, admission: Admission) -> Option<Reply> {
        let body = serde_json::to_vec(&Create { keys: self.keys.public(), admission }).expect("JSON");
        self.fresh(Ask::new("PUT", &path::mailbox(&self.mailbox())).body(&body), Key::Owner)
    }

    pub fn put(&mut self, bytes: &[u8]) -> Option<Reply> {
        let ask = Ask::new("PUT", &path::file(&self.mailbox(), &FileName::of(bytes))).body(bytes);
        let signed = ask.signed(self.keys.of(Key::Write), Key::Write, &self.pin, None);
        self.send(&signed)
    }

    pub fn list(&mut self, after: u64, limit: u64) -> Option<Reply> {
        self.fresh(Ask::new("GET", &path::list(&self.mailbox(), after, limit)), Key::Read)
    }

    /// Lists, where an answer came and it is a list.
    pub fn page(&mut self, after: u64, limit: u64) -> Option<Page> {
        self.list(after, limit).filter(|reply| reply.status == 200).map(|reply| reply.json())
    }

    pub fn get(&mut self, name: &FileName) -> Option<Reply> {
        self.fresh(Ask::new("GET", &path::file(&self.mailbox(), name)), Key::Read)
    }

    pub fn freeze(&mut self, notice: &[u8]) -> Option<Reply> {
        self.fresh(Ask::new("PUT", &path::freeze(&self.mailbox())).body(notice), Key::Owner)
    }

    pub fn notice(&mut self) -> Option<Reply> {
        self.fresh(Ask::new("GET", &path::notice(&self.mailbox())), Key::Read)
    }

    pub fn delete(&mut self) -> Option<Reply> {
        self.fresh(Ask::new("DELETE", &path::mailbox(&self.mailbox())), Key::Owner)
    }

    /// Has keys of another mailbox from now on.
    pub fn with_keys(self, seed: u8) -> Caller {
        Caller { keys: Keys::new(seed), ..self }
    }
}

fn connected(doors: &Doors, pin: Pin) -> io::Result<Stream> {
    let socket = TcpStream::connect(doors.next())?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_nodelay(true)?;
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    let connection = ClientConnection::new(config(pin), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, socket))
}

/// Reads one answer; an error where it does not come whole.
fn reply(stream: &mut Stream) -> io::Result<Reply> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let mut answer = Reply { status, head, body: Vec::new() };
    let length = answer.line("content-length").map_or(0, |text| text.parse().expect("a length"));
    answer.body.resize(length, 0);
    stream.read_exact(&mut answer.body)?;
    Ok(answer)
}
