//! The ledger of what was given to whom, on what ground, and what came back.

use super::{Citation, Meta};
use crate::model::value::{Code, Hash, Key, Line, Ref, Term, When};

entity! {
    /// A record that a bundle was made about.
    Subject as "subject" {
        req record: Ref, R, "person incident detention trial";
    }
}

entity! {
    /// A ground on which some of it was given.
    Ground as "handover_ground" {
        req basis: Term, R, "handover_basis";
        opt mandate: Ref, R, "mandate";
        opt purpose: Term, R, "consent_purpose";
    }
}

entity! {
    /// One sealed file that was handed over, for one class of recipients.
    HandedFile as "handed_file" {
        req class: Term, R, "recipient_class";
        req sha256: Hash, R;
    }
}

entity! {
    /// An answer that came back; never changed afterwards.
    Reply as "reply" {
        /// As the answer says; nobody vouches for it.
        opt written: When, R;
        opt received: When, R;
        opt kind: Term, R, "reply_kind";
        /// Its own number: the same answer is taken in once.
        opt nonce: Code, R;
        opt retracts: Key, R;
    }
}

entity! {
    /// A bundle that was given to somebody.
    Handover as "handover" {
        req profile: Term, R, "handover_profile";
        opt recipient: Line, R;
        opt given: When, R;
        opt language: Term, R, "language";
        many about: Subject;
        set purposes, R, "consent_purpose";
        opt basis: Term, R, "handover_basis";
        opt mandate: Ref, R, "mandate";
        /// Why it was given before the paper was there, in words.
        opt reason: Line, R;
        opt paper_due: When, R;
        /// Every ground, where people stand on several; `basis` is the weakest of them.
        many grounds: Ground;
        opt bundle: Code, R;
        /// Over the heads of everything that was chosen from.
        opt heads: Hash, R;
        /// Of the file `MANIFEST` within.
        opt manifest: Hash, R;
        /// Public key that signed it, as OpenSSH writes it.
        opt signer: Line, R;
        many files: HandedFile;
        /// age identity that opens answers.
        opt reply_identity: Line, R;
        /// What proves that an answer is by somebody who opened this bundle.
        opt reply_secret: Hash, R;
        log replies: Reply;
        opt note: Line, R;
        many cites: Citation;
        group meta: Meta;
    }
}
