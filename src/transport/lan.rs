//! A relay in one room: a member's laptop holds a mailbox in memory for the others in the same network. Its keys, TLS and
//! mailbox alike, come from the write key that all present members hold and a number drawn for the occasion.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::sync::Arc;

use super::TransportError;
use super::relay::{Access, Address};
use crate::crypto::{MailboxKey, labels};
use crate::relay::serve::{Running, serve};
use crate::relay::store::Terms;
use crate::relay::store::memory::Memory;
use crate::relay::{Identity, Relay, Rules};
use crate::sys::chance::{Chance, draw};
use crate::wire::PublicKeys;
use crate::wire::id::PublicKey;

/// Bytes that a room holds: 1 GiB.
const ROOM: u64 = 1024 * 1024 * 1024;
/// Numbers have eight digits.
const NUMBERS: u32 = 100_000_000;
/// An address that nobody has (RFC 5737). Nothing is sent to it: the system only tells by which of its own it would go.
const NOBODY: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// What the others type in: where the room is, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    pub at: SocketAddr,
    pub number: u32,
}

/// An open room; it is gone when dropped.
#[derive(Debug)]
pub struct Room {
    code: Code,
    _running: Running,
}

impl Room {
    /// Opens a room that listens at every address of this machine, on any free port.
    ///
    /// # Errors
    /// Returns what the system refused.
    pub fn open(write: &MailboxKey, chance: &mut dyn Chance) -> Result<Room, TransportError> {
        let number = u32::from_be_bytes(draw(chance)) % NUMBERS;
        let identity = Identity::of_seed(&write.derived(labels::ROOM_TLS, &number.to_be_bytes()));
        let rules = Rules { terms: Terms { quota: ROOM, keeps_days: 1 }, work_bits: Some(0), ..Rules::default() };
        let relay = Relay::new(Arc::new(Memory::default()), identity, rules);
        let running = serve(Arc::new(relay), SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0))?;
        Ok(Room { code: Code { at: SocketAddr::new(own_address(), running.address.port()), number }, _running: running })
    }

    /// Returns what the others need to find it.
    pub fn code(&self) -> Code {
        self.code
    }
}

/// Returns address and mailbox of a room.
pub fn way(write: &MailboxKey, code: &Code) -> (Address, Access) {
    let number = code.number.to_be_bytes();
    let pin = Identity::of_seed(&write.derived(labels::ROOM_TLS, &number)).pin();
    let key = |label| MailboxKey::from_seed(&write.derived(label, &number));
    let (owner, writes, reads) = (key(labels::ROOM_OWNER), key(labels::ROOM_WRITE), key(labels::ROOM_READ));
    let public = |key: &MailboxKey| PublicKey(key.public());
    let id = PublicKeys { owner: public(&owner), write: public(&writes), read: public(&reads) }.mailbox().0;
    let address = Address { url: format!("https://{}", code.at), pin: pin.0, backup: None };
    (address, Access { id, owner: Some(owner), write: Some(writes), read: Some(reads) })
}

/// The address under which others in the network reach this machine; its own one where there is no network.
fn own_address() -> IpAddr {
    let probed = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect(NOBODY).and_then(|()| socket.local_addr()));
    probed.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08}", self.at, self.number)
    }
}

impl FromStr for Code {
    type Err = TransportError;

    fn from_str(text: &str) -> Result<Code, TransportError> {
        let (at, number) = text.trim().rsplit_once('-').ok_or(TransportError::NoAddress)?;
        let digits = number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits).ok_or(TransportError::NoAddress)?;
        Ok(Code { at: at.parse().map_err(|_| TransportError::NoAddress)?, number })
    }
}
