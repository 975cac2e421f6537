//! Who belongs to a casebook: badges of devices and the signed membership log that begins with the genesis.
//! Pure: bytes and operations in, verdicts out; nothing is read, written or asked here.

mod admission;
mod badge;
mod deed;
mod epoch;
mod graph;
mod keys;
mod log;
mod mailbox;
mod membership;
mod operation;
mod set;
mod void;

pub use admission::{Admission, Facts};
pub use badge::{Badge, casebook_safety};
pub use deed::{Add, Adopt, Closed, Deed, GiveUp, Invite, KeysClass, Lift, Object, Place, Purge, Remove, Role, RoleChange, Roll, SetAside, Setting, Suspend};
pub use epoch::Epoch;
pub use keys::{KeysText, MAX_KEYS};
pub use log::{Log, MAX_NAMED, Signed, Taken};
pub use mailbox::MailboxKeys;
pub use membership::{Closing, Former, Member, Membership, Purging};
pub use operation::{Act, EpochKeys, Genesis, MAX_LIST, MAX_OPERATION, Operation, OperationId, RecoveryKey};
pub use void::Void;
