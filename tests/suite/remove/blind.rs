//! Devices that open nothing: capture devices for months on end, and ordinary ones that were sealed.

use std::collections::BTreeMap;
use std::path::Path;

use sandyq::crypto::{Identity, Passphrase, Sealed, open, safety_digits};
use sandyq::model::Kind;
use sandyq::parcel::MAX_SEALED;
use sandyq::session::Noted;
use sandyq::team::{Act, Operation, Remove, Role};
use sandyq::vault::{Hash, Keyring, Mode, Silent, Vault, What};
use serde_json::json;

use super::desks::{admitted, agree, dismisses, is_the_same_made_again, mark, meet, people, present, rolls, since, team, writes};
use crate::carry::support::{Desk, Found, found_with};
use crate::support::{NOW, PLAIN, passphrase, twelve};

const DAY: i64 = 24 * 3600;

/// What is noted on a device that opens nothing.
const NOTED: [&str; 4] = ["Айгерим Омарова 34 ж", "man in red jacket, bus3", "Серик Беков", "Yerlan Tasbulatov"];
/// Words of these that stand nowhere else.
const WORDS: [&str; 5] = ["Айгерим", "Омарова", "red jacket", "Беков", "Tasbulatov"];

fn notes(desk: &mut Desk, line: &str) {
    assert!(matches!(desk.session.note(line), Ok(Noted::Saved { .. })), "{line}");
}

/// Everything sealed on the disk of a closed vault, and all bytes of its files.
struct Disk {
    sealed: Vec<Sealed>,
    raw: Vec<Vec<u8>>,
    keyring: Keyring,
}

impl Disk {
    /// Reads a vault folder as anybody may who has it and the passphrase.
    fn of(folder: &Path, passphrase: &Passphrase) -> Disk {
        let files = std::fs::read_dir(folder).expect("a folder").map(|entry| std::fs::read(entry.expect("an entry").path()).expect("read"));
        let raw: Vec<Vec<u8>> = files.collect();
        let mut sealed: Vec<Sealed> = Vec::new();
        let db = rusqlite::Connection::open(folder.join("store")).expect("a database");
        for column in ["body FROM file", "body FROM slot", "lines FROM view", "bodies FROM view WHERE bodies IS NOT NULL", "rows FROM docket"] {
            let mut statement = db.prepare(&format!("SELECT {column}")).expect("a table");
            let blobs = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("rows");
            sealed.extend(blobs.map(|blob| Sealed::from_outside(blob.expect("a blob"))));
        }
        let keyring = Sealed::from_outside(std::fs::read(folder.join("keyring.age")).expect("a keyring"));
        let text = sandyq::crypto::open_with_passphrase(passphrase, &keyring, 1 << 20).expect("the passphrase opens it");
        let text = String::from_utf8(text.as_bytes().to_vec()).expect("text");
        Disk { sealed, raw, keyring: Keyring::from_text(&text).expect("a keyring") }
    }

    fn keys(&self) -> Vec<Identity> {
        self.keyring.to_text().lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Asserts that neither the disk nor any of these files tells a word of these with the keys in it.
    fn tells_none(&self, others: &[Sealed], words: &[String]) {
        let keys = self.keys();
        let mut plain: Vec<Vec<u8>> = self.raw.clone();
        for sealed in self.sealed.iter().chain(others) {
            plain.extend(open(&keys, sealed, 1 << 24).ok().map(|opened| opened.as_bytes().to_vec()));
        }
        assert!(plain.len() > self.raw.len(), "its own small things open");
        for word in words {
            let forms = [word.as_bytes().to_vec(), hex::encode(word).into_bytes()];
            let told = plain.iter().find(|bytes| forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form)));
            assert!(told.is_none(), "{word}: {}", String::from_utf8_lossy(told.expect("told")).chars().take(2000).collect::<String>());
        }
    }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Closes a desk's vault long enough to read its disk.
fn disk_of(desk: &mut Desk) -> Disk {
    let copy = desk.copied(1, false);
    let folder = copy.vault();
    let Desk { home: _home, session, .. } = copy;
    drop(session);
    Disk::of(&folder, &passphrase())
}

