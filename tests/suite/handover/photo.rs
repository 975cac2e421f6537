//! A photograph keeps its picture and which way up it is held, and nothing beside them.

use sandyq::handover::choice::photo::{MetadataKept, without_metadata};
use serde_json::Value;

use super::browser::{Browser, unbase64};

fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(contents.len() as u16 + 2).to_be_bytes(), contents].concat()
}

const SECRETS: [&[u8]; 8] = [
    b"Exif\0\0GPS43.25N",
    b"http://ns.adobe.com/xap/1.0/\0<x:Author>",
    b"Photoshop 3.0\0city",
    b"thumbnailpixels",
    b"a comment",
    b"ICC_PROFILE\0\x01\x01serial",
    b"between scans",
    b"after the end",
];

/// A progressive picture with everything that a camera may write beside it.
pub fn jpeg() -> (Vec<u8>, Vec<Vec<u8>>) {
    let jfif = [&b"JFIF\0\x01\x02\0\0\x48\0\x48\x05\x01"[..], SECRETS[3]].concat();
    let picture = vec![
        segment(0xdb, &[0; 65]),
        segment(0xc2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
        segment(0xc4, &[0; 20]),
        [segment(0xda, &[1, 1, 0, 0, 0, 0]), vec![1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]].concat(),
        segment(0xc4, &[1; 20]),
        [segment(0xda, &[1, 1, 0, 1, 5, 0]), vec![5, 6, 7]].concat(),
        vec![0xff, 0xd9],
    ];
    let file = [
        vec![0xff, 0xd8],
        segment(0xe0, &jfif),
        segment(0xe1, SECRETS[0]),
        segment(0xe1, SECRETS[1]),
        segment(0xed, SECRETS[2]),
        segment(0xe2, SECRETS[5]),
        segment(0xee, b"Adobe\0\x64\0\0\0\0\x01and more"),
        segment(0xfe, SECRETS[4]),
        picture[..4].concat(),
        segment(0xfe, SECRETS[6]),
        segment(0xe1, SECRETS[6]),
        picture[4..].concat(),
        SECRETS[7].to_vec(),
    ];
    (file.concat(), picture)
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn jpeg_loses_everything_beside_the_picture_and_nothing_of_it() {
    let (file, picture) = jpeg();
    assert!(SECRETS.iter().all(|secret| has(&file, secret)));
    let copy = without_metadata(&file).unwrap();
    assert!(SECRETS.iter().all(|secret| !has(&copy, secret)) && !has(&copy, b"and more"));
    let head = [vec![0xff, 0xd8], segment(0xe0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0"), segment(0xee, b"Adobe\0\x64\0\0\0\0\x01")].concat();
    assert_eq!(copy, [head, picture.concat()].concat());
    assert_eq!(without_metadata(&copy).unwrap(), copy);
}

#[test]
fn jpeg_cut_anywhere_is_not_taken_for_stripped() {
    let (file, _) = jpeg();
    let end = file.len() - SECRETS[7].len();
    for length in 3..end {
        assert_eq!(without_metadata(&file[..length]), Err(MetadataKept::Damaged), "{length}");
    }
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    !bytes.iter().fold(!0, step)
}

fn chunk(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let body = [&kind[..], contents].concat();
    [&(contents.len() as u32).to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
}

#[test]
fn png_loses_texts_times_and_what_follows_its_end() {
    let magic = b"\x89PNG\r\n\x1a\n";
    let picture = [
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"gAMA", &[0, 0, 1, 2]),
        chunk(b"IDAT", b"points"),
        chunk(b"IDAT", b"more"),
        chunk(b"IEND", b""),
    ];
    let beside = [
        chunk(b"eXIf", b"GPS43.25N"),
        chunk(b"tEXt", b"Author\0who"),
        chunk(b"iTXt", b"XML:com.adobe.xmp"),
        chunk(b"tIME", b"1234567"),
        chunk(b"iCCP", b"serial"),
        chunk(b"prVt", b"own"),
    ];
    let file = [&magic[..], &picture[0], &beside.concat(), &picture[1..].concat(), b"after the end"].concat();
    let copy = without_metadata(&file).unwrap();
    assert_eq!(copy, [&magic[..], &picture.concat()].concat());
    let unknown = [&magic[..], &picture[0], &chunk(b"WHAT", b"needed to read it"), &picture[1..].concat()].concat();
    assert_eq!(without_metadata(&unknown), Err(MetadataKept::Damaged));
}

/// The block that a camera writes: its name, the turn, a place, a serial number, a small picture.
fn exif(little: bool, turn: u16) -> Vec<u8> {
    let u16 = |n: u16| if little { n.to_le_bytes().to_vec() } else { n.to_be_bytes().to_vec() };
    let u32 = |n: u32| if little { n.to_le_bytes().to_vec() } else { n.to_be_bytes().to_vec() };
    let field = |tag: u16, kind: u16, count: u32, value: Vec<u8>| [u16(tag), u16(kind), u32(count), value].concat();
    let fields = [
        field(0x010f, 2, 12, u32(74)),
        field(0x0112, 3, 1, [u16(turn), u16(0)].concat()),
        field(0x8825, 4, 1, u32(86)),
        field(0x9003, 2, 4, b"2018".to_vec()),
        field(0xa431, 2, 4, b"S-17".to_vec()),
    ];
    let head = [if little { b"II*\0" } else { b"MM\0*" }.to_vec(), u32(8), u16(5), fields.concat(), u32(86)].concat();
    [head, b"camera maker".to_vec(), b"GPS43.25N".to_vec(), b"thumbnailpixels".to_vec()].concat()
}

/// The block that says one turn and nothing else.
fn turned(turn: u8) -> Vec<u8> {
    let field = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0];
    [&b"MM\0*\0\0\0\x08\0\x01"[..], &field, &[0; 4]].concat()
}

fn app1(block: &[u8]) -> Vec<u8> {
    segment(0xe1, &[b"Exif\0\0", block].concat())
}

const JFIF: &[u8] = b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0";

/// A picture with this Exif; what it is beside that.
fn jpeg_with(block: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let head = [vec![0xff, 0xd8], segment(0xe0, JFIF)].concat();
    let rest = jpeg().1.concat();
    ([&head[..], &app1(block), &segment(0xe1, SECRETS[1]), &rest].concat(), head, rest)
}

#[test]
fn photograph_stays_upright_and_says_nothing_else() {
    for little in [false, true] {
        for turn in 2..=8 {
            let (file, head, rest) = jpeg_with(&exif(little, turn));
            let copy = without_metadata(&file).unwrap();
            assert_eq!(copy, [&head[..], &app1(&turned(turn as u8)), &rest].concat(), "{little} {turn}");
            assert_eq!(without_metadata(&copy).unwrap(), copy);
        }
        for turn in [0, 1, 9, 0x0600, u16::MAX] {
            let (file, head, rest) = jpeg_with(&exif(little, turn));
            assert_eq!(without_metadata(&file).unwrap(), [head, rest].concat(), "{turn}");
        }
    }
    let without_jfif = [&[0xff, 0xd8][..], &app1(&exif(true, 6)), &jpeg().1.concat()].concat();
    assert_eq!(without_metadata(&without_jfif).unwrap(), [&[0xff, 0xd8][..], &app1(&turned(6)), &jpeg().1.concat()].concat());
}

#[test]
fn damaged_exif_turns_nothing_and_goes_like_all_of_it() {
    let whole = exif(false, 6);
    let field = 10 + 12;
    let mut damaged: Vec<Vec<u8>> = (0..field + 10).map(|length| whole[..length].to_vec()).collect();
    damaged.extend([3, field, field + 3, field + 7].map(|at| [&whole[..at], &[whole[at] ^ 0x40], &whole[at + 1..]].concat()));
    let place = |place: u32| [&whole[..4], &place.to_be_bytes(), &whole[8..]].concat();
    damaged.extend([whole.len() as u32 - 1, u32::MAX, u32::MAX - 1, 0x8000_0000].map(place));
    damaged.push([&whole[..8], &[0xff, 0xff], &vec![0; 14 * 70_000 % 60_000]].concat());
    for block in damaged {
        let (file, head, rest) = jpeg_with(&block);
        assert_eq!(without_metadata(&file).unwrap(), [head, rest].concat(), "{block:?}");
    }
    // The first block is the one that counts.
    let (file, head, rest) = jpeg_with(&whole[..20]);
    let second = [&file[..head.len()], &app1(&whole[..20]), &app1(&whole), &file[head.len()..]].concat();
    assert_eq!(without_metadata(&second).unwrap(), [head, rest].concat());
}

fn png_with(beside: &[Vec<u8>]) -> Vec<u8> {
    let size = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    [&b"\x89PNG\r\n\x1a\n"[..], &size, &beside.concat(), &chunk(b"IDAT", b"points"), &chunk(b"IEND", b"")].concat()
}

#[test]
fn png_stays_upright_too() {
    for turn in 2..=8 {
        let file = png_with(&[chunk(b"tEXt", b"Author\0who"), chunk(b"eXIf", &exif(true, turn))]);
        assert_eq!(without_metadata(&file).unwrap(), png_with(&[chunk(b"eXIf", &turned(turn as u8))]));
    }
    for block in [exif(true, 1), exif(true, 6)[..30].to_vec()] {
        assert_eq!(without_metadata(&png_with(&[chunk(b"eXIf", &block)])).unwrap(), png_with(&[]));
    }
}

/// Two of these make a page: what a browser drew, twice as wide as high.
fn drawn(browser: &Browser, kind: &str) -> Vec<u8> {
    let draw = "const drawn = document.createElement('canvas'); drawn.width = 32; drawn.height = 16; drawn.getContext('2d').fillRect(0, 0, 9, 9);
        return drawn.toDataURL(arguments[0]).split(',')[1]";
    unbase64(browser.script(draw, &[kind.into()]).as_str().expect("base64"))
}

#[test]
fn browser_shows_the_stripped_copy_as_it_shows_the_photograph() {
    let Some(browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    let page = ["lying.jpg", "photo.jpg", "copy.jpg", "photo.png", "copy.png"].map(|name| format!("<img id=\"{name}\" src=\"{name}\">")).concat();
    put("page.html", format!("<!DOCTYPE html><title>.</title>{page}").as_bytes());
    browser.go(&folder.path().join("page.html"));
    let (lying, png) = (drawn(&browser, "image/jpeg"), drawn(&browser, "image/png"));
    let photo = [&lying[..2], &app1(&exif(true, 6)), &lying[2..]].concat();
    // A PNG begins with eight bytes of its own and the chunk of its size.
    let png = [&png[..33], &chunk(b"eXIf", &exif(false, 8)), &png[33..]].concat();
    put("lying.jpg", &lying);
    put("photo.jpg", &photo);
    put("copy.jpg", &without_metadata(&photo).expect("a JPEG"));
    put("photo.png", &png);
    put("copy.png", &without_metadata(&png).expect("a PNG"));
    browser.go(&folder.path().join("page.html"));
    let shown = |name: &str| browser.script("const i = document.getElementById(arguments[0]); return [i.naturalWidth, i.naturalHeight]", &[name.into()]);
    assert_eq!(shown("lying.jpg"), Value::from(vec![32, 16]));
    assert_eq!((shown("photo.jpg"), shown("copy.jpg")), (Value::from(vec![16, 32]), Value::from(vec![16, 32])));
    assert_eq!(shown("copy.png"), shown("photo.png"));
    assert_ne!(shown("copy.png"), Value::from(vec![0, 0]));
}

#[test]
fn other_files_are_not_called_stripped() {
    for file in [&b"%PDF-1.7"[..], b"II*\0", b"\0\0\0\x18ftypheic", b"PK\x03\x04", b"GIF89a", b"RIFF....WEBP", b""] {
        assert_eq!(without_metadata(file), Err(MetadataKept::OtherFormat));
    }
}
