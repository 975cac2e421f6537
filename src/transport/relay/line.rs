//! Requests for one mailbox, signed by its keys. Waits when the relay is busy and takes a new nonce when the old one is too old.

use std::thread;
use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;

use super::http::{Answer, Ask, End, Http};
use super::{Address, Options};
use crate::crypto::{MailboxKey, plain_hash};
use crate::transport::TransportError;
use crate::wire::body::{Admission, Create, Nonce, Refusal};
use crate::wire::id::PublicKey;
use crate::wire::limits::MAX_JSON;
use crate::wire::{Claim, Failure, Key, MailboxId, Pin, PublicKeys, claim, path, work};

/// How often one request is sent when the relay says each time to come again.
const TRIES: u32 = 8;
/// Most work that is done for a mailbox, in leading zero bits: some minutes.
const MOST_WORK: u32 = 28;

/// A mailbox with those of its keys that this device has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub id: [u8; 32],
    pub owner: Option<MailboxKey>,
    pub write: Option<MailboxKey>,
    pub read: Option<MailboxKey>,
}

impl Access {
    /// Returns the mailbox.
    pub(super) fn mailbox(&self) -> MailboxId {
        MailboxId(self.id)
    }

    /// Returns the key by which this device lists, reads and puts, the weakest that may; none where it may not.
    pub(super) fn lists(&self) -> Option<Key> {
        self.read.as_ref().map(|_| Key::Read).or(self.owns())
    }

    pub(super) fn puts(&self) -> Option<Key> {
        self.write.as_ref().map(|_| Key::Write).or(self.owns())
    }

    pub(super) fn owns(&self) -> Option<Key> {
        self.owner.as_ref().map(|_| Key::Owner)
    }

    fn key(&self, key: Key) -> Option<&MailboxKey> {
        match key {
            Key::Owner => self.owner.as_ref(),
            Key::Write => self.write.as_ref(),
            Key::Read => self.read.as_ref(),
        }
    }

    /// Returns the public keys, where all are here and make this mailbox.
    fn public(&self) -> Option<PublicKeys> {
        let public = |key: &Option<MailboxKey>| key.as_ref().map(|key| PublicKey(key.public()));
        let keys = PublicKeys { owner: public(&self.owner)?, write: public(&self.write)?, read: public(&self.read)? };
        (keys.mailbox().0 == self.id).then_some(keys)
    }
}

/// The way to one mailbox.
#[derive(Debug)]
pub(super) struct Line {
    pub access: Access,
    address: Address,
    options: Options,
    /// Tickets that made the mailbox, or that the relay does not take.
    pub spent: Vec<String>,
    http: Option<Http>,
    nonce: Option<Nonce>,
}

/// A request before it is signed.
pub(super) struct Call<'a> {
    pub key: Key,
    pub method: Method,
    pub target: String,
    pub body: &'a [u8],
    pub from: u64,
    pub most: u64,
}

impl Call<'_> {
    pub fn new(key: Key, method: Method, target: String) -> Self {
        Call { key, method, target, body: &[], from: 0, most: MAX_JSON }
    }

    /// Putting a file twice is no harm, and so needs no nonce.
    fn needs_nonce(&self) -> bool {
        self.method != Method::PUT || !self.target.contains("/files/")
    }
}

impl Line {
    pub fn to(address: &Address, access: Access, options: &Options) -> Self {
        Line { access, address: address.clone(), options: options.clone(), spent: Vec::new(), http: None, nonce: None }
    }

    /// Sends a signed request and returns an answer that is no refusal; it may be cut.
    pub fn call(&mut self, call: &Call<'_>) -> Result<Answer, TransportError> {
        let mut fresh = false;
        for _ in 0..TRIES {
            let answer = self.signed(call)?;
            match refusal(&answer)? {
                None => return Ok(answer),
                Some(Failure::Nonce) if !fresh => {
                    self.nonce = None;
                    fresh = true;
                }
                Some(refusal) => self.wait(refusal, answer.again_after)?,
            }
        }
        Err(TransportError::Refused(Failure::Rate))
    }

    /// The same for an answer in JSON, which must be whole.
    pub fn json<T: DeserializeOwned>(&mut self, call: &Call<'_>) -> Result<T, TransportError> {
        read_json(&self.call(call)?)
    }

