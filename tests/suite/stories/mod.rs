//! What people do with the built program, as they do it: arguments, standard input, a passphrase file.

mod care;
mod data_set;
mod edits;
mod errors;
mod evidence;
mod night;
mod notes;
mod relay;
pub mod stick;
pub mod support;
mod texts;
