//! How old a person is, as far as anybody said.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Edtf, Rule, Term};
use crate::model::shape::{Leaf, Valued};

/// A birth date, an age in years at the time, or a band; at least one of them.
///
/// `seems_minor` is what the monitor saw and overrides what the numbers say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "AgeParts")]
#[schemars(!try_from)]
#[schemars(extend("minProperties" = 1))]
pub struct Age {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Edtf>,
    /// Years of age at the time of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 130))]
    pub years: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "age_band"))]
    pub band: Option<Term>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seems_minor: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgeParts {
    born: Option<Edtf>,
    years: Option<u8>,
    band: Option<Term>,
    seems_minor: Option<bool>,
}

impl TryFrom<AgeParts> for Age {
    type Error = Rule;

    fn try_from(from: AgeParts) -> Result<Self, Rule> {
        let AgeParts { born, years, band, seems_minor } = from;
        let age = Age { born, years, band, seems_minor };
        let fits = age != Age::default() && years.is_none_or(|y| y <= 130);
        if fits { Ok(age) } else { Err(Rule("age")) }
    }
}

impl Age {
    /// Tells whether the person is or seems to be under 18; `None` when nothing says so.
    pub fn minor(&self) -> Option<bool> {
        self.seems_minor.or(self.years.map(|years| years < 18)).or(self.band.as_ref().and_then(|band| match band.as_str() {
            "under_14" | "14_17" => Some(true),
            "18_29" | "30_59" | "60_plus" => Some(false),
            _ => None,
        }))
    }
}

impl Valued for Age {
    const LEAF: Leaf = Leaf::Age;
}
