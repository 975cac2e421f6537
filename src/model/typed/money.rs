//! An amount of money with its currency, or a range of it.

use crate::model::value::{Decimal, Money};
use crate::model::vocabulary;

use super::amount::decimal;
use super::range::range;
use super::words::{apart, back, front, names, words};

/// How currencies are called beside a number, beyond the names of the vocabulary.
const FORMS: [(&str, &[&str]); 4] = [
    ("KZT", &["tenges", "теңгеге", "тг"]),
    ("EUR", &["euros"]),
    ("USD", &["dollar", "dollars", "us dollars", "долларов", "доллара", "долларов сша", "доллара сша", "доллар", "ақш доллары"]),
    (
        "MCI",
        &[
            "monthly calculation index",
            "monthly calculation indices",
            "месячный расчетный показатель",
            "месячных расчетных показателей",
            "месячных расчетных показателя",
            "айлық есептік көрсеткіш",
        ],
    ),
];

/// Reads an amount with its currency before or after it; a number alone gives none.
pub(super) fn money(text: &str) -> Option<Money> {
    let typed = words(&apart(text))?;
    let forms = forms();
    let phrases: Vec<&str> = forms.iter().map(|(_, phrase)| phrase.as_str()).collect();
    let (at, rest) = back(&typed, &phrases).or_else(|| front(&typed, &phrases))?;
    let (amount, to) = amounts(rest)?;
    Some(Money { amount, to, currency: forms[at].0.parse().ok()? })
}

fn amounts(words: &[String]) -> Option<(Decimal, Option<Decimal>)> {
    let one = decimal(words).map(|amount| (amount, None));
    one.or_else(|| range(words).map(|(low, high)| (low, Some(high))))
}

/// Gives every name of every currency with its code.
fn forms() -> Vec<(String, String)> {
    let terms = vocabulary::shipped("currency").map_or(&[][..], |vocabulary| &vocabulary.terms);
    let own = terms.iter().flat_map(|term| names(term).map(|name| (term.code.clone(), name.to_lowercase())));
    let more = FORMS.iter().flat_map(|(code, forms)| forms.iter().map(|form| ((*code).to_owned(), (*form).to_owned())));
    own.chain(more).collect()
}
