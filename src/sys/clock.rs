//! The clock as an argument. Its time is what this device claims, never proof of anything.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What a clock on the wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset_min: i16,
}

/// A source of time.
pub trait Clock {
    /// Returns the present moment.
    fn now(&self) -> Wall;
}

/// The system's clock and time zone.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Wall {
        let now = Timestamp::now();
        let offset = TimeZone::system().to_offset(now);
        Wall { seconds: now.as_second(), offset_min: (offset.seconds() / 60) as i16 }
    }
}

/// A clock that stands still, for rehearsals and tests.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Wall);

impl Clock for FixedClock {
    fn now(&self) -> Wall {
        self.0
    }
}

impl Wall {
    /// Returns year, month, day, hour and minute on the wall.
    pub fn civil(&self) -> (i16, u8, u8, u8, u8) {
        let local = Timestamp::from_second(self.seconds + i64::from(self.offset_min) * 60).unwrap_or(Timestamp::UNIX_EPOCH);
        let at = local.to_zoned(TimeZone::UTC);
        (at.year(), at.month() as u8, at.day() as u8, at.hour() as u8, at.minute() as u8)
    }

    /// Returns the same wall some minutes earlier.
    pub fn earlier(&self, minutes: u32) -> Wall {
        Wall { seconds: self.seconds - i64::from(minutes) * 60, ..*self }
    }

    /// Returns the day as `YYYY-MM-DD`.
    pub fn day(&self) -> String {
        let (year, month, day, ..) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads an RFC 3339 moment such as `2026-05-10T18:00:00+05:00`.
    pub fn parse(text: &str) -> Option<Wall> {
        let at: Timestamp = text.parse().ok()?;
        let zone = text.get(19..)?;
        let offset_min = match zone.split_at_checked(1)? {
            ("+", rest) => minutes(rest)?,
            ("-", rest) => -minutes(rest)?,
            _ => 0,
        };
        Some(Wall { seconds: at.as_second(), offset_min })
    }
}

/// Writes a moment, in seconds since 1970, as `2026-05-01T12:00:00Z`.
pub fn utc(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

fn minutes(zone: &str) -> Option<i16> {
    let (hours, minutes) = zone.split_once(':')?;
    Some(hours.parse::<i16>().ok()? * 60 + minutes.parse::<i16>().ok()?)
}
