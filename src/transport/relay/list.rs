//! The list of one mailbox, page by page, compared with what is remembered of it: the last name under its number, and how many
//! files there are. The numbers only save reading: where they do not fit, everything is read again.

use std::collections::BTreeSet;

use reqwest::Method;

use super::line::{Call, Line};
use crate::transport::{MAX_MEMBERS, TransportError};
use crate::wire::body::{Entry, Page};
use crate::wire::limits::{MAX_FILE, MAX_PAGE};
use crate::wire::{FileName, Key, path};

/// Most bytes of a page: an entry has no more than 160.
const PAGE_BYTES: u64 = MAX_PAGE * 160 + 1024;
/// Most pages that are read: those of a full list, and some that are not full.
const MAX_PAGES: u64 = MAX_MEMBERS / MAX_PAGE + 64;

/// How far a mailbox was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Number and name of the last file.
    pub n: u64,
    pub name: FileName,
    /// How many files there were.
    pub count: u64,
}

/// What was read of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// In the order of the relay, each name once.
    pub entries: Vec<Entry>,
    /// How far the list was read; none where it is empty or something is wrong with it.
    pub mark: Option<Mark>,
    /// What was remembered is still there.
    pub holds: bool,
    /// Entries out of order or there twice, and one where the sum does not fit.
    pub odd: u64,
    /// Files over the limit.
    pub too_large: u64,
    /// There is more than is read.
    pub too_many: bool,
}

/// Reads what came after the mark, or everything where the mark does not hold.
pub(super) fn read(line: &mut Line, key: Key, mark: Option<Mark>) -> Result<Found, TransportError> {
    if let Some(mark) = mark
        && let Some(found) = after(line, key, &mark)?
    {
        return Ok(found);
    }
    let mut all = pages(line, key, 0)?;
    all.odd += u64::from(all.count != all.entries.len() as u64 && !all.too_many);
    Ok(all.found(None, mark.is_none()))
}

/// Reads what came after the mark; none where the list does not go on from it.
pub(super) fn after(line: &mut Line, key: Key, mark: &Mark) -> Result<Option<Found>, TransportError> {
    let mut all = pages(line, key, mark.n.saturating_sub(1))?;
    let anchored = all.entries.first().is_some_and(|first| (first.n, first.name) == (mark.n, mark.name));
    let fits = anchored && all.count.checked_sub(mark.count) == Some(all.entries.len() as u64 - 1);
    if !fits || all.odd > 0 || all.too_many {
        return Ok(None);
    }
    all.entries.remove(0);
    Ok(Some(all.found(Some(*mark), true)))
}

/// The pages of a list.
#[derive(Debug, Default)]
struct Pages {
    entries: Vec<Entry>,
    seen: BTreeSet<FileName>,
    /// Number of the last entry.
    last: u64,
    /// How many files the relay says there are.
    count: u64,
    odd: u64,
    too_many: bool,
}

impl Pages {
    /// Takes a page; returns whether it brought anything.
    fn take(&mut self, page: &Page) -> bool {
        let before = self.last;
        self.count = page.count;
        for entry in &page.files {
            let (follows, fresh) = (entry.n > self.last, self.seen.insert(entry.name));
            // One out of order may be a file all the same.
            self.entries.extend(fresh.then_some(*entry));
            self.last = self.last.max(entry.n);
            self.odd += u64::from(!follows || !fresh);
        }
        self.last > before
    }

    /// Drops what cannot be a file; where anything is wrong, it counts as not read.
    fn found(mut self, before: Option<Mark>, holds: bool) -> Found {
        let (all, count) = (self.entries.len(), self.count);
        let newest = self.entries.last().map(|last| Mark { n: last.n, name: last.name, count }).or(before);
        self.entries.retain(|entry| (1..=MAX_FILE).contains(&entry.size));
        let too_large = (all - self.entries.len()) as u64;
        let mark = newest.filter(|_| self.odd == 0 && too_large == 0 && !self.too_many);
        Found { entries: self.entries, mark, holds, odd: self.odd, too_large, too_many: self.too_many }
    }
}

/// Reads all pages after a number.
fn pages(line: &mut Line, key: Key, after: u64) -> Result<Pages, TransportError> {
    let mut all = Pages { last: after, ..Pages::default() };
    for _ in 0..MAX_PAGES {
        let page = page(line, key, all.last, MAX_PAGE)?;
        let came = all.take(&page);
        if !page.more {
            return Ok(all);
        }
        if !came {
            all.odd += 1;
            return Ok(all);
        }
        if all.entries.len() as u64 >= MAX_MEMBERS {
            break;
        }
    }
    Ok(Pages { too_many: true, ..all })
}

/// Reads one page.
pub(super) fn page(line: &mut Line, key: Key, after: u64, limit: u64) -> Result<Page, TransportError> {
    let target = path::list(&line.access.mailbox(), after, limit);
    line.json(&Call { most: PAGE_BYTES, ..Call::new(key, Method::GET, target) })
}
