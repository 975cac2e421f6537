//! Keys files as they travel: frozen ones open for ever, with stock tools and with the program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use sandyq::crypto::{Identity, Sealed, open, plain_hash};
use sandyq::parcel::{ItemKind, MAX_SEALED, Parcel, unpack};
use sandyq::team::{KeysClass, KeysText, Operation, Role, Roll};
use sandyq::vault::{CasebookKeys, Envelope, Hash, Silent, Vault, hash_of};

use super::desks::{mark, rolls, since};
use crate::carry::support::{BOOK, Desk};
use crate::support::{NOW, Seeded, copy_folder, found, passphrase};

const CLASSES: [(&str, KeysClass); 3] = [("reader", KeysClass::Reader), ("capture", KeysClass::Capture), ("keeper", KeysClass::Keeper)];
const VAULT_FILES: [&str; 3] = ["keyring.age", "keyring.age.copy", "store"];
/// SHA-256 of the names and hashes of the frozen files.
const FIXTURES_SHA256: &str = "29214a40cef8feb7b578c2d4be3668ca30541b7fbe80a0201824368bfbc7fecc";

fn folder() -> PathBuf {
    crate::model::root().join("tests/fixtures/team")
}

/// A frozen file; with `BLESS_FIXTURES=1` all of them are made first, where none is.
fn fixture(name: &str) -> PathBuf {
    static MADE: Once = Once::new();
    if std::env::var_os("BLESS_FIXTURES").is_some() && !folder().join("keys-file-reader.age").exists() {
        MADE.call_once(|| make(&folder()));
    }
    folder().join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).expect("a frozen file")
}

fn identity(name: &str) -> Identity {
    String::from_utf8(bytes(name)).expect("text").trim().parse().expect("an age identity")
}

/// A team with a member of each class makes new keys; a newcomer is let in after it.
fn make(to: &Path) {
    let mut first = Desk::founder("M-ONE", 901);
    let [reader, capture, keeper] =
        [("M-READ", 902, Role::Reader), ("M-CAP", 903, Role::Capture), ("M-KEEP", 904, Role::Editor)].map(|(handle, seed, role)| {
            let desk = Desk::alone(handle, seed);
            first.session.admit(&desk.badge(), role, role == Role::Editor, Some(&desk.words())).expect("admitted");
            desk
        });
    first.detained("Frozen Person");
    let before = mark(&first);
    rolls(&mut first);
    let files = since(&first, before);
    for ((name, _), desk) in CLASSES.iter().zip([&reader, &capture, &keeper]) {
        let device = desk.session.vault().keyring().device.clone();
        let file = files.iter().rfind(|file| keys_in(&device, file).is_some_and(|keys| *name != "keeper" || !keys.keepers.is_empty()));
        std::fs::write(to.join(format!("keys-file-{name}.age")), file.expect("a keys file").as_bytes()).expect("written");
        std::fs::write(to.join(format!("keys-file-{name}-key.txt")), format!("{}\n", &*device.secret_text())).expect("written");
        if *name == "reader" {
            let roll = files.iter().find(|file| parcels_in(&device, file).is_some_and(|parcels| roll_in(&parcels).is_some()));
            std::fs::write(to.join("keys-file-roll.age"), roll.expect("a roll").as_bytes()).expect("written");
        }
    }
    let newcomer = Desk::alone("M-NEW", 905);
    let mut welcome = first.session.admit(&newcomer.badge(), Role::Reader, false, Some(&newcomer.words())).expect("admitted").files;
    assert_eq!(welcome.len(), 1);
    std::fs::write(to.join("welcome.age"), welcome.remove(0).as_bytes()).expect("written");
    let vault = newcomer.vault();
    let Desk { home: _home, session, .. } = newcomer;
    drop(session);
    std::fs::create_dir(to.join("welcome-vault")).expect("a folder");
    for name in VAULT_FILES {
        std::fs::copy(vault.join(name), to.join("welcome-vault").join(name)).expect("copied");
    }
}

fn parcels_in(key: &Identity, sealed: &Sealed) -> Option<Vec<Parcel>> {
    let opened = open([key], sealed, MAX_SEALED as u64).ok()?;
    unpack(opened.as_bytes()).ok()
}

fn keys_in(key: &Identity, sealed: &Sealed) -> Option<KeysText> {
    parcels_in(key, sealed)?.iter().find_map(keys_of)
}

fn keys_of(parcel: &Parcel) -> Option<KeysText> {
    let at = parcel.header.items.iter().position(|item| item.kind == ItemKind::Keys)?;
    KeysText::from_text(std::str::from_utf8(&parcel.items[at]).ok()?)
}

fn roll_in(parcels: &[Parcel]) -> Option<Roll> {
    parcels.iter().find_map(|parcel| match Operation::from_bytes(parcel.items.first()?)? {
        Operation::Roll(act) => Some(act.what),
        _ => None,
    })
}

fn sealed(name: &str) -> Sealed {
    Sealed::from_outside(bytes(name))
}

