//! What a recipient does not get, and why: counts, never contents.

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::profile::Profile;
use crate::model::Kind;

/// Version of `withheld.json`.
pub const VERSION: u32 = 1;

/// Why something does not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody allowed it: no consent for this purpose, or one that was refused, withdrawn, expired or contradicts itself.
    NoConsent,
    /// Papers and beliefs of a person go with a valid power of attorney alone.
    NoMandate,
    /// What somebody alleges to have suffered goes only where that person said so.
    TortureAllegation,
    /// More restricted than this profile is.
    Restricted,
    /// It is about somebody else.
    OtherPeople,
    /// Names go only where the person said so.
    Names,
    /// Free text, which nobody can check by rule.
    FreeText,
    /// Who observed, wrote, kept or passed it on.
    Monitors,
    /// Who said it.
    SourceRegister,
    /// What the team notes for itself.
    InternalCare,
    /// What opens sealed files.
    Keys,
    /// Files and what belongs to them.
    Files,
    /// A file about several people: it goes only when somebody looked at it and chose it.
    SharedFile,
    /// It points to a record that is not in the bundle.
    NotInBundle,
    /// It cannot be made as coarse as this profile wants it.
    TooExact,
    /// Fewer than three people share it.
    SmallGroup,
    /// It cannot stand without something that is withheld.
    Incomplete,
    /// Nothing in the bundle points to it.
    NotNeeded,
    /// Recorded by mistake, as its author says.
    Withdrawn,
    /// A separate copy of a record.
    SeparateCopy,
    /// A file that was detached from its record.
    Detached,
    /// A file that has not come to this device whole.
    NotHere,
    /// A file that tells about its making, and nothing here can take that out.
    Metadata,
    /// A file that goes in the other one of two bundles.
    OtherBundle,
}

impl Reason {
    /// Returns the key of its words, e.g. `withheld-no-consent`.
    pub fn text(self) -> String {
        format!("withheld-{}", dashed(&json!(self)))
    }
}

impl Change {
    /// Returns the key of its words, e.g. `changed-coarsened`.
    pub fn text(self) -> String {
        format!("changed-{}", dashed(&json!(self)))
    }
}

fn dashed(code: &Value) -> String {
    code.as_str().unwrap_or_default().replace('_', "-")
}

/// How something was changed before it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Less exact than recorded: a day for a minute, a city for a street, a band for an age.
    Coarsened,
    /// Names of other people in a text were replaced.
    Renamed,
    /// A part of the value, such as a remark, was taken out.
    Shortened,
    /// A name was replaced by a number.
    Numbered,
}

/// What a count counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A single value.
    Value,
    /// One voice of a contested value.
    Voice,
    /// Who recorded an entry, and when.
    Mark,
}

/// Everything that was left out or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Whole records, by kind and reason.
    pub records: BTreeMap<(Kind, Reason), u64>,
    /// Parts of records, by kind, field, part and reason. Parts of records that are left out are among them when the record was chosen.
    pub parts: BTreeMap<(Kind, String, Part, Reason), u64>,
    /// Parts that went in another form.
    pub changed: BTreeMap<(Kind, String, Part, Change), u64>,
}

/// `withheld.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "What a bundle leaves out")]
struct Paper {
    version: u32,
    /// The profile by which it was left out.
    profile: String,
    records: Vec<RecordRow>,
    parts: Vec<PartRow>,
    changed: Vec<ChangeRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RecordRow {
    kind: String,
    reason: Reason,
    number: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PartRow {
    kind: String,
    /// Name of the field, with those it stands in, joined by `.`.
    field: String,
    part: Part,
    reason: Reason,
    number: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRow {
    kind: String,
    /// Name of the field, with those it stands in, joined by `.`.
    field: String,
    part: Part,
    change: Change,
    number: u64,
}

impl Withheld {
    /// Counts a record that is left out.
    pub fn record(&mut self, kind: Kind, reason: Reason) {
        *self.records.entry((kind, reason)).or_default() += 1;
    }

    /// Counts a part that is left out.
    pub fn part(&mut self, kind: Kind, field: &str, part: Part, reason: Reason) {
        *self.parts.entry((kind, field.to_owned(), part, reason)).or_default() += 1;
    }

    /// Counts a part that went in another form.
    pub fn change(&mut self, kind: Kind, field: &str, part: Part, change: Change) {
        *self.changed.entry((kind, field.to_owned(), part, change)).or_default() += 1;
    }

    /// Returns how many parts of one sort are left out.
    pub fn number(&self, part: Part) -> u64 {
        self.parts.iter().filter(|((.., p, _), _)| *p == part).map(|(_, number)| number).sum()
    }

    /// Writes `withheld.json`: the same counts give the same bytes.
    pub fn to_json(&self, profile: Profile) -> Vec<u8> {
        let records = self.records.iter().map(|((kind, reason), n)| RecordRow { kind: kind.code().into(), reason: *reason, number: *n });
        let parts = self.parts.iter().map(|((kind, field, part, reason), n)| PartRow {
            kind: kind.code().into(),
            field: field.clone(),
            part: *part,
            reason: *reason,
            number: *n,
        });
        let changed = self.changed.iter().map(|((kind, field, part, change), n)| ChangeRow {
            kind: kind.code().into(),
            field: field.clone(),
            part: *part,
            change: *change,
            number: *n,
        });
        let paper = Paper { version: VERSION, profile: profile.code().into(), records: records.collect(), parts: parts.collect(), changed: changed.collect() };
        let mut bytes = serde_json::to_vec_pretty(&paper).expect("rows of words and numbers are JSON");
        bytes.push(b'\n');
        bytes
    }
}

/// Returns the schema of `withheld.json`.
pub fn withheld_schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Paper>().to_value();
    schema["properties"]["version"] = json!({ "const": VERSION });
    schema["properties"]["profile"] = json!({ "enum": Profile::ALL.map(Profile::code) });
    schema
}
