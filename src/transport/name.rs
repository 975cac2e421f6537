//! The name of a sealed file: SHA-256 of its bytes. It says nothing about the content.

use std::fmt;

use crate::crypto::{Sealed, plain_hash};

/// SHA-256 of a sealed file; shown as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub [u8; 32]);

/// Ending of a sealed file.
const ENDING: &str = ".age";

impl Name {
    /// Returns the name that these bytes have.
    pub fn of(sealed: &Sealed) -> Name {
        Name(plain_hash(sealed.as_bytes()))
    }

    /// Returns `<64 hex>.age`.
    pub fn file_name(&self) -> String {
        format!("{self}{ENDING}")
    }

    /// Reads exactly `<64 hex>.age`, lower case.
    pub fn from_file_name(text: &str) -> Option<Name> {
        let digits = text.strip_suffix(ENDING).filter(|digits| !digits.bytes().any(|byte| byte.is_ascii_uppercase()))?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok().map(|()| Name(bytes))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
