//! The mailboxes of a casebook on relays, as far as this device has keys of them, and what is left in an old one for those who
//! know no newer.

use std::cmp::Reverse;

use super::docket::Hash;
use super::handing::sealed_to;
use super::{Vault, VaultError};
use crate::crypto::Sealed;
use crate::sys::chance::{Chance, draw};
use crate::team::{Epoch, MailboxKeys, Role};

impl Vault {
    /// Returns the mailboxes of a casebook whose keys are here: that of the present epoch first, then the others, newest first.
    /// While the present one has none that is known here, the newest stands first.
    pub fn mailboxes(&self, casebook: &Hash) -> Vec<MailboxKeys> {
        let mut mailboxes = self.keys(casebook).map(|book| book.mailboxes.clone()).unwrap_or_default();
        let Some(team) = self.team(casebook) else { return mailboxes };
        let present = team.clean_epoch().map(|epoch| epoch.id);
        let rank = |mailbox: &MailboxKeys| {
            let epoch = team.epochs.iter().find(|epoch| epoch.has_mailbox(mailbox)).map(|epoch| epoch.id);
            (epoch.is_some() && epoch == present, mailbox.number, epoch.is_some(), Reverse(epoch))
        };
        mailboxes.sort_by_key(|mailbox| Reverse(rank(mailbox)));
        mailboxes
    }

    /// Writes what a member who knows an old mailbox alone needs to go on to the present one: keys files for each class of the
    /// present members, and the whole log for those who read: others list no mailbox. It is kept nowhere here.
    ///
    /// # Errors
    /// Returns [`VaultError::Unread`] on a device without the present keys.
    pub fn notice_of(&mut self, casebook: &Hash, time: i64, chance: &mut dyn Chance) -> Result<Vec<Sealed>, VaultError> {
        if self.present_key(casebook).is_none() {
            return Err(VaultError::Unread);
        }
        let log = self.log_parcels(casebook, &[], |_| true)?;
        let keys = self.class_files(casebook, None, time, chance)?;
        let to = self.devices_from(casebook, Role::Reader)?;
        Ok(keys.into_values().flat_map(|file| file.files).chain(sealed_to(&log, &to)?).collect())
    }
}

/// Makes the mailbox of an epoch.
pub(super) fn new_mailbox(number: u64, chance: &mut dyn Chance) -> MailboxKeys {
    MailboxKeys::new(number, [&draw(chance), &draw(chance), &draw(chance)])
}

/// Tells whether a mailbox is that of one of some epochs.
pub(super) fn is_of(mailbox: &MailboxKeys, epochs: &[Epoch]) -> bool {
    epochs.iter().any(|epoch| epoch.has_mailbox(mailbox))
}
