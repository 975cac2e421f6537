//! The search finds what is there: a word in every disguise that it knows, and none where none is.

use std::io::{Cursor, Read, Write};

use rust_xlsxwriter::{DocProperties, Note, Workbook};
use unicode_normalization::UnicodeNormalization;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::browser::Browser;
use super::container_support::{Raw, files, key, raw_zip, zip_of};
use super::needles::Needles;
use super::search::{Text, printed, texts};

/// The words that are planted: one in Latin, one in Cyrillic.
const WORDS: [&str; 3] = ["zq123456w", "Жұмабайқызы-7", "1066-10-14"];

fn finds(texts: &[Text], word: &str) -> bool {
    Needles::new([word]).found(texts).contains_key(word)
}

/// The texts of a small bundle with one more member.
fn with(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<Text> {
    texts(&zip_of([files(&key()), vec![(name.to_owned(), bytes.into())]].concat(), &key()))
}

fn base64(bytes: &[u8], last: [u8; 2], padded: bool) -> String {
    let letters = [&b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[..], &last].concat();
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let kept = (0..=chunk.len()).map(|at| char::from(letters[(bits >> (18 - 6 * at) & 63) as usize])).collect::<String>();
        if padded { format!("{kept:=<4}") } else { kept }
    };
    bytes.chunks(3).map(group).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// Lines of a few letters.
fn broken(text: &str, by: &str) -> String {
    text.chars().collect::<Vec<_>>().chunks(7).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(by)
}

/// Every letter as an entity.
fn entities(text: &str, hex: bool) -> String {
    text.chars().map(|c| if hex { format!("&#x{:X};", u32::from(c)) } else { format!("&#{};", u32::from(c)) }).collect()
}

/// One word within tables, pages, calendars and texts of programs, in every disguise.
fn disguised(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let long = format!("before {word} behind, and more");
    let text = |text: String| text.into_bytes();
    let (first, second) = word.split_at(word.char_indices().nth(5).unwrap().0);
    vec![
        ("as it is", text(long.clone())),
        ("in capitals", text(long.to_uppercase())),
        ("taken apart", text(long.nfd().collect())),
        ("with soft hyphens", text(format!("{first}\u{ad}{second}"))),
        ("base64", text(base64(long.as_bytes(), *b"+/", true))),
        ("base64 behind other letters", text(format!("x{}", base64(long.as_bytes(), *b"+/", true)))),
        ("base64 of a URL", text(format!("data:text/plain;base64,{}", base64(format!("{long}ÿ?>").as_bytes(), *b"-_", false)))),
        ("base64 of nothing else", text(base64(word.as_bytes(), *b"-_", false))),
        ("base64 in lines", text(broken(&base64(long.as_bytes(), *b"+/", true), "\r\n   "))),
        ("base64 of base64", text(base64(base64(long.as_bytes(), *b"+/", true).as_bytes(), *b"+/", true))),
        ("base64 of UTF-16", text(base64(&utf_16(&long, u16::to_le_bytes), *b"+/", true))),
        ("percent", text(format!("href=\"?q={}\"", percent(word)))),
        ("percent of percent", text(percent(&percent(word)))),
        ("base64 of percent", text(base64(percent(word).as_bytes(), *b"+/", true))),
        ("hex", text(hex::encode(&long))),
        ("hex behind a digit", text(format!("0{}", hex::encode_upper(&long)))),
        ("entities", text(format!("<td>{}</td>", entities(word, false)))),
        ("entities in an attribute", text(format!("<td title='{}'>", entities(word, true)))),
        ("marks of type", text(format!("<p>{first}<b class='x'></b>{second}</p>"))),
        ("JSON", text(format!("{{\"a\":\"{}\"}}", word.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>()))),
        ("lines of a calendar", text(format!("SUMMARY:{}", broken(word, "\r\n ")))),
        ("UTF-16", utf_16(&format!("\u{feff}{long}"), u16::to_le_bytes)),
        ("UTF-16, the other way, behind a byte", [b"x".to_vec(), utf_16(&long, u16::to_be_bytes)].concat()),
        ("zip", deflated(&long).0),
        ("zlib", [b"\x89PNG\x78\x9c".to_vec(), deflated(&long).1].concat()),
        ("gzip", [b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(), deflated(&long).1].concat()),
        ("base64 of a zip", text(base64(&deflated(&long).0, *b"+/", true))),
    ]
}

/// A zip with a text, and the text as it is packed in it.
fn deflated(text: &str) -> (Vec<u8>, Vec<u8>) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("a", SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
    zip.write_all(text.repeat(3).as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let mut packed = Vec::new();
    ZipArchive::new(Cursor::new(&zip)).unwrap().by_index_raw(0).unwrap().read_to_end(&mut packed).unwrap();
    (zip, packed)
}

#[test]
fn word_that_is_in_a_member_is_found_in_every_disguise() {
    for word in &WORDS[..2] {
        for (how, bytes) in disguised(word) {
            assert!(finds(&with("more.txt", bytes), word), "{word}: {how}");
        }
    }
    for form in ["DTSTART:10661014T190000", "DTSTART;VALUE=DATE:10661014", "14.10.1066", "1066-10-14"] {
        assert!(finds(&with("hearings.ics", form), WORDS[2]), "{form}");
    }
}

#[test]
fn word_is_found_wherever_a_workbook_can_hold_it() {
    for word in &WORDS[..2] {
        let put: [fn(&mut Workbook, &str); 5] = [
            |book, word| {
                book.add_worksheet().write_string(0, 0, format!("<{word}&")).unwrap();
            },
            |book, word| {
                book.add_worksheet().set_name(word).unwrap();
            },
            |book, word| {
                book.add_worksheet().insert_note(0, 0, &Note::new(word)).unwrap();
            },
            |book, word| {
                book.set_properties(&DocProperties::new().set_subject(word)).add_worksheet();
            },
            |book, word| {
                book.add_worksheet();
                book.define_name("other", &format!("=\"{word}\"")).unwrap();
            },
        ];
        for (number, put) in put.into_iter().enumerate() {
            let mut book = Workbook::new();
            put(&mut book, word);
            assert!(finds(&with("tables.xlsx", book.save_to_buffer().unwrap()), word), "{word}: {number}");
        }
    }
}

#[test]
fn word_in_what_a_zip_says_beside_its_members_is_found() {
    let raw = Raw::new("a", "");
    for word in &WORDS[..2] {
        for bytes in [word.as_bytes().to_vec(), base64(word.as_bytes(), *b"+/", true).into_bytes()] {
            let extra = [&[0x41, 0x5a][..], &(bytes.len() as u16).to_le_bytes(), &bytes].concat();
            let beside = [Raw { remark: bytes.clone(), ..raw.clone() }, Raw { extra, ..raw.clone() }, Raw { name: bytes.clone(), ..raw.clone() }];
            for (number, raw) in beside.into_iter().enumerate() {
                assert!(finds(&texts(&raw_zip(&[raw])), word), "{word}: {number}");
            }
        }
    }
}

#[test]
fn word_that_only_the_printed_page_shows_is_found_there() {
    let Some(browser) = Browser::start() else { return };
    let page = "<!doctype html><meta charset=utf-8><style>p::before{content:'zq123'} p::after{content:'456w'} td{width:1em}</style><p></p>";
    assert!(!finds(&with("more.html", page), WORDS[0]));
    let Some(texts) = printed(&browser, page.as_bytes()) else { return };
    assert!(finds(&texts, WORDS[0]) && !finds(&texts, WORDS[1]));
}

#[test]
fn word_that_is_not_there_is_not_found() {
    let texts = with("more.txt", "zq123457w, Жұмабайқызы 7, zq12345, 1066-10-1");
    assert!(Needles::new(WORDS).found(&texts).is_empty());
    assert!(finds(&texts, "Ержан Төлегенов") && finds(&texts, "ержан") && finds(&texts, "tables/persons.csv"));
}
