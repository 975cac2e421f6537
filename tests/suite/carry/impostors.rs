//! Whoever is not let in opens no record, whatever they hold: another badge, a code, somebody else's welcome, forged files.

use sandyq::crypto::{Identity, Sealed, padded, safety_digits, seal};
use sandyq::error::Error;
use sandyq::model::Kind;
use sandyq::parcel::{ItemKind, Parcel, pack, unpack};
use sandyq::session::TeamPack;
use sandyq::team::{Act, Add, Badge, KeysText, Operation, Remove, Role};
use sandyq::transport::Memory;
use serde_json::json;

use super::support::{Desk, Found, found_with, opens_no_record, parcel_by};
use crate::support::{NOW, Seeded, passphrase, twelve};

/// A founder with records of every kind: secrets and an attached file among them.
fn rich() -> Desk {
    let mut desk = Desk::founder("M-ONE", 1);
    let scratch = tempfile::tempdir().expect("a folder");
    twelve(&mut desk.session, scratch.path());
    desk
}

fn joins_by_pack(desk: &mut Desk, pack: &TeamPack) -> Result<String, Error> {
    let name = desk.session.join_by_pack(pack, &passphrase());
    desk.reopen();
    name
}

/// The same digits, but for the first.
fn another_first_digit(words: &str) -> String {
    let (first, rest) = words.split_at(1);
    format!("{}{rest}", if first == "0" { "1" } else { "0" })
}

fn code(error: Result<impl std::fmt::Debug, Error>) -> &'static str {
    error.expect_err("refused").code()
}

#[test]
fn swapped_badge_with_the_honest_words_is_refused_and_nothing_is_written() {
    let (mut first, honest, attacker) = (rich(), Desk::alone("M-TWO", 1000), Desk::alone("M-TWO", 2000));
    let (files, heads) = (first.files(), first.heads());
    for role in Role::ALL {
        let admitted = first.session.admit(&attacker.badge(), role, false, Some(&honest.words()));
        assert_eq!(code(admitted), "safety-words");
    }
    assert_eq!(code(first.session.admit(&honest.badge(), Role::Editor, true, Some("one two three"))), "safety-words");
    let changed = another_first_digit(&honest.words());
    assert_eq!(code(first.session.admit(&honest.badge(), Role::Editor, true, Some(&changed))), "safety-words");
    assert_eq!((first.files(), first.heads()), (files, heads));
    assert_eq!(first.session.members().expect("members").len(), 1);
    opens_no_record(&attacker, &mut first);
}

#[test]
fn swapped_badge_without_words_lets_in_a_device_that_opens_no_record() {
    let (mut first, mut attacker) = (rich(), Desk::alone("M-TWO", 2000));
    let admitted = first.session.admit(&attacker.badge(), Role::Admin, true, None).expect("admitted");
    assert_eq!((admitted.role, admitted.verified, admitted.readable), (Role::Capture, false, 0));
    let member = first.member("M-TWO");
    assert_eq!((member.role, member.keeper, member.verified, member.compared), (Role::Capture, false, false, false));
    let joined = attacker.joins(admitted).expect("joined");
    assert_eq!((joined.role, joined.copied), (Role::Capture, 0));
    let mut stick = Memory::new();
    for _ in 0..2 {
        first.sync(&mut stick);
        attacker.sync(&mut stick);
    }
    assert_eq!(attacker.session.list(None).expect("listed"), []);
    opens_no_record(&attacker, &mut first);
}

#[test]
fn stolen_team_pack_lets_in_a_device_that_opens_no_record() {
    let (mut first, mut attacker) = (rich(), Desk::alone("M-BAD", 2000));
    let pack = first.session.team_pack(5).expect("a pack");
    assert!(!serde_json::to_string(&pack).expect("JSON").contains("AGE-SECRET-KEY"), "it conveys no key that opens anything");
    let mut stick = Memory::new();
    first.sync(&mut stick);
    joins_by_pack(&mut attacker, &pack).expect("joined");
    for _ in 0..2 {
        attacker.sync(&mut stick);
        first.sync(&mut stick);
    }
    let member = first.member("M-BAD");
    assert_eq!((member.role, member.keeper, member.verified, member.doubtful), (Role::Capture, false, false, false));
    assert_eq!(attacker.session.list(None).expect("listed"), []);
    opens_no_record(&attacker, &mut first);
}

