//! What only the PostgreSQL store has: tables with a version, processes beside one another, and a database that goes away.

use std::future::Future;

use sandyq::relay::store::postgres::{Postgres, Settings, SettingsError};
use sandyq::relay::store::{Created, Figures, Known, Put, Store, StoreError, Terms};
use sandyq::wire::id::PublicKey;
use sandyq::wire::{FileName, MailboxId, PublicKeys};

use super::cluster::{Cluster, Stop, asked, database, sql};

pub const TERMS: Terms = Terms { quota: 1 << 20, keeps_days: 10 };
const DAY: i64 = 24 * 60 * 60;

/// Runs what a test does, on several threads as a relay would.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(work)
}

pub async fn open(address: &str) -> Postgres {
    Postgres::open(address.parse().expect("an address")).await.expect("it opens")
}

pub fn keys(seed: u8) -> PublicKeys {
    let key = |kind: u8| PublicKey([seed, kind].repeat(16).try_into().expect("32 bytes"));
    PublicKeys { owner: key(1), write: key(2), read: key(3) }
}

pub fn file(number: u32) -> (FileName, Vec<u8>) {
    let bytes = number.to_be_bytes().repeat(250);
    (FileName::of(&bytes), bytes)
}

pub async fn put(store: &Postgres, mailbox: MailboxId, number: u32) -> Result<Put, StoreError> {
    let (name, bytes) = file(number);
    store.put(mailbox, name, bytes, false, 0).await
}

/// Puts until the store answers: on a slow disk so many wait longer for a connection than a caller would.
async fn put_at_last(store: &Postgres, mailbox: MailboxId, number: u32) -> Put {
    loop {
        match put(store, mailbox, number).await {
            Err(StoreError::Away) => {}
            done => return done.expect("put"),
        }
    }
}

pub async fn mailbox(store: &Postgres, seed: u8) -> MailboxId {
    assert_eq!(store.create(keys(seed), TERMS, None, 0).await.expect("made"), Created::Made(TERMS));
    keys(seed).mailbox()
}

/// Follows the numbers of a mailbox in pages; each number must follow the one before.
async fn followed(store: &Postgres, mailbox: MailboxId, limit: u64) -> Vec<FileName> {
    let mut names = Vec::new();
    loop {
        let page = store.list(mailbox, names.len() as u64, limit).await.expect("listed").expect("it is there");
        assert!(page.files.iter().enumerate().all(|(at, entry)| entry.n == (names.len() + at + 1) as u64), "{page:?}");
        names.extend(page.files.iter().map(|entry| entry.name));
        if !page.more {
            assert_eq!((page.last, page.count), (names.len() as u64, names.len() as u64));
            return names;
        }
    }
}

#[test]
fn processes_that_start_together_make_the_tables_once() {
    let Some(address) = database() else { return };
    run(async {
        let opened: Vec<_> = (0..6).map(|_| tokio::spawn(Postgres::open(address.parse::<Settings>().expect("an address")))).collect();
        for store in opened {
            store.await.expect("no panic").expect("it opens").ready().await.expect("it writes");
        }
    });
    assert_eq!(asked(&address, "SELECT count(*) || '/' || max(version) FROM sandyq.relay").as_deref(), Some("1/1"));
}

#[test]
fn tables_of_a_newer_version_are_left_alone() {
    let Some(address) = database() else { return };
    run(async {
        let store = open(&address).await;
        let made = mailbox(&store, 1).await;
        asked_beside(&address, "UPDATE sandyq.relay SET version = 2").await;
        assert!(matches!(Postgres::open(address.parse().expect("an address")).await, Err(StoreError::Newer)));
        assert!(matches!(store.ready().await, Err(StoreError::Newer)), "one that was open before learns of it");
        assert!(matches!(store.known(made).await, Ok(Known::Open(_))));
    });
}

#[test]
fn a_database_that_may_lose_what_it_has_is_refused() {
    let Some(cluster) = Cluster::start() else { return };
    let address = cluster.database();
    sql(&address, "ALTER SYSTEM SET fsync = off");
    sql(&address, "SELECT pg_reload_conf()");
    // The postmaster tells its processes in its own time; a new connection comes after it was told.
    while asked(&address, "SHOW fsync").as_deref() == Some("on") {
        std::thread::yield_now();
    }
    let refused = run(async { Postgres::open(address.parse().expect("an address")).await });
    assert!(matches!(refused, Err(StoreError::Failed(why)) if why.contains("fsync")));
}

