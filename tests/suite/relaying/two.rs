//! Two vaults and more, through one relay, two, and sticks between.

use sandyq::team::Role;
use serde_json::json;

use super::{Host, all_meet, meets, same, try_meet};
use crate::carry::support::Desk;
use crate::remove::desks::{Table, admitted, agree};

fn pair() -> (Desk, Desk) {
    let mut one = Desk::founder("M-ONE", 1);
    let two = admitted(&mut one, "M-TWO", 50, Role::Editor);
    (one, two)
}

#[test]
fn two_vaults_converge_through_the_relay_alone() {
    let host = Host::new(1);
    let (mut one, mut two) = pair();
    let (person, _) = one.detained("Sample Person");
    two.detained("Another Person");
    all_meet(&mut [&mut one, &mut two], &host.address());
    one.edit(&person, &json!({ "occupation": "teacher" }));
    two.edit(&person, &json!({ "occupation": "driver" }));
    all_meet(&mut [&mut one, &mut two], &host.address());
    same(&mut [&mut one, &mut two]);
    assert_eq!(one.session.conflicts(false).expect("conflicts").len(), 1, "both voices came through");
    let nothing = meets(&mut one, &host.address());
    assert_eq!((nothing.meetings.len(), nothing.meetings[0].exchanged.sent, nothing.meetings[0].exchanged.taken.new.len()), (1, 0, 0));
}

#[test]
fn relay_and_stick_mixed_bring_the_same_to_everybody() {
    let host = Host::new(2);
    let mut stick = Table::new();
    let (mut one, mut two) = pair();
    let mut three = admitted(&mut one, "M-THREE", 90, Role::Reader);
    one.detained("Sample Person");
    meets(&mut one, &host.address());
    two.detained("Another Person");
    two.sync(&mut stick);
    meets(&mut two, &host.address());
    three.sync(&mut stick);
    one.sync(&mut stick);
    all_meet(&mut [&mut one, &mut two, &mut three], &host.address());
    agree(&mut [&mut one, &mut two, &mut three]);
}

#[test]
fn relay_put_back_from_an_old_backup_gets_again_what_it_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, old) = (folder.path().join("store"), folder.path().join("old"));
    let mut host = Host::in_file(3, &path);
    let (mut one, mut two) = pair();
    one.detained("Before The Backup");
    meets(&mut one, &host.address());
    super::backed_up(&path, &old);
    one.detained("After The Backup");
    meets(&mut one, &host.address());
    host = Host::in_file(3, &old);
    let again = meets(&mut one, &host.address());
    assert!(again.meetings[0].exchanged.sent > 0, "what the relay lost is there again: {again:?}");
    all_meet(&mut [&mut one, &mut two], &host.address());
    same(&mut [&mut one, &mut two]);
}

#[test]
fn two_relays_with_different_halves_are_made_equal_by_who_meets_both() {
    let (north, south) = (Host::new(4), Host::new(5));
    let (mut one, mut two) = pair();
    let mut three = admitted(&mut one, "M-THREE", 90, Role::Editor);
    one.detained("Northern Person");
    meets(&mut one, &north.address());
    meets(&mut one, &south.address());
    one.detained("Later Northern Person");
    meets(&mut one, &north.address());
    two.detained("Southern Person");
    meets(&mut two, &south.address());
    for _ in 0..2 {
        meets(&mut three, &north.address());
        meets(&mut three, &south.address());
    }
    meets(&mut one, &north.address());
    meets(&mut two, &south.address());
    for host in [&north, &south] {
        all_meet(&mut [&mut one, &mut two, &mut three], &host.address());
    }
    same(&mut [&mut one, &mut two, &mut three]);
}

#[test]
fn editor_who_comes_before_any_admin_is_told_that_the_mailbox_is_not_made() {
    let host = Host::new(6);
    let (mut one, mut two) = pair();
    two.detained("Early Person");
    let refused = try_meet(&mut two, &host.address()).expect_err("no mailbox");
    assert_eq!(refused.code(), "relay-no-mailbox");
    all_meet(&mut [&mut one, &mut two], &host.address());
    same(&mut [&mut one, &mut two]);
}

#[test]
fn evidence_comes_through_a_relay_piece_by_piece() {
    let host = Host::new(7);
    let (mut one, mut two) = pair();
    let (person, _) = one.detained("Sample Person");
    let file = one.home.path().join("video");
    std::fs::write(&file, vec![7; 3 * 1024 * 1024]).expect("written");
    let evidence = one.session.attach(&person, &file, &json!({}), &mut sandyq::vault::Silent).expect("attached");
    all_meet(&mut [&mut one, &mut two], &host.address());
    let out = two.home.path().join("out");
    two.session.extract(&evidence, &out, &mut sandyq::vault::Silent).expect("extracted");
    assert_eq!(std::fs::read(out).expect("read"), vec![7; 3 * 1024 * 1024]);
}
