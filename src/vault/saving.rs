//! Saving changes: signed, sealed and durable before anybody is told so.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, json};

use super::addressing::Recipients;
use super::docket::{self, Hash, Judged, Row};
use super::reading::change_items;
use super::store::Batch;
use super::{Chain, Damage, Entry, Kept, Vault, VaultError, view};
use crate::crypto::{Sealed, padded, plain_hash};
use crate::doc::ChangeBytes;
use crate::parcel::{self, Header, ItemKind, Parcel, With};
use crate::sys::chance::{Chance, draw};
use crate::team::Role;

/// Key in the header of a copy for the signed header of its original.
pub(super) const COPIED: &str = "copied";
/// Most devices of which one parcel says what was seen; the rest follows in the next one.
const MAX_SEEN: usize = 64;
/// Most chain heads of all of them together, so that a header stays far below its limit whatever others did.
const MAX_SEEN_HEADS: usize = 128;
/// Most evidence records that one parcel says are whole.
const MAX_WHOLE: usize = 64;

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
    /// The view entry; `body.parcels` lists the parcels before this command. None for a step before another change of the record.
    pub entry: Option<Entry>,
    /// The original that this copies, from another casebook of this device.
    pub copied: Option<Copied>,
}

/// The signed header of the original of a copy: it proves who recorded what when, as claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub header: Vec<u8>,
    pub signature: [u8; 64],
}

impl Vault {
    /// Draws the next parcels of this device's chain in a casebook.
    ///
    /// # Errors
    /// Returns [`VaultError::OldKeyring`] when this device may only read.
    pub fn tickets(&self, casebook: &[u8; 32], count: usize, chance: &mut dyn Chance) -> Result<Vec<Ticket>, VaultError> {
        (0..count as u64).map(|ahead| self.ticket(casebook, ahead, chance)).collect()
    }

    /// Draws the parcel that stands so many behind the next one.
    ///
    /// # Errors
    /// As [`Vault::tickets`].
    pub fn ticket(&self, casebook: &[u8; 32], ahead: u64, chance: &mut dyn Chance) -> Result<Ticket, VaultError> {
        self.writable()?;
        // Who let themselves in has no log yet, and nobody could tell that what they write may be written.
        if !self.keys(casebook)?.can_read() && self.log(casebook).map_or(true, |log| log.heads().is_empty()) {
            return Err(VaultError::Unread);
        }
        let chain = self.state.chains.get(&hex::encode(casebook)).ok_or(VaultError::NoCasebook)?;
        let (n, nonce) = (chain.n + ahead, draw(chance));
        Ok(Ticket { casebook: *casebook, n, nonce, actor: parcel::actor(casebook, &self.keyring.signing.device(), n, &nonce) })
    }

    /// Tells whether the records of the own casebook were copied into this one, or into the one that it follows.
    pub fn has_copied(&self, casebook: &[u8; 32]) -> bool {
        let copied = |casebook: &[u8; 32]| self.state.chains.get(&hex::encode(casebook)).is_some_and(|chain| chain.copied);
        copied(casebook) || self.predecessor(casebook).is_some_and(|older| copied(&older))
    }

