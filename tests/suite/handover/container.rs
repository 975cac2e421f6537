//! Writing: the same bundle is the same zip, one pass makes every file, and nothing that was there is touched.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use sandyq::crypto::{HandoverKey, Lock, OpeningKeys, Passphrase, SigningKey, open_stream, wants_words};
use sandyq::handover::container::archive::{Member, write};
use sandyq::handover::container::extract::extract;
use sandyq::handover::container::outer::{Outer, words_path};
use sandyq::handover::container::verify::{Expected, verify};
use sandyq::handover::container::wrong::{BundleError, What};
use sandyq::vault::Silent;

use super::container_support::*;
use crate::support::{NOW, Seeded};

fn words() -> Lock {
    Lock::Words { words: Passphrase::words(WORDS), log_n: 10 }
}

fn outers(folder: &Path) -> [Outer; 2] {
    let path = folder.join("case.zip.age");
    [Outer { path: path.clone(), lock: to_recipient() }, Outer { path: words_path(&path), lock: words() }]
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn bundle_written_twice_is_the_same_zip_and_another_time_another_zip() {
    assert_eq!(zipped(), zipped());
    let mut later = Vec::new();
    write(members(files(&key())), NOW + 2, &key(), &mut later, &mut Silent).expect("written");
    assert_ne!(zipped(), later);
    let mut odd = Vec::new();
    write(members(files(&key())), NOW + 1, &key(), &mut odd, &mut Silent).expect("written");
    assert_eq!(zipped(), odd, "zip knows even seconds only");
}

#[test]
fn whole_bundle_is_whole_and_says_who_signed_it() {
    let report = found(&zipped());
    assert_eq!(report.wrong, []);
    assert_eq!((report.files, report.compared), (8, false));
    assert_eq!(report.signer, Some(key().signer()));
    assert_eq!(report.bytes, files(&key()).iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
    assert!(report.records > 20);
    assert_eq!(report.about.expect("it says what it is").profile, "lawyer");
    assert_eq!(found(&raw_zip(&raw_bundle())).wrong, [], "a zip without data descriptors will do");
}

#[test]
fn signer_is_compared_by_fingerprint_words_or_digits() {
    let signer = key().signer();
    let short = signer.short(17);
    let same = [
        signer.fingerprint(),
        sandyq::crypto::safety_words(sandyq::crypto::Lang::En, &short),
        sandyq::crypto::safety_words(sandyq::crypto::Lang::Kk, &short).to_uppercase(),
        sandyq::crypto::safety_digits(&short),
    ];
    let outer = sealed(&to_recipient(), &zipped());
    for text in same {
        let expected = Expected::read(&text).expect("understood");
        let report = verify(Cursor::new(&outer), &keys(), Some(&expected), &mut Silent).expect("opens");
        assert!(report.compared && report.is_whole(), "{text}");
    }
    let other = Expected::read(&stranger().signer().fingerprint()).expect("understood");
    let report = verify(Cursor::new(&outer), &keys(), Some(&other), &mut Silent).expect("opens");
    assert_eq!(report.wrong.iter().map(|wrong| wrong.what).collect::<Vec<_>>(), [What::OtherSigner]);
    assert!(!report.compared);
    assert_eq!(Expected::read("SHA256:short"), None);
    assert_eq!(Expected::read("five words are not six"), None);
}

#[test]
fn handover_keys_of_devices_and_casebooks_differ_and_lead_to_nobody() {
    let device = SigningKey::from_seed(&DEVICE);
    let other = HandoverKey::derive(&device, &[10; 32]);
    assert_ne!(key().signer(), other.signer());
    assert_ne!(key().signer(), stranger().signer());
    assert_ne!(key().signer().as_bytes(), device.device().as_bytes());
    let ids = [key().bundle_id(&[b"lawyer", b"ru"]), key().bundle_id(&[b"lawyerr", b"u"]), other.bundle_id(&[b"lawyer", b"ru"])];
    assert!(ids.iter().all(|id| id.len() == 32));
    assert!(ids[0] != ids[1] && ids[0] != ids[2]);
    assert_eq!(key().reply_identity(&ids[0]).recipient(), key().reply_identity(&ids[0]).recipient());
    assert_ne!(key().reply_identity(&ids[0]).recipient(), key().reply_identity(&ids[1]).recipient());
    assert_ne!(*key().reply_secret(&ids[0]), *key().pseudonym_key(&ids[0]));
}

#[test]
fn both_classes_come_of_one_pass_and_hold_the_same_zip() {
    let home = tempfile::tempdir().expect("a folder");
    let outers = outers(home.path());
    let mut passes = 0;
    seal_in_place(&outers, &mut |out| {
        passes += 1;
        write(members(files(&key())), NOW, &key(), out, &mut Silent)
    })
    .expect("sealed");
    assert_eq!((passes, names(home.path())), (1, vec!["case-words.zip.age".to_owned(), "case.zip.age".to_owned()]));
    for (outer, keys) in outers.iter().zip([keys(), OpeningKeys::words(&Passphrase::words(WORDS))]) {
        let mut file = std::fs::File::open(&outer.path).expect("a file");
        assert_eq!(wants_words(&mut file).expect("an age file"), matches!(outer.lock, Lock::Words { .. }));
        let mut plain = Vec::new();
        open_stream(&keys, &file).expect("opens").read_to_end(&mut plain).expect("read");
        assert!(plain == zipped());
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("known").permissions()) & 0o777, 0o600);
    }
}

