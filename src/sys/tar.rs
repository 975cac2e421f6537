//! Plain tar archives: files of one owner without times, and a reader that trusts no byte of what it reads.
//! The reader follows no link, takes no extension into account and reserves no memory for what a header claims.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

/// Bytes of a header, and the unit to which members are filled up.
pub const BLOCK: u64 = 512;
/// Zeros with which an archive ends.
pub const END: u64 = 2 * BLOCK;
/// Zeros that other programs may add to the end, at most.
const TAIL: u64 = 64 * 1024;

/// Returns the bytes that a member of this length takes in an archive.
pub const fn size_of_member(length: u64) -> u64 {
    BLOCK + length.next_multiple_of(BLOCK)
}

/// Writes an archive: ustar, mode 0600, user, group and time 0, no names of users.
#[derive(Debug)]
pub struct Writer<W>(W);

impl<W: Write> Writer<W> {
    /// Begins an archive.
    pub fn new(out: W) -> Self {
        Writer(out)
    }

    /// Returns what the archive is written to.
    pub fn out(&self) -> &W {
        &self.0
    }

    /// Appends a file, in one write.
    ///
    /// # Errors
    /// Returns what the system refused, or that the name is longer than a header holds.
    pub fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let size = size_of_member(bytes.len() as u64) as usize;
        let mut member = Vec::with_capacity(size);
        member.extend(header(name, bytes.len() as u64)?.as_bytes());
        member.extend(bytes);
        member.resize(size, 0);
        self.0.write_all(&member)
    }

    /// Ends the archive and gives back what it was written to.
    ///
    /// # Errors
    /// Returns what the system refused.
    pub fn finish(mut self) -> io::Result<W> {
        self.0.write_all(&[0; END as usize])?;
        Ok(self.0)
    }
}

fn header(name: &str, length: u64) -> io::Result<tar::Header> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name)?;
    header.set_size(length);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    Ok(header)
}

/// A plain file in an archive, wholly inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// One plain word: no folder, no `..`.
    pub name: String,
    /// Where its bytes begin.
    pub offset: u64,
    pub length: u64,
}

/// What a reader meets in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    Member(Member),
    Flaw(Flaw),
}

/// What is wrong with an archive. All but [`Flaw::Odd`] end the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It stops before its end, in a member or without the zeros that end it.
    Truncated,
    /// A header does not fit its sum, gives no plain size, or is of a kind whose length is not certain.
    Header,
    /// A link, device, folder, extension or odd name; passed over.
    Odd,
    /// Something other than a few zeros stands behind its end.
    AfterEnd,
    /// It has more members than are read.
    TooMany,
}

/// The members of an archive in order.
#[derive(Debug)]
pub struct Members<R: Read> {
    from: BufReader<R>,
    /// Where the reader stands.
    at: u64,
    /// Where the next header begins.
    next: u64,
    length: u64,
    /// Headers that are still read.
    left: u64,
    done: bool,
}

impl<R: Read + Seek> Members<R> {
    /// Begins to read; `most` headers at most.
    ///
    /// # Errors
    /// Returns what the system refused.
    pub fn of(mut from: R, most: u64) -> io::Result<Self> {
        let length = from.seek(SeekFrom::End(0))?;
        from.seek(SeekFrom::Start(0))?;
        Ok(Members { from: BufReader::new(from), at: 0, next: 0, length, left: most, done: false })
    }

    /// Returns the bytes of a member that has at most `limit` of them.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::InvalidData`] for a longer one, or what the system refused.
    pub fn read(&mut self, member: &Member, limit: u64) -> io::Result<Vec<u8>> {
        if member.length > limit {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.go_to(member.offset)?;
        let mut bytes = vec![0; member.length as usize];
        self.take(&mut bytes).map(|()| bytes)
    }

    fn go_to(&mut self, place: u64) -> io::Result<()> {
        // Both are inside the file, and no file has more than i64::MAX bytes.
        self.from.seek_relative(place as i64 - self.at as i64)?;
        self.at = place;
        Ok(())
    }

    fn take(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn step(&mut self) -> io::Result<Option<Met>> {
        if self.next + BLOCK > self.length {
            return Ok(Some(self.end(Flaw::Truncated)));
        }
        self.go_to(self.next)?;
        let mut header = tar::Header::new_old();
        self.take(header.as_mut_bytes())?;
        if is_zero(header.as_bytes()) {
            return self.tail();
        }
        if self.left == 0 {
            return Ok(Some(self.end(Flaw::TooMany)));
        }
        self.left -= 1;
        Ok(Some(self.met(&header)))
    }

    /// Judges a header and finds where the next one begins.
    fn met(&mut self, header: &tar::Header) -> Met {
        let Some(length) = plain_size(header).filter(|_| sum_fits(header)) else { return self.end(Flaw::Header) };
        let kind = header.entry_type();
        if kind.is_gnu_sparse() || (length > 0 && is_without_bytes(kind)) {
            return self.end(Flaw::Header);
        }
        let offset = self.next + BLOCK;
        if length > self.length - offset {
            return self.end(Flaw::Truncated);
        }
        self.next += size_of_member(length);
        match plain_name(header).filter(|_| kind.is_file()) {
            Some(name) => Met::Member(Member { name, offset, length }),
            None => Met::Flaw(Flaw::Odd),
        }
    }

    fn end(&mut self, flaw: Flaw) -> Met {
        self.done = true;
        Met::Flaw(flaw)
    }

    /// Looks at what follows the first zero block: nothing but a few more zeros may.
    fn tail(&mut self) -> io::Result<Option<Met>> {
        self.done = true;
        let rest = self.length - self.at;
        if rest < END - BLOCK {
            return Ok(Some(Met::Flaw(Flaw::Truncated)));
        }
        let mut bytes = vec![0; rest.min(TAIL) as usize];
        self.take(&mut bytes)?;
        Ok((rest > TAIL || !is_zero(&bytes)).then_some(Met::Flaw(Flaw::AfterEnd)))
    }
}

impl<R: Read + Seek> Iterator for Members<R> {
    type Item = io::Result<Met>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let met = self.step();
        self.done |= met.is_err();
        match met {
            // Somebody cut the file while it was read.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(Ok(Met::Flaw(Flaw::Truncated))),
            met => met.transpose(),
        }
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn sum_fits(header: &tar::Header) -> bool {
    let mut right = header.clone();
    right.set_cksum();
    matches!((header.cksum(), right.cksum()), (Ok(given), Ok(right)) if given == right)
}

/// Returns the size that stands there in octal digits; sizes in binary, which may be negative or giant, are none.
fn plain_size(header: &tar::Header) -> Option<u64> {
    let binary = header.as_old().size[0] & 0x80 != 0;
    header.entry_size().ok().filter(|_| !binary)
}

/// Kinds for which programs disagree whether bytes follow.
fn is_without_bytes(kind: tar::EntryType) -> bool {
    kind.is_hard_link() || kind.is_symlink() || kind.is_character_special() || kind.is_block_special() || kind.is_dir() || kind.is_fifo()
}

fn plain_name(header: &tar::Header) -> Option<String> {
    let name = String::from_utf8(header.path_bytes().into_owned()).ok()?;
    let odd = matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\', '\0']);
    (!odd).then_some(name)
}
