//! Figures with their qualifier, as they were stated.

use crate::model::value::{Count, Decimal, Op};
use crate::model::vocabulary;

use super::amount::decimal;
use super::range::range;
use super::words::{apart, back, front, names, words};

/// Qualifiers before the number.
const BEFORE: [(Op, &[&str]); 4] = [
    (Op::MoreThan, &["more than", "over", "above", "upwards of", ">", "более", "более чем", "больше", "больше чем", "свыше", "выше"]),
    (
        Op::AtLeast,
        &[
            "at least",
            "no fewer than",
            "not fewer than",
            "no less than",
            "not less than",
            "minimum",
            ">=",
            "> =",
            "≥",
            "не менее",
            "не менее чем",
            "не меньше",
            "не меньше чем",
            "по меньшей мере",
            "по крайней мере",
            "минимум",
            "как минимум",
            "кемінде",
            "ең кемі",
            "ең кемінде",
            "ең аз дегенде",
            "кем дегенде",
        ],
    ),
    (
        Op::About,
        &[
            "about",
            "around",
            "approximately",
            "approx",
            "roughly",
            "circa",
            "some",
            "~",
            "около",
            "примерно",
            "приблизительно",
            "порядка",
            "где-то",
            "шамамен",
            "жуықтап алғанда",
        ],
    ),
    (
        Op::UpTo,
        &[
            "up to",
            "at most",
            "no more than",
            "not more than",
            "maximum",
            "до",
            "не более",
            "не более чем",
            "не больше",
            "не больше чем",
            "не свыше",
            "максимум",
            "самое большее",
            "ең көбі",
            "ең көп дегенде",
        ],
    ),
];

/// Qualifiers after the number, the Kazakh order.
const AFTER: [(Op, &[&str]); 4] = [
    (Op::MoreThan, &["астам", "артық", "көп", "астамы"]),
    (Op::AtLeast, &["кем емес", "аз емес", "кем болмаған"]),
    (Op::About, &["жуық", "шамасында", "шамалы", "шақты", "or so"]),
    (Op::UpTo, &["дейін", "көп емес", "артық емес", "аспайды"]),
];

/// Figures without a number.
const WORDS: [(Op, &[&str]); 6] = [
    (Op::Dozens, &["dozens", "tens", "десятки", "ондаған"]),
    (Op::FewDozen, &["few dozen", "a few dozen", "пара десятков", "пару десятков", "бірер ондаған", "аз ғана ондаған"]),
    (Op::SeveralDozen, &["several dozen", "several dozens", "несколько десятков", "бірнеше ондаған", "бірнеше он"]),
    (Op::Hundreds, &["hundreds", "several hundred", "several hundreds", "сотни", "несколько сотен", "жүздеген", "бірнеше жүз", "бірнеше жүздеген"]),
    (Op::Numerous, &["numerous", "many", "многочисленные", "многочисленных", "много", "многие", "множество", "көптеген", "көп", "талай"]),
    (
        Op::Unknown,
        &[
            "unknown",
            "not known",
            "unknown number",
            "number unknown",
            "неизвестно",
            "не известно",
            "неизвестно сколько",
            "неизвестное число",
            "неизвестное количество",
            "число неизвестно",
            "белгісіз",
            "саны белгісіз",
            "қанша екені белгісіз",
        ],
    ),
];

/// How units are called beside a number, beyond the names of the vocabulary.
const UNITS: [(&str, &[&str]); 5] = [
    ("persons", &["person", "людей", "человека", "человеками", "адамдар", "адамға", "адамнан", "кісі", "кісіден", "кісіге"]),
    ("cases", &["case", "дело", "іске", "істен"]),
    ("percent", &["percents", "процента", "процентов", "проценты", "пайызға", "пайыздан"]),
    ("incidents", &["incident", "случай", "случая", "оқиғаға", "оқиғадан"]),
    ("outlets", &["outlet", "media outlet", "издание", "изданий", "издания", "бақ-тан", "бақ-қа", "басылым"]),
];

