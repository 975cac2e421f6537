//! Removals, and what they do to things said at the same time.

use sandyq::team::{Role, RoleChange};

use super::{ANNA, BOLAT, Book, CHINGIZ, DANA, FOUNDER, device, role, void};

#[test]
fn what_a_member_said_while_being_removed_is_void_and_what_she_said_before_stays() {
    let (mut book, head) = Book::with_four_admins();
    let before = book.add(ANNA, head, DANA, Role::Reader);
    let removal = book.remove(FOUNDER, before, ANNA);
    let meanwhile = book.add(ANNA, before, 20, Role::Admin);
    let later = book.add(ANNA, removal, 21, Role::Admin);
    let now = book.now();
    assert_eq!([void(&now, &before), void(&now, &removal)], [None; 2]);
    assert_eq!([void(&now, &meanwhile), void(&now, &later)], [Some("author-removed"); 2]);
    assert_eq!((role(&now, DANA), role(&now, 20), role(&now, 21)), (Some(Role::Reader), None, None));
    assert_eq!(now.former[&device(ANNA)].removals, [removal].into());
    assert!(!now.former.contains_key(&device(20)), "was never in");
}

#[test]
fn mutual_removals_both_hold() {
    let (mut book, head) = Book::with_four_admins();
    let (one, two) = (book.remove(ANNA, head, BOLAT), book.remove(BOLAT, head, ANNA));
    let now = book.now();
    assert_eq!((role(&now, ANNA), role(&now, BOLAT)), (None, None));
    assert_eq!([void(&now, &one), void(&now, &two)], [None; 2]);
}

#[test]
fn removals_in_a_circle_all_hold() {
    let (mut book, head) = Book::with_four_admins();
    let circle = [(ANNA, BOLAT), (BOLAT, CHINGIZ), (CHINGIZ, ANNA)];
    for (by, person) in circle {
        book.remove(by, head, person);
    }
    let extra = book.add(ANNA, head, DANA, Role::Editor);
    let now = book.now();
    assert!(now.admins().eq([&device(FOUNDER)]));
    assert_eq!((void(&now, &extra), now.void.len()), (Some("author-removed"), 1));
}

#[test]
fn a_removal_by_somebody_who_is_surely_removed_is_void() {
    let (mut book, head) = Book::with_four_admins();
    book.remove(FOUNDER, head, ANNA);
    let second = book.remove(ANNA, head, BOLAT);
    let third = book.remove(BOLAT, head, CHINGIZ);
    let now = book.now();
    assert_eq!((void(&now, &second), void(&now, &third)), (Some("author-removed"), None));
    assert_eq!((role(&now, ANNA), role(&now, BOLAT), role(&now, CHINGIZ)), (None, Some(Role::Admin), None));
}

#[test]
fn a_re_addition_at_the_same_time_loses_and_a_later_one_wins() {
    let (mut book, head) = Book::with_four_admins();
    let dana = book.add(FOUNDER, head, DANA, Role::Editor);
    let removal = book.remove(ANNA, dana, DANA);
    let again = book.add(BOLAT, dana, DANA, Role::Admin);
    assert_eq!(role(&book.now(), DANA), None);
    assert!(book.now().former.contains_key(&device(DANA)));
    book.add(BOLAT, removal, DANA, Role::Reader);
    let now = book.now();
    assert_eq!(role(&now, DANA), Some(Role::Reader));
    assert!(!now.void.contains_key(&again) && !now.former.contains_key(&device(DANA)));
}

#[test]
fn a_device_that_came_back_stays_out_when_a_removal_did_not_know_it() {
    let (mut book, head) = Book::with_four_admins();
    let dana = book.add(FOUNDER, head, DANA, Role::Editor);
    let one = book.remove(ANNA, dana, DANA);
    book.remove(CHINGIZ, dana, DANA);
    book.add(BOLAT, one, DANA, Role::Editor);
    assert_eq!(role(&book.now(), DANA), None);
}

#[test]
fn a_role_from_before_a_removal_does_not_come_back_with_the_device() {
    let (mut book, head) = Book::with_four_admins();
    let dana = book.add(FOUNDER, head, DANA, Role::Editor);
    let raised = book.role(FOUNDER, dana, DANA, Role::Admin);
    let removal = book.remove(ANNA, raised, DANA);
    book.add(BOLAT, removal, DANA, Role::Capture);
    assert_eq!(role(&book.now(), DANA), Some(Role::Capture));
}

