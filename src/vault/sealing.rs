//! Sealing a device: everything that opens leaves its keyring, wrapped for its colleagues, until one of them gives keys back.
//! A sealed device goes on recording; it opens nothing, not even with its passphrase.

use std::collections::HashSet;

use super::addressing::parsed;
use super::docket::{Docket, Hash, Row, What, hash_of};
use super::envelope::{fault_of, keys_of};
use super::handing::{KeysFile, parts};
use super::holding::marked;
use super::joining::{JoinError, fits_log, with_known_mailboxes};
use super::rebuild::operation_of;
use super::store::Batch;
use super::{Damage, Keyring, MAX_KEYRING, Mode, Silent, Vault, VaultError, view};
use crate::crypto::{DeviceId, Identity, Passphrase, Recipient, Sealed, open, padded, seal, unpadded};
use crate::parcel::{self, Parcel};
use crate::sys::chance::Chance;
use crate::team::{Badge, KeysText, Role, Signed};

/// Name of the slot with the wrapped keyring.
pub(super) const WRAPPED: &str = "wrapped";
/// Name of the slot with the names of files that go to no place of a shared casebook: nothing else tells them while the device is sealed.
pub(super) const PRIVATE: &str = "private";
/// Slots that go on under the new storage key.
const GOES_ON: [&str; 2] = ["places", "compared"];

impl Vault {
    /// Returns what this device does with what it saves.
    pub fn mode(&self) -> Mode {
        self.keyring.mode
    }

    /// Seals this device: its keyring is wrapped into a file that the present epoch of a casebook opens, and keeps only what
    /// writes. Views and caches go.
    ///
    /// # Errors
    /// Returns [`VaultError::NobodyOpens`] where no other member holds the keys, or what the disk refused; then nothing changed.
    pub fn seal(&mut self, casebook: &Hash, passphrase: &Passphrase) -> Result<(), VaultError> {
        self.writable()?;
        self.unlock_check(passphrase)?;
        let own = self.keyring.signing.device();
        let epoch = self.somebody_opens(casebook)?;
        let wrapped = seal([&epoch], &padded(self.keyring.to_text().as_bytes().to_vec()))?;
        let mut slots = vec![(WRAPPED, wrapped.into_bytes())];
        let storage = Identity::generate();
        for slot in GOES_ON {
            let kept = self.kept(slot)?.unwrap_or_default();
            slots.push((slot, seal([&storage.recipient()], &padded(marked(kept)))?.into_bytes()));
        }
        let private = self.private_names()?;
        slots.push((PRIVATE, seal([&storage.recipient()], &padded(marked(private)))?.into_bytes()));
        self.docket()?;
        self.attempt(|vault| {
            let docket = vault.docket.take().unwrap_or_default();
            vault.keyring = vault.keyring.sealed(storage);
            let shared: Vec<Hash> = vault.keyring.casebooks.iter().map(|book| book.id).collect();
            vault.logs.retain(|casebook, _| shared.contains(casebook));
            let kept = docket.facts().filter(|row| shared.contains(&row.casebook)).filter_map(|row| still_told(row, &own));
            let kept = Docket::of(kept);
            vault.state.docket = Some(kept.len() as u64);
            (vault.state.records, vault.state.segments, vault.state.note) = (0, Some(0), serde_json::Value::Null);
            vault.state.chains.values_mut().for_each(|chain| (chain.seen, chain.whole) = Default::default());
            vault.next_generation();
            slots.push(("state", vault.sealed_state()?));
            slots.push(vault.sealed_logs()?);
            let docket = vec![kept.whole(&vault.keyring.storage)?];
            vault.settle_batch(passphrase, Batch { slots, docket, replaces_docket: true, replaces_view: true, ..Batch::default() })
        })
    }

    /// Returns the public key of the present epoch of a casebook, where another member holds its key too and could give it back.
    ///
    /// # Errors
    /// Returns [`VaultError::NobodyOpens`].
    pub fn somebody_opens(&self, casebook: &Hash) -> Result<Recipient, VaultError> {
        let present = self.present_key(casebook).ok_or(VaultError::NobodyOpens)?;
        let own = self.keyring.signing.device();
        let mut others = self.team(casebook).into_iter().flat_map(|team| &team.members);
        if !others.any(|(device, member)| *device != own && member.role >= Role::Reader) {
            return Err(VaultError::NobodyOpens);
        }
        let held = self.keys(casebook)?.epochs.iter().map(|(_, key)| key.recipient()).find(|key| key.to_bytes() == present);
        held.ok_or(VaultError::NobodyOpens)
    }

