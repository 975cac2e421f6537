//! Sizes that say little: Padmé (at most 12 % more), with a floor of 1 KiB.

/// Smallest padded size in bytes.
const FLOOR: usize = 1024;

/// Returns the padded size for a length in bytes.
pub fn padme(length: usize) -> usize {
    let length = length.max(FLOOR);
    let exponent = length.ilog2();
    let mantissa_bits = exponent.ilog2() + 1;
    let mask = (1_usize << exponent.saturating_sub(mantissa_bits)) - 1;
    (length + mask) & !mask
}

/// Returns bytes without the zeros at their end: text as it was before padding.
pub fn unpadded(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// Appends zeros up to the padded size.
pub fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(padme(bytes.len()), 0);
    bytes
}
