//! One suite of stories for every store. A new store is one more line in [`kinds`].

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sandyq::relay::Store;
use sandyq::relay::store::memory::Memory;
use sandyq::relay::store::sqlite::Sqlite;
use sandyq::relay::store::{Created, Figures, Known, Put, Terms};
use sandyq::wire::body::Page;
use sandyq::wire::{FileName, MailboxId, PublicKeys};

use super::raw::Keys;
use crate::support::NOW;

const DAY: i64 = 86_400;
pub const ROOMY: Terms = Terms { quota: 1 << 30, keeps_days: 30 };

/// A way to open a store in a folder of its own; `opened` again, a durable one has what it had.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    open: fn(&Path) -> Arc<dyn Store>,
    durable: bool,
}

/// Every store that there is.
fn kinds() -> Vec<Kind> {
    let kinds = vec![
        Kind { name: "memory", open: |_| Arc::new(Memory::default()), durable: false },
        Kind { name: "sqlite", open: |folder| Arc::new(Sqlite::open(&folder.join("store")).expect("it opens")), durable: true },
    ];
    #[cfg(feature = "postgres")]
    let kinds = [kinds, Vec::from_iter(super::cluster::is_here().then_some(POSTGRES))].concat();
    kinds
}

#[cfg(feature = "postgres")]
const POSTGRES: Kind = Kind { name: "postgres", open: postgres, durable: true };

/// Opens the store in the database whose address lies in the folder, or in a new one.
#[cfg(feature = "postgres")]
fn postgres(folder: &Path) -> Arc<dyn Store> {
    use sandyq::relay::store::postgres::Postgres;
    let noted = folder.join("address");
    let address = std::fs::read_to_string(&noted).unwrap_or_else(|_| super::cluster::database().expect("it was here"));
    std::fs::write(noted, &address).expect("noted");
    Arc::new(runtime().block_on(Postgres::open(address.parse().expect("an address"))).expect("it opens"))
}

