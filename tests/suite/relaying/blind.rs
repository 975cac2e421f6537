//! A relay learns nothing: its store and every byte of every request and answer of a full story are searched.

use std::path::Path;

use sandyq::crypto::plain_hash;
use sandyq::team::Role;
use sandyq::transport::relay::Address;

use super::tap::Tap;
use super::{Host, all_meet, same};
use crate::carry::support::{BOOK, Desk};
use crate::remove::desks::{admitted, dismisses};

/// What must be found nowhere: every word of every record, and everything by which members and the casebook are known.
fn telling(desks: &mut [&mut Desk]) -> Vec<Vec<u8>> {
    let mut telling: Vec<Vec<u8>> = vec![BOOK.into()];
    for desk in desks.iter_mut() {
        let (casebook, device) = (desk.casebook(), desk.signing().device());
        telling.extend(desk.every_word().into_iter().filter(|word| word.len() > 5).map(String::into_bytes));
        telling.push(desk.handle.clone().into_bytes());
        telling.push(desk.badge().recipient.into_bytes());
        for bytes in [casebook, *device.as_bytes()].into_iter().chain(desk.heads()) {
            telling.push(bytes.to_vec());
            telling.push(hex::encode(bytes).into_bytes());
        }
        let keys = desk.session.vault().keyring().to_text();
        telling.extend(keys.lines().filter(|line| line.starts_with("AGE-SECRET-KEY-")).map(|line| line.as_bytes().to_vec()));
    }
    telling
}

fn files_in(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| std::fs::read(entry.expect("an entry").path()).expect("read"));
    files.flatten().collect()
}

#[test]
fn relay_sees_no_name_no_member_no_casebook_and_no_author_in_a_whole_story() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = Host::in_file(9, &folder.path().join("store"));
    let plain = host.plain();
    let tap = Tap::before(plain.address, &[9; 32]);
    let address = Address { url: format!("https://{}", tap.address), pin: host.identity().pin().0, backup: None };
    let mut one = Desk::founder("M-ONEONE", 1);
    let mut two = admitted(&mut one, "M-TWOTWO", 50, Role::Editor);
    let mut gone = admitted(&mut one, "M-GONEGONE", 90, Role::Editor);
    one.detained("Айгерим Образцова");
    two.detained("Sample Person");
    all_meet(&mut [&mut one, &mut two, &mut gone], &address);
    dismisses(&mut one, "M-GONEGONE");
    two.detained("Another Person");
    all_meet(&mut [&mut one, &mut two], &address);
    same(&mut [&mut one, &mut two]);
    let (heard, kept) = (as_text(&tap.heard()), as_text(&files_in(folder.path())));
    let files = one.files();
    let is_heard = |file: &sandyq::crypto::Sealed| holds(&heard, file.as_bytes()) && holds(&heard, hex::encode(plain_hash(file.as_bytes())).as_bytes());
    assert!(files.iter().filter(|file| is_heard(file)).count() > 5, "the tap hears what a relay hears");
    assert!(kept.len() > 20_000, "the store holds the files");
    let telling = telling(&mut [&mut one, &mut two, &mut gone]);
    assert!(telling.len() > 20);
    for word in telling {
        assert!(!holds(&heard, &word), "on the wire: {}", String::from_utf8_lossy(&word));
        assert!(!holds(&kept, &word), "in the store: {}", String::from_utf8_lossy(&word));
    }
}

fn holds(bytes: &str, word: &[u8]) -> bool {
    bytes.contains(&as_text(word))
}

/// Each byte as the character of its number: texts are searched faster than bytes.
fn as_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
