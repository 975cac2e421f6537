//! Keys that cross: made twice at once, come too early or too late, to many, or without whoever was away.

use sandyq::crypto::{Identity, Sealed, SigningKey, open, stanzas};
use sandyq::model::Kind;
use sandyq::parcel::ItemKind;
use sandyq::team::{Act, Add, Badge, Operation, Remove, Role};
use sandyq::transport::Memory;
use sandyq::vault::{Envelope, Silent};
use serde_json::json;

use super::days::owned;
use super::desks::{
    Table, admitted, agree, aside, dismisses, every_key, is_the_same_made_again, mark, meet, opens_none, people, present, rolls, since, writes,
};
use crate::carry::support::{BOOK, Desk, Found, found_with, of_files};
use crate::support::{NOW, passphrase, twelve};

#[test]
fn two_admins_who_make_new_keys_at_once_leave_everybody_with_both_and_one_epoch_to_write_to() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let (mut third, mut fourth) = (admitted(&mut first, "M-THREE", 2000, Role::Editor), admitted(&mut first, "M-FOUR", 3000, Role::Editor));
    first.detained("before");
    meet(&mut [&mut first, &mut second, &mut third, &mut fourth]);
    let numbers = [rolls(&mut first).rolled.number, rolls(&mut second).rolled.number];
    assert_eq!(numbers, [1, 1]);
    meet(&mut [&mut first, &mut third]);
    meet(&mut [&mut second, &mut fourth]);
    third.detained("in the one");
    fourth.detained("in the other");
    agree(&mut [&mut first, &mut second, &mut third, &mut fourth]);
    let chosen = present(&first).expect("clean");
    for desk in [&mut first, &mut second, &mut third, &mut fourth] {
        assert_eq!(people(desk), ["before", "in the one", "in the other"], "{}", desk.handle);
        assert_eq!(present(desk), Some(chosen.clone()));
        let book = desk.session.vault().casebook(Some(BOOK)).expect("the team's");
        assert_eq!(book.epochs.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 1], "both keys are readable");
        let old: u64 = desk.session.old_epochs().expect("epochs").iter().map(|old| old.epoch.parcels).sum();
        assert_eq!(old, 0, "{}: everything lies in the chosen one", desk.handle);
    }
    assert_eq!(first.session.retire(&passphrase()).expect("retired"), [0, 1], "both older ones are over when everybody closed them");
}

#[test]
fn member_let_in_while_another_admin_makes_new_keys_gets_them_at_the_next_meeting() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    first.detained("before");
    meet(&mut [&mut first, &mut second]);
    rolls(&mut second);
    second.detained("with new keys");
    let mut new = admitted(&mut first, "M-NEW", 2000, Role::Editor);
    agree(&mut [&mut first, &mut second, &mut new]);
    assert_eq!(people(&mut new), ["before", "with new keys"]);
    assert!(present(&new).is_some_and(|epoch| epoch.number == 1));
    new.detained("from the newcomer");
    agree(&mut [&mut first, &mut second, &mut new]);
    assert_eq!(people(&mut second), ["before", "from the newcomer", "with new keys"]);
}

#[test]
fn keys_of_an_epoch_that_turned_out_to_be_none_keep_nobody_from_the_next_one() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut bad = admitted(&mut first, "M-BAD", 2000, Role::Admin);
    let mut third = admitted(&mut first, "M-THREE", 3000, Role::Editor);
    meet(&mut [&mut first, &mut second, &mut bad, &mut third]);
    rolls(&mut bad);
    meet(&mut [&mut second, &mut bad]);
    second.detained("in an epoch that is none");
    first.detained("meanwhile");
    let (by, member) = (first.signing().device(), bad.signing().device());
    writes(&mut first, 7, |heads, nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW, nonce)));
    meet(&mut [&mut first, &mut third]);
    meet(&mut [&mut second, &mut first]);
    assert!(second.session.needs_roll());
    let sealed = mark(&second);
    rolls(&mut second);
    let mut new = admitted(&mut second, "M-NEW", 4000, Role::Editor);
    agree(&mut [&mut first, &mut second, &mut third, &mut new]);
    assert_eq!(people(&mut new), ["in an epoch that is none", "meanwhile"]);
    let mut old = Table::new();
    second.sync(&mut old);
    bad.sync(&mut old);
    opens_none(&mut bad, since(&second, sealed));
}

