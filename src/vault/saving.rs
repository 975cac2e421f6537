//! Saving changes: signed, sealed and durable before anybody is told so.

use std::collections::BTreeMap;

use serde_json::Map;

use super::store::Batch;
use super::{Chain, Entry, Vault, VaultError, view};
use crate::crypto::{Sealed, padded, plain_hash, seal};
use crate::doc::ChangeBytes;
use crate::parcel::{self, Header, ItemKind, Parcel, With};
use crate::sys::chance::{Chance, draw};

/// The right to write the next parcel: its number and nonce, and so its actor.
#[derive(Clone, Debug)]
pub struct Ticket {
    casebook: [u8; 32],
    n: u64,
    nonce: [u8; 16],
    pub actor: [u8; 32],
}

/// A change with its ticket and what the view is to show of its record.
#[derive(Debug)]
pub struct Pending {
    pub ticket: Ticket,
    pub record: [u8; 32],
    pub change: ChangeBytes,
    /// The view entry; `body.parcels` lists the files before this one.
    pub entry: Entry,
}

impl Vault {
    /// Draws the next parcels of this device's chain in a casebook.
    ///
    /// # Errors
    /// Returns [`VaultError::OldKeyring`] when this device may only read.
    pub fn tickets(&self, casebook: &[u8; 32], count: usize, chance: &mut dyn Chance) -> Result<Vec<Ticket>, VaultError> {
        self.writable()?;
        let chain = self.state.chains.get(&hex::encode(casebook)).ok_or(VaultError::NoCasebook)?;
        let device = self.keyring.signing.device();
        let ticket = |k: usize| {
            let (n, nonce) = (chain.n + k as u64, draw(chance));
            Ticket { casebook: *casebook, n, nonce, actor: parcel::actor(casebook, &device, n, &nonce) }
        };
        Ok((0..count).map(ticket).collect())
    }

    /// Signs, seals and stores changes, all or nothing; returns when they are durable.
    ///
    /// # Errors
    /// Returns [`VaultError::TooLarge`] when a change does not fit into a parcel, or what the disk refused.
    pub fn commit(&mut self, pending: Vec<Pending>, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        self.writable()?;
        let before = self.state.clone();
        let committed = self.committed(pending, time, chance);
        if committed.is_err() {
            self.state = before;
        }
        committed
    }

    fn committed(&mut self, pending: Vec<Pending>, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        let (mut files, mut entries) = (Vec::new(), Vec::new());
        let of = pending.len() as u64;
        let id = hex::encode(draw::<8>(chance));
        for (k, Pending { ticket, record, change, mut entry }) in pending.into_iter().enumerate() {
            let with = (of > 1).then(|| With { id: id.clone(), k: k as u64, of });
            let sealed = self.sealed_change(&ticket, &record, &change, time, with)?;
            entry.body.parcels.push(hex::encode(plain_hash(sealed.as_bytes())));
            self.state.records += u64::from(entry.body.parcels.len() == 1);
            files.push(sealed);
            entries.push(entry);
        }
        let segments = vec![view::segment(&entries, &self.keyring.storage)?];
        self.state.segments = self.state.segments.map(|count| count + 1);
        let slots = vec![("state", self.sealed_state()?)];
        self.store.write(Batch { files, slots, segments, ..Batch::default() })
    }

    fn sealed_change(&mut self, ticket: &Ticket, record: &[u8; 32], change: &ChangeBytes, time: i64, with: Option<With>) -> Result<Sealed, VaultError> {
        let name = hex::encode(ticket.casebook);
        let chain = self.state.chains.get(&name).filter(|chain| chain.n == ticket.n).ok_or(VaultError::NoCasebook)?;
        let header = self.header(&ticket.casebook, chain, &ticket.nonce, time, with);
        let kind = ItemKind::Change { record: hex::encode(record), change: hex::encode(change.hash), deps: change.deps.iter().map(hex::encode).collect() };
        let parcel = Parcel::sign(&self.keyring.signing, header, vec![(kind, change.bytes.clone())])?;
        if let Some(chain) = self.state.chains.get_mut(&name) {
            chain.advance(&parcel);
        }
        let (_, epoch) = self.keys(&ticket.casebook)?.epochs.last().ok_or(VaultError::NoCasebook)?;
        Ok(seal([&epoch.recipient()], &padded(parcel::pack(&[parcel])))?)
    }

    pub(super) fn header(&self, casebook: &[u8; 32], chain: &Chain, nonce: &[u8; 16], time: i64, with: Option<With>) -> Header {
        let epoch = self.keys(casebook).ok().and_then(|keys| keys.epochs.last()).map_or(0, |(number, _)| *number);
        Header {
            v: 1,
            casebook: hex::encode(casebook),
            epoch,
            device: self.keyring.signing.device(),
            chain: chain.chain.clone(),
            n: chain.n,
            prev: chain.prev.clone(),
            nonce: hex::encode(nonce),
            log: chain.log.clone(),
            seen: BTreeMap::new(),
            time,
            with,
            crit: Vec::new(),
            items: Vec::new(),
            more: Map::new(),
        }
    }
}

impl Chain {
    /// Moves on past a parcel.
    pub(super) fn advance(&mut self, parcel: &Parcel) {
        self.n += 1;
        self.prev = Some(hex::encode(parcel.id()));
    }
}
