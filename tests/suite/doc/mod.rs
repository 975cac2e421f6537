//! One record as one document: what two devices write is kept, merged and told apart.

mod caps;
mod edits;
mod examine;
mod garbage;
mod history;
mod join;
mod newer;
mod order;
mod scan;
mod voices;

pub use examine::story;
use sandyq::doc::{Author, ChangeBytes, Document};
use sandyq::model::{Kind, Tree};
use serde_json::{Value, json};

/// Who writes: every change has an actor of its own, its first byte names the device.
pub fn author(device: u8, change: u8) -> Author<'static> {
    let mut actor = [change; 32];
    actor[0] = device;
    Author { actor: Box::leak(Box::new(actor)), time: 1_526_000_000 + i64::from(change), message: None }
}

pub fn tree(value: Value) -> Tree {
    value.as_object().unwrap().clone()
}

/// A new record with its creating change, written by device 1.
pub fn created(kind: Kind, value: Value) -> (Document, ChangeBytes) {
    Document::create(kind.fields(), &tree(value), &author(1, 1)).unwrap()
}

pub fn person() -> (Document, ChangeBytes) {
    created(Kind::Person, json!({"kind": "person", "names": {"n1": {"text": "Aliya"}}, "languages": ["kk"], "narrative": "She came."}))
}

/// Edits a document as if somebody changed some fields of what they read.
pub fn change(document: &mut Document, author: &Author, fields: Value) -> ChangeBytes {
    let mut after = document.read().tree;
    after.extend(tree(fields));
    document.edit(&after, author).unwrap().unwrap()
}

/// Opens a person from changes in the order given.
pub fn opened(changes: &[&ChangeBytes]) -> Document {
    Document::open(Kind::Person.fields(), changes.iter().map(|c| c.bytes.as_slice())).unwrap()
}

/// Every order of some things.
pub fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = things.split_first() else { return vec![Vec::new()] };
    let place = |order: Vec<T>| (0..=order.len()).map(move |at| [&order[..at], std::slice::from_ref(first), &order[at..]].concat());
    orders(rest).into_iter().flat_map(place).collect()
}
