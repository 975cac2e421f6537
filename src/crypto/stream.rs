//! Sealing and opening of any length in constant memory: pieces of 64 KiB go through, nothing is kept.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use super::keyfile::{KeyRecipient, OpeningKeys};
use super::seal::{Passphrase, SealError, passphrase_encryptor, reason, unread};

/// Longest head of an age file that is read: some thousand recipients.
const MAX_HEAD: u64 = 1024 * 1024;

/// What a stream is sealed to: keys, or words alone, as age has it.
#[derive(Clone, Debug)]
pub enum Lock {
    Keys(Vec<KeyRecipient>),
    /// With scrypt work factor 2^`log_n`.
    Words {
        words: Passphrase,
        log_n: u8,
    },
}

/// A writer that seals what is written into it. Only [`SealingStream::finish`] makes the file whole.
pub struct SealingStream<W: Write>(age::stream::StreamWriter<W>);

/// Begins to seal into a writer.
///
/// # Errors
/// Returns [`SealError::NoRecipient`], [`SealError::TooMuchWork`], or [`SealError::NotWritten`].
pub fn seal_stream<W: Write>(lock: &Lock, out: W) -> Result<SealingStream<W>, SealError> {
    let encryptor = match lock {
        Lock::Words { words, log_n } => passphrase_encryptor(words, *log_n)?,
        Lock::Keys(keys) => KeyRecipient::encryptor(keys)?,
    };
    encryptor.wrap_output(out).map(SealingStream).map_err(|_| SealError::NotWritten)
}

impl<W: Write> SealingStream<W> {
    /// Writes the last piece.
    ///
    /// # Errors
    /// Returns what the writer beneath refused.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for SealingStream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Tells whether an age file opens with words rather than with a key.
///
/// # Errors
/// Returns [`SealError::Damaged`] for anything that is no age file, or [`SealError::Unreadable`].
pub fn wants_words(input: &mut (impl Read + Seek)) -> Result<bool, SealError> {
    let words = decryptor(&mut *input)?.is_scrypt();
    input.rewind().map_err(|error| unread(&error))?;
    Ok(words)
}

/// Opens a stream; its length is proved by its last piece before anything is read.
///
/// # Errors
/// Returns [`SealError::NoKey`] when nothing fits, [`SealError::Damaged`] for a changed or cut file, [`SealError::TooMuchWork`], or
/// [`SealError::Unreadable`].
pub fn open_stream<R: Read + Seek>(keys: &OpeningKeys, input: R) -> Result<OpenedStream<R>, SealError> {
    let mut reader = decryptor(input)?.decrypt(keys.identities()).map_err(reason)?;
    let length = reader.seek(SeekFrom::End(0)).and_then(|length| reader.rewind().map(|()| length)).map_err(|error| unread(&error))?;
    Ok(OpenedStream { reader, length, at: 0 })
}

fn decryptor<R: Read + Seek>(mut input: R) -> Result<age::Decryptor<BufReader<R>>, SealError> {
    if !head_ends(&mut input).map_err(|error| unread(&error))? {
        return Err(SealError::Damaged);
    }
    age::Decryptor::new_buffered(BufReader::new(input)).map_err(reason)
}

/// Tells whether the head ends within its limit, so that no stranger's file fills the memory.
fn head_ends(input: &mut (impl Read + Seek)) -> io::Result<bool> {
    input.rewind()?;
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while (head.len() as u64) < MAX_HEAD {
        let read = input.read(&mut piece)?;
        let from = head.len().saturating_sub(4);
        head.extend_from_slice(&piece[..read]);
        if read == 0 || head[from..].windows(5).any(|window| window == b"\n--- ") {
            break;
        }
    }
    input.rewind()?;
    Ok((head.len() as u64) < MAX_HEAD)
}

/// The plain bytes of a sealed file, read as they are asked for; never beyond their end.
pub struct OpenedStream<R> {
    reader: age::stream::StreamReader<BufReader<R>>,
    length: u64,
    at: u64,
}

/// What a read of a changed piece gives.
#[derive(Debug, thiserror::Error)]
#[error("a sealed piece was changed")]
struct Changed;

/// Tells whether a read failed because a sealed piece was changed, rather than for the disk's sake.
pub fn is_damage(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Changed>())
}

impl<R> OpenedStream<R> {
    /// Returns the number of plain bytes.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl<R: Read> Read for OpenedStream<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.length.saturating_sub(self.at)).unwrap_or(usize::MAX).min(bytes.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.reader.read(&mut bytes[..most]).map_err(told)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Seek for OpenedStream<R> {
    /// Goes to a place in the plain bytes. A place beyond the end is the end.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(place) => (place, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.length, by),
        };
        let place = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?.min(self.length);
        self.at = self.reader.seek(SeekFrom::Start(place)).map_err(told)?;
        Ok(self.at)
    }
}

/// age says "invalid data" or "ended too early" of changed pieces; anything else is the disk's.
fn told(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => io::Error::new(io::ErrorKind::InvalidData, Changed),
        _ => error,
    }
}
