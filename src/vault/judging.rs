//! Changes on their way past the judge, record by record, and what the view shows after it.

use std::collections::{HashMap, HashSet};

use super::docket::{self, Docket, Hash, Judged, Moved, Row, Standing};
use super::holding::Opens;
use super::reading::change_items;
use super::rebuild::{entry_of, files_of, judged_as};
use super::store::Batch;
use super::{Authors, Damage, Entry, Vault, VaultError, author, view};
use crate::crypto::Sealed;
use crate::doc;
use crate::parcel::Parcel;

/// New changes of one record that the judge gets at once, in bytes; the rest follows when these are settled.
const CASE_BYTES: usize = 8 * 1024 * 1024;

/// The changes of one record that wait for the judge, with those that count already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub record: Hash,
    /// Bytes of the changes that count.
    pub existing: Vec<Vec<u8>>,
    /// Bytes of the new ones.
    pub new: Vec<Vec<u8>>,
    /// Their parcels, in the same order.
    pub parcels: Vec<Hash>,
    /// Further new ones wait until these are settled.
    pub more: bool,
    /// They stand behind others that do not count: none of them will.
    pub behind: bool,
}

/// The file that was read last, with its parcels: several may stand in one.
pub(super) type Read = Option<(Hash, Vec<Parcel>)>;

/// What the judge says of a case; without an answer the case is held, with the code of the reason.
pub type Judgement = Result<doc::Examined, &'static str>;

/// A new segment of the view.
pub(super) type Segment = (i64, Sealed, Option<Sealed>);

impl Vault {
    /// Returns cases for the judge with about so many bytes of changes; those of `passed` records are left out. Changes of a record
    /// of which this device cannot open something that it wrote itself wait until it can: nobody could judge them.
    ///
    /// # Errors
    /// Returns [`Damage::File`] or [`Damage::Missing`] when a stored parcel does not open.
    pub fn cases(&mut self, passed: &HashSet<Hash>, bytes: usize) -> Result<Vec<Case>, VaultError> {
        let docket = self.docket()?;
        let ready: Vec<Hash> = docket.ready().into_iter().filter(|record| !passed.contains(record)).collect();
        let (mut size, mut read, opens) = (0, None, self.opens());
        let mut cases = Vec::new();
        for part in ready.chunks(512) {
            let rows: HashMap<Hash, Vec<(Row, Standing)>> = self
                .docket()?
                .changes_of(part)
                .into_iter()
                .map(|(record, rows)| (record, rows.into_iter().map(|(row, standing)| (row.clone(), standing.clone())).collect()))
                .collect();
            let fits = |(row, standing): &(Row, Standing)| !matches!(standing, Standing::Accepted | Standing::Ready) || opens.reads(row);
            for record in part.iter().filter(|record| rows[*record].iter().all(fits)) {
                let case = self.case(*record, &rows[record], &mut read)?;
                size += case.existing.iter().chain(&case.new).map(Vec::len).sum::<usize>();
                cases.push(case);
                if size >= bytes {
                    return Ok(cases);
                }
            }
        }
        Ok(cases)
    }

    /// Returns cases of changes behind others at which no judge looked yet, each with what it builds on: only what is sound is
    /// shown as a separate copy. Those of `passed` records are left out.
    ///
    /// # Errors
    /// As [`Vault::cases`].
    pub fn cases_behind(&mut self, passed: &HashSet<Hash>, bytes: usize) -> Result<Vec<Case>, VaultError> {
        let behind = self.docket()?.behind();
        let (mut size, mut read, opens) = (0, None, self.opens());
        let mut cases = Vec::new();
        let wanted = |(record, rows): &(Hash, Vec<Row>)| !passed.contains(record) && rows.iter().all(|row| opens.reads(row));
        for (record, rows) in behind.into_iter().filter(wanted) {
            let mut case = Case { record, existing: Vec::new(), new: Vec::new(), parcels: Vec::new(), more: false, behind: true };
            for row in &rows {
                let change = self.change_of(row, &mut read)?;
                size += change.len();
                if row.judged == Judged::Sound {
                    case.existing.push(change);
                } else {
                    case.new.push(change);
                    case.parcels.push(row.id);
                }
            }
            cases.push(case);
            if size >= bytes {
                break;
            }
        }
        Ok(cases)
    }

