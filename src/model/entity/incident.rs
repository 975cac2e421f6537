//! What happened to many: incidents, the figures about them, the places and the officials they name.

use super::{Citation, Meta, NameForm};
use crate::model::value::{Code, Count, Line, Money, PlaceRef, Ref, Term, When};

entity! {
    /// A figure about an incident; several live side by side, each with its own source.
    IncidentFigure as "incident_figure" {
        req what: Term, P, "count_what";
        req count: Count, P;
        opt place: PlaceRef, P;
        /// An amount that belongs to the figure, such as the fines.
        opt amount: Money, P;
        opt said_by: Line, P;
        many cites: Citation;
    }
}

entity! {
    /// An event (HURIDOCS Event): an assembly, a raid, a wave of preventive detentions.
    Incident as "incident" {
        /// Human-readable, without personal data, e.g. `ALM-0510`.
        opt code: Code, P;
        opt title: Line, P;
        req category: Term, P, "incident_kind";
        opt authorisation: Term, P, "authorisation";
        /// How often permission was refused.
        opt refusals: u32, P;
        opt starts: When, P;
        opt ends: When, P;
        /// True when the source speaks of several cities without naming them.
        opt several_cities: bool, P;
        opt city: PlaceRef, P;
        many places: Site;
        set topics, P, "topic";
        many counts: IncidentFigure;
        set pretexts, P, "pretext";
        set force_and_means, P, "force_means";
        set communications, P, "communications";
        many chains: Chain;
        opt status: Term, P, "incident_status";
        text narrative, R;
        many cites: Citation;
        group meta: Meta;
    }
}

entity! {
    /// One of several places of an incident.
    Site as "site" {
        req place: PlaceRef, P;
    }
}

entity! {
    /// How an incident belongs to another, or to a named chain of events (HURIDOCS MT 22).
    Chain as "chain" {
        opt relation: Term, P, "chain";
        opt incident: Ref, P, "incident";
        /// A chain by name, e.g. the passage of a report that lists its events.
        opt chain: Code, P;
    }
}

entity! {
    /// A number about a country or a period rather than about one incident.
    Figure as "figure" {
        req what: Term, P, "count_what";
        req count: Count, P;
        opt period: When, P;
        opt period_as_printed: Line, P;
        opt about: Line, P;
        many parts: IncidentFigure;
        many cites: Citation;
        group meta: Meta;
    }
}

entity! {
    /// Where things happen or people are held.
    Place as "place" {
        req category: Term, P, "place_kind";
        opt known: Term, P, "place";
        opt name_kk: Line, P;
        opt name_ru: Line, P;
        opt name_en: Line, P;
        opt city: Line, P;
        opt district: Line, P;
        opt region: Line, P;
        opt former_names: Line, P;
        opt address: Line, R;
        opt duty_phone: Line, P;
        many cites: Citation;
        group meta: Meta;
    }
}

entity! {
    /// An official or a unit, by post first: names of low ranks stay out of public lists.
    Official as "official" {
        many names: NameForm;
        opt badge: Line, R;
        opt rank: Line, R;
        opt post: Line, P;
        opt unit: Line, P;
        opt agency: Term, P, "agency";
        opt description: Line, R;
        many cites: Citation;
        group meta: Meta;
    }
}
