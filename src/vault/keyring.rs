//! The keys of a device: an age identity file with comments, so that stock `age` opens everything in the vault.
//! Bytes: `docs/formats/vault.md`.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::crypto::{Identity, Opened, Recipient, SealError, Sealed, SigningKey, open};
use crate::team::MailboxKeys;

/// Plain size to which every keyring is filled: the number of casebooks does not show.
const FILLED: usize = 16 * 1024;
const FIRST_LINE: &str = "# sandyq keyring 1";

/// What a device does with what it saves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It reads what its keys open.
    #[default]
    Open,
    /// It records for others and never had a key that reads.
    Capture,
    /// Its keys are away until a colleague gives them back.
    Sealed,
}

impl Mode {
    const ALL: [Mode; 3] = [Mode::Open, Mode::Capture, Mode::Sealed];

    /// Returns the word in the keyring.
    pub fn text(self) -> &'static str {
        match self {
            Mode::Open => "open",
            Mode::Capture => "capture",
            Mode::Sealed => "sealed",
        }
    }
}

/// What a device can open and sign with.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// Counts the changes of this keyring; the sealed state repeats it.
    pub generation: u64,
    pub handle: String,
    pub mode: Mode,
    pub signing: SigningKey,
    pub device: Identity,
    /// Opens views and caches.
    pub storage: Identity,
    pub casebooks: Vec<CasebookKeys>,
}

/// The keys of one casebook.
#[derive(Clone, Debug)]
pub struct CasebookKeys {
    pub id: [u8; 32],
    /// None for the vault's own casebook.
    pub name: Option<String>,
    /// Identities by epoch number.
    pub epochs: Vec<(u64, Identity)>,
    /// Recipients of epochs by number, for a device that writes and does not read.
    pub recipients: Vec<(u64, Recipient)>,
    /// Recipient of the source register.
    pub register: Recipient,
    /// Its identity and those of earlier registers, for keepers.
    pub keepers: Vec<Identity>,
    /// Keys of the mailboxes of epochs, by number.
    pub mailboxes: Vec<MailboxKeys>,
}

/// What opened a sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedBy {
    /// The key of an epoch of this casebook: the casebook and the public key of the epoch.
    Casebook([u8; 32], [u8; 32]),
    /// The key of this device.
    Device,
}

impl CasebookKeys {
    /// Begins the keys of a casebook that none is held of yet.
    pub fn of(id: [u8; 32], name: Option<String>, register: Recipient) -> CasebookKeys {
        CasebookKeys { id, name, epochs: Vec::new(), recipients: Vec::new(), register, keepers: Vec::new(), mailboxes: Vec::new() }
    }

    /// Tells whether this device can read the casebook.
    pub fn can_read(&self) -> bool {
        !self.epochs.is_empty()
    }

    /// Returns number and recipient of the newest epoch.
    pub fn newest(&self) -> Option<(u64, Recipient)> {
        let read = self.epochs.iter().map(|(number, key)| (*number, key.recipient()));
        read.chain(self.recipients.iter().cloned()).max_by_key(|(number, _)| *number)
    }
}

impl Keyring {
    /// Opens a sealed file of parcels with any key.
    pub fn open_file(&self, sealed: &Sealed) -> Option<Opened> {
        self.open_with_any(sealed).ok().map(|(opened, _)| opened)
    }

    /// Opens a sealed file of parcels, and tells what opened it.
    ///
    /// # Errors
    /// Returns [`SealError::NoKey`] when no key fits; anything else is no file of parcels.
    pub fn open_with_any(&self, sealed: &Sealed) -> Result<(Opened, OpenedBy), SealError> {
        let limit = crate::parcel::MAX_SEALED as u64;
        for book in self.casebooks.iter().rev().filter(|book| book.can_read()) {
            for (_, key) in book.epochs.iter().rev() {
                match open([key], sealed, limit) {
                    Err(SealError::NoKey) => {}
                    opened => return opened.map(|opened| (opened, OpenedBy::Casebook(book.id, key.recipient().to_bytes()))),
                }
            }
        }
        open([&self.device], sealed, limit).map(|opened| (opened, OpenedBy::Device))
    }

