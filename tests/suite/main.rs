//! All tests, as one program: low levels first, then the story through the built binary.

mod carry;
mod cli;
mod crypto;
mod deps;
mod doc;
mod frozen;
mod handover;
mod hostile;
mod layers;
mod model;
mod model_typed;
mod note_grammar;
mod parcel;
mod readme;
mod relay;
mod relay_client;
mod relaying;
mod remove;
mod security;
mod session;
mod stories;
mod support;
mod team;
mod terminal;
mod transport;
mod vault;
