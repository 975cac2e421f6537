//! What every record carries besides its facts: where it came from, open questions, and decisions on disagreements.

use crate::model::value::{Code, Key, Line, ProvisionRef, Ref, Term, When};

entity! {
    /// A place in a publication that a record or figure rests on.
    Citation as "citation" {
        req publication: Ref, P, "publication";
        /// Page, paragraph or article, as the publication numbers them.
        opt at: Line, P;
    }
}

entity! {
    /// A decision on a contested value: the voices stay, this says which one stands and why.
    ///
    /// `about` is the path of the value (`status` for the current status of a detention); `chosen` and `over` are the
    /// ids of its voices. It holds while the voices are exactly these; retracting it brings all of them back.
    Verdict as "verdict" {
        opt about: Line, R;
        opt chosen: Code, R;
        set over, R, "";
        opt reason: Line, R;
        opt decided: When, R;
        opt by: Line, R;
        /// The earlier decision that this entry takes back.
        opt retracts: Key, R;
    }
}

entity! {
    /// An open question about a record or one of its values.
    Query as "query" {
        req question: Line, R;
        opt about: Line, R;
        opt status: Term, R, "query_status";
        /// What the question concerns besides this record.
        opt other: Ref, R, "incident person detention act trial place official evidence publication figure";
        /// A provision as printed, and as it should read.
        opt printed: ProvisionRef, R;
        opt corrected: ProvisionRef, R;
        /// How contradicting statements are to be kept.
        opt rule: Line, R;
    }
}

entity! {
    /// Care data of a record.
    Meta as "meta" {
        /// Id under which an importer knew the record.
        opt origin: Code, R;
        /// The full record that this one continues.
        opt continues: Ref, R, "incident person detention act trial place official evidence source consent mandate action decision publication figure term handover";
        /// The record that this one corrects.
        opt corrects: Ref, R, "incident person detention act trial place official evidence source consent mandate action decision publication figure term handover";
        /// Recorded by mistake, as its author says; kept, shown so, counted nowhere.
        opt withdrawn: bool, R;
        /// A stricter class than the fields have by themselves.
        opt privacy: Term, P, "privacy";
        log verdicts: Verdict;
        many queries: Query;
    }
}
