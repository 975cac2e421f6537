//! Settings of a relay, read once at the border: `relay.toml`. A key that is not known is refused with its name and line.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::words::{Fault, setting};
use crate::relay::store::Terms;
use crate::relay::{Limits, Pace, Rate, Rules};
use crate::wire::Pin;

const MIB: u64 = 1024 * 1024;

/// Everything an operator may set.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `HOST:PORT` as members reach it.
    pub address: String,
    pub listen: SocketAddr,
    #[serde(default)]
    pub metrics: Option<Loopback>,
    #[serde(default)]
    pub log: Level,
    #[serde(default)]
    pub backup_pin: Option<Pin>,
    #[serde(default)]
    pub tls: Tls,
    #[serde(default)]
    pub store: Place,
    #[serde(default)]
    pub mailboxes: Mailboxes,
    /// Named terms for tickets.
    #[serde(default)]
    pub classes: BTreeMap<String, Class>,
    #[serde(default)]
    pub limits: Numbers,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

/// Where key and certificate are; relative to the folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    pub key: PathBuf,
    pub certificate: Option<PathBuf>,
}

impl Default for Tls {
    fn default() -> Tls {
        Tls { key: PathBuf::from(super::folder::KEY), certificate: None }
    }
}

/// Where files are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    pub kind: Kind,
    pub url: Option<Url>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Sqlite,
    Memory,
    Postgres,
}

/// Address of a database; may hold a password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Url(pub String);

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Url(..)")
    }
}

/// Who may make a mailbox, and what it may hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mailboxes {
    pub quota_mib: Mib,
    pub keep_days: Days,
    pub work_bits: Between<0, 40>,
    pub tickets_only: bool,
}

impl Default for Mailboxes {
    fn default() -> Mailboxes {
        Mailboxes { quota_mib: Between(256), keep_days: Between(365), work_bits: Between(22), tickets_only: false }
    }
}

/// Terms with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub quota_mib: Mib,
    pub keep_days: Days,
}

impl Class {
    /// Returns them as a store knows them.
    pub fn terms(&self) -> Terms {
        Terms { quota: self.quota_mib.0 * MIB, keeps_days: self.keep_days.0 }
    }
}

/// MiB of a mailbox: a terabyte at most.
pub type Mib = Between<1, 1_048_576>;
/// Days of a file: as many as a ticket can say.
pub type Days = Between<1, 65_535>;
/// Seconds for something that a visitor does.
type Seconds = Between<1, 600>;

/// How much one visitor may take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Numbers {
    pub connections: Between<1, 65_536>,
    pub address_per_second: PerSecond,
    pub address_burst: Burst,
    pub mailbox_per_second: PerSecond,
    pub mailbox_burst: Burst,
    pub handshake_seconds: Seconds,
    pub header_seconds: Seconds,
    pub body_bytes: Between<1, 1_048_576>,
    pub body_seconds: Seconds,
    pub stop_seconds: Seconds,
}

type PerSecond = Between<0, 100_000>;
type Burst = Between<1, 1_000_000>;

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers {
            connections: Between(256),
            address_per_second: Between(100),
            address_burst: Between(2000),
            mailbox_per_second: Between(200),
            mailbox_burst: Between(4000),
            handshake_seconds: Between(10),
            header_seconds: Between(10),
            body_bytes: Between(20_480),
            body_seconds: Between(20),
            stop_seconds: Between(20),
        }
    }
}

/// A number between two others, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between<const LEAST: u64, const MOST: u64>(pub u64);

impl<const LEAST: u64, const MOST: u64> Between<LEAST, MOST> {
    /// Takes a number that fits.
    pub fn new(number: u64) -> Option<Self> {
        (LEAST..=MOST).contains(&number).then_some(Between(number))
    }

    fn seconds(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Between<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(from)?;
        u64::try_from(number).ok().and_then(Self::new).ok_or_else(|| D::Error::custom(setting::between(LEAST, MOST)))
    }
}

impl<const LEAST: u64, const MOST: u64> std::str::FromStr for Between<LEAST, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().ok().and_then(Self::new).ok_or_else(|| setting::between(LEAST, MOST))
    }
}

