//! HTTP to one relay: no proxy but the one that was named, no redirect, no cookie, every answer with a limit and every silence
//! with an end. Tells apart who did not answer, who is not the relay, and what speaks no TLS at all.

use std::error::Error as StdError;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::header::{AUTHORIZATION, RANGE, RETRY_AFTER};
use reqwest::{Method, Proxy, Url, redirect};

use super::Address;
use super::tls::{self, Interception, Witness};
use crate::transport::TransportError;

/// How long a connection may take, straight and through a proxy: Tor first builds a way.
const CONNECT: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(60)];
/// How long a connection is kept for the next request: less than a relay keeps it.
const IDLE: Duration = Duration::from_secs(8);
/// Slowest line that is waited for, in bytes a second.
const SLOWEST: u64 = 1024;
/// Beginning of the only kind of proxy that is taken: it looks names up itself, so that nobody here does.
const SOCKS: &str = "socks5h://";

/// How a relay is reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// `socks5h://host:port`, e.g. that of Tor. Nothing in the environment counts.
    pub proxy: Option<String>,
    /// Single-use codes from the operator, by which mailboxes are made.
    pub tickets: Vec<String>,
    /// How long nothing may come before a connection counts as broken.
    pub stall: Duration,
    /// The longest wait when the relay says that it is too busy.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options { proxy: None, tickets: Vec::new(), stall: Duration::from_secs(60), patience: Duration::from_secs(60) }
    }
}

impl Options {
    /// Refuses a proxy that would have names looked up here.
    pub(super) fn check(&self) -> Result<(), TransportError> {
        self.socks().map(drop)
    }

    fn socks(&self) -> Result<Option<Proxy>, TransportError> {
        let Some(proxy) = &self.proxy else { return Ok(None) };
        let host = Url::parse(proxy).ok().filter(|url| proxy.starts_with(SOCKS) && url.host_str().is_some_and(|host| !host.is_empty()));
        let socks = host.and_then(|url| Proxy::all(url).ok());
        socks.map(Some).ok_or(TransportError::Proxy)
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub claim: Option<String>,
    pub body: Vec<u8>,
    /// First byte that is wanted, where not all are.
    pub from: u64,
    /// Most bytes that the answer may have.
    pub most: u64,
}

/// What came.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub end: End,
    /// Seconds after which the relay wants to be asked again.
    pub again_after: Option<u64>,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    /// The connection broke.
    Cut,
    /// It is longer than asked for; the rest was not read.
    Over,
}

/// Connections to one relay, for one mailbox: two mailboxes are never asked over the same one.
pub(super) struct Http {
    client: Client,
    witness: Arc<Witness>,
    url: String,
    stall: Duration,
    /// It answered before.
    met: bool,
}

impl Http {
    pub fn to(address: &Address, options: &Options) -> Result<Http, TransportError> {
        let (config, witness) = tls::config(address);
        let builder = Client::builder().tls_backend_preconfigured(config).https_only(true).http1_only().referer(false);
        let builder = patient(builder, options).redirect(redirect::Policy::none()).retry(reqwest::retry::never()).no_proxy();
        let builder = options.socks()?.into_iter().fold(builder, ClientBuilder::proxy);
        let client = builder.build().map_err(|_| TransportError::Proxy)?;
        Ok(Http { client, witness, url: address.url.clone(), stall: options.stall, met: false })
    }

    /// Returns the key with which the relay showed itself.
    pub fn pin(&self) -> Option<[u8; 32]> {
        self.witness.pin()
    }

    /// Sends a request that may be sent twice, and does so when a kept connection turns out to be broken.
    pub fn send(&mut self, ask: &Ask) -> Result<Answer, TransportError> {
        let answered = match self.once(ask) {
            Err(error) if self.met && !error.is_connect() && !error.is_timeout() => self.once(ask),
            answered => answered,
        };
        let response = answered.map_err(|error| self.failure(&error))?;
        self.met = true;
        Ok(read(response, ask.most))
    }

    fn once(&self, ask: &Ask) -> Result<Response, reqwest::Error> {
        let slow = Duration::from_secs(ask.body.len() as u64 / SLOWEST);
        let mut request = self.client.request(ask.method.clone(), format!("{}{}", self.url, ask.target)).timeout(self.stall + slow);
        if let Some(claim) = &ask.claim {
            request = request.header(AUTHORIZATION, claim);
        }
        if ask.from > 0 {
            request = request.header(RANGE, format!("bytes={}-", ask.from));
        }
        if ask.method == Method::PUT {
            request = request.body(ask.body.clone());
        }
        request.send()
    }

    /// Says why nothing came.
    fn failure(&self, error: &reqwest::Error) -> TransportError {
        if let Some(chain) = self.witness.strange() {
            return TransportError::Intercepted(Box::new(Interception { url: self.url.clone(), chain }));
        }
        match tls_error(error) {
            Some(rustls::Error::InvalidMessage(_)) => TransportError::CaptivePortal,
            Some(_) => TransportError::WrongRelay,
            None => TransportError::Unreachable,
        }
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("url", &self.url).finish_non_exhaustive()
    }
}

fn patient(builder: ClientBuilder, options: &Options) -> ClientBuilder {
    let builder = builder.timeout(options.stall).pool_idle_timeout(IDLE).connect_timeout(CONNECT[usize::from(options.proxy.is_some())]);
    // What was sent and is not taken in over there counts as silence too, where the system can tell.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let builder = builder.tcp_user_timeout(options.stall);
    builder
}

/// Reads an answer up to its limit.
fn read(response: Response, most: u64) -> Answer {
    let status = response.status().as_u16();
    let again_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    let end = match response.take(most + 1).read_to_end(&mut body) {
        Ok(_) if body.len() as u64 > most => End::Over,
        Ok(_) => End::Whole,
        Err(_) => End::Cut,
    };
    Answer { status, body, end, again_after }
}

/// Finds what TLS said among the reasons of a failure. An error of the system may hold another one, and names only that one's reason.
fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut reason: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = reason {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        reason = held.map_or_else(|| error.source(), |held| Some(held));
    }
    None
}
