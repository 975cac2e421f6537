//! Confidentiality, all of it by age: sealing to recipients or under a passphrase.

use std::fmt;
use std::io::{Read, Write};
use std::str::FromStr;

use age::secrecy::{ExposeSecret, SecretString};
use zeroize::{Zeroize, Zeroizing};

/// Largest sealed file, padded: one number for relay, pack and scanner.
pub const MAX_SEALED: usize = 1024 * 1024;
/// Highest scrypt work factor (log2 N) that is opened: 2^20 takes some seconds and 1 GiB.
const MAX_LOG_N: u8 = 20;

/// Why something did not open or could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("none of the keys opens it")]
    NoKey,
    #[error("it is damaged or no age file")]
    Damaged,
    #[error("the work factor is over the limit")]
    TooMuchWork,
    #[error("the content is over {0} bytes")]
    TooLong(u64),
    #[error("there is no recipient")]
    NoRecipient,
    #[error("it could not be written")]
    NotWritten,
    /// The system refused, by this number of its own: nothing is known of the file.
    #[error("it could not be read: system error {0}")]
    Unreadable(i32),
}

/// Bytes that only holders of a key can read. Made by sealing, or by [`Sealed::from_outside`].
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes bytes that came from disk or from elsewhere for a sealed file; opening decides whether they are.
    pub fn from_outside(bytes: Vec<u8>) -> Self {
        Sealed(bytes)
    }

    /// Returns the bytes of the age file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns it with its name.
    pub fn named(self) -> Named {
        Named { name: super::plain_hash(self.as_bytes()), sealed: self }
    }

    /// Returns the bytes of the age file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A sealed file with its name, the hash of its bytes: large ones are named on the thread that seals them.
#[derive(Debug)]
pub struct Named {
    name: [u8; 32],
    sealed: Sealed,
}

impl Named {
    /// Returns the name.
    pub fn name(&self) -> &[u8; 32] {
        &self.name
    }

    /// Returns the bytes of the age file.
    pub fn as_bytes(&self) -> &[u8] {
        self.sealed.as_bytes()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Plain bytes that were sealed; wiped when dropped. Nothing that travels takes this type.
pub struct Opened(Zeroizing<Vec<u8>>);

impl Opened {
    /// Returns the plain bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} bytes)", self.0.len())
    }
}

/// An age X25519 identity.
#[derive(Clone)]
pub struct Identity(age::x25519::Identity);

impl Identity {
    /// Makes a new one.
    pub fn generate() -> Self {
        Identity(age::x25519::Identity::generate())
    }

    /// Returns the recipient that seals to this identity.
    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// Returns the text of the secret key, `AGE-SECRET-KEY-1…`.
    pub fn secret_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// Makes the identity with these secret bytes.
    pub fn from_secret(bytes: &[u8; 32]) -> Self {
        let prefix = bech32::Hrp::parse_unchecked("age-secret-key-");
        let text = bech32::encode::<bech32::Bech32>(prefix, bytes).map(|text| Zeroizing::new(text.to_uppercase()));
        let parsed = text.ok().and_then(|text| text.parse().ok());
        parsed.expect("32 bytes are an age identity")
    }

    pub(super) fn for_age(&self) -> age::x25519::Identity {
        self.0.clone()
    }
}

impl FromStr for Identity {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        text.parse().map(Identity).map_err(|_| SealError::Damaged)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// An age X25519 recipient, `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

impl Recipient {
    /// Returns the bytes of the public key.
    pub fn to_bytes(&self) -> [u8; 32] {
        let text = self.to_string();
        let parsed = bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32>(&text).expect("age writes Bech32");
        parsed.byte_iter().collect::<Vec<u8>>().try_into().expect("an X25519 key has 32 bytes")
    }

    /// Takes the bytes of a public key; none when age takes no such key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let text = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse_unchecked("age"), bytes).ok()?;
        text.parse().ok()
    }

    pub(super) fn for_age(&self) -> age::x25519::Recipient {
        self.0.clone()
    }
}

impl FromStr for Recipient {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        text.parse().map(Recipient).map_err(|_| SealError::Damaged)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A passphrase; wiped when dropped and never printed.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Takes the text, in NFC and without white space around it, so that every keyboard makes the same one.
    pub fn new(mut text: String) -> Self {
        use unicode_normalization::UnicodeNormalization;
        let normal: String = text.trim().nfc().collect();
        text.zeroize();
        Passphrase(SecretString::from(normal))
    }

