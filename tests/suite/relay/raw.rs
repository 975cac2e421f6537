//! A client of a few lines that sends whatever it is told, byte by byte.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use sandyq::wire::id::PublicKey;
use sandyq::wire::{Claim, Failure, Key, Pin, PublicKeys, claim};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The three keys of a mailbox.
pub struct Keys {
    owner: SigningKey,
    write: SigningKey,
    read: SigningKey,
}

impl Keys {
    pub fn new(seed: u8) -> Keys {
        let key = |which: u8| SigningKey::from_bytes(&std::array::from_fn(|at| seed ^ which.wrapping_mul(57).wrapping_add(at as u8)));
        Keys { owner: key(1), write: key(2), read: key(3) }
    }

    pub fn public(&self) -> PublicKeys {
        let public = |key: &SigningKey| PublicKey(key.verifying_key().to_bytes());
        PublicKeys { owner: public(&self.owner), write: public(&self.write), read: public(&self.read) }
    }

    pub fn of(&self, key: Key) -> &SigningKey {
        match key {
            Key::Owner => &self.owner,
            Key::Write => &self.write,
            Key::Read => &self.read,
        }
    }
}

/// A request as it is put together.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: String,
    pub target: String,
    pub lines: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Ask {
    pub fn new(method: &str, target: &str) -> Ask {
        Ask { method: method.to_owned(), target: target.to_owned(), lines: Vec::new(), body: Vec::new() }
    }

    /// Adds a body and the line with its length.
    pub fn body(self, body: &[u8]) -> Ask {
        let with_line = self.line("Content-Length", &body.len().to_string());
        Ask { body: body.to_vec(), ..with_line }
    }

    pub fn line(mut self, name: &str, value: &str) -> Ask {
        self.lines.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Drops a header line.
    pub fn without(mut self, name: &str) -> Ask {
        self.lines.retain(|(known, _)| known != name);
        self
    }

    /// Signs for a relay, with whatever key stands behind a word.
    pub fn signed(self, by: &SigningKey, word: Key, pin: &Pin, nonce: Option<&str>) -> Ask {
        let body = Sha256::digest(&self.body).into();
        let signature = by.sign(&claim::text(&self.method, &self.target, pin, word, nonce, &body)).to_bytes();
        let claim = Claim { key: word, nonce: nonce.map(str::to_owned), body, signature };
        self.line("Authorization", &claim.to_string())
    }

    /// Returns the head as it is sent.
    pub fn head(&self) -> Vec<u8> {
        let lines: String = self.lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{} {} HTTP/1.1\r\nHost: relay\r\n{lines}\r\n", self.method, self.target).into_bytes()
    }

    pub fn bytes(&self) -> Vec<u8> {
        [self.head(), self.body.clone()].concat()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// Why it was refused; the status and the code must agree.
    pub fn failure(&self) -> Option<Failure> {
        let refusal: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        let failure = Failure::named(refusal.get("error")?.as_str()?).expect("a known code");
        assert_eq!((failure.status(), refusal.as_object().map(serde_json::Map::len)), (self.status, Some(1)), "{failure:?}");
        Some(failure)
    }

    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, String::from_utf8_lossy(&self.body)))
    }

    /// The value of a header line.
    pub fn line(&self, name: &str) -> Option<&str> {
        self.head.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Opens a connection that does not wait for ever.
pub fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
    stream.set_nodelay(true).expect("no delay");
    stream
}

/// Sends bytes on a connection of their own and returns the answer; none where the other side just closes.
pub fn exchange(to: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = connect(to);
    // Whoever is refused may not get rid of all.
    let _ = stream.write_all(bytes);
    reply(&mut stream)
}

/// As [`exchange`], and says that nothing more comes.
pub fn exchange_and_end(to: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = connect(to);
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    reply(&mut stream)
}

/// Reads one answer.
pub fn reply(stream: &mut impl Read) -> Option<Reply> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a head in ASCII");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let mut answer = Reply { status, head, body: Vec::new() };
    let length = answer.line("content-length").map_or(0, |text| text.parse().expect("a length"));
    answer.body.resize(length, 0);
    stream.read_exact(&mut answer.body).expect("the whole body");
    Some(answer)
}
