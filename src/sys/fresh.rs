//! Files and folders that are there whole, or not at all: nothing that was there is touched, and whatever was begun and not
//! kept is removed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::disk::{make_folder, new_file, sync_folder};

/// A new file, written beside its place and put there when it is whole; for the owner alone.
#[derive(Debug)]
pub struct FreshFile {
    place: PathBuf,
    beside: PathBuf,
    file: Option<BufWriter<File>>,
    kept: bool,
}

impl FreshFile {
    /// Begins a file.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`] where something is in its place, or what the system refused.
    pub fn begin(place: &Path) -> io::Result<FreshFile> {
        if fs::symlink_metadata(place).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let beside = place.with_file_name(name);
        let file = new_file(&beside)?;
        Ok(FreshFile { place: place.to_owned(), beside, file: Some(BufWriter::new(file)), kept: false })
    }

    /// Makes what was written durable, still beside its place.
    ///
    /// # Errors
    /// Returns what the system refused.
    pub fn sync(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all(),
            None => Ok(()),
        }
    }

    /// Puts a synced file in its place, unless something came there in between. It goes away with this value until it is kept.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`], or what the system refused.
    pub fn place(&mut self) -> io::Result<()> {
        self.sync()?;
        put_in_place(&self.beside, &self.place)?;
        self.beside.clone_from(&self.place);
        sync_folder(self.place.parent().unwrap_or(Path::new(".")))
    }

    /// Lets the file stay.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

/// A second name is refused where one is already; a disk that knows no second names is asked before.
fn put_in_place(beside: &Path, place: &Path) -> io::Result<()> {
    match fs::hard_link(beside, place) {
        Ok(()) => fs::remove_file(beside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(place).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(beside, place),
    }
}

impl Write for FreshFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().ok_or(io::ErrorKind::InvalidInput)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for FreshFile {
    fn drop(&mut self) {
        // What is still in the buffer is not wanted, and a full disk would only say so again.
        drop(self.file.take().map(BufWriter::into_parts));
        if !self.kept {
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// A new folder that is filled with plain files, for the owner alone.
pub struct FreshFolder {
    root: PathBuf,
    /// Whether the folder itself was made here.
    made: bool,
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    kept: bool,
}

impl FreshFolder {
    /// Begins a folder; an empty one that is there will do.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`] where something else is, or what the system refused.
    pub fn begin(root: &Path) -> io::Result<FreshFolder> {
        let made = match fs::read_dir(root) {
            Ok(mut there) => match there.next() {
                None => false,
                Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_folder(root).map(|()| true)?,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) => return Err(error),
        };
        Ok(FreshFolder { root: root.to_owned(), made, files: Vec::new(), folders: Vec::new(), kept: false })
    }

    /// Writes a file by its parts, e.g. `["files", "ab.jpg"]`. The caller vouches that no part leads elsewhere.
    ///
    /// # Errors
    /// Returns what `write` returned, or what the system refused.
    pub fn file<E: From<io::Error>>(&mut self, parts: &[&str], write: &mut dyn FnMut(&mut dyn Write) -> Result<(), E>) -> Result<(), E> {
        let (name, folders) = parts.split_last().ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut path = self.root.clone();
        for folder in folders {
            path.push(folder);
            if !self.folders.contains(&path) {
                fs::create_dir(&path)?;
                self.folders.push(path.clone());
            }
        }
        path.push(name);
        let mut file = BufWriter::new(new_file(&path)?);
        self.files.push(path);
        write(&mut file)?;
        Ok(file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?)
    }

    /// Lets everything stay.
    ///
    /// # Errors
    /// Returns what the system refused; then nothing stays.
    pub fn keep(mut self) -> io::Result<()> {
        self.folders.iter().chain([&self.root]).try_for_each(|folder| sync_folder(folder))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for FreshFolder {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        self.files.iter().for_each(|file| drop(fs::remove_file(file)));
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
        if self.made {
            let _ = fs::remove_dir(&self.root);
        }
    }
}
