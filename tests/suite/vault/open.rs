use std::path::Path;
use std::process::Command;

use sandyq::crypto::{Passphrase, seal_with_passphrase};
use sandyq::vault::{Founding, Notice, Vault, VaultError};
use serde_json::json;

use super::refusal;
use crate::support::{NOW, Sample, Seeded, found, opened, passphrase, phrase, session, trees};
use sandyq::model::Kind;
use sandyq::session::Session;

/// Tells the second role of this test program which vault to open.
const HELD: &str = "SANDYQ_TEST_HELD_VAULT";

#[test]
fn what_was_recorded_is_there_again_after_closing() {
    let sample = Sample::new();
    let mut session = opened(&sample.vault());
    assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees);
    assert_eq!(session.list(None).expect("listed").len(), 12);
    assert_eq!(session.vault().notices(), []);
}

#[test]
fn a_wrong_passphrase_is_called_that_and_nothing_else() {
    let sample = Sample::new();
    for wrong in ["", "correct horse batterz", "Correct Horse Battery"] {
        assert!(matches!(refusal(Vault::open(&sample.vault(), &phrase(wrong))), VaultError::WrongPassphrase), "{wrong}");
    }
    assert_eq!(opened(&sample.vault()).list(None).expect("listed").len(), 12, "asking wrongly harmed nothing");
}

#[test]
fn an_empty_or_missing_folder_holds_no_vault_and_stays_as_it_is() {
    let home = tempfile::tempdir().expect("a folder");
    for folder in [home.path().to_owned(), home.path().join("missing")] {
        assert!(matches!(refusal(Vault::open(&folder, &passphrase())), VaultError::Absent));
    }
    assert_eq!(std::fs::read_dir(home.path()).expect("a folder").count(), 0);
}

#[test]
fn a_vault_is_never_founded_over_another() {
    let sample = Sample::new();
    let again = Founding { passphrase: &phrase("other"), log_n: 10, handle: "M-2", time: NOW };
    assert!(matches!(refusal(Vault::found(&sample.vault(), &again, &mut Seeded(9))), VaultError::Exists));
    assert_eq!(trees(&mut opened(&sample.vault()), &sample.ids).expect("shown"), sample.trees);
}

#[test]
fn a_founding_that_was_cut_off_before_the_keyring_begins_anew() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = home.path().join("vault");
    drop(found(&vault));
    std::fs::remove_file(vault.join("keyring.age")).expect("removed");
    assert_eq!(opened(&vault).vault().notices(), [Notice::KeyringMended], "the copy alone is a vault");
    std::fs::remove_file(vault.join("keyring.age")).expect("removed");
    std::fs::remove_file(vault.join("keyring.age.copy")).expect("removed");
    assert!(matches!(refusal(Vault::open(&vault, &passphrase())), VaultError::Absent));
    drop(found(&vault));
    assert_eq!(opened(&vault).list(None).expect("listed").len(), 0);
}

#[test]
fn a_store_that_lost_its_keyring_is_kept_when_a_new_vault_is_founded_there() {
    let sample = Sample::new();
    let keyring = std::fs::read(sample.vault().join("keyring.age")).expect("read");
    let remove = || ["keyring.age", "keyring.age.copy"].map(|name| std::fs::remove_file(sample.vault().join(name)).expect("removed"));
    remove();
    drop(found(&sample.vault()));
    assert_eq!(opened(&sample.vault()).list(None).expect("listed").len(), 0);
    remove();
    std::fs::rename(sample.vault().join("store.left-1"), sample.vault().join("store")).expect("put back");
    std::fs::write(sample.vault().join("keyring.age"), keyring).expect("put back");
    assert_eq!(trees(&mut opened(&sample.vault()), &sample.ids).expect("shown"), sample.trees, "nothing of it was lost");
}

#[test]
fn a_vault_in_use_names_the_process_that_holds_it() {
    let home = tempfile::tempdir().expect("a folder");
    let vault = found(&home.path().join("vault"));
    let refused = refusal(Vault::open(&home.path().join("vault"), &passphrase()));
    assert!(matches!(refused, VaultError::InUse { pid: Some(pid) } if pid == std::process::id()), "{refused:?}");
    drop(vault);
    assert!(Vault::open(&home.path().join("vault"), &passphrase()).is_ok());
}

/// Runs this program a second time with this test alone; there it opens the vault and answers by its exit code.
#[test]
fn a_second_process_is_told_which_process_holds_the_vault() {
    if let Some(folder) = std::env::var_os(HELD) {
        let answer = match Vault::open(Path::new(&folder), &passphrase()) {
            Err(VaultError::InUse { pid: Some(pid) }) => format!("held by {pid}."),
            other => format!("{:?}.", other.map(|_| "opened")),
        };
        std::fs::write(Path::new(&folder).join("../answer"), answer).expect("written");
        return;
    }
    let sample = Sample::new();
    let ask = || {
        let name = "vault::open::a_second_process_is_told_which_process_holds_the_vault";
        let ran = Command::new(std::env::current_exe().expect("this program")).args(["--exact", name]).env(HELD, sample.vault()).output();
        assert!(ran.expect("it runs").status.success());
        std::fs::read_to_string(sample.path("answer")).expect("an answer")
    };
    let held = opened(&sample.vault());
    assert_eq!(ask(), format!("held by {}.", std::process::id()));
    drop(held);
    assert_eq!(ask(), "Ok(\"opened\").");
}

