//! Everything that can be read out of a bundle, however it is wrapped: packed, escaped, encoded, drawn apart or printed.
//! Nothing here knows how a bundle is made.

use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

use unicode_normalization::UnicodeNormalization;
use zip::ZipArchive;

use super::browser::Browser;
use super::container_support::{Raw, is_here, raw_zip};

/// How often what was unwrapped may be wrapped again.
const DEPTH: u32 = 3;
/// Shortest run of letters that is looked at as base64 or hex: eight bytes at least.
const BASE64_RUN: usize = 11;
const HEX_RUN: usize = 16;
/// Bytes of a text, and units of UTF-16, from which on something decoded is no noise.
const TEXT_BYTES: usize = 6;
const TEXT_UNITS: usize = 4;
/// First bytes of a zlib stream, at every level of packing.
const ZLIB: [[u8; 2]; 4] = [[0x78, 0x01], [0x78, 0x5e], [0x78, 0x9c], [0x78, 0xda]];
/// Entities that have names; all others are numbers.
const ENTITIES: [(&str, &str); 6] = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
/// What nobody sees: soft hyphens, marks of direction, joiners, marks of byte order.
const UNSEEN: [char; 9] = ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2060}', '\u{feff}', '\0'];

/// A text, and where it was read: the member first, then what it was unwrapped from.
pub struct Text {
    pub place: String,
    /// Folded; see [`fold`].
    pub text: String,
}

/// Returns every text of a zip: of the file as it lies there, of what its directory says, of each member.
pub fn texts(zip: &[u8]) -> Vec<Text> {
    let mut texts = vec![Text { place: "the zip".into(), text: fold(&String::from_utf8_lossy(zip)) }];
    unzip("", zip, DEPTH, &mut texts);
    texts
}

/// Returns what a page says when it is printed; none where a program for that is missing.
pub fn printed(browser: &Browser, page: &[u8]) -> Option<Vec<Text>> {
    is_here("pdftotext", &["-v"]).then_some(())?;
    let home = tempfile::tempdir().expect("a folder");
    let (html, pdf) = (home.path().join("index.html"), home.path().join("index.pdf"));
    std::fs::write(&html, page).expect("written");
    browser.go(&html);
    std::fs::write(&pdf, browser.print()).expect("written");
    let mut texts = Vec::new();
    look("printed", &words_of(&pdf, "-raw"), 1, &mut texts);
    // Here parts of words of neighbouring cells stand side by side: they are kept apart.
    let lines = String::from_utf8_lossy(&words_of(&pdf, "-layout")).split_whitespace().map(|word| fold(word) + "\n").collect();
    texts.push(Text { place: "printed as it is laid out".into(), text: lines });
    Some(texts)
}

/// The text of a PDF, in one order or another.
fn words_of(pdf: &Path, order: &str) -> Vec<u8> {
    let ran = Command::new("pdftotext").args([order, "-enc", "UTF-8"]).arg(pdf).arg("-").output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

/// Makes two spellings of one text the same: letters composed and small, no space, nothing that nobody sees.
pub fn fold(text: &str) -> String {
    let composed = if text.is_ascii() { text.to_lowercase() } else { text.nfc().collect::<String>().to_lowercase() };
    let mut folded = String::with_capacity(composed.len());
    for part in composed.split(|c: char| c.is_whitespace() || UNSEEN.contains(&c)) {
        folded.push_str(part);
    }
    folded
}

fn unzip(above: &str, zip: &[u8], depth: u32, texts: &mut Vec<Text>) {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(zip)) else { return };
    let mut said = archive.comment().to_vec();
    for number in 0..archive.len() {
        let mut member = archive.by_index(number).expect("a member");
        let place = format!("{above}{}", String::from_utf8_lossy(member.name_raw()));
        said.extend([member.name_raw(), b"\n", member.comment().as_bytes(), b"\n", &member.extra_data().unwrap_or_default(), b"\n"].concat());
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("a member opens");
        look(&place, &bytes, depth, texts);
    }
    look(&format!("{above}(directory)"), &said, depth, texts);
}