#[test]
fn what_is_acknowledged_is_on_the_disk_though_the_database_by_default_answers_before() {
    let Some(mut cluster) = Cluster::start() else { return };
    let address = cluster.database();
    for setting in ["synchronous_commit = off", "wal_writer_delay = '10s'", "default_transaction_isolation = 'repeatable read'"] {
        sql(&address, &format!("ALTER SYSTEM SET {setting}"));
    }
    cluster.stop(Stop::Fast);
    cluster.resume();
    assert_eq!(asked(&address, "SHOW synchronous_commit").as_deref(), Some("off"));
    run(async {
        let store = open(&address).await;
        let made = mailbox(&store, 1).await;
        for number in 0..5 {
            assert_eq!(put(&store, made, number).await.expect("put"), Put::Stored(u64::from(number) + 1));
        }
        cluster.stop(Stop::Immediate);
        cluster.resume();
        assert_eq!(followed(&store, made, 5).await.len(), 5);
    });
}

#[test]
fn the_same_file_put_by_many_processes_has_one_number() {
    let Some(address) = database() else { return };
    run(async {
        let first = std::sync::Arc::new(open(&address).await);
        let second = std::sync::Arc::new(open(&address).await);
        let made = mailbox(&first, 1).await;
        let puts: Vec<_> = (0..60u32)
            .map(|at| {
                let store = if at % 2 == 0 { first.clone() } else { second.clone() };
                tokio::spawn(async move { put_at_last(&store, made, at / 6).await })
            })
            .collect();
        let mut stored = Vec::new();
        for outcome in puts {
            if let Put::Stored(n) = outcome.await.expect("no panic") {
                stored.push(n);
            }
        }
        stored.sort_unstable();
        assert_eq!(stored, (1..=10).collect::<Vec<u64>>(), "each was stored once, and no number was left out");
        assert_eq!(followed(&second, made, 5).await.len(), 10, "pages that end with the list");
    });
}

#[test]
fn a_ticket_is_spent_once_however_many_ask_at_the_same_time() {
    let Some(address) = database() else { return };
    run(async {
        let (one, two) = (open(&address).await, open(&address).await);
        let ticket = Some([7; 32]);
        let (first, second) = tokio::join!(one.create(keys(1), TERMS, ticket, 0), two.create(keys(2), TERMS, ticket, 0));
        let mut outcomes = [first.expect("answered"), second.expect("answered")];
        outcomes.sort_by_key(|outcome| matches!(outcome, Created::Spent));
        assert_eq!(outcomes, [Created::Made(TERMS), Created::Spent]);
        assert_eq!(one.figures().await.expect("counted").mailboxes, 1, "a spent ticket leaves nothing behind");
        let (first, second) = tokio::join!(one.create(keys(3), TERMS, Some([8; 32]), 0), two.create(keys(3), TERMS, Some([8; 32]), 0));
        let mut outcomes = [first.expect("answered"), second.expect("answered")];
        outcomes.sort_by_key(|outcome| matches!(outcome, Created::Known(_)));
        assert_eq!(outcomes, [Created::Made(TERMS), Created::Known(TERMS)], "one mailbox asked for twice");
    });
}

#[test]
fn two_that_fill_a_mailbox_together_never_overfill_it() {
    let Some(address) = database() else { return };
    run(async {
        let store = std::sync::Arc::new(open(&address).await);
        let terms = Terms { quota: 10_000, keeps_days: 10 };
        store.create(keys(1), terms, None, 0).await.expect("made");
        let made = keys(1).mailbox();
        let puts: Vec<_> = (0..20)
            .map(|at| {
                let store = store.clone();
                tokio::spawn(async move { put_at_last(&store, made, at).await })
            })
            .collect();
        let mut outcomes = Vec::new();
        for outcome in puts {
            outcomes.push(outcome.await.expect("no panic"));
        }
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Put::Stored(_))).count(), 9, "the last tenth is the owner's");
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Put::Full).count(), 11);
        assert_eq!(store.figures().await.expect("counted"), Figures { mailboxes: 1, files: 9, bytes: 9_000 });
    });
}

