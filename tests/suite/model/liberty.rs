//! Where a detained person stands, by who says so: nobody is free by a rumour, nobody is lost by a charge.

use std::collections::BTreeMap;

use sandyq::model::entity::Detention;
use sandyq::model::liberty::{Stamp, Standing, standing};
use sandyq::model::value::Key;
use sandyq::model::{Kind, Record};
use serde_json::{Map, Value, json};

/// A detention in the making: entries in the order in which they were recorded.
#[derive(Clone, Default)]
pub struct Case {
    entries: Map<String, Value>,
    verdicts: Map<String, Value>,
    recorded: BTreeMap<String, Stamp>,
}

impl Case {
    pub fn new(entries: &[(&str, Value)]) -> Self {
        entries.iter().fold(Case::default(), |case, (key, entry)| case.and(key, entry.clone()))
    }

    /// Records one more entry, an hour after the last.
    pub fn and(mut self, key: &str, entry: Value) -> Self {
        let at = 1_526_000_000 + 3_600 * self.entries.len() as i64;
        self.recorded.insert(key.into(), Stamp { by: "M-1".into(), at });
        self.entries.insert(key.into(), entry);
        self
    }

    pub fn decide(mut self, key: &str, chosen: &str, over: &[&str]) -> Self {
        self.verdicts.insert(key.into(), json!({"about": "status", "chosen": chosen, "over": over}));
        self
    }

    fn reopen(mut self, key: &str, verdict: &str) -> Self {
        self.verdicts.insert(key.into(), json!({"retracts": verdict}));
        self
    }

    pub fn detention(&self) -> Detention {
        let tree = json!({"kind": "detention", "person": "a".repeat(64), "transitions": self.entries, "meta": {"verdicts": self.verdicts}});
        let Record::Detention(detention) = Record::from_tree(Kind::Detention, tree.as_object().unwrap()).unwrap() else {
            panic!("a detention was read as something else")
        };
        *detention
    }

    pub fn standing(&self) -> Standing {
        standing(&self.detention(), &|key: &Key| self.recorded.get(key.as_str()).cloned().unwrap_or_default())
    }

    /// The status that stands, or `contested`.
    fn status(&self) -> String {
        match self.standing() {
            Standing::Unstated => "unstated".into(),
            Standing::Stated { status, .. } => status.to_string(),
            Standing::Contested { .. } => "contested".into(),
        }
    }

    fn clock_runs(&self) -> bool {
        self.standing().clock_runs()
    }

    /// The status that stands and whether the clock runs.
    pub fn now(&self) -> (String, bool) {
        (self.status(), self.clock_runs())
    }
}

/// A statement on a night of May 2018 with its offset in hours.
pub fn says(who: &str, status: &str, at: &str, offset: i64) -> Value {
    let (date, time) = at.split_once(' ').unwrap();
    json!({"status": status, "told_by": who, "effective": {"date": format!("2018-05-{date}"), "time": time, "offset_min": offset * 60}})
}

pub fn undated(who: &str, status: &str) -> Value {
    json!({"status": status, "told_by": who})
}

pub fn is(status: &str, clock_runs: bool) -> (String, bool) {
    (status.into(), clock_runs)
}

