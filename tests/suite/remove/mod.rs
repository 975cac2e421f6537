//! The hours after an arrest: removals, new keys, what is set aside, devices that read nothing, and who holds what.

mod aside;
mod aside_team;
mod blind;
mod claims;
mod copies;
mod crossing;
mod days;
pub mod desks;
mod handing;
mod mailboxes;
mod model;
mod rolling;
mod succession;
