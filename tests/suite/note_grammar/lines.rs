//! Whole lines of quick entry.

use sandyq::model::note::{Entry, Seen, parse};

pub fn person(line: &str) -> Seen {
    match parse(line) {
        Entry::Person(seen) => seen,
        other => panic!("{line:?} is no person: {other:?}"),
    }
}

/// Blanks what is written differently in each language.
fn without_words(seen: Seen) -> Seen {
    let vehicle = seen.vehicle.map(|text| text.rsplit_once(' ').map_or(String::new(), |(_, n)| n.to_owned()));
    let destination = seen.destination.map(|_| String::from("somewhere"));
    Seen { vehicle, destination, ..seen }
}

/// English, Russian with digits and signs, Kazakh in letters only.
pub const PARALLEL: [[&str; 3]; 12] = [
    [
        "f 18-29 journalist plain dragged bus3 >Medeu -5",
        "ж молодая журналистка в штатском тащили автобус 3 в Медеу 5 минут назад",
        "әйел жас журналист азаматтық сүйреді автобус үш Медеуге бес мин бұрын",
    ],
    ["m 62 police beaten", "м 62 года полиция били", "ер алпыс екі жаста полиция ұрды"],
    ["f 30-59 lawyer none seen", "ж 30-59 адвокат силы не видел", "әйел орта жаста адвокат күш жоқ"],
    ["boy 14-17 passer-by handcuffed", "мальчик подросток прохожий в наручниках", "ер бала жасөспірім өткінші кісендеді"],
    ["elderly woman lifted into bus 2", "пожилая женщина несли в автобус №2", "қарт әйел көтерді автобусқа екі"],
    ["omon masked gas -20m", "омон в масках газ -20м", "омон маскалы газ жиырма мин бұрын"],
    ["man with child pushed -1h", "мужчина с ребёнком толкнули час назад", "ер баламен итерді бір сағат бұрын"],
    ["blogger f aged 35 knb van", "блогер ж 35 лет кнб фургон", "блогер әйел отыз бес жаста ұқк фургон"],
    ["observer m 60+ national guard stun", "наблюдатель м 60+ нацгвардия шокер", "байқаушы ер алпыстан асқан ұлттық ұлан электрошокер"],
    ["participant f kicked strangled at 23:40", "участница ж пинали душили в двадцать три сорок", "қатысушы әйел тепті буындырды сағат жиырма үш қырық"],
    ["human rights defender m 30-59 akimat car", "правозащитник м средних лет акимат машина", "құқық қорғаушы ер орта жастағы әкімдік машина"],
    ["unionist m private guards paddy wagon 12", "профсоюзник м охрана автозак двенадцать", "кәсіподақшы ер күзетшілер автозак он екі"],
];

#[test]
fn twelve_lines_mean_the_same_in_three_languages() {
    for [english, russian, kazakh] in PARALLEL {
        let expected = without_words(person(english));
        assert_eq!(expected.note, None, "{english}");
        assert_eq!(without_words(person(russian)), expected, "{russian}");
        assert_eq!(without_words(person(kazakh)), expected, "{kazakh}");
    }
}

#[test]
fn a_name_in_front_changes_nothing_else() {
    for line in PARALLEL.as_flattened() {
        let named = person(&format!("Әлия Сейітқызы, {line}"));
        let expected = Seen { name: Some("Әлия Сейітқызы".into()), ..person(line) };
        assert_eq!(named, expected, "{line}");
    }
}

#[test]
fn the_kazakh_lines_need_letters_only() {
    for [_, _, kazakh] in PARALLEL {
        assert!(kazakh.chars().all(|c| c.is_alphabetic() || c == ' '), "{kazakh}");
    }
}

#[test]
fn case_and_spaces_between_tokens_do_not_matter() {
    for line in PARALLEL.as_flattened() {
        let loud = format!("  {}  ", line.to_uppercase().replace(' ', "   "));
        let seen = without_words(person(&loud));
        assert_eq!(seen, without_words(person(line)), "{loud}");
    }
}

