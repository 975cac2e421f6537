//! Which keys are clean, who may still write to older ones, and when these can go.

use std::collections::BTreeSet;

use sandyq::crypto::DeviceId;
use sandyq::team::{Add, Closed, Epoch, GiveUp, Membership, OperationId, Remove, Role, RoleChange};

use super::{ANNA, BOLAT, Book, CHINGIZ, DANA, FOUNDER, badge, device};

fn clean(now: &Membership) -> Option<(u64, OperationId)> {
    now.clean_epoch().map(|epoch| (epoch.number, epoch.id))
}

#[test]
fn the_first_epoch_is_given_to_whoever_may_read() {
    let mut book = Book::new();
    let anna = book.add(FOUNDER, book.genesis, ANNA, Role::Reader);
    book.add(FOUNDER, anna, BOLAT, Role::Capture);
    let now = book.now();
    assert_eq!(now.epochs[0].given, [device(FOUNDER), device(ANNA)].into());
    assert_eq!(clean(&now), Some((0, book.genesis)));
}

#[test]
fn an_epoch_is_clean_no_more_after_a_removal_until_a_roll_follows_it() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, ANNA);
    assert_eq!(clean(&book.now()), None);
    let roll = book.roll(FOUNDER, &[removal], 1);
    let now = book.now();
    assert_eq!(clean(&now), Some((1, roll)));
    assert_eq!(now.epochs[1].given, [FOUNDER, BOLAT, CHINGIZ].map(device).into());
}

#[test]
fn a_reader_who_may_only_capture_now_makes_an_epoch_unclean_too() {
    let (mut book, head) = Book::with_four_admins();
    book.role(FOUNDER, head, ANNA, Role::Capture);
    assert_eq!(clean(&book.now()), None);
}

#[test]
fn a_roll_beside_a_removal_is_not_clean() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, ANNA);
    let beside = book.roll(BOLAT, &[head], 1);
    assert_eq!(clean(&book.now()), None);
    let after = book.roll(BOLAT, &[removal, beside], 2);
    assert_eq!(clean(&book.now()), Some((2, after)));
}

#[test]
fn whoever_is_let_in_beside_or_after_a_roll_counts_as_given_its_key() {
    let (mut book, head) = Book::with_four_admins();
    let beside = book.add(ANNA, head, DANA, Role::Editor);
    let roll = book.roll(BOLAT, &[head], 1);
    let after = book.add(BOLAT, roll, 20, Role::Reader);
    let given = |book: &Book| book.now().epochs[1].given.clone();
    assert!(given(&book).contains(&device(DANA)) && given(&book).contains(&device(20)));
    assert_eq!(clean(&book.now()), Some((1, roll)));
    book.remove(ANNA, beside, DANA);
    assert_eq!(clean(&book.now()), None);
    book.remove(ANNA, after, 20);
    assert_eq!(clean(&book.now()), None);
}

/// The removed admin had the keys, and may have handed them to whomever he let in meanwhile.
#[test]
fn a_void_addition_by_an_admin_still_makes_an_epoch_unclean_and_one_by_a_stranger_does_not() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, ANNA);
    let roll = book.roll(FOUNDER, &[removal], 1);
    book.add(99, roll, 20, Role::Editor);
    assert_eq!(clean(&book.now()), Some((1, roll)));
    let late = book.add(ANNA, head, DANA, Role::Editor);
    assert_eq!(clean(&book.now()), None);
    let again = book.roll(FOUNDER, &[roll, late], 2);
    assert_eq!(clean(&book.now()), Some((2, again)));
}

#[test]
fn of_two_rolls_to_one_number_the_smaller_id_is_taken_and_both_stay() {
    let (mut book, head) = Book::with_four_admins();
    let (a, b) = (book.roll(ANNA, &[head], 1), book.roll(BOLAT, &[head], 1));
    let now = book.now();
    assert_eq!(clean(&now), Some((1, a.min(b))));
    assert_eq!(now.epochs.iter().map(|epoch| epoch.number).collect::<Vec<_>>(), [0, 1, 1]);
}

