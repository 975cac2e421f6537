//! One value on the scales: does it go, in another form, or not?

use serde_json::{Value, json};

use super::coarse;
use super::profile::{Dates, Gate, Group, group_of};
use super::redact::Scales;
use super::walk::{Here, Outcome, new_key};
use super::withheld::{Change, Reason};
use crate::model::shape::{Field, Leaf, Shape};
use crate::model::value::Narrative;
use crate::model::{Kind, Privacy, Tree, vocabulary};

/// Items of checklists and words of sets that allege torture or ill-treatment.
const ALLEGATIONS: &[(&str, &[&str])] = &[
    ("right", &["R19", "R31", "R32", "R33", "R34", "R35", "R36"]),
    ("hearing_item", &["H36", "H37", "H38", "H39", "H40", "H53"]),
    ("force", &["beaten", "kicked", "strangled", "stun", "gas", "other"]),
];
/// Parts of values that are somebody's words.
const WORDS: &[&str] = &["note", "text", "as_printed", "article", "part", "item"];

/// A value's place in its table.
pub struct Matter<'m> {
    pub entity: &'static str,
    pub field: &'static Field,
    pub leaf: Leaf,
    pub path: &'m str,
}

/// The result.
pub enum Weighed {
    Goes(Value),
    Changed(Value, Change),
    /// A name, to be replaced by a number.
    Numbered(String),
    Withheld(Reason),
}

impl Weighed {
    /// Returns what became of it.
    pub fn outcome(&self) -> Outcome {
        match self {
            Weighed::Goes(_) => Outcome::Went,
            Weighed::Changed(_, change) => Outcome::Changed(*change),
            Weighed::Numbered(_) => Outcome::Changed(Change::Numbered),
            Weighed::Withheld(reason) => Outcome::Withheld(*reason),
        }
    }

    /// Returns what goes.
    pub fn value(self) -> Option<Value> {
        match self {
            Weighed::Goes(value) | Weighed::Changed(value, _) => Some(value),
            Weighed::Numbered(_) => Some(json!("0")),
            Weighed::Withheld(_) => None,
        }
    }
}

/// Weighs one value.
pub fn weigh(scales: &Scales, here: &Here, matter: &Matter, value: &Value) -> Weighed {
    let group = group(here, matter);
    if let Some(stop) = group.and_then(|group| by_group(scales, here, matter, group, value)) {
        return stop;
    }
    let refused = by_class(scales, here, matter, group).or_else(|| by_allegation(scales, here, matter)).or_else(|| by_company(scales, here, matter));
    match refused {
        Some(reason) => Weighed::Withheld(reason),
        None if names_in_term(scales, matter) => Weighed::Withheld(scales.naming()),
        None => by_leaf(scales, here, matter, value),
    }
}

fn group(here: &Here, matter: &Matter) -> Option<Group> {
    let group = group_of(matter.entity, matter.field.name);
    let verdict = matter.entity == "verdict" && matches!(matter.field.name, "about" | "chosen" | "over" | "decided");
    match group {
        Some(Group::Names) if here.found.kind == Kind::Official => Some(Group::Officials),
        // Without the decisions that stand, nobody could tell where a person stands.
        Some(Group::Care) if verdict && here.is_standing_verdict(matter.path) => None,
        group => group,
    }
}

/// What a group that stays shut makes of a value.
fn by_group(scales: &Scales, here: &Here, matter: &Matter, group: Group, value: &Value) -> Option<Weighed> {
    let (gate, reason) = group.gate(scales.rules);
    if scales.admitted.opens(gate, &here.people) {
        return None;
    }
    let told_apart = matches!((matter.entity, matter.field.name), ("observation", "observer") | ("custody_event", "actor"));
    match value.as_str() {
        Some(handle) if told_apart && !scales.rules.pseudonyms => Some(Weighed::Numbered(handle.to_owned())),
        _ => Some(Weighed::Withheld(reason)),
    }
}

/// Why a value is more restricted than the profile.
fn by_class(scales: &Scales, here: &Here, matter: &Matter, group: Option<Group>) -> Option<Reason> {
    let own_gate = matches!(group, Some(Group::Names | Group::Files));
    let coarse = matter.leaf == Leaf::Ref || (matter.leaf == Leaf::Age && scales.rules.bands);
    let (gate, reason) = match matter.field.class {
        Privacy::P => return None,
        Privacy::R if own_gate || coarse => return None,
        Privacy::R => (scales.rules.restricted, if matches!(scales.rules.restricted, Gate::Purpose(_)) { Reason::NoConsent } else { Reason::Restricted }),
        Privacy::S => (scales.rules.secret, Reason::SourceRegister),
    };
    (!scales.admitted.opens(gate, &here.people)).then_some(reason)
}

