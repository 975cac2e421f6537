//! What the relay carries: `cargo bench --all-features --bench relay`. Prints a table and fails on nothing: times belong to the machine.
//! `-- put` (`get`, `times`, `processes`, `link`, `memory`) runs one part. What was measured stands in `docs/performance.md`.

#[path = "relay/bare.rs"]
mod bare;
#[path = "../tests/suite/relay/cluster.rs"]
#[allow(dead_code, reason = "the bench stops no database")]
mod cluster;
#[allow(dead_code, reason = "the tasks of the other bench are not asked for here")]
#[path = "carry/desk.rs"]
mod desk;
#[path = "relay/link.rs"]
mod link;
#[allow(dead_code, reason = "the table of the other bench is not asked for here")]
#[path = "casebook/made.rs"]
mod made;
#[path = "relay/many.rs"]
mod many;
#[path = "../tests/suite/relay/pinned.rs"]
mod pinned;
#[allow(dead_code, reason = "the bench sends nothing that is refused")]
#[path = "../tests/suite/relay/raw.rs"]
mod raw;
#[path = "relay/server.rs"]
mod server;
#[path = "relay/synced.rs"]
mod synced;
/// What the module for databases needs of the tests' ones.
mod transport {
    pub mod mounted {
        pub fn skipped(why: &str) {
            eprintln!("SKIPPED: {why}");
        }
    }
}

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use many::{Lines, Task};
use rusqlite::Connection;
use sandyq::relay::Store;
use sandyq::relay::store::sqlite::Sqlite;
use sandyq::wire::FileName;
use server::Server;

/// Makes this program run the command line it got and print its peak memory.
pub const PEAK: &str = "SANDYQ_BENCH_PEAK";
/// Connections at a time.
pub const LINES: usize = 64;
/// Requests of each connection.
const EACH: usize = 200;
/// Bytes of a file: a detention as it is sealed.
pub const FILE: usize = 1_536;
/// Files of the full store.
const MILLION: u64 = 1_000_000;
/// Bytes of each of its files.
const SMALL: usize = 512;

/// Measures something in a folder of its own and prints it.
type Part = fn(&Path);

fn main() -> ExitCode {
    // The judge is this very program, started once more.
    if std::env::args().nth(1).is_some_and(|argument| argument == "judge") {
        return sandyq::cli::main();
    }
    if server::is_asked_for() {
        server::serve_here();
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    println!("| what | measured | beside it | ratio | bound | |\n|---|---|---|---|---|---|");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let parts: [(&str, Part); 6] = [("put", put), ("get", get), ("times", times), ("processes", processes), ("link", link), ("memory", memory)];
    for (_, part) in parts.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|one| one == name)) {
        part(folder.path());
    }
    ExitCode::SUCCESS
}

fn shown(what: &str, measured: &str, beside: &str) {
    println!("| {what} | {measured} | {beside} | | | |");
}

/// A row with a ratio that is to be at least so much.
fn at_least(what: &str, measured: f64, peer: (&str, f64), bound: f64) {
    let ratio = measured / peer.1;
    let said = if ratio >= bound { "within" } else { "MISSED" };
    println!("| {what} | {measured:.0}/s | {} {:.0}/s | {ratio:.2} | >= {bound} | {said} |", peer.0, peer.1);
}

/// A row with a ratio that nothing was promised of.
fn beside(what: &str, measured: f64, peer: (&str, f64)) {
    println!("| {what} | {measured:.0}/s | {} {:.0}/s | {:.2} | | |", peer.0, peer.1, measured / peer.1);
}

fn rate(done: usize, time: Duration) -> f64 {
    done as f64 / time.as_secs_f64()
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = run();
    (start.elapsed(), done)
}

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// P8: files put over 64 connections, beside the same rows written straight.
fn put(folder: &Path) {
    let server = Server::start(&server::file(&folder.join("put.sqlite")), 2);
    let relay = Lines::to(&server).run(Task::Put, EACH).rate();
    at_least("P8 put, 64 connections", relay, ("SQLite, one commit a file", straight(folder, 1)), 0.5);
    beside("P8 put, beside commits of 64", relay, ("SQLite, 64 files a commit", straight(folder, LINES)));
}

/// Writes the same files into a table, so many in each durable commit; returns how many a second.
fn straight(folder: &Path, together: usize) -> f64 {
    let db = Connection::open(folder.join(format!("straight-{together}.sqlite"))).expect("a store");
    db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE files (n INTEGER PRIMARY KEY, name BLOB UNIQUE, at INTEGER, bytes BLOB);")
        .expect("a table");
    let files: Vec<(FileName, Vec<u8>)> = (0..LINES * EACH).map(|number| many::file(number / EACH, number % EACH)).collect();
    let write = || {
        for some in files.chunks(together) {
            db.execute_batch("BEGIN IMMEDIATE").expect("begun");
            let mut insert = db.prepare_cached("INSERT INTO files (name, at, bytes) VALUES (?1, 0, ?2)").expect("a statement");
            some.iter().for_each(|(name, bytes)| assert_eq!(insert.execute((&name.0[..], bytes)).expect("kept"), 1));
            db.execute_batch("COMMIT").expect("durable");
        }
    };
    rate(files.len(), timed(write).0)
}

