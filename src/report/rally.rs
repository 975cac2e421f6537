//! Rally statistics: every figure with its qualifier and source, a sum that adds only what may be added, and a list of
//! what was left out and why.

use std::collections::BTreeMap;

use crate::model::entity::{Incident, IncidentFigure};
use crate::model::value::{Count, Op, PlaceRef, Span, When};

/// Which incidents a table takes.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// First and last day as stored dates; none is open.
    pub from: Option<When>,
    pub to: Option<When>,
    pub chain: Option<String>,
    pub topic: Option<String>,
}

/// People recorded one by one for an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    pub named: u64,
    pub unnamed: u64,
    /// People of groups not told apart yet.
    pub in_groups: u64,
}

impl Recorded {
    /// Returns how many people are recorded at least.
    pub fn total(&self) -> u64 {
        self.named + self.unnamed + self.in_groups
    }
}

/// One incident with its figures.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub incident: Incident,
    /// Figures of people detained.
    pub detained: Vec<IncidentFigure>,
    /// Every other figure, side by side.
    pub others: Vec<IncidentFigure>,
    pub recorded: Recorded,
    /// Why its figure is not in the sum; none when it is.
    pub left_out: Option<Reason>,
}

/// Why a figure was not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    NoFigure,
    /// Words such as "dozens" have no number to add.
    Words,
    /// Several sources give several figures.
    SeveralFigures,
    /// The dates of the two may be one event; the id of the other incident.
    MayOverlap(String),
    /// Its qualifier cannot be added to the others.
    Qualifier,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Rally {
    pub rows: Vec<Row>,
    pub sum: Option<Count>,
    /// Incidents that pass the filter but for having no date.
    pub undated: Vec<Row>,
}

/// Makes the table of the incidents that pass the filter, by date.
pub fn rally(incidents: &[(String, Incident)], recorded: &BTreeMap<String, Recorded>, filter: &Filter) -> Rally {
    let wanted = incidents.iter().filter(|(_, incident)| passes(incident, filter));
    let row = |(id, incident): &(String, Incident)| row(id, incident, recorded.get(id).copied().unwrap_or_default());
    let (mut rows, undated): (Vec<Row>, Vec<Row>) = wanted.map(row).partition(|row| span(&row.incident) != Span::UNKNOWN);
    rows.retain(|row| in_period(row, filter));
    rows.sort_by_key(|row| (span(&row.incident), row.id.clone()));
    let sum = add_up(&mut rows);
    Rally { rows, sum, undated }
}

fn passes(incident: &Incident, filter: &Filter) -> bool {
    let chain = |wanted: &String| incident.chains.values().any(|chain| chain.chain.as_ref().is_some_and(|code| code.as_str() == wanted));
    let topic = |wanted: &String| incident.topics.iter().any(|topic| topic.as_str() == wanted);
    let withdrawn = incident.meta.as_ref().and_then(|meta| meta.withdrawn).unwrap_or(false);
    !withdrawn && filter.chain.as_ref().is_none_or(chain) && filter.topic.as_ref().is_none_or(topic)
}

fn row(id: &str, incident: &Incident, recorded: Recorded) -> Row {
    let (detained, others) = incident.counts.values().cloned().partition(|figure: &IncidentFigure| figure.what.as_str() == "detained");
    Row { id: id.to_owned(), incident: incident.clone(), detained, others, recorded, left_out: None }
}

/// The time an incident took, from the start of its beginning to the end of its end. Times are read on the wall:
/// a table compares days of the calendar, whatever the offset there was.
fn span(incident: &Incident) -> Span {
    let Some(starts) = &incident.starts else { return Span::UNKNOWN };
    let latest = incident.ends.as_ref().map_or(on_the_wall(starts).latest, |ends| on_the_wall(ends).latest);
    Span { earliest: on_the_wall(starts).earliest, latest }
}

fn on_the_wall(when: &When) -> Span {
    When { offset_min: Some(0), ..when.clone() }.span()
}

fn in_period(row: &Row, filter: &Filter) -> bool {
    let span = span(&row.incident);
    let after = filter.from.as_ref().is_none_or(|from| span.latest >= on_the_wall(from).earliest);
    let before = filter.to.as_ref().is_none_or(|to| span.earliest <= on_the_wall(to).latest);
    after && before
}

/// Adds the figures that may be added and marks every other row with the reason.
fn add_up(rows: &mut [Row]) -> Option<Count> {
    let mut sum: Option<Count> = None;
    let mut added: Vec<(Span, Option<String>, String)> = Vec::new();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    // Narrow dates first: a month gives way to a day in it.
    order.sort_by_key(|at| {
        let span = span(&rows[*at].incident);
        (span.latest.saturating_sub(span.earliest), *at)
    });
    for at in order {
        let row = &rows[at];
        let place = (span(&row.incident), city(&row.incident), row.id.clone());
        let figure = match one_figure(row) {
            Ok(figure) => figure,
            Err(reason) => {
                rows[at].left_out = Some(reason);
                continue;
            }
        };
        let rival = added.iter().find(|other| may_be_one(&place, other)).map(|other| other.2.clone());
        let next = match &sum {
            None => Count::sum([&figure]),
            Some(sum) => Count::sum([sum, &figure]),
        };
        let is_zero = figure.value.as_ref().is_some_and(|value| value.micros() == 0);
        rows[at].left_out = match (rival, next) {
            (Some(rival), _) if !is_zero => Some(Reason::MayOverlap(rival)),
            (_, None) => Some(Reason::Qualifier),
            (_, Some(next)) => {
                sum = Some(next);
                added.extend((!is_zero).then_some(place));
                None
            }
        };
    }
    sum
}

fn one_figure(row: &Row) -> Result<Count, Reason> {
    match row.detained.as_slice() {
        [] => Err(Reason::NoFigure),
        [one] => match one.count.op {
            Op::Unknown => Err(Reason::NoFigure),
            op if !op.takes_value() || op == Op::Between => Err(Reason::Words),
            _ => Ok(one.count.clone()),
        },
        _ => Err(Reason::SeveralFigures),
    }
}

fn city(incident: &Incident) -> Option<String> {
    let PlaceRef { record, known, text, .. } = incident.city.as_ref()?;
    let known = known.as_ref().map(ToString::to_string);
    known.or_else(|| record.as_ref().map(ToString::to_string)).or_else(|| text.as_ref().map(ToString::to_string))
}

/// Two incidents may have detained the same people when their times meet and no two different cities part them.
fn may_be_one(a: &(Span, Option<String>, String), b: &(Span, Option<String>, String)) -> bool {
    let apart = a.0.is_before(&b.0) || b.0.is_before(&a.0);
    let elsewhere = matches!((&a.1, &b.1), (Some(x), Some(y)) if x != y);
    !apart && !elsewhere
}
