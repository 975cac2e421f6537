//! Where something happened, and under which provision.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Line, Ref, Rule, Term};
use crate::model::shape::{Leaf, Valued};

/// A place: a record of this casebook, a ready place by code, or words; coordinates only where somebody chose to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "PlaceParts")]
#[schemars(!try_from)]
#[schemars(extend("minProperties" = 1))]
pub struct PlaceRef {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "place"))]
    pub record: Option<Ref>,
    /// A ready place of the vocabulary `place`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "place"))]
    pub known: Option<Term>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coordinates: Option<Coordinates>,
}

/// WGS 84 degrees times 10^5, with the radius in metres within which the place lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coordinates {
    #[schemars(range(min = -9_000_000, max = 9_000_000))]
    pub latitude_e5: i32,
    #[schemars(range(min = -18_000_000, max = 18_000_000))]
    pub longitude_e5: i32,
    pub radius_m: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceParts {
    record: Option<Ref>,
    known: Option<Term>,
    text: Option<Line>,
    coordinates: Option<Coordinates>,
}

impl TryFrom<PlaceParts> for PlaceRef {
    type Error = Rule;

    fn try_from(from: PlaceParts) -> Result<Self, Rule> {
        let PlaceParts { record, known, text, coordinates } = from;
        let place = PlaceRef { record, known, text, coordinates };
        let on_earth = |c: &Coordinates| c.latitude_e5.abs() <= 9_000_000 && c.longitude_e5.abs() <= 18_000_000;
        let fits = place != PlaceRef::default() && place.coordinates.as_ref().is_none_or(on_earth);
        if fits { Ok(place) } else { Err(Rule("place")) }
    }
}

impl PlaceRef {
    /// A place known only by the words used for it.
    pub fn words(text: Line) -> Self {
        PlaceRef { text: Some(text), ..Self::default() }
    }
}

impl Valued for PlaceRef {
    const LEAF: Leaf = Leaf::Place;
}

/// A provision of law: instrument with its edition, article, part; as printed where the source prints it differently.
///
/// "Article 145" means three things in Kazakh law: a number alone is never a provision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvisionRef {
    /// Instrument with its edition, e.g. `KZ-CC-2014`.
    #[schemars(extend("x-of" = "instrument"))]
    pub instrument: Term,
    pub article: Line,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_printed: Option<Line>,
    /// True when a reader concluded the article from an offence printed only by its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<bool>,
}

impl Valued for ProvisionRef {
    const LEAF: Leaf = Leaf::Provision;
}
