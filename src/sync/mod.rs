//! What comes from other people: judged before anything relies on it.

pub mod exchange;
pub mod ingest;
pub mod judge;
pub mod places;
mod plan;
