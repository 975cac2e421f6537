//! The columns of a change: runs of equal values, counted before any is expanded, and taken only as long as they could be.

use std::sync::Arc;

use super::bytes::Bytes;
use super::{MAX_KEY_BYTES, ScanError};

/// A value of a column.
pub trait Cell: Clone + PartialEq {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, ScanError>;
}

impl Cell for u64 {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, ScanError> {
        bytes.unsigned()
    }
}

impl Cell for i64 {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, ScanError> {
        bytes.signed()
    }
}

impl Cell for Arc<str> {
    fn read(bytes: &mut Bytes<'_>) -> Result<Self, ScanError> {
        let length = bytes.length()?;
        if !(1..=MAX_KEY_BYTES).contains(&length) {
            return Err(ScanError::Key);
        }
        bytes.text(length).map(Arc::from)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Same,
    Literal,
    Nulls,
}

/// A column of values and gaps. An absent column has no bytes and is all gaps.
#[derive(Clone)]
pub struct Column<'a, T> {
    bytes: Bytes<'a>,
    absent: bool,
    run: Run,
    left: u64,
    last: Option<T>,
}

impl<'a, T: Cell> Column<'a, T> {
    /// Opens a column after its runs were counted.
    ///
    /// # Errors
    /// Returns `over` when there are more values than `most`, [`ScanError::Runs`] when a run could be longer, or all are gaps.
    pub fn open(bytes: &'a [u8], most: u64, over: ScanError) -> Result<(Self, u64), ScanError> {
        let column = Column { bytes: Bytes(bytes), absent: bytes.is_empty(), run: Run::None, left: 0, last: None };
        let count = column.clone().count(most, over)?;
        Ok((column, count))
    }

    /// Opens a column that is as long as others, or absent.
    pub fn beside(bytes: &'a [u8], count: u64) -> Result<Self, ScanError> {
        let (column, own) = Column::open(bytes, count, ScanError::Uneven)?;
        if own == count || column.absent { Ok(column) } else { Err(ScanError::Uneven) }
    }

    /// Walks over all runs; costs what the bytes cost, however long the runs are.
    fn count(mut self, most: u64, over: ScanError) -> Result<u64, ScanError> {
        let (mut count, mut values) = (0_u64, false);
        while self.begin()? {
            count = count.checked_add(self.left).filter(|count| *count <= most).ok_or(over)?;
            values |= self.run != Run::Nulls;
            for _ in 0..if self.run == Run::Literal { self.left } else { 0 } {
                self.literal()?;
            }
        }
        if values || self.absent { Ok(count) } else { Err(ScanError::Runs) }
    }

    /// Reads the head of the next run.
    fn begin(&mut self) -> Result<bool, ScanError> {
        if self.bytes.0.is_empty() {
            return Ok(false);
        }
        let (head, before) = (self.bytes.signed()?, self.run);
        self.left = head.unsigned_abs();
        match head {
            0 => self.nulls(before)?,
            1 => return Err(ScanError::Runs),
            2.. => self.same()?,
            _ if before == Run::Literal => return Err(ScanError::Runs),
            _ => self.run = Run::Literal,
        }
        Ok(true)
    }

    fn nulls(&mut self, before: Run) -> Result<(), ScanError> {
        (self.left, self.run, self.last) = (self.bytes.unsigned()?, Run::Nulls, None);
        if self.left == 0 || before == Run::Nulls { Err(ScanError::Runs) } else { Ok(()) }
    }

    fn same(&mut self) -> Result<(), ScanError> {
        self.run = Run::Same;
        self.literal()
    }

    /// Reads a value, which differs from the one before it.
    fn literal(&mut self) -> Result<(), ScanError> {
        let value = Some(T::read(&mut self.bytes)?);
        if value == self.last {
            return Err(ScanError::Runs);
        }
        self.last = value;
        Ok(())
    }

    /// Returns the next value or gap.
    ///
    /// # Errors
    /// Returns [`ScanError::Uneven`] behind the last one.
    pub fn next(&mut self) -> Result<Option<T>, ScanError> {
        if self.absent {
            return Ok(None);
        }
        if self.left == 0 && !self.begin()? {
            return Err(ScanError::Uneven);
        }
        self.left -= 1;
        if self.run == Run::Literal {
            self.literal()?;
        }
        Ok(self.last.clone())
    }

    /// Returns the next value.
    ///
    /// # Errors
    /// Returns [`ScanError::Uneven`] where there is none.
    pub fn value(&mut self) -> Result<T, ScanError> {
        self.next()?.ok_or(ScanError::Uneven)
    }
}

/// A column of whole numbers, each written as its distance from the one before.
#[derive(Clone)]
pub struct Deltas<'a> {
    pub column: Column<'a, i64>,
    pub at: i64,
}

impl Deltas<'_> {
    /// Returns the next number or gap.
    pub fn next(&mut self) -> Result<Option<u64>, ScanError> {
        let Some(step) = self.column.next()? else { return Ok(None) };
        self.at = self.at.checked_add(step).ok_or(ScanError::Number)?;
        u64::try_from(self.at).map(Some).map_err(|_| ScanError::Reference)
    }
}

/// A column of flags: how many are down, how many up, and so on in turn.
#[derive(Clone)]
pub struct Flags<'a> {
    bytes: Bytes<'a>,
    left: u64,
    up: bool,
}

impl<'a> Flags<'a> {
    /// Opens a column of so many flags.
    pub fn open(bytes: &'a [u8], count: u64) -> Result<Self, ScanError> {
        let mut counted = Bytes(bytes);
        let (mut total, mut first) = (0_u64, true);
        while !counted.0.is_empty() {
            let run = counted.unsigned()?;
            if run == 0 && (!first || counted.0.is_empty()) {
                return Err(ScanError::Runs);
            }
            total = total.checked_add(run).filter(|total| *total <= count).ok_or(ScanError::Uneven)?;
            first = false;
        }
        if total == count { Ok(Flags { bytes: Bytes(bytes), left: 0, up: true }) } else { Err(ScanError::Uneven) }
    }

    /// Returns the next flag.
    pub fn next(&mut self) -> Result<bool, ScanError> {
        while self.left == 0 {
            self.left = self.bytes.unsigned()?;
            self.up = !self.up;
        }
        self.left -= 1;
        Ok(self.up)
    }
}
