//! All tests, as one program: low levels first, then the story through the built binary.

mod cli;
mod model;
mod note_grammar;
