//! Files that survive a pulled plug: written beside, synced, renamed, the folder synced; for the owner alone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Writes a file so that either the old or the new content is there, never half of one.
///
/// # Errors
/// Returns what the system refused; the old file is then untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let written = write_synced(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Writes a file that must not exist yet.
///
/// # Errors
/// Returns what the system refused; a half-written file is removed.
pub fn create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    replace(path, bytes)
}

/// Makes an empty file, for the owner alone.
///
/// # Errors
/// Returns what the system refused.
pub fn create(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create(true).truncate(true)).open(path)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens with rights for the owner alone, where the system knows such rights.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Opens a file that must not exist yet, for writing by its owner alone.
///
/// # Errors
/// Returns [`io::ErrorKind::AlreadyExists`] where one is, or what the system refused.
pub fn new_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// A file that is open for reading.
pub type OpenFile = File;

/// Opens a file for reading.
///
/// # Errors
/// Returns what the system refused.
pub fn open(path: &Path) -> io::Result<OpenFile> {
    File::open(path)
}

/// Tells whether nobody but the owner may read a file; true where the system knows no such rights.
///
/// # Errors
/// Returns what the system refused.
pub fn is_private(path: &Path) -> io::Result<bool> {
    let about = fs::metadata(path)?;
    #[cfg(unix)]
    let shared = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0;
    #[cfg(not(unix))]
    let shared = !about.is_file();
    Ok(!shared)
}

/// Makes a folder for the owner alone, with its parents.
///
/// # Errors
/// Returns what the system refused.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the names in a folder durable.
///
/// # Errors
/// Returns what the system refused.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Reads a whole file that is at most `limit` bytes long.
///
/// # Errors
/// Returns what the system refused, or `InvalidData` for a longer file.
pub fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(io::ErrorKind::InvalidData.into()) } else { Ok(bytes) }
}

/// Reads a file to its end, to tell a disk that fails from a file that does not fit.
///
/// # Errors
/// Returns what the system refused.
pub fn read_through(path: &Path) -> io::Result<()> {
    io::copy(&mut File::open(path)?, &mut io::sink()).map(drop)
}

/// A lock on a vault, held until dropped; the file names the process that holds it.
#[derive(Debug)]
pub struct Lock {
    file: File,
    writable: bool,
}

/// Why a lock was not had.
#[derive(Debug)]
pub enum NoLock {
    /// Another process holds it; its number, when it could be read.
    Held(Option<u32>),
    Io(io::Error),
}

impl Lock {
    /// Takes the lock without waiting. A disk that cannot be written gives a lock for reading.
    ///
    /// # Errors
    /// Returns who holds it, or what the system refused.
    pub fn take(path: &Path) -> Result<Lock, NoLock> {
        let (mut file, writable) = lock_file(path).map_err(NoLock::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoLock::Held(holder(&mut file))),
            Err(TryLockError::Error(error)) => return Err(NoLock::Io(error)),
        }
        // The number is a courtesy to others: the lock holds without it, also on a full disk.
        let _ = write_holder(&mut file);
        Ok(Lock { file, writable })
    }

    /// Tells whether the disk lets this process write.
    pub fn writable(&self) -> bool {
        self.writable
    }
}

impl Drop for Lock {
    /// Gives the lock back at once, also where a child process holds a copy of the open file.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Opens the file of a lock, made if need be; for reading alone where it cannot be written.
fn lock_file(path: &Path) -> io::Result<(File, bool)> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    match private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path) {
        Err(error) if matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem) => Ok((File::open(path).map_err(|_| error)?, false)),
        opened => Ok((opened?, true)),
    }
}

fn write_holder(file: &mut File) -> io::Result<()> {
    let line = format!("{:<20}\n", std::process::id());
    file.seek(SeekFrom::Start(0))?;
    file.write_all(line.as_bytes())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Returns every file below a folder, in order.
///
/// # Errors
/// Returns what the system refused.
pub fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}
