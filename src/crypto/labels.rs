//! Every label under which something is hashed, signed or derived: one purpose each, with a version.
//! What a mailbox key signs has none here: the text of a request begins with one of its own (`wire::claim`).

/// Signature over the header of a parcel.
pub const PARCEL_SIGNATURE: &str = "sandyq parcel header signature v1";
/// Name of a parcel: hash of its header.
pub const PARCEL_HEADER: &str = "sandyq parcel header v1";
/// Automerge actor of a parcel.
pub const ACTOR: &str = "sandyq automerge actor v1";
/// Id of a casebook: hash of its genesis operation.
pub const CASEBOOK: &str = "sandyq casebook id v1";
/// Name of a membership operation.
pub const OPERATION: &str = "sandyq membership operation v1";
/// Self-signature of a badge.
pub const BADGE_SIGNATURE: &str = "sandyq badge signature v1";
/// Signing key of a recovery key.
pub const RECOVERY_SIGNING: &str = "sandyq recovery signing key v1";
/// age identity of a recovery key.
pub const RECOVERY_IDENTITY: &str = "sandyq recovery age identity v1";
/// Check word of recovery words.
pub const RECOVERY_CHECK: &str = "sandyq recovery words check v1";
/// Salt of what people compare by voice, one for each label.
pub const SAFETY_SALT: &str = "sandyq safety salt v1";
/// Safety words of a device, over the line of its badge.
pub const BADGE_SAFETY: &str = "sandyq badge safety words v1";
/// Safety words of a casebook, over its id.
pub const CASEBOOK_SAFETY: &str = "sandyq casebook safety words v1";
/// Id of a separate copy of a record: over the record and the newest changes that stand behind others.
pub const SEPARATE_COPY: &str = "sandyq separate copy of a record v1";
/// Safety words of a relay, over the hash of its key.
pub const RELAY_SAFETY: &str = "sandyq relay safety words v1";
/// What a roll says of the mailbox of its epoch: a hash over the mailbox's id.
pub const MAILBOX_COMMITMENT: &str = "sandyq mailbox commitment v1";
/// TLS key of a room, from the write key of a mailbox and the room's number.
pub const ROOM_TLS: &str = "sandyq room TLS key v1";
/// Owner key of a room's mailbox.
pub const ROOM_OWNER: &str = "sandyq room owner key v1";
/// Write key of a room's mailbox.
pub const ROOM_WRITE: &str = "sandyq room write key v1";
/// Read key of a room's mailbox.
pub const ROOM_READ: &str = "sandyq room read key v1";
/// Handover key of a device for one casebook.
pub const HANDOVER_KEY: &str = "sandyq handover key v1";
/// What people compare of a handover key, over its public half.
pub const HANDOVER_SIGNER: &str = "sandyq handover signer v1";
/// Id of a bundle.
pub const BUNDLE_ID: &str = "sandyq bundle id v1";
/// Key of the pseudonyms of a bundle.
pub const BUNDLE_PSEUDONYMS: &str = "sandyq bundle pseudonyms v1";
/// age identity that opens answers to a bundle.
pub const REPLY_IDENTITY: &str = "sandyq bundle reply identity v1";
/// Secret that answers to a bundle are marked with.
pub const REPLY_SECRET: &str = "sandyq bundle reply secret v1";
