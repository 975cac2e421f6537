//! "More than 150" comes in, is kept, added up and handed on as "more than 150".

use sandyq::doc::{Author, Document};
use sandyq::model::Kind;
use sandyq::model::value::{Count, Op};
use serde_json::{Value, json};

fn persons(op: Op, value: u64) -> Count {
    Count::persons(op, Some(value))
}

fn count(value: Value) -> Result<Count, serde_json::Error> {
    serde_json::from_value(value)
}

/// Qualifier and number of a sum.
fn sum(figures: &[Count]) -> Option<(Op, String)> {
    Count::sum(figures).map(|total| (total.op, total.value.unwrap().to_string()))
}

#[test]
fn more_than_150_comes_back_as_more_than_150() {
    let given = json!({"op": "more_than", "value": "150", "unit": "persons", "as_printed": "more than 150", "by": "media"});
    assert_eq!(serde_json::to_value(count(given.clone()).unwrap()).unwrap(), given);
    let tree = json!({"kind": "incident", "category": "rally", "counts": {"f1": {"what": "detained", "count": given}}});
    let tree = tree.as_object().unwrap();
    let author = Author { actor: &[1; 32], time: 7, message: None };
    let (document, change) = Document::create(Kind::Incident.fields(), tree, &author).unwrap();
    let elsewhere = Document::open(Kind::Incident.fields(), [change.bytes.as_slice()]).unwrap();
    assert_eq!([&document.read().tree, &elsewhere.read().tree], [tree, tree]);
}

#[test]
fn every_qualifier_keeps_its_name() {
    let ops = [
        Op::Exact,
        Op::MoreThan,
        Op::AtLeast,
        Op::About,
        Op::UpTo,
        Op::Between,
        Op::Dozens,
        Op::FewDozen,
        Op::SeveralDozen,
        Op::Hundreds,
        Op::Numerous,
        Op::Unknown,
    ];
    for op in ops {
        assert_eq!(json!(op), op.code());
        let with_number = json!({"op": op, "value": "4", "unit": "persons"});
        assert_eq!(count(with_number).is_ok(), op.takes_value() && op != Op::Between, "{op:?}");
        assert_eq!(count(json!({"op": op, "unit": "persons"})).is_ok(), !op.takes_value(), "{op:?}");
    }
}

#[test]
fn six_dated_figures_add_up_to_more_than_720() {
    let figures = [150, 200, 50, 20, 200, 100].map(|n| persons(Op::MoreThan, n));
    assert_eq!(sum(&figures), Some((Op::MoreThan, "720".into())));
}

#[test]
fn sum_is_no_surer_than_its_least_sure_part() {
    use Op::{About, AtLeast, Exact, MoreThan, UpTo};
    let cases = [
        (Exact, Exact, Exact),
        (Exact, MoreThan, MoreThan),
        (AtLeast, Exact, AtLeast),
        (UpTo, Exact, UpTo),
        (UpTo, UpTo, UpTo),
        (About, Exact, About),
        (AtLeast, MoreThan, MoreThan),
        (About, MoreThan, About),
        (About, UpTo, About),
    ];
    for (a, b, expected) in cases {
        let both = [[persons(a, 4), persons(b, 5)], [persons(b, 5), persons(a, 4)]];
        assert_eq!(both.map(|figures| sum(&figures)), [Some((expected, "9".into())), Some((expected, "9".into()))], "{a:?} {b:?}");
    }
}

#[test]
fn opposite_bounds_have_no_sum_in_any_order() {
    for (a, b) in [(Op::UpTo, Op::AtLeast), (Op::UpTo, Op::MoreThan), (Op::AtLeast, Op::UpTo), (Op::MoreThan, Op::UpTo)] {
        assert_eq!(sum(&[persons(a, 4), persons(b, 5)]), None);
        assert_eq!(sum(&[persons(a, 4), persons(Op::Exact, 1), persons(b, 5)]), None);
        assert_eq!(sum(&[persons(a, 4), persons(Op::About, 1), persons(b, 5)]), None, "{a:?} about {b:?}");
        assert_eq!(sum(&[persons(Op::About, 1), persons(a, 4), persons(b, 5)]), None, "about {a:?} {b:?}");
    }
}

#[test]
fn words_without_a_number_are_never_added() {
    let dozens = Count::persons(Op::Dozens, None);
    let between = count(json!({"op": "between", "value": "4", "to": "5", "unit": "persons"})).unwrap();
    assert_eq!(sum(&[persons(Op::Exact, 4), dozens.clone()]), None);
    assert_eq!(sum(&[dozens]), None);
    assert_eq!(sum(&[persons(Op::Exact, 4), between]), None);
    assert_eq!(Count::sum([]), None);
}

#[test]
fn figures_of_different_units_are_never_added() {
    let cases = count(json!({"op": "exact", "value": "4", "unit": "cases"})).unwrap();
    assert_eq!(sum(&[persons(Op::Exact, 4), cases]), None);
}

#[test]
fn sum_says_nothing_of_who_printed_its_parts() {
    let printed = count(json!({"op": "exact", "value": "4", "unit": "persons", "as_printed": "four", "by": "media", "as_of": {"date": "2018"}})).unwrap();
    assert_eq!(Count::sum([&printed]), Some(persons(Op::Exact, 4)));
    assert_eq!(Count::sum([&printed, &printed]), Some(persons(Op::Exact, 8)));
}

#[test]
fn decimals_are_added_without_rounding() {
    let part = |value: &str| count(json!({"op": "exact", "value": value, "unit": "percent"})).unwrap();
    assert_eq!(sum(&[part("0.1"), part("0.2")]), Some((Op::Exact, "0.3".into())));
    assert_eq!(sum(&[part("0.000001"), part("999999999999998.999999")]), Some((Op::Exact, "999999999999999".into())));
    assert_eq!(sum(&[part("1"), part("999999999999999")]), None, "a sum with more digits than a figure may have");
}

#[test]
fn zero_stays_zero() {
    assert_eq!(sum(&[persons(Op::Exact, 0), persons(Op::Exact, 0)]), Some((Op::Exact, "0".into())));
    assert_eq!(sum(&[persons(Op::Exact, 10), persons(Op::Exact, 20)]), Some((Op::Exact, "30".into())));
}
