//! Where the casebook stands today.

use super::Session;
use crate::error::Error;
use crate::model::Kind;
use crate::vault::Line;

/// What a bare call shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    pub records: u64,
    /// People noted today.
    pub today: u64,
    /// Records that neither a backup nor any known place holds, as far as this device knows.
    pub only_here: u64,
    /// Claimed seconds since 1970 of the last backup.
    pub backup: Option<i64>,
    pub contested: Vec<Line>,
    /// Detentions whose clock runs.
    pub running: u64,
    /// Sealed files that are in no place yet; none while no place is known.
    pub not_sent: Option<u64>,
    /// Known places with the claimed seconds since 1970 of the last success.
    pub places: Vec<(String, Option<i64>)>,
    /// The casebook was joined and no admin's words were compared.
    pub unverified: bool,
}

impl Session {
    /// Returns where the casebook stands.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn overview(&mut self) -> Result<Overview, Error> {
        let day = self.now().day();
        let lines = self.recorded(None)?;
        let (not_sent, unverified, only_here) = (self.not_sent()?, self.is_unverified()?, self.only_here());
        let places = self.places()?.into_iter().map(|place| (place.name, place.last)).collect();
        let state = self.vault.state();
        Ok(Overview {
            not_sent,
            places,
            unverified,
            records: lines.len() as u64,
            today: if state.day == day { state.today } else { 0 },
            only_here,
            backup: state.backup.map(|(at, _)| at),
            running: lines.iter().filter(|line| line.kind == Kind::Detention.code() && line.clock_runs && !line.withdrawn).count() as u64,
            contested: lines.into_iter().filter(|line| line.contested > 0).collect(),
        })
    }
}
