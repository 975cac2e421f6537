//! A relay as the protocol draws it, small enough to be seen through: it checks every signature, keeps everything in memory, and
//! lies when a test says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use ed25519_dalek::{Signature, VerifyingKey};
use sandyq::transport::relay::{Access, Address};
use sandyq::wire::body::{Admission, Create, Entry, Made, Page};
use sandyq::wire::{Claim, FileName, Key, MailboxId, Pin, PublicKeys, claim, work};
use sandyq::wire::{Failure, limits};

use super::server::{Identity, Request, answer, https_counted};

/// Bits of work that a mailbox costs here.
const WORK_BITS: u32 = 4;
/// The only ticket.
pub const TICKET: &str = "Tfeed";

/// A mailbox of the model.
#[derive(Clone, Debug)]
pub struct Held {
    pub keys: PublicKeys,
    pub files: Vec<(u64, FileName, Vec<u8>)>,
    pub last: u64,
    pub quota: usize,
    pub notice: Option<Vec<u8>>,
}

/// Changes an answer: status and body.
pub type Lie = Arc<dyn Fn(&Request, u16, Vec<u8>) -> (u16, Vec<u8>) + Send + Sync>;

#[derive(Clone, Default)]
pub struct State {
    pub mailboxes: BTreeMap<String, Held>,
    pub deleted: Vec<String>,
    pub tickets: Vec<String>,
    /// Methods and targets as they came.
    pub asked: Vec<(String, String)>,
    /// Puts whose body came to its end.
    pub uploads: u64,
    pub nonces: u64,
    pub connections: u64,
    pub work_bits: Option<u32>,
    pub lie: Option<Lie>,
    /// Entries of a page.
    pub page: usize,
}

/// A running model.
pub struct Model {
    pub identity: Identity,
    pub port: u16,
    state: Arc<Mutex<State>>,
}

impl Model {
    pub fn start() -> Model {
        let identity = Identity::new();
        let pin = Pin(identity.pin());
        let begun = State { tickets: vec![TICKET.to_owned()], work_bits: Some(WORK_BITS), page: usize::MAX, ..State::default() };
        let state = Arc::new(Mutex::new(begun));
        let own = state.clone();
        let counted = state.clone();
        let begins = move || counted.lock().expect("unpoisoned").connections += 1;
        let port = https_counted(identity.config(), begins, move |request| own.lock().expect("unpoisoned").answer(request, &pin));
        Model { identity, port, state }
    }

    pub fn address(&self) -> Address {
        self.identity.address(self.port)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("unpoisoned")
    }

    /// Lies from now on.
    pub fn lie(&self, lie: impl Fn(&Request, u16, Vec<u8>) -> (u16, Vec<u8>) + Send + Sync + 'static) {
        self.state().lie = Some(Arc::new(lie));
    }

    /// Lies in every page of a list.
    pub fn lie_in_pages(&self, lie: impl Fn(&Request, &mut Page) + Send + Sync + 'static) {
        self.lie(move |request, status, body| {
            let Some(mut page) = serde_json::from_slice::<Page>(&body).ok().filter(|_| request.target.contains("/files?")) else { return (status, body) };
            lie(request, &mut page);
            (status, serde_json::to_vec(&page).expect("JSON"))
        });
    }

    pub fn is_honest_again(&self) {
        self.state().lie = None;
    }

    /// Requests of this method since the last call of this function.
    pub fn asked(&self, method: &str) -> Vec<String> {
        let asked = std::mem::take(&mut self.state().asked);
        asked.into_iter().filter(|(known, _)| known == method).map(|(_, target)| target).collect()
    }
}

type Said = Result<(u16, Vec<u8>), Failure>;

fn json(status: u16, body: &impl serde::Serialize) -> Said {
    Ok((status, serde_json::to_vec(body).expect("JSON")))
}

impl State {
    fn answer(&mut self, request: &Request, pin: &Pin) -> Vec<u8> {
        self.asked.push((request.method.clone(), request.target.clone()));
        let said = self.said(request, pin);
        let (status, body) = match said {
            Ok(said) => said,
            Err(failure) => (failure.status(), format!("{{\"error\":\"{}\"}}", failure.code()).into_bytes()),
        };
        let (status, body) = self.lie.clone().map_or((status, body.clone()), |lie| lie(request, status, body));
        answer(status, &body)
    }

    fn said(&mut self, request: &Request, pin: &Pin) -> Said {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        match (request.method.as_str(), &parts[..]) {
            ("GET", ["nonce"]) => {
                self.nonces += 1;
                json(200, &sandyq::wire::body::Nonce { nonce: format!("{:08x}", self.nonces), work_bits: self.work_bits })
            }
            ("PUT", ["mailboxes", id]) => self.create(request, pin, id),
            ("DELETE", ["mailboxes", id]) => {
                self.signed(request, pin, id, &[Key::Owner])?;
                self.mailboxes.remove(*id);
                self.deleted.push((*id).to_owned());
                Ok((204, Vec::new()))
            }
            ("GET", ["mailboxes", id, "files"]) => self.list(request, pin, id, query),
            ("GET", ["mailboxes", id, "files", name]) => self.get(request, pin, id, name),
            ("PUT", ["mailboxes", id, "files", name]) => self.put(request, pin, id, name),
            ("PUT", ["mailboxes", id, "freeze"]) => {
                self.signed(request, pin, id, &[Key::Owner])?.notice = Some(request.body.clone());
                json(200, &serde_json::json!({}))
            }
            ("GET", ["mailboxes", id, "notice"]) => {
                self.signed(request, pin, id, &[Key::Owner, Key::Read])?.notice.clone().map(|notice| (200, notice)).ok_or(Failure::NoFile)
            }
            _ => Err(Failure::NoPath),
        }
    }