#[test]
fn a_store_of_a_newer_version_is_not_opened() {
    let sample = Sample::new();
    let db = rusqlite::Connection::open(sample.vault().join("store")).expect("a database");
    db.pragma_update(None, "user_version", 4).expect("set");
    drop(db);
    assert!(matches!(refusal(Vault::open(&sample.vault(), &passphrase())), VaultError::Newer));
}

#[test]
fn a_keyring_of_a_newer_version_is_not_opened() {
    let sample = Sample::new();
    let text = opened(&sample.vault()).vault().keyring().to_text().replace("# sandyq keyring 1\n", "# sandyq keyring 2\n");
    let sealed = seal_with_passphrase(&passphrase(), 10, text.as_bytes()).expect("sealed");
    for name in ["keyring.age", "keyring.age.copy"] {
        std::fs::write(sample.vault().join(name), sealed.as_bytes()).expect("written");
    }
    assert!(matches!(refusal(Vault::open(&sample.vault(), &passphrase())), VaultError::Newer));
}

fn in_casebook(folder: &Path, name: Option<&str>) -> Result<Session, sandyq::error::Error> {
    Session::open(folder, &passphrase(), name, Box::new(crate::support::clock()), Box::new(Seeded(12)))
}

#[test]
fn casebooks_of_one_vault_are_kept_apart() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("vault");
    let mut vault = found(&folder);
    for (name, secret) in [("river", [1; 16]), ("Алма", [2; 16])] {
        vault.found_casebook(name, &secret, &passphrase(), NOW, &mut Seeded(u64::from(secret[0]))).expect("founded");
    }
    let twice = vault.found_casebook("river", &[3; 16], &passphrase(), NOW, &mut Seeded(3));
    assert!(matches!(refusal(twice), VaultError::CasebookExists));
    let wrong = vault.found_casebook("lake", &[3; 16], &phrase("wrong"), NOW, &mut Seeded(3));
    assert!(matches!(refusal(wrong), VaultError::WrongPassphrase));
    drop(vault);
    for (name, place) in [("river", "bank"), ("Алма", "базар")] {
        in_casebook(&folder, Some(name)).expect("opens").add(&[(Kind::Person, json!({ "names": [{ "text": place }] }))]).expect("added");
    }
    for (name, place) in [("river", "bank"), ("Алма", "базар")] {
        let lines = in_casebook(&folder, Some(name)).expect("opens").list(None).expect("listed");
        assert_eq!(lines.iter().map(|line| line.title.as_str()).collect::<Vec<_>>(), [place]);
    }
    assert!(matches!(super::vault_error(in_casebook(&folder, None).map(|_| ()).expect_err("unclear")), VaultError::WhichCasebook));
    assert!(matches!(super::vault_error(in_casebook(&folder, Some("lake")).map(|_| ()).expect_err("absent")), VaultError::NoCasebook));
    let mut vault = Vault::open(&folder, &passphrase()).expect("opens");
    let examined = vault.check(&mut sandyq::vault::Silent).expect("examined");
    assert_eq!(
        (examined.records, examined.parcels, examined.faults.len(), examined.stale),
        (2, 7, 0, false),
        "a genesis and its keys for each, the own genesis, two records"
    );
}

#[test]
fn the_recovery_key_opens_the_genesis_of_its_casebook_and_nothing_more() {
    let home = tempfile::tempdir().expect("a folder");
    let mut vault = found(&home.path().join("vault"));
    vault.found_casebook("river", &[1; 16], &passphrase(), NOW, &mut Seeded(4)).expect("founded");
    let mut session = session(vault, 5);
    session.add(&[(Kind::Person, json!({ "names": [{ "text": "somebody" }] }))]).expect("added");
    let backup = home.path().join("backup");
    session.vault_mut().backup(&backup, 0, &mut sandyq::vault::Silent).expect("a backup");
    let (_, identity) = sandyq::crypto::recovery_keys(&[1; 16]);
    let opens = |bytes: &Vec<u8>| sandyq::crypto::open([&identity], &sandyq::crypto::Sealed::from_outside(bytes.clone()), 1 << 20).is_ok();
    assert_eq!(super::members(&backup).iter().filter(|(_, bytes)| opens(bytes)).count(), 1);
}

#[test]
fn a_passphrase_is_needed_in_no_other_form() {
    let sample = Sample::new();
    let again: Passphrase = phrase("  correct horse battery\n");
    assert!(Vault::open(&sample.vault(), &again).is_ok());
}
