//! The tables and their version.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, failed};

/// Version of the tables.
const VERSION: i64 = 1;
/// Marks the file as ours: "sdyr".
const APPLICATION: i64 = 0x7364_7972;
/// How long a connection waits for another process.
const PATIENCE: Duration = Duration::from_secs(10);
/// Memory of one connection, in KiB.
const CACHE: i64 = 1024;

/// Files lie in the order of lists, apart from their bytes; `over` is when their days are over. Mailboxes that were deleted
/// and still have files are `leaving`.
const TABLES: &str = "
    CREATE TABLE mailbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, keys BLOB NOT NULL, quota INTEGER NOT NULL,
        keeps_days INTEGER NOT NULL, used INTEGER NOT NULL, last INTEGER NOT NULL, count INTEGER NOT NULL, frozen INTEGER NOT NULL, notice BLOB) STRICT;
    CREATE TABLE file (mailbox INTEGER NOT NULL, n INTEGER NOT NULL, name BLOB NOT NULL, size INTEGER NOT NULL, over INTEGER NOT NULL,
        body INTEGER NOT NULL, PRIMARY KEY (mailbox, n)) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX file_name ON file (mailbox, name);
    CREATE INDEX file_over ON file (over);
    CREATE TABLE body (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE deleted (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE leaving (mailbox INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE spent (ticket BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE probe (times INTEGER NOT NULL) STRICT;
    INSERT INTO probe VALUES (0);
";

/// Opens the connection that writes; makes the tables in an empty file.
pub fn open(path: &Path) -> Result<Connection, StoreError> {
    let mut db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| failed(&error))?;
    let version = prepared(&mut db).map_err(|error| failed(&error))?;
    match version {
        Some(VERSION) => Ok(db),
        Some(newer) if newer > VERSION => Err(StoreError::Newer),
        _ => Err(StoreError::Damaged),
    }
}

/// Opens a connection that reads.
pub fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "cache_size", -CACHE)?;
    db.pragma_update(None, "query_only", true)?;
    Ok(db)
}

/// Returns the version of the tables; nothing for a file that is not ours. A file of any other version is left as it is.
fn prepared(db: &mut Connection) -> rusqlite::Result<Option<i64>> {
    db.busy_timeout(PATIENCE)?;
    let there = version(db)?;
    if !is_empty(db)? && there != Some(VERSION) {
        return Ok(there);
    }
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    db.pragma_update(None, "cache_size", -CACHE)?;
    db.pragma_update(None, "secure_delete", true)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    make(db)?;
    if mode == "wal" { version(db) } else { Ok(None) }
}

fn version(db: &Connection) -> rusqlite::Result<Option<i64>> {
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let ours = number("application_id")? == APPLICATION;
    if ours { number("user_version").map(Some) } else { Ok(None) }
}

fn is_empty(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))
}

/// Makes the tables, unless there are some: another process may have been faster.
fn make(db: &mut Connection) -> rusqlite::Result<()> {
    let change = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if is_empty(&change)? {
        change.execute_batch(TABLES)?;
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    change.commit()
}

/// Tells whether the file is whole and every mailbox counts what it has.
pub fn is_whole(db: &Connection) -> rusqlite::Result<bool> {
    const MISCOUNTED: &str = "SELECT count(*) FROM mailbox WHERE
        count <> (SELECT count(*) FROM file WHERE mailbox = number) OR last < coalesce((SELECT max(n) FROM file WHERE mailbox = number), 0) OR
        used <> coalesce(length(notice), 0) + coalesce((SELECT sum(size) FROM file WHERE mailbox = number), 0)";
    const BODILESS: &str = "SELECT count(*) FROM file LEFT JOIN body ON number = body WHERE length(bytes) IS NOT size";
    let view = db.unchecked_transaction()?;
    let said: String = view.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    let count = |query: &str| view.query_row(query, (), |row| row.get::<_, i64>(0));
    Ok(said == "ok" && count(MISCOUNTED)? == 0 && count(BODILESS)? == 0)
}
