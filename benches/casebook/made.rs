//! Made-up detentions: 27 fields, a note of 300 characters, the same ones in every run.

use serde_json::{Value, json};

/// The columns of a detention in a plain table: its id and its 27 fields.
pub const COLUMNS: [&str; 28] = [
    "id",
    "person",
    "incident",
    "category",
    "apprehended_at",
    "apprehended_place",
    "taken_by",
    "masked",
    "vehicle",
    "destination",
    "force",
    "stated_reason",
    "stated_reason_words",
    "provision",
    "warrant_shown",
    "authority",
    "legislation",
    "suspected_wgad_category",
    "custody_type",
    "contact",
    "counsel",
    "protocol",
    "property_taken",
    "transitions",
    "rights",
    "carried",
    "observer",
    "note",
];
/// A word that stands in the vehicle of one detention in a thousand.
pub const RARE: &str = "turquoise";

const WORDS: [&str; 16] =
    ["taken", "from", "the", "square", "by", "two", "officers", "without", "a", "word", "into", "grey", "bus", "near", "theatre", "entrance"];
const NAMES: [&str; 8] = ["Айгүл Сейітова", "Daniyar Omarov", "Ержан Касымов", "Aliya Bekova", "Нурлан Ахметов", "Saule Ismailova", "Тимур Жанов", "Dana Kim"];

/// Returns a made-up person.
pub fn person(number: usize) -> Value {
    json!({ "names": [{ "kind": "full", "text": format!("{} {number}", NAMES[number % NAMES.len()]) }] })
}

/// Returns a made-up rally.
pub fn incident() -> Value {
    json!({ "category": "assembly", "code": "ALM-0510", "title": "A rally on the square" })
}

/// Returns the note of a detention: 300 characters.
fn note(number: usize) -> String {
    let words = (0..).map(|k| WORDS[(number * 7 + k * k) % WORDS.len()]);
    let mut text = words.take(80).collect::<Vec<_>>().join(" ");
    text.truncate(299);
    format!("{}.", text.replace("  ", " "))
}

/// Returns the draft of a detention of a person at an incident.
pub fn detention(number: usize, person: &str, incident: &str) -> Value {
    let colour = if number % 1_000 == 500 { RARE } else { "white" };
    let answer = |value: &str| json!({ "value": value, "basis": "observed" });
    let at = |minute: usize| json!({ "date": "2026-05-10", "time": format!("{:02}:{:02}", 10 + minute / 60 % 12, minute % 60), "offset_min": 300 });
    json!({
        "person": person, "incident": incident, "category": "street",
        "apprehended_at": at(number % 700), "apprehended_place": { "text": format!("corner {} of the square", number % 40) },
        "taken_by": ["police_uniform", "special_unit"], "masked": answer("yes"), "vehicle": format!("{colour} van, plate {:03} ABC", number % 1_000),
        "destination": { "known": "almaty", "text": format!("police station {}", number % 9) }, "force": ["dragged", "pushed"],
        "stated_reason": "no_permit", "stated_reason_words": "you stand here without leave",
        "provision": { "instrument": "KZ-CAO-2014", "article": "488", "part": "6" }, "warrant_shown": answer("no"),
        "authority": "district police", "legislation": { "instrument": "KZ-CAO-2014", "article": "785" },
        "suspected_wgad_category": ["II"], "custody_type": "administrative", "contact": "acknowledged_contact_family",
        "counsel": ["not_permitted"], "protocol": format!("protocol {number}"),
        "property_taken": { "p1": { "item": "phone", "receipt": answer("no") } },
        "transitions": {
            "t1": { "status": "arrested", "effective": at(number % 700), "told_by": "witness", "basis": "observed" },
            "t2": { "status": "released", "effective": at(number % 700 + 19), "told_by": "relative", "note": "home by midnight" },
        },
        "rights": { "R01": answer("no"), "R02": answer("unclear"), "R03": answer("no"), "R04": answer("yes") },
        "carried": ["vehicle"], "observer": "M-7KQ", "note": note(number),
    })
}

/// Returns the cells of a detention in the order of [`COLUMNS`]; composite values as JSON.
pub fn cells(id: usize, draft: &Value) -> Vec<String> {
    let cell = |name: &&str| match &draft[*name] {
        Value::Null => format!("{id:064x}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect()
}
