//! Real disks for a test: a small one in memory, and a FAT32 image as sticks have it. Gone after the test.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a disk may stay in use.
const PATIENCE: Duration = Duration::from_secs(60);

/// Says that something was not tried, so that it is seen also when every test passes; a fault where all tests must run.
pub fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "all tests must run here: {why}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// A mounted disk.
pub struct Disk {
    home: tempfile::TempDir,
    /// The process that shows a FAT32 image where the kernel knows no FAT.
    shown_by: Option<Child>,
}

impl Disk {
    /// Mounts a disk in memory, e.g. of `1m`; none without the right to.
    pub fn in_memory(size: &str) -> Option<Disk> {
        let disk = Disk::new();
        if mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "none"], &disk.path()) {
            return Some(disk);
        }
        skipped("a disk in memory needs root to be mounted");
        None
    }

    /// Makes and mounts a FAT32 image; none without the right or the tools to.
    pub fn fat32() -> Option<Disk> {
        let mut disk = Disk::new();
        let made = std::fs::File::create(disk.image()).and_then(|file| file.set_len(40 * 1024 * 1024)).is_ok();
        if made && ran(Command::new("mkfs.vfat").args(["-F", "32"]).arg(disk.image())) && disk.insert() {
            return Some(disk);
        }
        skipped("a FAT32 image needs root, mkfs.vfat and either a kernel with FAT or fusefat");
        None
    }

    fn new() -> Disk {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(home.path().join("disk")).expect("a folder");
        Disk { home, shown_by: None }
    }

    pub fn path(&self) -> PathBuf {
        self.home.path().join("disk")
    }

    pub fn image(&self) -> PathBuf {
        self.home.path().join("image")
    }

    pub fn read_only(&self) {
        at_last(|| mount(&["-o", "remount,ro"], &self.path()));
    }

    /// Mounts the image, by the kernel or by a process of its own.
    pub fn insert(&mut self) -> bool {
        let image = self.image();
        let image = image.to_str().expect("text");
        if mount(&["-t", "vfat", "-o", "loop", image], &self.path()) {
            return true;
        }
        let mut showing = Command::new("fusefat");
        showing.args(["-f", "-o", "rw+", image]).arg(self.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut child) = showing.spawn() else { return false };
        while !is_mounted(&self.path()) {
            if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            std::thread::yield_now();
        }
        self.shown_by = Some(child);
        true
    }

    /// Unmounts; what was written is in the image then.
    pub fn remove(&mut self) {
        at_last(|| ran(Command::new("umount").arg(self.path())));
        if let Some(mut child) = self.shown_by.take() {
            child.wait().expect("ended");
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if is_mounted(&self.path()) {
            ran(Command::new("umount").arg("-l").arg(self.path()));
        }
        if let Some(mut child) = self.shown_by.take() {
            let _ = child.wait();
        }
    }
}

/// Does what a disk in use refuses: a child of another test, not yet become its program, may for a moment hold a copy of a file that was open here.
#[track_caller]
pub fn at_last(done: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "the disk stays in use");
        std::thread::yield_now();
    }
}

fn mount(arguments: &[&str], path: &Path) -> bool {
    ran(Command::new("mount").args(arguments).arg(path))
}

fn is_mounted(path: &Path) -> bool {
    let path = path.to_str().expect("text");
    std::fs::read_to_string("/proc/self/mounts").is_ok_and(|mounts| mounts.lines().any(|line| line.split(' ').nth(1) == Some(path)))
}

fn ran(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
