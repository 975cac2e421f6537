//! A colleague is taken, a device is lost: who holds what, and who can still read.

mod claims;
