//! What the chains of the devices tell: gaps, forks, and what is durable here.

use std::collections::{BTreeMap, BTreeSet};

use super::docket::{Chains, Forked, Gap, Hash};
use super::{Vault, VaultError};

/// Most chain heads of one device that are declared durable, the smallest ones; an honest device has one for each restore.
const MAX_HEADS: usize = 16;

impl Vault {
    /// Says what the chains tell: gaps and forks in a casebook.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn chains(&mut self, casebook: &Hash) -> Result<(Vec<Gap>, Vec<Forked>), VaultError> {
        let founder = self.founder(casebook);
        let chains = Chains::of(self.docket()?, casebook, founder.as_ref());
        Ok((chains.gaps, chains.forks))
    }

    pub(super) fn founder(&self, casebook: &Hash) -> Option<Hash> {
        self.logs.get(casebook).and_then(|log| log.founder()).map(|device| *device.as_bytes())
    }

    /// Notes which chain heads of other devices are durable here and were not declared yet; returns whether there are any.
    ///
    /// # Errors
    /// As [`Vault::docket`].
    pub fn note_seen(&mut self, casebook: &Hash) -> Result<bool, VaultError> {
        let own = *self.keyring.signing.device().as_bytes();
        let docket = self.docket()?;
        let mut declared: BTreeMap<Hash, Vec<Hash>> = BTreeMap::new();
        for row in docket.facts().filter(|row| row.device == own && row.casebook == *casebook) {
            declared.extend(row.seen.iter().cloned());
        }
        let heads = Chains::of(docket, casebook, None).heads;
        let claimed = |heads: BTreeSet<Hash>| heads.into_iter().take(MAX_HEADS).collect::<Vec<_>>();
        let fresh = heads.into_iter().filter(|(device, _)| *device != own).map(|(device, heads)| (device, claimed(heads)));
        let fresh: Vec<(Hash, Vec<Hash>)> = fresh.filter(|(device, heads)| declared.get(device) != Some(heads)).collect();
        let Some(chain) = self.state.chains.get_mut(&hex::encode(casebook)) else { return Ok(false) };
        chain.seen = fresh.iter().map(|(device, heads)| (hex::encode(device), heads.iter().map(hex::encode).collect())).collect();
        Ok(!fresh.is_empty())
    }
}
