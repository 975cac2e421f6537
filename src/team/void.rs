//! Why an operation of the log has no effect.

use super::operation::OperationId;

/// Why an operation has no effect. It stays in the log and is shown with this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Void {
    /// Nobody let its author in.
    AuthorUnknown,
    /// Its author was a member whose role does not allow it.
    AuthorWithoutRight,
    /// Its author was removed before, or at the same time by somebody who did not know it.
    AuthorRemoved { by: OperationId },
    /// Its author lost the right at the same time.
    AuthorDemoted { by: OperationId },
    /// Its author had the right from an operation that is void itself.
    AuthorUnfounded,
    /// It names an invitation that nobody made.
    InviteUnknown,
    /// The invitation was used as often as it allows.
    InviteUsedUp,
    /// The invitation was over: its time, or its key was removed.
    InviteEnded,
    /// An invitation lets in no device that the log already knows.
    AlreadyAdded,
}

impl Void {
    /// Returns the stable code.
    pub fn code(self) -> &'static str {
        match self {
            Void::AuthorUnknown => "author-unknown",
            Void::AuthorWithoutRight => "author-without-right",
            Void::AuthorRemoved { .. } => "author-removed",
            Void::AuthorDemoted { .. } => "author-demoted",
            Void::AuthorUnfounded => "author-unfounded",
            Void::InviteUnknown => "invite-unknown",
            Void::InviteUsedUp => "invite-used-up",
            Void::InviteEnded => "invite-ended",
            Void::AlreadyAdded => "already-added",
        }
    }
}
