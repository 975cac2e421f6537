//! A writer on a thread of its own: the same bytes, the same errors, and nothing that outlives whoever writes.

use std::io::{self, ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use sandyq::sys::aside::{Aside, ahead};

use crate::support::Seeded;

/// Keeps what it gets, up to so many bytes; says how many of its kind are alive.
struct Shelf {
    kept: Vec<u8>,
    room: usize,
    alive: Arc<AtomicUsize>,
}

impl Shelf {
    fn new(room: usize) -> Shelf {
        Shelf::counted(room, &Arc::default())
    }

    fn counted(room: usize, alive: &Arc<AtomicUsize>) -> Shelf {
        alive.fetch_add(1, Ordering::SeqCst);
        Shelf { kept: Vec::new(), room, alive: alive.clone() }
    }
}

impl Write for Shelf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.kept.len() + bytes.len() > self.room {
            return Err(io::Error::new(ErrorKind::StorageFull, "the shelf is full"));
        }
        self.kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut seeded = Seeded(3);
    (0..length).map(|_| seeded.next() as u8).collect()
}

/// Sizes around the pieces that age and this program work in.
fn awkward() -> impl Iterator<Item = usize> {
    const PIECES: [usize; 4] = [1 << 16, 1 << 18, 1 << 19, 7 << 18];
    [0, 1, 2, 3_000_001].into_iter().chain(PIECES.into_iter().flat_map(|piece| [piece - 1, piece, piece + 1]))
}

#[test]
fn bytes_that_are_written_aside_are_the_same_bytes() {
    for size in awkward() {
        let bytes = noise(size);
        for at_once in [1000, 8192, 1 << 16, 1 << 18, 960 * 1024, size.max(1)] {
            let mut aside = Aside::new(Shelf::new(usize::MAX));
            bytes.chunks(at_once).for_each(|some| aside.write_all(some).expect("room"));
            assert!(aside.finish().expect("room").kept == bytes, "{size} by {at_once}");
        }
    }
}

#[test]
fn writers_aside_one_behind_the_other_give_the_same_bytes() {
    for size in awkward() {
        let bytes = noise(size);
        let mut aside = Aside::new(Aside::new(Shelf::new(usize::MAX)));
        aside.write_all(&bytes).expect("room");
        assert!(aside.finish().and_then(Aside::finish).expect("room").kept == bytes, "{size}");
    }
}

#[test]
fn what_the_writer_aside_refuses_comes_back_as_it_is() {
    let bytes = noise(3_000_000);
    for room in awkward().filter(|room| *room < bytes.len()) {
        let alive = Arc::default();
        let mut aside = Aside::new(Shelf::counted(room, &alive));
        let written = bytes.chunks(8192).try_for_each(|some| aside.write_all(some));
        let failed = written.and_then(|()| aside.finish().map(drop)).expect_err("no room");
        assert_eq!((failed.kind(), failed.to_string().as_str()), (ErrorKind::StorageFull, "the shelf is full"), "{room}");
        assert_eq!(alive.load(Ordering::SeqCst), 0, "{room}");
    }
}

#[test]
fn nothing_is_taken_after_the_writer_aside_failed() {
    let mut aside = Aside::new(Shelf::new(0));
    // More than may wait, so that writing itself hears of it.
    let bytes = vec![7; 16 << 20];
    assert_eq!(aside.write_all(&bytes).expect_err("no room").kind(), ErrorKind::StorageFull);
    assert_eq!(aside.write_all(&bytes).expect_err("gone").kind(), ErrorKind::BrokenPipe);
    assert_eq!(aside.finish().map(drop).expect_err("gone").kind(), ErrorKind::BrokenPipe);
}

/// Fails as no writer should.
struct Panics;

impl Write for Panics {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        panic!("a fault aside")
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn panic_aside_is_a_panic_of_whoever_writes() {
    for size in [1, 1 << 18, 300_000, 3_000_000] {
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let mut aside = Aside::new(Panics);
            aside.write_all(&noise(size)).and_then(|()| aside.finish().map(drop))
        }));
        assert_eq!(ended.expect_err("a panic").downcast_ref(), Some(&"a fault aside"), "{size}");
    }
}

