use std::collections::BTreeSet;

use sandyq::crypto::words::{Lang, passphrase, read_recovery_words, recovery_words};

use crate::support::Seeded;
use sandyq::sys::chance::draw;

const ALL: [Lang; 3] = [Lang::En, Lang::Ru, Lang::Kk];

#[test]
fn a_list_has_2048_words_that_differ_early_and_need_no_second_spelling() {
    for lang in ALL {
        let words: BTreeSet<&str> = lang.list().into_iter().collect();
        assert_eq!((lang.list().len(), words.len()), (2048, 2048), "{lang:?}");
        assert!(words.iter().all(|word| !word.is_empty() && word.to_lowercase() == **word && !word.contains(char::is_whitespace)), "{lang:?}");
    }
}

#[test]
fn a_passphrase_is_six_words_of_its_list() {
    let mut chance = Seeded(5);
    for lang in ALL {
        let text = passphrase(lang, &draw(&mut chance));
        let list = lang.list();
        assert_eq!(text.split(' ').filter(|word| list.contains(word)).count(), 6, "{lang:?}");
        assert_ne!(*text, *passphrase(lang, &draw(&mut chance)));
    }
    assert_eq!(passphrase(Lang::En, &[0; 9]).split(' ').collect::<BTreeSet<_>>().len(), 1, "all bits are used in order");
    let last = Lang::En.list()[2047];
    assert_eq!(*passphrase(Lang::En, &[0xff; 9]), [last; 6].join(" "));
}

#[test]
fn recovery_words_read_back_in_three_languages() {
    let mut chance = Seeded(6);
    for lang in ALL {
        for _ in 0..50 {
            let secret: [u8; 16] = draw(&mut chance);
            let words = recovery_words(lang, &secret);
            assert_eq!(words.split(' ').count(), 12);
            assert_eq!(read_recovery_words(&words).as_deref(), Some(&secret), "{lang:?}");
            let loud = format!("  {}\n", words.to_uppercase().replace(' ', " \t"));
            assert_eq!(read_recovery_words(&loud).as_deref(), Some(&secret), "{lang:?} in capitals");
        }
    }
}

#[test]
fn an_unknown_missing_or_foreign_word_is_refused() {
    let words = recovery_words(Lang::Ru, &[9; 16]);
    let split: Vec<&str> = words.split(' ').collect();
    assert!(read_recovery_words(&split[..11].join(" ")).is_none());
    assert!(read_recovery_words(&format!("{} {}", *words, split[0])).is_none());
    for foreign in ["xyzzy", Lang::En.list()[3]] {
        let mut changed = split.clone();
        changed[4] = foreign;
        assert!(read_recovery_words(&changed.join(" ")).is_none(), "{foreign}");
    }
    assert!(read_recovery_words("").is_none());
}

/// Four bits check the others: of all single wrong words about one in sixteen passes, the last word's check never.
#[test]
fn a_wrong_word_of_the_list_is_mostly_refused_and_never_read_as_the_same_secret() {
    let secret = [0x5a; 16];
    let words = recovery_words(Lang::Kk, &secret);
    let list = Lang::Kk.list();
    let (mut tried, mut passed) = (0, 0);
    for place in 0..12 {
        for wrong in list.iter().step_by(41) {
            let mut changed: Vec<&str> = words.split(' ').collect();
            if changed[place] == *wrong {
                continue;
            }
            changed[place] = wrong;
            tried += 1;
            let read = read_recovery_words(&changed.join(" "));
            assert_ne!(read.as_deref(), Some(&secret));
            passed += u32::from(read.is_some());
        }
    }
    assert!(passed * 8 < tried, "{passed} of {tried} wrong words passed");
}

#[test]
fn recovery_words_are_the_same_for_ever() {
    assert_eq!(*recovery_words(Lang::En, &[0x42; 16]), "drastic bamboo mountain loyal category cancel animal embark drastic bamboo mountain luggage");
}
