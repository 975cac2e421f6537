//! Values in the words of a person's language, with every qualifier they carry.

use serde_json::Value;

use crate::locale::Texts;
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::tree::field;
use crate::model::value::{Answer, Count, Money, PlaceRef, Precision, ProvisionRef, Qualifier, Tri, When, is_plain};
use crate::model::{Kind, Tree, vocabulary};

/// Replaces characters that could reorder, hide or command.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if is_plain(c) {
                c
            } else if matches!(c, '\n' | '\t') {
                ' '
            } else {
                '\u{fffd}'
            }
        })
        .collect()
}

/// Returns the word for a term; the code itself where no vocabulary knows it.
pub fn term(texts: &Texts, of: &str, code: &str) -> String {
    vocabulary::term(of, code).map_or_else(|| clean(code), |term| term.word(texts.lang()).to_owned())
}

/// Finds a kind of record by its name, or by a word for it in any of the languages.
pub fn kind(named: &str) -> Option<Kind> {
    let by_word = || vocabulary::shipped("kinds")?.meant(named).and_then(|term| Kind::named(&term.code));
    Kind::named(named).or_else(by_word)
}

/// Returns the label of a field.
pub fn label(texts: &Texts, entity: &str, field: &str) -> String {
    term(texts, "fields", &format!("{entity}.{field}")).replace(&format!("{entity}."), "")
}

/// Returns the labels of the fields that dots lead through, e.g. "status steps · when" for `transitions.effective`.
pub fn labels(texts: &Texts, kind: Kind, dotted: &str) -> String {
    let (mut entity, mut fields) = (kind.code(), kind.fields());
    let mut labels = Vec::new();
    for name in dotted.split('.') {
        labels.push(label(texts, entity, name));
        if let Some(found) = field(fields, name)
            && let Shape::Many(inner) | Shape::Log(inner) | Shape::Group(inner) = found.shape
        {
            (entity, fields) = (found.of, inner);
        }
    }
    labels.join(" · ")
}

/// Returns a figure with its qualifier, e.g. "more than 150".
pub fn count(texts: &Texts, count: &Count) -> String {
    let value = count.value.as_ref().map(ToString::to_string).unwrap_or_default();
    let to = count.to.as_ref().map(ToString::to_string).unwrap_or_default();
    let figure = texts.with(&format!("count-{}", count.op.code()), &[("value", &value), ("to", &to)]);
    let unit = count.unit.as_str();
    match unit {
        "persons" => figure,
        "percent" => format!("{figure} %"),
        _ => format!("{figure} {}", term(texts, "count_unit", unit)),
    }
}

/// Returns a time with its qualifier.
pub fn when(texts: &Texts, when: &When) -> String {
    let part = when.part_of_day.as_ref().map(|part| format!(" {}", term(texts, "part_of_day", part.as_str()))).unwrap_or_default();
    let plain = if when.date.is_none() { texts.get("when-unknown") } else { known(texts, when, format!("{when}{part}")) };
    match when.qualifier {
        Some(Qualifier::About) => texts.with("when-about", &[("when", &plain)]),
        Some(Qualifier::Before) => texts.with("when-before", &[("when", &plain)]),
        Some(Qualifier::After) => texts.with("when-after", &[("when", &plain)]),
        _ => plain,
    }
}

/// Says how exactly a time is known, where more is written than that.
fn known(texts: &Texts, when: &When, written: String) -> String {
    let parts = when.date.as_ref().map_or(0, |date| date.as_str().split('/').map(|side| side.split('-').count()).max().unwrap_or(0));
    let code = match when.precision {
        Some(Precision::QuarterHour) if when.time.is_some() => "when-to-quarter-hour",
        Some(Precision::Hour) if when.time.is_some() => "when-to-hour",
        Some(Precision::PartOfDay) if when.time.is_some() => "when-to-part-of-day",
        Some(Precision::Day) if when.time.is_some() || when.part_of_day.is_some() => "when-to-day",
        Some(Precision::Month) if parts > 2 => "when-to-month",
        Some(Precision::Year) if parts > 1 => "when-to-year",
        Some(Precision::Unknown) => "when-to-unknown",
        _ => return written,
    };
    texts.with(code, &[("when", &written)])
}

fn answer(texts: &Texts, answer: &Answer) -> String {
    let value = match answer.value {
        Tri::Yes => "yes",
        Tri::No => "no",
        Tri::Unclear => "unclear",
        Tri::NotApplicable => "not_applicable",
    };
    let mut text = term(texts, "answer", value);
    text.extend(answer.note.as_ref().map(|note| format!(" ({})", clean(note.as_str()))));
    text.extend(answer.basis.as_ref().map(|basis| format!(" [{}]", term(texts, "basis", basis.as_str()))));
    text.extend(answer.at.as_ref().map(|at| format!(", {}", when(texts, at))));
    text
}

