//! One person, many spellings: folds Kazakh, Russian and Latin letters to one alphabet, for search.
//! Never changes a name as it was heard or printed.

use unicode_normalization::UnicodeNormalization;

/// Letters of several characters, longest first, with the letter they fold to.
const GROUPS: &[(&str, &str)] = &[
    ("shch", "s"),
    ("dzh", "j"),
    ("zh", "j"),
    ("дж", "j"),
    ("kh", "h"),
    ("gh", "g"),
    ("sh", "s"),
    ("ch", "c"),
    ("ts", "z"),
    ("ya", "a"),
    ("ia", "a"),
    ("ye", "e"),
    ("yo", "e"),
    ("yu", "u"),
    ("ng", "n"),
    ("ks", "x"),
    ("кс", "x"),
    ("ай", "ai"),
];

/// Folds a text: lower case, one alphabet, no accents, doubled letters once. `\u{1f}` and blanks stay.
pub fn fold(text: &str) -> String {
    let lower = if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase().nfc().collect() };
    let mut folded = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let group = if begins_group(first) { GROUPS.iter().find(|(group, _)| rest.starts_with(group)) } else { None };
        match group {
            Some((group, letter)) => {
                push(&mut folded, letter);
                rest = &rest[group.len()..];
            }
            None => {
                push_letter(&mut folded, first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    folded
}

/// Tells whether a group may begin with this letter: most do not, and texts are long.
fn begins_group(letter: char) -> bool {
    matches!(letter, 's' | 'd' | 'z' | 'k' | 'g' | 'c' | 't' | 'y' | 'i' | 'n' | 'д' | 'к' | 'а')
}

fn push_letter(folded: &mut String, letter: char) {
    match one(letter) {
        Some(plain) => push(folded, plain),
        None if letter.is_ascii_alphanumeric() => push(folded, letter.encode_utf8(&mut [0])),
        None if letter.is_alphanumeric() => {
            let bare: String = letter.nfd().filter(|c| c.is_alphanumeric()).collect();
            push(folded, &bare);
        }
        None if letter.is_whitespace() => push(folded, " "),
        None if letter == '\u{1f}' => folded.push(letter),
        None => {}
    }
}

/// Appends, once where the same letter already ends the text.
fn push(folded: &mut String, letters: &str) {
    if !folded.ends_with(letters) || letters.chars().all(|c| c.is_ascii_digit()) {
        folded.push_str(letters);
    }
}

/// One letter of any of the alphabets as a letter of the common one; soft and hard signs are nothing.
fn one(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' | 'ә' | 'ä' | 'á' | 'я' => "a",
        'б' => "b",
        'в' | 'w' => "v",
        'г' | 'ғ' | 'ğ' | 'ǵ' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' => "e",
        'ж' | 'j' => "j",
        'з' => "z",
        'и' | 'й' | 'і' | 'ы' | 'y' | 'ý' | 'ı' | 'i' => "i",
        'к' | 'қ' | 'q' => "k",
        'л' => "l",
        'м' => "m",
        'н' | 'ң' | 'ñ' | 'ń' => "n",
        'о' | 'ө' | 'ö' | 'ó' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ұ' | 'ү' | 'ю' | 'ü' | 'ū' | 'ú' => "u",
        'ф' => "f",
        'х' | 'һ' => "h",
        'ц' => "z",
        'ч' => "c",
        'ш' | 'щ' | 'ş' => "s",
        'ь' | 'ъ' => "",
        _ => return None,
    })
}

/// Tells whether every word of a search stands in a text, both folded.
pub fn contains(folded: &str, search: &str) -> bool {
    let mut words = search.split(' ').filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(|word| folded.contains(word))
}
