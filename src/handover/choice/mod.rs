//! What a recipient gets: what belongs to a hand-over, what of it goes, in which form, and what stays out and is counted.

mod admit;
pub mod choose;
mod coarse;
pub mod consent;
pub mod given;
mod hidden;
pub mod mention;
mod orientation;
pub mod photo;
pub mod preview;
pub mod profile;
pub mod pseudonym;
pub mod reading;
pub mod records;
pub mod redact;
mod subjects;
mod voices;
mod walk;
mod weigh;
pub mod withheld;
