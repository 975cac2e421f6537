//! The team of a casebook: letting people in, being let in, and knowing who is there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Session;
use crate::crypto::words::read_recovery_words;
use crate::crypto::{DeviceId, Passphrase, Sealed, SigningKey, read_safety, recovery_keys};
use crate::error::Error;
use crate::sync::exchange::each_file;
use crate::sys::chance::draw;
use crate::team::{Act, Add, Badge, Invite, Log, Operation, Role, RoleChange, casebook_safety};
use crate::transport::Mailbox;
use crate::vault::{Hash, Invitation, JoinError, VaultError, Welcome, hash_of};

/// Name of the slot that remembers whose words this device compared.
const COMPARED: &str = "compared";
/// What a team pack calls itself.
const TEAM_PACK: &str = "team-pack";
/// Most newcomers for one team pack.
const MAX_PEOPLE: u32 = 500;

/// A member as lists show one.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberRow {
    pub handle: String,
    /// Public key in hex.
    pub device: String,
    pub role: Role,
    /// Can open the source register.
    pub keeper: bool,
    /// An admin compared the safety words.
    pub verified: bool,
    /// This device compared them itself.
    pub compared: bool,
    pub me: bool,
    /// What it writes waits until an admin decides.
    pub suspended: bool,
    /// Let in by an invitation that more people used than it was for; until an admin gives them a role.
    pub doubtful: bool,
    /// Latest claimed seconds since 1970 of anything it wrote that is here.
    pub last: Option<i64>,
}

/// What letting somebody in gave.
#[derive(Debug)]
pub struct Admitted {
    pub handle: String,
    pub role: Role,
    pub verified: bool,
    /// The files of the welcome.
    pub files: Vec<Sealed>,
    /// How many records the newcomer can read from now on; 0 for one who cannot read.
    pub readable: u64,
}

/// What being let in gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    pub name: String,
    pub role: Role,
    /// Records of this vault's own casebook that were copied.
    pub copied: u64,
    /// The admin who let this device in, and words to compare with that person.
    pub by: String,
    pub by_words: [u8; 9],
    pub casebook_words: [u8; 9],
    /// Name of the casebook of this vault that this one says it follows.
    pub follows: Option<String>,
}

/// A file with which newcomers let themselves in. It conveys no key that opens anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeamPack {
    /// `team-pack`.
    pub sandyq: String,
    pub v: u64,
    pub casebook: String,
    pub genesis: Operation,
    /// Parcels with the log of the casebook, which prove the rest: hex of what a sealed file holds.
    pub log: String,
    /// The operation that invites, by its id.
    pub invite: String,
    /// Seed of the invitation key, hex.
    pub secret: String,
    /// Badge line of the admin who wrote it.
    pub by: String,
}

impl TeamPack {
    /// Returns the invitation in it.
    ///
    /// # Errors
    /// Returns [`JoinError::DoesNotFit`] when something in it is not proven by the log in it.
    pub fn invitation(&self) -> Result<Invitation, JoinError> {
        let (seed, invite) = (hash_of(&self.secret), hash_of(&self.invite));
        let parcels = hex::decode(&self.log).ok().and_then(|bytes| crate::parcel::unpack(&bytes).ok());
        let known = self.sandyq == TEAM_PACK && self.v == 2 && hex::encode(self.genesis.casebook()) == self.casebook;
        let (Some(seed), Some(invite), Some(parcels), true) = (seed, invite, parcels, known) else { return Err(JoinError::DoesNotFit) };
        Invitation::of(&self.genesis, parcels, SigningKey::from_seed(&seed), invite)
    }
}

impl Session {
    /// Sets the work behind safety words; tests take less.
    pub fn set_safety_work(&mut self, log_n: u8) {
        self.safety_log_n = log_n;
    }

    /// Returns the badge of this device and the words that go with it.
    pub fn badge(&self) -> (Badge, [u8; 9]) {
        let badge = self.vault.badge();
        let words = badge.safety(self.safety_log_n);
        (badge, words)
    }

    /// Returns the words of the chosen casebook.
    pub fn casebook_words(&self) -> [u8; 9] {
        casebook_safety(&self.casebook, self.safety_log_n)
    }

