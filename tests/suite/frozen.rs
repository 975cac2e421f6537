//! What version one wrote opens for ever: the files in tests/fixtures/v1 were made once and never change.

mod make;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Once;

use sandyq::crypto::words::read_recovery_words;
use sandyq::crypto::{Identity, Passphrase, Sealed, labels, open, plain_hash, recovery_keys};
use sandyq::doc::Document;
use sandyq::parcel::{Header, ItemKind, Parcel, unpack};
use sandyq::session::Session;
use sandyq::vault::{Silent, Vault};
use serde_json::Value;

use crate::model::root;
use crate::support::{Seeded, clock, copy_folder, found, phrase, session};
use crate::vault::members;

const BOOK: &str = "Abay avenue";
const VAULT_FILES: [&str; 3] = ["keyring.age", "keyring.age.copy", "store"];
/// SHA-256 of the names and hashes of all frozen files but the README.
const FIXTURES_SHA256: &str = "6de7a037d52addec45feb17f2d8451ecbf45fa084799864d160e64deddfac356";
const SCHEMA_SHA256: &str = "0bbaad599539595de69dfb15f558d689872e29b7abca2a5b153816511b5462d3";

fn passphrase() -> Passphrase {
    phrase("frozen words of version one")
}

/// A frozen file; with `BLESS_FIXTURES=1` all of them are made first, where none is.
fn fixture(name: &str) -> PathBuf {
    static MADE: Once = Once::new();
    let folder = root().join("tests/fixtures/v1");
    if std::env::var_os("BLESS_FIXTURES").is_some() {
        MADE.call_once(|| make::make(&folder));
    }
    folder.join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).expect("a frozen text")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).expect("a frozen file")
}

/// A casebook of a frozen vault.
fn casebook(folder: &Path, name: &str) -> Session {
    let vault = Vault::open(folder, &passphrase()).expect("the vault opens");
    Session::with(vault, Some(name), Box::new(clock()), Box::new(Seeded(7))).expect("the casebook is there")
}

/// Every record with the secrets of the register, as `export --register` writes it.
fn exported(session: &mut Session) -> String {
    let mut text = String::new();
    let mut write = |line: &str| {
        text.extend([line, "\n"]);
        Ok(())
    };
    session.export(true, &mut write).expect("exported");
    text
}

/// Checks that a vault holds what was recorded: casebooks, handle, every record, the attached file.
fn holds_everything(folder: &Path, home: &Path) {
    let mut session = casebook(folder, BOOK);
    let names: Vec<_> = session.vault().keyring().casebooks.iter().map(|book| book.name.clone()).collect();
    assert_eq!(names, [None, Some(BOOK.to_owned())]);
    assert_eq!(session.vault().keyring().handle, "M-7KQ");
    let rows = text("records.jsonl");
    assert_eq!(exported(&mut session), rows);
    let conflicts = session.conflicts(true).expect("conflicts");
    let chosen: Vec<_> = conflicts.iter().flat_map(|c| c.voices.iter().filter(|voice| Some(&voice.id) == c.decided.as_ref())).collect();
    assert_eq!((conflicts.len(), chosen.len(), chosen[0].value["status"].as_str()), (1, 1, Some("remand")), "contested, and decided");
    let evidence = rows.lines().map(|row| serde_json::from_str::<Value>(row).expect("JSON")).find(|row| row["kind"] == "evidence").expect("evidence");
    let out = home.join("extracted.txt");
    session.extract(evidence["id"].as_str().expect("an id"), &out, &mut Silent).expect("extracted");
    assert_eq!(std::fs::read(out).expect("read"), bytes("attachment.txt"));
    drop(session);
    assert_eq!(exported(&mut casebook(folder, "own")), text("own.jsonl"));
}

fn all_records() -> u64 {
    (text("records.jsonl").lines().count() + text("own.jsonl").lines().count()) as u64
}

#[test]
fn a_vault_of_version_one_opens_for_ever() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("vault");
    copy_folder(&fixture("vault"), &folder);
    let mut vault = Vault::open(&folder, &passphrase()).expect("the vault opens");
    assert_eq!(vault.notices(), []);
    let examined = vault.check(&mut Silent).expect("checked");
    assert_eq!((examined.faults, examined.stale, examined.records, examined.attachments), (Vec::new(), false, all_records(), 1));
    drop(vault);
    holds_everything(&folder, home.path());
}