#[test]
fn removed_admin_who_made_new_keys_meanwhile_loses_nobody_what_was_sealed_with_them() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut third = admitted(&mut first, "M-THREE", 2000, Role::Editor);
    meet(&mut [&mut first, &mut second, &mut third]);
    rolls(&mut second);
    second.detained("sealed with keys of its own");
    meet(&mut [&mut second, &mut third]);
    third.detained("and a colleague's");
    dismisses(&mut first, "M-TWO");
    let mut stick = Table::new();
    second.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(aside(&mut first), owned(&[("M-TWO", "aside-cut-off", 3)]), "two records and a receipt: here, and an admin can adopt them");
    agree(&mut [&mut first, &mut third]);
    assert_eq!(people(&mut first), ["and a colleague's"]);
    assert_eq!(present(&third), present(&first));
}

#[test]
fn keys_that_come_before_the_log_that_proves_them_are_taken_when_it_comes() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    meet(&mut [&mut first, &mut second]);
    let before = mark(&first);
    rolls(&mut first);
    first.detained("with new keys");
    let with_keys = |file: &Sealed| match second.session.vault().keyring().envelope(file) {
        Envelope::Parcels(parcels, _) => parcels.iter().any(|parcel| parcel.header.items.iter().any(|item| item.kind == ItemKind::Keys)),
        _ => false,
    };
    let (keys, rest): (Vec<Sealed>, Vec<Sealed>) = since(&first, before).into_iter().partition(with_keys);
    assert_eq!(keys.len(), 1);
    let held = |desk: &Desk| desk.session.vault().casebook(Some(BOOK)).expect("the team's").epochs.len();
    let came = second.sync(&mut of_files(keys));
    assert_eq!((came.exchanged.new_keys, held(&second)), (false, 1));
    let came = second.sync(&mut of_files(rest));
    assert_eq!((came.exchanged.new_keys, held(&second)), (true, 2));
    agree(&mut [&mut first, &mut second]);
    assert_eq!(people(&mut second), ["with new keys"]);
}

#[test]
fn while_nobody_has_clean_keys_parcels_go_to_devices_also_of_more_than_sixty_readers() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut taken = admitted(&mut first, "M-BAD", 2000, Role::Editor);
    for number in 0..70u8 {
        let key = SigningKey::from_seed(&[number + 1; 32]);
        let badge = Badge::new(&key, &Identity::from_secret(&[number + 1; 32]).recipient().to_string(), &format!("M-{number}"));
        let by = first.signing().device();
        let add = Add { badge, role: Role::Reader, keeper: false, verified: true, invite: None };
        writes(&mut first, u64::from(number), |heads, nonce| Operation::Add(Act::new(by, heads, add, NOW, nonce)));
    }
    meet(&mut [&mut first, &mut second, &mut taken]);
    let (by, member) = (first.signing().device(), taken.signing().device());
    let cut: Vec<String> = Vec::new();
    writes(&mut first, 500, |heads, nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut }, NOW, nonce)));
    assert!(first.session.needs_roll() && present(&first).is_none());
    let before = mark(&first);
    first.detained("to devices");
    let files = since(&first, before);
    assert_eq!(files.len(), 4, "two parcels, each in two files");
    assert!(files.iter().all(|file| stanzas(file, 65).is_some_and(|kinds| kinds.len() <= 64)));
    for number in 0..70u8 {
        let key = Identity::from_secret(&[number + 1; 32]);
        assert_eq!(files.iter().filter(|file| open([&key], file, 1 << 21).is_ok()).count(), 2, "M-{number}");
    }
    opens_none(&mut taken, files);
    agree(&mut [&mut first, &mut second]);
    second.detained("and from another");
    agree(&mut [&mut first, &mut second]);
    assert_eq!(people(&mut second), ["and from another", "to devices"]);
    let renewed = rolls(&mut first);
    assert!(renewed.resealed.parcels > 0 && renewed.rolled.readers == 72);
    agree(&mut [&mut first, &mut second]);
    for desk in [&mut first, &mut second] {
        assert!(desk.session.old_epochs().expect("epochs").iter().all(|old| old.epoch.parcels == 0));
        assert!(desk.files().iter().all(|file| stanzas(file, 65).is_some_and(|kinds| kinds.len() <= 64)), "{}", desk.handle);
    }
    let mut old = Table::new();
    first.sync(&mut old);
    taken.sync(&mut old);
    opens_none(&mut taken, since(&first, before));
}

