//! Which parcels count.

use std::cell::RefCell;

use sandyq::team::{Admission, Facts, OperationId, Remove, Role, RoleChange, Suspend};

use super::{ANNA, BOLAT, Book, DANA, FOUNDER, device};

/// The parcel that every test asks about.
const PARCEL: [u8; 32] = [0x77; 32];

fn header() -> String {
    hex::encode(PARCEL)
}

/// Asks about a parcel of a person who knew these heads.
fn asked(book: &Book, person: u8, heads: &[OperationId], creates: bool) -> Admission {
    let log = book.log();
    let at = log.membership_at(heads).expect("known");
    let within = |list: &[String]| list.contains(&header());
    log.membership().admits(&Facts { id: PARCEL, device: device(person), log: heads, creates, within: &within, at: &at, log_of: &log })
}

fn with(role: Role) -> (Book, OperationId) {
    let (mut book, head) = Book::with_four_admins();
    let dana = book.add(FOUNDER, head, DANA, role);
    (book, dana)
}

#[test]
fn editors_write_capture_devices_make_new_records_and_readers_write_nothing() {
    let cases = [
        (Role::Admin, Admission::Admitted, Admission::Admitted),
        (Role::Editor, Admission::Admitted, Admission::Admitted),
        (Role::Reader, Admission::Forbidden(Role::Reader), Admission::Forbidden(Role::Reader)),
        (Role::Capture, Admission::Admitted, Admission::Forbidden(Role::Capture)),
    ];
    for (role, new, edit) in cases {
        let (book, dana) = with(role);
        assert_eq!((asked(&book, DANA, &[dana], true), asked(&book, DANA, &[dana], false)), (new, edit), "{role:?}");
    }
}

#[test]
fn who_was_no_member_for_his_own_log_is_a_stranger() {
    let (mut book, dana) = with(Role::Editor);
    assert_eq!(asked(&book, DANA, &[book.genesis], true), Admission::Stranger, "before");
    assert_eq!(asked(&book, 99, &[dana], true), Admission::Stranger, "never");
    let removal = book.remove(ANNA, dana, DANA);
    book.adopt(ANNA, removal, &[header()]);
    assert_eq!(asked(&book, DANA, &[removal], true), Admission::Stranger, "after, and no adopt helps");
}

#[test]
fn a_removal_leaves_what_its_list_names_and_several_leave_all_that_one_of_them_names() {
    let (mut book, dana) = with(Role::Editor);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Admitted);
    let one = book.remove(ANNA, dana, DANA);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::CutOff { op: one });
    let two = book.write(BOLAT, &[dana], Remove { member: device(DANA), cut: vec![header()] });
    assert_ne!(one, two);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Admitted);
}

#[test]
fn the_lists_of_several_removals_are_asked_as_one() {
    let (mut book, dana) = with(Role::Editor);
    for (by, head) in [(ANNA, "11"), (BOLAT, "22")] {
        book.write(by, &[dana], Remove { member: device(DANA), cut: vec![head.repeat(32)] });
    }
    let log = book.log();
    let at = log.membership_at(&[dana]).expect("known");
    let lists = RefCell::new(Vec::new());
    let within = |list: &[String]| {
        lists.borrow_mut().push(list.to_vec());
        false
    };
    log.membership().admits(&Facts { id: PARCEL, device: device(DANA), log: &[dana], creates: true, within: &within, at: &at, log_of: &log });
    let mut list = lists.into_inner().concat();
    list.sort();
    assert_eq!(list, ["11".repeat(32), "22".repeat(32)]);
}

#[test]
fn a_removal_that_the_author_knew_when_he_was_back_does_not_cut_off() {
    let (mut book, dana) = with(Role::Editor);
    let removal = book.remove(ANNA, dana, DANA);
    let back = book.add(ANNA, removal, DANA, Role::Editor);
    assert_eq!(asked(&book, DANA, &[back], false), Admission::Admitted);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::CutOff { op: removal });
}

#[test]
fn a_void_removal_cuts_nothing_off() {
    let (mut book, dana) = with(Role::Editor);
    book.remove(FOUNDER, dana, ANNA);
    book.remove(ANNA, dana, DANA);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Admitted);
}

