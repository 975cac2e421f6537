//! New keys, and who was away when they were made.

use sandyq::crypto::safety_digits;
use sandyq::team::Role;
use sandyq::vault::Silent;

use super::{Host, all_meet, meets, same, try_meet};
use crate::carry::support::{Desk, Found, found_with};
use crate::remove::desks::{admitted, dismisses, every_key, mark, meet, rolls, since};
use crate::support::passphrase;

#[test]
fn straggler_learns_of_a_roll_from_the_old_mailbox_and_loses_nothing() {
    let host = Host::new(1);
    let mut one = Desk::founder("M-ONE", 1);
    let mut late = admitted(&mut one, "M-LATE", 50, Role::Editor);
    one.detained("Before");
    all_meet(&mut [&mut one, &mut late], &host.address());
    late.detained("While Away");
    rolls(&mut one);
    one.detained("After The Roll");
    assert_eq!(meets(&mut one, &host.address()).frozen, 1, "the old mailbox shows the way");
    let met = meets(&mut late, &host.address());
    assert!(met.meetings.len() > 1 && met.meetings[0].exchanged.new_keys, "keys came from the notice: {met:?}");
    all_meet(&mut [&mut one, &mut late], &host.address());
    same(&mut [&mut one, &mut late]);
    assert_eq!(one.seen().len(), 6, "three people with their detentions");
}

#[test]
fn straggler_finds_the_way_through_two_rolls() {
    let host = Host::new(2);
    let mut one = Desk::founder("M-ONE", 1);
    let mut late = admitted(&mut one, "M-LATE", 50, Role::Editor);
    all_meet(&mut [&mut one, &mut late], &host.address());
    for _ in 0..2 {
        rolls(&mut one);
        one.detained("After A Roll");
        meets(&mut one, &host.address());
    }
    late.detained("While Away");
    meets(&mut late, &host.address());
    all_meet(&mut [&mut one, &mut late], &host.address());
    same(&mut [&mut one, &mut late]);
}

#[test]
fn dismissed_member_gets_nothing_new_from_the_relay() {
    let host = Host::new(3);
    let mut one = Desk::founder("M-ONE", 1);
    let mut two = admitted(&mut one, "M-TWO", 50, Role::Editor);
    let mut gone = admitted(&mut one, "M-GONE", 90, Role::Editor);
    one.detained("Before");
    all_meet(&mut [&mut one, &mut two, &mut gone], &host.address());
    let before = mark(&one);
    dismisses(&mut one, "M-GONE");
    one.detained("After");
    all_meet(&mut [&mut one, &mut two], &host.address());
    let held = gone.files().len();
    let _ = try_meet(&mut gone, &host.address());
    let new = since(&one, before);
    assert!(!new.is_empty());
    assert_eq!(found_with(every_key(&mut gone), new), Found::default(), "no key of it opens anything sealed since");
    assert!(gone.files().len() <= held + 40, "at most the files of the notice came");
    assert_eq!(gone.seen().len(), 2, "it shows what it showed before");
    same(&mut [&mut one, &mut two]);
}

#[test]
fn capture_device_puts_through_a_relay_what_it_cannot_read() {
    let host = Host::new(4);
    let mut one = Desk::founder("M-ONE", 1);
    let mut blind = admitted(&mut one, "M-BLIND", 50, Role::Capture);
    meets(&mut one, &host.address());
    blind.session.turn_to_shared();
    blind.detained("Recorded Blind");
    let met = meets(&mut blind, &host.address());
    assert!(met.meetings[0].exchanged.sent > 0);
    meets(&mut one, &host.address());
    assert_eq!(one.seen().len(), 2);
}

#[test]
fn late_parcels_in_a_frozen_mailbox_are_moved_on_by_its_owner() {
    let host = Host::new(5);
    let mut one = Desk::founder("M-ONE", 1);
    let mut blind = admitted(&mut one, "M-BLIND", 50, Role::Capture);
    meets(&mut one, &host.address());
    rolls(&mut one);
    meets(&mut one, &host.address());
    blind.session.turn_to_shared();
    blind.detained("Recorded Late");
    meets(&mut blind, &host.address());
    let met = meets(&mut one, &host.address());
    assert_eq!(one.seen().len(), 2, "{met:?}");
    let mut new = admitted(&mut one, "M-NEW", 90, Role::Reader);
    meets(&mut one, &host.address());
    meets(&mut new, &host.address());
    same(&mut [&mut one, &mut new]);
}