/// Why a value must not tell what somebody alleges to have suffered.
fn by_allegation(scales: &Scales, here: &Here, matter: &Matter) -> Option<Reason> {
    let term = matter.path.rsplit('/').next().unwrap_or_default();
    let listed =
        matches!(matter.field.shape, Shape::Set | Shape::Map(_)) && ALLEGATIONS.iter().any(|(of, terms)| *of == matter.field.of && terms.contains(&term));
    let alleges = (listed && !scales.admitted.allegations_open(&here.people)) || (here.closed && is_free_text(matter));
    alleges.then_some(Reason::TortureAllegation)
}

/// Why a value would tell of somebody else.
fn by_company(scales: &Scales, here: &Here, matter: &Matter) -> Option<Reason> {
    let others = here.shared && of_all_in_it(scales, matter);
    let rare = matter.entity == "person" && matches!(matter.field.name, "sex" | "age") && scales.admitted.is_rare(&here.found.line.id);
    match (others, rare) {
        (true, _) => Some(Reason::OtherPeople),
        (_, true) => Some(Reason::SmallGroup),
        _ => None,
    }
}

/// Who defends whom, and where people are hidden the number by which all of them are found.
fn of_all_in_it(scales: &Scales, matter: &Matter) -> bool {
    match (matter.entity, matter.field.name) {
        ("trial", "defence") => scales.rules.internal != Gate::Open,
        ("trial", "case_no") => scales.rules.names != Gate::Open,
        _ => false,
    }
}

/// Somebody's own words, in a field that the public does not read.
fn is_free_text(matter: &Matter) -> bool {
    let named = group_of(matter.entity, matter.field.name) == Some(Group::Names);
    matter.leaf == Leaf::Line && matter.field.class == Privacy::R && !named
}

fn by_leaf(scales: &Scales, here: &Here, matter: &Matter, value: &Value) -> Weighed {
    match matter.leaf {
        Leaf::Line => line(scales, here, matter, value),
        Leaf::Code | Leaf::Term => code(scales, matter, value),
        Leaf::Ref => reference(scales, value),
        Leaf::Hash if matter.entity == "injury" && !value.as_str().is_some_and(|hash| scales.hashes.contains(hash)) => Weighed::Withheld(Reason::NotInBundle),
        Leaf::When => coarsened(value, coarse::moment(value, scales.rules.dates)),
        Leaf::Age if scales.rules.bands => coarsened(value, coarse::band(value, scales.at)),
        Leaf::Place if scales.rules.cities => city(scales, value),
        Leaf::Place => place(scales, value),
        Leaf::Answer | Leaf::Count | Leaf::Provision => composite(scales, here, matter, value),
        Leaf::Entry => value.as_str().map_or(Weighed::Withheld(Reason::Incomplete), |key| Weighed::Goes(json!(new_key(scales, here, key)))),
        _ => Weighed::Goes(value.clone()),
    }
}

fn coarsened(value: &Value, coarse: Option<Value>) -> Weighed {
    match coarse {
        None => Weighed::Withheld(Reason::TooExact),
        Some(same) if same == *value => Weighed::Goes(same),
        Some(coarse) => Weighed::Changed(coarse, Change::Coarsened),
    }
}

fn line(scales: &Scales, here: &Here, matter: &Matter, value: &Value) -> Weighed {
    let Some(text) = value.as_str() else { return Weighed::Withheld(Reason::Incomplete) };
    if is_free_text(matter) && !scales.admitted.opens(scales.rules.text, &here.people) && scales.rules.text != Gate::Open {
        return Weighed::Withheld(Reason::FreeText);
    }
    let is_name = match group(here, matter) {
        Some(Group::Names) => true,
        Some(Group::Officials) => here.found.kind == Kind::Official,
        _ => false,
    };
    if scales.rules.internal == Gate::Open || is_name {
        return Weighed::Goes(value.clone());
    }
    match scales.looked_through(text, !matches!(matter.field.shape, Shape::Text)) {
        Told::Nobody => Weighed::Goes(value.clone()),
        Told::Renamed(renamed) => Weighed::Changed(json!(renamed), Change::Renamed),
        Told::Somebody => Weighed::Withheld(scales.naming()),
    }
}

/// Codes of the casebook's own, which may say anything.
fn code(scales: &Scales, matter: &Matter, value: &Value) -> Weighed {
    let Some(code) = value.as_str() else { return Weighed::Withheld(Reason::Incomplete) };
    let is_ours = vocabulary::term(matter.field.of, code).is_some() || is_key_of_ours(matter);
    if !is_ours && scales.rules.internal != Gate::Open && scales.mentions.names_somebody(code) {
        return Weighed::Withheld(scales.naming());
    }
    Weighed::Goes(value.clone())
}