#[test]
fn expiry_goes_on_beside_writers_and_counts_right() {
    let Some(address) = database() else { return };
    run(async {
        let store = std::sync::Arc::new(open(&address).await);
        let made = mailbox(&store, 1).await;
        for number in 0..40 {
            put(&store, made, number).await.expect("put");
        }
        let beside = store.clone();
        let writer = tokio::spawn(async move {
            for number in 100..140 {
                let (name, bytes) = file(number);
                assert!(matches!(beside.put(made, name, bytes, false, 11 * DAY).await, Ok(Put::Stored(_))));
            }
        });
        let mut gone = 0;
        while gone < 40 {
            gone += store.expire(10 * DAY, 7).await.expect("expired");
        }
        writer.await.expect("no panic");
        assert_eq!((gone, store.expire(10 * DAY, 7).await.expect("expired")), (40, 0));
        let page = store.list(made, 0, 1000).await.expect("listed").expect("there");
        assert_eq!((page.last, page.count, page.files.len(), page.files[0].n), (80, 40, 40, 41));
        assert!(matches!(store.known(made).await, Ok(Known::Open(mailbox)) if mailbox.used == 40_000));
    });
}

#[test]
fn a_mailbox_deleted_while_it_is_written_to_is_empty_and_stays_deleted() {
    let Some(address) = database() else { return };
    run(async {
        let store = std::sync::Arc::new(open(&address).await);
        let made = mailbox(&store, 1).await;
        let puts: Vec<_> = (0..30)
            .map(|at| {
                let store = store.clone();
                tokio::spawn(async move { put_at_last(&store, made, at).await })
            })
            .collect();
        assert!(store.delete(made, 5).await.expect("deleted"));
        for outcome in puts {
            assert!(matches!(outcome.await.expect("no panic"), Put::Stored(_) | Put::Deleted));
        }
        assert!(!store.delete(made, 5).await.expect("answered"));
        assert_eq!(store.create(keys(1), TERMS, None, 9).await.expect("answered"), Created::Deleted);
        assert_eq!(store.figures().await.expect("counted"), Figures::default());
    });
    assert_eq!(asked(&address, "SELECT count(*) FROM sandyq.file").as_deref(), Some("0"));
}

#[test]
fn a_relay_outlives_its_database_and_says_so_while_it_is_away() {
    let Some(mut cluster) = Cluster::start() else { return };
    let address = cluster.database();
    run(async {
        let store = open(&address).await;
        let made = mailbox(&store, 1).await;
        for (round, how) in [Stop::Immediate, Stop::Fast, Stop::Immediate].into_iter().enumerate() {
            assert_eq!(put(&store, made, round as u32).await.expect("put"), Put::Stored(round as u64 + 1));
            cluster.stop(how);
            assert!(matches!(store.ready().await, Err(StoreError::Away)));
            assert!(matches!(put(&store, made, 99).await, Err(StoreError::Away)));
            assert!(matches!(store.list(made, 0, 10).await, Err(StoreError::Away)));
            assert!(matches!(Postgres::open(address.parse().expect("an address")).await, Err(StoreError::Away)));
            cluster.resume();
            store.ready().await.expect("it writes again, at the first call");
        }
        assert_eq!(followed(&store, made, 3).await.len(), 3, "a page that ends with the list");
    });
}

#[test]
fn an_ended_connection_is_replaced_and_nothing_is_done_twice() {
    let Some(address) = database() else { return };
    run(async {
        let store = std::sync::Arc::new(open(&address).await);
        let made = mailbox(&store, 1).await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sandyq-relay' AND datname = current_database()";
        let puts: Vec<_> = (0..80)
            .map(|at| {
                let store = store.clone();
                tokio::spawn(async move { (at, put(&store, made, at).await) })
            })
            .collect();
        for _ in 0..6 {
            asked_beside(&address, end).await;
        }
        let mut acknowledged = Vec::new();
        for outcome in puts {
            match outcome.await.expect("no panic") {
                (at, Ok(Put::Stored(_) | Put::Known(_))) => acknowledged.push(file(at).0),
                (_, outcome) => assert!(matches!(outcome, Err(StoreError::Away)), "{outcome:?}"),
            }
        }
        let listed = followed(&store, made, 10).await;
        assert!(acknowledged.iter().all(|name| listed.iter().filter(|listed| *listed == name).count() == 1));
    });
}

