//! Being let in: reading a welcome, taking its keys, and coming in by an invitation.

use super::addressing::{Recipients, parsed};
use super::docket::{Hash, Row, Standing, What, hash_of};
use super::envelope::{Envelope, fault_of, keys_of};
use super::writing::Own;
use super::{CasebookKeys, Chain, Silent, Vault, VaultError};
use crate::crypto::{DeviceId, Identity, Passphrase, Recipient, SealError, Sealed, SigningKey, open, plain_hash};
use crate::parcel::{self, ItemKind, Parcel};
use crate::sys::chance::{Chance, draw};
use crate::team::{Act, Add, Badge, Epoch, EpochKeys, Genesis, KeysText, Log, MailboxKeys, Operation, OperationId, Role, Roll, Signed};

/// What a welcome says, before anything of it is taken.
#[derive(Debug)]
pub struct Welcome {
    pub casebook: Hash,
    pub genesis: Genesis,
    /// Device that let this one in, and its badge.
    pub by: Badge,
    /// Role that this device has.
    pub role: Role,
    log: Log,
    keys: KeysText,
    files: Vec<(Sealed, Envelope)>,
}

/// A way into a casebook that somebody who has its key may take alone, without reading anything.
#[derive(Debug)]
pub struct Invitation {
    pub casebook: Hash,
    pub genesis: Genesis,
    log: Log,
    parcels: Vec<Parcel>,
    key: SigningKey,
    invite: OperationId,
}

/// Why a welcome cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    #[error("nothing in it is for this device")]
    NotForThisDevice,
    #[error("what it says does not fit together")]
    DoesNotFit,
    #[error("this device belongs to the casebook already")]
    Joined,
    #[error("the casebook's log does not know this device")]
    NotAMember,
    #[error("this device is not sealed")]
    NotSealed,
}

impl JoinError {
    /// Returns the stable code.
    pub fn code(self) -> &'static str {
        match self {
            JoinError::NotForThisDevice => "welcome-not-for-you",
            JoinError::DoesNotFit => "welcome-does-not-fit",
            JoinError::Joined => "casebook-joined",
            JoinError::NotAMember => "welcome-not-a-member",
            JoinError::NotSealed => "device-not-sealed",
        }
    }
}

impl Vault {
    /// Reads the files of a welcome; nothing of it is taken.
    ///
    /// # Errors
    /// Returns why it is none for this device.
    pub fn read_welcome(&self, files: Vec<Sealed>) -> Result<Welcome, JoinError> {
        let mut parcels = Vec::new();
        let mut kept = Vec::new();
        for sealed in files {
            match open([&self.keyring.device], &sealed, parcel::MAX_SEALED as u64) {
                Ok(opened) => {
                    let found = parcel::unpack(opened.as_bytes()).map_err(|_| JoinError::DoesNotFit)?;
                    let one = found.iter().all(|parcel| parcel.header.casebook == found[0].header.casebook);
                    if !one || found.iter().any(|parcel| fault_of(parcel).is_some()) {
                        return Err(JoinError::DoesNotFit);
                    }
                    parcels.extend(found.iter().cloned());
                    kept.push((sealed, Envelope::Parcels(found, Hash::default())));
                }
                Err(SealError::NoKey) => kept.push((sealed, Envelope::Carried)),
                Err(_) => return Err(JoinError::DoesNotFit),
            }
        }
        self.welcome_in(&parcels, kept)
    }

    fn welcome_in(&self, parcels: &[Parcel], files: Vec<(Sealed, Envelope)>) -> Result<Welcome, JoinError> {
        let keys = parcels.iter().filter(|parcel| parcel.header.items.iter().any(|item| item.kind == ItemKind::Keys));
        let (with_keys, keys) = keys.filter_map(|parcel| Some((parcel, keys_of(parcel)?))).next_back().ok_or(JoinError::NotForThisDevice)?;
        let casebook = hash_of(&with_keys.header.casebook).ok_or(JoinError::DoesNotFit)?;
        if self.keyring.casebooks.iter().any(|book| book.id == casebook && book.can_read()) {
            return Err(JoinError::Joined);
        }
        let log = log_in(casebook, parcels);
        let genesis = log.genesis().cloned().ok_or(JoinError::DoesNotFit)?;
        let team = log.membership();
        let role = team.members.get(&self.keyring.signing.device()).ok_or(JoinError::NotAMember)?.role;
        let by = team.members.get(&with_keys.header.device).filter(|member| member.role == Role::Admin).ok_or(JoinError::DoesNotFit)?.badge.clone();
        let fits = fits_log(&keys, &log, &with_keys.header.device) && (role < Role::Reader || !keys.epochs.is_empty());
        if fits { Ok(Welcome { casebook, genesis, by, role, log, keys, files }) } else { Err(JoinError::DoesNotFit) }
    }

