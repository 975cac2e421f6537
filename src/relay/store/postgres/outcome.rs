//! What went wrong, as far as the relay can do something about it.

use deadpool_postgres::PoolError;
use tokio_postgres::error::{Error, SqlState};

use super::StoreError;

/// Why some work on a connection was not done, or was done without an answer.
#[derive(Debug)]
pub(super) enum Trouble {
    Store(StoreError),
    Database(Error),
}

impl Trouble {
    /// Tells whether the same work may go through when it is done again at once.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Trouble::Store(_) => false,
            Trouble::Database(error) => match error.code() {
                Some(code) => is_ended(code) || [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code),
                None => is_broken(error),
            },
        }
    }

    pub(super) fn into_error(self) -> StoreError {
        match self {
            Trouble::Store(error) => error,
            Trouble::Database(error) => match error.as_db_error() {
                Some(said) => told(said.code(), said.message()),
                None if is_broken(&error) => StoreError::Away,
                None => StoreError::Failed(error.to_string()),
            },
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Database(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        Trouble::Store(error)
    }
}

/// No connection could be had. Nothing was asked yet, and trying again at once helps nobody.
impl From<PoolError> for Trouble {
    fn from(error: PoolError) -> Trouble {
        Trouble::Store(match error {
            PoolError::Backend(error) => Trouble::Database(error).into_error(),
            _ => StoreError::Away,
        })
    }
}

/// Translates what the database said. Its message names tables and columns, never what is in them: values only stand in the
/// detail, which is left out.
fn told(code: &SqlState, message: &str) -> StoreError {
    let waited_too_long = [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED, SqlState::TOO_MANY_CONNECTIONS];
    match code.code().get(..2) {
        _ if is_ended(code) || waited_too_long.contains(code) => StoreError::Away,
        Some("08") => StoreError::Away,
        Some("XX") => StoreError::Damaged,
        _ if *code == SqlState::DISK_FULL => StoreError::Full,
        _ => StoreError::Failed(format!("{message} ({})", code.code())),
    }
}

/// Tells whether the database ended the connection, or is starting or stopping.
fn is_ended(code: &SqlState) -> bool {
    let ends = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    ends.contains(code)
}

/// Tells whether the connection broke, or never came about.
fn is_broken(error: &Error) -> bool {
    error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}
