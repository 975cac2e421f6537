//! What a person types at a question, in three languages at once, and the value that is stored.

use sandyq::model::shape::Leaf;
use sandyq::model::typed::{Now, read};
use sandyq::model::value::{Age, Answer, Code, Count, Decimal, Hash, Key, Length, Line, Money, PlaceRef, ProvisionRef, Secret, Term, When};
use sandyq::model::vocabulary;
use serde_json::{Value, json};

const NOW: Now = Now { date: (2018, 5, 11), time: (9, 30), offset_min: 300 };

const LEAVES: [Leaf; 18] = [
    Leaf::Line,
    Leaf::Code,
    Leaf::Term,
    Leaf::Ref,
    Leaf::When,
    Leaf::Count,
    Leaf::Answer,
    Leaf::Age,
    Leaf::Place,
    Leaf::Provision,
    Leaf::Money,
    Leaf::Length,
    Leaf::Number,
    Leaf::Decimal,
    Leaf::Flag,
    Leaf::Hash,
    Leaf::Entry,
    Leaf::Secret,
];

/// Reads a line and shows that its value is one of the leaf's type.
fn typed(leaf: Leaf, text: &str) -> Option<Value> {
    let value = read(leaf, "sex", text, &NOW)?;
    assert!(fits(leaf, &value), "{text:?} gave {value} which is no {leaf:?}");
    Some(value)
}

fn fits(leaf: Leaf, value: &Value) -> bool {
    fn is<T: serde::de::DeserializeOwned>(value: &Value) -> bool {
        serde_json::from_value::<T>(value.clone()).is_ok()
    }
    match leaf {
        Leaf::Line | Leaf::Ref => is::<Line>(value),
        Leaf::Code => is::<Code>(value),
        Leaf::Term => is::<Term>(value),
        Leaf::When => is::<When>(value),
        Leaf::Count => is::<Count>(value),
        Leaf::Answer => is::<Answer>(value),
        Leaf::Age => is::<Age>(value),
        Leaf::Place => is::<PlaceRef>(value),
        Leaf::Provision => is::<ProvisionRef>(value),
        Leaf::Money => is::<Money>(value),
        Leaf::Length => is::<Length>(value),
        Leaf::Number => is::<u32>(value),
        Leaf::Decimal => is::<Decimal>(value),
        Leaf::Flag => is::<bool>(value),
        Leaf::Hash => is::<Hash>(value),
        Leaf::Entry => is::<Key>(value),
        Leaf::Secret => is::<Secret>(value),
    }
}

