//! What an honest relay is for the client: a place like others, with pages, older mailboxes, a notice, a quota.

use sandyq::transport::relay::{Access, Options, Relay};
use sandyq::transport::{FaultKind, Listing, Mailbox, Remembered, TransportError};
use sandyq::wire::Failure;

use super::model::{Model, TICKET, id};
use super::{access, relay};
use crate::transport::{Files, list};

fn met(model: &Model, accesses: Vec<Access>) -> Relay {
    relay(model.address(), accesses)
}

fn all(model: &Model) -> Relay {
    met(model, vec![access(1)])
}

/// The keys of an editor.
pub fn editor(seed: u8) -> Access {
    Access { owner: None, ..access(seed) }
}

fn capture(seed: u8) -> Access {
    Access { owner: None, read: None, ..access(seed) }
}

#[test]
fn what_one_device_left_another_lists_once_and_fetches() {
    let (model, files) = (Model::start(), Files::five(1));
    let left = files.leave(&mut all(&model));
    assert_eq!((left.left, left.not_left.len()), (files.names(), 0));
    let mut other = met(&model, vec![editor(1)]);
    let listing = list(&mut other);
    assert_eq!((listing.names, listing.faults.len()), (files.names(), 0));
    files.are_at(&mut other);
    let again = other.list(&listing.memory).expect("listed");
    assert_eq!((again.names.len(), again.remembered_holds, again.memory), (0, true, listing.memory));
}

#[test]
fn only_what_came_since_is_listed_and_numbers_that_fit_save_the_rest() {
    let (model, first, second) = (Model::start(), Files::five(1), Files::five(2));
    let memory = first.leave(&mut all(&model)).memory;
    second.leave(&mut all(&model));
    model.asked("GET");
    let listing = all(&model).list(&memory).expect("listed");
    assert_eq!((listing.names, listing.remembered_holds), (second.names(), true));
    let asked = model.asked("GET");
    assert!(asked.len() == 2 && asked[1].contains("after=4&"), "from the last known file on: {asked:?}");
}

#[test]
fn list_is_the_same_in_pages_of_any_size() {
    let (model, files) = (Model::start(), Files::new(3, &[600; 12]));
    let memory = files.leave(&mut all(&model)).memory;
    for size in 1..=13 {
        model.state().page = size;
        let listing = list(&mut all(&model));
        assert_eq!((listing.names, listing.faults.len(), &listing.memory), (files.names(), 0, &memory), "{size}");
    }
}

#[test]
fn what_another_device_left_in_between_is_not_taken_for_known() {
    let (model, ours, theirs) = (Model::start(), Files::five(1), Files::five(2));
    let mut place = all(&model);
    list(&mut place);
    Files::new(3, &[700]).leave(&mut all(&model));
    theirs.leave(&mut all(&model));
    let left = ours.leave(&mut place);
    let listing = place.list(&left.memory).expect("listed");
    assert!(theirs.names().iter().all(|name| listing.names.contains(name)), "nobody's file is passed over");
}

#[test]
fn mailbox_is_made_by_a_ticket_or_by_work_and_only_by_its_owner() {
    let (model, files) = (Model::start(), Files::five(1));
    assert!(matches!(files.try_leave(&mut met(&model, vec![editor(1)]), &files.names()), Err(TransportError::NoMailbox)));
    model.state().work_bits = None;
    assert!(matches!(files.try_leave(&mut all(&model), &files.names()), Err(TransportError::Refused(Failure::Ticket))));
    let options = Options { tickets: vec!["Tspent".to_owned(), TICKET.to_owned()], ..Options::default() };
    files.leave(&mut Relay::at(model.address(), vec![access(1)], &options).expect("a relay"));
    assert!(model.state().tickets.is_empty());
    model.state().work_bits = Some(6);
    files.leave(&mut met(&model, vec![access(2)]));
    model.state().work_bits = Some(250);
    assert!(matches!(files.try_leave(&mut met(&model, vec![access(3)]), &files.names()), Err(TransportError::Refused(Failure::Ticket))), "no work without end");
}

