//! The sealed view: what lists, search and reports read instead of thousands of parcels. A cache, made again from the
//! parcels whenever it is lost.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::error::{Damage, VaultError};
use super::store::{Batch, Segment, Store};
use crate::crypto::{Identity, Sealed, open, padded, seal};
use crate::doc::{Mark, Reading, Voice};
use crate::model::Tree;
use crate::sys::work::on_every_core;

/// Version of lines and bodies: raised when they change, so that older views are made again from the parcels.
pub const VERSION: u32 = 3;
/// Instead of a version: records of the view count no more, and it is to be made again.
pub const OUTDATED: u32 = 0;
/// Most bytes a segment may open to: 1 GiB.
const MAX_SEGMENT: u64 = 1 << 30;
/// Segments of single commands that may stand before a reader merges them.
const MAX_SINGLE: usize = 32;
/// Between lines and bodies in a segment of one command.
const SEPARATOR: u8 = 0x1e;

/// What a list shows of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    pub kind: String,
    pub casebook: String,
    /// Name, code or title; empty when the record has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Text that search looks through besides the title, folded to one alphabet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keys: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub when: String,
    /// Place or city, as shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Current status, or every status that is contested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_runs: bool,
    /// How many people a group stands for; 0 for a single person.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub group: u32,
    /// Number of contested values, the status included.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contested: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Recorded by mistake, as its author says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// The full record that this one continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The record of which this is a separate copy: changes that stand on one that is set aside. Nobody edits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// Claimed seconds since 1970 of the first and the last change.
    pub created: i64,
    pub changed: i64,
    /// Handle of the device that made the record.
    pub by: String,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A record as read from its document, with where its parcels lie.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub tree: Tree,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub voices: BTreeMap<String, Vec<VoiceRow>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, MarkRow>,
    /// This record's changes, in order.
    pub parcels: Vec<Kept>,
}

/// Where a parcel lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kept {
    /// Name of the sealed file that held it when this was written.
    pub file: String,
    /// Header hash.
    pub id: String,
}

/// One voice of a contested value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VoiceRow {
    pub id: String,
    pub value: serde_json::Value,
    #[serde(flatten)]
    pub mark: MarkRow,
}

/// Who wrote something, as shown: a handle and claimed seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MarkRow {
    pub by: String,
    pub at: i64,
}

impl Body {
    /// Takes a reading over, with a handle for every actor.
    pub fn new(reading: Reading, parcels: Vec<Kept>, handle: &dyn Fn(&Mark) -> String) -> Body {
        let mark = |mark: &Mark| MarkRow { by: handle(mark), at: mark.at };
        let voice = |voice: Voice| VoiceRow { id: voice.id, value: voice.value, mark: mark(&voice.mark) };
        Body {
            tree: reading.tree,
            voices: reading.voices.into_iter().map(|(path, voices)| (path, voices.into_iter().map(voice).collect())).collect(),
            entries: reading.entries.into_iter().map(|(path, m)| (path, mark(&m))).collect(),
            parcels,
        }
    }
}

/// A line with its body, on its way into the view.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub line: Line,
    pub body: Body,
}

/// Seals entries as one segment: level 0 with both parts together, a larger one with the bodies apart.
pub fn segment(entries: &[Entry], storage: &Identity) -> Result<(i64, Sealed, Option<Sealed>), VaultError> {
    let mut lines = rows(entries.iter().map(|entry| &entry.line))?;
    let bodies = rows(entries.iter().map(|entry| &entry.body))?;
    if entries.len() <= MAX_SINGLE {
        lines.push(SEPARATOR);
        lines.extend(bodies);
        return Ok((0, sealed(lines, storage)?, None));
    }
    Ok((1, sealed(lines, storage)?, Some(sealed(bodies, storage)?)))
}

