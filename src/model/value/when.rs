//! When something happened, no more exact than somebody said: a date in EDTF (ISO 8601-2 level 1), wall time with the
//! offset seen on that wall, and how it is known. Nothing here is ever "now" by itself.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Rule, Term};
use crate::model::shape::{Leaf, Valued};

const DAY: &str = "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-[0-2][0-9])";

/// A date in EDTF level 1: `2018-05-10`, `2016-11`, `2015`, with `~ ? %`, or an interval `a/b` with `..` for open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Edtf(String);

/// One side of a date: year, month, day, as far as given.
type Parts = (i16, Option<i8>, Option<i8>);

impl FromStr for Edtf {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let sides: Vec<&str> = text.split('/').collect();
        let fits = match sides.as_slice() {
            [one] => side(one).is_some(),
            ["..", end] => side(end).is_some(),
            [start, ".."] => side(start).is_some(),
            [start, end] => side(start).is_some() && side(end).is_some(),
            _ => false,
        };
        if fits { Ok(Self(text.to_owned())) } else { Err(Rule("date")) }
    }
}

/// Reads one side of a date; `None` when it is no date.
fn side(text: &str) -> Option<Parts> {
    let bare = text.strip_suffix(['~', '?', '%']).unwrap_or(text);
    let mut parts = bare.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|m| digits(m, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day = parts.next().map(|d| digits(d, 2)).map_or(Some(None), |d| d.map(Some))?;
    let month_fits = month.is_none_or(|m| (1..=12).contains(&m));
    let day_fits = day.is_none_or(|d| (1..=longest(month.unwrap_or(1))).contains(&d));
    (parts.next().is_none() && month_fits && day_fits).then_some((year, month.map(|m| m as i8), day.map(|d| d as i8)))
}

fn digits(text: &str, count: usize) -> Option<i16> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Days of a month in the longest year; whether a year leaps is nobody's mistake to correct here.
fn longest(month: i16) -> i16 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Edtf {
    /// The text of one day.
    pub fn day(year: i16, month: u8, day: u8) -> Option<Self> {
        format!("{year:04}-{month:02}-{day:02}").parse().ok()
    }

    /// Returns the text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether this is one certain day, the only kind of date a wall time can stand beside.
    pub fn is_day(&self) -> bool {
        side(&self.0).is_some_and(|(_, _, day)| day.is_some()) && !self.0.ends_with(['~', '?', '%'])
    }

    /// Returns the first and the last day it may mean; an open end is `None`.
    pub fn days(&self) -> (Option<Date>, Option<Date>) {
        let (start, end) = self.0.split_once('/').unwrap_or((&self.0, &self.0));
        (side(start).map(first_day), side(end).map(last_day))
    }
}

fn first_day((year, month, day): Parts) -> Date {
    exact_day(year, month.unwrap_or(1), day.unwrap_or(1))
}

fn last_day((year, month, day): Parts) -> Date {
    let month = month.unwrap_or(12);
    exact_day(year, month, day.unwrap_or(31))
}

/// The day named, or the last of its month where the month is shorter.
fn exact_day(year: i16, month: i8, day: i8) -> Date {
    let first = date(year, month, 1);
    Date::new(year, month, day).unwrap_or_else(|_| first.last_of_month())
}

impl<'de> Deserialize<'de> for Edtf {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Edtf {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Edtf".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let day = DAY.replace("02-[0-2][0-9]", "02-(?:0[1-9]|[12][0-9])");
        let side = format!("(?:{day}|[0-9]{{4}}-(?:0[1-9]|1[0-2])|[0-9]{{4}})[~?%]?");
        json_schema!({ "type": "string", "pattern": format!("^(?:{side}|{side}/{side}|{side}/\\.\\.|\\.\\./{side})$") })
    }
}

/// A time on the wall, `HH:MM` or `HH:MM:SS`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct WallTime(String);

impl FromStr for WallTime {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let parts: Option<Vec<i16>> = text.split(':').map(|part| digits(part, 2)).collect();
        let fits = match parts.as_deref() {
            Some([h, m]) => *h < 24 && *m < 60,
            Some([h, m, s]) => *h < 24 && *m < 60 && *s < 60,
            _ => false,
        };
        if fits { Ok(Self(text.to_owned())) } else { Err(Rule("time")) }
    }
}

impl WallTime {
    /// The time at this hour and minute.
    pub fn at(hour: u8, minute: u8) -> Option<Self> {
        format!("{hour:02}:{minute:02}").parse().ok()
    }

    /// Returns the text as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns minutes since midnight.
    pub fn minutes(&self) -> i64 {
        let number = |part: Option<&str>| part.and_then(|p| p.parse::<i64>().ok()).unwrap_or(0);
        let mut parts = self.0.split(':');
        number(parts.next()) * 60 + number(parts.next())
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for WallTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WallTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$" })
    }
}

/// How fine the time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    Second,
    Minute,
    QuarterHour,
    Hour,
    PartOfDay,
    Day,
    Month,
    Year,
    Unknown,
}

/// On which side of the stated time it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    Exact,
    About,
    Before,
    After,
    Between,
}