#[test]
fn the_roll_of_an_admin_who_is_removed_meanwhile_is_no_epoch() {
    let (mut book, head) = Book::with_four_admins();
    book.remove(FOUNDER, head, ANNA);
    book.roll(ANNA, &[head], 7);
    assert_eq!(book.now().epochs.len(), 1);
}

fn epoch(now: &Membership, id: OperationId) -> &Epoch {
    now.epochs.iter().find(|epoch| epoch.id == id).expect("an epoch")
}

fn devices<const N: usize>(people: [u8; N]) -> BTreeSet<DeviceId> {
    people.map(device).into()
}

fn keeper(book: &mut Book, by: u8, after: OperationId, person: u8, keeper: bool) -> OperationId {
    book.write(by, &[after], RoleChange { member: device(person), role: Role::Admin, keeper, verified: true, cut: Vec::new() })
}

fn closes(book: &mut Book, by: u8, after: OperationId, epoch: u64, id: Option<OperationId>, head: &str) -> OperationId {
    book.write(by, &[after], Closed { epoch, epoch_id: id.map(hex::encode), heads: vec![head.repeat(32)] })
}

fn gives_up(book: &mut Book, by: u8, after: OperationId, person: u8, epoch: u64, id: OperationId) -> OperationId {
    book.write(by, &[after], GiveUp { member: device(person), epoch, epoch_id: hex::encode(id) })
}

/// Everybody waited for when only parcels that begin with `11` are here.
fn waited_for(now: &Membership, id: OperationId) -> BTreeSet<DeviceId> {
    now.waited_for(&id, &|_, heads| heads.iter().all(|head| head.starts_with("11")))
}

#[test]
fn the_register_is_given_to_keepers_and_clean_while_all_of_them_are() {
    let (mut book, head) = Book::with_four_admins();
    let made = keeper(&mut book, FOUNDER, head, ANNA, true);
    let now = book.now();
    assert_eq!(epoch(&now, book.genesis).register_given, devices([FOUNDER, ANNA]));
    assert_eq!(now.clean_register().map(|epoch| epoch.id), Some(book.genesis));
    let unmade = keeper(&mut book, BOLAT, made, ANNA, false);
    let now = book.now();
    assert_eq!((now.clean_register(), clean(&now)), (None, Some((0, book.genesis))), "she still reads");
    let roll = book.roll(FOUNDER, &[unmade], 1);
    let now = book.now();
    assert_eq!((epoch(&now, roll).register_given.clone(), now.clean_register().map(|epoch| epoch.id)), (devices([FOUNDER]), Some(roll)));
}

#[test]
fn the_owner_key_is_given_to_admins_and_new_keys_are_due_once_one_of_them_is_less() {
    let (mut book, head) = Book::with_four_admins();
    let editor = book.add(FOUNDER, head, DANA, Role::Editor);
    let now = book.now();
    assert!(now.owned_by_admins() && epoch(&now, book.genesis).owner_given == devices([FOUNDER, ANNA, BOLAT, CHINGIZ]));
    let less = book.role(ANNA, editor, ANNA, Role::Editor);
    let now = book.now();
    assert!(!now.owned_by_admins() && clean(&now) == Some((0, book.genesis)), "she still reads");
    let roll = book.roll(BOLAT, &[less], 1);
    let now = book.now();
    assert!(now.owned_by_admins() && epoch(&now, roll).owner_given == devices([FOUNDER, BOLAT, CHINGIZ]));
    book.role(FOUNDER, roll, DANA, Role::Admin);
    assert!(epoch(&book.now(), roll).owner_given.contains(&device(DANA)) && book.now().owned_by_admins());
}

#[test]
fn a_keeper_made_beside_a_roll_by_somebody_removed_meanwhile_counts_as_given_its_register() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, CHINGIZ);
    let roll = book.roll(FOUNDER, &[removal], 1);
    let made = keeper(&mut book, CHINGIZ, head, ANNA, true);
    let now = book.now();
    assert!(now.void.contains_key(&made) && epoch(&now, roll).register_given == devices([FOUNDER, ANNA]));
    assert_eq!(now.clean_register(), None);
}