/// Tells one story on every store, each in a folder of its own.
fn every<F: Future<Output = ()>>(story: impl Fn(Arc<dyn Store>) -> F) {
    for kind in kinds() {
        let home = tempfile::tempdir().expect("a folder");
        println!("{}", kind.name);
        runtime().block_on(story((kind.open)(home.path())));
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

pub fn keys(seed: u8) -> PublicKeys {
    Keys::new(seed).public()
}

pub fn file(number: u32) -> (FileName, Vec<u8>) {
    let bytes = number.to_be_bytes().repeat(5);
    (FileName::of(&bytes), bytes)
}

pub async fn made(store: &dyn Store, seed: u8, terms: Terms) -> MailboxId {
    assert_eq!(store.create(keys(seed), terms, None, NOW).await.expect("made"), Created::Made(terms));
    keys(seed).mailbox()
}

pub async fn put(store: &dyn Store, to: MailboxId, number: u32) -> Put {
    let (name, bytes) = file(number);
    store.put(to, name, bytes, false, NOW).await.expect("an answer")
}

pub async fn put_bytes(store: &dyn Store, to: MailboxId, bytes: Vec<u8>, owner: bool) -> Put {
    store.put(to, FileName::of(&bytes), bytes, owner, NOW).await.expect("an answer")
}

async fn page(store: &dyn Store, of: MailboxId, after: u64, limit: u64) -> Page {
    store.list(of, after, limit).await.expect("an answer").expect("a mailbox")
}

/// Follows the counter page by page until nothing more is there.
pub async fn follow(store: &dyn Store, of: MailboxId, limit: u64) -> Vec<u64> {
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let page = page(store, of, after, limit).await;
        assert!(page.files.len() as u64 <= limit);
        seen.extend(page.files.iter().map(|entry| entry.n));
        after = seen.last().copied().unwrap_or(0);
        if !page.more {
            return seen;
        }
    }
}

#[test]
fn a_file_is_listed_and_given_as_it_was_put() {
    every(|store| async move {
        let mailbox = made(&*store, 1, ROOMY).await;
        let (name, bytes) = file(1);
        assert_eq!(put(&*store, mailbox, 1).await, Put::Stored(1));
        let page = page(&*store, mailbox, 0, 10).await;
        assert_eq!((page.last, page.count, page.more, page.frozen), (1, 1, false, false));
        assert_eq!((page.files[0].n, page.files[0].name, page.files[0].size), (1, name, bytes.len() as u64));
        assert_eq!(store.get(mailbox, name).await.expect("an answer"), Some(bytes.clone()));
        assert_eq!(store.get(mailbox, file(2).0).await.expect("an answer"), None);
        assert_eq!(store.figures().await.expect("figures"), Figures { mailboxes: 1, files: 1, bytes: bytes.len() as u64 });
        store.ready().await.expect("it can write");
    });
}

#[test]
fn what_nobody_made_is_not_there() {
    every(|store| async move {
        let (nowhere, (name, _)) = (keys(1).mailbox(), file(1));
        assert_eq!(store.known(nowhere).await.expect("an answer"), Known::Never);
        assert_eq!(put(&*store, nowhere, 1).await, Put::NoMailbox);
        assert_eq!(store.list(nowhere, 0, 10).await.expect("an answer"), None);
        assert_eq!(store.get(nowhere, name).await.expect("an answer"), None);
        assert_eq!(store.notice(nowhere).await.expect("an answer"), None);
        assert!(!store.freeze(nowhere, vec![1]).await.expect("an answer"));
        assert!(!store.delete(nowhere, NOW).await.expect("an answer"));
        assert_eq!(store.figures().await.expect("figures"), Figures::default());
    });
}

#[test]
fn two_mailboxes_have_numbers_and_files_of_their_own() {
    every(|store| async move {
        let (one, other) = (made(&*store, 1, ROOMY).await, made(&*store, 2, ROOMY).await);
        assert_eq!((put(&*store, one, 1).await, put(&*store, one, 2).await), (Put::Stored(1), Put::Stored(2)));
        assert_eq!((put(&*store, other, 2).await, put(&*store, other, 3).await), (Put::Stored(1), Put::Stored(2)));
        assert_eq!(store.get(one, file(3).0).await.expect("an answer"), None);
        assert_eq!(store.get(other, file(1).0).await.expect("an answer"), None);
        assert!(store.delete(one, NOW).await.expect("deleted"));
        assert_eq!(page(&*store, other, 0, 10).await.count, 2);
        assert_eq!(store.get(other, file(2).0).await.expect("an answer"), Some(file(2).1), "the same bytes elsewhere stay");
    });
}

#[test]
fn a_file_put_again_has_its_number_and_takes_no_room() {
    every(|store| async move {
        let mailbox = made(&*store, 1, Terms { quota: 30, keeps_days: 1 }).await;
        assert_eq!(put(&*store, mailbox, 1).await, Put::Stored(1));
        assert_eq!(put(&*store, mailbox, 2).await, Put::Full);
        assert_eq!(put(&*store, mailbox, 1).await, Put::Known(1), "also in a full mailbox");
        let Known::Open(open) = store.known(mailbox).await.expect("an answer") else { panic!("it is open") };
        assert_eq!((open.used, open.keys, open.terms.quota, open.frozen), (20, keys(1), 30, false));
    });
}

#[test]
fn the_last_tenth_of_a_quota_is_the_owners() {
    every(|store| async move {
        let mailbox = made(&*store, 1, Terms { quota: 1000, keeps_days: 1 }).await;
        assert_eq!(put_bytes(&*store, mailbox, vec![1; 901], false).await, Put::Full);
        assert_eq!(put_bytes(&*store, mailbox, vec![1; 900], false).await, Put::Stored(1));
        assert_eq!(put_bytes(&*store, mailbox, vec![2], false).await, Put::Full);
        assert_eq!(put_bytes(&*store, mailbox, vec![3; 101], true).await, Put::Full);
        assert_eq!(put_bytes(&*store, mailbox, vec![3; 100], true).await, Put::Stored(2), "no number is lost to a refusal");
        assert_eq!(put_bytes(&*store, mailbox, vec![4], true).await, Put::Full);
        assert!(!store.freeze(mailbox, vec![5]).await.expect("an answer"), "a notice takes room as well");
        let Known::Open(open) = store.known(mailbox).await.expect("an answer") else { panic!("it is open") };
        assert_eq!((open.used, open.frozen), (1000, false));
    });
}

#[test]
fn a_mailbox_is_frozen_with_a_notice_that_takes_the_place_of_the_one_before() {
    every(|store| async move {
        let mailbox = made(&*store, 1, Terms { quota: 100, keeps_days: 1 }).await;
        assert_eq!(store.notice(mailbox).await.expect("an answer"), None);
        assert!(store.freeze(mailbox, vec![1; 60]).await.expect("frozen"));
        assert!(store.freeze(mailbox, vec![2; 80]).await.expect("frozen again"), "the first gives its room back");
        assert!(!store.freeze(mailbox, vec![3; 101]).await.expect("an answer"));
        assert_eq!(store.notice(mailbox).await.expect("an answer"), Some(vec![2; 80]));
        let Known::Open(open) = store.known(mailbox).await.expect("an answer") else { panic!("it is open") };
        assert_eq!((open.used, open.frozen), (80, true));
        assert_eq!(put_bytes(&*store, mailbox, vec![4; 10], false).await, Put::Stored(1), "whoever is late still puts");
        assert!(page(&*store, mailbox, 0, 10).await.frozen);
        assert!(store.freeze(mailbox, Vec::new()).await.expect("frozen without a word"));
        assert_eq!(store.notice(mailbox).await.expect("an answer"), Some(Vec::new()));
    });
}

#[test]
fn a_deleted_mailbox_is_remembered_and_never_made_again() {
    every(|store| async move {
        let mailbox = made(&*store, 1, ROOMY).await;
        for number in 0..150 {
            put(&*store, mailbox, number).await;
        }
        store.freeze(mailbox, vec![1]).await.expect("frozen");
        assert!(store.delete(mailbox, NOW).await.expect("deleted"));
        assert!(!store.delete(mailbox, NOW).await.expect("an answer"));
        assert_eq!(store.known(mailbox).await.expect("an answer"), Known::Deleted);
        assert_eq!(store.create(keys(1), ROOMY, Some([1; 32]), NOW).await.expect("an answer"), Created::Deleted);
        assert_eq!(put(&*store, mailbox, 1).await, Put::Deleted);
        assert_eq!(store.list(mailbox, 0, 10).await.expect("an answer"), None);
        assert_eq!(store.get(mailbox, file(1).0).await.expect("an answer"), None);
        assert_eq!(store.notice(mailbox).await.expect("an answer"), None);
        assert_eq!(store.figures().await.expect("figures"), Figures::default());
        let other = store.create(keys(2), ROOMY, Some([1; 32]), NOW).await.expect("an answer");
        assert_eq!(other, Created::Made(ROOMY), "the ticket was not spent in vain");
    });
}

#[test]
fn a_ticket_makes_one_mailbox() {
    every(|store| async move {
        let ticket = Some([7; 32]);
        assert_eq!(store.create(keys(1), ROOMY, ticket, NOW).await.expect("an answer"), Created::Made(ROOMY));
        assert_eq!(store.create(keys(2), ROOMY, ticket, NOW).await.expect("an answer"), Created::Spent);
        assert_eq!(store.known(keys(2).mailbox()).await.expect("an answer"), Known::Never);
        let less = Terms { quota: 1, keeps_days: 1 };
        assert_eq!(store.create(keys(1), less, ticket, NOW).await.expect("an answer"), Created::Known(ROOMY), "its first terms stay");
    });
}

#[test]
fn a_ticket_makes_one_mailbox_also_when_many_race_for_it() {
    every(|store| async move {
        let race = |seed: u8| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.create(keys(seed), ROOMY, Some([7; 32]), NOW).await.expect("an answer") })
        };
        let mut outcomes = Vec::new();
        for racer in (1..=24).map(race).collect::<Vec<_>>() {
            outcomes.push(racer.await.expect("no panic"));
        }
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Created::Made(ROOMY)).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Created::Spent).count(), 23);
        assert_eq!(store.figures().await.expect("figures").mailboxes, 1);
    });
}

