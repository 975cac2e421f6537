//! The tables and their version.

use deadpool_postgres::{Client, Transaction};

use super::outcome::Trouble;
use crate::relay::store::StoreError;

/// What made each version out of the one before. A released one never changes.
const VERSIONS: &[&str] = &[FIRST];

/// A mailbox without keys was deleted. Bodies are sealed: nothing is gained by packing them.
const FIRST: &str = "
    CREATE SCHEMA sandyq;
    CREATE TABLE sandyq.relay (version integer NOT NULL);
    INSERT INTO sandyq.relay VALUES (0);
    CREATE TABLE sandyq.mailbox (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id bytea NOT NULL UNIQUE CHECK (octet_length(id) = 32),
        keys bytea CHECK (octet_length(keys) = 96),
        deleted bigint CHECK ((deleted IS NULL) = (keys IS NOT NULL)),
        quota bigint NOT NULL CHECK (quota >= 0),
        keeps_days bigint NOT NULL CHECK (keeps_days >= 0),
        last bigint NOT NULL DEFAULT 0 CHECK (last >= 0),
        files bigint NOT NULL DEFAULT 0 CHECK (files BETWEEN 0 AND last),
        used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
        notice bytea
    );
    CREATE TABLE sandyq.file (
        box bigint NOT NULL REFERENCES sandyq.mailbox,
        n bigint NOT NULL CHECK (n > 0),
        expires bigint NOT NULL,
        name bytea NOT NULL CHECK (octet_length(name) = 32),
        body bytea NOT NULL,
        PRIMARY KEY (box, n),
        UNIQUE (box, name)
    );
    CREATE INDEX file_expires ON sandyq.file (expires);
    ALTER TABLE sandyq.file ALTER COLUMN body SET STORAGE EXTERNAL;
    ALTER TABLE sandyq.mailbox ALTER COLUMN notice SET STORAGE EXTERNAL;
    CREATE TABLE sandyq.ticket (id bytea PRIMARY KEY CHECK (octet_length(id) = 32), spent bigint NOT NULL);
";

/// Mailboxes that do not say what is in them, or hold what has another name.
const MISCOUNTED: &str = "
    SELECT EXISTS (
        SELECT 1 FROM sandyq.mailbox m LEFT JOIN (
            SELECT box, count(*) AS files, sum(octet_length(body)) AS bytes, max(n) AS last, bool_and(sha256(body) = name) AS named
            FROM sandyq.file GROUP BY box
        ) f ON f.box = m.number
        WHERE m.files <> coalesce(f.files, 0) OR m.last < coalesce(f.last, 0) OR NOT coalesce(f.named, true)
            OR m.used <> coalesce(f.bytes, 0) + coalesce(octet_length(m.notice), 0)
    )";

/// Held while the version is looked at and raised, so that processes that start together make the tables once: `sandyq` in ASCII.
const LOCK: i64 = 0x7361_6e64_7971;

/// Makes the tables, or raises them to this version.
pub(super) async fn prepare(mut client: Client) -> Result<(), Trouble> {
    durable(&client).await?;
    let tx = client.transaction().await?;
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let version = version(&tx).await?;
    let missing = VERSIONS.get(version..).ok_or(StoreError::Newer)?;
    if missing.is_empty() {
        return Ok(());
    }
    tx.batch_execute(&missing.concat()).await?;
    tx.execute("UPDATE sandyq.relay SET version = $1", &[&(VERSIONS.len() as i32)]).await?;
    Ok(tx.commit().await?)
}

/// Writes a row: that a connection is there says nothing of the disk.
pub(super) async fn ready(client: Client) -> Result<(), Trouble> {
    let statement = client.prepare_cached("UPDATE sandyq.relay SET version = version RETURNING version").await?;
    let version: i32 = client.query_opt(&statement, &[]).await?.ok_or(StoreError::Damaged)?.try_get(0)?;
    if known(version)? > VERSIONS.len() { Err(StoreError::Newer.into()) } else { Ok(()) }
}

/// Compares what is counted with what is there, however long that takes.
pub(super) async fn check(mut client: Client) -> Result<(), Trouble> {
    let tx = client.transaction().await?;
    tx.batch_execute("SET LOCAL statement_timeout = 0").await?;
    let miscounted: bool = tx.query_one(MISCOUNTED, &[]).await?.try_get(0)?;
    if miscounted { Err(StoreError::Damaged.into()) } else { Ok(()) }
}

async fn version(tx: &Transaction<'_>) -> Result<usize, Trouble> {
    let there: bool = tx.query_one("SELECT to_regclass('sandyq.relay') IS NOT NULL", &[]).await?.try_get(0)?;
    if !there {
        return Ok(0);
    }
    known(tx.query_opt("SELECT version FROM sandyq.relay", &[]).await?.ok_or(StoreError::Damaged)?.try_get(0)?)
}

fn known(version: i32) -> Result<usize, Trouble> {
    usize::try_from(version).map_err(|_| StoreError::Damaged.into())
}

/// Refuses a database that acknowledges what is not on its disk.
async fn durable(client: &Client) -> Result<(), Trouble> {
    let fsync: String = client.query_one("SHOW fsync", &[]).await?.try_get(0)?;
    if fsync == "on" { Ok(()) } else { Err(StoreError::Failed("the database runs with fsync off: what it has may be lost".to_owned()).into()) }
}
