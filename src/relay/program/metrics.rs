//! `/metrics`: figures in OpenMetrics text, on a loopback address of their own. Numbers of the whole relay only.

use std::convert::Infallible;
use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};

use super::tally::Tally;
use crate::relay::Relay;
use crate::relay::store::Figures;

/// What `/metrics` says it is.
const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// How long a collector may take to ask.
const ASKING: Duration = Duration::from_secs(10);
/// How long a listener rests that the system gives no more connections.
const REST: Duration = Duration::from_millis(100);

type Labels = Vec<(&'static str, String)>;
type Table = Family<Labels, Counter>;
type Level = Gauge<u64, AtomicU64>;

/// Where figures come from.
#[derive(Clone)]
pub struct Source {
    pub relay: Arc<Relay>,
    pub tally: Arc<Tally>,
}

/// Answers for figures for as long as the process lives.
pub async fn serve(listener: TcpListener, source: Source) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(talk(stream, source.clone()))),
            Err(_) => tokio::time::sleep(REST).await,
        }
    }
}

async fn talk(stream: TcpStream, source: Source) {
    let service = service_fn(|request| answer(request, source.clone()));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(ASKING).keep_alive(false);
    // A collector that went away asks again.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, source: Source) -> Result<Response<Full<Bytes>>, Infallible> {
    if (request.method(), request.uri().path()) != (&Method::GET, "/metrics") {
        return Ok(with_status(StatusCode::NOT_FOUND));
    }
    let Ok(text) = source.text().await else { return Ok(with_status(StatusCode::INTERNAL_SERVER_ERROR)) };
    let mut response = Response::new(Full::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(TYPE));
    Ok(response)
}

fn with_status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

impl Source {
    /// Returns every figure as text; without those of a store that does not answer.
    async fn text(&self) -> Result<String, Error> {
        let mut registry = Registry::with_prefix("sandyq_relay");
        self.requests(&mut registry);
        self.counters(&mut registry);
        self.failures(&mut registry);
        if let Ok(figures) = self.relay.store().figures().await {
            kept(&mut registry, &figures);
        }
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }

    fn requests(&self, registry: &mut Registry) {
        let table = Table::default();
        for answers in self.relay.counted().answers() {
            let failure = answers.failure.map_or("", |failure| failure.code());
            let labels = [("route", answers.route.word()), ("status", &answers.status.to_string()), ("failure", failure)];
            table.get_or_create(&labels.map(|(name, value)| (name, value.to_owned())).to_vec()).inc_by(answers.times);
        }
        registry.register("requests", "Answers, by what was asked for, status and code", table);
    }

    fn counters(&self, registry: &mut Registry) {
        let counted = self.relay.counted();
        let counters = [
            ("read_bytes", "Bytes of bodies that were read", counted.bytes_read()),
            ("stored_bytes", "Bytes of files and notices that were stored", counted.bytes_stored()),
            ("signatures", "Signatures that were checked", counted.signatures()),
            ("connections", "Connections that were taken", counted.connections()),
            ("expired_files", "Files that went because their days were over", self.tally.expired()),
            ("panics", "Requests that ended in a panic", self.tally.panics()),
        ];
        for (name, help, value) in counters {
            let counter: Counter = Counter::default();
            counter.inc_by(value);
            registry.register(name, help, counter);
        }
        level(registry, "open_connections", "Connections that are open", counted.open());
    }

    fn failures(&self, registry: &mut Registry) {
        let table = Table::default();
        for (kind, times) in self.tally.failures() {
            table.get_or_create(&vec![("kind", kind.to_owned())]).inc_by(times);
        }
        registry.register("store_failures", "How often the store failed, by kind", table);
    }
}

fn kept(registry: &mut Registry, figures: &Figures) {
    level(registry, "mailboxes", "Mailboxes that are there", figures.mailboxes);
    level(registry, "files", "Files that are there", figures.files);
    level(registry, "kept_bytes", "Bytes that are kept", figures.bytes);
}

fn level(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let gauge = Level::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}