    /// Takes a welcome: its keys, its log and its files.
    ///
    /// # Errors
    /// Returns [`VaultError::CasebookExists`] where another casebook has that name, or what the disk refused.
    pub fn join(&mut self, welcome: Welcome, passphrase: &Passphrase, chance: &mut dyn Chance) -> Result<(), VaultError> {
        let name = welcome.genesis.name.clone();
        let taken = |book: &CasebookKeys| book.id != welcome.casebook && book.name == name;
        if name.is_none() || self.keyring.casebooks.iter().any(taken) {
            return Err(VaultError::CasebookExists);
        }
        self.unlock_check(passphrase)?;
        self.enter_casebook(&welcome.casebook, name, &welcome.keys, &welcome.log, passphrase, chance)?;
        self.receive_all(welcome.files)?;
        // What came of this casebook before, and could not be read.
        let opened = self.carried_and_open()?;
        self.receive_all(opened).map(|_| ())
    }

    /// Enters the keys of a casebook, new or known, into the keyring.
    pub(super) fn enter_casebook(
        &mut self,
        casebook: &Hash,
        name: Option<String>,
        keys: &KeysText,
        log: &Log,
        passphrase: &Passphrase,
        chance: &mut dyn Chance,
    ) -> Result<(), VaultError> {
        self.writable()?;
        let genesis_epoch = log.membership().epochs.first().map(|epoch| epoch.register.clone());
        let register: Recipient = keys.register.clone().or(genesis_epoch).and_then(|text| text.parse().ok()).ok_or(VaultError::NoCasebook)?;
        let chain = hex::encode(draw::<8>(chance));
        let held = self.held(casebook);
        self.attempt(|vault| {
            if !vault.keyring.casebooks.iter().any(|book| book.id == *casebook) {
                vault.keyring.casebooks.push(CasebookKeys::of(*casebook, name, register));
            }
            let book = vault.keyring.casebooks.iter_mut().find(|book| book.id == *casebook).ok_or(VaultError::NoCasebook)?;
            book.take(keys);
            vault.state.carried_untried = true;
            vault.state.chains.entry(hex::encode(casebook)).or_insert_with(|| Chain { chain, ..Chain::default() });
            vault.next_generation();
            vault.settle(passphrase, Own::default())
        })?;
        self.open_own(casebook, &held)
    }

    /// Reads anew what this device recorded while it had no key of the epoch that it wrote to.
    fn open_own(&mut self, casebook: &Hash, held_before: &[Hash]) -> Result<(), VaultError> {
        let own = *self.keyring.signing.device().as_bytes();
        let new: Vec<Hash> = self.held(casebook).into_iter().filter(|key| !held_before.contains(key)).collect();
        let blind = self.docket()?.facts().any(|row| row.device == own && new.contains(&row.under));
        if blind { self.rebuild(&mut Silent).map(|_| ()) } else { Ok(()) }
    }

    /// The public keys of the epochs that this device opens.
    fn held(&self, casebook: &Hash) -> Vec<Hash> {
        self.keys(casebook).into_iter().flat_map(|book| &book.epochs).map(|(_, key)| key.recipient().to_bytes()).collect()
    }

