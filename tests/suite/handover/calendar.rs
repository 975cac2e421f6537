//! The calendar: read by a reader that is not ours, no more exact than what is known, and without a name.

use std::process::Command;

use sandyq::handover::choice::given::Given;
use sandyq::model::Kind;
use serde_json::{Value, json};

use super::support::{Made, at, case, dispute, given, id, is_installed, person, record};

const PYTHON: &str = "/usr/bin/python3";
const SCRIPT: &str = r#"
import json, sys, icalendar
calendar = icalendar.Calendar.from_ical(open(sys.argv[1], "rb").read())
events = []
for event in calendar.walk("VEVENT"):
    one = {name.lower(): str(event[name]) for name in ("UID", "SUMMARY", "STATUS", "SEQUENCE") if name in event}
    one["location"] = str(event.get("LOCATION", ""))
    one["start"] = event["DTSTART"].dt.isoformat()
    one["end"] = event["DTEND"].dt.isoformat() if "DTEND" in event else ""
    one["stamp"] = event["DTSTAMP"].dt.isoformat()
    one["alarms"] = len(event.walk("VALARM"))
    events.append(one)
print(json.dumps(events))
"#;

fn calendar(given: &Given) -> String {
    Made::of(given, "ru").text("hearings.ics")
}

fn trial(hearings: Value) -> Given {
    let tree = json!({"category": "criminal_trial", "court": "Суд, зал; \\ № 4 — очень длинное название суда, которое не входит в одну строку календаря", "hearings": hearings});
    given(vec![person(), record(Kind::Trial, 'c', tree)])
}

/// The lines of each event, unfolded, by name.
fn lines(text: &str, name: &str) -> Vec<String> {
    let whole = text.replace("\r\n ", "");
    whole.lines().filter_map(|line| line.strip_prefix(name).map(|rest| rest.trim_end().to_owned())).collect()
}

#[test]
fn begin_is_as_exact_as_what_was_told() {
    let with = |qualifier: &str| json!({"date": "2018-05-21", "time": "10:00", "offset_min": 300, "qualifier": qualifier});
    let cases = [
        (at("2018-05-21", "10:00"), ":20180521T050000Z", "CONFIRMED"),
        (json!({"date": "2018-05-21", "time": "03:00", "offset_min": 300}), ":20180520T220000Z", "CONFIRMED"),
        (json!({"date": "2018-05-21", "time": "10:00"}), ":20180521T100000", "CONFIRMED"),
        (json!({"date": "2018-05-21"}), ";VALUE=DATE:20180521", "CONFIRMED"),
        (with("about"), ":20180521T050000Z", "TENTATIVE"),
        (with("before"), ";VALUE=DATE:20180521", "TENTATIVE"),
        (json!({"date": "2018-05-21", "time": "10:00", "offset_min": 300, "precision": "hour"}), ":20180521T050000Z", "TENTATIVE"),
        (json!({"date": "2018-05-21", "time": "10:00", "offset_min": 300, "precision": "day"}), ";VALUE=DATE:20180521", "CONFIRMED"),
    ];
    for (when, start, status) in cases {
        let text = calendar(&trial(json!({"h1": {"scheduled_for": when}})));
        assert_eq!((lines(&text, "DTSTART"), lines(&text, "STATUS:")), (vec![start.to_owned()], vec![status.to_owned()]), "{when}");
        assert_eq!(lines(&text, "DTEND"), [""; 0]);
    }
}

#[test]
fn hearing_without_a_day_is_in_no_calendar() {
    for when in [json!({"date": "2018-05"}), json!({"date": "2018-05-21~"}), json!({"precision": "unknown"})] {
        let made = Made::of(&trial(json!({"h1": {"scheduled_for": when}, "h2": {}})), "en");
        assert!(!made.0.contains_key("hearings.ics"), "{when}");
    }
}

#[test]
fn end_is_given_only_as_told_and_after_the_begin() {
    let ends = |ends: Value| lines(&calendar(&trial(json!({"h1": {"starts": at("2018-05-21", "10:00"), "ends": ends}}))), "DTEND:");
    assert_eq!(ends(at("2018-05-21", "11:30")), ["20180521T063000Z"]);
    assert_eq!(ends(at("2018-05-21", "09:30")), [""; 0]);
    assert_eq!(ends(json!({"date": "2018-05-21", "time": "11:30"})), [""; 0], "another clock");
    assert_eq!(ends(json!({"date": "2018-05-21", "time": "11:30", "offset_min": 300, "qualifier": "about"})), [""; 0], "no more than about");
    let between = json!({"date": "2018-05-21", "time": "23:30", "to_time": "00:30", "qualifier": "between", "offset_min": 300});
    assert_eq!(lines(&calendar(&trial(json!({"h1": {"scheduled_for": between}}))), "DTEND:"), ["20180521T193000Z"]);
}