/// Every sealed file of some desks.
fn all_files(desks: &mut [&mut Desk]) -> Vec<Sealed> {
    desks.iter_mut().flat_map(|desk| desk.files()).collect()
}

#[test]
fn capture_device_offline_for_ninety_days_across_two_rolls_loses_nothing() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let (_bad, _worse) = (admitted(&mut first, "M-BAD", 2000, Role::Editor), admitted(&mut first, "M-WORSE", 3000, Role::Reader));
    let pack = first.session.team_pack(2).expect("a pack");
    let mut capture = Desk::capture("M-CAP", 5000, &pack);
    let scratch = tempfile::tempdir().expect("a folder");
    for (number, line) in NOTED.iter().enumerate() {
        capture.reopen_at(NOW + 7 + number as i64 * 30 * DAY);
        notes(&mut capture, line);
        assert!(capture.session.list(None).expect("listed").is_empty(), "it opens nothing that it saved");
        if number == 1 {
            first.reopen_at(NOW + 40 * DAY);
            dismisses(&mut first, "M-BAD");
        }
        if number == 2 {
            let photo = scratch.path().join("a-photo.jpg");
            std::fs::write(&photo, "pixels of the capture ".repeat(40)).expect("written");
            let incident = capture.session.add(&[(Kind::Incident, json!({ "category": "rally", "title": "Republic square" }))]).expect("added").remove(0);
            capture.session.attach(&incident, &photo, &json!({}), &mut Silent).expect("attached");
            first.reopen_at(NOW + 70 * DAY);
            dismisses(&mut first, "M-WORSE");
        }
    }
    let alone = mark(&capture);
    let times: Vec<String> = (0..4).map(|number| (NOW + 7 + number * 30 * DAY).to_string()).collect();
    let words = [texts(&WORDS), texts(&["Republic square", "pixels of", "a-photo.jpg"]), times].concat();
    disk_of(&mut capture).tells_none(&[], &words);
    capture.reopen_at(NOW + 91 * DAY);
    meet(&mut [&mut first, &mut second, &mut capture]);
    assert_eq!(people(&mut first).len(), 4, "the coordinator reads all of it");
    agree(&mut [&mut first, &mut second]);
    let evidence = first.session.list(Some(Kind::Evidence)).expect("listed").remove(0).id;
    first.session.extract(&evidence, &scratch.path().join("out"), &mut Silent).expect("extracted");
    let stick = all_files(&mut [&mut first, &mut second, &mut capture]);
    assert!(!since(&capture, alone).is_empty());
    disk_of(&mut capture).tells_none(&stick, &words);
    assert_eq!(found_with(capture.keys(), stick).changes, 0);
    capture.reopen_at(NOW + 92 * DAY);
    notes(&mut capture, "Дана");
    meet(&mut [&mut first, &mut capture]);
    assert_eq!(people(&mut first).len(), 5);
    let waits: Vec<String> = first.session.old_epochs().expect("epochs").into_iter().flat_map(|old| old.waits).collect();
    assert!(!waits.contains(&"M-CAP".to_owned()), "it closed both: {waits:?}");
    is_the_same_made_again(&mut capture);
}

#[test]
fn capture_device_that_is_let_read_shows_what_it_recorded_before() {
    let mut first = Desk::founder("M-ONE", 1);
    let pack = first.session.team_pack(2).expect("a pack");
    let mut capture = Desk::capture("M-CAP", 5000, &pack);
    notes(&mut capture, NOTED[0]);
    meet(&mut [&mut first, &mut capture]);
    rolls(&mut first);
    meet(&mut [&mut first, &mut capture]);
    notes(&mut capture, NOTED[2]);
    let words = capture.words();
    first.session.raise("M-CAP", Role::Editor, false, &words).expect("raised");
    agree(&mut [&mut first, &mut capture]);
    assert_eq!(people(&mut capture).len(), 2);
}

/// Two admins, the second sealed; that one removed somebody and recorded since, and both met: no keys are clean, and what it
/// recorded it did not seal to itself.
fn sealed_while_no_keys_are_clean() -> (Desk, Desk) {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let bad = admitted(&mut first, "M-BAD", 3000, Role::Editor);
    meet(&mut [&mut first, &mut second]);
    second.session.seal(&passphrase()).expect("sealed");
    let (by, member) = (second.signing().device(), bad.signing().device());
    writes(&mut second, 7, |heads, nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW, nonce)));
    notes(&mut second, NOTED[0]);
    meet(&mut [&mut first, &mut second]);
    (first, second)
}

