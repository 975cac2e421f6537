//! A pulled plug or a failing disk while keys change: new keys, moving on to them, sealing a device and opening it again, the
//! end of old keys. Afterwards the vault is as before or as after, and the same command goes on.

use std::collections::BTreeSet;

use sandyq::crypto::safety_digits;
use sandyq::session::Mode;
use sandyq::sync::judge::InProcess;
use sandyq::vault::Silent;

use super::crash::{records, said_plainly};
use super::faults::{Fault, Point, at_every, first_thread_points, run_first_thread_with};
use super::pair::{Pair, TAKEN, exported, old_parcels, opened};
use super::support::{Outcome, Program};
use crate::carry::support::BOOK;
use crate::relaying::Host;
use crate::remove::desks::every_key_of;
use crate::support::passphrase;

/// Points of one story, and of one with so much in the vault that parcels are moved on in several steps.
const POINTS: usize = 30;
const FEW_POINTS: usize = 12;
const FAULTS: [Fault; 3] = [Fault::Killed, Fault::Full, Fault::Broken];

/// Runs with a fault; a disk of the vault that failed must have been named.
fn interrupted(program: &Program, arguments: &[&str], point: &Point, fault: Fault) -> Outcome {
    let run = run_first_thread_with(program, arguments, point, fault);
    if !matches!(fault, Fault::Killed) && point.to.contains("/vault") {
        said_plainly(&run);
    }
    run.calm()
}

/// Asserts that a vault that reads holds the same as before, whole.
#[track_caller]
fn holds(program: &Program, before: &(usize, BTreeSet<String>)) {
    assert_eq!(records(program), before.0);
    assert!(exported(program) == before.1, "not what was exported before");
}

fn state(program: &Program) -> (usize, BTreeSet<String>) {
    (records(program), exported(program))
}

#[test]
fn roll_cut_at_any_call_loses_nothing_and_the_next_one_moves_the_rest_on() {
    let pair = Pair::large();
    let before = state(&pair.one.copy());
    let points = first_thread_points(&pair.one.copy(), &["roll"], FEW_POINTS);
    at_every("roll", &points, &FAULTS[..1], |point, fault| {
        let program = pair.one.copy();
        interrupted(&program, &["roll"], point, fault);
        assert_eq!(records(&program), before.0);
        program.run(&["roll"]).exits(0);
        assert_eq!(old_parcels(&program), 0);
        holds(&program, &before);
    });
}

#[test]
fn roll_cut_at_any_call_is_gone_on_with_by_a_meeting_and_a_colleague_ends_with_the_same() {
    let pair = Pair::small();
    let before = state(&pair.one.copy());
    let points = first_thread_points(&pair.one.copy(), &["roll"], POINTS);
    at_every("roll, then a meeting", &points, &FAULTS, |point, fault| {
        let program = pair.one.copy();
        interrupted(&program, &["roll"], point, fault);
        holds(&program, &before);
        pair.converges(&program);
        holds(&program, &before);
    });
}

#[test]
fn dismissal_cut_at_any_call_is_completed_and_the_device_has_no_key_in_use() {
    let pair = Pair::small();
    let before = state(&pair.one.copy());
    let dismiss = ["dismiss", TAKEN, "--yes"];
    let points = first_thread_points(&pair.one.copy(), &dismiss, POINTS);
    at_every("dismiss", &points, &FAULTS, |point, fault| {
        let program = pair.one.copy();
        interrupted(&program, &dismiss, point, fault);
        holds(&program, &before);
        let mut session = opened(&program);
        let member = session.members().expect("members").iter().any(|row| row.handle == TAKEN);
        drop(session);
        if member {
            program.run(&dismiss).exits(0);
        } else if opened(&program).needs_roll() {
            program.run(&["roll"]).exits(0);
        }
        assert!(!opened(&program).needs_roll());
        pair.converges(&program);
        holds(&program, &before);
    });
}

/// Cuts a meeting at which a colleague gets new keys.
fn meeting_cut(story: &str, pair: &Pair, most: usize, faults: &[Fault]) {
    let one = pair.one.copy();
    one.run(&["roll"]).exits(0);
    one.run(&["sync", &pair.stick()]).exits(0);
    let before = state(&one);
    let traced = pair.two.copy();
    let points = first_thread_points(&traced, &["sync", &pair.stick_beside(&traced)], most);
    at_every(story, &points, faults, |point, fault| {
        let program = pair.two.copy();
        let stick = pair.stick_beside(&program);
        interrupted(&program, &["sync", &stick], point, fault);
        assert_eq!(records(&program), before.0);
        program.run(&["sync", &stick]).exits(0);
        assert_eq!(old_parcels(&program), 0);
        holds(&program, &before);
    });
}

#[test]
fn meeting_with_new_keys_cut_at_any_call_is_completed_by_the_next_one() {
    meeting_cut("sync with new keys", &Pair::small(), POINTS, &FAULTS);
}

