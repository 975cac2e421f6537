//! What is changed, each in one transaction. Whoever changes a mailbox or its files first locks the row of the mailbox, so that
//! no two wait for each other. Each may be done again when it is not known whether it was done.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{Client, Transaction};

use super::outcome::Trouble;
use super::reading::{bytes, count, stored, terms as terms_of};
use super::{Created, Put, Terms, TicketId};
use crate::relay::store::{StoreError, over};
use crate::wire::limits::RESERVED;
use crate::wire::{FileName, MailboxId, PublicKeys};

const CREATE: &str = "INSERT INTO sandyq.mailbox (id, keys, quota, keeps_days) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
const SPEND: &str = "INSERT INTO sandyq.ticket (id, spent) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
const MADE: &str = "SELECT keys IS NOT NULL, quota, keeps_days FROM sandyq.mailbox WHERE id = $1";
/// Takes the next number. Its lock is held until the file is durable: no other file comes before.
const NEXT: &str = "
    UPDATE sandyq.mailbox SET last = last + 1, files = files + 1, used = used + $2
    WHERE id = $1 AND keys IS NOT NULL AND used + $2 <= quota - CASE WHEN $3 THEN 0 ELSE quota / $4 END
    RETURNING number, last, keeps_days";
const KEEP: &str = "INSERT INTO sandyq.file (box, n, expires, name, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (box, name) DO NOTHING";
const NOT_KEPT: &str = "
    SELECT m.keys IS NOT NULL, f.n FROM sandyq.mailbox m LEFT JOIN sandyq.file f ON f.box = m.number AND f.name = $2 WHERE m.id = $1";
const FREEZE: &str = "
    UPDATE sandyq.mailbox SET notice = $2, used = used - coalesce(octet_length(notice), 0) + $3
    WHERE id = $1 AND keys IS NOT NULL AND used - coalesce(octet_length(notice), 0) + $3 <= quota";
const DELETE: &str = "
    UPDATE sandyq.mailbox SET keys = NULL, deleted = $2, notice = NULL, used = 0, files = 0 WHERE id = $1 AND keys IS NOT NULL
    RETURNING number";
const EMPTY: &str = "DELETE FROM sandyq.file WHERE box = $1";
const IS_DELETED: &str = "SELECT 1 FROM sandyq.mailbox WHERE id = $1 AND keys IS NULL";
/// Mailboxes that somebody writes to are left for the next time.
const DUE: &str = "
    SELECT number FROM sandyq.mailbox WHERE number IN (SELECT box FROM sandyq.file WHERE expires <= $1 ORDER BY expires LIMIT $2)
    FOR NO KEY UPDATE SKIP LOCKED";
const EXPIRE: &str = "
    WITH gone AS (
        DELETE FROM sandyq.file
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM sandyq.file WHERE expires <= $1 AND box = ANY ($2) ORDER BY expires LIMIT $3))
        RETURNING box, octet_length(body) AS size
    ), sums AS (
        SELECT box, count(*) AS files, sum(size)::bigint AS bytes FROM gone GROUP BY box
    ), kept AS (
        UPDATE sandyq.mailbox m SET files = m.files - sums.files, used = m.used - sums.bytes FROM sums WHERE m.number = sums.box
    )
    SELECT coalesce(sum(files), 0)::bigint FROM sums";

/// A file that is put.
#[derive(Clone, Copy)]
pub(super) struct Incoming<'a> {
    pub(super) mailbox: MailboxId,
    pub(super) name: FileName,
    pub(super) bytes: &'a [u8],
    pub(super) owner: bool,
    pub(super) now: i64,
}

/// The place in a mailbox that a file takes.
struct Place {
    mailbox: i64,
    n: i64,
    keeps_days: u64,
}

pub(super) async fn put(mut client: Client, file: Incoming<'_>) -> Result<Put, Trouble> {
    let tx = client.transaction().await?;
    let Some(place) = next(&tx, &file).await? else { return not_kept(&tx, &file).await };
    if !keep(&tx, &place, &file).await? {
        // It was there; the number goes back with the transaction.
        return not_kept(&tx, &file).await;
    }
    tx.commit().await?;
    Ok(Put::Stored(u64::try_from(place.n).map_err(|_| StoreError::Damaged)?))
}

async fn next(tx: &Transaction<'_>, file: &Incoming<'_>) -> Result<Option<Place>, Trouble> {
    let statement = tx.prepare_cached(NEXT).await?;
    let row = tx.query_opt(&statement, &[&bytes(&file.mailbox.0), &size(file.bytes), &file.owner, &stored(RESERVED)]).await?;
    row.map(|row| Ok(Place { mailbox: row.try_get(0)?, n: row.try_get(1)?, keeps_days: count(&row, 2)? })).transpose()
}

