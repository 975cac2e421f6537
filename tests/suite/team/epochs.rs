//! Which keys are clean.

use super::{ANNA, BOLAT, Book, CHINGIZ, DANA, FOUNDER, device};
use sandyq::team::{Membership, OperationId, Role};

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
