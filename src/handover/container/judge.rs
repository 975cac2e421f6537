//! `records.json` judged as imports are, one record at a time: never more than one in memory.

use std::fmt;
use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::rules::RECORDS;
use super::wrong::{What, Wrong};
use crate::handover::choice::records::{FORMAT, Head, VERSION};
use crate::model::{Kind, Tree, draft};

/// Most faults that are told.
const MAX_TOLD: usize = 100;

/// What was found in `records.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    pub about: Option<Head>,
    pub records: u64,
    pub wrong: Vec<Wrong>,
}

/// One record with what stands around it.
#[derive(Deserialize)]
struct Row {
    id: String,
    kind: String,
    record: Tree,
}

/// Reads and judges all records.
pub fn judge(from: &mut dyn Read) -> Judged {
    let mut judged = Judged::default();
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(from));
    let read = Whole(&mut judged).deserialize(&mut json).and_then(|()| json.end());
    if let Err(error) = read {
        judged.tell(What::RecordsForm, Some(format!("{}:{}", error.line(), error.column())));
    } else if judged.about.as_ref().is_none_or(|about| about.format != FORMAT || about.version != VERSION) {
        judged.tell(What::RecordsForm, None);
    }
    judged
}

impl Judged {
    fn tell(&mut self, what: What, detail: Option<String>) {
        if self.wrong.len() < MAX_TOLD {
            self.wrong.push(Wrong { what, place: Some(RECORDS.into()), detail });
        }
    }

    fn row(&mut self, row: Row) {
        self.records += 1;
        let number = self.records;
        let Some(kind) = Kind::named(&row.kind).filter(|_| !row.id.is_empty()) else {
            return self.tell(What::Record, Some(format!("{number} kind")));
        };
        let mut tree = row.record;
        tree.entry("kind").or_insert_with(|| Value::String(row.kind));
        for fault in draft::judge(kind, &tree) {
            let path: String = fault.path.chars().take(200).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect();
            self.tell(What::Record, Some(format!("{number} {path} {}", fault.rule)));
        }
    }
}

/// The object that is the file.
struct Whole<'a>(&'a mut Judged);

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `bundle`, `clients` and `records`")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let (mut clients, mut rows) = (false, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "bundle" if self.0.about.is_none() => self.0.about = Some(map.next_value()?),
                "clients" if !clients => {
                    map.next_value::<Vec<String>>()?;
                    clients = true;
                }
                "records" if !rows => {
                    map.next_value_seed(Rows(&mut *self.0))?;
                    rows = true;
                }
                _ => return Err(M::Error::custom("something else, or twice")),
            }
        }
        if rows { Ok(()) } else { Err(M::Error::missing_field("records")) }
    }
}

/// The list of records.
struct Rows<'a>(&'a mut Judged);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of records")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut rows: S) -> Result<(), S::Error> {
        while let Some(row) = rows.next_element()? {
            self.0.row(row);
        }
        Ok(())
    }
}