    /// Lets a device in: with its owner's safety words in the role asked for, without them as capture.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], [`Error::SafetyWords`], [`Error::MemberKnown`], or [`Error::HandleTaken`].
    pub fn admit(&mut self, badge: &Badge, role: Role, keeper: bool, words: Option<&str>) -> Result<Admitted, Error> {
        self.admin()?;
        let verified = words.is_some();
        words.map_or(Ok(()), |words| self.compare(badge, words))?;
        let team = self.vault.log(&self.casebook)?.membership();
        if team.members.contains_key(&badge.device) {
            return Err(Error::MemberKnown);
        }
        let taken = team.members.values().any(|member| member.badge.handle == badge.handle);
        if taken {
            return Err(Error::HandleTaken);
        }
        let role = if verified { role } else { Role::Capture };
        let add = Add { badge: badge.clone(), role, keeper: keeper && verified, verified, invite: None };
        let files = self.operate(badge, |by, heads, time, nonce| Operation::Add(Act::new(by, heads, add, time, nonce)))?;
        if verified {
            self.note_compared(&badge.device.to_string())?;
        }
        let readable = if role >= Role::Reader { self.recorded(None)?.len() as u64 } else { 0 };
        Ok(Admitted { handle: badge.handle.clone(), role, verified, files, readable })
    }

    /// Gives a member who let themselves in another role, after their words were compared.
    ///
    /// # Errors
    /// As [`Session::admit`]; [`Error::MemberUnknown`] when nobody is called that.
    pub fn raise(&mut self, member: &str, role: Role, keeper: bool, words: &str) -> Result<Admitted, Error> {
        self.admin()?;
        let known = self.member(member)?;
        let badge = self.badge_of(&known)?;
        self.compare(&badge, words)?;
        let change = RoleChange { member: badge.device, role, keeper, verified: true, cut: Vec::new() };
        let files = self.operate(&badge, |by, heads, time, nonce| Operation::Role(Act::new(by, heads, change, time, nonce)))?;
        self.note_compared(&known.device)?;
        Ok(Admitted { handle: known.handle, role, verified: true, files, readable: self.recorded(None)?.len() as u64 })
    }

    /// Notes that this device compared a member's words.
    ///
    /// # Errors
    /// Returns [`Error::SafetyWords`] when they are not that member's, [`Error::MemberUnknown`].
    pub fn verify(&mut self, member: &str, words: &str) -> Result<MemberRow, Error> {
        let known = self.member(member)?;
        self.compare(&self.badge_of(&known)?, words)?;
        self.note_compared(&known.device)?;
        self.member(&known.device)
    }

    pub(super) fn compare(&self, badge: &Badge, words: &str) -> Result<(), Error> {
        let heard = read_safety(words).ok_or(Error::SafetyWords)?;
        if heard == badge.safety(self.safety_log_n) { Ok(()) } else { Err(Error::SafetyWords) }
    }

    pub(super) fn admin(&self) -> Result<(), Error> {
        self.shared()?;
        let team = self.vault.log(&self.casebook)?.membership();
        let own = team.members.get(&self.vault.keyring().signing.device());
        if own.is_some_and(|member| member.role == Role::Admin) { Ok(()) } else { Err(Error::NotAdmin) }
    }

    /// Tells whether this device may make records in a casebook, or change those that are there. One that the log does not
    /// know yet let itself in, as capture.
    pub(super) fn may_write(&self, casebook: &Hash, new_only: bool) -> Result<(), Error> {
        let team = self.vault.log(casebook)?.membership();
        match team.role(&self.vault.keyring().signing.device()) {
            Some(Role::Admin | Role::Editor) => Ok(()),
            Some(Role::Capture) | None if new_only && self.waits_for_words(casebook) => Err(VaultError::Unread.into()),
            Some(Role::Capture) | None if new_only => Ok(()),
            _ => Err(Error::RoleForbids),
        }
    }

    /// Tells whether this device let itself into a casebook and has one of its own to record in until words were compared.
    fn waits_for_words(&self, casebook: &Hash) -> bool {
        let reads = self.vault.keyring().casebooks.iter().any(|book| book.id == *casebook && book.can_read());
        let own = self.vault.keyring().signing.device();
        let invited = self.vault.log(casebook).is_ok_and(|log| log.membership().members.get(&own).is_none_or(|member| member.invited));
        self.vault.mode() == crate::vault::Mode::Open && !reads && invited
    }

    /// Tells whether the chosen casebook is one that others may join.
    pub(super) fn shared(&self) -> Result<(), Error> {
        self.casebook_name().map(|_| ()).ok_or(Error::NotShared)
    }

    fn operate(&mut self, welcome: &Badge, make: impl FnOnce(DeviceId, &[Hash], i64, [u8; 16]) -> Operation) -> Result<Vec<Sealed>, Error> {
        let (time, by) = (self.now().seconds, self.vault.keyring().signing.device());
        let make = |heads: &[Hash], nonce| make(by, heads, time, nonce);
        self.view = None;
        Ok(self.vault.operate(&self.casebook, make, Some(welcome), time, &mut *self.chance)?)
    }

