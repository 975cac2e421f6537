//! The story through the built binary.

mod crash;
pub mod disk;
pub mod faults;
mod keys;
mod pair;
pub mod support;