#[test]
fn whom_a_removed_admin_lets_in_meanwhile_can_do_nothing_through_others() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, ANNA);
    let puppet = book.add(ANNA, head, DANA, Role::Admin);
    let second = book.add(DANA, puppet, 20, Role::Admin);
    let strike = book.remove(DANA, puppet, FOUNDER);
    let further = book.remove(20, second, BOLAT);
    let now = book.now();
    assert_eq!(void(&now, &puppet), Some("author-removed"));
    assert_eq!([void(&now, &second), void(&now, &strike), void(&now, &further)], [Some("author-unfounded"); 3]);
    assert_eq!(void(&now, &removal), None);
    assert_eq!(now.members.len(), 3, "founder, Bolat, Chingiz");
}

#[test]
fn a_raised_role_falls_with_the_admin_who_raised_it_meanwhile() {
    let (mut book, head) = Book::with_four_admins();
    let dana = book.add(FOUNDER, head, DANA, Role::Editor);
    book.remove(FOUNDER, dana, ANNA);
    let raised = book.role(ANNA, dana, DANA, Role::Admin);
    let used = book.add(DANA, raised, 20, Role::Admin);
    let suspend = book.suspend(DANA, raised, BOLAT);
    let now = book.now();
    assert_eq!((role(&now, DANA), role(&now, 20)), (Some(Role::Editor), None));
    assert_eq!((void(&now, &used), void(&now, &suspend)), (Some("author-unfounded"), None), "an editor may suspend");
}

#[test]
fn who_was_let_in_by_two_admins_stays_when_one_of_them_is_removed_meanwhile() {
    let (mut book, head) = Book::with_four_admins();
    book.remove(FOUNDER, head, ANNA);
    let (one, two) = (book.add(ANNA, head, DANA, Role::Admin), book.add(BOLAT, head, DANA, Role::Admin));
    let both = RoleChange { member: device(CHINGIZ), role: Role::Editor, keeper: false, verified: true, cut: Vec::new() };
    let used = book.write(DANA, &[one, two], both);
    let now = book.now();
    assert_eq!((role(&now, DANA), void(&now, &used)), (Some(Role::Admin), None));
    assert_eq!(now.members[&device(DANA)].added_by, device(BOLAT));
}

#[test]
fn puppets_in_a_mutual_removal_do_not_reach_bystanders() {
    let (mut book, head) = Book::with_four_admins();
    book.remove(ANNA, head, BOLAT);
    book.remove(BOLAT, head, ANNA);
    let puppet = book.add(ANNA, head, DANA, Role::Admin);
    let strike = book.remove(DANA, puppet, CHINGIZ);
    let honest = book.add(CHINGIZ, head, 20, Role::Editor);
    let now = book.now();
    assert_eq!([void(&now, &puppet), void(&now, &strike)], [Some("author-removed"), Some("author-unfounded")]);
    assert_eq!((void(&now, &honest), role(&now, CHINGIZ), role(&now, 20)), (None, Some(Role::Admin), Some(Role::Editor)));
}

#[test]
fn removals_through_puppets_on_both_sides_hold_like_the_mutual_ones_they_are() {
    let (mut book, head) = Book::with_four_admins();
    let (left, right) = (book.add(ANNA, head, 20, Role::Admin), book.add(BOLAT, head, 21, Role::Admin));
    let (one, two) = (book.remove(20, left, BOLAT), book.remove(21, right, ANNA));
    let now = book.now();
    assert_eq!([void(&now, &one), void(&now, &two)], [None; 2]);
    assert_eq!([void(&now, &left), void(&now, &right)], [Some("author-removed"); 2]);
    assert!(now.admins().copied().collect::<std::collections::BTreeSet<_>>() == [device(FOUNDER), device(CHINGIZ)].into());
}

#[test]
fn a_member_who_removes_herself_keeps_what_she_said_before_and_nothing_beside() {
    let (mut book, head) = Book::with_four_admins();
    let out = book.remove(ANNA, head, ANNA);
    let beside = book.add(ANNA, head, DANA, Role::Reader);
    let now = book.now();
    assert_eq!((void(&now, &out), void(&now, &beside)), (None, Some("author-removed")));
    assert_eq!(role(&now, ANNA), None);
}
