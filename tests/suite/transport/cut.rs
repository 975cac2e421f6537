//! Packs that came only half, or not as they were.

use sandyq::transport::{FaultKind, Folder, Mailbox, Name};

use super::{Files, kinds, list, listing_of, put};
use crate::support::Seeded;

/// Where each file ends in the pack, by name.
fn ends(files: &Files) -> Vec<(Name, usize)> {
    let mut at = 0;
    let mut end = |name: Name| {
        let length = files.open(&name).expect("there").as_bytes().len();
        let end = at + 512 + length;
        at = end.next_multiple_of(512);
        (name, end)
    };
    files.names().into_iter().map(&mut end).collect()
}

fn cut_at(files: &Files, pack: &[u8], cut: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &[("half.pack", &pack[..cut])]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    let complete: Vec<Name> = ends(files).into_iter().filter(|(_, end)| *end <= cut).map(|(name, _)| name).collect();
    assert_eq!(listing.names, complete, "cut at {cut}");
    assert_eq!(kinds(&listing), [FaultKind::Truncated], "cut at {cut}");
    assert!(listing.memory.0.is_empty(), "read again when the rest has come");
    complete.iter().for_each(|name| assert!(place.fetch(name).expect("fetched") == files.open(name).expect("there")));
}

#[test]
fn truncated_pack_gives_its_complete_members_wherever_it_was_cut() {
    let (files, mut seeded) = (Files::five(1), Seeded(2));
    let pack = files.pack();
    (0..pack.len()).step_by(512).for_each(|cut| cut_at(&files, &pack, cut));
    (0..200).for_each(|_| cut_at(&files, &pack, seeded.below(pack.len())));
}

#[test]
fn flipped_bit_is_never_taken_for_a_file_and_other_packs_give_what_is_lost() {
    let (files, mut seeded) = (Files::five(3), Seeded(4));
    let pack = files.pack();
    for _ in 0..600 {
        let at = seeded.below(pack.len() * 8);
        let mut flipped = pack.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        flipped_alone(&files, &flipped, at / 8);
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), &[("flipped.pack", &flipped), ("whole.pack", &pack)]);
        let mut chance = Seeded(1);
        let mut place = Folder::at(folder.path(), &mut chance);
        assert_eq!(list(&mut place).names, files.names());
        files.are_at(&mut place);
    }
}

/// Members before the flip come; what does not come is said.
fn flipped_alone(files: &Files, flipped: &[u8], byte: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &[("flipped.pack", flipped)]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    let fetched: Vec<Name> = listing.names.iter().copied().filter(|name| place.fetch(name).is_ok()).collect();
    let before = ends(files).into_iter().filter(|(_, end)| *end <= byte);
    before.for_each(|(name, _)| assert!(fetched.contains(&name), "flip at {byte}"));
    assert!(fetched.iter().all(|name| files.names().contains(name)));
    assert!(fetched == files.names() || fetched.len() < listing.names.len() || !listing.faults.is_empty(), "flip at {byte} is passed over");
}

#[test]
fn damaged_header_ends_the_pack_with_a_word_and_not_the_others() {
    let (files, others) = (Files::five(5), Files::five(6));
    let mut pack = files.pack();
    let (first, end) = ends(&files)[0];
    pack[end.next_multiple_of(512) + 130] ^= 0x01;
    let listing = listing_of(&[("a.pack", &pack), ("b.pack", &others.pack())]);
    let mut expected = [vec![first], others.names()].concat();
    expected.sort();
    assert_eq!((listing.names.clone(), kinds(&listing)), (expected, vec![FaultKind::Header]));
    assert_eq!(listing.faults[0].part, "a.pack");
    assert_eq!(listing.memory.0.iter().map(|(part, _)| part.as_str()).collect::<Vec<_>>(), ["b.pack"]);
}

#[test]
fn hole_in_a_pack_is_said() {
    let files = Files::five(7);
    let mut pack = files.pack();
    let start = ends(&files)[1].1.next_multiple_of(512);
    pack[start..start + 512].fill(0);
    let listing = listing_of(&[("a.pack", &pack)]);
    assert_eq!((listing.names.len(), kinds(&listing)), (2, vec![FaultKind::AfterEnd]));
    assert_eq!(kinds(&listing_of(&[("a.pack", &vec![0; 100_000])])), [FaultKind::AfterEnd], "a disk that kept the size and lost the rest");
}

#[test]
fn order_and_copies_of_packs_change_nothing() {
    let (files, others) = (Files::five(8), Files::five(9));
    let (pack, other) = (files.pack(), others.pack());
    let listings = [
        listing_of(&[("1.pack", &pack), ("2.pack", &other)]),
        listing_of(&[("1.pack", &other), ("2.pack", &pack), ("3.pack", &pack), ("4.pack", &other)]),
        // Two packs one after the other, the end of the first removed.
        listing_of(&[("1.pack", &[&pack[..pack.len() - 1024], &other[..]].concat())]),
    ];
    let mut expected = [files.names(), others.names()].concat();
    expected.sort();
    listings.iter().for_each(|listing| assert_eq!((&listing.names, &listing.faults), (&expected, &vec![])));
}