#[test]
fn sealed_device_that_removed_somebody_reads_what_it_recorded_since_from_where_others_moved_it() {
    for carried_before in [true, false] {
        let (mut first, mut second) = sealed_while_no_keys_are_clean();
        rolls(&mut first);
        if carried_before {
            meet(&mut [&mut first, &mut second]);
        }
        reopens(&mut first, &mut second);
        agree(&mut [&mut first, &mut second]);
        assert_eq!(people(&mut second).len(), 1, "{carried_before}");
    }
}

#[test]
fn change_of_a_record_that_no_key_here_opens_yet_holds_no_meeting_up() {
    let (mut first, mut second) = sealed_while_no_keys_are_clean();
    let id = first.session.list(Some(Kind::Person)).expect("listed").remove(0).id;
    first.edit(&id, &json!({ "occupation": "teacher" }));
    meet(&mut [&mut first, &mut second]);
    reopens(&mut first, &mut second);
    second.detained("since");
    meet(&mut [&mut first, &mut second]);
    first.edit(&id, &json!({ "occupation": "writer" }));
    meet(&mut [&mut first, &mut second]);
    assert_eq!(people(&mut first).len(), 2);
    is_the_same_made_again(&mut second);
    rolls(&mut first);
    agree(&mut [&mut first, &mut second]);
    assert_eq!(people(&mut second).len(), 2);
}

#[test]
fn sealed_admin_lets_nobody_in_with_a_welcome_that_nobody_could_take() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    meet(&mut [&mut first, &mut second]);
    second.session.seal(&passphrase()).expect("sealed");
    let (new, before) = (Desk::alone("M-NEW", 3000), team(&second));
    for role in [Role::Editor, Role::Capture] {
        let refused = second.session.admit(&new.badge(), role, false, Some(&new.words())).expect_err("refused");
        assert_eq!(refused.code(), "casebook-unread");
    }
    assert_eq!(second.session.team_pack(2).expect_err("refused").code(), "casebook-unread");
    assert!(team(&second) == before, "nobody is half let in");
}

#[test]
fn slot_gives_back_every_byte_that_was_kept_in_it() {
    let mut desk = Desk::alone("M-ONE", 1);
    // Names of files that a sealed device keeps to itself may end in anything.
    for bytes in [&b"text"[..], &[7, 0], &[7, 0, 0, 0], &[7, 1], &[7, 1, 0], &[7, 0, 1], &[0], &[1], &[]] {
        desk.session.vault_mut().keep_slot("private", bytes).expect("kept");
        assert_eq!(desk.session.vault().kept("private").expect("read").as_deref(), Some(bytes));
    }
}

#[test]
fn device_opened_again_knows_which_of_its_parcels_held_keys() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    first.detained("before");
    rolls(&mut first);
    agree(&mut [&mut first, &mut second]);
    let before = kinds(&mut first);
    first.session.seal(&passphrase()).expect("sealed");
    reopens(&mut second, &mut first);
    assert!(kinds(&mut first) == before, "the same as before it was sealed");
    agree(&mut [&mut first, &mut second]);
}

/// What each parcel of the team's casebook carries.
fn kinds(desk: &mut Desk) -> BTreeMap<Hash, What> {
    let casebook = desk.casebook();
    let docket = desk.session.vault_mut().docket().expect("a docket");
    docket.facts().filter(|row| row.casebook == casebook).map(|row| (row.id, row.what.clone())).collect()
}

/// A team of two in which the second recorded before, holds everything, and then is sealed.
fn sealed_second() -> (Desk, Desk, Vec<(serde_json::Value, serde_json::Value)>) {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = Desk::alone("M-TWO", 1000);
    second.detained("Own Before");
    first.admits(&mut second, Role::Editor);
    let scratch = tempfile::tempdir().expect("a folder");
    twelve(&mut first.session, scratch.path());
    second.detained("Colleague Too");
    agree(&mut [&mut first, &mut second]);
    let before = second.seen();
    second.session.seal(&passphrase()).expect("sealed");
    assert_eq!(second.session.mode(), Mode::Sealed);
    let examined = second.session.vault_mut().check(&mut Silent).expect("examined");
    assert_eq!((examined.faults, examined.stale), (Vec::new(), false), "nothing is missed of what it does not remember");
    (first, second, before)
}

