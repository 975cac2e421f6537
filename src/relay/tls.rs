//! Who a relay is: a private key, the certificate shown with it, and the pin by which members know it. TLS 1.3 only.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::gate::Secret;
use crate::wire::Pin;

/// What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410, section 7).
const ED25519: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// The name on a certificate made here; nobody looks at it.
const NAME: &str = "localhost";

/// Why a key or a certificate is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("no private key that can be used")]
    Key,
    #[error("no certificate that can be used")]
    Certificate,
    #[error("certificate and private key do not belong together")]
    Mismatch,
}

/// A relay's key with its certificate.
#[derive(Clone, Debug)]
pub struct Identity {
    server: Arc<ServerConfig>,
    secret: Secret,
    pins: Vec<Pin>,
}

impl Identity {
    /// Makes the identity of a key (PKCS#8, DER), with a certificate made for it.
    ///
    /// # Errors
    /// Returns [`IdentityError::Key`] for a key of a kind that is not known.
    pub fn of_key(pkcs8: &[u8]) -> Result<Identity, IdentityError> {
        let key = PrivatePkcs8KeyDer::from(pkcs8.to_vec());
        let certificate = self_made(&key)?;
        Identity::of(vec![certificate], key.into())
    }

    /// Makes the identity of an Ed25519 key by its seed.
    pub fn of_seed(seed: &[u8; 32]) -> Identity {
        Identity::of_key(&key_of_seed(seed)).expect("every seed is a key")
    }

    /// Makes the identity of a key in PEM, with a chain of certificates in PEM or one made for the key.
    ///
    /// # Errors
    /// Returns what is of no use, or that the two do not belong together.
    pub fn of_pem(key: &str, certificates: Option<&str>) -> Result<Identity, IdentityError> {
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| IdentityError::Key)?;
        match (key, certificates) {
            (key, Some(chain)) => Identity::of(chain_of(chain)?, key),
            (PrivateKeyDer::Pkcs8(key), None) => Identity::of_key(key.secret_pkcs8_der()),
            _ => Err(IdentityError::Key),
        }
    }

    /// Adds the pin of the key that is kept for the day on which this one is lost: requests may name either.
    pub fn with_backup(mut self, backup: Pin) -> Identity {
        self.pins.push(backup);
        self
    }

    /// Returns the pin of the key in use.
    pub fn pin(&self) -> Pin {
        self.pins[0]
    }

    /// Returns the pin of the key in use and those kept for later.
    pub fn pins(&self) -> &[Pin] {
        &self.pins
    }

    /// Returns what nonces and tickets are known by.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(super) fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    fn of(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Identity, IdentityError> {
        let pin = pin_of(chain.first().ok_or(IdentityError::Certificate)?)?;
        let secret = Secret::of_key(key.secret_der());
        let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(&[&TLS13]);
        let server = versions.expect("ring knows TLS 1.3").with_no_client_auth().with_single_cert(chain, key).map_err(no_server)?;
        Ok(Identity { server: Arc::new(quiet(server)), secret, pins: vec![pin] })
    }
}

/// Returns an Ed25519 key as PKCS#8 (DER).
pub fn key_of_seed(seed: &[u8; 32]) -> Vec<u8> {
    [ED25519.as_slice(), seed].concat()
}

/// Returns a key (PKCS#8, DER) as PEM, as it lies in a file.
///
/// # Errors
/// Returns [`IdentityError::Key`] for a key of a kind that is not known.
pub fn key_as_pem(pkcs8: &[u8]) -> Result<String, IdentityError> {
    KeyPair::try_from(pkcs8).map(|pair| pair.serialize_pem()).map_err(|_| IdentityError::Key)
}

/// Returns the pin of a certificate: the SHA-256 of its public key (SubjectPublicKeyInfo, DER).
///
/// # Errors
/// Returns [`IdentityError::Certificate`] for what is none.
pub fn pin_of(certificate: &[u8]) -> Result<Pin, IdentityError> {
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| IdentityError::Certificate)?;
    Ok(Pin(Sha256::digest(certificate.public_key().raw).into()))
}

/// Nothing is resumed: a visitor is not known again by a ticket of TLS.
fn quiet(mut server: ServerConfig) -> ServerConfig {
    server.send_tls13_tickets = 0;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    server
}

fn no_server(error: rustls::Error) -> IdentityError {
    match error {
        rustls::Error::InconsistentKeys(_) => IdentityError::Mismatch,
        rustls::Error::InvalidCertificate(_) => IdentityError::Certificate,
        _ => IdentityError::Key,
    }
}

fn self_made(key: &PrivatePkcs8KeyDer<'_>) -> Result<CertificateDer<'static>, IdentityError> {
    let pair = KeyPair::try_from(key).map_err(|_| IdentityError::Key)?;
    let mut params = CertificateParams::new([NAME.to_owned()]).map_err(|_| IdentityError::Certificate)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    let certificate = params.self_signed(&pair).map_err(|_| IdentityError::Certificate)?;
    Ok(certificate.der().clone())
}

fn chain_of(pem: &str) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| IdentityError::Certificate)
}
