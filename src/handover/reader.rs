//! The reader that a lawyer opens in a browser: a page without data, made in `reader/` and given once.

use crate::crypto::plain_hash;

/// The page.
pub const PAGE: &[u8] = include_bytes!("reader/OPEN.html");

/// Returns the SHA-256 of the page in hex, as it stands on the paper that is handed over with it.
pub fn sha256() -> String {
    hex::encode(plain_hash(PAGE))
}