#[test]
fn words_open_however_they_are_typed() {
    let sealed = sealed(&words(), b"content");
    for typed in ["Ability  ABILITY able\tabout above absent ", "ability, ability, able, about, above, absent"] {
        assert!(open_stream(&OpeningKeys::words(&Passphrase::words(typed)), Cursor::new(&sealed)).is_ok(), "{typed}");
    }
    assert!(open_stream(&OpeningKeys::words(&Passphrase::words("ability")), Cursor::new(&sealed)).is_err());
}

#[test]
fn file_that_is_there_is_never_touched() {
    let home = tempfile::tempdir().expect("a folder");
    for taken in ["case.zip.age", "case-words.zip.age"] {
        std::fs::write(home.path().join(taken), "kept").expect("written");
        let refused = seal_in_place(&outers(home.path()), &mut |out| write(members(files(&key())), NOW, &key(), out, &mut Silent));
        assert!(matches!(refused, Err(BundleError::Exists)), "{refused:?}");
        assert_eq!(names(home.path()), [taken]);
        assert_eq!(std::fs::read_to_string(home.path().join(taken)).expect("read"), "kept");
        std::fs::remove_file(home.path().join(taken)).expect("removed");
    }
}

#[test]
fn file_that_comes_while_another_is_written_stays() {
    let home = tempfile::tempdir().expect("a folder");
    let outers = outers(home.path());
    let refused = seal_in_place(&outers, &mut |out| {
        std::fs::write(&outers[1].path, "kept").expect("written");
        write(members(files(&key())), NOW, &key(), out, &mut Silent)
    });
    assert!(matches!(refused, Err(BundleError::Exists)), "{refused:?}");
    assert_eq!(names(home.path()), ["case-words.zip.age"]);
    assert_eq!(std::fs::read_to_string(&outers[1].path).expect("read"), "kept");
}

/// Takes so many bytes and then says that the disk is full.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn disk_that_is_full_at_any_byte_is_said_and_nothing_goes_on() {
    let whole = zipped().len();
    for room in (0..whole).step_by(3001).chain([whole - 1]) {
        let stopped = write(members(files(&key())), NOW, &key(), &mut Full(room), &mut Silent);
        assert!(matches!(&stopped, Err(BundleError::Io(error)) if error.kind() == io::ErrorKind::StorageFull), "{room}: {stopped:?}");
    }
}

