//! Handing over: what a recipient gets of a casebook, how it looks, how it is sealed, proved and answered.
//! It reads records and writes bytes; it never changes a casebook and never asks anybody anything.

pub mod answer;
pub mod choice;
pub mod compose;
pub mod container;
pub mod contents;
pub mod reader;