#[test]
fn member_made_capture_reads_nothing_that_comes_and_goes_on_recording() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut third = admitted(&mut first, "M-THREE", 2000, Role::Editor);
    first.detained("before");
    meet(&mut [&mut first, &mut second, &mut third]);
    let begun = mark(&first);
    let lowered = first.session.change_role("M-TWO", Role::Capture, false, &passphrase(), &mut Silent).expect("lowered");
    assert!(lowered.renewed.is_some() && lowered.reads.is_some_and(|reads| reads.records == 2));
    first.detained("after");
    meet(&mut [&mut first, &mut second, &mut third]);
    opens_none_of_records(&mut second, since(&first, begun));
    assert_eq!(people(&mut second), ["before"], "what it could read it reads on");
    second.detained("from the capture device");
    meet(&mut [&mut first, &mut second, &mut third]);
    agree(&mut [&mut first, &mut third]);
    assert_eq!(people(&mut third), ["after", "before", "from the capture device"]);
    is_the_same_made_again(&mut second);
}

/// Asserts that a device which still is a member opens no record among files: its recipients and the log are for it.
fn opens_none_of_records(desk: &mut Desk, files: Vec<Sealed>) {
    let found = found_with(every_key(desk), files);
    assert_eq!((found.changes, found.others, found.keys), (0, 0, 0), "{} opens a record", desk.handle);
}

#[test]
fn keeper_who_is_none_any_more_opens_old_secrets_and_no_new_ones() {
    let (mut first, mut keeper) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    let admitted = first.session.admit(&keeper.badge(), Role::Editor, true, Some(&keeper.words())).expect("admitted");
    keeper.joins(admitted).expect("joined");
    let source = |name: &str| (Kind::Source, json!({ "code": name, "name": format!("{name} by name") }));
    first.session.add(&[source("SRC-1")]).expect("added");
    meet(&mut [&mut first, &mut keeper]);
    let old = first.secrets();
    assert_eq!(found_with(keeper.keys(), old.clone()).others, old.len());
    let lowered = first.session.change_role("M-TWO", Role::Editor, false, &passphrase(), &mut Silent).expect("lowered");
    assert!(lowered.renewed.is_some(), "the register is renewed too");
    meet(&mut [&mut first, &mut keeper]);
    first.session.add(&[source("SRC-2")]).expect("added");
    keeper.session.add(&[source("SRC-3")]).expect("added");
    agree(&mut [&mut first, &mut keeper]);
    let new: Vec<Sealed> = first.secrets().into_iter().filter(|secret| !old.contains(secret)).collect();
    assert_eq!(new.len(), 2);
    assert_eq!(found_with(every_key(&mut keeper), new.clone()), Found::default(), "not even its own");
    assert_eq!(found_with(first.keys(), new).others, 2);
    assert_eq!(found_with(keeper.keys(), old.clone()).others, old.len(), "what it had it keeps");
}

