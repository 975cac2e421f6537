//! What may be cited, and words a casebook adds to its vocabularies.

use super::Meta;
use crate::model::value::{Code, Hash, Line, Term, When};

entity! {
    /// A published text; it may be cited, and is never a person source.
    Publication as "publication" {
        req title: Line, P;
        opt author: Line, P;
        opt outlet: Line, P;
        opt published: When, P;
        opt seen: When, P;
        opt address: Line, P;
        opt language: Term, P, "language";
        opt place: Line, P;
        opt saved_copy: Hash, P;
        group meta: Meta;
    }
}

entity! {
    /// A term that this casebook adds to a vocabulary.
    Vocable as "term" {
        req vocabulary: Code, P;
        req code: Code, P;
        opt kk: Line, P;
        opt ru: Line, P;
        opt en: Line, P;
        group meta: Meta;
    }
}
