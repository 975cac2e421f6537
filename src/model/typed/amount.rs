//! Numbers: in digits, in groups of three, with decimals, and in words with their case endings.

use crate::model::note::spoken_number;
use crate::model::value::Decimal;

use super::words::{any, back, same};

const ONE: i128 = 1_000_000;

/// Case endings of Kazakh number words, and of Russian numbers in digits.
const ENDINGS: [&str; 20] = ["ден", "дан", "тен", "тан", "нен", "нан", "ге", "ға", "га", "ке", "қа", "ка", "де", "да", "те", "та", "ті", "ти", "ми", "х"];
const ABLATIVE: [&str; 6] = ["ден", "дан", "тен", "тан", "нен", "нан"];
const MILLION: [&str; 9] = ["million", "millions", "mln", "миллион", "миллиона", "миллионов", "миллионы", "млн", "миллионга"];
const THOUSAND: [&str; 7] = ["thousand", "тысяча", "тысячи", "тысяч", "тысячу", "тыс", "мың"];
const AND_HALF: [&str; 4] = ["and a half", "с половиной", "жарым", "с пол"];
const HALF: [&str; 5] = ["half", "половина", "пол", "жарты", "жарым"];

/// Reads words as one whole number.
pub(super) fn whole(words: &[String]) -> Option<u32> {
    let number = decimal(words)?;
    number.as_str().parse().ok()
}

/// Reads words as one number; three decimals alone have two meanings (`1,500`) and give none.
pub(super) fn decimal(words: &[String]) -> Option<Decimal> {
    exact(words).or_else(|| exact(&without_ending(words)?))
}

fn exact(words: &[String]) -> Option<Decimal> {
    let words = match words {
        [article, rest @ ..] if article == "a" && !rest.is_empty() => rest,
        all => all,
    };
    digits(words).or_else(|| spoken(words)).or_else(|| half(words)).or_else(|| scaled(words))
}

fn digits(words: &[String]) -> Option<Decimal> {
    let (first, groups) = words.split_first()?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (last_whole, part) = split_part(words.last()?);
    let whole_of = |word: &String| split_part(word).0.to_owned();
    let heads_plain = words[..words.len() - 1].iter().all(|word| is_digits(word));
    let grouped = groups.is_empty() || (first.len() <= 3 && groups.iter().all(|group| whole_of(group).len() == 3));
    let part_fits = part.is_none_or(|part| is_digits(part) && part.len() <= 6 && part.len() != 3);
    if !(heads_plain && grouped && is_digits(last_whole) && part_fits) {
        return None;
    }
    let whole: String = words.iter().map(whole_of).collect();
    let whole = Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0");
    part.map_or_else(|| whole.to_owned(), |part| format!("{whole}.{part}")).parse().ok()
}

fn split_part(word: &str) -> (&str, Option<&str>) {
    word.split_once(['.', ',']).map_or((word, None), |(whole, part)| (whole, Some(part)))
}

fn spoken(words: &[String]) -> Option<Decimal> {
    let started = words.first()?.starts_with(char::is_alphabetic);
    started.then(|| spoken_number(&words.join(" ")))??.to_string().parse().ok()
}

/// Reads `полтора`, `half` and a number with a half after it.
fn half(words: &[String]) -> Option<Decimal> {
    if let [one] = words {
        let one_and_half = any(one, &["полтора", "полторы"]).then_some(ONE + ONE / 2);
        return one_and_half.or_else(|| any(one, &HALF).then_some(ONE / 2)).and_then(Decimal::from_micros);
    }
    let (_, before) = back(words, &AND_HALF)?;
    let whole = digits(before).or_else(|| spoken(before))?.micros();
    (whole % ONE == 0).then(|| Decimal::from_micros(whole + ONE / 2))?
}

/// Reads `1.5 million`, `50 тысяч` and `2 миллиона 500 тысяч`.
fn scaled(words: &[String]) -> Option<Decimal> {
    let million = words.iter().position(|word| any(word, &MILLION)).map(|at| (at, 1_000_000));
    let thousand = || words.iter().position(|word| any(word, &THOUSAND)).map(|at| (at, 1_000));
    let (at, scale) = million.or_else(thousand)?;
    let times = if at == 0 { ONE } else { exact(&words[..at])?.micros() };
    let more = if at + 1 == words.len() { 0 } else { exact(&words[at + 1..])?.micros() };
    let fits = more < scale * ONE && times < ONE * ONE;
    fits.then(|| Decimal::from_micros(times * scale + more))?
}

fn without_ending(words: &[String]) -> Option<Vec<String>> {
    let (last, before) = words.split_last()?;
    let bare = strip(last, &ENDINGS)?;
    Some(before.iter().cloned().chain([bare]).collect())
}

fn strip(word: &str, endings: &[&str]) -> Option<String> {
    let ends = |ending: &&&str| word.ends_with(**ending);
    let ending = endings.iter().filter(ends).max_by_key(|ending| ending.len())?;
    let stem = &word[..word.len() - ending.len()];
    let bare = stem.strip_suffix('-').unwrap_or(stem);
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Tells whether a Kazakh number says from where it starts (`жүзден`, `150-ден`).
pub(super) fn is_ablative(words: &[String]) -> bool {
    words.last().is_some_and(|last| ABLATIVE.iter().any(|ending| tail_is(last, ending)))
}

fn tail_is(word: &str, ending: &str) -> bool {
    let count = ending.chars().count();
    let skip = word.chars().count().saturating_sub(count);
    same(&word.chars().skip(skip).collect::<String>(), ending)
}
