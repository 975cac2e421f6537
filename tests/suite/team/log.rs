use sandyq::team::{Log, Operation, Role, Signed, Taken};

use super::{ANNA, BOLAT, Book, FOUNDER, device, role, signed};

#[test]
fn an_operation_signed_by_another_device_or_of_another_casebook_is_not_taken() {
    let mut book = Book::new();
    book.add(FOUNDER, book.genesis, ANNA, Role::Admin);
    let mut log = Log::new(book.all[0].operation.casebook());
    let forged = Signed { author: device(BOLAT), ..book.all[1].clone() };
    assert_eq!(log.take(forged), Taken::NotOurs);
    let Operation::Genesis(mut other) = book.all[0].operation.clone() else { panic!("a genesis") };
    other.name = Some("elsewhere".into());
    assert_eq!(log.take(signed(Operation::Genesis(other))), Taken::NotOurs);
    assert_eq!(log.take(Signed { author: device(BOLAT), ..book.all[0].clone() }), Taken::New, "whoever passes on the genesis");
    assert_eq!(log.take(book.all[1].clone()), Taken::New);
    assert_eq!(log.take(book.all[1].clone()), Taken::Known);
}

#[test]
fn of_two_parcels_with_one_operation_the_smaller_hash_is_kept_in_any_order() {
    let book = Book::new();
    for parcels in [[[1; 32], [2; 32]], [[2; 32], [1; 32]]] {
        let mut log = Log::new(book.all[0].operation.casebook());
        for parcel in parcels {
            log.take(Signed { parcel, ..book.all[0].clone() });
        }
        assert_eq!(log.operation(&book.genesis).expect("here").parcel, [1; 32]);
    }
}

#[test]
fn an_operation_waits_for_what_its_author_knew() {
    let mut book = Book::new();
    let anna = book.add(FOUNDER, book.genesis, ANNA, Role::Admin);
    let bolat = book.add(ANNA, anna, BOLAT, Role::Editor);
    let mut log = Log::new(book.all[0].operation.casebook());
    log.take(book.all[2].clone());
    assert_eq!((log.missing().into_iter().collect::<Vec<_>>(), log.heads()), (vec![anna], vec![]));
    assert!(!log.knows(&bolat) && log.membership().members.is_empty() && log.membership_at(&[bolat]).is_none());
    log.take(book.all[0].clone());
    assert_eq!((log.heads(), log.waiting().count()), (vec![book.genesis], 1));
    assert_eq!(log.membership().members.len(), 1);
    log.take(book.all[1].clone());
    assert!(log.missing().is_empty() && log.knows(&bolat) && log.waiting().count() == 0);
    assert_eq!(log.heads(), [bolat]);
    assert_eq!(role(log.membership(), BOLAT), Some(Role::Editor));
}

#[test]
fn membership_at_older_heads_is_what_their_author_knew() {
    let mut book = Book::new();
    let anna = book.add(FOUNDER, book.genesis, ANNA, Role::Admin);
    let gone = book.remove(FOUNDER, anna, ANNA);
    let log = book.log();
    assert_eq!(role(&log.membership_at(&[anna]).expect("known"), ANNA), Some(Role::Admin));
    assert_eq!(role(&log.membership_at(&[gone, anna]).expect("known"), ANNA), None);
    assert_eq!(*log.membership_at(&log.heads()).expect("known"), *log.membership());
    assert!(log.membership_at(&[]).expect("nothing").members.is_empty());
    assert!(log.membership_at(&[[0; 32]]).is_none());
    assert!(log.is_ancestor(&book.genesis, &gone) && !log.is_ancestor(&gone, &anna) && !log.is_ancestor(&gone, &gone));
}

#[test]
fn operations_come_out_with_their_ancestors_first() {
    let (mut book, head) = Book::with_four_admins();
    let (a, b) = (book.add(ANNA, head, 20, Role::Reader), book.add(BOLAT, head, 21, Role::Reader));
    book.roll(ANNA, &[a, b], 1);
    let ids = |log: &Log| log.operations().iter().map(|signed| signed.operation.id()).collect::<Vec<_>>();
    let forward = ids(&book.log());
    let mut backward = Log::new(book.all[0].operation.casebook());
    for signed in book.all.iter().rev() {
        backward.take(signed.clone());
    }
    assert_eq!(ids(&backward), forward);
    assert_eq!(forward.len(), book.all.len());
    assert_eq!(forward[4..6], [a.min(b), a.max(b)]);
}

/// As long as a log is likely to get, with forks: resolved after every operation, as an exchange does it.
#[test]
fn a_log_of_five_hundred_operations_with_forks_is_taken_and_resolved() {
    let (mut book, mut head) = Book::with_four_admins();
    for round in 0..82_u8 {
        let person = 20 + round % 60;
        let one = book.add(ANNA, head, person, Role::Editor);
        let two = book.suspend(BOLAT, head, person);
        let three = book.remove([ANNA, BOLAT][usize::from(round % 2)], two, person);
        let four = book.role(person, one, ANNA, Role::Reader);
        let five = book.lift(FOUNDER, three, person);
        head = book.roll(FOUNDER, &[one, four, five], u64::from(round));
    }
    let log = book.log();
    assert_eq!(log.operations().len(), 496);
    assert_eq!((log.heads(), role(log.membership(), ANNA)), (vec![head], Some(Role::Admin)));
    assert_eq!(log.membership().epochs.len(), 83);
}