#[test]
fn a_writer_that_is_stuck_with_a_mailbox_does_not_hold_up_the_others_for_ever() {
    let Some(address) = database() else { return };
    run(async {
        let store = open(&address).await;
        let (stuck, free) = (mailbox(&store, 1).await, mailbox(&store, 2).await);
        let (mut client, connection) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await.expect("connected");
        tokio::spawn(connection);
        let held = client.transaction().await.expect("begun");
        held.execute("UPDATE sandyq.mailbox SET last = last WHERE id = $1", &[&stuck.0.as_slice()]).await.expect("locked");
        let (waiting, through) = tokio::join!(put(&store, stuck, 1), put(&store, free, 1));
        assert!(matches!(waiting, Err(StoreError::Away)));
        assert_eq!(through.expect("put"), Put::Stored(1));
        held.rollback().await.expect("let go");
        assert_eq!(put(&store, stuck, 1).await.expect("put"), Put::Stored(1));
    });
}

#[test]
fn a_check_finds_a_file_that_is_missing_or_changed_and_a_mailbox_that_miscounts() {
    let harms = [
        "DELETE FROM sandyq.file WHERE n = 3",
        "UPDATE sandyq.file SET body = 'other' WHERE n = 3",
        "UPDATE sandyq.mailbox SET used = used + 1",
        "UPDATE sandyq.mailbox SET last = 4, files = 4",
    ];
    for harm in harms {
        let Some(address) = database() else { return };
        run(async {
            let store = open(&address).await;
            let (made, deleted) = (mailbox(&store, 1).await, mailbox(&store, 2).await);
            for number in 0..5 {
                put(&store, made, number).await.expect("put");
                put(&store, deleted, number).await.expect("put");
            }
            assert!(store.freeze(made, vec![1; 77]).await.expect("frozen"));
            assert!(store.delete(deleted, 0).await.expect("deleted"));
            store.check().await.expect("it is whole");
            asked_beside(&address, harm).await;
            assert!(matches!(store.check().await, Err(StoreError::Damaged)), "{harm}");
        });
    }
}

#[test]
fn only_a_database_of_this_machine_is_taken() {
    let parsed = |address: &str| address.parse::<Settings>().map(drop);
    for here in ["postgresql:///sandyq", "postgres://relay:secret@localhost:5433/sandyq", "postgresql://127.0.0.1/a", "postgresql://[::1]/a?sslmode=prefer"] {
        assert_eq!(parsed(here), Ok(()), "{here}");
    }
    assert_eq!(parsed("postgresql:///sandyq?host=/run/postgresql"), Ok(()));
    for elsewhere in
        ["postgresql://db.example/a", "postgresql://10.0.0.1/a", "postgresql://localhost,db.example/a", "postgresql://localhost/a?hostaddr=10.0.0.1"]
    {
        assert_eq!(parsed(elsewhere), Err(SettingsError::Elsewhere), "{elsewhere}");
    }
    assert_eq!(parsed("postgresql://localhost/a?sslmode=require"), Err(SettingsError::Encrypted));
    for none in ["sqlite:///a", "postgresql://localhost:port/a", "postgresql://localhost/a?sslmode=verify-full"] {
        assert_eq!(parsed(none), Err(SettingsError::Address), "{none}");
    }
    let shown = format!("{:?}", "postgres://relay:hunter2@localhost/a".parse::<Settings>());
    assert!(!shown.contains("hunter2"));
}

/// Runs statements on a connection of its own, without leaving the runtime of the test.
async fn asked_beside(address: &str, statements: &'static str) {
    let address = address.to_owned();
    tokio::task::spawn_blocking(move || sql(&address, statements)).await.expect("done");
}
