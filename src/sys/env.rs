//! Every environment variable the program reads.

use std::path::PathBuf;

use super::clock::{Clock, FixedClock, SystemClock, Wall};

/// Folder of the vault, when `--vault` is not given.
pub const VAULT: &str = "SANDYQ_VAULT";
/// Language of the texts, when neither `--lang` nor the vault says.
pub const LANG: &str = "SANDYQ_LANG";
/// A moment to take for now, RFC 3339, for rehearsals and tests.
pub const CLOCK: &str = "SANDYQ_CLOCK";

/// Returns the vault folder from the environment.
pub fn vault() -> Option<PathBuf> {
    std::env::var_os(VAULT).map(PathBuf::from)
}

/// Returns the language asked for: our own variable, else the locale of the system.
pub fn language() -> Option<String> {
    [LANG, "LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// Returns the clock: the system's unless a moment is set.
///
/// # Errors
/// Returns the text that is no moment.
pub fn clock() -> Result<Box<dyn Clock>, String> {
    match std::env::var(CLOCK) {
        Err(_) => Ok(Box::new(SystemClock)),
        Ok(text) => Wall::parse(&text).map(|wall| Box::new(FixedClock(wall)) as Box<dyn Clock>).ok_or(text),
    }
}

/// Returns the home folder.
pub fn home() -> Option<PathBuf> {
    std::env::home_dir()
}
