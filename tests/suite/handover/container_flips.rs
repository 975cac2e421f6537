//! One byte changed anywhere: verification says so, and where; never a panic, and never "whole".

use std::io::Cursor;

use proptest::prelude::*;
use sandyq::crypto::{Lock, OpeningKeys, Passphrase};
use sandyq::handover::container::extract::extract;
use sandyq::handover::container::verify::{Report, verify};
use sandyq::handover::container::wrong::{BundleError, What};
use sandyq::vault::Silent;

use super::container_support::*;
use crate::support::Seeded;

fn small() -> Vec<(String, Vec<u8>)> {
    let mut files = files(&key());
    files.retain(|(name, _)| name != "records.json");
    let records = format!(r#"{{"bundle":{},"records":[]}}"#, about(&key()));
    files.insert(1, ("records.json".into(), records.into_bytes()));
    files
}

/// The end of the head of an age file: the line after `---`.
fn head(outer: &[u8]) -> usize {
    let mac = outer.windows(5).position(|five| five == b"\n--- ").expect("a head") + 5;
    mac + outer[mac..].iter().position(|byte| *byte == b'\n').expect("a line") + 1
}

/// Tells what a changed sealed file gives; `None` would be "whole".
fn answer(result: Result<Report, BundleError>) -> Option<&'static str> {
    match result {
        Ok(report) if report.is_whole() => None,
        Ok(report) if report.wrong.iter().all(|wrong| wrong.what == What::Changed) => Some("changed"),
        Ok(_) => Some("wrong"),
        Err(BundleError::NoKey) => Some("no key"),
        Err(BundleError::Damaged) => Some("damaged"),
        Err(BundleError::TooMuchWork) => Some("work"),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_member_that_was_changed_is_named() {
    let whole = small();
    for (number, (name, bytes)) in whole.iter().enumerate() {
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut raws = raws(whole.clone(), &key());
            raws[number].bytes[at] ^= 1;
            raws[number].packed[at] ^= 1;
            assert_found(&raw_zip(&raws), What::Hash, Some(name));
            // As above, but the checksum of the zip is left as it was.
            let mut raws = super::container_support::raws(whole.clone(), &key());
            raws[number].packed[at] ^= 1;
            assert_found(&raw_zip(&raws), What::Content, Some(name));
        }
    }
}

#[test]
fn every_byte_of_list_signature_and_signer_counts() {
    let raws = raws(small(), &key());
    for number in raws.len() - 3..raws.len() {
        let name = String::from_utf8(raws[number].name.clone()).expect("ASCII");
        for at in (0..raws[number].bytes.len()).step_by(if name == "MANIFEST" { 7 } else { 1 }) {
            let mut changed = raws.clone();
            changed[number].bytes[at] ^= 1;
            changed[number].packed[at] ^= 1;
            let report = found(&raw_zip(&changed));
            assert!(!report.is_whole(), "{name} {at}");
            let last = ["MANIFEST", "MANIFEST.sig", "allowed_signers"];
            assert!(report.wrong.iter().any(|wrong| wrong.place.as_deref().is_some_and(|place| last.contains(&place))), "{name} {at}: {:?}", report.wrong);
        }
    }
}

#[test]
fn every_byte_of_the_sealed_file_counts() {
    let zip = zip_of(small(), &key());
    let outer = sealed(&to_recipient(), &zip);
    let head = head(&outer);
    let mut seeded = Seeded(21);
    let random = (0..300).map(|_| head + seeded.below(outer.len() - head)).collect::<Vec<_>>();
    for at in (0..head).chain(random).chain([head, outer.len() - 1]) {
        let mut changed = outer.clone();
        changed[at] ^= 1 << (at % 8);
        let said = answer(verify(Cursor::new(changed), &keys(), None, &mut Silent));
        assert!(said.is_some(), "byte {at} of {}", outer.len());
        // Behind the head age knows that its pieces were changed; in it, a changed stanza looks like another's key.
        assert!(at < head || matches!(said, Some("changed" | "damaged")), "{at}: {said:?}");
    }
}

#[test]
fn every_byte_of_a_file_sealed_under_words_counts() {
    let outer = sealed(&Lock::Words { words: Passphrase::words(WORDS), log_n: 10 }, &zip_of(small(), &key()));
    let words = OpeningKeys::words(&Passphrase::words(WORDS));
    let head = head(&outer);
    let mut seeded = Seeded(23);
    let random = (0..60).map(|_| seeded.below(outer.len())).collect::<Vec<_>>();
    for at in (0..head).step_by(3).chain(random) {
        let mut changed = outer.clone();
        changed[at] ^= 1 << (at % 8);
        let said = answer(verify(Cursor::new(changed), &words, None, &mut Silent));
        assert!(said.is_some(), "byte {at} of {}", outer.len());
        assert!(at < head || matches!(said, Some("changed" | "damaged")), "{at}: {said:?}");
    }
}

#[test]
fn changed_piece_is_told_with_the_file_it_lies_in() {
    let mut files = small();
    files[4].1 = noise(300_000);
    let zip = zip_of(files.clone(), &key());
    let mut outer = sealed(&to_recipient(), &zip);
    let at = head(&outer) + 16 + 2 * (65_536 + 16) + 5;
    outer[at] ^= 1;
    let report = verify(Cursor::new(outer), &keys(), None, &mut Silent).expect("it opens");
    let told: Vec<_> = report.wrong.iter().map(|wrong| (wrong.what, wrong.place.clone())).collect();
    assert_eq!(told, [(What::Changed, Some(files[4].0.clone()))]);
}

#[test]
fn file_that_was_cut_anywhere_is_refused() {
    let outer = sealed(&to_recipient(), &zip_of(small(), &key()));
    let head = head(&outer);
    let piece = 65_536 + 16;
    let mut seeded = Seeded(22);
    let random: Vec<usize> = (0..60).map(|_| seeded.below(outer.len())).collect();
    let edges = [
        0,
        1,
        20,
        21,
        22,
        head - 1,
        head,
        head + 15,
        head + 16,
        head + 17,
        head + 16 + piece - 1,
        head + 16 + piece,
        head + 16 + piece + 1,
        head + 16 + 2 * piece,
    ];
    for length in edges.into_iter().chain(random).chain([outer.len() - 1, outer.len() - 16, outer.len() - 17]) {
        let cut = verify(Cursor::new(&outer[..length]), &keys(), None, &mut Silent);
        assert!(matches!(cut, Err(BundleError::Damaged)), "{length} of {}: {cut:?}", outer.len());
    }
    let longer = [&outer[..], b"\0"].concat();
    assert!(matches!(verify(Cursor::new(longer), &keys(), None, &mut Silent), Err(BundleError::Damaged)));
}

#[test]
fn wrong_key_wrong_words_and_no_bundle_have_their_own_answers() {
    let zip = zip_of(small(), &key());
    let other = OpeningKeys::from(&sandyq::crypto::Identity::generate());
    assert!(no_key(verify(Cursor::new(sealed(&to_recipient(), &zip)), &other, None, &mut Silent)));
    let words = sealed(&Lock::Words { words: Passphrase::words(WORDS), log_n: 10 }, &zip);
    assert!(no_key(verify(Cursor::new(&words), &OpeningKeys::words(&Passphrase::words("ability")), None, &mut Silent)));
    assert!(no_key(verify(Cursor::new(&words), &keys(), None, &mut Silent)));
    for junk in [&b""[..], b"not an age file", &zip, &[b'-'; 3_000_000]] {
        assert!(matches!(verify(Cursor::new(junk), &keys(), None, &mut Silent), Err(BundleError::Damaged)));
    }
    let endless = [b"age-encryption.org/v1\n-> X25519 ".to_vec(), vec![b'a'; 3_000_000]].concat();
    assert!(matches!(verify(Cursor::new(endless), &keys(), None, &mut Silent), Err(BundleError::Damaged)));
}

/// One way in which a zip goes wrong.
#[derive(Clone, Debug)]
enum Harm {
    Flip(usize, u8),
    Cut(usize),
    Drop(usize, usize),
    Insert(usize, Vec<u8>),
    Copy(usize, usize, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = 0..200_000_usize;
    prop_oneof![
        6 => (place.clone(), 1..=255_u8).prop_map(|(at, with)| Harm::Flip(at, with)),
        1 => place.clone().prop_map(Harm::Cut),
        1 => (place.clone(), 1..200_usize).prop_map(|(at, length)| Harm::Drop(at, length)),
        1 => (place.clone(), proptest::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
        1 => (place.clone(), place, 1..200_usize).prop_map(|(from, to, length)| Harm::Copy(from, to, length)),
    ]
}

fn harmed(mut zip: Vec<u8>, harms: &[Harm], near_end: bool) -> Vec<u8> {
    for harm in harms {
        let length = zip.len().max(1);
        let place = |at: usize| if near_end { length - 1 - at % length.min(1500) } else { at % length };
        match harm {
            Harm::Flip(at, with) => zip[place(*at)] ^= with,
            Harm::Cut(at) => zip.truncate(place(*at).max(1)),
            Harm::Drop(at, count) => drop(zip.drain(place(*at)..(place(*at) + count).min(length))),
            Harm::Insert(at, bytes) => drop(zip.splice(place(*at)..place(*at), bytes.iter().copied())),
            Harm::Copy(from, to, count) => {
                let piece: Vec<u8> = zip.iter().skip(place(*from)).take(*count).copied().collect();
                zip.splice(place(*to)..(place(*to) + piece.len()).min(length), piece);
            }
        }
        if zip.is_empty() {
            zip.push(0);
        }
    }
    zip
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: proptest::test_runner::RngSeed::Fixed(6), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn corrupt_zip_is_refused_or_its_files_are_those_that_were_signed(harms in proptest::collection::vec(harm(), 1..3), near_end in any::<bool>()) {
        let mut files = small();
        files[4].1.truncate(2000);
        let zip = harmed(zip_of(files.clone(), &key()), &harms, near_end);
        if found(&zip).is_whole() {
            let home = tempfile::tempdir().expect("a folder");
            let to = home.path().join("out");
            extract(Cursor::new(sealed(&to_recipient(), &zip)), &keys(), None, &to, &mut Silent).expect("it opens");
            for (name, bytes) in files {
                prop_assert!(std::fs::read(to.join(&name)).expect("read") == bytes, "{}", name);
            }
        }
    }
}
