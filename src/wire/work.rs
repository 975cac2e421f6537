//! Proof of work: what a mailbox costs whoever has no ticket.

use sha2::{Digest, Sha256};

use super::id::{MailboxId, Pin};

/// First line of what is hashed.
const WORK: &str = "sandyq relay work v1\n";

/// Tells whether a number proves work for this mailbox at this relay.
pub fn is_done(mailbox: &MailboxId, pin: &Pin, number: u64, bits: u32) -> bool {
    let hashed = Sha256::new().chain_update(WORK).chain_update(mailbox.0).chain_update(pin.0).chain_update(number.to_be_bytes());
    leading_zeros(&hashed.finalize()) >= bits
}

/// Finds a number that proves work: about 2^bits hashes.
pub fn find(mailbox: &MailboxId, pin: &Pin, bits: u32) -> u64 {
    (0..).find(|number| is_done(mailbox, pin, *number, bits)).expect("some number has so many zeros")
}

fn leading_zeros(bytes: &[u8]) -> u32 {
    let zero = bytes.iter().take_while(|byte| **byte == 0).count();
    zero as u32 * 8 + bytes.get(zero).map_or(0, |byte| byte.leading_zeros())
}
