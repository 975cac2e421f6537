//! Signatures that `ssh-keygen -Y verify` understands, in the one armour that `ssh-keygen -Y sign` writes.

use std::fmt;

use ed25519_dalek::{Signer, VerifyingKey};
use ssh_key::public::{Ed25519PublicKey, KeyData};
use ssh_key::{Algorithm, HashAlg, LineEnding, PublicKey, Signature, SshSig};

use super::labels;
use super::stretch::stretch;

/// What `ssh-keygen` writes for the public key before its Base64.
const KIND: &str = "ssh-ed25519";

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    #[error("it is no signature in the armour that ssh-keygen writes")]
    Armour,
    #[error("it was made for another purpose")]
    Namespace,
    #[error("it uses another hash")]
    Hash,
    #[error("it was made with no Ed25519 key")]
    Kind,
    #[error("it is not the signature of these bytes")]
    Wrong,
}

/// The public half of a handover key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HandoverSigner([u8; 32]);

impl HandoverSigner {
    /// Takes the bytes of a public key; whether they are one shows when a signature is checked.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        HandoverSigner(bytes)
    }

    /// Returns the bytes of the public key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the key as OpenSSH writes it, without a comment: `ssh-ed25519 AAAA…`.
    pub fn line(&self) -> String {
        PublicKey::from(self.data()).to_openssh().expect("an Ed25519 key can be written")
    }

    /// Reads the line of [`HandoverSigner::line`], and nothing else.
    pub fn from_line(line: &str) -> Option<Self> {
        let key = PublicKey::from_openssh(line).ok().filter(|_| line.starts_with(KIND))?;
        let signer = HandoverSigner(key.key_data().ed25519()?.0);
        (signer.line() == line).then_some(signer)
    }

    /// Returns what `ssh-keygen -l` prints: `SHA256:` and 43 letters.
    pub fn fingerprint(&self) -> String {
        self.data().fingerprint(HashAlg::Sha256).to_string()
    }

    /// Returns what people compare by voice, stretched with 2^`log_n` work: six words or twenty digits.
    pub fn short(&self, log_n: u8) -> [u8; 9] {
        stretch(labels::HANDOVER_SIGNER, &self.0, log_n)
    }

    /// Tells who signed a message for a purpose: the armour is checked to be the only one for that signature.
    ///
    /// # Errors
    /// Returns the first [`SignatureFault`].
    pub fn of(armour: &str, namespace: &str, message: &[u8]) -> Result<Self, SignatureFault> {
        let signature = SshSig::from_pem(armour).map_err(|_| SignatureFault::Armour)?;
        let canonical = signature.version() == SshSig::VERSION && signature.reserved().is_empty();
        if !canonical || written(&signature).as_deref() != Some(armour) {
            return Err(SignatureFault::Armour);
        }
        if signature.namespace() != namespace {
            return Err(SignatureFault::Namespace);
        }
        if signature.hash_alg() != HashAlg::Sha512 {
            return Err(SignatureFault::Hash);
        }
        let key = signature.public_key().ed25519().filter(|_| signature.algorithm() == Algorithm::Ed25519).ok_or(SignatureFault::Kind)?;
        let signer = HandoverSigner(key.0);
        signer.made(signature.signature_bytes(), namespace, message).then_some(signer).ok_or(SignatureFault::Wrong)
    }

    fn made(&self, signature: &[u8], namespace: &str, message: &[u8]) -> bool {
        let key = VerifyingKey::from_bytes(&self.0).ok();
        let signature = ed25519_dalek::Signature::from_slice(signature).ok();
        let signed = SshSig::signed_data(namespace, HashAlg::Sha512, message).ok();
        matches!((key, signature, signed), (Some(key), Some(signature), Some(signed)) if key.verify_strict(&signed, &signature).is_ok())
    }

    fn data(&self) -> KeyData {
        KeyData::Ed25519(Ed25519PublicKey(self.0))
    }
}

impl fmt::Debug for HandoverSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

/// Signs a message for a purpose.
pub(super) fn sign(key: &ed25519_dalek::SigningKey, namespace: &str, message: &[u8]) -> String {
    let data = SshSig::signed_data(namespace, HashAlg::Sha512, message).expect("a purpose has a name");
    let signature = Signature::new(Algorithm::Ed25519, key.sign(&data).to_bytes()).expect("an Ed25519 signature has 64 bytes");
    let public = HandoverSigner(key.verifying_key().to_bytes()).data();
    let signature = SshSig::new(public, namespace, HashAlg::Sha512, signature).expect("a purpose has a name");
    written(&signature).expect("a signature can be written")
}

/// The armour with one line feed at its end.
fn written(signature: &SshSig) -> Option<String> {
    let armour = signature.to_pem(LineEnding::LF).ok()?;
    Some(if armour.ends_with('\n') { armour } else { armour + "\n" })
}
