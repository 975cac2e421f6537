//! Whom it happened to.

use super::{Citation, Contact, Meta};
use crate::model::value::{Age, Answer, Code, Key, Line, PlaceRef, Ref, Term, When};

entity! {
    /// A name as heard or printed, in its own letters; never normalised in place.
    NameForm as "name_form" {
        req text: Line, R;
        opt script: Term, R, "script";
        opt language: Term, R, "language";
        opt kind: Term, R, "name_kind";
        opt source: Code, R;
        /// A remark on the form itself, e.g. a misprint of the publication.
        opt remark: Line, R;
        many cites: Citation;
    }
}

entity! {
    /// A judgement on whether two person records are the same human being; kept under the other's id.
    IdentityLink as "identity_link" {
        opt other: Ref, R, "person";
        opt verdict: Term, R, "link_verdict";
        opt reason: Line, R;
        opt decided: When, R;
        opt by: Line, R;
        opt retracts: Key, R;
    }
}

entity! {
    /// A person (HURIDOCS Person), or a group not yet told apart.
    Person as "person" {
        opt code: Code, R;
        many names: NameForm;
        opt counting_unit: Term, P, "counting_unit";
        /// How many people a group stands for.
        opt group_size: u32, P;
        /// The group this person was counted in before.
        opt from_group: Ref, P, "person";
        opt sex: Term, P, "sex";
        opt age: Age, R;
        opt citizenship: Line, R;
        opt registration: Line, R;
        set languages, R, "language";
        opt needs_interpreter: Answer, R;
        opt id_document: Line, R;
        set roles, R, "role";
        opt occupation: Line, R;
        set vulnerability, R, "vulnerability";
        opt affiliation: Line, R;
        many contacts: Contact;
        opt identity_status: Term, R, "identity_status";
        /// True when the source hides the name on purpose.
        opt pseudonymous: bool, R;
        opt home: PlaceRef, R;
        log links: IdentityLink;
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}
