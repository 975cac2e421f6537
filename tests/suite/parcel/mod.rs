//! The signed unit: its bytes, and everything it must refuse.

mod framing;
mod header;
mod strict;

use std::collections::BTreeMap;

use sandyq::crypto::SigningKey;
use sandyq::parcel::{Header, ItemKind, Parcel};

pub fn key() -> SigningKey {
    SigningKey::from_seed(&[1; 32])
}

/// The header of every test here, before it has items.
pub fn header() -> Header {
    Header {
        v: 1,
        casebook: "11".repeat(32),
        epoch: 0,
        device: key().device(),
        chain: "22".repeat(8),
        n: 1,
        prev: Some("33".repeat(32)),
        nonce: "44".repeat(16),
        log: vec!["55".repeat(32)],
        seen: BTreeMap::new(),
        whole: Vec::new(),
        leaving: false,
        time: 1_778_418_000,
        with: None,
        crit: Vec::new(),
        items: Vec::new(),
        more: serde_json::Map::new(),
    }
}

pub fn change(bytes: &[u8]) -> (ItemKind, Vec<u8>) {
    (ItemKind::Change { record: "66".repeat(32), change: "66".repeat(32), deps: Vec::new() }, bytes.to_vec())
}

pub fn parcel() -> Parcel {
    Parcel::sign(&key(), header(), vec![change(b"not judged here")]).expect("fits")
}

/// A parcel framed by hand around any header text, signed so that only the header is at fault.
pub fn framed(header: &[u8], items: &[u8]) -> Vec<u8> {
    let signature = key().sign(sandyq::crypto::labels::PARCEL_SIGNATURE, header);
    let body = [&(header.len() as u32).to_be_bytes()[..], header, &signature, items].concat();
    [&sandyq::parcel::MAGIC[..], &(body.len() as u32).to_be_bytes(), &body].concat()
}
