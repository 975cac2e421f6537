//! Keys by purpose, sealing and signing. Bytes in, bytes out; the only importer of age.
//! No algorithm is made here: age seals, Ed25519 signs, SHA-256 names, HKDF derives.

mod hash;
pub mod labels;
mod mailbox;
mod pad;
mod seal;
mod sign;
mod stretch;
pub mod words;

pub use hash::{hash, plain_hash};
pub use mailbox::MailboxKey;
pub use pad::{padded, padme, unpadded};
pub use seal::{Identity, MAX_SEALED, Opened, Passphrase, Recipient, SealError, Sealed, open, open_with_passphrase, seal, seal_with_passphrase, stanzas};
pub use sign::{DeviceId, SigningKey};
pub use stretch::{SAFETY_LOG_N, stretch};
pub use words::{Lang, read_safety, recovery_keys, safety_digits, safety_words};
