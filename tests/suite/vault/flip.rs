//! One flipped bit anywhere in a closed vault: told, mended and said so, or harmless. Never silence over a changed record.

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sandyq::error::Error;
use sandyq::vault::{Silent, Vault, VaultError};

use crate::support::{Sample, Seeded, copy_folder, passphrase, session, trees};

const PAGE: usize = 4096;
/// Where SQLite keeps the version of the tables.
const USER_VERSION: std::ops::Range<usize> = 60..64;

/// What became of one flipped bit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Told,
    Mended,
    Harmless,
    Newer,
}

fn after_error(error: VaultError) -> Result<Outcome, String> {
    match error {
        VaultError::Tampered { .. } => Ok(Outcome::Told),
        VaultError::Newer => Ok(Outcome::Newer),
        other => Err(format!("{other:?}")),
    }
}

/// Opens, reads and examines a vault of which one bit was changed.
fn judge(folder: &Path, sample: &Sample) -> Result<Outcome, String> {
    let vault = match Vault::open(folder, &passphrase()) {
        Ok(vault) => vault,
        Err(error) => return after_error(error),
    };
    let mut session = session(vault, 5);
    let read = match trees(&mut session, &sample.ids) {
        Ok(read) => read,
        Err(Error::Vault(error)) => return after_error(error),
        Err(Error::NoRecord { .. }) => Vec::new(),
        Err(other) => return Err(format!("{other:?}")),
    };
    let count = session.list(None).map_or(0, |lines| lines.len());
    let notices = session.vault().notices().to_vec();
    let examined = match session.vault_mut().check(&mut Silent) {
        Ok(examined) => examined,
        Err(error) => return after_error(error),
    };
    match () {
        () if !examined.faults.is_empty() || examined.stale => Ok(Outcome::Told),
        () if read != sample.trees || count != 12 => Err(format!("{count} records, changed without a word")),
        () if !notices.is_empty() => Ok(Outcome::Mended),
        () => Ok(Outcome::Harmless),
    }
}

/// Flips one bit, judges, and puts everything back as it was.
fn flip(folder: &Path, sample: &Sample, name: &str, at: usize, bit: usize) -> Result<Outcome, String> {
    let path = folder.join(name);
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&path).map_err(|error| error.to_string())?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at as u64).map_err(|error| error.to_string())?;
    file.write_all_at(&[byte[0] ^ 1 << bit], at as u64).map_err(|error| error.to_string())?;
    drop(file);
    let outcome = catch_unwind(AssertUnwindSafe(|| judge(folder, sample))).unwrap_or_else(|_| Err("panicked".into()));
    copy_folder(&sample.vault(), folder);
    outcome
}

/// Flips one bit at each place of a file, given its length, and returns how often which outcome came.
fn flipped(name: &str, places: impl Fn(usize) -> Vec<(usize, usize)>) -> BTreeMap<Outcome, u32> {
    let sample = Sample::new();
    let folder = sample.copy("flipped");
    let length = std::fs::metadata(folder.join(name)).expect("a file").len();
    let (mut outcomes, mut wrong) = (BTreeMap::new(), Vec::new());
    for (at, bit) in places(length as usize) {
        match flip(&folder, &sample, name, at, bit) {
            Ok(outcome) if outcome != Outcome::Newer || (name == "store" && USER_VERSION.contains(&at)) => *outcomes.entry(outcome).or_default() += 1,
            other => wrong.push(format!("{name} byte {at} bit {bit}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
    outcomes
}

/// Every `step`th byte of a file, with a bit for each.
fn every(step: usize, length: usize) -> Vec<(usize, usize)> {
    let mut chance = Seeded(3);
    (0..length).step_by(step).map(|at| (at, chance.below(8))).collect()
}

#[test]
fn a_closed_vault_has_no_file_that_the_flip_tests_leave_out() {
    let sample = Sample::new();
    let mut names: Vec<String> =
        std::fs::read_dir(sample.vault()).expect("a folder").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["keyring.age", "keyring.age.copy", "lock", "store"]);
}

#[test]
fn a_flipped_bit_in_a_keyring_is_mended_from_the_other() {
    for name in ["keyring.age", "keyring.age.copy"] {
        let outcomes = flipped(name, |length| [every(1, 200), every(61, length)].concat());
        assert_eq!(outcomes.into_keys().collect::<Vec<_>>(), [Outcome::Mended], "{name}");
    }
}

#[test]
fn a_flipped_bit_in_the_lock_is_harmless() {
    let outcomes = flipped("lock", |length| every(1, length));
    assert_eq!(outcomes.into_keys().collect::<Vec<_>>(), [Outcome::Harmless]);
}

#[test]
fn a_flipped_bit_in_the_header_of_the_store_is_told_or_harmless() {
    let outcomes = flipped("store", |_| (0..100).flat_map(|at| (0..8).map(move |bit| (at, bit))).collect());
    assert!(outcomes[&Outcome::Told] > 300, "{outcomes:?}");
}

#[test]
fn a_flipped_bit_where_pages_of_the_store_begin_is_told_mended_or_harmless() {
    let outcomes = flipped("store", |length| {
        let mut chance = Seeded(4);
        (0..length).filter(|at| at % PAGE < 24).map(|at| (at, chance.below(8))).collect()
    });
    assert!(outcomes[&Outcome::Told] > 100, "{outcomes:?}");
}

#[test]
fn a_flipped_bit_anywhere_in_the_store_is_told_mended_or_harmless() {
    let outcomes = flipped("store", |length| {
        let mut chance = Seeded(6);
        (0..1_700).map(|_| (chance.below(length), chance.below(8))).collect()
    });
    assert!(outcomes[&Outcome::Told] > 500 && outcomes.contains_key(&Outcome::Mended), "{outcomes:?}");
}
