//! What a case file says, computed from its records alone: each fact with who said it, and never more than was said.

pub mod case;
pub mod contested;
pub mod dates;
pub mod dispute;
pub mod gap;
pub mod hearings;
pub mod path;
pub mod rights;
pub mod standing;
pub mod timeline;
pub mod voices;

pub use case::{Case, Client, Read};
pub use dispute::{Dispute, Group, Teller, Telling};
pub use gap::Gap;
pub use voices::{Heard, Told};
