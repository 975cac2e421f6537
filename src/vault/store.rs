//! The database of a vault: sealed files by name and sealed caches. Nothing in it is readable, names and sizes apart.
//! The only importer of SQLite for vaults.

use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};

use super::error::{Damage, VaultError};
use crate::crypto::{Named, Sealed, plain_hash};
use crate::sys::disk;

/// Name of SQLite's write-ahead log beside the store.
const LOG: &str = "store-wal";
/// Fields of SQLite's file header that never change here, by their place: magic, page size 4096, log mode, no reserve,
/// payload fractions; schema format 4; no vacuum, UTF-8; no incremental vacuum; the unused bytes.
const FIXED: &[(usize, &[u8])] =
    &[(0, b"SQLite format 3\0\x10\0\x02\x02\0\x40\x20\x20"), (44, &[0, 0, 0, 4]), (52, &[0, 0, 0, 0, 0, 0, 0, 1]), (64, &[0; 4]), (72, &[0; 20])];
/// Version of the tables.
const VERSION: i64 = 3;
/// The first version: it had no docket. The second one did not remember what was moved.
const FIRST: i64 = 1;
const WITH_DOCKET: i64 = 2;
/// Marks the file as ours: "sdyq".
const APPLICATION: i64 = 0x7364_7971;

const TABLES: &str = "
    CREATE TABLE file (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, body BLOB NOT NULL) STRICT;
    CREATE TABLE slot (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE view (number INTEGER PRIMARY KEY, level INTEGER NOT NULL, lines BLOB NOT NULL, bodies BLOB) STRICT;
";
const DOCKET: &str = "CREATE TABLE docket (number INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;";
const MOVED: &str = "CREATE TABLE moved (name BLOB PRIMARY KEY, place BLOB) STRICT, WITHOUT ROWID;";
/// Most times in a row that what a file held was moved on: far more than a casebook has epochs.
const MAX_MOVES: usize = 4096;

/// The open database.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    /// Version of its tables: an older one on a disk that cannot be written stays as it is.
    version: i64,
}

/// A segment of the view: sealed lines and, for merged segments, sealed bodies apart from them.
#[derive(Debug)]
pub struct Segment {
    pub number: i64,
    pub level: i64,
    pub lines: Sealed,
    pub bodies: Option<Sealed>,
}

/// What one command writes, all or nothing.
#[derive(Debug, Default)]
pub struct Batch {
    pub files: Vec<Sealed>,
    /// Further sealed files, whose names are known.
    pub named: Vec<Named>,
    /// Sealed files that go and may come again.
    pub dropped: Vec<[u8; 32]>,
    /// Sealed files that go, or that came and were not kept, and are not wanted again; with the file that holds what was in each.
    pub moved: Vec<([u8; 32], Option<[u8; 32]>)>,
    pub slots: Vec<(&'static str, Vec<u8>)>,
    /// A new segment at the end of the view: its level, lines and bodies.
    pub segments: Vec<(i64, Sealed, Option<Sealed>)>,
    /// Segments that the new ones replace.
    pub replaced: Vec<i64>,
    /// The new segments replace the whole view, whatever is there.
    pub replaces_view: bool,
    /// New segments of the docket.
    pub docket: Vec<Sealed>,
    /// Segments of the docket that the new ones replace.
    pub docket_replaced: Vec<i64>,
    /// The new segments replace the whole docket.
    pub replaces_docket: bool,
}

impl Store {
    /// Makes a new database.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn create(path: &Path) -> Result<Store, VaultError> {
        // The empty file comes first: SQLite keeps its rights, and gives them to the files it makes beside it.
        disk::create_new(path, &[])?;
        let db = Connection::open(path)?;
        configure(&db)?;
        db.execute_batch(&format!("BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLES} {DOCKET} {MOVED} COMMIT;"))?;
        Ok(Store { db, version: VERSION })
    }

