//! From a record to the line that lists show: pure, the same on every device.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view::{Body, Line};
use crate::model::liberty::{Stamp, Standing, chosen, retracted, standing};
use crate::model::shape::Keyed;
use crate::model::value::Key;
use crate::model::{Kind, Record, Tree, entity};

/// Makes the line of a record. `made` is the handle of its maker with the claimed times of its first and last change.
pub fn line_of(kind: Kind, id: &str, casebook: &str, body: &Body, made: (&str, i64, i64)) -> Line {
    let record = Record::from_tree(kind, &body.tree).ok();
    let text = |path: &str| crate::model::tree::value_at(&body.tree, path).and_then(Value::as_str).map(str::to_owned);
    let mut line = Line {
        id: id.to_owned(),
        kind: kind.code().to_owned(),
        casebook: casebook.to_owned(),
        title: title(kind, &body.tree),
        keys: crate::names::fold(&words(kind, &body.tree)),
        when: when(kind, &body.tree),
        place: place(kind, &body.tree),
        contested: open_disagreements(body, record.as_ref()),
        group: body.tree.get("group_size").and_then(Value::as_u64).map_or(0, |size| u32::try_from(size).unwrap_or(u32::MAX)),
        person: ["person", "victim", "subject", "principal"].iter().find_map(|name| text(name)),
        incident: text("incident"),
        continues: text("meta/continues"),
        origin: text("meta/origin"),
        withdrawn: crate::model::tree::value_at(&body.tree, "meta/withdrawn") == Some(&Value::Bool(true)),
        created: made.1,
        changed: made.2,
        by: made.0.to_owned(),
        ..Line::default()
    };
    if let Some(Record::Person(person)) = &record {
        line.contested += contested_links(person).iter().filter(|link| link.decided.is_none()).count() as u32;
    }
    if let Some(Record::Detention(detention)) = &record {
        let standing = standing_of(detention, body);
        line.clock_runs = standing.clock_runs();
        line.contested += u32::from(standing.is_contested());
        line.status = match standing {
            Standing::Unstated => Vec::new(),
            Standing::Stated { status, .. } => vec![status.to_string()],
            Standing::Contested { voices } => voices.into_iter().map(|(_, status)| status.to_string()).collect(),
        };
    }
    line
}

/// Where a detention stands by what its record says.
pub fn standing_of(detention: &entity::Detention, body: &Body) -> Standing {
    standing(detention, &|key: &Key| {
        let row = body.entries.get(&format!("transitions/{key}")).cloned().unwrap_or_default();
        Stamp { by: row.by, at: row.at }
    })
}

/// Verdicts about one other person that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestedLink {
    /// Path of the disagreement: `links/` and the id of the other person.
    pub about: String,
    /// Keys of the verdicts.
    pub voices: Vec<String>,
    /// Key of the verdict that a standing decision chose.
    pub decided: Option<String>,
}

/// Returns what a person's links contradict each other about.
pub fn contested_links(person: &entity::Person) -> Vec<ContestedLink> {
    let gone = retracted(person.links.values().map(|link| link.retracts.as_ref()));
    let mut by_other: BTreeMap<&str, Vec<(&Key, &str)>> = BTreeMap::new();
    for (key, link) in person.links.iter().filter(|(key, link)| !gone.contains(key) && link.retracts.is_none()) {
        if let Some(other) = &link.other {
            let verdict = link.verdict.as_ref().map_or("", |verdict| verdict.as_str());
            by_other.entry(other.as_str()).or_default().push((key, verdict));
        }
    }
    let says = |about: &[(&Key, &str)], what: &str| about.iter().any(|(_, verdict)| *verdict == what);
    by_other.retain(|_, about| says(about, "same") && says(about, "different"));
    let contested = |(other, about): (&str, Vec<(&Key, &str)>)| {
        let (about, voices): (_, Vec<String>) = (format!("links/{other}"), about.iter().map(|(key, _)| key.to_string()).collect());
        let decided = person.meta.as_ref().and_then(|meta| chosen(&meta.verdicts, &about, &voices));
        ContestedLink { about, voices, decided }
    };
    by_other.into_iter().map(contested).collect()
}

/// Contested values on which no decision stands.
fn open_disagreements(body: &Body, record: Option<&Record>) -> u32 {
    let empty = Keyed::new();
    let verdicts = record.and_then(meta).map_or(&empty, |meta| &meta.verdicts);
    let open = body.voices.iter().filter(|(path, voices)| {
        let ids: Vec<String> = voices.iter().map(|voice| voice.id.clone()).collect();
        chosen(verdicts, path, &ids).is_none()
    });
    open.count() as u32
}