fn night(release: &str, release_offset: i64, remand: &str, remand_offset: i64) -> [(&'static str, Value); 2] {
    [("a", says("relative", "released", release, release_offset)), ("b", says("lawyer", "remand", remand, remand_offset))]
}

#[test]
fn release_by_a_relative_and_remand_by_a_lawyer_are_contested_in_every_order_and_offset() {
    for (release_offset, remand_offset) in [(5, 6), (6, 5), (5, 5)] {
        for (release, remand) in [("10 23:40", "10 23:10"), ("10 23:10", "10 23:40"), ("11 00:10", "10 23:50"), ("10 23:50", "11 00:10")] {
            let [a, b] = night(release, release_offset, remand, remand_offset);
            for entries in [[a.clone(), b.clone()], [b, a]] {
                let case = Case::new(&entries);
                assert_eq!(case.now(), is("contested", true), "{release} {remand}");
                let Standing::Contested { voices } = case.standing() else { panic!("not contested") };
                let voices: Vec<String> = voices.iter().map(|(key, status)| format!("{key} {status}")).collect();
                assert!(voices.len() == 2 && voices.contains(&"a released".into()) && voices.contains(&"b remand".into()));
            }
        }
    }
}

fn contested() -> Case {
    Case::new(&night("10 23:40", 5, "10 23:10", 6))
}

#[test]
fn decision_makes_one_voice_stand_and_reopening_brings_both_back() {
    let decided = contested().decide("v1", "b", &["a"]);
    assert_eq!(decided.now(), is("remand", true));
    assert!(matches!(decided.standing(), Standing::Stated { ground, .. } if ground.decided && ground.key.as_str() == "b"));
    let free = contested().decide("v1", "a", &["b"]);
    assert_eq!(free.now(), is("released", false));
    assert_eq!(free.reopen("v2", "v1").now(), is("contested", true));
}

#[test]
fn third_voice_after_a_decision_reopens_it() {
    let decided = contested().decide("v1", "a", &["b"]);
    let third = decided.clone().and("c", says("ngo", "remand", "11 09:00", 5));
    assert_eq!(third.now(), is("contested", true));
    assert_eq!(third.decide("v2", "a", &["b", "c"]).now(), is("released", false));
    let same_source = decided.and("c", says("lawyer", "serving", "12 09:00", 5));
    assert_eq!(same_source.now(), is("contested", true));
}

#[test]
fn contradicting_decisions_decide_nothing() {
    let both = contested().decide("v1", "a", &["b"]).decide("v2", "b", &["a"]);
    assert_eq!(both.now(), is("contested", true));
    assert_eq!(both.reopen("v3", "v2").now(), is("released", false));
    assert_eq!(contested().decide("v1", "a", &["b"]).decide("v2", "a", &["b"]).now(), is("released", false));
}

#[test]
fn decision_about_something_else_decides_no_status() {
    let mut case = contested().decide("v1", "a", &["b"]);
    case.verdicts["v1"]["about"] = json!("apprehended_at");
    assert_eq!(case.now(), is("contested", true));
    assert_eq!(contested().decide("v1", "z", &["a", "b"]).now(), is("contested", true));
}

#[test]
fn apprehension_contradicts_nothing_that_came_later() {
    let begun = Case::new(&[("a", says("own", "apprehended", "10 12:00", 6))]);
    assert_eq!(begun.now(), is("apprehended", true));
    assert_eq!(begun.clone().and("b", says("lawyer", "released", "10 15:00", 6)).now(), is("released", false));
    assert_eq!(begun.and("b", says("lawyer", "released", "10 09:00", 6)).now(), is("contested", true));
}

#[test]
fn warning_does_not_contradict_the_apprehension_after_it() {
    let warned = Case::new(&[("a", says("relative", "summoned", "09 12:00", 6))]);
    assert_eq!(warned.clone().and("b", says("own", "apprehended", "10 12:00", 6)).now(), is("apprehended", true));
    assert_eq!(warned.and("b", says("own", "apprehended", "08 12:00", 6)).now(), is("contested", true));
}

#[test]
fn release_told_by_a_relative_is_reported_and_the_clock_runs() {
    let reported = Case::new(&[("a", says("own", "apprehended", "10 12:00", 6)), ("b", says("relative", "released", "10 15:00", 6))]);
    assert_eq!(reported.now(), is("released", true));
    assert!(matches!(reported.standing(), Standing::Stated { ground, .. } if !ground.confirmed));
    for sure in ["lawyer", "victim", "document"] {
        assert_eq!(reported.clone().and("c", says(sure, "released", "10 15:30", 6)).now(), is("released", false), "{sure}");
    }
    assert_eq!(reported.clone().and("c", says("witness", "released", "10 15:30", 6)).now(), is("released", false), "a second source");
    assert_eq!(reported.and("c", says("relative", "released", "10 15:30", 6)).now(), is("released", true), "the same source again");
}

#[test]
fn release_confirmed_before_a_new_arrest_confirms_no_later_one() {
    let again = Case::new(&[("a", says("lawyer", "released", "10 12:00", 6)), ("b", says("lawyer", "re_arrested", "12 12:00", 6))]);
    let reported = again.and("c", says("lawyer", "released", "13 12:00", 6));
    assert_eq!(reported.now(), is("released", false));
    let rumour = Case::new(&[
        ("a", says("lawyer", "released", "10 12:00", 6)),
        ("b", says("relative", "re_arrested", "12 12:00", 6)),
        ("c", says("relative", "released", "13 12:00", 6)),
    ]);
    assert_eq!(rumour.now(), is("released", true));
}

#[test]
fn retracted_statement_does_not_count() {
    let case = contested().and("c", json!({"retracts": "a"}));
    assert_eq!(case.now(), is("remand", true));
    assert_eq!(contested().and("c", json!({"retracts": "b"})).now(), is("released", true));
    assert_eq!(contested().and("c", json!({"retracts": "a"})).and("d", json!({"retracts": "b"})).now(), is("unstated", true));
}

#[test]
fn papers_of_a_chronology_are_one_source() {
    let paper =
        |status: &str, date: &str| json!({"status": status, "basis": "media", "effective": {"date": date}, "cites": {"c": {"publication": "b".repeat(64)}}});
    let entries = [
        ("a", paper("remand", "2018-05-10")),
        ("b", paper("on_trial", "2018-06")),
        ("c", paper("serving", "2018-07")),
        ("d", paper("released_after_sentence", "2019-01")),
    ];
    assert_eq!(Case::new(&entries[..3]).now(), is("serving", true));
    assert_eq!(Case::new(&entries).now(), is("released_after_sentence", false));
    let told = Case::new(&entries).and("e", says("relative", "re_arrested", "10 12:00", 6));
    assert_eq!(told.now(), is("contested", true));
}

#[test]
fn two_codes_of_the_register_are_two_sources() {
    let from = |code: &str, status: &str, at: &str| {
        let mut entry = says("relative", status, at, 6);
        entry["source"] = json!(code);
        entry
    };
    let one = [("a", from("Q-1", "remand", "10 10:00")), ("b", from("Q-1", "released", "10 12:00"))];
    assert_eq!(Case::new(&one).now(), is("released", true));
    let two = [("a", from("Q-1", "remand", "10 10:00")), ("b", from("Q-2", "released", "10 12:00"))];
    assert_eq!(Case::new(&two).now(), is("contested", true));
}
