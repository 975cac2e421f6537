//! TLS 1.3 that trusts the pinned key and nothing else: no roots, no names, no dates. Says no host name to anybody on the way,
//! and keeps the certificates of whoever has another key.

use std::sync::{Arc, Mutex, PoisonError};

use pem::{EncodeConfig, LineEnding, Pem};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerIncompatible, SignatureScheme, version};
use x509_parser::parse_x509_certificate;

use super::Address;
use crate::crypto::plain_hash;

/// Somebody else answered for the relay, with another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interception {
    /// The address that was called, without its key.
    pub url: String,
    /// The certificates that were shown (DER), that of the server first.
    pub chain: Vec<Vec<u8>>,
}

impl Interception {
    /// Returns the certificates in the form that other tools read.
    pub fn to_pem(&self) -> String {
        let chain: Vec<Pem> = self.chain.iter().map(|der| Pem::new("CERTIFICATE", der.clone())).collect();
        pem::encode_many_config(&chain, EncodeConfig::new().set_line_ending(LineEnding::LF))
    }
}

/// What servers showed of themselves.
#[derive(Debug, Default)]
pub(super) struct Witness(Mutex<Shown>);

#[derive(Debug, Default)]
struct Shown {
    /// The pinned key that was shown last.
    pin: Option<[u8; 32]>,
    /// Certificates of whoever is not the relay.
    strange: Option<Vec<Vec<u8>>>,
}

impl Witness {
    /// Returns the key of the relay that answered last.
    pub fn pin(&self) -> Option<[u8; 32]> {
        self.shown(|shown| shown.pin)
    }

    /// Takes the certificates that did not fit since this was asked last.
    pub fn strange(&self) -> Option<Vec<Vec<u8>>> {
        self.shown(|shown| shown.strange.take())
    }

    fn shown<T>(&self, with: impl FnOnce(&mut Shown) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns what TLS to this relay is done with, and the witness of it.
pub(super) fn config(address: &Address) -> (ClientConfig, Arc<Witness>) {
    let witness = Arc::new(Witness::default());
    let provider = Arc::new(ring::default_provider());
    let verifier = Pinned { address: address.clone(), witness: witness.clone(), algorithms: provider.signature_verification_algorithms };
    (with(provider, verifier), witness)
}

fn with(provider: Arc<CryptoProvider>, verifier: Pinned) -> ClientConfig {
    let versions = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&version::TLS13]);
    let builder = versions.expect("the provider has suites of TLS 1.3").dangerous();
    let mut config = builder.with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    config
}

/// Takes the pinned key for the relay, whatever else its certificate says: clocks and names are not believed.
#[derive(Debug)]
struct Pinned {
    address: Address,
    witness: Arc<Witness>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    fn refuse(&self, chain: Vec<Vec<u8>>) -> Error {
        self.witness.shown(|shown| shown.strange = Some(chain));
        CertificateError::ApplicationVerificationFailure.into()
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match key_of(end_entity).map(plain_hash).filter(|pin| self.address.has(pin)) {
            Some(pin) => self.witness.shown(|shown| shown.pin = Some(pin)),
            None => return Err(self.refuse([end_entity].into_iter().chain(intermediates).map(|one| one.to_vec()).collect())),
        }
        Ok(ServerCertVerified::assertion())
    }

    /// Never comes: TLS 1.2 is not spoken.
    fn verify_tls12_signature(&self, _: &[u8], _: &CertificateDer<'_>, _: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    /// Checks that whoever shows the certificate has its key.
    fn verify_tls13_signature(&self, message: &[u8], shown: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, Error> {
        let key = key_of(shown).map(SubjectPublicKeyInfoDer::from).ok_or(CertificateError::BadEncoding)?;
        let verified = verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms);
        verified.map_err(|_| self.refuse(vec![shown.to_vec()]))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Returns the public key of a certificate (SubjectPublicKeyInfo, DER); none where it is no certificate.
fn key_of<'a>(certificate: &'a CertificateDer<'_>) -> Option<&'a [u8]> {
    let (rest, parsed) = parse_x509_certificate(certificate.as_ref()).ok()?;
    rest.is_empty().then_some(parsed.tbs_certificate.subject_pki.raw)
}
