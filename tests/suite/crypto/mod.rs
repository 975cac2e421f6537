//! Padding, labels, words, keys, and that stock `age` opens what is sealed here.

mod age;
mod keys;
mod pad;
mod words;