/// An address that only this machine reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loopback(pub SocketAddr);

impl<'de> Deserialize<'de> for Loopback {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let at = SocketAddr::deserialize(from)?;
        if at.ip().is_loopback() { Ok(Loopback(at)) } else { Err(D::Error::custom(setting::NOT_LOOPBACK)) }
    }
}

impl Settings {
    /// Reads settings; the path is for the fault alone.
    ///
    /// # Errors
    /// Returns the line that does not fit, with what is wrong about it.
    pub fn read(text: &str, path: &Path) -> Result<Settings, Fault> {
        let fault = |line, what: &str| Fault::Settings { path: path.to_owned(), line, what: what.to_owned() };
        let settings: Settings = toml::from_str(text).map_err(|error| fault(line_of(text, &error), error.message()))?;
        match (settings.store.kind, &settings.store.url) {
            (Kind::Postgres, None) => Err(fault(line_with(text, "kind"), setting::NO_URL)),
            (Kind::Sqlite | Kind::Memory, Some(_)) => Err(fault(line_with(text, "url"), setting::URL_UNUSED)),
            _ => Ok(settings),
        }
    }

    /// Returns the rules that a relay serves by.
    pub fn rules(&self) -> Rules {
        let mailboxes = &self.mailboxes;
        let work_bits = (!mailboxes.tickets_only).then_some(mailboxes.work_bits.0 as u32);
        Rules { terms: self.terms(), work_bits, limits: self.limits.limits() }
    }

    /// Returns what a mailbox may hold unless a ticket says otherwise.
    pub fn terms(&self) -> Terms {
        Class { quota_mib: self.mailboxes.quota_mib, keep_days: self.mailboxes.keep_days }.terms()
    }

    /// Returns the settings that differ and that a running relay does not take.
    pub fn needs_restart(&self, new: &Settings) -> Vec<&'static str> {
        let differs = [
            ("listen", self.listen != new.listen),
            ("metrics", self.metrics != new.metrics),
            ("backup_pin", self.backup_pin != new.backup_pin),
            ("tls", self.tls != new.tls),
            ("store", self.store != new.store),
            ("connections", self.limits.connections != new.limits.connections),
            ("stop_seconds", self.limits.stop_seconds != new.limits.stop_seconds),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }
}

impl Numbers {
    fn limits(&self) -> Limits {
        Limits {
            handshake: self.handshake_seconds.seconds(),
            header: self.header_seconds.seconds(),
            pace: Pace { bytes: self.body_bytes.0, within: self.body_seconds.seconds() },
            stopping: self.stop_seconds.seconds(),
            connections: self.connections.0 as usize,
            // Where all visitors have one address, none of them is let go because of the others.
            per_address: Limits::default().per_address.filter(|_| self.address_per_second.0 > 0),
            address: rate(self.address_per_second, self.address_burst),
            mailbox: rate(self.mailbox_per_second, self.mailbox_burst),
            ..Limits::default()
        }
    }
}

fn rate(per_second: PerSecond, burst: Burst) -> Option<Rate> {
    let every = Duration::from_secs(1).checked_div(per_second.0 as u32)?;
    Some(Rate { every, burst: burst.0 as u32 })
}

/// Line at which something does not fit, from 1 on.
fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let start = error.span().map_or(0, |span| span.start);
    text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}

/// The line that sets something; the last one where none does.
fn line_with(text: &str, name: &str) -> usize {
    let sets = |line: &str| is_set_by(line, name);
    text.lines().position(sets).unwrap_or_else(|| text.lines().count().saturating_sub(1)) + 1
}

fn is_set_by(line: &str, name: &str) -> bool {
    line.split_once('=').is_some_and(|(before, _)| before.trim() == name)
}

/// Returns the text with another value in the line that sets something.
pub fn with_line(text: &str, name: &str, value: &str) -> String {
    let line = |line: &str| if is_set_by(line, name) { format!("{name} = \"{value}\"") } else { line.to_owned() };
    text.lines().map(|old| line(old) + "\n").collect()
}
