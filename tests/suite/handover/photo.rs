//! A photograph keeps its picture and nothing beside it.

use sandyq::handover::choice::photo::{MetadataKept, without_metadata};

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

#[test]
fn other_files_are_not_called_stripped() {
    for file in [&b"%PDF-1.7"[..], b"II*\0", b"\0\0\0\x18ftypheic", b"PK\x03\x04", b"GIF89a", b"RIFF....WEBP", b""] {
        assert_eq!(without_metadata(file), Err(MetadataKept::OtherFormat));
    }
}
