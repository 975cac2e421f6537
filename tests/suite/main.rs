//! All tests, as one program: low levels first, then the story through the built binary.

mod doc;
mod model;
mod model_typed;
mod note_grammar;
mod terminal;
