//! What else the log settles: handles, places, settings, purges, suspensions.

use sandyq::team::{Badge, Closed, Object, Operation, OperationId, Place, Purge, Role, Setting};

use super::{ANNA, BOLAT, Book, CHINGIZ, DANA, FOUNDER, device, key, recipient, signed};

#[test]
fn a_handle_that_two_devices_share_is_followed_by_the_first_digits_of_the_key() {
    let mut book = Book::new();
    let anna = book.add(FOUNDER, book.genesis, ANNA, Role::Editor);
    assert_eq!(book.now().handle(&device(ANNA)).as_deref(), Some("M-2"));
    let Operation::Add(mut act) = book.all[1].operation.clone() else { panic!("an addition") };
    act.what.badge = Badge::new(&key(BOLAT), &recipient(BOLAT), "M-2");
    act.deps = vec![hex::encode(anna)];
    book.all.push(signed(Operation::Add(act)));
    let now = book.now();
    let told_apart = |person| format!("M-2/{}", &device(person).to_string()[..8]);
    assert_eq!(now.handle(&device(ANNA)), Some(told_apart(ANNA)));
    assert_eq!(now.handle(&device(BOLAT)), Some(told_apart(BOLAT)));
    assert_eq!((now.handle(&device(FOUNDER)).as_deref(), now.handle(&device(DANA))), (Some("M-1"), None));
}

#[test]
fn the_badge_of_a_removed_device_is_still_known() {
    let mut book = Book::new();
    let anna = book.add(FOUNDER, book.genesis, ANNA, Role::Editor);
    book.remove(FOUNDER, anna, ANNA);
    assert_eq!(book.now().badge(&device(ANNA)), Some(&super::badge(ANNA)));
}

fn place(book: &mut Book, by: u8, after: OperationId, pin: &str, gone: bool) -> OperationId {
    book.write(by, &[after], Place { address: "https://a".into(), pin: pin.repeat(32), gone })
}

#[test]
fn the_last_word_on_a_place_counts_and_of_two_at_once_the_larger_id() {
    let (mut book, head) = Book::with_four_admins();
    let pins = |book: &Book| book.now().places().map(|place| place.pin[..2].to_owned()).collect::<Vec<_>>();
    let first = place(&mut book, ANNA, head, "11", false);
    assert_eq!(pins(&book), ["11"]);
    let (a, b) = (place(&mut book, ANNA, first, "22", false), place(&mut book, BOLAT, first, "33", false));
    assert_eq!(pins(&book), [if a > b { "22" } else { "33" }]);
    book.write(CHINGIZ, &[a, b], Place { address: "https://a".into(), pin: "22".repeat(32), gone: true });
    assert!(pins(&book).is_empty());
}

#[test]
fn the_last_word_on_a_setting_counts_and_of_two_at_once_the_larger_id() {
    let (mut book, head) = Book::with_four_admins();
    let mut set = |by, after: OperationId, value: &str| book.write(by, &[after], Setting { name: "late".into(), value: value.into() });
    let first = set(ANNA, head, "1");
    let (a, b) = (set(ANNA, first, "2"), set(BOLAT, first, "3"));
    assert_eq!(book.now().settings()["late"], if a > b { "2" } else { "3" });
}

#[test]
fn a_purge_lists_the_admins_who_want_the_same_and_those_who_object() {
    let (mut book, head) = Book::with_four_admins();
    let (one, two) = ("11".repeat(32), "22".repeat(32));
    let purge = |headers: [&String; 2]| Purge { record: "33".repeat(32), headers: headers.map(Clone::clone).to_vec(), replaced_by: None };
    let first = book.write(ANNA, &[head], purge([&one, &two]));
    book.write(BOLAT, &[head], purge([&two, &one]));
    book.write(CHINGIZ, &[head], purge([&one, &one]));
    book.write(FOUNDER, &[head], Object { purge: hex::encode(first) });
    let purging = &book.now().purges[&first];
    assert_eq!(purging.admins, [device(ANNA), device(BOLAT)].into());
    assert_eq!(purging.objections, [device(FOUNDER)].into());
    assert_eq!(book.now().purges.len(), 3);
}

#[test]
fn a_device_says_for_itself_that_it_closed_an_epoch() {
    let (mut book, head) = Book::with_four_admins();
    let closed = book.write(ANNA, &[head], Closed { epoch: 0, epoch_id: None, heads: vec!["11".repeat(32)] });
    let now = book.now();
    assert_eq!((now.closed[&closed].device, now.closed[&closed].closed.heads.len()), (device(ANNA), 1));
}

#[test]
fn a_suspension_lasts_until_an_admin_who_knows_it_lifts_it() {
    let (mut book, head) = Book::with_four_admins();
    let editor = book.add(FOUNDER, head, DANA, Role::Editor);
    let suspension = book.suspend(DANA, editor, ANNA);
    book.lift(BOLAT, editor, ANNA);
    assert_eq!(book.now().members[&device(ANNA)].suspended, Some(suspension), "a lift that did not know it");
    book.lift(DANA, suspension, ANNA);
    assert_eq!(book.now().members[&device(ANNA)].suspended, Some(suspension), "an editor cannot lift");
    book.lift(BOLAT, suspension, ANNA);
    assert_eq!(book.now().members[&device(ANNA)].suspended, None);
}

#[test]
fn a_suspended_admin_still_has_a_say_in_the_log() {
    let (mut book, head) = Book::with_four_admins();
    let editor = book.add(FOUNDER, head, DANA, Role::Editor);
    let suspension = book.suspend(DANA, editor, ANNA);
    let add = book.add(ANNA, suspension, 20, Role::Reader);
    assert!(!book.now().void.contains_key(&add));
}
