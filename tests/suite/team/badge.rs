use bech32::{Bech32, Bech32m, Hrp};
use sandyq::crypto::{Lang, read_safety, safety_digits, safety_words, stretch};
use sandyq::team::{Badge, casebook_safety};

use super::{ANNA, BOLAT, badge, frozen, key, recipient};

const PREFIX: Hrp = Hrp::parse_unchecked("sandyqbadge");

fn payload(line: &str) -> Vec<u8> {
    bech32::decode(line).expect("a line").1
}

fn line(payload: &[u8]) -> String {
    bech32::encode::<Bech32m>(PREFIX, payload).expect("short")
}

#[test]
fn a_badge_line_reads_back_also_in_upper_case_and_with_white_space_around() {
    for handle in ["M", "M-7KQ", "abcdefgh-1234567"] {
        let badge = Badge::new(&key(ANNA), &recipient(ANNA), handle);
        let line = badge.to_line();
        assert!(line.starts_with("sandyqbadge1") && line.len() < 256, "{line}");
        assert_eq!(Badge::from_line(&line).as_ref(), Some(&badge));
        assert_eq!(Badge::from_line(&format!(" \n{}\r\n", line.to_uppercase())), Some(badge));
    }
}

#[test]
fn a_badge_line_with_any_one_letter_changed_is_refused() {
    let line = badge(ANNA).to_line();
    for at in 0..line.len() {
        let mut changed = line.clone().into_bytes();
        changed[at] = if changed[at] == b'q' { b'p' } else { b'q' };
        assert_eq!(Badge::from_line(std::str::from_utf8(&changed).expect("ASCII")), None, "letter {at}");
    }
    let mixed = format!("S{}", &line[1..]);
    for wrong in [mixed.as_str(), "", "sandyqbadge1", &line[..line.len() - 1], &format!("{line} {line}")] {
        assert_eq!(Badge::from_line(wrong), None, "{wrong}");
    }
}

#[test]
fn a_badge_line_with_a_right_checksum_and_wrong_content_is_refused() {
    let genuine = payload(&badge(ANNA).to_line());
    assert_eq!(Badge::from_line(&line(&genuine)), Some(badge(ANNA)));
    for at in 0..genuine.len() {
        let mut changed = genuine.clone();
        changed[at] ^= 1;
        assert_eq!(Badge::from_line(&line(&changed)), None, "byte {at}");
    }
    for length in 0..genuine.len() {
        assert_eq!(Badge::from_line(&line(&genuine[..length])), None, "{length} bytes");
    }
    assert_eq!(Badge::from_line(&bech32::encode::<Bech32>(PREFIX, &genuine).expect("short")), None, "the older checksum");
    assert_eq!(Badge::from_line(&bech32::encode::<Bech32m>(Hrp::parse_unchecked("badge"), &genuine).expect("short")), None);
}

#[test]
fn a_badge_line_with_an_odd_handle_is_refused_though_its_device_signed_it() {
    for handle in ["", "a b", "M_1", "Әсел", "\u{1b}[31m", "seventeen-letters"] {
        let odd = Badge::new(&key(ANNA), &recipient(ANNA), handle);
        assert!(odd.is_genuine());
        assert_eq!(Badge::from_line(&odd.to_line()), None, "{handle:?}");
        assert!(serde_json::from_slice::<Badge>(&serde_json::to_vec(&odd).expect("JSON")).is_err(), "{handle:?}");
    }
}

#[test]
fn another_device_key_recipient_or_handle_gives_other_safety_words() {
    let all = [
        badge(ANNA),
        badge(BOLAT),
        Badge::new(&key(ANNA), &recipient(BOLAT), "M-2"),
        Badge::new(&key(ANNA), &recipient(ANNA), "M-3"),
        Badge::new(&key(BOLAT), &recipient(ANNA), "M-2"),
    ];
    let words: std::collections::BTreeSet<_> = all.iter().map(|badge| badge.safety(10)).collect();
    assert_eq!(words.len(), all.len());
    assert_eq!(badge(ANNA).safety(10), badge(ANNA).safety(10));
    assert_ne!(badge(ANNA).safety(10), badge(ANNA).safety(11), "the work is part of it");
    assert_ne!(casebook_safety(&[1; 32], 10), casebook_safety(&[2; 32], 10));
    assert_ne!(stretch("sandyq a v1", b"same", 10), stretch("sandyq b v1", b"same", 10));
}

#[test]
fn safety_words_of_every_language_and_digits_read_back_to_the_same_bytes() {
    let mut top = [0xff; 9];
    top[8] = 0xc0;
    for short in [badge(ANNA).safety(10), casebook_safety(&[7; 32], 10), [0; 9], top] {
        assert_eq!(short[8] & 0x3f, 0, "66 bits");
        for lang in [Lang::En, Lang::Ru, Lang::Kk] {
            let words = safety_words(lang, &short);
            assert_eq!(words.split(' ').count(), 6);
            assert_eq!(read_safety(&words), Some(short), "{words}");
            assert_eq!(read_safety(&format!("\t{}\n", words.to_uppercase().replace(' ', ",  "))), Some(short), "{words}");
        }
        let digits = safety_digits(&short);
        assert_eq!(digits.split(' ').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5], "{digits}");
        assert_eq!(read_safety(&digits), Some(short));
        assert_eq!(read_safety(&digits.replace(' ', "")), Some(short));
    }
}

#[test]
fn safety_words_that_nobody_was_told_are_refused() {
    let short = badge(ANNA).safety(10);
    let words = safety_words(Lang::En, &short);
    let (five, digits) = (words.rsplit_once(' ').expect("words").0, safety_digits(&short));
    let over = "73786976294838206464"; // 2^66
    let mixed = format!("{five} {}", safety_words(Lang::Kk, &short).rsplit_once(' ').expect("words").1);
    for wrong in
        ["", ",", five, &format!("{words} {words}"), &digits[1..], &format!("{digits}1"), over, "99999999999999999999", &mixed, &format!("{five} qwxz")]
    {
        assert_eq!(read_safety(wrong), None, "{wrong}");
    }
    assert_eq!(read_safety("73786976294838206463").expect("2^66 - 1")[8], 0xc0);
}

#[test]
fn the_frozen_badge_line_and_its_safety_words_never_change() {
    let badge = badge(ANNA);
    let (words, book) = (badge.safety(10), casebook_safety(&[7; 32], 10));
    let now = [
        badge.to_line(),
        safety_words(Lang::En, &words),
        safety_words(Lang::Ru, &words),
        safety_words(Lang::Kk, &words),
        safety_digits(&words),
        safety_digits(&book),
    ];
    let frozen = frozen("badge.txt", &format!("{}\n", now.join("\n")));
    assert_eq!(frozen.lines().collect::<Vec<_>>(), now);
    assert_eq!(Badge::from_line(frozen.lines().next().expect("a line")), Some(badge));
}
