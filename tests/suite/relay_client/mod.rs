//! The client of a relay: whom it trusts, what it says on the way, and what a relay that lies or breaks off can do.

pub mod cuts;
mod exchange;
mod lies;
mod model;
mod quiet;
mod real;
mod server;
mod tls;

use sandyq::crypto::MailboxKey;
use sandyq::transport::Mailbox;
use sandyq::transport::relay::{Access, Address, Options, Relay};
use sandyq::wire::PublicKeys;
use sandyq::wire::id::PublicKey;

/// All keys of a mailbox.
pub fn access(seed: u8) -> Access {
    let key = |part: u8| MailboxKey::from_seed(&[seed.wrapping_mul(3).wrapping_add(part); 32]);
    let public = |part| PublicKey(key(part).public());
    let keys = PublicKeys { owner: public(0), write: public(1), read: public(2) };
    Access { id: keys.mailbox().0, owner: Some(key(0)), write: Some(key(1)), read: Some(key(2)) }
}

/// A relay with these mailboxes, met in the usual way.
pub fn relay(address: Address, accesses: Vec<Access>) -> Relay {
    Relay::at(address, accesses, &Options::default()).expect("a relay")
}

/// Tries something at a relay without any mailbox: one as the protocol draws it, and the real one.
pub fn at_a_relay(test: &impl Fn(&mut dyn Mailbox)) {
    let (_running, address) = real::served();
    test(&mut relay(address, vec![access(1)]));
    test(&mut relay(model::Model::start().address(), vec![access(1)]));
}
