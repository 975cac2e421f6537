//! The source register: who said it. Other records know a source by its opaque code alone.

use super::Meta;
use crate::model::value::{Code, Line, Secret, Term, When};

entity! {
    /// How to reach somebody who could be harmed by being found here.
    Contact as "contact" {
        opt who: Secret, S;
        opt reach: Secret, S;
        opt relation: Term, R, "told_by";
    }
}

entity! {
    /// A person or organisation that gave information (HURIDOCS Information).
    Source as "source" {
        /// Opaque code by which other records point here.
        req code: Code, R;
        opt name: Secret, S;
        many contacts: Contact;
        opt connection: Term, R, "told_by";
        opt material: Term, R, "source_material";
        opt language: Term, R, "language";
        opt date: When, R;
        opt reliability: Term, R, "reliability";
        opt credibility: Term, R, "credibility";
        opt channel: Term, R, "source_channel";
        opt risk: Secret, S;
        opt protect_level: Term, R, "protect_level";
        opt note: Line, R;
        group meta: Meta;
    }
}
