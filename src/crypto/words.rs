//! Secrets as words that can be read out and written down: 2048 words a language, 11 bits each.

use hkdf::Hkdf;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::hash::hash;
use super::labels;
use super::seal::Identity;
use super::sign::SigningKey;

/// Language of a word list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    En,
    Ru,
    Kk,
}

/// Words of a generated passphrase and of what people compare: 66 bits, with 0.4 s of scrypt behind each guess.
const SIX_WORDS: usize = 6;
/// Bits of nine bytes that six words do not use.
const UNUSED_BITS: u32 = 6;
/// Digits that any number of 66 bits fits in.
const SAFETY_DIGITS: usize = 20;
/// Words of a recovery key: 12 words are 132 bits, of which the last 4 check the others.
pub const RECOVERY_WORDS: usize = 12;

impl Lang {
    /// Finds the language by its code.
    pub fn named(code: &str) -> Option<Lang> {
        match code {
            "en" => Some(Lang::En),
            "ru" => Some(Lang::Ru),
            "kk" => Some(Lang::Kk),
            _ => None,
        }
    }

    /// Returns the list, 2048 words.
    pub fn list(self) -> Vec<&'static str> {
        let text = match self {
            Lang::En => include_str!("../../schema/words/en.txt"),
            Lang::Ru => include_str!("../../schema/words/ru.txt"),
            Lang::Kk => include_str!("../../schema/words/kk.txt"),
        };
        text.lines().collect()
    }
}

/// Makes a passphrase of six words from nine random bytes.
pub fn passphrase(lang: Lang, random: &[u8; 9]) -> Zeroizing<String> {
    Zeroizing::new(six_words(lang, random))
}

/// Writes what [`super::stretch`] gives as six words; the last six bits do not count.
pub fn safety_words(lang: Lang, short: &[u8; 9]) -> String {
    six_words(lang, short)
}

fn six_words(lang: Lang, bytes: &[u8; 9]) -> String {
    let list = lang.list();
    let words: Vec<&str> = (0..SIX_WORDS).map(|word| list[bits(bytes, word * 11)]).collect();
    words.join(" ")
}

/// Writes the same 66 bits as twenty decimal digits in groups of five.
pub fn safety_digits(short: &[u8; 9]) -> String {
    let number = short.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte)) >> UNUSED_BITS;
    let digits = format!("{number:020}");
    [&digits[..5], &digits[5..10], &digits[10..15], &digits[15..]].join(" ")
}

/// Reads safety words of any of the three lists, or twenty digits, in upper or lower case, parted by white space or commas.
/// The last six bits of the result are zero, as those of [`super::stretch`].
pub fn read_safety(text: &str) -> Option<[u8; 9]> {
    let text: String = text.nfc().flat_map(char::to_lowercase).map(|c| if c == ',' { ' ' } else { c }).collect();
    if text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace()) {
        return read_digits(&text);
    }
    [Lang::En, Lang::Ru, Lang::Kk].into_iter().find_map(|lang| read_six_words(lang, &text))
}

fn read_digits(text: &str) -> Option<[u8; 9]> {
    let digits: String = text.split_whitespace().collect();
    let number: u128 = Some(digits).filter(|digits| digits.len() == SAFETY_DIGITS)?.parse().ok()?;
    let bytes = (number << UNUSED_BITS).to_be_bytes();
    let (over, short) = bytes.split_at(bytes.len() - 9);
    over.iter().all(|byte| *byte == 0).then(|| short.try_into().expect("nine bytes"))
}

fn read_six_words(lang: Lang, text: &str) -> Option<[u8; 9]> {
    let numbers = numbers_of(lang, text).filter(|numbers| numbers.len() == SIX_WORDS)?;
    let mut short = [0; 9];
    put_numbers(&numbers, &mut short);
    Some(short)
}

/// Writes 16 random bytes as twelve recovery words.
pub fn recovery_words(lang: Lang, secret: &[u8; 16]) -> Zeroizing<String> {
    let list = lang.list();
    let checked = with_check(secret);
    let words: Vec<&str> = (0..RECOVERY_WORDS).map(|word| list[bits(&*checked, word * 11)]).collect();
    Zeroizing::new(words.join(" "))
}

/// Reads recovery words of any of the three lists; `None` when a word is unknown or the check does not fit.
pub fn read_recovery_words(text: &str) -> Option<Zeroizing<[u8; 16]>> {
    [Lang::En, Lang::Ru, Lang::Kk].into_iter().find_map(|lang| read_words_of(lang, text))
}

fn read_words_of(lang: Lang, text: &str) -> Option<Zeroizing<[u8; 16]>> {
    let numbers = numbers_of(lang, text).filter(|numbers| numbers.len() == RECOVERY_WORDS)?;
    let mut bytes = Zeroizing::new([0_u8; 17]);
    put_numbers(&numbers, &mut *bytes);
    let secret: [u8; 16] = bytes[..16].try_into().ok()?;
    (with_check(&secret)[16] == bytes[16]).then(|| Zeroizing::new(secret))
}

/// The places of words in a list; none when one of them is not in it.
fn numbers_of(lang: Lang, text: &str) -> Option<Zeroizing<Vec<usize>>> {
    let list = lang.list();
    let position = |word: &str| list.iter().position(|known| *known == word.to_lowercase());
    text.split_whitespace().map(position).collect::<Option<_>>().map(Zeroizing::new)
}

/// Writes numbers of eleven bits, one after the other.
fn put_numbers(numbers: &[usize], bytes: &mut [u8]) {
    for (word, number) in numbers.iter().enumerate() {
        (0..11).filter(|bit| number >> (10 - bit) & 1 == 1).for_each(|bit| set_bit(bytes, word * 11 + bit));
    }
}

/// The secret with four check bits after it.
fn with_check(secret: &[u8; 16]) -> Zeroizing<[u8; 17]> {
    let mut checked = Zeroizing::new([0_u8; 17]);
    checked[..16].copy_from_slice(secret);
    checked[16] = hash(labels::RECOVERY_CHECK, &[secret])[0] & 0xf0;
    checked
}

/// Eleven bits from a bit position, as a number.
fn bits(bytes: &[u8], from: usize) -> usize {
    (from..from + 11).fold(0, |number, bit| number << 1 | usize::from(bytes[bit / 8] >> (7 - bit % 8) & 1))
}

fn set_bit(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] |= 1 << (7 - bit % 8);
}

/// Derives both keys of a recovery secret: the one that signs and the one that opens.
pub fn recovery_keys(secret: &[u8; 16]) -> (SigningKey, Identity) {
    let derive = |label: &str| {
        let mut key = Zeroizing::new([0_u8; 32]);
        let expanded = Hkdf::<Sha256>::new(None, secret).expand(label.as_bytes(), &mut *key);
        expanded.expect("32 bytes are within what HKDF gives");
        key
    };
    (SigningKey::from_seed(&derive(labels::RECOVERY_SIGNING)), Identity::from_secret(&derive(labels::RECOVERY_IDENTITY)))
}
