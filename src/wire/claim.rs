//! What a request says of itself in its `Authorization` line, and the text that its signature is over. The text begins with a
//! line of its own, so that no signature made for anything else fits it.

use std::fmt;
use std::str::FromStr;

use super::id::{Pin, bytes_of};

/// First word of the `Authorization` line.
const SCHEME: &str = "Sandyq";
/// First line of the text that is signed.
const FIRST_LINE: &str = "sandyq relay request v1";
/// Most bytes of an `Authorization` line.
const MAX_LINE: usize = 512;

/// Which key of a mailbox signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Owner,
    Write,
    Read,
}

impl Key {
    const ALL: [Key; 3] = [Key::Owner, Key::Write, Key::Read];

    /// Returns the word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Key::Owner => "owner",
            Key::Write => "write",
            Key::Read => "read",
        }
    }
}

/// What stands in the `Authorization` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub key: Key,
    /// Given by the server minutes ago; only `put` needs none.
    pub nonce: Option<String>,
    /// SHA-256 of the body; of the empty body where there is none.
    pub body: [u8; 32],
    pub signature: [u8; 64],
}

/// Returns the text that the signature of a request is over. `target` is path and query as they are sent.
pub fn text(method: &str, target: &str, pin: &Pin, key: Key, nonce: Option<&str>, body: &[u8; 32]) -> Vec<u8> {
    let nonce = nonce.unwrap_or("-");
    format!("{FIRST_LINE}\n{method}\n{target}\n{pin}\n{}\n{nonce}\n{}\n", key.word(), hex::encode(body)).into_bytes()
}

/// An `Authorization` line that is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no claim of this protocol")]
pub struct NoClaim;

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce = self.nonce.as_deref().unwrap_or("-");
        write!(f, "{SCHEME} {} {nonce} {} {}", self.key.word(), hex::encode(self.body), hex::encode(self.signature))
    }
}

impl FromStr for Claim {
    type Err = NoClaim;

    fn from_str(line: &str) -> Result<Claim, NoClaim> {
        let words: Vec<&str> = if line.len() <= MAX_LINE { line.split(' ').collect() } else { Vec::new() };
        let [SCHEME, key, nonce, body, signature] = words[..] else { return Err(NoClaim) };
        let key = Key::ALL.into_iter().find(|known| known.word() == key).ok_or(NoClaim)?;
        let lower = signature.bytes().all(|byte| !byte.is_ascii_uppercase());
        let signature = hex::decode(signature).ok().filter(|_| lower).and_then(|bytes| bytes.try_into().ok()).ok_or(NoClaim)?;
        let nonce = (nonce != "-").then(|| nonce.to_owned());
        Ok(Claim { key, nonce, body: bytes_of(body).map_err(|_| NoClaim)?, signature })
    }
}
