//! What people compare by voice: short values that cost scrypt's work for every guess.

use scrypt::Params;

use super::hash::hash;
use super::labels;

/// scrypt work factor (log2 N) of the program: 0.4 s and 128 MiB a guess.
pub const SAFETY_LOG_N: u8 = 17;
/// Block size and lanes, as age takes them.
const BLOCK: u32 = 8;
const LANES: u32 = 1;
/// The last six of the 72 bits are not used.
const USED_OF_LAST: u8 = 0b1100_0000;

/// Stretches bytes under a label to 66 bits: the last six bits are zero. Whoever wants other bytes with the same 66 bits
/// has to try 2^66 times, with 2^`log_n` work each.
///
/// # Panics
/// Panics for a work factor of 64 or more, which nobody can compute.
pub fn stretch(label: &str, bytes: &[u8], log_n: u8) -> [u8; 9] {
    let params = Params::new(log_n, BLOCK, LANES, Params::RECOMMENDED_LEN).expect("a work factor that can be computed");
    let mut short = [0; 9];
    scrypt::scrypt(bytes, &hash(labels::SAFETY_SALT, &[label.as_bytes()]), &params, &mut short).expect("nine bytes are a length that scrypt gives");
    short[8] &= USED_OF_LAST;
    short
}
