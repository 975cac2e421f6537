//! Records thrown from the table of fields, and ways to break them; the same seed gives the same record.

use sandyq::model::{Field, Kind, Leaf, Shape, Tree};
use serde_json::{Value, json};

/// A small seeded generator (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.throw() % end as u64) as usize
    }

    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn text(&mut self, letters: &str, least: usize, most: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        let length = least + self.below(most - least + 1);
        (0..length).map(|_| *self.pick(&letters)).collect()
    }
}

/// A whole record of a kind, as it may be stored.
pub fn record(dice: &mut Dice, kind: Kind) -> Tree {
    let mut tree = fields(dice, kind.fields());
    tree.insert("kind".into(), json!(kind.code()));
    tree
}

fn fields(dice: &mut Dice, table: &'static [Field]) -> Tree {
    let chosen: Vec<&Field> = table.iter().filter(|f| f.required || dice.one_in(3)).collect();
    chosen.into_iter().map(|field| (field.name.to_owned(), value(dice, field.shape))).collect()
}

fn value(dice: &mut Dice, shape: Shape) -> Value {
    match shape {
        Shape::One(leaf) => single(dice, leaf),
        Shape::Text => json!(dice.text("абвҚқ xyz.\n\t", 1, 300)),
        Shape::Set => {
            let terms: std::collections::BTreeSet<String> = (0..dice.below(4)).map(|_| term(dice)).collect();
            json!(terms)
        }
        Shape::Map(leaf) => (0..dice.below(4)).map(|_| (term(dice), single(dice, leaf))).collect(),
        Shape::Many(inner) | Shape::Log(inner) => (0..dice.below(3)).map(|_| (key(dice), Value::Object(fields(dice, inner)))).collect(),
        Shape::Group(inner) => Value::Object(fields(dice, inner)),
    }
}

fn single(dice: &mut Dice, leaf: Leaf) -> Value {
    match leaf {
        Leaf::Line => line(dice),
        Leaf::Code | Leaf::Term => json!(term(dice)),
        Leaf::Ref | Leaf::Hash => json!(dice.text("0123456789abcdef", 64, 64)),
        Leaf::When => when(dice),
        Leaf::Count => count(dice),
        Leaf::Answer => answer(dice),
        Leaf::Age => some_of(dice, &[("born", date), ("years", |d| json!(d.below(131))), ("band", |d| json!(term(d))), ("seems_minor", flag)]),
        Leaf::Place => some_of(dice, &[("record", |d| single(d, Leaf::Ref)), ("known", |d| json!(term(d))), ("text", line), ("coordinates", coordinates)]),
        Leaf::Provision => provision(dice),
        Leaf::Money => with(dice, json!({"amount": decimal(&mut Dice(1)), "currency": "KZT"}), &[("to", decimal)]),
        Leaf::Length => some_of(dice, &[("years", decimal), ("months", decimal), ("days", decimal), ("life", flag)]),
        Leaf::Number => json!(*dice.pick(&[0u64, 1, 7, 4_294_967_295])),
        Leaf::Decimal => decimal(dice),
        Leaf::Flag => flag(dice),
        Leaf::Entry => json!(key(dice)),
        Leaf::Secret if dice.one_in(2) => json!({"sealed": dice.text("0123456789abcdef", 1, 20).repeat(2)}),
        Leaf::Secret => line(dice),
    }
}

fn flag(dice: &mut Dice) -> Value {
    json!(dice.one_in(2))
}

fn key(dice: &mut Dice) -> String {
    dice.text("0123456789abcdefxyz-", 1, 32)
}

fn term(dice: &mut Dice) -> String {
    dice.text("aAzZ09", 1, 1) + &dice.text("aAzZ09-._/", 0, 63)
}

fn line(dice: &mut Dice) -> Value {
    let most = if dice.one_in(20) { 1_999 } else { 20 };
    json!(dice.text("aZ", 1, 1) + &dice.text("aZ әҚё«»'\"\\/{}\u{a0}\u{301}\u{1f600}", 0, most))
}

fn decimal(dice: &mut Dice) -> Value {
    json!(*dice.pick(&["0", "1", "150", "720", "0.5", "999999999999999.999999", "10.100000"]))
}

fn date(dice: &mut Dice) -> Value {
    json!(*dice.pick(&[
        "2018",
        "2018-05",
        "2018-05-10",
        "2016-02-29",
        "2017-02-29",
        "2018?",
        "2018-05~",
        "2018-05-10%",
        "2018/2019-01",
        "../2018",
        "2018-05-10/.."
    ]))
}

