//! The structure of a zip, read strictly: every byte belongs to a member or to the directory, and both say the same.
//! Contents are opened by the zip library, after this.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::rules::{MAX_DEFLATED, MAX_DEFLATED_TOGETHER, MAX_MEMBERS, MAX_NAME, MAX_STORED, Names, name_fault};
use super::wrong::{BundleError, What, Wrong};
use crate::crypto::Hasher;
use crate::sys::aside::Aside;

/// Fixed lengths of the parts of a zip.
const END: u64 = 22;
const LOCATOR: u64 = 20;
const END64: u64 = 56;
const CENTRAL: usize = 46;
const LOCAL: usize = 30;
const DESCRIPTOR: usize = 16;
/// What they begin with.
const END_MARK: u32 = 0x0605_4b50;
const LOCATOR_MARK: u32 = 0x0706_4b50;
const END64_MARK: u32 = 0x0606_4b50;
const CENTRAL_MARK: u32 = 0x0201_4b50;
const LOCAL_MARK: u32 = 0x0403_4b50;
const DESCRIPTOR_MARK: u32 = 0x0807_4b50;
/// A number that did not fit its place, and stands elsewhere.
const ELSEWHERE: u32 = u32::MAX;
/// Flags: encrypted in one of three ways; sizes after the data; speed of deflating; names in UTF-8.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const SIZES_AFTER: u16 = 1 << 3;
const HARMLESS: u16 = SIZES_AFTER | 1 << 1 | 1 << 2 | 1 << 11;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The bits of a file mode that tell its kind, and a plain file's; zip writers that know no modes leave them zero.
const MODE_KIND: u32 = 0o170_000;
const MODE_FILE: u32 = 0o100_000;
/// Attribute of a folder.
const FOLDER: u32 = 0x10;
/// Id and length of the extra field that holds an offset of eight bytes.
const OFFSET64: [u8; 4] = [1, 0, 8, 0];

/// A member as the directory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// Bytes when opened.
    pub size: u64,
    packed: u64,
    crc: u32,
    flags: u16,
    method: u16,
    stamp: u32,
    offset: u64,
}

/// Where the directory stands and how many members it has.
struct End {
    members: u64,
    at: u64,
    size: u64,
}

/// Reads the directory of a zip and holds every header against it.
///
/// # Errors
/// Returns [`BundleError::Wrong`] with everything found wrong, or what the stream refused.
pub fn read<R: Read + Seek>(zip: &mut R) -> Result<Vec<Entry>, BundleError> {
    let length = zip.seek(SeekFrom::End(0))?;
    let end = end(zip, length)?;
    if end.members > MAX_MEMBERS as u64 {
        return Err(one(What::TooMany));
    }
    // Names, headers and offsets of as many members as there may be.
    if end.size > MAX_MEMBERS as u64 * (CENTRAL + MAX_NAME + 12) as u64 {
        return Err(one(What::Headers));
    }
    let directory = bytes(zip, end.at, usize::try_from(end.size).unwrap_or(usize::MAX))?;
    let entries = entries(&directory, end.members)?;
    let mut wrong = judged(&entries);
    wrong.extend(laid_out(zip, &entries, end.at)?);
    if wrong.is_empty() { Ok(entries) } else { Err(BundleError::Wrong(wrong)) }
}

fn one(what: What) -> BundleError {
    BundleError::Wrong(vec![Wrong::whole(what)])
}

fn bytes<R: Read + Seek>(zip: &mut R, at: u64, length: usize) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    zip.seek(SeekFrom::Start(at))?;
    zip.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() == length { Ok(bytes) } else { Err(one(What::NotZip)) }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

fn end<R: Read + Seek>(zip: &mut R, length: u64) -> Result<End, BundleError> {
    let at = length.checked_sub(END).ok_or_else(|| one(What::NotZip))?;
    let end = bytes(zip, at, END as usize)?;
    if u32_at(&end, 0) != END_MARK {
        return Err(one(what_follows(zip, length)?));
    }
    if u16_at(&end, 20) != 0 {
        return Err(one(What::Comment));
    }
    let (count, size, offset) = (u16_at(&end, 10), u32_at(&end, 12), u32_at(&end, 16));
    if u32_at(&end, 4) != 0 || u16_at(&end, 8) != count {
        return Err(one(What::Headers));
    }
    let found = match locator(zip, at)? {
        Some(found) => Some(found).filter(|found| fits_elsewhere(found, count, size, offset)).ok_or_else(|| one(What::Zip64))?,
        None if size == ELSEWHERE || offset == ELSEWHERE || count == u16::MAX => return Err(one(What::Zip64)),
        None => End { members: count.into(), at: offset.into(), size: size.into() },
    };
    let ends_at = if size == ELSEWHERE || offset == ELSEWHERE { at - LOCATOR - END64 } else { at };
    if found.at.checked_add(found.size) == Some(ends_at) { Ok(found) } else { Err(one(What::Gap)) }
}

