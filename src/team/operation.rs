//! One operation of the membership log: its bytes, its name, and the strict reading of both.

use serde::{Deserialize, Serialize};

use super::Badge;
use super::deed::{Add, Adopt, Closed, Deed, GiveUp, Invite, Lift, Object, Place, Purge, Remove, RoleChange, Roll, SetAside, Setting, Suspend};
use crate::crypto::{DeviceId, Recipient, hash, labels};

/// Most bytes of an operation.
pub const MAX_OPERATION: usize = 32 * 1024;
/// Most entries of a list in an operation.
pub const MAX_LIST: usize = 512;
/// Integers stay below this, so that every JSON reader keeps them.
pub(super) const MAX_INTEGER: u64 = 1 << 53;

/// The name of an operation: the hash of its bytes.
pub type OperationId = [u8; 32];

/// An operation of the membership log. The parcel that carries it is signed by its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Operation {
    /// The founding of a casebook: its hash is the casebook's id, its author the first admin.
    Genesis(Box<Genesis>),
    Add(Box<Act<Add>>),
    Role(Box<Act<RoleChange>>),
    Remove(Box<Act<Remove>>),
    Roll(Box<Act<Roll>>),
    Adopt(Box<Act<Adopt>>),
    SetAside(Box<Act<SetAside>>),
    Suspend(Box<Act<Suspend>>),
    Lift(Box<Act<Lift>>),
    Invite(Box<Act<Invite>>),
    Purge(Box<Act<Purge>>),
    Object(Box<Act<Object>>),
    Closed(Box<Act<Closed>>),
    Place(Box<Act<Place>>),
    Setting(Box<Act<Setting>>),
    GiveUp(Box<Act<GiveUp>>),
}

/// What every operation but the genesis states around what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act<T> {
    pub v: u64,
    /// Its author: a device, the recovery key or the key of an invitation.
    pub by: DeviceId,
    /// The heads of the log that its author knew, sorted.
    pub deps: Vec<String>,
    #[serde(flatten)]
    pub what: T,
    /// Claimed seconds since 1970.
    pub time: i64,
    /// Sixteen random bytes, hex.
    pub nonce: String,
}

/// The keys of an epoch, as recipients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochKeys {
    pub number: u64,
    pub recipient: String,
    /// Recipient of the source register.
    pub register: String,
}

/// A key on no device, made at founding, that can only let an admin in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryKey {
    pub signing: DeviceId,
    pub recipient: String,
}

/// What a founding states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    pub v: u64,
    pub deps: Vec<String>,
    /// Name of the casebook; a vault's own has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub founder: Badge,
    pub epoch: EpochKeys,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryKey>,
    /// Casebook that this one follows, after all of its admins were lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_of: Option<String>,
    /// Claimed seconds since 1970.
    pub time: i64,
    /// Sixteen random bytes, hex: two casebooks are never one.
    pub nonce: String,
}

/// Does the same with the act of every operation but the genesis.
macro_rules! with_act {
    ($operation:expr, $genesis:ident => $founding:expr, $act:ident => $done:expr) => {
        match $operation {
            Operation::Genesis($genesis) => $founding,
            Operation::Add($act) => $done,
            Operation::Role($act) => $done,
            Operation::Remove($act) => $done,
            Operation::Roll($act) => $done,
            Operation::Adopt($act) => $done,
            Operation::SetAside($act) => $done,
            Operation::Suspend($act) => $done,
            Operation::Lift($act) => $done,
            Operation::Invite($act) => $done,
            Operation::Purge($act) => $done,
            Operation::Object($act) => $done,
            Operation::Closed($act) => $done,
            Operation::Place($act) => $done,
            Operation::Setting($act) => $done,
            Operation::GiveUp($act) => $done,
        }
    };
}

