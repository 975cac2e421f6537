//! The operations of a change: rows read across its columns, each checked for what it can be by itself.

use std::sync::Arc;

use super::bytes::Bytes;
use super::columns::{Column, Deltas, Flags};
use super::{MAX_CHANGE_OPS, MAX_COUNTER, MAX_PREDS, MAX_VALUE_BYTES, ScanError};

/// An operation by its counter and the place of its actor in [`super::Scanned::actors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpId {
    pub counter: u64,
    pub actor: usize,
}

/// Where an operation stands in its object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Under a name in a map.
    Name(Arc<str>),
    /// Before the first letter of a text.
    Head,
    /// At a letter of a text.
    Letter(OpId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    MakeMap,
    MakeText,
    /// A value under a name.
    Put,
    /// A letter behind another.
    Insert,
    Delete,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// The object it is about; `None` for the root.
    pub object: Option<OpId>,
    pub key: Key,
    pub action: Action,
    /// The operations whose place it takes, ascending.
    pub preds: Vec<OpId>,
}

/// Numbers of the columns that this format has, ascending. Columns for marks are not among them.
const COLUMNS: [u64; 12] = [1, 2, 17, 19, 21, 52, 66, 86, 87, 112, 113, 115];

/// Reads the columns to the end of the content, and the kind of the record where they say it.
/// `actors` are those that the change names, its own first.
pub fn read(content: &mut Bytes<'_>, start_op: u64, actors: &[[u8; 32]]) -> Result<(Vec<Op>, Option<String>), ScanError> {
    let columns = columns(content)?;
    let count = Column::<u64>::open(columns[6], MAX_CHANGE_OPS, ScanError::TooManyOps)?.1;
    if start_op == 0 || start_op.checked_add(count).is_none_or(|next| next - 1 > MAX_COUNTER) {
        return Err(ScanError::Counter);
    }
    let mut rows = Rows::open(&columns, count, start_op, actors)?;
    let ops = (0..count).map(|_| rows.row()).collect::<Result<Vec<Op>, ScanError>>()?;
    let kind = rows.kind.take();
    rows.end()?;
    Ok((ops, kind))
}

/// The bytes of each column of [`COLUMNS`], none where it is absent.
fn columns<'a>(content: &mut Bytes<'a>) -> Result<[&'a [u8]; 12], ScanError> {
    let count = content.length()?;
    let (mut lengths, mut before) = ([0; 12], 0);
    for _ in 0..count {
        let (number, length) = (content.unsigned()?, content.length()?);
        let place = COLUMNS.iter().position(|known| *known == number).ok_or(ScanError::Columns)?;
        if number <= before || length == 0 {
            return Err(ScanError::Columns);
        }
        (before, lengths[place]) = (number, length);
    }
    let mut columns = [&[][..]; 12];
    for (column, length) in columns.iter_mut().zip(lengths) {
        *column = content.take(length)?;
    }
    if content.0.is_empty() { Ok(columns) } else { Err(ScanError::Trailing) }
}

struct Rows<'a> {
    next: u64,
    start_op: u64,
    actors: &'a [[u8; 32]],
    used: Vec<bool>,
    object_actor: Column<'a, u64>,
    object_counter: Column<'a, u64>,
    key_actor: Column<'a, u64>,
    key_counter: Deltas<'a>,
    key_name: Column<'a, Arc<str>>,
    insert: Flags<'a>,
    action: Column<'a, u64>,
    value_meta: Column<'a, u64>,
    value: Bytes<'a>,
    pred_count: Column<'a, u64>,
    pred_actor: Column<'a, u64>,
    pred_counter: Deltas<'a>,
    preds_left: u64,
    kind: Option<String>,
}