#[test]
fn older_epochs_come_before_the_clean_one_and_none_do_when_nothing_is_clean() {
    let (mut book, head) = Book::with_four_admins();
    let (a, b) = (book.roll(ANNA, &[head], 1), book.roll(BOLAT, &[head], 1));
    let older = |book: &Book| book.now().older_epochs().map(|epoch| epoch.id).collect::<BTreeSet<_>>();
    assert_eq!(older(&book), [book.genesis, a.max(b)].into());
    assert_eq!(book.now().present().map(|epoch| epoch.id), Some(a.min(b)));
    book.remove(FOUNDER, a, ANNA);
    assert_eq!((book.now().present(), older(&book)), (None, [].into()));
}

#[test]
fn whoever_was_ever_let_in_may_have_written_to_an_epoch_but_not_who_came_after_a_newer_one() {
    let (mut book, head) = Book::with_four_admins();
    let capture = book.add(FOUNDER, head, DANA, Role::Capture);
    let removal = book.remove(FOUNDER, capture, ANNA);
    let roll = book.roll(FOUNDER, &[removal], 1);
    let beside = book.add(BOLAT, capture, 20, Role::Editor);
    let after = book.add(BOLAT, roll, 21, Role::Editor);
    book.add(BOLAT, beside, 21, Role::Reader);
    book.add(BOLAT, after, 22, Role::Editor);
    let void = book.add(ANNA, capture, 23, Role::Editor);
    let now = book.now();
    assert!(now.void.contains_key(&void));
    assert_eq!(epoch(&now, book.genesis).writers, devices([FOUNDER, ANNA, BOLAT, CHINGIZ, DANA, 20, 21, 23]), "21 was let in twice");
    assert_eq!(epoch(&now, roll).writers, devices([FOUNDER, ANNA, BOLAT, CHINGIZ, DANA, 20, 21, 22, 23]));
}

#[test]
fn the_key_of_an_invitation_writes_to_no_epoch() {
    let mut book = Book::new();
    let invite = book.invite(FOUNDER, book.genesis, 3);
    let came = book.come_in(&[invite], invite, DANA);
    book.remove(FOUNDER, came, super::CODE);
    assert_eq!(epoch(&book.now(), book.genesis).writers, devices([FOUNDER, DANA]));
}

/// The newer of two epochs side by side may be unclean while the older one is not: newcomers write to that.
#[test]
fn a_newcomer_after_two_rolls_side_by_side_may_write_to_the_one_of_the_smaller_number() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, ANNA);
    let cleaned = book.roll(FOUNDER, &[removal], 1);
    let beside = book.roll(BOLAT, &[head], 2);
    let dana = book.write(BOLAT, &[cleaned, beside], Add { badge: badge(DANA), role: Role::Editor, keeper: false, verified: true, invite: None });
    let at = book.log().membership_at(&[dana]).expect("known");
    assert_eq!(clean(&at), Some((1, cleaned)));
    assert!(epoch(&book.now(), cleaned).writers.contains(&device(DANA)));
}

/// Who let the newcomer in after a roll may have taken that roll for void.
#[test]
fn a_newcomer_after_a_roll_whose_author_was_attacked_may_write_to_the_epoch_before() {
    let (mut book, head) = Book::with_four_admins();
    let roll = book.roll(ANNA, &[head], 1);
    let demoted = book.role(BOLAT, head, ANNA, Role::Editor);
    let dana = book.write(CHINGIZ, &[roll, demoted], Add { badge: badge(DANA), role: Role::Editor, keeper: false, verified: true, invite: None });
    assert_eq!(clean(&book.log().membership_at(&[dana]).expect("known")), Some((0, book.genesis)));
    book.role(FOUNDER, head, BOLAT, Role::Editor);
    let now = book.now();
    assert_eq!((now.void.contains_key(&demoted), clean(&now)), (true, Some((1, roll))));
    assert!(epoch(&now, book.genesis).writers.contains(&device(DANA)));
}

