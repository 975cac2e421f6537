//! A record that very many people edited while apart can still be edited.

use sandyq::doc::{Author, ChangeBytes, DocError, Document, MAX_DEPS, ScanError, Verdict, examine, scan};
use sandyq::model::Kind;
use serde_json::json;

use super::{change, opened, person};

fn numbered(n: u16) -> Author<'static> {
    let mut actor = [7; 32];
    actor[..2].copy_from_slice(&n.to_be_bytes());
    Author { actor: Box::leak(Box::new(actor)), time: 1_526_000_000 + i64::from(n), message: None }
}

/// A person whom so many people edited at once.
fn crowd(people: u16) -> Vec<ChangeBytes> {
    let (_, first) = person();
    let edits = (1..=people).map(|n| change(&mut opened(&[&first]), &numbered(n), json!({"occupation": format!("{n}")})));
    std::iter::once(first.clone()).chain(edits.collect::<Vec<_>>()).collect()
}

fn open(changes: &[ChangeBytes]) -> Document {
    Document::open(Kind::Person.fields(), changes.iter().map(|c| c.bytes.as_slice())).unwrap()
}

#[test]
fn record_with_three_hundred_newest_changes_is_joined_in_steps_and_edited() {
    let mut changes = crowd(300);
    let mut document = open(&changes);
    let mut after = document.read().tree;
    after.insert("occupation".into(), json!("welder"));
    let refused = document.edit(&after, &numbered(1_000));
    assert!(matches!(refused, Err(DocError::TooLarge(ScanError::TooManyDeps))), "{refused:?}");
    let steps = document.heads_to_join();
    for step in 0..steps {
        assert_eq!(document.heads_to_join(), steps - step);
        let joined = document.join_step(&numbered(2_000 + step as u16)).unwrap().unwrap();
        assert_eq!((joined.deps.len(), scan(&joined.bytes).unwrap().ops), (MAX_DEPS, 0));
        changes.push(joined);
    }
    assert_eq!((steps, document.heads_to_join(), document.join_step(&numbered(3_000)).unwrap()), (2, 0, None));
    changes.push(document.edit(&after, &numbered(1_000)).unwrap().unwrap());
    assert_eq!(document.heads().len(), 1);
    let new: Vec<Vec<u8>> = changes.iter().map(|change| change.bytes.clone()).collect();
    let examined = examine(&[], &new);
    assert!(examined.verdicts.iter().all(|verdict| *verdict == Verdict::Accepted), "{:?}", examined.verdicts);
    assert_eq!(examined.view.unwrap().reading, document.read());
}

#[test]
fn record_with_few_newest_changes_needs_no_joining() {
    let mut document = open(&crowd(MAX_DEPS as u16));
    assert_eq!((document.heads().len(), document.heads_to_join()), (MAX_DEPS, 0));
    assert_eq!(document.join_step(&numbered(1_000)).unwrap(), None);
    let written = change(&mut document, &numbered(1_001), json!({"sex": "female"}));
    assert_eq!(written.deps.len(), MAX_DEPS);
}
