//! All tests, as one program: low levels first, then the story through the built binary.

mod cli;
mod crypto;
mod deps;
mod doc;
mod frozen;
mod layers;
mod model;
mod model_typed;
mod note_grammar;
mod parcel;
mod readme;
mod security;
mod session;
mod stories;
mod support;
mod terminal;
mod vault;
