//! The sealed, signed zip: written in one pass, read strictly, verified, opened.

pub mod archive;
pub mod directory;
pub mod extract;
pub mod judge;
pub mod manifest;
pub mod outer;
pub mod rules;
pub mod verify;
pub mod wrong;
