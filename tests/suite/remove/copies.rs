//! Honest work on an entry that was set aside: it stands as a separate copy, the same for everybody, until the entry is adopted.

use std::collections::BTreeMap;

use sandyq::model::Kind;
use sandyq::session::Choice;
use sandyq::sync::judge::InProcess;
use sandyq::team::Role;
use sandyq::vault::Silent;
use serde_json::json;

use super::super::carry::support::{Desk, of_files};
use super::aside_team::{Team, adopts, code, copies, parcel_of, sets_aside};
use crate::support::NOW;

#[test]
fn honest_work_on_an_entry_that_was_set_aside_stands_as_a_separate_copy_until_it_is_adopted() {
    let mut team = Team::new(300);
    let person = team.person.clone();
    team.three.edit(&person, &json!({ "occupation": "nurse" }));
    team.meet();
    team.two.edit(&person, &json!({ "sex": "female" }));
    team.meet();
    let (whole, exported) = (team.one.seen(), lines(&mut team.one));
    let aside = parcel_of(&mut team.one, &person, 1);
    let done = sets_aside(&mut team.one, &aside);
    assert_eq!((done.done, done.behind, done.left), (1, 1, BTreeMap::new()));
    team.meet();
    team.agrees();

    let [copy] = copies(&mut team.two).try_into().expect("one copy");
    assert_eq!((copy.copy_of.as_deref(), copy.title.as_str()), (Some(person.as_str()), "Мария Ким"));
    let shown = team.two.session.show(&copy.id).expect("shown");
    assert_eq!((&shown.tree["occupation"], &shown.tree["sex"]), (&json!("nurse"), &json!("female")));
    let record = team.two.session.show(&person).expect("shown");
    assert_eq!((record.tree.get("occupation"), record.tree.get("sex"), record.copies), (None, None, vec![copy.id.clone()]));
    let authors: Vec<String> = team.two.session.history(&copy.id).expect("a history").into_iter().map(|(by, _)| by).collect();
    assert_eq!(authors, ["M-3", "M-3", "M-2"]);
    assert!(team.two.session.find("мария").expect("found").contains(&copy));

    let session = &mut team.two.session;
    assert_eq!(code(session.edit(&copy.id, &json!({ "sex": "male" }))), "record-copy");
    assert_eq!(code(session.step(&copy.id, &json!({ "status": "remand" }))), "record-copy");
    assert_eq!(code(session.decide(&copy.id, "sex", "x", "")), "record-copy");
    assert_eq!(code(session.link(&copy.id, &person, "same", "")), "record-copy");
    assert_eq!(code(session.link(&person, &copy.id, "same", "")), "record-copy");
    assert_eq!(code(session.consent(&copy.id, &json!({ "given_by": "self" }))), "record-copy");
    assert_eq!(code(session.withdraw(&copy.id)), "record-copy");
    assert_eq!(code(session.add(&[(Kind::Detention, json!({ "person": copy.id }))])), "draft-invalid", "nothing points to a copy");
    assert_eq!((session.overview().expect("counted").records, session.separate_copies().expect("counted")), (2, 1));
    assert_eq!(lines(&mut team.two).len(), exported.len());

    let done = adopts(&mut team.two, &aside);
    assert_eq!((done.done, done.left), (1, BTreeMap::new()));
    team.meet();
    team.agrees();
    assert_eq!((team.one.seen(), copies(&mut team.three)), (whole, Vec::new()));
    let adopted = team.one.session.adopted_in(&person).expect("listed").remove(0);
    assert_eq!((adopted.author.as_str(), adopted.by.as_str(), adopted.parcels), ("M-3", "M-2", vec![aside]));
}

/// What an export writes, and that it leaves copies out.
fn lines(desk: &mut Desk) -> Vec<String> {
    let mut rows = Vec::new();
    let done = desk.session.export(false, &mut |row| {
        rows.push(row.to_owned());
        Ok(())
    });
    let copies = copies(desk).len() as u64;
    assert_eq!(done.expect("exported").copies_withheld, copies);
    rows
}

#[test]
fn a_copy_stands_alone_where_the_beginning_of_its_record_is_set_aside() {
    let mut team = Team::new(400);
    let person = team.person.clone();
    team.two.edit(&person, &json!({ "sex": "female" }));
    team.meet();
    let begun = parcel_of(&mut team.one, &person, 0);
    sets_aside(&mut team.one, &begun);
    team.meet();
    team.agrees();
    let [copy] = copies(&mut team.three).try_into().expect("one copy");
    assert_eq!(copy.copy_of.as_ref(), Some(&person));
    assert_eq!(code(team.three.session.show(&person)), "record-absent");
    let rows = team.one.session.set_aside_list(None, &mut InProcess).expect("listed");
    let whys: Vec<(&str, &str)> = rows.iter().map(|row| (row.why.as_str(), row.title.as_str())).collect();
    assert_eq!(whys, [("waiting-behind", "Мария Ким"), ("aside-by-admin", "Мария Ким")]);
    assert_eq!(rows[1].decided.as_ref().map(|decided| decided.reason.as_str()), Some("heard otherwise"));
    assert_eq!(code(team.one.session.adopt(&Choice { parcels: &[rows[0].id.clone()], ..Choice::default() }, "r", &mut InProcess)), "parcel-not-aside");
    adopts(&mut team.one, &begun);
    team.meet();
    team.agrees();
    assert_eq!(copies(&mut team.three), []);
}

#[test]
fn a_copy_is_the_same_for_who_got_the_work_before_the_decision_and_for_who_got_it_after() {
    let mut team = Team::new(500);
    let person = team.person.clone();
    team.three.edit(&person, &json!({ "occupation": "nurse" }));
    team.meet();
    let mut late = Desk::alone("M-5", 4000);
    team.one.admits(&mut late, Role::Editor);
    let aside = parcel_of(&mut team.one, &person, 1);
    // M-2 goes on without knowing of the decision.
    team.two.edit(&person, &json!({ "sex": "female" }));
    sets_aside(&mut team.one, &aside);
    assert_eq!(copies(&mut team.one), []);
    team.meet();
    team.agrees();
    let mut stick = of_files(team.three.files());
    late.sync(&mut stick);
    assert_eq!((copies(&mut late).len(), late.seen()), (1, team.one.seen()));
    // And where everything but the parcels was lost.
    let (seen, backup) = (late.seen(), late.home.path().join("backup"));
    late.session.vault_mut().backup(&backup, NOW, &mut Silent).expect("backed up");
    let kept = tempfile::tempdir().expect("a folder");
    std::fs::copy(&backup, kept.path().join("backup")).expect("copied");
    late.restored(&kept.path().join("backup"), 4100);
    assert!(late.seen() == seen, "restored it shows something else");
    // Further work on it makes another copy of all of it.
    let before = copies(&mut team.one).remove(0);
    team.one.detained("Person B");
    adopts(&mut team.two, &aside);
    team.two.edit(&person, &json!({ "names": [{ "text": "Мария К." }] }));
    let again = team.two.session.set_aside(&[aside], "now sure", &mut InProcess).expect("set aside");
    assert_eq!((again.done, again.behind), (1, 2));
    team.meet();
    team.agrees();
    let [after] = copies(&mut team.one).try_into().expect("one copy");
    assert_ne!(after.id, before.id);
}