#[test]
fn writer_aside_that_is_dropped_early_ends_its_thread_first() {
    let alive = Arc::default();
    for size in awkward() {
        let mut aside = Aside::new(Aside::new(Shelf::counted(usize::MAX, &alive)));
        aside.write_all(&noise(size)).expect("room");
        drop(aside);
        assert_eq!(alive.load(Ordering::SeqCst), 0, "{size}");
    }
}

#[test]
fn writer_aside_that_panicked_can_be_dropped() {
    let mut aside = Aside::new(Panics);
    // One piece is on its way and another begun; nobody was told of the panic yet.
    aside.write_all(&noise(300_000)).expect("taken");
    drop(aside);
}

#[test]
fn panic_of_whoever_writes_ends_the_thread() {
    let alive = Arc::default();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let mut aside = Aside::new(Shelf::counted(usize::MAX, &alive));
        aside.write_all(&noise(3_000_000)).expect("room");
        panic!("a fault here")
    }));
    assert_eq!((ended.is_err(), alive.load(Ordering::SeqCst)), (true, 0));
}

/// Waits with its first piece until it is let go on.
struct Slow {
    gate: Option<Arc<Barrier>>,
    taken: Arc<AtomicUsize>,
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(gate) = self.gate.take() {
            gate.wait();
        }
        self.taken.fetch_add(bytes.len(), Ordering::SeqCst);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn whoever_writes_goes_on_meanwhile_and_not_far() {
    let (gate, taken, given) = (Arc::new(Barrier::new(2)), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let mut aside = Aside::new(Slow { gate: Some(gate.clone()), taken: taken.clone() });
    // Taken although nothing was written yet.
    aside.write_all(&noise(1 << 20)).expect("taken");
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    let writing = std::thread::spawn({
        let given = given.clone();
        move || {
            for some in noise(16 << 20).chunks(1 << 16) {
                aside.write_all(some).expect("taken");
                given.fetch_add(some.len(), Ordering::SeqCst);
            }
            aside.finish().map(drop).expect("taken");
        }
    });
    while given.load(Ordering::SeqCst) < 1 << 18 {
        std::thread::yield_now();
    }
    (0..10_000).for_each(|_| std::thread::yield_now());
    assert!(given.load(Ordering::SeqCst) < 4 << 20, "no more than some pieces wait");
    gate.wait();
    writing.join().expect("ended");
    assert_eq!(taken.load(Ordering::SeqCst), 17 << 20);
}

#[test]
fn items_made_ahead_come_in_their_order_and_to_their_end() {
    for (count, waiting) in [(0, 1), (1, 1), (1000, 0), (1000, 8)] {
        let mut numbers = 0..count;
        let made: Vec<i32> = ahead(waiting, || numbers.next(), |made| made.collect());
        assert!(made.into_iter().eq(0..count));
        assert_eq!(numbers.next(), None);
    }
}

#[test]
fn nothing_more_is_made_once_nobody_takes() {
    let mut made = 0;
    let failed: Result<(), &str> = ahead(
        2,
        || {
            made += 1;
            Some(made)
        },
        |made| if made.next() == Some(1) { Err("no room") } else { Ok(()) },
    );
    assert_eq!(failed, Err("no room"));
    assert!(made <= 5, "{made} were made");
}

#[test]
fn panic_of_whoever_makes_or_takes_ends_both() {
    let mut made = 0;
    let makes = catch_unwind(AssertUnwindSafe(|| {
        let next = || {
            made += 1;
            assert!(made < 10, "a fault aside");
            Some(made)
        };
        ahead(2, next, |made| made.count())
    }));
    assert_eq!(makes.expect_err("a panic").downcast_ref(), Some(&"a fault aside"));
    let takes = catch_unwind(|| ahead(2, || Some(1), |_| -> () { panic!("a fault here") }));
    assert_eq!(takes.expect_err("a panic").downcast_ref(), Some(&"a fault here"));
}
