//! A stretch between two times of one day, or between two dates.

use crate::model::note::{Spoken, spoken_when};
use crate::model::typed::Now;
use crate::model::typed::range::{among, from_to};
use crate::model::typed::words::{any, only, words};
use crate::model::value::{Edtf, Qualifier, When};

use super::{Day, Told, coarse};

const HALF_DAY: [&str; 4] = ["am", "pm", "a.m", "p.m"];
const MARKS: [&str; 2] = ["between", "между"];

/// Reads two times; `pm` or a part of the day said once counts for both.
pub(super) fn times(text: &str, today: Day) -> Option<Told> {
    let typed = words(text)?;
    only(ends(&typed).into_iter().filter_map(|(low, high)| both(&low, &high, today))).map(|(day, time, to)| Told {
        day,
        time: Some(time),
        to_time: Some(to),
        part_of_day: None,
        qualifier: Some(Qualifier::Between),
    })
}

/// Gives the words for both ends; words before `between` belong to the first.
fn ends(words: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
    let lead = words.iter().position(|word| any(word, &MARKS)).unwrap_or(0);
    let with_lead = |(low, high): (Vec<String>, Vec<String>)| ([&words[..lead], &low].concat(), without_hours(high));
    among(&words[lead..]).into_iter().map(with_lead).chain(dashed(words)).collect()
}

fn without_hours(words: Vec<String>) -> Vec<String> {
    words.into_iter().filter(|word| !any(word, &["часами"])).collect()
}

/// Gives the ends of `14:00-15:00`, also with spaces around the dash.
fn dashed(words: &[String]) -> Option<(Vec<String>, Vec<String>)> {
    let joined = words.join(" ").replace(" - ", "-");
    let all: Vec<String> = joined.split(' ').map(str::to_owned).collect();
    let clock = |text: &str| text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
    let at = all.iter().position(|word| word.split_once('-').is_some_and(|(a, b)| clock(a) && clock(b)))?;
    let (low, high) = all[at].split_once('-')?;
    let low = all[..at].iter().map(String::as_str).chain([low]).chain(all[at + 1..].iter().map(String::as_str));
    Some((low.map(str::to_owned).collect(), vec![high.to_owned()]))
}

type Ends = (Option<Day>, (u8, u8), (u8, u8));

fn both(low: &[String], high: &[String], today: Day) -> Option<Ends> {
    let suffix = high.last().filter(|last| any(last, &HALF_DAY) && !low.iter().any(|word| any(word, &HALF_DAY)));
    let borrowed: Vec<String> = low.iter().chain(suffix).cloned().collect();
    let (a, b) = (timed(&borrowed, today)?, timed(high, today)?);
    let part = a.part_of_day.or(b.part_of_day);
    let a = in_part(a, &borrowed, part, today)?;
    let b = in_part(b, high, part, today)?;
    let (from, to) = (a.time?, b.time?);
    let day = if a.date.is_some() && b.date.is_some() { a.date.filter(|_| a.date == b.date).map(Some)? } else { a.date.or(b.date) };
    let over_midnight = part == Some("night") || (part.is_none() && suffix.is_none());
    (from != to && (from < to || over_midnight)).then_some((day, from, to))
}

fn in_part(told: Spoken, words: &[String], part: Option<&'static str>, today: Day) -> Option<Spoken> {
    let word = match part.filter(|_| told.part_of_day.is_none()) {
        None => return Some(told),
        Some("morning") => "утра",
        Some("day") => "дня",
        Some("evening") => "вечера",
        Some(_) => "ночи",
    };
    timed(&[words, &[word.to_owned()]].concat(), today)
}

/// Reads a time without a qualifier, also a bare hour (`14`), which needs no `at` here.
fn timed(words: &[String], today: Day) -> Option<Spoken> {
    let plain = |told: &Spoken| told.time.is_some() && !told.about && !told.before && !told.after;
    let read = |text: String| spoken_when(&text, today).filter(plain);
    let primed = |at: usize| read(format!("{} at {}", words[..at].join(" "), words[at..].join(" ")));
    read(words.join(" ")).or_else(|| (0..words.len()).find_map(primed))
}

/// Reads two dates as an interval.
pub(super) fn days(words: &[String], now: &Now) -> Option<When> {
    let ends = among(words).into_iter().chain(from_to(words));
    let found = ends.filter_map(|(low, high)| interval(&one(&low, now)?, &one(&high, now)?));
    only(found).map(When::on)
}

fn interval(low: &Edtf, high: &Edtf) -> Option<Edtf> {
    let single = |date: &Edtf| !date.as_str().contains('/');
    (single(low) && single(high)).then(|| coarse::written(&format!("{}/{}", low.as_str(), high.as_str())))?
}

fn one(words: &[String], now: &Now) -> Option<Edtf> {
    let day = spoken_when(&words.join(" "), now.date).and_then(|told| {
        let plain = told.is_plain_date();
        told.date.filter(|_| plain)
    });
    day.and_then(|(year, month, day)| Edtf::day(year, month, day)).or_else(|| coarse::date(words))
}
