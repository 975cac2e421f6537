//! The text of keys that a genesis, a welcome or a keys file carries: an age identity file with comments, so that stock
//! `age -d -i` takes it as it is.

use std::fmt;

use zeroize::Zeroizing;

use super::mailbox::MailboxKeys;
use super::operation::{MAX_INTEGER, is_recipient};
use crate::crypto::Identity;

/// Most bytes of a keys text.
pub const MAX_KEYS: usize = 256 * 1024;
/// Comment above the identity of the source register.
const KEEPER: &str = "# keeper";
/// First part of the comment above the identity of an epoch; its number follows.
const EPOCH: &str = "# epoch ";

/// Keys of a casebook. Which of them are there depends on for whom the text is.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeysText {
    /// Numbers and identities of epochs, `AGE-SECRET-KEY-1…`.
    pub epochs: Vec<(u64, Zeroizing<String>)>,
    /// Numbers and recipients of epochs, for whom may write and not read.
    pub recipients: Vec<(u64, String)>,
    /// Recipient of the source register.
    pub register: Option<String>,
    /// Identities of the source register, the newest last.
    pub keepers: Vec<Zeroizing<String>>,
    /// Keys of the mailboxes of epochs.
    pub mailboxes: Vec<MailboxKeys>,
}

impl KeysText {
    /// Writes the text.
    pub fn to_text(&self) -> Zeroizing<String> {
        let epochs = self.epochs.iter().map(|(number, secret)| format!("# epoch {number}\n{}\n", secret.as_str()));
        let keeper = self.keepers.iter().map(|secret| format!("{KEEPER}\n{}\n", secret.as_str()));
        let recipients = self.recipients.iter().map(|(number, recipient)| format!("# recipient {number} {recipient}\n"));
        let register = self.register.iter().map(|recipient| format!("# register {recipient}\n"));
        let mailboxes = self.mailboxes.iter().map(|mailbox| mailbox.to_lines().to_string());
        Zeroizing::new(epochs.chain(keeper).chain(recipients).chain(register).chain(mailboxes).collect())
    }

    /// Reads a text. Comments that this version does not know are passed over; `None` when it is too long, when an identity
    /// stands under no comment that says whose it is, or when a known line is misshapen or stands twice.
    pub fn from_text(text: &str) -> Option<KeysText> {
        if text.len() > MAX_KEYS {
            return None;
        }
        let (mut keys, mut above) = (KeysText::default(), "");
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line.starts_with('#') {
                keys.take_comment(line)?;
                above = if line == KEEPER || line.starts_with(EPOCH) { line } else { above };
            } else {
                keys.take_identity(std::mem::take(&mut above), line)?;
            }
        }
        Some(keys)
    }

    fn take_comment(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["#", "recipient", number, recipient] => {
                let number = number_of(number).filter(|number| self.recipients.iter().all(|known| known.0 != *number || known.1 != recipient))?;
                self.recipients.push((number, Some(recipient).filter(|text| is_recipient(text))?.to_owned()));
            }
            ["#", "register", recipient] if self.register.is_none() && is_recipient(recipient) => self.register = Some(recipient.to_owned()),
            ["#", "mailbox", ref mailbox @ ..] => MailboxKeys::take_line(&mut self.mailboxes, mailbox)?,
            ["#", "recipient" | "register", ..] => return None,
            _ => {}
        }
        Some(())
    }

    fn take_identity(&mut self, above: &str, line: &str) -> Option<()> {
        let secret = Zeroizing::new(line.to_owned());
        line.parse::<Identity>().ok()?;
        if above == KEEPER {
            let known = self.keepers.contains(&secret);
            self.keepers.push(secret);
            return (!known).then_some(());
        }
        let number = number_of(above.strip_prefix(EPOCH)?)?;
        let known = self.epochs.contains(&(number, secret.clone()));
        self.epochs.push((number, secret));
        (!known).then_some(())
    }
}

/// A number in the one form that is written.
pub(super) fn number_of(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| *number < MAX_INTEGER && number.to_string() == text)
}

impl fmt::Debug for KeysText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeysText({} epochs, {} recipients)", self.epochs.len(), self.recipients.len())
    }
}
