//! What every command starts from: texts, the vault's folder, how the passphrase comes.

use std::path::{Path, PathBuf};

use super::terminal;
use crate::crypto::Passphrase;
use crate::error::Error;
use crate::locale::Texts;
use crate::session::{Mode, Session};
use crate::sys::chance::SystemChance;
use crate::sys::clock::Clock;
use crate::sys::{disk, env};
use crate::vault::{Notice, Vault, VaultError};

/// Longest passphrase file in bytes.
const MAX_PASSPHRASE: u64 = 4096;

/// The surroundings of a command.
pub struct Context {
    pub texts: Texts,
    pub json: bool,
    pub folder: PathBuf,
    pub casebook: Option<String>,
    passphrase_file: Option<PathBuf>,
    /// Whether the language was asked for, rather than guessed from the system.
    pub lang_given: bool,
    /// Whether the command works on a device that opens nothing of the casebook.
    pub works_unread: bool,
    /// What the device that was opened does with what it saves.
    pub mode: Mode,
}

impl Context {
    /// Gathers the surroundings.
    ///
    /// # Errors
    /// Returns [`Error::Clock`] for a clock setting that is no moment.
    pub fn new(vault: Option<PathBuf>, casebook: Option<String>, json: bool, lang: Option<String>, passphrase_file: Option<PathBuf>) -> Result<Context, Error> {
        env::clock().map_err(|_| Error::Clock)?;
        let folder = vault.or_else(env::vault).or_else(|| env::home().map(|home| home.join(".sandyq"))).unwrap_or_else(|| PathBuf::from(".sandyq"));
        let lang_given = lang.is_some();
        let tag = lang.or_else(env::language).unwrap_or_else(|| "en".into());
        Ok(Context { texts: Texts::new(&tag), json, folder, casebook, passphrase_file, lang_given, works_unread: true, mode: Mode::Open })
    }

    /// Returns the clock.
    ///
    /// # Errors
    /// Returns [`Error::Clock`].
    pub fn clock(&self) -> Result<Box<dyn Clock>, Error> {
        env::clock().map_err(|_| Error::Clock)
    }

    /// Opens the vault, and speaks its language unless another was asked for.
    ///
    /// # Errors
    /// Returns why it does not open.
    pub fn open(&mut self) -> Result<Session, Error> {
        if !crate::vault::exists(&self.folder) {
            return Err(crate::vault::VaultError::Absent.into());
        }
        let passphrase = self.passphrase("ask-passphrase")?;
        self.open_with(&passphrase)
    }

    /// Opens the vault with a passphrase that is needed again, for keys that come.
    ///
    /// # Errors
    /// Returns why it does not open.
    pub fn open_with(&mut self, passphrase: &Passphrase) -> Result<Session, Error> {
        let vault = Vault::open(&self.folder, passphrase)?;
        let mut session = self.opened(vault)?;
        if session.seal_is_due() {
            self.seal_as_set(&mut session, passphrase);
        }
        self.mode = session.mode();
        if session.reads() || self.works_unread { Ok(session) } else { Err(VaultError::Unread.into()) }
    }

    /// Seals a device as its owner set it, and says so. One that nobody could open again stays as it is.
    pub fn seal_as_set(&mut self, session: &mut Session, passphrase: &Passphrase) {
        match session.seal_as_set(passphrase) {
            Ok(()) => terminal::tell(&self.texts.get("sealed-by-itself")),
            Err(error) => drop(terminal::failed(&self.texts, &error, session.mode())),
        }
        self.mode = session.mode();
    }

    /// Opens the vault at the casebook that is shared with others, also before this device reads it.
    ///
    /// # Errors
    /// Returns why it does not open.
    pub fn open_shared(&mut self, passphrase: &Passphrase) -> Result<Session, Error> {
        let mut session = self.open_with(passphrase)?;
        if self.casebook.is_none() {
            session.turn_to_shared();
        }
        Ok(session)
    }

    /// Goes on with an open vault.
    ///
    /// # Errors
    /// Returns that the casebook is not clear.
    pub fn opened(&mut self, vault: Vault) -> Result<Session, Error> {
        if !self.lang_given && !vault.state().lang.is_empty() {
            self.texts = Texts::new(&vault.state().lang);
        }
        self.tell_notices(vault.notices());
        self.mode = vault.mode();
        Session::with(vault, self.casebook.as_deref(), self.clock()?, Box::new(SystemChance))
    }

    /// Says what was noticed and mended.
    pub fn tell_notices(&self, notices: &[Notice]) {
        for notice in notices {
            let code = match notice {
                Notice::KeyringMended => "notice-keyring-mended",
                Notice::ViewMended => "notice-view-mended",
                Notice::OldKeyring => "notice-old-keyring",
            };
            terminal::tell(&self.texts.get(code));
        }
    }

    /// Returns the passphrase: from the file named, else from the terminal.
    ///
    /// # Errors
    /// Returns [`Error::File`] or [`Error::NoTerminal`].
    pub fn passphrase(&self, question: &str) -> Result<Passphrase, Error> {
        self.secret_text(None, question).map(Passphrase::new)
    }

    /// Returns a secret as it was written: from `file`, else from the passphrase file, else from the terminal.
    ///
    /// # Errors
    /// As [`Context::passphrase`].
    pub fn secret_text(&self, file: Option<&Path>, question: &str) -> Result<String, Error> {
        match file.or(self.passphrase_file.as_deref()) {
            Some(path) => Ok(text_in(path, MAX_PASSPHRASE)?.lines().next().unwrap_or_default().to_owned()),
            None => terminal::ask_secret(&self.texts.get(question)),
        }
    }

    /// Tells whether the passphrase comes from a file.
    pub fn passphrase_from_file(&self) -> bool {
        self.passphrase_file.is_some()
    }
}

/// Reads a text file of at most so many bytes, without the mark that some editors put before it.
///
/// # Errors
/// Returns [`Error::File`] or [`Error::NotUtf8`].
pub fn text_in(path: &Path, limit: u64) -> Result<zeroize::Zeroizing<String>, Error> {
    let bytes = disk::read_limited(path, limit).map_err(Error::File)?;
    let text = String::from_utf8(bytes).map_err(|error| Error::NotUtf8 { at: error.utf8_error().valid_up_to() })?;
    let text = zeroize::Zeroizing::new(text);
    Ok(zeroize::Zeroizing::new(text.trim_start_matches('\u{feff}').to_owned()))
}