/// The care data of a record.
pub fn meta(record: &Record) -> Option<&entity::Meta> {
    match record {
        Record::Publication(r) => r.meta.as_ref(),
        Record::Place(r) => r.meta.as_ref(),
        Record::Official(r) => r.meta.as_ref(),
        Record::Source(r) => r.meta.as_ref(),
        Record::Incident(r) => r.meta.as_ref(),
        Record::Person(r) => r.meta.as_ref(),
        Record::Detention(r) => r.meta.as_ref(),
        Record::Act(r) => r.meta.as_ref(),
        Record::Trial(r) => r.meta.as_ref(),
        Record::Evidence(r) => r.meta.as_ref(),
        Record::Consent(r) => r.meta.as_ref(),
        Record::Mandate(r) => r.meta.as_ref(),
        Record::Action(r) => r.meta.as_ref(),
        Record::Decision(r) => r.meta.as_ref(),
        Record::Figure(r) => r.meta.as_ref(),
        Record::Vocable(r) => r.meta.as_ref(),
        Record::Handover(r) => r.meta.as_ref(),
    }
}

/// The first text that names the record.
fn title(kind: Kind, tree: &Tree) -> String {
    let text = |name: &str| tree.get(name).and_then(Value::as_str).map(str::to_owned);
    let found = match kind {
        Kind::Person | Kind::Official => name_of(tree).or_else(|| text("code")).or_else(|| text("post")),
        Kind::Incident => text("code").or_else(|| text("title")),
        Kind::Trial => text("title").or_else(|| text("case_no")).or_else(|| text("court")),
        Kind::Place => ["name_ru", "name_kk", "name_en", "known"].iter().find_map(|name| text(name)),
        Kind::Evidence => text("file_name"),
        Kind::Decision => text("document_no").or_else(|| text("subject")),
        Kind::Figure => text("about").or_else(|| text("what")),
        Kind::Vocable | Kind::Source => text("code"),
        Kind::Mandate => text("agent"),
        Kind::Handover => text("recipient"),
        Kind::Publication => text("title"),
        Kind::Act | Kind::Action => text("category"),
        Kind::Detention | Kind::Consent => None,
    };
    found.unwrap_or_default()
}

/// The name a list shows: a full one before a descriptor before the rest.
fn name_of(tree: &Tree) -> Option<String> {
    let names = tree.get("names")?.as_object()?;
    let of_kind = |kinds: &[&str]| names.values().find(|name| kinds.contains(&name.get("kind").and_then(Value::as_str).unwrap_or("heard")));
    let best = of_kind(&["full"]).or_else(|| of_kind(&["heard", "family", "given", "initials", "nickname"])).or_else(|| names.values().next());
    best?.get("text")?.as_str().map(str::to_owned)
}

fn when(kind: Kind, tree: &Tree) -> String {
    let names: &[&str] = match kind {
        Kind::Incident => &["starts"],
        Kind::Detention => &["apprehended_at"],
        Kind::Act | Kind::Action => &["happened", "due"],
        Kind::Trial => &["began"],
        Kind::Decision => &["decided"],
        Kind::Figure => &["period"],
        Kind::Evidence => &["captured_at", "received_at"],
        Kind::Mandate => &["signed_at"],
        Kind::Handover => &["given"],
        Kind::Publication => &["published"],
        _ => &[],
    };
    let found = names.iter().find_map(|name| tree.get(*name)).cloned();
    found.and_then(|value| serde_json::from_value::<crate::model::value::When>(value).ok()).map(|when| when.to_string()).unwrap_or_default()
}

fn place(kind: Kind, tree: &Tree) -> String {
    let names: &[&str] = match kind {
        Kind::Incident => &["city"],
        Kind::Detention => &["destination", "apprehended_place"],
        Kind::Act => &["place"],
        Kind::Trial => &["court_place"],
        _ => &[],
    };
    let found = names.iter().find_map(|name| tree.get(*name));
    let part = |place: &Value, name: &str| place.get(name).and_then(Value::as_str).map(str::to_owned);
    found.and_then(|place| part(place, "text").or_else(|| part(place, "known"))).unwrap_or_default()
}

/// Every name a person or official goes by, and the words that lists search.
fn words(kind: Kind, tree: &Tree) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut take = |path: &str, value: &Value| {
        let searched = path.ends_with("/text") || ["title", "code", "case_no", "court", "document_no", "about"].contains(&path);
        words.extend(value.as_str().filter(|_| searched).map(str::to_owned));
    };
    crate::model::tree::each_leaf(kind.fields(), tree, &mut |path, _, _, value| take(path, value));
    words.join(" \u{1f} ")
}