#[test]
fn team_pack_used_more_often_than_allowed_leaves_everybody_doubtful_until_an_admin_chooses() {
    let mut first = rich();
    let (mut honest, mut thief) = (Desk::alone("M-TWO", 1000), Desk::alone("M-BAD", 2000));
    honest.detained("Мария Ким");
    let pack = first.session.team_pack(1).expect("a pack");
    let mut stick = Memory::new();
    for desk in [&mut honest, &mut thief] {
        joins_by_pack(desk, &pack).expect("joined");
        desk.sync(&mut stick);
    }
    first.sync(&mut stick);
    for handle in ["M-TWO", "M-BAD"] {
        let member = first.member(handle);
        assert_eq!((member.role, member.verified, member.doubtful), (Role::Capture, false, true), "{handle}");
    }
    let before = first.session.list(None).expect("listed").len();
    assert_eq!(code(first.session.raise("M-TWO", Role::Editor, false, &thief.words())), "safety-words");
    first.session.raise("M-TWO", Role::Editor, false, &honest.words()).expect("raised");
    let (chosen, other) = (first.member("M-TWO"), first.member("M-BAD"));
    assert_eq!((chosen.role, chosen.verified, chosen.doubtful), (Role::Editor, true, false));
    assert_eq!((other.role, other.verified, other.doubtful), (Role::Capture, false, true));
    first.sync(&mut stick);
    let came = honest.sync(&mut stick);
    assert_eq!((came.exchanged.new_keys, came.copied), (true, 2), "the keys came by the stick, and what was recorded before is copied");
    assert_eq!(honest.sync(&mut stick).copied, 0, "once");
    thief.sync(&mut stick);
    first.sync(&mut stick);
    honest.sync(&mut stick);
    assert_eq!(first.session.list(None).expect("listed").len(), before + 2);
    assert_eq!(first.seen(), honest.seen());
    assert_eq!(thief.session.list(None).expect("listed"), []);
    opens_no_record(&thief, &mut first);
}

#[test]
fn replayed_welcome_opens_nothing_for_another_device_and_changes_nothing_for_the_right_one() {
    let (mut first, mut second, attacker) = (rich(), Desk::alone("M-TWO", 1000), Desk::alone("M-BAD", 2000));
    let admitted = first.session.admit(&second.badge(), Role::Editor, false, Some(&second.words())).expect("admitted");
    let copied = admitted.files.clone();
    assert_eq!(code(attacker.session.read_welcome(copied.clone())), "welcome-not-for-you");
    assert_eq!(found_with(attacker.keys(), copied.clone()), Found::default());
    second.joins(admitted).expect("joined");
    let (keys, files) = (second.session.vault().keyring().to_text(), second.files());
    assert_eq!(code(second.session.read_welcome(copied)), "casebook-joined");
    assert_eq!((second.session.vault().keyring().to_text(), second.files()), (keys, files));
    opens_no_record(&attacker, &mut first);
}

/// The log as a welcome gives it, without the keys.
fn log_of(files: &[Sealed], desk: &Desk) -> Vec<Parcel> {
    let opened = files.iter().filter_map(|file| desk.session.vault().keyring().open_file(file));
    let parcels = opened.flat_map(|plain| unpack(plain.as_bytes()).expect("parcels"));
    parcels.filter(|parcel| parcel.header.items[0].kind == ItemKind::Log).collect()
}