#[test]
fn casebook_without_mailbox_keys_gets_them_by_new_keys() {
    let host = Host::new(6);
    let mut one = Desk::alone("M-ONE", 1);
    let refused = try_meet(&mut one, &host.address()).expect_err("its own casebook");
    assert_eq!(refused.code(), "casebook-not-shared");
    let mut one = Desk::founder("M-TWO", 20);
    one.session.turn_to_shared();
    one.session.roll(&passphrase(), &mut Silent).expect("rolled");
    assert!(meets(&mut one, &host.address()).meetings[0].exchanged.sent > 0);
}

#[test]
fn pieces_of_evidence_follow_into_the_mailbox_of_new_keys() {
    let host = Host::new(7);
    let mut one = Desk::founder("M-ONE", 1);
    one.session.turn_to_shared();
    let (person, _) = one.detained("Sample Person");
    let file = one.home.path().join("photo");
    std::fs::write(&file, vec![3; 2 * 1024 * 1024]).expect("written");
    let evidence = one.session.attach(&person, &file, &serde_json::json!({}), &mut Silent).expect("attached");
    meets(&mut one, &host.address());
    rolls(&mut one);
    meets(&mut one, &host.address());
    let mut new = admitted(&mut one, "M-NEW", 90, Role::Reader);
    meets(&mut one, &host.address());
    one.session.retire(&passphrase()).expect("old keys are gone");
    meets(&mut new, &host.address());
    let out = new.home.path().join("out");
    new.session.extract(&evidence, &out, &mut Silent).expect("every piece is there");
    assert_eq!(std::fs::read(out).expect("read"), vec![3; 2 * 1024 * 1024]);
}

#[test]
fn capture_device_sends_nothing_twice_to_a_mailbox_that_it_cannot_list() {
    let host = Host::new(8);
    let mut one = Desk::founder("M-ONE", 1);
    let mut blind = admitted(&mut one, "M-BLIND", 50, Role::Capture);
    meets(&mut one, &host.address());
    blind.session.turn_to_shared();
    blind.detained("Recorded Blind");
    assert!(meets(&mut blind, &host.address()).meetings[0].exchanged.sent > 0);
    let again = meets(&mut blind, &host.address());
    assert_eq!(again.meetings[0].exchanged.sent, 0, "what was acknowledged is not sent twice");
}

#[test]
fn admin_who_became_an_editor_owns_no_present_mailbox() {
    let mut one = Desk::founder("M-ONE", 1);
    let mut two = admitted(&mut one, "M-TWO", 50, Role::Admin);
    meet(&mut [&mut one, &mut two]);
    let owned = |desk: &Desk| desk.session.vault().mailboxes(&desk.casebook())[0].owner.is_some();
    assert!(owned(&two));
    one.session.change_role("M-TWO", Role::Editor, false, &passphrase(), &mut Silent).expect("lowered");
    meet(&mut [&mut one, &mut two]);
    assert!(owned(&one) && !owned(&two));
    one.detained("Sealed Since");
    crate::remove::desks::agree(&mut [&mut one, &mut two]);
}

#[test]
fn admin_who_lowers_herself_owns_the_mailbox_until_another_makes_the_keys_that_are_due() {
    let mut one = Desk::founder("M-ONE", 1);
    let mut two = admitted(&mut one, "M-TWO", 50, Role::Admin);
    meet(&mut [&mut one, &mut two]);
    let lowered = two.session.change_role("M-TWO", Role::Editor, false, &passphrase(), &mut Silent).expect("lowered");
    assert!(lowered.renewed.is_none() && two.session.needs_roll(), "she may make none any more");
    meet(&mut [&mut one, &mut two]);
    let owned = |desk: &Desk| desk.session.vault().mailboxes(&desk.casebook())[0].owner.is_some();
    assert!(one.session.needs_roll() && owned(&two));
    rolls(&mut one);
    meet(&mut [&mut one, &mut two]);
    assert!(!one.session.needs_roll() && !two.session.needs_roll() && owned(&one) && !owned(&two));
    crate::remove::desks::agree(&mut [&mut one, &mut two]);
}

