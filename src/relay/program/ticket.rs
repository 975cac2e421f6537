//! `ticket`: prints single-use codes, one a line. The store knows nothing of a ticket until it is spent.

use std::path::Path;

use super::folder::Folder;
use super::say;
use super::settings::{Between, Class, Days, Mib, Settings};
use super::words::{Fault, help};
use crate::relay::store::Terms;
use crate::relay::ticket;
use crate::sys::chance::{SystemChance, draw};
use crate::sys::clock::{Clock, SystemClock};

const DAY: u64 = 86_400;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_name = "N", default_value = "1", help = help::COUNT)]
    count: Between<1, 10_000>,
    #[arg(long, value_name = "NAME", help = help::CLASS)]
    class: Option<String>,
    #[arg(long, value_name = "Q", help = help::QUOTA)]
    quota_mib: Option<Mib>,
    #[arg(long, value_name = "D", help = help::DAYS)]
    days: Option<Days>,
    #[arg(long, value_name = "G", default_value = "30", help = help::GOOD_FOR)]
    good_for_days: Days,
}

/// Prints tickets.
///
/// # Errors
/// Returns what is wrong with the folder, or a class that is not there.
pub fn run(path: &Path, args: &Args) -> Result<(), Fault> {
    let folder = Folder::at(path)?;
    let settings = folder.settings()?;
    let identity = folder.identity(&settings)?;
    let terms = terms(&settings, args)?;
    super::serve::clock_is_set(&SystemClock)?;
    let until = SystemClock.now().seconds as u64 + args.good_for_days.0 * DAY;
    let one = |_| ticket::issue(identity.secret(), terms, until, draw(&mut SystemChance)) + "\n";
    say(&(0..args.count.0).map(one).collect::<String>())
}

/// Returns the terms of the class or of every mailbox, but for what is said.
fn terms(settings: &Settings, args: &Args) -> Result<Terms, Fault> {
    let class = match &args.class {
        Some(name) => *settings.classes.get(name).ok_or_else(|| Fault::NoClass { name: name.clone() })?,
        None => Class { quota_mib: settings.mailboxes.quota_mib, keep_days: settings.mailboxes.keep_days },
    };
    let quota_mib = args.quota_mib.unwrap_or(class.quota_mib);
    Ok(Class { quota_mib, keep_days: args.days.unwrap_or(class.keep_days) }.terms())
}
