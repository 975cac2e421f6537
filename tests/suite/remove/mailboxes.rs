//! The mailboxes of epochs: who gets which keys of them, what is taken from whom, and how somebody who knows an old one goes on.

use std::collections::BTreeSet;

use sandyq::crypto::{Identity, MailboxKey, Sealed, SigningKey, open, padded, seal};
use sandyq::parcel::{ItemKind, MAX_SEALED, Parcel, pack, unpack};
use sandyq::session::TeamPack;
use sandyq::sync::judge::InProcess;
use sandyq::team::{Act, Add, Badge, KeysText, MailboxKeys, Operation, Role, Roll};
use sandyq::transport::Memory;
use sandyq::vault::{Keyring, Mode, Silent};

use super::desks::{admitted, agree, dismisses, every_key, meet, opens_none, rolls, team, writes};
use crate::carry::support::{BOOK, Desk, RECOVERY, of_files, parcel_by};
use crate::support::{NOW, Seeded, passphrase};

/// Most bytes of the notice in an old mailbox.
const NOTICE: usize = 256 * 1024;

fn mailboxes(desk: &Desk) -> Vec<MailboxKeys> {
    desk.session.vault().mailboxes(&desk.casebook())
}

/// Numbers of the mailboxes of a device, and whether it has their owner, write and read keys.
fn held(desk: &Desk) -> Vec<(u64, [bool; 3])> {
    mailboxes(desk).iter().map(|mailbox| (mailbox.number, [&mailbox.owner, &mailbox.write, &mailbox.read].map(Option::is_some))).collect()
}

fn seeds(keys: impl IntoIterator<Item = Option<MailboxKey>>) -> Vec<String> {
    keys.into_iter().flatten().map(|key| hex::encode(*key.seed())).collect()
}

/// Everything that a device holds, as far as any key in it opens it.
fn told(desk: &mut Desk) -> String {
    let keys = every_key(desk);
    let opened = desk.files().into_iter().filter_map(|file| open(&keys, &file, MAX_SEALED as u64).ok());
    let texts: Vec<String> = opened.map(|plain| String::from_utf8_lossy(plain.as_bytes()).into_owned()).collect();
    texts.concat() + &desk.session.vault().keyring().to_text()
}

fn pack_of(desk: &mut Desk) -> TeamPack {
    desk.session.team_pack(3).expect("a pack")
}

fn lets_capture_in(admin: &mut Desk, handle: &str, seed: u64) -> Desk {
    let mut desk = Desk::alone(handle, seed);
    let admitted = admin.session.admit(&desk.badge(), Role::Capture, false, Some(&desk.words())).expect("admitted");
    desk.joins(admitted).expect("joined");
    desk
}

#[test]
fn every_member_holds_the_mailbox_keys_of_its_role_and_nothing_more() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut editor = Desk::alone("M-ED", 2000);
    let welcome = first.session.admit(&editor.badge(), Role::Editor, true, Some(&editor.words())).expect("admitted");
    editor.joins(welcome).expect("joined");
    let mut reader = admitted(&mut first, "M-READ", 3000, Role::Reader);
    let mut capture = lets_capture_in(&mut first, "M-CAP", 4000);
    for numbers in [vec![0], vec![1, 0]] {
        let all = mailboxes(&first);
        let (owner, read) = (seeds(all.iter().map(|mailbox| mailbox.owner.clone())), seeds(all.iter().map(|mailbox| mailbox.read.clone())));
        let of = |keys: [bool; 3]| numbers.iter().map(|number| (*number, keys)).collect::<Vec<_>>();
        assert_eq!((held(&first), held(&second)), (of([true; 3]), of([true; 3])));
        assert!(owner.iter().all(|seed| told(&mut second).contains(seed)), "what is looked for is found");
        for desk in [&mut editor, &mut reader] {
            assert_eq!(held(desk), of([false, true, true]), "{}", desk.handle);
            let told = told(desk);
            assert!(read.iter().all(|seed| told.contains(seed)) && !owner.iter().any(|seed| told.contains(seed)), "{}", desk.handle);
        }
        assert_eq!(held(&capture), of([false, true, false]));
        let told = told(&mut capture);
        assert!(!owner.iter().chain(&read).any(|seed| told.contains(seed)));
        for desk in [&second, &editor, &reader, &capture] {
            assert!(mailboxes(desk).iter().zip(&all).all(|(own, first)| own.id == first.id && own.write == first.write), "{}", desk.handle);
        }
        rolls(&mut first);
        meet(&mut [&mut first, &mut second, &mut editor, &mut reader, &mut capture]);
    }
}

