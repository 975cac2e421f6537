//! The length of a sentence as it was pronounced.

use crate::model::value::{Decimal, Length};

use super::amount::decimal;
use super::words::{any, apart, is, words};

const LIFE: [&str; 13] = [
    "life",
    "for life",
    "life imprisonment",
    "life sentence",
    "пожизненно",
    "пожизненное",
    "пожизненный срок",
    "пожизненное заключение",
    "пожизненное лишение свободы",
    "өмір бойы",
    "өмір бойына",
    "өмір бойғы",
    "өмір бойы бас бостандығынан айыру",
];
const YEARS: [&str; 12] = ["year", "years", "yr", "yrs", "y", "год", "года", "лет", "г", "жыл", "жылға", "жылы"];
const MONTHS: [&str; 9] = ["month", "months", "mo", "месяц", "месяца", "месяцев", "мес", "ай", "айға"];
const DAYS: [&str; 16] = ["day", "days", "d", "сутки", "суток", "сут", "день", "дня", "дней", "дн", "тәулік", "тәулікке", "күн", "күнге", "тәул", "дни"];

/// Reads years, months and days, each at most once, or life.
pub(super) fn length(text: &str) -> Option<Length> {
    let typed = words(&apart(text).replace(", ", " "))?;
    if LIFE.iter().any(|life| is(&typed, life)) {
        return Some(Length { life: Some(true), ..Length::default() });
    }
    let start = usize::from(any(&typed[0], &["на", "for"]));
    parts(&typed[start..])
}

fn parts(words: &[String]) -> Option<Length> {
    let mut length = Length::default();
    let mut rest = words;
    while !rest.is_empty() {
        let (number, unit, after) = part(rest)?;
        let slot = match unit {
            Unit::Year => &mut length.years,
            Unit::Month => &mut length.months,
            Unit::Day => &mut length.days,
        };
        if slot.replace(number).is_some() {
            return None;
        }
        rest = without_joiner(after)?;
    }
    Some(length)
}

enum Unit {
    Year,
    Month,
    Day,
}

fn unit(word: &str) -> Option<Unit> {
    let year = any(word, &YEARS).then_some(Unit::Year);
    year.or_else(|| any(word, &MONTHS).then_some(Unit::Month)).or_else(|| any(word, &DAYS).then_some(Unit::Day))
}

/// Reads one number with its unit, also `полгода`, `half a year` and `год с половиной`.
fn part(words: &[String]) -> Option<(Decimal, Unit, &[String])> {
    if any(&words[0], &["полгода"]) {
        return Some(("0.5".parse().ok()?, Unit::Year, &words[1..]));
    }
    let at = words.iter().position(|word| unit(word).is_some())?;
    let (number, found) = (&words[..at], unit(&words[at])?);
    let (halves, after) = half_after(&words[at + 1..]);
    let said: Vec<String> = match number {
        [first, second] if any(first, &["half"]) && any(second, &["a"]) => vec!["half".to_owned()],
        all => all.iter().chain(halves).cloned().collect(),
    };
    Some((decimal(&said)?, found, after))
}

fn half_after(words: &[String]) -> (&[String], &[String]) {
    let size = match words {
        [a, b, ..] if a == "с" && b == "половиной" => 2,
        [a, b, c, ..] if a == "and" && b == "a" && c == "half" => 3,
        _ => 0,
    };
    words.split_at(size)
}

fn without_joiner(words: &[String]) -> Option<&[String]> {
    match words {
        [joiner, rest @ ..] if any(joiner, &["and", "и", "және"]) => (!rest.is_empty()).then_some(rest),
        all => Some(all),
    }
}
