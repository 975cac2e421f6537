//! The hours after an arrest: taking a device out, stopping it for now, new keys, and the end of old ones.

use super::Session;
use super::team::MemberRow;
use crate::crypto::{DeviceId, Passphrase};
use crate::error::Error;
use crate::team::{Act, GiveUp, Lift, Operation, Remove, Role, RoleChange, Suspend};
use crate::vault::{Hash, OldEpoch, Progress, Resealed, Rolled};

/// What a device can still read after it lost rights: what was sealed before, wherever it has a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StillReads {
    /// Records that were made while it held the keys.
    pub records: u64,
    /// Evidence records with attached files among them.
    pub attachments: u64,
    /// It held the identity of the source register.
    pub register: bool,
}

/// What taking rights away did.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    pub handle: String,
    pub device: String,
    /// Its parcels that still count.
    pub counts: u64,
    /// None for a device that never read.
    pub reads: Option<StillReads>,
    /// The new epoch, where one was due.
    pub renewed: Option<Renewed>,
    /// Nobody is left who can let people in and out.
    pub no_admin: bool,
}

/// New keys, and what was sealed anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Renewed {
    pub rolled: Rolled,
    pub resealed: Resealed,
}

/// An old epoch with the handles of those it waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Old {
    pub epoch: OldEpoch,
    pub waits: Vec<String>,
}

/// What the log says against this very device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// It is suspended, and a member still.
    pub suspended: bool,
    /// Who did it.
    pub by: String,
    /// Claimed seconds since 1970.
    pub at: i64,
}

impl Session {
    /// Returns whether this device was removed or suspended, and by whom.
    ///
    /// # Errors
    /// Returns [`Error::NotShared`].
    pub fn lost(&self) -> Result<Option<Lost>, Error> {
        self.shared()?;
        let log = self.vault.log(&self.casebook)?;
        let (team, own) = (log.membership(), self.vault.keyring().signing.device());
        let suspended = team.members.get(&own).and_then(|member| member.suspended);
        let removed = team.former.get(&own).and_then(|former| former.removals.first().copied());
        let said = suspended.or(removed).and_then(|id| log.operation(&id)).map(|signed| (signed.author, signed.operation.time()));
        Ok(said.map(|(author, at)| Lost { suspended: suspended.is_some(), by: self.vault.handle_of(&self.casebook, &author), at }))
    }

    /// Takes a device out of the casebook, and makes new keys at once where it held the present ones. Works with nobody
    /// reachable.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], [`Error::MemberUnknown`], [`Error::LastAdmin`] for the only admin, or what the disk refused. When
    /// the removal is durable and the new keys are not, `roll` goes on.
    pub fn dismiss(&mut self, member: &str, passphrase: &Passphrase, progress: &mut dyn Progress) -> Result<Lowered, Error> {
        self.admin()?;
        let known = self.member(member)?;
        self.not_the_last_admin(&known)?;
        let device = self.badge_of(&known)?.device;
        // A removal without the new keys that follow it would be half of what was asked for.
        self.vault.unlock_check(passphrase)?;
        let cut = self.cut_of(&device)?;
        let lowered = self.lowered(&known, &device)?;
        let remove = Remove { member: device, cut };
        self.operate_on(|by, heads, time, nonce| Operation::Remove(Act::new(by, heads, remove, time, nonce)))?;
        self.finish(lowered, passphrase, progress)
    }