#[test]
fn every_roll_commits_to_a_mailbox_of_its_own_and_a_casebook_that_nobody_shares_has_none() {
    let mut first = Desk::founder("M-ONE", 1);
    let own = first.session.vault().casebook(Some("own")).expect("its own").id;
    rolls(&mut first);
    rolls(&mut first);
    let all = mailboxes(&first);
    assert_eq!(all.iter().map(|mailbox| mailbox.number).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(all.iter().map(|mailbox| mailbox.id).collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(seeds(all.iter().flat_map(|mailbox| [mailbox.owner.clone(), mailbox.write.clone(), mailbox.read.clone()])).len(), 9);
    for (epoch, mailbox) in team(&first).epochs.iter().rev().zip(&all) {
        assert_eq!(epoch.commitment, Some(mailbox.commitment()).filter(|_| epoch.number > 0));
        assert!(epoch.has_mailbox(mailbox));
    }
    assert_eq!(first.session.vault().mailboxes(&own), []);
    first.reopen();
    assert_eq!(mailboxes(&first), all, "the keyring keeps them");
    let of = first.casebook();
    let vault = first.session.vault_mut();
    vault.found_successor("almaty 2", &of, &[8; 16], &passphrase(), NOW, &mut Seeded(77)).expect("founded");
    let successor = vault.casebook(Some("almaty 2")).expect("founded").id;
    assert_eq!(vault.mailboxes(&successor).len(), 1);
}

#[test]
fn keyring_reads_back_its_mailboxes_and_refuses_a_misshapen_line_of_one() {
    let mut first = Desk::founder("M-ONE", 1);
    rolls(&mut first);
    let keyring = first.session.vault().keyring();
    let text = keyring.to_text().to_string();
    let read = Keyring::from_text(&text).expect("a keyring");
    assert_eq!(read.casebooks[1].mailboxes, keyring.casebooks[1].mailboxes);
    assert_eq!((read.casebooks[0].mailboxes.len(), read.casebooks[1].mailboxes.len()), (0, 2));
    let line = text.lines().find(|line| line.starts_with("# mailbox 1 ")).expect("a line");
    for wrong in [line.replace(" owner ", " list "), line[..line.len() - 2].to_owned(), format!("{line}\n{line}"), "# mailbox".to_owned()] {
        assert!(Keyring::from_text(&text.replace(line, &wrong)).is_none(), "{wrong}");
    }
    let older: String = text.lines().filter(|line| !line.starts_with("# mailbox ")).map(|line| format!("{line}\n")).collect();
    assert!(Keyring::from_text(&older).expect("a keyring of before").casebooks.iter().all(|book| book.mailboxes.is_empty()));
}

#[test]
fn member_who_gets_another_role_gets_its_mailbox_keys_without_a_roll() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Reader);
    assert_eq!(held(&second), [(0, [false, true, true])]);
    first.session.change_role("M-TWO", Role::Admin, false, &passphrase(), &mut Silent).expect("raised");
    meet(&mut [&mut first, &mut second]);
    assert_eq!((held(&second), mailboxes(&second)), (vec![(0, [true; 3])], mailboxes(&first)));
}

#[test]
fn invited_device_gets_the_write_key_with_its_first_keys_file() {
    let mut first = Desk::founder("M-ONE", 1);
    let pack = pack_of(&mut first);
    let text = serde_json::to_string(&pack).expect("JSON");
    let all = mailboxes(&first).remove(0);
    assert!(!seeds([all.owner, all.write, all.read]).iter().any(|seed| text.contains(seed)), "an invitation carries no keys");
    let (mut one, mut other) = (Desk::capture("M-CAP", 5000, &pack), Desk::capture("M-CAP2", 6000, &pack));
    meet(&mut [&mut first, &mut one, &mut other]);
    assert_eq!((held(&one), held(&other)), (Vec::new(), Vec::new()));
    let words = one.words();
    first.session.raise("M-CAP", Role::Capture, false, &words).expect("its words were compared");
    meet(&mut [&mut first, &mut one]);
    assert_eq!(held(&one), [(0, [false, true, false])]);
    rolls(&mut first);
    meet(&mut [&mut first, &mut one, &mut other]);
    let both = [(1, [false, true, false]), (0, [false, true, false])];
    assert_eq!((held(&one), held(&other)), (both.to_vec(), both.to_vec()));
}

