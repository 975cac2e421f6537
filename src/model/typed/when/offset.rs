//! The offset from UTC at the end of a time: `+05:00`, `+6`, `UTC+5`, `Z`, `плюс пять`.

use crate::model::note::spoken_number;

const PLUS: [&str; 4] = ["plus", "плюс", "қосу", "косу"];

/// Writes `2018-05-10T23:40` with a space, as the rest is read.
pub(super) fn iso(text: &str) -> String {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let joint = |at: &usize| digit(text[..*at].chars().next_back()) && digit(text[*at + 1..].chars().next());
    match text.match_indices('T').map(|(at, _)| at).find(joint) {
        Some(at) => format!("{} {}", &text[..at], &text[at + 1..]),
        None => text.to_owned(),
    }
}

/// Takes the offset from the end, in minutes east of UTC.
pub(super) fn split(text: &str) -> (String, Option<i16>) {
    let found = named(text).or_else(|| zulu(text)).or_else(|| signed(text)).or_else(|| spoken(text));
    found.map_or((text.to_owned(), None), |(rest, offset)| (rest, Some(offset)))
}

fn named(text: &str) -> Option<(String, i16)> {
    let lower = text.to_ascii_lowercase();
    let at = lower.rfind("utc").or_else(|| lower.rfind("gmt"))?;
    let tail = text[at + 3..].trim();
    let offset = match tail.chars().next() {
        None => 0,
        Some('+') => minutes(&tail[1..])?,
        Some(minus @ ('-' | '−' | '–')) => -minutes(&tail[minus.len_utf8()..])?,
        _ => return None,
    };
    Some((text[..at].trim().to_owned(), offset))
}

fn zulu(text: &str) -> Option<(String, i16)> {
    let rest = text.strip_suffix(['Z', 'z'])?;
    rest.ends_with(|c: char| c.is_ascii_digit()).then(|| (rest.to_owned(), 0))
}

fn signed(text: &str) -> Option<(String, i16)> {
    let (rest, tail) = text.rsplit_once('+')?;
    Some((rest.trim().to_owned(), minutes(tail)?))
}

fn spoken(text: &str) -> Option<(String, i16)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().rposition(|word| PLUS.contains(&word.to_lowercase().as_str()))?;
    let hours = spoken_number(&words[at + 1..].join(" ")).filter(|hours| *hours <= 14)?;
    Some((words[..at].join(" "), i16::try_from(hours).ok()? * 60))
}

/// Reads `5`, `05`, `0530` or `05:30`.
fn minutes(text: &str) -> Option<i16> {
    let text = text.trim();
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None if text.len() == 4 && text.is_ascii() => text.split_at(2),
        None => (text, "00"),
    };
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let fits = digits(hours, 2) && digits(minutes, 2) && minutes.len() == 2;
    let (hours, minutes): (i16, i16) = fits.then(|| hours.parse().ok().zip(minutes.parse().ok()))??;
    (hours <= 14 && minutes < 60).then_some(hours * 60 + minutes)
}
