//! Every sentence that an operator sees. Plain English: operators read the English of servers, and none of this reaches a
//! monitor.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::relay::store::{Figures, StoreError};
use crate::relay::tls::IdentityError;
use crate::wire::Pin;

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("There is no relay in {path}. Make one with: sandyq-relay init --folder {path} --address HOST:PORT")]
    NoFolder { path: PathBuf },
    #[error("{path} is there already, and init overwrites nothing. Choose another folder.")]
    Occupied { path: PathBuf },
    #[error("{path} is there already, and nothing is overwritten. Choose another name.")]
    Exists { path: PathBuf },
    #[error("This user may not use {path}. Run the command as the user of the relay, or as root.")]
    Rights { path: PathBuf },
    #[error("{path} cannot be used: {system}")]
    Disk { path: PathBuf, system: std::io::Error },
    #[error("Line {line} of {path}: {what}")]
    Settings { path: PathBuf, line: usize, what: String },
    #[error("{path} cannot be used: {}.", key(*.error))]
    Key { path: PathBuf, error: IdentityError },
    #[error(
        "Say under which address members reach this machine: --address HOST:PORT, e.g. --address relay.example.org:8443. A number or an onion name will do."
    )]
    NoAddress,
    #[error("{address} is no address of the form HOST:PORT, e.g. relay.example.org:8443 or [2001:db8::1]:8443.")]
    Address { address: String },
    #[error("The clock of this machine stands before 2026. Set it: nonces and days of files go by it.")]
    Clock,
    #[error("Port {} is in use by another program. Stop that, or change `{setting}` in relay.toml.", .at.port())]
    PortTaken { at: SocketAddr, setting: &'static str },
    #[error("This user may not listen on port {}. Choose a port from 1024 on in relay.toml and let the firewall forward to it.", .at.port())]
    PortRights { at: SocketAddr },
    #[error("It cannot listen on port {} (`{setting}` in relay.toml): {system}", .at.port())]
    Port { at: SocketAddr, setting: &'static str, system: std::io::Error },
    #[error("Another sandyq-relay{} serves this folder.", .process.map_or_else(String::new, |number| format!(" (process {number})")))]
    Held { process: Option<u32> },
    #[error("{}", store(.0))]
    Store(#[from] StoreError),
    #[error("{path} cannot be opened: another process holds it, or this user may not write to it.")]
    StoreHeld { path: PathBuf },
    #[error("This program was built without PostgreSQL. Build it with: cargo install --path . --features postgres")]
    NoPostgres,
    #[error("`url` in relay.toml: {0}.")]
    Url(String),
    #[error("There is no class `{name}` in relay.toml.")]
    NoClass { name: String },
    #[error("{path} is no whole backup of a relay: {what}. Nothing was set up.")]
    Backup { path: PathBuf, what: &'static str },
    #[error("{}", found(*.count))]
    Found { count: usize },
    #[error("The system did not start it: {0}")]
    System(std::io::Error),
    #[error("Nobody took what was printed.")]
    Unheard,
}

fn key(error: IdentityError) -> &'static str {
    match error {
        IdentityError::Key => "it is no private key in PEM that this program knows",
        IdentityError::Certificate => "its certificate is none",
        IdentityError::Mismatch => "its certificate belongs to another key",
    }
}

fn store(error: &StoreError) -> String {
    match error {
        StoreError::Away => "The database does not answer. Start it, then this.".to_owned(),
        StoreError::Full => "The disk is full. Make room; nothing that was stored is lost.".to_owned(),
        StoreError::Newer => "The store was written by a newer version of this program. Install that version again; nothing was changed.".to_owned(),
        StoreError::Damaged => "The store is damaged. Copy the folder as it is, then set up from the last backup: members bring what it lacks.".to_owned(),
        StoreError::Failed(said) => format!("The store failed: {said}"),
    }
}

fn found(count: usize) -> String {
    match count {
        1 => "1 fault found.".to_owned(),
        count => format!("{count} faults found."),
    }
}

/// Texts of `--help`.
pub mod help {
    pub const ABOUT: &str = "A blind relay for sandyq: keeps sealed files for whoever has the keys of a mailbox, and learns nothing else";
    pub const FOLDER: &str = "Folder of the relay";
    pub const INIT: &str = "Set up a relay: settings, key, address line";
    pub const SERVE: &str = "Serve until told to stop";
    pub const TICKET: &str = "Print tickets, each good for one mailbox";
    pub const CHECK: &str = "Look through settings, key, store and disk";
    pub const BACKUP: &str = "Write settings, key and store into one file, also while it serves";
    pub const LISTEN: &str = "Where it listens";
    pub const ADDRESS: &str = "Under which address members reach it";
    pub const FROM: &str = "Take everything from a backup of another machine";
    pub const COUNT: &str = "How many tickets";
    pub const CLASS: &str = "A class of relay.toml";
    pub const QUOTA: &str = "MiB that the mailbox may hold";
    pub const DAYS: &str = "Days after which a file goes";
    pub const GOOD_FOR: &str = "Days within which the ticket must be used";
    pub const TO: &str = "File to write";
}

/// What is wrong with a setting; the line is said elsewhere.
pub mod setting {
    pub const NOT_LOOPBACK: &str = "figures are shown on this machine only: use an address such as 127.0.0.1:9464";
    pub const NO_URL: &str = "the store `postgres` needs its `url`";
    pub const URL_UNUSED: &str = "only the store `postgres` has a `url`";

    /// A number that is too small or too large.
    pub fn between(least: u64, most: u64) -> String {
        format!("a number from {least} to {most} belongs here")
    }
}

/// The line that members type or scan.
pub fn address_line(address: &str, pin: &Pin) -> String {
    format!("https://{address}#{pin}")
}

/// A pin in groups of four digits, to be read out.
pub fn in_groups(pin: &Pin) -> String {
    let digits = pin.to_string();
    let group = |at: usize| digits[at..at + 4].to_owned();
    let line = |from: usize| (from..from + 32).step_by(4).map(group).collect::<Vec<_>>().join(" ");
    format!("  {}\n  {}", line(0), line(32))
}

/// What is said once a relay is set up.
pub fn ready(folder: &Path, line: &str, picture: &str, pin: &Pin) -> String {
    let folder = folder.display();
    let groups = in_groups(pin);
    format!(
        "The relay is set up in {folder}.

Members need this line, which is no secret:

{line}

{picture}
The key of this relay in groups of four. Members see the same digits behind the # of the line.
Compare them by voice when the line came by a way that others can change:

{groups}

Start it:        sandyq-relay serve --folder {folder}
Keep a copy:     sandyq-relay backup FILE --folder {folder}
Whoever has key.pem or a backup can pretend to be this relay. They still cannot read any file.
"
    )
}

/// What is said once a relay was moved.
pub fn moved(files: u64) -> String {
    format!("Taken from the backup: settings, key and {files} files. Stop the old machine before this one serves.\n\n")
}

/// What is said once a backup is written.
pub fn backed_up(path: &Path, bytes: u64, store: &str) -> String {
    format!("{} written, {}. {store}\nWhoever has it can pretend to be this relay: keep it as you keep the machine.\n", path.display(), size(bytes))
}

/// What of a store is in a backup.
pub mod copied {
    pub const SQLITE: &str = "Settings, key and the store as it was a moment ago are in it.";
    pub const MEMORY: &str = "Settings and key are in it; a store in memory has no copy.";
    pub const POSTGRES: &str = "Settings and key are in it, the database is not: use pg_dump for that.";
}

/// What is wrong with a backup.
pub mod backup {
    pub const NO_ARCHIVE: &str = "it is cut short or no archive";
    pub const NO_SETTINGS: &str = "it has no settings that fit";
    pub const NO_KEY: &str = "it has no key that fits";
    pub const STRANGE: &str = "it has members that do not belong there";
    pub const GAP: &str = "a part of the store is missing";
    pub const SUMS: &str = "its members do not fit their sums";
    pub const STORE: &str = "its store is damaged";
}

/// Lines of `check`.
pub mod checked {
    pub const SETTINGS: &str = "settings fit";
    pub const KEY_SHARED: &str = "FAULT: others on this machine can read the key. chmod 600 it, and think of it as known.";
    pub const DISK_UNKNOWN: &str = "disk: free space unknown";
    pub const DISK_LOW: &str = "FAULT: the disk is nearly full";
    pub const MEMORY: &str = "store: in memory, nothing to look through";
    pub const WHOLE: &str = "store: whole";
    pub const CLOCK: &str = "FAULT: the clock of this machine stands before 2026";

    /// A fault of the store.
    pub fn store(error: &super::StoreError) -> String {
        format!("FAULT: {}", super::store(error))
    }
}

/// The line of `check` about the key.
pub fn key_fits(pin: &Pin) -> String {
    format!("key fits, pin {pin}")
}

/// The line of `check` about what is kept.
pub fn kept(figures: &Figures) -> String {
    format!("store: {} mailboxes, {} files, {}", figures.mailboxes, figures.files, size(figures.bytes))
}

/// The line of `check` about the disk.
pub fn free(bytes: u64) -> String {
    format!("disk: {} free", size(bytes))
}

fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{:.1} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} bytes"),
    }
}

