//! Moving parcels on into the present epoch: unchanged, header and signature and all, many to a file. Nothing is rewritten,
//! so nobody can put words in another's mouth. Can be interrupted anywhere: each step is durable with where things lie now.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::docket::{self, Docket, Hash, Row, What};
use super::rebuild::operation_of;
use super::store::Batch;
use super::{Progress, Vault, VaultError};
use crate::crypto::{padded, plain_hash};
use crate::parcel::{self, ItemKind, Parcel};
use crate::sys::work::on_every_core;
use crate::team::Operation;

/// Bytes of parcels that one new file takes: opening one parcel opens its file.
const FILE_BYTES: usize = 64 * 1024;
/// Bytes of parcels that are moved on at once.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// What was moved on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub parcels: u64,
    /// New files, and the bytes of them.
    pub files: u64,
    pub bytes: u64,
}

/// Old files whose parcels go into one new file.
type Group = Vec<(Hash, Vec<Parcel>)>;

impl Vault {
    /// Moves everything of a casebook that lies in older files on into the present epoch, where this device holds its key.
    ///
    /// # Errors
    /// Returns what the disk refused; what was moved on until then stays so.
    pub fn reseal(&mut self, casebook: &Hash, progress: &mut dyn Progress) -> Result<Resealed, VaultError> {
        let mut done = Resealed::default();
        let Some(present) = self.present_key(casebook) else { return Ok(done) };
        let older = self.older_files(casebook, &present)?;
        if older.is_empty() {
            return Ok(done);
        }
        self.writable()?;
        let all = older.len() as u64;
        let (mut waiting, mut size, mut passed): (Vec<(Hash, Vec<Parcel>)>, usize, u64) = (Vec::new(), 0, 0);
        for (file, rows) in older {
            passed += 1;
            // A file that does not open is damage that a check tells of; it stays where it is.
            let Ok(parcels) = self.parcels_of(&hex::encode(file)) else { continue };
            let moves = |parcel: &Parcel| rows.contains(&parcel.id()) && !parcel.header.items.iter().any(|item| item.kind == ItemKind::Keys);
            if parcels.len() != rows.len() || !parcels.iter().all(moves) {
                continue;
            }
            size += parcels.iter().map(Parcel::size).sum::<usize>();
            waiting.push((file, parcels));
            if size >= BYTES_AT_ONCE {
                self.move_on(casebook, std::mem::take(&mut waiting), &mut done)?;
                progress.at(passed, all);
                size = 0;
            }
        }
        self.move_on(casebook, waiting, &mut done)?;
        progress.at(all, all);
        Ok(done)
    }

    /// The public key of the present epoch, where this device holds its identity.
    pub(super) fn present_key(&self, casebook: &Hash) -> Option<Hash> {
        let epoch = self.epoch_to_write(casebook)?;
        let held = self.keys(casebook).ok()?.epochs.iter().find(|(_, key)| key.recipient().to_string() == epoch.recipient);
        held.map(|(_, key)| key.recipient().to_bytes())
    }

    /// The files with parcels to be moved on, each with these parcels. Keys stay as they are, and so do the beginnings of
    /// epochs, which devices read that open no epoch.
    fn older_files(&mut self, casebook: &Hash, present: &Hash) -> Result<BTreeMap<Hash, HashSet<Hash>>, VaultError> {
        self.docket()?;
        let (docket, logs) = (self.docket.as_ref().expect("opened just now"), &self.logs);
        let log = logs.get(casebook);
        let begins = |operation: &Hash| log.and_then(|log| log.operation(operation)).is_none_or(|signed| matches!(signed.operation, Operation::Roll(_)));
        let stays = |row: &Row| match &row.what {
            What::Keys => true,
            What::Log { operation } => row.under == Hash::default() && begins(operation),
            _ => false,
        };
        let mut older: BTreeMap<Hash, HashSet<Hash>> = BTreeMap::new();
        let mut kept = HashSet::new();
        for row in docket.facts() {
            if row.casebook != *casebook || stays(row) {
                kept.insert(row.file);
            } else if row.under != *present {
                older.entry(row.file).or_default().insert(row.id);
            }
        }
        older.retain(|file, _| !kept.contains(file));
        Ok(older)
    }

    fn move_on(&mut self, casebook: &Hash, files: Vec<(Hash, Vec<Parcel>)>, done: &mut Resealed) -> Result<(), VaultError> {
        if files.is_empty() {
            return Ok(());
        }
        let to = self.writing_to(casebook)?;
        let sealed = on_every_core(groups(files), |group| {
            let plain = padded(parcel::pack(&group.iter().flat_map(|(_, parcels)| parcels.clone()).collect::<Vec<_>>()));
            let sealed = to.seal(&plain).map(|mut files| files.remove(0));
            (group, sealed)
        });
        let (mut batch, mut rows) = (Batch::default(), Vec::new());
        let docket = self.docket.as_ref().expect("opened before");
        for (group, sealed) in sealed {
            let sealed = sealed?;
            let name = plain_hash(sealed.as_bytes());
            done.files += 1;
            done.bytes += sealed.as_bytes().len() as u64;
            for (file, parcels) in group {
                done.parcels += parcels.len() as u64;
                rows.extend(parcels.iter().filter_map(|parcel| docket.row(&parcel.id())).map(|row| Row { file: name, under: to.under(), ..row.clone() }));
                batch.moved.push((file, Some(name)));
            }
            batch.files.push(sealed);
        }
        batch.docket = vec![docket::segment(rows.clone(), &self.keyring.storage)?];
        self.store.write(batch)?;
        let docket = self.docket.as_mut().expect("opened before");
        rows.into_iter().for_each(|row| docket.put(row));
        Ok(())
    }
}

