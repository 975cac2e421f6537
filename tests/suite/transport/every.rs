//! What holds at every place.

use sandyq::transport::{Folder, Mailbox, Memory, Name, Remembered, SingleFile, TransportError};

use super::{Files, list};
use crate::support::Seeded;

/// Tries something at a new, empty place of each kind.
fn at_each(test: impl Fn(&mut dyn Mailbox)) {
    let folder = tempfile::tempdir().expect("a folder");
    test(&mut Folder::at(folder.path(), &mut Seeded(1)));
    test(&mut SingleFile::at(folder.path().join("one of any name")));
    test(&mut Memory::new());
    #[cfg(feature = "lan")]
    crate::relay_client::at_a_relay(&test);
}

#[test]
fn what_is_left_is_listed_in_order_and_fetched_byte_for_byte() {
    at_each(|place| {
        let files = Files::five(1);
        let mut urgent = files.names();
        urgent.reverse();
        assert_eq!(files.try_leave(place, &urgent).expect("left").left, files.names(), "{}", place.place());
        let listing = list(place);
        assert_eq!((listing.names, listing.faults.len()), (files.names(), 0), "{}", place.place());
        files.are_at(place);
    });
}

#[test]
fn empty_place_lists_nothing_and_gives_no_file() {
    at_each(|place| {
        let listing = list(place);
        assert!(listing.names.is_empty() && listing.remembered_holds && listing.memory == Remembered::default());
        assert!(matches!(place.fetch(&Name([1; 32])), Err(TransportError::NotListed)));
    });
}

#[test]
fn remembered_part_is_not_listed_again() {
    at_each(|place| {
        let files = Files::five(2);
        let left = files.leave(place);
        let listing = place.list(&left.memory).expect("listed");
        assert!(listing.remembered_holds && listing.names.is_empty(), "{}", place.place());
        assert_eq!((listing.memory, left.memory.0.len()), (left.memory, 1), "one part, known before and after");
    });
}

#[test]
fn everything_is_listed_when_a_remembered_part_is_gone_or_has_another_size() {
    at_each(|place| {
        let files = Files::five(3);
        let left = files.leave(place);
        let (mut gone, mut grown) = (left.memory.clone(), left.memory.clone());
        gone.0.push(("gone.pack".to_owned(), 77));
        grown.0[0].1 += 1;
        for memory in [gone, grown] {
            let listing = place.list(&memory).expect("listed");
            assert!(!listing.remembered_holds && listing.names == files.names(), "{}", place.place());
            assert_eq!(listing.memory, left.memory, "what is there now");
        }
    });
}

#[test]
fn leaving_nothing_makes_nothing() {
    at_each(|place| {
        assert_eq!(Files::five(4).try_leave(place, &[]).expect("no error"), sandyq::transport::Left::default());
        assert!(list(place).names.is_empty());
    });
}

#[test]
fn file_that_does_not_fit_its_name_or_cannot_be_opened_is_never_left() {
    at_each(|place| {
        let (files, others) = (Files::five(5), Files::five(6));
        let wrong = place.leave(&files.names(), &mut |_| others.open(&others.names()[0]), &mut |_, _| {});
        assert!(matches!(wrong, Err(TransportError::Source(_))), "{}", place.place());
        assert!(matches!(others.try_leave(place, &files.names()), Err(TransportError::Source(_))));
        assert!(list(place).names.is_empty(), "no part of it stays");
        assert_eq!(files.leave(place).left, files.names(), "and the place is as good as before");
    });
}

#[test]
fn file_over_the_limit_is_not_left() {
    at_each(|place| {
        let files = Files::new(7, &[sandyq::crypto::MAX_SEALED + 1]);
        assert!(matches!(files.try_leave(place, &files.names()), Err(TransportError::TooLarge)));
        let files = Files::new(7, &[sandyq::crypto::MAX_SEALED]);
        files.leave(place);
        assert_eq!(list(place).names, files.names());
        files.are_at(place);
    });
}

#[test]
fn name_given_twice_is_left_once() {
    at_each(|place| {
        let files = Files::five(8);
        let twice = [files.names(), files.names()].concat();
        assert_eq!(files.try_leave(place, &twice).expect("left").left, files.names());
        assert_eq!(list(place).names, files.names());
    });
}

#[test]
fn progress_runs_to_the_last_file() {
    at_each(|place| {
        let files = Files::five(9);
        let mut told = Vec::new();
        place.leave(&files.names(), &mut |name| files.open(name), &mut |done, all| told.push((done, all))).expect("left");
        assert_eq!(told, (0..=5).map(|done| (done, 5)).collect::<Vec<_>>(), "{}", place.place());
    });
}

#[test]
fn single_file_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("for Aigerim");
    let (mut place, files) = (SingleFile::at(&path), Files::five(10));
    std::fs::write(folder.path().join("for Aigerim.part"), "a killed run").expect("written");
    files.leave(&mut place);
    let before = std::fs::read(&path).expect("read");
    assert!(matches!(Files::five(11).try_leave(&mut place, &Files::five(11).names()), Err(TransportError::Exists)));
    assert_eq!(std::fs::read(super::only_pack(folder.path())).expect("read"), before);
}

