//! Relays that lie or lose: what they can do is to give less than they have, and that is seen or does no harm.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sandyq::transport::{Broke, FaultKind, Mailbox, Name, Remembered, TransportError};
use sandyq::wire::Failure;
use sandyq::wire::body::{Entry, Page};
use sandyq::wire::limits::MAX_FILE;

use super::exchange::editor;
use super::model::{Model, id};
use super::{access, relay};
use crate::transport::{Files, kinds, list};

/// A relay with five files, and what is remembered of it.
fn filled() -> (Model, Files, Remembered) {
    let (model, files) = (Model::start(), Files::five(1));
    let memory = files.leave(&mut relay(model.address(), vec![access(1)])).memory;
    (model, files, memory)
}

/// Leaves files after a look, and returns what is remembered then.
fn seen_and_left(model: &Model, files: &Files) -> Remembered {
    let mut place = relay(model.address(), vec![access(1)]);
    list(&mut place);
    files.leave(&mut place).memory
}

fn reader(model: &Model) -> sandyq::transport::relay::Relay {
    relay(model.address(), vec![editor(1)])
}

#[test]
fn relay_restored_from_an_old_backup_is_seen_and_gets_everything_again() {
    let (model, files, memory) = filled();
    let backup = model.state().mailboxes.clone();
    let more = Files::five(2);
    let now = seen_and_left(&model, &more);
    model.state().mailboxes = backup;
    let mut place = reader(&model);
    let listing = place.list(&now).expect("listed");
    assert_eq!((listing.remembered_holds, listing.names, &listing.memory), (false, files.names(), &memory));
    // Whoever has the lost files leaves them again, also where the numbers were given to others meanwhile.
    Files::five(3).leave(&mut place);
    assert!(!place.list(&now).expect("listed").remembered_holds, "the numbers fit and the name does not");
    more.leave(&mut place);
    assert_eq!(list(&mut place).names.len(), 15);
}

#[test]
fn relay_that_lost_its_mailbox_gets_it_again() {
    let (model, files, memory) = filled();
    model.state().mailboxes.clear();
    let mut place = relay(model.address(), vec![access(1)]);
    let listing = place.list(&memory).expect("listed");
    assert_eq!((listing.remembered_holds, listing.names.len(), listing.memory), (false, 0, Remembered::default()));
    assert_eq!(files.leave(&mut place).left, files.names());
}

#[test]
fn file_that_is_left_out_of_the_list_is_missed_or_not_counted_as_there() {
    let (model, files, memory) = filled();
    // Left out, with the sum as it was.
    model.lie_in_pages(|_, page| page.files = page.files.iter().take(1).chain(page.files.iter().skip(2)).copied().collect());
    let listing = list(&mut reader(&model));
    assert_eq!((listing.names.len(), kinds(&listing), listing.memory), (4, vec![FaultKind::ListOdd], Remembered::default()));
    // Left out, and the sum made to fit: it does not fit what is remembered.
    model.lie_in_pages(|request, page| {
        page.count -= 1;
        if request.target.contains("after=0&") {
            page.files.remove(1);
        }
    });
    let listing = reader(&model).list(&memory).expect("listed");
    assert_eq!((listing.remembered_holds, listing.names.len()), (false, 4));
    let missing: Vec<Name> = files.names().into_iter().filter(|name| !listing.names.contains(name)).collect();
    assert_eq!(missing.len(), 1, "this one is left again by whoever has it");
}

#[test]
fn old_list_that_is_played_again_is_seen_by_whoever_saw_a_newer_one() {
    let (model, _, memory) = filled();
    let old = model.state().mailboxes[&id(&access(1))].clone();
    let now = seen_and_left(&model, &Files::five(2));
    model.state().mailboxes.insert(id(&access(1)), old);
    assert!(!reader(&model).list(&now).expect("listed").remembered_holds);
    assert!(reader(&model).list(&memory).expect("listed").remembered_holds, "whoever saw no newer one waits no longer than for a relay that is away");
}

/// Every file is listed, and the fault is told, under this lie.
fn harmless(lie: impl Fn(&mut Page) + Send + Sync + 'static) {
    let (model, files, memory) = filled();
    model.lie_in_pages(move |_, page| lie(page));
    let mut place = reader(&model);
    let listing = list(&mut place);
    assert_eq!((listing.names, listing.faults[0].kind, listing.memory), (files.names(), FaultKind::ListOdd, Remembered::default()));
    files.are_at(&mut place);
    let listing = reader(&model).list(&memory).expect("listed");
    assert!(listing.remembered_holds || listing.names == files.names(), "what is left of it holds, or all is read again");
}