#[test]
fn mailbox_of_keys_that_were_destroyed_is_deleted_from_each_relay_and_no_other_is() {
    let (north, south) = (Host::new(9), Host::new(10));
    let mut one = Desk::founder("M-ONE", 1);
    one.detained("Sample Person");
    for host in [&north, &south] {
        meets(&mut one, &host.address());
    }
    rolls(&mut one);
    meets(&mut one, &north.address());
    assert_eq!(meets(&mut one, &south.address()).deleted, 0, "nothing is deleted while its keys are kept");
    assert_eq!(one.session.retire(&passphrase()).expect("destroyed"), [0]);
    for host in [&north, &south] {
        assert_eq!((meets(&mut one, &host.address()).deleted, meets(&mut one, &host.address()).deleted), (1, 0));
        assert_eq!(host.mailboxes(), 1, "the present one stays");
    }
    let mut new = admitted(&mut one, "M-NEW", 90, Role::Reader);
    meets(&mut one, &north.address());
    meets(&mut new, &north.address());
    same(&mut [&mut one, &mut new]);
}

#[test]
fn straggler_who_learns_of_a_relay_before_the_new_keys_finds_the_way_to_them_there() {
    let host = Host::new(11);
    let mut one = Desk::founder("M-ONE", 1);
    let mut other = admitted(&mut one, "M-OTHER", 50, Role::Admin);
    let mut late = admitted(&mut one, "M-LATE", 90, Role::Editor);
    one.detained("Before");
    meet(&mut [&mut one, &mut other, &mut late]);
    rolls(&mut one);
    one.detained("After The Roll");
    other.session.turn_to_shared();
    other.session.announce(&host.address(), false).expect("announced, with the old keys");
    meet(&mut [&mut other, &mut late]);
    late.detained("While Away");
    meet(&mut [&mut one, &mut other]);
    let words = safety_digits(&late.session.relay_words(&host.address()));
    assert_eq!(late.session.accept_relay(&words).expect("announced to it too"), host.address());
    assert!(try_meet(&mut late, &host.address()).is_err_and(|error| error.code() == "relay-no-mailbox"), "nobody was there before");
    assert_eq!(meets(&mut one, &host.address()).frozen, 1, "the older mailbox is made to show the way");
    assert_eq!(meets(&mut one, &host.address()).frozen, 0, "once");
    let met = meets(&mut late, &host.address());
    assert!(met.meetings[0].exchanged.new_keys, "{met:?}");
    all_meet(&mut [&mut one, &mut other, &mut late], &host.address());
    same(&mut [&mut one, &mut other, &mut late]);
    assert_eq!(one.seen().len(), 6, "three people with their detentions");
}

#[test]
fn straggler_finds_the_way_at_a_relay_that_was_put_back_from_before_the_new_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, old) = (folder.path().join("store"), folder.path().join("old"));
    let mut host = Host::in_file(13, &path);
    let mut one = Desk::founder("M-ONE", 1);
    let mut late = admitted(&mut one, "M-LATE", 50, Role::Editor);
    one.detained("Before");
    all_meet(&mut [&mut one, &mut late], &host.address());
    super::backed_up(&path, &old);
    rolls(&mut one);
    assert_eq!(meets(&mut one, &host.address()).frozen, 1);
    assert_eq!(meets(&mut one, &host.address()).frozen, 0);
    host = Host::in_file(13, &old);
    assert_eq!(meets(&mut one, &host.address()).frozen, 1, "the word in the old mailbox is gone, and is left again");
    assert_eq!(meets(&mut one, &host.address()).frozen, 0);
    late.detained("While Away");
    assert!(meets(&mut late, &host.address()).meetings[0].exchanged.new_keys);
    all_meet(&mut [&mut one, &mut late], &host.address());
    same(&mut [&mut one, &mut late]);
}

#[test]
fn older_mailbox_that_wants_a_ticket_is_made_when_one_is_there() {
    let mut host = Host::new(12);
    host.takes_tickets_alone();
    let mut one = Desk::founder("M-ONE", 1);
    rolls(&mut one);
    one.session.turn_to_shared();
    one.session.keep_tickets(&host.address(), vec![host.ticket(1)]).expect("kept");
    let met = meets(&mut one, &host.address());
    assert_eq!((met.frozen, met.no_ticket, host.mailboxes()), (0, 1, 1), "the present one took the ticket");
    one.session.keep_tickets(&host.address(), vec![host.ticket(2)]).expect("kept");
    let met = meets(&mut one, &host.address());
    assert_eq!((met.frozen, met.no_ticket, host.mailboxes()), (1, 0, 2));
}