/// Notes what bytes say by themselves and unwrapped.
fn look(place: &str, bytes: &[u8], depth: u32, texts: &mut Vec<Text>) {
    let raw = String::from_utf8_lossy(bytes);
    texts.push(Text { place: place.into(), text: fold(&raw) });
    let Some(depth) = depth.checked_sub(1) else { return };
    if bytes.starts_with(b"PK\x03\x04") {
        return unzip(&format!("{place}/"), bytes, depth, texts);
    }
    let plain = unescaped(&raw);
    if plain != raw {
        texts.push(Text { place: format!("{place} > unescaped"), text: fold(&plain) });
    }
    let shown = plain.contains('<').then(|| unescaped(&without_tags(&raw)));
    texts.extend(shown.iter().map(|shown| Text { place: format!("{place} > without tags"), text: fold(shown) }));
    let mut again = |how: &str, bytes: Vec<u8>| {
        if !bytes.is_empty() {
            look(&format!("{place} > {how}"), &bytes, depth, texts);
        }
    };
    for text in [Some(&plain), shown.as_ref()].into_iter().flatten() {
        let joined = joined_lines(text);
        again("base64", base64_runs(joined.as_bytes()));
        again("hex", hex_runs(joined.as_bytes()));
    }
    if is_utf_16(bytes) {
        again("UTF-16", utf_16(bytes));
    }
    if std::str::from_utf8(bytes).is_err() {
        again("inflated", inflated(bytes));
    }
}

/// Takes entities, escapes of JSON and calendars, doubled quotes and percents back, as often as they were put there.
fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for _ in 0..3 {
        let next = percents(&backslashes(&entities(&plain))).replace("\"\"", "\"");
        if next == plain {
            break;
        }
        plain = next;
    }
    plain
}

fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let named = ENTITIES.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter));
    let mut pieces = named.split("&#");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once(';').unwrap_or(("", piece));
        let code = number.strip_prefix(['x', 'X']).map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        match code.and_then(char::from_u32) {
            Some(letter) => plain.extend([letter.to_string().as_str(), rest]),
            None => plain.extend(["&#", piece]),
        }
    }
    plain
}

fn backslashes(text: &str) -> String {
    let mut pieces = text.split('\\');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    while let Some(piece) = pieces.next() {
        let mut letters = piece.chars();
        let (escaped, rest) = (letters.next(), letters.as_str());
        let unicode = || char::from_u32(u32::from_str_radix(rest.get(..4)?, 16).ok()?);
        match escaped {
            None => plain.extend(["\\", pieces.next().unwrap_or_default()]),
            Some('u' | 'U') if unicode().is_some() => plain.extend([unicode().expect("it is one").to_string().as_str(), &rest[4..]]),
            Some('n' | 'N' | 'r' | 't') => plain.extend(["\n", rest]),
            Some(_) => plain.push_str(piece),
        }
    }
    plain
}

