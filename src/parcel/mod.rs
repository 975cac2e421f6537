//! The signed unit that is stored and later travels: a header that names everything, a signature over it, and the items.
//! A parcel touches one record and is known by the hash of its header. Bytes: `docs/formats/parcel.md`.

mod header;
mod strict;

pub use header::{Header, Item, ItemKind, With};
pub use strict::{StrictError, strict};

pub use crate::crypto::MAX_SEALED;
use crate::crypto::{SigningKey, hash, labels, plain_hash};

/// First bytes of the plaintext of every sealed parcel file; the last one is the version.
pub const MAGIC: &[u8; 8] = b"SANDYQP\x01";
/// Largest header in bytes.
pub const MAX_HEADER: usize = 32 * 1024;
/// Largest plaintext of one file: the last padded size below the limit that leaves room for what age adds.
pub const MAX_PLAIN: usize = MAX_SEALED - 16 * 1024;

/// Why bytes are no parcel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParcelError {
    #[error("not a parcel of a known version")]
    Version,
    #[error("cut short or lengths do not fit")]
    Framing,
    #[error("the header is not as it must be: {0}")]
    Header(#[from] StrictError),
    #[error("the signature does not fit")]
    Signature,
    #[error("an item does not fit its hash")]
    Item,
    #[error("more than fits into one parcel")]
    TooLarge,
}

impl ParcelError {
    /// Returns the stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            ParcelError::Version => "parcel-newer",
            ParcelError::Framing => "parcel-framing",
            ParcelError::Header(_) => "parcel-header",
            ParcelError::Signature => "parcel-signature",
            ParcelError::Item => "parcel-item",
            ParcelError::TooLarge => "parcel-too-large",
        }
    }
}

/// A parcel whose signature and hashes fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    pub header: Header,
    /// The header verbatim, as it was signed.
    pub header_bytes: Vec<u8>,
    pub signature: [u8; 64],
    pub items: Vec<Vec<u8>>,
}

impl Parcel {
    /// Signs a header and its items.
    ///
    /// # Errors
    /// Returns [`ParcelError::TooLarge`] when it would not fit into one sealed file.
    pub fn sign(key: &SigningKey, mut header: Header, items: Vec<(ItemKind, Vec<u8>)>) -> Result<Parcel, ParcelError> {
        header.items =
            items.iter().map(|(kind, bytes)| Item { kind: kind.clone(), length: bytes.len() as u64, sha256: hex::encode(plain_hash(bytes)) }).collect();
        let header_bytes = header.to_bytes();
        let signature = key.sign(labels::PARCEL_SIGNATURE, &header_bytes);
        let parcel = Parcel { header, header_bytes, signature, items: items.into_iter().map(|(_, bytes)| bytes).collect() };
        let fits = parcel.header_bytes.len() <= MAX_HEADER && parcel.framed().len() + MAGIC.len() <= MAX_PLAIN;
        if fits { Ok(parcel) } else { Err(ParcelError::TooLarge) }
    }

    /// Returns the hash by which the parcel is known.
    pub fn id(&self) -> [u8; 32] {
        header_hash(&self.header_bytes)
    }

    /// Returns about how many bytes it takes in a file.
    pub fn size(&self) -> usize {
        self.header_bytes.len() + self.items.iter().map(Vec::len).sum::<usize>() + 128
    }

    /// `length | header length | header | signature | items`, lengths as 4 bytes, big end first.
    fn framed(&self) -> Vec<u8> {
        let body = 4 + self.header_bytes.len() + 64 + self.items.iter().map(Vec::len).sum::<usize>();
        let mut bytes = Vec::with_capacity(4 + body);
        bytes.extend((body as u32).to_be_bytes());
        bytes.extend((self.header_bytes.len() as u32).to_be_bytes());
        bytes.extend(&self.header_bytes);
        bytes.extend(&self.signature);
        self.items.iter().for_each(|item| bytes.extend(item));
        bytes
    }

    /// Reads the framed bytes of one parcel and checks signature and hashes.
    fn read(body: &[u8]) -> Result<Parcel, ParcelError> {
        let (length, rest) = number(body)?;
        if length > MAX_HEADER || length + 64 > rest.len() {
            return Err(ParcelError::Framing);
        }
        let (header_bytes, rest) = rest.split_at(length);
        let (signature, mut rest) = rest.split_at(64);
        let signature: [u8; 64] = signature.try_into().map_err(|_| ParcelError::Framing)?;
        let header = Header::from_bytes(header_bytes)?;
        if !header.device.signed(labels::PARCEL_SIGNATURE, header_bytes, &signature) {
            return Err(ParcelError::Signature);
        }
        let mut items = Vec::new();
        for item in &header.items {
            let length = usize::try_from(item.length).ok().filter(|length| *length <= rest.len()).ok_or(ParcelError::Framing)?;
            let (bytes, after) = rest.split_at(length);
            if hex::encode(plain_hash(bytes)) != item.sha256 {
                return Err(ParcelError::Item);
            }
            items.push(bytes.to_vec());
            rest = after;
        }
        if rest.is_empty() { Ok(Parcel { header, header_bytes: header_bytes.to_vec(), signature, items }) } else { Err(ParcelError::Framing) }
    }
}

/// Returns the hash by which the parcel with this header is known.
pub fn header_hash(header_bytes: &[u8]) -> [u8; 32] {
    hash(labels::PARCEL_HEADER, &[header_bytes])
}

/// Writes parcels as the plaintext of one sealed file, without padding.
pub fn pack(parcels: &[Parcel]) -> Vec<u8> {
    let mut plain = MAGIC.to_vec();
    parcels.iter().for_each(|parcel| plain.extend(parcel.framed()));
    plain
}

/// Reads the plaintext of a sealed file: one or more parcels, then zeros.
///
/// # Errors
/// Returns what does not fit; nothing of a file is taken unless all of it fits.
pub fn unpack(plain: &[u8]) -> Result<Vec<Parcel>, ParcelError> {
    let mut rest = plain.strip_prefix(MAGIC).ok_or(ParcelError::Version)?;
    let mut parcels = Vec::new();
    while rest.len() >= 4 && rest[..4] != [0; 4] {
        let (length, after) = number(rest)?;
        if length > after.len() {
            return Err(ParcelError::Framing);
        }
        let (body, after) = after.split_at(length);
        parcels.push(Parcel::read(body)?);
        rest = after;
    }
    let padding_only = rest.iter().all(|byte| *byte == 0);
    if padding_only && !parcels.is_empty() { Ok(parcels) } else { Err(ParcelError::Framing) }
}

fn number(bytes: &[u8]) -> Result<(usize, &[u8]), ParcelError> {
    let (number, rest) = bytes.split_first_chunk::<4>().ok_or(ParcelError::Framing)?;
    Ok((u32::from_be_bytes(*number) as usize, rest))
}

/// Returns the Automerge actor of the parcel with this device, number and nonce: a fresh one for every parcel.
pub fn actor(casebook: &[u8; 32], device: &crate::crypto::DeviceId, n: u64, nonce: &[u8; 16]) -> [u8; 32] {
    hash(labels::ACTOR, &[casebook, device.as_bytes(), &n.to_be_bytes(), nonce])
}
