//! What the disk shows: nothing. What a member without the register key finds of a source: nothing.

use std::path::Path;

use sandyq::crypto::{Identity, Sealed, open};
use sandyq::vault::{Keyring, Silent};
use serde_json::Value;

use crate::support::{PLAIN, SECRETS, Sample, copy_folder, opened};

/// A text as it might lie in a file: UTF-8, both byte orders of UTF-16, and hex.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
    vec![text.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes), hex::encode(text).into_bytes()]
}

fn holds(bytes: &[u8], text: &str) -> bool {
    forms(text).iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read(entry.expect("an entry").path()).expect("read");
    std::fs::read_dir(folder).expect("a folder").map(read).collect()
}

/// The identities of a keyring text as anybody with stock age would read them.
fn identities(text: &str) -> Vec<Identity> {
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Every age file that lies somewhere in bytes, by its first line.
fn age_files(bytes: &[u8]) -> Vec<Sealed> {
    let first = b"age-encryption.org/v1\n";
    (0..bytes.len().saturating_sub(first.len())).filter(|at| bytes[*at..].starts_with(first)).map(|at| Sealed::from_outside(bytes[at..].to_vec())).collect()
}

/// Everything that these identities open: sealed files, caches, and what lies sealed within them.
fn all_opened(sealed: Vec<Sealed>, keys: &[Identity]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = sealed.iter().filter_map(|file| Some(open(keys, file, 1 << 24).ok()?.as_bytes().to_vec())).collect();
    let within: Vec<Sealed> = found.iter().flat_map(|plain| sealed_within(plain)).collect();
    if !within.is_empty() {
        found.extend(all_opened(within, keys));
    }
    found
}

/// Hex of an age file, as a secret stands in a record.
fn sealed_within(plain: &[u8]) -> Vec<Sealed> {
    let mark = hex::encode("age-encryption.org/v1\n").into_bytes();
    let starts = (0..plain.len().saturating_sub(mark.len())).filter(|at| plain[*at..].starts_with(&mark));
    let digits = |at: usize| plain[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count() & !1;
    starts.filter_map(|at| hex::decode(&plain[at..at + digits(at)]).ok()).map(Sealed::from_outside).collect()
}

/// Sealed files of the sample from its backup, and the slots and segments of its database.
fn sealed_of(sample: &Sample) -> Vec<Sealed> {
    let backup = sample.path("all.tar");
    opened(&sample.vault()).vault_mut().backup(&backup, 0, &mut Silent).expect("a backup");
    let members = crate::vault::members(&backup).into_iter().map(|(_, bytes)| Sealed::from_outside(bytes));
    let db = rusqlite::Connection::open(sample.vault().join("store")).expect("a database");
    let column = |sql: &str| {
        let mut statement = db.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
        rows.map(|row| Sealed::from_outside(row.expect("a row"))).collect::<Vec<_>>()
    };
    let caches = [column("SELECT body FROM slot"), column("SELECT lines FROM view"), column("SELECT bodies FROM view WHERE bodies IS NOT NULL")];
    members.chain(caches.into_iter().flatten()).collect()
}

#[test]
fn a_member_without_the_register_key_finds_no_secret_in_anything_he_can_open() {
    let sample = Sample::new();
    let text = opened(&sample.vault()).vault().keyring().to_text().to_string();
    let keepers = text.lines().zip(text.lines().skip(1)).filter(|(before, _)| *before == "# keeper").map(|(_, key)| key);
    let without = keepers.fold(text.clone(), |text, key| text.replace(key, ""));
    assert!(Keyring::from_text(&without).expect("a keyring").casebooks.iter().all(|book| book.keepers.is_empty()));
    let sealed = sealed_of(&sample);
    let mut keys = identities(&without);
    let first = all_opened(sealed.clone(), &keys);
    keys.extend(first.iter().filter(|plain| !holds(plain, "\n# keeper\n")).flat_map(|plain| attachment_keys(plain)));
    let member = all_opened(sealed.clone(), &keys);
    assert!(member.len() > 20, "{} things opened", member.len());
    for text in PLAIN {
        assert!(member.iter().any(|plain| holds(plain, text)), "a member reads {text}");
    }
    // The parcel of the genesis hands the register key to its founder alone: to whom it was sealed as a device.
    let founder = identities(&text);
    let member: Vec<&Vec<u8>> = member.iter().filter(|plain| !holds(plain, "\n# keeper\n")).collect();
    for secret in SECRETS {
        assert!(!member.iter().any(|plain| holds(plain, secret)), "a member reads {secret}");
        assert!(all_opened(sealed.clone(), &founder).iter().any(|plain| holds(plain, secret)), "a keeper reads {secret}");
    }
}

/// Identities that stand in evidence records.
fn attachment_keys(plain: &[u8]) -> Vec<Identity> {
    let text = String::from_utf8_lossy(plain);
    text.match_indices("AGE-SECRET-KEY-").filter_map(|(at, _)| text.get(at..at + 74)?.parse().ok()).collect()
}

#[test]
fn a_keeper_is_shown_the_secrets_and_the_stored_record_holds_only_ciphertext() {
    let sample = Sample::new();
    let mut session = opened(&sample.vault());
    let (mut shown, mut stored) = (String::new(), String::new());
    for id in &sample.ids {
        let record = session.show(id).expect("shown");
        shown.push_str(&Value::Object(record.tree).to_string());
        stored.push_str(&Value::Object(record.body.tree).to_string());
    }
    for secret in SECRETS {
        assert!(shown.contains(secret), "{secret} is shown");
        assert!(!stored.contains(secret), "{secret} is stored");
        assert_eq!(session.find(secret).expect("searched").len(), 0, "a search finds {secret}");
    }
}

#[test]
fn an_export_withholds_secrets_unless_asked_and_counts_them() {
    let sample = Sample::new();
    let mut session = opened(&sample.vault());
    for with_secrets in [false, true] {
        let mut text = String::new();
        let done = session
            .export(with_secrets, &mut |line| {
                text.push_str(line);
                Ok(())
            })
            .expect("exported");
        assert_eq!(done.secrets_withheld, if with_secrets { 0 } else { SECRETS.len() as u64 });
        assert!(SECRETS.iter().all(|secret| text.contains(secret) == with_secrets), "{with_secrets}");
        assert!(!text.contains("AGE-SECRET-KEY"), "no key leaves with an export");
    }
}

#[test]
fn no_byte_of_the_closed_vault_or_its_backup_shows_anything_recorded() {
    let sample = Sample::new();
    let backup = sample.path("backup.tar");
    let mut session = opened(&sample.vault());
    session.vault_mut().backup(&backup, 0, &mut Silent).expect("a backup");
    let open_now = sample.path("while-open");
    copy_folder(&sample.vault(), &open_now);
    drop(session);
    let bytes = [files(&sample.vault()), files(&open_now), vec![std::fs::read(&backup).expect("read")]].concat();
    let ids = sample.ids.iter().map(String::as_str);
    for text in PLAIN.iter().chain(SECRETS).copied().chain(ids).chain(["AGE-SECRET-KEY", "detention", "incident", "M-7KQ", "casebook"]) {
        assert!(!bytes.iter().any(|file| holds(file, text)), "{text} lies open");
    }
    let raw: Vec<u8> = sample.ids.iter().flat_map(|id| hex::decode(id).expect("hex")).collect();
    assert!(!bytes.iter().any(|file| raw.chunks(32).any(|id| file.windows(32).any(|window| window == id))), "an id lies open");
    assert!(bytes.iter().any(|file| age_files(file).len() > 5), "the search does see into the files");
}

#[test]
fn sealed_files_show_only_padded_sizes() {
    let sample = Sample::new();
    let mut plain_sizes = Vec::new();
    let keys = identities(&opened(&sample.vault()).vault().keyring().to_text());
    for sealed in sealed_of(&sample) {
        if let Ok(plain) = open(&keys, &sealed, 1 << 24) {
            plain_sizes.push(plain.as_bytes().len());
        }
    }
    assert!(plain_sizes.len() > 20, "{} opened", plain_sizes.len());
    assert!(plain_sizes.iter().all(|size| sandyq::crypto::padme(*size) == *size), "{plain_sizes:?}");
}

/// Ciphertext is full of digits: a search for a number must not meet them.
#[test]
fn a_search_for_a_number_finds_what_was_written_and_no_ciphertext() {
    let sample = Sample::new();
    let mut session = opened(&sample.vault());
    for digits in ["42", "555 01", "abc", "99"] {
        assert_eq!(session.find(digits).expect("searched").len(), 0, "{digits}");
    }
    let found = session.find("30 лет").expect("searched");
    assert_eq!(found.iter().map(|line| &line.id).collect::<Vec<_>>(), [&sample.ids[3]]);
}