#[test]
fn dismissed_device_gets_nothing_new_from_any_file_on_any_stick() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut third = admitted(&mut first, "M-THREE", 1500, Role::Admin);
    let mut taken = admitted(&mut first, "M-BAD", 2000, Role::Admin);
    let scratch = tempfile::tempdir().expect("a folder");
    twelve(&mut first.session, scratch.path());
    let (mut old, mut new) = (Table::new(), Table::new());
    for _ in 0..2 {
        for desk in [&mut first, &mut second, &mut third, &mut taken] {
            desk.sync(&mut old);
        }
    }
    let marks = [mark(&first), mark(&second), mark(&third)];
    dismisses(&mut first, "M-BAD");
    first.detained("after");
    first.sync(&mut new);
    // The others meet the removal first, then old sticks, then each other, and roll again.
    for _ in 0..2 {
        for desk in [&mut second, &mut third, &mut first] {
            desk.sync(&mut new);
            desk.sync(&mut old);
            desk.detained("and after");
        }
    }
    rolls(&mut third);
    let mut fourth = admitted(&mut third, "M-FOUR", 4000, Role::Editor);
    agree(&mut [&mut first, &mut second, &mut third, &mut fourth]);
    for stick in [&mut old, &mut new] {
        first.sync(stick);
        taken.sync(stick);
    }
    let known: Vec<Sealed> = [&first, &second, &third].into_iter().zip(marks).flat_map(|(desk, mark)| since(desk, mark)).collect();
    opens_none(&mut taken, known);
    let had = taken.files();
    let new: Vec<Sealed> = fourth.files().into_iter().filter(|file| !had.contains(file)).collect();
    let mut copies = [taken.copied(1, false), taken.copied(2, true)];
    copies.iter_mut().for_each(|copy| opens_none(copy, new.clone()));
}

#[test]
fn old_keys_stay_until_a_capture_device_closed_them_and_its_late_parcels_are_here() {
    let mut first = Desk::founder("M-ONE", 1);
    let pack = first.session.team_pack(3).expect("a pack");
    let mut capture = Desk::capture("M-CAP", 5000, &pack);
    meet(&mut [&mut first, &mut capture]);
    capture.detained("before the roll");
    rolls(&mut first);
    let waits = |desk: &mut Desk| desk.session.old_epochs().expect("epochs").into_iter().flat_map(|old| old.waits).collect::<Vec<_>>();
    assert_eq!(waits(&mut first), ["M-CAP"]);
    assert_eq!(first.session.retire(&passphrase()).expect("looked"), Vec::<u64>::new());
    // The capture device leaves what it has, learns of the roll, and closes the old epoch.
    let mut stick = Table::new();
    first.sync(&mut stick);
    capture.sync(&mut stick);
    capture.sync(&mut stick);
    // What it says of its last parcels comes without these parcels: they are waited for.
    let closing: Vec<Sealed> = since(&capture, 0);
    let log_only = |file: &Sealed| match first.session.vault().keyring().envelope(file) {
        Envelope::Parcels(parcels, _) => parcels.iter().all(|parcel| parcel.header.items.iter().all(|item| item.kind == ItemKind::Log)),
        _ => false,
    };
    let log: Vec<Sealed> = closing.into_iter().filter(log_only).collect();
    first.sync(&mut of_files(log));
    assert_eq!(waits(&mut first), ["M-CAP"], "its late parcels are named and not here");
    first.sync(&mut stick);
    assert_eq!(waits(&mut first), Vec::<String>::new());
    assert_eq!(people(&mut first), ["before the roll"]);
    assert_eq!(first.session.retire(&passphrase()).expect("retired"), [0]);
    capture.detained("after it");
    meet(&mut [&mut first, &mut capture]);
    assert_eq!(people(&mut first), ["after it", "before the roll"]);
    is_the_same_made_again(&mut first);
}