impl Operation {
    /// Writes the operation as its parcel carries it.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an operation has only text keys")
    }

    /// Reads an operation of this version: exactly the bytes that it would write, every field of its shape, badges genuine.
    pub fn from_bytes(bytes: &[u8]) -> Option<Operation> {
        if bytes.len() > MAX_OPERATION {
            return None;
        }
        let operation: Operation = serde_json::from_slice(bytes).ok()?;
        (operation.to_bytes() == bytes && operation.is_well_formed()).then_some(operation)
    }

    /// Returns the name of the operation in the log.
    pub fn id(&self) -> OperationId {
        hash(labels::OPERATION, &[&self.to_bytes()])
    }

    /// Returns the id of the casebook that this operation founds.
    pub fn casebook(&self) -> [u8; 32] {
        hash(labels::CASEBOOK, &[&self.to_bytes()])
    }

    /// Returns the heads of the log that its author knew.
    pub fn deps(&self) -> &[String] {
        with_act!(self, genesis => &genesis.deps, act => &act.deps)
    }

    /// Returns its author: for the genesis the founder.
    pub fn by(&self) -> DeviceId {
        with_act!(self, genesis => genesis.founder.device, act => act.by)
    }

    /// Returns the claimed second of its writing.
    pub fn time(&self) -> i64 {
        with_act!(self, genesis => genesis.time, act => act.time)
    }

    fn is_well_formed(&self) -> bool {
        with_act!(self, genesis => genesis.is_well_formed(), act => act.is_well_formed())
    }
}

macro_rules! operations_from {
    ($($kind:ident($deed:ty)),*) => {
        $(impl From<Box<Act<$deed>>> for Operation {
            fn from(act: Box<Act<$deed>>) -> Operation {
                Operation::$kind(act)
            }
        })*
    };
}

operations_from!(
    Add(Add),
    Role(RoleChange),
    Remove(Remove),
    Roll(Roll),
    Adopt(Adopt),
    SetAside(SetAside),
    Suspend(Suspend),
    Lift(Lift),
    Invite(Invite),
    Purge(Purge),
    Object(Object),
    Closed(Closed),
    Place(Place),
    Setting(Setting),
    GiveUp(GiveUp)
);

impl<T: Deed> Act<T> {
    /// Makes an act of this version; the heads are sorted here.
    pub fn new(by: DeviceId, heads: &[OperationId], what: T, time: i64, nonce: [u8; 16]) -> Box<Act<T>> {
        let mut deps: Vec<String> = heads.iter().map(hex::encode).collect();
        deps.sort();
        deps.dedup();
        Box::new(Act { v: 1, by, deps, what, time, nonce: hex::encode(nonce) })
    }

    fn is_well_formed(&self) -> bool {
        let deps = !self.deps.is_empty() && is_hash_list(&self.deps) && self.deps.is_sorted_by(|a, b| a < b);
        self.v == 1 && deps && is_time(self.time) && is_hex(&self.nonce, 32) && self.what.is_well_formed()
    }
}

impl Genesis {
    fn is_well_formed(&self) -> bool {
        let epoch = self.epoch.number == 0 && is_recipient(&self.epoch.recipient) && is_recipient(&self.epoch.register);
        let recovery = self.recovery.as_ref().is_none_or(|key| is_recipient(&key.recipient));
        let plain = self.v == 1 && self.deps.is_empty() && is_time(self.time) && is_hex(&self.nonce, 32);
        plain && epoch && recovery && self.successor_of.as_deref().is_none_or(is_hash) && self.founder.is_genuine()
    }
}

/// Reads 32 bytes from lower-case hex.
pub(super) fn bytes_of(text: &str) -> Option<[u8; 32]> {
    if is_hash(text) { hex::decode(text).ok()?.try_into().ok() } else { None }
}

pub(super) fn is_hash(text: &str) -> bool {
    is_hex(text, 64)
}

pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn is_hash_list(list: &[String]) -> bool {
    list.len() <= MAX_LIST && list.iter().all(|text| is_hash(text))
}

/// Tells whether a text is an age recipient in the one form that age writes.
pub(super) fn is_recipient(text: &str) -> bool {
    text.parse::<Recipient>().is_ok_and(|recipient| recipient.to_string() == text)
}

fn is_time(time: i64) -> bool {
    time.unsigned_abs() < MAX_INTEGER
}
