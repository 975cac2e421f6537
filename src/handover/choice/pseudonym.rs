//! Who is meant, without saying who it is: names made by a keyed hash. The same in one bundle, other ones in the next.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::model::Kind;
use crate::model::short;

/// Hex digits of an entry's key.
const KEY_DIGITS: usize = 16;

/// Makes the pseudonyms of one bundle.
pub struct Pseudonyms(Zeroizing<[u8; 32]>);

impl Pseudonyms {
    /// Pseudonyms under the key of one bundle.
    pub fn new(key: &[u8; 32]) -> Pseudonyms {
        Pseudonyms(Zeroizing::new(*key))
    }

    /// Returns the id by which a record goes in this bundle: 64 hex digits.
    pub fn id(&self, id: &str) -> String {
        self.hex(&["id", id])
    }

    /// Returns what people call a record by voice: its kind's letter and six symbols.
    pub fn code(&self, kind: Kind, id: &str) -> String {
        short(kind.code(), &self.id(id))
    }

    /// Returns the key by which an entry of a record goes.
    pub fn entry(&self, record: &str, key: &str) -> String {
        self.hex(&["entry", record, key])[..KEY_DIGITS].to_owned()
    }

    fn hex(&self, parts: &[&str]) -> String {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.0.as_ref()).expect("any length is a key");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        hex::encode(mac.finalize().into_bytes())
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms")
    }
}
