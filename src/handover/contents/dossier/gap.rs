//! How far one moment lies after another: a stretch as wide as the moments are vague, and what it takes for granted.

use super::dates::{is_unbounded, meant};
use crate::model::value::{Precision, Qualifier, Span, When};

/// What a length takes for granted beside the times as they were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Premise {
    /// An offset is missing somewhere: the clocks are compared as if they showed one zone.
    OneZone,
    /// An offset is missing, and those that are recorded differ: nobody can say which clock that was.
    UnlikeOffsets,
    /// "About" is some minutes either way.
    About,
    QuarterHour,
    Hour,
    PartOfDay,
    /// A date without a time is all of it.
    WholeDate,
    /// How far a date may lie from what is written cannot be told.
    Unbounded,
}

/// Everything that a length takes for granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Premises(u16);

/// By which offsets from UTC the times of one dispute were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    /// No time has an offset.
    Unrecorded,
    /// All that are recorded agree; a time without one is taken to show the same.
    Alike(i16),
    /// They differ, so that a time without one can be set against no other.
    Unlike,
}

/// By how many minutes the later of two moments may follow the earlier; an open end is `None`, less than nothing means
/// that the order is not certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub least: Option<i64>,
    pub most: Option<i64>,
    pub premises: Premises,
}

impl Premise {
    /// All of them, in the order in which they are said.
    pub const ALL: &[Premise] = &[
        Premise::OneZone,
        Premise::UnlikeOffsets,
        Premise::About,
        Premise::QuarterHour,
        Premise::Hour,
        Premise::PartOfDay,
        Premise::WholeDate,
        Premise::Unbounded,
    ];

    /// Returns the code of the text that says it.
    pub fn code(self) -> &'static str {
        match self {
            Premise::OneZone => "dossier-one-zone",
            Premise::UnlikeOffsets => "dossier-unlike-offsets",
            Premise::About => "dossier-width-about",
            Premise::QuarterHour => "dossier-width-quarter-hour",
            Premise::Hour => "dossier-width-hour",
            Premise::PartOfDay => "dossier-width-part-of-day",
            Premise::WholeDate => "dossier-width-date",
            Premise::Unbounded => "dossier-unbounded",
        }
    }
}

impl Premises {
    /// What the width of a moment, as it is meant, rests on.
    fn of_width(when: &When) -> Premises {
        if is_unbounded(when) {
            return Premises::default().with(Premise::Unbounded);
        }
        let timed = when.time.is_some();
        let holds = [
            (timed && when.qualifier == Some(Qualifier::About), Premise::About),
            (timed && when.precision == Some(Precision::QuarterHour), Premise::QuarterHour),
            (timed && when.precision == Some(Precision::Hour), Premise::Hour),
            (!timed && when.part_of_day.is_some(), Premise::PartOfDay),
            (!timed && when.part_of_day.is_none() && when.date.is_some(), Premise::WholeDate),
        ];
        holds.into_iter().filter(|(holds, _)| *holds).fold(Premises::default(), |all, (_, premise)| all.with(premise))
    }

    /// The same with one more.
    #[must_use]
    pub fn with(self, premise: Premise) -> Self {
        Premises(self.0 | 1 << premise as u16)
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Premises) -> Self {
        Premises(self.0 | other.0)
    }

    /// Returns each of them.
    pub fn each(self) -> impl Iterator<Item = Premise> {
        Premise::ALL.iter().copied().filter(move |premise| self.0 & (1 << *premise as u16) != 0)
    }
}

impl Clocks {
    /// Gathers the offsets of all times of a dispute.
    pub fn of<'a>(times: impl Iterator<Item = &'a When>) -> Clocks {
        let mut offsets = times.filter_map(|when| when.offset_min);
        match offsets.next() {
            None => Clocks::Unrecorded,
            Some(first) if offsets.all(|offset| offset == first) => Clocks::Alike(first),
            Some(_) => Clocks::Unlike,
        }
    }

    /// Where a moment lies; nowhere known where its clock or its bounds cannot be told.
    fn span(self, when: &When) -> Span {
        if is_unbounded(when) {
            return Span::UNKNOWN;
        }
        let on = |offset: i16| When { offset_min: Some(offset), ..when.clone() }.span();
        match (when.offset_min, self) {
            (Some(offset), _) | (None, Clocks::Alike(offset)) => on(offset),
            (None, Clocks::Unrecorded) => on(0),
            (None, Clocks::Unlike) => Span::UNKNOWN,
        }
    }

    fn premises(self, first: &When, second: &When) -> Premises {
        match self {
            _ if first.offset_min.is_some() && second.offset_min.is_some() => Premises::default(),
            Clocks::Unlike => Premises::default().with(Premise::UnlikeOffsets),
            _ => Premises::default().with(Premise::OneZone),
        }
    }
}

impl Gap {
    /// Measures how far the second moment lies after the first.
    pub fn between(first: &When, second: &When, clocks: Clocks) -> Gap {
        let (first, second) = (meant(first), meant(second));
        let (a, b) = (clocks.span(&first), clocks.span(&second));
        let premises = clocks.premises(&first, &second).and(Premises::of_width(&first)).and(Premises::of_width(&second));
        Gap { least: less(b.earliest, a.latest), most: less(b.latest, a.earliest), premises }
    }

    /// Tells whether one certainly follows the other.
    pub fn is_certain(&self) -> bool {
        self.least.is_some_and(|least| least > 0) || self.most.is_some_and(|most| most < 0)
    }

    /// The gap read from the other side.
    #[must_use]
    pub fn turned(self) -> Gap {
        Gap { least: self.most.map(|m| -m), most: self.least.map(|m| -m), ..self }
    }

    /// The stretch in which both lie.
    #[must_use]
    pub fn wider(self, other: Gap) -> Gap {
        let both = |a: Option<i64>, b: Option<i64>, pick: fn(i64, i64) -> i64| Some(pick(a?, b?));
        Gap { least: both(self.least, other.least, i64::min), most: both(self.most, other.most, i64::max), premises: self.premises.and(other.premises) }
    }
}

/// The difference, where neither end is open.
fn less(a: i64, b: i64) -> Option<i64> {
    let open = |end: i64| end == i64::MIN || end == i64::MAX;
    (!open(a) && !open(b)).then(|| a - b)
}
