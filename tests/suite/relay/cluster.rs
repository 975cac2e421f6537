//! A throw-away PostgreSQL for tests: a socket in a folder of its own, no network, gone with this process however that ends.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

use crate::transport::mounted::skipped;

/// An address of a database to use in place of an own one. Its user may make databases.
const GIVEN: &str = "SANDYQ_TEST_POSTGRES";
/// Where Debian keeps each version's programs.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// Starts the database and stops it when it is told to, or when whoever started it is gone; then the folder goes too. The last
/// word before each program makes it another user's.
const KEEPER: &str = r#"
    as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
    cd "$FOLDER" || exit 1
    [ "$(id -u)" = 0 ] && chown postgres:postgres "$FOLDER"
    if [ ! -d data ]; then
        as "$BIN/initdb" -D data -A trust -U postgres -E UTF8 --locale=C --no-sync --no-instructions >initdb.log 2>&1 || exit 1
    fi
    as "$BIN/pg_ctl" start -w -s -D data -l "$FOLDER/log" -o "-k '$FOLDER' -c listen_addresses='' -c shared_buffers=16MB \
        -c max_connections=200 -c autovacuum_naptime=5s" >start.log 2>&1 </dev/null || exit 1
    trap '' PIPE
    echo ready
    read -r order
    as "$BIN/pg_ctl" stop -w -s -D data -m "${order:-immediate}" >stop.log 2>&1
    [ -n "$order" ] || rm -rf "$FOLDER"
"#;

/// How a database is stopped.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// After every connection was ended in order.
    Fast,
    /// As a pulled plug would, the disk apart.
    Immediate,
}

/// A database server of this test run.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    keeper: Option<Keeper>,
}

#[derive(Debug)]
struct Keeper {
    process: Child,
    /// Closed by the system when this process ends: that is the sign.
    order: ChildStdin,
}

impl Cluster {
    /// Starts a server of the test's own; none where PostgreSQL is not installed, which is said aloud.
    pub fn start() -> Option<Cluster> {
        let Some(programs) = programs() else {
            skipped("a relay on PostgreSQL needs Debian's package postgresql");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("sandyq-pg-").tempdir_in("/tmp").expect("a folder").keep();
        let mut cluster = Cluster { folder, programs, keeper: None };
        cluster.resume();
        Some(cluster)
    }

    /// Starts the server again after it was stopped.
    pub fn resume(&mut self) {
        self.keeper = Some(Keeper::start(&self.folder, &self.programs));
    }

    /// Stops the server and leaves its folder.
    pub fn stop(&mut self, how: Stop) {
        let Keeper { mut process, mut order } = self.keeper.take().expect("it runs");
        let how = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        writeln!(order, "{how}").expect("told");
        assert!(process.wait().expect("ended").success());
    }

    /// Makes an empty database in it; returns its address.
    pub fn database(&self) -> String {
        made(&self.address("postgres"))
    }

    /// Returns the folder with its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn address(&self, database: &str) -> String {
        format!("postgresql:///{database}?host={}&user=postgres", self.folder.display())
    }
}

impl Keeper {
    fn start(folder: &Path, programs: &Path) -> Keeper {
        let mut keeper = Command::new("sh");
        keeper.arg("-c").arg(KEEPER).env("FOLDER", folder).env("BIN", programs).env("LC_ALL", "C").env_remove("PGDATA");
        // A group of its own: what ends the tests from the keyboard leaves it to see that they ended.
        let mut process = keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
        let order = process.stdin.take().expect("piped");
        let mut said = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut said).expect("read");
        assert_eq!(said, "ready\n", "PostgreSQL does not start: see {}", folder.display());
        Keeper { process, order }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        match self.keeper.take() {
            None => drop(std::fs::remove_dir_all(&self.folder)),
            Some(Keeper { mut process, order }) => {
                drop(order);
                let _ = process.wait();
            }
        }
    }
}

/// Returns the address of an empty database for one test; none where no PostgreSQL is, which is said aloud.
pub fn database() -> Option<String> {
    match std::env::var(GIVEN) {
        Ok(given) => Some(made(&given)),
        Err(_) => shared().map(Cluster::database),
    }
}

/// Tells whether there is a PostgreSQL; says it aloud where none is.
pub fn is_here() -> bool {
    std::env::var_os(GIVEN).is_some() || shared().is_some()
}

/// The server of all tests that do not stop it.
fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(Cluster::start).as_ref()
}

/// Runs statements in a database, as its operator would.
pub fn sql(address: &str, statements: &str) {
    asked(address, statements);
}

/// Runs statements and returns the first column of the last row, as text.
pub fn asked(address: &str, statements: &str) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await.expect("connected");
        tokio::spawn(connection);
        let messages = client.simple_query(statements).await.expect("done");
        messages.iter().rev().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    })
}

/// Makes a database beside the one at an address. One in a server that was given stays there.
fn made(address: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("sandyq_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    sql(address, &format!("CREATE DATABASE {name}"));
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}dbname={name}")
}

/// Returns the folder of the newest version's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(PROGRAMS).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.parse::<u32>().ok());
    let folder = Path::new(PROGRAMS).join(versions.max()?.to_string()).join("bin");
    folder.join("initdb").exists().then_some(folder)
}