#[test]
fn outside_the_list_of_a_demotion_the_lower_role_judges() {
    let (mut book, dana) = with(Role::Editor);
    let change = |role, cut| RoleChange { member: device(DANA), role, keeper: false, verified: true, cut };
    let mut listed = book.clone();
    listed.write(ANNA, &[dana], change(Role::Capture, vec![header()]));
    assert_eq!(asked(&listed, DANA, &[dana], false), Admission::Admitted);
    let down = book.write(ANNA, &[dana], change(Role::Capture, Vec::new()));
    assert_eq!(asked(&book, DANA, &[dana], true), Admission::Admitted);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Forbidden(Role::Capture));
    book.write(ANNA, &[down], change(Role::Admin, Vec::new()));
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Forbidden(Role::Capture), "a later rise does not reach back");
}

#[test]
fn a_later_rise_does_not_allow_what_the_role_of_its_log_forbids() {
    let (mut book, dana) = with(Role::Reader);
    let up = book.role(ANNA, dana, DANA, Role::Editor);
    assert_eq!(asked(&book, DANA, &[dana], true), Admission::Forbidden(Role::Reader));
    assert_eq!(asked(&book, DANA, &[up], true), Admission::Admitted);
}

#[test]
fn a_suspended_device_waits_with_all_that_the_list_does_not_name_until_it_is_lifted() {
    let (mut book, dana) = with(Role::Editor);
    let mut listed = book.clone();
    listed.write(ANNA, &[dana], Suspend { member: device(DANA), cut: vec![header()] });
    assert_eq!(asked(&listed, DANA, &[dana], false), Admission::Admitted);
    let suspension = book.suspend(ANNA, dana, DANA);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Suspended { op: suspension });
    assert_eq!(asked(&book, DANA, &[suspension], false), Admission::Suspended { op: suspension }, "also who knows it");
    book.lift(BOLAT, suspension, DANA);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Admitted);
}

#[test]
fn an_adopt_beats_a_cut_off_a_suspension_and_a_role() {
    let (mut book, dana) = with(Role::Reader);
    book.remove(ANNA, dana, DANA);
    book.suspend(BOLAT, dana, DANA);
    let adopt = book.adopt(FOUNDER, dana, &[header()]);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Adopted { op: adopt });
}

#[test]
fn a_set_aside_beats_everything_but_an_adopt_that_follows_it() {
    let (mut book, dana) = with(Role::Editor);
    let adopt = book.adopt(ANNA, dana, &[header()]);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Adopted { op: adopt });
    let aside = book.set_aside(BOLAT, dana, &[header()]);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::SetAside { op: aside }, "an adopt beside it is not enough");
    let again = book.adopt(ANNA, aside, &[header()]);
    assert!(matches!(asked(&book, DANA, &[dana], false), Admission::Adopted { .. }));
    let last = book.set_aside(BOLAT, again, &[header()]);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::SetAside { op: last });
    assert_eq!(asked(&book, 99, &[dana], false), Admission::SetAside { op: last });
}

#[test]
fn an_adopt_by_an_editor_adopts_nothing() {
    let (mut book, dana) = with(Role::Editor);
    let removal = book.remove(ANNA, dana, DANA);
    let editor = book.add(FOUNDER, dana, 20, Role::Editor);
    book.adopt(20, editor, &[header()]);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::CutOff { op: removal });
}

#[test]
fn whom_a_removed_admin_let_in_meanwhile_is_a_stranger_until_another_admin_lets_him_in() {
    let (mut book, head) = Book::with_four_admins();
    let removal = book.remove(FOUNDER, head, ANNA);
    let dana = book.add(ANNA, head, DANA, Role::Editor);
    assert_eq!(asked(&book, DANA, &[dana], true), Admission::Stranger);
    let mut adopted = book.clone();
    let adopt = adopted.adopt(FOUNDER, removal, &[header()]);
    assert_eq!(asked(&adopted, DANA, &[dana], true), Admission::Adopted { op: adopt });
    book.add(FOUNDER, removal, DANA, Role::Capture);
    assert_eq!(asked(&book, DANA, &[dana], true), Admission::Admitted);
    assert_eq!(asked(&book, DANA, &[dana], false), Admission::Forbidden(Role::Capture), "by the lower of both roles");
}

#[test]
fn a_role_that_a_removed_admin_gave_meanwhile_allows_nothing() {
    let (mut book, dana) = with(Role::Capture);
    book.remove(FOUNDER, dana, ANNA);
    let raised = book.role(ANNA, dana, DANA, Role::Editor);
    assert_eq!(asked(&book, DANA, &[raised], false), Admission::Forbidden(Role::Capture));
    assert_eq!(asked(&book, DANA, &[raised], true), Admission::Admitted);
}
