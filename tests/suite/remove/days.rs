//! The days after an arrest: what devices in other hands try, and how a team goes on.

use sandyq::crypto::words::{Lang, recovery_words};
use sandyq::crypto::{padded, seal};
use sandyq::model::Kind;
use sandyq::parcel::{ItemKind, pack};
use sandyq::session::Session;
use sandyq::sync::judge::InProcess;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::team::{Act, Operation, Remove, Role};
use sandyq::vault::Silent;
use serde_json::json;

use super::desks::{Table, admitted, agree, aside, dismisses, mark, meet, opens_none, people, present, rolls, since, team};
use crate::carry::support::{BOOK, Desk, RECOVERY, of_files, parcel_by};
use crate::support::{NOW, Seeded, passphrase, twelve};

const YEAR: i64 = 365 * 24 * 3600;

/// Codes with how many of whom, to be compared.
pub fn owned(codes: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    codes.iter().map(|(who, code, count)| ((*who).to_owned(), (*code).to_owned(), *count)).collect()
}

fn recovers(handle: &str, seed: u64, stick: &mut Table) -> Desk {
    let mut desk = Desk::alone(handle, seed);
    desk.session.recover(&recovery_words(Lang::En, &RECOVERY), stick, &mut InProcess, &passphrase(), &mut Silent).expect("recovered");
    desk.reopen();
    desk
}

#[test]
fn seized_device_that_signs_new_parcels_under_old_numbers_is_set_aside_whatever_their_number() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Editor);
    let mut seized = admitted(&mut first, "M-BAD", 2000, Role::Editor);
    meet(&mut [&mut first, &mut second, &mut seized]);
    seized.detained("honest one");
    // Its disk is copied; the owner goes on for a while.
    let mut copy = seized.copied(7777, false);
    seized.detained("honest two");
    seized.detained("honest three");
    meet(&mut [&mut first, &mut second, &mut seized]);
    seized.detained("after the arrest");
    copy.detained("old number one");
    copy.detained("old number two");
    let lowered = dismisses(&mut first, "M-BAD");
    assert_eq!(lowered.counts, 6, "three people and their detentions");
    let (mut late, mut beside) = (Table::new(), Table::new());
    seized.sync(&mut late);
    copy.sync(&mut beside);
    for desk in [&mut first, &mut second] {
        desk.sync(&mut beside);
        desk.sync(&mut late);
    }
    agree(&mut [&mut first, &mut second]);
    for desk in [&mut first, &mut second] {
        assert_eq!(people(desk), ["honest one", "honest three", "honest two"], "{}", desk.handle);
        assert_eq!(aside(desk), owned(&[("M-BAD", "aside-cut-off", 6)]), "shown, and counted nowhere");
        let forks = desk.session.pending().expect("pending").forks;
        assert!(!forks.is_empty() && forks.iter().all(|(who, ..)| who == "M-BAD"), "the fork is proven");
    }
}

#[test]
fn back_dated_removal_by_a_removed_admin_is_void_for_everybody_in_every_order() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut bad = admitted(&mut first, "M-BAD", 1000, Role::Admin);
    let mut target = admitted(&mut first, "M-TWO", 2000, Role::Editor);
    let mut witnesses: Vec<Desk> = (0..3).map(|number| admitted(&mut first, &format!("M-W{number}"), 3000 + 100 * number, Role::Editor)).collect();
    let [one, other, third] = &mut witnesses[..] else { panic!("three") };
    meet(&mut [&mut first, &mut bad, &mut target, &mut *one, &mut *other, &mut *third]);
    let genesis = team(&first).epochs[0].id;
    let (by, member, casebook) = (bad.signing().device(), target.signing().device(), bad.casebook());
    // It claims to have been written a year ago, by somebody who knew nothing but the addition of the two.
    let added = bad.session.vault().log(&casebook).expect("a log").heads();
    let (epoch, mut removal) = (bad.session.vault().casebook(Some(BOOK)).expect("the team's").epochs[0].1.recipient(), Table::new());
    dismisses(&mut first, "M-BAD");
    first.sync(&mut removal);
    let forge = |(number, heads): (u8, &[[u8; 32]])| {
        let operation = Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW - YEAR, [number; 16]));
        let parcel = parcel_by(&bad.signing(), &casebook, heads, vec![(ItemKind::Log, operation.to_bytes())], number);
        seal([&epoch], &padded(pack(&[parcel]))).expect("sealed")
    };
    let mut forged = of_files([(1, &[genesis][..]), (2, &added[..])].map(forge).to_vec());
    other.sync(&mut forged);
    assert_eq!((team(other).role(&member), team(other).role(&by)), (None, Some(Role::Admin)), "until its own removal comes it is believed");
    other.sync(&mut removal);
    one.sync(&mut removal);
    one.sync(&mut forged);
    let mut both = Table::new();
    first.sync(&mut forged);
    first.sync(&mut both);
    third.sync(&mut both);
    target.sync(&mut both);
    target.detained("recorded after it");
    agree(&mut [&mut first, &mut target, one, other, third]);
    for desk in [&first, &target, &*one, &*other, &*third] {
        let team = team(desk);
        assert_eq!((team.role(&member), team.role(&by)), (Some(Role::Editor), None), "{}", desk.handle);
        let void =
            team.void.iter().filter(|(id, _)| desk.session.vault().log(&casebook).expect("a log").operation(id).is_some_and(|op| op.operation.by() == by));
        assert_eq!(void.count(), 2, "{}: both words are void", desk.handle);
    }
    assert_eq!(people(&mut first), ["recorded after it"]);
}

