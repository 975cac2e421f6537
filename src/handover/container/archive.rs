//! The zip of a bundle, written in one pass and never touched again: members, `MANIFEST`, signature, signer.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::manifest;
use super::rules::{
    FILES, LAST, MANIFEST, MAX_DEFLATED, MAX_DEFLATED_TOGETHER, MAX_MANIFEST, MAX_MEMBERS, MAX_STORED, NAMESPACE, Names, SIGNATURE, SIGNERS, name_fault,
};
use super::wrong::{BundleError, What};
use crate::crypto::{HandoverKey, Hasher, plain_hash};
use crate::vault::Progress;

/// How hard to deflate: fixed, so that the same members give the same bytes.
const LEVEL: i64 = 6;

/// Something that writes a member's bytes when its turn comes.
pub type Source<'a> = Box<dyn FnMut(&mut dyn Write) -> io::Result<()> + 'a>;

/// One file of a bundle.
pub struct Member<'a> {
    pub name: String,
    pub content: Content<'a>,
}

/// The bytes of a member.
pub enum Content<'a> {
    Bytes(Vec<u8>),
    /// Exactly `size` bytes, written when they are wanted.
    Stream {
        size: u64,
        write: Source<'a>,
    },
}

impl<'a> Member<'a> {
    /// Makes a member of bytes.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Member { name: name.into(), content: Content::Bytes(bytes.into()) }
    }

    /// Makes a member of a stream of known size.
    pub fn stream(name: impl Into<String>, size: u64, write: impl FnMut(&mut dyn Write) -> io::Result<()> + 'a) -> Self {
        Member { name: name.into(), content: Content::Stream { size, write: Box::new(write) } }
    }

    fn size(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Stream { size, .. } => *size,
        }
    }
}

/// A bundle that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Members that `MANIFEST` lists.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// SHA-256 of `MANIFEST`.
    pub manifest: [u8; 32],
}

/// Writes the zip of a bundle. `made` are seconds since 1970; the same members give the same bytes.
///
/// # Errors
/// Returns [`BundleError::Member`] for a member that no reader would take, or what a source or `out` refused.
pub fn write(members: Vec<Member<'_>>, made: i64, signer: &HandoverKey, out: &mut dyn Write, progress: &mut dyn Progress) -> Result<Written, BundleError> {
    check(&members)?;
    let shut = Rc::new(Cell::new(false));
    let mut archive =
        Archive { zip: ZipWriter::new_stream(Gate { out, shut: shut.clone() }), time: time(made), done: 0, all: members.iter().map(Member::size).sum() };
    let written = archive.all(members, signer, progress);
    // The zip writer ends a broken file when it goes; nobody wants that end.
    shut.set(shut.get() || written.is_err());
    let written = written?;
    archive.zip.finish().map(|_| written).map_err(disk)
}

/// Refuses what a reader would refuse, before the first byte.
fn check(members: &[Member<'_>]) -> Result<(), BundleError> {
    let refused = |name: &str, what| Err(BundleError::Member { name: name.to_owned(), what });
    let mut names = Names::of_bundle();
    let mut together = 0;
    for member in members {
        if let Some(what) = name_fault(member.name.as_bytes()) {
            return refused(&member.name, what);
        }
        if !names.take(&member.name) {
            return refused(&member.name, What::NameTwice);
        }
        let stored = member.name.starts_with(FILES);
        together += if stored { 0 } else { member.size() };
        if member.size() > if stored { MAX_STORED } else { MAX_DEFLATED } || together > MAX_DEFLATED_TOGETHER {
            return refused(&member.name, What::TooLarge);
        }
    }
    if members.len() + LAST.len() > MAX_MEMBERS { refused("", What::TooMany) } else { Ok(()) }
}

/// Times as zip knows them: from 1980 to 2107, two seconds apart, here in UTC.
fn time(made: i64) -> DateTime {
    let civil = jiff::Timestamp::from_second(made).ok().map(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC).datetime());
    let given = civil.and_then(|c| {
        let part = |number: i8| u8::try_from(number).ok();
        DateTime::from_date_and_time(
            u16::try_from(c.year()).ok()?,
            part(c.month())?,
            part(c.day())?,
            part(c.hour())?,
            part(c.minute())?,
            part(c.second())? & !1,
        )
        .ok()
    });
    given.unwrap_or_default()
}

struct Archive<'a> {
    zip: ZipWriter<zip::write::StreamWriter<Gate<'a>>>,
    time: DateTime,
    done: u64,
    all: u64,
}

impl Archive<'_> {
    fn all(&mut self, members: Vec<Member<'_>>, signer: &HandoverKey, progress: &mut dyn Progress) -> Result<Written, BundleError> {
        let mut lines = String::new();
        let files = members.len() as u64;
        for member in members {
            let (name, size) = (member.name.clone(), member.size());
            let hash = self.member(member, progress)?;
            lines += &manifest::line(&hash, &name);
            self.done += size;
        }
        if lines.len() as u64 > MAX_MANIFEST {
            return Err(BundleError::Member { name: MANIFEST.into(), what: What::TooLarge });
        }
        let ends = [(MANIFEST, lines.clone()), (SIGNATURE, signer.sign(NAMESPACE, lines.as_bytes())), (SIGNERS, manifest::signers_line(&signer.signer()))];
        for (name, text) in ends {
            self.member(Member::bytes(name, text), progress)?;
        }
        Ok(Written { files, bytes: self.all, manifest: plain_hash(lines.as_bytes()) })
    }

    fn member(&mut self, member: Member<'_>, progress: &mut dyn Progress) -> Result<[u8; 32], BundleError> {
        self.zip.start_file(member.name.as_str(), self.options(&member.name)).map_err(disk)?;
        let size = member.size();
        let mut counted = Counted { out: &mut self.zip, hasher: Hasher::default(), written: 0, before: self.done, all: self.all, progress };
        match member.content {
            Content::Bytes(bytes) => counted.write_all(&bytes)?,
            Content::Stream { mut write, .. } => write(&mut counted)?,
        }
        if counted.written == size { Ok(counted.hasher.finish()) } else { Err(BundleError::Member { name: member.name, what: What::Size }) }
    }

    fn options(&self, name: &str) -> SimpleFileOptions {
        let stored = name.starts_with(FILES);
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let level = (!stored).then_some(LEVEL);
        SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .last_modified_time(self.time)
            .unix_permissions(0o644)
            .system(System::Unix)
    }
}

fn disk(error: zip::result::ZipError) -> BundleError {
    match error {
        zip::result::ZipError::Io(error) => error.into(),
        other => BundleError::Io(io::Error::other(other)),
    }
}

/// What lies behind the zip writer; once shut, it swallows everything.
struct Gate<'a> {
    out: &'a mut dyn Write,
    shut: Rc<Cell<bool>>,
}

impl Write for Gate<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.shut.get() { Ok(bytes.len()) } else { self.out.write(bytes).inspect_err(|error| self.shut.set(error.kind() != io::ErrorKind::Interrupted)) }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.shut.get() { Ok(()) } else { self.out.flush() }
    }
}

/// Hashes and counts what goes through.
struct Counted<'a> {
    out: &'a mut dyn Write,
    hasher: Hasher,
    written: u64,
    before: u64,
    all: u64,
    progress: &'a mut dyn Progress,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.hasher.update(&bytes[..taken]);
        self.written += taken as u64;
        self.progress.at(self.before + self.written, self.all);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