    /// Gives a member another role. Taking reading away makes new keys; giving it needs words that were compared.
    ///
    /// # Errors
    /// As [`Session::dismiss`]; [`Error::WordsFirst`] when a member whose words nobody compared is to read, [`Error::Nothing`] when
    /// nothing would change.
    pub fn change_role(&mut self, member: &str, role: Role, keeper: bool, passphrase: &Passphrase, progress: &mut dyn Progress) -> Result<Lowered, Error> {
        self.admin()?;
        let known = self.member(member)?;
        if known.role == role && known.keeper == keeper {
            return Err(Error::Nothing);
        }
        if role < Role::Admin {
            self.not_the_last_admin(&known)?;
        }
        if (role >= Role::Reader || keeper) && !known.verified {
            return Err(Error::WordsFirst);
        }
        let badge = self.badge_of(&known)?;
        let less = role < known.role || (known.keeper && !keeper);
        let cut = if less { self.cut_of(&badge.device)? } else { Vec::new() };
        let lowered = self.lowered(&known, &badge.device)?;
        let change = RoleChange { member: badge.device, role, keeper, verified: known.verified, cut };
        let (time, by) = (self.now().seconds, self.vault.keyring().signing.device());
        let make = |heads: &[Hash], nonce| Operation::Role(Act::new(by, heads, change, time, nonce));
        self.view = None;
        self.vault.operate(&self.casebook, make, Some(&badge).filter(|_| !less), time, &mut *self.chance)?;
        self.finish(lowered, passphrase, progress)
    }

    /// Stops a member for now: what it writes from here on waits set aside until an admin decides. It still reads.
    ///
    /// # Errors
    /// Returns [`Error::RoleForbids`] below editor, [`Error::MemberUnknown`], [`Error::Nothing`] when it is suspended already.
    pub fn suspend(&mut self, member: &str) -> Result<MemberRow, Error> {
        self.shared()?;
        let own = self.vault.keyring().signing.device();
        if self.vault.log(&self.casebook)?.membership().role(&own) < Some(Role::Editor) {
            return Err(Error::RoleForbids);
        }
        let known = self.member(member)?;
        if known.suspended {
            return Err(Error::Nothing);
        }
        let device = self.badge_of(&known)?.device;
        let suspend = Suspend { member: device, cut: self.cut_of(&device)? };
        self.operate_on(|by, heads, time, nonce| Operation::Suspend(Act::new(by, heads, suspend, time, nonce)))?;
        self.member(&known.device)
    }

    /// Ends a suspension: what waited counts.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], [`Error::MemberUnknown`], [`Error::Nothing`] when it is not suspended.
    pub fn lift(&mut self, member: &str) -> Result<MemberRow, Error> {
        self.admin()?;
        let known = self.member(member)?;
        if !known.suspended {
            return Err(Error::Nothing);
        }
        let lift = Lift { member: self.badge_of(&known)?.device };
        self.operate_on(|by, heads, time, nonce| Operation::Lift(Act::new(by, heads, lift, time, nonce)))?;
        self.member(&known.device)
    }

    /// Makes new keys for the present members and seals everything here anew.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`] or what the disk refused.
    pub fn roll(&mut self, passphrase: &Passphrase, progress: &mut dyn Progress) -> Result<Renewed, Error> {
        self.admin()?;
        let time = self.now().seconds;
        self.view = None;
        let rolled = self.vault.roll(&self.casebook, passphrase, time, &mut *self.chance)?;
        let resealed = self.vault.reseal(&self.casebook, progress)?;
        self.vault.close_epochs(&self.casebook, time, &mut *self.chance)?;
        Ok(Renewed { rolled, resealed })
    }

    /// Returns the old epochs whose keys are still here, and whom each waits for.
    ///
    /// # Errors
    /// Returns why the docket does not open.
    pub fn old_epochs(&mut self) -> Result<Vec<Old>, Error> {
        self.shared()?;
        let casebook = self.casebook;
        let old = self.vault.old_epochs(&casebook)?;
        let called = |device: &DeviceId| self.vault.handle_of(&casebook, device);
        Ok(old.into_iter().map(|epoch| Old { waits: epoch.waits.iter().map(called).collect(), epoch }).collect())
    }

    /// Destroys the keys of old epochs in which nothing can be under way; returns their numbers.
    ///
    /// # Errors
    /// Returns what the disk refused; then every key is still here.
    pub fn retire(&mut self, passphrase: &Passphrase) -> Result<Vec<u64>, Error> {
        self.shared()?;
        // Noted while their keys are still here: a cut in between loses no deletion.
        let over = self.vault.mailboxes_over(&self.casebook)?;
        self.note_ended(&over)?;
        Ok(self.vault.retire(&self.casebook, passphrase)?)
    }

