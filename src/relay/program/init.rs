//! `init`: sets up a relay, new or from a backup of another machine. It overwrites nothing, and what it could not finish it
//! takes away again.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::folder::{Folder, KEY, SETTINGS, STORE, disk_fault};
use super::settings::{Settings, with_line};
use super::words::{self, Fault, help};
use super::{backup, say};
use crate::relay::tls::{IdentityError, key_as_pem, key_of_seed};
use crate::sys::chance::{SystemChance, draw};
use crate::sys::{disk, plain};

/// Where it listens unless said otherwise: a port that needs no rights.
const LISTEN: &str = "0.0.0.0:8443";

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_name = "ADDR", help = help::LISTEN)]
    listen: Option<SocketAddr>,
    #[arg(long, value_name = "HOST:PORT", help = help::ADDRESS)]
    address: Option<String>,
    #[arg(long, value_name = "BACKUP", help = help::FROM)]
    from: Option<PathBuf>,
}

/// Sets up a relay and prints how members reach it.
///
/// # Errors
/// Returns [`Fault::Occupied`] where one is, or what else is in the way.
pub fn run(path: &Path, args: &Args) -> Result<(), Fault> {
    let address = args.address.as_deref().map(address).transpose()?;
    refuse_occupied(path)?;
    let (made, moved) = match &args.from {
        Some(file) => {
            let made = Made::new(path)?;
            (made, Some(take(path, file, args.listen, address)?))
        }
        None => (set_up(path, args.listen, address)?, None),
    };
    let folder = Folder::at(path)?;
    let said = introduction(&folder)?;
    made.stays();
    say(&(moved.map_or_else(String::new, words::moved) + &said))
}

/// Returns what is printed of a relay that is set up.
fn introduction(folder: &Folder) -> Result<String, Fault> {
    let settings = folder.settings()?;
    let pin = folder.identity(&settings)?.pin();
    let line = words::address_line(&settings.address, &pin);
    Ok(words::ready(folder.path(), &line, &picture(&line), &pin))
}

/// Draws a QR code, light on the dark ground of a terminal.
fn picture(line: &str) -> String {
    let drawn = QrCode::new(line).map(|code| code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build());
    // A line that is too long for a picture is printed all the same.
    drawn.map_or_else(|_| String::new(), |picture| picture + "\n")
}

fn refuse_occupied(path: &Path) -> Result<(), Fault> {
    let there = [SETTINGS, KEY, STORE].map(|name| path.join(name)).into_iter().find(|path| path.symlink_metadata().is_ok());
    there.map_or(Ok(()), |path| Err(Fault::Occupied { path }))
}

/// Makes a new relay. The settings come last: without them there is none.
fn set_up<'a>(path: &'a Path, listen: Option<SocketAddr>, address: Option<&str>) -> Result<Made<'a>, Fault> {
    let listen = listen.unwrap_or_else(|| LISTEN.parse().expect("an address"));
    let own = (!listen.ip().is_unspecified()).then(|| listen.to_string());
    let address = address.map(str::to_owned).or(own).ok_or(Fault::NoAddress)?;
    let made = Made::new(path)?;
    let key = new_key().map_err(|error| Fault::Key { path: path.join(KEY), error })?;
    write_new(&path.join(KEY), key.as_bytes())?;
    write_new(&path.join(SETTINGS), words::settings(&address, &listen).as_bytes())?;
    Ok(made)
}

/// Draws an Ed25519 key.
fn new_key() -> Result<String, IdentityError> {
    key_as_pem(&key_of_seed(&draw(&mut SystemChance)))
}

/// Takes a relay from a backup, with other addresses where they are given; returns how many files came with it.
fn take(path: &Path, file: &Path, listen: Option<SocketAddr>, address: Option<&str>) -> Result<u64, Fault> {
    let taken = backup::unpack(file, path)?;
    let text = [("listen", listen.map(|at| at.to_string())), ("address", address.map(str::to_owned))]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(taken.settings, |text, (name, value)| with_line(&text, name, &value));
    Settings::read(&text, &path.join(SETTINGS))?;
    write_new(&path.join(SETTINGS), text.as_bytes())?;
    Ok(taken.files)
}

pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    disk::create_new(path, bytes).map_err(disk_fault(path))
}

/// Reads `HOST:PORT` as it may stand in the address line.
fn address(text: &str) -> Result<&str, Fault> {
    let fault = || Fault::Address { address: text.to_owned() };
    let (host, port) = text.rsplit_once(':').ok_or_else(fault)?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_fits = match bracketed {
        Some(number) => number.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.len() < 254 && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)),
    };
    let port_fits = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if host_fits && port_fits { Ok(text) } else { Err(fault()) }
}

/// What `init` makes in a folder; taken away again unless it stays.
struct Made<'a> {
    folder: &'a Path,
    stays: bool,
}

impl<'a> Made<'a> {
    fn new(folder: &'a Path) -> Result<Made<'a>, Fault> {
        disk::make_folder(folder).map_err(disk_fault(folder))?;
        Ok(Made { folder, stays: false })
    }

    fn stays(mut self) {
        self.stays = true;
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        let names = if self.stays { &[][..] } else { &[SETTINGS, KEY, STORE, super::folder::CERTIFICATE][..] };
        for name in names {
            // What cannot be taken away is in the way of the next `init`, which says so.
            let _ = plain::remove(&self.folder.join(name));
        }
    }
}
