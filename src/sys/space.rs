//! Room on a disk.

use std::path::Path;
use std::process::Command;

/// Returns how many bytes an ordinary user may still write to the disk of a folder, as `df` says it; nothing where it says
/// nothing of that kind.
pub fn free(folder: &Path) -> Option<u64> {
    let said = Command::new("df").args(["-P", "-k", "--"]).arg(folder).env("LC_ALL", "C").output().ok()?;
    available(&String::from_utf8_lossy(&said.stdout))
}

/// Reads the number before the percentage in the last line: names of devices and places may hold blanks.
fn available(said: &str) -> Option<u64> {
    let words: Vec<&str> = said.lines().last()?.split_whitespace().collect();
    let is_share = |word: &&str| word.strip_suffix('%').is_some_and(|share| share.parse::<u64>().is_ok());
    let share = words.iter().position(is_share)?;
    let kib: u64 = words.get(share.checked_sub(1)?)?.parse().ok()?;
    kib.checked_mul(1024)
}