/// What a figure says: qualifier, number, upper end and unit.
type Said = (Op, Option<Decimal>, Option<Decimal>, String);

/// Reads a figure; the words of anything but a bare number are kept as printed.
pub(super) fn count(text: &str) -> Option<Count> {
    let typed = words(&spaced(text))?;
    let (op, value, to, unit) = said(&typed)?;
    let bare = decimal(&typed).is_some();
    let as_printed = if bare { None } else { Some(text.parse().ok()?) };
    Some(Count { op, value, to, unit: unit.parse().ok()?, as_printed, as_of: None, by: None })
}

/// Sets the signs of a figure apart, but leaves endings such as `150ден` to their number.
fn spaced(text: &str) -> String {
    if text.contains(['%', '~', '>', '≥']) { apart(text) } else { text.to_owned() }
}

fn said(words: &[String]) -> Option<Said> {
    let (rest, unit) = without_unit(words);
    let named = unit.clone().unwrap_or_else(persons);
    if let Some(op) = wordless(rest) {
        return Some((op, None, None, named));
    }
    if let Some((low, high)) = range(rest) {
        return Some((Op::Between, Some(low), Some(high), named));
    }
    let after = qualifier(rest, &AFTER, back);
    let (rest, named) = match (&after, unit) {
        (Some((_, rest)), None) => inner_unit(rest),
        (Some((_, rest)), Some(unit)) => (*rest, unit),
        (None, unit) => (rest, unit.unwrap_or_else(persons)),
    };
    let before = qualifier(rest, &BEFORE, front);
    let rest = before.as_ref().map_or(rest, |(_, rest)| rest);
    let op = joined(before.map(|(op, _)| op), after.map(|(op, _)| op))?;
    Some((op, Some(decimal(rest)?), None, named))
}

fn persons() -> String {
    "persons".to_owned()
}

fn joined(before: Option<Op>, after: Option<Op>) -> Option<Op> {
    match (before, after) {
        (Some(a), Some(b)) => (a == b).then_some(a),
        (one, other) => Some(one.or(other).unwrap_or(Op::Exact)),
    }
}

fn wordless(words: &[String]) -> Option<Op> {
    let words = back(words, &["of"]).map_or(words, |(_, rest)| rest);
    qualifier(words, &WORDS, front).filter(|(_, rest)| rest.is_empty()).map(|(op, _)| op)
}

type Take = for<'a> fn(&'a [String], &[&str]) -> Option<(usize, &'a [String])>;

/// Takes the longest phrase of a table from one side.
fn qualifier<'a>(words: &'a [String], table: &[(Op, &[&str])], take: Take) -> Option<(Op, &'a [String])> {
    let found = table.iter().filter_map(|(op, phrases)| take(words, phrases).map(|(_, rest)| (*op, rest)));
    found.min_by_key(|(_, rest)| rest.len())
}

fn inner_unit(words: &[String]) -> (&[String], String) {
    let (rest, unit) = without_unit(words);
    (rest, unit.unwrap_or_else(persons))
}

/// Takes the unit from the end; a unit before the number (`человек сто`) means another thing and stays.
fn without_unit(words: &[String]) -> (&[String], Option<String>) {
    let terms = vocabulary::shipped("count_unit").map_or(&[][..], |vocabulary| &vocabulary.terms);
    let own = terms.iter().flat_map(|term| names(term).map(|name| (term.code.clone(), name.to_lowercase())));
    let more = UNITS.iter().flat_map(|(code, forms)| forms.iter().map(|form| ((*code).to_owned(), (*form).to_owned())));
    let all: Vec<(String, String)> = own.chain(more).collect();
    let phrases: Vec<&str> = all.iter().map(|(_, phrase)| phrase.trim_end_matches('.')).collect();
    match back(words, &phrases) {
        Some((at, rest)) if !rest.is_empty() => (rest, Some(all[at].0.clone())),
        _ => (words, None),
    }
}
