//! sandyq: a secure, offline-first casebook for people who monitor detentions and trials where doing so is dangerous.
//!
//! The library never talks to a terminal and reads no environment: clock, chance, disk and progress are arguments.
//! `docs/architecture.md` shows the layers; a test holds them.
#![forbid(unsafe_code)]

pub mod error;
pub mod model;

pub mod cli;
pub mod crypto;
pub mod doc;
pub mod handover;
pub mod locale;
pub mod names;
pub mod parcel;
#[cfg(feature = "lan")]
pub mod relay;
pub mod report;
pub mod session;
pub mod sync;
pub mod sys;
pub mod team;
pub mod transport;
pub mod vault;
pub mod wire;
pub mod words;