#[test]
fn two_admins_who_remove_each_other_are_both_out_and_the_casebook_goes_on() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut editor = admitted(&mut first, "M-THREE", 2000, Role::Editor);
    let mut reader = admitted(&mut first, "M-FOUR", 3000, Role::Reader);
    first.detained("before");
    meet(&mut [&mut first, &mut second, &mut editor, &mut reader]);
    assert!(!dismisses(&mut first, "M-TWO").no_admin);
    dismisses(&mut second, "M-ONE");
    let mut stick = Table::new();
    first.sync(&mut stick);
    second.sync(&mut stick);
    editor.sync(&mut stick);
    let after = mark(&editor);
    editor.detained("while nobody decides");
    agree(&mut [&mut editor, &mut reader]);
    let roles = team(&editor);
    assert_eq!([&first, &second].map(|desk| roles.role(&desk.signing().device())), [None, None], "both removals hold");
    assert!(editor.session.needs_roll() && present(&editor).is_none() && roles.admins().next().is_none());
    assert_eq!(people(&mut reader), ["before", "while nobody decides"]);
    editor.sync(&mut stick);
    reader.sync(&mut stick);
    let mut new = recovers("M-NEW", 5000, &mut stick);
    assert_eq!(new.member("M-NEW").role, Role::Admin);
    rolls(&mut new);
    agree(&mut [&mut new, &mut editor, &mut reader]);
    assert!(!new.session.needs_roll());
    editor.detained("after the new keys");
    agree(&mut [&mut editor, &mut reader, &mut new]);
    assert_eq!(people(&mut new), ["after the new keys", "before", "while nobody decides"]);
    for out in [&mut first, &mut second] {
        let mut old = Table::new();
        editor.sync(&mut old);
        out.sync(&mut old);
        opens_none(out, since(&editor, after));
    }
}

#[test]
fn coerced_admin_who_added_a_device_goes_with_it_and_what_it_could_read_is_said() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut coerced = admitted(&mut first, "M-TWO", 1000, Role::Admin);
    let mut editor = admitted(&mut first, "M-THREE", 2000, Role::Editor);
    let scratch = tempfile::tempdir().expect("a folder");
    twelve(&mut first.session, scratch.path());
    meet(&mut [&mut first, &mut coerced, &mut editor]);
    let mut strange = admitted(&mut coerced, "M-BAD", 3000, Role::Editor);
    strange.detained("planted");
    meet(&mut [&mut first, &mut coerced, &mut editor, &mut strange]);
    assert!(strange.seen() == first.seen(), "it read everything");
    for member in ["M-TWO", "M-BAD"] {
        assert!(editor.session.suspend(member).expect("suspended").suspended);
    }
    let records = editor.session.list(None).expect("listed").len() as u64;
    meet(&mut [&mut first, &mut editor]);
    strange.detained("while it is suspended");
    let mut table = Table::new();
    strange.sync(&mut table);
    first.sync(&mut table);
    assert_eq!(aside(&mut first), owned(&[("M-BAD", "aside-suspended", 2)]));
    let begun = mark(&first);
    let lowered = [dismisses(&mut first, "M-TWO"), dismisses(&mut first, "M-BAD")];
    for lowered in &lowered {
        let reads = lowered.reads.as_ref().expect("it read");
        assert_eq!((reads.records, reads.attachments, reads.register), (records, 1, false), "{}", lowered.handle);
    }
    // The first of the two rolls gave keys to the device that was still there.
    let rolled = begun_with(&lowered);
    assert_eq!(rolled, [1, 2]);
    let after = since(&first, begun).len();
    assert!(after > 0);
    let sealed = mark(&first);
    first.detained("after it");
    agree(&mut [&mut first, &mut editor]);
    editor.detained("and again");
    agree(&mut [&mut first, &mut editor]);
    for out in [&mut coerced, &mut strange] {
        let mut old = Table::new();
        first.sync(&mut old);
        out.sync(&mut old);
        opens_none(out, since(&first, sealed));
    }
    let present = present(&first).expect("clean");
    for out in [&coerced, &strange] {
        assert!(!present.given.contains(&out.signing().device()));
    }
}