#[test]
fn device_that_only_writes_leaves_and_lists_nothing() {
    let (model, files) = (Model::start(), Files::five(1));
    all(&model).list(&Remembered::default()).expect("listed");
    Files::new(2, &[700]).leave(&mut all(&model));
    let mut place = met(&model, vec![capture(1)]);
    let memory = Remembered(vec![("0011223344556677:3:".to_owned() + &"ab".repeat(32), 3)]);
    let empty = place.list(&Remembered::default()).expect("listed");
    assert_eq!(empty, Listing { remembered_holds: true, ..Listing::default() });
    assert!(!place.list(&memory).expect("listed").remembered_holds, "a part of another mailbox is not there");
    assert_eq!(files.leave(&mut place).left, files.names());
    assert!(model.asked("GET").iter().filter(|target| target.contains("/files")).count() <= 2, "its list was asked for by nobody else");
    assert_eq!(list(&mut all(&model)).names.len(), 6);
}

#[test]
fn device_without_a_key_that_writes_can_only_read() {
    let (model, files) = (Model::start(), Files::five(1));
    files.leave(&mut all(&model));
    let mut keeper = met(&model, vec![Access { owner: None, write: None, ..access(1) }]);
    assert_eq!(list(&mut keeper).names, files.names());
    assert!(matches!(files.try_leave(&mut keeper, &files.names()), Err(TransportError::NotWritable)));
    assert!(matches!(files.try_leave(&mut met(&model, vec![]), &files.names()), Err(TransportError::NoMailbox)));
}

#[test]
fn older_mailboxes_are_listed_and_never_put_to() {
    let (model, old, new) = (Model::start(), Files::five(1), Files::five(2));
    old.leave(&mut all(&model));
    let mut place = met(&model, vec![access(2), editor(1)]);
    new.leave(&mut place);
    let listing = list(&mut place);
    assert_eq!((listing.names, listing.beside), (new.names(), old.names()), "what lies in an older one is not there for whoever comes later");
    old.are_at(&mut place);
    new.are_at(&mut place);
    assert_eq!((listing.memory.0.len(), place.list(&listing.memory).expect("listed").names.len()), (2, 0));
    assert!(place.list(&listing.memory).expect("listed").beside.is_empty());
    let state = model.state();
    assert_eq!((state.mailboxes[&id(&access(1))].files.len(), state.mailboxes[&id(&access(2))].files.len()), (5, 5));
}

#[test]
fn mailbox_whose_keys_are_gone_makes_everything_be_listed_again() {
    let (model, old, new) = (Model::start(), Files::five(1), Files::five(2));
    old.leave(&mut all(&model));
    let mut both = met(&model, vec![access(2), access(1)]);
    new.leave(&mut both);
    let memory = list(&mut both).memory;
    let listing = met(&model, vec![access(2)]).list(&memory).expect("listed");
    assert_eq!((listing.remembered_holds, listing.names, listing.memory.0.len()), (false, new.names(), 1));
    both.delete(&access(1).id).expect("deleted");
    both.delete(&access(1).id).expect("it is gone already");
    let listing = both.list(&memory).expect("listed");
    assert_eq!((listing.remembered_holds, listing.names), (false, new.names()));
    assert!(matches!(old.try_leave(&mut all(&model), &old.names()), Err(TransportError::Refused(Failure::Deleted))));
}

