//! A device as it introduces itself. Never a name: keys and a random handle.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use serde::{Deserialize, Serialize};

use crate::crypto::{DeviceId, Recipient, SigningKey, labels, stretch};

/// First part of a badge line.
const PREFIX: Hrp = Hrp::parse_unchecked("sandyqbadge");
const VERSION: u8 = 1;
/// Bytes of a badge line before the handle: version, device, recipient, length of the handle.
const HEAD: usize = 1 + 32 + 32 + 1;
const SIGNATURE: usize = 64;
const MAX_HANDLE: usize = 16;

/// A device as it introduces itself: keys and a random handle, never a name; signed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Claimed")]
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

/// A badge as it stands in JSON, before its shape is looked at.
#[derive(Deserialize)]
struct Claimed {
    v: u64,
    device: DeviceId,
    recipient: String,
    handle: String,
    signature: String,
}

impl TryFrom<Claimed> for Badge {
    type Error = &'static str;

    fn try_from(Claimed { v, device, recipient, handle, signature }: Claimed) -> Result<Badge, Self::Error> {
        let badge = Badge { v, device, recipient, handle, signature };
        if badge.is_well_formed() { Ok(badge) } else { Err("a badge of another shape") }
    }
}

impl Badge {
    /// Makes the badge of a device. The handle has 1 to 16 ASCII letters, digits or hyphens.
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

    /// Writes the badge as one line of text: `sandyqbadge1…`.
    ///
    /// # Panics
    /// Panics for a badge with an odd handle, recipient or signature, which no reader gives out.
    pub fn to_line(&self) -> String {
        let recipient: Recipient = self.recipient.parse().expect("a badge has an age recipient");
        let signature = hex::decode(&self.signature).expect("a badge has a signature in hex");
        let handle = self.handle.as_bytes();
        let length = u8::try_from(handle.len()).expect("a handle is short");
        let payload = [&[VERSION][..], self.device.as_bytes(), &recipient.to_bytes(), &[length], handle, &signature].concat();
        bech32::encode::<Bech32m>(PREFIX, &payload).expect("a badge is within what Bech32m writes")
    }

    /// Reads a badge line, with white space around it or all in upper case; `None` for a wrong checksum, an odd handle or a
    /// signature that is not the device's own.
    pub fn from_line(text: &str) -> Option<Badge> {
        let text = text.trim();
        let checked = CheckedHrpstring::new::<Bech32m>(text).ok().filter(|checked| checked.hrp() == PREFIX)?;
        let badge = Badge::from_payload(&checked.byte_iter().collect::<Vec<u8>>())?;
        let same = badge.to_line() == text.to_ascii_lowercase();
        (same && badge.is_genuine()).then_some(badge)
    }

    fn from_payload(payload: &[u8]) -> Option<Badge> {
        let (head, rest) = payload.split_at_checked(HEAD).filter(|(head, _)| head[0] == VERSION)?;
        let (handle, signature) = rest.split_at_checked(usize::from(head[HEAD - 1])).filter(|(_, signature)| signature.len() == SIGNATURE)?;
        let badge = Badge {
            v: 1,
            device: DeviceId::from_bytes(head[1..33].try_into().ok()?),
            recipient: Recipient::from_bytes(head[33..65].try_into().ok()?)?.to_string(),
            handle: String::from_utf8(handle.to_vec()).ok()?,
            signature: hex::encode(signature),
        };
        badge.is_well_formed().then_some(badge)
    }

    /// Returns what two people compare by voice, over the whole badge line; [`crate::crypto::safety_words`] writes it.
    pub fn safety(&self, log_n: u8) -> [u8; 9] {
        stretch(labels::BADGE_SAFETY, self.to_line().as_bytes(), log_n)
    }

    fn is_well_formed(&self) -> bool {
        let recipient: Option<Recipient> = self.recipient.parse().ok();
        let handle = (1..=MAX_HANDLE).contains(&self.handle.len()) && self.handle.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let recipient = recipient.is_some_and(|recipient| recipient.to_string() == self.recipient);
        self.v == 1 && handle && recipient && super::operation::is_hex(&self.signature, 2 * SIGNATURE)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Badge { signature: String::new(), ..self.clone() };
        serde_json::to_vec(&unsigned).expect("a badge has only text keys")
    }
}

/// Returns what people compare by voice to know that they stand in the same casebook.
pub fn casebook_safety(casebook: &[u8; 32], log_n: u8) -> [u8; 9] {
    stretch(labels::CASEBOOK_SAFETY, casebook, log_n)
}
