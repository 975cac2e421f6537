//! Secrets as words that can be read out and written down: 2048 words a language, 11 bits each.

use hkdf::Hkdf;
use sha2::Sha256;
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

/// Words of a generated passphrase: 66 bits, with 0.4 s of scrypt behind each guess.
const PASSPHRASE_WORDS: usize = 6;
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
    let list = lang.list();
    let words: Vec<&str> = (0..PASSPHRASE_WORDS).map(|word| list[bits(random, word * 11)]).collect();
    Zeroizing::new(words.join(" "))
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
    let list = lang.list();
    let position = |word: &str| list.iter().position(|known| *known == word.to_lowercase());
    let numbers: Vec<usize> = text.split_whitespace().map(position).collect::<Option<_>>()?;
    if numbers.len() != RECOVERY_WORDS {
        return None;
    }
    let mut bytes = Zeroizing::new([0_u8; 17]);
    for (word, number) in numbers.iter().enumerate() {
        (0..11).filter(|bit| number >> (10 - bit) & 1 == 1).for_each(|bit| set_bit(&mut *bytes, word * 11 + bit));
    }
    let secret: [u8; 16] = bytes[..16].try_into().ok()?;
    (with_check(&secret)[16] == bytes[16]).then(|| Zeroizing::new(secret))
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
