//! A store in memory: for a room, for tests, gone when the process ends.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Answer, Created, Figures, Known, Mailbox, Put, Store, Terms, TicketId, has_room, over};
use crate::wire::body::{Entry, Page};
use crate::wire::{FileName, MailboxId, PublicKeys};

/// Everything, in memory.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    open: HashMap<MailboxId, Open>,
    deleted: HashSet<MailboxId>,
    spent: HashSet<TicketId>,
}

#[derive(Debug)]
struct Open {
    mailbox: Mailbox,
    last: u64,
    files: BTreeMap<u64, File>,
    numbers: HashMap<FileName, u64>,
    notice: Option<Vec<u8>>,
}

#[derive(Debug)]
struct File {
    name: FileName,
    bytes: Vec<u8>,
    at: i64,
}

impl Memory {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that is there at once.
fn now<'a, T: Send + 'a>(answer: T) -> Answer<'a, T> {
    Box::pin(ready(Ok(answer)))
}

impl Store for Memory {
    fn known(&self, mailbox: MailboxId) -> Answer<'_, Known> {
        let kept = self.kept();
        let open = kept.open.get(&mailbox).map(|open| Known::Open(open.mailbox));
        now(open.unwrap_or(if kept.deleted.contains(&mailbox) { Known::Deleted } else { Known::Never }))
    }

    fn create(&self, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>, _now: i64) -> Answer<'_, Created> {
        now(self.kept().create(keys, terms, ticket))
    }

    fn put(&self, mailbox: MailboxId, name: FileName, bytes: Vec<u8>, owner: bool, at: i64) -> Answer<'_, Put> {
        let mut kept = self.kept();
        let deleted = kept.deleted.contains(&mailbox);
        let Some(open) = kept.open.get_mut(&mailbox) else { return now(if deleted { Put::Deleted } else { Put::NoMailbox }) };
        now(open.put(File { name, bytes, at }, owner))
    }

    fn list(&self, mailbox: MailboxId, after: u64, limit: u64) -> Answer<'_, Option<Page>> {
        now(self.kept().open.get(&mailbox).map(|open| open.list(after, limit)))
    }

    fn get(&self, mailbox: MailboxId, name: FileName) -> Answer<'_, Option<Vec<u8>>> {
        now(self.kept().open.get(&mailbox).and_then(|open| Some(open.files[open.numbers.get(&name)?].bytes.clone())))
    }

    fn freeze(&self, mailbox: MailboxId, notice: Vec<u8>) -> Answer<'_, bool> {
        now(self.kept().open.get_mut(&mailbox).is_some_and(|open| open.freeze(notice)))
    }

    fn notice(&self, mailbox: MailboxId) -> Answer<'_, Option<Vec<u8>>> {
        now(self.kept().open.get(&mailbox).and_then(|open| open.notice.clone()))
    }

    fn delete(&self, mailbox: MailboxId, _now: i64) -> Answer<'_, bool> {
        let mut kept = self.kept();
        let was = kept.open.remove(&mailbox).is_some();
        now(was && kept.deleted.insert(mailbox))
    }

    fn expire(&self, at: i64, batch: u64) -> Answer<'_, u64> {
        let mut left = batch;
        self.kept().open.values_mut().for_each(|open| left -= open.expire(at, left));
        now(batch - left)
    }

    fn ready(&self) -> Answer<'_, ()> {
        now(())
    }

    fn figures(&self) -> Answer<'_, Figures> {
        let kept = self.kept();
        let (mut files, mut bytes) = (0, 0);
        kept.open.values().for_each(|open| {
            files += open.files.len() as u64;
            bytes += open.mailbox.used;
        });
        now(Figures { mailboxes: kept.open.len() as u64, files, bytes })
    }
}

impl Kept {
    fn create(&mut self, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>) -> Created {
        let id = keys.mailbox();
        if self.deleted.contains(&id) {
            return Created::Deleted;
        }
        if let Some(open) = self.open.get(&id) {
            return Created::Known(open.mailbox.terms);
        }
        if ticket.is_some_and(|ticket| !self.spent.insert(ticket)) {
            return Created::Spent;
        }
        self.open.insert(id, Open::new(keys, terms));
        Created::Made(terms)
    }
}

impl Open {
    fn new(keys: PublicKeys, terms: Terms) -> Open {
        let mailbox = Mailbox { keys, terms, used: 0, frozen: false };
        Open { mailbox, last: 0, files: BTreeMap::new(), numbers: HashMap::new(), notice: None }
    }

    fn put(&mut self, file: File, owner: bool) -> Put {
        if let Some(number) = self.numbers.get(&file.name) {
            return Put::Known(*number);
        }
        let size = file.bytes.len() as u64;
        if !has_room(&self.mailbox.terms, self.mailbox.used, size, owner) {
            return Put::Full;
        }
        self.last += 1;
        self.mailbox.used += size;
        self.numbers.insert(file.name, self.last);
        self.files.insert(self.last, file);
        Put::Stored(self.last)
    }

    fn list(&self, after: u64, limit: u64) -> Page {
        let mut left = self.files.range(after.saturating_add(1)..).map(|(n, file)| Entry { n: *n, name: file.name, size: file.bytes.len() as u64 });
        let files: Vec<Entry> = left.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
        Page { files, last: self.last, count: self.files.len() as u64, more: left.next().is_some(), frozen: self.mailbox.frozen }
    }

    fn freeze(&mut self, notice: Vec<u8>) -> bool {
        let before = self.notice.as_ref().map_or(0, Vec::len) as u64;
        let without = self.mailbox.used - before;
        let room = has_room(&self.mailbox.terms, without, notice.len() as u64, true);
        if room {
            self.mailbox.used = without + notice.len() as u64;
            self.mailbox.frozen = true;
            self.notice = Some(notice);
        }
        room
    }

    /// Drops at most so many files whose days are over; returns how many.
    fn expire(&mut self, now: i64, most: u64) -> u64 {
        let days = self.mailbox.terms.keeps_days;
        let gone: Vec<u64> = self.files.iter().filter(|(_, file)| over(file.at, days) <= now).map(|(n, _)| *n).take(most as usize).collect();
        for n in &gone {
            let file = self.files.remove(n).expect("it was there");
            self.numbers.remove(&file.name);
            self.mailbox.used -= file.bytes.len() as u64;
        }
        gone.len() as u64
    }
}
