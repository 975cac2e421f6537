//! What a relay counts: numbers alone, nothing of a mailbox or of whoever asked.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::wire::Failure;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    Nonce,
    Create,
    Delete,
    Put,
    List,
    Get,
    Freeze,
    Notice,
    Alive,
    Ready,
    /// Nothing that is here.
    Other,
}

impl Route {
    /// Every route.
    pub const ALL: [Route; 11] = [
        Route::Nonce,
        Route::Create,
        Route::Delete,
        Route::Put,
        Route::List,
        Route::Get,
        Route::Freeze,
        Route::Notice,
        Route::Alive,
        Route::Ready,
        Route::Other,
    ];

    /// Returns the word for tables, e.g. `put`.
    pub fn word(self) -> &'static str {
        match self {
            Route::Nonce => "nonce",
            Route::Create => "create",
            Route::Delete => "delete",
            Route::Put => "put",
            Route::List => "list",
            Route::Get => "get",
            Route::Freeze => "freeze",
            Route::Notice => "notice",
            Route::Alive => "alive",
            Route::Ready => "ready",
            Route::Other => "other",
        }
    }

    /// Tells what a method and a path ask for.
    pub fn of(method: &str, path: &str) -> Route {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, parts.as_slice()) {
            ("GET", ["healthz"]) => Route::Alive,
            ("GET", ["readyz"]) => Route::Ready,
            ("GET", ["v1", "nonce"]) => Route::Nonce,
            (method, ["v1", "mailboxes", _, rest @ ..]) => Route::of_mailbox(method, rest),
            _ => Route::Other,
        }
    }

    fn of_mailbox(method: &str, rest: &[&str]) -> Route {
        match (method, rest) {
            ("PUT", []) => Route::Create,
            ("DELETE", []) => Route::Delete,
            ("GET", ["files"]) => Route::List,
            ("PUT", ["files", _]) => Route::Put,
            ("GET", ["files", _]) => Route::Get,
            ("PUT", ["freeze"]) => Route::Freeze,
            ("GET", ["notice"]) => Route::Notice,
            _ => Route::Other,
        }
    }
}

/// Statuses of what is no refusal.
const DONE: [u16; 4] = [200, 201, 204, 206];
/// How many kinds of answer there are.
const KINDS: usize = DONE.len() + Failure::ALL.len();

/// One kind of answer to one route, and how often it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answers {
    pub route: Route,
    pub status: u16,
    pub failure: Option<Failure>,
    pub times: u64,
}

/// Counters since the start.
#[derive(Debug, Default)]
pub struct Counted {
    answers: [[AtomicU64; KINDS]; Route::ALL.len()],
    read: AtomicU64,
    stored: AtomicU64,
    signatures: AtomicU64,
    connections: AtomicU64,
    open: AtomicU64,
}

impl Counted {
    /// Returns every kind of answer that was given.
    pub fn answers(&self) -> Vec<Answers> {
        let of = |route: Route| (0..KINDS).map(move |kind| (route, kind));
        let told = Route::ALL.into_iter().flat_map(of).map(|(route, kind)| self.told(route, kind));
        told.filter(|answers| answers.times > 0).collect()
    }

    /// Returns how many bytes of bodies were read.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Returns how many bytes of files and notices were stored.
    pub fn bytes_stored(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// Returns how many signatures were checked.
    pub fn signatures(&self) -> u64 {
        self.signatures.load(Ordering::Relaxed)
    }

    /// Returns how many connections were taken.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Returns how many connections are open now.
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    fn told(&self, route: Route, kind: usize) -> Answers {
        let times = self.answers[route as usize][kind].load(Ordering::Relaxed);
        let failure = kind.checked_sub(DONE.len()).map(|at| Failure::ALL[at]);
        let status = failure.map_or_else(|| DONE[kind], Failure::status);
        Answers { route, status, failure, times }
    }

    pub(super) fn answer(&self, route: Route, status: u16, failure: Option<Failure>) {
        let kind = match failure {
            Some(failure) => Failure::ALL.iter().position(|known| *known == failure).map(|at| DONE.len() + at),
            None => DONE.iter().position(|known| *known == status),
        };
        if let Some(kind) = kind {
            self.answers[route as usize][kind].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn stored(&self, bytes: usize) {
        self.stored.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn signature(&self) {
        self.signatures.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection for as long as what is returned lives.
    pub(super) fn connection(&self) -> OpenConnection<'_> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(self)
    }
}

pub(super) struct OpenConnection<'a>(&'a Counted);

impl Drop for OpenConnection<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