#[test]
fn repeated_and_surplus_entries_do_no_harm() {
    harmless(|page| page.files.extend(page.files.clone()));
    harmless(|page| page.files.push(Entry { n: page.last + 1, ..page.files[0] }));
    harmless(|page| page.count += 1);
    harmless(|page| page.count = u64::MAX);
}

#[test]
fn entries_out_of_order_do_no_harm() {
    harmless(|page| page.files.reverse());
    harmless(|page| page.files.iter_mut().for_each(|entry| entry.n = 1));
    harmless(|page| page.files.iter_mut().for_each(|entry| entry.n = 0));
}

#[test]
fn page_with_odd_bodies_is_an_error_and_no_panic() {
    let (model, ..) = filled();
    for body in ["", "[]", "{}", "{\"files\":[{\"n\":-1}]}", "null", "{\"files\":[],\"last\":0,\"count\":0,\"more\":\"yes\",\"frozen\":false}"] {
        model.lie(move |request, status, said| if request.target.contains("/files?") { (200, body.as_bytes().to_vec()) } else { (status, said) });
        assert!(matches!(reader(&model).list(&Remembered::default()), Err(TransportError::OddAnswer)), "{body}");
    }
    model.lie(|request, status, said| if request.target.contains("/files?") { (200, vec![b' '; 1_000_000]) } else { (status, said) });
    assert!(matches!(reader(&model).list(&Remembered::default()), Err(TransportError::OddAnswer)));
}

#[test]
fn list_that_never_ends_is_read_for_so_long_and_no_longer() {
    let (model, files, _) = filled();
    model.lie_in_pages(|_, page| page.more = true);
    let listing = list(&mut reader(&model));
    assert_eq!((kinds(&listing), listing.names), (vec![FaultKind::ListOdd], files.names()), "a page that brings nothing is the last");
    model.asked("GET");
    // One new file a page, for ever.
    let drawn = AtomicU64::new(0);
    model.lie_in_pages(move |_, page| {
        let n = drawn.fetch_add(1, Ordering::SeqCst) + 1;
        let mut name = [0; 32];
        name[..8].copy_from_slice(&n.to_be_bytes());
        *page = Page { files: vec![Entry { n, name: sandyq::wire::FileName(name), size: 1 }], last: n, count: n, more: true, frozen: false };
    });
    let listing = list(&mut reader(&model));
    assert_eq!(kinds(&listing), [FaultKind::TooMany]);
    assert!(model.asked("GET").len() < 1200, "some more pages than a full list of a million has");
    assert_eq!(listing.memory, Remembered::default());
}

#[test]
fn numbers_at_the_end_of_all_numbers_do_no_harm() {
    let (model, files, memory) = filled();
    model.lie_in_pages(|_, page| {
        page.files.iter_mut().for_each(|entry| entry.n += u64::MAX - 5);
        page.last = u64::MAX;
    });
    let listing = reader(&model).list(&memory).expect("listed");
    assert_eq!((listing.remembered_holds, listing.names), (false, files.names()));
    assert!(reader(&model).list(&listing.memory).is_ok());
}

#[test]
fn file_over_the_limit_or_without_a_byte_is_not_listed() {
    let (model, files, _) = filled();
    for size in [0, MAX_FILE + 1, u64::MAX] {
        model.lie_in_pages(move |_, page| page.files[2].size = size);
        let listing = list(&mut reader(&model));
        assert_eq!((listing.names.len(), kinds(&listing)), (4, vec![FaultKind::TooLarge]));
        assert!(listing.names.iter().all(|name| files.names().contains(name)));
    }
}

#[test]
fn swapped_byte_is_damage_of_the_part_that_is_remembered() {
    let (model, files, _) = filled();
    let mut place = reader(&model);
    let listing = list(&mut place);
    let swaps: [fn(&mut Vec<u8>); 4] = [
        |body| *body.last_mut().expect("a byte") ^= 1,
        |body| body.truncate(body.len() - 1),
        |body| body.push(0),
        |body| *body = vec![7; MAX_FILE as usize + 1],
    ];
    let expected = [FaultKind::WrongBytes, FaultKind::WrongBytes, FaultKind::WrongBytes, FaultKind::TooLarge];
    for (swap, expected) in swaps.into_iter().zip(expected) {
        model.lie(move |request, status, mut body| {
            if request.target.contains("/files/") {
                swap(&mut body);
            }
            (status, body)
        });
        for name in files.names() {
            let Err(TransportError::Damaged(fault)) = place.fetch(&name) else { panic!("{name}") };
            assert_eq!((fault.kind, &fault.part), (expected, &listing.memory.0[0].0));
        }
    }
    model.is_honest_again();
    files.are_at(&mut place);
}

