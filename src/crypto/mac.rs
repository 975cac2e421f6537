//! Marks that only holders of a secret can make: HMAC-SHA-256.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Marks bytes under a secret.
pub fn mac(secret: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    keyed(secret, bytes).finalize().into_bytes().into()
}

/// Tells, in constant time, whether a mark is that of these bytes under the secret.
pub fn mac_fits(secret: &[u8; 32], bytes: &[u8], mark: &[u8]) -> bool {
    keyed(secret, bytes).verify_slice(mark).is_ok()
}

fn keyed(secret: &[u8; 32], bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(bytes);
    mac
}
