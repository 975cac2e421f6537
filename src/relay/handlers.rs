//! What a relay does for each request. Whatever can be refused is refused before the body is read, in this order: the shape of
//! the claim, the mailbox, the key, the signature, the nonce, the rate of the mailbox, the length, the quota.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_RANGE, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::IntoResponse;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::answer::{Outcome, Refused};
use super::gate::{Asked, Need, check_nonce, check_signature};
use super::parts::{At, Of, Part, range};
use super::store::{Created, Known, Mailbox, Put, StoreError, Terms, TicketId, has_room};
use super::{Relay, body, gate, ticket};
use crate::wire::body::{Admission, Create, Made, Nonce};
use crate::wire::limits::{MAX_FILE, MAX_JSON, MAX_NOTICE};
use crate::wire::{Claim, Failure, FileName, Key, MailboxId, work};

type Here = State<Arc<Relay>>;

/// How long one look at the store is good for all who ask whether it is ready.
const LOOK: Duration = Duration::from_secs(1);

/// Gives a nonce.
pub async fn nonce(State(relay): Here) -> Outcome {
    let nonce = gate::nonce(relay.identity.secret(), relay.now(), relay.draw());
    Ok(Json(Nonce { nonce, work_bits: relay.rules().work_bits }).into_response())
}

/// Makes a mailbox. The key is in the body, so here the body is read before the signature is checked.
pub async fn create(State(relay): Here, At(id): At, head: Parts, body: Body) -> Outcome {
    let claim = gate::claim(&head.headers)?;
    let known = relay.known(id).await?;
    relay.may_create(&head, &claim, &known)?;
    let create = relay.read_create(&head, body, id, &claim).await?;
    check_signature(asked(&head), &claim, &create.keys.owner, relay.identity.pins(), &relay.counted)?;
    if let Known::Open(mailbox) = known {
        return Ok(made(StatusCode::OK, mailbox.terms));
    }
    let (terms, ticket) = relay.admit(id, &create.admission)?;
    match relay.store.create(create.keys, terms, ticket, relay.now()).await.map_err(relay.failed())? {
        Created::Made(terms) => Ok(made(StatusCode::CREATED, terms)),
        Created::Known(terms) => Ok(made(StatusCode::OK, terms)),
        Created::Deleted => Err(Failure::Deleted.into()),
        Created::Spent => Err(Failure::Ticket.into()),
    }
}

/// Deletes a mailbox.
pub async fn delete(State(relay): Here, At(id): At, head: Parts) -> Outcome {
    let claim = relay.let_in(&head, id, Need::OWN).await?.0;
    no_body(&head, &claim)?;
    let gone = relay.store.delete(id, relay.now()).await.map_err(relay.failed())?;
    if gone { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Failure::NoMailbox.into()) }
}

/// Keeps a file.
pub async fn put(State(relay): Here, Of(id, name): Of, head: Parts, body: Body) -> Outcome {
    if gate::claim(&head.headers)?.body != name.0 {
        return Err(Failure::BodyHash.into());
    }
    let (claim, mailbox) = relay.let_in(&head, id, Need::PUT).await?;
    let (length, owner) = (body::length(&head.headers, MAX_FILE)?, claim.key == Key::Owner);
    if !has_room(&mailbox.terms, mailbox.used, length, owner) {
        return relay.known_though_full(id, name).await;
    }
    let bytes = relay.read(&head, body).await?;
    if FileName::of(&bytes) != name {
        return Err(Failure::BodyHash.into());
    }
    relay.keep(id, name, bytes, owner).await
}

/// Lists files.
pub async fn list(State(relay): Here, At(id): At, part: Part, head: Parts) -> Outcome {
    relay.let_read(&head, id).await?;
    let page = relay.store.list(id, part.after, part.limit).await.map_err(relay.failed())?;
    Ok(Json(page.ok_or(Failure::NoMailbox)?).into_response())
}

/// Gives a file, or a part of it.
pub async fn get(State(relay): Here, Of(id, name): Of, head: Parts) -> Outcome {
    relay.let_read(&head, id).await?;
    let file = relay.store.get(id, name).await.map_err(relay.failed())?.ok_or(Failure::NoFile)?;
    let size = file.len() as u64;
    let Some(asked) = range(&head.headers, size)? else { return Ok(octets(file)) };
    let part = file[*asked.start() as usize..=*asked.end() as usize].to_vec();
    let said = format!("bytes {}-{}/{size}", asked.start(), asked.end());
    Ok((StatusCode::PARTIAL_CONTENT, [(CONTENT_RANGE, said)], octets(part)).into_response())
}

