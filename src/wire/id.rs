//! Names on the wire: 32 bytes each, written as 64 lower-case hex digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// First line of what a mailbox id is the hash of.
const MAILBOX: &str = "sandyq relay mailbox v1\n";

/// A text that is not 64 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 lower-case hex digits")]
pub struct NotHex;

macro_rules! named_by_32_bytes {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotHex;

            fn from_str(text: &str) -> Result<Self, NotHex> {
                bytes_of(text).map($name)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

named_by_32_bytes!(
    /// A mailbox: the hash of its three public keys.
    MailboxId
);
named_by_32_bytes!(
    /// A file: the SHA-256 of its bytes.
    FileName
);
named_by_32_bytes!(
    /// A relay: the SHA-256 of the public key in its certificate (SubjectPublicKeyInfo, DER).
    Pin
);
named_by_32_bytes!(
    /// An Ed25519 public key.
    PublicKey
);

/// The three keys of a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    pub owner: PublicKey,
    pub write: PublicKey,
    pub read: PublicKey,
}

impl PublicKeys {
    /// Returns the mailbox that these keys make.
    pub fn mailbox(&self) -> MailboxId {
        let keys = [self.owner.0, self.write.0, self.read.0].concat();
        MailboxId(Sha256::new().chain_update(MAILBOX).chain_update(keys).finalize().into())
    }
}

impl FileName {
    /// Returns the name of these bytes.
    pub fn of(bytes: &[u8]) -> FileName {
        FileName(Sha256::digest(bytes).into())
    }
}

/// Reads 32 bytes from lower-case hex.
pub(super) fn bytes_of(text: &str) -> Result<[u8; 32], NotHex> {
    let lower = text.bytes().all(|byte| !byte.is_ascii_uppercase());
    hex::decode(text).ok().filter(|_| lower).and_then(|bytes| bytes.try_into().ok()).ok_or(NotHex)
}
