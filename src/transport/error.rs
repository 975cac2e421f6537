//! What can go wrong with a place, each with a stable code.

use std::io::{self, ErrorKind};

use super::Fault;
use super::relay::Interception;
use crate::wire::Failure;

/// A kind of failure; people see `err-<code>` and `hint-<code>` in their language.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("the place cannot be reached")]
    Unreachable,
    #[error("the place cannot be written")]
    NotWritable,
    #[error("the place is full")]
    Full,
    #[error("a file there does not fit its name")]
    Damaged(Fault),
    #[error("the last listing has no such file")]
    NotListed,
    #[error("a file of that name is there")]
    Exists,
    #[error("it is no plain file")]
    NotPlain,
    #[error("the file is over the limit")]
    TooLarge,
    /// The closure that opens a file had no bytes, or not those of the name; its reason.
    #[error("a file to leave could not be read: {0}")]
    Source(Box<dyn std::error::Error + Send + Sync>),
    #[error("the disk failed: {0}")]
    Io(io::Error),
    /// Somebody with another key answered for the relay; nothing was sent to them.
    #[error("the connection is intercepted")]
    Intercepted(Box<Interception>),
    /// What answers speaks no TLS: a network that wants a login first.
    #[error("something else than the relay answers, without TLS")]
    CaptivePortal,
    /// What answers breaks off or speaks an older TLS, and showed no key.
    #[error("something else than the relay answers")]
    WrongRelay,
    #[error("the relay's answer is none of this protocol")]
    OddAnswer,
    #[error("the mailbox is not made yet")]
    NoMailbox,
    #[error("the relay refuses: {0}")]
    Refused(Failure),
    #[error("that is no address of a relay")]
    NoAddress,
    #[error("that is no proxy which looks names up itself")]
    Proxy,
}

impl TransportError {
    /// Returns the stable code, e.g. `place-unreachable`.
    pub fn code(&self) -> &'static str {
        match self {
            TransportError::Unreachable => "place-unreachable",
            TransportError::NotWritable => "place-not-writable",
            TransportError::Full => "place-full",
            TransportError::Damaged(_) => "place-damaged",
            TransportError::NotListed => "place-not-listed",
            TransportError::Exists => "place-exists",
            TransportError::NotPlain => "place-not-plain",
            TransportError::TooLarge => "place-too-large",
            TransportError::Source(_) => "place-source",
            TransportError::Io(_) => "place-io",
            TransportError::Intercepted(_) => "relay-intercepted",
            TransportError::CaptivePortal => "relay-captive-portal",
            TransportError::WrongRelay => "relay-wrong",
            TransportError::OddAnswer => "relay-odd-answer",
            TransportError::NoMailbox => "relay-no-mailbox",
            TransportError::Refused(Failure::Ticket) => "relay-ticket",
            TransportError::Refused(Failure::Deleted) => "relay-deleted",
            TransportError::Refused(Failure::Rate | Failure::Slow | Failure::Store | Failure::Stopping) => "relay-busy",
            TransportError::Refused(Failure::Quota) => "relay-full",
            TransportError::Refused(_) => "relay-refused",
            TransportError::NoAddress => "relay-address",
            TransportError::Proxy => "relay-proxy",
        }
    }
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => TransportError::Unreachable,
            ErrorKind::AlreadyExists => TransportError::Exists,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => TransportError::NotWritable,
            _ if is_full(&error) => TransportError::Full,
            _ => TransportError::Io(error),
        }
    }
}

/// What a place suffers from that is only read.
pub(super) fn reading(error: io::Error) -> TransportError {
    if error.kind() == ErrorKind::PermissionDenied { TransportError::Unreachable } else { error.into() }
}

/// Tells whether a disk has no room, or none for a file of that size.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}