#[test]
fn frozen_mailbox_gives_its_notice_to_readers_and_everything_to_its_owner() {
    let (model, files, keys) = (Model::start(), Files::five(1), Files::new(2, &[900, 1200]));
    let memory = files.leave(&mut all(&model)).memory;
    let sealed: Vec<_> = keys.names().iter().map(|name| keys.open(name).expect("there")).collect();
    let mut owner = all(&model);
    assert!(!owner.is_frozen(&access(1).id).expect("told"));
    owner.freeze(&access(1).id, &sealed).expect("frozen");
    assert!(owner.is_frozen(&access(1).id).expect("told"));
    let mut reader = met(&model, vec![editor(1)]);
    let listing = reader.list(&memory).expect("listed");
    assert_eq!((listing.beside, listing.remembered_holds, listing.faults.len()), (keys.names(), true, 0));
    assert_eq!(listing.memory.0.len(), 2, "the list, which went nowhere, and the notice");
    keys.are_at(&mut reader);
    let again = reader.list(&listing.memory).expect("listed");
    assert_eq!((again.names.len() + again.beside.len(), again.remembered_holds), (0, true));
    let late = Files::new(3, &[500]);
    assert_eq!(late.leave(&mut reader).left, late.names(), "what a straggler wrote is still taken");
    assert_eq!(owner.list(&memory).expect("listed").names, late.names());
}

#[test]
fn notice_is_judged_as_a_pack_is() {
    let (model, files, keys) = (Model::start(), Files::five(1), Files::new(2, &[900, 1200]));
    files.leave(&mut all(&model));
    let pack = keys.pack();
    let swapped = {
        let mut pack = pack.clone();
        pack[600] ^= 1;
        pack
    };
    let mut reader = met(&model, vec![editor(1)]);
    model.state().mailboxes.get_mut(&id(&access(1))).expect("there").notice = Some(pack[..2100].to_vec());
    let cut = list(&mut reader);
    assert_eq!((cut.beside.len(), cut.faults[0].kind, cut.memory.0.len()), (1, FaultKind::Truncated, 0));
    model.state().mailboxes.get_mut(&id(&access(1))).expect("there").notice = Some(swapped);
    let listing = list(&mut reader);
    let damaged = listing.beside.iter().filter(
        |name| matches!(reader.fetch(name), Err(TransportError::Damaged(fault)) if fault.kind == FaultKind::WrongBytes && fault.part == listing.memory.0[0].0),
    );
    assert_eq!(damaged.count(), 1);
    model.state().mailboxes.get_mut(&id(&access(1))).expect("there").notice = Some(vec![0; 300_000]);
    assert!(matches!(reader.list(&Remembered::default()), Err(TransportError::OddAnswer)), "longer than any notice");
    let large = Files::new(4, &[300_000]);
    let sealed = [large.open(&large.names()[0]).expect("there")];
    assert!(matches!(all(&model).freeze(&access(1).id, &sealed), Err(TransportError::TooLarge)));
    assert!(matches!(reader.freeze(&access(1).id, &[]), Err(TransportError::NoMailbox)), "only by its owner");
}

#[test]
fn full_mailbox_takes_what_fits_and_keeps_a_tenth_for_small_files_of_the_owner() {
    let (model, large, small) = (Model::start(), Files::new(1, &[80_000; 12]), Files::new(2, &[2000; 3]));
    Files::new(3, &[10]).leave(&mut all(&model));
    model.state().mailboxes.get_mut(&id(&access(1))).expect("there").quota = 500_000;
    let mut editor = met(&model, vec![editor(1)]);
    let left = large.try_leave(&mut editor, &large.names()).expect("no error");
    assert_eq!((left.left.len(), left.not_left.len(), left.broke), (5, 7, None));
    assert_eq!(left.not_left, large.names()[5..], "the most urgent first");
    let filler = Files::new(4, &[49_000]);
    filler.leave(&mut editor);
    assert_eq!(small.try_leave(&mut editor, &small.names()).expect("no error").not_left, small.names());
    assert_eq!(small.try_leave(&mut all(&model), &small.names()).expect("no error").left, small.names());
    assert_eq!(large.try_leave(&mut all(&model), &left.not_left).expect("no error").left.len(), 0);
}

#[test]
fn two_mailboxes_are_never_asked_over_one_connection() {
    let (model, files) = (Model::start(), Files::five(1));
    files.leave(&mut all(&model));
    files.leave(&mut met(&model, vec![access(2)]));
    let before = model.state().connections;
    list(&mut met(&model, vec![access(2), access(1)]));
    assert_eq!(model.state().connections - before, 2);
}
