//! What the first page says, from the records alone: never more than was told.

use sandyq::handover::choice::given::Given;
use sandyq::handover::contents::dossier::gap::{Clocks, Gap, Premise, Premises};
use sandyq::handover::contents::dossier::standing::{Now, now};
use sandyq::handover::contents::dossier::{Case, Dispute, dates, rights};
use sandyq::handover::contents::page::said;
use sandyq::locale::Texts;
use sandyq::model::Kind;
use sandyq::model::value::When;
use serde_json::{Value, json};

use super::support::{Made, at, case, contested_case, detention, given, id, mark, person, record, said as voice, taken, visible};

fn when(value: Value) -> When {
    serde_json::from_value(value).expect("a time")
}

fn dispute(given: &Given) -> Dispute {
    let case = Case::of(given);
    let client = &case.clients()[0];
    Dispute::of(client, client.detentions[0])
}

/// The only difference between two tellings of when somebody was taken, as a sentence.
fn told(first: (&str, Value), second: (&str, Value)) -> Vec<String> {
    let steps = json!({"transitions": {"t1": taken(first.0, first.1), "t2": taken(second.0, second.1)}});
    let texts = Texts::new("en");
    dispute(&given(vec![person(), detention(steps)])).differences.iter().map(|d| said::difference(&texts, &d.from, &d.to, d.gap)).collect()
}

#[test]
fn protocol_and_witnesses_stand_side_by_side_with_a_difference_no_finer_than_their_times() {
    let found = dispute(&case());
    let texts = Texts::new("en");
    let groups: Vec<String> =
        found.groups.iter().map(|g| format!("{} {} {}", said::teller(&texts, &g.teller), g.tellings.len(), said::times(&texts, &g.tellings))).collect();
    assert_eq!(groups, ["document 1 2018-05-10 19:40 +05:00", "witness 3 2018-05-10 17:55–18:05 +05:00"]);
    let differences: Vec<String> = found.differences.iter().map(|d| said::difference(&texts, &d.from, &d.to, d.gap)).collect();
    assert_eq!(differences, ["Difference 95–105 min: “document” later than “witness”."]);
}

#[test]
fn time_to_a_judge_is_told_by_each_word_for_the_beginning() {
    let found = dispute(&case());
    let texts = Texts::new("en");
    let lengths: Vec<(String, String)> =
        found.to_judge.iter().filter(|t| t.judge.path == "rights/R40").map(|t| (t.by.code.clone(), said::gap(&texts, t.gap))).collect();
    let expected = [("document", "49 h 35 min"), ("witness", "51 h 10 min – 51 h 20 min")];
    assert_eq!(lengths, expected.map(|(by, length)| (by.to_owned(), length.to_owned())));
    let hearing = found.to_judge.iter().find(|t| t.judge.path == "hearings/h1" && t.by.code == "document").expect("the hearing too");
    assert_eq!(said::gap(&texts, hearing.gap), "49 h 40 min");
}

#[test]
fn difference_of_two_times_is_a_stretch_as_wide_as_they_are_vague() {
    let day = |date: &str| json!({"date": date});
    let with = |qualifier: &str, time: &str| json!({"date": "2018-05-10", "time": time, "offset_min": 300, "qualifier": qualifier});
    let later = |gap: &str| vec![format!("Difference {gap}: “document” later than “witness”.")];
    let cases: Vec<(Value, Value, Vec<String>)> = vec![
        (at("2018-05-10", "18:00"), at("2018-05-10", "19:40"), later("100 min")),
        (at("2018-05-10", "23:50"), at("2018-05-11", "00:40"), later("50 min")),
        (with("about", "18:00"), at("2018-05-10", "19:40"), later("85–115 min")),
        (with("before", "18:00"), at("2018-05-10", "19:40"), later("at least 100 min")),
        (
            json!({"date": "2018-05-10", "time": "23:30", "to_time": "00:30", "qualifier": "between", "offset_min": 300}),
            at("2018-05-11", "01:00"),
            later("30–90 min"),
        ),
        (json!({"date": "2018-05-10", "time": "18:00", "offset_min": 300}), json!({"date": "2018-05-10", "time": "18:00", "offset_min": 240}), later("60 min")),
        (at("2018-05-10", "18:00"), day("2018-05-11"), later("6 h – 29 h 59 min")),
        (at("2018-05-10", "18:00"), at("2018-05-10", "18:00"), vec!["No difference: document, witness.".into()]),
        (at("2018-05-10", "18:00"), day("2018-05-10"), vec!["The times may agree: “document” lies between 18 h before and 5 h 59 min after “witness”.".into()]),
        (at("2018-05-10", "19:40"), at("2018-05-10", "18:00"), vec!["Difference 100 min: “document” earlier than “witness”.".into()]),
        (with("before", "19:40"), at("2018-05-10", "19:40"), vec!["“document” is not earlier than “witness”; how much later cannot be told.".into()]),
        (with("after", "19:40"), at("2018-05-10", "19:40"), vec!["“document” is not later than “witness”; how much earlier cannot be told.".into()]),
        (with("after", "18:00"), at("2018-05-10", "19:40"), vec!["The difference between “document” and “witness” cannot be told.".into()]),
    ];
    for (witness, document, expected) in cases {
        assert_eq!(told(("witness", witness.clone()), ("document", document.clone())), expected, "{witness} {document}");
    }
}