/// Tells what stands behind an end further up: a remark, other bytes, or less than a whole end.
fn what_follows<R: Read + Seek>(zip: &mut R, length: u64) -> Result<What, BundleError> {
    let tail = length.min(END + u64::from(u16::MAX));
    let tail = bytes(zip, length - tail, tail as usize)?;
    let Some(end) = tail.windows(4).rposition(|four| u32_at(four, 0) == END_MARK).map(|at| &tail[at..]) else { return Ok(What::NotZip) };
    Ok(match end.len().checked_sub(END as usize) {
        None => What::NotZip,
        Some(behind) if behind == usize::from(u16_at(end, 20)) => What::Comment,
        Some(_) => What::Gap,
    })
}

/// Reads the end that large zips have. It must stand where it says, with nothing more in it.
fn locator<R: Read + Seek>(zip: &mut R, at: u64) -> Result<Option<End>, BundleError> {
    let Some(place) = at.checked_sub(LOCATOR + END64) else { return Ok(None) };
    let both = bytes(zip, place, (LOCATOR + END64) as usize)?;
    let (end, locator) = both.split_at(END64 as usize);
    if u32_at(locator, 0) != LOCATOR_MARK {
        return Ok(None);
    }
    let whole = u32_at(locator, 4) == 0 && u64_at(locator, 8) == place && u32_at(locator, 16) == 1;
    let plain = u32_at(end, 0) == END64_MARK && u64_at(end, 4) == END64 - 12 && u64_at(end, 16) == 0 && u64_at(end, 24) == u64_at(end, 32);
    if whole && plain { Ok(Some(End { members: u64_at(end, 32), size: u64_at(end, 40), at: u64_at(end, 48) })) } else { Err(one(What::Zip64)) }
}

/// Large numbers stand elsewhere only where they must, and what stands in the small places agrees.
fn fits_elsewhere(found: &End, count: u16, size: u32, offset: u32) -> bool {
    let needed = found.size >= ELSEWHERE.into() || found.at >= ELSEWHERE.into();
    let agrees = |small: u32, large: u64| small == ELSEWHERE || u64::from(small) == large;
    needed
        && u64::from(count) == found.members
        && agrees(size, found.size)
        && agrees(offset, found.at)
        && (offset == ELSEWHERE) == (found.at >= ELSEWHERE.into())
}

fn entries(directory: &[u8], members: u64) -> Result<Vec<Entry>, BundleError> {
    let (mut entries, mut rest) = (Vec::new(), directory);
    while !rest.is_empty() {
        let (entry, length) = entry(rest)?;
        entries.push(entry);
        rest = &rest[length..];
    }
    if entries.len() as u64 == members { Ok(entries) } else { Err(one(What::Headers)) }
}

/// Reads the first entry; returns its length too.
fn entry(bytes: &[u8]) -> Result<(Entry, usize), BundleError> {
    if bytes.len() < CENTRAL || u32_at(bytes, 0) != CENTRAL_MARK {
        return Err(one(What::Headers));
    }
    let (name, extra, remark) = (usize::from(u16_at(bytes, 28)), usize::from(u16_at(bytes, 30)), u16_at(bytes, 32));
    let length = CENTRAL + name + extra;
    let (Some(name), Some(extra)) = (bytes.get(CENTRAL..CENTRAL + name), bytes.get(CENTRAL + name..length)) else { return Err(one(What::Headers)) };
    let text = String::from_utf8_lossy(name).into_owned();
    let wrong = |what| Err(BundleError::Wrong(vec![Wrong::at(what, &text)]));
    if let Some(what) = name_fault(name) {
        return wrong(what);
    }
    if remark != 0 {
        return wrong(What::Comment);
    }
    if !is_plain(bytes) {
        return wrong(What::NotPlain);
    }
    let offset = match (u32_at(bytes, 42), extra) {
        (ELSEWHERE, extra) if extra.len() == 12 && extra[..4] == OFFSET64 && u64_at(extra, 4) >= ELSEWHERE.into() => u64_at(extra, 4),
        (ELSEWHERE, _) => return wrong(What::Zip64),
        (offset, []) => offset.into(),
        (_, extra) => return wrong(if u16_at(extra, 0) == 1 { What::Zip64 } else { What::Headers }),
    };
    let (packed, size) = (u32_at(bytes, 20), u32_at(bytes, 24));
    if packed == ELSEWHERE || size == ELSEWHERE {
        return wrong(What::Zip64);
    }
    let entry = Entry {
        size: size.into(),
        packed: packed.into(),
        crc: u32_at(bytes, 16),
        flags: u16_at(bytes, 8),
        method: u16_at(bytes, 10),
        stamp: u32_at(bytes, 12),
        offset,
        name: text,
    };
    Ok((entry, length))
}

