//! Small servers on loopback, made for one test each: what they answer is the test's affair.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ResolvesServerCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion, version};
use sandyq::crypto::plain_hash;
use sandyq::transport::relay::Address;

/// Calls `talk` with every connection, each in a thread of its own; returns the port.
pub fn listen(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let talk = Arc::new(talk);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let talk = talk.clone();
            thread::spawn(move || talk(stream));
        }
    });
    port
}

/// A port where nobody listens.
pub fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// A key with its certificate.
pub struct Identity {
    pub key: KeyPair,
    pub certificate: CertificateDer<'static>,
}

impl Identity {
    /// A certificate by itself, with another name than any address.
    pub fn new() -> Identity {
        Identity::with(CertificateParams::new(["relay.invalid".to_owned()]).expect("a name"))
    }

    pub fn with(params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        Identity { certificate: params.self_signed(&key).expect("a certificate").der().clone(), key }
    }

    /// SHA-256 of the public key, as the server itself would print it.
    pub fn pin(&self) -> [u8; 32] {
        plain_hash(&self.key.subject_public_key_info())
    }

    pub fn address(&self, port: u16) -> Address {
        Address::new(&format!("https://127.0.0.1:{port}"), self.pin()).expect("an address")
    }

    /// What a TLS 1.3 server with this key needs.
    pub fn config(&self) -> Arc<ServerConfig> {
        config(std::slice::from_ref(&self.certificate), &self.key, &version::TLS13)
    }
}

/// What a server needs that shows this chain and signs with this key, whether they belong together or not.
pub fn config(chain: &[CertificateDer<'static>], key: &KeyPair, spoken: &'static SupportedProtocolVersion) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let key = provider.key_provider.load_private_key(key).expect("a key");
    let shown: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain.to_vec(), key)));
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[spoken]).expect("a version");
    Arc::new(builder.with_no_client_auth().with_cert_resolver(shown))
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// First byte that is wanted.
    pub fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// Serves HTTP over TLS; `answer` writes whole answers, or what the test wants.
pub fn https(config: Arc<ServerConfig>, answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> u16 {
    https_counted(config, || {}, answer)
}

/// The same; tells when a connection begins.
pub fn https_counted(
    config: Arc<ServerConfig>,
    begins: impl Fn() + Send + Sync + 'static,
    answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
) -> u16 {
    listen(move |stream| {
        begins();
        let connection = ServerConnection::new(config.clone()).expect("a connection");
        let mut tls = StreamOwned::new(connection, stream);
        while let Some(request) = read(&mut tls) {
            if tls.write_all(&answer(&request)).and_then(|()| tls.flush()).is_err() {
                break;
            }
        }
        tls.conn.send_close_notify();
        let _ = tls.flush();
    })
}

/// Reads one request; none when the connection ends or is no HTTP over this TLS.
pub fn read(from: &mut impl Read) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        from.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let mut request = Request { method, target, headers, body: Vec::new() };
    request.body = vec![0; request.header("content-length").map_or(0, |length| length.parse().expect("a number"))];
    from.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// An answer in bytes.
pub fn answer(status: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend(body);
    bytes
}

/// A refusal in bytes.
pub fn refusal(failure: sandyq::wire::Failure) -> Vec<u8> {
    answer(failure.status(), format!("{{\"error\":\"{}\"}}", failure.code()).as_bytes())
}