fn keys_item(epoch: &Identity, register: &Identity) -> Vec<(ItemKind, Vec<u8>)> {
    let keys = KeysText {
        epochs: vec![(0, epoch.secret_text())],
        recipients: vec![(0, epoch.recipient().to_string())],
        register: Some(register.recipient().to_string()),
        keepers: vec![register.secret_text()],
        mailboxes: Vec::new(),
    };
    vec![(ItemKind::Keys, keys.to_text().as_bytes().to_vec())]
}

fn sealed_to(desk: &Desk, parcels: &[Parcel]) -> Vec<Sealed> {
    let to = desk.badge().recipient.parse().expect("a recipient");
    vec![seal([&to], &padded(pack(parcels))).expect("sealed")]
}

fn added(desk: &Desk, by: &Desk, heads: &[[u8; 32]]) -> Vec<(ItemKind, Vec<u8>)> {
    let add = Add { badge: desk.badge(), role: Role::Editor, keeper: false, verified: true, invite: None };
    let operation = Operation::Add(Act::new(by.signing().device(), heads, add, NOW, [9; 16]));
    vec![(ItemKind::Log, operation.to_bytes())]
}

#[test]
fn welcome_that_no_admin_wrote_is_refused() {
    let (mut first, mut editor) = (rich(), Desk::alone("M-TWO", 1000));
    let (outsider, newcomer) = (Desk::alone("M-BAD", 2000), Desk::alone("M-NEW", 3000));
    let welcome = first.session.admit(&editor.badge(), Role::Editor, false, Some(&editor.words())).expect("admitted").files;
    let log = log_of(&welcome, &editor);
    let read = editor.session.read_welcome(welcome).expect("read");
    editor.session.join(read, &passphrase()).expect("joined");
    let (casebook, heads) = (first.casebook(), first.heads());
    let book = editor.session.vault().casebook(None).expect("the team's").clone();
    let (strange, right) = (Identity::generate(), book.epochs[0].1.clone());
    for forger in [&outsider, &editor] {
        let by = |items, number| parcel_by(&forger.signing(), &casebook, &heads, items, number);
        for keys in [&strange, &right] {
            let add = by(added(&newcomer, forger, &heads), 1);
            let parcels = [log.clone(), vec![add, by(keys_item(keys, &strange), 2)]].concat();
            assert_eq!(code(newcomer.session.read_welcome(sealed_to(&newcomer, &parcels))), "welcome-not-a-member");
        }
    }
    // Here an admin did let the newcomer in, and somebody else wrote the keys.
    let own = first.session.admit(&newcomer.badge(), Role::Editor, false, Some(&newcomer.words())).expect("admitted").files;
    let (log, heads) = (log_of(&own, &newcomer), first.heads());
    for (forger, keys) in [(&outsider, &strange), (&editor, &strange), (&editor, &right), (&first, &strange)] {
        let keys = parcel_by(&forger.signing(), &casebook, &heads, keys_item(keys, &strange), 3);
        let forged = sealed_to(&newcomer, &[log.clone(), vec![keys]].concat());
        assert_eq!(code(newcomer.session.read_welcome(forged)), "welcome-does-not-fit", "by {}", forger.handle);
    }
    assert_eq!(newcomer.session.vault().keyring().casebooks.len(), 1, "nothing was taken");
    newcomer.session.read_welcome(own).expect("the true one is read");
}

#[test]
fn whole_other_casebook_under_the_name_of_the_team_is_shown_as_unverified() {
    let (mut first, mut attacker, mut newcomer) = (rich(), Desk::founder("M-ONE", 2000), Desk::alone("M-NEW", 3000));
    let joined = attacker.admits(&mut newcomer, Role::Editor);
    assert!(newcomer.session.is_unverified().expect("members"));
    assert_ne!(joined.by_words, first.session.badge().1);
    assert_ne!(joined.casebook_words, first.session.casebook_words());
    assert_eq!(code(newcomer.session.verify("M-ONE", &first.words())), "safety-words");
    assert!(newcomer.session.is_unverified().expect("members"));
    let welcome = first.session.admit(&newcomer.badge(), Role::Editor, false, Some(&newcomer.words())).expect("admitted");
    assert_eq!(code(newcomer.joins(welcome)), "casebook-exists");
    opens_no_record(&attacker, &mut first);
}