#[test]
fn late_parcel_of_a_device_that_was_given_up_stays_carried_unread_until_the_straggler_itself_comes() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut straggler = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    meet(&mut [&mut first, &mut straggler]);
    straggler.detained("late");
    let mut late = Table::new();
    straggler.sync(&mut late);
    rolls(&mut first);
    assert_eq!(first.session.give_up("M-TWO").expect("given up"), 1);
    assert_eq!(first.session.retire(&passphrase()).expect("retired"), [0]);
    first.sync(&mut late);
    let pending = first.session.pending().expect("pending");
    assert!(pending.carried > 0, "kept, unread, and said so");
    assert_eq!(people(&mut first), Vec::<String>::new());
    is_the_same_made_again(&mut first);
    // The straggler holds the old key still: it learns of the new ones and moves its own parcels on.
    agree(&mut [&mut first, &mut straggler]);
    assert_eq!(people(&mut first), ["late"]);
}

#[test]
fn team_pack_made_after_new_keys_lets_newcomers_in_with_the_present_epoch() {
    let mut first = Desk::founder("M-ONE", 1);
    let taken = admitted(&mut first, "M-BAD", 1000, Role::Editor);
    let old = first.session.team_pack(3).expect("a pack");
    dismisses(&mut first, "M-BAD");
    let new = first.session.team_pack(3).expect("a pack");
    let present = present(&first).expect("clean");
    let mut capture = Desk::capture("M-CAP", 5000, &new);
    let recipients =
        |desk: &Desk| desk.session.vault().keyring().casebooks[0].recipients.iter().map(|(number, key)| (*number, key.to_string())).collect::<Vec<_>>();
    assert_eq!(recipients(&capture), [(1, present.recipient.clone())]);
    let before = mark(&capture);
    capture.detained("with the right keys");
    assert_eq!(found_with(taken.keys(), since(&capture, before)), Found::default());
    // A pack from before the removal names the old epoch; what was recorded with it is found all the same.
    let mut late = Desk::capture("M-OLD", 6000, &old);
    late.detained("with the old keys");
    agree_on_records(&mut first, &mut [&mut capture, &mut late]);
    assert_eq!(people(&mut first), ["with the old keys", "with the right keys"]);
    assert_eq!(recipients(&late).last(), Some(&(1, present.recipient)));
    let before = mark(&late);
    late.detained("with the right keys at last");
    opens_nothing(&taken, since(&late, before));
}

fn agree_on_records(first: &mut Desk, others: &mut [&mut Desk]) {
    let mut desks: Vec<&mut Desk> = vec![first];
    desks.extend(others.iter_mut().map(|desk| &mut **desk));
    meet(&mut desks);
}

fn opens_nothing(desk: &Desk, files: Vec<Sealed>) {
    assert_eq!(found_with(desk.keys(), files), Found::default());
}

#[test]
fn returning_member_with_thirty_honest_parcels_is_cut_off_and_loses_none_of_them() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut away = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    meet(&mut [&mut first, &mut away]);
    (0..15).for_each(|number| drop(away.detained(&format!("away {number}"))));
    dismisses(&mut first, "M-TWO");
    let mut stick = Memory::new();
    away.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(aside(&mut first), owned(&[("M-TWO", "aside-cut-off", 30)]), "shown, with their author");
    assert_eq!(people(&mut first), Vec::<String>::new());
    let casebook = first.casebook();
    let device = *away.signing().device().as_bytes();
    let docket = first.session.vault_mut().docket().expect("a docket");
    let headers =
        docket.facts().filter(|row| row.casebook == casebook && row.device == device && row.change().is_some()).map(|row| hex::encode(row.id)).collect();
    let by = first.signing().device();
    let adopt = sandyq::team::Adopt { headers, reason: "heard by voice".into() };
    writes(&mut first, 9, |heads, nonce| Operation::Adopt(Act::new(by, heads, adopt, NOW, nonce)));
    first.sync(&mut stick);
    assert_eq!(people(&mut first).len(), 15, "an admin's word takes them in");
    is_the_same_made_again(&mut first);
}
