//! Reads the answer to "when?", typed or written down as it was spoken.

use super::clock::{self, Form};
use super::date::{self, Date};
use super::pieces::{Piece, split};
use super::span::ago;
use super::tokens::{self, Set};

/// The largest number of words and marks in one answer.
const MOST: usize = 40;

/// Holds a date and time as far as they were given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spoken {
    /// Year, month and day; `yesterday` and a day without a year are counted back from today.
    pub date: Option<(i16, u8, u8)>,
    /// Hour and minute on the wall clock; an hour alone (`about two`) has minute 0.
    pub time: Option<(u8, u8)>,
    /// `night`, `morning`, `day` or `evening`.
    pub part_of_day: Option<&'static str>,
    /// How many minutes ago; 0 for `now`.
    pub minutes_ago: Option<u32>,
    /// Whether the answer was said to be approximate.
    pub about: bool,
    /// Whether it happened before the given time.
    pub before: bool,
    /// Whether it happened after the given time.
    pub after: bool,
}

impl Spoken {
    /// Tells whether no more than a date was given.
    pub fn is_plain_date(&self) -> bool {
        self.time.is_none() && self.part_of_day.is_none() && !self.about && !self.before && !self.after
    }
}

/// Reads a date, a time or both in any of the three languages, in digits or in words.
///
/// Gives none when any part cannot be read or has two meanings: `14.05` alone may be a time or a
/// date, `2 часа` alone a time or a length, `twenty eighteen` after a day and month may be a year or a time. One number is an hour
/// only beside a word such as `at`, `about`, `часов` or `ночи`. With a part of the day an hour of
/// the twelve-hour clock is moved to it (`два часа дня` is 14:00); a contradiction gives none.
pub fn spoken_when(text: &str, today: (i16, u8, u8)) -> Option<Spoken> {
    let (pieces, rest) = split(text);
    if rest < text.len() || pieces.len() > MOST {
        return None;
    }
    Reader::new(&pieces, today).run()
}

struct Reader<'a> {
    pieces: &'a [Piece<'a>],
    today: Date,
    at: usize,
    found: Spoken,
    /// Whether a word before this position (`at`, `about`) asks for a time or date.
    primed: bool,
    /// Whether a preposition still waits for what it belongs to.
    pending: bool,
    /// Whether a date without a year ends just before this position.
    after_day: bool,
    hour_said: Option<Form>,
}