#[test]
fn a_vault_of_version_one_says_the_same_when_its_caches_are_made_again() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("vault");
    copy_folder(&fixture("vault"), &folder);
    let rebuilt = Vault::open(&folder, &passphrase()).expect("the vault opens").rebuild(&mut Silent).expect("rebuilt");
    assert_eq!((rebuilt.faults, rebuilt.records), (Vec::new(), all_records()));
    holds_everything(&folder, home.path());
}

#[test]
fn a_casebook_of_version_one_gets_a_mailbox_with_its_next_roll() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("vault");
    copy_folder(&fixture("vault"), &folder);
    let mut session = casebook(&folder, BOOK);
    let id = session.vault().casebook(Some(BOOK)).expect("the casebook").id;
    assert_eq!(session.vault().mailboxes(&id), []);
    session.roll(&passphrase(), &mut Silent).expect("rolled");
    assert_eq!(session.vault().mailboxes(&id).iter().map(|mailbox| mailbox.number).collect::<Vec<_>>(), [1]);
    drop(session);
    assert_eq!(casebook(&folder, BOOK).vault().mailboxes(&id).len(), 1);
}

#[test]
fn a_backup_of_version_one_restores_for_ever() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("restored");
    let restored = Vault::restore(&folder, &fixture("backup.tar"), &passphrase(), 10, &mut Seeded(8), &mut Silent).expect("restored");
    assert_eq!((restored.examined.faults, restored.examined.records), (Vec::new(), all_records()));
    drop(restored.vault);
    holds_everything(&folder, home.path());
}

#[test]
fn an_export_of_version_one_comes_in_for_ever() {
    for name in ["records.jsonl", "own.jsonl"] {
        let home = tempfile::tempdir().expect("a folder");
        let mut session = session(found(&home.path().join("vault")), 9);
        let (rows, imported) = (text(name), session.import(&text(name), &mut Silent).expect("imported"));
        assert_eq!((imported.new, imported.known, imported.differing), (rows.lines().count() as u64, 0, Vec::new()));
        assert_eq!(exported(&mut session), rows);
    }
}

fn parcels(key: &Identity, sealed: Vec<u8>) -> Option<Vec<Parcel>> {
    let opened = open([key], &Sealed::from_outside(sealed), 1 << 21).ok()?;
    Some(unpack(opened.as_bytes()).expect("parcels"))
}

#[test]
fn a_parcel_of_version_one_opens_with_its_key_for_ever() {
    let key: Identity = text("parcel-epoch-key.txt").trim().parse().expect("an age identity");
    let parcel = parcels(&key, bytes("parcel.age")).expect("it opens").remove(0);
    let header = bytes("parcel-header.json");
    assert_eq!(parcel.header_bytes, header);
    assert!(parcel.header.device.signed(labels::PARCEL_SIGNATURE, &header, &parcel.signature));
    assert_eq!(Header::from_bytes(&header).expect("a header").to_bytes(), header, "written as it was read");
    let stated: Value = serde_json::from_slice(&header).expect("JSON");
    let Header { v, casebook, epoch, device, chain, n, nonce, time, items, .. } = parcel.header;
    assert_eq!((v, epoch, time), (1, 0, stated["time"].as_i64().expect("a time")));
    assert_eq!((Some(&*casebook), Some(&*chain), Some(&*nonce)), (stated["casebook"].as_str(), stated["chain"].as_str(), stated["nonce"].as_str()));
    assert_eq!((Some(&*device.to_string()), Some(n)), (stated["device"].as_str(), stated["n"].as_u64()));
    let ItemKind::Change { change, .. } = &items[0].kind else { panic!("a change") };
    assert_eq!(hex::encode(sandyq::doc::describe(&parcel.items[0]).expect("a change").0.hash), *change);
}

