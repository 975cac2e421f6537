//! The relay's protocol as both sides know it: paths, bodies, limits, and the text that a request signs. Opaque bytes and
//! ids only: nothing here knows what a file holds or who sends it. Written down in `docs/formats/relay.md`.

pub mod body;
pub mod claim;
pub mod failure;
pub mod id;
pub mod limits;
pub mod path;
pub mod work;

pub use claim::{Claim, Key};
pub use failure::Failure;
pub use id::{FileName, MailboxId, Pin, PublicKeys};
