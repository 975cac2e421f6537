//! Many values looked for in many texts at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::search::{Text, fold};

/// Bytes by which a value is first known; a shorter one is found by chance.
pub const HEAD: usize = 6;
/// log2 of the places in the table of heads.
const BITS: u32 = 18;

/// Values to look for, each in every form it may take.
pub struct Needles<'a> {
    /// A form, folded, with the value it is a form of.
    forms: Vec<(String, &'a str)>,
    heads: HashMap<u64, Vec<usize>>,
    likely: Vec<bool>,
}

impl<'a> Needles<'a> {
    /// Takes values; those of fewer than [`HEAD`] bytes are passed over.
    pub fn new(values: impl IntoIterator<Item = &'a str>) -> Needles<'a> {
        let values: BTreeSet<&str> = values.into_iter().collect();
        let forms: Vec<(String, &str)> = values.into_iter().flat_map(|value| forms(value).into_iter().map(move |form| (fold(&form), value))).collect();
        let forms: Vec<(String, &str)> = forms.into_iter().filter(|(form, _)| form.len() >= HEAD).collect();
        let mut needles = Needles { heads: HashMap::new(), likely: vec![false; 1 << BITS], forms };
        for (number, (form, _)) in needles.forms.iter().enumerate() {
            let head = form.bytes().take(HEAD).fold(0, next);
            needles.heads.entry(head).or_default().push(number);
            needles.likely[slot(head)] = true;
        }
        needles
    }

    /// Returns the values that stand anywhere, with the places.
    pub fn found<'t>(&self, texts: &'t [Text]) -> BTreeMap<&'a str, BTreeSet<&'t str>> {
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for text in texts {
            for value in self.in_text(&text.text) {
                found.entry(value).or_default().insert(&text.place);
            }
        }
        found
    }

    fn in_text(&self, text: &str) -> BTreeSet<&'a str> {
        let (bytes, mut head, mut found) = (text.as_bytes(), 0, BTreeSet::new());
        for (at, byte) in bytes.iter().enumerate() {
            head = next(head, *byte);
            if self.likely[slot(head)] && at + 1 >= HEAD {
                let fits = |number: &&usize| bytes[at + 1 - HEAD..].starts_with(self.forms[**number].0.as_bytes());
                found.extend(self.heads.get(&head).into_iter().flatten().filter(fits).map(|number| self.forms[*number].1));
            }
        }
        found
    }
}

/// The last bytes, with one more.
fn next(head: u64, byte: u8) -> u64 {
    (head << 8 | u64::from(byte)) & ((1 << (8 * HEAD)) - 1)
}

fn slot(head: u64) -> usize {
    (head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

/// A value as it may stand somewhere: days as calendars and as people write them, degrees with their point.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    if let [year, month, day] = value.split('-').collect::<Vec<_>>()[..]
        && value.len() == 10
        && value.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
    {
        forms.extend([format!(":{year}{month}{day}"), format!("{day}.{month}.{year}")]);
    }
    if let Some(degrees) = value.strip_prefix("\"latitude_e5\":").or(value.strip_prefix("\"longitude_e5\":"))
        && degrees.len() > 5
    {
        let (whole, part) = degrees.split_at(degrees.len() - 5);
        forms.push(format!("{whole}.{part}"));
    }
    forms
}
