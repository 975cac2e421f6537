//! Rally statistics of this casebook.

use std::collections::{BTreeMap, BTreeSet};

use super::Session;
use crate::error::Error;
use crate::model::entity::Incident;
use crate::model::{Kind, Record};
use crate::report::rally::{Filter, Rally, Recorded, rally};

impl Session {
    /// Returns the table of rallies.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn rally(&mut self, filter: &Filter) -> Result<Rally, Error> {
        let (mut incidents, mut people, mut detentions): (Vec<(String, Incident)>, BTreeMap<String, _>, Vec<_>) = Default::default();
        for (line, body) in self.records(None)? {
            let kind = Kind::named(&line.kind);
            match kind.map(|kind| Record::from_tree(kind, &body.tree)) {
                Some(Ok(Record::Incident(incident))) => incidents.push((line.id, *incident)),
                Some(Ok(Record::Person(person))) => drop(people.insert(line.id, *person)),
                Some(Ok(Record::Detention(detention))) if !line.withdrawn => {
                    detentions.extend(Some(detention.person.to_string()).zip(detention.incident.map(|i| i.to_string())))
                }
                _ => {}
            }
        }
        let held: BTreeSet<&str> = detentions.iter().map(|(person, _)| person.as_str()).collect();
        let mut told_apart: BTreeMap<&str, u64> = BTreeMap::new();
        for (id, person) in &people {
            let withdrawn = person.meta.as_ref().and_then(|meta| meta.withdrawn).unwrap_or(false);
            // Whoever is here without a detention is counted nowhere yet, and so still with the group.
            if let Some(group) = person.from_group.as_ref().filter(|_| !withdrawn && held.contains(id.as_str())) {
                *told_apart.entry(group.as_str()).or_default() += 1;
            }
        }
        let mut recorded: BTreeMap<String, Recorded> = BTreeMap::new();
        for (id, incident) in &detentions {
            let Some(person) = people.get(id) else { continue };
            let row = recorded.entry(incident.clone()).or_default();
            match person.group_size {
                Some(size) => row.in_groups += u64::from(size).saturating_sub(told_apart.get(id.as_str()).copied().unwrap_or(0)),
                None if has_name(person) => row.named += 1,
                None => row.unnamed += 1,
            }
        }
        Ok(rally(&incidents, &recorded, filter))
    }
}

/// Tells whether somebody is known by more than a description.
fn has_name(person: &crate::model::entity::Person) -> bool {
    person.names.values().any(|name| name.kind.as_ref().is_none_or(|kind| kind.as_str() != "descriptor"))
}
