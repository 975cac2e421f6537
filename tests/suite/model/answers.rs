//! Not asked, unclear, no and not applicable are four things, and nothing is observed by default.

use sandyq::doc::{Author, Document};
use sandyq::model::draft::judge;
use sandyq::model::entity::Detention;
use sandyq::model::value::{Answer, Tri};
use sandyq::model::{Kind, Record, Tree};
use serde_json::{Value, json};

fn detention(rights: Value) -> Tree {
    let mut tree = json!({"kind": "detention", "person": "a".repeat(64)}).as_object().unwrap().clone();
    if !rights.is_null() {
        tree.insert("rights".into(), rights);
    }
    tree
}

fn through_a_document(tree: &Tree) -> Tree {
    let author = Author { actor: &[1; 32], time: 7, message: None };
    Document::create(Kind::Detention.fields(), tree, &author).unwrap().0.read().tree
}

fn typed(tree: &Tree) -> Detention {
    let Record::Detention(detention) = Record::from_tree(Kind::Detention, tree).unwrap() else { panic!("a detention was read as something else") };
    *detention
}

#[test]
fn absent_unclear_no_and_not_applicable_are_four_trees() {
    let given = [Value::Null, json!({"R03": {"value": "unclear"}}), json!({"R03": {"value": "no"}}), json!({"R03": {"value": "not_applicable"}})];
    let trees: Vec<Tree> = given.into_iter().map(|rights| through_a_document(&detention(rights))).collect();
    let key = "R03".parse().unwrap();
    let read: Vec<Option<Tri>> = trees.iter().map(|tree| typed(tree).rights.get(&key).map(|answer| answer.value)).collect();
    assert_eq!(read, [None, Some(Tri::Unclear), Some(Tri::No), Some(Tri::NotApplicable)]);
    assert!((0..4).all(|a| (0..a).all(|b| trees[a] != trees[b])));
}

#[test]
fn answer_is_kept_whole() {
    let whole = json!({"value": "no", "basis": "told_by_lawyer", "at": {"date": "2018-05-10", "time": "23:40", "offset_min": 360}, "note": "«жоқ», she said"});
    let tree = detention(json!({"R04": whole}));
    assert_eq!(judge(Kind::Detention, &tree), []);
    assert_eq!(through_a_document(&tree)["rights"]["R04"], whole);
    assert_eq!(serde_json::to_value(serde_json::from_value::<Answer>(whole.clone()).unwrap()).unwrap(), whole);
}

#[test]
fn answer_without_a_value_is_no_answer() {
    let refused = [json!({}), json!({"note": "x"}), json!({"value": null}), json!({"value": "not_asked"}), json!(false)];
    assert!(refused.into_iter().all(|answer| serde_json::from_value::<Answer>(answer).is_err()));
}

#[test]
fn least_record_of_each_kind_states_nothing_but_what_it_needs() {
    let least = typed(&detention(Value::Null));
    let written = serde_json::to_value(least).unwrap();
    assert_eq!(written, json!({"person": "a".repeat(64)}));
    let Record::Person(person) = Record::from_tree(Kind::Person, &Tree::new()).unwrap() else { panic!("a person was read as something else") };
    assert_eq!(serde_json::to_value(*person).unwrap(), json!({}));
}

#[test]
fn empty_document_reads_as_nothing_asked() {
    assert_eq!(through_a_document(&detention(Value::Null)), detention(Value::Null));
}
