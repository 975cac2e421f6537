//! Connections that read: a few, opened when they are needed first.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{StoreError, failed, tables};

/// Most that read at a time.
const MOST: usize = 8;

/// The connections.
#[derive(Debug)]
pub struct Readers {
    idle: Arc<Idle>,
    places: Semaphore,
}

#[derive(Debug)]
struct Idle {
    path: PathBuf,
    connections: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Reads from a file.
    pub fn new(path: &Path) -> Readers {
        let idle = Idle { path: path.to_owned(), connections: Mutex::default() };
        Readers { idle: Arc::new(idle), places: Semaphore::new(MOST) }
    }

    /// Reads on a thread that may wait for the disk.
    pub async fn read<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let _place = self.places.acquire().await.map_err(|_| StoreError::Away)?;
        let idle = Arc::clone(&self.idle);
        tokio::task::spawn_blocking(move || idle.with(look)).await.unwrap_or(Err(StoreError::Away))
    }

    /// Reads at once.
    pub fn with<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.idle.with(look)
    }
}

impl Idle {
    fn with<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let idle = self.connections.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let read = || {
            let db = idle.map_or_else(|| tables::reader(&self.path), Ok)?;
            let seen = look(&db)?;
            self.connections.lock().unwrap_or_else(PoisonError::into_inner).push(db);
            Ok(seen)
        };
        read().map_err(|error: rusqlite::Error| failed(&error))
    }
}