/// Tells whether an entry is an ordinary file on the first and only disk.
fn is_plain(bytes: &[u8]) -> bool {
    let attributes = u32_at(bytes, 38);
    let kind = attributes >> 16 & MODE_KIND;
    (kind == 0 || kind == MODE_FILE) && attributes & FOLDER == 0 && u16_at(bytes, 34) == 0
}

/// What the directory by itself says wrong.
fn judged(entries: &[Entry]) -> Vec<Wrong> {
    let (mut names, mut together, mut wrong) = (Names::default(), 0_u64, Vec::new());
    for entry in entries {
        let mut found = |what| wrong.push(Wrong::at(what, &entry.name));
        if !names.take(&entry.name) {
            found(What::NameTwice);
        }
        if entry.flags & ENCRYPTED != 0 {
            found(What::Encrypted);
        } else if entry.flags & !HARMLESS != 0 {
            found(What::Headers);
        }
        match entry.method {
            STORED if entry.size != entry.packed => found(What::Size),
            STORED if entry.size > MAX_STORED => found(What::TooLarge),
            DEFLATED if entry.size > MAX_DEFLATED => found(What::TooLarge),
            STORED | DEFLATED => {}
            _ => found(What::Method),
        }
        together = together.saturating_add(if entry.method == STORED { 0 } else { entry.size });
    }
    if together > MAX_DEFLATED_TOGETHER {
        wrong.push(Wrong::whole(What::TooLarge));
    }
    wrong
}

/// Walks through the members as they lie, from the first byte to the directory.
fn laid_out<R: Read + Seek>(zip: &mut R, entries: &[Entry], directory: u64) -> Result<Vec<Wrong>, BundleError> {
    let (mut wrong, mut at) = (Vec::new(), 0_u64);
    for entry in entries {
        if entry.offset != at {
            wrong.push(Wrong::at(What::Gap, &entry.name));
            return Ok(wrong);
        }
        let header = LOCAL as u64 + entry.name.len() as u64;
        let after = at + header + entry.packed;
        let length = if entry.flags & SIZES_AFTER == 0 { 0 } else { DESCRIPTOR };
        if after + length as u64 > directory {
            wrong.push(Wrong::at(What::Headers, &entry.name));
            return Ok(wrong);
        }
        let local = bytes(zip, at, header as usize)?;
        let descriptor = bytes(zip, after, length)?;
        if !(local_fits(&local, entry) && (length == 0 || descriptor_fits(&descriptor, entry))) {
            wrong.push(Wrong::at(What::Headers, &entry.name));
        }
        at = after + length as u64;
    }
    if at != directory {
        wrong.push(Wrong::whole(What::Gap));
    }
    Ok(wrong)
}

fn local_fits(local: &[u8], entry: &Entry) -> bool {
    let same = u32_at(local, 0) == LOCAL_MARK && u16_at(local, 6) == entry.flags && u16_at(local, 8) == entry.method && u32_at(local, 10) == entry.stamp;
    let named = usize::from(u16_at(local, 26)) == entry.name.len() && u16_at(local, 28) == 0 && &local[LOCAL..] == entry.name.as_bytes();
    let sizes = (u32_at(local, 14), u64::from(u32_at(local, 18)), u64::from(u32_at(local, 22)));
    let expected = if entry.flags & SIZES_AFTER == 0 { (entry.crc, entry.packed, entry.size) } else { (0, 0, 0) };
    same && named && sizes == expected
}

fn descriptor_fits(descriptor: &[u8], entry: &Entry) -> bool {
    let (crc, packed, size) = (u32_at(descriptor, 4), u64::from(u32_at(descriptor, 8)), u64::from(u32_at(descriptor, 12)));
    u32_at(descriptor, 0) == DESCRIPTOR_MARK && (crc, packed, size) == (entry.crc, entry.packed, entry.size)
}

