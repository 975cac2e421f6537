//! A blind relay as a place: TLS that trusts one key, requests that each mailbox key signs, lists that are checked against what
//! is remembered. Nothing a relay says is trusted but that it holds what it acknowledged. Bytes: `docs/formats/relay.md`.

mod address;
mod http;
mod line;
mod list;
mod notice;
mod place;
mod shelf;
mod tls;

pub use address::Address;
pub use http::Options;
pub use line::Access;
pub use place::Relay;
pub use tls::Interception;
