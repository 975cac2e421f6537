//! Values that stand as a whole: each one is written, merged, contested and shown as one thing.

mod age;
mod answer;
mod count;
mod names;
mod place;
mod simple;
mod when;

pub use age::Age;
pub use answer::{Answer, Tri};
pub use count::{Count, Op};
pub use names::script_of;
pub use place::{Coordinates, PlaceRef, ProvisionRef};
pub use simple::{Code, Decimal, Hash, Key, Length, Line, Money, Narrative, Ref, Secret, Term, is_plain};
pub use when::{Edtf, Precision, Qualifier, Span, WallTime, When};

/// What is wrong with a value, as a stable rule name; texts are looked up by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rule(pub &'static str);
