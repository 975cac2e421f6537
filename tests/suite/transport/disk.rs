//! Sticks that are full, read-only or FAT32.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use sandyq::transport::{Folder, Mailbox, Name, TransportError};

use super::mounted::Disk;
use super::{Files, list};
use crate::support::Seeded;

fn file_names(disk: &Disk) -> Vec<String> {
    fs::read_dir(disk.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// Files in an order of urgency that is not the order of their names.
fn urgent(files: &Files) -> Vec<Name> {
    let mut names = files.names();
    names.sort_by_key(|name| name.0[5]);
    names
}

#[test]
fn full_stick_takes_the_most_urgent_and_the_rest_is_reported() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let (files, mut chance) = (Files::new(1, &[40_000; 40]), Seeded(1));
    let (mut place, urgent) = (Folder::at(disk.path(), &mut chance), urgent(&files));
    let left = files.try_leave(&mut place, &urgent).expect("left in part");
    assert!((20..26).contains(&left.left.len()), "{} of the 25 that fit", left.left.len());
    assert_eq!(left.not_left, urgent[left.left.len()..], "the least urgent, in their order");
    assert_eq!(file_names(&disk).len(), 1, "one pack, and nothing half");
    assert_eq!(list(&mut place).names, left.left);
    for name in &left.left {
        assert!(place.fetch(name).expect("fetched") == files.open(name).expect("there"));
    }
}

#[test]
fn large_file_that_does_not_fit_does_not_keep_smaller_ones_away() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    fs::write(disk.path().join("ballast"), vec![1; 700_000]).expect("written");
    let (large, small) = (Files::new(2, &[1_000_000; 2]), Files::new(3, &[5_000; 5]));
    let names = [large.names(), small.names()].concat();
    let mut chance = Seeded(1);
    let mut place = Folder::at(disk.path(), &mut chance);
    let open = &mut |name: &Name| large.open(name).or_else(|_| small.open(name));
    let left = place.leave(&names, open, &mut |_, _| {}).expect("left in part");
    assert_eq!((left.left, left.not_left), (small.names(), large.names()));
}

/// Takes the last free page.
fn fill(path: &Path) {
    let mut filler = fs::File::create(path).expect("created");
    while filler.write_all(&[1; 4096]).is_ok() {}
}

#[test]
fn stick_without_a_free_byte_takes_nothing_and_loses_nothing() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let (files, mut chance) = (Files::five(4), Seeded(1));
    let mut place = Folder::at(disk.path(), &mut chance);
    let before = files.leave(&mut place);
    fill(&disk.path().join("filler"));
    let others = Files::five(5);
    let left = others.leave(&mut place);
    assert_eq!((left.left, left.not_left, left.memory), (vec![], others.names(), before.memory));
    assert_eq!(file_names(&disk).len(), 2);
    fs::remove_file(disk.path().join("filler")).expect("removed");
    assert_eq!(others.leave(&mut place).left, others.names(), "a second run completes");
    assert_eq!(list(&mut place).names.len(), 10);
}

#[test]
fn read_only_stick_is_read_and_refuses_what_is_to_be_left() {
    let Some(disk) = Disk::in_memory("1m") else { return };
    let (files, mut chance) = (Files::five(6), Seeded(1));
    let mut place = Folder::at(disk.path(), &mut chance);
    files.leave(&mut place);
    fs::write(disk.path().join("0123456789abcdef.pack.part"), "half").expect("written");
    disk.read_only();
    let others = Files::five(7);
    assert!(matches!(others.try_leave(&mut place, &others.names()), Err(TransportError::NotWritable)));
    assert_eq!(list(&mut place).names, files.names());
    files.are_at(&mut place);
}

#[test]
fn fat32_stick_keeps_what_was_left_and_its_file_system_is_whole() {
    let Some(mut disk) = Disk::fat32() else { return };
    let (ours, theirs) = (Files::new(8, &[1400; 60]), Files::new(9, &[70_000, 1_000_000, 1]));
    for (seed, files) in [&ours, &theirs].into_iter().enumerate() {
        let mut chance = Seeded(seed as u64);
        files.leave(&mut Folder::at(disk.path(), &mut chance));
        disk.remove();
        let checked = Command::new("fsck.vfat").arg("-n").arg(disk.image()).output().expect("fsck.vfat runs");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
        assert!(disk.insert());
    }
    let mut chance = Seeded(3);
    let mut place = Folder::at(disk.path(), &mut chance);
    let listing = list(&mut place);
    assert_eq!((listing.names.len(), listing.faults.len(), listing.memory.0.len()), (63, 0, 2));
    ours.are_at(&mut place);
    theirs.are_at(&mut place);
    assert!(file_names(&disk).iter().all(|name| name.ends_with(".pack")));
}