#[test]
fn failing_source_leaves_nothing_behind() {
    let home = tempfile::tempdir().expect("a folder");
    let broken = |written: usize| {
        Member::stream("files/a.bin", 100_000, move |out| {
            out.write_all(&vec![1; written])?;
            if written < 50_000 { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
        })
    };
    for written in [0, 40_000, 60_000, 100_001] {
        let failed = seal_in_place(&outers(home.path()), &mut |out| write(vec![broken(written)], NOW, &key(), out, &mut Silent));
        assert!(failed.is_err(), "{written}");
        assert_eq!(names(home.path()), [""; 0], "{written}");
    }
}

#[test]
fn full_disk_leaves_nothing() {
    let Some(disk) = crate::cli::disk::Stick::mounted() else { return };
    let big = || vec![Member::bytes("files/big.bin", noise(2 * 1024 * 1024))];
    let failed = seal_in_place(&outers(disk.path()), &mut |out| write(big(), NOW, &key(), out, &mut Silent));
    assert!(matches!(failed, Err(BundleError::Io(_))), "{failed:?}");
    assert_eq!(names(disk.path()), [""; 0]);
    let mut files = files(&key());
    files.push(("files/big.bin".into(), noise(2 * 1024 * 1024)));
    let to = disk.path().join("opened");
    let failed = extract(Cursor::new(sealed(&to_recipient(), &zip_of(files, &key()))), &keys(), None, &to, &mut Silent);
    assert!(matches!(failed, Err(BundleError::Io(_))), "{failed:?}");
    assert!(!to.exists());
}

#[test]
fn members_that_no_reader_takes_are_not_written() {
    let cases = [
        ("../a", What::NameParent),
        ("/a", What::NameAbsolute),
        ("C:a", What::NameAbsolute),
        ("a\\b", What::NameAbsolute),
        ("a//b", What::NameParent),
        ("папка", What::NameLetters),
        ("files/con.txt", What::NameLetters),
        ("MANIFEST", What::NameTwice),
        ("manifest.SIG", What::NameTwice),
        ("a/", What::NotPlain),
    ];
    for (name, what) in cases {
        let refused = write(vec![Member::bytes(name, "x")], NOW, &key(), &mut Vec::new(), &mut Silent);
        assert!(matches!(&refused, Err(BundleError::Member { what: found, .. }) if *found == what), "{name}: {refused:?}");
    }
    let twins = vec![Member::bytes("a/b", "x"), Member::bytes("A", "x")];
    assert!(write(twins, NOW, &key(), &mut Vec::new(), &mut Silent).is_err());
    let large = vec![Member::stream("index.html", 257 * 1024 * 1024, |_| panic!("not asked"))];
    assert!(write(large, NOW, &key(), &mut Vec::new(), &mut Silent).is_err());
    let many = (0..9_998).map(|number| Member::bytes(format!("a/{number}"), "x")).collect();
    assert!(write(many, NOW, &key(), &mut Vec::new(), &mut Silent).is_err());
}

#[test]
fn opened_bundle_is_the_files_that_were_given() {
    let home = tempfile::tempdir().expect("a folder");
    let outer = sealed(&to_recipient(), &zipped());
    let to = home.path().join("new/folder");
    let report = extract(Cursor::new(&outer), &keys(), None, &to, &mut Silent).expect("opened");
    assert!(report.is_whole());
    for (name, bytes) in files(&key()) {
        assert!(std::fs::read(to.join(&name)).expect("read") == bytes, "{name}");
    }
    assert!(to.join("MANIFEST.sig").exists() && to.join("allowed_signers").exists());
    let again = extract(Cursor::new(&outer), &keys(), None, &to, &mut Silent);
    assert!(matches!(again, Err(BundleError::Exists)), "{again:?}");
    let empty = home.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    assert!(extract(Cursor::new(&outer), &keys(), None, &empty, &mut Silent).is_ok());
    let file = home.path().join("file");
    std::fs::write(&file, "kept").expect("written");
    assert!(matches!(extract(Cursor::new(&outer), &keys(), None, &file, &mut Silent), Err(BundleError::Exists)));
}

/// Changes what it gives once its end was read for the second time: a file that is swapped while it is read.
struct Swapped {
    inner: Cursor<Vec<u8>>,
    passes: usize,
}

impl Read for Swapped {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let at = self.inner.position();
        let read = self.inner.read(bytes)?;
        if at > 100_000 {
            self.passes += 1;
        }
        if self.passes > 8 && read > 0 {
            bytes[0] ^= 1;
        }
        Ok(read)
    }
}