#[test]
fn one_file_put_by_many_at_once_has_one_number() {
    every(|store| async move {
        let mailbox = made(&*store, 1, ROOMY).await;
        let race = |_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { put(&*store, mailbox, 1).await })
        };
        let mut outcomes = Vec::new();
        for racer in (0..24).map(race).collect::<Vec<_>>() {
            outcomes.push(racer.await.expect("no panic"));
        }
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Put::Stored(1)).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Put::Known(1)).count(), 23);
    });
}

#[test]
fn the_counter_has_no_gap_and_no_reader_that_follows_it_skips_a_file() {
    const WRITERS: u32 = 8;
    const EACH: u32 = 40;
    every(|store| async move {
        let mailbox = made(&*store, 1, ROOMY).await;
        let over = Arc::new(AtomicBool::new(false));
        let read = |limit: u64| {
            let (store, over) = (Arc::clone(&store), Arc::clone(&over));
            tokio::spawn(async move { followed_until(&*store, mailbox, limit, &over).await })
        };
        let readers: Vec<_> = [1, 7, 1000].map(read).into();
        let write = |writer: u32| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { wrote(&*store, mailbox, writer * EACH..(writer + 1) * EACH).await })
        };
        let mut numbers = Vec::new();
        for writer in (0..WRITERS).map(write).collect::<Vec<_>>() {
            numbers.extend(writer.await.expect("no panic"));
        }
        over.store(true, Ordering::Release);
        numbers.sort_unstable();
        let all: Vec<u64> = (1..=u64::from(WRITERS * EACH)).collect();
        assert_eq!(numbers, all, "each number was given once");
        for reader in readers {
            assert_eq!(reader.await.expect("no panic"), all, "in order, none skipped");
        }
    });
}

pub async fn wrote(store: &dyn Store, to: MailboxId, files: std::ops::Range<u32>) -> Vec<u64> {
    let mut numbers = Vec::new();
    for number in files {
        let Put::Stored(n) = put(store, to, number).await else { panic!("there is room") };
        numbers.push(n);
    }
    numbers
}

