//! `backup`: settings, key and store in one archive, also while the relay serves; and the way back. The store stands in it in
//! parts, so that neither side holds more than one part in memory; put together in order they are the SQLite file.

use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::folder::{CERTIFICATE, Folder, KEY, SETTINGS, SMALL, STORE, disk_fault};
use super::init::write_new;
use super::settings::{Kind, Settings, with_line};
use super::words::{self, Fault, backup as wrong, copied, help};
use super::{say, shelves};
use crate::relay::Identity;
use crate::relay::store::StoreError;
use crate::sys::plain::{self, Beside};
use crate::sys::tar::{Member, Members, Met, Writer};

/// Bytes of a part of the store.
const PART: u64 = 8 * 1024 * 1024;
/// What names of parts begin with; six digits follow, from 0 on.
const PARTS: &str = "store-";
/// Most members of a backup: a store of 7 TiB.
const MOST: u64 = 1_000_000;
/// The last member: SHA-256 and name of every other, as `sha256sum -c` reads them.
const SUMS: &str = "SHA256SUMS";
/// The copy of the store while it is packed.
const COPY: &str = ".store";

#[derive(clap::Args)]
pub struct Args {
    #[arg(value_name = "FILE", help = help::TO)]
    file: PathBuf,
}

/// Writes a backup, for the owner alone; overwrites nothing.
///
/// # Errors
/// Returns what is in the way; no file is left then.
pub fn run(path: &Path, args: &Args) -> Result<(), Fault> {
    let folder = Folder::at(path)?;
    let settings = folder.settings()?;
    folder.identity(&settings)?;
    let file = Beside::create_private(&args.file).map_err(disk_fault(&args.file))?;
    let mut archive = Archive { writer: Writer::new(file), sums: String::new(), path: &args.file };
    pack_identity(&folder, &settings, &mut archive)?;
    let has_store = !matches!(folder.store_path().try_exists(), Ok(false));
    if settings.store.kind == Kind::Sqlite && has_store {
        pack_store(&folder, &mut archive)?;
    }
    let bytes = archive.finish()?;
    say(&words::backed_up(&args.file, bytes, copied_of(settings.store.kind)))
}

fn copied_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => copied::SQLITE,
        Kind::Memory => copied::MEMORY,
        Kind::Postgres => copied::POSTGRES,
    }
}

/// An archive that is being written.
struct Archive<'a> {
    writer: Writer<Beside>,
    sums: String,
    path: &'a Path,
}

impl Archive<'_> {
    fn append(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        self.sums += &sum(name, bytes);
        self.writer.append(name, bytes).map_err(disk_fault(self.path))
    }

    /// Makes it durable; returns its length.
    fn finish(mut self) -> Result<u64, Fault> {
        self.writer.append(SUMS, self.sums.as_bytes()).map_err(disk_fault(self.path))?;
        let file = self.writer.finish().map_err(disk_fault(self.path))?;
        let bytes = file.written();
        file.finish().map_err(disk_fault(self.path))?;
        Ok(bytes)
    }
}

/// Appends settings, key and certificate under the names they have in a new folder.
fn pack_identity(folder: &Folder, settings: &Settings, archive: &mut Archive<'_>) -> Result<(), Fault> {
    let text = folder.text(&folder.settings_path())?;
    let text = with_line(&with_line(&text, "key", KEY), "certificate", CERTIFICATE);
    archive.append(SETTINGS, text.as_bytes())?;
    archive.append(KEY, folder.text(&folder.key_path(settings))?.as_bytes())?;
    let certificates = folder.certificates(settings)?;
    certificates.map_or(Ok(()), |chain| archive.append(CERTIFICATE, chain.as_bytes()))
}

/// Appends a copy of the store as it is at one moment.
fn pack_store(folder: &Folder, archive: &mut Archive<'_>) -> Result<(), Fault> {
    let copy = Copy::beside(archive.path);
    shelves::sqlite(&folder.store_path())?.backup(&copy.0)?;
    let length = plain::length(&copy.0).map_err(disk_fault(&copy.0))?.unwrap_or(0);
    for (number, from) in (0..length).step_by(PART as usize).enumerate() {
        let bytes = plain::read_at(&copy.0, from, PART.min(length - from) as usize).map_err(disk_fault(&copy.0))?;
        archive.append(&part(number), &bytes)?;
    }
    Ok(())
}

fn sum(name: &str, bytes: &[u8]) -> String {
    format!("{}  {name}\n", hex::encode(Sha256::digest(bytes)))
}

fn part(number: usize) -> String {
    format!("{PARTS}{number:06}")
}

/// The copy of a store, taken away when it is packed.
struct Copy(PathBuf);

impl Copy {
    fn beside(archive: &Path) -> Copy {
        let mut name = archive.as_os_str().to_owned();
        name.push(COPY);
        Copy(PathBuf::from(name))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What stays is in the way of the next backup of this name, which says so.
        let _ = plain::remove(&self.0);
    }
}

