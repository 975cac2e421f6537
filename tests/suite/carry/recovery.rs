//! The coordinator's only laptop is gone: a new vault, the words on paper, and any old stick.

use sandyq::crypto::recovery_keys;
use sandyq::crypto::words::{Lang, recovery_words};
use sandyq::crypto::{padded, seal};
use sandyq::doc::{Author, Document};
use sandyq::error::Error;
use sandyq::model::Kind;
use sandyq::parcel::{ItemKind, actor, pack};
use sandyq::sync::judge::InProcess;
use sandyq::team::{Act, Operation, Remove, Role, RoleChange, Void};
use sandyq::transport::{Folder, Mailbox, Memory};
use sandyq::vault::Silent;
use serde_json::json;

use super::support::{Desk, RECOVERY, found_with, of_files, parcel_by};
use crate::support::{NOW, Seeded, passphrase, twelve};

fn recover(desk: &mut Desk, words: &str, mailbox: &mut dyn Mailbox) -> Result<u64, Error> {
    let count = desk.session.recover(words, mailbox, &mut InProcess, &passphrase(), &mut Silent);
    desk.reopen();
    count
}

/// A team of two whose founder attached a file and left everything on a stick.
fn team(stick: &mut dyn Mailbox) -> (Desk, Desk, Vec<String>) {
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    let scratch = tempfile::tempdir().expect("a folder");
    let ids = twelve(&mut first.session, scratch.path());
    first.admits(&mut second, Role::Editor);
    first.sync(stick);
    second.sync(stick);
    first.sync(stick);
    (first, second, ids)
}

#[test]
fn when_the_only_laptop_is_gone_every_synced_record_is_back_with_the_words_and_any_stick() {
    let (folder, mut chance) = (tempfile::tempdir().expect("a folder"), Seeded(50));
    let (mut first, mut second, ids) = team(&mut Folder::at(folder.path(), &mut chance));
    let (seen, secrets) = (first.seen(), first.secrets());
    let trees: Vec<_> = ids.iter().map(|id| first.session.show(id).expect("shown").tree).collect();
    drop(first);
    for (number, lang) in [Lang::En, Lang::Ru, Lang::Kk].into_iter().enumerate() {
        let copy = tempfile::tempdir().expect("a folder");
        crate::support::copy_folder(folder.path(), copy.path());
        let mut chance = Seeded(60 + number as u64);
        let mut stick = Folder::at(copy.path(), &mut chance);
        let mut new = Desk::alone("M-NEW", 2000 + number as u64);
        let earlier = new.detained("Мария Ким").0;
        let count = recover(&mut new, &recovery_words(lang, &RECOVERY), &mut stick).expect("recovered");
        assert_eq!(count, ids.len() as u64 + 2, "all, and what the new vault held");
        assert!(new.session.list(None).expect("listed").iter().any(|line| line.title == "Мария Ким" && line.id != earlier));
        let known: Vec<_> = new.seen().into_iter().filter(|(line, _)| ids.iter().any(|id| line["id"] == id.as_str())).collect();
        assert_eq!(known, seen);
        let again: Vec<_> = ids.iter().map(|id| new.session.show(id).expect("shown").tree).collect();
        assert_eq!(again, trees, "secrets are opened, as the founder saw them");
        assert_eq!(found_with(new.keys(), secrets.clone()).others, secrets.len());
        new.session.extract(ids.last().expect("evidence"), &copy.path().join("photo"), &mut Silent).expect("the attached file is back");
        let own = new.member("M-NEW");
        assert_eq!((own.role, own.keeper, own.verified, own.me), (Role::Admin, true, true, true));
        assert_eq!(new.session.pending().expect("pending").missing, [], "nothing is missed");
        let examined = new.session.vault_mut().check(&mut Silent).expect("examined");
        assert_eq!((examined.faults, examined.stale), (Vec::new(), false));
        if number == 0 {
            goes_on(&mut new, &mut second, &ids[1], &mut stick);
        }
    }
}

/// The recovered device writes, lets somebody in, and the others take it.
fn goes_on(new: &mut Desk, second: &mut Desk, person: &str, stick: &mut dyn Mailbox) {
    let mut third = Desk::alone("M-THREE", 5000);
    new.edit(person, &json!({ "occupation": "teacher" }));
    new.admits(&mut third, Role::Editor);
    new.sync(stick);
    let came = second.sync(stick);
    assert_eq!((came.refused, came.senders.iter().map(|sender| sender.handle.as_str()).collect::<Vec<_>>()), (Vec::new(), vec!["M-NEW"]));
    third.sync(stick);
    second.edit(person, &json!({ "citizenship": "KZ" }));
    second.sync(stick);
    new.sync(stick);
    third.sync(stick);
    assert_eq!(new.seen(), second.seen());
    assert_eq!(new.seen(), third.seen());
    assert_eq!(second.member("M-NEW").role, Role::Admin);
    for desk in [new, second, &mut third] {
        let pending = desk.session.pending().expect("pending");
        assert_eq!((pending.aside, pending.missing, pending.forks), (Vec::new(), Vec::new(), Vec::new()), "{}", desk.handle);
    }
}