/// Puts files together up to the size of a new one.
fn groups(files: Vec<(Hash, Vec<Parcel>)>) -> Vec<Group> {
    let (mut groups, mut group, mut size): (Vec<Group>, Group, usize) = (Vec::new(), Vec::new(), 0);
    for (file, parcels) in files {
        let bytes: usize = parcels.iter().map(Parcel::size).sum();
        if !group.is_empty() && size + bytes > FILE_BYTES {
            groups.push(std::mem::take(&mut group));
            size = 0;
        }
        size += bytes;
        group.push((file, parcels));
    }
    groups.extend((!group.is_empty()).then_some(group));
    groups
}

/// What lies elsewhere from now on. Where things lie in the docket changes only when the new files are durable.
#[derive(Default)]
pub(super) struct Moving {
    /// Lines of parcels whose file is another one, by parcel.
    pub rows: BTreeMap<Hash, Row>,
    /// Files that are not wanted again, with the one that holds what they held.
    pub files: Vec<(Hash, Option<Hash>)>,
}

impl Moving {
    /// Takes over what a file brings again, when it is sealed to the present epoch and older files are not, or to any epoch and
    /// the log was here in a welcome alone, which nobody else opens; returns whether there was anything to gain from it.
    pub fn take_over(&mut self, parcels: &[Parcel], (file, under): (Hash, Hash), present: Option<Hash>, docket: &Docket) -> bool {
        let begins = |parcel: &Parcel| operation_of(parcel).is_none_or(|operation| matches!(operation, Operation::Roll(_)));
        let gains = |parcel: &Parcel, row: &Row| match row.what {
            What::Keys => false,
            What::Log { .. } if row.under == Hash::default() => under != Hash::default() && !begins(parcel),
            _ => row.under != under && present == Some(under),
        };
        let known = parcels.iter().filter(|parcel| !self.rows.contains_key(&parcel.id()));
        let known: Vec<(&Parcel, &Row)> =
            known.filter_map(|parcel| Some((parcel, docket.row(&parcel.id())?))).filter(|(parcel, row)| gains(parcel, row)).collect();
        if known.is_empty() {
            return false;
        }
        let mut left: HashMap<Hash, usize> = known.iter().map(|(_, row)| (row.file, 0)).collect();
        self.rows.extend(known.into_iter().map(|(parcel, row)| (row.id, moved_to((file, under), parcel, row))));
        for row in docket.facts().filter(|row| !self.rows.contains_key(&row.id)) {
            left.entry(row.file).and_modify(|count| *count += 1);
        }
        self.files.extend(left.into_iter().filter(|(_, count)| *count == 0).map(|(old, _)| (old, Some(file))));
        true
    }

    /// Leaves out what would move to files that are not kept after all: what lies in the old ones stays there.
    pub fn keep_within(&mut self, kept: &HashSet<Hash>, has_file: impl Fn(&Hash) -> Result<bool, VaultError>) -> Result<(), VaultError> {
        self.rows.retain(|_, row| kept.contains(&row.file));
        let mut files = Vec::new();
        for (name, place) in std::mem::take(&mut self.files) {
            let stands = place.map_or(Ok(true), |place| Ok::<_, VaultError>(kept.contains(&place) || has_file(&place)?))?;
            files.extend(stands.then_some((name, place)));
        }
        self.files = files;
        Ok(())
    }

    /// Tells whether this device can open something now that it wrote and could not.
    pub fn opens_own(&self, docket: &Docket) -> bool {
        self.rows.keys().filter_map(|id| docket.row(id)).any(Row::is_stripped)
    }

    /// Returns the file in which a parcel lies.
    pub fn file_of(&self, id: &Hash, docket: &Docket) -> Option<Hash> {
        self.rows.get(id).or_else(|| docket.row(id)).map(|row| row.file)
    }
}

/// The line of a parcel that lies in this file from now on: all of it, where only some was kept.
fn moved_to((file, under): (Hash, Hash), parcel: &Parcel, row: &Row) -> Row {
    let whole = || Row::of(parcel, (file, under), operation_of(parcel).as_ref().map(Operation::id)).map(|whole| Row { judged: row.judged.clone(), ..whole });
    let whole = if row.is_stripped() { whole() } else { None };
    whole.unwrap_or_else(|| Row { file, under, ..row.clone() })
}