impl Seek for Swapped {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn folder_is_taken_away_again_when_the_file_changes_while_it_is_opened() {
    let home = tempfile::tempdir().expect("a folder");
    let to = home.path().join("out");
    let outer = sealed(&to_recipient(), &zipped());
    let mut refused = 0;
    for before in 0..9 {
        let swapped = Swapped { inner: Cursor::new(outer.clone()), passes: before };
        refused += usize::from(!extract(swapped, &keys(), None, &to, &mut Silent).is_ok_and(|report| report.is_whole()));
        if to.exists() {
            assert!(to.join("allowed_signers").exists(), "whole or not there");
            std::fs::remove_dir_all(&to).expect("removed");
        }
    }
    assert!(refused > 0);
}

#[test]
fn sealed_stream_is_read_from_anywhere_and_never_beyond_its_end() {
    let plain = noise(200_000);
    let mut stream = open_stream(&keys(), Cursor::new(sealed(&to_recipient(), &plain))).expect("opens");
    let mut seeded = Seeded(3);
    for _ in 0..200 {
        let (at, length) = (seeded.below(220_000), seeded.below(70_000));
        stream.seek(SeekFrom::Start(at as u64)).expect("sought");
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while let Some(read) = stream.read(&mut bytes[filled..]).ok().filter(|read| *read > 0) {
            filled += read;
        }
        let (from, to) = (at.min(plain.len()), (at + length).min(plain.len()));
        assert!(bytes[..filled] == plain[from..to.max(from)], "{length} bytes at {at}");
    }
    assert!(stream.seek(SeekFrom::End(-300_000)).is_err());
}

/// What is written a mebibyte at a time in the test of large bundles.
static ZEROS: [u8; 1 << 20] = [0; 1 << 20];

/// A zip in memory whose long runs of zeros take no room.
#[derive(Default)]
struct Sparse {
    pieces: Vec<(u64, Vec<u8>)>,
    length: u64,
    at: u64,
}

impl io::Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if ZEROS.get(..bytes.len()) != Some(bytes) {
            self.pieces.push((self.length, bytes.to_vec()));
        }
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Sparse {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = bytes.len().min(usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX));
        bytes[..count].fill(0);
        for (from, piece) in &self.pieces {
            let (start, end) = ((*from).max(self.at), (from + piece.len() as u64).min(self.at + count as u64));
            if start < end {
                let place = |at: u64, from: u64| usize::try_from(at - from).expect("within memory");
                bytes[place(start, self.at)..place(end, self.at)].copy_from_slice(&piece[place(start, *from)..place(end, *from)]);
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.length.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn bundle_of_more_than_four_gibibytes_is_laid_out_as_readers_expect() {
    let large = |number: usize| Member::stream(format!("files/{number}.bin"), 1_100 << 20, |out| (0..1_100).try_for_each(|_| out.write_all(&ZEROS)));
    let mut sparse = Sparse::default();
    let members = (0..4).map(large).chain([Member::bytes("files/last.bin", "behind four gibibytes")]).collect();
    write(members, NOW, &key(), &mut sparse, &mut Silent).expect("written");
    assert!(sparse.length > 4 << 30);
    let mut contents = sandyq::handover::container::directory::Contents::of(sparse).expect("whole");
    let names: Vec<&str> = contents.entries().iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names[4..], ["files/last.bin", "MANIFEST", "MANIFEST.sig", "allowed_signers"]);
    assert_eq!(contents.bytes(4, 100).expect("read").0, b"behind four gibibytes");
}

#[test]
fn zip_of_known_members_is_the_same_for_ever() {
    let known = vec![Member::bytes("index.html", "<p>Ержан</p>\n".repeat(50)), Member::bytes("files/a.bin", noise(3000)), Member::bytes("reply.json", "{}")];
    let mut zip = Vec::new();
    let written = write(known, NOW, &key(), &mut zip, &mut Silent).expect("written");
    let hashes = [written.manifest, sandyq::crypto::plain_hash(&zip)].map(hex::encode);
    assert_eq!(
        hashes,
        ["ecefaaa9ac956f45387e11e9b7babe1659d04102ac9be3a1c6fc49b0da2dc51a", "da6adaa6c5e5eaebf5f1c1e94f599de2009cd684d489c207701f09872e04dc4b"]
    );
}
