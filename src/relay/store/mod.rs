//! What a relay keeps: opaque files in mailboxes. One suite of stories runs on every store.

pub mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "relay")]
pub mod sqlite;

use std::future::Future;
use std::pin::Pin;

use crate::wire::body::Page;
use crate::wire::limits::RESERVED;
use crate::wire::{FileName, MailboxId, PublicKeys};

/// The answer of a store, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why a store gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the store is not reachable")]
    Away,
    #[error("the disk is full")]
    Full,
    #[error("the store was written by a newer version")]
    Newer,
    #[error("the store is damaged")]
    Damaged,
    /// What the database said; never bytes of a file or a name.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// What a mailbox may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Bytes of files and notice together.
    pub quota: u64,
    /// Days after which a file goes.
    pub keeps_days: u64,
}

/// What a store knows of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    Never,
    /// It was deleted and is never made again.
    Deleted,
    Open(Mailbox),
}

/// A mailbox that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub keys: PublicKeys,
    pub terms: Terms,
    /// Bytes that lie in it.
    pub used: u64,
    pub frozen: bool,
}

/// What became of a mailbox that was to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    Made(Terms),
    /// It was there, with these terms.
    Known(Terms),
    Deleted,
    /// The ticket made another mailbox before.
    Spent,
}

/// What became of a file that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is durable, under this number.
    Stored(u64),
    /// It was there, under this number.
    Known(u64),
    /// There is no room left for whoever puts it.
    Full,
    NoMailbox,
    Deleted,
}

/// A ticket that makes one mailbox: the hash of its text.
pub type TicketId = [u8; 32];

/// Where a relay keeps its mailboxes. What a call acknowledges is durable. Times are whole seconds since 1970 of the server.
pub trait Store: Send + Sync + 'static {
    /// Returns what is known of a mailbox.
    fn known(&self, mailbox: MailboxId) -> Answer<'_, Known>;

    /// Makes a mailbox; spends the ticket with it, or neither.
    fn create(&self, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>, now: i64) -> Answer<'_, Created>;

    /// Keeps a file. Its number is the next of its mailbox, without gaps, and is seen by readers in that order. The last tenth of
    /// the quota is kept for the owner.
    fn put(&self, mailbox: MailboxId, name: FileName, bytes: Vec<u8>, owner: bool, now: i64) -> Answer<'_, Put>;

    /// Lists at most `limit` files after a number; `None` without the mailbox.
    fn list(&self, mailbox: MailboxId, after: u64, limit: u64) -> Answer<'_, Option<Page>>;

    /// Returns a file.
    fn get(&self, mailbox: MailboxId, name: FileName) -> Answer<'_, Option<Vec<u8>>>;

    /// Freezes a mailbox and keeps the notice in place of an earlier one; false without the mailbox, or without room for it.
    fn freeze(&self, mailbox: MailboxId, notice: Vec<u8>) -> Answer<'_, bool>;

    /// Returns the notice of a frozen mailbox.
    fn notice(&self, mailbox: MailboxId) -> Answer<'_, Option<Vec<u8>>>;

    /// Deletes a mailbox with everything in it and remembers that for ever; false where there is none.
    fn delete(&self, mailbox: MailboxId, now: i64) -> Answer<'_, bool>;

    /// Drops at most `batch` files whose days are over; returns how many went.
    fn expire(&self, now: i64, batch: u64) -> Answer<'_, u64>;

    /// Tells whether it can write.
    fn ready(&self) -> Answer<'_, ()>;

    /// Returns how much is kept.
    fn figures(&self) -> Answer<'_, Figures>;
}

/// How much a store keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub mailboxes: u64,
    pub files: u64,
    pub bytes: u64,
}

const DAY: i64 = 86_400;

/// Tells whether so many bytes more fit into a mailbox; the last tenth is the owner's.
pub fn has_room(terms: &Terms, used: u64, more: u64, owner: bool) -> bool {
    let room = if owner { terms.quota } else { terms.quota - terms.quota / RESERVED };
    used.checked_add(more).is_some_and(|sum| sum <= room)
}

/// Returns the moment from which on a file that came at a moment is over.
pub fn over(at: i64, keeps_days: u64) -> i64 {
    let days = i64::try_from(keeps_days).unwrap_or(i64::MAX);
    at.saturating_add(days.saturating_mul(DAY))
}