/// Shows that every line gives the same value, whatever its language; what was printed is left out.
fn all(leaf: Leaf, lines: &[&str], expected: Value) {
    let without_print = |mut value: Value| {
        value.as_object_mut().map(|map| map.remove("as_printed"));
        value
    };
    let wrong = lines.iter().filter_map(|line| {
        let value = typed(leaf, line).map(without_print);
        (value.as_ref() != Some(&expected)).then(|| format!("{line:?} gave {value:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "expected {expected}:\n{}", wrong.join("\n"));
}

fn none(leaf: Leaf, lines: &[&str]) {
    let read: Vec<String> = lines.iter().filter_map(|line| typed(leaf, line).map(|value| format!("{line:?} gave {value}"))).collect();
    assert!(read.is_empty(), "{}", read.join("\n"));
}

fn minute(date: &str, time: &str, offset: i16) -> Value {
    json!({"date": date, "time": time, "offset_min": offset, "precision": "minute"})
}

fn with(mut value: Value, name: &str, more: impl Into<Value>) -> Value {
    value[name] = more.into();
    value
}

#[test]
fn lines_and_codes_are_stored_as_typed_and_hidden_characters_are_refused() {
    all(Leaf::Line, &["Әлия «Ә.» 12", "  Әлия «Ә.» 12 "], json!("Әлия «Ә.» 12"));
    all(Leaf::Code, &["ALM-0510"], json!("ALM-0510"));
    all(Leaf::Ref, &["P-3KQ"], json!("P-3KQ"));
    all(Leaf::Secret, &["тётя А."], json!("тётя А."));
    all(Leaf::Hash, &[&"0a".repeat(32)], json!("0a".repeat(32)));
    all(Leaf::Entry, &["k3-1"], json!("k3-1"));
    for leaf in LEAVES {
        none(leaf, &["", "   ", "a\u{202e}b", "a\u{7}b", "1\u{200b}5"]);
    }
    none(Leaf::Code, &["ALM 0510", "Әлия"]);
    none(Leaf::Hash, &["0a", &"0A".repeat(32)]);
}

#[test]
fn numbers_are_read_in_digits_groups_and_words() {
    all(Leaf::Number, &["15", "fifteen", "пятнадцать", "он бес", "015"], json!(15));
    all(Leaf::Number, &["50 000", "50000", "fifty thousand", "50 тысяч", "пятьдесят тысяч", "елу мың", "50 мың"], json!(50_000));
    all(Leaf::Number, &["2 million", "два миллиона", "екі миллион", "2 000 000", "2 млн"], json!(2_000_000));
    all(Leaf::Number, &["two hundred", "двухсот", "екі жүз"], json!(200));
    all(Leaf::Decimal, &["1.5", "1,5", "полтора", "one and a half", "бір жарым", "бир жарым"], json!("1.5"));
    none(Leaf::Number, &["1.5", "много", "-5", "15 16", "5 6", "99999999999"]);
    none(Leaf::Decimal, &["1,500", "1.500", "1.2.3", ".", "5,"]);
}

#[test]
fn a_flag_is_yes_or_no_and_nothing_else() {
    all(Leaf::Flag, &["yes", "да", "иә", "Y", "д", "ия", "да."], json!(true));
    all(Leaf::Flag, &["no", "нет", "жоқ", "n", "н", "жок"], json!(false));
    none(Leaf::Flag, &["unclear", "неясно", "белгісіз", "н/п", "maybe", "да, наверное"]);
}

#[test]
fn a_term_is_meant_by_words_of_any_language() {
    let female = json!("female");
    all(Leaf::Term, &["female", "женский", "әйел"], female);
    none(Leaf::Term, &["стол"]);
    assert_eq!(read(Leaf::Term, "no_such_vocabulary", "female", &NOW), None);
}

#[test]
fn hints_about_time_keep_their_promise() {
    all(Leaf::When, &["2018-05-10 23:40", "10.05.2018 23:40", "10 мая 2018 23:40", "2018-05-10T23:40"], minute("2018-05-10", "23:40", 300));
    all(Leaf::When, &["2018-05-25 14:00"], minute("2018-05-25", "14:00", 300));
    let yesterday = ["yesterday 23:40", "вчера 23:40", "кеше 23:40", "кеше жиырма үш қырық", "вчера в двадцать три сорок"];
    all(Leaf::When, &yesterday, minute("2018-05-10", "23:40", 300));
    let about = with(minute("2018-05-10", "14:00", 300), "qualifier", "about");
    all(Leaf::When, &["about 14:00", "около 14:00", "шамамен 14:00", "~14:00"], about);
    all(Leaf::When, &["2018-05-25", "25.05.2018"], json!({"date": "2018-05-25"}));
    all(
        Leaf::When,
        &["2018-05", "May 2018", "май 2018", "в мае 2018 года", "2018 жылғы мамыр", "мамыр екі мың он сегіз", "05.2018"],
        json!({"date": "2018-05"}),
    );
    all(Leaf::When, &["2018", "2018 год", "в 2018 году", "2018 жыл", "екі мың он сегіз"], json!({"date": "2018"}));
    let months = ["2014-04/2015-04", "from April 2014 to April 2015", "с апреля 2014 по апрель 2015", "2014 жылғы сәуір мен 2015 жылғы сәуір аралығында"];
    all(Leaf::When, &months, json!({"date": "2014-04/2015-04"}));
    all(Leaf::When, &["2016~"], json!({"date": "2016~"}));
    all(Leaf::When, &["about 2016", "около 2016 года", "шамамен 2016 жыл"], json!({"date": "2016", "qualifier": "about"}));
    all(Leaf::When, &["unknown", "неизвестно", "белгісіз", "белгисиз"], json!({"precision": "unknown"}));
}

#[test]
fn a_time_alone_is_the_last_one_up_to_now() {
    all(Leaf::When, &["9:30", "at 9:30", "в 9:30", "сағат 9:30"], minute("2018-05-11", "09:30", 300));
    all(Leaf::When, &["9:31"], minute("2018-05-10", "09:31", 300));
    all(Leaf::When, &["10 min ago", "10 минут назад", "он минут бұрын"], minute("2018-05-11", "09:20", 300));
    all(Leaf::When, &["10 hours ago", "10 часов назад", "он сағат бұрын"], minute("2018-05-10", "23:30", 300));
    all(Leaf::When, &["evening", "вечером", "кешке"], json!({"date": "2018-05-10", "part_of_day": "evening"}));
    let before = with(minute("2018-05-11", "08:00", 300), "qualifier", "before");
    all(Leaf::When, &["before 8:00", "до 8:00", "8:00-ге дейін"], before);
}

#[test]
fn an_offset_that_was_typed_is_taken_and_moves_today() {
    let lines = ["10.05.2018 23:40 +06:00", "2018-05-10 23:40 +6", "2018-05-10T23:40+06:00", "10 мая 2018 23:40 UTC+6", "10 мамыр 2018 23:40 плюс алты"];
    all(Leaf::When, &lines, minute("2018-05-10", "23:40", 360));
    all(Leaf::When, &["2018-05-10T23:40Z", "2018-05-10 23:40 UTC"], minute("2018-05-10", "23:40", 0));
    all(Leaf::When, &["10:15 +6"], minute("2018-05-11", "10:15", 360));
    none(Leaf::When, &["2018-05-10 +6", "10 min ago +6", "23:40 +25", "23:40 UTC+", "+6"]);
}

#[test]
fn a_stretch_between_two_times_keeps_both() {
    let between = |date: &str| with(with(minute(date, "14:00", 300), "to_time", "15:00"), "qualifier", "between");
    let lines = [
        "yesterday between 14:00 and 15:00",
        "between 2 and 3 pm",
        "вчера между 14:00 и 15:00",
        "между 14 и 15 часами",
        "кеше 14:00 мен 15:00 арасында",
        "14:00-15:00",
        "вчера 14:00 – 15:00",
        "между двумя и тремя часами дня",
    ];
    all(Leaf::When, &lines, between("2018-05-10"));
    all(Leaf::When, &["кеше он төрт пен он бес арасында"], between("2018-05-10"));
    none(Leaf::When, &["between 14:00", "between 14:00 and", "between about 14:00 and 15:00", "between 11 and 1 pm"]);
}

#[test]
fn a_day_and_its_time_are_read_in_letters_only() {
    let lines = ["екі мың он сегіз жылғы он мамыр жиырма үш қырық", "десятого мая две тысячи восемнадцатого года в двадцать три сорок"];
    all(Leaf::When, &lines, minute("2018-05-10", "23:40", 300));
}

#[test]
fn what_is_no_moment_is_asked_again() {
    none(Leaf::When, &["9999", "0034", "2018-13", "2015-04/2014-04", "once", "14.05", "10 мая 2018 в сквере", "May", "between", "2018-05-10 25:00"]);
}

#[test]
fn figures_come_back_with_their_qualifier() {
    let persons = |op: &str, value: &str| json!({"op": op, "value": value, "unit": "persons"});
    let more = [
        "more than 150",
        "over 150 people",
        ">150",
        "более 150",
        "более чем 150 человек",
        "свыше 150",
        "больше 150",
        "150-ден астам",
        "150-ден астам адам",
        "150 адамнан астам",
        "жүз елуден астам",
        "жуз елуден астам",
        "более ста пятидесяти",
        "more than one hundred and fifty",
    ];
    all(Leaf::Count, &more, persons("more_than", "150"));
    all(Leaf::Count, &["150", "сто пятьдесят", "жүз елу", "150 people", "150 человек", "150 адам"], persons("exact", "150"));
    all(Leaf::Count, &["at least 12", "не менее 12", "не меньше двенадцати", "кемінде 12", "кемінде он екі", "12-ден кем емес"], persons("at_least", "12"));
    all(Leaf::Count, &["about 200", "около 200", "около двухсот", "шамамен 200", "екі жүзге жуық", "~200"], persons("about", "200"));
    all(Leaf::Count, &["up to 60", "до 60", "не более 60", "60-қа дейін", "алпысқа дейін", "no more than 60"], persons("up_to", "60"));
    let between = json!({"op": "between", "value": "130", "to": "330", "unit": "persons"});
    let lines = ["130-330", "130 – 330 человек", "between 130 and 330", "между 130 и 330", "от 130 до 330", "130 бен 330 арасында", "130-дан 330-ға дейін"];
    all(Leaf::Count, &lines, between);
    all(Leaf::Count, &["40%", "40 percent", "40 процентов", "қырық пайыз"], json!({"op": "exact", "value": "40", "unit": "percent"}));
    all(Leaf::Count, &["12 cases", "12 дел", "он екі іс"], json!({"op": "exact", "value": "12", "unit": "cases"}));
}

#[test]
fn figures_without_a_number_stay_words() {
    let word = |op: &str| json!({"op": op, "unit": "persons"});
    all(Leaf::Count, &["dozens", "dozens of people", "десятки", "десятки людей", "ондаған", "ондаған адам"], word("dozens"));
    all(Leaf::Count, &["few dozen", "a few dozen people"], word("few_dozen"));
    all(Leaf::Count, &["several dozen", "несколько десятков", "бірнеше ондаған"], word("several_dozen"));
    all(Leaf::Count, &["hundreds", "сотни", "жүздеген"], word("hundreds"));
    all(Leaf::Count, &["numerous", "многочисленные", "көптеген"], word("numerous"));
    all(Leaf::Count, &["unknown", "неизвестно", "белгісіз"], word("unknown"));
}

#[test]
fn a_figure_keeps_what_was_printed_unless_it_is_a_bare_number() {
    let printed = |text: &str| typed(Leaf::Count, text).expect("a figure")["as_printed"].clone();
    assert_eq!(printed("Более 150 человек"), json!("Более 150 человек"));
    assert_eq!(printed("150"), Value::Null);
    none(Leaf::Count, &["fewer than 150", "150 20", "более", "more than many", "человек 150", "330-130", "150 столов", "не более более 5", "about 130-330"]);
}

#[test]
fn an_answer_keeps_what_was_said_beside_it() {
    all(Leaf::Answer, &["yes", "да", "иә", "и"], json!({"value": "yes"}));
    all(Leaf::Answer, &["unclear", "неясно", "белгісіз", "б"], json!({"value": "unclear"}));
    all(Leaf::Answer, &["not applicable", "n/a", "не применимо", "н/п", "қатысы жоқ"], json!({"value": "not_applicable"}));
    let noted = json!({"value": "no", "note": "адвоката не пустили"});
    let lines = ["нет, адвоката не пустили", "no; адвоката не пустили", "жоқ - адвоката не пустили", "Нет — адвоката не пустили"];
    all(Leaf::Answer, &lines, noted);
    all(Leaf::Answer, &["no, he said: yes, later"], json!({"value": "no", "note": "he said: yes, later"}));
    none(Leaf::Answer, &["нет адвоката не пустили", "1,5", "стол, нет", ", да"]);
}

#[test]
fn ages_are_years_bands_birth_dates_or_what_was_seen() {
    all(Leaf::Age, &["34", "34 года", "34 years old", "34 жаста", "отыз төрт", "отыз төрт жаста", "тридцать четыре года"], json!({"years": 34}));
    all(Leaf::Age, &["18-29", "18–29 лет", "18-29 жас", "жас", "young"], json!({"band": "18_29"}));
    all(Leaf::Age, &["14-17", "подросток", "жасөспірім", "teen", "от 14 до 17 лет"], json!({"band": "14_17"}));
    all(Leaf::Age, &["child", "ребёнок", "ребенок", "бала", "до 14 лет", "14 жасқа дейін"], json!({"band": "under_14"}));
    all(Leaf::Age, &["60+", "over 60", "старше 60", "алпыстан асқан"], json!({"band": "60_plus"}));
    all(Leaf::Age, &["unknown", "неизвестно", "белгісіз"], json!({"band": "unknown"}));
    all(Leaf::Age, &["1984-03-02", "02.03.1984", "2 марта 1984 года рождения", "2 March 1984", "1984 жылғы 2 наурыз"], json!({"born": "1984-03-02"}));
    all(Leaf::Age, &["1984", "1984 г.р.", "born in 1984", "1984 года рождения", "1984 жылы туған", "бір мың тоғыз жүз сексен төрт"], json!({"born": "1984"}));
    all(Leaf::Age, &["seems minor", "на вид несовершеннолетний", "кәмелетке толмаған сияқты"], json!({"seems_minor": true}));
    all(Leaf::Age, &["17, seems minor", "17 лет, на вид несовершеннолетний"], json!({"years": 17, "seems_minor": true}));
    none(Leaf::Age, &["131", "1899", "2019", "20-25", "about 30", "34, 35", "yesterday", "2 марта", "старый", "2018-05-12"]);
}

#[test]
fn a_place_is_known_by_its_whole_name_only() {
    all(Leaf::Place, &["Almaty", "алматы", "Алма-Ата"], json!({"known": "almaty"}));
    all(Leaf::Place, &["у фонтана на площади"], json!({"text": "у фонтана на площади"}));
    all(Leaf::Place, &["5"], json!({"text": "5"}));
}

#[test]
fn a_provision_needs_an_instrument_with_its_edition() {
    let theft = json!({"instrument": "KZ-CC-2014", "article": "174", "part": "1"});
    let lines = [
        "KZ-CC-2014 174 part 1",
        "KZ-CC-2014 174 часть 1",
        "KZ-CC-2014 174 1-бөлік",
        "УК 2014 174 ч. 1",
        "ст. 174 ч. 1 УК 2014",
        "ч.1 ст.174 УК РК",
        "ҚР ҚК 174-бап 1-бөлік",
        "ҚР ҚК 174-бабының 1-бөлігі",
        "article 174 part 1 of the Criminal Code of 2014",
        "Уголовного кодекса 2014 года статья 174 часть 1",
        "2014 жылғы Қылмыстық кодекстің 174-бабы 1-бөлігі",
        "ҚР ҚК жүз жетпіс төрт бап бір бөлік",
    ];
    all(Leaf::Provision, &lines, theft);
    all(Leaf::Provision, &["КоАП 2001 373", "статья 373 КоАП 2001"], json!({"instrument": "KZ-CAO-2001", "article": "373"}));
    none(
        Leaf::Provision,
        &["174", "ст. 174 ч. 1", "УК 174", "УК РК 1997 174", "УК 2014", "УК 2014 174 1", "ст. 174 ст. 175 УК 2014", "ҚК 174-бап", "УК 2014 174 ч. 1 кража"],
    );
}

#[test]
fn money_has_an_amount_and_a_currency() {
    all(
        Leaf::Money,
        &["50000 KZT", "50 000 тенге", "50000 теңге", "елу мың теңге", "50 тыс. тг", "50 000 ₸", "KZT 50000"],
        json!({"amount": "50000", "currency": "KZT"}),
    );
    all(Leaf::Money, &["20 MCI", "20 МРП", "20 АЕК", "жиырма АЕК", "двадцать МРП", "20МРП"], json!({"amount": "20", "currency": "MCI"}));
    all(Leaf::Money, &["130-330 EUR", "130–330 евро", "от 130 до 330 евро", "€130-330"], json!({"amount": "130", "to": "330", "currency": "EUR"}));
    none(Leaf::Money, &["50000", "тенге", "about 50 KZT", "50 EUR KZT", "50,000 KZT", "330-130 EUR"]);
}

#[test]
fn the_length_of_a_sentence_is_kept_as_pronounced() {
    all(
        Leaf::Length,
        &["1.5 years", "1,5 года", "1.5 жыл", "полтора года", "бір жарым жыл", "one and a half years", "1 год с половиной"],
        json!({"years": "1.5"}),
    );
    all(
        Leaf::Length,
        &["2 years 6 months", "2 года 6 месяцев", "2 жыл 6 ай", "екі жыл алты ай", "2 года и 6 мес.", "two years, six months", "2y6mo"],
        json!({"years": "2", "months": "6"}),
    );
    all(Leaf::Length, &["15 days", "15 суток", "15 тәулік", "он бес тәулік", "на 15 суток", "15 тәулікке"], json!({"days": "15"}));
    all(Leaf::Length, &["life", "пожизненно", "өмір бойы", "омир бойы"], json!({"life": true}));
    none(Leaf::Length, &["15", "years", "2 года 3 года", "2 недели", "2 года и", "about 2 years", "15 days suspended"]);
}

#[test]
fn every_word_of_the_vocabularies_is_understood() {
    let words = |name: &str| vocabulary::shipped(name).expect("shipped").terms.iter();
    for term in words("count_unit") {
        for word in [&term.en, &term.ru, &term.kk] {
            assert_eq!(typed(Leaf::Count, &format!("7 {word}")).expect(word)["unit"], json!(term.code), "{word}");
        }
    }
    for term in words("age_band") {
        for word in [&term.en, &term.ru, &term.kk] {
            assert_eq!(typed(Leaf::Age, word), Some(json!({"band": term.code})), "{word}");
        }
    }
    for term in words("instrument") {
        let found = typed(Leaf::Provision, &format!("{} 7", term.code)).expect(&term.code);
        assert_eq!(found["instrument"], json!(term.code));
    }
}

/// A small generator with a fixed seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

#[test]
fn no_line_panics_and_every_value_fits_its_type() {
    const BITS: [&str; 60] = [
        "150",
        "-",
        "–",
        "ден",
        "between",
        "and",
        "между",
        "и",
        "мен",
        "арасында",
        "жүз",
        "елу",
        " ",
        " ",
        " ",
        ",",
        ";",
        ".",
        ":",
        "14:00",
        "15",
        "+",
        "+5",
        "UTC",
        "z",
        "T",
        "%",
        "$",
        "€",
        "ст.",
        "ч",
        "УК 2014",
        "KZ-CC-2014",
        "/",
        "бап",
        "-бап",
        "года",
        "жас",
        "years",
        "pm",
        "дня",
        "до",
        "дейін",
        "a",
        "half",
        "жарым",
        "million",
        "мың",
        "2018",
        "мамыр",
        "May",
        "~",
        "нет",
        "İ",
        "ß",
        "é",
        "\u{301}",
        "王",
        "«",
        "\u{0}",
    ];
    let mut dice = Dice(0x5eed_2018);
    let mut understood = 0;
    for round in 0..20_000 {
        let size = 1 + dice.below(9);
        let mut text: String = (0..size).map(|_| BITS[dice.below(BITS.len())]).collect();
        if dice.below(4) == 0 {
            text.extend(char::from_u32(dice.below(0x3000) as u32));
        }
        let leaf = LEAVES[round % LEAVES.len()];
        understood += usize::from(typed(leaf, &text).is_some());
    }
    assert!(understood > 1_000, "only {understood} lines meant anything");
}
