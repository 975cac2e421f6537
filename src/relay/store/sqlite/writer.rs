//! The one thread that writes.

use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{StoreError, failed};

/// Most changes of one commit, and most that wait.
const TOGETHER: usize = 64;

/// A change, made within the commit; it returns whom to tell when that is through.
type Change = Box<dyn FnOnce(&mut Transaction) -> Told + Send>;
type Told = Box<dyn FnOnce(Result<(), StoreError>)>;

/// A thread with the connection that writes. It ends, with all that waits done, when this is dropped.
#[derive(Debug)]
pub struct Writer {
    changes: Option<mpsc::Sender<Change>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub fn start(mut db: Connection) -> Result<Writer, StoreError> {
        let (changes, mut waiting) = mpsc::channel(TOGETHER);
        let work = move || {
            while let Some(first) = waiting.blocking_recv() {
                let more = std::iter::from_fn(|| waiting.try_recv().ok());
                commit(&mut db, std::iter::once(first).chain(more.take(TOGETHER - 1)));
            }
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work).map_err(|_| StoreError::Away)?;
        Ok(Writer { changes: Some(changes), thread: Some(thread) })
    }

    /// Makes a change and returns what it gives once it is durable. A change that fails leaves those beside it alone.
    pub async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let change: Change = Box::new(move |commit| {
            let done = apart(commit, change).map_err(|error| failed(&error));
            // Nobody hears it who has gone away.
            Box::new(move |ended| drop(tell.send(done.and_then(|done| ended.map(|()| done)))))
        });
        let changes = self.changes.as_ref().expect("there until it is dropped");
        changes.send(change).await.map_err(|_| StoreError::Away)?;
        told.await.unwrap_or(Err(StoreError::Away))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.changes.take());
        // A thread that panicked has ended as well.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Commits changes together and tells each what became of it.
fn commit(db: &mut Connection, changes: impl Iterator<Item = Change>) {
    let mut told = Vec::new();
    let ended = all(db, changes, &mut told);
    told.into_iter().for_each(|tell| tell(ended.as_ref().copied().map_err(failed)));
}

fn all(db: &mut Connection, changes: impl Iterator<Item = Change>, told: &mut Vec<Told>) -> rusqlite::Result<()> {
    let mut commit = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in changes {
        told.push(change(&mut commit));
        // A full disk ends the whole transaction: what comes after it is not tried.
        if commit.is_autocommit() {
            break;
        }
    }
    commit.commit()
}

fn apart<T>(commit: &mut Transaction, change: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let point = commit.savepoint()?;
    let done = change(&point)?;
    point.commit()?;
    Ok(done)
}