fn rows<'a, T: Serialize + 'a>(items: impl Iterator<Item = &'a T>) -> Result<Vec<u8>, VaultError> {
    let mut bytes = Vec::new();
    for item in items {
        serde_json::to_writer(&mut bytes, item).map_err(|_| VaultError::damaged(Damage::View))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn sealed(plain: Vec<u8>, storage: &Identity) -> Result<Sealed, VaultError> {
    Ok(seal([&storage.recipient()], &padded(plain))?)
}

/// One opened segment.
#[derive(Debug)]
struct Part {
    number: i64,
    count: usize,
    /// The bodies of a segment of one command; those of merged ones from the first time one of them is asked for.
    bodies: OnceCell<Rows>,
}

/// Takes the lines of a segment with the JSON of their bodies.
type Visit<'a, 'b> = dyn FnMut(Vec<(&'a Line, &str)>) -> Result<(), VaultError> + 'b;

/// An opened block of rows, wiped when dropped.
#[derive(Debug)]
struct Rows {
    bytes: Zeroizing<Vec<u8>>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Rows {
    fn new(bytes: Vec<u8>) -> Rows {
        let mut end = 0;
        let ends = split(&bytes).map(|row| {
            end += row.len() + 1;
            end - 1
        });
        Rows { ends: ends.collect(), bytes: Zeroizing::new(bytes) }
    }

    fn row(&self, number: usize) -> Option<&str> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).map(|end| end + 1))?;
        std::str::from_utf8(&self.bytes[start..*self.ends.get(number)?]).ok()
    }
}

impl Part {
    /// Opens the bodies of a merged segment.
    fn open(&self, store: &Store, storage: &Identity) -> Result<Rows, VaultError> {
        let opened = open([storage], &store.bodies(self.number)?, MAX_SEGMENT).map_err(|_| VaultError::damaged(Damage::View))?;
        Ok(Rows::new(opened.as_bytes().to_vec()))
    }
}

/// Every line of a vault, the newest of each record, and the way to its body.
#[derive(Debug, Default)]
pub struct View {
    lines: Vec<Line>,
    /// For each line: its segment and its row there.
    at: Vec<(usize, usize)>,
    index: HashMap<String, usize>,
    /// Ids of the records that go on in another one.
    continued: HashSet<String>,
    parts: Vec<Part>,
}

impl View {
    /// Opens the view.
    ///
    /// # Errors
    /// Returns [`Damage::View`] when a segment does not open.
    pub fn open(store: &Store, storage: &Identity) -> Result<View, VaultError> {
        let mut view = View::default();
        for segment in store.segments()? {
            view.take(segment, storage).ok_or_else(|| VaultError::damaged(Damage::View))?;
        }
        Ok(view)
    }

    fn take(&mut self, segment: Segment, storage: &Identity) -> Option<()> {
        // SQLite gives rows in order; a damaged page may give one twice in the place of another.
        self.parts.last().is_none_or(|part| part.number < segment.number).then_some(())?;
        let opened = open([storage], &segment.lines, MAX_SEGMENT).ok()?;
        let (lines, bodies) = match segment.level {
            0 => {
                let at = opened.as_bytes().iter().position(|byte| *byte == SEPARATOR)?;
                let (lines, bodies) = opened.as_bytes().split_at(at);
                (lines, OnceCell::from(Rows::new(bodies[1..].to_vec())))
            }
            _ => (opened.as_bytes(), OnceCell::new()),
        };
        let part = self.parts.len();
        let mut count = 0;
        for row in split(lines) {
            self.put(serde_json::from_slice(row).ok()?, (part, count));
            count += 1;
        }
        self.parts.push(Part { number: segment.number, count, bodies });
        Some(())
    }

    fn put(&mut self, line: Line, at: (usize, usize)) {
        self.continued.extend(line.continues.clone());
        match self.index.get(&line.id) {
            Some(known) => {
                self.lines[*known] = line;
                self.at[*known] = at;
            }
            None => {
                self.index.insert(line.id.clone(), self.lines.len());
                self.lines.push(line);
                self.at.push(at);
            }
        }
    }

    /// Tells whether a record goes on in another one.
    pub fn is_continued(&self, id: &str) -> bool {
        self.continued.contains(id)
    }

    /// Returns the number of segments.
    pub fn segments(&self) -> u64 {
        self.parts.len() as u64
    }

    /// Returns every line, in the order in which the records came.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the line of a record.
    pub fn line(&self, id: &str) -> Option<&Line> {
        self.index.get(id).map(|at| &self.lines[*at])
    }

    /// Returns the body of a record.
    ///
    /// # Errors
    /// Returns [`VaultError::NoRecord`] for an unknown id, [`Damage::View`] when the segment does not open.
    pub fn body(&self, id: &str, store: &Store, storage: &Identity) -> Result<Body, VaultError> {
        let (part, row) = self.at[*self.index.get(id).ok_or(VaultError::NoRecord)?];
        let part = &self.parts[part];
        let rows = match part.bodies.get() {
            Some(rows) => rows,
            None => {
                let opened = part.open(store, storage)?;
                part.bodies.get_or_init(|| opened)
            }
        };
        rows.row(row).and_then(|row| serde_json::from_str(row).ok()).ok_or_else(|| VaultError::damaged(Damage::View))
    }

    /// Calls `visit` with every line and its body, segment by segment: a changed record comes where its last change stands.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn each_body(&self, store: &Store, storage: &Identity, visit: &mut dyn FnMut(&Line, Body)) -> Result<(), VaultError> {
        self.each_part(store, storage, &mut |rows| {
            for (line, body) in on_every_core(rows, |(line, row)| (line, serde_json::from_str(row))) {
                visit(line, body.map_err(|_| VaultError::damaged(Damage::View))?);
            }
            Ok(())
        })
    }

    /// Returns the lines of the records whose body, as JSON, is `wanted`.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn lines_where(&self, store: &Store, storage: &Identity, wanted: &(dyn Fn(&Line, &str) -> bool + Sync)) -> Result<Vec<&Line>, VaultError> {
        let mut found = Vec::new();
        self.each_part(store, storage, &mut |rows| {
            found.extend(on_every_core(rows, |(line, row)| wanted(line, row).then_some(line)).into_iter().flatten());
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `visit` with the lines of one segment after the other and the JSON of their bodies.
    fn each_part<'a>(&'a self, store: &Store, storage: &Identity, visit: &mut Visit<'a, '_>) -> Result<(), VaultError> {
        let mut wanted: Vec<Vec<(usize, &Line)>> = vec![Vec::new(); self.parts.len()];
        for (line, (part, row)) in self.lines.iter().zip(&self.at) {
            wanted[*part].push((*row, line));
        }
        for (part, mut wanted) in self.parts.iter().zip(wanted).filter(|(_, wanted)| !wanted.is_empty()) {
            let opened;
            let rows = match part.bodies.get() {
                Some(rows) => rows,
                None => {
                    opened = part.open(store, storage)?;
                    &opened
                }
            };
            wanted.sort_by_key(|(row, _)| *row);
            let found: Option<Vec<(&Line, &str)>> = wanted.into_iter().map(|(row, line)| Some((line, rows.row(row)?))).collect();
            visit(found.ok_or_else(|| VaultError::damaged(Damage::View))?)?;
        }
        Ok(())
    }

    /// Merges the newest segments when many stand, so that the next reader opens few; `None` when there is no need.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn merged(&self, store: &Store, storage: &Identity) -> Result<Option<Batch>, VaultError> {
        if self.parts.len() <= MAX_SINGLE {
            return Ok(None);
        }
        let mut from = self.parts.len();
        let mut gathered = 0;
        while from > 0 && (self.parts[from - 1].count <= gathered.max(MAX_SINGLE)) {
            from -= 1;
            gathered += self.parts[from].count;
        }
        let parts = &self.parts[from..];
        let opened: Vec<Option<Rows>> =
            parts.iter().map(|part| if part.bodies.get().is_some() { Ok(None) } else { part.open(store, storage).map(Some) }).collect::<Result<_, _>>()?;
        let rows: Vec<&Rows> = parts.iter().zip(&opened).filter_map(|(part, opened)| part.bodies.get().or(opened.as_ref())).collect();
        let (mut lines, mut bodies) = (Vec::new(), Vec::new());
        for (line, (part, row)) in self.lines.iter().zip(&self.at).filter(|(_, at)| at.0 >= from) {
            let body = rows[part - from].row(*row).ok_or_else(|| VaultError::damaged(Damage::View))?;
            serde_json::to_writer(&mut lines, line).map_err(|_| VaultError::damaged(Damage::View))?;
            lines.push(b'\n');
            bodies.extend_from_slice(body.as_bytes());
            bodies.push(b'\n');
        }
        let replaced = self.parts[from..].iter().map(|part| part.number).collect();
        let merged = (1, sealed(lines, storage)?, Some(sealed(bodies, storage)?));
        Ok(Some(Batch { segments: vec![merged], replaced, ..Batch::default() }))
    }
}

/// The rows of a block; padding is no row.
fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').take_while(|row| !row.is_empty() && row[0] != 0)
}
