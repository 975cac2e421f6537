//! Values made less exact: a day or a week for a minute, a city for a place, a band for an age. What cannot be made so is withheld.

use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};

use super::profile::Dates;
use crate::model::value::{Age, Edtf, PlaceRef, Precision, When};
use crate::model::{Tree, vocabulary};

/// Returns a moment no more exact than wanted; `None` when it is no moment.
pub fn moment(value: &Value, dates: Dates) -> Option<Value> {
    if dates == Dates::Exact {
        return Some(value.clone());
    }
    let when: When = serde_json::from_value(value.clone()).ok()?;
    let Some(date) = when.date else { return Some(json!({ "precision": "unknown" })) };
    let date = if dates == Dates::Week { week(&date) } else { date };
    let precision = when.precision.filter(|p| matches!(p, Precision::Day | Precision::Month | Precision::Year | Precision::Unknown));
    let mut coarse = json!({ "date": date });
    if let Some(precision) = precision {
        coarse["precision"] = json!(precision);
    }
    if let Some(basis) = when.basis {
        coarse["basis"] = json!(basis);
    }
    Some(coarse)
}

/// The weeks, from Monday to Sunday, in which a date lies. Months and years are coarser than that.
fn week(date: &Edtf) -> Edtf {
    let sides: Vec<&str> = date.as_str().split('/').collect();
    let has_day = sides.iter().any(|side| side.matches('-').count() == 2);
    if !has_day {
        return date.clone();
    }
    let (first, last) = date.days();
    let monday = first.map_or_else(|| "..".to_owned(), |day| day_of_week(day, Weekday::Monday));
    let sunday = last.map_or_else(|| "..".to_owned(), |day| day_of_week(day, Weekday::Sunday));
    format!("{monday}/{sunday}").parse().unwrap_or_else(|_| date.clone())
}

fn day_of_week(day: Date, wanted: Weekday) -> String {
    let mut day = day;
    while day.weekday() != wanted {
        let next = if wanted == Weekday::Monday { day.yesterday() } else { day.tomorrow() };
        match next {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    day.to_string()
}

/// Returns seconds since 1970 at the beginning of their day or week.
pub fn seconds(at: i64, dates: Dates) -> i64 {
    const DAY: i64 = 24 * 60 * 60;
    match dates {
        Dates::Exact => at,
        Dates::Day => at.div_euclid(DAY) * DAY,
        // 1970-01-01 was a Thursday.
        Dates::Week => (at.div_euclid(DAY) + 3).div_euclid(7) * 7 * DAY - 3 * DAY,
    }
}

/// Returns the city of a place; `record` finds the record of a place by its id.
pub fn city<'t>(value: &Value, record: &dyn Fn(&str) -> Option<&'t Tree>) -> Option<Value> {
    let place: PlaceRef = serde_json::from_value(value.clone()).ok()?;
    let own = place.record.as_ref().and_then(|id| record(id.as_str()));
    let of_record = own.and_then(|tree| known_city(tree.get("known")?.as_str()?).or_else(|| named_city(tree.get("city")?.as_str()?)));
    of_record.or_else(|| known_city(place.known.as_ref()?.as_str())).map(|code| json!({ "known": code }))
}

/// A ready place that is a city or larger.
fn known_city(code: &str) -> Option<String> {
    let term = vocabulary::term("place", code)?;
    matches!(term.detail("kind"), Some("city" | "region" | "abroad")).then(|| code.to_owned())
}

/// The ready place of this name: words that are no city are never taken for one.
fn named_city(name: &str) -> Option<String> {
    let name = name.trim().to_lowercase();
    let called = |word: &String| word.to_lowercase() == name;
    let term = vocabulary::shipped("place")?.terms.iter().find(|term| [&term.code, &term.en, &term.ru, &term.kk].into_iter().any(called))?;
    known_city(&term.code)
}

/// Returns an age as a band, `at` in seconds since 1970; `None` when no band is certain.
pub fn band(value: &Value, at: i64) -> Option<Value> {
    let age: Age = serde_json::from_value(value.clone()).ok()?;
    let years = age.years.map(i64::from).map(|years| (years, years)).or_else(|| years_at(age.born.as_ref()?, at));
    let computed = years.and_then(|(least, most)| (band_of(least) == band_of(most)).then(|| band_of(least)));
    let mut coarse = Tree::new();
    let stated = age.band.as_ref().map(|band| band.as_str()).filter(|band| vocabulary::term("age_band", band).is_some());
    if let Some(band) = computed.or(stated) {
        coarse.insert("band".into(), band.into());
    }
    if let Some(minor) = age.seems_minor {
        coarse.insert("seems_minor".into(), minor.into());
    }
    (!coarse.is_empty()).then_some(Value::Object(coarse))
}

fn years_at(born: &Edtf, at: i64) -> Option<(i64, i64)> {
    let (Some(first), Some(last)) = born.days() else { return None };
    let today = jiff::Timestamp::from_second(at).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let years = |day: Date| i64::from(today.year()) - i64::from(day.year()) - i64::from((today.month(), today.day()) < (day.month(), day.day()));
    let (most, least) = (years(first), years(last));
    (least >= 0).then_some((least, most))
}

fn band_of(years: i64) -> &'static str {
    match years {
        ..14 => "under_14",
        14..18 => "14_17",
        18..30 => "18_29",
        30..60 => "30_59",
        _ => "60_plus",
    }
}
