//! The sealed files that are handed over: one for each class of recipient, all from one pass, all whole or none there. Each is sealed on one
//! thread and hashed and written on another, while its content is being made.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::wrong::BundleError;
use crate::crypto::{Hasher, Lock, SealingStream, seal_stream};
use crate::sys::aside::Aside;
use crate::sys::fresh::FreshFile;

/// A sealed file to make.
#[derive(Clone, Debug)]
pub struct Outer {
    pub path: PathBuf,
    pub lock: Lock,
}

/// Sealed files that are whole on the disk, each still beside its place. They go away with this value unless they are placed.
#[derive(Debug)]
pub struct Begun {
    files: Vec<FreshFile>,
    /// SHA-256 of each, in the order asked for.
    pub sha256: Vec<[u8; 32]>,
}

/// Writes sealed files with one content; `fill` writes it once. Files that are there are never touched, and nothing stays of a failure.
///
/// # Errors
/// Returns what `fill` returned, [`BundleError::Exists`], or what the disk refused.
pub fn seal_to_files<T>(outers: &[Outer], fill: &mut dyn FnMut(&mut dyn Write) -> Result<T, BundleError>) -> Result<(T, Begun), BundleError> {
    let begun: Result<Vec<_>, BundleError> = outers.iter().map(sealing).collect();
    let mut tee = Tee(begun?);
    let filled = fill(&mut tee)?;
    let ended: Vec<Hashing> = tee.0.into_iter().map(|sealing| sealing.finish()?.finish()?.finish()).collect::<io::Result<_>>()?;
    let (mut files, sha256): (Vec<FreshFile>, Vec<[u8; 32]>) = ended.into_iter().map(|one| (one.file, one.hasher.finish())).unzip();
    files.iter_mut().try_for_each(FreshFile::sync)?;
    Ok((filled, Begun { files, sha256 }))
}

fn sealing(outer: &Outer) -> Result<Aside<SealingStream<Aside<Hashing>>>, BundleError> {
    Ok(Aside::new(seal_stream(&outer.lock, Aside::new(Hashing::begin(&outer.path)?))?))
}

impl Begun {
    /// Puts all of them in their places.
    ///
    /// # Errors
    /// Returns [`BundleError::Exists`], or what the disk refused; then none is there.
    pub fn place(mut self) -> Result<(), BundleError> {
        self.files.iter_mut().try_for_each(FreshFile::place)?;
        self.files.into_iter().for_each(FreshFile::keep);
        Ok(())
    }
}

/// A file whose bytes are hashed on their way.
struct Hashing {
    file: FreshFile,
    hasher: Hasher,
}

impl Hashing {
    fn begin(path: &Path) -> io::Result<Hashing> {
        Ok(Hashing { file: FreshFile::begin(path)?, hasher: Hasher::default() })
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.file.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns the path of the file that is sealed under words: `NAME-words.zip.age` beside `NAME.zip.age`.
pub fn words_path(path: &Path) -> PathBuf {
    beside(path, "words")
}

/// Returns the path of the second bundle, with the large files: `NAME-2.zip.age` beside `NAME.zip.age`.
pub fn second_path(path: &Path) -> PathBuf {
    beside(path, "2")
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".zip.age").unwrap_or(&name);
    path.with_file_name(format!("{stem}-{what}.zip.age"))
}

struct Tee<W>(Vec<W>);

impl<W: Write> Write for Tee<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.iter_mut().try_for_each(|out| out.write_all(bytes)).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.iter_mut().try_for_each(Write::flush)
    }
}