/// The members of a zip whose structure was found whole.
pub struct Contents<R> {
    archive: zip::ZipArchive<R>,
    entries: Vec<Entry>,
}

impl<R: Read + Seek> Contents<R> {
    /// Reads the structure of a zip.
    ///
    /// # Errors
    /// As [`read`].
    pub fn of(mut zip: R) -> Result<Self, BundleError> {
        let entries = read(&mut zip)?;
        let archive = zip::ZipArchive::new(zip).map_err(|error| unpacked(of_disk(error), None))?;
        let same = archive.len() == entries.len() && archive.offset() == 0 && archive.file_names_raw().eq(entries.iter().map(|entry| entry.name.as_bytes()));
        if same { Ok(Contents { archive, entries }) } else { Err(one(What::Headers)) }
    }

    /// Returns the members in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Opens a member, lets `take` read it, and returns the hash of all its bytes, whatever `take` left.
    ///
    /// # Errors
    /// Returns what `take` returned, [`BundleError::Wrong`] where the member does not open as it says, or what the stream refused.
    pub fn member<T>(&mut self, index: usize, take: &mut dyn FnMut(&mut dyn Read) -> Result<T, BundleError>) -> Result<(T, [u8; 32]), BundleError> {
        let Some(entry) = self.entries.get(index) else { return Err(one(What::NotThere)) };
        let name = &entry.name;
        let file = self.archive.by_index(index).map_err(|error| unpacked(of_disk(error), Some(name)))?;
        let mut through = Through { inner: file, hasher: Aside::new(Hasher::default()), left: entry.size, over: false, failed: None };
        let taken = take(&mut through);
        let drained = io::copy(&mut through, &mut io::sink());
        if through.over {
            return Err(BundleError::Wrong(vec![Wrong::at(What::Size, name)]));
        }
        if let Some(failed) = through.failed {
            return Err(unpacked(failed, Some(name)));
        }
        drained?;
        if through.left > 0 {
            return Err(BundleError::Wrong(vec![Wrong::at(What::Size, name)]));
        }
        Ok((taken?, through.hasher.finish()?.finish()))
    }

    /// Reads a member of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Contents::member`]; [`What::TooLarge`] for a longer one.
    pub fn bytes(&mut self, index: usize, limit: u64) -> Result<(Vec<u8>, [u8; 32]), BundleError> {
        if let Some(entry) = self.entries.get(index).filter(|entry| entry.size > limit) {
            return Err(BundleError::Wrong(vec![Wrong::at(What::TooLarge, &entry.name)]));
        }
        self.member(index, &mut |member| {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// Copies a member into a writer.
    ///
    /// # Errors
    /// As [`Contents::member`], or what the writer refused.
    pub fn copy(&mut self, index: usize, out: &mut dyn Write) -> Result<[u8; 32], BundleError> {
        self.member(index, &mut |member| Ok(io::copy(member, out).map(drop)?)).map(|((), hash)| hash)
    }
}

/// What the zip library says: the system's own error stays that one.
fn of_disk(error: zip::result::ZipError) -> io::Error {
    match error {
        zip::result::ZipError::Io(error) => error,
        other => other.into(),
    }
}

/// A changed piece and a broken disk stay what they are; anything else that the library refuses does not unpack.
fn unpacked(error: io::Error, name: Option<&str>) -> BundleError {
    if error.raw_os_error().is_some() {
        return BundleError::Io(error);
    }
    let what = if crate::crypto::is_damage(&error) { What::Changed } else { What::Content };
    BundleError::Wrong(vec![name.map_or(Wrong::whole(what), |name| Wrong::at(what, name))])
}

/// Hashes what is read, on another thread, and stops where a member gives more than it says.
struct Through<R> {
    inner: R,
    hasher: Aside<Hasher>,
    left: u64,
    over: bool,
    failed: Option<io::Error>,
}

impl<R: Read> Through<R> {
    fn piece(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.over = read as u64 > self.left;
        self.left = self.left.checked_sub(read as u64).ok_or(io::ErrorKind::InvalidData)?;
        self.hasher.write_all(&bytes[..read])?;
        Ok(read)
    }
}

impl<R: Read> Read for Through<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        let read = self.piece(bytes);
        if let Err(error) = &read
            && error.kind() == io::ErrorKind::Interrupted
        {
            return read;
        }
        read.map_err(|error| {
            self.failed = Some(error);
            io::ErrorKind::InvalidData.into()
        })
    }
}
