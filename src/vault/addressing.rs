//! To whom something is sealed: the epoch in use, or listed devices while no epoch is clean.

use super::docket::Hash;
use super::{Vault, VaultError};
use crate::crypto::{Recipient, Sealed, seal};
use crate::team::{Epoch, Member, Membership, Role};

/// Most recipients of one sealed file; age adds a stanza for nobody, and 64 are the most that are taken.
pub(super) const MAX_RECIPIENTS: usize = 62;

/// Those who are to open something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Recipients {
    /// Everybody who holds the key of an epoch.
    Epoch(Recipient),
    /// Listed keys; that of this device first, where it is among them.
    Listed(Vec<Recipient>),
}

impl Recipients {
    /// Seals bytes to all of them: one file, or several where there are more than fit into one.
    pub fn seal(&self, bytes: &[u8]) -> Result<Vec<Sealed>, VaultError> {
        match self {
            Recipients::Epoch(epoch) => Ok(vec![seal([epoch], bytes)?]),
            Recipients::Listed(list) if list.is_empty() => Err(VaultError::NoCasebook),
            Recipients::Listed(list) => list.chunks(MAX_RECIPIENTS).map(|some| Ok(seal(some, bytes)?)).collect(),
        }
    }

    /// Returns the public key of the epoch; zeros for listed keys.
    pub fn under(&self) -> Hash {
        match self {
            Recipients::Epoch(epoch) => epoch.to_bytes(),
            Recipients::Listed(_) => Hash::default(),
        }
    }
}

impl Vault {
    /// Returns to whom new parcels are sealed: the newest epoch whose every key holder is still a member; without one, the
    /// devices of the members who may read and the recovery key, until an admin makes a new epoch.
    pub(super) fn writing_to(&self, casebook: &Hash) -> Result<Recipients, VaultError> {
        let newest = || self.keys(casebook)?.newest().map(|(_, recipient)| Recipients::Epoch(recipient)).ok_or(VaultError::NoCasebook);
        let Some(team) = self.team(casebook) else { return newest() };
        if let Some(epoch) = self.epoch_to_write(casebook) {
            return Ok(Recipients::Epoch(parsed(&epoch.recipient)?));
        }
        // Whoever cannot read with the keys of an epoch reads nothing here either; who can opens what it wrote itself.
        let own = self.keys(casebook)?.can_read().then(|| self.keyring.device.recipient());
        let reads = |member: &&Member| member.role >= Role::Reader && member.badge.device != self.keyring.signing.device();
        let others: Result<Vec<Recipient>, VaultError> = team.members.values().filter(reads).map(|member| parsed(&member.badge.recipient)).collect();
        let recovery = team.recovery.iter().filter_map(|key| key.recipient.parse().ok());
        let devices: Vec<Recipient> = own.into_iter().chain(others?).chain(recovery).collect();
        if devices.is_empty() { newest() } else { Ok(Recipients::Listed(devices)) }
    }

    /// Returns the epoch that this device seals to: the clean one, unless this device said that it writes there no more. A quarrel
    /// about a roll can bring an older epoch back.
    pub(super) fn epoch_to_write(&self, casebook: &Hash) -> Option<&Epoch> {
        let (team, device) = (self.team(casebook)?, self.keyring.signing.device());
        let closed = |epoch: &&Epoch| team.closed.values().any(|closing| closing.device == device && closing.epoch == Some(epoch.id));
        team.clean_epoch().filter(|epoch| !closed(epoch))
    }

    /// Returns the number of the epoch that new parcels name: the clean one, else the newest that this device knows.
    pub(super) fn epoch_in_use(&self, casebook: &Hash) -> u64 {
        let clean = self.epoch_to_write(casebook).map(|epoch| epoch.number);
        clean.or_else(|| self.keys(casebook).ok()?.newest().map(|(number, _)| number)).unwrap_or_default()
    }

    /// Returns to whom a secret of the register is sealed: the newest register all of whose holders are still keepers;
    /// without one, the devices of the keepers.
    pub(super) fn register_of(&self, casebook: &Hash) -> Result<Recipients, VaultError> {
        let known = || Ok(Recipients::Epoch(self.keys(casebook)?.register.clone()));
        let Some(team) = self.team(casebook) else { return known() };
        if let Some(epoch) = team.clean_register() {
            return Ok(Recipients::Epoch(parsed(&epoch.register)?));
        }
        let keepers: Result<Vec<Recipient>, VaultError> = team.keepers().map(|device| parsed(&team.members[device].badge.recipient)).collect();
        let keepers = keepers?;
        if keepers.is_empty() { known() } else { Ok(Recipients::Listed(keepers.into_iter().take(MAX_RECIPIENTS).collect())) }
    }

    /// The membership of a casebook whose founding is known here.
    pub(super) fn team(&self, casebook: &Hash) -> Option<&Membership> {
        self.logs.get(casebook).filter(|log| !log.heads().is_empty()).map(|log| log.membership())
    }
}

pub(super) fn parsed(text: &str) -> Result<Recipient, VaultError> {
    text.parse().map_err(|_| VaultError::NoCasebook)
}
