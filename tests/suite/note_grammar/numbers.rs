//! Numbers in digits and in words.

use sandyq::model::note::spoken_number;

#[test]
fn numbers_are_read_in_digits_and_words() {
    let cases = [
        ("0", 0),
        ("ноль", 0),
        ("62", 62),
        ("алпыс екі", 62),
        ("шестьдесят два", 62),
        ("sixty-two", 62),
        ("sixty two", 62),
        ("Он Бір", 11),
        ("тоқсан тоғыз", 99),
        ("девяносто девять", 99),
        ("жүз жиырма үш", 123),
        ("екі жүз", 200),
        ("двести пять", 205),
        ("one hundred and five", 105),
        ("екі мың он сегіз", 2018),
        ("сорок", 40),
    ];
    for (text, value) in cases {
        assert_eq!(spoken_number(text), Some(value), "{text}");
    }
}

#[test]
fn every_number_below_a_hundred_composes_in_kazakh() {
    let ones = ["", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"];
    let tens = ["", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"];
    for value in 1..100_usize {
        let text = format!("{} {}", tens[value / 10], ones[value % 10]);
        assert_eq!(spoken_number(&text), u32::try_from(value).ok(), "{text}");
    }
}

#[test]
fn what_is_no_number_as_a_whole_is_none() {
    for text in ["", "бір бір", "twenty forty", "двадцать десять", "five apples", "5 6", "third", "-5", "99999999999"] {
        assert_eq!(spoken_number(text), None, "{text}");
    }
}
