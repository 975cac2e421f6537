//! How old a person is: years, a band, a birth date, or what the monitor saw.

use crate::model::note::spoken_when;
use crate::model::value::{Age, Edtf};

use super::Now;
use super::amount::whole;
use super::range::range;
use super::words::{any, back, front, is, named, words};

const AGED: [&str; 6] = ["aged", "age", "возраст", "ему", "ей", "жасы"];
const YEARS: [&str; 17] =
    ["year", "years", "years old", "year old", "years of age", "y.o", "yo", "год", "года", "лет", "годик", "жас", "жаста", "жастағы", "жасар", "жасында", "г"];
const BORN_BEFORE: [&str; 10] = ["born", "born in", "born on", "родился", "родилась", "родился в", "родилась в", "год рождения", "дата рождения", "туған күні"];
const BORN_AFTER: [&str; 12] = ["года рождения", "г.р", "гр", "г р", "год рождения", "жылы туған", "жылғы", "ж.т", "туған", "жылы туылған", "туылған", "born"];
const SEEMS_MINOR: [&str; 22] = [
    "seems minor",
    "seems a minor",
    "looks minor",
    "looks like a minor",
    "looks under 18",
    "seems under 18",
    "на вид несовершеннолетний",
    "на вид несовершеннолетняя",
    "на вид младше 18",
    "кажется несовершеннолетним",
    "кажется несовершеннолетней",
    "выглядит несовершеннолетним",
    "выглядит несовершеннолетней",
    "похож на несовершеннолетнего",
    "похожа на несовершеннолетнюю",
    "выглядит младше 18",
    "кәмелетке толмаған сияқты",
    "кәмелетке толмаған секілді",
    "кәмелетке толмаған тәрізді",
    "кәмелеттік жасқа толмаған сияқты",
    "түріне қарағанда кәмелетке толмаған",
    "он сегізге толмаған сияқты",
];
const SEEMS_ADULT: [&str; 8] = [
    "seems adult",
    "seems an adult",
    "looks adult",
    "на вид совершеннолетний",
    "на вид совершеннолетняя",
    "выглядит совершеннолетним",
    "кәмелетке толған сияқты",
    "кәмелетке толған секілді",
];
const BANDS: [(u32, u32, &str); 4] = [(0, 13, "under_14"), (14, 17, "14_17"), (18, 29, "18_29"), (30, 59, "30_59")];
/// Forms of a band beyond the names of the vocabulary.
const BAND_FORMS: [(&str, &[&str]); 3] = [
    ("under_14", &["under fourteen", "до четырнадцати", "до четырнадцати лет", "он төрт жасқа дейін", "он төртке дейін", "<14"]),
    ("60_plus", &["over sixty", "60 and older", "60 и старше", "старше шестидесяти", "алпыстан жоғары", "60-тан асқан", "60-тан жоғары"]),
    ("unknown", &["unknown", "not known", "неизвестно", "неизвестен", "не известно", "белгісіз"]),
];

/// Reads an age; several statements are divided by commas and each may stand once.
pub(super) fn age(text: &str, now: &Now) -> Option<Age> {
    one(text, now).or_else(|| {
        let parts: Option<Vec<Age>> = text.split([',', ';']).map(|part| one(part, now)).collect();
        parts?.into_iter().try_fold(Age::default(), merged)
    })
}

fn merged(a: Age, b: Age) -> Option<Age> {
    Some(Age {
        born: either(a.born, b.born)?,
        years: either(a.years, b.years)?,
        band: either(a.band, b.band)?,
        seems_minor: either(a.seems_minor, b.seems_minor)?,
    })
}

/// Gives the one of two that is there, none when both are.
fn either<T>(a: Option<T>, b: Option<T>) -> Option<Option<T>> {
    if a.is_some() && b.is_some() { None } else { Some(a.or(b)) }
}

fn one(text: &str, now: &Now) -> Option<Age> {
    let typed = words(text)?;
    years(&typed)
        .map(|years| Age { years: Some(years), ..Age::default() })
        .or_else(|| band(&typed).and_then(|band| Some(Age { band: Some(band.parse().ok()?), ..Age::default() })))
        .or_else(|| seems(&typed).map(|minor| Age { seems_minor: Some(minor), ..Age::default() }))
        .or_else(|| born(&typed, now).map(|born| Age { born: Some(born), ..Age::default() }))
}

fn years(words: &[String]) -> Option<u8> {
    let rest = front(words, &AGED).map_or(words, |(_, rest)| rest);
    let rest = back(rest, &YEARS).map_or(rest, |(_, rest)| rest);
    whole(rest).filter(|years| *years <= 130).and_then(|years| years.try_into().ok())
}

fn band(words: &[String]) -> Option<&'static str> {
    if let Some(term) = named("age_band", words) {
        return Some(&term.code);
    }
    let form = BAND_FORMS.iter().find(|(_, forms)| forms.iter().any(|form| is(words, form)));
    form.map(|(code, _)| *code).or_else(|| ends(words))
}

/// Reads two numbers that are the ends of a band; a narrower range has no place to stand and gives none.
fn ends(words: &[String]) -> Option<&'static str> {
    let (low, high) = range(back(words, &YEARS).map_or(words, |(_, rest)| rest))?;
    let is = |number: u32, end: &str| number.to_string() == end;
    let found = BANDS.iter().find(|(from, to, _)| is(*from, low.as_str()) && is(*to, high.as_str()))?;
    Some(found.2)
}

fn seems(words: &[String]) -> Option<bool> {
    let called = |phrases: &[&str]| phrases.iter().any(|phrase| is(words, phrase));
    let minor = called(&SEEMS_MINOR).then_some(true);
    minor.or_else(|| called(&SEEMS_ADULT).then_some(false))
}

/// Reads a birth date as far as it is known; a year is one from 1900 to this year.
fn born(words: &[String], now: &Now) -> Option<Edtf> {
    let rest = front(words, &BORN_BEFORE).map_or(words, |(_, rest)| rest);
    let rest = back(rest, &BORN_AFTER).map_or(rest, |(_, rest)| rest);
    let (first, last) = ((1900, 1, 1), now.date);
    let born = written(rest).or_else(|| year(rest)).or_else(|| day(rest, now))?;
    let start = born.days().0?;
    let start = (start.year(), start.month() as u8, start.day() as u8);
    (first <= start && start <= last).then_some(born)
}

fn written(words: &[String]) -> Option<Edtf> {
    let [one] = words else { return None };
    one.parse().ok().filter(|_| !one.contains('/'))
}

fn year(words: &[String]) -> Option<Edtf> {
    let rest = back(words, &["год", "года", "жыл", "жылы", "г"]).map_or(words, |(_, rest)| rest);
    let number = whole(rest).filter(|year| (1900..=2100).contains(year))?;
    number.to_string().parse().ok()
}

/// Reads a day whose year was said: it is the same for every today.
fn day(words: &[String], now: &Now) -> Option<Edtf> {
    if words.iter().any(|word| any(word, &["today", "сегодня", "бүгін"])) {
        return None;
    }
    let text = words.join(" ");
    let told = spoken_when(&text, now.date)?;
    let again = spoken_when(&text, (now.date.0.checked_add(30)?, 6, 15))?;
    let plain = told.is_plain_date();
    let (year, month, day) = told.date.filter(|_| plain && told == again)?;
    Edtf::day(year, month, day)
}
