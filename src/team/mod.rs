//! Who belongs to a casebook: badges of devices and the signed membership log that begins with the genesis.

use serde::{Deserialize, Serialize};

use crate::crypto::{DeviceId, SigningKey, hash, labels};

/// A device as it introduces itself: keys and a random handle, never a name; signed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Badge {
    pub v: u64,
    pub device: DeviceId,
    /// age recipient of the device.
    pub recipient: String,
    /// E.g. `M-7KQ`.
    pub handle: String,
    /// Over the other fields, hex.
    pub signature: String,
}

impl Badge {
    /// Makes the badge of a device.
    pub fn new(key: &SigningKey, recipient: &str, handle: &str) -> Badge {
        let mut badge = Badge { v: 1, device: key.device(), recipient: recipient.into(), handle: handle.into(), signature: String::new() };
        badge.signature = hex::encode(key.sign(labels::BADGE_SIGNATURE, &badge.signed_bytes()));
        badge
    }

    /// Tells whether the device itself signed this.
    pub fn is_genuine(&self) -> bool {
        let signature = hex::decode(&self.signature).ok().and_then(|bytes| bytes.try_into().ok());
        signature.is_some_and(|signature| self.device.signed(labels::BADGE_SIGNATURE, &self.signed_bytes(), &signature))
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Badge { signature: String::new(), ..self.clone() };
        serde_json::to_vec(&unsigned).expect("a badge has only text keys")
    }
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

/// An operation of the membership log. The parcel that carries it is signed by its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Operation {
    /// The founding of a casebook: its hash is the casebook's id, its author the first admin.
    Genesis(Box<Genesis>),
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

impl Operation {
    /// Writes the operation as its parcel carries it.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an operation has only text keys")
    }

    /// Returns the name of the operation in the log.
    pub fn id(&self) -> [u8; 32] {
        hash(labels::OPERATION, &[&self.to_bytes()])
    }

    /// Returns the id of the casebook that this operation founds.
    pub fn casebook(&self) -> [u8; 32] {
        hash(labels::CASEBOOK, &[&self.to_bytes()])
    }
}
