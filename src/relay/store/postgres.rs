//! Mailboxes in PostgreSQL, for any number of relay processes on one database. The row of a mailbox is locked by whatever
//! writes to it until that is durable, so that its numbers have no gaps and are seen in their order. The only importer of
//! the PostgreSQL client.

mod outcome;
mod reading;
mod schema;
mod settings;
mod writing;

use std::future::Future;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

use self::outcome::Trouble;
use self::writing::Incoming;
use super::{Answer, Created, Figures, Known, Put, Store, StoreError, Terms, TicketId};
use crate::wire::body::Page;
use crate::wire::{FileName, MailboxId, PublicKeys};

pub use self::settings::{Settings, SettingsError};

/// How often something is tried whose outcome is unknown, or that met another process. It may be done twice without harm.
const TRIES: u32 = 4;
/// How long a connection is waited for.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long an answer is waited for: longer than the database itself lets a statement last.
const ANSWERING: Duration = Duration::from_secs(70);

/// The store.
#[derive(Debug)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Opens the store; makes or raises its tables where that is needed.
    ///
    /// # Errors
    /// Returns [`StoreError::Newer`] for tables of a newer version, [`StoreError::Away`] while the database is not there.
    pub async fn open(settings: Settings) -> Result<Postgres, StoreError> {
        let store = Postgres { pool: pool(settings)? };
        store.tried(schema::prepare).await?;
        Ok(store)
    }

    /// Reads everything once and compares what is counted with what is there, and each file with its name.
    ///
    /// # Errors
    /// Returns [`StoreError::Damaged`].
    pub async fn check(&self) -> Result<(), StoreError> {
        let client = self.pool.get().await.map_err(|error| Trouble::from(error).into_error())?;
        schema::check(client).await.map_err(Trouble::into_error)
    }

    /// Does some work on a connection, again when the connection broke or another process was in the way. Whether the work of
    /// a broken connection was done is not known: so it has to find that out when it is done again.
    async fn tried<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        W: Fn(Client) -> F,
        F: Future<Output = Result<T, Trouble>>,
    {
        for _ in 1..TRIES {
            match self.done(&work).await {
                Err(trouble) if trouble.may_pass() => {}
                outcome => return outcome.map_err(Trouble::into_error),
            }
        }
        self.done(&work).await.map_err(Trouble::into_error)
    }

    async fn done<T, W, F>(&self, work: &W) -> Result<T, Trouble>
    where
        W: Fn(Client) -> F,
        F: Future<Output = Result<T, Trouble>>,
    {
        let client = self.pool.get().await?;
        tokio::time::timeout(ANSWERING, work(client)).await.unwrap_or_else(|_| {
            self.pool.retain(|_, _| false);
            Err(Trouble::Store(StoreError::Away))
        })
    }
}

/// Makes the pool; connects to nothing yet.
fn pool(settings: Settings) -> Result<Pool, StoreError> {
    let recycled = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let (config, connections) = settings.into_parts();
    let pool = Pool::builder(Manager::from_config(config, NoTls, recycled)).max_size(connections).runtime(Runtime::Tokio1);
    let pool = pool.wait_timeout(Some(CONNECTING)).create_timeout(Some(CONNECTING)).recycle_timeout(Some(CONNECTING));
    pool.build().map_err(|error| StoreError::Failed(error.to_string()))
}

impl Store for Postgres {
    fn known(&self, mailbox: MailboxId) -> Answer<'_, Known> {
        Box::pin(self.tried(move |client| reading::known(client, mailbox)))
    }

    fn create(&self, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>, now: i64) -> Answer<'_, Created> {
        Box::pin(self.tried(move |client| writing::create(client, keys, terms, ticket, now)))
    }

    fn put(&self, mailbox: MailboxId, name: FileName, bytes: Vec<u8>, owner: bool, now: i64) -> Answer<'_, Put> {
        Box::pin(async move {
            let file = Incoming { mailbox, name, bytes: &bytes, owner, now };
            self.tried(|client| writing::put(client, file)).await
        })
    }

    fn list(&self, mailbox: MailboxId, after: u64, limit: u64) -> Answer<'_, Option<Page>> {
        Box::pin(self.tried(move |client| reading::list(client, mailbox, after, limit)))
    }

    fn get(&self, mailbox: MailboxId, name: FileName) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(self.tried(move |client| reading::get(client, mailbox, name)))
    }

    fn freeze(&self, mailbox: MailboxId, notice: Vec<u8>) -> Answer<'_, bool> {
        Box::pin(async move { self.tried(|client| writing::freeze(client, mailbox, &notice)).await })
    }

    fn notice(&self, mailbox: MailboxId) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(self.tried(move |client| reading::notice(client, mailbox)))
    }

    fn delete(&self, mailbox: MailboxId, now: i64) -> Answer<'_, bool> {
        Box::pin(async move {
            let perhaps = AtomicBool::new(false);
            self.tried(|client| writing::delete(client, mailbox, now, &perhaps)).await
        })
    }

    fn expire(&self, now: i64, batch: u64) -> Answer<'_, u64> {
        Box::pin(self.tried(move |client| writing::expire(client, now, batch)))
    }

    fn ready(&self) -> Answer<'_, ()> {
        Box::pin(self.tried(schema::ready))
    }

    fn figures(&self) -> Answer<'_, Figures> {
        Box::pin(self.tried(reading::figures))
    }
}