/// What came out of a backup besides the files that were written.
pub(super) struct Taken {
    /// The text of the settings; not yet written.
    pub settings: String,
    /// Files that are in the store.
    pub files: u64,
}

/// Writes key, certificate and store of a backup into a folder, and looks through the store.
///
/// # Errors
/// Returns what is wrong with the backup, or what the system refused. What was written stays: whoever calls takes it away.
pub(super) fn unpack(file: &Path, folder: &Path) -> Result<Taken, Fault> {
    let opened = plain::open(file).map_err(disk_fault(file))?;
    let mut members = Members::of(opened, MOST).map_err(disk_fault(file))?;
    let mut unpacking = Unpacking { file, folder, settings: None, key: None, certificates: None, parts: 0, store: None, sums: String::new(), is_whole: false };
    while let Some(met) = members.next() {
        match met.map_err(disk_fault(file))? {
            Met::Member(member) => unpacking.take(&member, &mut members)?,
            Met::Flaw(_) => return Err(unpacking.is(wrong::NO_ARCHIVE)),
        }
    }
    unpacking.finish()
}

struct Unpacking<'a> {
    file: &'a Path,
    folder: &'a Path,
    settings: Option<String>,
    key: Option<String>,
    certificates: Option<String>,
    parts: usize,
    store: Option<Beside>,
    sums: String,
    /// The sums came, and fit what came before them.
    is_whole: bool,
}

impl Unpacking<'_> {
    fn is(&self, what: &'static str) -> Fault {
        Fault::Backup { path: self.file.to_owned(), what }
    }

    fn take(&mut self, member: &Member, members: &mut Members<impl std::io::Read + std::io::Seek>) -> Result<(), Fault> {
        let is_part = member.name.starts_with(PARTS);
        let limit = if is_part { PART } else { SMALL.max(self.sums.len() as u64) };
        let bytes = members.read(member, limit).map_err(|_| self.is(wrong::NO_ARCHIVE))?;
        match member.name.as_str() {
            _ if self.is_whole => Err(self.is(wrong::STRANGE)),
            SUMS => self.take_sums(&bytes),
            name => {
                self.sums += &sum(name, &bytes);
                if is_part { self.take_part(name, &bytes) } else { self.take_text(name, bytes) }
            }
        }
    }

    fn take_sums(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.is_whole = self.sums.as_bytes() == bytes;
        if self.is_whole { Ok(()) } else { Err(self.is(wrong::SUMS)) }
    }

    fn take_text(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let slot = match name {
            SETTINGS => &mut self.settings,
            KEY => &mut self.key,
            CERTIFICATE => &mut self.certificates,
            _ => return Err(self.is(wrong::STRANGE)),
        };
        let twice = slot.replace(String::from_utf8(bytes).unwrap_or_default()).is_some();
        if twice { Err(self.is(wrong::STRANGE)) } else { Ok(()) }
    }

    fn take_part(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        if name != part(self.parts) {
            return Err(self.is(wrong::GAP));
        }
        self.parts += 1;
        let path = self.folder.join(STORE);
        if self.store.is_none() {
            self.store = Some(Beside::create_private(&path).map_err(disk_fault(&path))?);
        }
        self.store.as_mut().map_or(Ok(()), |store| store.write_all(bytes)).map_err(disk_fault(&path))
    }

    /// Looks at what there is together, and writes key and certificate.
    fn finish(mut self) -> Result<Taken, Fault> {
        if !self.is_whole {
            return Err(self.is(wrong::SUMS));
        }
        let text = self.settings.take().unwrap_or_default();
        let settings = Settings::read(&text, self.file).map_err(|_| self.is(wrong::NO_SETTINGS))?;
        let key = self.key.take().unwrap_or_default();
        Identity::of_pem(&key, self.certificates.as_deref()).map_err(|_| self.is(wrong::NO_KEY))?;
        let files = if settings.store.kind == Kind::Sqlite { self.looked_through()? } else { 0 };
        write_new(&self.folder.join(KEY), key.as_bytes())?;
        self.certificates.take().map_or(Ok(()), |chain| write_new(&self.folder.join(CERTIFICATE), chain.as_bytes()))?;
        Ok(Taken { settings: text, files })
    }

    /// Makes the store durable; returns how many files are in it. A relay that never served has none.
    fn looked_through(&mut self) -> Result<u64, Fault> {
        let path = self.folder.join(STORE);
        let Some(store) = self.store.take() else { return Ok(0) };
        store.finish().map_err(disk_fault(&path))?;
        shelves::look_through(&path).map(|figures| figures.files).map_err(|fault| match fault {
            Fault::Store(StoreError::Damaged) => self.is(wrong::STORE),
            fault => fault,
        })
    }
}
