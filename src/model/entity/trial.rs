//! A proceeding with its charges, hearings, what observers saw in each, and what was decided for whom.

use super::{Citation, Meta};
use crate::model::value::{Answer, Length, Line, Money, PlaceRef, ProvisionRef, Ref, Term, When};

entity! {
    /// Somebody in the proceeding.
    Party as "party" {
        opt person: Ref, R, "person";
        opt label: Line, R;
        opt capacity: Line, P;
    }
}

entity! {
    /// A charge over a stretch of time; a reclassification is a new one.
    Charge as "charge" {
        opt person: Ref, R, "person";
        opt provision: ProvisionRef, P;
        opt offence: Line, P;
        opt from: When, P;
        opt to: When, P;
        opt status: Term, P, "charge_status";
    }
}

entity! {
    /// One part of a sentence or measure.
    SentencePart as "sentence_part" {
        req kind: Term, P, "sentence_part";
        opt term: Length, P;
        opt amount: Money, P;
        opt what: Line, P;
    }
}

entity! {
    /// The accused-related half of a hearing card, one for each accused.
    AccusedChecks as "accused_checks" {
        opt person: Ref, R, "person";
        opt label: Line, R;
        map checks: Answer, R, "hearing_item";
    }
}

entity! {
    /// A line of what was said, under a speaker code.
    Speech as "speech" {
        opt at: When, R;
        opt speaker: Term, R, "speaker";
        req words: Line, R;
    }
}

entity! {
    /// What one observer saw of one hearing. A second observer is a second observation.
    Observation as "observation" {
        req observer: Line, R;
        req basis: Term, P, "observation_basis";
        opt notes_origin: Term, R, "notes_origin";
        /// Number of the paper card.
        opt card: Line, R;
        map checks: Answer, R, "hearing_item";
        many accused: AccusedChecks;
        many speeches: Speech;
        text narrative, R;
    }
}

entity! {
    /// One hearing; its delay is derived from the scheduled time.
    Hearing as "hearing" {
        opt number: Line, P;
        opt scheduled_for: When, P;
        opt starts: When, P;
        opt ends: When, P;
        opt kind: Term, P, "hearing_type";
        opt place: PlaceRef, P;
        opt openness: Term, P, "openness";
        opt closed_reason: Line, P;
        many observations: Observation;
        many cites: Citation;
    }
}

entity! {
    /// What an instance decided for a person.
    Outcome as "outcome" {
        opt person: Ref, R, "person";
        opt about: Line, P;
        opt instance: Line, P;
        opt decided: When, P;
        many parts: SentencePart;
        many cites: Citation;
    }
}

entity! {
    /// A proceeding before a court, an authority or a treaty body.
    Trial as "trial" {
        req category: Term, P, "proceeding_kind";
        opt title: Line, R;
        opt case_no: Line, P;
        opt court: Line, P;
        opt court_place: PlaceRef, P;
        opt began: When, P;
        opt ended: When, P;
        opt judges: Line, P;
        opt prosecutors: Line, P;
        opt defence: Line, R;
        many parties: Party;
        many charges: Charge;
        set languages, P, "language";
        opt jury: Answer, P;
        opt classified_material: Answer, P;
        many hearings: Hearing;
        many outcomes: Outcome;
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}