/// The settings as they are written the first time.
pub fn settings(address: &str, listen: &SocketAddr) -> String {
    format!(
        r#"# Settings of a sandyq relay. `sandyq-relay check` reads them without serving.
# After a change: systemctl reload sandyq-relay (or kill -HUP). Lines marked [restart] need a restart instead; the log names
# them when they changed.

# Under which address members reach this relay. Printed in the address line, used for nothing else.
address = "{address}"

# Where it listens. [restart]
listen = "{listen}"

# Figures in OpenMetrics text for Prometheus, at /metrics, on this machine only. Leave the line away to have none. [restart]
# metrics = "127.0.0.1:9464"

# How much is logged: error, warn, info, debug. No level logs addresses of visitors, mailboxes or names of files; debug logs
# the kind and time of every request, which is more than you may want to hold.
log = "info"

# Pin of a second key that you keep elsewhere for the day on which this one is lost or taken: make it with `init` in another
# folder, and put here the 64 digits behind the # of its address line. [restart]
# backup_pin = ""

[tls]
# The private key, for the owner alone. Its pin is what members trust: another key is another relay. [restart]
key = "key.pem"

# A certificate for this key from an authority. Members look at the key alone, so none is needed. [restart]
# certificate = "certificate.pem"

[store]
# sqlite: in store.sqlite beside this file. memory: gone with the process. postgres: for several processes. [restart]
kind = "sqlite"
# url = "postgresql:///sandyq?host=/var/run/postgresql"

[mailboxes]
# What a mailbox may hold, and after how many days a file goes. A ticket may say otherwise; mailboxes that are there keep theirs.
quota_mib = 256
keep_days = 365

# Whoever makes a mailbox without a ticket pays with so many bits of work: 22 are seconds, each bit more doubles them.
work_bits = 22

# true: nobody makes a mailbox without a ticket.
tickets_only = false

# Named terms for `sandyq-relay ticket --class NAME`.
[classes.week]
quota_mib = 64
keep_days = 7

[limits]
# Connections at a time; more wait. [restart]
connections = 256

# Requests of one visitor's address, and of one mailbox: so many at once, then so many a second. 0 a second: no limit. All
# visitors of an onion service have one address: set the first to 0 there.
address_per_second = 100
address_burst = 2000
mailbox_per_second = 200
mailbox_burst = 4000

# Seconds for a TLS handshake, and for the head of a request (an idle connection is closed after them).
handshake_seconds = 10
header_seconds = 10

# A body must bring so many bytes in so many seconds. The largest file is 1 MiB by the protocol.
body_bytes = 20480
body_seconds = 20

# Seconds that requests may take which are being answered when it is told to stop. [restart]
stop_seconds = 20
"#
    )
}