fn when(dice: &mut Dice) -> Value {
    let stem = match dice.below(4) {
        0 => json!({"precision": "unknown"}),
        1 => json!({"date": date(dice), "qualifier": dice.pick(&["exact", "about", "before", "after"])}),
        2 => {
            json!({"date": "2018-05-10", "time": dice.pick(&["00:00", "23:59", "23:40:59"]), "precision": dice.pick(&["second", "minute", "quarter_hour", "hour"])})
        }
        _ => json!({"date": "2018-05-10", "time": "23:10", "to_time": dice.pick(&["00:10", "23:50"]), "qualifier": "between"}),
    };
    with(dice, stem, &[("offset_min", |d| json!(*d.pick(&[-1080, 0, 300, 360, 1080]))), ("part_of_day", |d| json!(term(d))), ("basis", |d| json!(term(d)))])
}

fn count(dice: &mut Dice) -> Value {
    let stem = match dice.below(3) {
        0 => json!({"op": dice.pick(&["dozens", "few_dozen", "several_dozen", "hundreds", "numerous", "unknown"]), "unit": term(dice)}),
        1 => json!({"op": dice.pick(&["exact", "more_than", "at_least", "about", "up_to"]), "value": decimal(dice), "unit": term(dice)}),
        _ => json!({"op": "between", "value": decimal(dice), "to": decimal(dice), "unit": term(dice)}),
    };
    with(dice, stem, &[("as_printed", line), ("as_of", when), ("by", |d| json!(term(d)))])
}

fn answer(dice: &mut Dice) -> Value {
    let stem = json!({"value": dice.pick(&["yes", "no", "unclear", "not_applicable"])});
    with(dice, stem, &[("basis", |d| json!(term(d))), ("at", when), ("note", line)])
}

fn provision(dice: &mut Dice) -> Value {
    let stem = json!({"instrument": term(dice), "article": line(dice)});
    with(dice, stem, &[("part", line), ("item", line), ("as_printed", line), ("inferred", flag)])
}

fn coordinates(dice: &mut Dice) -> Value {
    json!({"latitude_e5": dice.pick(&[-9_000_000, 0, 9_000_000]), "longitude_e5": dice.pick(&[-18_000_000, 0, 18_000_000]), "radius_m": dice.pick(&[0u32, u32::MAX])})
}

type Part = (&'static str, fn(&mut Dice) -> Value);

fn with(dice: &mut Dice, mut stem: Value, parts: &[Part]) -> Value {
    for (name, make) in parts {
        if dice.one_in(3) {
            stem[*name] = make(dice);
        }
    }
    stem
}

/// At least one of the parts.
fn some_of(dice: &mut Dice, parts: &[Part]) -> Value {
    let (name, make) = *dice.pick(parts);
    let first = make(dice);
    let mut whole = with(dice, json!({}), parts);
    whole[name] = first;
    whole
}

/// Breaks a record, or changes it harmlessly, at a random place below the top.
pub fn break_somewhere(dice: &mut Dice, tree: &mut Tree) {
    let at = dice.below(tree.len());
    match tree.values_mut().nth(at) {
        Some(Value::Object(inner)) if !inner.is_empty() && !dice.one_in(3) => break_somewhere(dice, inner),
        Some(Value::Array(items)) if !items.is_empty() && dice.one_in(2) => {
            let item = if dice.one_in(2) { items[0].clone() } else { junk(dice) };
            items.push(item);
        }
        _ => break_here(dice, tree, at),
    }
}

fn break_here(dice: &mut Dice, tree: &mut Tree, at: usize) {
    let name = tree.keys().nth(at).cloned().unwrap_or_default();
    match dice.below(4) {
        0 => drop(tree.remove(&name)),
        1 => drop(tree.insert(dice.text("aZ_ -0ә\u{202e}", 0, 70), junk(dice))),
        2 => drop(tree.remove(&name).map(|value| tree.insert(name + "_", value))),
        _ => drop(tree.insert(name, junk(dice))),
    }
}

/// Anything JSON can hold. Whole numbers written with a point are left out: to a schema they are whole numbers.
fn junk(dice: &mut Dice) -> Value {
    let texts = ["", " ", "x", "X-1", "жен", "a\u{202e}b", "a\nb", "2018-05-10", "2018-13", "24:00", "04", "1.5", "yes", "between", "0a"];
    match dice.below(6) {
        0 => Value::Null,
        1 => json!(*dice.pick(&[0i64, -1, 1, 130, 131, 4_294_967_295, 4_294_967_296, 9_000_001, i64::MIN])),
        2 => json!(*dice.pick(&texts)),
        3 => dice.pick(&[json!([]), json!({}), json!(["yes"]), json!([["x"]]), json!({"": ""}), json!(1.5), json!(true)]).clone(),
        4 => json!(dice.text("ab 0\u{200b}\u{7f}", 1, 70)),
        _ => [when, count, answer, provision, coordinates, line][dice.below(6)](dice),
    }
}
