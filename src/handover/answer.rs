//! What a recipient writes back: "received", a note, a court decision. It proves that somebody who opened the bundle wrote
//! it; not who, and not when.

use std::io::{Read, Seek};

use serde::Deserialize;

use super::container::directory::Contents;
use super::container::rules::FILES;
use super::container::wrong::BundleError;
use crate::crypto::{Identity, OpenedStream, OpeningKeys, mac_fits, open_stream};

pub const ANSWER: &str = "answer.json";
pub const MARK: &str = "answer.mac";
/// Longest `answer.json` in bytes.
const MAX_ANSWER: u64 = 1024 * 1024;
/// Hex digits of a mark.
const MARK_LENGTH: u64 = 64;
/// Longest note, and longest name of a file, in letters.
const MAX_NOTE: usize = 20_000;
const MAX_FILE_NAME: usize = 200;
/// Most files, and their bytes together.
const MAX_FILES: usize = 100;
const MAX_TOGETHER: u64 = 200 * 1024 * 1024;

/// Why an answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Sealed to another bundle's key, or its head was changed.
    #[error("it is not sealed to the key of this bundle's answers")]
    NotForThis,
    #[error("it is cut, changed, or no sealed file")]
    Damaged,
    /// The zip in it is not as answers are.
    #[error("its zip is odd: {0}")]
    Zip(BundleError),
    #[error("it lacks {0}")]
    Missing(&'static str),
    #[error("it holds a file that it does not name")]
    NotNamed,
    #[error("it was not marked with the secret of this bundle")]
    Mark,
    #[error("it is not written as answers are")]
    Form,
    #[error("it answers another bundle")]
    OtherBundle,
    #[error("it answers other contents under the same id")]
    OtherContents,
    #[error("file {0} is not as it was sent")]
    File(usize),
}

/// What an answer has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Id of the bundle.
    pub bundle: &'a str,
    /// SHA-256 of its `MANIFEST`.
    pub manifest: &'a [u8; 32],
    /// Opens its answers.
    pub identity: &'a Identity,
    /// Marks its answers.
    pub secret: &'a [u8; 32],
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    Received,
    Note,
    Documents,
}

/// What a file of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    CourtDecision,
    Other,
}

/// A file of an answer, checked against its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFile {
    /// As its sender calls it: a plain line, no path.
    pub name: String,
    pub size: u64,
    pub sha256: [u8; 32],
    pub what: FileKind,
    index: usize,
}

/// An answer that fits the bundle it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Tells the same answer, brought twice, from another one: 32 hex digits.
    pub nonce: String,
    /// When it was written, as its writer's clock says: seconds since 1970.
    pub written: i64,
    pub kind: AnswerKind,
    pub note: String,
    pub files: Vec<AnswerFile>,
}

/// An answer and the files in it.
pub struct Answered<R> {
    pub answer: Answer,
    contents: Contents<OpenedStream<R>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    bundle: String,
    manifest: String,
    nonce: String,
    written: String,
    kind: AnswerKind,
    #[serde(default)]
    note: String,
    #[serde(default)]
    files: Vec<WrittenFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    member: String,
    name: String,
    size: u64,
    sha256: String,
    what: FileKind,
}

/// Reads an answer and checks everything in it.
///
/// # Errors
/// Returns the first [`AnswerError`].
pub fn read<R: Read + Seek>(input: R, asked: &Asked<'_>) -> Result<Answered<R>, AnswerError> {
    let opened = open_stream(&OpeningKeys::from(asked.identity), input).map_err(|error| match error {
        crate::crypto::SealError::NoKey => AnswerError::NotForThis,
        error @ crate::crypto::SealError::Unreadable(_) => AnswerError::Zip(error.into()),
        _ => AnswerError::Damaged,
    })?;
    let mut contents = Contents::of(opened).map_err(AnswerError::Zip)?;
    let text = small(&mut contents, ANSWER, MAX_ANSWER)?;
    let mark = small(&mut contents, MARK, MARK_LENGTH)?;
    if !is_hex(&mark, 64) || !mac_fits(asked.secret, &text, &hex::decode(&mark).map_err(|_| AnswerError::Mark)?) {
        return Err(AnswerError::Mark);
    }
    let written: Written = serde_json::from_slice(&text).map_err(|_| AnswerError::Form)?;
    fits(&written, asked)?;
    let files = files(&mut contents, &written.files)?;
    let moment = moment(&written.written).ok_or(AnswerError::Form)?;
    Ok(Answered { answer: Answer { nonce: written.nonce, written: moment, kind: written.kind, note: written.note, files }, contents })
}

