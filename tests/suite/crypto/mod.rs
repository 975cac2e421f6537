//! Padding, labels, words, keys, and that stock `age` opens what is sealed here.

mod age;
mod keys;
mod mailbox;
mod pad;
mod words;