    /// Gives up what a device may still have under way in old epochs, by an admin's signed word; returns for how many.
    ///
    /// # Errors
    /// Returns [`Error::NotAdmin`], or [`Error::MemberUnknown`] when no old epoch waits for anybody of that handle.
    pub fn give_up(&mut self, member: &str) -> Result<u64, Error> {
        self.admin()?;
        let casebook = self.casebook;
        let mut asked = Vec::new();
        for epoch in self.vault.old_epochs(&casebook)? {
            let called =
                |device: &&DeviceId| self.vault.handle_of(&casebook, device).eq_ignore_ascii_case(member.trim()) || device.to_string().starts_with(member);
            asked.extend(epoch.waits.iter().filter(called).map(|device| GiveUp { member: *device, epoch: epoch.number, epoch_id: hex::encode(epoch.id) }));
        }
        if asked.is_empty() {
            return Err(Error::MemberUnknown);
        }
        let count = asked.len() as u64;
        for give_up in asked {
            self.operate_on(|by, heads, time, nonce| Operation::GiveUp(Act::new(by, heads, give_up, time, nonce)))?;
        }
        Ok(count)
    }

    /// Tells whether new keys are due.
    pub fn needs_roll(&self) -> bool {
        self.casebook_name().is_some() && self.vault.needs_roll(&self.casebook)
    }

    pub(super) fn operate_on(&mut self, make: impl FnOnce(DeviceId, &[Hash], i64, [u8; 16]) -> Operation) -> Result<(), Error> {
        let (time, by) = (self.now().seconds, self.vault.keyring().signing.device());
        self.view = None;
        self.vault.operate(&self.casebook, |heads: &[Hash], nonce| make(by, heads, time, nonce), None, time, &mut *self.chance)?;
        Ok(())
    }

    /// The chain heads of a device that are here: everything up to them goes on to count.
    fn cut_of(&mut self, device: &DeviceId) -> Result<Vec<String>, Error> {
        Ok(self.vault.heads_of(&self.casebook, device)?.iter().map(hex::encode).collect())
    }

    fn not_the_last_admin(&mut self, known: &MemberRow) -> Result<(), Error> {
        let admins = self.members()?.iter().filter(|row| row.role == Role::Admin).count();
        if known.role == Role::Admin && admins == 1 { Err(Error::LastAdmin) } else { Ok(()) }
    }

    fn lowered(&mut self, known: &MemberRow, device: &DeviceId) -> Result<Lowered, Error> {
        let casebook = self.casebook;
        let theirs = |row: &crate::vault::Row| row.casebook == casebook && row.device == *device.as_bytes() && row.change().is_some();
        let counts = self.vault.docket()?.rows().filter(|(row, standing)| theirs(row) && **standing == crate::vault::Standing::Accepted).count() as u64;
        let given = self.vault.log(&casebook)?.membership().epochs.iter().any(|epoch| epoch.given.contains(device));
        let held_register = self.vault.log(&casebook)?.membership().epochs.iter().any(|epoch| epoch.register_given.contains(device));
        let reads = if given { Some(self.still_reads(held_register)?) } else { None };
        Ok(Lowered { handle: known.handle.clone(), device: known.device.clone(), counts, reads, renewed: None, no_admin: false })
    }

    fn still_reads(&mut self, register: bool) -> Result<StillReads, Error> {
        let lines = self.list(None)?;
        let attachments = lines.iter().filter(|line| line.kind == crate::model::Kind::Evidence.code()).count() as u64;
        Ok(StillReads { records: lines.len() as u64, attachments, register })
    }

    /// Makes new keys where they are due.
    fn finish(&mut self, mut lowered: Lowered, passphrase: &Passphrase, progress: &mut dyn Progress) -> Result<Lowered, Error> {
        let own = self.vault.keyring().signing.device();
        let still_admin = self.vault.log(&self.casebook)?.membership().role(&own) == Some(Role::Admin);
        // An admin whose own device is sealed has no keys to hand on: another one makes new ones.
        if self.needs_roll() && still_admin && self.reads() {
            lowered.renewed = Some(self.roll(passphrase, progress)?);
        }
        lowered.no_admin = self.vault.log(&self.casebook)?.membership().admins().next().is_none();
        Ok(lowered)
    }
}
