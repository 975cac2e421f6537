//! Large bundles: the largest that fits on paper opens, what is larger than the page takes is refused unread.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sandyq::crypto::{Lock, Passphrase, SealingStream, seal_stream};
use sandyq::handover::container::archive::{Member, write};
use sandyq::vault::Silent;

use super::*;
use crate::cli::faults::aloud;
use crate::support::NOW;

/// What the page says it opens, in bytes.
const LARGE: u64 = 200_000_000;
/// One of four films, in pieces; with them a bundle is just below that.
const PIECES: usize = 47;
const PIECE: usize = 1024 * 1024;
/// The most that the page takes, in bytes.
const LIMIT: u64 = 512 * 1024 * 1024;
/// Work of the words as the program sets it.
const LOG_N: u8 = 17;

/// A film: bytes that do not deflate, each piece and each film another.
struct Film {
    number: u8,
    noise: Vec<u8>,
}

impl Film {
    fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        (0..PIECES).try_for_each(|piece| {
            out.write_all(&[self.number, piece as u8])?;
            out.write_all(&self.noise[2..])
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes).expect("written");
        bytes
    }

    fn member(self) -> Member<'static> {
        let name = format!("files/{}.mp4", hex::encode(sandyq::crypto::plain_hash(&self.bytes())));
        Member::stream(name, (PIECES * PIECE) as u64, move |out| self.write(out))
    }
}

fn film(number: u8) -> Film {
    Film { number, noise: noise(PIECE) }
}

/// A bundle with four films, sealed with words.
fn large(home: &Path) -> PathBuf {
    let path = home.join("large.zip.age");
    let lock = Lock::Words { words: Passphrase::words(WORDS), log_n: LOG_N };
    let mut sealed = seal_stream(&lock, File::create(&path).expect("a file")).expect("sealed");
    let mut all = members(files(&key()));
    all.splice(4..4, (0..4).map(|number| film(number).member()));
    write(all, NOW, &key(), &mut sealed, &mut Silent).expect("a bundle is written");
    SealingStream::finish(sealed).expect("finished");
    path
}

#[test]
fn bundle_of_200_megabytes_opens_and_its_files_come_out_whole() {
    let Some(browser) = Browser::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    let path = large(home.path());
    let size = path.metadata().expect("there").len();
    assert!((LARGE - 5_000_000..LARGE).contains(&size), "{size}");
    browser.go(&page());
    choose(&browser, &path);
    browser.typed("words", WORDS);
    let began = Instant::now();
    browser.click("open");
    browser.wait_seen("opened");
    let (took, memory) = (began.elapsed().as_secs(), browser.memory().map_or("unknown".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000)));
    aloud(&format!("budget: OPEN.html: a bundle of {} MB opened and checked in {took} s, memory of the page at most {memory}", size / 1_000_000));
    assert_eq!(state(&browser), "uncompared");
    assert!(browser.text("verdict-intact").contains("All 12 files are as they were signed"), "{}", browser.text("verdict-intact"));
    assert_saved_whole(&browser);
}

#[track_caller]
fn assert_saved_whole(browser: &Browser) {
    let bytes = film(2).bytes();
    let name = format!("{}.mp4", hex::encode(sandyq::crypto::plain_hash(&bytes)));
    let id = browser.script("return document.querySelector(`[data-member='files/${arguments[0]}']`).id", &[name.as_str().into()]);
    browser.click(id.as_str().expect("an id"));
    assert!(std::fs::read(browser.saved(&name)).expect("read") == bytes);
}

#[test]
fn file_larger_than_the_page_takes_is_refused_with_words_and_not_read() {
    let Some(browser) = Browser::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("huge.zip.age");
    let whole = words(&zipped());
    for length in [LIMIT + 1, LIMIT * 1024] {
        std::fs::write(&path, &whole).expect("written");
        // The rest is a hole: it takes no room on the disk.
        File::options().write(true).open(&path).and_then(|file| file.set_len(length)).expect("lengthened");
        browser.go(&page());
        browser.click("lang-en");
        choose(&browser, &path);
        assert!(browser.is_seen("refused") && !browser.is_seen("step-words"));
        assert_eq!(browser.text("refused-reason"), "The file is larger than this page can open. Use the programs age and unzip.");
        assert_eq!(browser.text("refused-code"), "Reason code: file.large");
    }
}
