//! Short values with one rule each: a line of text, a code, a reference, a decimal number.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Rule;
use crate::model::shape::{Leaf, Valued};

/// Longest line, in characters.
pub const LINE_CHARS: usize = 2_000;
/// Longest narrative, in characters.
pub const NARRATIVE_CHARS: usize = 100_000;

/// Declares a checked text: a newtype whose every way in runs one rule that the JSON Schema states as well.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $leaf:ident, $rule:literal, $schema:tt, $check:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the text as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Rule;

            fn from_str(text: &str) -> Result<Self, Rule> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(Rule($rule)) }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }

        impl Valued for $name {
            const LEAF: Leaf = Leaf::$leaf;
        }
    };
}

/// Tells whether a character may stand in what people write: no controls, no marks that reorder or hide text.
pub fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{200b}')
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().all(is_plain) && text.chars().count() <= LINE_CHARS
}

fn is_narrative(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_plain(c) || matches!(c, '\n' | '\t')) && text.chars().count() <= NARRATIVE_CHARS
}

fn is_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/');
    text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_key(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'-'))
}

fn is_decimal(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |t: &str, most: usize| (1..=most).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 15) && digits(part, 6) && (whole == "0" || !whole.starts_with('0'))
}

checked_text!(
    /// One line of text as heard or printed; never normalised.
    Line, Line, "line",
    { "type": "string", "minLength": 1, "maxLength": 2000,
      "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff][^\\u0000-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]*$" },
    is_line
);
checked_text!(
    /// A long text in paragraphs.
    Narrative, Line, "narrative",
    { "type": "string", "minLength": 1, "maxLength": 100000,
      "pattern": "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]*$" },
    is_narrative
);
checked_text!(
    /// A short code in letters, digits, `-`, `.`, `_` and `/`.
    Code, Code, "code",
    { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$" },
    is_code
);
checked_text!(
    /// A code from a vocabulary.
    Term, Term, "term",
    { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$" },
    is_code
);
checked_text!(
    /// The key of a repeated entry: random, or given by an importer.
    Key, Entry, "key",
    { "type": "string", "pattern": "^[a-z0-9-]{1,32}$" },
    is_key
);
checked_text!(
    /// The id of another record: SHA-256 of its creating change, 64 hex digits.
    Ref, Ref, "reference",
    { "type": "string", "pattern": "^[0-9a-f]{64}$" },
    |text| is_hex(text, 64)
);
checked_text!(
    /// A SHA-256 in hex.
    Hash, Hash, "hash",
    { "type": "string", "pattern": "^[0-9a-f]{64}$" },
    |text| is_hex(text, 64)
);
checked_text!(
    /// A number as printed, with at most six decimals; kept as text so that nothing is rounded.
    Decimal, Decimal, "decimal",
    { "type": "string", "pattern": "^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,6})?$" },
    is_decimal
);

impl Decimal {
    /// Returns the number in millionths.
    pub fn micros(&self) -> i128 {
        let (whole, part) = self.0.split_once('.').unwrap_or((&self.0, ""));
        format!("{whole}{part:0<6}").parse().unwrap_or(i128::MAX)
    }

    /// Writes a number of millionths without needless zeros.
    pub fn from_micros(micros: i128) -> Option<Self> {
        let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        text.trim_end_matches('0').trim_end_matches('.').parse().ok()
    }
}

/// A text only the keepers of the source register read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Secret {
    /// As typed, on its way to being sealed, or opened by a keeper.
    Open(Line),
    /// An age file to the register recipient, in hex.
    Sealed(Sealed),
}

/// The sealed form of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    #[schemars(regex(pattern = "^([0-9a-f][0-9a-f])+$"))]
    #[serde(deserialize_with = "even_hex")]
    pub sealed: String,
}

fn even_hex<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let fits = !text.is_empty() && is_hex(&text, text.len()) && text.len() % 2 == 0;
    if fits { Ok(text) } else { Err(serde::de::Error::custom("secret")) }
}

impl Valued for Secret {
    const LEAF: Leaf = Leaf::Secret;
}

/// An amount of money as stated: `{amount, currency}`, or a range with `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    pub amount: Decimal,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Decimal>,
    #[schemars(extend("x-of" = "currency"))]
    pub currency: Term,
}

impl Valued for Money {
    const LEAF: Leaf = Leaf::Money;
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Some(to) => write!(f, "{}-{to} {}", self.amount, self.currency),
            None => write!(f, "{} {}", self.amount, self.currency),
        }
    }
}

/// A term of a sentence as pronounced: years, months and days, or life.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "LengthParts")]
#[schemars(!try_from, extend("minProperties" = 1))]
pub struct Length {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LengthParts {
    years: Option<Decimal>,
    months: Option<Decimal>,
    days: Option<Decimal>,
    life: Option<bool>,
}

impl TryFrom<LengthParts> for Length {
    type Error = Rule;

    fn try_from(from: LengthParts) -> Result<Self, Rule> {
        let LengthParts { years, months, days, life } = from;
        let length = Length { years, months, days, life };
        if length == Length::default() { Err(Rule("length")) } else { Ok(length) }
    }
}

impl Valued for Length {
    const LEAF: Leaf = Leaf::Length;
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |n: &Option<Decimal>, unit| n.as_ref().map(|n| format!("{n}{unit}"));
        let parts = [part(&self.years, "y"), part(&self.months, "m"), part(&self.days, "d"), self.life.map(|_| "life".into())];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}
