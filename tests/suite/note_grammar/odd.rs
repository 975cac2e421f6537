//! Commands, denials, notes and odd input.

use sandyq::model::note::{Entry, Seen, parse, spoken_number, spoken_when};

use super::lines::person;
use super::names::name_only;

#[test]
fn a_line_of_tokens_has_no_name() {
    for line in ["f 18-29", "62", "-5", "әйел", "bus 3", "unknown f", "; f", "белгісіз"] {
        assert_eq!(person(line).name, None, "{line}");
    }
}

#[test]
fn a_semicolon_ends_the_name() {
    let seen = person("Асан Серік; red hat, shouting f");
    assert_eq!(seen.name.as_deref(), Some("Асан Серік"));
    assert_eq!(seen.note.as_deref(), Some("red hat, shouting"));
}

#[test]
fn unknown_words_after_a_token_go_to_the_note_in_order() {
    let seen = person("Асан f lost a shoe beaten and/or fainted; bleeding");
    assert_eq!(seen.note.as_deref(), Some("lost a shoe and/or fainted; bleeding"));
}

#[test]
fn a_slash_starts_the_descriptor_also_after_a_token() {
    assert_eq!(person("/ blue coat f").descriptor.as_deref(), Some("blue coat"));
    assert_eq!(person("ж / синяя куртка; упала").descriptor.as_deref(), Some("синяя куртка"));
    assert_eq!(person("ж / синяя куртка; упала").note.as_deref(), Some("упала"));
}

#[test]
fn what_is_denied_or_doubted_sets_nothing() {
    let lines = ["не били", "not beaten", "журналист емес", "без наручников", "no police", "f?", "не был избит"];
    for line in lines {
        let seen = person(&format!("x 62 {line}"));
        let expected = Seen { age: Some(62), note: Some(line.into()), ..name_only("x") };
        assert_eq!(seen, expected, "{line}");
    }
}

#[test]
fn a_second_value_for_a_single_field_goes_to_the_note() {
    let seen = person("f m bus 3 bus 4 >Medeu >Almaly 62 -5 63 -6");
    assert_eq!((seen.sex, seen.age, seen.minutes_ago), (Some("female"), Some(62), Some(5)));
    assert_eq!(seen.note.as_deref(), Some("m bus 4 >Almaly 63 -6"));
}

#[test]
fn an_approximate_age_is_kept_as_typed() {
    let cases = [("~50", Some("30_59")), ("около 50 лет", Some("30_59")), ("40-50", Some("30_59")), ("~30", None), ("25-35", None)];
    for (text, band) in cases {
        let seen = person(&format!("f {text}"));
        assert_eq!((seen.age, seen.age_band, seen.note.as_deref()), (None, band, Some(text)));
    }
}

#[test]
fn a_telephone_number_is_neither_age_nor_group() {
    assert_eq!(person("+7 701 123 45 67"), name_only("+7 701 123 45 67"));
}

#[test]
fn commands_are_read_in_three_languages() {
    let cases: [(Entry, &[&str]); 5] = [
        (Entry::Again, &["..", "same", "Like the last", "как последний", "соңғыдай"]),
        (Entry::Undo, &["undo", "отмена", "болдырмау"]),
        (Entry::Finish, &[".", "Done", "готово!", "болды"]),
        (Entry::Help, &["?", "help", "помощь", "көмек", "???", ";"]),
        (Entry::Empty, &["", "   ", "\t\n", "\u{3000}"]),
    ];
    for (entry, lines) in cases {
        for line in lines {
            assert_eq!(parse(line), entry, "{line:?}");
        }
    }
}

#[test]
fn a_command_word_inside_a_line_is_an_ordinary_word() {
    assert_eq!(person("Done Help"), name_only("Done Help"));
    assert_eq!(person("f asked for help").note.as_deref(), Some("asked for help"));
}

#[test]
fn odd_lines_are_read_without_failure() {
    let mut lines: Vec<String> = [
        "\"",
        "\"\"",
        "«",
        "/",
        "//",
        ">",
        ">>",
        "+",
        "-",
        "- 5",
        "+0 unknown",
        "~",
        "№",
        "😀",
        "\0",
        "\u{feff}f",
        "İ",
        "ẞ f",
        ">\"",
        "f >",
        "f / ",
        "18-",
        "-99999999999",
        "99999999999999999999",
        "f at",
        "в",
        "5 5 5",
        "bus",
        "not",
        "~4294967295",
        "14:",
        ":14",
        "1 2:3",
        "e\u{301} ́ f",
        "\u{202e}f 62",
    ]
    .map(String::from)
    .into();
    let alphabet: Vec<char> = "f в5-/;>\",.:+~№жэ бір\u{301}😀".chars().collect();
    let mut state = 7_u32;
    for _ in 0..20_000 {
        let mut line = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            line.push(alphabet[(state >> 16) as usize % alphabet.len()]);
        }
        lines.push(line);
    }
    for line in lines {
        let _ = (parse(&line), spoken_when(&line, (2024, 6, 15)), spoken_number(&line));
    }
}

#[test]
fn words_of_the_line_are_never_lost() {
    let line = "Асан / қызыл шарф f qwerty beaten zxcvb 5 uiop; asdf \"hjkl\" not lifted vbnm?";
    let shown = format!("{:?}", person(line));
    for word in ["Асан", "қызыл шарф", "qwerty", "zxcvb", "5", "uiop", "asdf", "hjkl", "not lifted", "vbnm?"] {
        assert!(shown.contains(word), "{word} in {shown}");
    }
}

#[test]
fn words_beyond_two_thousand_go_to_the_note_unread() {
    let line = format!("f {} beaten", "word ".repeat(2000));
    let seen = person(&line);
    assert!(seen.force.is_empty());
    assert_eq!(seen.note.map(|note| note.split(' ').count()), Some(2001));
}

/// Whoever looked at each pair of words would take days for these.
#[test]
fn lines_of_ten_megabytes_are_read() {
    let size = 10_000_000;
    for unit in ["a", "\"", ";", "not ", "бір-"] {
        let line = unit.repeat(size / unit.len());
        assert_eq!((spoken_when(&line, (2024, 6, 15)), spoken_number(&line)), (None, None), "{unit}");
        assert!(format!("{:?}", parse(&line)).contains(unit.trim()), "{unit}: what is not understood is kept");
    }
}

#[test]
fn times_are_read_only_when_they_are_clear() {
    let cases = [
        ("at 14:05", Some((14, 5))),
        ("14.05", Some((14, 5))),
        ("в двадцать три сорок", Some((23, 40))),
        ("сағат жиырма үш қырық", Some((23, 40))),
        ("в 2 часа дня", Some((14, 0))),
        ("кешкі сағат жетіде", Some((19, 0))),
        ("at 2 pm", Some((14, 0))),
        ("держали 2 часа", None),
        ("двадцать три сорок", None),
    ];
    for (text, at) in cases {
        assert_eq!(person(&format!("f {text}")).at, at, "{text}");
    }
}

#[test]
fn a_vague_time_ago_gives_no_number() {
    for text in ["несколько часов назад", "2-3 часа назад", "1.5 hours ago", "бірнеше сағат бұрын"] {
        let seen = person(&format!("f {text}"));
        assert_eq!((seen.minutes_ago, seen.note.as_deref()), (None, Some(text)));
    }
}
