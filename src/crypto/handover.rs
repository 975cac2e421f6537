//! The key that signs bundles: one for each device and casebook, derived, with no other use. Court files name it, and
//! nothing in it leads back to the device.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::hash::hash;
use super::labels;
use super::seal::Identity;
use super::sign::SigningKey;
use super::sshsig::{self, HandoverSigner};

/// The secret half of a handover key; wiped when dropped and never printed.
#[derive(Clone)]
pub struct HandoverKey(ed25519_dalek::SigningKey);

impl HandoverKey {
    /// Derives the key of a device for a casebook, by its id.
    pub fn derive(device: &SigningKey, casebook: &[u8; 32]) -> Self {
        HandoverKey(ed25519_dalek::SigningKey::from_bytes(&derived(&device.seed(), labels::HANDOVER_KEY, casebook)))
    }

    /// Returns the public half.
    pub fn signer(&self) -> HandoverSigner {
        HandoverSigner::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// Signs as `ssh-keygen -Y sign` does, and returns the armour that it writes.
    pub fn sign(&self, namespace: &str, message: &[u8]) -> String {
        sshsig::sign(&self.0, namespace, message)
    }

    /// Returns the id of the bundle that these parts make, 32 hex digits: the same parts give the same id, and nobody else can tell which they are.
    pub fn bundle_id(&self, parts: &[&[u8]]) -> String {
        hex::encode(&self.derived(labels::BUNDLE_ID, &hash(labels::BUNDLE_ID, parts))[..16])
    }

    /// Returns the key of a bundle's pseudonyms.
    pub fn pseudonym_key(&self, bundle: &str) -> Zeroizing<[u8; 32]> {
        self.derived(labels::BUNDLE_PSEUDONYMS, bundle.as_bytes())
    }

    /// Returns what opens the answers to a bundle.
    pub fn reply_identity(&self, bundle: &str) -> Identity {
        Identity::from_secret(&self.derived(labels::REPLY_IDENTITY, bundle.as_bytes()))
    }

    /// Returns the secret that marks the answers to a bundle.
    pub fn reply_secret(&self, bundle: &str) -> Zeroizing<[u8; 32]> {
        self.derived(labels::REPLY_SECRET, bundle.as_bytes())
    }

    fn derived(&self, label: &str, context: &[u8]) -> Zeroizing<[u8; 32]> {
        derived(&Zeroizing::new(self.0.to_bytes()), label, context)
    }
}

fn derived(seed: &[u8; 32], label: &str, context: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut secret = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(context), seed).expand(label.as_bytes(), &mut *secret).expect("32 bytes are few enough");
    secret
}

impl fmt::Debug for HandoverKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
