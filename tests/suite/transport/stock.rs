//! Packs and the tools that everybody has, in both directions; and what a pack shows to whoever finds it.

use std::path::Path;
use std::process::Command;

use sandyq::transport::{Folder, SingleFile};

use super::{Files, list};
use crate::support::Seeded;

fn tar(arguments: &[&str], folder: &Path) -> String {
    let ran = Command::new("tar").args(arguments).current_dir(folder).env("TZ", "UTC").env("LC_ALL", "C").output().expect("tar runs");
    assert!(ran.status.success() && ran.stderr.is_empty(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("text")
}

#[test]
fn stock_tar_lists_a_pack_with_nothing_but_names_and_sizes() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::five(1);
    files.leave(&mut SingleFile::at(folder.path().join("a.pack")));
    let listed = tar(&["-tvf", "a.pack"], folder.path());
    let expected = files.names().into_iter().map(|name| {
        let length = files.open(&name).expect("there").as_bytes().len();
        format!("-rw------- 0/0 {length} 1970-01-01 00:00 {}", name.file_name())
    });
    let squeezed: Vec<String> = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(squeezed, expected.collect::<Vec<_>>());
}

#[test]
fn stock_tools_unpack_a_pack_and_find_each_name_to_be_the_hash() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::five(2);
    files.leave(&mut SingleFile::at(folder.path().join("a.pack")));
    tar(&["-xf", "a.pack"], folder.path());
    for name in files.names() {
        let summed = Command::new("sha256sum").arg(name.file_name()).current_dir(folder.path()).output().expect("sha256sum runs");
        assert_eq!(String::from_utf8_lossy(&summed.stdout), format!("{name}  {}\n", name.file_name()));
    }
    std::fs::remove_file(folder.path().join("a.pack")).expect("removed");
    let mut chance = Seeded(1);
    let mut place = Folder::at(folder.path(), &mut chance);
    assert_eq!(list(&mut place).names, files.names(), "what somebody unpacked is found");
    files.are_at(&mut place);
}

#[test]
fn pack_made_by_stock_tar_is_taken() {
    for format in ["v7", "ustar", "gnu", "oldgnu", "posix"] {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::five(3);
        let names: Vec<String> = files.names().iter().map(|name| name.file_name()).collect();
        for name in files.names() {
            std::fs::write(folder.path().join(name.file_name()), files.open(&name).expect("there").as_bytes()).expect("written");
        }
        let format = format!("--format={format}");
        let arguments: Vec<&str> = ["-cf", "made.pack", &format].into_iter().chain(names.iter().map(String::as_str)).collect();
        tar(&arguments, folder.path());
        let mut place = SingleFile::at(folder.path().join("made.pack"));
        let listing = list(&mut place);
        assert_eq!(listing.names, files.names(), "{format}");
        assert!(format == "--format=posix" || listing.faults.is_empty(), "{format}: {:?}", listing.faults);
        files.are_at(&mut place);
    }
}

/// Headers of a pack without what follows from the names of the files.
fn headers(pack: &[u8], length: usize) -> Vec<Vec<u8>> {
    let members = pack[..pack.len() - 1024].chunks(512 + length.next_multiple_of(512));
    let blank = |member: &[u8]| {
        let mut header = member[..512].to_vec();
        header[..64].fill(0);
        header[148..156].fill(0);
        header
    };
    members.map(blank).collect()
}

#[test]
fn packs_of_different_stories_show_the_same_but_for_the_hashes() {
    let (one, other) = (Files::new(4, &[1600; 7]).pack(), Files::new(5, &[1600; 7]).pack());
    assert_eq!(one.len(), other.len());
    assert_eq!(headers(&one, 1600), headers(&other, 1600));
    assert_eq!(headers(&one, 1600).len(), 7);
    assert!(one != other);
}