/// A moment or stretch of time as somebody knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "WhenParts")]
#[schemars(!try_from)]
#[schemars(extend(
    "anyOf" = [
        {"required": ["date"]},
        {"required": ["precision"], "properties": {"precision": {"const": "unknown"}}}
    ],
    "if" = {"required": ["time"]},
    "then" = {"required": ["date"], "properties": {"date": {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}},
    "dependentRequired" = {"to_time": ["time"]},
    "allOf" = [{
        "if": {"required": ["qualifier"], "properties": {"qualifier": {"const": "between"}}},
        "then": {"required": ["to_time"]},
        "else": {"not": {"required": ["to_time"]}}
    }]
))]
pub struct When {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Edtf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<WallTime>,
    /// Upper end of `between`; earlier than `time` means the next day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_time: Option<WallTime>,
    /// Minutes east of UTC as seen on the wall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1080, max = 1080))]
    pub offset_min: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "part_of_day"))]
    pub part_of_day: Option<Term>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Qualifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "basis"))]
    pub basis: Option<Term>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenParts {
    date: Option<Edtf>,
    time: Option<WallTime>,
    to_time: Option<WallTime>,
    offset_min: Option<i16>,
    part_of_day: Option<Term>,
    precision: Option<Precision>,
    qualifier: Option<Qualifier>,
    basis: Option<Term>,
}

impl TryFrom<WhenParts> for When {
    type Error = Rule;

    fn try_from(from: WhenParts) -> Result<Self, Rule> {
        let WhenParts { date, time, to_time, offset_min, part_of_day, precision, qualifier, basis } = from;
        let dated = date.is_some() || precision == Some(Precision::Unknown);
        let timed = time.is_none() || date.as_ref().is_some_and(Edtf::is_day);
        let bounded = (qualifier == Some(Qualifier::Between)) == to_time.is_some() && (to_time.is_none() || time.is_some());
        let offset = offset_min.is_none_or(|o| (-1080..=1080).contains(&o));
        if dated && timed && bounded && offset {
            Ok(When { date, time, to_time, offset_min, part_of_day, precision, qualifier, basis })
        } else {
            Err(Rule("when"))
        }
    }
}

/// The earliest and latest moment a [`When`] may mean, in minutes since 1970-01-01 UTC; ends may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub earliest: i64,
    pub latest: i64,
}

impl Span {
    /// Nothing known: the whole of time.
    pub const UNKNOWN: Span = Span { earliest: i64::MIN, latest: i64::MAX };

    /// Tells whether all of this lies before all of the other.
    pub fn is_before(&self, other: &Span) -> bool {
        self.latest < other.earliest
    }
}

impl When {
    /// A date without a time.
    pub fn on(date: Edtf) -> Self {
        When { date: Some(date), ..Self::unknown() }.settled()
    }

    /// Nothing is known about the time, and that is said.
    pub fn unknown() -> Self {
        When { date: None, time: None, to_time: None, offset_min: None, part_of_day: None, precision: Some(Precision::Unknown), qualifier: None, basis: None }
    }

    fn settled(mut self) -> Self {
        self.precision = None;
        self
    }

    /// Returns the span of moments it may mean. A wall time without an offset is taken within ±14 h of UTC.
    pub fn span(&self) -> Span {
        let Some((first, last)) = self.date.as_ref().map(Edtf::days) else { return Span::UNKNOWN };
        let (early_offset, late_offset) = self.offset_min.map_or((840, -840), |o| (i64::from(o), i64::from(o)));
        let (from, to) = self.minutes_of_day();
        let span = Span {
            earliest: first.map_or(i64::MIN, |day| minutes_of(day) + from - early_offset),
            latest: last.map_or(i64::MAX, |day| minutes_of(day) + to - late_offset),
        };
        match self.qualifier {
            Some(Qualifier::Before) => Span { earliest: i64::MIN, ..span },
            Some(Qualifier::After) => Span { latest: i64::MAX, ..span },
            Some(Qualifier::About) => Span { earliest: span.earliest.saturating_sub(15), latest: span.latest.saturating_add(15) },
            _ => span,
        }
    }

    /// First and last minute of the day it may mean.
    fn minutes_of_day(&self) -> (i64, i64) {
        let Some(time) = &self.time else {
            return match self.part_of_day.as_ref().map(Term::as_str) {
                Some("night") => (0, 24 * 60 + 6 * 60 - 1),
                Some("morning") => (5 * 60, 12 * 60 - 1),
                Some("day") => (10 * 60, 18 * 60 - 1),
                Some("evening") => (17 * 60, 24 * 60 - 1),
                _ => (0, 24 * 60 - 1),
            };
        };
        let start = time.minutes();
        let end = match &self.to_time {
            Some(to) if to < time => to.minutes() + 24 * 60,
            Some(to) => to.minutes(),
            None => match self.precision {
                Some(Precision::Hour) => start + 59,
                Some(Precision::QuarterHour) => start + 14,
                _ => start,
            },
        };
        (start, end)
    }
}

fn minutes_of(day: Date) -> i64 {
    let epoch = date(1970, 1, 1);
    i64::from(day.since((jiff::Unit::Day, epoch)).map_or(0, |span| span.get_days())) * 24 * 60
}

impl Valued for When {
    const LEAF: Leaf = Leaf::When;
}

impl fmt::Display for When {
    /// Writes `2018-05-10 23:40 +05:00`, without words: the words around it belong to the language of the reader.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date.as_ref().map_or("?", Edtf::as_str);
        let time = self.time.as_ref().map(|t| match &self.to_time {
            Some(to) => format!(" {}-{}", t.as_str(), to.as_str()),
            None => format!(" {}", t.as_str()),
        });
        let offset = self.offset_min.filter(|_| time.is_some()).map(|o| {
            let sign = if o < 0 { '-' } else { '+' };
            format!(" {sign}{:02}:{:02}", o.abs() / 60, o.abs() % 60)
        });
        write!(f, "{date}{}{}", time.unwrap_or_default(), offset.unwrap_or_default())
    }
}
