use std::path::{Path, PathBuf};

use sandyq::vault::{Damage, Restored, Silent, Vault, VaultError};
use serde_json::json;

use super::{actors, members, parcels, refusal};
use crate::support::{Sample, Seeded, opened, passphrase, phrase, session, trees};
use sandyq::model::Kind;

fn backed_up() -> (Sample, PathBuf) {
    let sample = Sample::new();
    let to = sample.path("backup.tar");
    let count = opened(&sample.vault()).vault_mut().backup(&to, 77, &mut Silent).expect("a backup");
    assert_eq!(count, 15, "genesis, twelve records, one edit, one piece of a file");
    (sample, to)
}

fn restore(folder: &Path, from: &Path) -> Result<Restored, VaultError> {
    Vault::restore(folder, from, &passphrase(), 10, &mut Seeded(21), &mut Silent)
}

#[test]
fn a_restored_vault_holds_the_same_records_and_the_attached_file() {
    let (sample, backup) = backed_up();
    let restored = restore(&sample.path("restored"), &backup).expect("restored");
    assert_eq!((restored.examined.records, restored.examined.faults.len(), restored.examined.stale), (12, 0, false));
    drop(restored);
    let mut session = opened(&sample.path("restored"));
    assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees);
    let out = sample.path("out.jpg");
    session.extract(&sample.ids[11], &out, &mut Silent).expect("extracted");
    assert_eq!(std::fs::read(out).expect("read"), std::fs::read(sample.path("photo-of-the-bus.jpg")).expect("read"));
    assert_eq!(opened(&sample.vault()).vault().state().backup, Some((77, 12)));
}

/// Whatever both go on writing, even with the same chance: a reused actor would wedge every peer for ever.
#[test]
fn a_restored_device_and_its_lost_self_never_share_an_actor() {
    let (sample, backup) = backed_up();
    restore(&sample.path("restored"), &backup).expect("restored");
    let mut went_on = Vec::new();
    for (number, folder) in [sample.vault(), sample.path("restored")].into_iter().enumerate() {
        let mut session = session(Vault::open(&folder, &passphrase()).expect("opens"), 40 + number as u64);
        for name in ["first", "second", "third"] {
            session.add(&[(Kind::Person, json!({ "names": [{ "text": name }] }))]).expect("added");
        }
        session.edit(&sample.ids[2], &json!({ "occupation": "teacher" })).expect("edited");
        went_on.push(parcels(session.vault_mut(), sample.home.path()));
    }
    let (lost, restored) = (&went_on[0], &went_on[1]);
    assert_eq!((lost.len(), restored.len()), (18, 18));
    assert_eq!(actors(lost).len(), 18);
    assert_eq!(actors(lost).intersection(&actors(restored)).count(), 14, "only what was in the backup");
    let chains = |parcels: &[sandyq::parcel::Parcel]| parcels[14..].iter().map(|p| p.header.chain.clone()).collect::<std::collections::BTreeSet<_>>();
    assert!(chains(lost).is_disjoint(&chains(restored)), "a new chain begins");
    assert_eq!(restored[14].header.n, 0);
    assert_eq!(restored[14].header.log, lost[14].header.log, "the membership log is known");
}

#[test]
fn a_backup_is_a_plain_tar_without_names_or_times() {
    let (_sample, backup) = backed_up();
    let mut archive = tar::Archive::new(std::fs::File::open(&backup).expect("a backup"));
    for entry in archive.entries().expect("members") {
        let header = entry.expect("a member").header().clone();
        assert_eq!((header.mtime().ok(), header.uid().ok(), header.gid().ok()), (Some(0), Some(0), Some(0)));
        assert!(header.username().is_ok_and(|name| name.is_none_or(str::is_empty)));
    }
    for (name, bytes) in members(&backup).into_iter().skip(2) {
        assert_eq!(name, format!("{}.age", hex::encode(sandyq::crypto::plain_hash(&bytes))));
    }
}

