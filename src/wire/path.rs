//! Paths, made by the client and matched by the server.

use super::{FileName, MailboxId};

pub const NONCE: &str = "/v1/nonce";
/// Patterns in the form of the server's router.
pub const MAILBOX_PATTERN: &str = "/v1/mailboxes/{mailbox}";
pub const FILES_PATTERN: &str = "/v1/mailboxes/{mailbox}/files";
pub const FILE_PATTERN: &str = "/v1/mailboxes/{mailbox}/files/{file}";
pub const FREEZE_PATTERN: &str = "/v1/mailboxes/{mailbox}/freeze";
pub const NOTICE_PATTERN: &str = "/v1/mailboxes/{mailbox}/notice";

/// Create (`PUT`) or delete (`DELETE`) a mailbox.
pub fn mailbox(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}")
}

/// List (`GET`) what came after a number.
pub fn list(mailbox: &MailboxId, after: u64, limit: u64) -> String {
    format!("/v1/mailboxes/{mailbox}/files?after={after}&limit={limit}")
}

/// Put (`PUT`) or get (`GET`) a file.
pub fn file(mailbox: &MailboxId, file: &FileName) -> String {
    format!("/v1/mailboxes/{mailbox}/files/{file}")
}

/// Freeze (`PUT`) a mailbox; the body is the notice.
pub fn freeze(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}/freeze")
}

/// Get (`GET`) the notice of a frozen mailbox.
pub fn notice(mailbox: &MailboxId) -> String {
    format!("/v1/mailboxes/{mailbox}/notice")
}