#[test]
fn words_that_are_none_or_of_another_casebook_and_sticks_without_keys_change_nothing() {
    let mut stick = Memory::new();
    let (mut first, ..) = team(&mut stick);
    let mut new = Desk::alone("M-NEW", 2000);
    new.detained("Мария Ким");
    let words = recovery_words(Lang::En, &RECOVERY).to_string();
    let (keys, files) = (new.session.vault().keyring().to_text(), new.files());
    let mut tries: Vec<(String, Memory, &str)> = vec![
        ("one two three".into(), stick.clone(), "recovery-words"),
        (words.rsplit_once(' ').expect("words").0.to_owned(), stick.clone(), "recovery-words"),
        (recovery_words(Lang::En, &[8; 16]).to_string(), stick.clone(), "welcome-not-for-you"),
        (words.clone(), Memory::new(), "welcome-not-for-you"),
    ];
    // A stick on which the log is and the keys for these words are not.
    let (_, recovery) = recovery_keys(&RECOVERY);
    let all = first.files();
    let opens = |file: &sandyq::crypto::Sealed| sandyq::crypto::open([&recovery], file, 1 << 21).is_ok();
    tries.push((words.clone(), of_files(all.iter().filter(|file| !opens(file)).cloned().collect()), "welcome-not-for-you"));
    // One on which only the keys are.
    tries.push((words, of_files(all.iter().filter(|file| opens(file)).cloned().collect()), "welcome-does-not-fit"));
    for (words, mut stick, code) in tries {
        let failed = recover(&mut new, &words, &mut stick).expect_err(code);
        assert_eq!(failed.code(), code);
        assert_eq!((new.session.vault().keyring().to_text(), new.files()), (keys.clone(), files.clone()), "{code}");
    }
    assert_eq!(new.session.list(None).expect("listed").len(), 2);
}

#[test]
fn whoever_is_in_the_casebook_already_is_not_let_in_again() {
    let mut stick = Memory::new();
    let (mut first, ..) = team(&mut stick);
    let (keys, files) = (first.session.vault().keyring().to_text(), first.files());
    let failed = recover(&mut first, &recovery_words(Lang::En, &RECOVERY), &mut stick).expect_err("refused");
    assert_eq!(failed.code(), "casebook-joined");
    assert_eq!((first.session.vault().keyring().to_text(), first.files()), (keys, files));
}

#[test]
fn recovery_key_can_do_nothing_but_let_an_admin_in() {
    let mut stick = Memory::new();
    let (mut first, mut second, _) = team(&mut stick);
    let (key, _) = recovery_keys(&RECOVERY);
    let (casebook, heads, member) = (first.casebook(), first.heads(), second.signing().device());
    let (by, seen) = (key.device(), first.seen());
    let operations = [
        Operation::Remove(Act::new(by, &heads, Remove { member, cut: Vec::new() }, NOW, [1; 16])),
        Operation::Role(Act::new(by, &heads, RoleChange { member, role: Role::Admin, keeper: true, verified: true, cut: Vec::new() }, NOW, [2; 16])),
        Operation::Add(Act::new(
            by,
            &heads,
            sandyq::team::Add { badge: Desk::alone("M-BAD", 9000).badge(), role: Role::Editor, keeper: true, verified: true, invite: None },
            NOW,
            [3; 16],
        )),
    ];
    let mut parcels: Vec<_> =
        (1..).zip(&operations).map(|(number, operation)| parcel_by(&key, &casebook, &heads, vec![(ItemKind::Log, operation.to_bytes())], number)).collect();
    let made = Author { actor: &actor(&casebook, &by, 0, &[9; 16]), time: NOW, message: None };
    let tree = json!({ "kind": "person", "code": "unknown-1" });
    let (_, change) = Document::create(Kind::Person.fields(), tree.as_object().expect("an object"), &made).expect("a change");
    let kind = ItemKind::Change { record: hex::encode(change.hash), change: hex::encode(change.hash), deps: Vec::new() };
    parcels.push(parcel_by(&key, &casebook, &heads, vec![(kind, change.bytes)], 9));
    let epoch = first.session.vault().casebook(None).expect("the team's").epochs[0].1.recipient();
    let files = parcels.iter().map(|parcel| seal([&epoch], &padded(pack(std::slice::from_ref(parcel)))).expect("sealed")).collect();
    let mut forged = of_files(files);
    for desk in [&mut first, &mut second] {
        let came = desk.sync(&mut forged);
        assert!(came.refused.iter().any(|(_, code, _)| code == "stranger"), "{:?}", came.refused);
        let team = desk.session.vault().log(&casebook).expect("a log").membership();
        for operation in &operations {
            assert_eq!(team.void.get(&operation.id()), Some(&Void::AuthorWithoutRight), "{operation:?}");
        }
        assert_eq!((team.members.len(), team.role(&member)), (2, Some(Role::Editor)));
        assert_eq!(desk.seen(), seen);
    }
}