async fn keep(tx: &Transaction<'_>, place: &Place, file: &Incoming<'_>) -> Result<bool, Trouble> {
    let statement = tx.prepare_cached(KEEP).await?;
    let expires = over(file.now, place.keeps_days);
    Ok(tx.execute(&statement, &[&place.mailbox, &place.n, &expires, &bytes(&file.name.0), &file.bytes]).await? == 1)
}

async fn not_kept(tx: &Transaction<'_>, file: &Incoming<'_>) -> Result<Put, Trouble> {
    let statement = tx.prepare_cached(NOT_KEPT).await?;
    let Some(row) = tx.query_opt(&statement, &[&bytes(&file.mailbox.0), &bytes(&file.name.0)]).await? else { return Ok(Put::NoMailbox) };
    match (row.try_get(0)?, row.try_get::<_, Option<i64>>(1)?) {
        (false, _) => Ok(Put::Deleted),
        (true, Some(_)) => Ok(Put::Known(count(&row, 1)?)),
        (true, None) => Ok(Put::Full),
    }
}

pub(super) async fn create(mut client: Client, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>, now: i64) -> Result<Created, Trouble> {
    let mailbox = keys.mailbox();
    let octets = [keys.owner.0, keys.write.0, keys.read.0].concat();
    let tx = client.transaction().await?;
    let statement = tx.prepare_cached(CREATE).await?;
    if tx.execute(&statement, &[&bytes(&mailbox.0), &octets, &stored(terms.quota), &stored(terms.keeps_days)]).await? == 0 {
        return known(&tx, mailbox).await;
    }
    match ticket {
        Some(ticket) if !spend(&tx, &ticket, now).await? => Ok(Created::Spent),
        _ => {
            tx.commit().await?;
            Ok(Created::Made(terms))
        }
    }
}

async fn known(tx: &Transaction<'_>, mailbox: MailboxId) -> Result<Created, Trouble> {
    let statement = tx.prepare_cached(MADE).await?;
    let row = tx.query_one(&statement, &[&bytes(&mailbox.0)]).await?;
    if row.try_get(0)? { Ok(Created::Known(terms_of(&row, 1)?)) } else { Ok(Created::Deleted) }
}

async fn spend(tx: &Transaction<'_>, ticket: &TicketId, now: i64) -> Result<bool, Trouble> {
    let statement = tx.prepare_cached(SPEND).await?;
    Ok(tx.execute(&statement, &[&bytes(ticket), &now]).await? == 1)
}

pub(super) async fn freeze(client: Client, mailbox: MailboxId, notice: &[u8]) -> Result<bool, Trouble> {
    let statement = client.prepare_cached(FREEZE).await?;
    Ok(client.execute(&statement, &[&bytes(&mailbox.0), &notice, &size(notice)]).await? == 1)
}

/// Deletes a mailbox. `perhaps` says that this very call deleted it already, perhaps: its answer was lost.
pub(super) async fn delete(mut client: Client, mailbox: MailboxId, now: i64, perhaps: &AtomicBool) -> Result<bool, Trouble> {
    let tx = client.transaction().await?;
    let statement = tx.prepare_cached(DELETE).await?;
    let Some(row) = tx.query_opt(&statement, &[&bytes(&mailbox.0), &now]).await? else {
        return Ok(perhaps.load(Ordering::Relaxed) && is_deleted(&tx, mailbox).await?);
    };
    let statement = tx.prepare_cached(EMPTY).await?;
    tx.execute(&statement, &[&row.try_get::<_, i64>(0)?]).await?;
    perhaps.store(true, Ordering::Relaxed);
    tx.commit().await?;
    Ok(true)
}

async fn is_deleted(tx: &Transaction<'_>, mailbox: MailboxId) -> Result<bool, Trouble> {
    let statement = tx.prepare_cached(IS_DELETED).await?;
    Ok(tx.query_opt(&statement, &[&bytes(&mailbox.0)]).await?.is_some())
}

pub(super) async fn expire(mut client: Client, now: i64, batch: u64) -> Result<u64, Trouble> {
    let tx = client.transaction().await?;
    let statement = tx.prepare_cached(DUE).await?;
    let rows = tx.query(&statement, &[&now, &stored(batch)]).await?;
    let due = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    let statement = tx.prepare_cached(EXPIRE).await?;
    let gone = count(&tx.query_one(&statement, &[&now, &due, &stored(batch)]).await?, 0)?;
    tx.commit().await?;
    Ok(gone)
}

fn size(bytes: &[u8]) -> i64 {
    stored(bytes.len() as u64)
}
