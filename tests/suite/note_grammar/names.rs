//! Names that look like tokens, initials and quoted words.

use sandyq::model::note::Seen;

use super::lines::person;

pub fn name_only(name: &str) -> Seen {
    Seen { name: Some(name.into()), ..Seen::default() }
}

#[test]
fn a_line_with_a_name_alone_stores_a_name_alone() {
    let names = [
        "Әлия Қасымова",
        "М. Иванов",
        "М Иванов",
        "Ж. Ә. Сейітова",
        "Иванов М. И.",
        "Иванов М.И.",
        "В Петров",
        "Серік қызы Айгүл",
        "Сәке",
        "Рильке",
        "Ұлан",
        "Ван Ли",
        "Роза Мая Август",
        "No Hyun",
        "王小明",
        "მარიამ",
        "محمد علي",
        "O'Neill-Smith",
        "Асан (Хасен)",
    ];
    for name in names {
        assert_eq!(person(name), name_only(name));
    }
}

#[test]
fn number_words_and_pronouns_are_no_tokens_by_themselves() {
    for word in ["он", "бес", "сон", "son", "one", "сорок", "жүз", "он неизвестный"] {
        assert_eq!(person(word), name_only(word));
    }
}

#[test]
fn quoted_words_are_never_tokens() {
    assert_eq!(person("\"Young Bus\""), name_only("Young Bus"));
    assert_eq!(person("«Газ» m").name.as_deref(), Some("Газ"));
    let seen = person("Асан \"Бус\" Серік m \"beaten\"");
    assert_eq!(seen.name.as_deref(), Some("Асан \"Бус\" Серік"));
    assert_eq!(seen.note.as_deref(), Some("\"beaten\""));
    assert!(seen.force.is_empty() && seen.vehicle.is_none());
}

#[test]
fn single_letters_are_tokens_as_separate_words() {
    let cases = [("Асан m", "male"), ("Асан F", "female"), ("ж 30", "female"), ("Ж 30", "female"), ("ә жас", "female"), ("е 62", "male")];
    for (line, sex) in cases {
        assert_eq!(person(line).sex, Some(sex), "{line}");
    }
    let seen = person("М. Иванов м 62");
    assert_eq!((seen.name.as_deref(), seen.sex, seen.age), (Some("М. Иванов"), Some("male"), Some(62)));
}