#[test]
fn a_backup_goes_over_what_a_killed_one_left_and_over_no_strangers_file() {
    let sample = Sample::new();
    let (left, stranger) = (sample.path("backup.tar.part"), sample.path("backup.part"));
    std::fs::write(&left, b"half").expect("written");
    std::fs::write(&stranger, b"a stranger's").expect("written");
    let to = sample.path("backup.tar");
    opened(&sample.vault()).vault_mut().backup(&to, 77, &mut Silent).expect("a backup");
    restore(&sample.path("restored"), &to).expect("restored");
    assert!(!left.exists());
    assert_eq!(std::fs::read(&stranger).expect("read"), b"a stranger's");
}

fn looks_like_nothing(folder: &Path) {
    assert!(!sandyq::vault::exists(folder));
    assert!(!folder.exists(), "nothing is left");
}

#[test]
fn a_backup_cut_short_anywhere_is_refused_and_leaves_nothing() {
    let (sample, backup) = backed_up();
    let whole = std::fs::read(&backup).expect("read");
    let folder = sample.path("restored");
    let cuts = (0..whole.len()).step_by(512).chain([1, 511, whole.len() - 1]);
    for end in cuts {
        std::fs::write(&backup, &whole[..end]).expect("written");
        assert!(matches!(refusal(restore(&folder, &backup)), VaultError::Tampered { what: Damage::Backup }), "cut at {end}");
        looks_like_nothing(&folder);
    }
}

/// A flipped byte in one of the two keyrings is made good by the other; between members lie zeros that mean nothing.
#[test]
fn a_backup_with_a_flipped_bit_is_refused_or_gives_everything() {
    let (sample, backup) = backed_up();
    let whole = std::fs::read(&backup).expect("read");
    let folder = sample.path("restored");
    let mut chance = Seeded(31);
    let mut refused = 0;
    for _ in 0..120 {
        let mut changed = whole.clone();
        let at = chance.below(changed.len());
        changed[at] ^= 1 << chance.below(8);
        std::fs::write(&backup, changed).expect("written");
        match restore(&folder, &backup) {
            Ok(restored) => {
                let mut session = session(restored.vault, 7);
                assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees, "byte {at}");
                std::fs::remove_dir_all(&folder).expect("removed");
            }
            Err(error) => {
                assert!(matches!(error, VaultError::Tampered { .. }), "byte {at}: {error:?}");
                looks_like_nothing(&folder);
                refused += 1;
            }
        }
    }
    assert!(refused > 40, "{refused} of 120 refused");
}

#[test]
fn a_backup_without_one_of_its_parcels_names_what_is_missing() {
    let (sample, backup) = backed_up();
    let mut tar = tar::Builder::new(std::fs::File::create(sample.path("less.tar")).expect("a file"));
    for (name, bytes) in members(&backup).into_iter().enumerate().filter(|(at, _)| *at != 6).map(|(_, member)| member) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_slice()).expect("appended");
    }
    tar.into_inner().expect("written");
    let restored = restore(&sample.path("restored"), &sample.path("less.tar")).expect("restored");
    assert!(matches!(restored.examined.faults.as_slice(), [Damage::Missing { .. }]), "{:?}", restored.examined.faults);
}

#[test]
fn a_backup_is_not_written_over_a_file_nor_restored_over_a_vault_nor_with_a_wrong_passphrase() {
    let (sample, backup) = backed_up();
    let before = std::fs::read(&backup).expect("read");
    assert!(matches!(refusal(opened(&sample.vault()).vault_mut().backup(&backup, 0, &mut Silent)), VaultError::Io(_)));
    assert_eq!(std::fs::read(&backup).expect("read"), before);
    assert!(matches!(refusal(restore(&sample.vault(), &backup)), VaultError::Exists));
    let folder = sample.path("restored");
    let wrong = Vault::restore(&folder, &backup, &phrase("wrong"), 10, &mut Seeded(1), &mut Silent);
    assert!(matches!(refusal(wrong), VaultError::WrongPassphrase));
    looks_like_nothing(&folder);
}
