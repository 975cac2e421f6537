//! `serve`: listens until it is told to stop, then answers what is being answered.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::folder::Folder;
use super::journal::Journal;
use super::settings::{Loopback, Settings};
use super::tally::Tally;
use super::words::Fault;
use super::{metrics, notify, shelves};
use crate::relay::Relay;
use crate::relay::serve::{Outside, run as serve_until};
use crate::sys::clock::{Clock, SystemClock};

/// 2026-01-01T00:00:00Z.
const EARLIEST: i64 = 1_767_225_600;
/// How often files are looked for whose days are over.
const EXPIRING: Duration = Duration::from_secs(600);
/// Files that go at once; between two batches others get their turn.
const BATCH: u64 = 500;

/// Serves.
///
/// # Errors
/// Returns what is in the way of it.
pub fn run(path: &Path) -> Result<(), Fault> {
    clock_is_set(&SystemClock)?;
    let folder = Folder::at(path)?;
    let settings = folder.settings()?;
    let _held = folder.lock()?;
    let runtime = Runtime::new().map_err(Fault::System)?;
    let journal = Journal::begin(settings.log);
    runtime.block_on(serve(folder, settings, journal))
}

/// Checks that a clock was set at all: nonces and days of files go by it.
///
/// # Errors
/// Returns [`Fault::Clock`] before 2026.
pub fn clock_is_set(clock: &dyn Clock) -> Result<(), Fault> {
    if clock.now().seconds < EARLIEST { Err(Fault::Clock) } else { Ok(()) }
}

async fn serve(folder: Folder, settings: Settings, journal: Journal) -> Result<(), Fault> {
    let identity = folder.identity(&settings)?;
    let store = shelves::open(&settings.store, &folder).await?;
    let tally = Arc::new(Tally::default());
    let watch = Box::new(Arc::clone(&tally));
    let relay = Arc::new(Relay::new(store, identity, settings.rules()).with_watch(watch));
    let signals = Signals::new().map_err(Fault::System)?;
    let listener = listen(settings.listen, "listen").await?;
    let figures = match settings.metrics {
        Some(Loopback(at)) => Some(listen(at, "metrics").await?),
        None => None,
    };
    tracing::info!(port = port(&listener), metrics_port = figures.as_ref().and_then(port), version = env!("CARGO_PKG_VERSION"), "serving");
    let beside = Beside::of(&relay, &tally, figures);
    let reloading = beside.with(reload(signals.reload, Reloaded { folder, relay: Arc::clone(&relay), settings: Mutex::new(settings), journal }));
    notify::ready();
    serve_until(listener, relay, Outside::Tls, told_to_stop(signals.stop)).await;
    drop(reloading);
    tracing::info!("stopped");
    Ok(())
}

fn port(listener: &TcpListener) -> Option<u16> {
    listener.local_addr().ok().map(|at| at.port())
}

async fn listen(at: SocketAddr, setting: &'static str) -> Result<TcpListener, Fault> {
    TcpListener::bind(at).await.map_err(|system| match system.kind() {
        ErrorKind::AddrInUse => Fault::PortTaken { at, setting },
        ErrorKind::PermissionDenied => Fault::PortRights { at },
        _ => Fault::Port { at, setting, system },
    })
}

/// The signals that are listened to; from here on none of them ends the process by itself.
struct Signals {
    stop: [Signal; 2],
    reload: Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        let stop = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        Ok(Signals { stop, reload: signal(SignalKind::hangup())? })
    }
}

async fn told_to_stop([mut terminate, mut interrupt]: [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    notify::stopping();
    tracing::info!("stopping");
}

/// Work that goes on beside serving and ends with it.
struct Beside(Vec<JoinHandle<()>>);

impl Beside {
    fn of(relay: &Arc<Relay>, tally: &Arc<Tally>, figures: Option<TcpListener>) -> Beside {
        let source = metrics::Source { relay: Arc::clone(relay), tally: Arc::clone(tally) };
        let expiring = tokio::spawn(expire(Arc::clone(relay), Arc::clone(tally)));
        let told = figures.map(|listener| tokio::spawn(metrics::serve(listener, source)));
        Beside([expiring, tokio::spawn(notify::stay_alive())].into_iter().chain(told).collect())
    }

    fn with(mut self, work: impl Future<Output = ()> + Send + 'static) -> Beside {
        self.0.push(tokio::spawn(work));
        self
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Drops files whose days are over.
async fn expire(relay: Arc<Relay>, tally: Arc<Tally>) {
    let mut due = tokio::time::interval(EXPIRING);
    loop {
        due.tick().await;
        let gone = expire_all(&relay).await;
        tally.add_expired(gone);
        if gone > 0 {
            tracing::info!(files = gone, "days over");
        }
    }
}

/// Drops them batch by batch; returns how many went. What fails is tried again when it is due.
async fn expire_all(relay: &Relay) -> u64 {
    let mut gone = 0;
    loop {
        match relay.store().expire(SystemClock.now().seconds, BATCH).await {
            Ok(0) => return gone,
            Ok(files) => gone += files,
            Err(error) => {
                tracing::error!(said = %error, "expiry failed");
                return gone;
            }
        }
        tokio::task::yield_now().await;
    }
}

/// What a reload needs to know.
struct Reloaded {
    folder: Folder,
    relay: Arc<Relay>,
    /// As they were when it started, with what was taken since.
    settings: Mutex<Settings>,
    journal: Journal,
}

async fn reload(mut asked: Signal, reloaded: Reloaded) {
    while asked.recv().await.is_some() {
        notify::reloading();
        match reloaded.folder.settings() {
            Ok(new) => reloaded.take(new),
            Err(fault) => tracing::error!(said = %fault, "not reloaded"),
        }
        notify::ready();
    }
}

impl Reloaded {
    /// Takes what can change while it serves, and names the rest.
    fn take(&self, new: Settings) {
        let old = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let restart = old.needs_restart(&new).join(" ");
        self.journal.set(new.log);
        self.relay.set_rules(new.rules());
        if restart.is_empty() { tracing::info!("reloaded") } else { tracing::warn!(restart, "reloaded; needs a restart") }
    }
}
