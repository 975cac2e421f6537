//! One of the three keys of a mailbox on a relay. It signs requests, and secrets of a room are derived from it; what it signs begins with a label of its
//! own (`wire::claim`), and no device, operation or file is signed by it.

use std::fmt;

use ed25519_dalek::Signer;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret half of a key of a mailbox; wiped when dropped and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MailboxKey(ed25519_dalek::SigningKey);

impl MailboxKey {
    /// Makes the key with this seed: 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        MailboxKey(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// Returns the seed, for keys texts and the keyring alone.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// Returns the public half.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Derives a secret for another purpose from this key and a context.
    pub fn derived(&self, label: &str, context: &[u8]) -> Zeroizing<[u8; 32]> {
        let (mut secret, seed) = (Zeroizing::new([0; 32]), self.seed());
        Hkdf::<Sha256>::new(Some(context), &*seed).expand(label.as_bytes(), &mut *secret).expect("32 bytes are few enough");
        secret
    }

    /// Signs the text of a request as it is.
    pub fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.0.sign(text).to_bytes()
    }
}

impl fmt::Debug for MailboxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
