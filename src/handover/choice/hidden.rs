//! By what words a casebook names those who stay unnamed and have no record of a person: sources, monitors, whoever kept something or passed it on.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;

use serde_json::Value;

use super::mention::words;
use super::profile::{Group, group_of};
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::{field, join};
use crate::model::{Kind, Privacy, Tree, vocabulary};
use crate::names::fold;
use crate::vault::{Body, Line};

/// Fields of remarks: most of their words name nobody, so numbers alone are looked for.
const REMARKS: &[(&str, &str)] = &[("source", "note"), ("source", "risk"), ("contact", "reach"), ("custody_event", "note"), ("observation", "card")];
/// Digits from which a number may be somebody's: of a telephone, of a card.
const DIGITS: usize = 5;

/// Words that vocabularies write small, folded: they name nobody.
static ORDINARY: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let terms = vocabulary::all().iter().filter(|(name, _)| *name != "place").flat_map(|(_, vocabulary)| &vocabulary.terms);
    let texts = terms.flat_map(|term| [&term.en, &term.ru, &term.kk].into_iter().chain(&term.also));
    texts.flat_map(|text| words(text)).filter(|word| word.text.starts_with(char::is_lowercase)).map(|word| fold(word.text)).collect()
});

/// What must not stand in a text.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub words: BTreeSet<String>,
    /// Opaque codes of the source register.
    pub codes: BTreeSet<String>,
    /// Secrets that nobody could open here: what they name is not known.
    pub sealed: u64,
}

/// Gathers them from all records; `opened` has the texts of sealed secrets by their sealed form.
pub(super) fn hidden(all: &[(Line, Body)], opened: &BTreeMap<String, String>) -> Hidden {
    let mut hidden = Hidden::default();
    for (line, body) in all {
        let Some(kind) = Kind::named(&line.kind) else { continue };
        each_line(kind.fields(), (kind.code(), &body.tree), "", &mut |entity, field, path, value| {
            if tells_of_somebody(entity, field) {
                let voices = body.voices.get(path).into_iter().flatten().map(|voice| &voice.value);
                voices.chain([value]).for_each(|value| hidden.take(entity, field, value, opened));
            }
        });
    }
    hidden
}

/// Tells whether a field names a source or a monitor.
fn tells_of_somebody(entity: &str, field: &Field) -> bool {
    let group = group_of(entity, field.name);
    field.class == Privacy::S || matches!(group, Some(Group::Monitors | Group::Sources)) || (entity, field.name) == ("identity_link", "by")
}

impl Hidden {
    fn take(&mut self, entity: &str, field: &Field, value: &Value, opened: &BTreeMap<String, String>) {
        let text = match (value.as_str(), value.get("sealed").and_then(Value::as_str)) {
            (Some(text), _) => text,
            (None, Some(sealed)) if opened.contains_key(sealed) => &opened[sealed],
            (None, Some(_)) => return self.sealed += 1,
            (None, None) => return,
        };
        let remark = REMARKS.contains(&(entity, field.name));
        // "neighbour Gulnara": beside a name that is written large, the small words are none.
        let large = words(text).any(|word| word.text.starts_with(char::is_uppercase) && is_name(word.text));
        let named = |word: &str| is_name(word) && !(large && word.starts_with(char::is_lowercase));
        let names = words(text).map(|word| word.text).filter(|word| if remark { is_number(word) } else { named(word) });
        match field.shape {
            Shape::One(Leaf::Code) if is_code(text) => drop(self.codes.insert(text.to_owned())),
            Shape::One(Leaf::Line | Leaf::Secret) => self.words.extend(names.map(str::to_owned)),
            _ => {}
        }
    }
}

/// A code of letters alone may be a word, one of few digits any number.
fn is_code(text: &str) -> bool {
    let (digits, letters) = (text.chars().any(|c| c.is_ascii_digit()), text.chars().any(char::is_alphabetic));
    (digits && letters) || is_number(text)
}

fn is_number(word: &str) -> bool {
    word.chars().filter(char::is_ascii_digit).count() >= DIGITS
}

fn is_name(word: &str) -> bool {
    let short_number = word.chars().all(|c| c.is_ascii_digit()) && !is_number(word);
    !short_number && !ORDINARY.contains(&fold(word))
}

type Visit<'v> = &'v mut dyn FnMut(&'static str, &Field, &str, &Value);

/// Calls `visit` for every single value with the entity in whose table its field stands.
fn each_line(fields: &'static [Field], (entity, tree): (&'static str, &Tree), path: &str, visit: Visit) {
    for (name, value) in tree {
        let Some(row) = field(fields, name) else { continue };
        let here = join(path, name);
        match (row.shape, value) {
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                let entries = entries.iter().filter_map(|(key, entry)| Some((key, entry.as_object()?)));
                entries.for_each(|(key, entry)| each_line(inner, (row.of, entry), &join(&here, key), visit));
            }
            (Shape::Group(inner), Value::Object(group)) => each_line(inner, (row.of, group), &here, visit),
            (Shape::One(_), value) => visit(entity, row, &here, value),
            _ => {}
        }
    }
}