    /// Makes the mailbox, by a ticket or by work.
    pub fn create(&mut self) -> Result<(), TransportError> {
        let keys = self.access.public().ok_or(TransportError::NoMailbox)?;
        while let Some(ticket) = self.options.tickets.first().cloned() {
            let made = self.admitted(keys, Admission::Ticket(ticket));
            if !matches!(made, Ok(()) | Err(TransportError::Refused(Failure::Ticket))) {
                return made;
            }
            self.spent.push(self.options.tickets.remove(0));
            if made.is_ok() {
                return made;
            }
        }
        let bits = self.nonce()?.work_bits.filter(|bits| *bits <= MOST_WORK).ok_or(TransportError::Refused(Failure::Ticket))?;
        let number = work::find(&keys.mailbox(), &self.pin()?, bits);
        self.admitted(keys, Admission::Work(number))
    }

    fn admitted(&mut self, keys: PublicKeys, admission: Admission) -> Result<(), TransportError> {
        let body = serde_json::to_vec(&Create { keys, admission }).expect("plain fields are JSON");
        let call = Call::new(Key::Owner, Method::PUT, path::mailbox(&keys.mailbox()));
        self.call(&Call { body: &body, ..call }).map(drop)
    }

    fn signed(&mut self, call: &Call<'_>) -> Result<Answer, TransportError> {
        let nonce = if call.needs_nonce() { Some(self.nonce()?.nonce) } else { None };
        let pin = self.pin()?;
        let body = plain_hash(call.body);
        let key = self.access.key(call.key).ok_or(TransportError::Refused(Failure::WrongKey))?;
        let signature = key.sign(&claim::text(call.method.as_str(), &call.target, &pin, call.key, nonce.as_deref(), &body));
        let claim = Claim { key: call.key, nonce, body, signature }.to_string();
        let (method, target, body) = (call.method.clone(), call.target.clone(), call.body.to_vec());
        self.http()?.send(&Ask { method, target, claim: Some(claim), body, from: call.from, most: call.most })
    }

    /// Returns the key that the relay goes by: where it may have two, the one it showed.
    fn pin(&mut self) -> Result<Pin, TransportError> {
        if self.address.backup.is_some() && self.http()?.pin().is_none() {
            self.nonce()?;
        }
        Ok(Pin(self.http()?.pin().unwrap_or(self.address.pin)))
    }

    /// Returns a nonce of the relay, the last one as long as it is good.
    fn nonce(&mut self) -> Result<Nonce, TransportError> {
        if let Some(nonce) = &self.nonce {
            return Ok(nonce.clone());
        }
        let ask = Ask { method: Method::GET, target: path::NONCE.to_owned(), claim: None, body: Vec::new(), from: 0, most: MAX_JSON };
        for _ in 0..TRIES {
            let answer = self.http()?.send(&ask)?;
            match refusal(&answer)? {
                None => return Ok(self.nonce.insert(read_nonce(&answer)?).clone()),
                Some(refusal) => self.wait(refusal, answer.again_after)?,
            }
        }
        Err(TransportError::Refused(Failure::Rate))
    }

    /// Waits when the relay asks for it.
    fn wait(&self, refusal: Failure, again_after: Option<u64>) -> Result<(), TransportError> {
        let wanted = again_after.map(Duration::from_secs).filter(|wanted| refusal == Failure::Rate && *wanted <= self.options.patience);
        wanted.map(thread::sleep).ok_or(TransportError::Refused(refusal))
    }

    fn http(&mut self) -> Result<&mut Http, TransportError> {
        if self.http.is_none() {
            self.http = Some(Http::to(&self.address, &self.options)?);
        }
        self.http.as_mut().ok_or(TransportError::Unreachable)
    }
}

/// Returns why a request was refused; none where it was not.
fn refusal(answer: &Answer) -> Result<Option<Failure>, TransportError> {
    if (200..300).contains(&answer.status) {
        return Ok(None);
    }
    let refusal: Refusal = read_json(answer)?;
    let failure = Failure::named(&refusal.error).filter(|failure| failure.status() == answer.status);
    failure.map(Some).ok_or(TransportError::OddAnswer)
}

fn read_json<T: DeserializeOwned>(answer: &Answer) -> Result<T, TransportError> {
    match answer.end {
        End::Whole => serde_json::from_slice(&answer.body).map_err(|_| TransportError::OddAnswer),
        End::Cut => Err(TransportError::Unreachable),
        End::Over => Err(TransportError::OddAnswer),
    }
}

/// Reads a nonce that can stand in a claim.
fn read_nonce(answer: &Answer) -> Result<Nonce, TransportError> {
    let nonce: Nonce = read_json(answer)?;
    let plain = (1..=128).contains(&nonce.nonce.len()) && nonce.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { Ok(nonce) } else { Err(TransportError::OddAnswer) }
}
