//! How anybody checks a bundle with programs that everybody has, in three languages.

use super::About;
use crate::words;

const TEXT: &str = include_str!("verify.txt");

/// Returns `VERIFY.txt` of a bundle, with lines ended so that every editor of Windows shows them.
pub fn text(about: &About) -> String {
    let text = format!("\u{feff}{TEXT}").replace("{NAME}", &file_name(about.name)).replace("{ID}", &words::clean(about.id));
    text.replace('\n', "\r\n")
}

/// A name that a shell takes as it is.
fn file_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let safe: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if safe.is_empty() { "NAME".to_owned() } else { safe }
}
