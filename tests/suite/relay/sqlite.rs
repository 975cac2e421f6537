//! What the store in one file does besides: versions, backups, checks, failures of its disk, and what stays in its bytes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandyq::relay::Store;
use sandyq::relay::store::sqlite::Sqlite;
use sandyq::relay::store::{Put, StoreError};

use super::stores::{ROOMY, file, fill, follow, is_all_there, keys, made, put, put_bytes, runtime, wrote};
use crate::support::NOW;

/// A SQLite store in a folder.
fn sqlite(home: &Path) -> (PathBuf, Sqlite) {
    let path = home.join("store");
    let store = Sqlite::open(&path).expect("it opens");
    (path, store)
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().expect("a folder");
    let (path, store) = sqlite(home.path());
    drop(store);
    rusqlite::Connection::open(&path).expect("a database").pragma_update(None, "user_version", 2).expect("a newer one");
    let before = std::fs::read(&path).expect("its bytes");
    assert!(matches!(Sqlite::open(&path), Err(StoreError::Newer)));
    assert_eq!(std::fs::read(&path).expect("its bytes"), before);
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let (text, foreign) = (home.path().join("text"), home.path().join("foreign"));
    std::fs::write(&text, "no database, but long enough to be looked at ".repeat(30)).expect("a file");
    assert!(matches!(Sqlite::open(&text), Err(StoreError::Damaged)));
    rusqlite::Connection::open(&foreign).expect("a database").execute_batch("CREATE TABLE t (x)").expect("a table");
    assert!(matches!(Sqlite::open(&foreign), Err(StoreError::Damaged)));
}

#[test]
fn a_backup_made_while_others_write_is_a_whole_store() {
    let home = tempfile::tempdir().expect("a folder");
    let (_, store) = sqlite(home.path());
    let (store, to) = (Arc::new(store), home.path().join("backup"));
    let runtime = runtime();
    runtime.block_on(fill(&*store));
    let writer = runtime.spawn({
        let store = Arc::clone(&store);
        async move { wrote(&*store, keys(3).mailbox(), 0..60).await }
    });
    store.backup(&to).expect("a backup");
    assert!(matches!(store.backup(&to), Err(StoreError::Failed(_))), "nothing is written over");
    assert_eq!(runtime.block_on(writer).expect("no panic").len(), 60);
    let copy = Sqlite::open(&to).expect("it opens");
    copy.check().expect("it is whole");
    runtime.block_on(is_all_there(&copy));
}

#[test]
fn a_check_finds_a_file_that_is_missing_and_a_mailbox_that_miscounts() {
    for harm in ["DELETE FROM body WHERE number = 3", "UPDATE mailbox SET used = used + 1", "DELETE FROM file WHERE n = 5", "UPDATE mailbox SET last = 2"] {
        let home = tempfile::tempdir().expect("a folder");
        let (path, store) = sqlite(home.path());
        runtime().block_on(fill(&store));
        store.check().expect("it is whole");
        rusqlite::Connection::open(&path).expect("a database").execute_batch(harm).expect("harm");
        assert!(matches!(store.check(), Err(StoreError::Damaged)), "{harm}");
    }
}

/// What happens in a store whose every seventh file meets a failure.
async fn with_failures(path: &Path, store: &Arc<Sqlite>, failure: &str) -> (BTreeSet<u64>, usize, Vec<u64>) {
    let mailbox = made(&**store, 1, ROOMY).await;
    let trigger = format!("CREATE TRIGGER t BEFORE INSERT ON file WHEN unhex(substr(hex(NEW.name), 1, 2)) < x'25' BEGIN SELECT RAISE({failure}, 'x'); END");
    rusqlite::Connection::open(path).expect("a database").execute_batch(&trigger).expect("a trigger");
    let puts = (0..200).map(|number| {
        let (store, (name, bytes)) = (Arc::clone(store), file(number));
        tokio::spawn(async move { store.put(mailbox, name, bytes, false, NOW).await })
    });
    let (mut stored, mut failed) = (BTreeSet::new(), 0);
    for put in puts.collect::<Vec<_>>() {
        match put.await.expect("no panic") {
            Ok(Put::Stored(n)) => assert!(stored.insert(n), "{n} was given twice"),
            Ok(other) => panic!("{other:?}"),
            Err(_) => failed += 1,
        }
    }
    (stored, failed, follow(&**store, mailbox, 1000).await)
}

#[test]
fn a_put_that_fails_takes_none_of_those_beside_it_along() {
    let home = tempfile::tempdir().expect("a folder");
    let (path, store) = sqlite(home.path());
    let store = Arc::new(store);
    let (stored, failed, listed) = runtime().block_on(with_failures(&path, &store, "ABORT"));
    let doomed = (0..200).filter(|number| file(*number).0.0[0] < 0x25).count();
    assert_eq!((failed, stored.len()), (doomed, 200 - doomed));
    assert!(doomed > 10 && listed == (1..=stored.len() as u64).collect::<Vec<_>>(), "no gap where one failed");
    store.check().expect("it is whole");
}

#[test]
fn nothing_is_acknowledged_of_a_commit_that_was_rolled_back() {
    let home = tempfile::tempdir().expect("a folder");
    let (path, store) = sqlite(home.path());
    let store = Arc::new(store);
    let (stored, failed, listed) = runtime().block_on(with_failures(&path, &store, "ROLLBACK"));
    assert!(failed > 10 && stored.len() + failed == 200);
    assert_eq!(stored, listed.iter().copied().collect(), "what is there is what was acknowledged");
    assert_eq!(listed, (1..=listed.len() as u64).collect::<Vec<_>>());
    store.check().expect("it is whole");
}

#[test]
fn what_is_deleted_leaves_no_bytes_in_the_file() {
    let home = tempfile::tempdir().expect("a folder");
    let (path, store) = sqlite(home.path());
    let marked = b"bytes that must go ".repeat(60);
    runtime().block_on(async {
        let (mailbox, other) = (made(&store, 1, ROOMY).await, made(&store, 2, ROOMY).await);
        put_bytes(&store, mailbox, marked.clone(), false).await;
        put(&store, other, 1).await;
        store.delete(mailbox, NOW).await.expect("deleted");
    });
    drop(store);
    let names: BTreeSet<_> = std::fs::read_dir(home.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, BTreeSet::from(["store".into()]), "the log is gone with the last connection");
    let bytes = std::fs::read(path).expect("its bytes");
    assert!(!bytes.windows(18).any(|window| window == b"bytes that must go"));
}

#[test]
fn the_store_is_for_its_owner_alone() {
    let home = tempfile::tempdir().expect("a folder");
    let (_, store) = sqlite(home.path());
    runtime().block_on(fill(&store));
    #[cfg(unix)]
    for entry in std::fs::read_dir(home.path()).expect("a folder") {
        use std::os::unix::fs::PermissionsExt;
        let mode = entry.expect("an entry").metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