/// Asks for what comes after the last that was seen, until the writers are done and nothing more comes.
async fn followed_until(store: &dyn Store, of: MailboxId, limit: u64, over: &AtomicBool) -> Vec<u64> {
    let mut seen: Vec<u64> = Vec::new();
    loop {
        let last_look = over.load(Ordering::Acquire);
        let page = page(store, of, seen.last().copied().unwrap_or(0), limit).await;
        assert!(page.last >= page.count && page.files.last().is_none_or(|entry| entry.n <= page.last));
        seen.extend(page.files.iter().map(|entry| entry.n));
        if last_look && page.files.is_empty() {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn pages_end_where_they_should_also_at_exact_multiples() {
    every(|store| async move {
        let mailbox = made(&*store, 1, ROOMY).await;
        assert_eq!(page(&*store, mailbox, 0, 10).await, Page::default());
        for number in 0..12 {
            put(&*store, mailbox, number).await;
        }
        for limit in [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 1000] {
            assert_eq!(follow(&*store, mailbox, limit).await, (1..=12).collect::<Vec<_>>(), "{limit}");
        }
        let exact = page(&*store, mailbox, 6, 6).await;
        assert_eq!((exact.files.len(), exact.more, exact.last, exact.count), (6, false, 12, 12));
        assert!(page(&*store, mailbox, 5, 6).await.more);
        for beyond in [12, 13, i64::MAX as u64, u64::MAX] {
            let page = page(&*store, mailbox, beyond, 10).await;
            assert_eq!((page.files.len(), page.more, page.last), (0, false, 12), "{beyond}");
        }
    });
}

#[test]
fn files_go_in_batches_when_their_days_are_over() {
    every(|store| async move {
        let brief = made(&*store, 1, Terms { quota: 1 << 20, keeps_days: 1 }).await;
        let long = made(&*store, 2, ROOMY).await;
        for number in 0..5 {
            put(&*store, brief, number).await;
            put(&*store, long, number).await;
        }
        assert_eq!(store.expire(NOW + DAY - 1, 100).await.expect("an answer"), 0);
        assert_eq!(store.expire(NOW + DAY, 3).await.expect("an answer"), 3);
        assert_eq!(store.expire(NOW + DAY, 3).await.expect("an answer"), 2);
        assert_eq!(store.expire(NOW + DAY, 3).await.expect("an answer"), 0);
        assert_eq!(page(&*store, long, 0, 10).await.count, 5);
        let page = page(&*store, brief, 0, 10).await;
        assert_eq!((page.last, page.count, page.files.len()), (5, 0, 0));
        let Known::Open(open) = store.known(brief).await.expect("an answer") else { panic!("it is open") };
        assert_eq!(open.used, 0, "the room is there again");
        assert_eq!(put(&*store, brief, 1).await, Put::Stored(6), "no number comes twice");
        assert_eq!(store.figures().await.expect("figures").files, 6);
    });
}

#[test]
fn what_was_acknowledged_is_there_after_the_store_is_opened_again() {
    for kind in kinds().into_iter().filter(|kind| kind.durable) {
        let home = tempfile::tempdir().expect("a folder");
        runtime().block_on(fill(&*(kind.open)(home.path())));
        runtime().block_on(is_all_there(&*(kind.open)(home.path())));
    }
}

pub async fn fill(store: &dyn Store) {
    let (mailbox, deleted) = (made(store, 1, ROOMY).await, made(store, 2, ROOMY).await);
    for number in 0..20 {
        put(store, mailbox, number).await;
    }
    store.create(keys(3), ROOMY, Some([3; 32]), NOW).await.expect("made by a ticket");
    store.freeze(mailbox, vec![8; 8]).await.expect("frozen");
    store.delete(deleted, NOW).await.expect("deleted");
}

pub async fn is_all_there(store: &dyn Store) {
    let mailbox = keys(1).mailbox();
    assert_eq!(follow(store, mailbox, 10).await, (1..=20).collect::<Vec<_>>());
    assert_eq!(store.get(mailbox, file(7).0).await.expect("an answer"), Some(file(7).1));
    assert_eq!(store.notice(mailbox).await.expect("an answer"), Some(vec![8; 8]));
    assert!(matches!(store.known(mailbox).await.expect("an answer"), Known::Open(open) if open.frozen && open.used == 408));
    assert_eq!(store.known(keys(2).mailbox()).await.expect("an answer"), Known::Deleted);
    assert_eq!(store.create(keys(4), ROOMY, Some([3; 32]), NOW).await.expect("an answer"), Created::Spent);
    assert_eq!(put(store, mailbox, 100).await, Put::Stored(21));
}
