//! Dates and times as they are spoken.

use sandyq::model::note::{Spoken, spoken_when};

const TODAY: (i16, u8, u8) = (2024, 3, 1);

fn when(text: &str) -> Option<Spoken> {
    spoken_when(text, TODAY)
}

fn at(hour: u8, minute: u8) -> Spoken {
    Spoken { time: Some((hour, minute)), ..Spoken::default() }
}

fn on(year: i16, month: u8, day: u8) -> Spoken {
    Spoken { date: Some((year, month, day)), ..Spoken::default() }
}

fn check(lines: &[&str], expected: &Spoken) {
    for line in lines {
        assert_eq!(when(line).as_ref(), Some(expected), "{line}");
    }
}

#[test]
fn times_are_read_in_three_languages() {
    let lines = [
        "23:40",
        "в 23:40",
        "at 23.40",
        "twenty three forty",
        "at twenty-three forty",
        "двадцать три сорок",
        "в двадцать три сорок",
        "жиырма үш қырық",
        "сағат жиырма үш қырық",
        "  ЖИЫРМА  ҮШ   ҚЫРЫҚ ",
        "11:40 pm",
    ];
    check(&lines, &at(23, 40));
    check(&["двадцать ноль пять", "жиырма нөл бес", "twenty oh five", "20:05", "в 20 часов 5 минут"], &at(20, 5));
}

#[test]
fn yesterday_and_today_are_counted_from_the_given_day() {
    let yesterday = Spoken { date: Some((2024, 2, 29)), ..at(23, 40) };
    check(&["yesterday 23:40", "вчера 23:40", "вчера в двадцать три сорок", "кеше жиырма үш қырық", "23:40 вчера"], &yesterday);
    check(&["today", "сегодня", "бүгін"], &on(2024, 3, 1));
    assert_eq!(spoken_when("вчера", (2024, 1, 1)), Some(on(2023, 12, 31)));
}

#[test]
fn dates_are_read_in_digits_and_words() {
    let lines = [
        "2018-05-10",
        "10.05.2018",
        "10 мая 2018",
        "10 мая 2018 года",
        "десятого мая две тысячи восемнадцатого года",
        "10 May 2018",
        "May 10, 2018",
        "the tenth of May two thousand and eighteen",
        "10 мамыр 2018",
        "он мамыр екі мың он сегіз",
        "2018 жылғы 10 мамыр",
        "2018 жылы мамырдың 10-ында",
    ];
    check(&lines, &on(2018, 5, 10));
    let timed = Spoken { date: Some((2018, 5, 10)), ..at(14, 5) };
    check(&["2018-05-10 14:05", "10.05.2018 14.05", "10 мая 2018, в 14:05", "10 мамыр 2018 14:05-те"], &timed);
}

#[test]
fn a_day_without_a_year_is_the_last_one_up_to_today() {
    check(&["1 марта", "first of March"], &on(2024, 3, 1));
    check(&["2 марта", "екі наурыз", "March 2"], &on(2023, 3, 2));
}

#[test]
fn about_before_and_after_are_kept() {
    check(&["about 14:05", "около 14:05", "шамамен 14:05", "~14:05", "14:05 шамасында"], &Spoken { about: true, ..at(14, 5) });
    check(&["около двух", "about two", "сағат екі шамасында"], &Spoken { about: true, ..at(2, 0) });
    check(&["до двух", "before two", "екіге дейін"], &Spoken { before: true, ..at(2, 0) });
    check(&["после двух", "after two", "екіден кейін"], &Spoken { after: true, ..at(2, 0) });
}

#[test]
fn a_part_of_the_day_stands_alone_or_places_an_hour() {
    let part = |part| Spoken { part_of_day: Some(part), ..Spoken::default() };
    check(&["ночью", "түн", "түнде", "at night"], &part("night"));
    check(&["утром", "таңертең", "in the morning"], &part("morning"));
    check(&["вечером", "кешке", "in the evening"], &part("evening"));
    check(&["два часа дня", "2 in the afternoon", "күндізгі екі"], &Spoken { time: Some((14, 0)), ..part("day") });
    check(&["в час дня", "1 pm in the afternoon"], &Spoken { time: Some((13, 0)), ..part("day") });
    check(&["в одиннадцать ночи", "түнгі он бір"], &Spoken { time: Some((23, 0)), ..part("night") });
}

#[test]
fn minutes_ago_are_read_alone() {
    let ago = |minutes| Spoken { minutes_ago: Some(minutes), ..Spoken::default() };
    check(&["5 мин назад", "пять минут назад", "5 min ago", "бес мин бұрын", "-5", "minus five", "минус бес"], &ago(5));
    check(&["-1h", "час назад", "an hour ago", "бір сағат бұрын"], &ago(60));
    check(&["полчаса назад", "half an hour ago", "жарты сағат бұрын"], &ago(30));
    check(&["now", "сейчас", "қазір"], &ago(0));
}

#[test]
fn what_cannot_be_read_wholly_is_none() {
    let lines = [
        "",
        "в",
        "about",
        "14.05",
        "62",
        "двадцать пять",
        "2 часа",
        "2 hours",
        "несколько часов назад",
        "2-3 часа назад",
        "1.5 hours ago",
        "half past two",
        "24:00",
        "12:60",
        "2018-02-30",
        "31.04.2018",
        "10/05/2018",
        "10.05.18",
        "23:40 кажется",
        "вчера 23:40 23:50",
        "14:05 ночью",
        "10 May twenty eighteen",
        "вчера 10 мая",
        "сегодня 5 мин назад",
        "13 pm",
        "\"23:40\"",
        "yesterday; 23:40",
        "32 мая",
        "before after 5",
    ];
    for line in lines {
        assert_eq!(when(line), None, "{line}");
    }
}

#[test]
fn an_impossible_today_is_no_failure() {
    for today in [(i16::MIN, 1, 1), (i16::MAX, 12, 31), (2024, 0, 0), (2024, 13, 40), (0, 255, 255)] {
        let _ = (spoken_when("вчера", today), spoken_when("10 мая", today), spoken_when("29 февраля", today));
    }
}