#[test]
fn calendar_names_cases_and_never_people() {
    let text = calendar(&case());
    assert!(!text.contains("Қасымова") && !text.contains("Kassymova"));
    assert_eq!(lines(&text, "SUMMARY:"), ["3-1234/18", "3-1234/18"]);
    assert_eq!(lines(&text, "UID:"), [format!("{}-h1@bundle", id('c')), format!("{}-h2@bundle", id('c'))]);
    assert_eq!(lines(&calendar(&trial(json!({"h1": {"starts": at("2018-05-21", "10:00")}}))), "SUMMARY:"), ["T-CCCCCC"]);
}

#[test]
fn postponed_hearing_is_cancelled() {
    let text = calendar(&trial(json!({"h1": {"scheduled_for": at("2018-05-21", "10:00"), "kind": "postponed_only"}})));
    assert_eq!(lines(&text, "STATUS:"), ["CANCELLED"]);
}

#[test]
fn contested_hearing_is_tentative_at_each_time_that_is_told() {
    let mut made = trial(json!({"h1": {"starts": at("2018-05-21", "10:00"), "ends": at("2018-05-21", "12:00")}}));
    dispute(&mut made, Kind::Trial, "hearings/h1/starts", [at("2018-05-22", "15:00"), at("2018-05-21", "10:00")]);
    let text = calendar(&made);
    assert_eq!(lines(&text, "DTSTART:"), ["20180521T050000Z", "20180522T100000Z"]);
    assert_eq!(lines(&text, "STATUS:"), ["TENTATIVE", "TENTATIVE"]);
    assert_eq!(lines(&text, "UID:"), [format!("{}-h1@bundle", id('c')), format!("{}-h1-2@bundle", id('c'))]);
    assert_eq!(lines(&text, "SUMMARY:"), ["оспаривается: T-CCCCCC", "оспаривается: T-CCCCCC"]);
    assert_eq!(lines(&text, "DTEND:"), [""; 0]);
    let mut put_off = trial(json!({"h1": {"starts": at("2018-05-21", "10:00"), "kind": "postponed_only"}}));
    dispute(&mut put_off, Kind::Trial, "hearings/h1/kind", [json!("postponed_only"), json!("appeal")]);
    assert_eq!(lines(&calendar(&put_off), "STATUS:"), ["TENTATIVE"]);
    put_off.records.last_mut().unwrap().voices.get_mut("hearings/h1/kind").unwrap()[0].decided = true;
    assert_eq!(lines(&calendar(&put_off), "STATUS:"), ["CANCELLED"]);
}

#[test]
fn lines_are_folded_within_the_limit_and_escaped() {
    let text = calendar(&trial(json!({"h1": {"starts": at("2018-05-21", "10:00")}})));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    assert!(lines(&text, "LOCATION:")[0].starts_with("Суд\\, зал\\; \\\\ № 4"));
}

#[test]
fn independent_reader_understands_the_calendar() {
    if !is_installed(PYTHON, &["-c", "import icalendar"], "python3-icalendar") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let read = |given: &Given| -> Value {
        let file = Made::of(given, "ru").write(folder.path(), "hearings.ics");
        let out = Command::new(PYTHON).args(["-c", SCRIPT]).arg(file).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap()
    };
    let events = read(&case());
    assert_eq!(events.as_array().unwrap().len(), 2);
    assert_eq!((&events[1]["start"], &events[1]["stamp"]), (&json!("2018-05-21T05:00:00+00:00"), &json!("2018-05-14T12:00:00+00:00")));
    assert_eq!((&events[0]["location"], &events[0]["alarms"]), (&json!("САМС г. Алматы, зал 4"), &json!(1)));
    let long = read(&trial(json!({"h1": {"scheduled_for": {"date": "2018-05-21"}}})));
    assert_eq!(long[0]["start"], "2018-05-21");
    assert_eq!(long[0]["location"], "Суд, зал; \\ № 4 — очень длинное название суда, которое не входит в одну строку календаря");
}