/// Tells whether an item of a checklist, in a word of the casebook's own, names somebody.
fn names_in_term(scales: &Scales, matter: &Matter) -> bool {
    let term = matter.path.rsplit('/').next().unwrap_or_default();
    let own = matches!(matter.field.shape, Shape::Map(_)) && vocabulary::term(matter.field.of, term).is_none();
    own && scales.rules.internal != Gate::Open && scales.mentions.names_somebody(term)
}

/// Keys of entries in a decision about liberty.
fn is_key_of_ours(matter: &Matter) -> bool {
    matter.entity == "verdict"
}

fn reference(scales: &Scales, value: &Value) -> Weighed {
    let id = value.as_str().unwrap_or_default();
    if scales.inside.contains(id) {
        return Weighed::Goes(json!(scales.given_id(id)));
    }
    Weighed::Withheld(Reason::NotInBundle)
}

fn city(scales: &Scales, value: &Value) -> Weighed {
    let record = |id: &str| -> Option<&Tree> { scales.records.get(id).map(|found| &found.body.tree) };
    coarsened(value, coarse::city(value, &record))
}

fn place(scales: &Scales, value: &Value) -> Weighed {
    let mut place = value.clone();
    let mut shortened = false;
    if let Some(id) = value.get("record").and_then(Value::as_str) {
        if scales.inside.contains(id) {
            place["record"] = json!(scales.given_id(id));
        } else {
            shortened = take(&mut place, "record");
        }
    }
    let (place, change) = words_of(scales, place);
    match place {
        Some(place) if place.as_object().is_some_and(|parts| !parts.is_empty()) => went(place, change.or(shortened.then_some(Change::Shortened))),
        _ => Weighed::Withheld(if shortened { Reason::NotInBundle } else { scales.naming() }),
    }
}

fn composite(scales: &Scales, here: &Here, matter: &Matter, value: &Value) -> Weighed {
    let mut whole = value.clone();
    let mut change = None;
    for moment in ["at", "as_of"] {
        let Some(exact) = value.get(moment).filter(|_| scales.rules.dates != Dates::Exact) else { continue };
        match coarse::moment(exact, scales.rules.dates) {
            Some(coarse) if coarse == *exact => {}
            Some(coarse) => {
                whole[moment] = coarse;
                change = Some(Change::Coarsened);
            }
            None => return Weighed::Withheld(Reason::TooExact),
        }
    }
    let own_words = value.get("note").is_some() && matter.field.class == Privacy::R;
    let silent = own_words && (here.closed || (scales.rules.text != Gate::Open && !scales.admitted.opens(scales.rules.text, &here.people)));
    if silent {
        take(&mut whole, "note");
        change = Some(Change::Shortened);
    }
    let (whole, words) = words_of(scales, whole);
    match whole {
        Some(whole) => went(whole, words.or(change)),
        None => Weighed::Withheld(scales.naming()),
    }
}

/// Looks through the words in a value; `None` when it cannot stand without what names somebody.
fn words_of(scales: &Scales, mut value: Value) -> (Option<Value>, Option<Change>) {
    let mut change = None;
    if scales.rules.internal == Gate::Open {
        return (Some(value), None);
    }
    for part in WORDS {
        let Some(text) = value.get(*part).and_then(Value::as_str).map(str::to_owned) else { continue };
        match scales.looked_through(&text, true) {
            Told::Nobody => {}
            Told::Renamed(renamed) => {
                value[*part] = json!(renamed);
                change = Some(Change::Renamed);
            }
            Told::Somebody if *part == "article" => return (None, None),
            Told::Somebody => {
                take(&mut value, part);
                change = Some(Change::Shortened);
            }
        }
    }
    (Some(value), change)
}

fn take(value: &mut Value, part: &str) -> bool {
    value.as_object_mut().is_some_and(|parts| parts.remove(part).is_some())
}

fn went(value: Value, change: Option<Change>) -> Weighed {
    match change {
        Some(change) => Weighed::Changed(value, change),
        None => Weighed::Goes(value),
    }
}

/// What a text tells of people.
enum Told {
    Nobody,
    Renamed(String),
    Somebody,
}

impl Scales<'_> {
    /// Looks through a text for names. Where people are hidden, a text that names anybody does not go at all.
    fn looked_through(&self, text: &str, short: bool) -> Told {
        use super::mention::Seen;
        let alias = |id: &str| self.pseudonyms.code(Kind::Person, id);
        let fits = |renamed: &String| if short { renamed.chars().count() <= 2_000 } else { renamed.parse::<Narrative>().is_ok() };
        match self.mentions.look(text, &alias) {
            Seen::Nobody => Told::Nobody,
            Seen::Renamed(renamed) if !self.rules.pseudonyms && fits(&renamed) => Told::Renamed(renamed),
            _ => Told::Somebody,
        }
    }

    /// Why a text that names somebody does not go.
    fn naming(&self) -> Reason {
        if self.rules.pseudonyms { Reason::Names } else { Reason::OtherPeople }
    }
}
