//! Changes that do not count, for whoever decides about them: what they are, and what they would say. Never decides itself.

use super::docket::{Hash, Judged, Row, Standing};
use super::judging::Case;
use super::{Vault, VaultError};

/// A change that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    pub row: Row,
    pub standing: Standing,
    /// The operation that keeps it out, where one does.
    pub by: Option<Hash>,
}

impl Vault {
    /// Returns every change of a casebook that is set aside or stands behind one that does not count, in the order of arrival.
    ///
    /// # Errors
    /// Returns why the docket does not open, [`VaultError::NoCasebook`] where no log is known.
    pub fn out(&mut self, casebook: &Hash) -> Result<Vec<Out>, VaultError> {
        self.docket()?;
        let docket = self.docket.as_ref().expect("opened just now");
        let found = docket.out(self.log(casebook)?);
        Ok(found.into_iter().map(|(row, standing, by)| Out { row: row.clone(), standing: standing.clone(), by }).collect())
    }

    /// Returns some changes of one record as a case: over the changes that count, with all that they build on. `None` where
    /// nothing is left of them: what they build on is missing, refused or held, or this device wrote some of it and cannot open it.
    ///
    /// # Errors
    /// Returns why a stored parcel does not open.
    pub fn as_if(&mut self, ids: &[Hash]) -> Result<Option<Case>, VaultError> {
        let Some((record, rows)) = self.grounds(ids)? else { return Ok(None) };
        let opens = self.opens();
        if !rows.iter().all(|(row, _)| opens.reads(row)) {
            return Ok(None);
        }
        let mut case = Case { record, existing: Vec::new(), new: Vec::new(), parcels: Vec::new(), more: false, behind: true };
        let mut read = None;
        for (row, counts) in &rows {
            let change = self.change_of(row, &mut read)?;
            if *counts || row.judged == Judged::Sound {
                case.existing.push(change);
            } else {
                case.new.push(change);
                case.parcels.push(row.id);
            }
        }
        Ok(Some(case))
    }

    /// The changes of the record that count, then the given ones with all that they build on; each once, with whether it counts.
    #[allow(clippy::type_complexity)]
    fn grounds(&mut self, ids: &[Hash]) -> Result<Option<(Hash, Vec<(Row, bool)>)>, VaultError> {
        let docket = self.docket()?;
        let grounds: Vec<&Row> = ids.iter().filter_map(|id| docket.with_ground(id)).flatten().collect();
        let Some((record, ..)) = grounds.first().and_then(|row| row.change()) else { return Ok(None) };
        let counts = |standing: &Standing| *standing == Standing::Accepted;
        let all = docket.changes_of(&[*record]).remove(record).unwrap_or_default();
        let mut rows: Vec<(Row, bool)> = all.into_iter().filter(|(_, standing)| counts(standing)).map(|(row, _)| (row.clone(), true)).collect();
        let mut known: std::collections::HashSet<Hash> = rows.iter().map(|(row, _)| row.id).collect();
        rows.extend(grounds.iter().filter(|row| known.insert(row.id)).map(|row| ((*row).clone(), false)));
        Ok(Some((*record, rows)))
    }
}