/// Returns a place in words; a place record by its short code.
pub fn place(texts: &Texts, place: &PlaceRef) -> String {
    let known = place.known.as_ref().map(|code| term(texts, "place", code.as_str()));
    let record = place.record.as_ref().map(|id| crate::model::short("place", id.as_str()));
    let text = place.text.as_ref().map(|text| clean(text.as_str()));
    known.or(text).or(record).unwrap_or_default()
}

fn provision(provision: &ProvisionRef) -> String {
    let part = |name: &str, part: &Option<crate::model::value::Line>| part.as_ref().map(|p| format!(" {name} {}", clean(p.as_str()))).unwrap_or_default();
    format!(
        "{} {}{}{}",
        provision.instrument,
        clean(provision.article.as_str()),
        part("(", &provision.part).replace("( ", "("),
        if provision.part.is_some() { ")" } else { "" }
    )
}

/// Returns any single value in words.
pub fn value(texts: &Texts, leaf: Leaf, of: &str, value: &Value) -> String {
    let read = || match leaf {
        Leaf::When => serde_json::from_value::<When>(value.clone()).ok().map(|w| when(texts, &w)),
        Leaf::Count => serde_json::from_value::<Count>(value.clone()).ok().map(|c| count(texts, &c)),
        Leaf::Answer => serde_json::from_value::<Answer>(value.clone()).ok().map(|a| answer(texts, &a)),
        Leaf::Place => serde_json::from_value::<PlaceRef>(value.clone()).ok().map(|p| place(texts, &p)),
        Leaf::Provision => serde_json::from_value::<ProvisionRef>(value.clone()).ok().map(|p| provision(&p)),
        Leaf::Money => serde_json::from_value::<Money>(value.clone()).ok().map(|m| m.to_string()),
        Leaf::Length => serde_json::from_value::<crate::model::value::Length>(value.clone()).ok().map(|l| l.to_string()),
        Leaf::Term => value.as_str().map(|code| term(texts, of, code)),
        Leaf::Flag => value.as_bool().map(|flag| term(texts, "answer", if flag { "yes" } else { "no" })),
        Leaf::Age => Some(age(texts, value)),
        Leaf::Secret if value.is_object() => Some(texts.get("secret-sealed")),
        _ => value.as_str().map(clean),
    };
    read().unwrap_or_else(|| clean(&value.to_string()))
}

fn age(texts: &Texts, value: &Value) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let years = value.get("years").and_then(Value::as_u64).map(|years| texts.with("age-years", &[("years", &years.to_string())]));
    let band = text("band").map(|band| term(texts, "age_band", band));
    let born = text("born").map(|born| texts.with("age-born", &[("date", born)]));
    let minor = value.get("seems_minor").and_then(Value::as_bool).map(|m| texts.get(if m { "age-seems-minor" } else { "age-seems-adult" }));
    [years, band, born, minor].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Writes every field of a record or entry as lines, deeper ones indented.
pub fn lines(texts: &Texts, entity: &str, fields: &'static [Field], tree: &Tree, depth: usize, out: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for field in fields {
        let Some(found) = tree.get(field.name) else { continue };
        let name = label(texts, entity, field.name);
        match (field.shape, found) {
            (Shape::One(leaf), found) => out.push(format!("{indent}{name}: {}", value(texts, leaf, field.of, found))),
            (Shape::Text, found) => out.push(format!("{indent}{name}: {}", clean(found.as_str().unwrap_or_default()))),
            (Shape::Set, Value::Array(terms)) => {
                let words: Vec<String> = terms.iter().filter_map(Value::as_str).map(|code| set_word(texts, entity, field, code)).collect();
                out.push(format!("{indent}{name}: {}", words.join(", ")));
            }
            (Shape::Map(leaf), Value::Object(terms)) => {
                out.push(format!("{indent}{name}:"));
                out.extend(terms.iter().map(|(code, found)| format!("{indent}  {code} {}: {}", term(texts, field.of, code), value(texts, leaf, "", found))));
            }
            (Shape::Many(inner) | Shape::Log(inner), Value::Object(entries)) => {
                for (key, entry) in entries {
                    out.push(format!("{indent}{name} [{key}]"));
                    let below = entry.as_object().cloned().unwrap_or_default();
                    lines(texts, field.of, inner, &below, depth + 1, out);
                }
            }
            (Shape::Group(inner), Value::Object(group)) => lines(texts, field.of, inner, group, depth, out),
            _ => {}
        }
    }
}

/// A set of fields names fields; any other set names terms.
fn set_word(texts: &Texts, entity: &str, field: &Field, code: &str) -> String {
    if field.name == "carried" { label(texts, entity, code) } else { term(texts, field.of, code) }
}
