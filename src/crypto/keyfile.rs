//! Keys of other people's programs: age recipients and identity files, OpenSSH keys, plugins.

use std::fmt;

use super::seal::{Identity, Passphrase, Recipient, SealError, passphrase_identity};

/// How an age identity of a plugin begins.
const PLUGIN_IDENTITY: &str = "AGE-PLUGIN-";
/// How an OpenSSH or PEM private key begins.
const PEM: &str = "-----BEGIN ";

/// Why keys were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    #[error("it is no key of a kind that age takes")]
    NotAKey,
    #[error("a plugin was not asked for")]
    Plugin,
    #[error("the plugin is not installed")]
    NoPlugin,
    #[error("the passphrase of the key file is wrong")]
    Passphrase,
    #[error("the key file is locked")]
    Locked,
}

/// Somebody's public key, as a stream is sealed to it.
#[derive(Clone)]
pub struct KeyRecipient {
    kind: Kind,
    text: String,
}

#[derive(Clone)]
enum Kind {
    Age(Recipient),
    Ssh(age::ssh::Recipient),
    Plugin(age::plugin::Recipient),
}

impl KeyRecipient {
    /// Reads `age1…`, or the line of an `ssh-ed25519` or `ssh-rsa` key, whose comment is dropped. A plugin's is taken only when asked for.
    ///
    /// # Errors
    /// Returns [`KeyFileError::NotAKey`] or [`KeyFileError::Plugin`].
    pub fn read(text: &str, plugins: bool) -> Result<Self, KeyFileError> {
        let text = text.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        if text.starts_with("ssh-") {
            return text.parse().map(|key| KeyRecipient { kind: Kind::Ssh(key), text }).map_err(|_| KeyFileError::NotAKey);
        }
        if let Ok(key) = text.parse() {
            return Ok(KeyRecipient { kind: Kind::Age(key), text });
        }
        match text.parse() {
            Ok(key) if plugins => Ok(KeyRecipient { kind: Kind::Plugin(key), text }),
            Ok(_) => Err(KeyFileError::Plugin),
            Err(_) => Err(KeyFileError::NotAKey),
        }
    }

    /// Returns the text of the key, the same for every way of giving it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether a plugin has to do the sealing.
    pub fn is_plugin(&self) -> bool {
        matches!(self.kind, Kind::Plugin(_))
    }

    pub(super) fn encryptor(keys: &[KeyRecipient]) -> Result<age::Encryptor, SealError> {
        let keys: Vec<Box<dyn age::Recipient>> = keys.iter().map(KeyRecipient::for_age).collect::<Result<_, _>>()?;
        age::Encryptor::with_recipients(keys.iter().map(|key| &**key as &dyn age::Recipient)).map_err(|_| SealError::NoRecipient)
    }

    fn for_age(&self) -> Result<Box<dyn age::Recipient>, SealError> {
        Ok(match &self.kind {
            Kind::Age(key) => Box::new(key.for_age()),
            Kind::Ssh(key) => Box::new(key.clone()),
            Kind::Plugin(key) => {
                let plugin = age::plugin::RecipientPluginV1::new(key.plugin(), std::slice::from_ref(key), &[], age::NoCallbacks);
                Box::new(plugin.map_err(|_| SealError::NoRecipient)?)
            }
        })
    }
}

impl From<Recipient> for KeyRecipient {
    fn from(key: Recipient) -> Self {
        KeyRecipient { text: key.to_string(), kind: Kind::Age(key) }
    }
}

impl fmt::Debug for KeyRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whatever opens a stream: words, or the private keys of a file.
pub struct OpeningKeys(Vec<Box<dyn age::Identity>>);

impl OpeningKeys {
    /// Takes the words that a file was sealed under.
    pub fn words(words: &Passphrase) -> Self {
        OpeningKeys(vec![Box::new(passphrase_identity(words))])
    }

    /// Reads an age identity file or an OpenSSH private key. `ask` is asked for the passphrase of a locked OpenSSH key, once.
    ///
    /// # Errors
    /// Returns why the keys were not taken.
    pub fn read(text: &str, plugins: bool, ask: &mut dyn FnMut() -> Option<Passphrase>) -> Result<Self, KeyFileError> {
        if text.trim_start().starts_with(PEM) {
            return ssh_identity(text.trim_start(), ask);
        }
        if !plugins && text.lines().any(|line| line.starts_with(PLUGIN_IDENTITY)) {
            return Err(KeyFileError::Plugin);
        }
        let file = age::IdentityFile::from_buffer(text.as_bytes()).map_err(|_| KeyFileError::NotAKey)?;
        let keys = file.into_identities().map_err(|_| KeyFileError::NoPlugin)?;
        let keys: Vec<Box<dyn age::Identity>> = keys.into_iter().map(|key| key as Box<dyn age::Identity>).collect();
        if keys.is_empty() { Err(KeyFileError::NotAKey) } else { Ok(OpeningKeys(keys)) }
    }

    pub(super) fn identities(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|key| &**key as &dyn age::Identity)
    }
}

impl From<&Identity> for OpeningKeys {
    fn from(key: &Identity) -> Self {
        OpeningKeys(vec![Box::new(key.for_age())])
    }
}

impl fmt::Debug for OpeningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

fn ssh_identity(text: &str, ask: &mut dyn FnMut() -> Option<Passphrase>) -> Result<OpeningKeys, KeyFileError> {
    use age::ssh::Identity::{Encrypted, Unencrypted, Unsupported};
    let key = match age::ssh::Identity::from_buffer(text.as_bytes(), None).map_err(|_| KeyFileError::NotAKey)? {
        Unencrypted(key) => key,
        Encrypted(locked) => {
            let passphrase = ask().ok_or(KeyFileError::Locked)?;
            locked.decrypt(passphrase.for_age()).map_err(|_| KeyFileError::Passphrase)?
        }
        Unsupported(_) => return Err(KeyFileError::NotAKey),
    };
    Ok(OpeningKeys(vec![Box::new(age::ssh::Identity::from(key))]))
}
