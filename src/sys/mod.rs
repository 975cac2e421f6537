//! The machine: disk, clock, chance and the environment. The only module that asks the operating system for anything
//! but network.

pub mod aside;
pub mod chance;
pub mod child;
pub mod clock;
pub mod disk;
pub mod env;
pub mod fresh;
pub mod plain;
pub mod space;
pub mod tar;
pub mod work;
