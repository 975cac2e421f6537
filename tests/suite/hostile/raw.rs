//! A change taken apart, so that tests can write what no honest program does, with a checksum that fits.

use sandyq::doc::ChangeBytes;
use sha2::{Digest, Sha256};

/// The parts of a change, in the order in which they stand.
#[derive(Clone, Debug, Default)]
pub struct Raw {
    pub deps: Vec<[u8; 32]>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: Vec<u8>,
    pub actors: Vec<Vec<u8>>,
    /// Number and bytes of each column.
    pub columns: Vec<(u64, Vec<u8>)>,
    pub extra: Vec<u8>,
}

pub fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

pub fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !(-64..64).contains(&value) {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8 & 0x7f);
    bytes
}

/// A run of one value, written as it is for columns of numbers.
pub fn run(count: i64, value: u64) -> Vec<u8> {
    [signed(count), unsigned(value)].concat()
}

/// The bytes of a chunk around some content, with a checksum that fits.
pub fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let body = [vec![kind], unsigned(content.len() as u64), content.to_vec()].concat();
    [&[0x85, 0x6f, 0x4a, 0x83], &Sha256::digest(&body)[..4], &body].concat()
}

/// Where the content of a change begins.
pub fn content_of(bytes: &[u8]) -> usize {
    9 + bytes[9..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    bytes.split_off(..count).unwrap()
}

fn number(bytes: &mut &[u8]) -> u64 {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
    take(bytes, end).iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
}

fn with_length<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let length = number(bytes) as usize;
    take(bytes, length)
}

impl Raw {
    /// Takes an honest change apart; its time is that of these tests, so it is never negative.
    pub fn of(change: &ChangeBytes) -> Raw {
        let mut rest = &change.bytes[content_of(&change.bytes)..];
        let bytes = &mut rest;
        let deps = (0..number(bytes)).map(|_| take(bytes, 32).try_into().unwrap()).collect();
        let actor = with_length(bytes).to_vec();
        let (seq, start_op, time) = (number(bytes), number(bytes), number(bytes) as i64);
        let message = with_length(bytes).to_vec();
        let actors = (0..number(bytes)).map(|_| with_length(bytes).to_vec()).collect();
        let heads: Vec<(u64, u64)> = (0..number(bytes)).map(|_| (number(bytes), number(bytes))).collect();
        let columns = heads.into_iter().map(|(column, length)| (column, take(bytes, length as usize).to_vec())).collect();
        Raw { deps, actor, seq, start_op, time, message, actors, columns, extra: rest.to_vec() }
    }

    pub fn content(&self) -> Vec<u8> {
        let mut bytes = unsigned(self.deps.len() as u64);
        bytes.extend(self.deps.iter().flatten());
        bytes.extend([unsigned(self.actor.len() as u64), self.actor.clone()].concat());
        bytes.extend([unsigned(self.seq), unsigned(self.start_op), signed(self.time)].concat());
        bytes.extend([unsigned(self.message.len() as u64), self.message.clone(), unsigned(self.actors.len() as u64)].concat());
        bytes.extend(self.actors.iter().flat_map(|actor| [unsigned(actor.len() as u64), actor.clone()].concat()));
        bytes.extend(unsigned(self.columns.len() as u64));
        bytes.extend(self.columns.iter().flat_map(|(column, data)| [unsigned(*column), unsigned(data.len() as u64)].concat()));
        bytes.extend(self.columns.iter().flat_map(|(_, data)| data));
        bytes.extend(&self.extra);
        bytes
    }

    pub fn bytes(&self) -> Vec<u8> {
        chunk(1, &self.content())
    }

    /// The bytes of a column, made where it is not there.
    pub fn column(&mut self, number: u64) -> &mut Vec<u8> {
        let at = self.columns.iter().position(|(column, _)| *column == number).unwrap_or_else(|| {
            self.columns.push((number, Vec::new()));
            self.columns.sort_by_key(|(column, _)| *column);
            self.columns.iter().position(|(column, _)| *column == number).unwrap()
        });
        &mut self.columns[at].1
    }

    pub fn without(mut self, number: u64) -> Raw {
        self.columns.retain(|(column, _)| *column != number);
        self
    }

    pub fn with(mut self, number: u64, bytes: Vec<u8>) -> Raw {
        *self.column(number) = bytes;
        self
    }
}

#[test]
fn honest_change_taken_apart_and_put_together_is_itself() {
    let (mut document, first) = super::super::doc::person();
    let second = super::super::doc::change(&mut document, &super::super::doc::author(2, 2), serde_json::json!({"narrative": "She left."}));
    for change in [first, second] {
        assert_eq!(Raw::of(&change).bytes(), change.bytes);
    }
}
