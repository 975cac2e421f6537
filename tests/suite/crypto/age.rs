//! Stock `age` opens everything: the format belongs to nobody but its readers.

use std::path::Path;
use std::process::{Command, Stdio};

use sandyq::crypto::{Identity, padded, seal};
use sandyq::vault::Vault;

use crate::support::{Sample, passphrase};

/// Tells whether stock age is here. In continuous integration it has to be.
fn age_is_here() -> bool {
    let here = Command::new("age").arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !here {
        assert!(std::env::var_os("CI").is_none(), "install age: the interop tests must run here");
        eprintln!("\n*** SKIPPED: `age` is not installed, nothing was compared with it ***\n");
    }
    here
}

fn opened_by_age(identities: &Path, sealed: &Path) -> Option<Vec<u8>> {
    let ran = Command::new("age").arg("-d").arg("-i").arg(identities).arg(sealed).stdin(Stdio::null()).output().expect("age runs");
    ran.status.success().then_some(ran.stdout)
}

#[test]
fn stock_age_opens_what_seal_writes_and_seals_what_open_reads() {
    if !age_is_here() {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    let (key, stranger) = (Identity::generate(), Identity::generate());
    let path = |name: &str| home.path().join(name);
    std::fs::write(path("key"), &*key.secret_text()).expect("written");
    std::fs::write(path("stranger"), &*stranger.secret_text()).expect("written");
    for size in [0, 1, 65_535, 65_536, 65_537, 200_000] {
        let plain = padded(vec![7; size]);
        std::fs::write(path("sealed"), seal([&key.recipient()], &plain).expect("sealed").as_bytes()).expect("written");
        assert_eq!(opened_by_age(&path("key"), &path("sealed")), Some(plain), "{size} bytes");
        assert_eq!(opened_by_age(&path("stranger"), &path("sealed")), None);
    }
    std::fs::write(path("plain"), "from age").expect("written");
    let made = Command::new("age").args(["-r", &key.recipient().to_string(), "-o"]).arg(path("theirs")).arg(path("plain")).status();
    assert!(made.expect("age runs").success());
    let theirs = sandyq::crypto::Sealed::from_outside(std::fs::read(path("theirs")).expect("read"));
    assert_eq!(sandyq::crypto::open([&key], &theirs, 100).expect("opens").as_bytes(), b"from age");
}

#[test]
fn stock_age_opens_every_parcel_with_the_keyring_as_identity_file() {
    if !age_is_here() {
        return;
    }
    let sample = Sample::new();
    let mut vault = Vault::open(&sample.vault(), &passphrase()).expect("opens");
    let (backup, keyring, sealed) = (sample.path("backup.tar"), sample.path("keyring.txt"), sample.path("one.age"));
    vault.backup(&backup, 0, &mut sandyq::vault::Silent).expect("a backup");
    std::fs::write(&keyring, &*vault.keyring().to_text()).expect("written");
    let mut parcels = 0;
    for (name, bytes) in crate::vault::members(&backup) {
        std::fs::write(&sealed, bytes).expect("written");
        let plain = if name.starts_with("keyring") { None } else { opened_by_age(&keyring, &sealed) };
        parcels += plain.map_or(0, |plain| sandyq::parcel::unpack(&plain).expect("parcels").len());
    }
    assert_eq!(parcels, 14, "genesis, twelve records, one edit");
}