    /// Takes keys that came for this device in a parcel of a casebook that it knows; returns whether there were new ones among
    /// them. Keys that do not fit the casebook's log are passed over.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn take_keys(&mut self, parcel: &Hash, casebook: &Hash, keys: &KeysText, passphrase: &Passphrase, chance: &mut dyn Chance) -> Result<bool, VaultError> {
        let Some(author) = self.docket()?.row(parcel).map(|row| DeviceId::from_bytes(row.device)) else { return Ok(false) };
        let log = self.log(casebook)?.clone();
        let fitting = fitting(keys, &log, &author);
        if !self.keys(casebook)?.lacks(&fitting) {
            return Ok(false);
        }
        self.enter_casebook(casebook, None, &fitting, &log, passphrase, chance)?;
        Ok(true)
    }

    /// Returns keys that members sent and that are here, where something among these new parcels may prove or bring some.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn keys_here(&mut self, new: &[Hash]) -> Result<Vec<(Hash, Hash, KeysText)>, VaultError> {
        let docket = self.docket()?;
        let tells = |id: &Hash| docket.row(id).is_some_and(|row| matches!(row.what, What::Log { .. } | What::Keys));
        // Keys that came and were not taken, because the run was cut off in between, come to no other place again.
        if !new.iter().any(tells) && !self.lacks_present_keys() {
            return Ok(Vec::new());
        }
        let counts = |standing: &Standing| matches!(standing, Standing::Accepted | Standing::Ready);
        let own = *self.keyring.signing.device().as_bytes();
        let rows = self.docket()?.rows().filter(|(row, standing)| row.what == What::Keys && row.device != own && counts(standing));
        let rows: Vec<Row> = rows.map(|(row, _)| row.clone()).collect();
        Ok(rows.iter().filter_map(|row| Some((row.id, row.casebook, keys_of(&self.parcel(row).ok()?)?))).collect())
    }

    /// Tells whether the log names present keys for this device that it does not hold.
    fn lacks_present_keys(&self) -> bool {
        let own = self.keyring.signing.device();
        self.keyring.casebooks.iter().any(|book| {
            let Some((team, member)) = self.team(&book.id).and_then(|team| Some((team, team.members.get(&own)?))) else { return false };
            let read = |key: &str| book.epochs.iter().any(|(_, held)| held.recipient().to_string() == key);
            let written = |key: &str| member.role < Role::Reader && book.recipients.iter().any(|(_, held)| held.to_string() == key);
            let leaves = |epoch: &Epoch| book.mailboxes.iter().any(|mailbox| epoch.has_mailbox(mailbox) && mailbox.serves(member.role));
            // A founding tells of no mailbox, and one from before there were any has none.
            let has_one = |epoch: &Epoch| epoch.commitment.is_some() || book.mailboxes.iter().any(|mailbox| epoch.has_mailbox(mailbox));
            let kept = |key: &str| !member.keeper || book.keepers.iter().any(|held| held.recipient().to_string() == key);
            team.clean_epoch().is_some_and(|epoch| (!read(&epoch.recipient) && !written(&epoch.recipient)) || (has_one(epoch) && !leaves(epoch)))
                || team.clean_register().is_some_and(|epoch| !kept(&epoch.register))
        })
    }

    /// Tells whether keys came since files that were carried unread were last tried.
    pub fn carried_is_untried(&self) -> bool {
        self.state.carried_untried
    }

    /// Notes that every key here was tried on what is carried.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn note_carried_tried(&mut self) -> Result<(), VaultError> {
        self.state.carried_untried = false;
        self.save_state()
    }

    /// Returns the sealed files that were carried unread so far and that a key opens now.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn carried_and_open(&mut self) -> Result<Vec<(Sealed, Envelope)>, VaultError> {
        let known: std::collections::HashSet<Hash> = self.docket()?.facts().map(|row| row.file).collect();
        let mut found = Vec::new();
        self.store.each_file(&mut |name, bytes| {
            let unknown = <Hash>::try_from(name.as_slice()).is_ok_and(|name| !known.contains(&name));
            if unknown && plain_hash(&bytes).as_slice() == name {
                let sealed = Sealed::from_outside(bytes);
                let envelope = self.keyring.envelope(&sealed);
                found.extend(matches!(envelope, Envelope::Parcels(..)).then_some((sealed, envelope)));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Lets this device into a casebook by an invitation: as capture, and without a key that opens anything.
    ///
    /// # Errors
    /// Returns [`VaultError::CasebookExists`] where this or another casebook of that name is known, or what the disk refused.
    pub fn join_invited(&mut self, invitation: &Invitation, passphrase: &Passphrase, time: i64, chance: &mut dyn Chance) -> Result<(), VaultError> {
        let name = &invitation.genesis.name;
        if self.keyring.casebooks.iter().any(|book| book.id == invitation.casebook || book.name == *name) {
            return Err(VaultError::CasebookExists);
        }
        self.writable()?;
        self.unlock_check(passphrase)?;
        self.attempt(|vault| {
            let own = vault.enter_invited(invitation, time, chance)?;
            vault.next_generation();
            vault.settle(passphrase, own)
        })
    }

    /// Enters a casebook by an invitation: its log, the recipients of its present epoch, and the addition that the invitation
    /// key signs.
    pub(super) fn enter_invited(&mut self, invitation: &Invitation, time: i64, chance: &mut dyn Chance) -> Result<Own, VaultError> {
        let Invitation { casebook, genesis, log, parcels, key, invite } = invitation;
        let epoch = log.membership().clean_epoch().ok_or(VaultError::NoCasebook)?;
        let (number, recipient, register) = (epoch.number, parsed(&epoch.recipient)?, parsed(&epoch.register)?);
        let recipients = vec![(number, recipient.clone())];
        let book = CasebookKeys { recipients, ..CasebookKeys::of(*casebook, genesis.name.clone(), register) };
        self.keyring.casebooks.push(book);
        self.state.chains.insert(hex::encode(casebook), Chain { chain: hex::encode(draw::<8>(chance)), ..Chain::default() });
        self.logs.insert(*casebook, log.clone());
        self.note_log_heads();
        let mut own = Own::at(time);
        own.keep_copies(parcels, &self.keyring.device.recipient())?;
        let add = Add { badge: self.badge(), role: Role::Capture, keeper: false, verified: false, invite: Some(hex::encode(invite)) };
        let operation = Operation::Add(Act::new(key.device(), &log.heads_for(&key.device()), add, time, draw(chance)));
        self.write_apart(casebook, key, vec![(ItemKind::Log, operation.to_bytes())], &Recipients::Epoch(recipient), chance, &mut own)?;
        Ok(own)
    }
}

impl Invitation {
    /// Takes an invitation: the casebook that a genesis founds, parcels with its log, and the key of an invitation in it.
    ///
    /// # Errors
    /// Returns [`JoinError::DoesNotFit`] when the log does not prove it: nobody who passes it on can name keys of their own.
    pub fn of(genesis: &Operation, parcels: Vec<Parcel>, key: SigningKey, invite: OperationId) -> Result<Invitation, JoinError> {
        let (Operation::Genesis(founding), casebook) = (genesis, genesis.casebook()) else { return Err(JoinError::DoesNotFit) };
        if parcels.iter().any(|parcel| fault_of(parcel).is_some()) {
            return Err(JoinError::DoesNotFit);
        }
        let log = log_in(casebook, &parcels);
        let invited = log.operation(&invite).is_some_and(|signed| matches!(&signed.operation, Operation::Invite(act) if act.what.key == key.device()));
        let fits = invited && founding.name.is_some() && log.genesis() == Some(&**founding) && log.membership().clean_epoch().is_some();
        if fits { Ok(Invitation { casebook, genesis: (**founding).clone(), log, parcels, key, invite }) } else { Err(JoinError::DoesNotFit) }
    }
}

impl CasebookKeys {
    /// Tells whether there is a key among these that this device does not hold.
    fn lacks(&self, keys: &KeysText) -> bool {
        let mut more = self.clone();
        more.take(keys);
        let counts = |book: &CasebookKeys| (book.epochs.len(), book.recipients.len(), book.keepers.len());
        counts(&more) != counts(self) || more.mailboxes != self.mailboxes
    }

    /// Takes further keys. They are told apart by the keys themselves: two epochs may have one number.
    pub(super) fn take(&mut self, keys: &KeysText) {
        for (number, secret) in &keys.epochs {
            let key = secret.parse::<Identity>().ok().filter(|key| !self.epochs.iter().any(|(_, known)| known.recipient() == key.recipient()));
            self.epochs.extend(key.map(|key| (*number, key)));
        }
        for (number, recipient) in &keys.recipients {
            let recipient = recipient.parse::<Recipient>().ok().filter(|recipient| !self.recipients.iter().any(|(_, known)| known == recipient));
            self.recipients.extend(recipient.map(|recipient| (*number, recipient)));
        }
        for keeper in keys.keepers.iter().filter_map(|secret| secret.parse::<Identity>().ok()) {
            let known = self.keepers.iter().any(|known| known.recipient() == keeper.recipient());
            self.keepers.extend((!known).then_some(keeper));
        }
        keys.mailboxes.iter().for_each(|mailbox| mailbox.add_to(&mut self.mailboxes));
        self.epochs.sort_by_key(|(number, _)| *number);
        self.recipients.sort_by_key(|(number, _)| *number);
    }
}

/// Tells whether every key is one that the log names.
pub(super) fn fits_log(keys: &KeysText, log: &Log, author: &DeviceId) -> bool {
    fitting(keys, log, author) == *keys
}

/// Returns the keys, with no mailbox but those that the author may speak of and the log commits to.
pub(super) fn with_known_mailboxes(keys: KeysText, log: &Log, author: &DeviceId) -> KeysText {
    let mailboxes = keys.mailboxes.iter().filter(|mailbox| is_known(mailbox, log, author)).cloned().collect();
    KeysText { mailboxes, ..keys }
}

/// Tells whether a mailbox is that of an epoch, by the word of an admin or of whoever began the epoch: of single keys nothing
/// shows whether they belong to the id. The roll must have had effect at least for those who knew no more than it: nobody
/// left anything in the mailbox of any other.
fn is_known(mailbox: &MailboxKeys, log: &Log, author: &DeviceId) -> bool {
    let team = log.membership();
    let admin = team.role(author) == Some(Role::Admin);
    let commits = |begun: Begun| begun.number == mailbox.number && begun.commitment.map_or(begun.number == 0, |it| it == mailbox.commitment());
    let begins = |signed: &&Signed| (admin || signed.author == *author) && begun_by(signed).is_some_and(commits);
    log.taken().filter(begins).any(|signed| team.once_held(&signed.operation.id()))
}

/// Returns the keys that the log names. Those of a roll that turned out to be void are among them: nobody writes to its epoch
/// any more, and what honest people sealed to it before they knew is read with them.
fn fitting(keys: &KeysText, log: &Log, author: &DeviceId) -> KeysText {
    let begun: Vec<Begun> = log.taken().filter_map(begun_by).collect();
    let named = |number: u64, recipient: &str| begun.iter().any(|epoch| (epoch.number, epoch.recipient) == (number, recipient));
    let registered = |recipient: &String| begun.iter().any(|epoch| epoch.register == recipient);
    let recipient_of = |secret: &str| secret.parse::<Identity>().ok().map(|key| key.recipient().to_string());
    let mut fitting = with_known_mailboxes(keys.clone(), log, author);
    fitting.epochs.retain(|(number, secret)| recipient_of(secret).is_some_and(|recipient| named(*number, &recipient)));
    fitting.recipients.retain(|(number, recipient)| named(*number, recipient));
    fitting.register = fitting.register.filter(registered);
    fitting.keepers.retain(|secret| recipient_of(secret).is_some_and(|recipient| registered(&recipient)));
    fitting
}

/// What an operation says of the epoch that it is to begin.
struct Begun<'a> {
    number: u64,
    recipient: &'a str,
    register: &'a str,
    commitment: Option<&'a str>,
}

fn begun_by(signed: &Signed) -> Option<Begun<'_>> {
    match &signed.operation {
        Operation::Genesis(genesis) => {
            let EpochKeys { number, recipient, register } = &genesis.epoch;
            Some(Begun { number: *number, recipient, register, commitment: None })
        }
        Operation::Roll(act) => {
            let Roll { number, recipient, register, commitment, .. } = &act.what;
            Some(Begun { number: *number, recipient, register, commitment: commitment.as_deref() })
        }
        _ => None,
    }
}

/// The log that some parcels make.
pub(super) fn log_in<'a>(casebook: Hash, parcels: impl IntoIterator<Item = &'a Parcel>) -> Log {
    let mut log = Log::new(casebook);
    for parcel in parcels.into_iter().filter(|parcel| hash_of(&parcel.header.casebook) == Some(casebook)) {
        if let Some(operation) = super::rebuild::operation_of(parcel) {
            log.take(Signed { operation, author: parcel.header.device, parcel: parcel.id() });
        }
    }
    log
}
