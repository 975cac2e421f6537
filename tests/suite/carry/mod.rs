//! A team, a stick, and merging without losing a word.

mod containers;
mod crowd;
mod impostors;
mod mesh;
mod pair;
mod recovery;
mod stock;
pub mod support;
