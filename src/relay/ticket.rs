//! Tickets: single-use codes with which an operator lets somebody make a mailbox. Nothing is kept of a ticket until it is
//! spent; then its hash is.

use hmac::Mac;
use sha2::{Digest, Sha256};

use super::gate::{MAC_BYTES, Secret};
use super::store::{Terms, TicketId};

/// First letter of a ticket.
const LETTER: char = 'T';
/// First line of what the MAC is over.
const FIRST_LINE: &[u8] = b"sandyq relay ticket v1\n";
/// Random bytes of a ticket.
const RANDOM: usize = 16;
/// Bytes before the MAC: random, quota, days, end.
const SAID: usize = RANDOM + 8 + 2 + 8;

/// What a good ticket gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub id: TicketId,
    pub terms: Terms,
}

/// Returns a ticket that is good until a moment (seconds since 1970). Days beyond 65535 count as so many.
pub fn issue(secret: &Secret, terms: Terms, until: u64, random: [u8; RANDOM]) -> String {
    let days = u16::try_from(terms.keeps_days).unwrap_or(u16::MAX);
    let mut bytes = random.to_vec();
    bytes.extend(terms.quota.to_be_bytes());
    bytes.extend(days.to_be_bytes());
    bytes.extend(until.to_be_bytes());
    let mac = secret.mac(FIRST_LINE, &bytes).finalize().into_bytes();
    bytes.extend(&mac[..MAC_BYTES]);
    format!("{LETTER}{}", hex::encode(bytes))
}

/// Returns what a ticket of this relay gives; nothing for any other text, or once it is too old. One ticket is one text.
pub fn check(secret: &Secret, text: &str, now: i64) -> Option<Ticket> {
    let digits = text.strip_prefix(LETTER).filter(|digits| digits.len() == 2 * (SAID + MAC_BYTES))?;
    let lower = digits.bytes().all(|byte| !byte.is_ascii_uppercase());
    let bytes = hex::decode(digits).ok().filter(|_| lower)?;
    let (said, mac) = bytes.split_at(SAID);
    secret.mac(FIRST_LINE, said).verify_truncated_left(mac).ok()?;
    let (terms, until) = said_of(said);
    let fresh = u64::try_from(now).is_ok_and(|now| now <= until);
    fresh.then(|| Ticket { id: Sha256::digest(text).into(), terms })
}

/// Reads quota, days and end.
fn said_of(said: &[u8]) -> (Terms, u64) {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    let (quota, rest) = said[RANDOM..].split_at(8);
    let (days, until) = rest.split_at(2);
    (Terms { quota: number(quota), keeps_days: number(days) }, number(until))
}
