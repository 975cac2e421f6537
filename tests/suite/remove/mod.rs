//! The hours after an arrest: removals, new keys, what is set aside, devices that read nothing, and who holds what.

mod aside;
mod claims;
mod rolling;
mod succession;
