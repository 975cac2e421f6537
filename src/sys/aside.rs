//! Work done aside: a writer on a thread of its own while whoever writes goes on with the next piece, and items made on one while those
//! before are used. A few pieces are in memory, never more; errors and panics there come back to whoever writes or uses.

use std::io::{self, Write};
use std::mem;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// Bytes that change hands at once.
const PIECE: usize = 256 * 1024;
/// Pieces that may wait to be written: with fewer, threads that share cores wait for each other more often.
const WAITING: usize = 12;

/// A writer that hands what it gets to another one, on a thread of its own once there is more than a piece. Only [`Aside::finish`] tells
/// whether all of it was written; dropped before, it waits for the thread and forgets the rest.
pub struct Aside<W: Write + Send + 'static> {
    piece: Vec<u8>,
    place: Place<W>,
}

/// Where the writer is.
enum Place<W> {
    Here(W),
    There(Hand<W>),
    /// It failed, and whoever wrote was told.
    Gone,
}

impl<W: Write + Send + 'static> Aside<W> {
    /// Makes it of the writer that does the work.
    pub fn new(writer: W) -> Self {
        Aside { piece: Vec::new(), place: Place::Here(writer) }
    }

    /// Waits until everything was written and gives the writer back.
    ///
    /// # Errors
    /// Returns what the writer refused.
    pub fn finish(mut self) -> io::Result<W> {
        let mut writer = match self.take() {
            Place::Here(writer) => writer,
            Place::There(hand) => hand.end()?,
            Place::Gone => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        writer.write_all(&self.piece).map(|()| writer)
    }

    fn take(&mut self) -> Place<W> {
        mem::replace(&mut self.place, Place::Gone)
    }

    /// Hands a full piece over and goes on with an empty one.
    fn pass_on(&mut self) -> io::Result<()> {
        let hand = match self.take() {
            Place::Here(writer) => Hand::begin(writer)?,
            Place::There(hand) => hand,
            Place::Gone => return Err(io::ErrorKind::BrokenPipe.into()),
        };
        match hand.give(mem::take(&mut self.piece)) {
            Some(emptied) => self.piece = emptied,
            None => return hand.end().and(Err(io::ErrorKind::BrokenPipe.into())),
        }
        self.place = Place::There(hand);
        Ok(())
    }
}

impl<W: Write + Send + 'static> Write for Aside<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.pass_on()?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: what was written is under way, and [`Aside::finish`] tells of its arrival.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes items on a thread of its own, at most `waiting` of them ahead, while `take` uses those before. Ends when there is no next one, or
/// with `take`.
pub fn ahead<T: Send, R>(waiting: usize, mut next: impl FnMut() -> Option<T> + Send, take: impl FnOnce(&mut dyn Iterator<Item = T>) -> R) -> R {
    thread::scope(|scope| {
        let (give, made) = sync_channel(waiting);
        let maker = scope.spawn(move || while next().is_some_and(|item| give.send(item).is_ok()) {});
        let taken = take(&mut made.into_iter());
        maker.join().unwrap_or_else(|panic| resume_unwind(panic));
        taken
    })
}

/// The thread with the writer, and the ways to it and back.
struct Hand<W> {
    full: Option<SyncSender<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<W>>>,
}

impl<W: Write + Send + 'static> Hand<W> {
    fn begin(writer: W) -> io::Result<Self> {
        let (full, coming) = sync_channel(WAITING);
        let (back, empty) = channel();
        let thread = thread::Builder::new().spawn(move || work(writer, &coming, &back))?;
        Ok(Hand { full: Some(full), empty, thread: Some(thread) })
    }

    /// Returns an empty piece for a full one; none when the thread has ended.
    fn give(&self, piece: Vec<u8>) -> Option<Vec<u8>> {
        self.full.as_ref()?.send(piece).ok()?;
        // None came back yet only while fewer are about than may wait.
        Some(self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(PIECE)))
    }

    fn end(mut self) -> io::Result<W> {
        self.joined().expect("ended once").unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<W> Hand<W> {
    fn joined(&mut self) -> Option<thread::Result<io::Result<W>>> {
        drop(self.full.take());
        self.thread.take().map(JoinHandle::join)
    }
}

impl<W> Drop for Hand<W> {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.joined();
    }
}

/// Writes what comes until nothing comes any more.
fn work<W: Write>(mut writer: W, coming: &Receiver<Vec<u8>>, back: &Sender<Vec<u8>>) -> io::Result<W> {
    for mut piece in coming {
        writer.write_all(&piece)?;
        piece.clear();
        // At the end nobody waits for it.
        let _ = back.send(piece);
    }
    Ok(writer)
}
