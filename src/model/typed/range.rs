//! Two ends of a range in the three languages: `130-330`, `between A and B`, `от A до B`, `A мен B арасында`.

use crate::model::value::Decimal;

use super::amount::{decimal, is_ablative};
use super::words::{any, back, front, only, splits};

/// Two lists of words, the lower end first.
type Ends = (Vec<String>, Vec<String>);

const WITH: [&str; 3] = ["мен", "бен", "пен"];
const AMONG: [&str; 5] = ["арасында", "арасындағы", "аралығында", "аралығындағы", "аралық"];

/// Reads a range of two numbers, the lower one first.
pub(super) fn range(words: &[String]) -> Option<(Decimal, Decimal)> {
    let all = dashed(words).into_iter().chain(among(words)).chain(from_to(words));
    let ends = all.filter_map(|(low, high)| Some((decimal(&low)?, decimal(&high)?)));
    only(ends).filter(|(low, high)| low.micros() < high.micros())
}

/// Gives the ends of `A-B` wherever a dash may divide two numbers.
fn dashed(words: &[String]) -> Vec<Ends> {
    let joined = words.join(" ");
    let listed = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let divides = |at: usize| {
        let (before, after) = (&joined[..at], &joined[at + 1..]);
        let tight = before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_ascii_digit());
        let loose = before.ends_with(' ') && after.starts_with(' ');
        (tight || loose).then(|| (listed(before), listed(after)))
    };
    joined.match_indices('-').filter_map(|(at, _)| divides(at)).collect()
}

/// Gives the ends of `between A and B` and `A мен B арасында`.
pub(super) fn among(words: &[String]) -> Vec<Ends> {
    let owned = |(a, b): (&[String], &[String])| (a.to_vec(), b.to_vec());
    if let Some((_, rest)) = front(words, &["between", "между"]) {
        return splits(rest, &["and", "и"]).map(owned).collect();
    }
    let Some((_, rest)) = back(words, &AMONG) else { return Vec::new() };
    splits(rest, &WITH).map(owned).collect()
}

/// Gives the ends of `from A to B`, `A to B` and `A-дан B-ға дейін`.
pub(super) fn from_to(words: &[String]) -> Vec<Ends> {
    let owned = |(a, b): (&[String], &[String])| (a.to_vec(), b.to_vec());
    if let Some((_, rest)) = front(words, &["from", "от", "с", "со"]) {
        return splits(rest, &["to", "until", "до", "по"]).map(owned).collect();
    }
    if let Some((_, rest)) = back(words, &["дейін"]) {
        let ends = (1..rest.len()).map(|at| rest.split_at(at)).filter(|(a, _)| is_ablative(a));
        return ends.map(owned).collect();
    }
    let to = words.iter().position(|word| any(word, &["to"]));
    to.map(|at| (words[..at].to_vec(), words[at + 1..].to_vec())).into_iter().collect()
}
