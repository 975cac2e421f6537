//! The answer to one item of a checklist.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Line, Term, When};
use crate::model::shape::{Leaf, Valued};

/// What was answered. An absent answer means that nobody asked, which is none of these four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tri {
    Yes,
    No,
    Unclear,
    NotApplicable,
}

/// An answer with how it is known, when, and in which words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub value: Tri,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "basis"))]
    pub basis: Option<Term>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Line>,
}

impl Valued for Answer {
    const LEAF: Leaf = Leaf::Answer;
}
