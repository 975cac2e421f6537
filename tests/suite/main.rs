//! All tests, as one program: low levels first, then the story through the built binary.

mod crypto;
mod deps;
mod layers;
mod model;
mod note_grammar;
mod parcel;
mod session;
mod support;
mod vault;