/// Freezes a mailbox, with a notice for those who only may read.
pub async fn freeze(State(relay): Here, At(id): At, head: Parts, body: Body) -> Outcome {
    let (claim, mailbox) = relay.let_in(&head, id, Need::OWN).await?;
    let length = body::length(&head.headers, MAX_NOTICE)?;
    relay.room_for_notice(id, &mailbox, length).await?;
    let notice = relay.read_claimed(&head, body, &claim).await?;
    let size = notice.len();
    if !relay.store.freeze(id, notice).await.map_err(relay.failed())? {
        return Err(Failure::Quota.into());
    }
    relay.counted.stored(size);
    Ok(Json(json!({})).into_response())
}

/// Gives the notice of a frozen mailbox.
pub async fn notice(State(relay): Here, At(id): At, head: Parts) -> Outcome {
    let claim = relay.let_in(&head, id, Need::READ).await?.0;
    no_body(&head, &claim)?;
    let notice = relay.store.notice(id).await.map_err(relay.failed())?;
    Ok(octets(notice.ok_or(Failure::NoFile)?))
}

/// Tells that the process answers.
pub async fn alive() -> Outcome {
    Ok(Json(json!({})).into_response())
}

/// Tells whether the store can write.
pub async fn ready(State(relay): Here) -> Outcome {
    let mut seen = relay.readiness.lock().await;
    let fresh = seen.filter(|(at, _)| at.elapsed() < LOOK);
    let ready = match fresh {
        Some((_, ready)) => ready,
        None => relay.store.ready().await.map_err(relay.failed()).is_ok(),
    };
    *seen = fresh.or(Some((Instant::now(), ready)));
    if ready { Ok(Json(json!({})).into_response()) } else { Err(Failure::Store.into()) }
}

/// Refuses a path that is not here.
pub async fn no_path() -> Outcome {
    Err(Failure::NoPath.into())
}

/// Refuses a method that is not for this path.
pub async fn no_method() -> Outcome {
    Err(Failure::Method.into())
}

impl Relay {
    /// Lets a request into a mailbox: claim, mailbox, key, signature, nonce, rate.
    async fn let_in(&self, head: &Parts, id: MailboxId, need: Need) -> Result<(Claim, Mailbox), Refused> {
        let claim = gate::claim(&head.headers)?;
        let mailbox = match self.known(id).await? {
            Known::Open(mailbox) => mailbox,
            Known::Never => return Err(Failure::NoMailbox.into()),
            Known::Deleted => return Err(Failure::Deleted.into()),
        };
        self.check(head, &claim, &mailbox, need)?;
        self.ask_rate(id)?;
        Ok((claim, mailbox))
    }

    fn check(&self, head: &Parts, claim: &Claim, mailbox: &Mailbox, need: Need) -> Result<(), Failure> {
        if !need.keys.contains(&claim.key) {
            return Err(Failure::WrongKey);
        }
        let key = match claim.key {
            Key::Owner => mailbox.keys.owner,
            Key::Write => mailbox.keys.write,
            Key::Read => mailbox.keys.read,
        };
        check_signature(asked(head), claim, &key, self.identity.pins(), &self.counted)?;
        let given = need.nonce || claim.nonce.is_some();
        if given { check_nonce(self.identity.secret(), claim.nonce.as_deref(), self.now()) } else { Ok(()) }
    }

    /// Only whoever has signed counts: no stranger uses up a mailbox.
    fn ask_rate(&self, id: MailboxId) -> Result<(), Refused> {
        let Some(rate) = self.rules().limits.mailbox else { return Ok(()) };
        self.mailboxes.ask(id, rate, Instant::now()).map_err(|wait| Refused::rate(wait.as_secs() + 1))
    }

    /// Lets a request read files: of a frozen mailbox with the owner's key only.
    async fn let_read(&self, head: &Parts, id: MailboxId) -> Result<(), Refused> {
        let (claim, mailbox) = self.let_in(head, id, Need::READ).await?;
        no_body(head, &claim)?;
        if mailbox.frozen && claim.key != Key::Owner { Err(Failure::Frozen.into()) } else { Ok(()) }
    }

    async fn known(&self, id: MailboxId) -> Result<Known, Refused> {
        self.store.known(id).await.map_err(self.failed())
    }

