//! A photograph without what its camera wrote beside the picture: where, when, with which device, and a small copy of what was cut away.
//! The picture itself stays as it is, byte for byte, and it stays upright: which way it is held is said again, and nothing else.

use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::{Png, PngChunk};
use img_parts::{Bytes, ImageEncoder};

use super::orientation::{EXIF, Orientation};

/// The file goes as it is, or not at all: nothing here can take out what it tells about its making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataKept {
    #[error("this kind of file keeps what it tells about its making")]
    OtherFormat,
    #[error("the picture is damaged: what stands beside it cannot be told from it")]
    Damaged,
}

/// Chunks of a PNG that are the picture: how large, which colours, which points.
const PICTURE: &[&[u8; 4]] = &[b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"IDAT", b"IEND"];
/// Length of the head of a JFIF segment without its small picture.
const JFIF: usize = 14;
/// Length of the segment by which Adobe tells colours.
const ADOBE: usize = 12;

/// Tells from the beginning of a file whether it may be a picture that can lose what it tells about its making.
pub fn may_lose_metadata(beginning: &[u8]) -> bool {
    matches!(beginning, [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..])
}

/// Returns a copy with nothing but the picture and which way up it is held.
///
/// # Errors
/// Returns [`MetadataKept`] for anything but a JPEG or PNG in order.
pub fn without_metadata(file: &[u8]) -> Result<Vec<u8>, MetadataKept> {
    match file {
        [0xff, 0xd8, 0xff, ..] => jpeg(file).ok_or(MetadataKept::Damaged),
        [0x89, b'P', b'N', b'G', ..] => png(file).ok_or(MetadataKept::Damaged),
        _ => Err(MetadataKept::OtherFormat),
    }
}

fn jpeg(file: &[u8]) -> Option<Vec<u8>> {
    let mut jpeg = Jpeg::from_bytes(Bytes::copy_from_slice(file)).ok()?;
    let (last, before) = jpeg.segments().split_last()?;
    (last.marker() == markers::SOS).then_some(())?;
    let header = 4 + last.contents().len();
    let rest = last.clone().encoder().bytes().slice(header..);
    let mut kept: Vec<JpegSegment> = before.iter().filter_map(segment).collect();
    // What says JFIF stands before everything else.
    let head = kept.iter().take_while(|segment| segment.marker() == markers::APP0).count();
    kept.splice(head..head, turned(before));
    kept.push(JpegSegment::new_with_entropy(markers::SOS, last.contents().clone(), scans(&rest)?.into()));
    *jpeg.segments_mut() = kept;
    Some(ImageEncoder::from(jpeg).bytes().to_vec())
}

/// The segment that says which way up the picture is held: as the first one with Exif says it, and nothing else.
fn turned(before: &[JpegSegment]) -> Option<JpegSegment> {
    let mut exif = before.iter().filter(|segment| segment.marker() == markers::APP1).filter_map(|segment| segment.contents().strip_prefix(EXIF));
    let block = Orientation::read(exif.next()?)?.block();
    Some(JpegSegment::new_with_contents(markers::APP1, [EXIF, &block].concat().into()))
}

/// What of a segment before the picture goes.
fn segment(segment: &JpegSegment) -> Option<JpegSegment> {
    let contents = segment.contents();
    match segment.marker() {
        markers::APP0 if contents.starts_with(b"JFIF\0") && contents.len() >= JFIF => {
            let mut head = contents[..JFIF].to_vec();
            // Width and height of the small picture.
            head[JFIF - 2..].fill(0);
            Some(JpegSegment::new_with_contents(markers::APP0, head.into()))
        }
        markers::APP14 if contents.starts_with(b"Adobe") && contents.len() >= ADOBE => {
            Some(JpegSegment::new_with_contents(markers::APP14, contents.slice(..ADOBE)))
        }
        marker if is_picture(marker) => Some(segment.clone()),
        _ => None,
    }
}

/// Tables, frames and what belongs to them; no application's segments and no comments.
fn is_picture(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf | 0xdb..=0xdf)
}

/// The points of all scans up to the end of the picture, without segments of applications between them and without what follows.
fn scans(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    loop {
        let marker = at + bytes[at..].iter().position(|byte| *byte == 0xff)?;
        kept.extend_from_slice(&bytes[at..marker]);
        match *bytes.get(marker + 1)? {
            0x00 | 0xd0..=0xd7 => {
                kept.extend_from_slice(&bytes[marker..marker + 2]);
                at = marker + 2;
            }
            0xff => at = marker + 1,
            0xd9 => {
                kept.extend_from_slice(&[0xff, 0xd9]);
                return Some(kept);
            }
            kind => {
                let length = usize::from(u16::from_be_bytes([*bytes.get(marker + 2)?, *bytes.get(marker + 3)?]));
                let end = marker + 2 + length.max(2);
                let whole = bytes.get(marker..end)?;
                if is_picture(kind) || kind == markers::SOS {
                    kept.extend_from_slice(whole);
                }
                at = end;
            }
        }
    }
}

fn png(file: &[u8]) -> Option<Vec<u8>> {
    let mut png = Png::from_bytes(Bytes::copy_from_slice(file)).ok()?;
    let critical = |chunk: &PngChunk| chunk.kind()[0].is_ascii_uppercase();
    let picture = |chunk: &PngChunk| PICTURE.contains(&&chunk.kind());
    let ends = png.chunks().last().is_some_and(|chunk| chunk.kind() == *b"IEND");
    let readable = ends && png.chunks().iter().all(|chunk| picture(chunk) || !critical(chunk));
    let exif = png.chunks().iter().find(|chunk| chunk.kind() == *b"eXIf").and_then(|chunk| Orientation::read(chunk.contents()));
    png.chunks_mut().retain(picture);
    // Behind the size of the picture, which stands first.
    png.chunks_mut().splice(1..1, exif.map(|turn| PngChunk::new(*b"eXIf", turn.block().to_vec().into())));
    readable.then(|| ImageEncoder::from(png).bytes().to_vec())
}