    fn case(&self, record: Hash, rows: &[(Row, Standing)], read: &mut Read) -> Result<Case, VaultError> {
        let mut case = Case { record, existing: Vec::new(), new: Vec::new(), parcels: Vec::new(), more: false, behind: false };
        let mut here: HashSet<Hash> = HashSet::new();
        for (row, _) in rows.iter().filter(|(_, standing)| *standing == Standing::Accepted) {
            case.existing.push(self.change_of(row, read)?);
            here.extend(row.change().map(|(_, change, _)| *change));
        }
        let mut left: Vec<&Row> = rows.iter().filter(|(_, standing)| *standing == Standing::Ready).map(|(row, _)| row).collect();
        let (mut size, mut pending) = (0, false);
        while size < CASE_BYTES && !left.is_empty() {
            let before = left.len();
            for row in std::mem::take(&mut left) {
                let fits = |(_, _, deps): (&Hash, &Hash, &[Hash])| deps.iter().all(|dep| here.contains(dep));
                if size >= CASE_BYTES || !row.change().is_some_and(fits) {
                    left.push(row);
                    continue;
                }
                case.new.push(self.change_of(row, read)?);
                case.parcels.push(row.id);
                size += case.new.last().map_or(0, Vec::len);
                pending |= row.judged == Judged::Pending;
                here.extend(row.change().map(|(_, change, _)| *change));
            }
            if left.len() == before {
                break;
            }
        }
        case.more = pending && !left.is_empty();
        Ok(case)
    }

    /// Returns the bytes of the change in a stored parcel.
    pub(super) fn change_of(&self, row: &Row, read: &mut Read) -> Result<Vec<u8>, VaultError> {
        let damaged = || VaultError::damaged(Damage::File { name: hex::encode(row.file), record: None });
        change_items(self.kept_parcel(&row.kept(), read)?).next().map(<[u8]>::to_vec).ok_or_else(damaged)
    }

    /// Opens the stored parcel of a line.
    pub(super) fn parcel(&self, row: &Row) -> Result<Parcel, VaultError> {
        self.kept_parcel(&row.kept(), &mut None).cloned()
    }

