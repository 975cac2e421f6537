//! What monitors write down: values, rules, words and where a detained person stands.

mod answers;
mod clocks;
pub mod dice;
mod figures;
mod judges;
mod liberty;
mod moments;
mod privacy;
mod schema;
mod words;

/// The root of the package.
pub fn root() -> std::path::PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}
