//! Keys by purpose, sealing and signing. Bytes in, bytes out; the only importer of age and of ssh-key.
//! No algorithm is made here: age seals, Ed25519 signs, SHA-256 names, HKDF derives.

mod handover;
mod hash;
mod keyfile;
pub mod labels;
mod mac;
mod mailbox;
mod pad;
mod seal;
mod sign;
mod sshsig;
mod stream;
mod stretch;
pub mod words;

pub use handover::HandoverKey;
pub use hash::{Hasher, hash, plain_hash};
pub use keyfile::{KeyFileError, KeyRecipient, OpeningKeys};
pub use mac::{mac, mac_fits};
pub use mailbox::MailboxKey;
pub use pad::{padded, padme, unpadded};
pub use seal::{
    Identity, MAX_SEALED, Named, Opened, Passphrase, Recipient, SealError, Sealed, open, open_with_passphrase, seal, seal_with_passphrase, stanzas,
};
pub use sign::{DeviceId, SigningKey};
pub use sshsig::{HandoverSigner, SignatureFault};
pub use stream::{Lock, OpenedStream, SealingStream, is_damage, open_stream, seal_stream, wants_words};
pub use stretch::{SAFETY_LOG_N, stretch};
pub use words::{Lang, read_safety, recovery_keys, safety_digits, safety_words};
