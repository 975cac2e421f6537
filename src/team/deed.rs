//! What the operations of the membership log say, each with the shape it must have. Never who may say it: that is resolved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Badge;
use super::operation::{MAX_INTEGER, is_hash, is_hash_list, is_hex, is_recipient};
use crate::crypto::DeviceId;

/// Longest address of a place in bytes.
const MAX_ADDRESS: usize = 512;
const MAX_SETTING_NAME: usize = 64;

/// What a member may do; each role may all that the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Makes new records and reads nothing.
    Capture,
    Reader,
    Editor,
    Admin,
}

impl Role {
    /// Every role, from the least rights to the most.
    pub const ALL: [Role; 4] = [Role::Capture, Role::Reader, Role::Editor, Role::Admin];

    /// Returns the word in operations.
    pub fn text(self) -> &'static str {
        match self {
            Role::Capture => "capture",
            Role::Reader => "reader",
            Role::Editor => "editor",
            Role::Admin => "admin",
        }
    }

    /// Finds the role by its word.
    pub fn named(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.text() == text)
    }
}

/// For whom a keys file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeysClass {
    Admin,
    Editor,
    Reader,
    Capture,
    Keeper,
}

/// Something that an operation can say.
pub trait Deed {
    /// Tells whether every field has the shape that this version knows.
    fn is_well_formed(&self) -> bool;
}

/// A device comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Add {
    pub badge: Badge,
    pub role: Role,
    /// Holds the identity of the source register.
    pub keeper: bool,
    /// Safety words were compared.
    pub verified: bool,
    /// The invitation that a newcomer used who signs with its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
}

/// A member gets other rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChange {
    pub member: DeviceId,
    pub role: Role,
    pub keeper: bool,
    pub verified: bool,
    /// Chain heads of the member that still count; empty unless rights are taken away.
    pub cut: Vec<String>,
}

/// A device goes out. An invitation key that is removed lets nobody in any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remove {
    pub member: DeviceId,
    /// Chain heads of the member that still count.
    pub cut: Vec<String>,
}

/// A new epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    pub number: u64,
    pub recipient: String,
    /// Recipient of the source register.
    pub register: String,
    /// Hash over the id of the mailbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// SHA-256 of the keys file of each class.
    pub files: BTreeMap<KeysClass, String>,
}

/// Parcels that count although a cut-off, a suspension or a role keeps them out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopt {
    pub headers: Vec<String>,
    pub reason: String,
}

/// Parcels that do not count until an adopt that follows names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub headers: Vec<String>,
    pub reason: String,
}

/// Parcels of a member wait until an admin decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspend {
    pub member: DeviceId,
    /// Chain heads of the member that still count.
    pub cut: Vec<String>,
}

/// A suspension ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    pub member: DeviceId,
}

/// A key with which newcomers let themselves in, unverified and without reading anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    pub key: DeviceId,
    pub role: Role,
    pub at_most: u32,
    /// Last claimed second at which it may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<i64>,
}

/// Parcels of a record that are to be destroyed everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    pub record: String,
    pub headers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

/// An admin objects to a purge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    pub purge: String,
}

/// A device writes to an epoch no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub epoch: u64,
    /// The roll that began the epoch, for there can be two of one number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch_id: Option<String>,
    /// The last parcels of the device's chains in that epoch.
    pub heads: Vec<String>,
}

/// Late parcels of a device in an epoch are waited for no more, so that its key can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiveUp {
    pub member: DeviceId,
    pub epoch: u64,
    /// The roll that began the epoch, or the genesis.
    pub epoch_id: String,
}

/// An address of a relay with the hash of its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub address: String,
    pub pin: String,
    /// It is used no more.
    pub gone: bool,
}

/// A setting that all members share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    /// JSON text.
    pub value: String,
}

impl Deed for Add {
    fn is_well_formed(&self) -> bool {
        self.badge.is_genuine() && self.invite.as_deref().is_none_or(is_hash)
    }
}

impl Deed for RoleChange {
    fn is_well_formed(&self) -> bool {
        is_hash_list(&self.cut)
    }
}

impl Deed for Remove {
    fn is_well_formed(&self) -> bool {
        is_hash_list(&self.cut)
    }
}

impl Deed for Roll {
    fn is_well_formed(&self) -> bool {
        let recipients = is_recipient(&self.recipient) && is_recipient(&self.register);
        let commitment = self.commitment.as_deref().is_none_or(is_hash);
        self.number < MAX_INTEGER && recipients && commitment && self.files.values().all(|file| is_hash(file))
    }
}

impl Deed for Adopt {
    fn is_well_formed(&self) -> bool {
        is_hash_list(&self.headers)
    }
}

impl Deed for SetAside {
    fn is_well_formed(&self) -> bool {
        is_hash_list(&self.headers)
    }
}

impl Deed for Suspend {
    fn is_well_formed(&self) -> bool {
        is_hash_list(&self.cut)
    }
}

impl Deed for Lift {
    fn is_well_formed(&self) -> bool {
        true
    }
}

impl Deed for Invite {
    fn is_well_formed(&self) -> bool {
        self.role == Role::Capture && self.cut_off.is_none_or(|time| time.unsigned_abs() < MAX_INTEGER)
    }
}

impl Deed for Purge {
    fn is_well_formed(&self) -> bool {
        is_hash(&self.record) && is_hash_list(&self.headers) && self.replaced_by.as_deref().is_none_or(is_hash)
    }
}

impl Deed for Object {
    fn is_well_formed(&self) -> bool {
        is_hash(&self.purge)
    }
}

impl Deed for Closed {
    fn is_well_formed(&self) -> bool {
        self.epoch < MAX_INTEGER && self.epoch_id.as_deref().is_none_or(is_hash) && is_hash_list(&self.heads)
    }
}

impl Deed for GiveUp {
    fn is_well_formed(&self) -> bool {
        self.epoch < MAX_INTEGER && is_hash(&self.epoch_id)
    }
}

impl Deed for Place {
    fn is_well_formed(&self) -> bool {
        let printable = self.address.bytes().all(|b| b.is_ascii_graphic());
        (1..=MAX_ADDRESS).contains(&self.address.len()) && printable && is_hex(&self.pin, 64)
    }
}

impl Deed for Setting {
    fn is_well_formed(&self) -> bool {
        let plain = self.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'));
        let value = serde_json::from_str::<serde::de::IgnoredAny>(&self.value).is_ok();
        (1..=MAX_SETTING_NAME).contains(&self.name.len()) && plain && value
    }
}
