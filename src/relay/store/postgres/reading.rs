//! What is asked. Each answer is one statement, and so shows one moment.

use deadpool_postgres::Client;
use tokio_postgres::Row;

use super::outcome::Trouble;
use super::{Figures, Known};
use crate::relay::store::{Mailbox, StoreError, Terms};
use crate::wire::body::{Entry, Page};
use crate::wire::id::PublicKey;
use crate::wire::{FileName, MailboxId, PublicKeys};

const KNOWN: &str = "SELECT keys, quota, keeps_days, used, notice IS NOT NULL FROM sandyq.mailbox WHERE id = $1";
/// The mailbox stands in every row; without files after the number there is one row with the mailbox alone.
const LIST: &str = "
    SELECT m.last, m.files, m.notice IS NOT NULL, f.n, f.name, f.size
    FROM sandyq.mailbox m LEFT JOIN LATERAL (
        SELECT n, name, octet_length(body)::bigint AS size FROM sandyq.file WHERE box = m.number AND n > $2 ORDER BY n LIMIT $3
    ) f ON true
    WHERE m.id = $1 AND m.keys IS NOT NULL ORDER BY f.n";
const GET: &str = "SELECT f.body FROM sandyq.file f JOIN sandyq.mailbox m ON m.number = f.box WHERE m.id = $1 AND f.name = $2";
const NOTICE: &str = "SELECT notice FROM sandyq.mailbox WHERE id = $1 AND notice IS NOT NULL";
const FIGURES: &str = "SELECT count(*), coalesce(sum(files), 0)::bigint, coalesce(sum(used), 0)::bigint FROM sandyq.mailbox WHERE keys IS NOT NULL";

pub(super) async fn known(client: Client, mailbox: MailboxId) -> Result<Known, Trouble> {
    let statement = client.prepare_cached(KNOWN).await?;
    match client.query_opt(&statement, &[&bytes(&mailbox.0)]).await? {
        None => Ok(Known::Never),
        Some(row) => opened(&row),
    }
}

fn opened(row: &Row) -> Result<Known, Trouble> {
    let Some(keys) = row.try_get::<_, Option<&[u8]>>(0)? else { return Ok(Known::Deleted) };
    let mailbox = Mailbox { keys: keys_of(keys)?, terms: terms(row, 1)?, used: count(row, 3)?, frozen: row.try_get(4)? };
    Ok(Known::Open(mailbox))
}

pub(super) async fn list(client: Client, mailbox: MailboxId, after: u64, limit: u64) -> Result<Option<Page>, Trouble> {
    let statement = client.prepare_cached(LIST).await?;
    // One more than asked for: it tells whether more follow.
    let rows = client.query(&statement, &[&bytes(&mailbox.0), &stored(after), &stored(limit.saturating_add(1))]).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut files = rows.iter().filter_map(|row| entry(row).transpose()).collect::<Result<Vec<Entry>, Trouble>>()?;
    let more = files.len() as u64 > limit;
    files.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Some(Page { files, last: count(first, 0)?, count: count(first, 1)?, more, frozen: first.try_get(2)? }))
}

fn entry(row: &Row) -> Result<Option<Entry>, Trouble> {
    let Some(name) = row.try_get::<_, Option<&[u8]>>(4)? else { return Ok(None) };
    Ok(Some(Entry { n: count(row, 3)?, name: FileName(name.try_into().map_err(|_| StoreError::Damaged)?), size: count(row, 5)? }))
}

pub(super) async fn get(client: Client, mailbox: MailboxId, name: FileName) -> Result<Option<Vec<u8>>, Trouble> {
    let statement = client.prepare_cached(GET).await?;
    let row = client.query_opt(&statement, &[&bytes(&mailbox.0), &bytes(&name.0)]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn notice(client: Client, mailbox: MailboxId) -> Result<Option<Vec<u8>>, Trouble> {
    let statement = client.prepare_cached(NOTICE).await?;
    let row = client.query_opt(&statement, &[&bytes(&mailbox.0)]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn figures(client: Client) -> Result<Figures, Trouble> {
    let statement = client.prepare_cached(FIGURES).await?;
    let row = client.query_one(&statement, &[]).await?;
    Ok(Figures { mailboxes: count(&row, 0)?, files: count(&row, 1)?, bytes: count(&row, 2)? })
}

/// Returns quota and days of two columns that follow one another.
pub(super) fn terms(row: &Row, at: usize) -> Result<Terms, Trouble> {
    Ok(Terms { quota: count(row, at)?, keeps_days: count(row, at + 1)? })
}

/// Returns a number that the database holds as a signed one; a negative one was not written by us.
pub(super) fn count(row: &Row, at: usize) -> Result<u64, Trouble> {
    u64::try_from(row.try_get::<_, i64>(at)?).map_err(|_| StoreError::Damaged.into())
}

/// Returns a number as the database can hold it. Above is more than any disk has, or any file's number.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn bytes(name: &[u8; 32]) -> &[u8] {
    name.as_slice()
}

fn keys_of(keys: &[u8]) -> Result<PublicKeys, Trouble> {
    let key = |at: usize| keys.get(at..at + 32).and_then(|key| key.try_into().ok()).map(PublicKey).ok_or(StoreError::Damaged);
    Ok(PublicKeys { owner: key(0)?, write: key(32)?, read: key(64)? })
}
