//! Dates as written in EDTF, and months and years in words.

use crate::model::note::spoken_when;
use crate::model::typed::amount::whole;
use crate::model::typed::words::{any, back, front};
use crate::model::value::{Edtf, Qualifier, When};

const FRONT: [(Qualifier, &[&str]); 3] = [
    (Qualifier::About, &["about", "around", "circa", "approximately", "около", "примерно", "приблизительно", "шамамен"]),
    (Qualifier::Before, &["before", "до", "раньше"]),
    (Qualifier::After, &["after", "после"]),
];
const BACK: [(Qualifier, &[&str]); 3] = [(Qualifier::About, &["шамасында"]), (Qualifier::Before, &["дейін"]), (Qualifier::After, &["кейін"])];
const YEAR: [&str; 11] = ["year", "год", "года", "году", "г", "жыл", "жылы", "жылға", "жылдан", "ж", "жылғы"];

/// Reads a date in EDTF of the years 1800 to 2100; an interval must not end before it starts.
pub(super) fn written(text: &str) -> Option<Edtf> {
    let date: Edtf = text.parse().ok()?;
    let (first, last) = date.days();
    let near = |day: Option<jiff::civil::Date>| day.is_none_or(|day| (1800..=2100).contains(&day.year()));
    let ordered = first.zip(last).is_none_or(|(first, last)| first <= last);
    (near(first) && near(last) && ordered).then_some(date)
}

/// Reads a month or a year, also with `about`, `before` or `after`.
pub(super) fn coarse(words: &[String]) -> Option<When> {
    let (rest, qualifier) = qualified(words);
    date(rest).map(|date| When { qualifier, ..When::on(date) })
}

fn qualified(words: &[String]) -> (&[String], Option<Qualifier>) {
    let before = FRONT.iter().find_map(|(found, phrases)| front(words, phrases).map(|(_, rest)| (rest, Some(*found))));
    let after = || BACK.iter().find_map(|(found, phrases)| back(words, phrases).map(|(_, rest)| (rest, Some(*found))));
    before.or_else(after).unwrap_or((words, None))
}

/// Reads a month or a year.
pub(super) fn date(words: &[String]) -> Option<Edtf> {
    let rest = match words {
        [lead, rest @ ..] if any(lead, &["in", "в", "во"]) => rest,
        all => all,
    };
    let one = || rest.first().filter(|_| rest.len() == 1);
    one().and_then(|one| written(one)).or_else(|| numbers(one()?)).or_else(|| month(rest)).or_else(|| year(rest))
}

/// Reads `05.2018` and `05/2018`.
fn numbers(word: &str) -> Option<Edtf> {
    let (month, year) = word.split_once(['.', '/'])?;
    let fits = (1..=2).contains(&month.len()) && year.len() == 4;
    fits.then(|| written(&format!("{year}-{month:0>2}")))?
}

/// Reads a month whose year was said: with a first day it is the same for every today.
fn month(words: &[String]) -> Option<Edtf> {
    let text = words.join(" ");
    let first_of = |probe: String| {
        let told = spoken_when(&probe, (1990, 12, 31))?;
        let plain = told.is_plain_date();
        let same = plain && spoken_when(&probe, (2090, 12, 31)) == Some(told.clone());
        told.date.filter(|(_, _, day)| same && *day == 1)
    };
    let (year, month, _) = first_of(format!("1 {text}")).or_else(|| first_of(format!("{text} 1")))?;
    written(&format!("{year:04}-{month:02}"))
}

fn year(words: &[String]) -> Option<Edtf> {
    let rest = back(words, &YEAR).map_or(words, |(_, rest)| rest);
    let year = whole(rest).filter(|year| (1900..=2100).contains(year))?;
    written(&year.to_string())
}