fn reopens(first: &mut Desk, second: &mut Desk) {
    let (badge, words) = (second.badge(), second.words());
    let files = first.session.reopening(&badge, &words).expect("keys");
    second.session.unseal(files, &passphrase()).expect("opened again");
    second.reopen();
    second.session.turn_to_shared();
}

#[test]
fn sealed_device_opens_nothing_and_a_colleague_gives_all_of_it_back() {
    let (mut first, mut second, before) = sealed_second();
    let words = [texts(&["Own Before", "Colleague Too"]), texts(PLAIN)].concat();
    let words: Vec<String> = words.into_iter().filter(|word| word != "M-7KQ").collect();
    disk_of(&mut second).tells_none(&all_files(&mut [&mut first]), &words);
    second.reopen_at(NOW + 11);
    second.session.turn_to_shared();
    assert!(!second.reads() && second.session.list(None).expect("listed").is_empty());
    NOTED.iter().for_each(|line| notes(&mut second, line));
    let noted = [words, texts(&WORDS), vec![(NOW + 11).to_string()]].concat();
    let everything = all_files(&mut [&mut first, &mut second]);
    disk_of(&mut second).tells_none(&everything, &noted);
    assert_eq!(found_with(second.keys(), everything), Found::default());
    second.reopen_at(NOW + 20);
    meet(&mut [&mut first, &mut second]);
    assert_eq!(people(&mut first).len(), 4 + 2 + NOTED.len(), "the colleague reads what it recorded sealed");
    disk_of(&mut second).tells_none(&all_files(&mut [&mut first]), &noted);
    reopens(&mut first, &mut second);
    assert_eq!(second.session.mode(), Mode::Open);
    let after = second.seen();
    assert!(before.iter().all(|record| after.contains(record)), "as before");
    assert_eq!(after.len(), before.len() + 2 * NOTED.len());
    agree(&mut [&mut first, &mut second]);
    let own = second.session.vault().keyring().casebooks.iter().find(|book| book.name.is_none()).expect("its own casebook").id;
    let view = second.session.vault_mut().view().expect("a view");
    let titles: Vec<&str> = view.lines().iter().filter(|line| line.casebook == hex::encode(own)).map(|line| line.title.as_str()).collect();
    assert!(titles.contains(&"Own Before"), "its own casebook too: {titles:?}");
    second.detained("and goes on");
    agree(&mut [&mut first, &mut second]);
}

#[test]
fn sealed_device_leaves_nothing_of_its_old_caches_on_the_disk() {
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    first.admits(&mut second, Role::Editor);
    second.detained("in the caches");
    agree(&mut [&mut first, &mut second]);
    second.session.list(None).expect("listed");
    let before = disk_of(&mut second);
    let storage = before.keyring.storage.clone();
    second.session.seal(&passphrase()).expect("sealed");
    let after = disk_of(&mut second);
    let caches: Vec<&Sealed> = before.sealed.iter().filter(|sealed| open([&storage], sealed, MAX_SEALED as u64).is_ok()).collect();
    assert!(caches.len() > 3);
    for cache in caches {
        assert!(!after.sealed.contains(cache), "a cache that the old storage key opens");
    }
    assert!(after.sealed.iter().all(|sealed| open([&storage], sealed, 1 << 24).is_err()));
    assert!(!after.keys().iter().any(|key| before.keys().iter().any(|old| old.recipient() == key.recipient())), "no key stays");
}

