//! Who may say what.

use sandyq::team::{Add, Closed, Object, Operation, OperationId, Place, Purge, Role, RoleChange, Setting};

use super::{ANNA, BOLAT, Book, CHINGIZ, CODE, DANA, FOUNDER, RECOVERY, badge, device, role, void};

#[test]
fn the_founder_is_admin_keeper_and_verified() {
    let book = Book::new();
    let now = book.now();
    let founder = &now.members[&device(FOUNDER)];
    assert!(founder.role == Role::Admin && founder.keeper && founder.verified && !founder.invited && founder.added_by == device(FOUNDER));
    assert!(now.admins().eq([&device(FOUNDER)]) && now.keepers().eq([&device(FOUNDER)]));
    assert_eq!(now.name.as_deref(), Some("Abay avenue"));
}

/// Writes one operation of every kind by a person, and returns those that are void.
fn void_by(person: u8) -> Vec<&'static str> {
    let (mut book, head) = Book::with_four_admins();
    let editor = book.add(FOUNDER, head, 20, Role::Editor);
    let reader = book.add(FOUNDER, editor, 21, Role::Reader);
    let after = book.add(FOUNDER, reader, 22, Role::Capture);
    let header = "11".repeat(32);
    let kinds: Vec<(&'static str, OperationId)> = vec![
        ("add", book.add(person, after, 30, Role::Reader)),
        ("role", book.role(person, after, 21, Role::Editor)),
        ("remove", book.remove(person, after, 22)),
        ("roll", book.roll(person, &[after], 1)),
        ("adopt", book.adopt(person, after, std::slice::from_ref(&header))),
        ("set-aside", book.set_aside(person, after, std::slice::from_ref(&header))),
        ("suspend", book.suspend(person, after, 21)),
        ("lift", book.lift(person, after, 21)),
        ("invite", book.invite(person, after, 3)),
        ("purge", book.write(person, &[after], Purge { record: header.clone(), headers: Vec::new(), replaced_by: None })),
        ("object", book.write(person, &[after], Object { purge: header.clone() })),
        ("closed", book.write(person, &[after], Closed { epoch: 0, epoch_id: None, heads: Vec::new() })),
        ("place", book.write(person, &[after], Place { address: "https://a".into(), pin: header.clone(), gone: false })),
        ("setting", book.write(person, &[after], Setting { name: "a".into(), value: "1".into() })),
    ];
    let now = book.now();
    let expected = if (20..=22).contains(&person) { "author-without-right" } else { "author-unknown" };
    kinds.iter().for_each(|(_, id)| assert!(void(&now, id).is_none_or(|code| code == expected)));
    kinds.into_iter().filter(|(_, id)| now.void.contains_key(id)).map(|(kind, _)| kind).collect()
}

#[test]
fn an_admin_may_everything_and_nobody_else_more_than_to_suspend_and_to_close() {
    let all = ["add", "role", "remove", "roll", "adopt", "set-aside", "suspend", "lift", "invite", "purge", "object", "closed", "place", "setting"];
    let without = |may: &[&str]| all.into_iter().filter(|kind| !may.contains(kind)).collect::<Vec<_>>();
    assert!(void_by(ANNA).is_empty());
    assert_eq!(void_by(20), without(&["suspend", "closed"]), "an editor");
    assert_eq!(void_by(21), without(&["closed"]), "a reader");
    assert_eq!(void_by(22), without(&["closed"]), "a capture device");
    assert_eq!(void_by(99), all, "a stranger");
    assert_eq!(void_by(CODE), all, "a key of no invitation");
}

#[test]
fn the_recovery_key_lets_an_admin_in_and_does_nothing_else() {
    let mut book = Book::new();
    let admin = book.add(RECOVERY, book.genesis, ANNA, Role::Admin);
    let editor = book.add(RECOVERY, book.genesis, BOLAT, Role::Editor);
    let removal = book.remove(RECOVERY, admin, FOUNDER);
    let now = book.now();
    assert_eq!(role(&now, ANNA), Some(Role::Admin));
    assert_eq!((void(&now, &admin), role(&now, BOLAT), role(&now, FOUNDER)), (None, None, Some(Role::Admin)));
    assert_eq!([void(&now, &editor), void(&now, &removal)], [Some("author-without-right"); 2]);
}

