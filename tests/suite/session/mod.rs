//! What one can do with an open vault, seen from what may leave it.

mod secrets;
