//! A relay that is blocked and comes back elsewhere; keys that nobody compared; somebody in between.

use sandyq::crypto::safety_digits;
use sandyq::team::Role;
use sandyq::transport::relay::Address;

use super::{Host, all_meet, meets, same, try_meet};
use crate::carry::support::Desk;
use crate::remove::desks::{Table, admitted};

/// The addresses that a device would meet without being asked anything.
fn met_by_itself(desk: &Desk) -> Vec<Address> {
    desk.session.relays().expect("relays").into_iter().filter(|row| row.compared).map(|row| row.address).collect()
}

#[test]
fn blocked_relay_on_another_port_is_found_by_everybody_after_one_stick_carried_the_news() {
    let mut host = Host::new(1);
    let mut one = Desk::founder("M-ONE", 1);
    let mut two = admitted(&mut one, "M-TWO", 50, Role::Editor);
    let first = host.address();
    one.session.turn_to_shared();
    one.session.announce(&first, false).expect("announced");
    all_meet(&mut [&mut one, &mut two], &first);
    let words = safety_digits(&one.session.relay_words(&first));
    two.session.turn_to_shared();
    assert_eq!(met_by_itself(&two), [], "nobody compared it there");
    assert_eq!(two.session.accept_relay(&words).expect("compared"), first);
    host.stops();
    assert_eq!(try_meet(&mut two, &first).expect_err("blocked").exit_code(), 30);
    host.starts();
    let second = host.address();
    one.session.announce(&first, true).expect("gone");
    one.session.announce(&second, false).expect("announced");
    two.detained("Recorded Meanwhile");
    let mut stick = Table::new();
    one.sync(&mut stick);
    two.sync(&mut stick);
    assert_eq!(met_by_itself(&two), std::slice::from_ref(&second), "the key is known, so the address is simply tried");
    all_meet(&mut [&mut one, &mut two], &second);
    same(&mut [&mut one, &mut two]);
}

#[test]
fn announced_relay_with_a_new_key_is_not_met_before_its_words_were_compared() {
    let (host, other) = (Host::new(2), Host::new(3));
    let mut one = Desk::founder("M-ONE", 1);
    let mut two = admitted(&mut one, "M-TWO", 50, Role::Editor);
    one.session.turn_to_shared();
    one.session.announce(&host.address(), false).expect("announced");
    let mut stick = Table::new();
    one.sync(&mut stick);
    two.sync(&mut stick);
    assert_eq!(met_by_itself(&two), []);
    let wrong = safety_digits(&two.session.relay_words(&other.address()));
    assert_eq!(two.session.accept_relay(&wrong).expect_err("other words").code(), "relay-words");
    assert_eq!(met_by_itself(&two), []);
    assert_eq!(two.session.announce(&other.address(), false).expect_err("no admin").code(), "not-admin");
}

#[test]
fn intercepted_connection_sends_nothing_and_its_chain_is_kept_as_evidence() {
    let (host, between) = (Host::new(4), Host::new(5));
    let mut one = Desk::founder("M-ONE", 1);
    one.detained("Sample Person");
    meets(&mut one, &host.address());
    let before = one.session.not_sent().expect("counted");
    let address = Address { pin: host.address().pin, ..between.address() };
    let refused = try_meet(&mut one, &address).expect_err("another key");
    assert_eq!((refused.code(), refused.exit_code()), ("relay-intercepted", 30));
    assert_eq!(one.session.not_sent().expect("counted"), before);
    let sandyq::error::Error::Place(sandyq::transport::TransportError::Intercepted(seen)) = refused else { panic!("{refused:?}") };
    let id = one.session.note_interception(&seen, Some("in a test"), &mut sandyq::vault::Silent).expect("kept");
    let out = one.home.path().join("chain");
    one.session.extract(&id, &out, &mut sandyq::vault::Silent).expect("extracted");
    let chain = std::fs::read_to_string(out).expect("PEM");
    assert!(chain.starts_with("-----BEGIN CERTIFICATE-----") && chain.trim_end().ends_with("-----END CERTIFICATE-----"), "{chain}");
}
