//! A casebook in which every leaf of every kind says something that nothing else says.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::date;
use sandyq::model::{Field, Kind, Leaf, Privacy, Shape, Tree, draft};
use sandyq::vault::{Body, Line, MarkRow, VoiceRow, line_of};
use serde_json::{Value, json};

/// The present of every test, 2026-05-01.
pub const NOW: i64 = 1_777_593_600;
/// Key of the pseudonyms.
pub const KEY: [u8; 32] = [7; 32];

/// A value that nothing else says, and whose it is.
#[derive(Clone, Debug)]
pub struct Marked {
    pub record: String,
    pub owner: char,
    pub kind: Kind,
    pub entity: &'static str,
    pub field: &'static str,
    pub class: Privacy,
    pub leaf: Leaf,
    /// Whatever of it can be looked for.
    pub words: Vec<String>,
}

pub struct Maker {
    next: u64,
    /// How many entries each list has.
    entries: usize,
    pub marked: Vec<Marked>,
    pub records: Vec<(Line, Body)>,
}

struct At<'a> {
    id: &'a str,
    kind: Kind,
    owners: &'a str,
    owner: char,
    entity: &'static str,
}

/// The id of a record by its name, e.g. `detention A`.
pub fn id(name: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut part = |salt: u8| {
        for byte in name.bytes().chain([salt]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{:016x}", hash.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    };
    [1, 2, 3, 4].map(&mut part).concat()
}

/// A name that is a word in letters.
fn word(mut n: u64) -> String {
    const SYLLABLES: [&str; 16] = ["ba", "do", "gu", "ki", "lo", "me", "nu", "pa", "ri", "so", "ta", "vu", "zy", "xa", "fe", "jo"];
    let mut word = String::from("Q");
    for _ in 0..5 {
        word.push_str(SYLLABLES[(n % 16) as usize]);
        n /= 16;
    }
    word
}

impl Maker {
    /// Nothing yet; another seed gives other values, and lists of another length.
    fn new(seed: u64) -> Maker {
        Maker { next: 10_000 * seed, entries: if seed.is_multiple_of(2) { 2 } else { 1 }, marked: Vec::new(), records: Vec::new() }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Adds a record under a name whose last letter is its owner; several letters for a record about several people.
    pub fn add(&mut self, kind: Kind, name: &str, change: &dyn Fn(&mut Tree)) {
        let owners = name.rsplit(' ').next().unwrap();
        let id = id(name);
        let at = At { id: &id, kind, owners, owner: owners.chars().next().unwrap(), entity: kind.code() };
        let mut tree = self.fields(&at, kind.fields());
        tree.insert("kind".into(), json!(kind.code()));
        change(&mut tree);
        let faults = draft::judge(kind, &tree);
        assert!(faults.is_empty(), "{name}: {faults:?}");
        let mut body = Body { tree, ..Body::default() };
        self.voices(&at, &mut body);
        entries(&mut body);
        let mut line = line_of(kind, &id, &"0".repeat(64), &body, ("obsalpha", NOW - 9_000, NOW - 8_000 + self.next as i64));
        line.continues = None;
        self.records.push((line, body));
    }

    fn fields(&mut self, at: &At, table: &'static [Field]) -> Tree {
        let mut tree = Tree::new();
        for row in table {
            if let Some(value) = self.field(at, row) {
                tree.insert(row.name.into(), value);
            }
        }
        tree
    }

    fn field(&mut self, at: &At, row: &'static Field) -> Option<Value> {
        match row.shape {
            Shape::One(leaf) => self.leaf(at, row, leaf),
            Shape::Text => self.leaf(at, row, Leaf::Line),
            Shape::Set => Some(json!([self.mark(at, row, Leaf::Term, |n| (json!(format!("mk{n:06}")), vec![format!("mk{n:06}")]))])),
            Shape::Map(leaf) => {
                let term = format!("it{:06}", self.number());
                Some(json!({ term: self.leaf(at, row, leaf)? }))
            }
            Shape::Many(inner) | Shape::Log(inner) => Some(self.list(at, inner, row.of)),
            Shape::Group(inner) => Some(Value::Object(self.fields(&At { entity: row.of, ..*at }, inner))),
        }
    }

    /// Some entries; each about one of the owners where there are several.
    fn list(&mut self, at: &At, inner: &'static [Field], entity: &'static str) -> Value {
        let mut list = Tree::new();
        for turn in 0..self.entries.max(at.owners.len()) {
            let n = self.number();
            let owner = at.owners.chars().nth(turn).unwrap_or(at.owner);
            let of_one = matches!(entity, "party" | "charge" | "outcome" | "accused_checks");
            let at = At { entity, owner: if of_one { owner } else { at.owner }, ..*at };
            list.insert(format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)), Value::Object(self.fields(&at, inner)));
        }
        Value::Object(list)
    }

    fn mark(&mut self, at: &At, row: &'static Field, leaf: Leaf, make: impl FnOnce(u64) -> (Value, Vec<String>)) -> Value {
        let (value, words) = make(self.number());
        let shared = at.owners.len() > 1 && !matches!(at.entity, "party" | "charge" | "outcome" | "accused_checks");
        let owner = if shared { '*' } else { at.owner };
        self.marked.push(Marked { record: at.id.into(), owner, kind: at.kind, entity: at.entity, field: row.name, class: row.class, leaf, words });
        value
    }

    fn leaf(&mut self, at: &At, row: &'static Field, leaf: Leaf) -> Option<Value> {
        if (at.entity, row.name) == ("meta", "privacy") {
            return Some(json!("P"));
        }
        if leaf == Leaf::Ref && !matches!(at.entity, "meta" | "query") {
            return Some(json!(target(at, row)));
        }
        let name = at.entity == "name_form" && row.name == "text";
        Some(self.mark(at, row, leaf, |n| single(leaf, n, name)))
    }

    /// Another voice for every value at the top that decides nothing.
    fn voices(&mut self, at: &At, body: &mut Body) {
        if matches!(at.kind, Kind::Consent | Kind::Mandate) {
            return;
        }
        for row in at.kind.fields() {
            let Shape::One(leaf) = row.shape else { continue };
            let decides =
                leaf == Leaf::Ref || matches!(row.name, "category" | "torture_allegation_may_be_sent" | "sha256" | "vocabulary" | "code" | "detached");
            let Some(value) = body.tree.get(row.name).filter(|_| !decides).cloned() else { continue };
            let Some(other) = self.leaf(at, row, leaf) else { continue };
            let voice = |id: &str, value: Value, by: &str| VoiceRow { id: id.into(), value, mark: MarkRow { by: by.into(), at: NOW - 500 } };
            body.voices.insert(row.name.into(), vec![voice("00", value, "obsbeta"), voice("01", other, "obsgamma")]);
        }
    }
}

fn entries(body: &mut Body) {
    for list in ["transitions", "statements", "links", "custody", "follow_ups"] {
        for key in body.tree.get(list).and_then(Value::as_object).into_iter().flat_map(Tree::keys) {
            body.entries.insert(format!("{list}/{key}"), MarkRow { by: "obsgamma".into(), at: NOW - 700 });
        }
    }
}

/// What a reference leads to: records of the same owner.
fn target(at: &At, row: &Field) -> String {
    let own = |kind: &str| id(&format!("{kind} {}", at.owner));
    match (at.entity, row.name) {
        ("person", "from_group") | ("identity_link", "other") => id("person C"),
        ("chain", _) => id("incident other"),
        ("evidence", "relates_to") => own("detention"),
        _ if row.of.contains("person") => own("person"),
        _ if ["incident", "place", "official", "publication"].contains(&row.of) => id(&format!("{} 0", row.of)),
        _ => own(row.of),
    }
}

fn single(leaf: Leaf, n: u64, name: bool) -> (Value, Vec<String>) {
    let day = date(1000, 1, 1).checked_add((7 * n as i64).days()).unwrap().to_string();
    let time = format!("{:02}:{:02}:{:02}", n / 3600 % 24, n / 60 % 60, n % 60);
    let text = format!("zq{n:06}w");
    let big = (3_000_000_000 + n).to_string();
    let moment = json!({ "date": day, "time": time, "offset_min": 300 });
    match leaf {
        Leaf::Line if name => (json!(word(n)), vec![word(n)]),
        Leaf::Line => (json!(text), vec![text]),
        Leaf::Code | Leaf::Term => (json!(format!("mk{n:06}")), vec![format!("mk{n:06}")]),
        Leaf::Ref | Leaf::Hash => (json!(id(&text)), vec![id(&text)]),
        Leaf::When => (moment, vec![day, time]),
        Leaf::Count => (json!({"op": "exact", "value": big, "unit": "persons", "as_printed": text, "as_of": moment}), vec![big, text, day, time]),
        Leaf::Answer => (json!({"value": "yes", "note": text, "at": moment}), vec![text, day, time]),
        Leaf::Age => (json!({"born": day}), vec![day]),
        Leaf::Place => {
            let (latitude, longitude) = (4_300_000 + n, 7_600_000 + n);
            let exact = json!({"latitude_e5": latitude, "longitude_e5": longitude, "radius_m": 10});
            let words = vec![text.clone(), format!("\"latitude_e5\":{latitude}"), format!("\"longitude_e5\":{longitude}")];
            (json!({"record": id("place 0"), "text": text, "coordinates": exact}), words)
        }
        Leaf::Provision => (json!({"instrument": "KZ-CC-2014", "article": text, "as_printed": format!("p{text}")}), vec![text]),
        Leaf::Money => (json!({"amount": big, "currency": "KZT"}), vec![big]),
        Leaf::Length => (json!({"days": big}), vec![big]),
        Leaf::Number => (json!(3_000_000_000 + n), vec![big]),
        Leaf::Decimal => (json!(big), vec![big]),
        Leaf::Flag => (json!(false), vec![]),
        Leaf::Entry => (json!(format!("{:016x}", n + (0xabc << 52))), vec![format!("{:016x}", n + (0xabc << 52))]),
        Leaf::Secret => (json!({"sealed": format!("5ec{n:013x}")}), vec![format!("5ec{n:013x}")]),
    }
}

/// Everything yes, lasting, of 2026.
fn consented(tree: &mut Tree) {
    let purposes = ["share_with_lawyer", "share_with_partners", "press", "publish_name", "publish_photo"];
    let purposes: BTreeMap<&str, Value> = purposes.into_iter().map(|purpose| (purpose, json!({"value": "yes"}))).collect();
    tree["statements"]["ffffffffffffffff"] =
        json!({"stated": {"date": "2026-01-01"}, "purposes": purposes, "torture_allegation_may_be_sent": {"value": "yes"}});
}

fn empowered(tree: &mut Tree) {
    tree.insert("scope".into(), json!(["criminal_case", "detention"]));
    tree.insert("valid_to".into(), json!({"date": "2099"}));
    tree.remove("revoked_at");
}

/// Three people, A with everything alone, B beside A in a trial, C elsewhere.
pub fn full() -> Maker {
    seeded(0)
}

/// The same with other values, and with what is nowhere else: a hand-over in the ledger, a detached file, a power of attorney that was taken back.
pub fn everything(seed: u64) -> Maker {
    let mut maker = seeded(seed);
    maker.add(Kind::Handover, "handover A", &|_| {});
    maker.add(Kind::Evidence, "old evidence A", &|_| {});
    maker.add(Kind::Mandate, "old mandate A", &|_| {});
    maker
}

fn seeded(seed: u64) -> Maker {
    let mut maker = Maker::new(seed);
    let same = |_: &mut Tree| {};
    for name in ["publication 0", "place 0", "official 0", "source 0", "incident 0", "figure 0", "term 0"] {
        let kind = Kind::named(name.split(' ').next().unwrap()).unwrap();
        maker.add(kind, name, &same);
    }
    for person in ["A", "B", "C"] {
        let name = |kind: &str| format!("{kind} {person}");
        maker.add(Kind::Person, &name("person"), &same);
        maker.add(Kind::Detention, &name("detention"), &same);
        maker.add(Kind::Act, &name("act"), &|tree| drop(tree.insert("category".into(), json!("beating"))));
        maker.add(Kind::Trial, &name("trial"), &same);
        maker.add(Kind::Evidence, &name("evidence"), &|tree| {
            drop(tree.remove("detached"));
            tree.insert("category".into(), json!("photo"));
        });
        maker.add(Kind::Consent, &name("consent"), &consented);
        maker.add(Kind::Mandate, &name("mandate"), &empowered);
        maker.add(Kind::Action, &name("action"), &same);
        maker.add(Kind::Decision, &name("decision"), &same);
    }
    maker.add(Kind::Trial, "trial AB", &same);
    maker
}
