//! `check`: looks through a relay and prints what it finds; the store may be in use meanwhile.

use std::path::Path;

use tokio::runtime::Runtime;

use super::folder::{Folder, disk_fault};
use super::serve::clock_is_set;
use super::settings::{Kind, Settings};
use super::words::{self, Fault, checked};
use super::{say, shelves};
use crate::relay::store::StoreError;
use crate::sys::clock::SystemClock;
use crate::sys::{disk, space};

/// Less room than this is a fault: a mailbox of the usual size would not fit.
const LOW: u64 = 256 * 1024 * 1024;

/// Prints a line for each thing that was looked at.
///
/// # Errors
/// Returns [`Fault::Found`] when one of them is a fault, or what kept it from looking.
pub fn run(path: &Path) -> Result<(), Fault> {
    let folder = Folder::at(path)?;
    let settings = folder.settings()?;
    let mut report = Report::default();
    report.fine(checked::SETTINGS);
    key(&folder, &settings, &mut report)?;
    if clock_is_set(&SystemClock).is_err() {
        report.fault(checked::CLOCK);
    }
    store(&folder, &settings, &mut report)?;
    room(&folder, &mut report);
    report.end()
}

/// What was found.
#[derive(Default)]
struct Report {
    text: String,
    faults: usize,
}

impl Report {
    fn fine(&mut self, line: &str) {
        self.text += line;
        self.text += "\n";
    }

    fn fault(&mut self, line: &str) {
        self.faults += 1;
        self.fine(line);
    }

    fn end(self) -> Result<(), Fault> {
        say(&self.text)?;
        if self.faults == 0 { Ok(()) } else { Err(Fault::Found { count: self.faults }) }
    }
}

fn key(folder: &Folder, settings: &Settings, report: &mut Report) -> Result<(), Fault> {
    let path = folder.key_path(settings);
    report.fine(&words::key_fits(&folder.identity(settings)?.pin()));
    if !disk::is_private(&path).map_err(disk_fault(&path))? {
        report.fault(checked::KEY_SHARED);
    }
    Ok(())
}

fn store(folder: &Folder, settings: &Settings, report: &mut Report) -> Result<(), Fault> {
    match settings.store.kind {
        Kind::Memory => report.fine(checked::MEMORY),
        Kind::Sqlite => sqlite(folder, report)?,
        Kind::Postgres => {
            let runtime = Runtime::new().map_err(Fault::System)?;
            let store = runtime.block_on(shelves::open(&settings.store, folder))?;
            report.fine(&words::kept(&runtime.block_on(store.figures())?));
        }
    }
    Ok(())
}

/// A relay that never served has no store yet: that is no fault.
fn sqlite(folder: &Folder, report: &mut Report) -> Result<(), Fault> {
    let path = folder.store_path();
    if matches!(path.try_exists(), Ok(false)) {
        report.fine(&words::kept(&Default::default()));
        return Ok(());
    }
    match shelves::look_through(&path) {
        Ok(figures) => {
            report.fine(&words::kept(&figures));
            report.fine(checked::WHOLE);
        }
        Err(Fault::Store(error @ StoreError::Damaged)) => report.fault(&checked::store(&error)),
        Err(fault) => return Err(fault),
    }
    Ok(())
}

fn room(folder: &Folder, report: &mut Report) {
    match space::free(folder.path()) {
        None => report.fine(checked::DISK_UNKNOWN),
        Some(bytes) => {
            report.fine(&words::free(bytes));
            if bytes < LOW {
                report.fault(checked::DISK_LOW);
            }
        }
    }
}