fn begun_with(lowered: &[sandyq::session::Lowered]) -> Vec<u64> {
    lowered.iter().filter_map(|lowered| Some(lowered.renewed.as_ref()?.rolled.number)).collect()
}

#[test]
fn one_admin_lost_for_ever_is_dismissed_by_whoever_comes_back_with_the_recovery_words() {
    let mut lost = Desk::founder("M-LOST", 1);
    let mut editor = admitted(&mut lost, "M-TWO", 1000, Role::Editor);
    let mut reader = admitted(&mut lost, "M-THREE", 2000, Role::Reader);
    lost.detained("before");
    meet(&mut [&mut lost, &mut editor, &mut reader]);
    let mut taken = lost.copied(7777, false);
    drop(lost);
    editor.detained("nobody to ask");
    agree(&mut [&mut editor, &mut reader]);
    assert_eq!(people(&mut reader), ["before", "nobody to ask"], "a casebook without its admin goes on");
    let mut stick = Table::new();
    editor.sync(&mut stick);
    let mut new = recovers("M-NEW", 5000, &mut stick);
    let lowered = dismisses(&mut new, "M-LOST");
    assert!(lowered.renewed.is_some() && lowered.reads.is_some_and(|reads| reads.register));
    let sealed = mark(&new);
    agree(&mut [&mut new, &mut editor, &mut reader]);
    editor.detained("with new keys");
    agree(&mut [&mut new, &mut editor, &mut reader]);
    assert_eq!(people(&mut new), ["before", "nobody to ask", "with new keys"]);
    let mut old = Table::new();
    new.sync(&mut old);
    taken.sync(&mut old);
    opens_none(&mut taken, since(&new, sealed));
}

#[test]
fn without_recovery_words_any_member_founds_a_further_casebook_and_the_old_one_stays_readable() {
    let mut lost = Desk::founder("M-LOST", 1);
    let mut editor = admitted(&mut lost, "M-TWO", 1000, Role::Editor);
    let other = Desk::alone("M-THREE", 2000);
    lost.detained("before");
    meet(&mut [&mut lost, &mut editor]);
    drop(lost);
    assert_eq!(editor.session.dismiss("M-LOST", &passphrase(), &mut Silent).expect_err("no admin").code(), "not-admin");
    editor.session.vault_mut().found_casebook("almaty-2", &[9; 16], &passphrase(), NOW, &mut Seeded(77)).expect("founded");
    let folder = editor.vault();
    let Desk { home: _home, session, .. } = editor;
    drop(session);
    let opened = |name: &str, seed| {
        let clock = FixedClock(Wall { seconds: NOW, offset_min: 300 });
        let mut session = Session::open(&folder, &passphrase(), Some(name), Box::new(clock), Box::new(Seeded(seed))).expect("opens");
        session.set_safety_work(2);
        session
    };
    let mut session = opened("almaty-2", 88);
    session.add(&[(Kind::Person, json!({ "names": [{ "text": "in the new one" }] }))]).expect("added");
    let mut newcomer = other;
    let admitted = session.admit(&newcomer.badge(), Role::Admin, true, Some(&newcomer.words())).expect("admitted");
    assert_eq!(newcomer.joins(admitted).expect("joined").name, "almaty-2");
    let mut stick = Table::new();
    session.sync(&mut stick, &mut InProcess, &passphrase(), false, &mut Silent).expect("synced");
    newcomer.session.sync(&mut stick, &mut InProcess, &passphrase(), false, &mut Silent).expect("synced");
    assert_eq!(newcomer.session.list(Some(Kind::Person)).expect("listed").len(), 1);
    drop(session);
    assert_eq!(opened(BOOK, 99).list(Some(Kind::Person)).expect("listed")[0].title, "before");
}