    /// Returns the members of the chosen casebook, admins first.
    ///
    /// # Errors
    /// Returns why the docket does not open.
    pub fn members(&mut self) -> Result<Vec<MemberRow>, Error> {
        let compared = self.compared()?;
        let mut last: std::collections::HashMap<Hash, i64> = std::collections::HashMap::new();
        // A device that reads nothing keeps no times of what it saved.
        for row in self.vault.docket()?.facts().filter(|row| row.casebook == self.casebook && !row.is_stripped()) {
            let newest = last.entry(row.device).or_insert(row.time);
            *newest = (*newest).max(row.time);
        }
        let log = self.vault.log(&self.casebook)?;
        let (team, doubtful) = (log.membership(), let_in_twice(log));
        let own = self.vault.keyring().signing.device();
        let mut rows: Vec<MemberRow> = team
            .members
            .iter()
            .map(|(device, member)| MemberRow {
                handle: team.handle(device).unwrap_or_default(),
                device: device.to_string(),
                role: member.role,
                keeper: member.keeper,
                verified: member.verified,
                compared: compared.contains(&device.to_string()),
                me: *device == own,
                suspended: member.suspended.is_some(),
                doubtful: member.invited && doubtful.contains(device),
                last: last.get(device.as_bytes()).copied(),
            })
            .collect();
        rows.sort_by(|a, b| b.role.cmp(&a.role).then_with(|| a.handle.cmp(&b.handle)));
        Ok(rows)
    }

    /// Returns the one member that a handle or the beginning of a key names.
    ///
    /// # Errors
    /// Returns [`Error::MemberUnknown`] for none or several.
    pub fn known_member(&mut self, given: &str) -> Result<MemberRow, Error> {
        self.shared()?;
        self.member(given)
    }

