use std::path::Path;

use sandyq::vault::{Notice, Vault, VaultError};
use serde_json::json;

use super::refusal;
use crate::support::{NOW, Sample, Seeded, copy_folder, opened, passphrase, phrase, session, trees};
use sandyq::model::Kind;

const KEYRING: &str = "keyring.age";
const COPY: &str = "keyring.age.copy";

/// The sample before and after a change of its passphrase, as folders.
fn changed() -> (Sample, std::path::PathBuf, std::path::PathBuf) {
    let sample = Sample::new();
    let old = sample.copy("old");
    let mut vault = Vault::open(&sample.vault(), &passphrase()).expect("opens");
    vault.change_passphrase(&phrase("new words"), 10).expect("changed");
    drop(vault);
    let new = sample.copy("new");
    (sample, old, new)
}

fn put(from: &Path, name: &str, to: &Path) {
    std::fs::copy(from.join(name), to.join(name)).expect("a copy");
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not() {
    let (sample, _, new) = changed();
    assert!(matches!(refusal(Vault::open(&new, &passphrase())), VaultError::WrongPassphrase));
    let mut session = session(Vault::open(&new, &phrase("new words")).expect("opens"), 7);
    assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees);
    assert_eq!(session.vault().notices(), []);
}

/// The change writes copy, store and keyring, one after the other: whichever of them are new, one passphrase opens all.
#[test]
fn a_change_of_passphrase_cut_off_anywhere_opens_with_the_old_or_the_new_one() {
    let (sample, old, new) = changed();
    for mixed in 0..8 {
        let side = |bit: usize| if mixed >> bit & 1 == 1 { &new } else { &old };
        let folder = sample.path("mixed");
        copy_folder(side(0), &folder);
        put(side(1), COPY, &folder);
        put(side(2), KEYRING, &folder);
        let fits = [passphrase(), phrase("new words")].into_iter().filter_map(|phrase| Vault::open(&folder, &phrase).ok().map(|vault| (vault, phrase)));
        let (vault, phrase) = fits.into_iter().next().unwrap_or_else(|| panic!("state {mixed} opens with neither"));
        let mut first = session(vault, 7);
        assert_eq!(trees(&mut first, &sample.ids).expect("shown"), sample.trees, "state {mixed}");
        drop(first);
        let again = Vault::open(&folder, &phrase).expect("the same passphrase opens again");
        assert!(again.notices().iter().all(|notice| *notice == Notice::OldKeyring), "state {mixed} is mended once");
    }
}

/// In the order in which the change writes, nothing is left that only reads.
#[test]
fn a_change_of_passphrase_cut_off_between_its_writes_leaves_a_vault_that_writes() {
    let (sample, old, new) = changed();
    for (copy, store, keyring, opens) in [(&new, &old, &old, passphrase()), (&new, &new, &old, phrase("new words")), (&new, &new, &new, phrase("new words"))] {
        let folder = sample.path("mixed");
        copy_folder(store, &folder);
        put(copy, COPY, &folder);
        put(keyring, KEYRING, &folder);
        let mut session = session(Vault::open(&folder, &opens).expect("opens"), 7);
        session.add(&[(Kind::Person, json!({ "names": [{ "text": "one more" }] }))]).expect("it writes");
        assert_eq!(session.list(None).expect("listed").len(), 13);
    }
}

#[test]
fn a_damaged_keyring_is_made_again_from_its_copy_and_said_so() {
    for name in [KEYRING, COPY] {
        let sample = Sample::new();
        std::fs::write(sample.vault().join(name), b"age-encryption.org/v1\n").expect("written");
        let mut first = opened(&sample.vault());
        assert_eq!(first.vault().notices(), [Notice::KeyringMended]);
        assert_eq!(trees(&mut first, &sample.ids).expect("shown"), sample.trees);
        drop(first);
        assert_eq!(opened(&sample.vault()).vault().notices(), []);
        let read = |name: &str| std::fs::read(sample.vault().join(name)).expect("read");
        assert_eq!(read(KEYRING), read(COPY));
    }
}

#[test]
fn two_damaged_keyrings_are_damage_and_not_a_wrong_passphrase() {
    let sample = Sample::new();
    for name in [KEYRING, COPY] {
        let path = sample.vault().join(name);
        let mut bytes = std::fs::read(&path).expect("read");
        bytes[name.len() * 9] ^= 1;
        std::fs::write(path, bytes).expect("written");
    }
    assert!(matches!(refusal(Vault::open(&sample.vault(), &passphrase())), VaultError::Tampered { .. }));
}

#[test]
fn an_old_first_keyring_is_made_again_from_the_copy() {
    let (sample, old, new) = changed();
    put(&old, KEYRING, &new);
    let mut session = session(Vault::open(&new, &phrase("new words")).expect("opens"), 7);
    assert_eq!(session.vault().notices(), [Notice::KeyringMended]);
    assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees);
}

#[test]
fn an_old_keyring_put_back_reads_and_says_so_and_writes_nothing() {
    let (sample, old, new) = changed();
    put(&old, KEYRING, &new);
    put(&old, COPY, &new);
    let mut session = session(Vault::open(&new, &passphrase()).expect("opens"), 7);
    assert_eq!(session.vault().notices(), [Notice::OldKeyring]);
    assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees);
    let refused = session.add(&[(Kind::Person, json!({ "names": [{ "text": "one more" }] }))]).expect_err("refused");
    assert!(matches!(super::vault_error(refused), VaultError::OldKeyring));
    let vault = session.vault_mut();
    assert!(matches!(refusal(vault.change_passphrase(&phrase("third"), 10)), VaultError::OldKeyring));
    assert!(matches!(refusal(vault.found_casebook("lake", &[1; 16], &passphrase(), NOW, &mut Seeded(1))), VaultError::OldKeyring));
    assert!(matches!(refusal(vault.put_files(Vec::new())), VaultError::OldKeyring));
}

/// The last write only mends: when it fails, the new passphrase holds already and the change is done.
#[test]
fn a_change_of_passphrase_whose_last_write_fails_is_done_all_the_same() {
    let sample = Sample::new();
    let mut vault = Vault::open(&sample.vault(), &passphrase()).expect("opens");
    std::fs::remove_file(sample.vault().join(KEYRING)).expect("removed");
    std::fs::create_dir(sample.vault().join(KEYRING)).expect("a folder in the way");
    vault.change_passphrase(&phrase("new words"), 10).expect("changed");
    vault.unlock_check(&phrase("new words")).expect("the new one holds");
    assert!(matches!(refusal(vault.unlock_check(&passphrase())), VaultError::WrongPassphrase));
    let backup = sample.path("backup");
    vault.backup(&backup, 0, &mut sandyq::vault::Silent).expect("a backup");
    drop(vault);
    let restored = Vault::restore(&sample.path("restored"), &backup, &phrase("new words"), 10, &mut Seeded(1), &mut sandyq::vault::Silent);
    assert_eq!(restored.expect("restored").examined.records, 12);
    std::fs::remove_dir(sample.vault().join(KEYRING)).expect("removed");
    assert!(Vault::open(&sample.vault(), &phrase("new words")).is_ok());
}
