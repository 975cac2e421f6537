//! Attached files and the chain of custody.

use super::{Citation, Meta, Subject};
use crate::model::value::{Answer, Hash, Key, Line, Ref, Secret, Term, When};

entity! {
    /// One step in the chain of custody; never changed afterwards.
    CustodyEvent as "custody_event" {
        opt at: When, R;
        opt actor: Line, R;
        opt action: Term, R, "custody_action";
        opt recipient: Line, R;
        opt note: Line, R;
        opt retracts: Key, R;
    }
}

entity! {
    /// A sealed piece of an attached file, in order.
    Chunk as "chunk" {
        /// Position from 0.
        req number: u32, R;
        /// Name of the sealed file: SHA-256 of its bytes.
        req name: Hash, R;
    }
}

entity! {
    /// A file kept as evidence, sealed under an identity of its own.
    Evidence as "evidence" {
        req sha256: Hash, R;
        /// Size of the original in bytes.
        req size: u32, R;
        opt file_name: Line, R;
        opt media_type: Line, R;
        opt category: Term, R, "evidence_kind";
        opt captured_at: When, R;
        opt captured_by: Secret, S;
        opt received_from: Secret, S;
        opt received_at: When, R;
        opt relates_to: Ref, R, "incident person detention act trial place official";
        /// Others whom it is about as much.
        many also_about: Subject;
        opt people_visible: Line, R;
        opt faces_blurred: Answer, R;
        opt language: Term, R, "language";
        /// age identity that opens the chunks.
        opt identity: Line, R;
        many chunks: Chunk;
        log custody: CustodyEvent;
        opt detached: When, R;
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}
