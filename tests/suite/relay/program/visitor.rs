//! A visitor of a relay: raw HTTP over TLS, trusting a pin alone, and the keys of one mailbox.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use sandyq::wire::body::{Admission, Create, Nonce, Page};
use sandyq::wire::id::PublicKey;
use sandyq::wire::{Claim, FileName, Key, MailboxId, Pin, PublicKeys, claim, path};
use sha2::{Digest, Sha256};

use crate::relay::openapi;
use crate::relay::pinned::config;

/// No answer is waited for longer.
const PATIENCE: Duration = Duration::from_secs(60);

pub type Talk = StreamOwned<ClientConnection, TcpStream>;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Whoever has the keys of a mailbox and knows a relay.
pub struct Visitor {
    pub port: u16,
    pub pin: Pin,
    keys: [SigningKey; 3],
}

impl Visitor {
    pub fn new(port: u16, pin: Pin, seed: u8) -> Visitor {
        Visitor { port, pin, keys: [0, 1, 2].map(|key| SigningKey::from_bytes(&[seed + key; 32])) }
    }

    fn public(&self) -> PublicKeys {
        let [owner, write, read] = [0, 1, 2].map(|at: usize| PublicKey(self.keys[at].verifying_key().to_bytes()));
        PublicKeys { owner, write, read }
    }

    pub fn mailbox(&self) -> MailboxId {
        self.public().mailbox()
    }

    /// Asks without a claim.
    pub fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, None, b"")
    }

    pub fn nonce(&self) -> Nonce {
        serde_json::from_slice(&self.get(path::NONCE).body).unwrap()
    }

    /// Makes the mailbox.
    pub fn create(&self, ticket: &str) -> Answer {
        let create = Create { keys: self.public(), admission: Admission::Ticket(ticket.to_owned()) };
        let body = serde_json::to_vec(&create).unwrap();
        self.ask("PUT", &path::mailbox(&self.mailbox()), Some((Key::Owner, true)), &body)
    }

    /// Puts a file; returns the answer.
    pub fn put(&self, bytes: &[u8]) -> Answer {
        self.ask("PUT", &path::file(&self.mailbox(), &FileName::of(bytes)), Some((Key::Write, false)), bytes)
    }

    pub fn fetch(&self, name: &FileName) -> Answer {
        self.ask("GET", &path::file(&self.mailbox(), name), Some((Key::Read, true)), b"")
    }

    pub fn list(&self) -> Page {
        let answer = self.ask("GET", &path::list(&self.mailbox(), 0, 1000), Some((Key::Read, true)), b"");
        assert_eq!(answer.status, 200, "{}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    fn ask(&self, method: &str, target: &str, signed: Option<(Key, bool)>, body: &[u8]) -> Answer {
        let mut talk = self.talk();
        talk.write_all(self.head(method, target, signed, body).as_bytes()).unwrap();
        talk.write_all(body).unwrap();
        let answer = read(&mut talk);
        openapi::look_up(method, target, answer.status, &answer.body);
        answer
    }

    /// Begins to put a file and sends half of it once the relay has begun to read; returns how the rest is sent.
    pub fn begin_to_put<'a>(&self, bytes: &'a [u8]) -> (Talk, &'a [u8]) {
        let mut talk = self.talk();
        let target = path::file(&self.mailbox(), &FileName::of(bytes));
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        let head = self.head("PUT", &target, Some((Key::Write, false)), bytes);
        talk.write_all(head.replace("Connection: close", "Connection: close\r\nExpect: 100-continue").as_bytes()).unwrap();
        talk.flush().unwrap();
        let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
        talk.read_exact(&mut go_on).unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        talk.write_all(first).unwrap();
        talk.flush().unwrap();
        (talk, rest)
    }

    fn head(&self, method: &str, target: &str, signed: Option<(Key, bool)>, body: &[u8]) -> String {
        let claim = signed.map(|(key, nonce)| self.claim(method, target, key, nonce, body));
        let line = claim.map_or_else(String::new, |claim| format!("Authorization: {claim}\r\n"));
        let length = if method == "PUT" { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
        format!("{method} {target} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n{line}{length}\r\n")
    }

    fn claim(&self, method: &str, target: &str, key: Key, nonce: bool, body: &[u8]) -> Claim {
        let nonce = nonce.then(|| self.nonce().nonce);
        let body = Sha256::digest(body).into();
        let text = claim::text(method, target, &self.pin, key, nonce.as_deref(), &body);
        let signature = self.keys[key as usize].sign(&text).to_bytes();
        Claim { key, nonce, body, signature }
    }

    /// Connects, and believes in nothing but the pin.
    pub fn talk(&self) -> Talk {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let session = ClientConnection::new(config(self.pin), ServerName::try_from("relay").unwrap()).unwrap();
        StreamOwned::new(session, stream)
    }
}

/// Reads an answer to its end.
pub fn read(talk: &mut impl Read) -> Answer {
    let mut bytes = Vec::new();
    // Whether the other side says goodbye does not matter: the length is in the head.
    let _ = talk.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    Answer { status, body: bytes[end + 4..].to_vec() }
}
