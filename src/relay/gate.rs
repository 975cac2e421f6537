//! Who may come in: claims, nonces and signatures. A server keeps no list of nonces: each carries a MAC of its own.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use ed25519_dalek::{Signature, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::counted::Counted;
use crate::wire::id::PublicKey;
use crate::wire::limits::NONCE_SECONDS;
use crate::wire::{Claim, Failure, Key, Pin, claim};

/// Label of the derivation from the relay's private key.
const LABEL: &[u8] = b"sandyq relay secret v1";
/// First line of what the MAC of a nonce is over.
const NONCE: &[u8] = b"sandyq relay nonce v1\n";
/// Bytes of a MAC that are sent.
pub(super) const MAC_BYTES: usize = 16;
/// Bytes before the MAC of a nonce: time and random.
const SAID: usize = 16;

/// What nonces and tickets are known by: the same for every process with one key.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// Derives it from the relay's private key (DER).
    pub fn of_key(private: &[u8]) -> Secret {
        let mut secret = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, private).expand(LABEL, secret.as_mut()).expect("32 bytes are few enough");
        Secret(secret)
    }

    /// Returns the MAC over a first line and some bytes.
    pub(super) fn mac(&self, first_line: &[u8], bytes: &[u8]) -> Hmac<Sha256> {
        <Hmac<Sha256> as Mac>::new_from_slice(self.0.as_ref()).expect("any length is a key").chain_update(first_line).chain_update(bytes)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Returns a nonce of this moment.
pub fn nonce(secret: &Secret, now: i64, random: [u8; 8]) -> String {
    let mut bytes = now.to_be_bytes().to_vec();
    bytes.extend(random);
    let mac = secret.mac(NONCE, &bytes).finalize().into_bytes();
    bytes.extend(&mac[..MAC_BYTES]);
    hex::encode(bytes)
}

/// Checks that a nonce was given here, minutes ago at most.
///
/// # Errors
/// Returns [`Failure::Nonce`] for any other text, or none.
pub fn check_nonce(secret: &Secret, nonce: Option<&str>, now: i64) -> Result<(), Failure> {
    let bytes = nonce.filter(|text| text.len() == 2 * (SAID + MAC_BYTES)).and_then(|text| hex::decode(text).ok()).ok_or(Failure::Nonce)?;
    let (said, mac) = bytes.split_at(SAID);
    secret.mac(NONCE, said).verify_truncated_left(mac).map_err(|_| Failure::Nonce)?;
    let given = i64::from_be_bytes(said[..8].try_into().expect("8 bytes"));
    if now.abs_diff(given) <= NONCE_SECONDS { Ok(()) } else { Err(Failure::Nonce) }
}

/// Reads the one `Authorization` line of a request.
///
/// # Errors
/// Returns [`Failure::Unsigned`] without one, [`Failure::Malformed`] for more than one or for one of another shape.
pub fn claim(headers: &HeaderMap) -> Result<Claim, Failure> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = lines.next().ok_or(Failure::Unsigned)?;
    let text = line.to_str().ok().filter(|_| lines.next().is_none()).ok_or(Failure::Malformed)?;
    text.parse().map_err(|_| Failure::Malformed)
}

/// What a request has to bring: one of these keys, and a nonce or none.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    pub keys: &'static [Key],
    pub nonce: bool,
}

impl Need {
    /// To put a file.
    pub const PUT: Need = Need { keys: &[Key::Write, Key::Owner], nonce: false };
    /// To read.
    pub const READ: Need = Need { keys: &[Key::Read, Key::Owner], nonce: true };
    /// To make, freeze or delete.
    pub const OWN: Need = Need { keys: &[Key::Owner], nonce: true };
}

/// The text of a request that its claim is about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub method: &'a str,
    /// Path and query as they were sent.
    pub target: &'a str,
}

/// Checks the signature of a claim by a key, for one of the pins of this relay.
///
/// # Errors
/// Returns [`Failure::Signature`].
pub fn check_signature(asked: Asked<'_>, claim: &Claim, key: &PublicKey, pins: &[Pin], counted: &Counted) -> Result<(), Failure> {
    let key = VerifyingKey::from_bytes(&key.0).map_err(|_| Failure::Signature)?;
    let signature = Signature::from_bytes(&claim.signature);
    let fits = |pin: &Pin| {
        counted.signature();
        let text = claim::text(asked.method, asked.target, pin, claim.key, claim.nonce.as_deref(), &claim.body);
        key.verify_strict(&text, &signature).is_ok()
    };
    if pins.iter().any(fits) { Ok(()) } else { Err(Failure::Signature) }
}