#[test]
fn several_calls_make_several_packs_and_a_second_device_adds_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (Files::five(12), Files::five(13));
    let mut memory = Remembered::default();
    for files in [&ours, &theirs] {
        // The same chance twice: a name that is taken is drawn anew.
        let mut chance = Seeded(1);
        let mut place = Folder::at(folder.path(), &mut chance);
        let listing = place.list(&memory).expect("listed");
        assert!(listing.remembered_holds && listing.names.is_empty());
        memory = files.leave(&mut place).memory;
    }
    assert_eq!(memory.0.len(), 2);
    let mut chance = Seeded(2);
    let mut place = Folder::at(folder.path(), &mut chance);
    assert_eq!(list(&mut place).names.len(), 10);
    ours.are_at(&mut place);
    theirs.are_at(&mut place);
}

#[test]
fn pack_has_at_most_the_size_asked_for_and_holds_the_most_urgent() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance).packs_up_to(20_000);
    let files = Files::new(14, &[4000; 10]);
    let mut urgent = files.names();
    urgent.rotate_left(3);
    let left = files.try_leave(&mut place, &urgent).expect("left");
    assert_eq!(left.not_left, urgent[left.left.len()..], "the rest, in the order of urgency");
    assert!(left.left.len() >= 3 && left.left.iter().all(|name| urgent[..left.left.len()].contains(name)));
    assert!(left.memory.0[0].1 <= 20_000);
    assert_eq!(files.try_leave(&mut place, &left.not_left).expect("left").memory.0.len(), 2);
}

#[test]
fn memory_says_the_size_that_the_pack_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let left = Files::five(15).leave(&mut Folder::at(folder.path(), &mut Seeded(1)));
    assert_eq!(left.memory.0[0].1, std::fs::metadata(super::only_pack(folder.path())).expect("there").len());
}

#[test]
fn leftover_of_a_killed_run_is_removed_and_a_strangers_file_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let strangers = ["holiday.pack.part", "0123456789abcde.pack.part", "0123456789ABCDEF.pack.part", "0123456789abcdef.part"];
    strangers.iter().for_each(|name| super::put(folder.path(), &[(name, b"mine")]));
    super::put(folder.path(), &[("0123456789abcdef.pack.part", b"half")]);
    Files::five(16).leave(&mut Folder::at(folder.path(), &mut Seeded(1)));
    assert!(!folder.path().join("0123456789abcdef.pack.part").exists());
    assert!(strangers.iter().all(|name| folder.path().join(name).exists()));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 5);
}

#[test]
fn name_of_a_pack_is_safe_on_every_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    Files::five(17).leave(&mut Folder::at(folder.path(), &mut Seeded(1)));
    let name = super::only_pack(folder.path()).file_name().expect("a name").to_str().expect("text").to_owned();
    let digits = name.strip_suffix(".pack").expect("a pack");
    assert!(digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{name}");
}

#[test]
fn packs_of_other_names_and_loose_files_are_taken_and_nothing_else_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (conflict, loose, hidden) = (Files::five(18), Files::new(19, &[900]), Files::five(20));
    let (pack, name) = (conflict.pack(), loose.names()[0]);
    let sealed = loose.open(&name).expect("there");
    super::put(
        folder.path(),
        &[
            ("a1b2.sync-conflict-20260510-180000-ABCDEFG.pack", &pack),
            ("AUFRUF (1).PACK", &pack),
            (&name.file_name(), sealed.as_bytes()),
            (".hidden.pack", &hidden.pack()),
            ("._a1b2.pack", b"of another system"),
            ("notes.txt", b"not ours"),
            ("abc.age", b"not ours"),
            (".pack", b"not ours"),
        ],
    );
    std::fs::create_dir(folder.path().join("below")).expect("a folder");
    super::put(&folder.path().join("below"), &[("deep.pack", &hidden.pack())]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    assert_eq!((listing.names.len(), listing.faults, listing.memory.0.len()), (6, vec![], 3));
    conflict.are_at(&mut place);
    loose.are_at(&mut place);
}

#[test]
fn file_or_folder_that_goes_away_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let stick = folder.path().join("stick");
    std::fs::create_dir(&stick).expect("a folder");
    let mut chance = Seeded(1);
    let (mut place, files) = (Folder::at(&stick, &mut chance), Files::five(21));
    files.leave(&mut place);
    let name = list(&mut place).names[0];
    std::fs::write(super::only_pack(&stick), "shorter").expect("written");
    assert!(matches!(place.fetch(&name), Err(TransportError::Damaged(_))));
    std::fs::remove_file(super::only_pack(&stick)).expect("removed");
    assert!(place.fetch(&name).is_err());
    std::fs::remove_dir(&stick).expect("removed");
    assert!(matches!(place.fetch(&name), Err(TransportError::Unreachable)));
    assert!(matches!(place.list(&Remembered::default()), Err(TransportError::Unreachable)));
    assert!(matches!(files.try_leave(&mut place, &files.names()), Err(TransportError::Unreachable)));
}

#[test]
fn name_is_read_in_one_form_only() {
    let name = Name([0xab; 32]);
    assert_eq!(Name::from_file_name(&name.file_name()), Some(name));
    for other in [name.to_string(), name.file_name().to_uppercase(), format!("{}.AGE", name), format!("0{}", name.file_name()), ".age".to_owned()] {
        assert_eq!(Name::from_file_name(&other), None, "{other}");
    }
}