#[test]
fn team_pack_with_anything_of_another_casebook_is_refused() {
    let (mut first, mut attacker) = (rich(), Desk::founder("M-BAD", 2000));
    let (pack, other) = (first.session.team_pack(5).expect("a pack"), attacker.session.team_pack(5).expect("a pack"));
    let forged = [
        TeamPack { genesis: other.genesis.clone(), ..pack.clone() },
        TeamPack { casebook: other.casebook.clone(), ..pack.clone() },
        TeamPack { log: other.log.clone(), ..pack.clone() },
        TeamPack { log: String::new(), ..pack.clone() },
        TeamPack { invite: other.invite.clone(), secret: other.secret.clone(), ..pack.clone() },
        TeamPack { sandyq: "bundle".into(), ..pack.clone() },
        TeamPack { v: 1, ..pack.clone() },
        TeamPack { secret: "00".into(), ..pack.clone() },
    ];
    for (number, forged) in forged.iter().enumerate() {
        let mut newcomer = Desk::alone("M-NEW", 3000 + number as u64);
        assert_eq!(code(newcomer.session.join_by_pack(forged, &passphrase())), "welcome-does-not-fit", "{number}");
        assert_eq!(newcomer.session.vault().keyring().casebooks.len(), 1);
    }
    assert_eq!(first.session.members().expect("members").len(), 1);
}

#[test]
fn badge_altered_in_any_one_character_is_no_badge() {
    let line = Desk::alone("M-7KQ", 1).badge().to_line();
    for at in 0..line.len() {
        for other in "qpzry9x8gf2tvdw0s3jn54khce6mua7l1b".chars().filter(|other| *other != line.as_bytes()[at] as char) {
            let altered = format!("{}{other}{}", &line[..at], &line[at + 1..]);
            assert_eq!(Badge::from_line(&altered), None, "{at} {other}");
        }
    }
    assert!(Badge::from_line(&line).is_some());
}

#[test]
fn what_is_written_after_a_removal_opens_for_no_device_that_only_captures() {
    let mut first = rich();
    let (mut reader, mut capture) = (Desk::alone("M-TWO", 1000), Desk::alone("M-CAP", 2000));
    first.admits(&mut reader, Role::Reader);
    let welcome = first.session.admit(&capture.badge(), Role::Capture, false, None).expect("admitted");
    capture.joins(welcome).expect("joined");
    let (by, member, casebook) = (first.signing().device(), reader.signing().device(), first.casebook());
    let remove = |heads: &[[u8; 32]], nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW, nonce));
    first.session.vault_mut().operate(&casebook, remove, None, NOW, &mut Seeded(77)).expect("removed");
    let before = first.files().len();
    first.detained("Мария Ким");
    let after = first.files().split_off(before);
    assert_eq!(found_with(capture.keys(), after.clone()), Found::default());
    assert_eq!(found_with(reader.keys(), after.clone()), Found::default());
    assert_eq!(found_with(first.keys(), after).changes, 2);
    opens_no_record(&capture, &mut first);
}

