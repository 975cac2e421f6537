//! The reader of tar archives by itself: what it reads, how much, and what it says.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use sandyq::sys::tar::{Flaw, Members, Met, Writer};
use sandyq::transport::MAX_MEMBERS;

/// An archive of many equal members that exists only while it is read; the members claim `claimed` bytes and have `held`.
struct Endless {
    header: Vec<u8>,
    held: u64,
    count: u64,
    at: u64,
    read: u64,
    largest: usize,
}

impl Endless {
    fn new(claimed: u64, held: u64, count: u64) -> Endless {
        Endless { header: header(claimed).as_bytes().to_vec(), held, count, at: 0, read: 0, largest: 0 }
    }

    fn length(&self) -> u64 {
        self.count * (512 + self.held) + 1024
    }
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_path(format!("{}.age", "ab".repeat(32))).expect("a name");
    header.set_size(size);
    header.set_cksum();
    header
}

impl Read for &mut Endless {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.largest = self.largest.max(bytes.len());
        let count = bytes.len().min((self.length() - self.at) as usize);
        let mut filled = 0;
        while filled < count {
            let within = (self.at % (512 + self.held)) as usize;
            let zeros = (512 + self.held) as usize - within;
            let piece = match self.header.get(within..) {
                Some(header) if !header.is_empty() && self.at < self.length() - 1024 => header,
                _ => &[0; 4096][..zeros.min(4096)],
            };
            let step = piece.len().min(count - filled);
            bytes[filled..filled + step].copy_from_slice(&piece[..step]);
            filled += step;
            self.at += step as u64;
        }
        self.read += count as u64;
        Ok(count)
    }
}

impl Seek for &mut Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => place as i64,
            SeekFrom::End(by) => self.length() as i64 + by,
            SeekFrom::Current(by) => self.at as i64 + by,
        };
        self.at = u64::try_from(place).map_err(|_| io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

fn met(archive: &mut Endless, most: u64) -> (usize, Vec<Flaw>) {
    let (mut members, mut flaws) = (0, Vec::new());
    for met in Members::of(archive, most).expect("begun") {
        match met.expect("read") {
            Met::Member(_) => members += 1,
            Met::Flaw(flaw) => flaws.push(flaw),
        }
    }
    (members, flaws)
}

#[test]
fn bomb_of_empty_members_ends_at_the_limit() {
    assert_eq!(MAX_MEMBERS, 1_000_000);
    assert_eq!(met(&mut Endless::new(0, 0, 1000), 1000), (1000, vec![]));
    assert_eq!(met(&mut Endless::new(0, 0, MAX_MEMBERS + 1), MAX_MEMBERS), (1_000_000, vec![Flaw::TooMany]));
}

#[test]
fn claimed_gigabytes_are_neither_read_nor_reserved() {
    let giant = 8 * 1024 * 1024 * 1024 - 1;
    let mut archive = Endless::new(giant, 4096, 10);
    assert_eq!(met(&mut archive, 1000), (0, vec![Flaw::Truncated]));
    assert!(archive.read <= 16 * 1024 && archive.largest <= 64 * 1024);
}

#[test]
fn listing_reads_headers_alone_however_large_the_pack() {
    let size = 1024 * 1024 * 1024;
    let mut archive = Endless::new(size, size, 200);
    assert_eq!(met(&mut archive, 1000), (200, vec![]));
    assert!(archive.read <= 201 * 8192 && archive.largest <= 64 * 1024, "{} bytes of {}", archive.read, archive.length());
}

#[test]
fn what_is_written_is_read_and_found() {
    let mut writer = Writer::new(Vec::new());
    let files: [(&str, &[u8]); 3] = [("a", b""), ("b", &[7; 512]), ("c", &[8; 513])];
    files.iter().for_each(|(name, bytes)| writer.append(name, bytes).expect("appended"));
    let archive = writer.finish().expect("finished");
    let mut members = Members::of(Cursor::new(&archive), 3).expect("begun");
    for (name, bytes) in files {
        let Some(Ok(Met::Member(member))) = members.next() else { panic!("{name} is a member") };
        assert_eq!(member.name, name);
        assert_eq!(members.read(&member, 513).expect("read"), bytes);
        assert!(bytes.is_empty() || members.read(&member, bytes.len() as u64 - 1).is_err(), "over the limit");
    }
    assert!(members.next().is_none() && members.next().is_none());
}

#[test]
fn failing_disk_is_an_error_once() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::Other.into())
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(4096)
        }
    }
    let mut members = Members::of(Failing, 10).expect("begun");
    assert!(members.next().is_some_and(|met| met.is_err()) && members.next().is_none());
}
