//! What each call reads and writes.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::relay::store::{Created, Figures, Known, Mailbox, Put, Terms, TicketId, has_room, over};
use crate::wire::body::{Entry, Page};
use crate::wire::id::PublicKey;
use crate::wire::{FileName, MailboxId, PublicKeys};

type Done<T> = rusqlite::Result<T>;

/// How many free pages go back to the system at a time.
const PAGES: i64 = 1024;

/// A file that comes.
pub struct File<'a> {
    pub name: FileName,
    pub bytes: &'a [u8],
    pub at: i64,
}

/// A mailbox with its place in the tables.
struct Found {
    number: i64,
    last: u64,
    count: u64,
    mailbox: Mailbox,
}

pub fn known(db: &Connection, id: &MailboxId) -> Done<Known> {
    match found(db, id)? {
        Some(found) => Ok(Known::Open(found.mailbox)),
        None if is_deleted(db, id)? => Ok(Known::Deleted),
        None => Ok(Known::Never),
    }
}

pub fn create(db: &Connection, keys: &PublicKeys, terms: Terms, ticket: Option<TicketId>) -> Done<Created> {
    let id = keys.mailbox();
    match known(db, &id)? {
        Known::Deleted => return Ok(Created::Deleted),
        Known::Open(mailbox) => return Ok(Created::Known(mailbox.terms)),
        Known::Never => {}
    }
    if let Some(ticket) = ticket
        && db.prepare_cached("INSERT OR IGNORE INTO spent VALUES (?1)")?.execute([ticket])? == 0
    {
        return Ok(Created::Spent);
    }
    let mut make = db.prepare_cached("INSERT INTO mailbox VALUES (NULL, ?1, ?2, ?3, ?4, 0, 0, 0, 0, NULL)")?;
    make.execute(params![id.0, joined(keys), signed(terms.quota), signed(terms.keeps_days)])?;
    Ok(Created::Made(terms))
}

pub fn put(db: &Connection, id: &MailboxId, file: &File, owner: bool) -> Done<Put> {
    let Some(found) = found(db, id)? else {
        return Ok(if is_deleted(db, id)? { Put::Deleted } else { Put::NoMailbox });
    };
    let mut numbers = db.prepare_cached("SELECT n FROM file WHERE mailbox = ?1 AND name = ?2")?;
    if let Some(n) = numbers.query_row(params![found.number, file.name.0], |row| number(row, 0)).optional()? {
        return Ok(Put::Known(n));
    }
    let size = file.bytes.len() as u64;
    if !has_room(&found.mailbox.terms, found.mailbox.used, size, owner) {
        return Ok(Put::Full);
    }
    add(db, &found, file)?;
    Ok(Put::Stored(found.last + 1))
}

