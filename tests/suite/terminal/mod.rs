//! The program as a person meets it: at a terminal, typing.

mod interception;
mod leaving;
mod sitting;
mod three_languages;
