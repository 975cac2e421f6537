//! One deprivation of liberty, with everything that followed as dated entries.

use super::{Citation, Meta, SentencePart};
use crate::model::value::{Answer, Code, Key, Line, Money, PlaceRef, ProvisionRef, Ref, Term, When};

entity! {
    /// What somebody stated about a person's liberty at a time; a wrong one is retracted by a later entry naming it.
    Transition as "transition" {
        opt status: Term, P, "status";
        opt effective: When, P;
        opt place: PlaceRef, P;
        /// Court, station or unit.
        opt authority: Line, P;
        /// Who says so: own eyes, a relative, a lawyer, a document.
        opt told_by: Term, R, "told_by";
        /// Opaque code of a record in the source register.
        opt source: Code, R;
        opt basis: Term, P, "basis";
        opt days: u32, P;
        opt until: When, P;
        opt amount: Money, P;
        many parts: SentencePart;
        opt provision: ProvisionRef, P;
        opt document: Line, R;
        opt restrictions: Line, P;
        opt note: Line, R;
        many cites: Citation;
        opt retracts: Key, P;
    }
}

entity! {
    /// A thing taken away; never its serial number, never a passcode.
    Property as "property" {
        req item: Term, R, "property_item";
        opt receipt: Answer, R;
        opt returned: When, R;
        opt note: Line, R;
    }
}

entity! {
    /// An arrest or detention (HURIDOCS 3100 series).
    Detention as "detention" {
        req person: Ref, R, "person";
        opt incident: Ref, P, "incident";
        opt category: Term, P, "detention_kind";
        opt apprehended_at: When, P;
        opt apprehended_place: PlaceRef, P;
        set taken_by, P, "taken_by";
        opt masked: Answer, R;
        opt vehicle: Line, R;
        opt destination: PlaceRef, P;
        set force, R, "force";
        opt stated_reason: Term, P, "stated_reason";
        opt stated_reason_words: Line, R;
        opt provision: ProvisionRef, P;
        opt warrant_shown: Answer, R;
        opt authority: Line, R;
        opt legislation: ProvisionRef, R;
        set suspected_wgad_category, R, "wgad_category";
        opt custody_type: Term, P, "custody_type";
        opt contact: Term, R, "contact";
        set counsel, R, "counsel";
        opt protocol: Line, R;
        many property_taken: Property;
        log transitions: Transition;
        map rights: Answer, R, "right";
        /// Fields carried over from the setting rather than seen for this person.
        set carried, R, "";
        opt observer: Line, R;
        opt note: Line, R;
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}