#[test]
fn meeting_that_moves_much_on_cut_in_between_is_completed_by_the_next_one() {
    meeting_cut("sync with new keys and much to move", &Pair::large(), FEW_POINTS, &FAULTS[..1]);
}

/// Opens a sealed device with what a colleague writes for it.
fn reopened(colleague: &Program, sealed: &Program) {
    let (mut colleague, mut sealed) = (opened(&colleague.copy()), opened(sealed));
    let (badge, words) = sealed.badge();
    let files = colleague.reopening(&badge, &safety_digits(&words)).expect("answered");
    sealed.unseal(files, &passphrase()).expect("opened");
}

/// Asserts that a device is open as before or sealed, and lets a colleague open it where it is sealed.
#[track_caller]
fn open_or_sealed(pair: &Pair, program: &Program, before: &(usize, BTreeSet<String>)) {
    if opened(program).mode() == Mode::Sealed {
        program.run(&["check"]).exits(0);
        let read = program.run(&["list", "person"]);
        assert!(read.code != Some(0) && !read.out.contains("Bekov"), "{read:#?}");
        reopened(&pair.one, program);
    }
    assert_eq!(opened(program).mode(), Mode::Open);
    holds(program, before);
}

#[test]
fn sealing_cut_at_any_call_leaves_the_device_open_or_sealed() {
    let pair = Pair::small();
    let before = state(&pair.two.copy());
    let points = first_thread_points(&pair.two.copy(), &["seal"], POINTS);
    at_every("seal", &points, &FAULTS, |point, fault| {
        let program = pair.two.copy();
        let run = interrupted(&program, &["seal"], point, fault);
        let sealed = opened(&program).mode() == Mode::Sealed;
        assert!(sealed || run.code != Some(0), "{run:#?}");
        open_or_sealed(&pair, &program, &before);
        opened(&program).seal(&passphrase()).expect("sealed");
        open_or_sealed(&pair, &program, &before);
    });
}

#[test]
fn opening_a_sealed_device_cut_at_any_call_leaves_it_sealed_or_open() {
    let pair = Pair::small();
    let (sealed, answer) = (pair.two.copy(), pair.one.copy());
    opened(&sealed).seal(&passphrase()).expect("sealed");
    sealed.tell(&["note"], "Dana Omarova\n").exits(0);
    let line = sealed.run(&["badge", "--json"]).exits(0).out;
    let badge: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let (line, words) = (badge["badge"].as_str().expect("a badge"), badge["words"].as_str().expect("words"));
    let file = answer.beside("answer.pack").display().to_string();
    answer.run(&["reopen", line, "--words", words, "--out", &file]).exits(0);
    let unseal = ["unseal", file.as_str()];
    let whole = sealed.copy();
    whole.run(&unseal).exits(0);
    let after = state(&whole);
    assert!(after.0 > records(&pair.two.copy()));
    let points = first_thread_points(&sealed.copy(), &unseal, POINTS);
    at_every("unseal", &points, &FAULTS, |point, fault| {
        let program = sealed.copy();
        interrupted(&program, &unseal, point, fault);
        if opened(&program).mode() == Mode::Sealed {
            program.run(&unseal).exits(0);
        }
        open_or_sealed(&pair, &program, &after);
    });
}

/// The public keys of the older epochs whose keys are here.
fn old_keys(program: &Program) -> Vec<String> {
    let session = opened(program);
    let book = session.vault().casebook(Some(BOOK)).expect("the team's");
    let older = book.epochs.iter().filter(|(number, _)| *number == 0).map(|(_, key)| key.recipient().to_string());
    older.collect()
}

/// How many mailboxes a meeting with a relay deletes there.
fn deleted_at(host: &Host, program: &Program) -> u64 {
    opened(program).sync_relay(&host.address(), &mut InProcess, &passphrase(), false, &mut Silent).expect("met").deleted
}

#[test]
fn end_of_old_keys_cut_at_any_call_is_completed_by_the_next_one_and_their_mailbox_is_deleted() {
    let (pair, host) = (Pair::small(), Host::new(1));
    let one = pair.one.copy();
    one.run(&["dismiss", TAKEN, "--yes"]).exits(0);
    pair.converges(&one);
    opened(&one).give_up(TAKEN).expect("given up");
    let (before, old) = (state(&one), old_keys(&one));
    let points = first_thread_points(&one.copy(), &["retire"], POINTS);
    at_every("retire", &points, &FAULTS, |point, fault| {
        let program = one.copy();
        interrupted(&program, &["retire"], point, fault);
        holds(&program, &before);
        program.run(&["retire"]).exits(0);
        let session = opened(&program);
        assert!(!every_key_of(session.vault()).iter().any(|key| old.contains(&key.recipient().to_string())), "no file here has an older key");
        drop(session);
        assert!(opened(&program).old_epochs().expect("epochs").is_empty());
        holds(&program, &before);
        assert_eq!(deleted_at(&host, &program), 1);
    });
}
