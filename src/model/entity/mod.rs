//! The entities of the casebook, each a table of fields in the standard terms of HURIDOCS, ODIHR and the ICCPR.

mod act;
mod care;
mod consent;
mod detention;
mod evidence;
mod handover;
mod incident;
mod person;
mod publication;
mod source;
mod trial;

pub use act::{Act, Injury, Involvement, MedicalFinding};
pub use care::{Citation, Meta, Query, Verdict};
pub use consent::{Action, Consent, ConsentStatement, Decision, FollowUp, Mandate};
pub use detention::{Detention, Property, Transition};
pub use evidence::{Chunk, CustodyEvent, Evidence};
pub use handover::{Ground, HandedFile, Handover, Reply, Subject};
pub use incident::{Chain, Figure, Incident, IncidentFigure, Official, Place, Site};
pub use person::{IdentityLink, NameForm, Person};
pub use publication::{Publication, Vocable};
pub use source::{Contact, Source};
pub use trial::{AccusedChecks, Charge, Hearing, Observation, Outcome, Party, SentencePart, Speech, Trial};
