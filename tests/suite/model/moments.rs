//! When something happened: as exact as somebody said, with the offset of the wall, never "now" by itself.

use sandyq::model::value::{Edtf, Span, WallTime, When};
use serde_json::{Value, json};

fn when(value: Value) -> When {
    serde_json::from_value(value).unwrap()
}

fn span(value: Value) -> Span {
    when(value).span()
}

/// Minutes since 1970 UTC of a day of May 2018 and a UTC time.
fn may(day: i64, hour: i64, minute: i64) -> i64 {
    // 2018-05-01 is day 17652.
    ((17_651 + day) * 24 + hour) * 60 + minute
}

#[test]
fn wall_time_and_offset_are_kept_and_give_one_minute() {
    let given = json!({"date": "2018-05-10", "time": "23:40", "offset_min": 360});
    assert_eq!(serde_json::to_value(when(given.clone())).unwrap(), given);
    assert_eq!(span(given.clone()), Span { earliest: may(10, 17, 40), latest: may(10, 17, 40) });
    assert_eq!(when(given).to_string(), "2018-05-10 23:40 +06:00");
}

#[test]
fn same_wall_time_in_two_offsets_is_an_hour_apart() {
    let (east, west) =
        (span(json!({"date": "2018-05-10", "time": "23:40", "offset_min": 360})), span(json!({"date": "2018-05-10", "time": "23:40", "offset_min": 300})));
    assert_eq!(west.earliest - east.earliest, 60);
    assert!(east.is_before(&west));
}

#[test]
fn wall_time_without_offset_may_be_anywhere_on_earth() {
    let unplaced = span(json!({"date": "2018-05-10", "time": "23:40"}));
    assert_eq!(unplaced, Span { earliest: may(10, 23, 40) - 840, latest: may(10, 23, 40) + 840 });
    assert!(!unplaced.is_before(&span(json!({"date": "2018-05-11", "time": "01:00", "offset_min": 360}))));
}

#[test]
fn coarser_time_is_a_longer_span() {
    let minutes = |extra: Value| {
        let mut value = json!({"date": "2018-05-10", "offset_min": 360});
        value.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let span = span(value);
        span.latest - span.earliest
    };
    assert_eq!(minutes(json!({"time": "23:00"})), 0);
    assert_eq!(minutes(json!({"time": "23:00", "precision": "quarter_hour"})), 14);
    assert_eq!(minutes(json!({"time": "23:00", "precision": "hour"})), 59);
    assert_eq!(minutes(json!({})), 24 * 60 - 1);
    assert_eq!(minutes(json!({"part_of_day": "morning"})), 7 * 60 - 1);
}

#[test]
fn between_over_midnight_ends_on_the_next_day() {
    let over = span(json!({"date": "2018-05-10", "time": "23:10", "to_time": "00:20", "qualifier": "between", "offset_min": 0}));
    assert_eq!(over, Span { earliest: may(10, 23, 10), latest: may(11, 0, 20) });
    let within = span(json!({"date": "2018-05-10", "time": "21:00", "to_time": "22:00", "qualifier": "between", "offset_min": 0}));
    assert_eq!(within, Span { earliest: may(10, 21, 0), latest: may(10, 22, 0) });
}

#[test]
fn before_after_and_about_open_or_widen_the_span() {
    let at = |qualifier: &str| span(json!({"date": "2018-05-10", "time": "12:00", "qualifier": qualifier, "offset_min": 0}));
    assert_eq!(at("exact"), Span { earliest: may(10, 12, 0), latest: may(10, 12, 0) });
    assert_eq!(at("before"), Span { earliest: i64::MIN, latest: may(10, 12, 0) });
    assert_eq!(at("after"), Span { earliest: may(10, 12, 0), latest: i64::MAX });
    assert_eq!(at("about"), Span { earliest: may(10, 11, 45), latest: may(10, 12, 15) });
}

#[test]
fn interval_runs_from_the_first_minute_to_the_last() {
    let days = span(json!({"date": "2018-05-10/2018-05-12", "offset_min": 0}));
    assert_eq!(days, Span { earliest: may(10, 0, 0), latest: may(12, 23, 59) });
    assert_eq!(span(json!({"date": "2018-05-10/..", "offset_min": 0})), Span { earliest: may(10, 0, 0), latest: i64::MAX });
    assert_eq!(span(json!({"date": "../2018-05-10", "offset_min": 0})), Span { earliest: i64::MIN, latest: may(10, 23, 59) });
}

#[test]
fn month_and_year_last_to_their_last_day() {
    assert_eq!(span(json!({"date": "2018-05", "offset_min": 0})), Span { earliest: may(1, 0, 0), latest: may(31, 23, 59) });
    let year = span(json!({"date": "2018", "offset_min": 0}));
    assert_eq!(year.latest - year.earliest, 365 * 24 * 60 - 1);
}

#[test]
fn night_reaches_into_the_next_morning() {
    let night = span(json!({"date": "2018-05-10", "part_of_day": "night", "offset_min": 0}));
    assert!(night.latest >= may(11, 5, 0) && night.latest < may(11, 12, 0));
}

#[test]
fn leap_day_is_a_day_and_a_wrong_one_is_the_last_of_its_month() {
    let day = |text: &str| span(json!({"date": text, "offset_min": 0}));
    assert_eq!(day("2016-03-01").earliest - day("2016-02-29").earliest, 24 * 60);
    assert_eq!(day("2019-02-29"), day("2019-02-28"), "kept as written, and taken for the end of February");
    assert_eq!(when(json!({"date": "2019-02-29"})).to_string(), "2019-02-29");
    assert!("2019-02-30".parse::<Edtf>().is_err());
}

#[test]
fn unknown_time_is_said_and_spans_everything() {
    let unknown = when(json!({"precision": "unknown"}));
    assert_eq!(unknown, When::unknown());
    assert_eq!((unknown.span(), unknown.to_string()), (Span::UNKNOWN, "?".into()));
    assert!(!unknown.span().is_before(&span(json!({"date": "9999"}))) && !span(json!({"date": "0001"})).is_before(&unknown.span()));
}

#[test]
fn nothing_becomes_now_by_itself() {
    for given in
        [json!({}), json!(null), json!("now"), json!({"time": "10:00"}), json!({"precision": "day"}), json!({"offset_min": 360}), json!({"basis": "own_clock"})]
    {
        assert!(serde_json::from_value::<When>(given.clone()).is_err(), "{given}");
    }
    assert!("".parse::<Edtf>().is_err() && "".parse::<WallTime>().is_err() && "today".parse::<Edtf>().is_err());
}

#[test]
fn every_border_of_history_has_a_span() {
    for date in ["0000", "0000-01-01", "9999", "9999-12-31", "0000-02-29", "0000/9999"] {
        for qualifier in ["exact", "before", "after", "about"] {
            let span = span(json!({"date": date, "qualifier": qualifier, "offset_min": 1080}));
            assert!(span.earliest < span.latest, "{date} {qualifier}");
        }
    }
}

#[test]
fn days_order_by_calendar_from_year_to_year() {
    let days = ["0001-01-01", "1969-12-31", "1970-01-01", "2015-12-31", "2016-02-29", "2016-03-01", "9999-12-31"];
    let spans = days.map(|day| span(json!({"date": day, "offset_min": 0})));
    assert!(spans.windows(2).all(|pair| pair[0].is_before(&pair[1])));
    assert_eq!(spans[2].earliest, 0);
}
