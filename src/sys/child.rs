//! Another process that answers questions, one at a time: frames of bytes there and back, each with its length before it.
//! It is given no environment and no terminal, and is killed when it does not answer in time. Never interprets a frame.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Most bytes of a frame.
pub const MAX_FRAME: usize = 256 * 1024 * 1024;
/// Address space that a process may have which limits itself.
pub const MAX_MEMORY: u64 = 1024 * 1024 * 1024;
/// Seconds of work, over all questions, after which such a process ends.
pub const MAX_SECONDS: u64 = 120;

/// Why there is no answer. The process is gone then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    #[error("the process ended, or what it said was no frame")]
    Ended,
    #[error("the process did not answer in time")]
    TimedOut,
}

/// A running process. It ends when this is dropped.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    questions: Sender<Vec<u8>>,
    answers: Receiver<Vec<u8>>,
}

impl Child {
    /// Starts a program with nothing but its arguments.
    ///
    /// # Errors
    /// Returns what the system says when it cannot be started.
    pub fn start(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn()?;
        let (into, out) = (process.stdin.take(), process.stdout.take());
        let (mut into, mut out) = into.zip(out).ok_or(io::ErrorKind::BrokenPipe)?;
        let (questions, asked) = channel::<Vec<u8>>();
        let (answer, answers) = channel();
        // Threads of their own, so that a full pipe cannot stop whoever waits with a deadline. They end with the process.
        thread::spawn(move || asked.iter().try_for_each(|frame| write_frame(&mut into, &frame)));
        thread::spawn(move || {
            while let Ok(Some(frame)) = read_frame(&mut out)
                && answer.send(frame).is_ok()
            {}
        });
        Ok(Child { process, questions, answers })
    }

    /// Asks one question and waits for its answer no longer than `patience`.
    ///
    /// # Errors
    /// Returns [`NoAnswer`]; the process was killed then and answers nothing more.
    pub fn ask(&mut self, question: Vec<u8>, patience: Duration) -> Result<Vec<u8>, NoAnswer> {
        let sent = self.questions.send(question).map_err(|_| NoAnswer::Ended);
        let answer = sent.and_then(|()| self.answers.recv_timeout(patience).map_err(NoAnswer::from));
        answer.inspect_err(|_| self.end())
    }

    /// Kills the process and waits until it is gone.
    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

impl From<RecvTimeoutError> for NoAnswer {
    fn from(error: RecvTimeoutError) -> Self {
        match error {
            RecvTimeoutError::Timeout => NoAnswer::TimedOut,
            RecvTimeoutError::Disconnected => NoAnswer::Ended,
        }
    }
}

/// Reads one frame; `None` at the end of all.
///
/// # Errors
/// Returns what the source says, and [`io::ErrorKind::InvalidData`] for a frame longer than [`MAX_FRAME`].
pub fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    if let Err(error) = from.read_exact(&mut head) {
        return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
    }
    let length = u64::from(u32::from_be_bytes(head));
    if length > MAX_FRAME as u64 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // Memory grows with what really comes.
    let mut frame = Vec::new();
    from.take(length).read_to_end(&mut frame)?;
    if frame.len() as u64 == length { Ok(Some(frame)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Writes one frame.
///
/// # Errors
/// Returns what the target says, and [`io::ErrorKind::InvalidData`] for a frame longer than [`MAX_FRAME`].
pub fn write_frame(to: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    let length = u32::try_from(frame.len()).ok().filter(|_| frame.len() <= MAX_FRAME).ok_or(io::ErrorKind::InvalidData)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(frame)?;
    to.flush()
}

/// Limits this process: memory, seconds of work, no files, no dump of what it holds. A limit that the system refuses, or
/// does not have, is not there.
pub fn limit_this_process() {
    #[cfg(unix)]
    for (what, most) in [(rlimit::Resource::AS, MAX_MEMORY), (rlimit::Resource::CPU, MAX_SECONDS), (rlimit::Resource::FSIZE, 0), (rlimit::Resource::CORE, 0)] {
        let _ = what.set(most, most);
    }
}
