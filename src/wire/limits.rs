//! Numbers that both sides must agree on.

/// Most bytes of a file: the most that a sealed file has.
pub const MAX_FILE: u64 = 1024 * 1024;
/// Most bytes of a notice: keys files and the log of a large team.
pub const MAX_NOTICE: u64 = 256 * 1024;
/// Most bytes of any other body.
pub const MAX_JSON: u64 = 4 * 1024;
/// Most entries of one page of a list.
pub const MAX_PAGE: u64 = 1000;
/// Part of a quota that only the owner key may fill: one in so many.
pub const RESERVED: u64 = 10;
/// How long a nonce is good, in seconds of the server's clock.
pub const NONCE_SECONDS: u64 = 300;
