//! Newcomers who let themselves in with a code.

use sandyq::team::{Add, Invite, OperationId, Role};

use super::{ANNA, BOLAT, Book, CODE, DANA, FOUNDER, TIME, badge, device, role, void};

fn invited() -> (Book, OperationId) {
    let mut book = Book::new();
    let invite = book.invite(FOUNDER, book.genesis, 2);
    (book, invite)
}

#[test]
fn a_newcomer_with_a_code_is_an_unverified_capture_device() {
    let (mut book, invite) = invited();
    book.come_in(&[invite], invite, DANA);
    let now = book.now();
    let dana = &now.members[&device(DANA)];
    assert!(dana.role == Role::Capture && !dana.verified && !dana.keeper && dana.invited && dana.added_by == device(CODE));
    assert!(now.overused.is_empty());
}

#[test]
fn a_code_gives_no_more_than_it_says() {
    let (mut book, invite) = invited();
    let add = |role, keeper, verified| Add { badge: badge(DANA), role, keeper, verified, invite: Some(hex::encode(invite)) };
    let more = [add(Role::Reader, false, false), add(Role::Capture, true, false), add(Role::Capture, false, true)];
    let ids: Vec<_> = more.into_iter().map(|add| book.write(CODE, &[invite], add)).collect();
    let without = book.add(CODE, invite, DANA, Role::Capture);
    let removal = book.remove(CODE, invite, FOUNDER);
    let now = book.now();
    ids.iter().for_each(|id| assert_eq!(void(&now, id), Some("author-without-right")));
    assert_eq!([void(&now, &without), void(&now, &removal)], [Some("author-unknown"); 2]);
    assert_eq!(now.members.len(), 1);
}

#[test]
fn a_code_that_nobody_gave_or_another_key_signed_lets_nobody_in() {
    let (mut book, invite) = invited();
    let unknown = book.come_in(&[invite], [7; 32], DANA);
    let early = book.come_in(&[book.genesis], invite, DANA);
    let named = Add { badge: badge(DANA), role: Role::Capture, keeper: false, verified: false, invite: Some(hex::encode(invite)) };
    let other = book.write(BOLAT, &[invite], named.clone());
    let admin = book.write(FOUNDER, &[invite], named);
    let now = book.now();
    assert_eq!([void(&now, &unknown), void(&now, &early)], [Some("invite-unknown"); 2]);
    assert_eq!([void(&now, &other), void(&now, &admin)], [Some("author-unknown"); 2]);
}

#[test]
fn a_code_is_used_up_after_as_many_uses_as_it_allows() {
    let (mut book, invite) = invited();
    let one = book.come_in(&[invite], invite, 20);
    let two = book.come_in(&[one], invite, 21);
    let three = book.come_in(&[two], invite, 22);
    let now = book.now();
    assert_eq!((void(&now, &three), now.members.len()), (Some("invite-used-up"), 3));
    assert!(now.overused.is_empty());
}

#[test]
fn too_many_uses_at_the_same_time_drop_nobody_and_are_listed() {
    let (mut book, invite) = invited();
    for person in 20..23 {
        book.come_in(&[invite], invite, person);
    }
    let now = book.now();
    assert_eq!(now.overused, [invite].into());
    (20..23).for_each(|person| assert_eq!(role(&now, person), Some(Role::Capture)));
}

#[test]
fn one_device_let_in_twice_is_listed() {
    let (mut book, invite) = invited();
    let other = book.invite(FOUNDER, invite, 5);
    book.come_in(&[other], invite, DANA);
    book.come_in(&[other], other, DANA);
    let now = book.now();
    assert_eq!((now.overused.clone(), role(&now, DANA)), ([invite, other].into(), Some(Role::Capture)));
}

#[test]
fn a_code_ends_with_its_time_and_with_the_removal_of_its_key() {
    let mut book = Book::new();
    let invite = book.write(FOUNDER, &[book.genesis], Invite { key: device(CODE), role: Role::Capture, at_most: 9, cut_off: Some(TIME + 2) });
    let (in_time, late) = (book.come_in(&[invite], invite, 20), book.come_in(&[invite], invite, 21));
    let ended = book.remove(FOUNDER, invite, CODE);
    let after = book.come_in(&[ended], invite, 22);
    let now = book.now();
    assert_eq!([void(&now, &late), void(&now, &after)], [Some("invite-ended"); 2]);
    assert_eq!(void(&now, &in_time), Some("author-removed"), "used while the code was withdrawn");
}

#[test]
fn a_newcomer_falls_with_the_admin_who_made_the_code_while_being_removed() {
    let (mut book, head) = Book::with_four_admins();
    book.remove(FOUNDER, head, ANNA);
    let invite = book.invite(ANNA, head, 3);
    let used = book.come_in(&[invite], invite, DANA);
    let now = book.now();
    assert_eq!((void(&now, &invite), void(&now, &used)), (Some("author-removed"), Some("author-unfounded")));
    assert_eq!(role(&now, DANA), None);
}

#[test]
fn a_stolen_code_takes_nothing_from_a_member() {
    let (mut book, invite) = invited();
    book.add(FOUNDER, invite, ANNA, Role::Admin);
    for person in [ANNA, FOUNDER] {
        book.come_in(&[invite], invite, person);
    }
    let now = book.now();
    assert_eq!((role(&now, ANNA), role(&now, FOUNDER)), (Some(Role::Admin), Some(Role::Admin)));
    let anna = &now.members[&device(ANNA)];
    assert!(anna.verified && !anna.invited && anna.added_by == device(FOUNDER));
}

#[test]
fn a_code_does_not_bring_a_removed_device_back() {
    let (mut book, invite) = invited();
    let dana = book.come_in(&[invite], invite, DANA);
    let removal = book.remove(FOUNDER, dana, DANA);
    let again = book.come_in(&[removal], invite, DANA);
    let now = book.now();
    assert_eq!((void(&now, &again), role(&now, DANA)), (Some("already-added"), None));
}

#[test]
fn an_admin_raises_a_newcomer_whose_words_were_compared() {
    let (mut book, invite) = invited();
    let dana = book.come_in(&[invite], invite, DANA);
    book.role(FOUNDER, dana, DANA, Role::Editor);
    book.come_in(&[invite], invite, DANA);
    let now = book.now();
    let member = &now.members[&device(DANA)];
    assert!(member.role == Role::Editor && member.verified && !member.invited);
    assert_eq!(now.overused, [invite].into(), "and the second use is still listed");
}
