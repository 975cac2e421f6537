//! A relay in a process of its own, which can be killed: this very program, told to serve.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sandyq::relay::serve::serve;
use sandyq::relay::store::postgres::Postgres;
use sandyq::relay::store::sqlite::Sqlite;
use sandyq::relay::{Identity, Relay, Store};

use super::caller::Caller;
use super::raw::Ask;
use super::served::rules;

/// Says where the store is to the process that is to serve.
const STORE: &str = "SANDYQ_TEST_RELAY_STORE";
/// What stands before the path of a SQLite store; anything else is the address of a database.
const FILE: &str = "file:";
/// The test that serves in the other process.
const SERVING: &str = "relay::process::a_relay_serves_until_whoever_started_it_is_gone";
/// Word before the address that the other process listens on.
const SAID: &str = "serving at ";

/// Who every relay of these tests is: processes with one store have one key.
pub fn identity() -> Identity {
    Identity::of_seed(&[11; 32])
}

/// Names a SQLite store.
pub fn file(path: &Path) -> String {
    format!("{FILE}{}", path.display())
}

/// A process that serves. It ends with this one, whatever happens.
pub struct Process {
    child: Child,
    /// Closed by the system when this process ends: that is the sign.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Process {
    pub fn start(store: &str) -> Process {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", SERVING, "--nocapture"]).env(STORE, store).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = output.by_ref().lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once(SAID)?.1.parse().ok()).expect("it serves");
        Process { child, input, output, address }
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Lets it end by itself; tells whether all went well.
    fn end(&mut self) -> bool {
        drop(self.input.take());
        self.output.read_to_end(&mut Vec::new()).expect("read");
        self.child.wait().expect("ended").success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where relays listen at the moment; each of them is as good as the others.
#[derive(Debug, Default)]
pub struct Doors {
    open: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
}

impl Doors {
    pub fn at(addresses: &[SocketAddr]) -> Arc<Doors> {
        Arc::new(Doors { open: Mutex::new(addresses.to_vec()), next: AtomicUsize::default() })
    }

    /// Returns one after the other in turn.
    pub fn next(&self) -> SocketAddr {
        let open = self.open.lock().expect("no panic");
        open[self.next.fetch_add(1, Ordering::Relaxed) % open.len()]
    }

    pub fn count(&self) -> usize {
        self.open.lock().expect("no panic").len()
    }

    fn replace(&self, at: usize, address: SocketAddr) {
        self.open.lock().expect("no panic")[at] = address;
    }
}

/// Processes on one store.
pub struct Processes {
    store: String,
    running: Vec<Process>,
    doors: Arc<Doors>,
}

impl Processes {
    pub fn start(store: &str, count: usize) -> Processes {
        let running: Vec<Process> = (0..count).map(|_| Process::start(store)).collect();
        let doors = Doors::at(&running.iter().map(|process| process.address).collect::<Vec<_>>());
        Processes { store: store.to_owned(), running, doors }
    }

    pub fn doors(&self) -> &Arc<Doors> {
        &self.doors
    }

    /// Returns a caller of one of them alone.
    pub fn caller(&self, at: usize) -> Caller {
        Caller::of(&Doors::at(&[self.running[at].address]), identity().pin())
    }

    pub fn kill(&mut self, at: usize) {
        self.running[at].kill();
    }

    /// Starts one again, at another door.
    pub fn revive(&mut self, at: usize) {
        self.running[at] = Process::start(&self.store);
        self.doors.replace(at, self.running[at].address);
    }
}

/// Serves until the standard input ends.
fn serve_at(store: &str) {
    let store: Arc<dyn Store> = match store.strip_prefix(FILE) {
        Some(path) => Arc::new(Sqlite::open(Path::new(path)).expect("it opens")),
        None => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            Arc::new(runtime.block_on(Postgres::open(store.parse().expect("an address"))).expect("it opens"))
        }
    };
    let relay = Arc::new(Relay::new(store, identity(), rules()));
    let running = serve(relay, "127.0.0.1:0".parse().expect("an address")).expect("it serves");
    let mut output = std::io::stdout();
    writeln!(output, "\n{SAID}{}", running.address).and_then(|()| output.flush()).expect("said");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    running.stop();
}

#[test]
fn a_relay_serves_until_whoever_started_it_is_gone() {
    if let Ok(store) = std::env::var(STORE) {
        return serve_at(&store);
    }
    let home = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(&file(&home.path().join("store")));
    let mut caller = Caller::of(&Doors::at(&[process.address]), identity().pin());
    assert_eq!(caller.send(&Ask::new("GET", "/readyz")).expect("an answer").status, 200);
    assert!(process.end());
    assert!(caller.send(&Ask::new("GET", "/readyz")).is_none());
    let mut stranger = Caller::of(&Doors::at(&[process.address]), Identity::of_seed(&[12; 32]).pin());
    assert!(stranger.send(&Ask::new("GET", "/readyz")).is_none());
}