#[test]
fn editor_who_is_no_keeper_opens_no_secret_of_the_register() {
    let (mut first, mut editor, mut keeper) = (rich(), Desk::alone("M-TWO", 1000), Desk::alone("M-KEY", 2000));
    first.admits(&mut editor, Role::Editor);
    let welcome = first.session.admit(&keeper.badge(), Role::Editor, true, Some(&keeper.words())).expect("admitted");
    keeper.joins(welcome).expect("joined");
    let mut stick = Memory::new();
    for desk in [&mut first, &mut editor, &mut keeper] {
        desk.sync(&mut stick);
    }
    assert_eq!(first.seen(), editor.seen());
    let secrets = first.secrets();
    assert!(secrets.len() > 5);
    assert_eq!(found_with(editor.keys(), secrets.clone()), Found::default());
    assert_eq!(found_with(keeper.keys(), secrets.clone()).others, secrets.len());
    let files = editor.files();
    let all = found_with(editor.keys(), files);
    assert!(all.changes > 0);
    let source = editor.session.add(&[(Kind::Source, json!({ "code": "SRC-9", "name": "Second Witness" }))]).expect("added").remove(0);
    assert!(!serde_json::to_string(&editor.session.show(&source).expect("shown").tree).expect("JSON").contains("Second Witness"), "nor the own ones");
    editor.sync(&mut stick);
    keeper.sync(&mut stick);
    assert!(serde_json::to_string(&keeper.session.show(&source).expect("shown").tree).expect("JSON").contains("Second Witness"));
}

#[test]
fn reader_writes_nothing_that_counts() {
    let (mut first, mut reader) = (rich(), Desk::alone("M-TWO", 1000));
    first.admits(&mut reader, Role::Reader);
    let mut stick = Memory::new();
    first.sync(&mut stick);
    reader.sync(&mut stick);
    let before = first.seen();
    let (person, files) = (reader.session.list(Some(Kind::Person)).expect("listed")[0].id.clone(), reader.files().len());
    assert_eq!(code(reader.session.add(&[(Kind::Person, json!({ "names": [{ "text": "Мария Ким" }] }))])), "role-forbids");
    assert_eq!(code(reader.session.edit(&person, &json!({ "occupation": "nurse" }))), "role-forbids");
    assert_eq!(code(reader.session.note("Мария Ким")), "role-forbids");
    assert_eq!(reader.files().len(), files, "nothing was written");
    // Another program would write it all the same.
    let change = sandyq::doc::Document::create(
        Kind::Person.fields(),
        json!({ "kind": "person", "code": "unknown-1" }).as_object().expect("an object"),
        &sandyq::doc::Author { actor: &sandyq::parcel::actor(&first.casebook(), &reader.signing().device(), 0, &[5; 16]), time: NOW, message: None },
    );
    let (_, change) = change.expect("a change");
    let kind = ItemKind::Change { record: hex::encode(change.hash), change: hex::encode(change.hash), deps: Vec::new() };
    let parcel = parcel_by(&reader.signing(), &first.casebook(), &first.heads(), vec![(kind, change.bytes)], 5);
    let epoch = first.session.vault().casebook(None).expect("the team's").epochs[0].1.recipient();
    let sealed = seal([&epoch], &padded(pack(&[parcel]))).expect("sealed");
    reader.session.vault_mut().put_files(vec![sealed.named()]).expect("put");
    reader.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(first.seen(), before);
    let pending = first.session.pending().expect("pending");
    assert_eq!(
        pending.aside.iter().map(|aside| (aside.handle.as_str(), aside.code.as_str(), aside.count)).collect::<Vec<_>>(),
        [("M-TWO", "aside-forbidden", 1)]
    );
}

#[test]
fn capture_device_makes_new_records_and_changes_none() {
    let (mut first, mut capture) = (rich(), Desk::alone("M-CAP", 1000));
    let welcome = first.session.admit(&capture.badge(), Role::Capture, false, None).expect("admitted");
    capture.joins(welcome).expect("joined");
    let before = first.session.list(None).expect("listed").len();
    let (person, _) = capture.detained("Мария Ким");
    assert_eq!(code(capture.session.edit(&person, &json!({ "occupation": "nurse" }))), "casebook-unread");
    let mut stick = Memory::new();
    capture.sync(&mut stick);
    let came = first.sync(&mut stick);
    assert_eq!((came.senders.len(), came.senders[0].detainees), (1, 1));
    assert_eq!(first.session.list(None).expect("listed").len(), before + 2);
    assert_eq!(safety_digits(&first.session.words_of("M-CAP").expect("words")), capture.words());
}