#[test]
fn an_epoch_waits_for_all_who_neither_closed_it_with_all_their_parcels_here_nor_were_given_up() {
    let (mut book, head) = Book::with_four_admins();
    let first = book.genesis;
    let roll = book.roll(FOUNDER, &[head], 1);
    closes(&mut book, FOUNDER, roll, 0, None, "11");
    closes(&mut book, ANNA, roll, 0, Some(first), "22");
    closes(&mut book, BOLAT, roll, 0, Some(first), "11");
    assert_eq!(waited_for(&book.now(), book.genesis), devices([ANNA, CHINGIZ]));
    closes(&mut book, BOLAT, roll, 0, Some(first), "22");
    assert_eq!(waited_for(&book.now(), book.genesis), devices([ANNA, BOLAT, CHINGIZ]), "a restored device went on");
    let given_up = gives_up(&mut book, FOUNDER, roll, ANNA, 0, first);
    gives_up(&mut book, FOUNDER, given_up, BOLAT, 0, first);
    let now = book.now();
    assert_eq!(waited_for(&now, book.genesis), devices([CHINGIZ]));
    assert_eq!(now.given_up, [ANNA, BOLAT].map(|person| (device(person), book.genesis)).into());
    assert_eq!(waited_for(&now, roll), devices([FOUNDER, ANNA, BOLAT, CHINGIZ]), "the other epoch");
    assert_eq!(waited_for(&now, [9; 32]), devices([FOUNDER, ANNA, BOLAT, CHINGIZ]), "no epoch");
}

#[test]
fn a_word_that_fits_no_epoch_or_two_closes_and_gives_up_none() {
    let (mut book, head) = Book::with_four_admins();
    let (a, b) = (book.roll(ANNA, &[head], 1), book.roll(BOLAT, &[head], 1));
    let which = |book: &Book, id: &OperationId| book.now().closed[id].epoch;
    let (two, of_one) = (closes(&mut book, ANNA, a, 1, None, "11"), closes(&mut book, ANNA, a, 1, Some(b), "11"));
    let (other, none) = (closes(&mut book, ANNA, a, 0, Some(b), "11"), closes(&mut book, ANNA, a, 7, None, "11"));
    assert_eq!([two, of_one, other, none].map(|id| which(&book, &id)), [None, Some(b), None, None]);
    gives_up(&mut book, FOUNDER, a, ANNA, 0, a);
    gives_up(&mut book, FOUNDER, a, ANNA, 3, [9; 32]);
    assert!(book.now().given_up.is_empty());
}

#[test]
fn only_an_admin_gives_up_and_a_removed_device_closes_nothing_any_more() {
    let (mut book, head) = Book::with_four_admins();
    let first = book.genesis;
    let dana = book.add(FOUNDER, head, DANA, Role::Editor);
    let refused = gives_up(&mut book, DANA, dana, ANNA, 0, first);
    book.remove(FOUNDER, dana, DANA);
    let closed = closes(&mut book, DANA, dana, 0, None, "11");
    let now = book.now();
    assert!(now.void.contains_key(&refused) && now.void.contains_key(&closed) && now.given_up.is_empty() && now.closed.is_empty());
    assert!(waited_for(&now, book.genesis).contains(&device(DANA)));
}

/// The removal before the roll turns out to be void without a word about its member: he may get the keys again.
#[test]
fn who_was_out_before_a_roll_by_a_removal_in_doubt_counts_as_given_its_key() {
    let (mut book, head) = Book::with_four_admins();
    let dana = keeper(&mut book, FOUNDER, head, CHINGIZ, true);
    let removal = book.remove(ANNA, dana, CHINGIZ);
    let roll = book.roll(BOLAT, &[removal], 1);
    assert_eq!(epoch(&book.now(), roll).given, devices([FOUNDER, ANNA, BOLAT]));
    let demoted = book.role(FOUNDER, head, ANNA, Role::Editor);
    let now = book.now();
    assert!(now.void.contains_key(&removal) && now.role(&device(CHINGIZ)) == Some(Role::Admin));
    assert_eq!((epoch(&now, roll).given.clone(), clean(&now)), (devices([FOUNDER, ANNA, BOLAT, CHINGIZ]), Some((1, roll))));
    assert_eq!(epoch(&now, roll).register_given, devices([FOUNDER, CHINGIZ]));
    book.write(FOUNDER, &[roll, demoted], Remove { member: device(CHINGIZ), cut: Vec::new() });
    assert_eq!((clean(&book.now()), book.now().clean_register()), (None, None));
}