    /// Stores copies of the own casebook's records, and remembers that there are no more to come.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn commit_copies(&mut self, pending: Vec<Pending>, into: &[u8; 32], time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        self.writable()?;
        self.attempt(|vault| {
            if let Some(chain) = vault.state.chains.get_mut(&hex::encode(into)) {
                chain.copied = true;
            }
            if pending.is_empty() { vault.save_state() } else { vault.committed(pending, time, chance) }
        })
    }

    /// Returns the change in a parcel of this vault with the signed header that proves it.
    ///
    /// # Errors
    /// Returns [`Damage::File`] or [`Damage::Missing`].
    pub fn original(&self, row: &Row) -> Result<(Vec<u8>, Copied), VaultError> {
        let parcel = self.parcel(row)?;
        let damaged = || VaultError::damaged(Damage::File { name: hex::encode(row.file), record: None });
        let change = change_items(&parcel).next().map(<[u8]>::to_vec).ok_or_else(damaged)?;
        Ok((change, Copied { header: parcel.header_bytes, signature: parcel.signature }))
    }

    /// Returns the signed header of a stored parcel and its signature.
    ///
    /// # Errors
    /// Returns [`Damage::File`] or [`Damage::Missing`].
    pub fn signed_header(&self, row: &Row) -> Result<(Vec<u8>, [u8; 64]), VaultError> {
        self.parcel(row).map(|parcel| (parcel.header_bytes, parcel.signature))
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

    /// Tells whether what this device writes now will count: nothing is saved that only this device would show.
    fn may_write(&self, casebook: &[u8; 32], creates: bool) -> bool {
        let Some(log) = self.logs.get(casebook).filter(|log| !log.heads().is_empty()) else { return true };
        let own = log.membership().members.get(&self.keyring.signing.device());
        own.is_some_and(|own| own.suspended.is_none() && (own.role >= Role::Editor || (own.role == Role::Capture && creates)))
    }

    fn committed(&mut self, pending: Vec<Pending>, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        if !pending.iter().all(|pending| self.may_write(&pending.ticket.casebook, pending.change.deps.is_empty())) {
            return Err(VaultError::MayNotWrite);
        }
        let (mut files, mut entries, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let of = pending.len() as u64;
        let id = hex::encode(draw::<8>(chance));
        let mut steps: HashMap<[u8; 32], Vec<Kept>> = HashMap::new();
        for (k, Pending { ticket, record, change, entry, copied }) in pending.into_iter().enumerate() {
            let with = (of > 1).then(|| With { id: id.clone(), k: k as u64, of });
            let (sealed, row) = self.sealed_change((&ticket, &record, &change), time, with, copied.as_ref())?;
            let reads = self.keys(&row.casebook)?.can_read();
            steps.entry(record).or_default().push(row.kept());
            files.extend(sealed);
            rows.push(if reads { row } else { row.stripped() });
            if let Some(mut entry) = entry.filter(|_| reads) {
                self.state.records += u64::from(entry.body.parcels.is_empty());
                entry.body.parcels.extend(steps.remove(&record).unwrap_or_default());
                entries.push(entry);
            }
        }
        let mut segments = Vec::new();
        if !entries.is_empty() {
            segments.push(view::segment(&entries, &self.keyring.storage)?);
            self.state.segments = self.state.segments.map(|count| count + 1);
        }
        let docket = self.entered(rows)?;
        let slots = vec![("state", self.sealed_state()?)];
        self.store.write(Batch { files, slots, segments, docket, ..Batch::default() })
    }

    fn sealed_change(
        &mut self,
        (ticket, record, change): (&Ticket, &[u8; 32], &ChangeBytes),
        time: i64,
        with: Option<With>,
        copied: Option<&Copied>,
    ) -> Result<(Vec<Sealed>, Row), VaultError> {
        let chain = self.state.chains.get(&hex::encode(ticket.casebook)).filter(|chain| chain.n == ticket.n).ok_or(VaultError::NoCasebook)?;
        let mut header = Header { with, ..self.header(&ticket.casebook, chain, &ticket.nonce, time) };
        header.more.extend(copied.map(|original| {
            let proof = json!({ "header": hex::encode(&original.header), "signature": hex::encode(original.signature) });
            (COPIED.to_owned(), proof)
        }));
        let kind = ItemKind::Change { record: hex::encode(record), change: hex::encode(change.hash), deps: change.deps.iter().map(hex::encode).collect() };
        let parcel = Parcel::sign(&self.keyring.signing, header, vec![(kind, change.bytes.clone())])?;
        self.advance(&ticket.casebook, &parcel);
        sealed_parcel(&parcel, &self.writing_to(&ticket.casebook)?, None)
    }

    /// Moves this device's chain on past a parcel.
    pub(super) fn advance(&mut self, casebook: &[u8; 32], parcel: &Parcel) {
        if let Some(chain) = self.state.chains.get_mut(&hex::encode(casebook)) {
            chain.advance(parcel);
        }
    }

    /// The header of the next parcel of this device in a chain, without items.
    pub(super) fn header(&self, casebook: &[u8; 32], chain: &Chain, nonce: &[u8; 16], time: i64) -> Header {
        Header {
            v: 1,
            casebook: hex::encode(casebook),
            epoch: self.epoch_in_use(casebook),
            device: self.keyring.signing.device(),
            chain: chain.chain.clone(),
            n: chain.n,
            prev: chain.prev.clone(),
            nonce: hex::encode(nonce),
            log: chain.log.clone(),
            seen: chain.seen_now(),
            whole: chain.whole_now(),
            leaving: false,
            time,
            with: None,
            crit: Vec::new(),
            items: Vec::new(),
            more: Map::new(),
        }
    }

    /// Seals the new rows of the docket and counts them; nothing while a store of version 1 has no docket yet.
    pub(super) fn entered(&mut self, rows: Vec<Row>) -> Result<Vec<Sealed>, VaultError> {
        let Some(count) = self.state.docket else { return Ok(Vec::new()) };
        self.state.docket = Some(count + rows.len() as u64);
        self.docket = None;
        Ok(vec![docket::segment(rows, &self.keyring.storage)?])
    }
}

/// Seals a parcel of this device and writes its line of the docket; `operation` is the one it carries.
pub(super) fn sealed_parcel(parcel: &Parcel, to: &Recipients, operation: Option<Hash>) -> Result<(Vec<Sealed>, Row), VaultError> {
    let files = to.seal(&padded(parcel::pack(std::slice::from_ref(parcel))))?;
    let first = plain_hash(files[0].as_bytes());
    let row = Row::of(parcel, (first, to.under()), operation).map(|row| Row { judged: Judged::Sound, ..row });
    Ok((files, row.expect("what this device writes carries one thing")))
}

impl Chain {
    /// What the next parcel says was seen: of so many devices as have room in it.
    fn seen_now(&self) -> BTreeMap<String, Vec<String>> {
        let mut left = MAX_SEEN_HEADS;
        let fits = move |(_, heads): &(&String, &Vec<String>)| {
            let room = left.checked_sub(heads.len());
            left = room.unwrap_or_default();
            room.is_some()
        };
        self.seen.iter().take(MAX_SEEN).take_while(fits).map(|(device, heads)| (device.clone(), heads.clone())).collect()
    }

    /// The evidence records that the next parcel says are whole here.
    fn whole_now(&self) -> Vec<String> {
        self.whole.iter().take(MAX_WHOLE).cloned().collect()
    }

    /// Moves on past a parcel.
    pub(super) fn advance(&mut self, parcel: &Parcel) {
        self.n += 1;
        self.prev = Some(hex::encode(parcel.id()));
        self.seen.retain(|device, _| !parcel.header.seen.contains_key(device));
        self.whole.retain(|record| !parcel.header.whole.contains(record));
    }
}
