//! Plain files in a folder that others write as well. Links, pipes and devices are told apart before anything is opened,
//! and a file that was swapped in between is not read.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::disk;

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: OsString,
    /// Bytes of a plain file; none for a link, folder, pipe or device.
    pub length: Option<u64>,
}

/// Returns what stands directly in a folder and has a wanted name, in order.
///
/// # Errors
/// Returns what the system refused.
pub fn entries(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if !wanted(&name.to_string_lossy()) {
            continue;
        }
        match length(&folder.join(&name)) {
            Ok(length) => found.push(Entry { name, length }),
            // Whoever syncs the folder took it away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Returns the bytes of a plain file; none for a link, folder, pipe or device.
///
/// # Errors
/// Returns what the system refused.
pub fn length(path: &Path) -> io::Result<Option<u64>> {
    let about = fs::symlink_metadata(path)?;
    Ok(about.is_file().then_some(about.len()))
}

/// Opens a plain file for reading, and nothing else.
///
/// # Errors
/// Returns [`io::ErrorKind::InvalidInput`] for a link, folder, pipe or device, or what the system refused.
pub fn open(path: &Path) -> io::Result<File> {
    length(path)?.ok_or(io::ErrorKind::InvalidInput)?;
    let file = File::open(path)?;
    // While it is open its number is kept: what stands there now is this file, or another.
    if is_same(&fs::symlink_metadata(path)?, &file.metadata()?) { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

fn is_same(there: &Metadata, opened: &Metadata) -> bool {
    #[cfg(unix)]
    let number = |about: &Metadata| (std::os::unix::fs::MetadataExt::dev(about), std::os::unix::fs::MetadataExt::ino(about));
    #[cfg(not(unix))]
    let number = |about: &Metadata| (about.len(), about.created().ok());
    there.is_file() && opened.is_file() && number(there) == number(opened)
}

/// Returns some bytes of a plain file.
///
/// # Errors
/// Returns [`io::ErrorKind::UnexpectedEof`] for a shorter file, or what the system refused.
pub fn read_at(path: &Path, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).map(|()| bytes)
}

/// Removes a plain file if it is there; a link, folder, pipe or device of that name stays.
///
/// # Errors
/// Returns what the system refused.
pub fn remove(path: &Path) -> io::Result<()> {
    match length(path) {
        Ok(Some(_)) => fs::remove_file(path),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new file that is written beside its place, as `<name>.part`, and is gone when it is dropped before it is finished.
/// Everybody may read it, as it is made to be handed on, unless it is made for the owner alone.
#[derive(Debug)]
pub struct Beside {
    file: Option<File>,
    part: PathBuf,
    to: PathBuf,
    written: u64,
}

/// Ending of a file that is being written.
pub const PART: &str = ".part";

impl Beside {
    /// Begins a file.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`] where something has its name or the name beside, or what the system refused.
    pub fn create(to: &Path) -> io::Result<Beside> {
        Beside::with(to, &|part| OpenOptions::new().write(true).create_new(true).open(part))
    }

    /// Begins a file for the owner alone.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`] where something has its name or the name beside, or what the system refused.
    pub fn create_private(to: &Path) -> io::Result<Beside> {
        Beside::with(to, &disk::new_file)
    }

    fn with(to: &Path, open: &dyn Fn(&Path) -> io::Result<File>) -> io::Result<Beside> {
        refuse_existing(to)?;
        let mut part = to.as_os_str().to_owned();
        part.push(PART);
        let part = PathBuf::from(part);
        let file = open(&part)?;
        Ok(Beside { file: Some(file), part, to: to.to_owned(), written: 0 })
    }

    /// Returns how many bytes the disk took, also of a write that it did not take whole.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Makes the file durable under its name.
    ///
    /// # Errors
    /// Returns what the system refused; nothing is left then, unless only the folder could not be made durable.
    pub fn finish(mut self) -> io::Result<()> {
        // Closed before the renaming: not every system renames an open file.
        self.file.take().map_or(Ok(()), |file| file.sync_all())?;
        refuse_existing(&self.to)?;
        fs::rename(&self.part, &self.to)?;
        synced(self.to.parent().unwrap_or(Path::new(".")))
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.file.as_mut().map_or(Err(io::ErrorKind::BrokenPipe.into()), |file| file.write(bytes))?;
        self.written += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Beside {
    /// Closes the file first, so that its space is free at once. After a finished one there is nothing to remove.
    fn drop(&mut self) {
        drop(self.file.take());
        let _ = fs::remove_file(&self.part);
    }
}

fn refuse_existing(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes the names in a folder durable, where its file system can do that.
fn synced(folder: &Path) -> io::Result<()> {
    match disk::sync_folder(folder) {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}