impl<'a> Rows<'a> {
    fn open(columns: &[&'a [u8]; 12], count: u64, start_op: u64, actors: &'a [[u8; 32]]) -> Result<Self, ScanError> {
        let deltas = |column| Deltas { column, at: 0 };
        let (pred_actor, preds_left) = Column::open(columns[10], MAX_PREDS, ScanError::TooManyPreds)?;
        Ok(Rows {
            next: start_op,
            start_op,
            actors,
            used: vec![false; actors.len()],
            object_actor: Column::beside(columns[0], count)?,
            object_counter: Column::beside(columns[1], count)?,
            key_actor: Column::beside(columns[2], count)?,
            key_counter: deltas(Column::beside(columns[3], count)?),
            key_name: Column::beside(columns[4], count)?,
            insert: Flags::open(columns[5], count)?,
            action: Column::beside(columns[6], count)?,
            value_meta: Column::beside(columns[7], count)?,
            value: Bytes(columns[8]),
            pred_count: Column::beside(columns[9], count)?,
            pred_actor,
            pred_counter: deltas(Column::beside(columns[11], preds_left)?),
            preds_left,
            kind: None,
        })
    }

    fn row(&mut self) -> Result<Op, ScanError> {
        let object = match (self.object_actor.next()?, self.object_counter.next()?) {
            (None, None) => None,
            (Some(actor), Some(counter)) => Some(self.reference(actor, counter)?),
            _ => return Err(ScanError::Reference),
        };
        let key = self.key()?;
        let action = self.action(&key)?;
        let text = self.worth(action)?;
        if object.is_none() && matches!(&key, Key::Name(name) if name.as_ref() == "kind") {
            self.kind = text.map(str::to_owned);
        }
        let preds = self.preds()?;
        sound(object, &key, action, &preds)?;
        self.next += 1;
        Ok(Op { object, key, action, preds })
    }

    /// An operation that can have been before this one: an earlier one of this change, or one of another actor before it began.
    fn reference(&mut self, actor: u64, counter: u64) -> Result<OpId, ScanError> {
        let actor = usize::try_from(actor).ok().filter(|actor| *actor < self.actors.len()).ok_or(ScanError::Reference)?;
        let (from, to) = if actor == 0 { (self.start_op, self.next) } else { (1, self.start_op) };
        if !(from..to).contains(&counter) {
            return Err(ScanError::Reference);
        }
        self.used[actor] = true;
        Ok(OpId { counter, actor })
    }

    fn key(&mut self) -> Result<Key, ScanError> {
        match (self.key_name.next()?, self.key_actor.next()?, self.key_counter.next()?) {
            (Some(name), None, None) => Ok(Key::Name(name)),
            (None, None, Some(0)) => Ok(Key::Head),
            (None, Some(actor), Some(counter)) => Ok(Key::Letter(self.reference(actor, counter)?)),
            _ => Err(ScanError::Key),
        }
    }

    fn action(&mut self, key: &Key) -> Result<Action, ScanError> {
        match (self.action.value()?, self.insert.next()?, key) {
            (0, false, Key::Name(_)) => Ok(Action::MakeMap),
            (1, false, Key::Name(_)) => Ok(Action::Put),
            (1, true, Key::Head | Key::Letter(_)) => Ok(Action::Insert),
            (3, false, Key::Name(_) | Key::Letter(_)) => Ok(Action::Delete),
            (4, false, Key::Name(_)) => Ok(Action::MakeText),
            _ => Err(ScanError::Action),
        }
    }

    /// Passes over the value, which must be one that the operation can have. Returns it when it is text.
    fn worth(&mut self, action: Action) -> Result<Option<&'a str>, ScanError> {
        let meta = self.value_meta.value()?;
        let length = usize::try_from(meta >> 4).ok().filter(|length| *length <= MAX_VALUE_BYTES).ok_or(ScanError::Value)?;
        let mut bytes = Bytes(self.value.take(length)?);
        match (action, meta & 0xf, length) {
            (Action::MakeMap | Action::MakeText | Action::Delete, 0, 0) | (Action::Put, 1 | 2, 0) | (Action::Put, 7, _) => Ok(None),
            (Action::Put, 4, _) if bytes.signed().is_ok() && bytes.0.is_empty() => Ok(None),
            (Action::Put, 6, _) => bytes.text(length).map(Some),
            (Action::Insert, 6, _) if bytes.text(length)?.chars().count() == 1 => Ok(None),
            _ => Err(ScanError::Value),
        }
    }

    fn preds(&mut self) -> Result<Vec<OpId>, ScanError> {
        let count = self.pred_count.value()?;
        self.preds_left = self.preds_left.checked_sub(count).ok_or(ScanError::Uneven)?;
        let preds = (0..count).map(|_| self.pred()).collect::<Result<Vec<OpId>, ScanError>>()?;
        let ascending = preds.is_sorted_by(|a, b| (a.counter, self.actors[a.actor]) < (b.counter, self.actors[b.actor]));
        if ascending { Ok(preds) } else { Err(ScanError::Preds) }
    }

    fn pred(&mut self) -> Result<OpId, ScanError> {
        let (actor, counter) = (self.pred_actor.value()?, self.pred_counter.next()?.ok_or(ScanError::Uneven)?);
        self.reference(actor, counter)
    }

    /// Checks that nothing is left over, and that every actor was named by some operation.
    fn end(self) -> Result<(), ScanError> {
        match (self.preds_left, self.value.0.len(), self.used.iter().skip(1).all(|used| *used)) {
            (0, 0, true) => Ok(()),
            (_, _, false) => Err(ScanError::Actors),
            _ => Err(ScanError::Uneven),
        }
    }
}

/// Checks one operation by itself: letters stand in objects, replace nothing when new, and are deleted one by one.
fn sound(object: Option<OpId>, key: &Key, action: Action, preds: &[OpId]) -> Result<(), ScanError> {
    match (action, key) {
        (_, Key::Head | Key::Letter(_)) if object.is_none() => Err(ScanError::Reference),
        (Action::Insert, _) if !preds.is_empty() => Err(ScanError::Preds),
        (Action::Delete, _) if preds.is_empty() => Err(ScanError::Preds),
        (Action::Delete, Key::Letter(letter)) if preds != [*letter] => Err(ScanError::Preds),
        _ => Ok(()),
    }
}