    /// Opens the database of a vault, for reading alone where the disk cannot be written.
    ///
    /// # Errors
    /// Returns [`VaultError::Newer`] for tables of a newer version, [`Damage::Store`] for anything that is no database,
    /// [`VaultError::Waiting`] where a killed process left entries that only a writer can take in.
    pub fn open(path: &Path, writable: bool) -> Result<Store, VaultError> {
        if !path.exists() {
            return Err(VaultError::damaged(Damage::Store));
        }
        if !has_our_header(path)? {
            return Err(VaultError::damaged(Damage::Store));
        }
        let db = if writable { Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)? } else { unchanging(path)? };
        configure(&db)?;
        let application: i64 = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match (application, version) {
            (APPLICATION, VERSION) => Ok(Store { db, version }),
            (APPLICATION, FIRST | WITH_DOCKET) => {
                // A disk that cannot be written keeps the older tables; reading goes on without the newer ones.
                let docket = if version == FIRST { DOCKET } else { "" };
                let raised = writable && db.execute_batch(&format!("BEGIN; {docket} {MOVED} PRAGMA user_version = {VERSION}; COMMIT;")).is_ok();
                Ok(Store { db, version: if raised { VERSION } else { version } })
            }
            (APPLICATION, newer) if newer > VERSION => Err(VaultError::Newer),
            _ => Err(VaultError::damaged(Damage::Store)),
        }
    }

    /// Writes a batch durably: after this returns, a pulled plug loses none of it.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing of the batch is there.
    pub fn write(&mut self, batch: Batch) -> Result<(), VaultError> {
        let tx = self.db.transaction()?;
        for name in &batch.dropped {
            tx.execute("DELETE FROM file WHERE name = ?1", [name.as_slice()])?;
        }
        for (name, into) in &batch.moved {
            tx.prepare_cached("DELETE FROM file WHERE name = ?1")?.execute([name.as_slice()])?;
            let into = into.as_ref().map(<[u8; 32]>::as_slice);
            tx.prepare_cached("INSERT OR REPLACE INTO moved (name, place) VALUES (?1, ?2)")?.execute(params![name.as_slice(), into])?;
        }
        put_files(&tx, &batch)?;
        for (name, body) in &batch.slots {
            tx.prepare_cached("INSERT OR REPLACE INTO slot (name, body) VALUES (?1, ?2)")?.execute(params![name, body])?;
        }
        if batch.replaces_view {
            tx.execute("DELETE FROM view", [])?;
        }
        for number in &batch.replaced {
            tx.execute("DELETE FROM view WHERE number = ?1", [number])?;
        }
        for (level, lines, bodies) in &batch.segments {
            let bodies = bodies.as_ref().map(Sealed::as_bytes);
            tx.prepare_cached("INSERT INTO view (level, lines, bodies) VALUES (?1, ?2, ?3)")?.execute(params![level, lines.as_bytes(), bodies])?;
        }
        if batch.replaces_docket {
            tx.execute("DELETE FROM docket", [])?;
        }
        for number in &batch.docket_replaced {
            tx.execute("DELETE FROM docket WHERE number = ?1", [number])?;
        }
        for rows in &batch.docket {
            tx.prepare_cached("INSERT INTO docket (rows) VALUES (?1)")?.execute(params![rows.as_bytes()])?;
        }
        Ok(tx.commit()?)
    }

    /// Tells whether a sealed file of that name is here.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn has_file(&self, name: &[u8; 32]) -> Result<bool, VaultError> {
        Ok(self.db.prepare_cached("SELECT 1 FROM file WHERE name = ?1")?.exists([name.as_slice()])?)
    }

    /// Tells whether a sealed file of that name was here, or came, and is not wanted again.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn was_moved(&self, name: &[u8; 32]) -> Result<bool, VaultError> {
        Ok(self.version == VERSION && self.db.prepare_cached("SELECT 1 FROM moved WHERE name = ?1")?.exists([name.as_slice()])?)
    }

    /// Returns the name of the file that holds now what a file of that name held.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn present_name(&self, name: &[u8; 32]) -> Result<[u8; 32], VaultError> {
        let mut at = *name;
        for _ in 0..MAX_MOVES {
            if self.version != VERSION || self.has_file(&at)? {
                break;
            }
            let into: Option<Option<Vec<u8>>> =
                self.db.prepare_cached("SELECT place FROM moved WHERE name = ?1")?.query_row([at.as_slice()], |row| row.get(0)).optional()?;
            match into.flatten().and_then(|name| name.try_into().ok()) {
                Some(next) => at = next,
                None => break,
            }
        }
        Ok(at)
    }

    /// Returns the names of the sealed files that came after the given number, each with its own number and bytes.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn names_after(&self, number: i64) -> Result<Vec<(i64, [u8; 32], u64)>, VaultError> {
        let mut statement = self.db.prepare("SELECT number, name, length(body) FROM file WHERE number > ?1 ORDER BY number")?;
        let rows = statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs())))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the segments of the docket, oldest first.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn docket(&self) -> Result<Vec<(i64, Sealed)>, VaultError> {
        if self.version == FIRST {
            return Ok(Vec::new());
        }
        let mut statement = self.db.prepare("SELECT number, rows FROM docket ORDER BY number")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, Sealed::from_outside(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns a sealed file, checked against its name.
    ///
    /// # Errors
    /// Returns [`Damage::Missing`] or [`Damage::File`].
    pub fn file(&self, name: &[u8; 32]) -> Result<Sealed, VaultError> {
        let found: Option<Vec<u8>> =
            self.db.prepare_cached("SELECT body FROM file WHERE name = ?1")?.query_row([name.as_slice()], |row| row.get(0)).optional()?;
        let bytes = found.ok_or_else(|| VaultError::damaged(Damage::Missing { name: hex::encode(name) }))?;
        if plain_hash(&bytes) == *name {
            Ok(Sealed::from_outside(bytes))
        } else {
            Err(VaultError::damaged(Damage::File { name: hex::encode(name), record: None }))
        }
    }

    /// Calls `visit` with every sealed file in the order of arrival: stored name and bytes, unchecked.
    ///
    /// # Errors
    /// Returns what the disk refused, or what `visit` returned.
    pub fn each_file(&self, visit: &mut dyn FnMut(Vec<u8>, Vec<u8>) -> Result<(), VaultError>) -> Result<(), VaultError> {
        let mut statement = self.db.prepare("SELECT name, body FROM file ORDER BY number")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            visit(row.get(0)?, row.get(1)?)?;
        }
        Ok(())
    }

    /// Returns the number of sealed files.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn count(&self) -> Result<u64, VaultError> {
        Ok(self.db.query_row("SELECT count(*) FROM file", [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Returns a slot.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn slot(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.db.prepare_cached("SELECT body FROM slot WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Returns the segments of the view, oldest first, without the bodies of merged ones.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn segments(&self) -> Result<Vec<Segment>, VaultError> {
        let mut statement = self.db.prepare("SELECT number, level, lines FROM view ORDER BY number")?;
        let rows =
            statement.query_map([], |row| Ok(Segment { number: row.get(0)?, level: row.get(1)?, lines: Sealed::from_outside(row.get(2)?), bodies: None }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the bodies of a merged segment.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn bodies(&self, number: i64) -> Result<Sealed, VaultError> {
        let found: Option<Vec<u8>> = self.db.query_row("SELECT bodies FROM view WHERE number = ?1", [number], |row| row.get(0))?;
        found.map(Sealed::from_outside).ok_or_else(|| VaultError::damaged(Damage::View))
    }

    /// Lets SQLite check its own structure.
    ///
    /// # Errors
    /// Returns [`Damage::Store`] when it finds a fault.
    pub fn examine(&self) -> Result<(), VaultError> {
        if self.fits_together()? {
            return Ok(());
        }
        // To SQLite a page that the disk does not give is a fault of the file; a failing disk is no tampering.
        disk::read_through(Path::new(self.db.path().unwrap_or_default()))?;
        if self.fits_together()? { Ok(()) } else { Err(VaultError::damaged(Damage::Store)) }
    }

    fn fits_together(&self) -> Result<bool, VaultError> {
        let verdict: String = self.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok(verdict == "ok")
    }

    /// Empties the view and gives its space back.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn drop_view(&mut self) -> Result<(), VaultError> {
        Ok(self.db.execute_batch("DELETE FROM view")?)
    }
}

/// Tells whether the fixed fields of the file header are as SQLite wrote them here. Some of them, when changed, make the
/// file read-only or read otherwise without a word. While a log lies beside the file, the header there is the newer one.
fn has_our_header(path: &Path) -> Result<bool, VaultError> {
    let log = std::fs::metadata(path.with_file_name(LOG)).map_or(0, |log| log.len());
    let mut header = [0; 100];
    let complete = match std::fs::File::open(path)?.read_exact(&mut header) {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => return Err(error.into()),
        read => read.is_ok(),
    };
    Ok(log > 0 || (complete && FIXED.iter().all(|(at, bytes)| header[*at..].starts_with(bytes))))
}

fn configure(db: &Connection) -> Result<(), VaultError> {
    db.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1;
         PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;",
    )?;
    db.set_prepared_statement_cache_capacity(16);
    Ok(())
}

/// Opens a database that nobody can change meanwhile. SQLite then reads the file alone, without what lies beside it.
fn unchanging(path: &Path) -> Result<Connection, VaultError> {
    let waits = |beside: &str| path.with_file_name(beside).metadata().is_ok_and(|file| file.len() > 0);
    if waits("store-wal") || waits("store-journal") {
        return Err(VaultError::Waiting);
    }
    let url = format!("file:{}?immutable=1", url_path(&path.canonicalize()?));
    Ok(Connection::open_with_flags(url, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?)
}

/// Writes a path so that no byte of it means anything in a URL.
fn url_path(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(byte);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    bytes.map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn put_files(tx: &Transaction, batch: &Batch) -> Result<(), VaultError> {
    let mut statement = tx.prepare_cached("INSERT OR IGNORE INTO file (name, body) VALUES (?1, ?2)")?;
    for file in &batch.files {
        statement.execute(params![plain_hash(file.as_bytes()).as_slice(), file.as_bytes()])?;
    }
    for file in &batch.named {
        statement.execute(params![file.name().as_slice(), file.as_bytes()])?;
    }
    Ok(())
}