    /// The files that belong to no place of each shared casebook: its id, how many, and their names.
    fn private_names(&mut self) -> Result<Vec<u8>, VaultError> {
        let shared: Vec<Hash> = self.keyring.casebooks.iter().filter(|book| book.name.is_some()).map(|book| book.id).collect();
        let mut bytes = Vec::new();
        for casebook in shared {
            let (private, _) = self.private_and_urgent(&casebook)?;
            bytes.extend(casebook);
            bytes.extend((private.len() as u64).to_be_bytes());
            private.iter().for_each(|name| bytes.extend(name));
        }
        Ok(bytes)
    }

    /// The files that were known to be private to other casebooks when this device was sealed.
    pub(super) fn private_when_sealed(&self, casebook: &Hash) -> Result<HashSet<Hash>, VaultError> {
        let bytes = self.kept(PRIVATE)?.unwrap_or_default();
        let mut rest = bytes.as_slice();
        while let Some((head, names)) = rest.split_at_checked(40) {
            let count = head[32..].try_into().map_or(0, u64::from_be_bytes);
            let length = usize::try_from(count).ok().and_then(|count| count.checked_mul(32)).filter(|length| *length <= names.len());
            let (names, after) = names.split_at(length.ok_or_else(|| VaultError::damaged(Damage::View))?);
            if head[..32] == *casebook {
                return Ok(names.chunks_exact(32).filter_map(|name| name.try_into().ok()).collect());
            }
            rest = after;
        }
        Ok(HashSet::new())
    }

    /// Writes a keys file for a member whose device is sealed: the keys of the member's role, to the recipient that the device
    /// made when it was sealed. It is kept nowhere here.
    ///
    /// # Errors
    /// Returns [`VaultError::NoCasebook`] for a device that is no member who reads.
    pub fn reopening(&mut self, casebook: &Hash, badge: &Badge, time: i64, chance: &mut dyn Chance) -> Result<Vec<Sealed>, VaultError> {
        let member = self.team(casebook).and_then(|team| team.members.get(&badge.device)).filter(|member| member.role >= Role::Reader);
        let (role, keeper) = member.map(|member| (member.role, member.keeper)).ok_or(VaultError::NoCasebook)?;
        let keys = self.keys_for(casebook, Some(role), keeper)?;
        let log = self.log_parcels(casebook, &[], |_| true)?;
        let KeysFile { files, .. } = self.keys_file(casebook, &keys, &[parsed(&badge.recipient)?], log, time, chance)?;
        Ok(files)
    }

    /// Opens a sealed device again with a colleague's keys file: what was wrapped comes back, and everything is read anew.
    ///
    /// # Errors
    /// Returns [`JoinError`] when the files are not for this device, do not fit the log or do not open what was wrapped; then
    /// the device is as sealed as before.
    pub fn unseal(&mut self, files: Vec<Sealed>, passphrase: &Passphrase, time: i64) -> Result<Result<(), JoinError>, VaultError> {
        self.writable()?;
        self.unlock_check(passphrase)?;
        if self.mode() != Mode::Sealed {
            return Ok(Err(JoinError::NotSealed));
        }
        let parcels: Vec<Parcel> = files.iter().filter_map(|sealed| self.for_this_device(sealed)).flatten().collect();
        let Some((casebook, keys)) = parcels.iter().find_map(|parcel| Some((hash_of(&parcel.header.casebook)?, keys_of(parcel)?))) else {
            return Ok(Err(JoinError::NotForThisDevice));
        };
        let Some(keys) = self.proven(&casebook, keys, &parcels) else { return Ok(Err(JoinError::DoesNotFit)) };
        let Some(mut keyring) = self.unwrapped(&keys)? else { return Ok(Err(JoinError::DoesNotFit)) };
        keyring.generation = self.keyring.generation;
        keyring.storage = self.keyring.storage.clone();
        for book in keyring.casebooks.iter_mut().filter(|book| book.id == casebook) {
            book.take(&keys);
        }
        self.attempt(|vault| {
            vault.keyring = keyring;
            vault.next_generation();
            vault.state.seal.iter_mut().for_each(|when| when.since = time);
            // Until everything was read anew, neither view nor docket says what is here: a cut here must not look like an empty vault.
            (vault.state.view, vault.state.docket) = (view::OUTDATED, None);
            let slots = vec![(WRAPPED, Vec::new()), (PRIVATE, Vec::new()), ("state", vault.sealed_state()?)];
            vault.settle_batch(passphrase, Batch { slots, ..Batch::default() })
        })?;
        self.rebuild(&mut Silent)?;
        self.keep_log(&parcels)?;
        let opened = self.carried_and_open()?;
        self.receive_all(opened)?;
        Ok(Ok(()))
    }

