//! Folders and packs made by somebody who wants harm. The honest files of the same folder are taken every time.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use sandyq::transport::{FaultKind, Folder, Listing, Mailbox, SingleFile, TransportError};

use super::{Files, kinds, list, put};
use crate::support::Seeded;

/// A member as somebody else wrote it; the sum fits in the end.
fn member(change: impl FnOnce(&mut tar::Header), body: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(format!("{}.age", "cd".repeat(32))).expect("a name");
    header.set_size(body.len() as u64);
    change(&mut header);
    header.set_cksum();
    let mut bytes = [&header.as_bytes()[..], body].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

pub fn of_kind(kind: u8, body: &[u8]) -> Vec<u8> {
    member(|header| header.set_entry_type(tar::EntryType::new(kind)), body)
}

pub fn named(name: &[u8]) -> Vec<u8> {
    member(
        |header| {
            header.as_old_mut().name = [0; 100];
            header.as_old_mut().name[..name.len()].copy_from_slice(name);
        },
        b"body",
    )
}

fn sized(field: [u8; 12]) -> Vec<u8> {
    member(|header| header.as_old_mut().size = field, b"body")
}

/// Lists a folder with this pack, begun by three honest members and ended by two, and an honest one beside.
fn beside_honest(odd: &[u8]) -> Listing {
    let folder = tempfile::tempdir().expect("a folder");
    let (honest, before, after) = (Files::five(1), Files::new(2, &[700, 800, 900]), Files::new(3, &[1000, 1100]));
    let (begin, end) = (before.pack(), after.pack());
    put(folder.path(), &[("a.pack", &[&begin[..begin.len() - 1024], odd, &end[..]].concat()), ("b.pack", &honest.pack())]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    honest.are_at(&mut place);
    before.are_at(&mut place);
    assert!(listing.faults.iter().all(|fault| fault.part == "a.pack"));
    assert_eq!(listing.memory.0.len(), 1, "the hostile pack is not remembered as known");
    listing
}

#[test]
fn odd_members_are_passed_over_and_those_after_them_are_taken() {
    let long = of_kind(b'L', &[b'x'; 600]);
    let pax = of_kind(b'x', b"26 path=../../etc/passwd\n20 size=99999999999\n");
    let binary_pax = of_kind(b'g', &[0xff; 700]);
    let odd: [(&str, Vec<u8>); 15] = [
        ("hard link", of_kind(b'1', b"")),
        ("symlink", of_kind(b'2', b"")),
        ("character device", of_kind(b'3', b"")),
        ("block device", of_kind(b'4', b"")),
        ("folder", of_kind(b'5', b"")),
        ("fifo", of_kind(b'6', b"")),
        ("contiguous file", of_kind(b'7', b"body")),
        ("GNU long name", long),
        ("pax header", pax),
        ("pax header for all", binary_pax),
        ("unknown kind", of_kind(b'!', b"body")),
        ("parent folder", named(b"..")),
        ("path out", named(b"../../x.age")),
        ("absolute path", named(b"/etc/passwd")),
        ("no text", named(&[0xff, 0xfe, 0x80])),
    ];
    for (what, bytes) in odd {
        let listing = beside_honest(&bytes);
        assert_eq!((listing.names.len(), kinds(&listing)), (10, vec![FaultKind::OddMember]), "{what}");
    }
    let empty = beside_honest(&of_kind(b'0', b""));
    assert_eq!((empty.names.len(), kinds(&empty)), (10, vec![FaultKind::OddMember]), "no sealed file is empty");
}

#[test]
fn header_whose_length_is_not_certain_ends_that_pack() {
    let negative = [0xff; 12];
    let giant = [0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let binary = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4];
    let sizes = [negative, giant, binary, *b"-0000000004\0", *b"99999999999\0", *b"           \0", [0; 12]];
    for field in sizes {
        let listing = beside_honest(&sized(field));
        assert_eq!((listing.names.len(), kinds(&listing)), (8, vec![FaultKind::Header]), "{field:?}");
    }
    for kind in [b'1', b'2', b'3', b'4', b'5', b'6', b'S'] {
        let listing = beside_honest(&of_kind(kind, b"body"));
        assert_eq!((listing.names.len(), kinds(&listing)), (8, vec![FaultKind::Header]), "kind {kind}");
    }
}

#[test]
fn length_beyond_the_file_ends_that_pack() {
    for field in [*b"77777777777\0", *b"777777777777", *b"00010000000\0"] {
        let listing = beside_honest(&sized(field));
        assert_eq!((listing.names.len(), kinds(&listing)), (8, vec![FaultKind::Truncated]), "{field:?}");
    }
}

#[test]
fn member_over_the_limit_is_passed_over() {
    let listing = beside_honest(&member(|_| {}, &vec![1; sandyq::crypto::MAX_SEALED + 1]));
    assert_eq!((listing.names.len(), kinds(&listing)), (10, vec![FaultKind::TooLarge]));
}

#[test]
fn many_odd_members_are_one_fault_with_a_count() {
    let listing = beside_honest(&of_kind(b'2', b"").repeat(20_000));
    assert_eq!((listing.faults.len(), listing.faults[0].kind, listing.faults[0].count), (1, FaultKind::OddMember, 20_000));
}

#[test]
fn many_copies_of_one_name_are_one_name() {
    let files = Files::new(4, &[700]);
    let pack = files.pack();
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &[("a.pack", &[&pack[..pack.len() - 1024].repeat(500), &[0; 1024][..]].concat())]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    assert_eq!((listing.names, listing.faults), (files.names(), vec![]));
    files.are_at(&mut place);
}

/// A sparse file: five gigabytes that take no space.
#[test]
fn pack_of_many_gigabytes_is_listed_to_its_end() {
    use std::os::unix::fs::FileExt;
    let (files, late) = (Files::five(5), Files::new(6, &[1200]));
    let folder = tempfile::tempdir().expect("a folder");
    let (begin, end) = (files.pack(), late.pack());
    let giant: u64 = 5 * 1024 * 1024 * 1024;
    let begin = &begin[..begin.len() - 1024];
    let file = fs::File::create(folder.path().join("giant.pack")).expect("created");
    file.write_all_at(begin, 0).expect("written");
    file.write_all_at(&member(|header| header.set_size(giant), b"")[..512], begin.len() as u64).expect("written");
    file.write_all_at(&end, begin.len() as u64 + 512 + giant).expect("written");
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    assert_eq!((listing.names.len(), kinds(&listing)), (6, vec![FaultKind::TooLarge]));
    files.are_at(&mut place);
    late.are_at(&mut place);
}

#[test]
fn name_that_promises_other_bytes_is_listed_and_never_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let loose = Files::new(7, &[500]).names()[0];
    let mut pack = member(|_| {}, b"other bytes");
    pack.extend([0; 1024]);
    put(folder.path(), &[("a.pack", &pack), (&loose.file_name(), b"other bytes")]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let names = list(&mut place).names;
    assert_eq!(names.len(), 2);
    for name in names {
        let Err(TransportError::Damaged(fault)) = place.fetch(&name) else { panic!("given") };
        assert_eq!((fault.kind, fault.count), (FaultKind::WrongBytes, 1));
    }
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().is_ok_and(|status| status.success()));
}

/// Opening a pipe would wait for ever, opening a device may do anything.
#[test]
fn links_folders_pipes_and_devices_called_like_packs_are_named_and_never_opened() {
    let (folder, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (honest, secret) = (Files::five(8), Files::five(9));
    put(elsewhere.path(), &[("secret.pack", &secret.pack())]);
    put(folder.path(), &[("honest.pack", &honest.pack())]);
    symlink(elsewhere.path().join("secret.pack"), folder.path().join("link.pack")).expect("linked");
    symlink("nowhere", folder.path().join("dangling.pack")).expect("linked");
    fs::create_dir(folder.path().join("folder.pack")).expect("a folder");
    pipe(&folder.path().join("pipe.pack"));
    pipe(&folder.path().join(honest.names()[0].file_name()));
    let mut expected = 5;
    if Command::new("mknod").arg(folder.path().join("device.pack")).args(["c", "1", "5"]).output().is_ok_and(|output| output.status.success()) {
        expected += 1;
    } else {
        super::mounted::skipped("a device needs root to be made");
    }
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let listing = list(&mut place);
    assert_eq!(listing.names, honest.names());
    assert_eq!(kinds(&listing), vec![FaultKind::NotPlain; expected], "{:?}", listing.faults);
    honest.are_at(&mut place);
    honest.leave(&mut place);
    let mut single = SingleFile::at(folder.path().join("pipe.pack"));
    assert_eq!(kinds(&list(&mut single)), [FaultKind::NotPlain]);
}

#[test]
fn pack_that_becomes_a_link_after_it_was_listed_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::five(10);
    put(folder.path(), &[("a.pack", &files.pack())]);
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    let name = list(&mut place).names[0];
    fs::rename(folder.path().join("a.pack"), folder.path().join("b.other")).expect("renamed");
    symlink("b.other", folder.path().join("a.pack")).expect("linked");
    let Err(TransportError::Damaged(fault)) = place.fetch(&name) else { panic!("followed") };
    assert_eq!(fault.kind, FaultKind::NotPlain);
}

/// A link under the name that a killed run would have left is neither written through nor removed.
#[test]
fn link_in_the_way_of_a_pack_is_not_written_through() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &[("precious", b"mine")]);
    symlink("precious", folder.path().join("0123456789abcdef.pack.part")).expect("linked");
    symlink("precious", folder.path().join("out.pack.part")).expect("linked");
    let files = Files::five(11);
    let refused = files.try_leave(&mut SingleFile::at(folder.path().join("out.pack")), &files.names());
    assert!(matches!(refused, Err(TransportError::Exists)));
    files.leave(&mut Folder::at(folder.path(), &mut Seeded(1)));
    assert_eq!(fs::read(folder.path().join("precious")).expect("read"), b"mine");
}

#[test]
fn random_changes_under_sums_that_fit_are_read_without_a_panic() {
    let (mut seeded, honest) = (Seeded(12), Files::five(13).pack());
    let mut met = 0;
    for _ in 0..3000 {
        let mut pack = honest.clone();
        for _ in 0..1 + seeded.below(6) {
            let block = 512 * seeded.below(pack.len() / 512);
            pack[block + seeded.below(512)] = seeded.next() as u8;
            refit(&mut pack[block..block + 512]);
        }
        let members = sandyq::sys::tar::Members::of(std::io::Cursor::new(&pack), 1000).expect("begun");
        let count = members.inspect(|met| assert!(met.is_ok())).count();
        assert!(count <= pack.len() / 512 + 1);
        met += count;
    }
    assert!(met > 6000, "most of what is changed is got over");
}

/// Makes the sum of a header fit again, so that what is behind it is reached. A block of bytes is left as it is.
fn refit(block: &mut [u8]) {
    let mut header = tar::Header::new_old();
    header.as_mut_bytes().copy_from_slice(block);
    if header.as_ustar().is_some() {
        header.set_cksum();
        block.copy_from_slice(header.as_bytes());
    }
}
