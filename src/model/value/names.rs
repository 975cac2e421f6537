//! In which letters a name is written.

/// Returns the script of a text as an ISO 15924 code: `Latn`, `Cyrl`, or `mixed`; `None` without letters of either.
pub fn script_of(text: &str) -> Option<&'static str> {
    let latin = text.chars().any(|c| c.is_alphabetic() && (c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c)));
    let cyrillic = text.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c));
    match (latin, cyrillic) {
        (true, true) => Some("mixed"),
        (true, false) => Some("Latn"),
        (false, true) => Some("Cyrl"),
        (false, false) => None,
    }
}
