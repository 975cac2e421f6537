//! Somebody who has the relay's key and writes down every byte that goes through: what a relay's operator could see.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use sandyq::relay::tls::key_of_seed;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

/// A tap; it listens until it is dropped.
pub struct Tap {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    _runtime: Runtime,
}

impl Tap {
    /// Listens with the key of this seed and hands everything to a relay that speaks without TLS.
    pub fn before(relay: SocketAddr, seed: &[u8; 32]) -> Tap {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(super::any_port())).expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        runtime.spawn(listen(listener, TlsAcceptor::from(Arc::new(config(seed))), relay, Arc::clone(&heard)));
        Tap { address, heard, _runtime: runtime }
    }

    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().expect("nobody panicked").clone()
    }
}

fn config(seed: &[u8; 32]) -> ServerConfig {
    let key = PrivatePkcs8KeyDer::from(key_of_seed(seed));
    let pair = rcgen::KeyPair::try_from(&key).expect("a key");
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name").self_signed(&pair).expect("a certificate");
    let versions = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(&[&rustls::version::TLS13]);
    versions.expect("TLS 1.3").with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into()).expect("a config")
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor, relay: SocketAddr, heard: Arc<Mutex<Vec<u8>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
        tokio::spawn(async move {
            let (Ok(visitor), Ok(relay)) = (acceptor.accept(stream).await, TcpStream::connect(relay).await) else { return };
            let ((from_visitor, to_visitor), (from_relay, to_relay)) = (tokio::io::split(visitor), tokio::io::split(relay));
            tokio::join!(copied(from_visitor, to_relay, &heard), copied(from_relay, to_visitor, &heard));
        });
    }
}

async fn copied(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, heard: &Mutex<Vec<u8>>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        heard.lock().expect("nobody panicked").extend_from_slice(&bytes[..read]);
        if to.write_all(&bytes[..read]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
