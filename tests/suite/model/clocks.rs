//! What the clock does when a charge, a trial, a loss or a death is recorded.

use sandyq::model::liberty::{Liberty, Standing, clock_start, liberty};
use sandyq::model::value::Term;
use sandyq::model::vocabulary;
use serde_json::json;

use super::liberty::{Case, is, says, undated};

fn silent() -> Vec<&'static str> {
    let says_nothing = |code: &str| liberty(&code.parse::<Term>().unwrap()).is_none();
    vocabulary::shipped("status").unwrap().terms.iter().map(|t| t.code.as_str()).filter(|code| says_nothing(code)).collect()
}

fn freed() -> Case {
    Case::new(&[("a", says("own", "apprehended", "10 12:00", 6)), ("b", says("lawyer", "released", "10 15:00", 6))])
}

fn held() -> Case {
    Case::new(&[("a", says("own", "apprehended", "10 12:00", 6)), ("b", says("lawyer", "remand", "10 15:00", 6))])
}

#[test]
fn charges_trials_and_sentences_say_nothing_about_liberty() {
    for status in ["charged", "on_trial", "sentenced", "sentenced_in_absentia", "appeal", "case_opened", "suspect", "remitted", "administrative_hearing"] {
        assert!(silent().contains(&status), "{status}");
    }
    for status in ["whereabouts_unknown", "disappeared_alleged", "located"] {
        assert_eq!(liberty(&status.parse().unwrap()), Some(Liberty::Unknown), "{status}");
    }
}

#[test]
fn person_known_to_be_free_stays_free_when_charged_or_tried() {
    for status in silent() {
        assert_eq!(freed().and("c", says("ngo", status, "12 12:00", 6)).now(), is(status, false));
        assert_eq!(freed().and("c", says("lawyer", status, "12 12:00", 6)).now(), is(status, false));
    }
}

#[test]
fn person_held_stays_held_when_charged_or_tried() {
    for status in silent() {
        assert_eq!(held().and("c", says("lawyer", status, "12 12:00", 6)).now(), is(status, true));
    }
}

#[test]
fn reported_release_stays_reported_when_charged() {
    let reported = Case::new(&[("a", says("own", "apprehended", "10 12:00", 6)), ("b", says("relative", "released", "10 15:00", 6))]);
    let charged = reported.and("c", says("lawyer", "charged", "12 12:00", 6));
    assert_eq!(charged.now(), is("charged", true));
    assert_eq!(charged.and("d", says("lawyer", "released", "10 15:00", 6)).now(), is("charged", false));
}

#[test]
fn charge_by_a_lawyer_does_not_take_back_his_word_that_the_person_is_held() {
    let contested = held().and("c", says("relative", "released", "10 23:00", 6));
    assert_eq!(contested.clone().and("d", says("lawyer", "charged", "12 12:00", 6)).now(), is("contested", true));
    let decided = contested.decide("v1", "c", &["b"]);
    assert_eq!(decided.now(), is("released", false));
    assert_eq!(decided.and("d", says("lawyer", "charged", "12 12:00", 6)).now(), is("charged", false), "a charge is no third voice");
}

#[test]
fn charge_before_a_release_does_not_stand_over_it() {
    assert_eq!(freed().and("c", says("lawyer", "charged", "10 13:00", 6)).now(), is("released", false));
}

#[test]
fn status_that_nobody_gave_liberty_a_word_for_leaves_the_clock_running() {
    assert_eq!(Case::default().now(), is("unstated", true));
    assert_eq!(Case::new(&[("a", says("lawyer", "charged", "10 12:00", 6))]).now(), is("charged", true));
    assert_eq!(Case::new(&[("a", says("lawyer", "of-our-own", "10 12:00", 6))]).now(), is("of-our-own", true));
    assert_eq!(freed().and("c", says("lawyer", "of-our-own", "12 12:00", 6)).now(), is("of-our-own", false));
}

#[test]
fn clock_runs_again_when_a_freed_person_is_lost_or_taken() {
    for status in ["whereabouts_unknown", "disappeared_alleged", "located", "re_arrested", "replaced_by_prison"] {
        assert_eq!(freed().and("c", says("lawyer", status, "12 12:00", 6)).now(), is(status, true));
    }
    assert_eq!(freed().and("c", says("relative", "whereabouts_unknown", "12 12:00", 6)).now(), is("whereabouts_unknown", true));
}

#[test]
fn death_in_custody_stops_the_clock() {
    let died = held().and("c", says("lawyer", "died_in_custody", "12 12:00", 6));
    assert_eq!(died.now(), is("died_in_custody", false));
    assert_eq!(died.and("d", says("lawyer", "case_opened", "13 12:00", 6)).now(), is("case_opened", false));
    let disputed = freed().and("c", says("relative", "died_in_custody", "12 12:00", 6));
    assert_eq!(disputed.now(), is("contested", true));
}

#[test]
fn new_arrest_without_a_time_is_newer_than_a_dated_release() {
    assert_eq!(freed().and("c", undated("lawyer", "re_arrested")).now(), is("re_arrested", true));
    let later = held().and("c", undated("lawyer", "released"));
    assert_eq!(later.now(), is("released", false));
}

#[test]
fn order_of_recording_changes_nothing_for_dated_statements() {
    let entries = [
        ("a", says("own", "apprehended", "10 12:00", 6)),
        ("b", says("lawyer", "remand", "11 12:00", 6)),
        ("c", says("lawyer", "charged", "12 12:00", 6)),
        ("d", says("lawyer", "bail", "13 12:00", 6)),
    ];
    let orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]];
    for order in orders {
        let entries: Vec<_> = order.iter().map(|i| entries[*i].clone()).collect();
        assert_eq!(Case::new(&entries).now(), is("bail", false), "{order:?}");
    }
}

#[test]
fn clock_starts_at_the_apprehension_and_never_by_itself() {
    let start = |case: &Case| clock_start(&case.detention());
    assert_eq!(start(&Case::default()), None);
    assert_eq!(start(&Case::new(&[("a", undated("own", "apprehended"))])), None);
    assert_eq!(start(&Case::new(&[("a", says("own", "remand", "10 12:00", 6))])), None);
    let first = start(&freed()).unwrap();
    assert_eq!(first.latest, first.earliest);
    let earlier = freed().and("z", says("relative", "apprehended", "10 11:00", 6));
    assert_eq!(start(&earlier).unwrap().earliest, first.earliest - 60);
    let open = Case::new(&[("a", json!({"status": "apprehended", "effective": {"date": "2018-05-10", "qualifier": "before"}}))]);
    assert_eq!(start(&open), None);
}

#[test]
fn retracted_apprehension_starts_no_clock() {
    assert_eq!(clock_start(&freed().and("c", json!({"retracts": "a"})).detention()), None);
}

#[test]
fn decided_release_says_that_it_was_decided() {
    let decided = held().and("c", says("relative", "released", "10 23:00", 6)).decide("v1", "c", &["b"]);
    let Standing::Stated { ground, .. } = decided.standing() else { panic!("not decided") };
    assert!(ground.decided && ground.confirmed);
}