    /// Takes words as bundles are sealed under them: lower-case, joined by single blanks, however they were typed.
    pub fn words(typed: &str) -> Self {
        let parted = Zeroizing::new(typed.to_lowercase().replace(',', " "));
        Passphrase::new(parted.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Tells whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// Returns the number of characters.
    pub fn chars(&self) -> usize {
        self.0.expose_secret().chars().count()
    }

    pub(super) fn for_age(&self) -> SecretString {
        self.0.clone()
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// Seals bytes to recipients.
///
/// # Errors
/// Returns [`SealError::NoRecipient`] for an empty list.
pub fn seal<'a>(recipients: impl IntoIterator<Item = &'a Recipient>, bytes: &[u8]) -> Result<Sealed, SealError> {
    let recipients = recipients.into_iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|_| SealError::NoRecipient)?;
    written(encryptor, bytes)
}

/// Seals bytes under a passphrase with scrypt work factor 2^`log_n`.
///
/// # Errors
/// Returns [`SealError::TooMuchWork`] when nobody could open it again.
pub fn seal_with_passphrase(passphrase: &Passphrase, log_n: u8, bytes: &[u8]) -> Result<Sealed, SealError> {
    written(passphrase_encryptor(passphrase, log_n)?, bytes)
}

pub(super) fn passphrase_encryptor(passphrase: &Passphrase, log_n: u8) -> Result<age::Encryptor, SealError> {
    if log_n > MAX_LOG_N {
        return Err(SealError::TooMuchWork);
    }
    let mut recipient = age::scrypt::Recipient::new(passphrase.0.clone());
    recipient.set_work_factor(log_n);
    age::Encryptor::with_recipients(std::iter::once(&recipient as _)).map_err(|_| SealError::NoRecipient)
}

fn written(encryptor: age::Encryptor, bytes: &[u8]) -> Result<Sealed, SealError> {
    let mut sealed = Vec::with_capacity(bytes.len() + 512);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(|_| SealError::Damaged)?;
    writer.write_all(bytes).and_then(|()| writer.finish().map(|_| ())).map_err(|_| SealError::Damaged)?;
    Ok(Sealed(sealed))
}

/// Opens with any of the identities, at most `limit` plain bytes.
///
/// # Errors
/// Returns [`SealError::NoKey`] when no identity fits, [`SealError::Damaged`] when the file was changed.
pub fn open<'a>(identities: impl IntoIterator<Item = &'a Identity>, sealed: &Sealed, limit: u64) -> Result<Opened, SealError> {
    let identities: Vec<&dyn age::Identity> = identities.into_iter().map(|identity| &identity.0 as _).collect();
    opened(sealed, identities.into_iter(), limit)
}

/// Opens what was sealed under a passphrase.
///
/// # Errors
/// Returns [`SealError::NoKey`] for a wrong passphrase or a damaged header: age cannot tell them apart.
pub fn open_with_passphrase(passphrase: &Passphrase, sealed: &Sealed, limit: u64) -> Result<Opened, SealError> {
    opened(sealed, std::iter::once(&passphrase_identity(passphrase) as _), limit)
}

pub(super) fn passphrase_identity(passphrase: &Passphrase) -> age::scrypt::Identity {
    let mut identity = age::scrypt::Identity::new(passphrase.0.clone());
    identity.set_max_work_factor(MAX_LOG_N);
    identity
}

fn opened<'a>(sealed: &Sealed, identities: impl Iterator<Item = &'a dyn age::Identity>, limit: u64) -> Result<Opened, SealError> {
    let decryptor = age::Decryptor::new_buffered(sealed.as_bytes()).map_err(reason)?;
    let reader = decryptor.decrypt(identities).map_err(reason)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.0.len()));
    reader.take(limit + 1).read_to_end(&mut plain).map_err(|_| SealError::Damaged)?;
    if plain.len() as u64 > limit { Err(SealError::TooLong(limit)) } else { Ok(Opened(plain)) }
}

/// Returns the kinds of the stanzas in the head of a binary age file, at most `limit` of them; `None` for anything else.
/// Reads the head as the age specification draws it, without any key.
pub fn stanzas(sealed: &Sealed, limit: usize) -> Option<Vec<String>> {
    let head = sealed.as_bytes().strip_prefix(b"age-encryption.org/v1\n")?;
    let mut kinds = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        if line.starts_with(b"---") {
            return Some(kinds);
        }
        if let Some(stanza) = line.strip_prefix(b"-> ") {
            let kind = stanza.split(|byte| *byte == b' ').next()?;
            kinds.push(String::from_utf8(kind.to_vec()).ok()?);
            if kinds.len() >= limit {
                return Some(kinds);
            }
        }
    }
    None
}

pub(super) fn reason(error: age::DecryptError) -> SealError {
    match error {
        age::DecryptError::NoMatchingKeys | age::DecryptError::KeyDecryptionFailed | age::DecryptError::DecryptionFailed => SealError::NoKey,
        age::DecryptError::ExcessiveWork { .. } => SealError::TooMuchWork,
        age::DecryptError::Io(error) => unread(&error),
        _ => SealError::Damaged,
    }
}

/// Why a read failed: the disk's sake, or a file that is not as age writes them.
pub(super) fn unread(error: &std::io::Error) -> SealError {
    error.raw_os_error().map_or(SealError::Damaged, SealError::Unreadable)
}