#[test]
fn sealed_device_takes_keys_of_nobody_but_a_present_member_of_its_casebook() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut removed = admitted(&mut first, "M-BAD", 3000, Role::Editor);
    meet(&mut [&mut first, &mut second, &mut removed]);
    dismisses(&mut first, "M-BAD");
    agree(&mut [&mut first, &mut second]);
    second.session.seal(&passphrase()).expect("sealed");
    let (badge, words) = (second.badge(), second.words());
    let (mut stranger, elsewhere) = (Desk::founder("M-X", 7000), Desk::alone("M-Y", 8000));
    let other = stranger.session.admit(&badge, Role::Editor, true, Some(&words)).expect("admitted").files;
    let removed = removed.session.reopening(&badge, &words).expect("it does not know of its removal");
    let for_other = first.session.admit(&elsewhere.badge(), Role::Editor, false, Some(&elsewhere.words())).expect("admitted").files;
    assert_eq!(first.session.reopening(&badge, &elsewhere.words()).expect_err("words of another").code(), "safety-words");
    let keys = second.session.vault().keyring().to_text();
    let tries = [(other, "welcome-does-not-fit"), (removed, "welcome-does-not-fit"), (for_other, "welcome-not-for-you"), (Vec::new(), "welcome-not-for-you")];
    for (files, code) in tries {
        assert_eq!(second.session.unseal(files, &passphrase()).expect_err("refused").code(), code);
        assert_eq!((second.session.mode(), second.session.vault().keyring().to_text()), (Mode::Sealed, keys.clone()));
    }
    notes(&mut second, NOTED[0]);
    reopens(&mut first, &mut second);
    agree(&mut [&mut first, &mut second]);
    assert_eq!(people(&mut first).len(), 1);
}

#[test]
fn device_is_sealed_twice_opened_twice_and_never_where_nobody_else_reads() {
    let mut alone = Desk::founder("M-ONE", 1);
    alone.detained("only here");
    let (keys, seen) = (alone.session.vault().keyring().to_text(), alone.seen());
    assert!(alone.session.seal(&passphrase()).is_err(), "nobody could give it keys");
    let capture = Desk::alone("M-CAP", 9000);
    alone.session.admit(&capture.badge(), Role::Admin, false, None).expect("admitted as capture");
    assert!(alone.session.seal(&passphrase()).is_err(), "nor could a capture device");
    assert_eq!((alone.session.vault().keyring().to_text(), alone.seen()), (keys, seen));
    let (mut first, mut second, before) = sealed_second();
    assert!(second.session.seal(&passphrase()).is_err(), "it is sealed already");
    for round in 0..2 {
        reopens(&mut first, &mut second);
        assert_eq!(second.seen(), before, "{round}");
        assert_eq!(second.session.unseal(Vec::new(), &passphrase()).expect_err("open").code(), "device-not-sealed");
        second.session.seal(&passphrase()).expect("sealed again");
    }
    reopens(&mut first, &mut second);
    agree(&mut [&mut first, &mut second]);
}

#[test]
fn device_sealed_across_a_roll_opens_again_with_everything() {
    let (mut first, mut second, before) = sealed_second();
    let _bad = admitted(&mut first, "M-BAD", 3000, Role::Editor);
    notes(&mut second, NOTED[0]);
    dismisses(&mut first, "M-BAD");
    first.detained("with new keys");
    meet(&mut [&mut first, &mut second]);
    notes(&mut second, NOTED[2]);
    meet(&mut [&mut first, &mut second]);
    rolls(&mut first);
    let waits: Vec<String> = first.session.old_epochs().expect("epochs").into_iter().flat_map(|old| old.waits).collect();
    assert!(waits.contains(&"M-TWO".to_owned()), "its old keys stay while it is sealed");
    reopens(&mut first, &mut second);
    agree(&mut [&mut first, &mut second]);
    assert_eq!(second.seen().len(), before.len() + 6);
    assert_eq!(present(&second), present(&first));
    assert_eq!(people(&mut second).len(), 4 + 2 + 3);
}

#[test]
fn badge_of_a_sealed_device_has_words_of_its_own() {
    let (_, second, _) = sealed_second();
    let opened = Desk::alone("M-TWO", 1000);
    assert_eq!(second.badge().device, opened.badge().device, "the same device");
    assert_ne!((second.badge().recipient, second.words()), (opened.badge().recipient, safety_digits(&opened.session.badge().1)));
    let vault: &Vault = second.session.vault();
    assert_eq!(vault.mode(), Mode::Sealed);
}