    /// What can be refused of a call for a mailbox before its body is read.
    fn may_create(&self, head: &Parts, claim: &Claim, known: &Known) -> Result<(), Failure> {
        if *known == Known::Deleted {
            return Err(Failure::Deleted);
        }
        if !Need::OWN.keys.contains(&claim.key) {
            return Err(Failure::WrongKey);
        }
        check_nonce(self.identity.secret(), claim.nonce.as_deref(), self.now())?;
        body::length(&head.headers, MAX_JSON).map(drop)
    }

    async fn read_create(&self, head: &Parts, body: Body, id: MailboxId, claim: &Claim) -> Result<Create, Failure> {
        let bytes = self.read_claimed(head, body, claim).await?;
        let create: Create = serde_json::from_slice(&bytes).map_err(|_| Failure::Malformed)?;
        if create.keys.mailbox() == id { Ok(create) } else { Err(Failure::Malformed) }
    }

    /// Returns what a ticket or a proof of work gives.
    fn admit(&self, id: MailboxId, admission: &Admission) -> Result<(Terms, Option<TicketId>), Failure> {
        let rules = self.rules();
        match admission {
            Admission::Ticket(text) => {
                let ticket = ticket::check(self.identity.secret(), text, self.now()).ok_or(Failure::Ticket)?;
                Ok((ticket.terms, Some(ticket.id)))
            }
            Admission::Work(number) => {
                let bits = rules.work_bits.ok_or(Failure::Ticket)?;
                let done = self.identity.pins().iter().any(|pin| work::is_done(&id, pin, *number, bits));
                if done { Ok((rules.terms, None)) } else { Err(Failure::Ticket) }
            }
        }
    }

    async fn read(&self, head: &Parts, body: Body) -> Result<Vec<u8>, Failure> {
        body::read(&head.headers, body, self.rules().limits.pace, &self.counted).await
    }

    async fn read_claimed(&self, head: &Parts, body: Body, claim: &Claim) -> Result<Vec<u8>, Failure> {
        let bytes = self.read(head, body).await?;
        if Sha256::digest(&bytes)[..] == claim.body { Ok(bytes) } else { Err(Failure::BodyHash) }
    }

    async fn keep(&self, id: MailboxId, name: FileName, bytes: Vec<u8>, owner: bool) -> Outcome {
        let size = bytes.len();
        match self.store.put(id, name, bytes, owner, self.now()).await.map_err(self.failed())? {
            Put::Stored(_) => {
                self.counted.stored(size);
                Ok((StatusCode::CREATED, Json(json!({}))).into_response())
            }
            Put::Known(_) => Ok(Json(json!({})).into_response()),
            Put::Full => Err(Failure::Quota.into()),
            Put::NoMailbox => Err(Failure::NoMailbox.into()),
            Put::Deleted => Err(Failure::Deleted.into()),
        }
    }

    /// A file that is there is there, also in a full mailbox: whoever lost the first answer gets it now.
    async fn known_though_full(&self, id: MailboxId, name: FileName) -> Outcome {
        let there = self.store.get(id, name).await.map_err(self.failed())?.is_some();
        if there { Ok(Json(json!({})).into_response()) } else { Err(Failure::Quota.into()) }
    }

    /// A notice takes the room of the one before it.
    async fn room_for_notice(&self, id: MailboxId, mailbox: &Mailbox, length: u64) -> Result<(), Refused> {
        if has_room(&mailbox.terms, mailbox.used, length, true) {
            return Ok(());
        }
        let before = self.store.notice(id).await.map_err(self.failed())?.map_or(0, |notice| notice.len() as u64);
        let without = mailbox.used.saturating_sub(before);
        if has_room(&mailbox.terms, without, length, true) { Ok(()) } else { Err(Failure::Quota.into()) }
    }

    fn failed(&self) -> impl Fn(StoreError) -> Refused + '_ {
        Refused::store(self.watch.as_ref())
    }
}

fn asked(head: &Parts) -> Asked<'_> {
    Asked { method: head.method.as_str(), target: head.uri.path_and_query().map_or("", |target| target.as_str()) }
}

fn no_body(head: &Parts, claim: &Claim) -> Result<(), Failure> {
    body::none(&head.headers)?;
    if Sha256::digest(b"")[..] == claim.body { Ok(()) } else { Err(Failure::BodyHash) }
}

fn made(status: StatusCode, terms: Terms) -> axum::response::Response {
    (status, Json(Made { quota: terms.quota, keeps_days: terms.keeps_days })).into_response()
}

fn octets(bytes: Vec<u8>) -> axum::response::Response {
    ([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
