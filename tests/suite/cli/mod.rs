//! The story through the built binary.

mod crash;
mod disk;
mod faults;
mod support;
