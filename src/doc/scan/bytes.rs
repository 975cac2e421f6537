//! A row of bytes read from the front. Nothing is reserved before its length was compared with what is left.

use super::ScanError;

/// What is left to read.
#[derive(Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// Takes so many bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], ScanError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(ScanError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Takes 32 bytes.
    pub fn hash(&mut self) -> Result<[u8; 32], ScanError> {
        self.take(32)?.try_into().map_err(|_| ScanError::Length)
    }

    pub fn text(&mut self, count: usize) -> Result<&'a str, ScanError> {
        std::str::from_utf8(self.take(count)?).map_err(|_| ScanError::Text)
    }

    /// Reads a number of things each of which takes at least a byte.
    pub fn length(&mut self) -> Result<usize, ScanError> {
        let length = usize::try_from(self.unsigned()?).map_err(|_| ScanError::Length)?;
        if length <= self.0.len() { Ok(length) } else { Err(ScanError::Length) }
    }

    /// Reads an unsigned LEB128 number in its shortest form.
    pub fn unsigned(&mut self) -> Result<u64, ScanError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { return Err(ScanError::Length) };
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(ScanError::Number);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(ScanError::Number) } else { Ok(value) };
            }
        }
        Err(ScanError::Number)
    }

    /// Reads a signed LEB128 number in its shortest form.
    pub fn signed(&mut self) -> Result<i64, ScanError> {
        let (mut value, mut before) = (0_i64, 0_u8);
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { return Err(ScanError::Length) };
            if shift == 63 && byte != 0 && byte != 0x7f {
                return Err(ScanError::Number);
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                // The last byte must say more than the sign that the one before it shows already.
                let idle = shift > 0 && ((byte == 0 && before & 0x40 == 0) || (byte == 0x7f && before & 0x40 != 0));
                let sign = if byte & 0x40 != 0 && shift < 57 { -1_i64 << (shift + 7) } else { 0 };
                return if idle { Err(ScanError::Number) } else { Ok(value | sign) };
            }
            before = byte;
        }
        Err(ScanError::Number)
    }
}
