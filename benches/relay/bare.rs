//! The peers of `get`: handlers that serve one file to whoever asks, over the TLS of the relay. One checks nothing, the other
//! the signature of each request, against keys that it holds in memory.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::version::TLS13;
use sandyq::relay::Counted;
use sandyq::relay::gate::{self, Asked, check_signature};
use sandyq::relay::tls::key_of_seed;
use sandyq::wire::Pin;
use sandyq::wire::id::PublicKey;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::many;
use super::raw::Keys;
use super::server::identity;

/// Serves for ever.
pub async fn serve(listener: TcpListener, checks: bool) {
    let acceptor = TlsAcceptor::from(Arc::new(config()));
    let desk = Arc::new(Desk::new(checks));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (acceptor, desk) = (acceptor.clone(), Arc::clone(&desk));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = service_fn(|request: Request<Incoming>| {
                let answered = desk.answer(&request);
                async { Ok::<_, Infallible>(answered) }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

/// What it serves, and by whose keys.
struct Desk {
    bytes: Bytes,
    checks: bool,
    pin: Pin,
    counted: Counted,
    /// Keys that read, by mailbox.
    keys: Vec<(String, PublicKey)>,
}

impl Desk {
    fn new(checks: bool) -> Desk {
        let keys = (1..=many::BOXES).map(|seed| Keys::new(seed).public());
        let keys = keys.map(|keys| (keys.mailbox().to_string(), keys.read)).collect();
        Desk { bytes: Bytes::from(many::file(0, 0).1), checks, pin: identity().pin(), counted: Counted::default(), keys }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let (target, method) = (request.uri().path_and_query().map_or("/", |target| target.as_str()), request.method().as_str());
        if self.checks && method == "GET" && target.contains("/files/") {
            let claim = gate::claim(request.headers()).expect("a claim");
            let (_, key) = self.keys.iter().find(|(mailbox, _)| target.contains(mailbox)).expect("a mailbox");
            check_signature(Asked { method, target }, &claim, key, &[self.pin], &self.counted).expect("signed");
        }
        Response::new(Full::new(self.bytes.clone()))
    }
}

/// The key of the relay, so that its pin fits.
fn config() -> ServerConfig {
    let key = PrivatePkcs8KeyDer::from(key_of_seed(&[11; 32]));
    let pair = KeyPair::try_from(&key).expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name").self_signed(&pair).expect("signed");
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(&[&TLS13]).expect("TLS 1.3");
    let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key.into()).expect("they belong together");
    config.send_tls13_tickets = 0;
    config
}
