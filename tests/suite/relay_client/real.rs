//! The client and the server as they are, over loopback.

use std::sync::Arc;

use sandyq::relay::serve::{Running, serve};
use sandyq::relay::store::memory::Memory;
use sandyq::relay::{Identity, Relay as Server, Rules};
use sandyq::transport::relay::Address;
use sandyq::transport::{Mailbox, Remembered, TransportError};
use sandyq::wire::Failure;

use super::exchange::editor;
use super::{access, relay};
use crate::transport::{Files, list};

/// A served relay, its store gone with it.
pub fn served() -> (Running, Address) {
    let rules = Rules { work_bits: Some(6), ..Rules::default() };
    let server = Server::new(Arc::new(Memory::default()), Identity::of_seed(&[7; 32]), rules);
    let running = serve(Arc::new(server), ([127, 0, 0, 1], 0).into()).expect("it serves");
    let address = Address::new(&format!("https://{}", running.address), running.pin.0).expect("an address");
    (running, address)
}

#[test]
fn device_leaves_at_a_real_relay_and_another_takes() {
    let (_running, address) = served();
    let (ours, theirs) = (Files::five(1), Files::five(2));
    let mut first = relay(address.clone(), vec![access(1)]);
    let memory = ours.leave(&mut first).memory;
    let mut second = relay(address, vec![editor(1)]);
    let listing = list(&mut second);
    assert_eq!((listing.names, listing.memory), (ours.names(), memory.clone()));
    ours.are_at(&mut second);
    theirs.leave(&mut second);
    let listing = first.list(&memory).expect("listed");
    assert_eq!((listing.names, listing.remembered_holds), (theirs.names(), true));
    theirs.are_at(&mut first);
}

#[test]
fn real_relay_freezes_gives_the_notice_and_deletes() {
    let (_running, address) = served();
    let (files, keys, late) = (Files::five(1), Files::new(2, &[900, 1200]), Files::new(3, &[500]));
    let mut owner = relay(address.clone(), vec![access(1)]);
    let memory = files.leave(&mut owner).memory;
    let sealed: Vec<_> = keys.names().iter().map(|name| keys.open(name).expect("there")).collect();
    assert!(!owner.is_frozen(&access(1).id).expect("told"));
    owner.freeze(&access(1).id, &sealed).expect("frozen");
    assert!(owner.is_frozen(&access(1).id).expect("told"));
    let mut reader = relay(address, vec![editor(1)]);
    let listing = reader.list(&memory).expect("listed");
    assert_eq!((listing.beside, listing.remembered_holds, listing.memory.0.len()), (keys.names(), true, 2));
    keys.are_at(&mut reader);
    late.leave(&mut reader);
    assert_eq!(owner.list(&memory).expect("listed").names, late.names());
    late.are_at(&mut owner);
    owner.delete(&access(1).id).expect("deleted");
    owner.delete(&access(1).id).expect("it is gone already");
    assert!(!owner.list(&memory).expect("listed").remembered_holds);
    assert!(matches!(late.try_leave(&mut owner, &late.names()), Err(TransportError::Refused(Failure::Deleted))));
}

#[test]
fn real_relay_refuses_foreign_keys() {
    let (_running, address) = served();
    Files::five(1).leave(&mut relay(address.clone(), vec![access(1)]));
    let (own, foreign) = (access(1), access(2));
    let swapped = sandyq::transport::relay::Access { id: own.id, ..foreign };
    let mut place = relay(address, vec![swapped]);
    assert!(matches!(place.list(&Remembered::default()), Err(TransportError::Refused(Failure::Signature))));
    let files = Files::five(3);
    assert!(matches!(files.try_leave(&mut place, &files.names()), Err(TransportError::Refused(Failure::Signature))));
}

#[test]
fn file_of_a_full_megabyte_goes_both_ways_at_a_real_relay() {
    let (_running, address) = served();
    let files = Files::new(1, &[sandyq::crypto::MAX_SEALED, 1]);
    let mut place = relay(address, vec![access(1)]);
    files.leave(&mut place);
    assert_eq!(list(&mut place).names, files.names());
    files.are_at(&mut place);
}
