//! The hours after an arrest: removals, new keys, what is set aside, devices that read nothing, and who holds what.

mod claims;
mod rolling;
