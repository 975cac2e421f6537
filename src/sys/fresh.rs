//! Files and folders that are there whole, or not at all: nothing that was there is touched, and whatever was begun and not
//! kept is removed. What a run leaves that was cut off is called `NAME.NUMBER.part`.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::aside::Aside;
use super::disk::{make_folder, new_file, sync_folder};

/// How the name of something ends that is not whole.
const PART: &str = ".part";
/// How its name begins in a folder that was there.
const INSIDE: &str = "unfinished";

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
        let (beside, file) = numbered(place, place.file_name().ok_or(io::ErrorKind::InvalidInput)?, &new_file)?;
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

/// Makes something beside a place under a name that nothing has: not even what an earlier process of the same number left.
fn numbered<T>(place: &Path, name: &OsStr, make: &dyn Fn(&Path) -> io::Result<T>) -> io::Result<(PathBuf, T)> {
    let mut number = std::process::id();
    loop {
        let mut name = name.to_owned();
        name.push(format!(".{number}{PART}"));
        let path = place.with_file_name(name);
        match make(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < u32::MAX => number += 1,
            made => return made.map(|made| (path, made)),
        }
    }
}

/// Returns what runs that were cut off left beside a place or in it, in order; nothing where that cannot be read.
pub fn left_over(place: &Path) -> Vec<PathBuf> {
    let beside = place.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let beside = beside.zip(place.file_name()).map(|(folder, name)| parts(folder, &name.to_string_lossy()));
    let mut left: Vec<PathBuf> = beside.into_iter().flatten().chain(parts(place, INSIDE)).collect();
    left.sort();
    left
}

fn parts(folder: &Path, of: &str) -> Vec<PathBuf> {
    let is_part = |name: &str| {
        let number = name.strip_prefix(of).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| rest.strip_suffix(PART));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let there = fs::read_dir(folder).into_iter().flatten().flatten();
    there.filter(|entry| is_part(&entry.file_name().to_string_lossy())).map(|entry| entry.path()).collect()
}

/// A new folder of plain files, filled beside its place and put there when it is whole; for the owner alone. A folder that is there
/// and empty is filled from within, and what was written first comes last.
pub struct FreshFolder {
    place: PathBuf,
    /// Where it is filled.
    filled: PathBuf,
    /// Whether that lies in the place itself.
    inside: bool,
    /// Below either of them, as they were written.
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// What is in its place already, of what lies right below.
    placed: Vec<PathBuf>,
    kept: bool,
}

impl FreshFolder {
    /// Begins a folder; an empty one that is there will do.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`] where something else is, or what the system refused.
    pub fn begin(place: &Path) -> io::Result<FreshFolder> {
        let inside = match fs::read_dir(place) {
            Ok(mut there) => match there.next() {
                None => true,
                Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(place).is_err() => false,
            // A file, or a link that leads nowhere.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) => return Err(error),
        };
        let filled = if inside { numbered(&place.join(INSIDE), OsStr::new(INSIDE), &new_folder)? } else { beside(place)? }.0;
        Ok(FreshFolder { place: place.to_owned(), filled, inside, files: Vec::new(), folders: Vec::new(), placed: Vec::new(), kept: false })
    }

    /// Writes a file by its parts, e.g. `["files", "ab.jpg"]`. The caller vouches that no part leads elsewhere.
    ///
    /// # Errors
    /// Returns what `write` returned, or what the system refused.
    pub fn file<E: From<io::Error>>(&mut self, parts: &[&str], write: &mut dyn FnMut(&mut dyn Write) -> Result<(), E>) -> Result<(), E> {
        let (name, folders) = parts.split_last().ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut path = PathBuf::new();
        for folder in folders {
            path.push(folder);
            if !self.folders.contains(&path) {
                new_folder(&self.filled.join(&path))?;
                self.folders.push(path.clone());
            }
        }
        path.push(name);
        let mut file = Aside::new(new_file(&self.filled.join(&path))?);
        self.files.push(path);
        write(&mut file)?;
        Ok(file.finish()?.sync_all()?)
    }

    /// Puts everything in its place.
    ///
    /// # Errors
    /// Returns what the system refused; then nothing stays.
    pub fn keep(mut self) -> io::Result<()> {
        self.folders.iter().map(|folder| self.filled.join(folder)).chain([self.filled.clone()]).try_for_each(|folder| sync_folder(&folder))?;
        if self.inside {
            self.rise()?
        } else {
            self.move_over()?
        }
        self.kept = true;
        Ok(())
    }

    /// Gives the whole folder its name.
    fn move_over(&mut self) -> io::Result<()> {
        if fs::symlink_metadata(&self.place).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.filled, &self.place)?;
        self.filled.clone_from(&self.place);
        sync_folder(self.place.parent().unwrap_or(Path::new(".")))
    }

    /// Moves what lies right below one up, the first last: nobody takes for whole what lacks the page that people open.
    fn rise(&mut self) -> io::Result<()> {
        let mut tops: Vec<PathBuf> = Vec::new();
        for top in self.files.iter().filter_map(|file| file.iter().next()).map(PathBuf::from) {
            if !tops.contains(&top) {
                tops.push(top);
            }
        }
        for top in tops.into_iter().rev() {
            if fs::symlink_metadata(self.place.join(&top)).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(self.filled.join(&top), self.place.join(&top))?;
            self.placed.push(top);
        }
        fs::remove_dir(&self.filled)?;
        sync_folder(&self.place)
    }
}

fn new_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a folder beside a place, with those above it.
fn beside(place: &Path) -> io::Result<(PathBuf, ())> {
    let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    match place.parent() {
        Some(above) if !above.as_os_str().is_empty() => make_folder(above)?,
        _ => {}
    }
    numbered(place, name, &new_folder)
}

impl Drop for FreshFolder {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let is_placed = |path: &Path| path.iter().next().is_some_and(|top| self.placed.iter().any(|placed| placed == top));
        let lies = |path: &PathBuf| if is_placed(path) { self.place.join(path) } else { self.filled.join(path) };
        self.files.iter().for_each(|file| drop(fs::remove_file(lies(file))));
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(lies(folder))));
        let _ = fs::remove_dir(&self.filled);
    }
}