/// A keys file with nothing but mailboxes, by anybody.
fn keys_file(by: &SigningKey, to: &Desk, mailboxes: Vec<MailboxKeys>, number: u8) -> Sealed {
    let text = KeysText { mailboxes, ..KeysText::default() }.to_text();
    let keys = parcel_by(by, &to.casebook(), &to.heads(), vec![(ItemKind::Keys, text.as_bytes().to_vec())], number);
    seal([&to.badge().recipient.parse().expect("a recipient")], &padded(pack(&[keys]))).expect("sealed")
}

#[test]
fn foreign_or_altered_mailbox_is_not_taken_whoever_sends_it() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut colleague = admitted(&mut first, "M-ED", 2000, Role::Editor);
    rolls(&mut first);
    meet(&mut [&mut first, &mut second, &mut colleague]);
    let right = mailboxes(&second);
    let strange = |number| MailboxKeys::new(number, [&[7; 32], &[8; 32], &[9; 32]]);
    let altered = MailboxKeys { id: strange(1).id, ..right[0].clone() };
    let of_another_number = MailboxKeys { number: 2, ..right[0].clone() };
    let with_an_owner = MailboxKeys { owner: strange(1).owner, write: None, read: None, ..right[0].clone() };
    let mut number = 0;
    for by in [first.signing(), colleague.signing()] {
        for mailbox in [strange(0), strange(1), strange(5), altered.clone(), of_another_number.clone(), with_an_owner.clone()] {
            number += 1;
            let came = second.sync(&mut of_files(vec![keys_file(&by, &second, vec![mailbox.clone()], number)])).exchanged;
            assert_eq!((came.taken.new.len(), came.new_keys), (1, false), "{mailbox:?}");
            assert_eq!(mailboxes(&second), right, "{mailbox:?}");
        }
    }
}

#[test]
fn mailbox_keys_are_taken_from_admins_and_from_whoever_began_the_epoch() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut editor = admitted(&mut first, "M-ED", 2000, Role::Editor);
    let mut capture = lets_capture_in(&mut first, "M-CAP", 4000);
    rolls(&mut first);
    meet(&mut [&mut first, &mut second, &mut editor, &mut capture]);
    let (before, more) = (held(&capture), mailboxes(&editor));
    let file = keys_file(&editor.signing(), &capture, more.clone(), 1);
    assert!(!capture.sync(&mut of_files(vec![file])).exchanged.new_keys);
    assert_eq!(held(&capture), before, "an editor may not speak of it");
    let file = keys_file(&second.signing(), &capture, vec![more[0].clone()], 3);
    assert!(capture.sync(&mut of_files(vec![file])).exchanged.new_keys);
    assert_eq!(held(&capture), [(1, [false, true, true]), before[1]], "an admin may");
    second.session.change_role("M-ONE", Role::Editor, true, &passphrase(), &mut Silent).expect("lowered");
    meet(&mut [&mut second, &mut first, &mut capture]);
    let file = keys_file(&first.signing(), &capture, vec![more[1].clone()], 4);
    assert!(capture.sync(&mut of_files(vec![file])).exchanged.new_keys, "the founder spoke of the mailbox of the founding");
    assert_eq!(held(&capture)[1..], [(1, [false, true, true]), (0, [false, true, true])], "beside the one of the new keys");
}

#[test]
fn roll_of_somebody_who_may_not_begin_an_epoch_brings_no_mailbox() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut capture = lets_capture_in(&mut first, "M-CAP", 4000);
    meet(&mut [&mut first, &mut second, &mut capture]);
    let (mailbox, by) = (MailboxKeys::new(1, [&[7; 32], &[8; 32], &[9; 32]]), capture.signing());
    let recipient = |seed: u8| Identity::from_secret(&[seed; 32]).recipient().to_string();
    let roll = Roll { number: 1, recipient: recipient(7), register: recipient(8), commitment: Some(mailbox.commitment()), files: Default::default() };
    writes(&mut capture, 50, |heads, nonce| Operation::Roll(Act::new(by.device(), heads, roll, NOW, nonce)));
    meet(&mut [&mut first, &mut second, &mut capture]);
    for desk in [&mut first, &mut second] {
        let before = mailboxes(desk);
        desk.sync(&mut of_files(vec![keys_file(&by, desk, vec![mailbox.clone()], 1)]));
        assert_eq!(mailboxes(desk), before, "{}", desk.handle);
    }
}

/// What of a welcome opens for its newcomer: its parcels, those with keys apart.
fn parts(files: &[Sealed], desk: &Desk) -> (Vec<Parcel>, Vec<Parcel>) {
    let opened = files.iter().filter_map(|file| desk.session.vault().keyring().open_file(file));
    let parcels = opened.flat_map(|plain| unpack(plain.as_bytes()).expect("parcels"));
    parcels.partition(|parcel| parcel.header.items[0].kind == ItemKind::Keys)
}

