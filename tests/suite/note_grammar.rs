//! Quick entry: one line per person, in three languages at once.

pub mod lines;
mod names;
mod numbers;
mod odd;
mod when;
mod words;