#[test]
fn another_file_than_asked_for_is_damage() {
    let (model, files, _) = filled();
    let mut place = reader(&model);
    list(&mut place);
    let other = files.open(&files.names()[0]).expect("there").into_bytes();
    model.lie(move |request, status, body| if request.target.contains("/files/") { (status, other.clone()) } else { (status, body) });
    assert!(place.fetch(&files.names()[0]).is_ok());
    for name in &files.names()[1..] {
        assert!(matches!(place.fetch(name), Err(TransportError::Damaged(fault)) if fault.kind == FaultKind::WrongBytes));
    }
}

#[test]
fn file_that_is_listed_and_not_given_is_told_and_stops_nothing() {
    let (model, files, _) = filled();
    let mut place = reader(&model);
    list(&mut place);
    let gone = files.names()[1].to_string();
    model.lie(move |request, status, body| if request.target.ends_with(&gone) { (404, b"{\"error\":\"no-file\"}".to_vec()) } else { (status, body) });
    assert!(matches!(place.fetch(&files.names()[1]), Err(TransportError::Damaged(fault)) if fault.kind == FaultKind::NotGiven));
    assert!(place.fetch(&files.names()[0]).is_ok());
    assert!(matches!(place.fetch(&Name([9; 32])), Err(TransportError::NotListed)));
}

#[test]
fn name_in_two_mailboxes_is_taken_from_the_one_whose_bytes_fit() {
    let (model, files, _) = filled();
    files.leave(&mut relay(model.address(), vec![access(2)]));
    let first = id(&access(2));
    model.lie(move |request, status, mut body| {
        if request.target.contains(&first) && request.target.contains("/files/") {
            body[0] ^= 1;
        }
        (status, body)
    });
    let mut place = relay(model.address(), vec![editor(2), editor(1)]);
    assert_eq!(list(&mut place).names, files.names());
    files.are_at(&mut place);
}

#[test]
fn nothing_counts_as_left_but_what_the_relay_acknowledged() {
    let (model, files, ..) = filled();
    let more = Files::five(2);
    let answers: [(u16, &[u8]); 5] = [(202, b"{}"), (204, b""), (302, b""), (400, b"{\"error\":\"malformed\"}"), (503, b"{\"error\":\"store\"}")];
    for (status, body) in answers {
        let (count, after) = (Arc::new(AtomicU64::new(0)), 2);
        model.lie(move |request, honest, said| {
            let put = request.method == "PUT" && request.target.contains("/files/");
            if put && count.fetch_add(1, Ordering::SeqCst) >= after { (status, body.to_vec()) } else { (honest, said) }
        });
        match more.try_leave(&mut relay(model.address(), vec![access(1)]), &more.names()) {
            Ok(left) => assert_eq!((left.left, left.not_left, left.broke), (more.names()[..2].to_vec(), more.names()[2..].to_vec(), Some(Broke::Refused))),
            Err(error) => assert!(matches!(error, TransportError::OddAnswer), "{error}"),
        }
    }
    model.is_honest_again();
    assert_eq!(more.leave(&mut relay(model.address(), vec![access(1)])).left, more.names());
    assert_eq!(files.names().len() + more.names().len(), list(&mut reader(&model)).names.len());
}

#[test]
fn nonce_that_became_too_old_is_asked_for_anew_and_not_for_ever() {
    let (model, files, memory) = filled();
    let count = AtomicU64::new(0);
    model.lie(move |request, status, body| {
        let old = request.target.contains("/files?") && count.fetch_add(1, Ordering::SeqCst) == 0;
        if old { (401, b"{\"error\":\"nonce\"}".to_vec()) } else { (status, body) }
    });
    assert!(reader(&model).list(&memory).expect("listed").remembered_holds);
    model.asked("GET");
    model.lie(|request, status, body| if request.target.contains("/files?") { (401, b"{\"error\":\"nonce\"}".to_vec()) } else { (status, body) });
    assert!(matches!(reader(&model).list(&memory), Err(TransportError::Refused(Failure::Nonce))));
    assert_eq!(model.asked("GET").len(), 4, "two nonces, two lists");
    assert_eq!(files.names().len(), 5);
}

#[test]
fn relay_that_claims_to_be_frozen_hides_nothing_that_was_seen() {
    let (model, files, memory) = filled();
    model.lie(|request, status, body| match request.target.rsplit('/').next() {
        Some(list) if list.starts_with("files?") => (403, b"{\"error\":\"frozen\"}".to_vec()),
        Some("notice") => (404, b"{\"error\":\"no-file\"}".to_vec()),
        _ => (status, body),
    });
    let listing = reader(&model).list(&memory).expect("listed");
    assert_eq!((listing.names.len(), listing.memory), (0, memory));
    model.is_honest_again();
    assert_eq!(list(&mut reader(&model)).names, files.names());
}
