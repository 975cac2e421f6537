//! A relay in a process of its own: this very program, told to serve.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use sandyq::relay::serve::{Outside, run};
use sandyq::relay::store::Terms;
use sandyq::relay::store::postgres::{Postgres, Settings};
use sandyq::relay::store::sqlite::Sqlite;
use sandyq::relay::{Identity, Limits, Relay, Rules, Store};
use sandyq::wire::Pin;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use super::bare;

/// Says to the other process what it serves, and with how many workers.
const STORE: &str = "SANDYQ_BENCH_STORE";
const WORKERS: &str = "SANDYQ_BENCH_WORKERS";
const FILE: &str = "file:";
/// In place of a store: a handler that knows one file; one that checks signatures besides.
pub const BARE: &str = "bare";
pub const CHECKING: &str = "checking";
/// Connections to the database for each worker.
const CONNECTIONS: usize = 4;

/// Names a SQLite store.
pub fn file(path: &Path) -> String {
    format!("{FILE}{}", path.display())
}

/// A process that serves; it ends with this.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub pin: Pin,
}

impl Server {
    pub fn start(store: &str, workers: usize) -> Server {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env(STORE, store).env(WORKERS, workers.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let mut said = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut said).expect("it serves");
        Server { child, address: said.trim().parse().expect("an address"), pin: identity().pin() }
    }

    /// Bytes that the process holds in memory now.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells whether this process is one that serves.
pub fn is_asked_for() -> bool {
    std::env::var_os(STORE).is_some()
}

/// Serves until whoever started it is gone.
pub fn serve_here() {
    let workers = std::env::var(WORKERS).ok().and_then(|text| text.parse().ok()).expect("a number of workers");
    let runtime = Builder::new_multi_thread().worker_threads(workers).enable_all().build().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port");
    println!("{}", listener.local_addr().expect("bound"));
    let store = std::env::var(STORE).expect("a store");
    if store == BARE || store == CHECKING {
        return runtime.block_on(bare::serve(listener, store == CHECKING));
    }
    let relay = Arc::new(Relay::new(opened(&store, workers, &runtime), identity(), rules()));
    let until = async { drop(tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await) };
    runtime.block_on(run(listener, relay, Outside::Tls, until));
}

fn opened(store: &str, workers: usize, runtime: &Runtime) -> Arc<dyn Store> {
    match store.strip_prefix(FILE) {
        Some(path) => Arc::new(Sqlite::open(Path::new(path)).expect("a store")),
        None => {
            let settings: Settings = store.parse().expect("an address");
            Arc::new(runtime.block_on(Postgres::open(settings.with_connections(workers * CONNECTIONS))).expect("a database"))
        }
    }
}

/// Who every relay of this bench is.
pub fn identity() -> Identity {
    Identity::of_seed(&[11; 32])
}

/// Rules of a relay that lets one address do as much as it can.
fn rules() -> Rules {
    let limits = Limits { address: None, mailbox: None, per_address: None, ..Limits::default() };
    Rules { terms: Terms { quota: 1 << 40, keeps_days: 365 }, work_bits: Some(0), limits }
}
