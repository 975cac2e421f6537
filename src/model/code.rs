//! Short codes, by which people call a record by voice and on paper.

use super::Kind;

/// Letters of short codes: no digit is taken for a letter, no letter for another.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols of a short code: 30 bits.
const SYMBOLS: usize = 6;

/// Returns the short code of a record: kind letter and six symbols of its id.
pub fn short(kind: &str, id: &str) -> String {
    let letter = Kind::named(kind).map_or('X', Kind::letter);
    let bits = u64::from_str_radix(id.get(..10).unwrap_or("0"), 16).unwrap_or(0) >> 10;
    let symbol = |place: usize| char::from(ALPHABET[(bits >> (5 * (SYMBOLS - 1 - place)) & 31) as usize]);
    format!("{letter}-{}", (0..SYMBOLS).map(symbol).collect::<String>())
}