#[test]
fn times_without_an_offset_are_compared_as_one_zone_and_that_is_said() {
    let bare = |time: &str| when(json!({"date": "2018-05-10", "time": time}));
    let one_zone = Premises::default().with(Premise::OneZone);
    assert_eq!(Gap::between(&bare("18:00"), &bare("19:40"), Clocks::Unrecorded), Gap { least: Some(100), most: Some(100), premises: one_zone });
    let zoned = when(at("2018-05-10", "19:40"));
    assert_eq!(Gap::between(&bare("18:00"), &zoned, Clocks::Alike(300)), Gap { least: Some(100), most: Some(100), premises: one_zone });
    assert_eq!(Gap::between(&zoned, &zoned, Clocks::Alike(300)).premises, Premises::default());
    let step =
        json!({"transitions": {"t1": taken("witness", json!({"date": "2018-05-10", "time": "18:00"})), "t2": taken("document", at("2018-05-10", "19:40"))}});
    let page = visible(&Made::of(&given(vec![person(), detention(step)]), "en").page());
    assert!(page.contains("clocks are compared as if all showed one zone"));
    assert!(page.contains("offset not recorded"));
}

#[test]
fn nothing_is_said_where_nothing_was_told() {
    let unknown = json!({"precision": "unknown"});
    assert_eq!(dispute(&given(vec![person(), detention(json!({}))])), Dispute::default());
    assert_eq!(dispute(&given(vec![person(), detention(json!({"apprehended_at": unknown}))])).groups, []);
    let page = visible(&Made::of(&given(vec![person(), detention(json!({}))]), "en").page());
    for said in ["The time of being taken is not recorded.", "Nobody has stated where the person stands.", "No date ahead is recorded."] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn step_taken_back_tells_no_time() {
    let steps = json!({"transitions": {"t1": taken("witness", at("2018-05-10", "18:00")), "t2": {"retracts": "t1"}, "t3": taken("document", at("2018-05-10", "19:40"))}});
    let found = dispute(&given(vec![person(), detention(steps)]));
    assert_eq!((found.groups.len(), found.differences.len()), (1, 0));
}

#[test]
fn voices_of_one_field_are_tellings_of_their_own() {
    let mut held = detention(json!({"apprehended_at": {"date": "2018-05-10", "time": "18:00", "offset_min": 300, "basis": "own_clock"}}));
    let told = |time: &str, basis: &str| voice(json!({"date": "2018-05-10", "time": time, "offset_min": 300, "basis": basis}), 1);
    held.voices.insert("apprehended_at".into(), vec![told("18:00", "own_clock"), told("20:00", "document")]);
    let found = dispute(&given(vec![person(), held]));
    assert_eq!(found.differences.iter().map(|d| (d.gap.least, d.gap.most)).collect::<Vec<_>>(), [(Some(120), Some(120))]);
}

#[test]
fn hearing_of_a_later_detention_is_no_judge_of_the_first() {
    let first = detention(json!({"apprehended_at": at("2018-05-10", "18:00")}));
    let second = record(Kind::Detention, '4', json!({"person": id('a'), "apprehended_at": at("2018-06-23", "12:00")}));
    let trial = json!({"category": "administrative_offence", "parties": {"p": {"person": id('a')}}, "hearings": {"h": {"starts": at("2018-06-24", "10:00")}}});
    let given = given(vec![person(), first, second, record(Kind::Trial, 'c', trial)]);
    let case = Case::of(&given);
    let client = &case.clients()[0];
    let lengths: Vec<Option<i64>> = client.detentions.iter().map(|d| Dispute::of(client, d).to_judge.first().and_then(|t| t.gap.least)).collect();
    assert_eq!(lengths, [None, Some(22 * 60)]);
}

#[test]
fn status_that_the_casebook_knows_to_be_contested_is_shown_with_every_voice() {
    let steps = json!({"transitions": {"t1": {"status": "at_station", "told_by": "relative"}, "t2": {"status": "released", "told_by": "relative"}}});
    let mut held = detention(steps);
    held.entries = [("transitions/t1".to_owned(), mark(1, 10)), ("transitions/t2".to_owned(), mark(1, 20))].into();
    let standing = |held: &sandyq::handover::choice::given::GivenRecord| {
        let given = given(vec![person(), held.clone()]);
        now(&Case::of(&given).detentions[0])
    };
    assert!(matches!(standing(&held), Now::Stands { confirmed: false, .. }));
    held.voices.insert("status".into(), vec![voice(json!("t1"), 1), voice(json!({"status": "released", "told_by": "relative"}), 1)]);
    let Now::Contested(voices) = standing(&held) else { panic!("sources are not in the bundle, and the dispute is gone") };
    assert_eq!(voices.iter().map(|v| v.status.as_str()).collect::<Vec<_>>(), ["at_station", "released"]);
    let page = visible(&Made::of(&given(vec![person(), held]), "en").page());
    assert!(page.contains("Sources disagree about liberty. Nobody decided."));
}

#[test]
fn contested_answer_is_contested_everywhere_and_a_decision_settles_it() {
    let given = case();
    let case = Case::of(&given);
    let list = rights::checklist(&case.detentions[0]);
    let item = |code: &str| list.iter().find(|item| item.code == code).unwrap();
    assert!(item("R03").heard.is_contested && item("R03").is_refused());
    assert!(item("R25").is_breached() && item("R11").is_refused() && !item("R14").is_refused());
    assert!(!item("R05").is_asked() && !item("R05").is_refused());
    assert_eq!(list.len(), 40);
    let page = visible(&Made::of(&given, "en").page());
    assert!(page.matches("contested").count() >= 3);
    assert!(page.contains("Not asked, which is no “no”: R01, R02, R04"));
}

#[test]
fn dates_ahead_are_those_after_the_newest_change() {
    let given = case();
    let case = Case::of(&given);
    let ahead: Vec<(String, String)> = dates::ahead(&case, &case.clients()[0]).iter().map(|a| (a.when.to_string(), a.path.clone())).collect();
    let expected = [("2018-05-21 10:00 +05:00", "hearings/h2/scheduled_for"), ("2018-05-27", "transitions/t4/until"), ("2019-05-13", "valid_to")];
    assert_eq!(ahead, expected.map(|(when, path)| (when.to_owned(), path.to_owned())));
}

#[test]
fn record_made_by_mistake_is_counted_nowhere_and_still_shown() {
    let mut wrong = detention(json!({"apprehended_at": at("2018-05-10", "18:00"), "meta": {"withdrawn": true}}));
    wrong.code = "D-MISTAKE".into();
    let given = given(vec![person(), wrong]);
    assert!(Case::of(&given).clients()[0].detentions.is_empty());
    let page = visible(&Made::of(&given, "en").page());
    assert!(page.contains("D-MISTAKE") && page.contains("Recorded by mistake, as its author says"));
}

#[test]
fn two_witnesses_of_one_time_are_two_and_a_quick_note_is_one() {
    let steps = json!({"transitions": {"t1": taken("witness", at("2018-05-10", "18:00")), "t2": taken("witness", at("2018-05-10", "18:00"))}});
    assert_eq!(dispute(&given(vec![person(), detention(steps)])).groups[0].tellings.len(), 2);
    let noted = json!({"apprehended_at": {"date": "2018-05-10", "time": "18:00", "offset_min": 300, "basis": "own_clock"},
        "transitions": {"t1": {"status": "apprehended", "effective": at("2018-05-10", "18:00")}}});
    assert_eq!(dispute(&given(vec![person(), detention(noted)])).groups.iter().map(|g| g.tellings.len()).collect::<Vec<_>>(), [1]);
}

#[test]
fn first_hearing_counts_also_where_only_steps_tell_the_beginning() {
    let steps = json!({"transitions": {"t1": taken("witness", at("2018-05-10", "18:00"))}});
    let trial = json!({"category": "administrative_offence", "parties": {"p": {"person": id('a')}}, "hearings": {
        "h0": {"starts": at("2018-05-09", "10:00")}, "h1": {"starts": at("2018-05-11", "10:00"), "kind": "postponed_only"}, "h2": {"starts": at("2018-05-11", "18:00")}}});
    let found = dispute(&given(vec![person(), detention(steps), record(Kind::Trial, 'c', trial)]));
    assert_eq!(found.to_judge.iter().map(|t| (t.judge.path.as_str(), t.gap.least)).collect::<Vec<_>>(), [("hearings/h2", Some(24 * 60))]);
}

#[test]
fn contested_hearing_gives_a_length_by_each_voice_and_each_is_marked() {
    let given = contested_case();
    let found = dispute(&given);
    let texts = Texts::new("en");
    let by_paper: Vec<(String, bool)> = found
        .to_judge
        .iter()
        .filter(|t| t.judge.path == "hearings/h1" && t.by.code == "document")
        .map(|t| (said::gap(&texts, t.gap), t.judge.is_contested))
        .collect();
    assert_eq!(by_paper, [("49 h 40 min".to_owned(), true), ("62 h 20 min".to_owned(), true)]);
    let witnesses: Vec<&str> = found.groups.iter().find(|g| g.teller.code == "witness").unwrap().tellings.iter().map(|t| t.path.as_str()).collect();
    assert_eq!(witnesses, ["transitions/t1", "apprehended_at", "transitions/t2"]);
}

#[test]
fn hearing_that_only_one_voice_puts_first_does_not_hide_the_other() {
    let steps = json!({"transitions": {"t1": taken("witness", at("2018-05-10", "18:00"))}});
    let hearings =
        json!({"h1": {"starts": at("2018-05-11", "10:00")}, "h2": {"starts": at("2018-05-12", "10:00")}, "h3": {"starts": at("2018-05-14", "10:00")}});
    let mut trial = record(Kind::Trial, 'c', json!({"category": "administrative_offence", "parties": {"p": {"person": id('a')}}, "hearings": hearings}));
    let told = |date: &str| voice(at(date, "10:00"), 1);
    trial.voices.insert("hearings/h1/starts".into(), vec![told("2018-05-11"), told("2018-05-13")]);
    let lengths = |trial: &sandyq::handover::choice::given::GivenRecord| -> Vec<(String, Option<i64>)> {
        let given = given(vec![person(), detention(steps.clone()), trial.clone()]);
        dispute(&given).to_judge.iter().map(|t| (t.judge.path.clone(), t.gap.least.map(|least| least / 60))).collect()
    };
    assert_eq!(lengths(&trial), [("hearings/h1".to_owned(), Some(16)), ("hearings/h2".to_owned(), Some(40))]);
    trial.voices.get_mut("hearings/h1/starts").unwrap()[1].decided = true;
    assert_eq!(lengths(&trial), [("hearings/h2".to_owned(), Some(40))], "somebody decided that the first hearing was the third day");
}

#[test]
fn time_without_an_offset_is_set_against_no_clock_where_the_recorded_ones_differ() {
    let with = |time: &str, offset: i32| json!({"date": "2018-05-10", "time": time, "offset_min": offset});
    let steps = |other: i32| {
        json!({"transitions": {"t1": taken("document", with("19:40", 300)), "t2": taken("witness", with("18:55", other)),
            "t3": taken("victim", json!({"date": "2018-05-10", "time": "17:50"}))}})
    };
    let texts = Texts::new("en");
    let sentences = |other: i32| -> Vec<String> {
        let found = dispute(&given(vec![person(), detention(steps(other))]));
        found.differences.iter().map(|d| said::difference(&texts, &d.from, &d.to, d.gap)).collect()
    };
    let unlike = sentences(360);
    assert_eq!(unlike.len(), 2, "{unlike:?}");
    assert!(unlike.iter().any(|told| told == "Difference 105 min: “document” later than “witness”."), "{unlike:?}");
    assert!(unlike.iter().any(|told| told.contains("cannot be told")), "{unlike:?}");
    let alike = sentences(300);
    assert!(alike.iter().any(|told| told.starts_with("Difference 110 min")) && alike.iter().any(|told| told.starts_with("Difference 65 min")), "{alike:?}");
    let page = visible(&Made::of(&given(vec![person(), detention(steps(360))]), "en").page());
    assert!(page.contains("from that time nothing is computed") && !page.contains("as if all showed one zone"), "{page}");
}

#[test]
fn step_that_repeats_the_field_gives_its_paper_and_its_recorder() {
    let by_paper = |paper: &str| json!({"status": "apprehended", "told_by": "document", "document": paper, "effective": at("2018-05-10", "19:40")});
    let told = json!({"date": "2018-05-10", "time": "19:40", "offset_min": 300, "basis": "document"});
    let mut held = detention(json!({"apprehended_at": told, "transitions": {"t1": by_paper("protocol 14/2")}}));
    held.entries = [("transitions/t1".to_owned(), mark(1, 10))].into();
    let page = visible(&Made::of(&given(vec![person(), held]), "en").page());
    let first = page.split_once("by whose word").unwrap().1.split_once("Dates ahead").unwrap().0;
    assert!(first.contains("document (protocol 14/2): 2018-05-10 19:40") && first.contains("recorded by observer 1"), "{first}");
    let two = detention(json!({"apprehended_at": told, "transitions": {"t1": by_paper("protocol 14/2"), "t2": by_paper("protocol 15")}}));
    let papers: Vec<Option<String>> = dispute(&given(vec![person(), two])).groups[0].tellings.iter().map(|t| t.paper.clone()).collect();
    assert_eq!(papers, [Some("protocol 14/2".to_owned()), Some("protocol 15".to_owned())], "two papers are two statements");
}

/// The part of the first page about when somebody was taken, by a witness at a time and by a paper at 19:40.
fn shown(witness: Value) -> String {
    let steps = json!({"transitions": {"t1": taken("witness", witness), "t2": taken("document", at("2018-05-10", "19:40"))}});
    let page = visible(&Made::of(&given(vec![person(), detention(steps)]), "en").page());
    page.split_once("by whose word").unwrap().1.split_once("Dates ahead").unwrap().0.to_owned()
}

#[test]
fn every_width_that_a_figure_rests_on_is_said() {
    let day = |more: Value| {
        let mut when = json!({"date": "2018-05-10", "offset_min": 300});
        when.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        when
    };
    let cases = [
        (json!({"time": "18:00", "qualifier": "about"}), "85–115 min", "about 2018-05-10 18:00", "15 minutes either way"),
        (json!({"time": "18:00", "precision": "hour"}), "41–100 min", "(to the hour)", "known to the hour"),
        (json!({"time": "18:00", "precision": "quarter_hour"}), "86–100 min", "(to a quarter of an hour)", "a quarter of an hour is taken"),
        (json!({"part_of_day": "morning"}), "7 h 41 min – 14 h 40 min", "morning", "Parts of a day are taken as"),
        (json!({"time": "18:00", "precision": "day"}), "The times may agree", "(to the day)", "A date without a time is taken whole"),
        (json!({"time": "18:00", "precision": "month"}), "The times may agree", "(to the month)", "A date without a time is taken whole"),
        (json!({"qualifier": "about"}), "cannot be told", "about 2018-05-10", "nothing is computed from it"),
        (json!({"date": "2018-05-10~"}), "cannot be told", "2018-05-10~", "nothing is computed from it"),
    ];
    for (told, figure, time, note) in cases {
        let page = shown(day(told.clone()));
        for said in [figure, time, note] {
            assert!(page.contains(said), "{told}: {said} in {page}");
        }
    }
    let exact = shown(at("2018-05-10", "18:00"));
    for note in ["either way", "known to", "Parts of a day", "taken whole", "nothing is computed"] {
        assert!(!exact.contains(note), "{note} in {exact}");
    }
}

#[test]
fn month_and_year_are_cut_from_a_date_that_is_no_finer() {
    let cases =
        [("month", "2018-05-10", "2018-05"), ("year", "2018-05-10?", "2018?"), ("month", "2018-05-10/..", "2018-05/.."), ("day", "2018-05-10", "2018-05-10")];
    for (precision, written, expected) in cases {
        let found = dates::meant(&when(json!({"date": written, "precision": precision})));
        assert_eq!(found.date.map(|date| date.as_str().to_owned()).as_deref(), Some(expected), "{precision}");
    }
}

#[test]
fn judge_before_the_taking_is_told_with_its_length() {
    let texts = Texts::new("en");
    let by = sandyq::handover::contents::dossier::Teller { of: "told_by", code: "document".into() };
    let gap = Gap::between(&when(at("2018-05-10", "19:40")), &when(at("2018-05-10", "18:00")), Clocks::Alike(300));
    assert_eq!(said::to_judge(&texts, "R40", &[(&by, gap)]), "From being taken to a judge (R40): by “document” 100 min before being taken");
}
