//! A figure with its qualifier. "More than 150" comes in, is kept, added up and printed as "more than 150".

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, Line, Rule, Term, When};
use crate::model::shape::{Leaf, Valued};

/// The qualifier of a figure; the words without a number are figures of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Exact,
    MoreThan,
    AtLeast,
    About,
    UpTo,
    Between,
    Dozens,
    FewDozen,
    SeveralDozen,
    Hundreds,
    Numerous,
    Unknown,
}

impl Op {
    /// Tells whether this qualifier stands before a number.
    pub fn takes_value(self) -> bool {
        matches!(self, Op::Exact | Op::MoreThan | Op::AtLeast | Op::About | Op::UpTo | Op::Between)
    }

    /// Returns the stable name, e.g. `more_than`.
    pub fn code(self) -> &'static str {
        match self {
            Op::Exact => "exact",
            Op::MoreThan => "more_than",
            Op::AtLeast => "at_least",
            Op::About => "about",
            Op::UpTo => "up_to",
            Op::Between => "between",
            Op::Dozens => "dozens",
            Op::FewDozen => "few_dozen",
            Op::SeveralDozen => "several_dozen",
            Op::Hundreds => "hundreds",
            Op::Numerous => "numerous",
            Op::Unknown => "unknown",
        }
    }
}

/// One figure: what was counted, how sure the number is, by whom and as of when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "CountParts")]
#[schemars(!try_from)]
#[schemars(extend(
    "if" = {"properties": {"op": {"enum": ["exact", "more_than", "at_least", "about", "up_to", "between"]}}},
    "then" = {"required": ["value"]},
    "else" = {"not": {"required": ["value"]}},
    "allOf" = [{
        "if": {"properties": {"op": {"const": "between"}}},
        "then": {"required": ["to"]},
        "else": {"not": {"required": ["to"]}}
    }]
))]
pub struct Count {
    pub op: Op,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
    /// Upper end, only with `between`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Decimal>,
    #[schemars(extend("x-of" = "count_unit"))]
    pub unit: Term,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_printed: Option<Line>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-of" = "count_by"))]
    pub by: Option<Term>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountParts {
    op: Op,
    value: Option<Decimal>,
    to: Option<Decimal>,
    unit: Term,
    as_printed: Option<Line>,
    as_of: Option<When>,
    by: Option<Term>,
}

impl TryFrom<CountParts> for Count {
    type Error = Rule;

    fn try_from(from: CountParts) -> Result<Self, Rule> {
        let CountParts { op, value, to, unit, as_printed, as_of, by } = from;
        let fits = op.takes_value() == value.is_some() && (op == Op::Between) == to.is_some();
        if fits { Ok(Count { op, value, to, unit, as_printed, as_of, by }) } else { Err(Rule("count")) }
    }
}

impl Count {
    /// A figure of persons without further detail.
    pub fn persons(op: Op, value: Option<u64>) -> Self {
        let number = |n: u64| n.to_string().parse().expect("digits are a decimal");
        let unit = "persons".parse().expect("a plain word is a term");
        Count { op, value: value.map(number), to: None, unit, as_printed: None, as_of: None, by: None }
    }

    /// Adds figures of one unit; `None` where one of them has no number, or units differ.
    ///
    /// The sum is no surer than its least sure part: with one "more than" among exact figures it is "more than",
    /// and opposite bounds ("up to" with "at least") have no sum.
    pub fn sum<'a>(figures: impl IntoIterator<Item = &'a Count>) -> Option<Count> {
        let figures: Vec<Count> = figures.into_iter().map(Count::bare).collect::<Option<_>>()?;
        let first = figures.first()?;
        if figures.iter().any(|figure| figure.unit != first.unit) {
            return None;
        }
        let micros = figures.iter().filter_map(|figure| figure.value.as_ref()).map(Decimal::micros).sum();
        let ops: Vec<Op> = figures.iter().map(|figure| figure.op).collect();
        Some(Count { op: joined(&ops)?, value: Some(Decimal::from_micros(micros)?), ..first.clone() })
    }

    fn bare(&self) -> Option<Count> {
        let addable = self.value.is_some() && self.op != Op::Between;
        addable.then(|| Count { as_printed: None, as_of: None, by: None, ..self.clone() })
    }
}

/// The qualifier of a sum: the least sure of its parts, in whatever order they stand; `None` for opposite bounds.
fn joined(ops: &[Op]) -> Option<Op> {
    let some = |op| ops.contains(&op);
    let opposite = some(Op::UpTo) && (some(Op::MoreThan) || some(Op::AtLeast));
    let least_sure = [Op::About, Op::MoreThan, Op::AtLeast, Op::UpTo, Op::Exact].into_iter().find(|op| some(*op));
    least_sure.filter(|_| !opposite)
}

impl Valued for Count {
    const LEAF: Leaf = Leaf::Count;
}
