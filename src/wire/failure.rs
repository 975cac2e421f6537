//! Why a request is refused: one code and one status each.

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Failure {
    #[error("the request is misshapen")]
    Malformed,
    #[error("the body does not fit its hash")]
    BodyHash,
    #[error("the request is not signed")]
    Unsigned,
    #[error("the signature does not fit")]
    Signature,
    #[error("the nonce is missing, too old or not from here")]
    Nonce,
    #[error("that key may not do this")]
    WrongKey,
    #[error("a ticket or a proof of work is needed")]
    Ticket,
    #[error("the mailbox is frozen")]
    Frozen,
    #[error("there is no such path")]
    NoPath,
    #[error("there is no such mailbox")]
    NoMailbox,
    #[error("there is no such file")]
    NoFile,
    #[error("that method is not for this path")]
    Method,
    #[error("the body came too slowly")]
    Slow,
    #[error("the mailbox was deleted")]
    Deleted,
    #[error("the length of the body must be said")]
    Length,
    #[error("the body is too large")]
    TooLarge,
    #[error("there are no such bytes")]
    Range,
    #[error("too many requests")]
    Rate,
    #[error("the store failed")]
    Store,
    #[error("the relay is stopping")]
    Stopping,
    #[error("the mailbox is full")]
    Quota,
}

impl Failure {
    /// Every refusal there is.
    pub const ALL: [Failure; 21] = [
        Failure::Malformed,
        Failure::BodyHash,
        Failure::Unsigned,
        Failure::Signature,
        Failure::Nonce,
        Failure::WrongKey,
        Failure::Ticket,
        Failure::Frozen,
        Failure::NoPath,
        Failure::NoMailbox,
        Failure::NoFile,
        Failure::Method,
        Failure::Slow,
        Failure::Deleted,
        Failure::Length,
        Failure::TooLarge,
        Failure::Range,
        Failure::Rate,
        Failure::Store,
        Failure::Stopping,
        Failure::Quota,
    ];

    /// Returns the stable code in the body, e.g. `quota`.
    pub fn code(self) -> &'static str {
        self.both().0
    }

    /// Returns the HTTP status.
    pub fn status(self) -> u16 {
        self.both().1
    }

    /// Finds a refusal by its code.
    pub fn named(code: &str) -> Option<Failure> {
        Failure::ALL.into_iter().find(|failure| failure.code() == code)
    }

    fn both(self) -> (&'static str, u16) {
        match self {
            Failure::Malformed => ("malformed", 400),
            Failure::BodyHash => ("body-hash", 400),
            Failure::Unsigned => ("unsigned", 401),
            Failure::Signature => ("signature", 401),
            Failure::Nonce => ("nonce", 401),
            Failure::WrongKey => ("wrong-key", 403),
            Failure::Ticket => ("ticket", 403),
            Failure::Frozen => ("frozen", 403),
            Failure::NoPath => ("no-path", 404),
            Failure::NoMailbox => ("no-mailbox", 404),
            Failure::NoFile => ("no-file", 404),
            Failure::Method => ("method", 405),
            Failure::Slow => ("slow", 408),
            Failure::Deleted => ("deleted", 410),
            Failure::Length => ("length", 411),
            Failure::TooLarge => ("too-large", 413),
            Failure::Range => ("range", 416),
            Failure::Rate => ("rate", 429),
            Failure::Store => ("store", 503),
            Failure::Stopping => ("stopping", 503),
            Failure::Quota => ("quota", 507),
        }
    }
}
