//! Opens the store that the settings name.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::folder::Folder;
use super::settings::{Kind, Place, Url};
use super::words::Fault;
use crate::relay::Store;
use crate::relay::store::memory::Memory;
use crate::relay::store::sqlite::Sqlite;
use crate::relay::store::{Figures, StoreError};

/// Opens a store.
///
/// # Errors
/// Returns what is in the way of it.
pub async fn open(place: &Place, folder: &Folder) -> Result<Arc<dyn Store>, Fault> {
    match (place.kind, &place.url) {
        (Kind::Memory, _) => Ok(Arc::new(Memory::default())),
        (Kind::Sqlite, _) => Ok(Arc::new(sqlite(&folder.store_path())?)),
        (Kind::Postgres, url) => postgres(url.as_ref()).await,
    }
}

/// Opens the store in one file, makes it where there is none.
///
/// # Errors
/// Returns what is in the way of it.
pub fn sqlite(path: &Path) -> Result<Sqlite, Fault> {
    Sqlite::open(path).map_err(|error| match error {
        StoreError::Away => Fault::StoreHeld { path: path.to_owned() },
        error => Fault::Store(error),
    })
}

/// Reads all of the store in one file; returns how much is in it.
///
/// # Errors
/// Returns [`StoreError::Damaged`] where something does not fit.
pub fn look_through(path: &Path) -> Result<Figures, Fault> {
    let store = sqlite(path)?;
    store.check()?;
    let runtime = Runtime::new().map_err(Fault::System)?;
    Ok(runtime.block_on(store.figures())?)
}

/// Opens a database.
#[cfg(feature = "postgres")]
async fn postgres(url: Option<&Url>) -> Result<Arc<dyn Store>, Fault> {
    use crate::relay::store::postgres::{Postgres, Settings, SettingsError};
    let text = url.map_or("", |url| &url.0);
    let settings: Settings = text.parse().map_err(|error: SettingsError| Fault::Url(error.to_string()))?;
    Ok(Arc::new(Postgres::open(settings).await?))
}

#[cfg(not(feature = "postgres"))]
async fn postgres(_url: Option<&Url>) -> Result<Arc<dyn Store>, Fault> {
    Err(Fault::NoPostgres)
}
