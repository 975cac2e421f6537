//! Where the database is. Nothing on the way to it is encrypted, so it has to be on the same machine.

use std::net::IpAddr;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// Folder of the socket when none is named: Debian's.
const SOCKETS: &str = "/var/run/postgresql";
/// Connections of one process, unless told otherwise.
const CONNECTIONS: usize = 8;
/// What every connection asks for, whatever the database does by default: an answer means durable, a statement sees what was
/// durable when it began, and a process that was stopped in the middle of something does not stand in the way of others for ever.
const OPTIONS: &str = "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off \
    -c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=10s";

/// How a relay reaches its database.
#[derive(Clone, Debug)]
pub struct Settings {
    config: Config,
    connections: usize,
}

/// An address that is no database of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("not an address of a database, such as postgresql:///sandyq?host=/var/run/postgresql")]
    Address,
    #[error("the database has to be on this machine (a socket, or localhost): the way to it is not encrypted")]
    Elsewhere,
    #[error("sslmode: the way to the database is not encrypted; leave it away and keep the database on this machine")]
    Encrypted,
}

impl Settings {
    /// Returns the same with another number of connections, at least one.
    #[must_use]
    pub fn with_connections(self, connections: usize) -> Settings {
        Settings { connections: connections.max(1), ..self }
    }

    pub(super) fn into_parts(self) -> (Config, usize) {
        (self.config, self.connections)
    }
}

impl FromStr for Settings {
    type Err = SettingsError;

    /// Reads an address as PostgreSQL's own programs take it.
    fn from_str(address: &str) -> Result<Settings, SettingsError> {
        let mut config: Config = address.parse().map_err(|_| SettingsError::Address)?;
        if !is_here(&config) {
            return Err(SettingsError::Elsewhere);
        }
        if config.get_ssl_mode() == SslMode::Require {
            return Err(SettingsError::Encrypted);
        }
        complete(&mut config);
        Ok(Settings { config, connections: CONNECTIONS })
    }
}

fn complete(config: &mut Config) {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        config.host_path(SOCKETS);
    }
    let options = format!("{} {OPTIONS}", config.get_options().unwrap_or_default());
    config.options(options.trim()).ssl_mode(SslMode::Disable);
    if config.get_application_name().is_none() {
        config.application_name("sandyq-relay");
    }
}

/// Tells whether every host is this machine.
fn is_here(config: &Config) -> bool {
    let here = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        Host::Unix(_) => true,
    };
    config.get_hosts().iter().all(here) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}
