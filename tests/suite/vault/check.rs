use std::path::Path;

use sandyq::vault::{Body, Damage, Examined, Line, Notice, Silent, Vault};
use serde_json::json;

use crate::support::{Sample, opened, passphrase, session, trees};
use sandyq::model::Kind;

fn shown(vault: &mut Vault) -> Vec<(Line, Body)> {
    let view = vault.view().expect("a view");
    let mut rows = Vec::new();
    vault.each_body(&view, &mut |line, body| rows.push((line.clone(), body))).expect("bodies");
    rows.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    rows
}

fn examined(folder: &Path) -> Examined {
    Vault::open(folder, &passphrase()).expect("opens").check(&mut Silent).expect("examined")
}

/// Changes the database of a closed vault.
fn sql(folder: &Path, text: &str) {
    rusqlite::Connection::open(folder.join("store")).expect("a database").execute_batch(text).expect("changed");
}

#[test]
fn a_healthy_vault_is_called_whole() {
    let sample = Sample::new();
    let found = examined(&sample.vault());
    assert_eq!(found, Examined { files: 15, parcels: 14, records: 12, attachments: 1, faults: Vec::new(), stale: false });
}

#[test]
fn a_rebuilt_view_is_the_same_view() {
    let sample = Sample::new();
    let mut vault = Vault::open(&sample.vault(), &passphrase()).expect("opens");
    let (before, state) = (shown(&mut vault), vault.state().clone());
    let order = vault.view().expect("a view").lines().to_vec();
    assert!(vault.rebuild(&mut Silent).expect("rebuilt").faults.is_empty());
    assert_eq!(shown(&mut vault), before);
    assert_eq!(vault.view().expect("a view").lines(), order, "in the order in which they came");
    assert_eq!(sandyq::vault::State { segments: state.segments, ..vault.state().clone() }, state);
    assert!(!vault.check(&mut Silent).expect("examined").stale);
}

/// More commands than segments may stand: the view is merged on the way.
#[test]
fn a_view_of_many_commands_is_merged_and_stays_whole() {
    let sample = Sample::new();
    for number in 0..45 {
        let mut session = opened(&sample.vault());
        session.add(&[(Kind::Person, json!({ "names": [{ "text": format!("person {number}") }] }))]).expect("added");
        session.edit(&sample.ids[3], &json!({ "occupation": format!("job {number}") })).expect("edited");
        assert_eq!(session.list(None).expect("listed").len(), 13 + number);
        assert_eq!(session.vault().notices(), []);
    }
    let mut session = opened(&sample.vault());
    assert_eq!(session.show(&sample.ids[3]).expect("shown").tree["occupation"], "job 44");
    let ids: Vec<String> = session.list(None).expect("listed").into_iter().take(12).map(|line| line.id).collect();
    assert_eq!(ids, sample.ids, "a change moves no record");
    drop(session);
    let found = examined(&sample.vault());
    assert_eq!((found.records, found.faults.len(), found.stale), (57, 0, false));
}

#[test]
fn a_damaged_sealed_file_is_named_with_its_record() {
    let sample = Sample::new();
    sql(&sample.vault(), "UPDATE file SET body = zeroblob(length(body)) WHERE number = 5");
    let found = examined(&sample.vault());
    assert!(matches!(found.faults.as_slice(), [Damage::File { record: Some(record), .. }] if sample.ids.contains(record)), "{:?}", found.faults);
}

#[test]
fn a_sealed_file_that_is_gone_is_noticed_even_with_its_row_of_the_view() {
    for also in ["", "DELETE FROM view WHERE number = 2;", "DELETE FROM view;"] {
        let sample = Sample::new();
        sql(&sample.vault(), &format!("DELETE FROM file WHERE number = 8; {also}"));
        let found = examined(&sample.vault());
        assert!(matches!(found.faults.as_slice(), [Damage::Missing { .. }]), "{also}: {:?}", found.faults);
    }
}

#[test]
fn the_newest_parcel_is_missed_too() {
    let sample = Sample::new();
    sql(&sample.vault(), "DELETE FROM file WHERE number = 15; DELETE FROM view WHERE number = (SELECT max(number) FROM view)");
    assert!(matches!(examined(&sample.vault()).faults.as_slice(), [Damage::Missing { .. }]));
}

#[test]
fn a_piece_of_an_attached_file_that_is_gone_is_missed() {
    let sample = Sample::new();
    let mut session = opened(&sample.vault());
    let chunks = session.show(&sample.ids[11]).expect("shown").body.tree["chunks"].clone();
    drop(session);
    let name = chunks.as_object().and_then(|all| all.values().next()?["name"].as_str()).expect("a piece").to_owned();
    sql(&sample.vault(), &format!("DELETE FROM file WHERE name = x'{name}'"));
    assert_eq!(examined(&sample.vault()).faults, [Damage::Missing { name }]);
}

#[test]
fn a_view_that_lost_a_row_is_made_again_before_anybody_reads_it() {
    for gone in ["DELETE FROM view WHERE number = 2", "DELETE FROM view WHERE number = (SELECT max(number) FROM view)", "DELETE FROM view"] {
        let sample = Sample::new();
        sql(&sample.vault(), gone);
        let mut session = opened(&sample.vault());
        assert_eq!(trees(&mut session, &sample.ids).expect("shown"), sample.trees, "{gone}");
        assert_eq!(session.vault().notices(), [Notice::ViewMended], "{gone}");
        drop(session);
        assert_eq!(opened(&sample.vault()).vault().notices(), []);
    }
}

#[test]
fn a_lost_state_is_made_again_and_its_chain_goes_on() {
    let sample = Sample::new();
    let before = opened(&sample.vault()).vault().state().chains.clone();
    for lost in ["DELETE FROM slot WHERE name = 'state'", "UPDATE slot SET body = zeroblob(900) WHERE name = 'state'"] {
        sql(&sample.vault(), lost);
        let session = opened(&sample.vault());
        assert_eq!(session.vault().notices(), [Notice::ViewMended]);
        assert_eq!(session.vault().state().chains, before);
        assert_eq!(session.vault().state().records, 12);
    }
    let mut session = session(Vault::open(&sample.vault(), &passphrase()).expect("opens"), 77);
    session.add(&[(Kind::Person, json!({ "names": [{ "text": "one more" }] }))]).expect("added");
    drop(session);
    let found = examined(&sample.vault());
    assert_eq!((found.records, found.faults.len(), found.stale), (13, 0, false));
}

#[test]
fn a_damaged_view_is_not_made_again_over_damaged_parcels_without_a_word() {
    let sample = Sample::new();
    sql(&sample.vault(), "DELETE FROM view; UPDATE file SET body = zeroblob(length(body)) WHERE number = 5");
    let mut vault = Vault::open(&sample.vault(), &passphrase()).expect("opens");
    assert!(matches!(vault.view(), Err(sandyq::vault::VaultError::Tampered { what: Damage::File { .. } })));
    assert_eq!(vault.rebuild(&mut Silent).expect("rebuilt").faults.len(), 1);
    assert_eq!(shown(&mut vault).len(), 11, "after asking for it, what is left is shown");
}
