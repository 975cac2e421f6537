//! Times, differences and tellers in words.

use crate::handover::choice::given::Mark;
use crate::handover::contents::dossier::dates::{is_to_the_minute, order, wall};
use crate::handover::contents::dossier::{Gap, Teller, Telling};
use crate::locale::Texts;
use crate::model::value::{Qualifier, When};
use crate::words;

/// Below this many minutes a length is said in minutes.
const IN_MINUTES: i64 = 180;

/// Returns a moment in UTC, to the second.
pub fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

fn minute(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default()
}

/// Returns who recorded something and when.
pub fn recorded(texts: &Texts, mark: Option<Mark>) -> String {
    let Some(mark) = mark.filter(|mark| mark.observer > 0) else { return String::new() };
    texts.with("dossier-recorded", &[("number", &mark.observer.to_string()), ("at", &minute(mark.at))])
}

/// Returns who tells something.
pub fn teller(texts: &Texts, teller: &Teller) -> String {
    if teller.code.is_empty() { texts.get("dossier-teller-unrecorded") } else { words::term(texts, teller.of, &teller.code) }
}

/// Returns the clock a time was told by: how it is known, and the offset seen on the wall.
pub fn clock(texts: &Texts, when: &When) -> String {
    let basis = when.basis.as_ref().map(|basis| words::term(texts, "basis", basis.as_str()));
    let offset = when.offset_min.map(|minutes| {
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    });
    let missing = || when.time.as_ref().map(|_| texts.get("dossier-no-offset"));
    [basis, offset.or_else(missing)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Returns the times of tellings: as one stretch where they are plain times of one day by one offset, else one by one.
pub fn times(texts: &Texts, tellings: &[Telling]) -> String {
    let mut distinct: Vec<&When> = Vec::new();
    for telling in tellings {
        if !distinct.iter().any(|known| same(known, &telling.when)) {
            distinct.push(&telling.when);
        }
    }
    distinct.sort_by_key(|when| (order(when), wall(when)));
    let plain = |when: &&When| is_to_the_minute(when) && when.to_time.is_none() && matches!(when.qualifier, None | Some(Qualifier::Exact));
    let alike = |when: &&When| when.date == distinct[0].date && when.offset_min == distinct[0].offset_min;
    let last = distinct.last().and_then(|when| when.time.as_ref());
    match last {
        Some(last) if distinct.len() > 1 && distinct.iter().all(|when| plain(when) && alike(when)) => {
            let first = words::when(texts, distinct[0]);
            let time = distinct[0].time.as_ref().map(|time| time.as_str()).unwrap_or_default();
            first.replacen(time, &format!("{time}–{}", last.as_str()), 1)
        }
        _ => distinct.iter().map(|when| words::when(texts, when)).collect::<Vec<_>>().join("; "),
    }
}

/// Tells whether two times say the same, whoever tells them.
fn same(a: &When, b: &When) -> bool {
    let plain = |when: &When| When { basis: None, ..when.clone() };
    plain(a) == plain(b)
}

/// Returns a length of time: "95 min", "51 h 20 min".
pub fn length(texts: &Texts, minutes: i64) -> String {
    let (hours, rest) = ((minutes / 60).to_string(), (minutes % 60).to_string());
    match minutes {
        m if m < IN_MINUTES => texts.with("dossier-minutes", &[("count", &m.to_string())]),
        m if m % 60 == 0 => texts.with("dossier-hours", &[("hours", &hours)]),
        _ => texts.with("dossier-hours-minutes", &[("hours", &hours), ("minutes", &rest)]),
    }
}

/// Returns how far one moment may follow another, as a stretch.
pub fn gap(texts: &Texts, gap: Gap) -> String {
    match (gap.least, gap.most) {
        (Some(least), Some(most)) if least == most && least >= 0 => length(texts, least),
        (Some(least), Some(most)) if least >= 0 && most < IN_MINUTES => texts.with("dossier-minutes", &[("count", &format!("{least}–{most}"))]),
        (Some(least), Some(most)) if least >= 0 => format!("{} – {}", length(texts, least), length(texts, most)),
        (Some(least), None) if least > 0 => texts.with("dossier-at-least", &[("length", &length(texts, least))]),
        (_, Some(most)) if most >= 0 => texts.with("dossier-at-most", &[("length", &length(texts, most))]),
        _ => texts.get("dossier-cannot-be-told"),
    }
}

/// Returns a difference between two tellers in one sentence, the second measured from the first.
pub fn difference(texts: &Texts, from: &Teller, to: &Teller, found: Gap) -> String {
    let (from, to) = (teller(texts, from), teller(texts, to));
    let with = |code: &str, gap: &str| texts.with(code, &[("from", &from), ("to", &to), ("gap", gap)]);
    match (found.least, found.most) {
        (Some(0), Some(0)) => with("dossier-same", ""),
        (Some(0), None) => with("dossier-not-earlier", ""),
        (None, Some(0)) => with("dossier-not-later", ""),
        (Some(least), _) if least >= 0 => with("dossier-later", &gap(texts, found)),
        (_, Some(most)) if most <= 0 => with("dossier-earlier", &gap(texts, found.turned())),
        (Some(least), Some(most)) => {
            let (earlier, later) = (length(texts, -least), length(texts, most));
            texts.with("dossier-either", &[("from", &from), ("to", &to), ("earlier", &earlier), ("later", &later)])
        }
        _ => with("dossier-open", ""),
    }
}

/// Returns how long it took to a judge by each word for the beginning; a judge before the taking is said to be so.
pub fn to_judge(texts: &Texts, judge: &str, gaps: &[(&Teller, Gap)]) -> String {
    let length = |(by, found): &(&Teller, Gap)| {
        let (code, found) = if found.most.is_some_and(|most| most < 0) { ("dossier-length-before", found.turned()) } else { ("dossier-length-by", *found) };
        texts.with(code, &[("by", &teller(texts, by)), ("gap", &gap(texts, found))])
    };
    texts.with("dossier-to-judge", &[("judge", judge), ("gaps", &gaps.iter().map(length).collect::<Vec<_>>().join("; "))])
}
