//! The hours after an arrest: removals, new keys, what is set aside, devices that read nothing, and who holds what.

mod blind;
mod days;
mod desks;
mod handing;
mod model;
mod rolling;