fn percents(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut pieces = text.split('%');
    let mut plain = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => plain.extend([&[byte], &piece.as_bytes()[2..]].concat()),
            None => plain.extend([b"%", piece.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn without_tags(text: &str) -> String {
    let mut pieces = text.split('<');
    let first = pieces.next().unwrap_or_default().to_owned();
    first + &pieces.map(|piece| piece.split_once('>').map_or(piece, |(_, behind)| behind)).collect::<String>()
}

/// The text with every line behind the one before it, however far it was moved in.
fn joined_lines(text: &str) -> String {
    text.split(['\r', '\n']).map(|line| line.trim_start_matches([' ', '\t'])).collect()
}

/// Decodes every run of letters that may be base64, of either alphabet, from each of its first four letters on.
fn base64_runs(text: &[u8]) -> Vec<u8> {
    let six = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => u8::MAX,
    };
    let table: [u8; 256] = std::array::from_fn(|letter| six(letter as u8));
    let mut plain = Vec::new();
    for run in text.split(|letter| table[usize::from(*letter)] == u8::MAX).filter(|run| run.len() >= BASE64_RUN) {
        for start in 0..4 {
            let mut decoded = Vec::with_capacity(run.len());
            for four in run[start..].chunks(4) {
                let bits = four.iter().fold(0_u32, |bits, letter| bits << 6 | u32::from(table[usize::from(*letter)])) << (6 * (4 - four.len()));
                decoded.extend_from_slice(&bits.to_be_bytes()[1..four.len().max(1)]);
            }
            keep(decoded, &mut plain);
        }
    }
    plain
}

/// Decodes every run of hex digits, from its first and from its second one on.
fn hex_runs(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    for run in text.split(|letter| !letter.is_ascii_hexdigit()).filter(|run| run.len() >= HEX_RUN) {
        for start in 0..2 {
            let even = &run[start..start + (run.len() - start) / 2 * 2];
            keep(hex::decode(even).expect("hex digits"), &mut plain);
        }
    }
    plain
}

/// Keeps what was decoded where it may be a text; words and hashes decode to noise.
fn keep(decoded: Vec<u8>, plain: &mut Vec<u8>) {
    let is_text = |valid: &str| valid.split(|c: char| c < ' ').any(|part| part.len() >= TEXT_BYTES);
    let is_zip = decoded.windows(2).any(|two| ZLIB.iter().any(|head| head == two) || two == b"PK" || two == [0x1f, 0x8b]);
    if is_zip || decoded.utf8_chunks().any(|chunk| is_text(chunk.valid())) || is_utf_16(&decoded) {
        plain.extend(decoded);
        plain.push(b'\n');
    }
}

/// Tells whether some letters of Latin or Cyrillic stand one behind the other, two bytes each.
fn is_utf_16(bytes: &[u8]) -> bool {
    let mut lengths = [0; 2];
    bytes.iter().enumerate().any(|(at, byte)| {
        let length = &mut lengths[at % 2];
        *length = if matches!(byte, 0 | 4) { *length + 1 } else { 0 };
        *length >= TEXT_UNITS
    })
}

/// Reads bytes two by two, either one first, from the first and from the second one on.
fn utf_16(bytes: &[u8]) -> Vec<u8> {
    let order: [fn([u8; 2]) -> u16; 2] = [u16::from_le_bytes, u16::from_be_bytes];
    let from = |start: usize, order: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.get(start..).unwrap_or_default().chunks_exact(2).map(|two| order([two[0], two[1]])).collect();
        String::from_utf16_lossy(&units) + "\n"
    };
    order.into_iter().flat_map(|order| [from(0, order), from(1, order)]).collect::<String>().into_bytes()
}

/// Inflates whatever begins as a zlib or gzip stream or a member of a zip does: texts of a PNG, streams of a PDF.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    let long = |at: usize| bytes.get(at..at + 2).map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])));
    let zip = bytes.windows(4).enumerate().filter(|(_, four)| four == b"PK\x03\x04").map(|(at, _)| at + 30 + long(at + 26) + long(at + 28));
    let zlib = bytes.windows(2).enumerate().filter(|(_, two)| ZLIB.iter().any(|head| head == two)).map(|(at, _)| at + 2);
    let gzip = bytes.windows(4).enumerate().filter(|(_, four)| *four == [0x1f, 0x8b, 8, 0]).map(|(at, _)| at + 10);
    zlib.chain(gzip).chain(zip).filter_map(|at| bytes.get(at..)).flat_map(|packed| [inflate(packed), b"\n".to_vec()].concat()).collect()
}

/// What a stream holds until it ends or is none.
fn inflate(packed: &[u8]) -> Vec<u8> {
    let zip = raw_zip(&[Raw { packed: packed.to_vec(), method: 8, says: u32::MAX - 1, ..Raw::new("a", "") }]);
    let mut plain = Vec::new();
    let mut archive = ZipArchive::new(Cursor::new(zip)).expect("a zip");
    // Whatever follows the stream, and its checksum, fit nothing.
    let _ = archive.by_index(0).expect("a member").take(1 << 24).read_to_end(&mut plain);
    plain
}