/// The keys that a genesis hands to whoever opens it: those of the epoch and of the register.
fn keys_of(genesis: &Parcel) -> Vec<Identity> {
    let at = genesis.header.items.iter().position(|item| item.kind == ItemKind::Keys).expect("keys");
    std::str::from_utf8(&genesis.items[at]).expect("text").lines().filter_map(|line| line.parse().ok()).collect()
}

/// With the words and a backup, without the passphrase.
#[test]
fn recovery_words_of_version_one_open_their_casebook_for_ever() {
    let sealed: Vec<Vec<u8>> = members(&fixture("backup.tar")).into_iter().map(|(_, bytes)| bytes).collect();
    let words = text("recovery-words.txt");
    assert_eq!(words.lines().count(), 3, "three languages");
    for line in words.lines() {
        let (signing, identity) = recovery_keys(&read_recovery_words(line).expect("recovery words"));
        let genesis: Vec<Parcel> = sealed.iter().filter_map(|file| parcels(&identity, file.clone())).flatten().collect();
        assert_eq!(genesis.len(), 1, "the genesis of one casebook");
        let operation: Value = serde_json::from_slice(&genesis[0].items[0]).expect("JSON");
        assert_eq!(operation["recovery"]["signing"], signing.device().to_string());
        let keys = keys_of(&genesis[0]);
        let shown = records(&sealed, &keys[0]);
        assert_eq!(shown.len(), text("records.jsonl").lines().count());
        let name = shown.iter().find_map(|tree| tree["name"]["sealed"].as_str()).expect("a sealed name");
        let name = open([&keys[1]], &Sealed::from_outside(hex::decode(name).expect("hex")), 1 << 16).expect("the register opens");
        assert!(name.as_bytes().starts_with(b"Jane Witness\0"));
    }
}

/// Every record whose changes this key opens.
fn records(sealed: &[Vec<u8>], key: &Identity) -> Vec<Value> {
    let mut changes: BTreeMap<String, Vec<(u64, Vec<u8>)>> = BTreeMap::new();
    for parcel in sealed.iter().filter_map(|file| parcels(key, file.clone())).flatten() {
        for (item, bytes) in parcel.header.items.iter().zip(&parcel.items) {
            if let ItemKind::Change { record, .. } = &item.kind {
                changes.entry(record.clone()).or_default().push((parcel.header.n, bytes.clone()));
            }
        }
    }
    changes.values_mut().for_each(|changes| changes.sort());
    let read = |changes: &Vec<(u64, Vec<u8>)>| Document::open_any(changes.iter().map(|(_, bytes)| bytes.as_slice())).expect("changes").expect("a known kind");
    changes.values().map(|changes| Value::Object(read(changes).1.read().tree)).collect()
}

#[test]
fn the_files_of_version_one_are_as_they_were_made() {
    let vault = VAULT_FILES.map(|name| format!("vault/{name}"));
    let others =
        ["attachment.txt", "backup.tar", "own.jsonl", "parcel-epoch-key.txt", "parcel-header.json", "parcel.age", "records.jsonl", "recovery-words.txt"];
    let names = vault.iter().map(String::as_str).chain(others);
    let sums: String = names.map(|name| format!("{}  {name}\n", hex::encode(plain_hash(&bytes(name))))).collect();
    assert_eq!(hex::encode(plain_hash(sums.as_bytes())), FIXTURES_SHA256, "these files never change:\n{sums}");
}

fn read_root(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect("a file of the package")
}

fn judge(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(&read_root(name)).expect("JSON")).expect("a schema")
}

#[test]
fn a_record_valid_in_version_one_is_valid_now() {
    assert_eq!(hex::encode(plain_hash(read_root("schema/v1/record.schema.json").as_bytes())), SCHEMA_SHA256, "the frozen schema never changes");
    let (then, now) = (judge("schema/v1/record.schema.json"), judge("schema/record.schema.json"));
    let mut judged = 0;
    for file in std::fs::read_dir(root().join("schema/samples/valid")).expect("samples") {
        let path = file.expect("a sample").path();
        let value: Value = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
        judged += usize::from(then.is_valid(&value));
        assert!(!then.is_valid(&value) || now.is_valid(&value), "{}: {:?}", path.display(), now.iter_errors(&value).next());
    }
    assert!(judged >= 26, "only {judged} samples were valid in version one");
}
