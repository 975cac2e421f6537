//! What one can do with an open vault. One file per subject; each method is one thing a person wants done.

mod answers;
mod aside;
mod attach;
mod copying;
mod exchange;
mod handing_over;
mod holding;
mod ledger;
mod note;
mod older;
mod overview;
mod rally;
mod read;
mod relaying;
mod removing;
#[cfg(feature = "lan")]
mod rooms;
mod sealing;
mod statements;
mod sync;
mod team;
mod whole;
mod write;

pub use crate::model::short;
pub use answers::{FittingAnswer, Holding, code as answer_code};
pub use aside::{Adopted, AsideReading, AsideRow, Choice, Decided, Decision};
pub use attach::{Attached, MAX_ATTACHMENT};
pub use exchange::{Exported, Imported};
pub use handing_over::{HandedFile, HandedOver, HandoverAsked, Prepared};
pub use holding::{Age, BookHeld, Holder, WipeCheck};
pub use note::{NoteContext, Noted};
pub use overview::Overview;
pub use read::Shown;
pub use relaying::{RelayRow, Relayed};
pub use removing::{Lost, Lowered, Old, Renewed, StillReads};
pub use sealing::Blind;
pub use statements::{Conflict, StepAsked};
pub use sync::{Aside, Pending, Sender, Synced};
pub use team::{Admitted, Joined, MemberRow, TeamPack};

pub use crate::team::{Badge, Role};
pub use crate::vault::{Mode, Uncounted};

use crate::crypto::{Passphrase, SAFETY_LOG_N};
use crate::doc::{MAX_CHANGES, MAX_OPS};
use crate::error::Error;
use crate::sys::chance::Chance;
use crate::sys::clock::{Clock, Wall};
use crate::vault::{Vault, View};

/// An open vault with one casebook chosen, a clock and a source of chance.
pub struct Session {
    vault: Vault,
    view: Option<View>,
    casebook: [u8; 32],
    clock: Box<dyn Clock>,
    chance: Box<dyn Chance>,
    /// Operations and changes that fill a record.
    caps: (u64, u64),
    /// Work behind safety words (log2 N).
    safety_log_n: u8,
    /// What quick entry knows where nothing of it may be written down.
    quick: note::Quick,
}

impl Session {
    /// Opens the vault in a folder and chooses a casebook.
    ///
    /// # Errors
    /// Returns why the vault does not open, or that the casebook is not clear.
    pub fn open(
        folder: &std::path::Path,
        passphrase: &Passphrase,
        casebook: Option<&str>,
        clock: Box<dyn Clock>,
        chance: Box<dyn Chance>,
    ) -> Result<Self, Error> {
        Self::with(Vault::open(folder, passphrase)?, casebook, clock, chance)
    }

    /// Goes on with a vault that is open already.
    ///
    /// # Errors
    /// Returns that the casebook is not clear.
    pub fn with(vault: Vault, casebook: Option<&str>, clock: Box<dyn Clock>, chance: Box<dyn Chance>) -> Result<Self, Error> {
        let casebook = vault.casebook(casebook)?.id;
        Ok(Session { vault, view: None, casebook, clock, chance, caps: (MAX_OPS, MAX_CHANGES), safety_log_n: SAFETY_LOG_N, quick: note::Quick::default() })
    }

    /// Returns the vault.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Returns the vault, to examine or care for it.
    pub fn vault_mut(&mut self) -> &mut Vault {
        self.view = None;
        &mut self.vault
    }

    /// Returns the name of the chosen casebook; none for the vault's own.
    pub fn casebook_name(&self) -> Option<&str> {
        self.vault.keyring().casebooks.iter().find(|book| book.id == self.casebook).and_then(|book| book.name.as_deref())
    }

    /// Returns the present moment by this session's clock.
    pub fn now(&self) -> Wall {
        self.clock.now()
    }

    /// Sets how many operations or changes fill a record; tests fill one quickly.
    pub fn set_caps(&mut self, operations: u64, changes: u64) {
        self.caps = (operations, changes);
    }

    /// Draws a key for a repeated entry.
    pub fn fresh_key(&mut self) -> crate::model::value::Key {
        write::new_key(&mut *self.chance)
    }

    /// Opens the view when it is not open yet.
    fn load(&mut self) -> Result<&View, Error> {
        if self.view.is_none() {
            self.view = Some(self.vault.view()?);
        }
        Ok(self.view.as_ref().expect("opened just now"))
    }

    fn parts(&mut self) -> Result<(&Vault, &View), Error> {
        self.load()?;
        Ok((&self.vault, self.view.as_ref().expect("opened just now")))
    }
}