#[test]
fn welcome_with_an_altered_mailbox_is_refused() {
    let (mut first, mut newcomer) = (Desk::founder("M-ONE", 1), Desk::alone("M-NEW", 1000));
    rolls(&mut first);
    let admitted = first.session.admit(&newcomer.badge(), Role::Editor, false, Some(&newcomer.words())).expect("admitted");
    let (keys, log) = parts(&admitted.files, &newcomer);
    let text = KeysText::from_text(std::str::from_utf8(&keys[0].items[0]).expect("text")).expect("keys");
    assert_eq!(text.mailboxes.len(), 2);
    let mut altered = text.clone();
    altered.mailboxes[1].id = [1; 32];
    for (text, taken) in [(altered, false), (text, true)] {
        let item = (ItemKind::Keys, text.to_text().as_bytes().to_vec());
        let parcel = parcel_by(&first.signing(), &first.casebook(), &first.heads(), vec![item], 1);
        let to = newcomer.badge().recipient.parse().expect("a recipient");
        let forged = seal([&to], &padded(pack(&[log.clone(), vec![parcel]].concat()))).expect("sealed");
        let read = newcomer.session.read_welcome(vec![forged]);
        assert_eq!(read.map_err(|error| error.code()).err(), (!taken).then_some("welcome-does-not-fit"));
    }
    newcomer.joins(admitted).expect("joined");
    assert_eq!(held(&newcomer), [(1, [false, true, true]), (0, [false, true, true])]);
}

#[test]
fn two_rolls_of_one_number_bring_two_mailboxes_and_everybody_puts_the_same_one_first() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut third = admitted(&mut first, "M-THREE", 2000, Role::Editor);
    meet(&mut [&mut first, &mut second, &mut third]);
    rolls(&mut first);
    rolls(&mut second);
    agree(&mut [&mut first, &mut second, &mut third]);
    let ids = |desk: &Desk| mailboxes(desk).iter().map(|mailbox| (mailbox.number, mailbox.id)).collect::<Vec<_>>();
    assert_eq!(ids(&first).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!((ids(&second), ids(&third)), (ids(&first), ids(&first)));
    let present = team(&first).clean_epoch().expect("a clean one").clone();
    assert!(present.has_mailbox(&mailboxes(&first)[0]) && !present.has_mailbox(&mailboxes(&first)[1]));
}

#[test]
fn sealed_device_keeps_write_keys_alone_until_it_is_opened_again() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    rolls(&mut first);
    meet(&mut [&mut first, &mut second]);
    let before = mailboxes(&second);
    let gone = seeds(before.iter().flat_map(|mailbox| [mailbox.owner.clone(), mailbox.read.clone()]));
    second.session.seal(&passphrase()).expect("sealed");
    assert_eq!(gone.len(), 4);
    let told = told(&mut second);
    assert!(!gone.iter().any(|seed| told.contains(seed)), "nothing here tells a read or an owner key");
    assert!(!told.contains(" read ") && !told.contains(" owner "));
    assert_eq!(held(&second), [(1, [false, true, false]), (0, [false, true, false])]);
    rolls(&mut first);
    meet(&mut [&mut first, &mut second]);
    assert_eq!(held(&second).len(), 2, "the newer ones are for its colleagues");
    let files = first.session.reopening(&second.badge(), &second.words()).expect("keys");
    second.session.unseal(files, &passphrase()).expect("opened again");
    assert_eq!(second.session.mode(), Mode::Open);
    second.reopen();
    assert_eq!(mailboxes(&second), mailboxes(&first), "all of it is back, with what came meanwhile");
}

#[test]
fn keys_of_a_mailbox_go_with_the_key_of_its_epoch() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    meet(&mut [&mut first, &mut second]);
    let old = mailboxes(&first).remove(0);
    rolls(&mut first);
    for _ in 0..2 {
        meet(&mut [&mut first, &mut second]);
    }
    for desk in [&mut first, &mut second] {
        assert_eq!(held(desk).len(), 2);
        assert_eq!(desk.session.retire(&passphrase()).expect("retired"), [0], "{}", desk.handle);
        assert_eq!(mailboxes(desk).iter().map(|mailbox| mailbox.number).collect::<Vec<_>>(), [1], "{}", desk.handle);
        let text = desk.session.vault().keyring().to_text();
        assert!(!seeds([old.owner.clone(), old.write.clone(), old.read.clone()]).iter().any(|seed| text.contains(seed)), "{}", desk.handle);
    }
}