fn add(db: &Connection, to: &Found, file: &File) -> Done<()> {
    db.prepare_cached("INSERT INTO body (bytes) VALUES (?1)")?.execute([file.bytes])?;
    let (body, size) = (db.last_insert_rowid(), file.bytes.len() as i64);
    let over = over(file.at, to.mailbox.terms.keeps_days);
    let mut add = db.prepare_cached("INSERT INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    add.execute(params![to.number, signed(to.last + 1), file.name.0, size, over, body])?;
    let mut count = db.prepare_cached("UPDATE mailbox SET last = last + 1, count = count + 1, used = used + ?2 WHERE number = ?1")?;
    count.execute(params![to.number, size])?;
    Ok(())
}

pub fn list(db: &Connection, id: &MailboxId, after: u64, limit: u64) -> Done<Option<Page>> {
    // One view for both questions: what is counted is what is listed.
    let view = db.unchecked_transaction()?;
    let Some(found) = found(&view, id)? else { return Ok(None) };
    let mut next = view.prepare_cached("SELECT n, name, size FROM file WHERE mailbox = ?1 AND n > ?2 ORDER BY n LIMIT ?3")?;
    let rows = next.query_map(params![found.number, signed(after), signed(limit.saturating_add(1))], entry)?;
    let mut files = rows.collect::<Done<Vec<Entry>>>()?;
    let more = files.len() as u64 > limit;
    files.truncate(limit as usize);
    Ok(Some(Page { files, last: found.last, count: found.count, more, frozen: found.mailbox.frozen }))
}

pub fn get(db: &Connection, id: &MailboxId, name: &FileName) -> Done<Option<Vec<u8>>> {
    const BYTES: &str = "SELECT bytes FROM mailbox JOIN file ON file.mailbox = mailbox.number JOIN body ON body.number = file.body
        WHERE mailbox.id = ?1 AND file.name = ?2";
    db.prepare_cached(BYTES)?.query_row([id.0, name.0], |row| row.get(0)).optional()
}

pub fn freeze(db: &Connection, id: &MailboxId, notice: &[u8]) -> Done<bool> {
    let Some(found) = found(db, id)? else { return Ok(false) };
    let before: i64 = db.query_row("SELECT coalesce(length(notice), 0) FROM mailbox WHERE number = ?1", [found.number], |row| row.get(0))?;
    let (without, size) = (found.mailbox.used.saturating_sub(before as u64), notice.len() as u64);
    if !has_room(&found.mailbox.terms, without, size, true) {
        return Ok(false);
    }
    let mut freeze = db.prepare_cached("UPDATE mailbox SET frozen = 1, notice = ?2, used = ?3 WHERE number = ?1")?;
    freeze.execute(params![found.number, notice, signed(without + size)])?;
    Ok(true)
}

pub fn notice(db: &Connection, id: &MailboxId) -> Done<Option<Vec<u8>>> {
    let mut notice = db.prepare_cached("SELECT notice FROM mailbox WHERE id = ?1")?;
    Ok(notice.query_row([id.0], |row| row.get(0)).optional()?.flatten())
}

/// Deletes a mailbox; its files are left to [`sweep`].
pub fn delete(db: &Connection, id: &MailboxId) -> Done<bool> {
    let Some(found) = found(db, id)? else { return Ok(false) };
    db.execute("INSERT INTO deleted VALUES (?1)", [id.0])?;
    db.execute("INSERT INTO leaving VALUES (?1)", [found.number])?;
    db.execute("DELETE FROM mailbox WHERE number = ?1", [found.number])?;
    Ok(true)
}

/// Drops files of mailboxes that were deleted; returns how many it looked for and found, 0 when none is left.
pub fn sweep(db: &Connection, batch: u64) -> Done<u64> {
    const NEXT: &str = "SELECT mailbox, n, body, size FROM file WHERE mailbox = (SELECT min(mailbox) FROM leaving) ORDER BY n LIMIT ?1";
    let gone = dropped(db, db.prepare_cached(NEXT)?.query_map([signed(batch)], Gone::of)?)?.len() as u64;
    if gone < batch {
        let left = db.execute("DELETE FROM leaving WHERE mailbox = (SELECT min(mailbox) FROM leaving)", ())?;
        give_back(db)?;
        return Ok(gone + left as u64);
    }
    Ok(gone)
}

/// Drops files whose days are over; returns how many.
pub fn expire(db: &Connection, now: i64, batch: u64) -> Done<u64> {
    const NEXT: &str = "SELECT mailbox, n, body, size FROM file WHERE over <= ?1 AND mailbox NOT IN (SELECT mailbox FROM leaving) ORDER BY over LIMIT ?2";
    let gone = dropped(db, db.prepare_cached(NEXT)?.query_map(params![now, signed(batch)], Gone::of)?)?;
    let mut uncount = db.prepare_cached("UPDATE mailbox SET count = count - 1, used = used - ?2 WHERE number = ?1")?;
    for gone in &gone {
        uncount.execute([gone.mailbox, gone.size])?;
    }
    if !gone.is_empty() {
        give_back(db)?;
    }
    Ok(gone.len() as u64)
}

/// Writes something: the only way to know that it can be done.
pub fn probe(db: &Connection) -> Done<()> {
    db.execute("UPDATE probe SET times = times + 1", ()).map(drop)
}

pub fn figures(db: &Connection) -> Done<Figures> {
    db.query_row("SELECT count(*), coalesce(sum(count), 0), coalesce(sum(used), 0) FROM mailbox", (), |row| {
        Ok(Figures { mailboxes: number(row, 0)?, files: number(row, 1)?, bytes: number(row, 2)? })
    })
}

/// A file that goes.
struct Gone {
    mailbox: i64,
    n: i64,
    body: i64,
    size: i64,
}

impl Gone {
    fn of(row: &Row) -> Done<Gone> {
        Ok(Gone { mailbox: row.get(0)?, n: row.get(1)?, body: row.get(2)?, size: row.get(3)? })
    }
}

fn dropped(db: &Connection, gone: impl Iterator<Item = Done<Gone>>) -> Done<Vec<Gone>> {
    let gone = gone.collect::<Done<Vec<Gone>>>()?;
    let mut drop_body = db.prepare_cached("DELETE FROM body WHERE number = ?1")?;
    let mut drop_file = db.prepare_cached("DELETE FROM file WHERE mailbox = ?1 AND n = ?2")?;
    for file in &gone {
        drop_body.execute([file.body])?;
        drop_file.execute([file.mailbox, file.n])?;
    }
    Ok(gone)
}

/// Gives the room of what is gone back to the system.
fn give_back(db: &Connection) -> Done<()> {
    db.pragma(None, "incremental_vacuum", PAGES, |_| Ok(()))
}

fn found(db: &Connection, id: &MailboxId) -> Done<Option<Found>> {
    let mut row = db.prepare_cached("SELECT number, keys, quota, keeps_days, used, last, count, frozen FROM mailbox WHERE id = ?1")?;
    row.query_row([id.0], |row| {
        let terms = Terms { quota: number(row, 2)?, keeps_days: number(row, 3)? };
        let mailbox = Mailbox { keys: parted(&row.get(1)?), terms, used: number(row, 4)?, frozen: row.get(7)? };
        Ok(Found { number: row.get(0)?, last: number(row, 5)?, count: number(row, 6)?, mailbox })
    })
    .optional()
}

fn is_deleted(db: &Connection, id: &MailboxId) -> Done<bool> {
    db.prepare_cached("SELECT 1 FROM deleted WHERE id = ?1")?.exists([id.0])
}

fn entry(row: &Row) -> Done<Entry> {
    Ok(Entry { n: number(row, 0)?, name: FileName(row.get(1)?), size: number(row, 2)? })
}

fn joined(keys: &PublicKeys) -> Vec<u8> {
    [keys.owner.0, keys.write.0, keys.read.0].concat()
}

fn parted(keys: &[u8; 96]) -> PublicKeys {
    let key = |at: usize| PublicKey(std::array::from_fn(|byte| keys[at * 32 + byte]));
    PublicKeys { owner: key(0), write: key(1), read: key(2) }
}

/// SQLite's numbers are signed; none of ours comes near the end.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(row: &Row, column: usize) -> Done<u64> {
    row.get::<_, i64>(column).map(|number| number.max(0) as u64)
}