impl<'a> Reader<'a> {
    fn new(pieces: &'a [Piece<'a>], today: Date) -> Self {
        Self { pieces, today, at: 0, found: Spoken::default(), primed: false, pending: false, after_day: false, hour_said: None }
    }

    fn run(mut self) -> Option<Spoken> {
        while self.at < self.pieces.len() {
            self.step()?;
        }
        if self.pending {
            return None;
        }
        self.settle_part_of_day()?;
        self.consistent().then_some(self.found)
    }

    fn step(&mut self) -> Option<()> {
        if self.pieces[self.at].is_mark(',') {
            self.at += 1;
            return Some(());
        }
        if let Some(done) = self.minutes_ago() {
            return done;
        }
        if let Some(done) = self.date() {
            return done;
        }
        self.time().or_else(|| self.word())
    }

    /// Moves on past something that carries meaning.
    fn read(&mut self, used: usize) {
        self.at += used;
        self.primed = false;
        self.pending = false;
        self.after_day = false;
    }

    fn minutes_ago(&mut self) -> Option<Option<()>> {
        let now = tokens::phrase(self.pieces, self.at, &[Set::Now]).map(|(used, _)| (0, used));
        let (minutes, used) = ago(self.pieces, self.at).or(now)?;
        self.read(used);
        Some(fill(&mut self.found.minutes_ago, minutes))
    }

    fn date(&mut self) -> Option<Option<()>> {
        if let Some((used, meaning)) = tokens::phrase(self.pieces, self.at, &[Set::Day]) {
            let days = meaning.value.parse().ok()?;
            self.read(used);
            let date = date::days_before(self.today, days);
            return Some(date.and_then(|date| fill(&mut self.found.date, date)));
        }
        let found = date::date(self.pieces, self.at, self.today)?;
        self.read(found.used);
        self.after_day = !found.with_year;
        Some(fill(&mut self.found.date, found.date))
    }

    fn time(&mut self) -> Option<()> {
        let hour_word = self.hour_word();
        let start = self.at + hour_word;
        let found = clock::clock(self.pieces, start)?;
        let primed = self.primed || hour_word > 0;
        let dated = self.found.date.is_some();
        let clear = match found.form {
            Form::Colon | Form::OClock | Form::HalfDay => true,
            Form::Dot => primed || dated,
            Form::Numbers => primed || !self.may_be_year(found.time.0),
            Form::Hour => primed || dated || self.beside_time_word(start + found.used),
            Form::Bare => primed || self.beside_time_word(start + found.used),
        };
        if !clear {
            return None;
        }
        fill(&mut self.found.time, found.time)?;
        self.hour_said = Some(found.form);
        self.read(hour_word + found.used);
        Some(())
    }

    /// Gives the length of `сағат` or `час` before a number.
    fn hour_word(&self) -> usize {
        let found = tokens::phrase(self.pieces, self.at, &[Set::Unit]);
        let used = found.filter(|(_, m)| m.value == "hour").map_or(0, |(used, _)| used);
        let follows = clock::clock(self.pieces, self.at + used).is_some();
        if follows { used } else { 0 }
    }

    fn may_be_year(&self, hour: u8) -> bool {
        self.after_day && matches!(hour, 19 | 20)
    }

    fn beside_time_word(&self, next: usize) -> bool {
        let sets = [Set::Qualifier, Set::PartOfDay];
        let after = tokens::phrase(self.pieces, next, &sets).is_some();
        after || (self.at > 0 && tokens::phrase(self.pieces, self.at - 1, &[Set::PartOfDay]).is_some())
    }

    fn word(&mut self) -> Option<()> {
        let sets = [Set::PartOfDay, Set::Qualifier, Set::Preposition, Set::Filler];
        if self.glued_about() {
            return Some(());
        }
        let (used, meaning) = tokens::phrase(self.pieces, self.at, &sets)?;
        match meaning.set {
            Set::PartOfDay => {
                self.read(used);
                return fill(&mut self.found.part_of_day, meaning.value);
            }
            Set::Qualifier => self.qualifier(meaning.value),
            _ => self.pending = true,
        }
        self.at += used;
        self.primed = true;
        Some(())
    }

    /// Reads `~14:05` by skipping the sign.
    fn glued_about(&mut self) -> bool {
        let Some(time) = self.pieces[self.at].text.strip_prefix('~') else {
            return false;
        };
        let (inner, _) = split(time);
        let Some(found) = clock::clock(&inner, 0).filter(|c| c.used == inner.len()) else {
            return false;
        };
        if self.found.time.is_some() {
            return false;
        }
        self.found.time = Some(found.time);
        self.found.about = true;
        self.hour_said = Some(found.form);
        self.read(1);
        true
    }

    fn qualifier(&mut self, value: &str) {
        match value {
            "about" => self.found.about = true,
            "before" => self.found.before = true,
            _ => self.found.after = true,
        }
        // `екіге дейін`: the word stands after what it belongs to.
        self.pending = false;
    }

    fn settle_part_of_day(&mut self) -> Option<()> {
        if self.hour_said == Some(Form::HalfDay) {
            return Some(());
        }
        if let (Some(time), Some(part)) = (self.found.time, self.found.part_of_day) {
            self.found.time = Some(clock::in_part_of_day(time, part)?);
        }
        Some(())
    }

    fn consistent(&self) -> bool {
        let clock = self.found.date.is_some() || self.found.time.is_some() || self.found.part_of_day.is_some();
        clock != self.found.minutes_ago.is_some() && !(self.found.before && self.found.after)
    }
}

/// Fills an empty field; gives none when it has a value already.
fn fill<T>(field: &mut Option<T>, value: T) -> Option<()> {
    if field.is_some() {
        return None;
    }
    *field = Some(value);
    Some(())
}
