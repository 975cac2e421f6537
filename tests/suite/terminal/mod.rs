//! The program as a person meets it: at a terminal, typing.

mod sitting;
mod three_languages;
