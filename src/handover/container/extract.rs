//! A bundle as plain files in a new folder: only after everything was verified, and all of it or nothing.

use std::io::{Read, Seek};
use std::path::Path;

use super::directory::Contents;
use super::verify::{Checked, Expected, Report, check};
use super::wrong::{BundleError, What, Wrong};
use crate::crypto::OpeningKeys;
use crate::sys::fresh::FreshFolder;
use crate::vault::Progress;

/// Verifies a bundle and writes its members into a folder that is new or empty. Nothing is written of a bundle that is not whole.
///
/// # Errors
/// As [`super::verify::verify`]; [`BundleError::Exists`] for a folder with something in it.
pub fn extract<R: Read + Seek>(
    input: R,
    keys: &OpeningKeys,
    expected: Option<&Expected>,
    to: &Path,
    progress: &mut dyn Progress,
) -> Result<Report, BundleError> {
    let Checked { report, contents, hashes } = check(input, keys, expected, progress)?;
    match contents {
        Some(contents) if report.is_whole() => write_out(contents, &hashes, to, progress)?,
        _ => {}
    }
    Ok(report)
}

/// The file may change while it is read: each member is held against its hash once more.
fn write_out<R: Read + Seek>(mut contents: Contents<R>, hashes: &[Option<[u8; 32]>], to: &Path, progress: &mut dyn Progress) -> Result<(), BundleError> {
    let mut folder = FreshFolder::begin(to)?;
    let members: Vec<(String, u64)> = contents.entries().iter().map(|entry| (entry.name.clone(), entry.size)).collect();
    let (all, mut done) = (members.iter().map(|(_, size)| size).sum(), 0);
    for (index, (name, size)) in members.iter().enumerate() {
        folder.file(&name.split('/').collect::<Vec<_>>(), &mut |out| match contents.copy(index, out)? {
            hash if hashes.get(index) == Some(&Some(hash)) => Ok(()),
            _ => Err(BundleError::Wrong(vec![Wrong::at(What::Hash, name)])),
        })?;
        done += size;
        progress.at(done, all);
    }
    Ok(folder.keep()?)
}
