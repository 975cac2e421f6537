//! The log: one line of JSON for each event, to stderr. Events of this program only, so that nothing that a crate under it
//! knows of a visitor gets in.

use std::panic::PanicHookInfo;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use super::settings::Level;

/// Where events of this program come from.
const OWN: &str = "sandyq";

/// The log while it is written.
pub struct Journal(Handle<Targets, Registry>);

impl Journal {
    /// Begins the log.
    pub fn begin(level: Level) -> Journal {
        let (filter, handle) = reload::Layer::new(own(level));
        let lines = fmt::layer().json().flatten_event(true).with_target(false).with_writer(std::io::stderr);
        // A second log in one process would go where the first goes.
        let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
        std::panic::set_hook(Box::new(panicked));
        Journal(handle)
    }

    /// Logs more or less from now on.
    pub fn set(&self, level: Level) {
        // The log ends with the process only.
        let _ = self.0.reload(own(level));
    }
}

fn own(level: Level) -> Targets {
    let level = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    Targets::new().with_target(OWN, level)
}

/// Says where, not what: the message of a panic may hold anything.
fn panicked(info: &PanicHookInfo<'_>) {
    let at = info.location().map_or_else(String::new, |place| format!("{}:{}", place.file(), place.line()));
    tracing::error!(at, "panicked");
}
