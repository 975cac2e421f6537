//! The relay: what it keeps, whom it lets in, what it refuses before it reads a byte, and the program around it.

mod caller;
mod cluster;
mod cut;
mod durable;
mod frozen;
mod fuzz;
mod http;
mod listening;
mod making;
pub mod openapi;
mod parts;
pub mod pinned;
mod postgres;
mod process;
pub mod program;
pub mod raw;
mod scale;
pub mod served;
mod sqlite;
pub mod stores;
mod watched;