/// P8: a file fetched over 64 connections, beside a handler that serves the same bytes over the same TLS.
fn get(folder: &Path) {
    let server = Server::start(&server::file(&folder.join("get.sqlite")), 2);
    let mut lines = Lines::to(&server);
    lines.run(Task::Put, EACH);
    let relay = lines.run(Task::Get, EACH).rate();
    let peer = |handler: &str| Lines::to(&Server::start(handler, 2)).run(Task::Get, EACH).rate();
    at_least("P8 get, 64 connections", relay, ("bare handler", peer(server::BARE)), 0.5);
    beside("P8 get, beside one that checks signatures", relay, ("bare handler that checks signatures", peer(server::CHECKING)));
}

/// How long a request takes while 64 connections ask.
fn times(folder: &Path) {
    let server = Server::start(&server::file(&folder.join("times.sqlite")), 2);
    let mut lines = Lines::to(&server);
    for (what, task) in [("put", Task::Put), ("list of 100", Task::List), ("get", Task::Get)] {
        let done = lines.run(task, EACH);
        let at = |part: f64| format!("{:.1} ms", done.percentile(part).as_secs_f64() * 1e3);
        shown(&format!("{what}, 64 connections, p50 and p99"), &format!("{}, {}", at(0.5), at(0.99)), &format!("{:.0}/s", done.rate()));
    }
}

/// P8: three processes on one database beside one with as many workers and connections to it.
fn processes(_: &Path) {
    let (Some(one), Some(three)) = (cluster::database(), cluster::database()) else { return };
    let both = |servers: &[Server]| {
        let mut lines = Lines::to_all(servers);
        (lines.run(Task::Put, EACH).rate(), lines.run(Task::Get, EACH).rate())
    };
    let alone = both(&[Server::start(&one, 6)]);
    let together = both(&[Server::start(&three, 2), Server::start(&three, 2), Server::start(&three, 2)]);
    at_least("P8 put, three processes on one PostgreSQL", together.0, ("one process", alone.0), 0.9);
    at_least("P8 get, three processes on one PostgreSQL", together.1, ("one process", alone.1), 0.9);
}

/// 41 small records through 64 kbit/s.
fn link(folder: &Path) {
    let server = Server::start(&server::file(&folder.join("link.sqlite")), 2);
    synced::through(&folder.join("desks"), &server);
}

/// Memory at rest, and with a million files.
fn memory(folder: &Path) {
    let idle = Server::start(&server::file(&folder.join("idle.sqlite")), 2);
    let few = asked(&idle, 1);
    shown("memory, nothing stored", &mb(few), "50 MB");
    drop(idle);
    let path = folder.join("full.sqlite");
    let (time, bytes) = timed(|| filled(&path));
    shown("1 000 000 files loaded straight into the store", &format!("{:.0} s", time.as_secs_f64()), &mb(bytes));
    let full = Server::start(&server::file(&path), 2);
    let much = asked(&full, many::FULL);
    println!("| memory, 1 000 000 files | {} | nothing stored {} | {:.2} | flat | |", mb(much), mb(few), much as f64 / few as f64);
}

/// Memory of a relay after 64 connections put, listed and got; their files are in mailboxes of this seed on.
fn asked(server: &Server, seed: u8) -> u64 {
    let mut lines = Lines::of(std::slice::from_ref(server), seed);
    for task in [Task::Put, Task::List, Task::Get] {
        lines.run(task, EACH);
    }
    server.memory()
}

/// Fills a store with a million files in eight mailboxes; returns its bytes.
fn filled(path: &Path) -> u64 {
    let store = Sqlite::open(path).expect("a store");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let store = std::sync::Arc::new(store);
    runtime.block_on(async {
        for box_at in 0..many::BOXES {
            let mailbox = many::made(&*store, many::FULL, box_at).await;
            let putters = (0..LINES as u64).map(|lane| {
                let store = std::sync::Arc::clone(&store);
                tokio::spawn(async move {
                    let mut number = lane;
                    while number < MILLION / many::BOXES as u64 {
                        let bytes = many::bytes(u64::from(box_at) << 32 | number, SMALL);
                        store.put(mailbox, FileName::of(&bytes), bytes, false, many::now()).await.expect("kept");
                        number += LINES as u64;
                    }
                })
            });
            let putters: Vec<_> = putters.collect();
            for putter in putters {
                putter.await.expect("no panic");
            }
        }
    });
    drop(store);
    std::fs::metadata(path).map_or(0, |file| file.len())
}