#[test]
fn every_field_of_the_example_is_read() {
    let seen = person("Әлия / blue coat, f 18-29 journalist plain dragged bus3 >Medeu -5");
    let expected = Seen {
        name: Some("Әлия".into()),
        descriptor: Some("blue coat".into()),
        sex: Some("female"),
        age_band: Some("18_29"),
        roles: vec!["journalist"],
        taken_by: Some("police_plain_clothes"),
        force: vec!["dragged"],
        vehicle: Some("bus 3".into()),
        destination: Some("Medeu".into()),
        minutes_ago: Some(5),
        ..Seen::default()
    };
    assert_eq!(seen, expected);
}

#[test]
fn the_order_of_tokens_does_not_matter() {
    let one = person("Асан m 62 police dragged bus 3 >Medeu -5");
    let other = person("Асан -5 >Medeu bus 3 dragged police 62 m");
    assert_eq!(one, other);
}

#[test]
fn tokens_of_three_languages_mix_in_one_line() {
    let seen = person("Dana әйел 62 года beaten сүйреді");
    assert_eq!((seen.name.as_deref(), seen.sex, seen.age), (Some("Dana"), Some("female"), Some(62)));
    assert_eq!(seen.force, ["beaten", "dragged"]);
}

#[test]
fn kazakh_words_typed_with_russian_letters_are_understood() {
    let plain = person("айел журналист суйреди автобус уш бес мин бурын");
    assert_eq!(plain, person("әйел журналист сүйреді автобус үш бес мин бұрын"));
}

#[test]
fn a_vehicle_is_stored_in_the_word_that_was_used() {
    let cases = [
        ("into bus3", "bus 3"),
        ("в автобусе №3", "автобус 3"),
        ("автобусқа үш", "автобус 3"),
        ("третий автобус", "автобус 3"),
        ("3-ші автобус", "автобус 3"),
        ("bus no 14", "bus 14"),
        ("машину", "машина"),
        ("van 123ABC02", "van 123ABC02"),
    ];
    for (line, vehicle) in cases {
        assert_eq!(person(&format!("f {line}")).vehicle.as_deref(), Some(vehicle), "{line}");
    }
}

#[test]
fn a_time_or_age_after_a_vehicle_is_not_its_number() {
    assert_eq!(person("f bus 5 min ago").minutes_ago, Some(5));
    assert_eq!(person("f bus 5 min ago").vehicle.as_deref(), Some("bus"));
    assert_eq!(person("ж автобус 62 года").age, Some(62));
    assert_eq!(person("автобус үш жас").age_band, Some("18_29"));
}

#[test]
fn destinations_are_read_with_and_without_marker() {
    let cases = [
        (">Medeu", "Medeu"),
        ("> medeu", "medeu"),
        ("to Medeu", "Medeu"),
        ("to medeu", "medeu"),
        ("в Медеу", "Медеу"),
        ("в Алмалинский РОВД", "Алмалинский РОВД"),
        ("в отдел полиции", "отдел полиции"),
        ("Медеуге", "Медеу"),
        ("медеуге", "медеу"),
        ("Алатауға", "Алатау"),
        ("Медеу РОВД-ға", "Медеу РОВД"),
        (">\"Police station 2\"", "Police station 2"),
    ];
    for (line, place) in cases {
        let seen = person(&format!("f {line} beaten"));
        assert_eq!(seen.destination.as_deref(), Some(place), "{line}");
        assert_eq!((seen.note, seen.taken_by), (None, None), "{line}");
    }
}

#[test]
fn words_like_a_destination_stay_in_the_note() {
    for note in ["tried to run", "кричал в толпе", "в чёрной куртке", "бірге", "в пальто"] {
        let seen = person(&format!("f {note}"));
        assert_eq!((seen.destination, seen.note.as_deref()), (None, Some(note)));
    }
}

#[test]
fn groups_of_unknown_people_are_counted() {
    let lines = [
        "+5 unknown into bus3",
        "+ 5 unknown people, bus 3",
        "5 unknown bus 3",
        "плюс пять неизвестных в автобус три",
        "ещё 5 человек в автобус 3",
        "тағы бес белгісіз автобус үш",
        "бес белгісіз автобус үш",
    ];
    for line in lines {
        let Entry::Group { count, seen } = parse(line) else { panic!("{line}") };
        let vehicle = seen.vehicle.clone().unwrap_or_default();
        assert!(count == 5 && vehicle.ends_with(" 3"), "{line}: {count} {vehicle}");
        assert_eq!(Seen { vehicle: None, ..seen }, Seen::default(), "{line}");
    }
}
