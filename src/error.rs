//! One table of everything that can go wrong, with the code by which texts are looked up and the exit code.

use crate::crypto::KeyFileError;
use crate::handover::answer::AnswerError;
use crate::handover::choice::redact::RedactError;
use crate::handover::container::wrong::BundleError;
use crate::model::draft::Fault;
use crate::sync::exchange::SyncError;
use crate::transport::TransportError;
use crate::vault::{JoinError, VaultError};

/// A failure of a command. People see `err-<code>` and `hint-<code>` in their language.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The draft breaks rules; nothing of it was saved.
    #[error("the draft breaks {} rules", faults.len())]
    Draft { faults: Vec<Fault> },
    #[error("not JSON at line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("not UTF-8 at byte {at}")]
    NotUtf8 { at: usize },
    /// One line of several; those before it were saved.
    #[error("a line is not UTF-8 at byte {at}")]
    LineNotUtf8 { at: usize },
    #[error("longer than {limit} bytes")]
    TooLong { limit: u64 },
    #[error("no record is called that")]
    NoRecord { given: String },
    #[error("several records are called that")]
    Ambiguous { given: String, candidates: Vec<String> },
    #[error("that record is no {wanted}")]
    WrongKind { wanted: &'static str },
    #[error("an entry of a dated list cannot be changed")]
    LogChanged,
    #[error("the record is full and something would be taken away")]
    Full,
    #[error("nothing is contested there")]
    NotContested,
    #[error("there is no such voice")]
    NoVoice,
    #[error("nothing was given")]
    Nothing,
    #[error("the question needs an answer")]
    NoAnswer,
    #[error("not understood: {what}")]
    NotUnderstood { what: &'static str },
    #[error("the passphrases differ")]
    PassphrasesDiffer,
    #[error("the passphrase is too short")]
    PassphraseShort,
    #[error("the words read back differ")]
    WordsDiffer,
    #[error("there is no terminal to ask on")]
    NoTerminal,
    #[error("the clock setting is no moment")]
    Clock,
    #[error("a file of that name is there")]
    FileExists,
    #[error("the file cannot be read: {0}")]
    File(std::io::Error),
    #[error("the answer could not be written: {0}")]
    Unheard(std::io::ErrorKind),
    #[error("the file is empty or too large")]
    FileSize,
    #[error("the attached file does not fit its hash")]
    Attachment,
    /// The record came by an import, without its file.
    #[error("the attached file is not in this vault")]
    NoAttachment,
    #[error(transparent)]
    Place(TransportError),
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error("only an admin may do that")]
    NotAdmin,
    #[error("the role of this device does not allow it")]
    RoleForbids,
    #[error("the safety words are not those of that badge")]
    SafetyWords,
    #[error("these are no recovery words")]
    RecoveryWords,
    #[error("that is no badge")]
    BadBadge,
    #[error("the device is a member already")]
    MemberKnown,
    #[error("no single member is called that")]
    MemberUnknown,
    #[error("another member has that handle")]
    HandleTaken,
    #[error("nobody could let people in and out any more")]
    LastAdmin,
    #[error("nobody compared that member's words")]
    WordsFirst,
    #[error("the answer is not what was to be typed again")]
    NotConfirmed,
    #[error("the vault's own casebook is shared with nobody")]
    NotShared,
    #[error("that place is not known")]
    NoPlace,
    #[error("no place is known")]
    NoPlaces,
    #[error("nobody compared that relay's key")]
    RelayUnknown,
    #[error("the safety words are not those of a relay's key")]
    RelayWords,
    #[error("the present keys have no mailbox")]
    NoMailbox,
    #[error("the room has other keys than this device")]
    NotThatRoom,
    #[error("not everything is known to be held elsewhere")]
    NotHeld,
    #[error("no change is called that")]
    NoParcel { given: String },
    #[error("that change is not set aside by anything that an adopt could undo")]
    NotAside,
    #[error("that change does not count as it is")]
    NotCounted,
    #[error("a reason of 1 to 500 characters is needed")]
    Reason,
    #[error("a separate copy cannot be changed")]
    SeparateCopy,
    #[error("nothing given opens the bundle")]
    BundleNoKey,
    #[error("the bundle is cut, changed, or no sealed file")]
    BundleDamaged,
    #[error("the bundle asks for too much work")]
    BundleWork,
    #[error("the bundle is sealed to keys")]
    BundleKeyNeeded,
    #[error("the key file was not taken: {0}")]
    BundleKeyFile(KeyFileError),
    #[error("a recipient is no key that a bundle can be sealed to")]
    BundleRecipient,
    #[error("{count} things in the bundle are not as they were signed")]
    BundleWrong { count: usize },
    #[error("there is nobody to seal the bundle to")]
    BundleNoRecipient,
    #[error("no reader would take a member of the bundle")]
    BundleMember { name: String },
    #[error("the folder is not empty")]
    BundleFolder,
    #[error("nothing was handed over: {0}")]
    Handover(#[from] RedactError),
    #[error("the answer was not taken: {0}")]
    Answer(AnswerError),
    #[error("the answer fits no bundle that was handed over from here")]
    AnswerUnknown,
    #[error("interrupted")]
    Interrupted,
    #[error("what was found is not whole")]
    NotWhole,
    #[error("done in part")]
    Partly,
}

impl Error {
    /// Returns the stable code, e.g. `vault-in-use`.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Vault(error) => error.code(),
            Error::Draft { .. } => "draft-invalid",
            Error::NotJson { .. } => "not-json",
            Error::NotUtf8 { .. } => "not-utf8",
            Error::LineNotUtf8 { .. } => "line-not-utf8",
            Error::TooLong { .. } => "too-long",
            Error::NoRecord { .. } => "record-absent",
            Error::Ambiguous { .. } => "record-ambiguous",
            Error::WrongKind { .. } => "record-wrong-kind",
            Error::LogChanged => "log-changed",
            Error::Full => "record-full",
            Error::NotContested => "not-contested",
            Error::NoVoice => "no-voice",
            Error::Nothing => "nothing-given",
            Error::NoAnswer => "no-answer",
            Error::NotUnderstood { .. } => "not-understood",
            Error::PassphrasesDiffer => "passphrases-differ",
            Error::PassphraseShort => "passphrase-short",
            Error::WordsDiffer => "words-differ",
            Error::NoTerminal => "no-terminal",
            Error::Clock => "clock-setting",
            Error::FileExists => "file-exists",
            Error::File(error) if error.kind() == std::io::ErrorKind::StorageFull => "file-disk-full",
            Error::File(_) => "file-unreadable",
            Error::Unheard(_) => "unheard",
            Error::FileSize => "file-size",
            Error::Attachment => "attachment-damaged",
            Error::NoAttachment => "attachment-absent",
            Error::Place(error) => error.code(),
            Error::Join(error) => error.code(),
            Error::NotAdmin => "not-admin",
            Error::RoleForbids => "role-forbids",
            Error::SafetyWords => "safety-words",
            Error::RecoveryWords => "recovery-words",
            Error::BadBadge => "badge-odd",
            Error::MemberKnown => "member-known",
            Error::MemberUnknown => "member-unknown",
            Error::HandleTaken => "handle-taken",
            Error::LastAdmin => "last-admin",
            Error::WordsFirst => "words-first",
            Error::NotConfirmed => "not-confirmed",
            Error::NotShared => "casebook-not-shared",
            Error::NoPlace => "place-unknown",
            Error::NoPlaces => "places-none",
            Error::RelayUnknown => "relay-not-compared",
            Error::RelayWords => "relay-words",
            Error::NoMailbox => "relay-no-keys",
            Error::NotThatRoom => "room-other-keys",
            Error::NotHeld => "not-held-elsewhere",
            Error::NoParcel { .. } => "parcel-unknown",
            Error::NotAside => "parcel-not-aside",
            Error::NotCounted => "parcel-not-counted",
            Error::Reason => "reason-needed",
            Error::SeparateCopy => "record-copy",
            Error::BundleNoKey => "bundle-no-key",
            Error::BundleDamaged => "bundle-damaged",
            Error::BundleWork => "bundle-work",
            Error::BundleKeyNeeded => "bundle-key-needed",
            Error::BundleKeyFile(KeyFileError::NotAKey) => "bundle-key-odd",
            Error::BundleKeyFile(KeyFileError::Plugin) => "bundle-key-plugin",
            Error::BundleKeyFile(KeyFileError::NoPlugin) => "bundle-key-no-plugin",
            Error::BundleKeyFile(KeyFileError::Passphrase | KeyFileError::Locked) => "bundle-key-locked",
            Error::BundleRecipient => "bundle-recipient",
            Error::BundleWrong { .. } => "bundle-wrong",
            Error::BundleNoRecipient => "bundle-no-recipient",
            Error::BundleMember { .. } => "bundle-member",
            Error::BundleFolder => "bundle-folder",
            Error::Handover(RedactError::Unclassed { .. }) => "handover-unclassed",
            Error::Handover(RedactError::ReasonNeeded { .. }) => "handover-reason-needed",
            Error::Handover(RedactError::DueOver) => "handover-due-over",
            Error::Handover(RedactError::NotAllowed) => "handover-not-allowed",
            Error::Handover(RedactError::Nothing) => "handover-nothing",
            Error::Answer(AnswerError::Mark | AnswerError::NotForThis | AnswerError::OtherBundle | AnswerError::OtherContents) => "answer-strange",
            Error::Answer(_) => "answer-damaged",
            Error::AnswerUnknown => "answer-unknown",
            Error::Interrupted => "interrupted",
            Error::NotWhole => "not-whole",
            Error::Partly => "partly",
        }
    }

    /// Returns the exit code of the command line contract.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Vault(VaultError::Absent) => 10,
            Error::Vault(VaultError::InUse { .. }) => 11,
            Error::Vault(VaultError::WrongPassphrase) | Error::BundleNoKey | Error::BundleKeyNeeded => 12,
            Error::BundleKeyFile(KeyFileError::Passphrase | KeyFileError::Locked) => 12,
            Error::BundleDamaged | Error::BundleWrong { .. } | Error::Answer(_) | Error::AnswerUnknown => 20,
            Error::Vault(VaultError::Tampered { .. } | VaultError::Record(_)) | Error::Attachment | Error::NotWhole => 20,
            Error::Place(TransportError::Damaged(_)) | Error::Join(JoinError::DoesNotFit) => 20,
            Error::Place(TransportError::Unreachable | TransportError::Intercepted(_) | TransportError::CaptivePortal | TransportError::WrongRelay) => 30,
            Error::Join(JoinError::NotForThisDevice) => 12,
            Error::Partly => 3,
            Error::Clock | Error::Vault(VaultError::WhichCasebook) => 2,
            Error::Interrupted => 130,
            _ => 1,
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        SyncError::Transport(error).into()
    }
}

impl From<SyncError> for Error {
    fn from(error: SyncError) -> Self {
        match error {
            SyncError::Vault(error) => Error::Vault(error),
            // What the closure that opens a file said: this vault could not give it.
            SyncError::Transport(TransportError::Source(source)) => match source.downcast::<VaultError>() {
                Ok(error) => Error::Vault(*error),
                Err(source) => Error::Place(TransportError::Source(source)),
            },
            SyncError::Transport(error) => Error::Place(error),
        }
    }
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Zip(BundleError::Io(error)) => Error::File(error),
            error => Error::Answer(error),
        }
    }
}

impl From<BundleError> for Error {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::NoKey => Error::BundleNoKey,
            BundleError::Damaged => Error::BundleDamaged,
            BundleError::TooMuchWork => Error::BundleWork,
            BundleError::NoRecipient => Error::BundleNoRecipient,
            BundleError::Wrong(wrong) => Error::BundleWrong { count: wrong.len() },
            BundleError::Member { name, .. } => Error::BundleMember { name },
            BundleError::Exists => Error::FileExists,
            // What this vault could not give says so itself.
            BundleError::Io(error) => error.downcast().unwrap_or_else(Error::File),
        }
    }
}
