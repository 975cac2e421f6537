//! What people allowed, whom they empowered, what was done for them, and what bodies decided.

use super::{Citation, Meta};
use crate::model::value::{Answer, Key, Line, Money, PlaceRef, Ref, Term, When};

entity! {
    /// One statement of consent or withdrawal; a later one stands beside it, none is overwritten.
    ConsentStatement as "consent_statement" {
        opt stated: When, R;
        opt given_by: Term, R, "consent_given_by";
        opt how: Term, R, "consent_how";
        opt language: Term, R, "language";
        map purposes: Answer, R, "consent_purpose";
        opt torture_allegation_may_be_sent: Answer, R;
        opt conditions: Line, R;
        opt expires: When, R;
        opt withdrawn: bool, R;
        opt note: Line, R;
        opt retracts: Key, R;
    }
}

entity! {
    /// The consents of one person, purpose by purpose.
    Consent as "consent" {
        req subject: Ref, R, "person";
        log statements: ConsentStatement;
        many cites: Citation;
        group meta: Meta;
    }
}

entity! {
    /// A power of attorney.
    Mandate as "mandate" {
        req principal: Ref, R, "person";
        opt agent: Line, R;
        set scope, R, "mandate_scope";
        opt signed_at: When, R;
        opt place_signed: PlaceRef, R;
        opt signed_by: Term, R, "signed_by";
        opt document: Ref, R, "evidence";
        opt valid_from: When, R;
        opt valid_to: When, R;
        opt revoked_at: When, R;
        many cites: Citation;
        group meta: Meta;
    }
}

entity! {
    /// Something done, or to be done, for a person (HURIDOCS Intervention).
    Action as "action" {
        req category: Term, R, "action_type";
        opt person: Ref, R, "person";
        opt detention: Ref, R, "detention";
        opt trial: Ref, R, "trial";
        opt requested_party: Line, R;
        opt happened: When, R;
        opt by: Line, R;
        opt status: Term, R, "action_status";
        opt response: Term, R, "action_response";
        opt priority: Term, R, "priority";
        opt due: When, R;
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}

entity! {
    /// What was said or done after a decision, dated.
    FollowUp as "follow_up" {
        opt at: When, P;
        opt statement: Line, P;
        opt verdict: Term, P, "follow_up_verdict";
        many cites: Citation;
        opt retracts: Key, P;
    }
}

entity! {
    /// A decision, opinion or recommendation and what became of it.
    Decision as "decision" {
        req body: Term, P, "decision_body";
        opt document_no: Line, P;
        opt decided: When, P;
        opt person: Ref, R, "person";
        opt trial: Ref, R, "trial";
        opt subject: Line, P;
        opt asked: Line, P;
        opt deadline: When, P;
        opt amount: Money, P;
        log follow_ups: FollowUp;
        many cites: Citation;
        group meta: Meta;
    }
}
