//! The blind relay: mailboxes of opaque files for whoever has their keys. It learns no casebook, member or author, and its
//! source can name none of the modules that know them.

pub mod store;