    /// Writes the keyring as an age identity file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(FILLED + 256));
        let seed = Zeroizing::new(hex::encode(*self.signing.seed()));
        let head = format!("{FIRST_LINE}\n# generation {}\n# handle {}\n# signing {}\n", self.generation, self.handle, &*seed);
        text.push_str(&Zeroizing::new(head));
        if self.mode != Mode::Open {
            let _ = writeln!(text, "# mode {}", self.mode.text());
        }
        key_line(&mut text, "device", &self.device);
        key_line(&mut text, "storage", &self.storage);
        for casebook in &self.casebooks {
            let name = serde_json::to_string(&casebook.name).expect("a name is text");
            let _ = writeln!(text, "# casebook {} {name}", hex::encode(casebook.id));
            let _ = writeln!(text, "# register {}", casebook.register);
            for (number, recipient) in &casebook.recipients {
                let _ = writeln!(text, "# recipient {number} {recipient}");
            }
            casebook.mailboxes.iter().for_each(|mailbox| text.push_str(&mailbox.to_lines()));
            casebook.epochs.iter().for_each(|(number, key)| key_line(&mut text, &format!("epoch {number}"), key));
            casebook.keepers.iter().for_each(|key| key_line(&mut text, "keeper", key));
        }
        fill(&mut text);
        text
    }

    /// Reads a keyring; `None` when a line is not as it must be.
    pub fn from_text(text: &str) -> Option<Keyring> {
        let mut lines = text.lines();
        (lines.next()? == FIRST_LINE).then_some(())?;
        let mut read = Reading::default();
        let mut purpose = Vec::new();
        for line in lines {
            match line.strip_prefix("# ") {
                Some(comment) => purpose = read.comment(comment)?,
                None if line.starts_with("AGE-SECRET-KEY-") => read.key(&purpose, line.parse().ok()?)?,
                None if line.is_empty() => {}
                None => return None,
            }
        }
        read.finish()
    }
}

fn key_line(text: &mut String, purpose: &str, key: &Identity) {
    let _ = writeln!(text, "# {purpose}");
    text.push_str(&key.secret_text());
    text.push('\n');
}

/// Fills with a comment up to the next multiple of the fixed size.
fn fill(text: &mut String) {
    text.push_str("# filler ");
    let size = (text.len() + 1).next_multiple_of(FILLED);
    let missing = size - text.len() - 1;
    text.extend(std::iter::repeat_n('.', missing));
    text.push('\n');
}

#[derive(Default)]
struct Reading {
    generation: Option<u64>,
    handle: Option<String>,
    mode: Mode,
    signing: Option<SigningKey>,
    device: Option<Identity>,
    storage: Option<Identity>,
    casebooks: Vec<CasebookKeys>,
    opened: Option<([u8; 32], Option<String>)>,
}

impl Reading {
    /// Takes a comment; what it says about the key that follows is returned.
    fn comment(&mut self, comment: &str) -> Option<Vec<String>> {
        let (word, rest) = comment.split_once(' ').unwrap_or((comment, ""));
        match word {
            "generation" => self.generation = Some(rest.parse().ok()?),
            "handle" => self.handle = Some(rest.to_owned()),
            "mode" => self.mode = Mode::ALL.into_iter().find(|mode| mode.text() == rest)?,
            "signing" => self.signing = Some(SigningKey::from_seed(&Zeroizing::new(hex::decode(rest).ok()?.try_into().ok()?))),
            "casebook" => {
                let (id, name) = rest.split_once(' ')?;
                self.opened = Some((hex::decode(id).ok()?.try_into().ok()?, serde_json::from_str(name).ok()?));
            }
            "register" => {
                let (id, name) = self.opened.take()?;
                self.casebooks.push(CasebookKeys::of(id, name, rest.parse().ok()?));
            }
            "recipient" => {
                let (number, recipient) = rest.split_once(' ')?;
                self.casebooks.last_mut()?.recipients.push((number.parse().ok()?, recipient.parse().ok()?));
            }
            "mailbox" => MailboxKeys::take_line(&mut self.casebooks.last_mut()?.mailboxes, &rest.split(' ').collect::<Vec<_>>())?,
            _ => {}
        }
        Some(comment.split(' ').map(str::to_owned).collect())
    }

    fn key(&mut self, purpose: &[String], key: Identity) -> Option<()> {
        let words: Vec<&str> = purpose.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["device"] => self.device = Some(key),
            ["storage"] => self.storage = Some(key),
            ["epoch", number] => self.casebooks.last_mut()?.epochs.push((number.parse().ok()?, key)),
            ["keeper"] => self.casebooks.last_mut()?.keepers.push(key),
            _ => {}
        }
        Some(())
    }

    fn finish(self) -> Option<Keyring> {
        Some(Keyring {
            generation: self.generation?,
            handle: self.handle?,
            mode: self.mode,
            signing: self.signing?,
            device: self.device?,
            storage: self.storage?,
            casebooks: self.casebooks,
        })
    }
}