    /// Lets the judge look again at what it did not finish before: it may have more resources or a newer version now.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn try_held_again(&mut self) -> Result<(), VaultError> {
        let held = self.docket()?.facts().filter(|row| matches!(row.judged, Judged::Held(_)));
        let rows: Vec<Row> = held.map(|row| Row { judged: Judged::Pending, ..row.clone() }).collect();
        if rows.is_empty() {
            return Ok(());
        }
        self.writable()?;
        self.docket = None;
        self.store.write(Batch { docket: vec![docket::segment(rows, &self.keyring.storage)?], ..Batch::default() })
    }

    /// Enters what the judge said of cases.
    ///
    /// # Errors
    /// Returns what the disk refused; then nothing of it counts and the cases come again.
    pub fn settle_cases(&mut self, judged: Vec<(Case, Judgement)>) -> Result<(), VaultError> {
        self.writable()?;
        self.docket()?;
        let mut docket = self.docket.take().expect("opened just now");
        let settled = self.attempt(|vault| vault.settled(judged, &mut docket));
        self.gone_on(settled, docket)
    }

    pub(super) fn settled(&mut self, judged: Vec<(Case, Judgement)>, docket: &mut Docket) -> Result<(), VaultError> {
        let mut rows = Vec::new();
        let mut views: HashMap<Hash, doc::View> = HashMap::new();
        for (case, judgement) in judged {
            let verdicts: Vec<Judged> = match judgement {
                Ok(examined) if examined.verdicts.len() == case.parcels.len() => {
                    views.extend(examined.view.filter(|_| !case.behind).map(|seen| (case.record, seen)));
                    examined.verdicts.into_iter().map(judged_as).collect()
                }
                Ok(_) => vec![Judged::Held("no-answer".into()); case.parcels.len()],
                Err(code) => vec![Judged::Held(code.to_owned()); case.parcels.len()],
            };
            for (id, judged) in case.parcels.iter().zip(verdicts) {
                let Some(row) = docket.row(id).cloned() else { continue };
                rows.push(Row { judged, ..row });
            }
        }
        let beside = |docket: &Docket| docket.beside().iter().map(|copy| copy.id).collect::<Vec<_>>();
        let before = beside(docket);
        rows.iter().cloned().for_each(|row| docket.put(row));
        let mut moved = docket.stand(&self.logs);
        moved.copies |= before != beside(docket);
        let segments = self.segments_of(&moved, &views, docket)?;
        let docket = if rows.is_empty() { Vec::new() } else { vec![docket::segment(rows, &self.keyring.storage)?] };
        let slots = vec![("state", self.sealed_state()?)];
        self.store.write(Batch { segments, docket, slots, ..Batch::default() })
    }

    /// Makes the segment of the view with the records that changed, and counts it. Where one counts no more, or a separate copy
    /// comes or goes, the view is marked as outdated instead: only a view made anew can say that.
    pub(super) fn segments_of(&mut self, moved: &Moved, views: &HashMap<Hash, doc::View>, docket: &Docket) -> Result<Vec<Segment>, VaultError> {
        if moved.copies {
            return Ok(self.outdated());
        }
        let (found, opens) = (docket.changes_of(&moved.records), self.opens());
        let mut entries = Vec::new();
        for record in &moved.records {
            let accepted: Vec<&Row> = found[record].iter().filter(|(_, standing)| **standing == Standing::Accepted).map(|(row, _)| *row).collect();
            if accepted.is_empty() {
                return Ok(self.outdated());
            }
            let entry = self.shown(record, &accepted, views.get(record), &opens)?;
            self.state.records += u64::from(entry.is_some() && moved.born.contains(record));
            entries.extend(entry);
        }
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        self.state.segments = self.state.segments.map(|count| count + 1);
        Ok(vec![view::segment(&entries, &self.keyring.storage)?])
    }

    /// Marks the view as outdated: it is made anew, and no segment is to follow it.
    pub(super) fn outdated(&mut self) -> Vec<Segment> {
        self.state.view = view::OUTDATED;
        Vec::new()
    }

    /// What the view shows of a record; from the judge's reading where it is of these very changes.
    fn shown(&self, record: &Hash, accepted: &[&Row], seen: Option<&doc::View>, opens: &Opens) -> Result<Option<Entry>, VaultError> {
        let casebook = accepted[0].casebook;
        if !self.keys(&casebook)?.can_read() || !accepted.iter().all(|row| opens.reads(row)) {
            // A device that cannot read keeps of its own records what it showed when it wrote them.
            return Ok(None);
        }
        let authors: Authors = accepted.iter().map(|row| (hex::encode(row.actor()), self.handle_of(&casebook, &row.author()))).collect();
        let seen = match seen.filter(|seen| seen.changes == accepted.len() as u64) {
            Some(seen) => Some(seen.clone()),
            None => {
                let bytes: Vec<Vec<u8>> = accepted.iter().map(|row| self.change_of(row, &mut None)).collect::<Result<_, _>>()?;
                doc::examine(&bytes, &[]).view
            }
        };
        let handle = |mark: &doc::Mark| author(mark, &authors);
        Ok(seen.and_then(|seen| entry_of(&hex::encode(record), &hex::encode(casebook), seen, files_of(accepted), &handle)))
    }
}