    fn create(&mut self, request: &Request, pin: &Pin, id: &str) -> Said {
        let create: Create = serde_json::from_slice(&request.body).map_err(|_| Failure::Malformed)?;
        verified(request, pin, &create.keys, &[Key::Owner])?;
        assert_eq!(create.keys.mailbox().to_string(), id);
        let admitted = match &create.admission {
            Admission::Ticket(ticket) => self.tickets.iter().position(|known| known == ticket).map(|at| self.tickets.remove(at)).is_some(),
            Admission::Work(number) => self.work_bits.is_some_and(|bits| work::is_done(&create.keys.mailbox(), pin, *number, bits)),
        };
        if self.deleted.iter().any(|known| known == id) {
            return Err(Failure::Deleted);
        }
        if !admitted {
            return Err(Failure::Ticket);
        }
        self.mailboxes.insert(id.to_owned(), Held { keys: create.keys, files: Vec::new(), last: 0, quota: usize::MAX, notice: None });
        json(201, &Made { quota: 1 << 30, keeps_days: 180 })
    }

    /// Finds a mailbox for whoever signed with one of these keys.
    fn signed(&mut self, request: &Request, pin: &Pin, id: &str, allowed: &[Key]) -> Result<&mut Held, Failure> {
        if self.deleted.iter().any(|known| known == id) {
            return Err(Failure::Deleted);
        }
        let held = self.mailboxes.get_mut(id).ok_or(Failure::NoMailbox)?;
        verified(request, pin, &held.keys, allowed)?;
        Ok(held)
    }

    fn list(&mut self, request: &Request, pin: &Pin, id: &str, query: &str) -> Said {
        let most = self.page;
        let held = self.signed(request, pin, id, &[Key::Owner, Key::Read])?;
        if held.notice.is_some() && !request.header("authorization").is_some_and(|claim| claim.contains(" owner ")) {
            return Err(Failure::Frozen);
        }
        let number = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)).map_or(0, |text| text.parse().expect("a number"));
        let (after, limit) = (number("after="), number("limit=").min(limits::MAX_PAGE) as usize);
        let all = held.files.iter().filter(|(n, ..)| *n > after).map(|(n, name, bytes)| Entry { n: *n, name: *name, size: bytes.len() as u64 });
        let files: Vec<Entry> = all.clone().take(limit.min(most)).collect();
        let more = all.count() > files.len();
        json(200, &Page { files, last: held.last, count: held.files.len() as u64, more, frozen: held.notice.is_some() })
    }

    fn get(&mut self, request: &Request, pin: &Pin, id: &str, name: &str) -> Said {
        let held = self.signed(request, pin, id, &[Key::Owner, Key::Read])?;
        let (.., bytes) = held.files.iter().find(|(_, known, _)| known.to_string() == name).ok_or(Failure::NoFile)?;
        match request.from() {
            Some(from) => bytes.get(from..).map(|rest| (206, rest.to_vec())).ok_or(Failure::Range),
            None => Ok((200, bytes.clone())),
        }
    }

    fn put(&mut self, request: &Request, pin: &Pin, id: &str, name: &str) -> Said {
        let owner = request.header("authorization").is_some_and(|claim| claim.contains(" owner "));
        self.uploads += 1;
        let held = self.signed(request, pin, id, &[Key::Owner, Key::Write])?;
        let name: FileName = name.parse().map_err(|_| Failure::Malformed)?;
        if held.files.iter().any(|(_, known, _)| *known == name) {
            return json(200, &serde_json::json!({}));
        }
        let used: usize = held.files.iter().map(|(.., bytes)| bytes.len()).sum();
        let quota = if owner { held.quota } else { held.quota / limits::RESERVED as usize * (limits::RESERVED as usize - 1) };
        if used.saturating_add(request.body.len()) > quota {
            return Err(Failure::Quota);
        }
        held.last += 1;
        held.files.push((held.last, name, request.body.clone()));
        json(201, &serde_json::json!({}))
    }
}

/// Checks the claim of a request as a server has to.
fn verified(request: &Request, pin: &Pin, keys: &PublicKeys, allowed: &[Key]) -> Result<(), Failure> {
    let claim: Claim = request.header("authorization").and_then(|line| line.parse().ok()).ok_or(Failure::Unsigned)?;
    let key = match claim.key {
        Key::Owner => keys.owner,
        Key::Write => keys.write,
        Key::Read => keys.read,
    };
    if !allowed.contains(&claim.key) {
        return Err(Failure::WrongKey);
    }
    let body = FileName::of(&request.body);
    let needs_nonce = request.method != "PUT" || !request.target.contains("/files/");
    if body.0 != claim.body {
        return Err(Failure::BodyHash);
    }
    if claim.nonce.is_some() != needs_nonce {
        return Err(Failure::Nonce);
    }
    let text = claim::text(&request.method, &request.target, pin, claim.key, claim.nonce.as_deref(), &claim.body);
    let verified = VerifyingKey::from_bytes(&key.0).and_then(|key| key.verify_strict(&text, &Signature::from_bytes(&claim.signature)));
    verified.map_err(|_| Failure::Signature)
}

/// Returns the name of a mailbox as the model has it.
pub fn id(access: &Access) -> String {
    MailboxId(access.id).to_string()
}