    /// Finds a member by handle or the beginning of the key.
    pub(super) fn member(&mut self, given: &str) -> Result<MemberRow, Error> {
        let wanted = given.trim();
        let members = self.members()?;
        let called = |row: &&MemberRow| row.handle.eq_ignore_ascii_case(wanted) || (wanted.len() >= 8 && row.device.starts_with(&wanted.to_lowercase()));
        let mut found = members.iter().filter(called);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.clone()),
            _ => Err(Error::MemberUnknown),
        }
    }

    pub(super) fn badge_of(&self, row: &MemberRow) -> Result<Badge, Error> {
        let team = self.vault.log(&self.casebook)?.membership();
        let found = team.members.iter().find(|(device, _)| device.to_string() == row.device);
        found.map(|(_, member)| member.badge.clone()).ok_or(Error::MemberUnknown)
    }

    /// Returns the safety words of a member, to be read out to that person.
    ///
    /// # Errors
    /// As [`Session::verify`].
    pub fn words_of(&mut self, member: &str) -> Result<[u8; 9], Error> {
        let known = self.member(member)?;
        Ok(self.badge_of(&known)?.safety(self.safety_log_n))
    }

    fn compared(&self) -> Result<Vec<String>, Error> {
        Ok(self.vault.kept(COMPARED)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    fn note_compared(&mut self, device: &str) -> Result<(), Error> {
        let mut compared = self.compared()?;
        if !compared.iter().any(|known| known == device) {
            compared.push(device.to_owned());
        }
        Ok(self.vault.keep_slot(COMPARED, &serde_json::to_vec(&compared).expect("a list of text"))?)
    }

    /// Tells whether this device stands in a casebook that somebody else founded and compared words with no admin of it yet.
    ///
    /// # Errors
    /// As [`Session::members`].
    pub fn is_unverified(&mut self) -> Result<bool, Error> {
        if self.casebook_name().is_none() {
            return Ok(false);
        }
        let founder = self.vault.log(&self.casebook)?.founder();
        let members = self.members()?;
        let own = members.iter().any(|row| row.me && Some(row.device.clone()) == founder.map(|device| device.to_string()));
        Ok(!own && !members.iter().any(|row| row.role == Role::Admin && row.compared))
    }

    /// Reads a welcome; nothing of it is taken.
    ///
    /// # Errors
    /// Returns why it is none for this device.
    pub fn read_welcome(&self, files: Vec<Sealed>) -> Result<Welcome, Error> {
        Ok(self.vault.read_welcome(files)?)
    }

    /// Takes a welcome, chooses its casebook, and copies what was recorded before.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn join(&mut self, welcome: Welcome, passphrase: &Passphrase) -> Result<Joined, Error> {
        let (casebook, by, role) = (welcome.casebook, welcome.by.clone(), welcome.role);
        let name = welcome.genesis.name.clone().unwrap_or_default();
        self.vault.join(welcome, passphrase, &mut *self.chance)?;
        self.view = None;
        self.casebook = casebook;
        let copied = if role >= Role::Editor { self.copy_own()? } else { 0 };
        let (by_words, casebook_words) = (by.safety(self.safety_log_n), self.casebook_words());
        let older = self.vault.predecessor(&casebook);
        let follows = older.and_then(|older| self.vault.keyring().casebooks.iter().find(|book| book.id == older)?.name.clone());
        Ok(Joined { name, role, copied, by: by.handle, by_words, casebook_words, follows })
    }

    /// Writes a team pack for so many newcomers.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], [`VaultError::Unread`] where this device opens no log to put in, or [`Error::NotUnderstood`] for a
    /// number out of range.
    pub fn team_pack(&mut self, people: u32) -> Result<TeamPack, Error> {
        self.admin()?;
        if !self.reads() {
            return Err(VaultError::Unread.into());
        }
        if !(1..=MAX_PEOPLE).contains(&people) {
            return Err(Error::NotUnderstood { what: "people" });
        }
        let seed: [u8; 32] = draw(&mut *self.chance);
        let key = SigningKey::from_seed(&seed).device();
        let (time, by) = (self.now().seconds, self.vault.keyring().signing.device());
        let invite = Invite { key, role: Role::Capture, at_most: people, cut_off: None };
        let make = |heads: &[Hash], nonce| Operation::Invite(Act::new(by, heads, invite, time, nonce));
        self.vault.operate(&self.casebook, make, None, time, &mut *self.chance)?;
        let parcels = self.vault.log_text(&self.casebook)?;
        let log = self.vault.log(&self.casebook)?;
        let of_key = |operation: &Operation| matches!(operation, Operation::Invite(act) if act.what.key == key);
        let invite = log.taken().find(|signed| of_key(&signed.operation)).map(|signed| hex::encode(signed.operation.id()));
        let genesis = log.genesis().map(|genesis| Operation::Genesis(Box::new(genesis.clone())));
        let (Some(invite), Some(genesis)) = (invite, genesis) else { return Err(VaultError::NoCasebook.into()) };
        Ok(TeamPack {
            sandyq: TEAM_PACK.into(),
            v: 2,
            casebook: hex::encode(self.casebook),
            genesis,
            log: hex::encode(parcels),
            invite,
            secret: hex::encode(seed),
            by: self.vault.badge().to_line(),
        })
    }

    /// Lets this device into a casebook by a team pack: as capture, until an admin compared words.
    ///
    /// # Errors
    /// Returns [`JoinError`] for a pack that does not fit, [`VaultError::CasebookExists`] where another casebook has that name.
    pub fn join_by_pack(&mut self, pack: &TeamPack, passphrase: &Passphrase) -> Result<String, Error> {
        let invitation = pack.invitation()?;
        let time = self.now().seconds;
        self.vault.join_invited(&invitation, passphrase, time, &mut *self.chance)?;
        self.view = None;
        Ok(invitation.genesis.name.clone().unwrap_or_default())
    }

    /// Comes back into a casebook with its recovery words, from any stick; returns the number of records that are back.
    ///
    /// # Errors
    /// Returns [`Error::RecoveryWords`] for words that are none, [`JoinError::NotForThisDevice`] when nothing there is theirs.
    pub fn recover(
        &mut self,
        words: &str,
        mailbox: &mut dyn Mailbox,
        judge: &mut dyn crate::sync::judge::Judge,
        passphrase: &Passphrase,
        progress: &mut dyn crate::vault::Progress,
    ) -> Result<u64, Error> {
        let secret = read_recovery_words(words).ok_or(Error::RecoveryWords)?;
        let (signing, identity) = recovery_keys(&secret);
        let time = self.now().seconds;
        let mut files = |visit: &mut dyn FnMut(Sealed)| each_file(mailbox, visit).map_err(Error::from);
        let recovered = self.vault.recover(&mut files, (&signing, &identity), passphrase, time, &mut *self.chance)?;
        self.casebook = recovered?;
        self.view = None;
        self.sync(mailbox, judge, passphrase, false, progress)?;
        self.copy_own()?;
        Ok(self.recorded(None)?.len() as u64)
    }
}

/// Devices that came in by an invitation which more people used than it was for.
fn let_in_twice(log: &Log) -> BTreeSet<DeviceId> {
    let overused = |invite: &Option<String>| invite.as_deref().and_then(hash_of).is_some_and(|id| log.membership().overused.contains(&id));
    let by_invite = log.taken().filter_map(|signed| if let Operation::Add(add) = &signed.operation { Some(&add.what) } else { None });
    by_invite.filter(|add| overused(&add.invite)).map(|add| add.badge.device).collect()
}
