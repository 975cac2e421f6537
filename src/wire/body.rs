//! Bodies in JSON.

use serde::{Deserialize, Serialize};

use super::id::{FileName, PublicKeys};

/// Answer to a call for a nonce.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nonce {
    pub nonce: String,
    /// Leading zero bits that a proof of work must have here; none where only tickets are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_bits: Option<u32>,
}

/// What makes a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    pub keys: PublicKeys,
    #[serde(flatten)]
    pub admission: Admission,
}

/// Why a mailbox may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Admission {
    /// A single-use code from the operator.
    Ticket(String),
    /// A number whose hash with the mailbox and the relay has enough leading zero bits.
    Work(u64),
}

/// One page of a list, in the order in which files became durable.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub files: Vec<Entry>,
    /// Number of the newest file that was ever put, 0 where there was none.
    pub last: u64,
    /// How many files are there now.
    pub count: u64,
    /// More follow what is on this page.
    pub more: bool,
    pub frozen: bool,
}

/// A file of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1 on and without gaps as long as nothing expires.
    pub n: u64,
    pub name: FileName,
    pub size: u64,
}

/// What a mailbox may hold, told when it is made and when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Bytes that may lie in it.
    pub quota: u64,
    /// Days after which a file goes.
    pub keeps_days: u64,
}

/// Body of every answer that is no success; its shape is `schema/error.schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable code, e.g. `quota`.
    pub error: String,
}