#[test]
fn restored_backup_has_the_mailboxes() {
    let mut first = Desk::founder("M-ONE", 1);
    rolls(&mut first);
    let before = mailboxes(&first);
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup.tar");
    first.session.vault_mut().backup(&backup, NOW, &mut Silent).expect("backed up");
    first.restored(&backup, 500);
    assert_eq!((before.len(), mailboxes(&first)), (2, before));
}

#[test]
fn recovery_words_bring_the_mailboxes_back() {
    let (mut first, mut stick) = (Desk::founder("M-ONE", 1), Memory::new());
    rolls(&mut first);
    first.sync(&mut stick);
    let mut new = Desk::alone("M-NEW", 2000);
    let words = sandyq::crypto::words::recovery_words(sandyq::crypto::words::Lang::En, &RECOVERY);
    new.session.recover(&words, &mut stick, &mut InProcess, &passphrase(), &mut Silent).expect("recovered");
    assert_eq!((held(&new).len(), mailboxes(&new)), (2, mailboxes(&first)));
}

#[test]
fn member_who_knows_only_an_old_mailbox_goes_on_with_its_notice() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut beside = Desk::alone("M-BESIDE", 2000);
    let mut bad = admitted(&mut first, "M-BAD", 3000, Role::Editor);
    let mut other = admitted(&mut first, "M-OTHER", 4000, Role::Admin);
    meet(&mut [&mut first, &mut second, &mut bad, &mut other]);
    other.admits(&mut beside, Role::Editor);
    dismisses(&mut first, "M-BAD");
    first.detained("after the roll");
    meet(&mut [&mut first, &mut other]);
    let casebook = first.casebook();
    for admin in [&mut first, &mut other] {
        let before = admin.files().len();
        let notice = admin.session.vault_mut().notice_of(&casebook, NOW, &mut Seeded(60)).expect("a notice");
        assert_eq!(admin.files().len(), before, "it is kept nowhere");
        opens_none(&mut bad, notice);
    }
    let notice = other.session.vault_mut().notice_of(&casebook, NOW, &mut Seeded(60)).expect("a notice");
    for straggler in [&mut second, &mut beside] {
        assert_eq!(held(straggler), [(0, [false, true, true])]);
        assert!(straggler.sync(&mut of_files(notice.clone())).exchanged.new_keys, "{}", straggler.handle);
        assert_eq!(held(straggler), [(1, [false, true, true]), (0, [false, true, true])], "{}", straggler.handle);
        assert_eq!(mailboxes(straggler)[0].id, mailboxes(&first)[0].id, "{}", straggler.handle);
    }
    agree(&mut [&mut first, &mut second, &mut beside, &mut other]);
    second.session.seal(&passphrase()).expect("sealed");
    assert!(second.session.vault_mut().notice_of(&casebook, NOW, &mut Seeded(62)).is_err());
}

/// Lets so many devices in of which nothing is here but a badge.
fn crowd(first: &mut Desk, count: u8, role: Role) {
    let by = first.signing().device();
    for number in 0..count {
        let key = SigningKey::from_seed(&[number + 1 + 100 * u8::from(role == Role::Capture); 32]);
        let badge = Badge::new(&key, &Identity::generate().recipient().to_string(), &format!("{}-{number}", role.text()));
        let add = Add { badge, role, keeper: false, verified: true, invite: None };
        writes(first, u64::from(number) + 100, |heads, nonce| Operation::Add(Act::new(by, heads, add, NOW, nonce)));
    }
}

#[test]
fn notice_of_a_team_of_sixty_with_ten_capture_devices_fits_into_a_mailbox() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    meet(&mut [&mut first, &mut second]);
    crowd(&mut first, 58, Role::Editor);
    crowd(&mut first, 10, Role::Capture);
    rolls(&mut first);
    let casebook = first.casebook();
    assert_eq!(team(&first).members.len(), 70);
    let notice = first.session.vault_mut().notice_of(&casebook, NOW, &mut Seeded(60)).expect("a notice");
    let bytes: usize = notice.iter().map(|file| file.as_bytes().len()).sum();
    assert!(bytes <= NOTICE, "{} files, {bytes} bytes", notice.len());
    assert!(second.sync(&mut of_files(notice)).exchanged.new_keys);
    assert_eq!(mailboxes(&second).len(), 2);
    assert_eq!(first.session.vault().casebook(Some(BOOK)).expect("the team's").mailboxes.len(), 2);
}
