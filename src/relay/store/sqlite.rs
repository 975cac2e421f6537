//! A store in one SQLite file. One thread writes, and commits together what waits together; readers have connections of their
//! own and see only what is committed. Memory does not grow with what is kept.

mod readers;
mod rows;
mod tables;
mod writer;

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::{Answer, Created, Figures, Known, Put, Store, StoreError, Terms, TicketId};
use crate::sys::disk;
use crate::wire::body::Page;
use crate::wire::{FileName, MailboxId, PublicKeys};
use readers::Readers;
use writer::Writer;

/// How many files of a deleted mailbox go in one step, so that others can write in between.
const STEP: u64 = 64;

/// The file, open.
#[derive(Debug)]
pub struct Sqlite {
    // Dropped in this order: the last connection that closes tidies the log up.
    readers: Readers,
    writer: Writer,
}

impl Sqlite {
    /// Opens a store, or makes one for the owner alone.
    ///
    /// # Errors
    /// Returns [`StoreError::Newer`] for a store of a newer version, [`StoreError::Damaged`] for a file that is none.
    pub fn open(path: &Path) -> Result<Sqlite, StoreError> {
        if !path.exists() {
            make_file(path)?;
        }
        let db = tables::open(path)?;
        Ok(Sqlite { readers: Readers::new(path), writer: Writer::start(db)? })
    }

    /// Copies the store as it is now into a new file, while it is in use. Blocks.
    ///
    /// # Errors
    /// Returns [`StoreError::Failed`] where a file is already, or what SQLite refused; what was begun is of no use then.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        make_file(to)?;
        self.readers.with(|db| copy(db, to))
    }

    /// Reads everything once and compares what is counted with what is there. Blocks.
    ///
    /// # Errors
    /// Returns [`StoreError::Damaged`].
    pub fn check(&self) -> Result<(), StoreError> {
        if self.readers.with(tables::is_whole)? { Ok(()) } else { Err(StoreError::Damaged) }
    }
}

/// Makes an empty file for the owner alone, with a name that is durable.
fn make_file(path: &Path) -> Result<(), StoreError> {
    let made = disk::new_file(path).and_then(|_| disk::sync_folder(path.parent().unwrap_or(Path::new("."))));
    made.map_err(|error| StoreError::Failed(error.kind().to_string()))
}

fn copy(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut db = Connection::open(to)?;
    let step = Backup::new(from, &mut db)?.step(-1)?;
    match step {
        StepResult::Done => db.close().map_err(|(_, error)| error),
        _ => Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)),
    }
}

impl Store for Sqlite {
    fn known(&self, mailbox: MailboxId) -> Answer<'_, Known> {
        Box::pin(self.readers.read(move |db| rows::known(db, &mailbox)))
    }

    fn create(&self, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>, _now: i64) -> Answer<'_, Created> {
        Box::pin(self.writer.write(move |db| rows::create(db, &keys, terms, ticket)))
    }

    fn put(&self, mailbox: MailboxId, name: FileName, bytes: Vec<u8>, owner: bool, now: i64) -> Answer<'_, Put> {
        Box::pin(self.writer.write(move |db| rows::put(db, &mailbox, &rows::File { name, bytes: &bytes, at: now }, owner)))
    }

    fn list(&self, mailbox: MailboxId, after: u64, limit: u64) -> Answer<'_, Option<Page>> {
        Box::pin(self.readers.read(move |db| rows::list(db, &mailbox, after, limit)))
    }

    fn get(&self, mailbox: MailboxId, name: FileName) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(self.readers.read(move |db| rows::get(db, &mailbox, &name)))
    }

    fn freeze(&self, mailbox: MailboxId, notice: Vec<u8>) -> Answer<'_, bool> {
        Box::pin(self.writer.write(move |db| rows::freeze(db, &mailbox, &notice)))
    }

    fn notice(&self, mailbox: MailboxId) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(self.readers.read(move |db| rows::notice(db, &mailbox)))
    }

    fn delete(&self, mailbox: MailboxId, _now: i64) -> Answer<'_, bool> {
        Box::pin(async move {
            let was = self.writer.write(move |db| rows::delete(db, &mailbox)).await?;
            // Whatever is left of it after an interruption goes with what expires.
            while was && self.writer.write(|db| rows::sweep(db, STEP)).await? > 0 {}
            Ok(was)
        })
    }

    fn expire(&self, now: i64, batch: u64) -> Answer<'_, u64> {
        Box::pin(async move {
            self.writer.write(move |db| rows::sweep(db, batch)).await?;
            self.writer.write(move |db| rows::expire(db, now, batch)).await
        })
    }

    fn ready(&self) -> Answer<'_, ()> {
        Box::pin(self.writer.write(rows::probe))
    }

    fn figures(&self) -> Answer<'_, Figures> {
        Box::pin(self.readers.read(rows::figures))
    }
}

/// What SQLite said, without a text of its own.
fn failed(error: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase};
    match error.sqlite_error_code() {
        Some(DiskFull) => StoreError::Full,
        Some(DatabaseCorrupt | NotADatabase) => StoreError::Damaged,
        Some(CannotOpen | DatabaseBusy | DatabaseLocked) => StoreError::Away,
        Some(code) => StoreError::Failed(format!("{code:?}")),
        None => StoreError::Damaged,
    }
}