#[test]
fn keys_file_of_every_class_opens_for_ever_and_is_the_one_its_roll_names() {
    let roll = roll_in(&parcels_in(&identity("keys-file-reader-key.txt"), &sealed("keys-file-roll.age")).expect("it opens")).expect("a roll");
    for (name, class) in CLASSES {
        let (file, key) = (format!("keys-file-{name}.age"), identity(&format!("keys-file-{name}-key.txt")));
        assert_eq!(roll.files[&class], hex::encode(plain_hash(&bytes(&file))), "{name}");
        let keys = keys_in(&key, &sealed(&file)).expect("keys");
        let recipient = |secret: &str| secret.parse::<Identity>().expect("an identity").recipient().to_string();
        let newest = keys.epochs.last().map(|(number, secret)| (*number, recipient(secret)));
        let reads = (name == "reader").then(|| (roll.number, roll.recipient.clone()));
        assert_eq!(newest, reads, "{name}");
        assert_eq!(keys.recipients.last(), Some(&(roll.number, roll.recipient.clone())), "{name}");
        assert_eq!(keys.register, Some(roll.register.clone()), "{name}");
        let keeps = (name == "keeper").then(|| roll.register.clone());
        assert_eq!(keys.keepers.last().map(|secret| recipient(secret)), keeps, "{name}");
        assert!(parcels_in(&key, &sealed("keys-file-roll.age")).is_some(), "{name} learns of it");
    }
}

#[test]
fn keys_file_is_read_by_the_program_as_stock_age_reads_it() {
    let home = tempfile::tempdir().expect("a folder");
    for (name, _) in CLASSES {
        let (file, key) = (format!("keys-file-{name}.age"), identity(&format!("keys-file-{name}-key.txt")));
        let parcels = parcels_in(&key, &sealed(&file)).expect("it opens");
        let casebook: Hash = hash_of(&parcels[0].header.casebook).expect("an id");
        let folder = home.path().join(name);
        let vault = found(&folder);
        let mut keyring = vault.keyring().clone();
        keyring.device = key.clone();
        let register = keyring.casebooks[0].register.clone();
        keyring.casebooks.push(CasebookKeys::of(casebook, Some(BOOK.into()), register));
        assert_eq!(keyring.envelope(&sealed(&file)), Envelope::Parcels(parcels, Hash::default()), "{name}");
        assert!(matches!(keyring.envelope(&sealed("keys-file-roll.age")), Envelope::Parcels(..)), "{name}");
        let Some(stock) = stock_age(&fixture(&format!("keys-file-{name}-key.txt")), &fixture(&file)) else { continue };
        assert_eq!(stock, open([&key], &sealed(&file), MAX_SEALED as u64).expect("it opens").as_bytes(), "{name}");
    }
}

/// What stock age makes of a file; none where it is not here. In continuous integration it has to be.
fn stock_age(key: &Path, file: &Path) -> Option<Vec<u8>> {
    let ran = Command::new("age").args(["-d", "-i"]).args([key, file]).output();
    assert!(ran.is_ok() || std::env::var_os("CI").is_none(), "install age: the interop tests must run here");
    ran.ok().map(|ran| {
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        ran.stdout
    })
}

#[test]
fn welcome_lets_its_newcomer_in_for_ever() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("vault");
    copy_folder(&fixture("welcome-vault"), &folder);
    let mut vault = Vault::open(&folder, &passphrase()).expect("opens");
    let welcome = vault.read_welcome(vec![sealed("welcome.age")]).expect("a welcome");
    assert_eq!((welcome.role, welcome.by.handle.as_str(), welcome.genesis.name.as_deref()), (Role::Reader, "M-ONE", Some(BOOK)));
    let casebook = welcome.casebook;
    vault.join(welcome, &passphrase(), &mut Seeded(1)).expect("joined");
    let book = vault.casebook(Some(BOOK)).expect("joined").clone();
    assert_eq!(book.epochs.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1]);
    let present = vault.log(&casebook).expect("a log").membership().clean_epoch().expect("clean").recipient.clone();
    assert_eq!(book.epochs[1].1.recipient().to_string(), present);
    let examined = vault.check(&mut Silent).expect("examined");
    assert_eq!((examined.faults, examined.stale), (Vec::new(), false));
    assert!(vault.write_receipt(&casebook, NOW, &mut Seeded(2)).is_ok());
}

#[test]
fn frozen_keys_files_are_as_they_were_made() {
    let classes = CLASSES.iter().flat_map(|(name, _)| [format!("keys-file-{name}.age"), format!("keys-file-{name}-key.txt")]);
    let vault = VAULT_FILES.iter().map(|name| format!("welcome-vault/{name}"));
    let names = classes.chain(["keys-file-roll.age".into(), "welcome.age".into()]).chain(vault);
    let sums: String = names.map(|name| format!("{}  {name}\n", hex::encode(plain_hash(&bytes(&name))))).collect();
    assert_eq!(hex::encode(plain_hash(sums.as_bytes())), FIXTURES_SHA256, "these files never change:\n{sums}");
}