#[test]
fn the_recovery_key_lets_an_admin_in_after_every_admin_was_lost_and_cannot_be_removed() {
    let (mut book, head) = Book::with_four_admins();
    let lost = [ANNA, BOLAT, CHINGIZ, FOUNDER].into_iter().fold(head, |head, person| book.remove(FOUNDER, head, person));
    assert!(book.now().members.is_empty(), "no rule keeps a last admin");
    book.remove(ANNA, head, RECOVERY);
    let back = book.add(RECOVERY, lost, DANA, Role::Admin);
    book.add(DANA, back, ANNA, Role::Editor);
    let now = book.now();
    assert_eq!((role(&now, DANA), role(&now, ANNA)), (Some(Role::Admin), Some(Role::Editor)));
}

#[test]
fn rights_are_judged_by_what_the_author_knew() {
    let mut book = Book::new();
    let anna = book.add(FOUNDER, book.genesis, ANNA, Role::Editor);
    let admin = book.role(FOUNDER, anna, ANNA, Role::Admin);
    let early = book.add(ANNA, anna, BOLAT, Role::Reader);
    let late = book.add(ANNA, admin, CHINGIZ, Role::Reader);
    let now = book.now();
    assert_eq!((void(&now, &early), void(&now, &late)), (Some("author-without-right"), None));
    assert_eq!((role(&now, BOLAT), role(&now, CHINGIZ)), (None, Some(Role::Reader)));
}

#[test]
fn of_concurrent_roles_the_lowest_counts_until_an_admin_who_knows_both_decides() {
    let (mut book, head) = Book::with_four_admins();
    let dana = book.add(FOUNDER, head, DANA, Role::Capture);
    let (up, down) = (book.role(ANNA, dana, DANA, Role::Editor), book.role(BOLAT, dana, DANA, Role::Reader));
    assert_eq!(role(&book.now(), DANA), Some(Role::Reader));
    let both = RoleChange { member: device(DANA), role: Role::Admin, keeper: false, verified: true, cut: Vec::new() };
    book.write(ANNA, &[up, down], both);
    assert_eq!(role(&book.now(), DANA), Some(Role::Admin));
}

#[test]
fn of_concurrent_marks_both_must_say_yes() {
    let (mut book, head) = Book::with_four_admins();
    let says = |keeper, verified| Add { badge: badge(DANA), role: Role::Editor, keeper, verified, invite: None };
    let yes = book.write(ANNA, &[head], says(true, true));
    assert!(book.now().members[&device(DANA)].keeper);
    let no = book.write(BOLAT, &[head], says(false, true));
    let now = book.now();
    assert!(!now.members[&device(DANA)].keeper && now.members[&device(DANA)].verified);
    book.write(CHINGIZ, &[yes, no], RoleChange { member: device(DANA), role: Role::Editor, keeper: true, verified: false, cut: Vec::new() });
    let now = book.now();
    assert!(now.members[&device(DANA)].keeper && !now.members[&device(DANA)].verified);
}

#[test]
fn an_operation_that_needs_more_than_a_concurrent_demotion_leaves_is_void() {
    let (mut book, head) = Book::with_four_admins();
    let demoted = book.role(FOUNDER, head, ANNA, Role::Editor);
    let (add, suspend) = (book.add(ANNA, head, DANA, Role::Reader), book.suspend(ANNA, head, BOLAT));
    let now = book.now();
    assert_eq!((void(&now, &add), void(&now, &suspend)), (Some("author-demoted"), None));
    assert_eq!((void(&now, &demoted), role(&now, DANA), role(&now, ANNA)), (None, None, Some(Role::Editor)));
}

#[test]
fn mutual_demotions_both_hold() {
    let (mut book, head) = Book::with_four_admins();
    book.role(ANNA, head, BOLAT, Role::Reader);
    book.role(BOLAT, head, ANNA, Role::Reader);
    let now = book.now();
    assert_eq!((role(&now, ANNA), role(&now, BOLAT), now.void.len()), (Some(Role::Reader), Some(Role::Reader), 0));
}

#[test]
fn every_operation_of_a_stranger_stays_in_the_log_with_its_reason() {
    let mut book = Book::new();
    let foreign = book.add(ANNA, book.genesis, ANNA, Role::Admin);
    let more = book.add(ANNA, foreign, BOLAT, Role::Admin);
    let now = book.now();
    assert_eq!([void(&now, &foreign), void(&now, &more)], [Some("author-unknown"); 2]);
    assert!(matches!(book.log().operation(&more).expect("kept").operation, Operation::Add(_)));
    assert_eq!(now.members.len(), 1);
}
