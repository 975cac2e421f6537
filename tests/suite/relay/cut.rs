//! A connection to the database that breaks at the one moment at which nobody knows what became of a transaction.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use sandyq::relay::store::postgres::Postgres;
use sandyq::relay::store::{Created, Known, Put, Store, StoreError};

use super::cluster::Cluster;
use super::postgres::{TERMS, file, keys, mailbox, open, put, run};

/// Name of PostgreSQL's socket in its folder.
const SOCKET: &str = ".s.PGSQL.5432";
/// What a client sends to end a transaction.
const COMMIT: &[u8] = b"COMMIT\0";

/// Where the next connections break that commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// So many of them before the database hears of it.
    Before(u32),
    /// So many of them after the database did it and before the client hears of it.
    After(u32),
}

/// Stands between a relay and its database, and cuts.
struct Cutter {
    folder: tempfile::TempDir,
    cut: Arc<Mutex<Cut>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Cutter {
    fn start(database: PathBuf) -> Cutter {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(SOCKET)).expect("a socket");
        let (cut, over) = (Arc::new(Mutex::new(Cut::Before(0))), Arc::new(AtomicBool::default()));
        let (cuts, until) = (Arc::clone(&cut), Arc::clone(&over));
        let thread = thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok).take_while(|_| !until.load(Ordering::Relaxed)) {
                pass_on(&client, &database, &cuts);
            }
        });
        Cutter { folder, cut, over, thread: Some(thread) }
    }

    fn set(&self, cut: Cut) {
        *self.cut.lock().expect("no panic") = cut;
    }

    /// Tells whether all cuts were made.
    fn is_done(&self) -> bool {
        matches!(*self.cut.lock().expect("no panic"), Cut::Before(0) | Cut::After(0))
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = UnixStream::connect(self.folder.path().join(SOCKET));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn pass_on(client: &UnixStream, database: &Path, cut: &Arc<Mutex<Cut>>) {
    let server = UnixStream::connect(database.join(SOCKET)).expect("the database is there");
    let silent = Arc::new(AtomicBool::default());
    let [there, back] = [(client, &server), (&server, client)].map(|(from, to)| (from.try_clone().expect("a copy"), to.try_clone().expect("a copy")));
    let (cut, silenced) = (Arc::clone(cut), Arc::clone(&silent));
    thread::spawn(move || {
        let _ = ask(&there.0, &there.1, &cut, &silenced);
        let _ = there.1.shutdown(Shutdown::Both);
    });
    thread::spawn(move || {
        let _ = answer(&back.0, &back.1, &silent);
        let _ = back.1.shutdown(Shutdown::Both);
    });
}

/// Passes on what the client says, message by message; ends where a commit is not to be heard.
fn ask(mut client: &UnixStream, mut server: &UnixStream, cut: &Mutex<Cut>, silent: &AtomicBool) -> io::Result<()> {
    let mut first = true;
    loop {
        // The first message has no letter.
        let mut head = vec![0; if first { 4 } else { 5 }];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head[head.len() - 4..].try_into().expect("4 bytes"));
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body)?;
        if !first && head[0] == b'Q' && body == COMMIT && is_cut_before(cut, silent) {
            return Ok(());
        }
        first = false;
        server.write_all(&[head, body].concat())?;
    }
}

/// Counts a commit; the answer to one that is cut after is not passed on.
fn is_cut_before(cut: &Mutex<Cut>, silent: &AtomicBool) -> bool {
    let mut cut = cut.lock().expect("no panic");
    match &mut *cut {
        Cut::Before(0) | Cut::After(0) => false,
        Cut::Before(left) => {
            *left -= 1;
            true
        }
        Cut::After(left) => {
            *left -= 1;
            silent.store(true, Ordering::Release);
            false
        }
    }
}

/// Passes on what the database says, up to the answer that is to be lost.
fn answer(mut server: &UnixStream, mut client: &UnixStream, silent: &AtomicBool) -> io::Result<()> {
    let mut bytes = [0; 4096];
    loop {
        let read = server.read(&mut bytes)?;
        if read == 0 || silent.load(Ordering::Acquire) {
            return Ok(());
        }
        client.write_all(&bytes[..read])?;
    }
}

/// Tells a story on a store whose connections can be cut.
fn cuttable(story: impl AsyncFnOnce(&Cutter, &Postgres)) {
    let Some(cluster) = Cluster::start() else { return };
    let (address, name) = (cluster.database(), cluster.folder().display().to_string());
    let cutter = Cutter::start(cluster.folder().to_owned());
    let through = address.replace(&name, &cutter.folder.path().display().to_string());
    run(async {
        let store = open(&through).await;
        story(&cutter, &store).await;
    });
}

#[test]
fn a_transaction_whose_answer_was_lost_is_found_out_and_not_done_twice() {
    cuttable(async |cutter, store| {
        cutter.set(Cut::After(1));
        assert_eq!(store.create(keys(1), TERMS, Some([1; 32]), 0).await.expect("made"), Created::Known(TERMS), "its ticket is not called spent");
        let made = keys(1).mailbox();
        cutter.set(Cut::After(1));
        assert_eq!(put(store, made, 1).await.expect("put"), Put::Known(1));
        assert_eq!(put(store, made, 2).await.expect("put"), Put::Stored(2));
        cutter.set(Cut::After(1));
        store.expire(i64::MAX, 1).await.expect("expired");
        assert_eq!(store.figures().await.expect("counted").bytes, 0, "what went is taken off once");
        cutter.set(Cut::After(1));
        assert!(store.delete(made, 7).await.expect("deleted"), "it was this very call");
        assert!(!store.delete(made, 7).await.expect("answered"));
        assert!(cutter.is_done());
    });
}

#[test]
fn a_transaction_that_the_database_never_ended_is_done_again() {
    cuttable(async |cutter, store| {
        cutter.set(Cut::Before(1));
        assert_eq!(store.create(keys(1), TERMS, Some([1; 32]), 0).await.expect("made"), Created::Made(TERMS));
        let made = keys(1).mailbox();
        cutter.set(Cut::Before(2));
        assert_eq!(put(store, made, 1).await.expect("put"), Put::Stored(1), "no number was lost");
        cutter.set(Cut::Before(1));
        // A mailbox that the broken transaction still holds is passed over.
        while store.expire(i64::MAX, 1).await.expect("expired") == 0 {}
        cutter.set(Cut::Before(1));
        assert!(store.delete(made, 7).await.expect("deleted"));
        assert!(cutter.is_done());
    });
}

#[test]
fn what_the_database_never_confirms_is_never_acknowledged() {
    cuttable(async |cutter, store| {
        let made = mailbox(store, 1).await;
        cutter.set(Cut::Before(u32::MAX));
        assert!(matches!(put(store, made, 1).await, Err(StoreError::Away)));
        assert!(matches!(store.delete(made, 7).await, Err(StoreError::Away)));
        assert!(matches!(store.create(keys(2), TERMS, None, 0).await, Err(StoreError::Away)));
        cutter.set(Cut::Before(0));
        assert_eq!(store.get(made, file(1).0).await.expect("answered"), None);
        assert_eq!(store.known(keys(2).mailbox()).await.expect("answered"), Known::Never);
        assert_eq!(put(store, made, 1).await.expect("put"), Put::Stored(1));
    });
}
