//! What monitors write down: types, privacy classes and vocabularies.
//! No I/O, no cryptography, no CRDT; everything here is a pure function of its arguments.

#[macro_use]
pub mod shape;
pub mod code;
pub mod draft;
pub mod entity;
pub mod liberty;
pub mod note;
pub mod record;
pub mod schema;
pub mod tree;
pub mod typed;
pub mod value;
pub mod vocabulary;

pub use code::{ALPHABET, short};
pub use record::{Kind, Record};
pub use shape::{Field, Leaf, Privacy, Shape};
pub use tree::Tree;