impl<R: Read + Seek> Answered<R> {
    /// Returns the bytes of a file.
    ///
    /// # Errors
    /// Returns [`AnswerError::File`] where they are no longer those that were checked.
    pub fn file(&mut self, number: usize) -> Result<Vec<u8>, AnswerError> {
        let file = self.answer.files.get(number).ok_or(AnswerError::File(number))?;
        let (bytes, hash) = self.contents.bytes(file.index, MAX_TOGETHER).map_err(AnswerError::Zip)?;
        if hash == file.sha256 { Ok(bytes) } else { Err(AnswerError::File(number)) }
    }
}

fn small<R: Read + Seek>(contents: &mut Contents<R>, name: &'static str, limit: u64) -> Result<Vec<u8>, AnswerError> {
    let index = contents.entries().iter().position(|entry| entry.name == name).ok_or(AnswerError::Missing(name))?;
    contents.bytes(index, limit).map(|(bytes, _)| bytes).map_err(AnswerError::Zip)
}

fn is_hex(bytes: &[u8], length: usize) -> bool {
    bytes.len() == length && bytes.iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte))
}

fn fits(written: &Written, asked: &Asked<'_>) -> Result<(), AnswerError> {
    let formed = written.version == 1 && is_hex(written.nonce.as_bytes(), 32) && written.note.chars().count() <= MAX_NOTE && written.files.len() <= MAX_FILES;
    match () {
        () if !formed => Err(AnswerError::Form),
        () if written.bundle != asked.bundle => Err(AnswerError::OtherBundle),
        () if written.manifest != hex::encode(asked.manifest) => Err(AnswerError::OtherContents),
        () => Ok(()),
    }
}

/// Reads `2026-05-01T12:00:00Z`, written so and not otherwise.
fn moment(text: &str) -> Option<i64> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    (moment.subsec_nanosecond() == 0 && moment.to_string() == text).then(|| moment.as_second())
}

fn files<R: Read + Seek>(contents: &mut Contents<R>, written: &[WrittenFile]) -> Result<Vec<AnswerFile>, AnswerError> {
    if contents.entries().len() != written.len() + 2 {
        return Err(AnswerError::NotNamed);
    }
    if written.iter().map(|file| file.size).fold(0_u64, u64::saturating_add) > MAX_TOGETHER {
        return Err(AnswerError::Form);
    }
    written.iter().enumerate().map(|(number, file)| checked(contents, number, file)).collect()
}

fn checked<R: Read + Seek>(contents: &mut Contents<R>, number: usize, file: &WrittenFile) -> Result<AnswerFile, AnswerError> {
    let named = file.member.strip_prefix(FILES).and_then(|rest| rest.split('.').next()) == Some((number + 1).to_string().as_str());
    let plain = !file.name.trim().is_empty() && file.name.chars().count() <= MAX_FILE_NAME && file.name.chars().all(crate::model::value::is_plain);
    if !named || !plain || file.name.contains(['/', '\\']) || !is_hex(file.sha256.as_bytes(), 64) {
        return Err(AnswerError::Form);
    }
    let index = contents.entries().iter().position(|entry| entry.name == file.member && entry.size == file.size).ok_or(AnswerError::File(number))?;
    let hash = contents.copy(index, &mut std::io::sink()).map_err(AnswerError::Zip)?;
    if hex::encode(hash) != file.sha256 {
        return Err(AnswerError::File(number));
    }
    Ok(AnswerFile { name: file.name.clone(), size: file.size, sha256: hash, what: file.what, index })
}
