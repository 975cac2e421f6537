//! Any other violation (HURIDOCS Act) and who was involved in it.

use super::{Citation, Meta};
use crate::model::value::{Answer, Hash, Line, PlaceRef, Ref, Term, When};

entity! {
    /// An injury as somebody saw it.
    Injury as "injury" {
        opt body_part: Term, R, "body_part";
        opt side: Term, R, "body_side";
        opt kind: Term, R, "injury_type";
        /// Longest extent in millimetres.
        opt size_mm: u32, R;
        opt colour: Line, R;
        opt seen: When, R;
        opt photo: Hash, R;
    }
}

entity! {
    /// A medical examination and what it found (Istanbul Protocol 2022 levels).
    MedicalFinding as "medical_finding" {
        opt examined_at: When, R;
        opt by: Line, R;
        opt setting: Term, R, "medical_setting";
        opt alone_with_doctor: Answer, R;
        opt finding: Line, R;
        opt consistency: Term, R, "ip_level";
    }
}

entity! {
    /// Who took part, and how far (HURIDOCS Involvement).
    Involvement as "involvement" {
        opt official: Ref, R, "official";
        opt description: Line, R;
        opt degree: Term, R, "involvement_degree";
        opt perpetrator_type: Term, R, "perpetrator_type";
        opt last_status: Term, R, "perpetrator_status";
    }
}

entity! {
    /// An act against a victim.
    Act as "act" {
        opt victim: Ref, R, "person";
        opt incident: Ref, R, "incident";
        opt detention: Ref, R, "detention";
        /// The act type is in terms of HURIDOCS MT 4 where one exists.
        req category: Term, R, "act_type";
        opt happened: When, R;
        opt place: PlaceRef, R;
        set methods, R, "method";
        opt object: Line, R;
        set purposes, R, "purpose";
        opt statements_signed: Term, R, "statements_signed";
        many injuries: Injury;
        many medical: MedicalFinding;
        opt authority_reaction: Term, P, "authority_reaction";
        set affected_rights, R, "affected_right";
        opt verification: Term, R, "verification";
        many involvements: Involvement;
        opt torture_allegation_may_be_sent: Answer, R;
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}