    /// Keeps what of the log came with the keys and is nowhere else here.
    fn keep_log(&mut self, parcels: &[Parcel]) -> Result<(), VaultError> {
        let docket = self.docket()?;
        let new = |parcel: &&Parcel| operation_of(parcel).is_some() && docket.row(&parcel.id()).is_none();
        let new: Vec<Parcel> = parcels.iter().filter(new).cloned().collect();
        let mut files = Vec::new();
        for part in parts(&new).into_iter().filter(|part| !part.is_empty()) {
            let sealed = seal([&self.keyring.device.recipient()], &padded(parcel::pack(part)))?;
            let envelope = self.keyring.envelope(&sealed);
            files.push((sealed, envelope));
        }
        self.receive_all(files).map(|_| ())
    }

    /// The parcels in a file for this device's own key, when each is sound by itself.
    fn for_this_device(&self, sealed: &Sealed) -> Option<Vec<Parcel>> {
        let opened = open([&self.keyring.device], sealed, parcel::MAX_SEALED as u64).ok()?;
        parcel::unpack(opened.as_bytes()).ok().filter(|parcels| parcels.iter().all(|parcel| fault_of(parcel).is_none()))
    }

    /// The keys, when a member who reads signed them and the log names them; of mailboxes what proves itself.
    fn proven(&self, casebook: &Hash, keys: KeysText, parcels: &[Parcel]) -> Option<KeysText> {
        let mut log = self.log(casebook).ok()?.clone();
        for parcel in parcels.iter().filter(|parcel| hash_of(&parcel.header.casebook) == Some(*casebook)) {
            if let Some(operation) = operation_of(parcel) {
                log.take(Signed { operation, author: parcel.header.device, parcel: parcel.id() });
            }
        }
        let signer = parcels.iter().find(|parcel| keys_of(parcel).is_some())?.header.device;
        let keys = with_known_mailboxes(keys, &log, &signer);
        let reads = log.membership().role(&signer) >= Some(Role::Reader);
        (reads && !keys.epochs.is_empty() && fits_log(&keys, &log, &signer)).then_some(keys)
    }

    /// The keyring that was wrapped, when one of the keys opens it.
    fn unwrapped(&self, keys: &KeysText) -> Result<Option<Keyring>, VaultError> {
        let Some(wrapped) = self.store.slot(WRAPPED)? else { return Ok(None) };
        let identities: Vec<Identity> = keys.epochs.iter().filter_map(|(_, secret)| secret.parse().ok()).collect();
        let opened = open(&identities, &Sealed::from_outside(wrapped), MAX_KEYRING).ok();
        let text = opened.as_ref().and_then(|opened| std::str::from_utf8(unpadded(opened.as_bytes())).ok());
        let keyring = text.and_then(Keyring::from_text);
        Ok(keyring.filter(|keyring| keyring.signing.device() == self.keyring.signing.device()))
    }
}

/// What a sealed device still knows of a parcel: the log, and of what it made itself the number in its chain and the record.
/// Keys for others stay what they are: no key of this device ever opens them again to tell.
fn still_told(row: &Row, own: &DeviceId) -> Option<Row> {
    let (log, ours) = (matches!(row.what, What::Log { .. }), row.device == *own.as_bytes());
    let makes = row.change().is_some_and(|(.., deps)| deps.is_empty());
    let what = if log || makes || row.what == What::Keys { row.what.clone() } else { What::Receipt };
    (log || ours).then(|| Row { what, ..row.clone().stripped() })
}

impl Keyring {
    /// Leaves out everything that opens what was recorded: the device gets a new key for what colleagues send it.
    fn sealed(&self, storage: Identity) -> Keyring {
        let mut sealed = Keyring { mode: Mode::Sealed, device: Identity::generate(), storage, ..self.clone() };
        sealed.casebooks.retain(|book| book.name.is_some());
        for book in &mut sealed.casebooks {
            let read = std::mem::take(&mut book.epochs).into_iter().map(|(number, key)| (number, key.recipient()));
            book.recipients = read.chain(std::mem::take(&mut book.recipients)).collect();
            book.recipients.dedup();
            book.keepers.clear();
            // It goes on leaving what it records, and lists nothing.
            book.mailboxes = book.mailboxes.iter().filter_map(|mailbox| mailbox.of_role(Role::Capture)).collect();
        }
        sealed
    }
}
